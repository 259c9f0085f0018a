"""A series as one thing: its shared content, its rule, and where occurrences differ.

Both sides are read into a :class:`Series`, whatever they store: Graph a master with
exceptions, Odoo a row for each occurrence. An occurrence is known by its *day*: the
local day on which the rule has it begin, wherever it was moved to since (docs/graph.md,
Series).

What follows when they differ is decided in ``series_merge.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from .body_limits import is_cut
from .recurrence import Rule, aligned, occurrence_days, slot_day, slot_times
from .snapshot import CONTENT_FIELDS, Base, Content, Times
from .timezones import zone_family

#: Fields that occurrences share; each has times of its own.
SHARED_FIELDS = frozenset(CONTENT_FIELDS) - {"times"}
#: Stands for times where contents are compared without them.
_NO_TIMES = Times("2000-01-01T00:00:00", "2000-01-01T00:00:00")
#: Clocks are compared on this day, in whose neighbourhood no zone changes them.
_SOME_DAY = date(2026, 1, 14)


@dataclass(frozen=True, slots=True)
class Series:
    """What one side holds of a series, as far as a window shows it.

    :param master: what occurrences share; its times are those of the first one
    :param rule: on which days occurrences begin, with the zone in which they do
    :param first: first day of the window, ``YYYY-MM-DD``
    :param last: last day of the window, inclusive
    :param days: the days of the window whose occurrence exists, sorted
    :param exceptions: day -> content of an occurrence that differs from the master
    :param removed: days that a person has deleted one by one, as far as this side keeps
        a record: then no other missing day is a deletion. None where it keeps none
    """

    master: Content
    rule: Rule
    first: str
    last: str
    days: tuple[str, ...]
    exceptions: Mapping[str, Content] = field(default_factory=dict)
    removed: frozenset[str] | None = field(default=None, compare=False)

    @classmethod
    def of(
        cls,
        master: Content,
        rule: Rule,
        window: tuple[str, str],
        contents: Mapping[str, Content],
        removed: frozenset[str] | None = None,
    ) -> Series:
        """Return a series of these occurrences; only what differs is kept of them.

        :param contents: day -> content, of each occurrence that exists in the window
        :param removed: days that a person has deleted, if that is recorded
        """
        exceptions = {
            day: content
            for day, content in sorted(contents.items())
            if content.changed_fields(pattern(master, day))
        }
        days = tuple(sorted(contents))
        return cls(master, rule, *window, days, exceptions, removed)

    @property
    def window(self) -> tuple[str, str]:
        """First and last day that are known."""
        return self.first, self.last

    def occurrence(self, day: str) -> Content:
        """Return the content of the occurrence of this day, also if it was deleted."""
        return self.exceptions.get(day) or pattern(self.master, day)

    def contents(self) -> dict[str, Content]:
        """Return day -> content of each occurrence that exists."""
        return {day: self.occurrence(day) for day in self.days}

    def within(self, window: tuple[str, str]) -> Series:
        """Return what is left of it in a narrower window."""
        first, last = max(self.first, window[0]), min(self.last, window[1])
        days = tuple(day for day in self.days if first <= day <= last)
        exceptions = {d: c for d, c in self.exceptions.items() if first <= d <= last}
        removed = self.removed
        return Series(self.master, self.rule, first, last, days, exceptions, removed)

    def having(self, master: Content, contents: Mapping[str, Content]) -> Series:
        """Return this series with other contents; its record of deletions stays."""
        return Series.of(master, self.rule, self.window, contents, self.removed)

    def expected_days(self) -> frozenset[str]:
        """Return the days of the window on which the rule has an occurrence begin."""
        return rule_days(self.rule, self.window)

    def meant_days(self) -> frozenset[str]:
        """Return the days that this side wants to exist, also those it has no row of.

        Where deletions are recorded, a day that is missing without a record is wanted.
        """
        if self.removed is None:
            return frozenset(self.days)
        return frozenset(self.days) | (self.expected_days() - self.removed)

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a JSON column; :meth:`from_json` reads them back."""
        return {
            "master": self.master.to_json(),
            "rule": self.rule.to_json(),
            "window": [self.first, self.last],
            "days": list(self.days),
            "exceptions": {day: c.to_json() for day, c in self.exceptions.items()},
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Series:
        """Read what :meth:`to_json` wrote."""
        return cls(
            Content.from_json(data["master"]),
            Rule.from_json(data["rule"]),
            *data["window"],
            tuple(data["days"]),
            {day: Content.from_json(c) for day, c in data["exceptions"].items()},
        )

    @property
    def hash(self) -> str:
        """SHA-256 (hex) of the content that occurrences share."""
        return self.master.hash


@dataclass(frozen=True, slots=True)
class SeriesBase:
    """Both sides as they were when they last agreed."""

    ours: Series
    theirs: Series

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a JSON column."""
        return {"ours": self.ours.to_json(), "theirs": self.theirs.to_json()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> SeriesBase:
        """Read what :meth:`to_json` wrote."""
        ours, theirs = (Series.from_json(data[side]) for side in ("ours", "theirs"))
        body = theirs.master.body
        if is_cut(body):  # what Odoo shows of it counts as the whole
            ours = replace(ours, master=replace(ours.master, body=body))
        return cls(ours, theirs)

    @staticmethod
    def is_json(data: dict[str, Any]) -> bool:
        """Tell whether :meth:`to_json` wrote this, and not that of a single event.

        A page tells that an event has become a series before the series is read.
        """
        return "master" in data["theirs"]

    def within(self, window: tuple[str, str]) -> SeriesBase:
        """Return what is left of both in a narrower window."""
        return SeriesBase(self.ours.within(window), self.theirs.within(window))

    def shared(self) -> Base:
        """Return the base of the fields that occurrences share."""
        return Base(timeless(self.ours.master), timeless(self.theirs.master))

    def occurrence(self, day: str) -> Base:
        """Return the base of one occurrence."""
        return Base(self.ours.occurrence(day), self.theirs.occurrence(day))


def rule_days(rule: Rule, window: tuple[str, str]) -> frozenset[str]:
    """Return the days of a window on which a rule has an occurrence begin."""
    first, last = (date.fromisoformat(day) for day in window)
    return frozenset(day.isoformat() for day in occurrence_days(rule, first, last))


def single_rule(times: Times) -> Rule:
    """Return the rule of an event that is no series (yet, or any more)."""
    return Rule("daily", slot_day(times).isoformat(), count=1, zone=times.zone)


def pattern(master: Content, day: str) -> Content:
    """Return what an occurrence is that differs in nothing from its series."""
    times = slot_times(master.times, date.fromisoformat(day))
    return replace(master, times=times)


def clock(times: Times) -> Times:
    """Return times in a form that tells the time of day alone, and how long it is."""
    return slot_times(times, _SOME_DAY)


def timeless(content: Content) -> Content:
    """Return a content to be compared without its times."""
    return replace(content, times=_NO_TIMES)


def first_times(times: Times, rule: Rule) -> Times:
    """Return the times of a series's first occurrence, given those of any of it."""
    return slot_times(times, date.fromisoformat(rule.start))


def own_fields(series: Series, day: str) -> dict[str, Any]:
    """Return what an occurrence has of its own, which changes of the series spare."""
    if day not in series.exceptions:
        return {}
    content = series.exceptions[day]
    names = content.changed_fields(pattern(series.master, day))
    return {name: getattr(content, name) for name in names}


def inherit(content: Content, before: Content, after: Content, day: str) -> Content:
    """Return an occurrence after its series has changed.

    Fields that were equal to the series follow it. Fields of its own stay.

    :param before: shared content of the series until now
    :param after: shared content of the series from now on
    """
    own = content.changed_fields(pattern(before, day))
    return pattern(after, day).with_fields(own, content)


def inherited(
    series: Series, master: Content, days: Collection[str] | None = None
) -> dict[str, Content]:
    """Return day -> content of the occurrences once the series shares ``master``.

    :param days: which ones; left out, those that exist
    """
    return {
        day: inherit(series.exceptions[day], series.master, master, day)
        if day in series.exceptions
        else pattern(master, day)
        for day in (series.days if days is None else days)
    }


def rule_key(rule: Rule) -> tuple[Rule, str]:
    """Return what is compared of a rule: its days, and how its clock changes.

    Zones that Graph cannot tell apart are one: Vienna is Berlin there.
    """
    return rule, zone_family(rule.zone)


def pattern_key(rule: Rule) -> tuple[Rule, str]:
    """Return what is compared of a rule whose end does not count."""
    return rule_key(replace(rule, until=None, count=None))


def moves(before: Series, after: Series) -> bool:
    """Tell whether the occurrences of a series are at other times than before.

    Exchange drops exceptions and deletions then, and so do we. It keeps them when the
    series only gets another end (docs/graph.md, Series).
    """
    return clock(before.master.times) != clock(after.master.times) or (
        pattern_key(before.rule) != pattern_key(after.rule)
    )


def places(before: Series, after: Series, days: Iterable[str]) -> dict[str, str]:
    """Return which occurrence becomes which once a series is changed, day -> day.

    :param days: of the occurrences that there are; the ones left out are left over
    """
    stay = after.meant_days()
    if not moves(before, after):
        return {day: day for day in days if day in stay}
    pairs = aligned(
        before.rule,
        [date.fromisoformat(day) for day in days],
        after.rule,
        [date.fromisoformat(day) for day in stay],
    )
    return {old.isoformat(): new.isoformat() for old, new in pairs.items()}


def days_lost(before: Series, after: Series, since: str) -> frozenset[str]:
    """Return the days whose occurrence is no more once a series is changed.

    :param since: day before which nothing counts
    """
    stay = places(before, after, before.days)
    return frozenset(day for day in before.days if day >= since and day not in stay)


def with_days(series: Series, days: Collection[str]) -> Series:
    """Return a series of which only the occurrences of these days exist."""
    kept = {day: series.occurrence(day) for day in series.days if day in days}
    return series.having(series.master, kept)


def made_of(master: Content, rule: Rule, window: tuple[str, str]) -> Series:
    """Return a series without any exception."""
    days = rule_days(rule, window)
    return Series.of(master, rule, window, {day: pattern(master, day) for day in days})


def changed_series(series: Series, master: Content, rule: Rule) -> Series:
    """Return what becomes of a series whose shared content or rule was changed.

    What occurrences have of their own stays, unless the series moves.
    """
    days = rule_days(rule, series.window)
    moved = Series(master, rule, *series.window, ())
    if moves(series, moved):
        return made_of(master, rule, series.window)
    deleted = series.expected_days() - set(series.days)
    return Series.of(
        master, rule, series.window, inherited(series, master, days - deleted)
    )


def same_shape(one: Series, other: Series) -> bool:
    """Tell whether both have the same rule and the same time of day."""
    return clock(one.master.times) == clock(other.master.times) and (
        rule_key(one.rule) == rule_key(other.rule)
    )


def shared_content(rows: Mapping[str, Content]) -> Content:
    """Derive the shared content of rows for which none was stored.

    :param rows: day -> content of each row, at least one
    :return: of each field the value that most rows have, the earliest of equals; the
        times are those of the first row
    """
    in_order = [rows[day] for day in sorted(rows)]
    values = {
        name: Counter(getattr(row, name) for row in in_order).most_common(1)[0][0]
        for name in SHARED_FIELDS
    }
    return replace(in_order[0], **values)


def stored_content(side: dict[str, Any] | None) -> Content | None:
    """Return a stored side's :class:`Content`, of a series what its dates share."""
    if not side:
        return None
    if "rule" in side:
        return Series.from_json(side).master
    return Content.from_json(side)
