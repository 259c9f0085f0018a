"""Find the changes of one side of a series since the last agreement."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from .merge import SET_FIELDS, apply_set_change
from .series import (
    SHARED_FIELDS,
    Series,
    SeriesBase,
    changed_series,
    occurrence_after_change,
    own_fields,
    rule_days,
    rule_key,
    same_shape,
)
from .snapshot import Content


def base_without_declined(
    base: SeriesBase, theirs: Series, declined: Collection[str]
) -> SeriesBase:
    """Return the base of an attendee's copy without its declined occurrences.

    Outlook removes a declined occurrence from the mailbox. That does not delete the
    occurrence for others, so it must stay in Odoo.

    :param theirs: the copy now
    :param declined: days of the occurrences that the mailbox owner declined in Odoo
    """
    left = set(declined) & set(base.theirs.days) - set(theirs.days)
    contents = {d: c for d, c in base.theirs.contents().items() if d not in left}
    before = base.theirs
    return SeriesBase(
        base.ours, Series.of(before.master, before.rule, before.window, contents)
    )


def base_content(before: Series, after: Series, day: str) -> Content:
    """Return the base content of an occurrence on one side.

    If the series got a new value and the occurrence still has the old one, a person set
    it back. That is an edit, although the value is the same. So the base gets the new
    value of the series, to make the edit visible.
    """
    content, now = before.occurrence(day), after.occurrence(day)
    set_back = own_fields(after, day).keys() - own_fields(before, day).keys()
    kept = set_back & SHARED_FIELDS - now.changed_fields(content)
    return content.with_fields(kept, after.master)


def new_occurrence_after_change(
    content: Content, before: Content, after: Content, day: str
) -> Content:
    """Return an occurrence that only Odoo has, after its series has changed.

    If it has its own attendees or categories, it gets those that the series gets:
    Outlook will make it from the series.

    :param content: content of the occurrence before the change
    :param before: shared content of the series before the change
    :param after: shared content of the series after the change
    """
    sets: dict[str, Any] = {
        name: apply_set_change(
            getattr(before, name), getattr(after, name), getattr(content, name)
        )
        for name in content.changed_fields(before) & SET_FIELDS
    }
    return replace(occurrence_after_change(content, before, after, day), **sets)


def undoes_edits(
    before: Series, after: Series, other_before: Series, other: Series, *, moved: bool
) -> bool:
    """Return True if one side's change of the series undoes the other side's edits.

    :param before: the first side's base
    :param after: the first side now
    :param other_before: the other side's base
    :param other: the other side now
    :param moved: whether the time of day or the pattern has changed on the first side
    """
    if not moved and rule_key(before.rule) == rule_key(after.rule):
        return False
    edited = own_changes(other_before, other)
    return bool(edited if moved else edited & set(other.days) - after.expected_days())


def reshaped(series: Series, like: Series) -> Series:
    """Return a series with the rule and the time of day of another one."""
    master = replace(series.master, times=like.master.times)
    return changed_series(series, master, like.rule)


def deleted_days(before: Series, after: Series) -> frozenset[str]:
    """Return the days that were deleted one by one, not by a change of the rule."""
    missing = set(before.days) - set(after.days)
    if missing and after.removed is not None:
        missing &= after.removed
    return frozenset(missing & after.expected_days()) if missing else frozenset()


def deleted_when_new(before: Series, after: Series, other: Series) -> frozenset[str]:
    """Return the days that one side has deleted, but that were not in its base.

    If this side does not record deletions, they are the days of a new rule that only
    the other side has. A day is not a deletion if the old rule has it too: the window
    was only narrower before. A base with one day is a single event that became a
    series: its other days are not deleted, but not created yet.
    """
    if after.removed is not None:
        new = after.removed & after.expected_days() - set(after.days)
        return frozenset(new & set(other.days))
    if len(before.expected_days()) == 1:
        return frozenset()
    known = rule_days(before.rule, after.window)
    new = after.expected_days() - known - set(after.days)
    return frozenset(new & set(other.days))


def own_changes(before: Series, after: Series) -> frozenset[str]:
    """Return the days with an occurrence that was edited or deleted on its own."""
    if not same_shape(before, after):
        before = reshaped(before, after)
    common = set(before.days) & set(after.days)
    changed = {
        day
        for day in common & {*before.exceptions, *after.exceptions}
        if own_fields(before, day) != own_fields(after, day)
    }
    # Days that were added again, or by a longer rule, and were edited then.
    changed |= set(after.exceptions) - set(before.days)
    return frozenset(changed) | deleted_days(before, after)


def dropped_fields(before: Series, after: Series) -> frozenset[str]:
    """Return the names that differ from the series in exceptions of ``before`` only."""
    names: set[str] = set()
    for day in before.exceptions:
        kept = own_fields(after, day) if day in after.days else {}
        names |= own_fields(before, day).keys() - kept.keys()
    return frozenset(names)
