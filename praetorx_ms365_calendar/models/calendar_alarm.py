from odoo import models
from odoo.tools import SQL


class CalendarAlarm(models.Model):
    """Reminders are shared records: a change of one is a change of each event.

    Odoo refuses to delete one that an event still has.
    """

    _inherit = "calendar.alarm"

    def write(self, vals):
        if not vals.keys().isdisjoint({"duration", "interval", "alarm_type"}):
            self._ms365_note_events()
        return super().write(vals)

    def _ms365_note_events(self):
        """Note down that the events with these reminders change."""
        if self:
            self.env["praetorx.ms365.difference"].sudo()._note_events(
                "reminder",
                SQL(
                    "SELECT calendar_event_id FROM calendar_alarm_calendar_event_rel"
                    " WHERE calendar_alarm_id IN %s",
                    tuple(self.ids),
                ),
            )
