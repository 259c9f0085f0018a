"""Series of which a part is not read or not taken over: nothing of it is deleted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from content_samples import people
from hypothesis import given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.mapping.graph_series import RemoteSeries
from praetorx_ms365_calendar.engine.recurrence import Rule, slot_times
from praetorx_ms365_calendar.engine.series import Series, SeriesBase, made_of, with_days
from praetorx_ms365_calendar.engine.series_merge import merge_series
from praetorx_ms365_calendar.engine.series_steps import next_step
from praetorx_ms365_calendar.engine.series_unread import with_unread
from praetorx_ms365_calendar.engine.snapshot import Content, RemoteEvent, Times

FIRST = date(2026, 3, 2)
WINDOW = ("2026-02-20", "2026-06-20")
GUESTS = people("a@example.com", "b@example.com", "c@example.com")


def daily(count: int, hour: int = 9) -> Series:
    start, end = (f"{FIRST}T{one:02}:00:00" for one in (hour, hour + 1))
    rule = Rule("daily", FIRST.isoformat(), count=count, zone="Europe/Berlin")
    times = slot_times(Times(start, end, zone="Europe/Berlin"), FIRST)
    return made_of(Content("Standup", times, attendees=GUESTS), rule, WINDOW)


def remote(series: Series, unreadable: dict[str, str]) -> RemoteSeries:
    event = RemoteEvent("S1", "CK1", "seriesMaster", series.master)
    ids = {day: (f"S1.{day}", "CK") for day in series.days}
    return RemoteSeries(event, series, {}, ids, unreadable)


KNOWN = {day: (f"S1.{day}", "CK") for day in daily(6).days}


@given(st.sets(st.integers(0, 5)), st.sets(st.integers(0, 5)))
def test_what_cannot_be_read_stays_and_what_is_deleted_goes(unread, deleted):
    agreed = daily(6)
    days = agreed.days
    gone = {days[n] for n in unread | deleted}
    unreadable = {f"S1.{days[n]}": "broken" for n in unread}
    seen = remote(with_days(agreed, set(days) - gone), unreadable)

    kept = with_unread(seen, agreed, KNOWN)

    assert set(kept.series.days) == set(days) - {days[n] for n in deleted - unread}
    assert kept.ids.keys() == set(kept.series.days)


def test_where_the_day_is_not_known_each_missing_one_stays():
    agreed = daily(6)
    seen = remote(with_days(agreed, agreed.days[:3]), {"another": "broken"})

    assert with_unread(seen, agreed, KNOWN).series == agreed


@given(st.integers(1, 12), st.integers(1, 40))
def test_steps_add_a_bounded_number_until_all_are_there(count, rows_at_once):
    theirs, agreed, steps = daily(count), None, 0
    while agreed != theirs:
        before = agreed
        agreed = next_step(theirs, before, before.days if before else (), rows_at_once)
        added = len(agreed.days) - (len(before.days) if before else 0)
        assert 0 < added <= max(1, rows_at_once // 4)
        steps += 1
    assert steps <= count


def test_a_step_is_no_deletion_on_either_side():
    theirs = daily(6)
    part = next_step(theirs, None, (), 8)

    merge = merge_series(
        SeriesBase(part, part), part, theirs, direction="both", is_organizer=True
    )

    assert merge.target.days == theirs.days
    assert not merge.changes_graph


def test_what_was_agreed_on_and_deleted_in_odoo_is_in_each_step():
    theirs = daily(6)
    agreed = with_days(theirs, theirs.days[:2])

    step = next_step(theirs, agreed, theirs.days[1:2], 4)

    assert step.days == theirs.days[:3]


def test_a_series_that_moves_is_taken_over_at_once():
    assert next_step(daily(6, hour=11), daily(6), daily(6).days, 1).days == (
        daily(6, hour=11).days
    )
    moved = replace(daily(6), rule=replace(daily(6).rule, interval=2))
    assert next_step(moved, daily(6), daily(6).days, 1) is moved
