"""Represent a series as one value: its shared content, its rule and its exceptions.

Graph stores a master with exceptions, Odoo stores one row for each occurrence. Both are
read into a :class:`Series`. An occurrence is identified by its *day*: the local day of
its start by the rule, even if it was moved later (docs/graph.md, Series).

``series_merge.py`` merges two series that differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar

from .body_limits import is_cut
from .recurrence import Rule, aligned, occurrence_days
from .slot_times import slot_day, slot_times
from .snapshot import CONTENT_FIELDS, Base, Content, Times
from .timezones import zone_family

#: Fields that occurrences inherit from the series. Each occurrence has its own times.
SHARED_FIELDS = frozenset(CONTENT_FIELDS) - {"times"}
#: Replaces the times of contents that are compared without times.
_NO_TIMES = Times("2000-01-01T00:00:00", "2000-01-01T00:00:00")
#: Times of day are compared on this day. No zone has a clock change near it.
_SOME_DAY = date(2026, 1, 14)


@dataclass(frozen=True, slots=True)
class Series:
    """A series on one side, limited to the days of a window.

    :param master: content shared by the occurrences, with the times of the first one
    :param rule: rule for the days of the occurrences, with their zone
    :param first: first day of the window, ``YYYY-MM-DD``
    :param last: last day of the window, inclusive
    :param days: the days in the window that have an occurrence, sorted
    :param exceptions: day -> content of an occurrence that differs from the master
    :param removed: days that a person has deleted one by one, None if this side does
        not record that. If it does, any other missing day is not a deletion
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
        """Return a series with these occurrences; those that differ become exceptions.

        :param contents: day -> content of each occurrence that exists in the window
        :param removed: days that a person has deleted, None if not recorded
        """
        exceptions = {
            day: content
            for day, content in sorted(contents.items())
            if content.changed_fields(default_occurrence(master, day))
        }
        days = tuple(sorted(contents))
        return cls(master, rule, *window, days, exceptions, removed)

    @property
    def window(self) -> tuple[str, str]:
        """The first and last day of the window."""
        return self.first, self.last

    def occurrence(self, day: str) -> Content:
        """Return the content of the occurrence of a day, even if it was deleted."""
        return self.exceptions.get(day) or default_occurrence(self.master, day)

    def contents(self) -> dict[str, Content]:
        """Return day -> content of each occurrence that exists."""
        return {day: self.occurrence(day) for day in self.days}

    def within(self, window: tuple[str, str]) -> Series:
        """Return the series limited to a narrower window."""
        first, last = max(self.first, window[0]), min(self.last, window[1])
        days = tuple(day for day in self.days if first <= day <= last)
        exceptions = {d: c for d, c in self.exceptions.items() if first <= d <= last}
        removed = self.removed
        return Series(self.master, self.rule, first, last, days, exceptions, removed)

    def having(self, master: Content, contents: Mapping[str, Content]) -> Series:
        """Return this series with other contents; ``removed`` does not change."""
        return Series.of(master, self.rule, self.window, contents, self.removed)

    def expected_days(self) -> frozenset[str]:
        """Return the days of the window on which an occurrence begins by the rule."""
        return rule_days(self.rule, self.window)

    def meant_days(self) -> frozenset[str]:
        """Return the days that must exist on this side, even if a row is missing.

        If deletions are recorded, a missing day without a record is not a deletion, so
        it must exist.
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
        """Read the output of :meth:`to_json`."""
        first, last = data["window"]
        return cls(
            Content.from_json(data["master"]),
            Rule.from_json(data["rule"]),
            first,
            last,
            tuple(data["days"]),
            {day: Content.from_json(c) for day, c in data["exceptions"].items()},
        )

    @property
    def hash(self) -> str:
        """SHA-256 (hex) of the shared content."""
        return self.master.hash


#: One side of a meeting: the content of a single event, or a whole series.
Side = TypeVar("Side", Content, Series)


@dataclass(frozen=True, slots=True)
class SeriesBase:
    """The base snapshot of a series: both sides as they were when they last agreed."""

    ours: Series
    theirs: Series

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a JSON column."""
        return {"ours": self.ours.to_json(), "theirs": self.theirs.to_json()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> SeriesBase:
        """Read the output of :meth:`to_json`."""
        ours, theirs = (Series.from_json(data[side]) for side in ("ours", "theirs"))
        body = theirs.master.body
        if is_cut(body):  # the part that Odoo shows counts as the whole body
            ours = replace(ours, master=replace(ours.master, body=body))
        return cls(ours, theirs)

    @staticmethod
    def is_json(data: dict[str, Any]) -> bool:
        """Return True if the data is the base of a series, not of a single event.

        A page may list an event as a series before we read the series. The link then
        still has the base of a single event.
        """
        return "master" in data["theirs"]

    def within(self, window: tuple[str, str]) -> SeriesBase:
        """Return both sides limited to a narrower window."""
        return SeriesBase(self.ours.within(window), self.theirs.within(window))

    def shared(self) -> Base:
        """Return the base of the shared fields."""
        return Base(timeless(self.ours.master), timeless(self.theirs.master))

    def occurrence(self, day: str) -> Base:
        """Return the base of one occurrence."""
        return Base(self.ours.occurrence(day), self.theirs.occurrence(day))


def part_of(series: Series, day: str) -> Content | None:
    """Return the content of one occurrence, None if it is deleted.

    :param day: empty for the content that all occurrences share
    """
    if not day:
        return series.master
    return series.occurrence(day) if day in series.days else None


def rule_days(rule: Rule, window: tuple[str, str]) -> frozenset[str]:
    """Return the days of a window on which an occurrence begins by the rule."""
    first, last = (date.fromisoformat(day) for day in window)
    return frozenset(day.isoformat() for day in occurrence_days(rule, first, last))


def single_rule(times: Times) -> Rule:
    """Return the rule of a single event: an event before or after being a series."""
    return Rule("daily", slot_day(times).isoformat(), count=1, zone=times.zone)


def default_occurrence(master: Content, day: str) -> Content:
    """Return the content of an occurrence that is not an exception."""
    times = slot_times(master.times, date.fromisoformat(day))
    return replace(master, times=times)


def time_of_day(times: Times) -> Times:
    """Return times with only the time of day and the length, on a fixed day."""
    return slot_times(times, _SOME_DAY)


def timeless(content: Content) -> Content:
    """Return a content with fixed times, to compare all other fields."""
    return replace(content, times=_NO_TIMES)


def first_times(times: Times, rule: Rule) -> Times:
    """Return the times of the first occurrence, from the times of any occurrence."""
    return slot_times(times, date.fromisoformat(rule.start))


def own_fields(series: Series, day: str) -> dict[str, Any]:
    """Return name -> value for the fields of an occurrence that differ from its series.

    A change of the series does not change these fields.
    """
    if day not in series.exceptions:
        return {}
    content = series.exceptions[day]
    names = content.changed_fields(default_occurrence(series.master, day))
    return {name: getattr(content, name) for name in names}


def occurrence_after_change(
    content: Content, before: Content, after: Content, day: str
) -> Content:
    """Return the content of an occurrence after its series has changed.

    Fields that were equal to the series get the new value. Different fields stay.

    :param content: content of the occurrence before the change
    :param before: shared content of the series before the change
    :param after: shared content of the series after the change
    """
    own = content.changed_fields(default_occurrence(before, day))
    return default_occurrence(after, day).with_fields(own, content)


def occurrences_after_change(
    series: Series, master: Content, days: Collection[str] | None = None
) -> dict[str, Content]:
    """Return day -> content of the occurrences after the series changes to ``master``.

    :param days: the days to return; None for all existing occurrences
    """
    return {
        day: occurrence_after_change(series.exceptions[day], series.master, master, day)
        if day in series.exceptions
        else default_occurrence(master, day)
        for day in (series.days if days is None else days)
    }


def rule_key(rule: Rule) -> tuple[Rule, str]:
    """Return the parts of a rule that are compared: its days and its zone.

    Zones that are the same zone for Graph are equal, such as Vienna and Berlin.
    """
    return rule, zone_family(rule.zone)


def rule_key_without_end(rule: Rule) -> tuple[Rule, str]:
    """Return the parts of a rule that are compared if its end does not matter."""
    return rule_key(replace(rule, until=None, count=None))


def times_or_rule_differ(before: Series, after: Series) -> bool:
    """Return True if the time of day or the pattern of a series has changed.

    Exchange then drops exceptions and deletions, and so do we. It keeps them if only
    the end of the series changes (docs/graph.md, Series).
    """
    return time_of_day(before.master.times) != time_of_day(after.master.times) or (
        rule_key_without_end(before.rule) != rule_key_without_end(after.rule)
    )


def map_days(before: Series, after: Series, days: Iterable[str]) -> dict[str, str]:
    """Return old day -> new day for occurrences of a series that was changed.

    A day is missing in the result if its occurrence does not exist any more.

    :param days: days of the existing occurrences
    """
    stay = after.meant_days()
    if not times_or_rule_differ(before, after):
        return {day: day for day in days if day in stay}
    pairs = aligned(
        before.rule,
        [date.fromisoformat(day) for day in days],
        after.rule,
        [date.fromisoformat(day) for day in stay],
    )
    return {old.isoformat(): new.isoformat() for old, new in pairs.items()}


def days_lost(before: Series, after: Series, since: str) -> frozenset[str]:
    """Return the days that lose their occurrence when a series is changed.

    :param since: earlier days are ignored
    """
    stay = map_days(before, after, before.days)
    return frozenset(day for day in before.days if day >= since and day not in stay)


def with_days(series: Series, days: Collection[str]) -> Series:
    """Return a series with only the occurrences of these days."""
    kept = {day: series.occurrence(day) for day in series.days if day in days}
    return series.having(series.master, kept)


def series_without_exceptions(
    master: Content, rule: Rule, window: tuple[str, str]
) -> Series:
    """Return a series with all occurrences of its rule, and no exceptions."""
    days = rule_days(rule, window)
    return Series.of(
        master, rule, window, {day: default_occurrence(master, day) for day in days}
    )


def changed_series(series: Series, master: Content, rule: Rule) -> Series:
    """Return a series after a change of its shared content or its rule.

    Exceptions and deletions stay, unless the time of day or the pattern changes.
    """
    days = rule_days(rule, series.window)
    moved = Series(master, rule, *series.window, ())
    if times_or_rule_differ(series, moved):
        return series_without_exceptions(master, rule, series.window)
    deleted = series.expected_days() - set(series.days)
    return Series.of(
        master,
        rule,
        series.window,
        occurrences_after_change(series, master, days - deleted),
    )


def same_shape(one: Series, other: Series) -> bool:
    """Return True if both have the same rule and the same time of day."""
    return time_of_day(one.master.times) == time_of_day(other.master.times) and (
        rule_key(one.rule) == rule_key(other.rule)
    )


def shared_content(rows: Mapping[str, Content]) -> Content:
    """Derive the shared content of a series from its rows, if none was stored.

    :param rows: day -> content of each row, at least one
    :return: for each field, the most frequent value; if several are equally frequent,
        the earliest one. The times are from the first row
    """
    in_order = [rows[day] for day in sorted(rows)]
    values = {
        name: Counter(getattr(row, name) for row in in_order).most_common(1)[0][0]
        for name in SHARED_FIELDS
    }
    return replace(in_order[0], **values)


def stored_content(side: dict[str, Any] | None) -> Content | None:
    """Return the content of a stored side; for a series, its shared content."""
    if not side:
        return None
    if "rule" in side:
        return Series.from_json(side).master
    return Content.from_json(side)
