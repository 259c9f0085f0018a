"""Test that a part of a series that is not read or not written yet is not deleted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from content_samples import people
from hypothesis import example, given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.mapping.graph_series import RemoteSeries
from praetorx_ms365_calendar.engine.recurrence import Rule
from praetorx_ms365_calendar.engine.series import (
    Series,
    SeriesBase,
    series_without_exceptions,
    with_days,
)
from praetorx_ms365_calendar.engine.series_merge import merge_series
from praetorx_ms365_calendar.engine.series_steps import next_step
from praetorx_ms365_calendar.engine.series_unread import with_unread
from praetorx_ms365_calendar.engine.slot_times import slot_times
from praetorx_ms365_calendar.engine.snapshot import (
    Attendee,
    Content,
    RemoteEvent,
    Times,
)

FIRST = date(2026, 3, 2)
WINDOW = ("2026-02-20", "2026-06-20")
GUESTS = people("a@example.com", "b@example.com", "c@example.com")


def daily(count: int, hour: int = 9) -> Series:
    start, end = (f"{FIRST}T{one:02}:00:00" for one in (hour, hour + 1))
    rule = Rule("daily", FIRST.isoformat(), count=count, zone="Europe/Berlin")
    times = slot_times(Times(start, end, zone="Europe/Berlin"), FIRST)
    return series_without_exceptions(
        Content("Standup", times, attendees=GUESTS), rule, WINDOW
    )


def remote(series: Series, unreadable: dict[str, str]) -> RemoteSeries:
    event = RemoteEvent("S1", "CK1", "seriesMaster", series.master)
    ids = {day: (f"S1.{day}", "CK") for day in series.days}
    return RemoteSeries(event, series, {}, ids, unreadable)


KNOWN = {day: (f"S1.{day}", "CK") for day in daily(6).days}


@given(st.sets(st.integers(0, 5)), st.sets(st.integers(0, 5)))
def test_unreadable_occurrence_stays_and_deleted_one_is_removed(unread, deleted):
    agreed = daily(6)
    days = agreed.days
    gone = {days[n] for n in unread | deleted}
    unreadable = {f"S1.{days[n]}": "broken" for n in unread}
    seen = remote(with_days(agreed, set(days) - gone), unreadable)

    kept = with_unread(seen, agreed, KNOWN)

    assert set(kept.series.days) == set(days) - {days[n] for n in deleted - unread}
    assert kept.ids.keys() == set(kept.series.days)


def test_all_missing_days_stay_if_the_day_is_unknown():
    agreed = daily(6)
    seen = remote(with_days(agreed, agreed.days[:3]), {"another": "broken"})

    assert with_unread(seen, agreed, KNOWN).series == agreed


@given(st.integers(1, 12), st.integers(1, 40))
def test_steps_add_a_limited_number_until_all_are_there(count, rows_at_once):
    theirs, agreed, steps = daily(count), None, 0
    while agreed != theirs:
        before = agreed
        agreed = next_step(theirs, before, before, rows_at_once)
        added = len(agreed.days) - (len(before.days) if before else 0)
        assert 0 < added <= max(1, rows_at_once // 4)
        steps += 1
    assert steps <= count


def test_a_step_is_no_deletion_on_either_side():
    theirs = daily(6)
    part = next_step(theirs, None, None, 8)

    merge = merge_series(
        SeriesBase(part, part), part, theirs, direction="both", is_organizer=True
    )

    assert merge.target.days == theirs.days
    assert not merge.changes_graph


def test_agreed_day_deleted_in_odoo_is_in_each_step():
    theirs = daily(6)
    agreed = with_days(theirs, theirs.days[:2])

    step = next_step(theirs, agreed, with_days(theirs, theirs.days[1:2]), 4)

    assert step.days == theirs.days[:3]


def test_a_series_that_moves_keeps_its_rows_in_one_step():
    later = daily(6, hour=11)
    assert next_step(later, daily(6), daily(6), 1).days == later.days
    moved = replace(daily(6), rule=replace(daily(6).rule, interval=2))
    assert next_step(moved, daily(6), daily(6), 1) is moved


def test_a_series_that_moves_gets_its_new_dates_in_steps():
    agreed = with_days(daily(30), daily(30).days[::2])
    agreed = replace(agreed, rule=replace(agreed.rule, interval=2))
    theirs = daily(30)

    step = next_step(theirs, agreed, agreed, 8)

    assert step.rule == theirs.rule
    assert set(agreed.days) <= set(step.days)
    assert len(step.days) == len(agreed.days) + 2


# --- guests -----------------------------------------------------------------------


def with_guests(series: Series, *names: str, own: dict[int, tuple[str, ...]]) -> Series:
    """Return a series with these attendees; ``own`` is for exceptions."""
    master = replace(series.master, attendees=guests_named(names))
    contents = {
        day: replace(
            series.occurrence(day), attendees=guests_named(own.get(number, names))
        )
        for number, day in enumerate(series.days)
    }
    return series.having(master, contents)


def guests_named(names: tuple[str, ...]) -> tuple[Attendee, ...]:
    return people(*(f"{name}@example.com" for name in sorted(names)))


def rows_changed(before: Series, after: Series) -> int:
    """Return the number of attendees added or removed on days of both series."""
    return sum(
        len(
            set(before.occurrence(day).attendees) ^ set(after.occurrence(day).attendees)
        )
        for day in set(before.days) & set(after.days)
    )


NAMES = st.sets(st.sampled_from("abcdefghijkl")).map(tuple)
OWN = st.dictionaries(st.integers(0, 7), NAMES, max_size=4)


@given(NAMES, OWN, NAMES, OWN, st.integers(1, 40), st.booleans())
@example((), {0: tuple("abefghijcd")}, tuple("abcdef"), {}, 39, False)
def test_attendees_change_in_limited_steps_until_all_are_there(
    old, own_before, new, own_after, rows_at_once, moved
):
    agreed = with_guests(daily(8), *old, own=own_before)
    theirs = with_guests(daily(8, hour=11 if moved else 9), *new, own=own_after)
    steps = 0
    while agreed != theirs:
        step = next_step(theirs, agreed, agreed, rows_at_once)
        rows = rows_changed(agreed, step)
        # At least one attendee changes on all days, or all attendees on one own day.
        assert rows <= max(rows_at_once, 8, 24)
        assert step.days == theirs.days
        merge = merge_series(
            SeriesBase(agreed, agreed),
            agreed,
            step,
            direction="both",
            is_organizer=True,
        )
        assert not merge.changes_graph
        assert not merge.conflicts
        assert merge.target.contents() == step.contents()
        agreed, steps = step, steps + 1
    assert steps <= 1 + 12 + 8


def test_many_attendees_come_in_steps_equal_on_each_day():
    agreed = with_guests(daily(6), "a", own={})
    theirs = with_guests(daily(6), *"bcdef", own={})

    step = next_step(theirs, agreed, agreed, 13)

    assert step.master.attendees == guests_named(("b",)), "one left, one came"
    assert not step.exceptions


@given(st.integers(0, 5), st.integers(0, 5))
def test_only_an_edit_between_two_steps_is_sent(gone, steps):
    agreed = with_guests(daily(6), "a", "b", own={})
    theirs = with_guests(daily(6), *"cdefgh", own={})
    for _step in range(steps):
        agreed = next_step(theirs, agreed, agreed, 6)
    mine = {day: replace(c, subject="Mine") for day, c in agreed.contents().items()}
    del mine[agreed.days[gone]]
    ours = agreed.having(replace(agreed.master, subject="Mine"), mine)
    ours = replace(ours, removed=frozenset({agreed.days[gone]}))

    merge = merge_series(
        SeriesBase(agreed, agreed), ours, theirs, direction="both", is_organizer=True
    )

    assert not merge.conflicts
    assert merge.shared.to_graph == {"subject"}
    assert merge.gone_in_odoo == {agreed.days[gone]}
    assert {c.attendees for c in merge.target.contents().values()} == {
        theirs.master.attendees
    }


def test_attendees_that_odoo_has_need_no_step():
    agreed = with_guests(daily(6), "a", own={})
    both = with_guests(daily(6), *"abcdef", own={})

    assert next_step(both, agreed, both, 1) is both


def test_attendees_come_in_steps_even_without_a_base():
    ours = with_guests(daily(6), "a", own={})
    theirs = with_guests(daily(6), *"abc", own={})

    assert next_step(theirs, None, ours, 6).master.attendees == guests_named(("a", "b"))
