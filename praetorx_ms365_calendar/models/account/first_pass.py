"""Send the meetings from before the switch once Outlook has been read."""

from typing import Any

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


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

    def _send_from_before(self, *, of_series):
        """Send single events, or series, if Exchange mails nobody about them."""
        alone = self._unlinked().filtered(
            lambda event: (
                bool(event.recurrence_id) == of_series
                and not event._ms365_meeting()._ms365_invites_others()
            )
        )
        self.env["praetorx.ms365.outbox"]._enqueue_upserts(alone)

    def _unlinked(self):
        """Return the events of this organizer in the window that Outlook lacks.

        A series is represented by its next event, or by its last one.
        """
        self.ensure_one()
        start, end = self._window()
        single = Domain("recurrency", "=", False) & Domain("ms365_link_ids", "=", False)
        of_series = (
            Domain("recurrence_id", "!=", False)
            & Domain("recurrence_id.ms_universal_event_id", "=", False)
            & Domain("recurrence_id.ms365_link_ids", "=", False)
        )
        Event_sudo = self.env["calendar.event"].sudo()
        events_sudo = Event_sudo.search(
            Domain("user_id", "=", self.user_id.id)
            & Domain("stop", ">=", start)
            & Domain("start", "<", end)
            & Domain("ms365_sync_state", "=", "none")
            & (single | of_series),
            order="start, id",
        )
        now = fields.Datetime.now()
        by_meeting = events_sudo.grouped(lambda event: event._ms365_meeting())
        return Event_sudo.union(
            *(
                rows.filtered(lambda row: row.stop > now)[:1] or rows[-1:]
                for meeting, rows in by_meeting.items()
                if not meeting._ms365_why_inexpressible()
            )
        )

    def _events_awaiting_consent(self):
        """Meetings from before the switch which Exchange would mail others about."""
        self.ensure_one()
        if not self.first_pass_done_at:
            return self.env["calendar.event"]
        unlinked = self._unlinked()
        if self.ask_before_push:
            return unlinked
        now = fields.Datetime.now()
        awaiting = self.link_ids.filtered("awaits_word")
        edited = awaiting._one_event()
        return (unlinked | edited).filtered(
            lambda event: (
                event.stop > now and event._ms365_meeting()._ms365_invites_others()
            )
        )

    def action_push_waiting(self) -> dict[str, Any]:
        """The user's word: send the meetings from before the switch, mails and all."""
        self.ensure_one()
        self.check_access("read")
        account_sudo = self.sudo()
        if account_sudo.user_id != self.env.user:
            raise UserError(
                self.env._("Only the owner of the calendar can send these invitations.")
            )
        events = account_sudo._events_awaiting_consent()
        account_sudo.ask_before_push = False
        self.env["praetorx.ms365.outbox"].sudo()._enqueue_upserts(
            events, noted_late=True
        )
        return self._notify_user(
            self.env._(
                "Meetings on their way to Outlook: %(count)s.", count=len(events)
            )
        )

    waiting_event_count = fields.Integer(compute="_compute_waiting")

    waiting_mail_count = fields.Integer(compute="_compute_waiting")

    def _compute_waiting(self):
        for account in self:
            events = account._events_awaiting_consent()
            account.waiting_event_count = len(events)
            account.waiting_mail_count = events._ms365_mails_to_create()
