"""Edits of a recurrence itself, by a program over RPC, instead of its events.

Odoo lets everybody write on recurrences. A new rule there would not move the events. So
we treat it as an edit of all events: it is recorded and checked like an edit on the
form. An edit that events cannot express is refused with a message.
"""

from odoo import api, models
from odoo.exceptions import UserError

from ...engine.reasons import because
from ...wording import advice_of
from .recurrence import RULE_FIELDS
from .recurrence_endless import ENDLESS_AS_TEXT

SHAPE_FIELDS = frozenset(RULE_FIELDS) | {"rrule"}


class CalendarRecurrence(models.Model):
    _inherit = "calendar.recurrence"

    @api.model_create_multi
    def create(self, vals_list):
        if not self._ms365_is_direct():
            return super().create(vals_list)
        for vals in vals_list:
            self._ms365_check_base_event(vals)
        return super().create(vals_list)

    def write(self, vals):
        if not self._ms365_is_direct():
            return super().write(vals)
        self._ms365_check_base_event(vals)
        shape = {name: vals[name] for name in vals.keys() & SHAPE_FIELDS}
        reshaped = self.filtered(lambda one: one._ms365_changes_shape(shape))
        if not reshaped:
            return super().write(vals)
        for recurrence in reshaped:
            recurrence._ms365_reshape_as_on_the_form(shape)
        if others := self - reshaped:
            super(CalendarRecurrence, others).write(vals)
        rest = {name: vals[name] for name in vals.keys() - SHAPE_FIELDS}
        if rest:
            super(CalendarRecurrence, reshaped).write(rest)
        return True

    def unlink(self):
        if self._ms365_is_direct():
            self._ms365_check_deletes_events()
        return super().unlink()

    def _ms365_check_deletes_events(self):
        """Refuse to delete series in Outlook without their events.

        :raise UserError: Odoo would keep them, while Outlook cancels the series
        """
        for recurrence in self:
            has_events = recurrence._ms365_is_in_outlook() and recurrence._ms365_rows()
            if has_events and recurrence._ms365_may_be_in_outlook():
                raise UserError(
                    self.env._(
                        "The events of this series are in Outlook, which cannot make "
                        "single events of them. To delete the series, delete “All "
                        "events” of it."
                    )
                )

    def _ms365_is_direct(self):
        """Return True if this is no part of an edit of events or of the sync."""
        is_sync = self.env["calendar.event"]._ms365_is_sync()
        return not (is_sync or self.env["praetorx.ms365.outbox"]._watches())

    def _ms365_check_base_event(self, vals):
        """Refuse to let a series begin with an event that is none of its own.

        Its organizer would be another one, and its mailbox.
        """
        event = self.env["calendar.event"].browse(vals.get("base_event_id") or ())
        is_own = event and self and event.sudo().recurrence_id == self
        if not event or is_own:
            return
        is_in_outlook = any(one._ms365_is_in_outlook() for one in self)
        if is_in_outlook or event.sudo()._ms365_is_managed():
            raise UserError(event._ms365_only_by_its_form())

    def _ms365_changes_shape(self, shape):
        """Return True if values of the rule change a series that our engine syncs."""
        self.ensure_one()
        if not shape or not self._ms365_is_in_outlook() or not self._ms365_rows():
            return False
        before = {name: self[name] for name in RULE_FIELDS}
        after = before | self._ms365_with_text_read(shape)
        return self._ms365_as_text(before) != self._ms365_as_text(after)

    def _ms365_as_text(self, values):
        """Return a rule as comparable text: as Odoo writes it, with end and zone.

        :raise UserError: there is no such rule
        """
        rule = self.new(values)
        if rule.end_type == "end_date" and not rule.until:
            raise UserError(advice_of(self.env, because("rule_incomplete")))
        return rule._rrule_serialize(), rule.end_type, rule.event_tz

    def _ms365_with_text_read(self, values):
        """Return values of a rule with its text, if there is one, read into fields.

        :raise UserError: the text is no rule
        """
        text = values.get("rrule")
        given = {name: values[name] for name in values.keys() - {"rrule"}}
        if not text or text == self._rrule_serialize():
            return given
        is_endless = self.end_type == "forever" and ENDLESS_AS_TEXT in text
        try:
            read = self.with_context(ms365_is_endless=is_endless)._rrule_parse(
                text, self.dtstart
            )
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise UserError(
                self.env._("“%(text)s” does not say how to repeat.", text=text)
            ) from error
        read = {name: value or False for name, value in read.items()}
        return read | given

    def _ms365_reshape_as_on_the_form(self, shape):
        """Give all events another rule, like an edit on the form of one event."""
        self.ensure_one()
        rows = self._ms365_rows().with_env(self.env)
        row = rows.filtered(lambda one: one == self.base_event_id) or rows[:1]
        values = self._ms365_with_text_read(shape)
        row.write({**values, "recurrence_update": "all_events"})
