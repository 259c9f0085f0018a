"""Test rules: their equality, their days, and the times of their occurrences."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from time import process_time

import pytest
from dateutil import rrule as ical
from hypothesis import assume, given
from hypothesis import strategies as st
from recurrence_samples import days, first_days, rule, rules, windows

from praetorx_ms365_calendar.engine.recurrence import (
    INDEXES,
    KINDS,
    WEEKDAYS,
    Rule,
    occurrence_days,
)
from praetorx_ms365_calendar.engine.slot_times import slot_day, slot_times
from praetorx_ms365_calendar.engine.snapshot import Times
from praetorx_ms365_calendar.engine.timezones import zone

ICAL_DAYS = (ical.MO, ical.TU, ical.WE, ical.TH, ical.FR, ical.SA, ical.SU)
FOR_EVER = date(9999, 12, 31)


def test_search_for_days_stops_when_there_are_enough():
    daily = Rule(kind="daily", start="2026-03-02")
    first = date(2026, 3, 4)
    found = occurrence_days(daily, first, FOR_EVER, at_most=2)
    assert found == [first, date(2026, 3, 5)]
    assert occurrence_days(daily, first, first, at_most=2) == [first]


def starts(found: Rule, last: str = "2027-12-31", first: str = "1970-01-01"):
    """Return the days of a rule as text."""
    window = date.fromisoformat(first), date.fromisoformat(last)
    return [day.isoformat() for day in occurrence_days(found, *window)]


# --- one form for rules with the same meaning -----------------------------------------


@given(rules())
def test_a_rule_is_read_back_from_json(found):
    again = Rule.from_json(json.loads(json.dumps(found.to_json())))

    assert again == found
    assert again.zone == found.zone


@given(rules(), st.data())
def test_values_that_the_kind_does_not_need_are_ignored(found, data):
    noise = data.draw(rules())
    unneeded = {
        name: getattr(noise, name)
        for name in ("days_of_week", "day_of_month", "month", "index")
        if getattr(found, name) in {None, ()}
    }

    assert replace(found, zone="Asia/Tokyo", **unneeded) == found


@given(rules(endless=True), first_days, windows())
def test_rules_that_differ_in_their_week_alone_are_equal_if_their_days_are(
    found, first_day, window
):
    other = replace(found, first_day_of_week=first_day)
    begin = date.fromisoformat(found.start)
    period = begin, begin + timedelta(weeks=found.interval + 1)

    assert (other == found) is (
        occurrence_days(other, *period) == occurrence_days(found, *period)
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            rule("weekly", "2026-03-02", days="monday friday"),
            rule("weekly", "2026-03-02", days="friday monday friday"),
        ),
        (  # no Sunday: a week that begins on it is the same
            rule("weekly", "2026-03-02", days="monday friday", interval=2),
            rule(
                "weekly",
                "2026-03-02",
                days="monday friday",
                interval=2,
                first_day_of_week="monday",
            ),
        ),
        (
            rule("absoluteMonthly", "2026-03-31", day_of_month=31, interval=24),
            rule("absoluteYearly", "2026-03-31", day_of_month=31, month=3, interval=2),
        ),
        (
            rule("relativeMonthly", "2026-11-26", days="thursday", interval=12),
            rule("relativeYearly", "2026-11-26", days="thursday", month=11),
        ),
        (
            rule("absoluteYearly", "2026-04-30", day_of_month=31, month=4),
            rule("absoluteYearly", "2026-04-30", day_of_month=30, month=4),
        ),
        (
            rule("relativeMonthly", "2026-03-02", days="monday"),
            rule("relativeMonthly", "2026-03-02", days="monday", index="first"),
        ),
    ],
)
def test_rules_of_one_meaning_are_one_value(one, other):
    assert one == other
    assert hash(one) == hash(other)


def test_the_first_day_of_the_week_counts_only_if_it_matters():
    members = {"days": "sunday tuesday", "interval": 2}
    sunday = rule("weekly", "2026-03-03", **members)
    monday = rule("weekly", "2026-03-03", **members, first_day_of_week="monday")

    assert sunday != monday
    assert starts(sunday, "2026-03-31") == ["2026-03-03", "2026-03-15", "2026-03-17",
                                            "2026-03-29", "2026-03-31"]  # fmt: skip
    assert starts(monday, "2026-03-31") == ["2026-03-03", "2026-03-08", "2026-03-17",
                                            "2026-03-22", "2026-03-31"]  # fmt: skip


@pytest.mark.parametrize(
    "members",
    [
        {"kind": "hourly"},
        {"kind": "weekly"},
        {"kind": "weekly", "days_of_week": ("funday",)},
        {"kind": "weekly", "days_of_week": ("monday",), "first_day_of_week": "mo"},
        {"kind": "relativeMonthly", "days_of_week": ()},
        {"kind": "relativeMonthly", "days_of_week": ("monday",), "index": "fifth"},
        {"kind": "relativeYearly", "days_of_week": ("monday",)},
        {"kind": "absoluteMonthly"},
        {"kind": "absoluteMonthly", "day_of_month": 32},
        {"kind": "absoluteYearly", "day_of_month": 1, "month": 13},
        {"interval": 0},
        {"interval": 1_000_000},
        {"kind": "absoluteYearly", "day_of_month": 1, "month": 1, "interval": 1000},
        {"start": "2026-02-30"},
        {"start": "20260228"},
        {"until": "yesterday"},
        {"until": ""},
        {"count": 0},
        {"count": 3, "until": "2026-05-01"},
    ],
)
def test_invalid_values_are_refused(members):
    with pytest.raises(ValueError, match=r".+"):
        Rule(**{"kind": "daily", "start": "2026-03-02"} | members)


# --- days -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (rule("daily", "2026-03-30", interval=3, count=3), "03-30 04-02 04-05"),
        (rule("daily", "2026-03-30", until="2026-04-01"), "03-30 03-31 04-01"),
        (
            rule("weekly", "2026-03-04", days="monday wednesday", count=4),
            "03-04 03-09 03-11 03-16",
        ),
        (  # the start matches no day: the series begins on the first that does
            rule("weekly", "2026-03-04", days="monday", interval=2, count=2),
            "03-16 03-30",
        ),
        (
            rule("absoluteMonthly", "2026-01-31", day_of_month=31, count=5),
            "01-31 02-28 03-31 04-30 05-31",
        ),
        (
            rule("absoluteMonthly", "2026-01-20", day_of_month=15, count=2),
            "02-15 03-15",
        ),
        (
            rule("relativeMonthly", "2026-01-30", days="friday", index="last", count=3),
            "01-30 02-27 03-27",
        ),
        (  # the last working day: one day, not five
            rule(
                "relativeMonthly",
                "2026-01-30",
                days="monday tuesday wednesday thursday friday",
                index="last",
                count=3,
            ),
            "01-30 02-27 03-31",
        ),
        (  # the second day of a weekend, be it a Saturday or a Sunday
            rule(
                "relativeMonthly",
                "2026-01-04",
                days="saturday sunday",
                index="second",
                count=3,
            ),
            "01-04 02-07 03-07",
        ),
        (
            rule("relativeYearly", "2026-11-26", days="thursday", index="fourth",
                 month=11, count=1),
            "11-26",
        ),
    ],
)  # fmt: skip
def test_days_of_each_kind(found, expected):
    assert starts(found) == [f"2026-{day}" for day in expected.split()]


def test_29_february_is_the_28th_in_other_years():
    found = rule("absoluteYearly", "2024-02-29", day_of_month=29, month=2, count=5)

    assert starts(found, "2040-01-01") == [
        "2024-02-29",
        "2025-02-28",
        "2026-02-28",
        "2027-02-28",
        "2028-02-29",
    ]


@given(rules(), windows())
def test_days_are_in_order_inside_of_the_window(found, window):
    listed = occurrence_days(found, *window)

    assert listed == sorted(set(listed))
    assert all(window[0] <= day <= window[1] for day in listed)
    assert all(found.start <= day.isoformat() <= (found.until or "9") for day in listed)


@given(rules(), windows(), st.data())
def test_a_window_has_the_same_days_as_its_parts(found, window, data):
    first, last = window
    middle = data.draw(st.dates(first, last))

    assert occurrence_days(found, first, last) == [
        *occurrence_days(found, first, middle),
        *occurrence_days(found, middle + timedelta(days=1), last),
    ]


@given(rules())
def test_a_count_is_the_number_of_days(found):
    assume(found.count)

    assert len(occurrence_days(found, date.min, FOR_EVER)) == found.count


@given(rules())
def test_the_first_day_is_as_good_a_start(found):
    """Graph moves the start of a series to the first matching day."""
    everything = date.min, date(2040, 1, 1)
    listed = occurrence_days(found, *everything)
    assume(listed)

    moved = replace(found, start=listed[0].isoformat())

    assert occurrence_days(moved, *everything) == listed


def icalendar_days(found: Rule, last: date) -> list[date]:
    """Return the days by iCalendar's rules, if they have the same meaning."""
    begin = date.fromisoformat(found.start)
    named = [ICAL_DAYS[WEEKDAYS.index(name)] for name in found.days_of_week]
    members = {"dtstart": datetime.combine(begin, datetime.min.time())}
    if found.until:
        members["until"] = datetime.fromisoformat(found.until)
    if found.month:
        members["bymonth"] = found.month
    if found.day_of_month:  # of the days up to it, the last one that there is
        members["bymonthday"] = tuple(range(1, found.day_of_month + 1))
        members["bysetpos"] = -1
    elif found.index:
        members["byweekday"] = named
        members["bysetpos"] = (*range(1, 5), -1)[INDEXES.index(found.index)]
    elif named:
        members["byweekday"] = named
        members["wkst"] = WEEKDAYS.index(found.first_day_of_week)
    frequency = {"daily": ical.DAILY, "weekly": ical.WEEKLY}.get(
        found.kind,
        ical.MONTHLY if found.kind.endswith("Monthly") else ical.YEARLY,
    )
    series = ical.rrule(
        frequency, interval=found.interval, count=found.count, **members
    )
    listed = []
    for moment in series:
        if moment.date() > last:
            break
        listed.append(moment.date())
    return listed


@given(rules())
def test_days_are_those_of_an_icalendar_rule(found):
    last = date(2035, 6, 1)

    assert occurrence_days(found, date.min, last) == icalendar_days(found, last)


@pytest.mark.parametrize("kind", KINDS)
def test_days_long_after_the_start_are_found_fast(kind):
    found = Rule(
        kind,
        "1901-01-01",
        days_of_week=("monday",),
        day_of_month=31,
        month=1,
        interval=1,
        count=1_000_000,
    )
    window = date(2026, 1, 1), date(2026, 1, 31)
    begun = process_time()
    for _ in range(100):
        listed = occurrence_days(found, *window)

    assert listed
    assert process_time() - begun < 1  # walking there takes a hundred times as long


def test_no_window_is_endless():
    found = rule("absoluteYearly", "2026-09-01", day_of_month=1, month=9)

    assert occurrence_days(found, date.min, date.max)[-1] == date(4500, 9, 1)


# --- times ----------------------------------------------------------------------------

NINE = Times("2026-01-12T08:00:00", "2026-01-12T09:00:00", zone="Europe/Berlin")


def on(times: Times, day: str) -> tuple[str, str]:
    found = slot_times(times, date.fromisoformat(day))
    return found.start, found.end


def test_the_same_instant_in_another_zone_has_its_own_times():
    """Times with other zones are equal, but the cache must not mix them."""
    in_utc = replace(NINE, zone="UTC")
    assert in_utc == NINE

    assert on(NINE, "2026-07-06") == ("2026-07-06T07:00:00", "2026-07-06T08:00:00")
    assert on(in_utc, "2026-07-06") == ("2026-07-06T08:00:00", "2026-07-06T09:00:00")
    assert slot_times(NINE, slot_day(NINE)).zone == "Europe/Berlin"
    assert slot_times(in_utc, slot_day(in_utc)).zone == "UTC"


def test_nine_o_clock_in_berlin_stays_nine_o_clock():
    assert on(NINE, "2026-03-23") == ("2026-03-23T08:00:00", "2026-03-23T09:00:00")
    assert on(NINE, "2026-03-30") == ("2026-03-30T07:00:00", "2026-03-30T08:00:00")
    assert on(NINE, "2026-10-26") == ("2026-10-26T08:00:00", "2026-10-26T09:00:00")


def test_occurrence_over_a_clock_change_ends_at_the_same_local_time():
    night = Times("2026-03-27T22:00:00", "2026-03-28T05:00:00", zone="Europe/Berlin")

    assert on(night, "2026-03-28") == ("2026-03-28T22:00:00", "2026-03-29T04:00:00")


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("02:15", "03:30", ("01:15", "01:30")),  # skipped to 03:15
        ("02:15", "02:45", ("01:15", "01:45")),  # both skipped
        ("02:30", "03:15", ("01:30", "02:15")),  # it would end before it starts
        ("02:30", "02:30", ("01:30", "01:30")),
    ],
)
def test_skipped_times_are_later(start, end, expected):
    winter = timedelta(hours=1)
    times = Times(
        *(
            (datetime.fromisoformat(f"2026-03-22T{clock}:00") - winter).isoformat()
            for clock in (start, end)
        ),
        zone="Europe/Berlin",
    )

    assert on(times, "2026-03-29") == tuple(f"2026-03-29T{t}:00" for t in expected)


def test_the_first_of_a_repeated_time_is_used():
    times = Times("2026-10-18T00:30:00", "2026-10-18T01:00:00", zone="Europe/Berlin")

    assert on(times, "2026-10-25") == ("2026-10-25T00:30:00", "2026-10-25T02:00:00")


def test_first_occurrence_in_a_repeated_hour_keeps_its_length():
    times = Times("2026-10-25T00:45:00", "2026-10-25T01:15:00", zone="Europe/Berlin")

    assert on(times, "2026-10-26") == ("2026-10-26T01:45:00", "2026-10-26T02:15:00")


def test_all_day_occurrences_are_plain_dates():
    times = Times("2026-03-02", "2026-03-04", all_day=True, zone="Pacific/Kiritimati")

    assert slot_day(times) == date(2026, 3, 2)
    assert on(times, "2026-03-29") == ("2026-03-29", "2026-03-31")


def test_the_day_is_that_of_the_zone():
    times = Times("2026-01-11T23:30:00", "2026-01-12T00:30:00", zone="Europe/Berlin")

    assert slot_day(times) == date(2026, 1, 12)
    assert slot_day(replace(times, zone="America/New_York")) == date(2026, 1, 11)
    assert slot_day(replace(times, zone=None)) == date(2026, 1, 11)


@st.composite
def all_times(draw) -> Times:
    """Return times at any hour, in any zone."""
    begin = draw(
        st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)).map(
            lambda moment: moment.replace(microsecond=0)
        )
    )
    name = draw(
        st.sampled_from(
            ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC", None]
        )
    )
    if draw(st.booleans()):
        last = begin.date() + timedelta(days=draw(st.integers(1, 9)))
        return Times(
            begin.date().isoformat(), last.isoformat(), all_day=True, zone=name
        )
    end = begin + timedelta(minutes=draw(st.integers(0, 3000)))
    return Times(begin.isoformat(), end.isoformat(), zone=name)


@given(all_times(), days)
def test_times_of_a_day_are_on_that_day(times, day):
    """The only exception is a clock change at midnight; these zones have none."""
    found = slot_times(times, day)

    assert slot_day(found) == day
    assert found.zone == times.zone
    assert found.start <= found.end
    assert (found.start == found.end) <= (times.start == times.end)
    assert slot_times(times, slot_day(times)) == times


@given(all_times(), days)
def test_each_occurrence_has_the_same_local_time(times, day):
    assume(not times.all_day)
    rules_of_zone = zone(times.zone or "UTC")

    def shown(utc: str) -> datetime:
        moment = datetime.fromisoformat(utc).replace(tzinfo=timezone.utc)
        return moment.astimezone(rules_of_zone)

    found = slot_times(times, day)
    moments = [shown(t) for t in (times.start, times.end, found.start, found.end)]
    changes = {
        (moment + hours).utcoffset()
        for moment in moments[:2]
        for hours in (timedelta(hours=-3), timedelta(hours=3))
    }
    near = {
        (moment + hours).utcoffset()
        for moment in moments[2:]
        for hours in (timedelta(hours=-3), timedelta(hours=3))
    }
    assume(len(changes) == len(near) == 1)  # no change of clocks close by

    assert moments[2].timetz().replace(tzinfo=None) == moments[0].time()
    assert moments[3].timetz().replace(tzinfo=None) == moments[1].time()
