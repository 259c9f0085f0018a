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
        alone = self._unlinked_events().filtered(
            lambda event: not event._ms365_invites_others()
        )
        self.env["praetorx.ms365.outbox"]._enqueue_upserts(alone)
        self.series_pass_due = True
        self._series_pass()

    def _unlinked_events(self):
        """Single events of this organizer inside the window that Outlook lacks."""
        self.ensure_one()
        start, end = self._window()
        return (
            self.env["calendar.event"]
            .sudo()
            .search(
                Domain("user_id", "=", self.user_id.id)
                & Domain("recurrency", "=", False)
                & Domain("stop", ">=", start)
                & Domain("start", "<", end)
                & Domain("ms365_sync_state", "=", "none")
                & Domain("ms365_link_ids", "=", False)
            )
        )

    def _events_awaiting_consent(self):
        """Meetings from before the switch which Exchange would mail others about."""
        self.ensure_one()
        if not self.first_pass_done_at:
            return self.env["calendar.event"]
        unlinked = self._unlinked_events() | self._unlinked_series()
        if self.ask_before_push:
            return unlinked
        now = fields.Datetime.now()
        awaiting = self.link_ids.filtered("awaits_word")
        edited = awaiting._one_event()
        return (unlinked | edited).filtered(
            lambda event: event.stop > now and event._ms365_invites_others()
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
            account.waiting_mail_count = sum(
                len(content.attendees)
                for content in events._ms365_read_contents().values()
            )

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
            alone = account._unlinked_series().filtered(
                lambda event: not event.recurrence_id._ms365_invites_others()
            )
            self.env["praetorx.ms365.outbox"]._enqueue_upserts(alone)
            account._send_agreed_series()

    def _unlinked_series(self):
        """Return the next event of each series of this organizer that Outlook lacks."""
        self.ensure_one()
        start, end = self._window()
        events = (
            self.env["calendar.event"]
            .sudo()
            .search(
                Domain("user_id", "=", self.user_id.id)
                & Domain("recurrence_id", "!=", False)
                & Domain("recurrence_id.ms_universal_event_id", "=", False)
                & Domain("recurrence_id.ms365_link_ids", "=", False)
                & Domain("stop", ">=", start)
                & Domain("start", "<", end)
                & Domain("ms365_sync_state", "=", "none"),
                order="start, id",
            )
        )
        now = fields.Datetime.now()
        shown = self.env["calendar.event"]
        for recurrence, rows in events.grouped("recurrence_id").items():
            if not recurrence._ms365_why_inexpressible():
                shown |= rows.filtered(lambda row: row.stop > now)[:1] or rows[-1:]
        return shown
