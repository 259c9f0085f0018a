"""What a mailbox holds: events, their exceptions, and one view on both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from . import ids
from .recurrence import Recurrence
from .zones import Moment, from_utc, to_utc

if TYPE_CHECKING:
    from .store import Calendar, Mailbox


@dataclass(eq=False)
class SeriesException:
    """One changed instance of a series: only what differs from the master."""

    day: date
    start: Moment
    end: Moment
    data: dict[str, Any]
    created: datetime
    modified: datetime
    change_key: str
    extended: dict[str, str] = field(default_factory=dict)


@dataclass(eq=False)
class Event:
    """A stored event: a single one or the master of a series.

    ``data`` holds the properties in Graph's own form, but for times and recurrence.
    ``raw`` is set for planted data, which is returned as it is.
    """

    mailbox: Mailbox
    calendar: Calendar
    number: int
    ical_uid: str
    created: datetime
    modified: datetime
    change_key: str
    data: dict[str, Any]
    start: Moment
    end: Moment
    recurrence: Recurrence | None = None
    exceptions: dict[date, SeriesException] = field(default_factory=dict)
    cancelled: set[date] = field(default_factory=set)
    extended: dict[str, str] = field(default_factory=dict)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    extensions: dict[str, dict[str, Any]] = field(default_factory=dict)
    transaction_id: str | None = None
    teams: dict[str, Any] | None = None
    #: What ``showAs`` becomes on an attendee's copy once accepted.
    intended_show_as: str = "busy"
    sequence: int = 0
    #: The sequence of the write that made it.
    first_sequence: int = 0
    #: The versions that the last write, and the one before it, left behind.
    latest: Event | None = None
    former: Event | None = None
    #: Set for one occurrence of a series to which alone somebody was invited.
    occurrence_day: date | None = None
    is_deleted: bool = False
    raw: dict[str, Any] | None = None
    id: str = ""
    immutable_id: str = ""

    @property
    def is_series(self) -> bool:
        """Say whether it is a master."""
        return self.recurrence is not None

    @property
    def rule_start(self) -> Moment:
        """Return the start by the clocks that its occurrences follow: the rule's."""
        if self.recurrence is None or self.data.get("isAllDay"):
            return self.start
        return self.start.at(self.recurrence.zone)

    @property
    def is_organizer(self) -> bool:
        """Say whether the mailbox owner organizes it."""
        return bool(self.data.get("isOrganizer", True))

    def keep_version(self) -> None:
        """Remember this version; the one remembered before is now the former one."""
        self.former = self.latest
        self.latest = replace(
            self,
            data=dict(self.data),
            exceptions={
                day: replace(exception, data=dict(exception.data))
                for day, exception in self.exceptions.items()
            },
            cancelled=set(self.cancelled),
            extended=dict(self.extended),
            teams=None,
            latest=None,
            former=None,
        )

    def item(self, day: date | None = None) -> Item:
        """Return the view on the event itself, or on one of its occurrences."""
        return Item(self, day)

    def has_occurrence(self, day: date) -> bool:
        """Say whether the series still has the occurrence of this original date."""
        if self.recurrence is None or day in self.cancelled:
            return False
        return day in self.exceptions or self.recurrence.has_date(day)

    def instances(self, start: datetime, end: datetime) -> Iterator[Item]:
        """Yield what a window (naive UTC) shows of it, not in order of start."""
        if self.raw is not None:
            yield self.item()
        elif self.recurrence is None:
            item = self.item()
            if item.overlaps(start, end):
                yield item
        else:
            yield from self._occurrences(start, end)

    def _occurrences(self, start: datetime, end: datetime) -> Iterator[Item]:
        for day in self.exceptions:
            item = self.item(day)
            if day not in self.cancelled and item.overlaps(start, end):
                yield item
        # A day of slack on both sides covers every zone.
        slack = timedelta(days=1) + (self.end.utc() - self.start.utc())
        first = start.date() - slack if start.date() > date.min + slack else date.min
        last = end.date()
        if last < date.max:
            last += timedelta(days=1)
        for day in self.recurrence.dates_between(first, last):
            if day in self.exceptions or day in self.cancelled:
                continue
            item = self.item(day)
            if item.overlaps(start, end):
                yield item


class Item:
    """An event as a client addresses it: single, master, occurrence or exception."""

    __slots__ = ("day", "event", "exception")

    def __init__(self, event: Event, day: date | None = None) -> None:
        self.event = event
        self.day = day
        self.exception = event.exceptions.get(day) if day is not None else None

    @property
    def type(self) -> str:
        """Return the word of ``eventType``."""
        if self.exception is not None:
            return "exception"
        if self.day is not None:
            return "occurrence"
        return "seriesMaster" if self.event.is_series else "singleInstance"

    @property
    def data(self) -> dict[str, Any]:
        """Return the properties; those of an exception lie over the master's."""
        if self.exception is not None:
            return {**self.event.data, **self.exception.data}
        return self.event.data

    @property
    def is_all_day(self) -> bool:
        """Say whether it floats on its dates."""
        return bool(self.data.get("isAllDay"))

    @property
    def start(self) -> Moment:
        """Return when it starts."""
        if self.exception is not None:
            return self.exception.start
        if self.day is None:
            return self.event.start
        first = self.event.rule_start
        return Moment(datetime.combine(self.day, first.wall.time()), first.zone)

    @property
    def zones(self) -> tuple[str, str]:
        """Return the zones that start and end were given in."""
        times = self.exception or self.event
        return times.start.zone, times.end.zone

    @property
    def end(self) -> Moment:
        """Return when it ends; an occurrence lasts as long by the clock."""
        if self.exception is not None:
            return self.exception.end
        if self.day is None:
            return self.event.end
        first, last = self.event.rule_start, self.event.end
        last_wall = last.wall
        if last.zone != first.zone:
            last_wall = from_utc(last.utc(), first.zone)
        wall = self.start.wall + (last_wall - first.wall)
        return Moment(wall, first.zone)

    @property
    def start_utc(self) -> datetime:
        """Return the start, naive UTC; an all-day event counts from UTC midnight."""
        start = self.start
        return start.wall if self.is_all_day else to_utc(start.wall, start.zone)

    @property
    def end_utc(self) -> datetime:
        """Return the end, naive UTC."""
        end = self.end
        return end.wall if self.is_all_day else to_utc(end.wall, end.zone)

    @property
    def original_start_utc(self) -> datetime | None:
        """Return when an occurrence or exception was to start, naive UTC."""
        if self.day is None:
            return None
        wall = datetime.combine(self.day, self.event.rule_start.wall.time())
        rule = self.event.recurrence
        return to_utc(wall, rule.zone if rule else self.event.start.zone)

    @property
    def change_key(self) -> str:
        """Return the change key; an occurrence has the master's."""
        return (self.exception or self.event).change_key

    @property
    def etag(self) -> str:
        """Return ``@odata.etag``."""
        return f'W/"{self.change_key}"'

    def id(self, immutable: bool = False) -> str:
        """Return the id in the format asked for."""
        own = self.event.immutable_id if immutable else self.event.id
        return own if self.day is None else ids.occurrence_id(own, self.day)

    def overlaps(self, start: datetime, end: datetime) -> bool:
        """Say whether it lies, in part, in a window of naive UTC."""
        own_start = self.start_utc
        if own_start >= end:
            return False
        own_end = self.end_utc
        return own_end > start or (own_end == own_start and own_start >= start)
