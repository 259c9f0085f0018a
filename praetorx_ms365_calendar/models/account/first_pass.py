"""Send the meetings from before the switch once Outlook has been read."""

from typing import Any

from odoo import api, fields, models
from odoo.fields import Domain

from ...engine.plan import pushes
from ...wording import describe_sending


class PraetorxMs365Account(models.Model):
    _inherit = "praetorx.ms365.account"

    def _first_pass(self):
        """Send events without guests, after the whole window has been read.

        Meetings with guests wait for the user's consent, since Exchange mails guests.
        """
        self.ensure_one()
        if not self.first_pass_done_at:
            self.first_pass_done_at = fields.Datetime.now()
        if self.ask_before_push:
            self._tell_first_pass()
            return  # the calendar of another mailbox is not copied unasked
        self._send_from_before(of_series=False)
        self.series_pass_due = True
        self._series_pass()

    def _series_pass(self):
        """Send series without guests, as soon as all series of Outlook are read.

        An unread series of Outlook may be the same as one of Odoo. Series in calendars
        of other people do not count.
        """
        for account in self.filtered("series_pass_due"):
            unread = Domain("account_id", "=", account.id)
            unread &= Domain("is_series", "=", True) & Domain("needs_read", "=", True)
            unread &= Domain("calendar_id.kind", "=", "own")
            if self.env["praetorx.ms365.event.link"].search_count(unread, limit=1):
                continue
            account.series_pass_due = False
            account._send_from_before(of_series=True)
            account._tell_first_pass()

    def _send_from_before(self, *, of_series):
        """Send the single events, or the series, that the first pass sends.

        :return: the new outbox entries
        """
        events = self._to_send(of_series=of_series)
        return self.env["praetorx.ms365.outbox"]._enqueue_upserts(events)

    def _to_send(self, *, of_series):
        """Return the single events, or series, that Exchange mails nobody about."""
        return self._unlinked().filtered(
            lambda event: (
                bool(event.recurrence_id) == of_series
                and not event._ms365_meeting()._ms365_invites_others()
            )
        )

    def _unlinked(self, among=None):
        """Return the events of this organizer in the window that Outlook lacks.

        A series is represented by its next event, or by its last one. Meetings that
        the owner has chosen to leave out are not returned.

        :param among: look at these events and their series only
        """
        self.ensure_one()
        Event_sudo = self.env["calendar.event"].sudo()
        events_sudo = Event_sudo.search(
            self._unlinked_domain() & self._in_window() & _meetings_of(among, "id"),
            order="start, id",
        )
        now, choices = fields.Datetime.now(), self._choices()
        by_meeting = events_sudo.grouped(lambda event: event._ms365_meeting())
        return Event_sudo.union(
            *(
                rows.filtered(lambda row: row.stop > now)[:1] or rows[-1:]
                for meeting, rows in by_meeting.items()
                if not meeting._ms365_why_inexpressible()
                and not choices.leave_out(
                    by_others=False, has_attendees=meeting._ms365_invites_others()
                )
            )
        )

    def _in_window(self):
        """Return the domain of events in the window."""
        start, end = self._window()
        return Domain("stop", ">=", start) & Domain("start", "<", end)

    def _count_outside_window(self):
        """Return the number of events and series that Outlook does not get.

        They are this organizer's, and Outlook lacks them. They are not in the window.
        """
        if not pushes(self.direction):
            return 0
        Event_sudo = self.env["calendar.event"].sudo()
        unlinked, single = self._unlinked_domain(), Domain("recurrency", "=", False)
        count = Event_sudo.search_count(unlinked & single & ~self._in_window())
        series, inside = (
            {one for (one,) in Event_sudo._read_group(domain, ["recurrence_id"])}
            for domain in (unlinked & ~single, unlinked & ~single & self._in_window())
        )
        return count + len(series - inside)

    def _unlinked_domain(self):
        """Return the domain of events of this organizer that Outlook lacks."""
        single = Domain("recurrency", "=", False) & Domain("ms365_link_ids", "=", False)
        of_series = (
            Domain("recurrence_id", "!=", False)
            & Domain("recurrence_id.ms_universal_event_id", "=", False)
            & Domain("recurrence_id.ms365_link_ids", "=", False)
        )
        return (
            Domain("user_id", "=", self.user_id.id)
            & Domain("ms365_sync_state", "=", "none")
            & (single | of_series)
        )

    def _events_awaiting_consent(self, among=None):
        """Meetings from before the switch which Exchange would mail others about.

        :param among: look at these events and their series only
        """
        self.ensure_one()
        if not self.first_pass_done_at:
            return self.env["calendar.event"]
        unlinked = self._unlinked(among)
        if self.ask_before_push:
            return unlinked
        awaiting = self._links_awaiting_consent(among)
        return self._waiting_for_consent(unlinked | awaiting._one_event())

    def _waiting_for_consent(self, events):
        """Return the events that the first pass leaves to the user: they mail others.

        Of the mailbox of another person, these are all events.
        """
        if self.ask_before_push:
            return events
        now = fields.Datetime.now()
        return events.filtered(
            lambda event: (
                event.stop > now and event._ms365_meeting()._ms365_invites_others()
            )
        )

    def action_review_waiting(self) -> dict[str, Any]:
        """Open the list of the meetings that wait for their owner's consent."""
        self.ensure_one()
        self._check_owner()
        return self.env["praetorx.ms365.meeting.sending"]._start(self)

    def _links_awaiting_consent(self, among=None):
        """Return the links of meetings that were edited while they were not synced."""
        awaits = Domain("account_id", "=", self.id) & Domain("awaits_word", "=", True)
        awaits &= _meetings_of(among, "event_id")
        return self.env["praetorx.ms365.event.link"].search(awaits)

    def _send_waiting(self, events):
        """Send those of these meetings that still wait; the others go on waiting.

        :raise AccessError: the current user is not the owner
        """
        self._check_owner()
        account_sudo = self.sudo()
        waiting = account_sudo._events_awaiting_consent()
        chosen = waiting & events.sudo()
        former_at = account_sudo.other_mailbox_at
        account_sudo.other_mailbox_at = False  # this is the consent
        if chosen == waiting:
            account_sudo.ask_before_push = former_at = False
        entries = (
            self.env["praetorx.ms365.outbox"]
            .sudo()
            ._enqueue_upserts(chosen, noted_late=True)
        )
        entries._agree_to_mails()
        account_sudo.other_mailbox_at = former_at
        return self._notify_user(
            self.env._(
                "Meetings on their way to Outlook: %(count)s.", count=len(chosen)
            )
        )

    waiting_event_count = fields.Integer(compute="_compute_waiting")

    waiting_mail_count = fields.Integer(compute="_compute_waiting")

    waiting_words = fields.Char(
        compute="_compute_waiting", help="What is sent, and how many mails that makes."
    )

    @api.depends_context("lang")
    def _compute_waiting(self):
        for account in self:
            events = account._events_awaiting_consent()
            account.waiting_event_count = len(events)
            account.waiting_mail_count = events._ms365_mails_to_create()
            account.waiting_words = describe_sending(
                self.env, account.waiting_event_count, account.waiting_mail_count
            )


def _meetings_of(among, event_field):
    """Return the domain of records about these events and their series.

    :param among: None for any event
    :param event_field: name of the field with the event, ``id`` for events themselves
    """
    if among is None:
        return Domain.TRUE
    of_series = Domain("recurrence_id", "in", among.recurrence_id.ids)
    return Domain(event_field, "in", among.ids) | of_series
