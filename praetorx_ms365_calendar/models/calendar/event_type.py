from odoo import models


class CalendarEventType(models.Model):
    """Tags are Outlook's categories: another name is a change of each event."""

    _inherit = "calendar.event.type"

    def write(self, vals):
        if "name" in vals:
            self._ms365_note_events()
        return super().write(vals)

    def unlink(self):
        self._ms365_note_events()
        return super().unlink()

    def _ms365_note_events(self):
        """Note down that the events with these tags change."""
        Difference_sudo = self.env["praetorx.ms365.difference"].sudo()
        Difference_sudo._note_events_with("tag", "categ_ids", self)
