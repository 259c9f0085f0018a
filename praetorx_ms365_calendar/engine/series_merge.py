"""Three-way merge of a series, and the writes that follow from it.

Units are: each field that occurrences share, the time of day, the rule, and each field
of each occurrence that is an exception. As with single events each side is compared
with its own past; a unit that both changed to different values needs a person, and so
does what one side would lose by the other's moving the whole series.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .merge import DELETED, Merge, settle, value_for_odoo
from .plan import plan_incoming, pulls, pushes
from .series import (
    SHARED_FIELDS,
    Series,
    SeriesBase,
    changed_series,
    clock,
    first_times,
    inherited,
    moves,
    own_fields,
    pattern,
    rule_days,
    rule_key,
    same_shape,
    timeless,
)
from .snapshot import Base, Content

#: The rule, where names of fields stand: in conflicts, logs and writes.
RECURRENCE = "recurrence"
#: Start and end by the clock, likewise.
TIMES = "times"
#: The whole series, where days of occurrences stand.
ALL = ""


@dataclass(frozen=True, slots=True)
class SeriesMerge:
    """What a three-way merge of a series found.

    :param shared: of the fields that occurrences share
    :param times: where the time of day has to be written: ``odoo``, ``graph``, or
        nowhere; ``withheld`` is a change of Odoo that must not be sent now
    :param rule: the same for the rule
    :param occurrences: day -> merge of an occurrence that is an exception on a side
    :param gone_in_odoo: days that were deleted in Odoo: to be deleted in Graph
    :param gone_in_graph: days that were deleted in Graph: to be deleted in Odoo
    :param kept_alone: days that Odoo keeps though they have left this mailbox: its
        owner has declined them, of somebody else's series
    :param conflicts: day -> disputed fields; :data:`ALL` stands for the whole series
    :param target: what Odoo should hold
    """

    shared: Merge
    times: str
    rule: str
    occurrences: Mapping[str, Merge]
    gone_in_odoo: frozenset[str]
    gone_in_graph: frozenset[str]
    kept_alone: frozenset[str]
    conflicts: Mapping[str, frozenset[str]]
    target: Series

    @property
    def changes_graph(self) -> bool:
        """Whether something has to be written to Graph."""
        return bool(
            "graph" in (self.times, self.rule)
            or self.shared.to_graph
            or self.gone_in_odoo
            or any(merge.to_graph for merge in self.occurrences.values())
        )


#: Day (or :data:`ALL`) -> disputed field -> the side that a person has chosen.
Choices = Mapping[str, Mapping[str, str]]
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
    """Merge what changed since ``base`` on either side.

    :param base: None for two series that were only now found to be the same: of days
        and single occurrences Graph's are taken
    :param theirs: its window is the one that counts
    :param choices: what a person has decided of the conflicts; ``odoo`` or ``outlook``
    """
    return _SeriesMerger(
        base and base.within(theirs.window),
        ours.within(theirs.window),
        theirs,
        direction,
        is_organizer,
        choices or {},
    ).merge()


def choose_all(conflicts: Mapping[str, frozenset[str]], side: str) -> Choices:
    """Return choices that decide every conflict for one side."""
    return {day: dict.fromkeys(sorted(names), side) for day, names in conflicts.items()}


class _SeriesMerger:
    """Merges one series; its methods are the units."""

    def __init__(
        self,
        base: SeriesBase | None,
        ours: Series,
        theirs: Series,
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
        self.we_moved = base is not None and moves(base.ours, ours)
        self.they_moved = base is not None and moves(base.theirs, theirs)
        #: What occurrences are compared with.
        self.day_base = base
        if base and self.we_moved and self.they_moved and not moves(ours, theirs):
            # Both moved it to the same place, and go on from there.
            self.day_base = SeriesBase(
                _reshaped(base.ours, ours), _reshaped(base.theirs, theirs)
            )
            self.we_moved = self.they_moved = False
        self.shared_base = base and base.shared()
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
        merges: dict[str, Merge] = {}
        contents = self._contents(shape, rule, merges)
        for day in gone_here | gone_there:
            contents.pop(day, None)
        conflicts |= dict.fromkeys(sorted(disputed), frozenset({DELETED}))
        conflicts |= {d: m.conflicts for d, m in merges.items() if m.conflicts}
        return SeriesMerge(
            shared=shared,
            times=times,
            rule=rule,
            occurrences={day: m for day, m in merges.items() if not m.agreed},
            gone_in_odoo=gone_here if self.may_write else frozenset(),
            gone_in_graph=gone_there if pulls(self.direction) else frozenset(),
            kept_alone=self._kept_alone(),
            conflicts=conflicts,
            target=Series.of(shape.master, shape.rule, shape.window, contents),
        )

    # ------------------------------------------------------------------
    # What the whole series has
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
        return settle(merge, ours, self.choices.get(day, {}))

    def _merge_shape(self) -> tuple[str, str]:
        """Return where the time of day has to be written, and where the rule."""
        times = self._merge_unit(TIMES, lambda side: clock(side.master.times))
        rule = self._merge_unit(RECURRENCE, lambda side: rule_key(side.rule))
        chosen = self.choices.get(ALL, {}).get(RECURRENCE)
        if chosen and self._loses_edits():
            # Whose series it is to be: all that moved it goes there, or comes back.
            times = _UNITS[chosen] if times else ""
            rule = _UNITS[chosen] if rule else ""
        return times, rule

    def _merge_unit(self, name: str, value: Callable[[Series], Any]) -> str:
        """Return where a value of the whole series has to be written.

        :return: ``odoo``, ``graph``, ``withheld``, ``conflict``, or empty
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
        """Tell whether a change of the whole series would undo edits of occurrences.

        Exchange drops what single occurrences have of their own when a series moves,
        and occurrences themselves when it ends earlier.
        """
        base = self.day_base
        if base is None or not (self.may_write and pulls(self.direction)):
            return False
        return _undoes(
            self.we_moved, base.ours, self.ours, base.theirs, self.theirs
        ) or _undoes(self.they_moved, base.theirs, self.theirs, base.ours, self.ours)

    def _target_shape(self, shared: Content, times: str, rule: str) -> Series:
        """Return the series that Odoo should hold, still without its days."""
        target_rule = self.theirs.rule if rule == "odoo" else self.ours.rule
        of_times = self.theirs if times == "odoo" else self.ours
        master = replace(shared, times=first_times(of_times.master.times, target_rule))
        return Series(master, target_rule, *self.theirs.window, ())

    # ------------------------------------------------------------------
    # What single occurrences have
    # ------------------------------------------------------------------

    def _merge_deletions(self) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """Return days deleted in Odoo, days deleted in Graph, and disputed ones."""
        if self.day_base is None or self.we_moved or self.they_moved:
            return frozenset(), frozenset(), frozenset()
        base = self.day_base
        here = deleted_days(base.ours, self.ours)
        here |= _deleted_when_new(base.ours, self.ours, self.theirs)
        there = deleted_days(base.theirs, self.theirs)
        there |= _deleted_when_new(base.theirs, self.theirs, self.ours)
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
        """Return day -> content of what Odoo should hold, deletions left aside.

        :param shape: the target, without its days
        :param merges: is filled with those of single occurrences
        """
        moves_here, moves_there = moves(self.ours, shape), moves(self.theirs, shape)
        if moves_here and moves_there:
            return {day: pattern(shape.master, day) for day in shape.expected_days()}
        if moves_here or moves_there:
            mover, other = (self.theirs, "graph") if moves_here else (self.ours, "odoo")
            if rule_goes_to == other:  # the other side has given it another end
                return changed_series(mover, shape.master, shape.rule).contents()
            return inherited(mover, shape.master)
        winner = self.ours if rule_goes_to == "graph" else self.theirs
        if not pulls(self.direction):
            winner = self.ours
        contents = {day: self.ours.occurrence(day) for day in self._kept_alone()}
        for day in sorted({*winner.days, *self._come_into_the_window(shape)}):
            if self._is_exception(day):
                contents[day] = self._merge_occurrence(day, merges)
            else:
                contents[day] = pattern(shape.master, day)
        return contents

    def _come_into_the_window(self, shape: Series) -> frozenset[str]:
        """Return days of the rule that only Graph has yet: the window was narrower.

        They are no edit of Outlook's: also who does not read from there gets them.
        """
        if self.base is None:
            return frozenset()
        first, last = self.base.ours.window
        days = set(self.theirs.days) & shape.expected_days()
        return frozenset(day for day in days if not first <= day <= last)

    def _kept_alone(self) -> frozenset[str]:
        """Return the days that both sides have agreed to be in Odoo only."""
        if self.is_organizer or self.base is None:
            return frozenset()
        agreed = set(self.base.ours.days) - set(self.base.theirs.days)
        return frozenset(agreed & set(self.ours.days) - set(self.theirs.days))

    def _is_exception(self, day: str) -> bool:
        sides = [self.ours, self.theirs]
        if self.day_base:
            sides += [self.day_base.ours, self.day_base.theirs]
        return any(day in side.exceptions for side in sides)

    def _merge_occurrence(self, day: str, merges: dict[str, Merge]) -> Content:
        """Return what Odoo should hold of an occurrence."""
        ours, theirs = self.ours.occurrence(day), self.theirs.occurrence(day)
        if day not in self.ours.days:
            return theirs
        if day not in self.theirs.days:
            return ours
        # One that neither had was agreed to be as its series.
        base = self.day_base and self._base_of_occurrence(day)
        of_series = {
            name: self.choices[ALL][name]
            for name in self.choices.get(ALL, {})
            if name in SHARED_FIELDS and self._is_of_series(name, day)
        }
        merge = settle(self._merge_content(day, base, ours, theirs), ours, of_series)
        # What follows from the series is said there, once; or its write brings it.
        # Where only Outlook's series has changed, neither happens.
        quiet = merge.conflicts - self.shared.to_odoo
        said = {name for name in quiet if self._is_of_series(name, day)}
        merges[day] = replace(merge, conflicts=merge.conflicts - said)
        return value_for_odoo(base, ours, merge)

    def _base_of_occurrence(self, day: str) -> Base:
        return Base(
            _set_apart(self.day_base.ours, self.ours, day),
            _set_apart(self.day_base.theirs, self.theirs, day),
        )

    def _is_of_series(self, name: str, day: str) -> bool:
        """Tell whether both sides have a field of an occurrence from the series."""
        return name in SHARED_FIELDS and all(
            getattr(side.occurrence(day), name) == getattr(side.master, name)
            for side in (self.ours, self.theirs)
        )


def left_by_declining(
    base: SeriesBase, theirs: Series, declined: Collection[str]
) -> SeriesBase:
    """Return the base of an attendee's copy, without what its owner has declined.

    Outlook throws a declined occurrence away: that is no deletion of the meeting.

    :param theirs: the copy now
    :param declined: days of the occurrences that the owner has declined in Odoo
    """
    left = set(declined) & set(base.theirs.days) - set(theirs.days)
    contents = {d: c for d, c in base.theirs.contents().items() if d not in left}
    before = base.theirs
    return SeriesBase(
        base.ours, Series.of(before.master, before.rule, before.window, contents)
    )


def _set_apart(before: Series, after: Series, day: str) -> Content:
    """Return what an occurrence is compared with.

    Where its series got another value and it did not, somebody has given it the old
    one: that is an edit, though nothing about it has changed.
    """
    content, now = before.occurrence(day), after.occurrence(day)
    apart = own_fields(after, day).keys() - own_fields(before, day).keys()
    kept = apart & SHARED_FIELDS - now.changed_fields(content)
    return content.with_fields(kept, after.master)


def _undoes(
    moved: bool, before: Series, after: Series, other_before: Series, other: Series
) -> bool:
    """Tell whether a change of the series undoes the other side's of occurrences."""
    if not moved and rule_key(before.rule) == rule_key(after.rule):
        return False
    edited = own_changes(other_before, other)
    return bool(edited if moved else edited & set(other.days) - after.expected_days())


def _reshaped(series: Series, like: Series) -> Series:
    master = replace(series.master, times=like.master.times)
    return changed_series(series, master, like.rule)


def deleted_days(before: Series, after: Series) -> frozenset[str]:
    """Return the days that somebody deleted one by one, and that no rule took away."""
    missing = set(before.days) - set(after.days)
    if missing and after.removed is not None:
        missing &= after.removed
    return frozenset(missing & after.expected_days()) if missing else frozenset()


def _deleted_when_new(before: Series, after: Series, other: Series) -> frozenset[str]:
    """Return the deleted days that were not there at the last agreement.

    Without a record of deletions: those that came with a new rule which both sides
    have. A day that only came into the window was there on neither side. A single event
    that has become a series has its other days still to come.
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
    """Return the days whose occurrence was changed or deleted by itself."""
    if not same_shape(before, after):
        before = _reshaped(before, after)
    common = set(before.days) & set(after.days)
    changed = {
        day
        for day in common & {*before.exceptions, *after.exceptions}
        if own_fields(before, day) != own_fields(after, day)
    }
    # Days that are there again, or came with a longer rule, and were changed then.
    changed |= set(after.exceptions) - set(before.days)
    return frozenset(changed) | deleted_days(before, after)
