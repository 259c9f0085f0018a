"""Telling which fields an edit has really touched: only these go to Outlook."""

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import groupby

from ...engine.merge import DELETED
from ...engine.recorded_names import ODOO_FIELDS, SHAPE, names_of, touched
from ...engine.series_units import TIMES
from .recurrence import RULE_FIELDS


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def _ms365_values_before(self, vals):
        """Return ``{event: values}`` before a write, to find the touched fields.

        All columns are compared: other addons may write more values. Lists are read
        only if they are written.
        """
        if not self.env["praetorx.ms365.account"]._pushing_accounts():
            return {}
        names = [
            name
            for name in ODOO_FIELDS
            if not self._fields[name].relational
            or name in vals
            or self._fields[name].type == "many2one"
            or (name == "partner_ids" and "attendee_ids" in vals)
        ]
        return self._ms365_values(names)

    def _ms365_values(self, names):
        """Return ``{event: {name: value}}``, with plain values."""
        events = self.sudo().with_context(active_test=False)
        events._ms365_forget_masked_values()
        return {
            event: {
                name: frozenset(event[name].ids)
                if event._fields[name].relational
                else event[name]
                for name in names
            }
            for event in events
        }

    def _ms365_touched_since(self, before):
        """Return ``{event: names}`` of the fields that changed since ``before``."""
        names = next(iter(before.values()), {}).keys()
        events = self.browse([event.id for event in before]).exists()
        after = events._ms365_values(names)
        return {event: touched(before[event], after[event]) for event in after}

    def _ms365_capture_touched(self, touched_names, vals, lists):
        """Record the fields that a write has touched.

        :param touched_names: ``{event: names}``
        :param vals: the written values; ``active`` records the whole event
        :param lists: the result of :meth:`_ms365_lists_since`
        """
        singles = self._ms365_singles().filtered("active")
        if "active" in vals or not touched_names:
            singles._ms365_capture()
            return
        by_names = groupby(singles, lambda event: touched_names.get(event, frozenset()))
        for names, events in by_names:
            events = self.browse().union(*events)
            if not names:  # nothing to send for events that Outlook has already
                events = events.filtered(
                    lambda event: (
                        not any(link.base_snapshot for link in event._ms365_all_links())
                    )
                )
            events._ms365_capture(names, lists)

    def _ms365_capture_edits_of_archived(self, touched_names, lists):
        """Record edits of archived events by other users than the organizer.

        Outlook still has these events. If one comes back, the edit would come with it.

        :param touched_names: ``{event: names}``
        :param lists: the result of :meth:`_ms365_lists_since`
        :raise UserError: a deleted series is edited; edits of it cannot wait
        """
        user = self.env.user
        archived = self.sudo().filtered(
            lambda event: (
                not event.active
                and touched_names.get(event)
                and not user._ms365_may_act_for(event.user_id)
                and event._ms365_all_links()._may_come_back()
            )
        )
        of_series = archived.filtered("recurrence_id")
        for event in of_series:
            if event.user_id.company_id.ms365_colleague_policy != "open":
                raise UserError(
                    self.env._(
                        "The series of “%s” is deleted. Bring it back first, then "
                        "change it.",
                        event.display_name,
                    )
                )
        for names, events in groupby(archived - of_series, touched_names.get):
            self.env["praetorx.ms365.outbox"]._enqueue(
                self.browse().union(*events), "upsert", names, lists
            )

    def _ms365_names_of_series_edit(self, vals, touched_names):
        """Return the fields of their series that an edit of these events has touched.

        :return: names, None for everything
        """
        if "recurrency" in vals or not touched_names:
            return None
        names = frozenset().union(*touched_names.values())
        if "active" in vals:
            names |= {DELETED}
        if vals.get("recurrence_update") in ("all_events", "future_events"):
            # This occurrence may already have the values that the others get now.
            names |= self._ms365_names_of_change(vals)
        return names

    def _ms365_names_of_change(self, vals):
        """Return the names that a change of all occurrences gives to the series."""
        names = names_of(vals)
        if TIMES in names or not vals.keys().isdisjoint(RULE_FIELDS):
            names |= SHAPE  # another day is another rule
        return names
