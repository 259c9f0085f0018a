from odoo import models
from odoo.fields import Domain


class PraetorxMs365Calendar(models.Model):
    _inherit = "praetorx.ms365.calendar"

    def _can_be_checked(self):
        """Return True if this calendar is synced, and has been read once."""
        return bool((self.is_synced or self.is_default) and self.window_end)

    def _links_without_listing(self, check_number, limit):
        """Return links inside the window that a self-check has not seen in Outlook.

        :param check_number: of the check that has just listed this calendar
        """
        self.ensure_one()
        inside = Domain("start", "<", self.window_end) & Domain(
            "stop", ">", self.window_start
        )
        of_series = Domain("recurrence_id.calendar_event_ids", "any", inside)
        found = self.env["praetorx.ms365.event.link"].search(
            Domain("calendar_id", "=", self.id)
            & Domain("state", "=", "synced")
            & Domain("needs_read", "=", False)
            & Domain("remote_id", "!=", False)
            & Domain("check_number", "!=", check_number)
            & (Domain("event_id", "any", inside) | of_series),
            limit=limit,
        )
        return found.filtered(lambda link: link._is_inside_window())
