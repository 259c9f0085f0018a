from odoo import models


class CalendarEventType(models.Model):
    """Tags are Outlook's categories: another name is a change of each event."""

    _inherit = "calendar.event.type"

    def write(self, vals):
        if "name" in vals:
            self._ms365_record_differences()
        return super().write(vals)

    def unlink(self):
        self._ms365_record_differences()
        return super().unlink()

    def _ms365_record_differences(self):
        """Record that the events with these tags change."""
        Difference_sudo = self.env["praetorx.ms365.difference"].sudo()
        Difference_sudo._record_events_with("tag", "categ_ids", self)
