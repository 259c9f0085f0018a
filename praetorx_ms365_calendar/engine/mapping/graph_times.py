"""Convert start and end: Graph has a local time and a zone, the engine compares UTC.

Source: docs/graph.md, Times (an all-day event has the same dates in every zone).
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from typing import Any

from ..errors import UnknownTimeZone
from ..snapshot import Times
from ..timezones import iana_to_windows, to_iana, windows_to_iana, zone
from .untrusted_json import UntrustedJson

#: First year of an event that is no series: Odoo's clients cannot handle older dates.
MIN_YEAR = 1900
#: Last year of an event: Exchange has no later dates (docs/graph.md).
MAX_YEAR = 4500

_WALL_CLOCK = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]{1,9})?(Z?)"
)
_DAY = timedelta(days=1)


def read_times(event: UntrustedJson) -> Times:
    """Read start and end of an event.

    :raise BadRemoteEvent: start or end is missing, invalid, out of range, or in an
        unknown zone
    """
    all_day = event.flag("isAllDay")
    read = _read_date if all_day else read_utc
    start, end = read(event, "start"), read(event, "end")
    # A series may have begun long ago: only its occurrences in the window are used.
    if event.text("type") != "seriesMaster":
        for name, moment in (("start", start), ("end", end)):
            if not MIN_YEAR <= moment.year <= MAX_YEAR:
                raise event.of_no_year(f"{name} is", moment.year)
    if end < start:
        raise event.bad("it ends before it starts")
    if all_day and end == start:
        end = start + _DAY
    # For an all-day event Graph returns the zone of our request, not its own.
    own_zone = None if all_day else _own_zone(event)
    return Times(start.isoformat(), end.isoformat(), all_day=all_day, zone=own_zone)


def write_times(times: Times, *zones: str | None) -> dict[str, Any]:
    """Return ``start``, ``end`` and ``isAllDay``.

    :param zones: IANA names; the first that has a Windows name is used, else UTC
    """
    windows, iana = _windows_zone(zones)
    clocks: list[str | None]
    if times.all_day:
        # Both ends must be midnights of one zone. We keep the zone of the event: the
        # effect of another zone is not documented (docs/graph.md).
        clocks = [f"{times.start}T00:00:00", f"{times.end}T00:00:00"]
    else:
        instants = [datetime.fromisoformat(t) for t in (times.start, times.end)]
        clocks = [_wall_clock(instant, iana) for instant in instants]
        if None in clocks:
            windows, clocks = "UTC", [times.start, times.end]
    start, end = ({"dateTime": clock, "timeZone": windows} for clock in clocks)
    return {"start": start, "end": end, "isAllDay": times.all_day}


def write_series_times(times: Times, *zones: str | None) -> dict[str, Any]:
    """Return ``start``, ``end`` and ``isAllDay`` of a series, in its local time.

    When clocks go back, one hour comes twice. The first of the two is meant then. In
    UTC, the occurrences would move by an hour with daylight saving time.
    """
    if times.all_day:
        return write_times(times, *zones)
    windows, iana = _windows_zone(zones)
    clocks = (
        datetime.fromisoformat(moment)
        .replace(tzinfo=timezone.utc)
        .astimezone(zone(iana))
        .replace(tzinfo=None)
        .isoformat(timespec="seconds")
        for moment in (times.start, times.end)
    )
    start, end = ({"dateTime": clock, "timeZone": windows} for clock in clocks)
    return {"start": start, "end": end, "isAllDay": False}


def read_utc(event: UntrustedJson, name: str) -> datetime:
    """Read a ``dateTimeTimeZone`` of an object as naive UTC.

    :raise BadRemoteEvent: it is missing, invalid, or in an unknown zone
    """
    day, clock, zone_name = _read_clock(event, name)
    try:
        rules = zone(zone_name)
    except UnknownTimeZone as error:
        raise event.bad(f"{name} is in an unknown time zone") from error
    try:
        moment = datetime.fromisoformat(f"{day.isoformat()}T{clock}")
        utc = moment.replace(tzinfo=rules).astimezone(timezone.utc)
    except (ValueError, OverflowError) as error:
        raise event.bad(f"{name} is no time of day") from error
    return utc.replace(tzinfo=None)


def _read_date(event: UntrustedJson, name: str) -> date:
    return _read_clock(event, name)[0]


def _read_clock(event: UntrustedJson, name: str) -> tuple[date, str, str]:
    """Return date, time of day and zone name, without conversion."""
    if name not in event:
        raise event.bad(f"{name} is missing")
    value = event.object(name)
    match = _WALL_CLOCK.fullmatch(value.text("dateTime"))
    if not match:
        raise event.bad(f"{name} is no date and time")
    try:
        day = date.fromisoformat(match[1])
    except ValueError as error:
        raise event.bad(f"{name} is no date of the calendar") from error
    zone_name = "UTC" if match[3] else value.text("timeZone") or "UTC"
    return day, match[2], zone_name


def _own_zone(event: UntrustedJson) -> str | None:
    """Return the IANA name of the zone of the event's creation, None if unknown."""
    name = event.text("originalStartTimeZone")
    try:
        return to_iana(name) if name else None
    except UnknownTimeZone:
        return None


def _windows_zone(zones: tuple[str | None, ...]) -> tuple[str, str]:
    """Return the Windows name of the first zone that has one, and its IANA name.

    The IANA name is the one that stands for the Windows zone, so both have the same
    rules.
    """
    for name in zones:
        try:
            windows = iana_to_windows(name or "")
        except UnknownTimeZone:
            continue
        return windows, windows_to_iana(windows)
    return "UTC", "UTC"


def _wall_clock(utc: datetime, iana: str) -> str | None:
    """Return the local time of an instant in UTC.

    None if the clocks show this time twice because they go back.
    """
    local = utc.replace(tzinfo=timezone.utc).astimezone(zone(iana))
    if local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset():
        return None
    return local.replace(tzinfo=None).isoformat(timespec="seconds")
