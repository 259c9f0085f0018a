"""Test the times that are written to Graph."""

from __future__ import annotations

import pytest

from praetorx_ms365_calendar.engine.mapping.graph_times import (
    write_series_times,
    write_times,
)
from praetorx_ms365_calendar.engine.snapshot import Times


def written(times, *zones, write=write_times):
    """Return start, end and zone as they are written."""
    payload = write(times, *zones)
    start, end = payload["start"], payload["end"]
    assert start["timeZone"] == end["timeZone"]
    return start["dateTime"], end["dateTime"], start["timeZone"]


@pytest.mark.parametrize("zones", [("Europe/Berlin",), (None, "Europe/Vienna")])
def test_times_are_written_in_the_first_zone_with_a_windows_name(zones):
    times = Times("2026-07-15T07:00:00", "2026-07-15T08:00:00")
    assert written(times, *zones) == (
        "2026-07-15T09:00:00",
        "2026-07-15T10:00:00",
        "W. Europe Standard Time",
    )


@pytest.mark.parametrize("zones", [(), (None,), ("Nowhere/Land", "")])
def test_times_without_a_known_zone_are_written_in_utc(zones):
    times = Times("2026-07-15T07:00:00", "2026-07-15T08:00:00")
    assert written(times, *zones) == (times.start, times.end, "UTC")


def test_time_that_comes_twice_is_written_in_utc():
    """At 3:00 on 25 October, the clocks in Berlin go back to 2:00."""
    times = Times("2026-10-25T00:30:00", "2026-10-25T04:00:00")
    assert written(times, "Europe/Berlin") == (times.start, times.end, "UTC")


def test_series_is_always_written_in_its_local_time():
    times = Times("2026-10-25T00:30:00", "2026-10-25T04:00:00")
    assert written(times, "Europe/Berlin", write=write_series_times) == (
        "2026-10-25T02:30:00",
        "2026-10-25T05:00:00",
        "W. Europe Standard Time",
    )


@pytest.mark.parametrize("write", [write_times, write_series_times])
def test_all_day_is_written_as_midnights_of_its_zone(write):
    times = Times("2026-10-25", "2026-10-26", all_day=True)
    payload = write(times, "Europe/Berlin")
    assert payload["isAllDay"]
    assert written(times, "Europe/Berlin", write=write) == (
        "2026-10-25T00:00:00",
        "2026-10-26T00:00:00",
        "W. Europe Standard Time",
    )
