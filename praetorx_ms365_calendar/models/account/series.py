"""Series of a person that Outlook lacks: sent once Outlook's own have been read."""

from odoo import fields, models
from odoo.fields import Domain


class PraetorxMs365Account(models.Model):
    _inherit = "praetorx.ms365.account"

    def _series_pass(self):
        """Send series to which nobody else is invited, if it is time.

        While one of Outlook's series is unread it may be the same as one of Odoo's;
        those in calendars of other people are not.
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
