"""Start and end: Graph's wall clocks in named zones, and the UTC that is compared.

Source: docs/graph.md, Times (all-day events float).
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from typing import Any

from ..errors import UnknownTimeZone
from ..snapshot import Times
from ..timezones import iana_to_windows, to_iana, windows_to_iana, zone
from .foreign import Foreign

#: Of events that are no series: Odoo's clients handle no dates long before us.
MIN_YEAR = 1900
#: Exchange ends nothing later (docs/graph.md).
MAX_YEAR = 4500

_WALL_CLOCK = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]{1,9})?(Z?)"
)
_DAY = timedelta(days=1)


def read_times(event: Foreign) -> Times:
    """Read start and end of an event.

    :raise BadRemoteEvent: missing, unreadable, absurd, or in an unknown zone
    """
    all_day = event.flag("isAllDay")
    read = _read_date if all_day else _read_utc
    start, end = read(event, "start"), read(event, "end")
    # Of a series only the occurrences in the window count, whenever it began.
    if event.text("type") != "seriesMaster":
        for name, moment in (("start", start), ("end", end)):
            if not MIN_YEAR <= moment.year <= MAX_YEAR:
                raise event.of_no_year(f"{name} is", moment.year)
    if end < start:
        raise event.bad("it ends before it starts")
    if all_day and end == start:
        end = start + _DAY
    # Graph gives all-day events the zone that the reader has asked for.
    own_zone = None if all_day else _own_zone(event)
    return Times(start.isoformat(), end.isoformat(), all_day, own_zone)


def write_times(times: Times, *zones: str | None) -> dict[str, Any]:
    """Return ``start``, ``end`` and ``isAllDay``.

    :param zones: IANA names, the first that Windows knows is taken; UTC without one
    """
    windows, iana = _sendable(zones)
    if times.all_day:
        # All-day events float, but both ends must be midnights of one zone. It is the
        # event's own one: what a change of it does is not known (docs/graph.md).
        clocks = [f"{times.start}T00:00:00", f"{times.end}T00:00:00"]
    else:
        instants = [datetime.fromisoformat(t) for t in (times.start, times.end)]
        clocks = [_wall_clock(instant, iana) for instant in instants]
        if None in clocks:
            windows, clocks = "UTC", [times.start, times.end]
    start, end = ({"dateTime": clock, "timeZone": windows} for clock in clocks)
    return {"start": start, "end": end, "isAllDay": times.all_day}


def write_series_times(times: Times, *zones: str | None) -> dict[str, Any]:
    """Return the same of a series, which follows the clocks of its zone.

    An hour that they show twice is the first of the two: in UTC it would drift.
    """
    if times.all_day:
        return write_times(times, *zones)
    windows, iana = _sendable(zones)
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


def _read_utc(event: Foreign, name: str) -> datetime:
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


def _read_date(event: Foreign, name: str) -> date:
    return _read_clock(event, name)[0]


def _read_clock(event: Foreign, name: str) -> tuple[date, str, str]:
    """Return date, time of day and zone as they are written."""
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


def _own_zone(event: Foreign) -> str | None:
    """Return the zone that the event was made in, where it has a name."""
    name = event.text("originalStartTimeZone")
    try:
        return to_iana(name) if name else None
    except UnknownTimeZone:
        return None


def _sendable(zones: tuple[str | None, ...]) -> tuple[str, str]:
    """Return a zone's Windows name, and the IANA name of the rules it stands for."""
    for name in zones:
        try:
            windows = iana_to_windows(name or "")
        except UnknownTimeZone:
            continue
        return windows, windows_to_iana(windows)
    return "UTC", "UTC"


def _wall_clock(utc: datetime, iana: str) -> str | None:
    """Return what the clocks show; None in the hour that they show twice."""
    local = utc.replace(tzinfo=timezone.utc).astimezone(zone(iana))
    if local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset():
        return None
    return local.replace(tzinfo=None).isoformat(timespec="seconds")
