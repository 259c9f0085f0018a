"""Test reading series from Graph: the days and times of their occurrences."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from recurrence_samples import rules
from series_samples import UID, ZONES, GraphSeries, without

from praetorx_ms365_calendar.engine.mapping.global_id import (
    dated_uid,
    occurrence_id_day,
    series_uid,
    uid_day,
)
from praetorx_ms365_calendar.engine.mapping.graph_series import (
    MASTER_FIELDS,
    RemoteSeries,
    read_series,
)
from praetorx_ms365_calendar.engine.mapping.graph_times import write_series_times
from praetorx_ms365_calendar.engine.recurrence import Rule, occurrence_days

NAMES = ("occurrenceId", "iCalUId")
ALL_WAYS = ("originalStart", *NAMES)
CUSTOM = "tzone://Microsoft/Custom"
WINDOW = (date(2025, 10, 1), date(2027, 4, 1))
clocks = st.none() | st.sampled_from(
    [time(0, 0), time(0, 30), time(2, 30), time(10, 0), time(17, 0), time(23, 45)]
)


def read(
    series: GraphSeries, instances: list[dict[str, Any]], *, zone: str | None = None
) -> RemoteSeries:
    """Read a series; its master lists all instances of type ``exception``."""
    changed = [one for one in instances if one["type"] == "exception"]
    window = (WINDOW[0].isoformat(), WINDOW[1].isoformat())
    return read_series(series.master(*changed), instances, window, mailbox_zone=zone)


def days(remote: RemoteSeries) -> list[str]:
    """Return the days of the existing occurrences."""
    return list(remote.series.days)


def weekly(zone: str, start: str = "2026-12-07", **members: Any) -> Rule:
    """Return a weekly rule on Mondays."""
    return Rule("weekly", start, days_of_week=("monday",), zone=zone, **members)


@st.composite
def known_series(draw) -> GraphSeries:
    """Return a series that starts on a day of its pattern, in any zone."""
    rule = draw(rules(starts=st.dates(date(2025, 10, 1), date(2026, 12, 31))))
    start = date.fromisoformat(rule.start)
    found = occurrence_days(rule, start, start + timedelta(days=366 * 25))
    if not found:
        rule = Rule("daily", rule.start, count=5)
        found = [start]
    zone = draw(st.sampled_from(ZONES))
    rule = Rule.from_json(rule.to_json() | {"start": str(found[0]), "zone": zone})
    series = GraphSeries(rule, draw(clocks))
    # The first occurrence shows the time of day, so it must not be skipped.
    assume(series.clock is None or not series.is_skipped(found[0]))
    return series


@given(known_series(), st.data())
def test_each_occurrence_is_on_its_day(series: GraphSeries, data: Any) -> None:
    expected = occurrence_days(series.rule, *WINDOW)[:40]
    kept = [day for day in expected if data.draw(st.booleans())]
    instances = [without(series.occurrence(day), *NAMES) for day in kept]
    remote = read(series, instances)
    assert days(remote) == [day.isoformat() for day in kept]
    assert not remote.series.exceptions


@given(known_series(), st.data())
def test_each_exception_replaces_its_occurrence(series: GraphSeries, data: Any) -> None:
    expected = occurrence_days(series.rule, *WINDOW)[:20]
    way = data.draw(st.sampled_from(ALL_WAYS))
    others = [name for name in ALL_WAYS if name != way]
    moved, instances = [], []
    for day in expected:
        if data.draw(st.booleans()):
            moved.append(day.isoformat())
            to = day + timedelta(days=data.draw(st.integers(-3, 40)))
            instances.append(without(series.exception(day, to), *others))
        elif data.draw(st.booleans()):
            instances.append(series.occurrence(day))
    remote = read(series, data.draw(st.permutations(instances)))
    assert sorted(remote.exceptions) == moved


@given(st.sampled_from(ZONES), st.integers(1, 3), st.data())
def test_original_start_without_a_zone_is_read_too(
    zone: str, interval: int, data: Any
) -> None:
    rule = Rule("daily", "2026-02-01", interval=interval, count=60, zone=zone)
    series = GraphSeries(rule)
    expected = occurrence_days(rule, *WINDOW)
    day = data.draw(st.sampled_from(expected))
    exception = series.exception(day, day, originalStart=f"{day}T00:00:00Z")
    remote = read(series, [without(exception, *NAMES)])
    assert days(remote) == [day.isoformat()]


@given(st.sampled_from(ZONES), st.data())
def test_midnight_of_an_unnamed_zone_is_read_too(zone: str, data: Any) -> None:
    rule = Rule("daily", "2026-02-01", count=90, zone=zone)
    series = GraphSeries(rule, rule_zone="")
    day = data.draw(st.sampled_from(occurrence_days(rule, *WINDOW)))
    remote = read(series, [without(series.exception(day, day), *NAMES)])
    assert days(remote) == [day.isoformat()]


def test_moved_occurrence_without_a_known_day_is_refused() -> None:
    # Personal accounts: moved from Monday to Friday, close to the next Monday.
    series = GraphSeries(weekly("Europe/Berlin", count=4), time(10))
    first, second, third = (date(2026, 12, 7 + 7 * number) for number in range(3))
    moved = series.exception(second, date(2026, 12, 18), originalStart=None)
    instances = [
        without(moved, *NAMES),
        series.occurrence(first),
        series.occurrence(third),
    ]
    remote = read(series, instances)
    assert list(remote.exceptions) == ["2026-12-14"]
    assert days(remote) == ["2026-12-07", "2026-12-14", "2026-12-21"]


def test_list_of_instances_has_more_than_the_master() -> None:
    series = GraphSeries(weekly("Europe/Berlin", count=4), time(10))
    day, friday = date(2026, 12, 14), date(2026, 12, 18)
    exception = series.exception(day, friday)
    listed = series.master(exception)
    del listed["exceptionOccurrences"][0]["originalStart"]
    instance = without(exception, "subject", *NAMES)
    window = ("2026-12-01", "2026-12-31")
    remote = read_series(listed, [instance], window)
    assert list(remote.exceptions) == ["2026-12-14"]
    assert remote.series.exceptions["2026-12-14"].subject == "Moved"


def test_original_start_is_selected_of_exceptions() -> None:
    assert "originalStart" in MASTER_FIELDS.split(",")


def test_series_has_the_zone_of_its_rule() -> None:
    # A Monday evening in Seattle, made by a client that thinks in UTC.
    rule = weekly("America/Los_Angeles", start="2026-03-02", count=3)
    series = GraphSeries(rule, time(17), start_zone="UTC")
    expected = occurrence_days(rule, *WINDOW)
    remote = read(series, [series.occurrence(day) for day in expected])
    assert days(remote) == ["2026-03-02", "2026-03-09", "2026-03-16"]
    starts = [one.times.start for one in remote.series.contents().values()]
    assert starts == [
        "2026-03-03T01:00:00",
        "2026-03-10T00:00:00",
        "2026-03-17T00:00:00",
    ]
    assert not remote.series.exceptions
    written = write_series_times(remote.series.master.times, remote.series.rule.zone)
    assert written["start"]["timeZone"] == "Pacific Standard Time"


@pytest.mark.parametrize("rule_zone", ["", CUSTOM])
@pytest.mark.parametrize("start_zone", ["", CUSTOM, "UTC", "Tokyo Standard Time"])
@pytest.mark.parametrize("time_of_day", [time(0, 30), time(10), time(23, 30)])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Tokyo"])
def test_zone_without_a_name_is_found(
    rule_zone: str, start_zone: str, time_of_day: time, zone: str
) -> None:
    rule = Rule("daily", "2026-03-02", count=60, zone=zone)
    series = GraphSeries(rule, time_of_day, rule_zone=rule_zone, start_zone=start_zone)
    expected = occurrence_days(rule, *WINDOW)
    moved = expected[40]
    instances = [series.occurrence(day) for day in expected if day != moved]
    instances.append(series.exception(moved, moved + timedelta(days=3)))
    instances = [without(one, *NAMES) for one in instances]
    for mailbox_zone in (zone, "Europe/Berlin"):
        remote = read(series, instances, zone=mailbox_zone)
        assert days(remote) == [day.isoformat() for day in expected]
        assert list(remote.series.exceptions) == [moved.isoformat()]


def test_times_of_an_instance_count_if_they_differ_from_the_pattern() -> None:
    series = GraphSeries(weekly("Europe/Berlin", count=2), time(10))
    first, second = date(2026, 12, 7), date(2026, 12, 14)
    odd = series.occurrence(second)
    for name in ("start", "end"):
        moment = datetime.fromisoformat(odd[name]["dateTime"][:19])
        odd[name]["dateTime"] = (moment + timedelta(hours=1)).isoformat()
    remote = read(series, [series.occurrence(first), odd])
    assert days(remote) == ["2026-12-07", "2026-12-14"]
    assert remote.series.occurrence("2026-12-14").times.start == "2026-12-14T10:00:00"
    assert remote.series.occurrence("2026-12-07").times.start == "2026-12-07T09:00:00"


def test_night_in_which_the_clocks_go_back_makes_no_exception() -> None:
    # In Cairo, 23:00 to 24:00 comes twice: the end keeps its local time.
    series = GraphSeries(
        Rule("daily", "2025-10-18", count=30, zone="Africa/Cairo"), time(23, 45)
    )
    expected = occurrence_days(series.rule, *WINDOW)
    remote = read(series, [series.occurrence(day) for day in expected])
    assert not remote.series.exceptions
    times = remote.series.occurrence("2025-10-30").times
    assert (times.start, times.end) == ("2025-10-30T20:45:00", "2025-10-30T22:45:00")


@pytest.mark.parametrize("time_of_day", [None, time(9, 30)])
def test_birthday_without_a_year_is_a_normal_series(time_of_day: time | None) -> None:
    rule = Rule(
        "absoluteYearly", "1604-05-12", day_of_month=12, month=5, zone="Europe/Berlin"
    )
    series = GraphSeries(rule, time_of_day)
    master = series.master()
    if time_of_day:  # Graph knows no local mean time
        master["start"]["dateTime"] = "1604-05-12T08:30:00"
        master["end"]["dateTime"] = "1604-05-12T09:30:00"
    day = date(2026, 5, 12)
    window = ("2026-01-01", "2026-12-31")
    remote = read_series(master, [series.occurrence(day)], window)
    assert days(remote) == ["2026-05-12"]
    assert not remote.series.exceptions
    if time_of_day:
        start = remote.series.occurrence("2026-05-12").times.start
        assert start == "2026-05-12T07:30:00"


def test_series_until_far_ahead() -> None:
    rule = Rule("daily", "2026-12-07", until="2300-01-01", zone="Europe/Berlin")
    series = GraphSeries(rule)
    remote = read(series, [series.occurrence(date(2026, 12, 8))])
    assert days(remote) == ["2026-12-08"]
    assert remote.series.rule.until == "2300-01-01"


@pytest.mark.parametrize("zone", ZONES)
def test_all_day_series_is_written_in_the_zone_of_its_rule(zone: str) -> None:
    series = GraphSeries(Rule("daily", "2026-12-07", count=3, zone=zone))
    remote = read(series, [series.occurrence(date(2026, 12, 8))])
    assert remote.series.rule.zone == zone
    assert remote.series.occurrence("2026-12-08").times.zone == zone


def test_all_day_copy_without_a_zone_has_that_of_the_mailbox() -> None:
    rule = Rule("daily", "2026-12-07", count=3, zone="Asia/Tokyo")
    series = GraphSeries(rule, rule_zone="", start_zone="UTC")
    day = date(2026, 12, 8)
    remote = read(series, [series.occurrence(day)], zone="Europe/Berlin")
    assert remote.series.rule.zone == "Europe/Berlin"
    assert days(remote) == ["2026-12-08"]


# -- ids that hold a date --------------------------------------------------------


@given(st.dates(date(1601, 1, 1), date(4500, 1, 1)))
def test_date_in_an_id_can_be_put_in_and_taken_out(day: date) -> None:
    dated = dated_uid(UID, day)
    assert uid_day(dated) == day
    assert series_uid(dated) == UID
    assert uid_day(UID) is None
    assert series_uid(dated.lower()) == UID.lower()


@pytest.mark.parametrize(
    "uid", ["", "abc@example.test", UID[:40], UID.replace("0", "x")]
)
def test_ids_of_others_are_left_alone(uid: str) -> None:
    assert series_uid(uid) == uid
    assert uid_day(uid) is None
    assert dated_uid(uid, date(2026, 12, 14)) == uid


def test_date_in_an_occurrence_id() -> None:
    assert occurrence_id_day("OID.AAk.A-b_c=.2026-12-14") == date(2026, 12, 14)
    for text in ("", "OID.AAk", "OID.AAk.2026-13-14", "AAk.2026-12-14"):
        assert occurrence_id_day(text) is None
