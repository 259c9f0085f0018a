"""Compute the guests and tags that an edit has added or removed."""

from odoo import models

from ...engine.list_changes import ListChange
from ...engine.mapping.text import one_line

#: Fields that are lists, as :meth:`_ms365_values` reads them.
LIST_FIELDS = frozenset({"partner_ids", "categ_ids"})


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    def _ms365_lists_since(self, before):
        """Return ``{event: {name: ListChange}}`` of an edit.

        :param before: the result of :meth:`_ms365_values_before`
        """
        events = self.browse([event.id for event in before]).exists().sudo()
        return {event: event._ms365_change_of_lists(before) for event in events}

    def _ms365_change_of_lists(self, before):
        """Return ``{name: ListChange}`` of an event, or of occurrences of one series.

        A list is left out, and counts as a whole, in two cases: if Outlook has no such
        event yet, and if the last agreement does not have a removed element.

        :param before: ``{event: values}``, with lists as sets of ids
        """
        events = self.sudo().with_context(active_test=False)
        names = LIST_FIELDS.intersection(*(before[event].keys() for event in self))
        agreed = events._ms365_agreed_contents() if names else []
        found = {}
        for name in names if agreed else ():
            added, removed = set(), set()
            for event in events:
                now, was = frozenset(event[name].ids), before[event][name]
                added |= now - was
                removed |= was - now
            change = events._ms365_change_of(name, added, removed, agreed)
            if change:
                found[_CONTENT_NAMES[name]] = change
        return found

    def _ms365_change_of(self, name, added_ids, removed_ids, agreed):
        """Return the added and removed entries of a list, None if they are unknown."""
        records = self[name]
        added, removed = records.browse(added_ids), records.browse(removed_ids)
        if name == "categ_ids":
            known = {tag for content in agreed for tag in content.categories}
            gone = [{one_line(tag.name)} for tag in removed]
            new = {one_line(tag.name) for tag in added}
        else:
            known = {one.email for content in agreed for one in content.attendees}
            staying = _addresses(records)
            gone = [set(one._ms365_addresses()) - staying for one in removed]
            new = _addresses(added)
        if any(words and words.isdisjoint(known) for words in gone):
            return None
        return ListChange(frozenset(new), frozenset().union(*gone))

    def _ms365_agreed_contents(self):
        """Return all that Odoo held at the last agreement, nothing without one."""
        events = self.sudo()
        links = events.recurrence_id.ms365_link_ids or events.ms365_link_ids
        link = links.filtered("is_primary")[:1]
        if series := link._series_base:
            return [series.ours.master, *series.ours.exceptions.values()]
        return [link._base.ours] if link._base else []


_CONTENT_NAMES = {"partner_ids": "attendees", "categ_ids": "categories"}


def _addresses(partners):
    return {address for one in partners for address in one._ms365_addresses()}
