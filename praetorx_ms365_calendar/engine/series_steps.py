"""Write a large series to Odoo in steps, to limit the size of a transaction.

Each step is a series that Outlook could have had: with fewer dates, or with only a part
of the attendees added or removed. All occurrences get the same part, so that each step
is a consistent series. An edit between two steps is compared with the last step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .series import Series, map_days, times_or_rule_differ, with_days
from .snapshot import Attendee

People = tuple[Attendee, ...]


def next_step(
    theirs: Series, agreed: Series | None, ours: Series | None, rows_at_once: int
) -> Series:
    """Return the part of Outlook's series that the next step writes to Odoo.

    Days that were agreed or are in Odoo always stay in it. So a day that the step
    leaves out is on neither side, and does not look like a deletion.

    :param agreed: Outlook's side of the base, None without a base
    :param ours: Odoo's side now, None if Odoo does not have the series
    :param rows_at_once: maximum number of events and attendees to add or remove
    :return: ``theirs`` itself if one step is enough
    """
    known = _known_days(theirs, agreed, ours)
    changes = _AttendeeChanges(theirs, agreed or ours, ours, known) if ours else None
    if changes and changes.rows > rows_at_once:
        return with_days(changes.first(rows_at_once), known)
    new = [day for day in theirs.days if day not in known]
    left = rows_at_once - (changes.rows if changes else 0)
    at_once = max(1, left // (1 + len(theirs.master.attendees)))
    if len(new) <= at_once:
        return theirs
    return with_days(theirs, known.keys() | set(new[:at_once]))


def _known_days(
    theirs: Series, agreed: Series | None, ours: Series | None
) -> dict[str, str]:
    """Return new day -> old day for all occurrences that are not new."""
    present = set(ours.days) if ours else set()
    stay = {day: day for day in theirs.days if day in present}
    if agreed and times_or_rule_differ(agreed, theirs):
        pairs = map_days(agreed, theirs, present)
        return {**stay, **{new: old for old, new in pairs.items()}}
    here = set(agreed.days) if agreed else set()
    return {**stay, **{day: day for day in theirs.days if day in here}}


class _AttendeeChanges:
    """The changes of attendees that Odoo does not have yet.

    :param agreed: Outlook's side of the base; without a base, Odoo's side
    :param known: new day -> old day
    """

    def __init__(
        self, theirs: Series, agreed: Series, ours: Series, known: Mapping[str, str]
    ) -> None:
        self.theirs = theirs
        self.before: People = agreed.master.attendees
        self.after: People = theirs.master.attendees
        self.missing = _missing(self.before, self.after, ours.master.attendees)
        #: Number of occurrences that had and have the same attendees as the series.
        self.followers = 0
        #: Days of the occurrences that had or have other attendees than the series.
        self.own_days: set[str] = set()
        #: Day -> former attendees, for the days in ``own_days`` with a change.
        self.former: dict[str, People] = {}
        #: Day -> number of changed attendees, for the same days.
        self.rows_alone: dict[str, int] = {}
        for day, old_day in sorted(known.items()):
            before, after = _attendees_of(agreed, old_day), _attendees_of(theirs, day)
            if (before, after) == (self.before, self.after):
                self.followers += 1
                continue
            self.own_days.add(day)
            if missing := _missing(before, after, _attendees_of(ours, old_day)):
                self.former[day] = before
                self.rows_alone[day] = len(missing)

    @property
    def rows(self) -> int:
        """The number of attendee rows to add or remove in Odoo."""
        return self.followers * len(self.missing) + sum(self.rows_alone.values())

    def first(self, rows_at_once: int) -> Series:
        """Return the series with as many changes as the limit allows, at least one."""
        fits = max(1, rows_at_once // max(1, self.followers))
        later = set(self.missing[fits:])
        shared = [one for one in self.after if one not in later]
        shared += [one for one in self.before if one in later]
        left = rows_at_once - self.followers * len(self.missing[:fits])
        waiting: dict[str, People] = {}
        is_first = not self.missing
        for day, rows in self.rows_alone.items():
            left -= rows
            if left < 0 and not is_first:
                waiting[day] = self.former[day]
            is_first = False
        return self._with(tuple(sorted(shared)), waiting)

    def _with(self, shared: People, waiting: Mapping[str, People]) -> Series:
        """Return the series with these attendees.

        :param shared: attendees of the series
        :param waiting: day -> attendees of an occurrence that a later step will change
        """
        contents = {}
        for day, content in self.theirs.contents().items():
            follows = content.attendees == self.after and day not in self.own_days
            attendees = shared if follows else content.attendees
            attendees = waiting.get(day, attendees)
            contents[day] = replace(content, attendees=attendees)
        master = replace(self.theirs.master, attendees=shared)
        return self.theirs.having(master, contents)


def _missing(before: People, after: People, here: People) -> list[Attendee]:
    """Return the attendees that were added or removed, but not yet in Odoo."""
    changed = set(before) ^ set(after)
    return sorted(one for one in changed if (one in after) != (one in here))


def _attendees_of(series: Series, day: str) -> People:
    own = series.exceptions.get(day)
    return (own or series.master).attendees
