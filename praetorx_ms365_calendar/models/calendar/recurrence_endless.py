"""Series without an end: they stay without one."""

from odoo import api, fields, models

from odoo.addons.calendar.models.calendar_recurrence import MAX_RECURRENT_EVENT

#: How Odoo writes "for ever" into the text of a rule.
ENDLESS_AS_TEXT = f"COUNT={MAX_RECURRENT_EVENT}"


#: Rows that Odoo alone has made: it keeps "for ever" as the 720 times of the text.
_MARK_OF_STOCK = """
    UPDATE calendar_recurrence recurrence
       SET ms365_may_be_endless = TRUE
     WHERE recurrence.end_type = 'count'
       AND recurrence.count = %s
       AND NOT EXISTS (
           SELECT FROM praetorx_ms365_event_link link
            WHERE link.recurrence_id = recurrence.id)
"""


class CalendarRecurrence(models.Model):
    _inherit = "calendar.recurrence"

    ms365_may_be_endless = fields.Boolean(
        groups=fields.NO_ACCESS,
        copy=False,
        help="The series was there before this addon, when Odoo made 720 times of each "
        "series without an end. It is sent to Outlook without an end.",
    )

    @api.model
    def _ms365_mark_of_stock(self):
        """Mark series that may be endless; their rows stay as they are.

        A row shows no difference between "for ever" and 720 times entered by a person,
        but hardly anybody enters just this number. Outlook's rule takes precedence.
        """
        self.env.flush_all()
        self.env.cr.execute(_MARK_OF_STOCK, [MAX_RECURRENT_EVENT])
        self.env.invalidate_all()

    def _ms365_is_stock_endless(self):
        """Return True if the 720 times of this series stand for "for ever"."""
        return (
            self.sudo().ms365_may_be_endless
            and self.end_type == "count"
            and self.count == MAX_RECURRENT_EVENT
        )

    def _ms365_make_endless(self, theirs=None):
        """Let marked series be endless from now on: they are edited, sent or linked.

        :param theirs: Outlook's :class:`Rule`, which takes precedence
        """
        for recurrence in self.sudo().filtered("ms365_may_be_endless"):
            if recurrence._ms365_is_stock_endless() and not (theirs and theirs.count):
                recurrence._ms365_write({"end_type": "forever"})
                recurrence._compute_name()
            recurrence.ms365_may_be_endless = False

    def _inverse_rrule(self):
        """Read the text of a rule back into the fields, and keep series endless.

        Odoo writes "for ever" into the text as 720 times. It reads the text back each
        time that it is computed, and would make 720 times of all that is for ever.
        """
        endless = self.filtered(
            lambda one: (
                one.end_type == "forever" and ENDLESS_AS_TEXT in (one.rrule or "")
            )
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
