"""Check the replies that an edit of an event writes for other people."""

from odoo import Command, models


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def write(self, vals):
        # Where guests come or go, Odoo makes such a list itself.
        if "attendee_ids" in vals and "partner_ids" not in vals and not self.env.su:
            self._ms365_check_replies_in(vals["attendee_ids"] or ())
        return super().write(vals)

    def _ms365_check_replies_in(self, commands):
        """Refuse a list of rows that withdraws or deletes replies of other people.

        :raise UserError: it is another person's reply
        """
        rows = self.attendee_ids
        for command in commands:
            code, row_id, value = (*command, None, None)[:3]
            row = rows.filtered(lambda one, row_id=row_id: one.id == row_id)
            if code == Command.UPDATE and value.get("state") == "needsAction":
                row._ms365_check_withdraws_no_reply()
            elif code in (Command.DELETE, Command.UNLINK):
                row._ms365_check_edited_in_event(of_any_edit=True)
            elif code == Command.CLEAR:
                rows._ms365_check_edited_in_event(of_any_edit=True)
            elif code == Command.SET:
                gone = rows.filtered(lambda one, kept=value: one.id not in kept)
                gone._ms365_check_edited_in_event(of_any_edit=True)
