"""Order several waiting changes of the same fields of one event.

An edit or a yes of the owner ends the earlier changes of these fields. A no removes the
refused change from the values that a later change starts from.
"""

from odoo import models

from ...engine.authority import changed_names, without_edit
from ...engine.reasons import because
from ...engine.series import SHARED_FIELDS
from ...engine.waiting_edits import ended, further, names_of, remove_edit, touched
from ...sync.write.event import EventWriter
from ...sync.write.lookups import Lookups


class PraetorxMs365Approval(models.Model):
    _inherit = "praetorx.ms365.approval"

    # ------------------------------------------------------------------
    # The owner's word
    # ------------------------------------------------------------------

    def _odoo_contents(self):
        """Return ``{approval: content of its event or series in Odoo}``."""
        events = self.filtered(lambda one: not one.recurrence_id).event_id.exists()
        contents = events._ms365_read_contents() if events else {}
        series = {one: one._ms365_try_to_read() for one in self.recurrence_id.exists()}
        return {
            one: series.get(one.recurrence_id) or contents.get(one.event_id)
            for one in self
        }

    def _end_rewritten_since(self, before):
        """End the parts of these changes that the owner or a delegate has rewritten.

        :param before: ``_odoo_contents()`` before the edit
        """
        waiting = self.exists().filtered(lambda one: one.state == "waiting")
        for approval, now in waiting._odoo_contents().items():
            approval._end_units(touched(before[approval], now))

    def _end_earlier(self):
        """End earlier changes of the same fields: the owner agrees to this one."""
        self.ensure_one()
        if self.operation == "update" and (edit := self._edit()):
            earlier = self._updates_of_event().filtered(lambda one: one.id < self.id)
            earlier._end_units(touched(*edit))

    def _end_units(self, units):
        """End the parts of these changes that are decided already.

        :param units: units that were sent, or will be
        """
        if not units:
            return
        for approval in self.filtered(
            lambda one: one.state == "waiting" and one.operation == "update"
        ):
            if edit := approval._edit():
                approval._keep(ended(edit, units))
            elif not approval.recurrence_id:
                names = set(approval.field_names or ()) - names_of(units)
                approval._keep_names(names, frozenset())

    # ------------------------------------------------------------------
    # A no
    # ------------------------------------------------------------------

    def _rebase_later_edits(self):
        """Remove this change from the values that later changes start from.

        :return: the part that no later change covers; None if the change is unknown
        """
        self.ensure_one()
        edit = self._edit()
        if not edit:
            return None
        later = self._later_edits()
        rest, edits = remove_edit(edit, [one._edit() for one in later])
        for approval, left in zip(later, edits, strict=True):
            approval._keep(left)
        return rest

    def _give_back_to_earlier(self, edit, ours):
        """Write the values of earlier changes that still wait into a series again.

        Their dates and rule are not written: this no decides about them, too.

        :param edit: the part of this change that no later one covers
        :param ours: the :class:`Series` in Odoo
        :return: the names that have their values from before this change
        """
        earlier = self._updates_of_event().filtered(
            lambda one: one.id < self.id and one._edit()
        )
        units = touched(*edit)
        units &= frozenset().union(*(touched(*one._edit()) for one in earlier))
        names = names_of(units) & SHARED_FIELDS
        earlier._end_units(
            frozenset(unit for unit in units if unit[1] not in SHARED_FIELDS)
        )
        if not names:
            return names
        recurrence = self.recurrence_id
        restored = without_edit(ours, *edit)
        contents = [restored.master, *restored.exceptions.values(), ours.master]
        lookups = Lookups(self.env, contents, account=self.account_id)
        writer = EventWriter(self.account_id, self.link_id.calendar_id)
        for row in recurrence._ms365_rows():
            now = ours.occurrence(row.ms365_day)
            content = restored.occurrence(row.ms365_day)
            if changed := names & content.changed_fields(now):
                writer.write_content(row, content, changed, lookups, agreed=now)
        master = ours.master.with_fields(names, restored.master)
        recurrence._ms365_store_shared(master)
        return names

    # ------------------------------------------------------------------
    # A further edit of the same author
    # ------------------------------------------------------------------

    def _with_further_edit(self, before, after):
        """Join a further edit of the same author with the waiting changes.

        :param self: the author's waiting changes of the event, oldest first
        :return: the change to join, empty for a new one; and the edit as a whole
        """
        last = self[-1:]
        edit = last._edit() if last.operation == "update" else None
        if not edit or type(edit[0]) is not type(before):
            return last, before, after
        known = (last | last._updates_of_event()).sorted("id")
        known = known.filtered(lambda one: one._edit())
        own = [at for at, one in enumerate(known) if one in self]
        left, new, joins = further([one._edit() for one in known], own, (before, after))
        for approval, kept in zip(known, left, strict=True):
            if approval != last or not joins:
                approval._keep(kept)
        return (last if joins else self.browse()), *new

    def _end_undone(self):
        """End a change that its author has undone: Odoo has the old values again."""
        self._end_over("equal")
        if self.link_id:
            self._show_remaining_state(self._all_events(), self.link_id)

    # ------------------------------------------------------------------
    # Remaining parts
    # ------------------------------------------------------------------

    def _updates_of_event(self):
        """Return the other changes of the same event that wait, the oldest first."""
        waiting = self._waiting_of(self.account_id, [self.event_key])
        return waiting.filtered(lambda one: one.operation == "update") - self

    def _later_edits(self):
        """Return the later ones of them, if their edit is known."""
        return self._updates_of_event().filtered(
            lambda one: one.id > self.id and one._edit()
        )

    def _keep(self, edit):
        """Keep so much of this change; it is over if that is nothing."""
        known = self._edit()
        if edit == known:
            return
        before, after = edit
        gone = touched(*known) - touched(*edit)
        self.write({"before": before.to_json(), "after": after.to_json()})
        self._keep_names(changed_names(before, after), gone)

    def _keep_names(self, names, gone):
        """Keep only these fields of the change and of its entries.

        :param gone: the units of the others, and of elements of lists that are left
        """
        if not names:
            self._end_over("overtaken")
            return
        lost = set(self.field_names or ()) - set(names)
        self.field_names = sorted(names)
        for entry in self.entry_ids.filtered(lambda one: one.state == "held"):
            if entry.field_names:
                entry._forget(lost, gone, because("over_overtaken"))
