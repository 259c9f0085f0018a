from odoo import models


class CalendarAlarmManager(models.AbstractModel):
    _inherit = "calendar.alarm_manager"

    def _send_reminder(self):
        """Reminders by mail are Odoo's alone: Exchange sends none."""
        return super(
            CalendarAlarmManager, self.with_context(ms365_reminder=True)
        )._send_reminder()
