"""Series without an end: they stay without one."""

from odoo import api, models

from odoo.addons.calendar.models.calendar_recurrence import MAX_RECURRENT_EVENT

#: How Odoo writes "for ever" into the text of a rule.
_AS_TEXT = f"COUNT={MAX_RECURRENT_EVENT}"


class CalendarRecurrence(models.Model):
    _inherit = "calendar.recurrence"

    def _inverse_rrule(self):
        """Read the text of a rule back into the fields, and keep series endless.

        Odoo writes "for ever" into the text as 720 times. It reads the text back each
        time that it is computed, and would make 720 times of all that is for ever.
        """
        endless = self.filtered(
            lambda one: one.end_type == "forever" and _AS_TEXT in (one.rrule or "")
        )
        others = (self - endless).with_context(ms365_is_endless=False)
        super(CalendarRecurrence, others)._inverse_rrule()
        endless = endless.with_context(ms365_is_endless=True)
        return super(CalendarRecurrence, endless)._inverse_rrule()

    @api.model
    def _rrule_parse(self, rule_str, date_start):
        """Return the fields of a rule; see :meth:`_inverse_rrule`."""
        values = super()._rrule_parse(rule_str, date_start)
        if self.env.context.get("ms365_is_endless"):
            values["end_type"] = "forever"
            del values["count"]
        return values
