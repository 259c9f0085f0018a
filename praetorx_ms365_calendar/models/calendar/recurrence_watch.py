from odoo import models


class CalendarRecurrence(models.Model):
    _inherit = "calendar.recurrence"

    def unlink(self):
        events = self.calendar_event_ids
        with events._ms365_watched(deletes=True, recurrences=self):
            return super().unlink()

    def _ms365_try_to_read(self):
        """Return this side's :class:`Series`, None where Outlook cannot express it."""
        try:
            return self._ms365_read_series()
        except ValueError:
            return None
