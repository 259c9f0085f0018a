"""Find differences between Odoo and the base that no recorded edit explains.

Differences that already wait for the owner's approval are compared again each time. A
contact may change once more: the owner decides about the present values.
"""

import logging
from dataclasses import replace

from odoo import fields, models

from ...engine.authority import changed_names
from ...engine.differences import (
    Differences,
    agreed_to_differ,
    find_differences,
    unedited_names,
)
from ...engine.list_changes import without_changes
from ...engine.mail_impact import NOBODY
from ...engine.series_edits import with_change

_logger = logging.getLogger(__name__)


class PraetorxMs365EventLink(models.Model):
    _inherit = "praetorx.ms365.event.link"

    check_number = fields.Integer(help="The last self-check that saw it in Outlook.")

    def _find_differences_in_odoo(self):
        """Return ``{link: Differences}`` between Odoo's events and the last agreement.

        A link is left out if it has no agreement, has a conflict, waits for consent, or
        is not written by Odoo. So is a difference that the owner was already asked
        about, unless it has changed.
        """
        links = self.filtered(
            lambda link: (
                link.is_primary
                and link.state == "synced"
                and link.base_snapshot
                and not link.awaits_word
                and link._is_linked()
                and link._is_writable()
                and link._has_event_in_window()
            )
        )
        contents = links.event_id._ms365_read_contents()
        found = {}
        for link in links:
            if link._living_events():
                found[link] = link._differences_safely(contents.get(link.event_id))
        return {link: link._not_asked_yet(one) for link, one in found.items()}

    def _asked_difference(self):
        """Return the waiting approvals of differences that no edit has made."""
        return self.env["praetorx.ms365.approval"].search(
            [
                ("link_id", "in", self.ids),
                ("kind", "=", "noticed"),
                ("state", "=", "waiting"),
            ]
        )

    def _not_asked_yet(self, differences):
        """Return the differences without the ones that the owner was already asked."""
        asked = differences.ask and self._asked_difference()[:1]
        if not asked or set(asked.field_names or ()) != differences.ask:
            return differences
        edit = asked._edit()
        _before, after = self._sides_of_difference(differences.ask)
        if not edit or not isinstance(after, type(edit[1])):
            return differences
        if changed_names(edit[1], after) & differences.ask:
            return differences
        return replace(differences, ask=frozenset(), impact=NOBODY)

    def _end_what_is_equal_again(self):
        """End questions about differences that do not exist any more in Odoo."""
        for asked in self._asked_difference():
            names = frozenset(asked.field_names or ())
            before, after = asked.link_id._sides_of_difference(names)
            if before and not changed_names(before, after) & names:
                asked._end_over("equal")
                asked._show_remaining_state(asked._all_events(), asked.link_id)

    def _has_event_in_window(self):
        """Return True if the calendar would list the event, by its dates in Odoo."""
        calendar, events = self.calendar_id, self.event_id
        if not calendar.window_end:
            return False
        return self.is_series or (
            events.stop > calendar.window_start and events.start < calendar.window_end
        )

    def _differences_safely(self, ours):
        """Return the differences of a meeting, none if it cannot be parsed."""
        try:
            return self._differences(ours)
        except (ValueError, KeyError):
            _logger.exception("Microsoft 365: link %s cannot be compared", self.id)
            return Differences()

    def _differences(self, ours):
        """Return the differences of a meeting in Odoo.

        :param ours: Odoo's content, None for a series: it is read here
        """
        base, meeting = self._meeting_base, self._meeting()
        if not base or meeting._ms365_why_inexpressible():
            return Differences()
        ours = ours or meeting._ms365_read(base)
        if not ours or ours == base.ours:
            return Differences()
        waiting, lists = self._what_has_entries(meeting._ms365_event_key())
        ours = without_changes(ours, base.ours, lists)
        found = find_differences(
            base,
            ours,
            is_organizer=self._organizes(),
            invites=meeting._ms365_may_invite(),
            waiting=waiting,
        )
        if not found.names:
            return found
        after = with_change(base.ours, ours, found.names)
        return replace(found, before=base.ours, after=after)

    def _what_has_entries(self, event_key):
        """Return the fields with an entry that is under way, or has visibly failed.

        Waiting differences without an edit do not count: see the module.

        :return: names, None for everything; and the changes of lists. These lists are
            not among the names, since they may have further changes
        """
        Outbox = self.env["praetorx.ms365.outbox"]
        entries = Outbox._unarrived(event_key).filtered(
            lambda entry: entry.state != "held" or entry.approval_id.kind != "noticed"
        )
        names, _waiting = Outbox._unarrived_names(self, event_key, entries)
        if names is None:
            return None, {}
        lists = entries._united_changes()
        lists = {name: lists[name] for name in lists.keys() - (self.unsent_names or ())}
        return names - lists.keys(), lists

    def _unedited_names(self):
        """Return the fields that may have changed in Odoo without an edit."""
        meeting = self._meeting()
        key = bool(meeting) and meeting._ms365_event_key()  # none if deleted for good
        unarrived = self.env["praetorx.ms365.outbox"]._unarrived(key)
        # A difference found by the self-check may be an edit that was not captured.
        without_edit = unarrived.filtered(
            lambda entry: (entry.difference_id.cause or "unknown") != "unknown"
        )
        edits = (unarrived - without_edit)._united_names()
        recorded = self.env["praetorx.ms365.difference"].search(
            [("link_id", "=", self.id), ("state", "=", "noted")]
        )
        return unedited_names(
            recorded.mapped("cause"),
            without_edit._united_names(),
            None if edits is None else edits | set(self.unsent_names or ()),
        )

    def _ours_without_edits(self):
        """Return Odoo's side without the list changes of recorded edits.

        :return: a content or a :class:`Series`; None without a base or events
        """
        base, meeting = self._meeting_base, self._meeting()
        ours = base and meeting and meeting._ms365_read(base)
        if not ours:
            return None
        _names, lists = self._what_has_entries(meeting._ms365_event_key())
        return without_changes(ours, base.ours, lists)

    def _one_event(self):
        """Return the event, of a series its next one."""
        return self.event_id | self._next_rows()

    def _sides_of_difference(self, names):
        """Return Odoo's content at the last agreement, without and with the difference.

        For a series, return two :class:`Series`; None for each unknown side.
        """
        ours = self._ours_without_edits()
        if not ours:
            return None, None
        before = self._meeting_base.ours
        return before, with_change(before, ours, frozenset(names))

    def _agree_to_differ(self, names):
        """Accept a difference as agreed, and leave both sides unchanged."""
        if ours := self._ours_without_edits():
            agreed = agreed_to_differ(self._meeting_base, ours, names)
            self.write(self._base_vals(agreed))

    def _version(self):
        """Return a text that changes only if one of the sides has changed."""
        return f"{self.change_key} {self.odoo_hash} {self.content_hash}"

    def _are_listed(self, check_number):
        """Record that the self-check has seen these events in Outlook."""
        self.write({"check_number": check_number})
