"""Plan the next write and the next base from the merge of a series.

Graph gets one write at a time, and we read the series after each. A change of the whole
series is written first, because it may drop exceptions. Then single occurrences are
written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from .merge import DELETED, confirm_sent, next_base
from .plan import writable_fields
from .recorded_names import sendable
from .recurrence import Rule
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
    rule_key_without_end,
    same_shape,
    time_of_day,
    timeless,
    times_or_rule_differ,
    with_days,
)
from .series_edits import shaped_as, with_fields_of, with_occurrence, without_occurrence
from .series_merge import merge_series
from .series_people import known_people, people_agreed
from .series_units import ALL, RECURRENCE, TIMES, SeriesMerge
from .snapshot import CONTENT_FIELDS, Base, Content


@dataclass(frozen=True, slots=True)
class SeriesWrite:
    """One write to Graph: of the series, or of one occurrence.

    :param day: day of the occurrence, or :data:`ALL`
    :param fields: names of the fields to write; empty to delete the occurrence
    :param content: content with the values to write
    :param rule: rule of the series
    :param after: the base after this write; it is known for the next write only
    """

    day: str
    fields: frozenset[str]
    content: Content
    rule: Rule
    after: SeriesBase

    @property
    def is_delete(self) -> bool:
        """True if the write deletes an occurrence."""
        return not self.fields


def next_write(
    base: SeriesBase,
    ours: Series,
    *,
    is_organizer: bool,
    invites: bool = True,
    recorded: frozenset[str] | None = None,
) -> SeriesWrite | None:
    """Return the next write that sends Odoo's edits to Graph, None if there is none.

    We assume that Graph still has ``base.theirs``. ``If-Match`` makes the write fail if
    that is wrong.

    :param invites: whether attendees may be added in Graph, which mails them
    :param recorded: names that a person edited, None for all. Other fields are not sent
        (docs/laws.md, law 15)
    """
    writes = planned_writes(
        base, ours, is_organizer=is_organizer, invites=invites, recorded=recorded
    )
    return next(writes, None)


def planned_writes(
    base: SeriesBase,
    ours: Series,
    *,
    is_organizer: bool,
    invites: bool = True,
    recorded: frozenset[str] | None = None,
) -> Iterator[SeriesWrite]:
    """Yield all writes that send Odoo's edits to Graph, the next one first.

    Only the next one may be sent: after it, the series is read and planned again. The
    others show how many mails follow. See :func:`next_write`.
    """
    if not invites:
        known = SeriesBase(known_people(base.ours, base.theirs), base.theirs)
        writes = planned_writes(
            known,
            known_people(ours, base.theirs),
            is_organizer=is_organizer,
            recorded=recorded,
        )
        for write in islice(writes, 1):
            yield replace(write, after=with_people_agreed(write.after, ours))
        yield from writes
        return
    ours = ours.within(base.theirs.window)
    may_write = writable_fields(is_organizer=is_organizer)
    merge = _merge_to_send(base, ours, is_organizer=is_organizer)
    is_next = True
    names = merge.shared.to_graph & may_write
    names |= {TIMES} if merge.times == "graph" else set()
    names |= {RECURRENCE} if merge.rule == "graph" else set()
    if names := sendable(frozenset(names), recorded):
        write = _write_of_series(base, ours, merge, names)
        yield write
        base, is_next = write.after, False
        merge = _merge_to_send(base, ours, is_organizer=is_organizer)
    later = [
        (day, names, of_day.content)
        for day, of_day in sorted(merge.occurrences.items())
        if (names := sendable(of_day.to_graph & may_write, recorded))
    ]
    if sendable(frozenset({DELETED}), recorded):
        gone = sorted(merge.gone_in_odoo)
        later += [(day, frozenset(), base.theirs.master) for day in gone]
    for day, names, merged in later:
        content = base.theirs.occurrence(day).with_fields(names, merged)
        write = SeriesWrite(day, names, content, base.theirs.rule, base)
        yield _with_base_after(write, base, ours) if is_next else write
        is_next = False


def _merge_to_send(
    base: SeriesBase, ours: Series, *, is_organizer: bool
) -> SeriesMerge:
    return merge_series(
        base, ours, base.theirs, direction="both", is_organizer=is_organizer
    )


def with_people_agreed(base: SeriesBase, ours: Series) -> SeriesBase:
    """Return the base after a decision that some attendees are in Odoo only."""
    return SeriesBase(people_agreed(base.ours, ours), base.theirs)


def _write_of_series(
    base: SeriesBase, ours: Series, merge: SeriesMerge, names: frozenset[str]
) -> SeriesWrite:
    shared = names & SHARED_FIELDS
    rule = ours.rule if RECURRENCE in names else base.theirs.rule
    times = ours if TIMES in names else base.theirs
    content = replace(
        base.theirs.master.with_fields(shared, merge.shared.content),
        times=first_times(times.master.times, rule),
    )
    our_rule = rule if RECURRENCE in names else base.ours.rule
    our_times = ours if TIMES in names else base.ours
    our_master = replace(
        base.ours.master.with_fields(shared, ours.master),
        times=first_times(our_times.master.times, our_rule),
    )
    after = SeriesBase(
        changed_series(base.ours, our_master, our_rule),
        changed_series(base.theirs, content, rule),
    )
    return SeriesWrite(ALL, names, content, rule, after)


def _with_base_after(write: SeriesWrite, base: SeriesBase, ours: Series) -> SeriesWrite:
    """Return the write with the base after it, which is slow for long series."""
    day, sides = write.day, (base.ours, base.theirs)
    if write.is_delete:
        after = SeriesBase(*(without_occurrence(side, day) for side in sides))
    else:
        known = base.occurrence(day).ours
        agreed = known.with_fields(write.fields, ours.occurrence(day))
        after = SeriesBase(
            with_occurrence(base.ours, day, agreed),
            with_occurrence(base.theirs, day, write.content),
        )
    return replace(write, after=after)


# ----------------------------------------------------------------------
# The new base
# ----------------------------------------------------------------------

#: Results of a merge of times or rule: Odoo has a change that Graph does not have yet.
_PENDING = frozenset({"graph", "withheld"})


def agreed_base(
    base: SeriesBase | None, ours: Series, theirs: Series, merge: SeriesMerge
) -> SeriesBase:
    """Return the new agreed base after ``merge.target`` has been written to Odoo.

    Edits in Odoo that are not sent yet stay visible as edits.

    :param ours: Odoo's side, read again after the write
    """
    base = base.within(theirs.window) if base else None
    ours = ours.within(theirs.window)
    shared = next_base(
        base.shared() if base else None,
        timeless(ours.master),
        timeless(theirs.master),
        merge.shared,
    )
    rule = theirs.rule if merge.rule in _PENDING else ours.rule
    times = theirs if merge.times in _PENDING else ours
    master = replace(shared.ours, times=first_times(times.master.times, rule))
    if times_or_rule_differ(Series(master, rule, *theirs.window, ()), ours):
        # When the series moves, exceptions are dropped.
        contents = occurrences_after_change(theirs, master)
    else:
        sides = [ours, theirs, *((base.ours, base.theirs) if base else ())]
        merged_alone = frozenset().union(*(side.exceptions for side in sides))
        # Days that are only in Odoo have no agreed base, so that edits of them stay
        # visible as edits.
        pending = merge.shared.to_graph | merge.shared.withheld
        contents = {
            day: _as_agreed(ours, theirs, master, day, pending)
            if day in merged_alone
            else default_occurrence(master, day)
            for day in set(ours.days) & set(theirs.days)
        }
        for day, of_day in merge.occurrences.items():
            if day in contents and of_day.to_graph | of_day.withheld:
                contents[day] = next_base(
                    base.occurrence(day) if base else None,
                    ours.occurrence(day),
                    theirs.occurrence(day),
                    of_day,
                ).ours
        for day in merge.kept_alone & set(ours.days):
            contents[day] = ours.occurrence(day)
        cut_off = set(theirs.exceptions) - ours.expected_days()
        for day in merge.gone_in_odoo | (cut_off if merge.rule in _PENDING else set()):
            # If the occurrence is restored in Odoo, it will be compared with Graph's.
            contents[day] = occurrence_after_change(
                theirs.occurrence(day), theirs.master, master, day
            )
    return SeriesBase(Series.of(master, rule, theirs.window, contents), theirs)


def _as_agreed(
    ours: Series, theirs: Series, master: Content, day: str, pending: frozenset[str]
) -> Content:
    """Return Odoo's side of the base for an occurrence that is an exception.

    It may inherit a field from the series on both sides. If the edit of that field is
    not sent yet for the series, it counts as not sent for the occurrence too.

    :param master: Odoo's side of the base for the series
    :param pending: fields of the series with an edit in Odoo that is not sent yet
    """
    content = ours.occurrence(day)
    own = content.changed_fields(default_occurrence(ours.master, day))
    own |= theirs.occurrence(day).changed_fields(default_occurrence(theirs.master, day))
    return content.with_fields(pending - own, default_occurrence(master, day))


def confirm_series(base: SeriesBase, sent: SeriesBase, theirs: Series) -> SeriesBase:
    """Return the base after a write to Graph without a response.

    If Graph has a sent value, that value has arrived. For all other values the result
    is unknown.

    Times and rule are sent in one write. If Graph shows only one of them as sent, there
    are two possible reasons. Outlook has changed the other one since then, or both
    sides made the same change by chance. In both cases the other one differs on both
    sides from its base, so that a person decides.

    :param base: the base before the write
    :param sent: the base that a successful response would have given
    :param theirs: Graph's side now
    """
    base, sent = base.within(theirs.window), sent.within(theirs.window)
    shared = confirm_sent(base.shared(), sent.shared(), timeless(theirs.master))
    was_sent = not same_shape(sent.theirs, base.theirs)
    arrived = was_sent and _has_arrived(base.theirs, sent.theirs, theirs)
    known = base
    if arrived:
        known = SeriesBase(_ours_confirmed(base, sent, theirs), sent.theirs)
    masters = Base(
        replace(shared.ours, times=known.ours.master.times),
        replace(shared.theirs, times=known.theirs.master.times),
    )
    ours_by_day = occurrences_after_change(known.ours, masters.ours)
    theirs_by_day = occurrences_after_change(known.theirs, masters.theirs)
    if not was_sent:
        for day in set(base.theirs.days) - set(sent.theirs.days):
            if day not in theirs.days:  # the deletion has arrived
                ours_by_day.pop(day, None)
                theirs_by_day.pop(day, None)
        unseen = _fields_not_arrived(base.theirs, sent.theirs, theirs)
        for day in sent.theirs.exceptions:
            if day in ours_by_day and day in theirs_by_day and day in theirs.days:
                before, after = base.occurrence(day), sent.occurrence(day)
                after = Base(
                    after.ours.with_fields(unseen, before.ours),
                    after.theirs.with_fields(unseen, before.theirs),
                )
                confirmed = confirm_sent(before, after, theirs.occurrence(day))
                ours_by_day[day] = confirmed.ours
                theirs_by_day[day] = confirmed.theirs
    window = theirs.window
    return SeriesBase(
        Series.of(masters.ours, known.ours.rule, window, ours_by_day),
        Series.of(masters.theirs, known.theirs.rule, window, theirs_by_day),
    )


def base_with_shape_undone(base: SeriesBase, ours: Series) -> SeriesBase:
    """Return a base that makes Graph's days, times and rule win over Odoo's.

    In this base, both sides have Odoo's present days, times and rule. So the merge sees
    Graph's different values as changes in Graph. All other edits in Odoo stay edits.

    :param ours: Odoo's side now
    """
    ours = ours.within(base.theirs.window)
    return SeriesBase(shaped_as(base.ours, ours), shaped_as(base.theirs, ours))


def base_with_edit_undone(
    base: SeriesBase, ours: Series, names: frozenset[str]
) -> SeriesBase:
    """Return a base that makes Graph win in all fields that an edit in Odoo changed.

    :param ours: Odoo's side now
    :param names: the changed fields, from :func:`.authority.changed_in_series`
    """
    ours = ours.within(base.theirs.window)
    if names & {TIMES, RECURRENCE, DELETED}:
        base = base_with_shape_undone(base, ours)
    names &= frozenset(CONTENT_FIELDS)
    return SeriesBase(
        with_fields_of(base.ours, ours, names),
        with_fields_of(base.theirs, ours, names),
    )


def base_without_days(base: SeriesBase, days: Collection[str]) -> SeriesBase:
    """Return the base of a series without some days.

    The occurrences of these days are now separate events in Odoo.
    """
    ours, theirs = (
        with_days(side, set(side.days) - set(days)) for side in (base.ours, base.theirs)
    )
    return SeriesBase(ours, theirs)


def _ours_confirmed(base: SeriesBase, sent: SeriesBase, theirs: Series) -> Series:
    """Return Odoo's side of the base with those sent times or rule that Graph shows."""
    has_times = time_of_day(sent.theirs.master.times) == time_of_day(
        theirs.master.times
    )
    has_rule = rule_key(sent.theirs.rule) == rule_key(theirs.rule)
    if has_times and has_rule:
        return sent.ours
    rule = (sent if has_rule else base).ours.rule
    times = (sent if has_times else base).ours.master.times
    master = replace(sent.ours.master, times=first_times(times, rule))
    return changed_series(base.ours, master, rule)


def _fields_not_arrived(before: Series, sent: Series, now: Series) -> frozenset[str]:
    """Return the shared fields that were sent for the series but have not arrived.

    If an occurrence has such a value, it is not from our write.
    """
    written = sent.master.changed_fields(before.master)
    return (written - now.master.changed_fields(before.master)) & SHARED_FIELDS


def _has_arrived(before: Series, sent: Series, now: Series) -> bool:
    """Return True if the write of times and rule has arrived.

    One of the two may have been changed again since then.
    """
    if (
        time_of_day(before.master.times)
        != time_of_day(sent.master.times)
        == time_of_day(now.master.times)
    ):
        return True
    if rule_key_without_end(before.rule) != rule_key_without_end(sent.rule):
        return rule_key_without_end(sent.rule) == rule_key_without_end(now.rule)
    return rule_key(before.rule) != rule_key(sent.rule) == rule_key(now.rule)
