from odoo import models


class CalendarAlarm(models.Model):
    """Reminders are shared records: a change of one is a change of each event.

    Odoo refuses to delete one that an event still has.
    """

    _inherit = "calendar.alarm"

    def write(self, vals):
        if not vals.keys().isdisjoint({"duration", "interval", "alarm_type"}):
            Difference_sudo = self.env["praetorx.ms365.difference"].sudo()
            Difference_sudo._record_events_with("reminder", "alarm_ids", self)
        return super().write(vals)
