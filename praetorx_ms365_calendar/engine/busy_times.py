"""Read the busy times of colleagues, and find who is busy during a meeting.

Only the times are kept: titles and places are dropped while the payload is read.
Source: Graph v1.0, ``getSchedule``; docs/graph.md, Busy times.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from .errors import BadRemoteEvent
from .mapping.graph_times import read_utc
from .mapping.untrusted_json import UntrustedJson

#: Graph takes at most so many people, and so many days, in one request.
MAX_SCHEDULES = 20
MAX_DAYS = 62
#: A meeting that is longer is not looked at: nobody is free for weeks.
MAX_MEETING_DAYS = 14
#: What counts as busy; an unanswered invitation is ``tentative``.
_BUSY = frozenset({"tentative", "busy", "oof"})
#: Read at most so many entries of one person; Graph itself stops at a thousand.
_MAX_ITEMS = 1000
_DAY = timedelta(days=1)


class Slot(NamedTuple):
    """A time during which somebody is busy, in naive UTC."""

    start: datetime
    end: datetime


class Wanted(NamedTuple):
    """A day (UTC) of a person whose busy times are asked for."""

    address: str
    day: date


@dataclass(frozen=True, slots=True)
class Schedule:
    """The busy times of one person.

    :param slots: in the order of the payload
    :param error: Graph's code if there are no times for this person, else None
    """

    slots: tuple[Slot, ...] = ()
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ScheduleRequest:
    """One request: some people during some days.

    :param end: the day after the last one
    """

    addresses: tuple[str, ...]
    start: date
    end: date

    def covers(self, wanted: Wanted) -> bool:
        """Return True if the response says something about this day and person."""
        return wanted.address in self.addresses and self.start <= wanted.day < self.end


def plan_request(wanted: Collection[Wanted]) -> ScheduleRequest | None:
    """Return the next request, None if nothing is wanted.

    It begins with the first day. What does not fit into it is left for the next one.
    """
    if not wanted:
        return None
    start = min(one.day for one in wanted)
    near = [one for one in wanted if one.day < start + MAX_DAYS * _DAY]
    end = max(one.day for one in near) + _DAY
    addresses = tuple(sorted({one.address for one in near})[:MAX_SCHEDULES])
    return ScheduleRequest(addresses, start, end)


def read_schedules(payload: dict[str, Any]) -> dict[str, Schedule]:
    """Return address -> busy times of a response.

    A person whose entry cannot be read has an error; the others are read all the same.

    :raise BadRemoteEvent: the response is no list of people
    """
    schedules = {}
    for entry in UntrustedJson(payload).objects("value"):
        address = entry.text("scheduleId").lower()
        try:
            schedules[address] = _schedule(entry)
        except BadRemoteEvent:
            schedules[address] = Schedule(error="unreadable")
    return schedules


def slots_by_day(
    slots: Iterable[Slot], days: Collection[date]
) -> dict[date, list[Slot]]:
    """Return the busy times that touch each of these days (UTC), whole."""
    by_day: dict[date, list[Slot]] = {day: [] for day in days}
    for slot in slots:
        for day in _days_between(slot.start, slot.end):
            if day in by_day:
                by_day[day].append(slot)
    return by_day


def days_of_meeting(start: datetime, stop: datetime) -> list[date]:
    """Return the days (UTC) of a meeting, none if it is too long or has no time."""
    if not start < stop <= start + MAX_MEETING_DAYS * _DAY:
        return []
    return _days_between(start, stop)


def is_busy(
    slots: Iterable[Slot], start: datetime, stop: datetime, own: Collection[Slot] = ()
) -> bool:
    """Return True if one of these times overlaps a meeting.

    :param own: times of the meeting itself. The invitation to it is in the calendar of
        its attendees, and must not count
    """
    return any(
        slot.start < stop and start < slot.end and slot not in own for slot in slots
    )


def _schedule(entry: UntrustedJson) -> Schedule:
    if "error" in entry:
        code = entry.object("error").text("responseCode")
        return Schedule(error=code[:40] or "unknown")
    if "scheduleItems" not in entry:
        return Schedule(error="unknown")
    items = entry.objects("scheduleItems")[:_MAX_ITEMS]
    return Schedule(
        tuple(
            Slot(start, end)
            for item in items
            if item.text("status").lower() in _BUSY
            for start, end in [(read_utc(item, "start"), read_utc(item, "end"))]
            if start < end <= start + MAX_DAYS * _DAY
        )
    )


def _days_between(start: datetime, stop: datetime) -> list[date]:
    last = (stop - timedelta(microseconds=1)).date()
    count = (last - start.date()).days + 1
    return [start.date() + number * _DAY for number in range(count)]
