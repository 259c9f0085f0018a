"""Copy values between series, and apply some of the changes of a series."""

from __future__ import annotations

from dataclasses import replace

from .merge import DELETED
from .series import (
    SHARED_FIELDS,
    Series,
    Side,
    changed_series,
    first_times,
    same_shape,
    with_days,
)
from .series_units import RECURRENCE, TIMES
from .snapshot import CONTENT_FIELDS, Content


def with_change(before: Side, now: Side, names: frozenset[str]) -> Side:
    """Apply some of the changes of an event or a series to its former state.

    If all occurrences have the same change, it is a change of the series.

    :param before: the event or series before the changes
    :param now: the event or series with all changes
    :param names: the fields to apply, from :func:`.authority.changed_names`
    """
    if isinstance(before, Content) and isinstance(now, Content):
        return before.with_fields(names, now)
    assert isinstance(before, Series) and isinstance(now, Series)
    now = now.within(before.window)
    if names & {TIMES, RECURRENCE, DELETED}:
        before = shaped_as(before, now)
    names &= frozenset(CONTENT_FIELDS)
    return with_fields_of(before, shared_by_all(now, names - {TIMES}), names)


def shared_by_all(series: Series, names: frozenset[str] = SHARED_FIELDS) -> Series:
    """Copy a value into the master if it is the same in all occurrences."""
    contents = series.contents()
    if not contents:
        return series
    first, *others = contents.values()
    differing = frozenset().union(*(first.changed_fields(one) for one in others))
    master = series.master.with_fields(names - differing, first)
    return series.having(master, contents)


def with_fields_of(series: Series, source: Series, names: frozenset[str]) -> Series:
    """Copy fields of another series into this one, for the days that both have."""
    contents = {
        day: content.with_fields(names, source.occurrence(day))
        if day in source.days
        else content
        for day, content in series.contents().items()
    }
    master = series.master.with_fields(names, source.master)
    return series.having(master, contents)


def shaped_as(series: Series, like: Series) -> Series:
    """Return a series with the days, the times and the rule of another one."""
    if not same_shape(series, like):
        times = first_times(like.master.times, like.rule)
        master = replace(series.master, times=times)
        series = changed_series(series, master, like.rule)
    return with_days(series, like.days)


def with_occurrence(series: Series, day: str, content: Content) -> Series:
    """Return a series with this content of one occurrence."""
    contents = series.contents() | {day: content}
    return series.having(series.master, contents)


def without_occurrence(series: Series, day: str) -> Series:
    """Return a series without one occurrence."""
    contents = series.contents()
    contents.pop(day, None)
    return series.having(series.master, contents)
