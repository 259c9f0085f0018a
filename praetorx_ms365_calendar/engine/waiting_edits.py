"""Keep edits that wait for a decision in a chain, so that each can be undone. Pure.

Each waiting edit has Odoo's values before and after it. For one field, the edits are a
chain. The first edit begins with the agreed value. Each later edit begins with the
result of the edit before it. The last one ends with Odoo's present value. All functions
here keep that chain after any decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from .list_changes import LISTS, key_of
from .merge import DELETED
from .series import (
    Series,
    changed_series,
    first_times,
    occurrences_after_change,
    rule_key,
    time_of_day,
    timeless,
    times_or_rule_differ,
)
from .series_edits import shared_by_all
from .series_units import ALL, RECURRENCE, TIMES
from .snapshot import Content

#: Day of an occurrence or ``ALL``, then the name of a field, then the key of an element
#: in a list. The key is empty if the field is not a list.
Unit = tuple[str, str, str]
Units = frozenset[Unit]
#: Odoo's state before and after an edit: two contents, or two series.
Edit = tuple[Any, Any]


def touched(before: Content | Series | None, after: Content | Series | None) -> Units:
    """Return the units that an edit has changed; in lists, each element is a unit.

    :return: no units if the two states cannot be compared
    """
    if isinstance(before, Content) and isinstance(after, Content):
        return _touched(ALL, before, after)
    if isinstance(before, Series) and isinstance(after, Series):
        return _touched_in_series(before, after)
    return frozenset()


def names_of(units: Iterable[Unit]) -> frozenset[str]:
    """Return the field names of these units."""
    return frozenset(name for _day, name, _key in units)


def ended(edit: Edit, units: Units) -> Edit:
    """Return an edit without the units that need no decision any more.

    :param units: units that the mailbox owner has edited since then, or has accepted
    """
    before, after = edit
    return with_units_of(before, after, units & touched(before, after)), after


def joined(edit: Edit, later: Edit) -> Edit:
    """Join an edit and a later edit of the same author into one edit."""
    own, new = touched(*edit), touched(*later)
    after = with_units_of(later[1], edit[1], own - new)
    before = with_units_of(with_units_of(after, later[0], new), edit[0], own)
    return before, after


def further(
    waiting: Sequence[Edit], own: Sequence[int], new: Edit
) -> tuple[list[Edit], Edit, bool]:
    """Add an edit to the waiting edits, or join it with the author's last one.

    If another person has edited the same units since the author's last edit, the new
    edit waits separately. It begins with that person's values, so joining would break
    the chain. Units that the author edits again are removed from the author's older
    edits.

    :param waiting: all waiting edits, the oldest first
    :param own: positions of the author's edits in ``waiting``, at least one
    :return: the remaining waiting edits, the new (maybe joined) edit, and whether it
        was joined
    """
    left, units = list(waiting), touched(*new)
    joins = not any(units & touched(*edit) for edit in left[own[-1] + 1 :])
    for at in own[:-1] if joins else own:
        rest = ended(left[at], units)
        given_up = ended(left[at], touched(*rest))
        _undone, [*later, new] = remove_edit(given_up, [*left[at + 1 :], new])
        left[at:] = [rest, *later]
    return left, joined(left[own[-1]], new) if joins else new, joins


def remove_edit(edit: Edit, later: Iterable[Edit]) -> tuple[Edit, list[Edit]]:
    """Remove an edit from the chain; later edits then begin with its old values.

    :param later: the edits that wait after it, the oldest first
    :return: the part of the edit that no later edit has overwritten, so that Odoo still
        has it; and the later edits
    """
    before, after = edit
    own = left = touched(before, after)
    passed_on = []
    for begin, end in later:
        units = left & touched(begin, end)
        passed_on.append((with_units_of(begin, before, units), end))
        left -= units
    return (with_units_of(before, after, own - left), after), passed_on


def with_units_of(target: Any, source: Any, units: Units) -> Any:
    """Return ``target`` (a content or a series) with these units from ``source``."""
    if not units:
        return target
    if isinstance(target, Series):
        return _series_with_units(target, source, units)
    return _content_with_units(target, source, units)


def _touched(day: str, before: Content, after: Content) -> Units:
    units = set()
    for name in after.changed_fields(before):
        if name not in LISTS:
            units.add((day, name, ""))
            continue
        keys, others = (
            {key_of(one) for one in getattr(side, name)} for side in (before, after)
        )
        units |= {(day, name, key) for key in keys ^ others}
    return frozenset(units)


def _content_with_units(target: Content, source: Content, units: Units) -> Content:
    result = target.with_fields(names_of(units) - set(LISTS), source)
    for name in LISTS:
        keys = {key for _day, list_name, key in units if list_name == name}
        kept = [one for one in getattr(target, name) if key_of(one) not in keys]
        new = [one for one in getattr(source, name) if key_of(one) in keys]
        elements: Any = tuple(sorted([*kept, *new], key=key_of))
        result = replace(result, **{name: elements})
    return result


def _touched_in_series(before: Series, after: Series) -> Units:
    shape = set()
    if time_of_day(before.master.times) != time_of_day(after.master.times):
        shape.add((ALL, TIMES, ""))
    if rule_key(before.rule) != rule_key(after.rule):
        shape.add((ALL, RECURRENCE, ""))
    if times_or_rule_differ(before, after):  # the series has no exceptions any more
        before, after = shared_by_all(before), shared_by_all(after)
        return _touched_in_master(before, after) | shape
    days, others = set(before.days), set(after.days)
    come_and_gone = days ^ others
    if (ALL, RECURRENCE, "") in shape:
        come_and_gone &= before.expected_days() & after.expected_days()
    of_days: set[Unit] = set()
    for day in days & others:
        of_days |= _touched(day, before.occurrence(day), after.occurrence(day))
    # The series master may get a change later than its occurrences. So count a change
    # of the master only if it is visible in an occurrence.
    seen = {(name, key) for _day, name, key in of_days}
    of_all = {unit for unit in _touched_in_master(before, after) if unit[1:] in seen}
    gone = {(day, DELETED, "") for day in come_and_gone}
    return frozenset(of_all | shape | of_days | gone)


def _touched_in_master(before: Series, after: Series) -> Units:
    return _touched(ALL, timeless(before.master), timeless(after.master))


def _series_with_units(target: Series, source: Series, units: Units) -> Series:
    by_day: dict[str, set[Unit]] = {}
    for unit in units:
        by_day.setdefault(unit[0], set()).add(unit)
    of_all = by_day.pop(ALL, set())
    shape = {unit for unit in of_all if unit[1] in (TIMES, RECURRENCE)}
    master = _content_with_units(
        target.master, source.master, frozenset(of_all - shape)
    )
    contents, rule = occurrences_after_change(target, master), target.rule
    if shape:
        rule = source.rule if (ALL, RECURRENCE, "") in shape else rule
        times = (source if (ALL, TIMES, "") in shape else target).master.times
        master = replace(master, times=first_times(times, rule))
        contents = changed_series(target, master, rule).contents()
    for day, of_day in by_day.items():
        if (day, DELETED, "") in of_day:
            if day in source.days:
                contents[day] = source.occurrence(day)
            else:
                contents.pop(day, None)
        elif day in contents:
            contents[day] = _content_with_units(
                contents[day], source.occurrence(day), frozenset(of_day)
            )
    return Series.of(master, rule, target.window, contents, target.removed)
