"""Test reading and writing ``patternedRecurrence``, also against the simulator."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurrence_samples import rule, rules, windows

from graph_simulator.recurrence import Recurrence, parse_recurrence
from graph_simulator.zones import Moment
from praetorx_ms365_calendar.engine.errors import BadRemoteEvent
from praetorx_ms365_calendar.engine.mapping.graph_recurrence import (
    read_rule,
    write_rule,
)
from praetorx_ms365_calendar.engine.mapping.untrusted_json import UntrustedJson
from praetorx_ms365_calendar.engine.recurrence import KINDS, Rule, occurrence_days
from praetorx_ms365_calendar.engine.timezones import same_zone

BERLIN = "Europe/Berlin"
#: As in Graph's responses: all members, even those that the type does not need.
WEEKLY = {
    "pattern": {
        "type": "weekly",
        "interval": 1,
        "month": 0,
        "dayOfMonth": 0,
        "daysOfWeek": ["monday"],
        "firstDayOfWeek": "sunday",
        "index": "first",
    },
    "range": {
        "type": "endDate",
        "startDate": "2026-08-03",
        "endDate": "2026-10-05",
        "recurrenceTimeZone": "W. Europe Standard Time",
        "numberOfOccurrences": 0,
    },
}
ENDLESS = {"type": "noEnd", "endDate": "0001-01-01", "numberOfOccurrences": 0}


def read(pattern=(), bounds=(), zone=None) -> Rule:
    """Read the weekly pattern with other members."""
    return read_rule(
        UntrustedJson(
            {
                "pattern": WEEKLY["pattern"] | dict(pattern),
                "range": WEEKLY["range"] | dict(bounds),
            },
            "id-1",
        ),
        zone,
    )


def test_only_the_members_of_the_type_are_read():
    expected = rule("weekly", "2026-08-03", days="monday", until="2026-10-05")

    assert read() == expected
    assert read().zone == BERLIN


@pytest.mark.parametrize(
    ("pattern", "bounds", "expected"),
    [
        (
            {"type": "daily", "interval": 3},
            ENDLESS,
            rule("daily", "2026-08-03", interval=3),
        ),
        (
            {"daysOfWeek": ["Friday", "monday"], "firstDayOfWeek": None},
            ENDLESS,
            rule("weekly", "2026-08-03", days="monday friday"),
        ),
        (
            {"type": "absoluteMonthly", "dayOfMonth": 31, "daysOfWeek": None},
            {"type": "numbered", "numberOfOccurrences": 4, "endDate": "0001-01-01"},
            rule("absoluteMonthly", "2026-08-03", day_of_month=31, count=4),
        ),
        (
            {"type": "relativeMonthly", "index": "last"},
            ENDLESS,
            rule("relativeMonthly", "2026-08-03", days="monday", index="last"),
        ),
        (
            {"type": "absoluteYearly", "month": 8, "dayOfMonth": 3},
            ENDLESS,
            rule("absoluteYearly", "2026-08-03", day_of_month=3, month=8),
        ),
        (
            {"type": "relativeYearly", "month": 8, "index": None},
            ENDLESS,
            rule("relativeYearly", "2026-08-03", days="monday", month=8),
        ),
    ],
)  # fmt: skip
def test_each_type_is_read(pattern, bounds, expected):
    assert read(pattern, bounds) == expected


@pytest.mark.parametrize(
    ("name", "zone", "expected"),
    [
        ("W. Europe Standard Time", "Europe/Vienna", "Europe/Vienna"),
        ("W. Europe Standard Time", "Asia/Tokyo", BERLIN),
        ("Europe/Vienna", None, "Europe/Vienna"),
        ("tzone://Microsoft/Custom", "Asia/Tokyo", "Asia/Tokyo"),
        ("", "Asia/Tokyo", "Asia/Tokyo"),
        (None, None, None),
    ],
)
def test_the_zone_is_the_ranges_own_unless_the_event_knows_better(name, zone, expected):
    assert read(bounds={"recurrenceTimeZone": name}, zone=zone).zone == expected


@pytest.mark.parametrize(
    ("pattern", "bounds", "reason"),
    [
        ({"type": "hourly"}, {}, "unknown type"),
        ({"type": None}, {}, "unknown type"),
        ({"type": 3}, {}, "type is a int"),
        ({"interval": 0}, {}, "no interval"),
        ({"interval": None}, {}, "no interval"),
        ({"interval": True}, {}, "interval"),
        ({"daysOfWeek": []}, {}, "no days of the week"),
        ({"daysOfWeek": ["funday"]}, {}, "unknown day of the week"),
        ({"daysOfWeek": "monday"}, {}, "daysOfWeek is a str"),
        ({"firstDayOfWeek": "day"}, {}, "first day of the week"),
        ({"type": "absoluteMonthly"}, {}, "no day of the month"),
        ({"type": "absoluteYearly", "dayOfMonth": 1}, {}, "no month"),
        ({"type": "relativeMonthly", "index": "fifth"}, {}, "unknown index"),
        ({}, {"type": "forever"}, "range of an unknown type"),
        ({}, {"startDate": None}, "startDate"),
        ({}, {"startDate": "2026-08-03T00:00:00"}, "startDate"),
        ({}, {"startDate": "20260803"}, "startDate"),
        ({}, {"startDate": "0001-01-01"}, "in the year 1"),
        ({}, {"endDate": "0001-01-01"}, "ends before it starts"),
        ({}, {"endDate": "2026-02-30"}, "endDate"),
        ({}, {"type": "numbered"}, "no occurrences"),
    ],
)
def test_invalid_pattern_has_a_reason(pattern, bounds, reason):
    with pytest.raises(BadRemoteEvent, match=reason) as caught:
        read(pattern, bounds)

    assert caught.value.remote_id == "id-1"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text("ab0-é\0", max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "interval"]), inner, max_size=2)
    ),
    max_leaves=4,
)
WORDS = JSON | st.sampled_from(
    [*KINDS, "monday", "sunday", "noEnd", "endDate", "numbered", "last", 1, 12, 31,
     "2026-02-28", "9999-12-31", ["monday"], ["sunday", "friday"]]
)  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(list(WEEKLY["pattern"])), WORDS),
    st.dictionaries(st.sampled_from(list(WEEKLY["range"])), WORDS),
)
def test_anything_is_a_rule_or_a_bad_event(pattern, bounds):
    try:
        found = read(pattern, bounds)
    except BadRemoteEvent:
        return
    assert Rule.from_json(found.to_json()) == found
    occurrence_days(found, date(2026, 1, 1), date(2027, 1, 1))


@given(JSON, JSON)
def test_missing_object_is_a_bad_event(pattern, bounds):
    with pytest.raises(BadRemoteEvent):
        read_rule(UntrustedJson({"pattern": pattern, "range": bounds}), None)


# --- writing --------------------------------------------------------------------------


@given(rules(), st.sampled_from([None, "Europe/Vienna", "Asia/Tokyo"]))
def test_written_rule_is_read_back(found, zone):
    again = read_rule(UntrustedJson(write_rule(found, zone)), zone)

    assert again == found
    assert same_zone(again.zone, found.zone or zone)


@pytest.mark.parametrize(
    ("found", "pattern"),
    [
        (rule("daily", "2026-03-02", interval=2), {"type": "daily", "interval": 2}),
        (
            rule("weekly", "2026-03-02", days="friday monday"),
            {
                "type": "weekly",
                "interval": 1,
                "daysOfWeek": ["monday", "friday"],
                "firstDayOfWeek": "sunday",
            },
        ),
        (
            rule("absoluteMonthly", "2026-03-31", day_of_month=31),
            {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 31},
        ),
        (
            rule("relativeMonthly", "2026-03-02", days="monday"),
            {
                "type": "relativeMonthly",
                "interval": 1,
                "daysOfWeek": ["monday"],
                "index": "first",
            },
        ),
        (
            rule("absoluteYearly", "2026-03-02", day_of_month=2, month=3),
            {"type": "absoluteYearly", "interval": 1, "dayOfMonth": 2, "month": 3},
        ),
        (
            rule("relativeYearly", "2026-03-02", days="monday", month=3),
            {
                "type": "relativeYearly",
                "interval": 1,
                "daysOfWeek": ["monday"],
                "index": "first",
                "month": 3,
            },
        ),
    ],
)
def test_each_type_is_written_with_its_members(found, pattern):
    written = write_rule(found, BERLIN)

    assert list(written) == ["pattern", "range"]  # Graph refuses the other order
    assert written["pattern"] == pattern
    assert written["range"] == {
        "type": "noEnd",
        "startDate": found.start,
        "recurrenceTimeZone": "W. Europe Standard Time",
    }


@pytest.mark.parametrize(
    ("end", "members"),
    [
        ({"until": "2026-05-01"}, {"type": "endDate", "endDate": "2026-05-01"}),
        ({"count": 7}, {"type": "numbered", "numberOfOccurrences": 7}),
    ],
)
def test_each_end_is_written_with_its_members(end, members):
    written = write_rule(rule("daily", "2026-03-02", **end), None)

    assert written["range"] == {"startDate": "2026-03-02", **members}


@pytest.mark.parametrize(
    ("own", "zone", "windows"),
    [
        ("Asia/Kolkata", BERLIN, "India Standard Time"),
        ("Antarctica/Troll", BERLIN, "W. Europe Standard Time"),
        (None, BERLIN, "W. Europe Standard Time"),
        ("Antarctica/Troll", None, None),
    ],
)
def test_the_zone_is_written_with_its_windows_name(own, zone, windows):
    written = write_rule(rule("daily", "2026-03-02", zone=own), zone)

    assert written["range"].get("recurrenceTimeZone") == windows


# --- beside the simulator, which was written apart ------------------------------------


def simulated(found: Rule) -> Recurrence:
    start = Moment(datetime.fromisoformat(found.start), BERLIN)
    return parse_recurrence(write_rule(found, None), start)


@given(rules(), windows())
def test_the_simulator_has_the_same_days(found, window):
    first, last = window
    listed = occurrence_days(found, date.fromisoformat(found.start), date(2060, 1, 1))
    if not listed:
        return  # Exchange refuses it

    assert list(simulated(found).dates_between(first, last)) == occurrence_days(
        found, first, last
    )


@given(rules())
def test_the_simulators_response_is_the_same_rule(found):
    begin = date.fromisoformat(found.start)
    listed = occurrence_days(found, begin, begin + timedelta(days=12_000))
    if not listed:
        return

    answer = read_rule(UntrustedJson(simulated(found).to_graph()), None)

    assert answer == replace(found, start=listed[0].isoformat())
