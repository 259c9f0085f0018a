from odoo import models


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def _ms365_record_removed(self):
        """Record that a person is about to delete these occurrences of series."""
        living = self.filtered("active")
        for recurrence, rows in living.grouped("recurrence_id").items():
            if recurrence._ms365_is_in_outlook():
                rows._ms365_record_days()
                others = recurrence._ms365_rows() - rows
                days = set(rows.mapped("ms365_day")) - set(others.mapped("ms365_day"))
                recurrence._ms365_keep_shared(rows)
                recurrence._ms365_record_removed(days)
