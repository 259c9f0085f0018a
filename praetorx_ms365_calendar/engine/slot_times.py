"""Compute the times of each occurrence of a series from its day."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from functools import lru_cache

from .snapshot import Times
from .timezones import zone as zone_rules

#: Number of occurrences with cached times. A merge needs the same ones many times.
_SLOTS_KEPT = 4096


def slot_day(times: Times) -> date:
    """Return the day in its own zone on which an occurrence begins."""
    if times.all_day:
        return date.fromisoformat(times.start)
    return _wall_clock(times.start, times).date()


def slot_times(times: Times, day: date) -> Times:
    """Return the times of the occurrence on a day.

    Its local start and end are the same as for the first occurrence. If the clock
    change in spring skips a time, it moves later by the skipped length. If the clock
    change in autumn repeats a time, the first one counts.

    :param times: times of the first occurrence; without a zone, UTC is used
    :raise UnknownTimeZone: this machine does not know the zone
    """
    # Comparing ``Times`` ignores the zone, so it is a separate part of the cache key.
    return _slot_times(times, times.zone, day)


@lru_cache(maxsize=_SLOTS_KEPT)
def _slot_times(times: Times, _zone: str | None, day: date) -> Times:
    if day == slot_day(times):
        return times
    if times.all_day:
        length = date.fromisoformat(times.end) - date.fromisoformat(times.start)
        last = (day + length).isoformat()
        return Times(day.isoformat(), last, all_day=True, zone=times.zone)
    old_start = _wall_clock(times.start, times)
    length = _wall_clock(times.end, times) - old_start
    if length < timedelta(0):  # the clock was set back between start and end
        length = _elapsed(times)
    wall_clock = datetime.combine(day, old_start.time())
    start, end = _utc(wall_clock, times), _utc(wall_clock + length, times)
    if length and end <= start:  # the clock change skips the start, but not the end
        end = start + length
    return Times(start.isoformat(), end.isoformat(), zone=times.zone)


def _wall_clock(utc: str, times: Times) -> datetime:
    moment = datetime.fromisoformat(utc).replace(tzinfo=timezone.utc)
    local = moment.astimezone(zone_rules(times.zone or "UTC"))
    return local.replace(tzinfo=None, fold=0)


def _utc(wall_clock: datetime, times: Times) -> datetime:
    """Convert local time to UTC: ``fold=0`` moves a skipped time later.

    For a repeated time, ``fold=0`` selects the first one.
    """
    local = wall_clock.replace(tzinfo=zone_rules(times.zone or "UTC"), fold=0)
    return local.astimezone(timezone.utc).replace(tzinfo=None)


def _elapsed(times: Times) -> timedelta:
    return datetime.fromisoformat(times.end) - datetime.fromisoformat(times.start)
