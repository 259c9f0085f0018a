"""Test reading series from unusual responses: parts are missing or cannot be read."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from mapping_samples import graph_event
from unit.engine.series_samples import MASTER_ID, GraphSeries, without

from praetorx_ms365_calendar.engine.errors import BadRemoteEvent
from praetorx_ms365_calendar.engine.mapping.graph_days import nearest_day
from praetorx_ms365_calendar.engine.mapping.graph_series import (
    read_master,
    read_series,
    unread_exceptions,
)
from praetorx_ms365_calendar.engine.recurrence import Rule

WINDOW = ("2026-01-01", "2026-12-31")
FIRST = date(2026, 12, 7)
DAYS = [FIRST + timedelta(weeks=number) for number in range(3)]
SERIES = GraphSeries(
    Rule(
        "weekly",
        FIRST.isoformat(),
        days_of_week=("monday",),
        count=3,
        zone="Europe/Berlin",
    ),
    time(10),
)


def days(remote):
    """Return the days of the existing occurrences."""
    return list(remote.series.days)


def instances(**changes):
    """Return the list of instances; ``changes`` are members of the second one."""
    listed = [SERIES.occurrence(day) for day in DAYS]
    listed[1] |= changes
    return listed


def test_event_without_recurrence_is_a_series_of_one():
    event = graph_event(type="singleInstance")
    remote = read_series(event, [], ("2020-01-01", "2020-01-02"))
    [day] = days(remote)
    assert remote.series.window == ("2020-01-01", day)
    assert remote.ids == {day: (event["id"], event["changeKey"])}
    assert remote.series.occurrence(day) == remote.master.content
    assert (remote.series.rule.count, remote.exceptions) == (1, {})


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({**SERIES.occurrence(FIRST), "id": "A"}, "no series"),  # without content
        ({"id": "A", "@removed": {"reason": "deleted"}}, "no series"),
        (graph_event(type="occurrence"), "no series"),
        (graph_event(type="exception"), "no series"),
        (graph_event(type="seriesMaster"), "recurrence is missing"),
    ],
)
def test_other_events_are_no_master(event, reason):
    with pytest.raises(BadRemoteEvent, match=reason) as caught:
        read_master(event)
    assert caught.value.remote_id == event["id"]


def test_cancelled_occurrence_does_not_exist():
    remote = read_series(SERIES.master(), instances(isCancelled=True), WINDOW)
    assert days(remote) == [DAYS[0].isoformat(), DAYS[2].isoformat()]


def test_occurrences_outside_the_window_are_left_out():
    window = (DAYS[1].isoformat(), DAYS[1].isoformat())
    remote = read_series(SERIES.master(), instances(), window)
    assert days(remote) == [DAYS[1].isoformat()]


def test_removed_entry_among_the_instances_is_no_occurrence():
    entry = {"id": "A", "@removed": {"reason": "deleted"}}
    remote = read_series(SERIES.master(), [*instances(), entry], WINDOW)
    assert days(remote) == [day.isoformat() for day in DAYS]
    assert not remote.unreadable


@pytest.mark.parametrize(
    ("broken", "name"),
    [({"id": "B"}, "B"), ({"id": 5}, "#0"), ({}, "#0"), ({"id": ""}, "#0")],
)
def test_occurrence_that_cannot_be_read_is_named_and_left_out(broken, name):
    broken = {**without(SERIES.occurrence(DAYS[1]), "id"), "type": "odd", **broken}
    listed = [SERIES.occurrence(DAYS[0]), broken, SERIES.occurrence(DAYS[2])]
    remote = read_series(SERIES.master(), listed, WINDOW)
    assert days(remote) == [DAYS[0].isoformat(), DAYS[2].isoformat()]
    assert list(remote.unreadable) == [name]


def test_exception_that_cannot_be_read_hides_its_instance():
    """Its content is unknown: that of the series would be wrong."""
    exception = SERIES.exception(DAYS[1], DAYS[1])
    master = SERIES.master(exception)
    master["exceptionOccurrences"][0]["start"] = "tomorrow"
    listed = [SERIES.occurrence(DAYS[0]), exception, SERIES.occurrence(DAYS[2])]
    remote = read_series(master, listed, WINDOW)
    assert days(remote) == [DAYS[0].isoformat(), DAYS[2].isoformat()]
    assert list(remote.unreadable) == [exception["id"]]


def test_removed_exception_of_the_master_is_not_read():
    master = SERIES.master()
    master["exceptionOccurrences"] = [{"id": "A", "@removed": {"reason": "deleted"}}]
    remote = read_series(master, instances(), WINDOW)
    assert (len(days(remote)), remote.exceptions, remote.unreadable) == (3, {}, {})


def test_exception_that_only_the_list_has_keeps_its_times():
    moved = SERIES.exception(DAYS[1], DAYS[1] + timedelta(days=2))
    listed = [SERIES.occurrence(DAYS[0]), moved, SERIES.occurrence(DAYS[2])]
    remote = read_series(SERIES.master(), listed, WINDOW)
    content = remote.series.occurrence(DAYS[1].isoformat())
    assert content.times.start == "2026-12-16T09:00:00"
    assert content.subject == "Series"
    assert not remote.exceptions


def test_series_of_long_ago_without_a_read_occurrence_keeps_its_time():
    rule = Rule("daily", "1604-05-12", zone="Europe/Berlin")
    series = GraphSeries(rule, time(9, 30))
    remote = read_series(series.master(), [], WINDOW)
    assert days(remote) == []
    assert remote.series.master.times.zone == "Europe/Berlin"


@pytest.mark.parametrize(
    ("known", "cancelled", "unread"),
    [
        ({}, [], ["listed"]),
        ({"missing": "2026-12-14"}, [], ["listed", "missing"]),
        ({"missing": ""}, [], ["listed", "missing"]),
        ({"missing": "2026-12-14"}, [f"OID.{MASTER_ID}.2026-12-14"], ["listed"]),
        ({"listed": "2026-12-14", "full": "2026-12-21"}, [], ["listed"]),
    ],
)
def test_exceptions_that_graph_leaves_out_are_read_one_by_one(known, cancelled, unread):
    master = {
        "exceptionOccurrences": [{"id": "full"}],
        "cancelledOccurrences": cancelled,
    }
    listed = [
        {"id": "plain", "type": "occurrence"},
        {"id": "listed", "type": "exception"},
        {"id": "full", "type": "exception"},
    ]
    assert unread_exceptions(master, listed, known) == unread


def test_day_that_no_rule_has_is_taken_as_it_is():
    rule = Rule("daily", "2026-12-07", count=1)
    taken = {date(2026, 12, 7)}
    assert nearest_day(date(2026, 12, 9), rule) == date(2026, 12, 7)
    assert nearest_day(date(2026, 12, 9), rule, taken) == date(2026, 12, 9)
    rare = Rule("absoluteYearly", "2026-12-07", interval=5, day_of_month=7, month=12)
    assert nearest_day(date(2029, 12, 9), rare) == date(2031, 12, 7)


def test_days_at_the_end_of_the_calendar_are_taken_as_they_are():
    rule = Rule("daily", "2026-12-07", count=1)
    assert nearest_day(date.max, rule) == date.max
    assert nearest_day(date.min, rule) == date.min
