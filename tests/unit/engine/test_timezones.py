"""Test Windows and IANA names of time zones."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.errors import UnknownTimeZone
from praetorx_ms365_calendar.engine.timezones import (
    iana_to_windows,
    same_zone,
    to_iana,
    windows_to_iana,
    zone,
)
from praetorx_ms365_calendar.engine.windows_zones import READ_ONLY, TABLE

WINDOWS = [line for line in TABLE.splitlines() if not line.startswith(" ")]
IANA = [name for line in TABLE.splitlines() if line[0] == " " for name in line.split()]
#: Not zones: a placeholder, the local zone, and one that Windows never had.
NOT_IN_WINDOWS = {"Factory", "localtime", "Antarctica/Troll"}

UNKNOWN = [
    "",
    "tzone://Microsoft/Custom",
    "Customized Time Zone",
    "Mars/Olympus",
    "Europe",
    "localtime",
    "Factory",
    "posix/Europe/Berlin",
    "../../etc/passwd",
    "/etc/localtime",
    "Europe/Berlin\x00",
    "\ud800",
    "x" * 10_000,
]


@pytest.mark.parametrize(
    ("windows", "iana"),
    [
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("Romance Standard Time", "Europe/Paris"),
        ("GMT Standard Time", "Europe/London"),
        ("Greenwich Standard Time", "Atlantic/Reykjavik"),
        ("Eastern Standard Time", "America/New_York"),
        ("Pacific Standard Time", "America/Los_Angeles"),
        ("India Standard Time", "Asia/Kolkata"),
        ("Tokyo Standard Time", "Asia/Tokyo"),
        ("AUS Eastern Standard Time", "Australia/Sydney"),
        ("FLE Standard Time", "Europe/Kyiv"),
        ("UTC", "UTC"),
    ],
)
def test_zones_have_both_names(windows, iana):
    assert windows_to_iana(windows) == iana
    assert windows_to_iana(windows.lower()) == iana
    assert iana_to_windows(iana) == windows


@pytest.mark.parametrize(
    ("iana", "windows"),
    [
        ("Europe/Vienna", "W. Europe Standard Time"),
        ("Europe/Kiev", "FLE Standard Time"),
        ("Asia/Calcutta", "India Standard Time"),
        ("US/Pacific", "Pacific Standard Time"),
        ("Etc/UTC", "UTC"),
        ("America/Vancouver", "Pacific Standard Time"),
    ],
)
def test_every_place_has_its_zone(iana, windows):
    assert iana_to_windows(iana) == windows


@pytest.mark.parametrize("windows", WINDOWS)
def test_each_main_zone_is_converted_back_to_itself(windows):
    assert iana_to_windows(windows_to_iana(windows)) == windows
    assert zone(windows).key == windows_to_iana(windows)


def test_the_table_is_complete_and_has_no_name_twice():
    assert len(WINDOWS) == len(set(WINDOWS)) == 139
    assert len(IANA) == len(set(IANA))
    assert available_timezones() - set(IANA) <= NOT_IN_WINDOWS
    for name in IANA:
        assert zone(name).key == name


@pytest.mark.parametrize("name", READ_ONLY)
def test_names_newer_than_some_servers_are_read_but_never_sent(name):
    assert windows_to_iana(name) == READ_ONLY[name]
    assert name not in WINDOWS
    assert iana_to_windows(READ_ONLY[name]) in WINDOWS


@pytest.mark.parametrize("name", UNKNOWN)
def test_unknown_names_are_refused(name):
    for lookup in (windows_to_iana, iana_to_windows, to_iana, zone):
        with pytest.raises(UnknownTimeZone):
            lookup(name)


@given(st.text() | st.text(alphabet="./abcEurope"))
def test_any_text_is_a_zone_or_refused(name):
    try:
        assert zone(name).key
    except UnknownTimeZone:
        assert name not in IANA


def test_either_name_becomes_an_iana_name():
    assert to_iana("Romance Standard Time") == "Europe/Paris"
    assert to_iana("Europe/Vienna") == "Europe/Vienna"
    assert to_iana("Antarctica/Troll") == "Antarctica/Troll"


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Europe/Vienna", "W. Europe Standard Time", True),
        ("Europe/Vienna", "Europe/Berlin", True),
        ("Europe/Vienna", "Europe/London", False),
        ("Antarctica/Troll", "Antarctica/Troll", True),
        ("Antarctica/Troll", "UTC", False),
        ("Mars/Olympus", "Mars/Olympus", True),
        ("Mars/Olympus", None, False),
        (None, None, True),
    ],
)
def test_zones_with_one_windows_name_are_the_same(first, second, same):
    assert same_zone(first, second) is same
    assert same_zone(second, first) is same


@pytest.mark.parametrize(
    ("name", "winter", "summer"),
    [("W. Europe Standard Time", 1, 2), ("America/New_York", -5, -4), ("UTC", 0, 0)],
)
def test_zones_have_their_rules(name, winter, summer):
    rules = zone(name)

    assert rules.utcoffset(datetime(2026, 1, 15)) == timedelta(hours=winter)
    assert rules.utcoffset(datetime(2026, 7, 15)) == timedelta(hours=summer)
