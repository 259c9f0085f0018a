"""Merge the two sides of a series against the last agreed base.

These units are merged separately: each shared field, the time of day, the rule, and
each field of each exception. As with single events, each side is compared with its own
base.

A person decides if both sides changed a unit to different values. A person also decides
if a move of the whole series on one side would drop exceptions or deletions that the
other side made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .merge import DELETED, Merge, apply_choices, value_for_odoo
from .plan import plan_incoming, pulls, pushes
from .series import (
    SHARED_FIELDS,
    Series,
    SeriesBase,
    changed_series,
    default_occurrence,
    first_times,
    occurrence_after_change,
    occurrences_after_change,
    rule_key,
    time_of_day,
    timeless,
    times_or_rule_differ,
)
from .series_changes import (
    base_content,
    deleted_days,
    deleted_when_new,
    dropped_fields,
    new_occurrence_after_change,
    own_changes,
    reshaped,
    undoes_edits,
)
from .series_units import ALL, RECURRENCE, TIMES, Choices, SeriesMerge
from .snapshot import Base, Content

_UNITS = {"odoo": "graph", "outlook": "odoo"}


def merge_series(
    base: SeriesBase | None,
    ours: Series,
    theirs: Series,
    *,
    direction: str,
    is_organizer: bool,
    choices: Choices | None = None,
) -> SeriesMerge:
    """Merge the changes of both sides of a series since ``base``.

    :param base: None if we found only now that two series are the same. Odoo then gets
        Graph's days and occurrences
    :param theirs: the merge is limited to the window of this side
    :param choices: a person's choices for the conflicts: ``odoo`` or ``outlook``
    """
    return _SeriesMerger(
        base and base.within(theirs.window),
        ours.within(theirs.window),
        theirs,
        direction=direction,
        is_organizer=is_organizer,
        choices=choices or {},
    ).merge()


class _SeriesMerger:
    """Merge one series; see :func:`merge_series`."""

    def __init__(
        self,
        base: SeriesBase | None,
        ours: Series,
        theirs: Series,
        *,
        direction: str,
        is_organizer: bool,
        choices: Choices,
    ) -> None:
        self.base = base
        self.ours = ours
        self.theirs = theirs
        self.direction = direction
        self.is_organizer = is_organizer
        self.choices = choices
        self.may_write = is_organizer and pushes(direction)
        self.we_moved = base is not None and times_or_rule_differ(base.ours, ours)
        self.they_moved = base is not None and times_or_rule_differ(base.theirs, theirs)
        #: The base for comparing occurrences.
        self.day_base = base
        if (
            base
            and self.we_moved
            and self.they_moved
            and not times_or_rule_differ(ours, theirs)
        ):
            # Both sides moved the series to the same days and times. So apply that move
            # to the base too, and compare the occurrences from there.
            self.day_base = SeriesBase(
                reshaped(base.ours, ours), reshaped(base.theirs, theirs)
            )
            self.we_moved = self.they_moved = False
        self.shared_base = base.shared() if base else None
        self.shared = self._merge_content(
            ALL, self.shared_base, timeless(ours.master), timeless(theirs.master)
        )

    def merge(self) -> SeriesMerge:
        shared, ours = self.shared, timeless(self.ours.master)
        times, rule = self._merge_shape()
        conflicts = self._conflicts_of_all(shared, times, rule)
        shape = self._target_shape(
            value_for_odoo(self.shared_base, ours, shared), times, rule
        )
        gone_here, gone_there, disputed = self._merge_deletions()
        gone_in_graph = gone_there if pulls(self.direction) else frozenset()
        merges: dict[str, Merge] = {}
        contents = self._contents(shape, rule, merges)
        for day in gone_here | gone_in_graph:
            contents.pop(day, None)
        conflicts |= dict.fromkeys(sorted(disputed), frozenset({DELETED}))
        conflicts |= {d: m.conflicts for d, m in merges.items() if m.conflicts}
        target = Series.of(shape.master, shape.rule, shape.window, contents)
        return SeriesMerge(
            shared=shared,
            times=times,
            rule=rule,
            occurrences={day: m for day, m in merges.items() if not m.agreed},
            gone_in_odoo=gone_here if self.may_write else frozenset(),
            gone_in_graph=gone_in_graph,
            kept_alone=self._kept_alone(),
            conflicts=conflicts,
            target=target,
            dropped=dropped_fields(self.theirs, target),
        )

    # ------------------------------------------------------------------
    # The whole series
    # ------------------------------------------------------------------

    def _merge_content(
        self, day: str, base: Base | None, ours: Content, theirs: Content
    ) -> Merge:
        merge = plan_incoming(
            base,
            ours,
            theirs,
            direction=self.direction,
            is_organizer=self.is_organizer,
        )
        return apply_choices(merge, ours, self.choices.get(day, {}))

    def _merge_shape(self) -> tuple[str, str]:
        """Return the sides to write the time of day and the rule to."""
        times = self._merge_unit(TIMES, lambda side: time_of_day(side.master.times))
        rule = self._merge_unit(RECURRENCE, lambda side: rule_key(side.rule))
        chosen = self.choices.get(ALL, {}).get(RECURRENCE)
        if chosen and self._loses_edits():
            # The choice is about the whole move: one side gives both its time of day
            # and its rule to the other.
            times = _UNITS[chosen] if times else ""
            rule = _UNITS[chosen] if rule else ""
        return times, rule

    def _merge_unit(self, name: str, value: Callable[[Series], Any]) -> str:
        """Return the side to write one value of the whole series to.

        :param name: :data:`TIMES` or :data:`RECURRENCE`
        :param value: function to read the value from a series
        :return: ``odoo``, ``graph``, ``withheld``, ``conflict``, or empty for none
        """
        ours, theirs = value(self.ours), value(self.theirs)
        chosen = _UNITS.get(self.choices.get(ALL, {}).get(name, ""), "conflict")
        if self.base is None:
            return "" if ours == theirs else chosen
        we_changed = ours != value(self.base.ours)
        they_changed = theirs != value(self.base.theirs)
        if ours == theirs or not (we_changed or they_changed):
            return ""
        if not self.is_organizer:
            return "odoo" if pulls(self.direction) else "withheld"
        if not pulls(self.direction):
            return "graph" if we_changed else ""
        if not pushes(self.direction):
            return "odoo" if they_changed else "withheld"
        if we_changed and they_changed:
            return chosen
        return "graph" if we_changed else "odoo"

    def _conflicts_of_all(
        self, shared: Merge, times: str, rule: str
    ) -> dict[str, frozenset[str]]:
        whole = set(shared.conflicts)
        whole |= {n for n, u in ((TIMES, times), (RECURRENCE, rule)) if u == "conflict"}
        decided = RECURRENCE in self.choices.get(ALL, {})
        if self._loses_edits() and not decided:
            whole.add(RECURRENCE)
        return {ALL: frozenset(whole)} if whole else {}

    def _loses_edits(self) -> bool:
        """Return True if one side's change of the series would undo the other's edits.

        Exchange drops exceptions when a series moves, and drops occurrences when it
        ends earlier.
        """
        base = self.day_base
        if base is None or not (self.may_write and pulls(self.direction)):
            return False
        ours, theirs = (base.ours, self.ours), (base.theirs, self.theirs)
        return undoes_edits(*ours, *theirs, moved=self.we_moved) or undoes_edits(
            *theirs, *ours, moved=self.they_moved
        )

    def _target_shape(self, shared: Content, times: str, rule: str) -> Series:
        """Return the series that Odoo should have, but without its days."""
        target_rule = self.theirs.rule if rule == "odoo" else self.ours.rule
        of_times = self.theirs if times == "odoo" else self.ours
        master = replace(shared, times=first_times(of_times.master.times, target_rule))
        return Series(master, target_rule, *self.theirs.window, ())

    # ------------------------------------------------------------------
    # Single occurrences
    # ------------------------------------------------------------------

    def _merge_deletions(self) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """Return days deleted in Odoo, days deleted in Graph, and days in conflict."""
        if self.day_base is None or self.we_moved or self.they_moved:
            return frozenset(), frozenset(), frozenset()
        base = self.day_base
        here = deleted_days(base.ours, self.ours)
        here |= deleted_when_new(base.ours, self.ours, self.theirs)
        there = deleted_days(base.theirs, self.theirs)
        there |= deleted_when_new(base.theirs, self.theirs, self.ours)
        if not self.may_write or not pulls(self.direction):
            return here - there, there - here, frozenset()
        disputed = (here & own_changes(self.day_base.theirs, self.theirs)) | (
            there & own_changes(self.day_base.ours, self.ours)
        )
        disputed -= here & there
        decided = {
            day: self.choices[day][DELETED]
            for day in disputed
            if DELETED in self.choices.get(day, {})
        }
        here = here - there - disputed
        there = there - here - disputed
        for day, side in decided.items():
            if side == "odoo" and day in self.theirs.days:
                here |= {day}
            elif side == "outlook" and day in self.ours.days:
                there |= {day}
        return here, there, disputed - decided.keys()

    def _contents(
        self, shape: Series, rule_goes_to: str, merges: dict[str, Merge]
    ) -> dict[str, Content]:
        """Return day -> content for the occurrences in Odoo, before deletions.

        :param shape: the target, without its days
        :param rule_goes_to: the side to write the rule to
        :param merges: the merges of single occurrences are added to this dict
        """
        moves_here, moves_there = (
            times_or_rule_differ(self.ours, shape),
            times_or_rule_differ(self.theirs, shape),
        )
        if moves_here and moves_there:
            return {
                day: default_occurrence(shape.master, day)
                for day in shape.expected_days()
            }
        if moves_here or moves_there:
            mover, other = (self.theirs, "graph") if moves_here else (self.ours, "odoo")
            if rule_goes_to == other:  # the other side also changed the series' end
                return changed_series(mover, shape.master, shape.rule).contents()
            return occurrences_after_change(mover, shape.master)
        winner = self.ours if rule_goes_to == "graph" else self.theirs
        if not pulls(self.direction):
            winner = self.ours
        contents = {day: self.ours.occurrence(day) for day in self._kept_alone()}
        for day in sorted({*winner.days, *self._come_into_the_window(shape)}):
            if self._is_exception(day):
                contents[day] = self._merge_occurrence(day, shape.master, merges)
            else:
                contents[day] = default_occurrence(shape.master, day)
        return contents

    def _come_into_the_window(self, shape: Series) -> frozenset[str]:
        """Return days that only Graph has yet, because the window was narrower before.

        They are not an edit in Outlook. So Odoo gets them even if changes in Outlook
        are not written to Odoo.
        """
        if self.base is None:
            return frozenset()
        first, last = self.base.ours.window
        days = set(self.theirs.days) & shape.expected_days()
        return frozenset(day for day in days if not first <= day <= last)

    def _kept_alone(self) -> frozenset[str]:
        """Return the days that are only in Odoo, as both sides have agreed."""
        if self.is_organizer or self.base is None:
            return frozenset()
        agreed = set(self.base.ours.days) - set(self.base.theirs.days)
        return frozenset(agreed & set(self.ours.days) - set(self.theirs.days))

    def _is_exception(self, day: str) -> bool:
        sides = [self.ours, self.theirs]
        if self.day_base:
            sides += [self.day_base.ours, self.day_base.theirs]
        return any(day in side.exceptions for side in sides)

    def _merge_occurrence(
        self, day: str, master: Content, merges: dict[str, Merge]
    ) -> Content:
        """Return the content of an occurrence for Odoo, and store its merge.

        :param master: content of the series for Odoo. A day that only one side has
            follows it
        """
        ours, theirs = self.ours.occurrence(day), self.theirs.occurrence(day)
        if day not in self.ours.days:
            return occurrence_after_change(theirs, self.theirs.master, master, day)
        if day not in self.theirs.days:
            return new_occurrence_after_change(ours, self.ours.master, master, day)
        # If neither side had this exception before, the agreed value is the series'.
        base = self._base_of_occurrence(day)
        choices = {
            name: self.choices[ALL][name]
            for name in self.choices.get(ALL, {})
            if name in SHARED_FIELDS and self._is_of_series(name, day)
        }
        merge = apply_choices(
            self._merge_content(day, base, ours, theirs), ours, choices
        )
        # An occurrence may inherit a field in conflict from the series. Then drop the
        # conflict here: the series reports it once, or the write of the series to Graph
        # resolves it. Keep it if only Outlook changed the series: neither happens then.
        candidates = merge.conflicts - self.shared.to_odoo
        of_series = {name for name in candidates if self._is_of_series(name, day)}
        merges[day] = replace(merge, conflicts=merge.conflicts - of_series)
        return value_for_odoo(base, ours, merge)

    def _base_of_occurrence(self, day: str) -> Base | None:
        base = self.day_base
        if base is None:
            return None
        return Base(
            base_content(base.ours, self.ours, day),
            base_content(base.theirs, self.theirs, day),
        )

    def _is_of_series(self, name: str, day: str) -> bool:
        """Return True if an occurrence inherits a field on both sides."""
        return name in SHARED_FIELDS and all(
            getattr(side.occurrence(day), name) == getattr(side.master, name)
            for side in (self.ours, self.theirs)
        )
