"""Tell what a synced change has changed, and how an event was before. Pure.

A change keeps old and new values of the fields that it changed, and nothing else. So an
earlier version is the present one with the old values of all changes since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from .body_limits import is_cut
from .merge import DELETED
from .recurrence import LAST_DAY, Rule, occurrence_days
from .series import (
    SHARED_FIELDS,
    Series,
    first_times,
    occurrence_after_change,
    rule_key,
    rule_key_without_end,
    time_of_day,
    times_or_rule_differ,
)
from .series_units import ALL, RECURRENCE, TIMES
from .snapshot import Content, Times

BODY = "body"
#: So many occurrences of a series can have a change of their own in one step.
MAX_PARTS = 50
#: Stands for the fields that a change has not touched.
_NOTHING = Content("", Times("2000-01-01T00:00:00", "2000-01-01T00:00:00")).to_json()


@dataclass(frozen=True, slots=True)
class Change:
    """Old and new values of one synced change.

    :param names: names of the changed fields
    :param before: name -> old value, as plain values for a JSON column. A description
        of which Odoo shows only a part is None
    :param after: the same of the new values
    :param is_private: whether the event was not public before or after the change
    """

    names: frozenset[str]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    is_private: bool = False


def change_of_event(
    before: Content, after: Content, names: Iterable[str] | None = None
) -> Change | None:
    """Return the change from one content to another, None if they are equal.

    :param names: the fields to look at, None for all
    """
    changed = after.changed_fields(before)
    if names is not None:
        changed &= frozenset(names)
    if not changed:
        return None
    private = {"normal"} != {before.sensitivity, after.sensitivity}
    return Change(changed, _kept(before, changed), _kept(after, changed), private)


def deletion_of(content: Content | None) -> Change:
    """Return the change of a deletion, which keeps no values."""
    is_private = content is not None and content.sensitivity != "normal"
    return Change(frozenset({DELETED}), {}, {}, is_private)


def changes_of_series(before: Series, after: Series) -> dict[str, Change]:
    """Return day -> change, for the series (:data:`ALL`) and for single occurrences.

    An occurrence is listed only if it changed in another way than the whole series, or
    if it is deleted. If the pattern of the series changes, its occurrences are not
    compared.
    """
    changes = {}
    if shared := _change_of_all(before, after):
        changes[ALL] = shared
    if times_or_rule_differ(before, after):
        return changes
    expected = after.expected_days()
    for day in filter(expected.__contains__, before.days):
        if len(changes) > MAX_PARTS:
            break
        if day not in after.days:
            changes[day] = deletion_of(before.occurrence(day))
        elif day in before.exceptions or day in after.exceptions:
            alone = occurrence_after_change(
                before.occurrence(day), before.master, after.master, day
            )
            if change := change_of_event(alone, after.occurrence(day)):
                changes[day] = change
    return changes


def _change_of_all(before: Series, after: Series) -> Change | None:
    names = set(SHARED_FIELDS)
    if time_of_day(before.master.times) != time_of_day(after.master.times):
        names.add(TIMES)
    change = change_of_event(before.master, after.master, names)
    if rule_key(before.rule) == rule_key(after.rule):
        return change
    private = {"normal"} != {before.master.sensitivity, after.master.sensitivity}
    rules = before.rule.to_json(), after.rule.to_json()
    of_fields = change or Change(frozenset(), {}, {}, private)
    return Change(
        of_fields.names | {RECURRENCE},
        {**of_fields.before, RECURRENCE: rules[0]},
        {**of_fields.after, RECURRENCE: rules[1]},
        private,
    )


def earlier_content(now: Content, changes: Iterable[Mapping[str, Any]]) -> Content:
    """Return the content as it was before some changes.

    :param now: the present content
    :param changes: the old values of all changes since, the newest first. Values that
        were not kept stay as they are now
    """
    values = now.to_json()
    for before in changes:
        values |= {name: before[name] for name in before if _is_kept(name, before)}
    return Content.from_json(values)


@dataclass(frozen=True, slots=True)
class Shape:
    """Times and rule of a whole series.

    :param times: of its first occurrence
    :param rule: it starts on the day of this occurrence
    """

    times: Times
    rule: Rule

    @classmethod
    def of(cls, times: Times, rule: Rule) -> Shape:
        """Return the shape of a series, from the times of any of its occurrences."""
        first = date.fromisoformat(rule.start)
        found = occurrence_days(rule, first, LAST_DAY, at_most=1)
        if found:
            rule = replace(rule, start=found[0].isoformat())
        return cls(first_times(times, rule), rule)

    def changed_names(self, before: Shape) -> frozenset[str]:
        """Return which of times and rule differ from another shape."""
        names = set()
        if time_of_day(self.times) != time_of_day(before.times):
            names.add(TIMES)
        if rule_key(self.rule) != rule_key(before.rule):
            names.add(RECURRENCE)
        return frozenset(names)

    def moves(self, before: Shape) -> bool:
        """Return True if occurrences move: not only the end of the series differs."""
        return TIMES in self.changed_names(before) or (
            rule_key_without_end(self.rule) != rule_key_without_end(before.rule)
        )


def earlier_shape(
    now: Shape, times: Times, changes: Iterable[Mapping[str, Any]]
) -> Shape:
    """Return the times and the rule of a series as they were before some changes.

    :param times: of any occurrence before the changes
    :param changes: the old values of all changes since, the newest first
    """
    kept = [before[RECURRENCE] for before in changes if before.get(RECURRENCE)]
    return Shape.of(times, Rule.from_json(kept[-1]) if kept else now.rule)


def shown_content(values: Mapping[str, Any]) -> Content:
    """Return a content with the kept values of a change, to show them."""
    known = {name: values[name] for name in values if _is_kept(name, values)}
    return Content.from_json(_NOTHING | known)


def too_long(values: Mapping[str, Any]) -> bool:
    """Return True if the description was longer than Odoo can show."""
    return BODY in values and values[BODY] is None


def _is_kept(name: str, values: Mapping[str, Any]) -> bool:
    return name in _NOTHING and not (name == BODY and too_long(values))


def _kept(content: Content, names: frozenset[str]) -> dict[str, Any]:
    data = content.to_json()
    if is_cut(content.body):
        data[BODY] = None
    return {name: data[name] for name in sorted(names)}
