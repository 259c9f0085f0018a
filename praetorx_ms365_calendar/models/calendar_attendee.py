from odoo import models


class CalendarAttendee(models.Model):
    _inherit = "calendar.attendee"

    def _microsoft_sync_event(self, answer):
        """Keep the stock connector from answering in meetings that we carry."""
        stock = self.filtered(
            lambda attendee: not attendee.event_id._ms365_takes_over()
        )
        return super(CalendarAttendee, stock)._microsoft_sync_event(answer)
