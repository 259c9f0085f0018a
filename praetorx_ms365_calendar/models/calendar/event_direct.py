"""Refuse edits that take an event out of its series, or put it into one."""

from odoo import models
from odoo.exceptions import UserError


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def write(self, vals):
        leaves = vals.get("recurrency") is False
        if "recurrence_id" in vals or leaves:
            self._ms365_check_keeps_its_series(vals, leaves=leaves)
        return super().write(vals)

    def _ms365_check_keeps_its_series(self, vals, *, leaves):
        """Refuse to move events out of a series in Outlook, or into one.

        Outlook can do neither, and would not be informed of it.

        :raise UserError: it concerns a series or an event that our engine syncs
        """
        Recurrence = self.env["calendar.recurrence"]
        if not Recurrence._ms365_is_direct() or self._ms365_makes_rows():
            return
        new = self.recurrence_id
        if "recurrence_id" in vals:
            new = Recurrence.browse(vals["recurrence_id"] or ()).exists()
        for event in self.sudo():
            old = event.recurrence_id
            if old._ms365_is_in_outlook() and (leaves or old != new):
                raise UserError(
                    self.env._(
                        "This event belongs to a series in Outlook, which cannot take "
                        "it out. Delete it, and create a single event instead."
                    )
                )
            joins = new and old != new and not new.sudo().ms365_link_ids
            if joins and (new._ms365_is_in_outlook() or event._ms365_is_managed()):
                raise UserError(event._ms365_only_by_its_form())

    def _ms365_only_by_its_form(self):
        return self.env._(
            "This event is in Outlook. To change its repetition, open the event form "
            "and change it there."
        )
