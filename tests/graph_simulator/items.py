"""The items of a mailbox: events, their exceptions, and one view on both."""

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
    """One changed instance of a series: only the differences from the master."""

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
    """A stored event: a single event or the master of a series.

    ``data`` has the properties in Graph's own form, except times and recurrence. If
    ``raw`` is set, the event is a planted one and is returned unchanged.
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
    #: The ``showAs`` of an attendee's copy after it is accepted.
    intended_show_as: str = "busy"
    sequence: int = 0
    #: The sequence of the write that created it.
    first_sequence: int = 0
    #: The versions after the last write, and after the write before it.
    latest: Event | None = None
    former: Event | None = None
    #: Set if the owner was invited only to this occurrence of a series.
    occurrence_day: date | None = None
    is_deleted: bool = False
    raw: dict[str, Any] | None = None
    id: str = ""
    immutable_id: str = ""

    @property
    def is_series(self) -> bool:
        """Return True if the event is a master."""
        return self.recurrence is not None

    @property
    def rule_start(self) -> Moment:
        """Return the start in the zone of the rule; occurrences follow that zone."""
        if self.recurrence is None or self.data.get("isAllDay"):
            return self.start
        return self.start.at(self.recurrence.zone)

    @property
    def is_organizer(self) -> bool:
        """Return True if the owner of the mailbox is the organizer."""
        return bool(self.data.get("isOrganizer", True))

    def keep_version(self) -> None:
        """Store this version; the version stored before becomes the former one."""
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
        """Return the event itself, or one of its occurrences, as an item."""
        return Item(self, day)

    def has_occurrence(self, day: date) -> bool:
        """Return True if the series has an occurrence with this original date."""
        if self.recurrence is None or day in self.cancelled:
            return False
        return day in self.exceptions or self.recurrence.has_date(day)

    def instances(self, start: datetime, end: datetime) -> Iterator[Item]:
        """Yield the items of the event in a window (naive UTC), in any order."""
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
        # One more day on both sides is enough for every zone.
        slack = timedelta(days=1) + (self.end.utc() - self.start.utc())
        first = start.date() - slack if start.date() > date.min + slack else date.min
        last = end.date()
        if last < date.max:
            last += timedelta(days=1)
        assert self.recurrence is not None
        for day in self.recurrence.dates_between(first, last):
            if day in self.exceptions or day in self.cancelled:
                continue
            item = self.item(day)
            if item.overlaps(start, end):
                yield item


class Item:
    """An item with an id of its own: single, master, occurrence or exception."""

    __slots__ = ("day", "event", "exception")

    def __init__(self, event: Event, day: date | None = None) -> None:
        self.event = event
        self.day = day
        self.exception = event.exceptions.get(day) if day is not None else None

    @property
    def type(self) -> str:
        """Return the value of ``eventType``."""
        if self.exception is not None:
            return "exception"
        if self.day is not None:
            return "occurrence"
        return "seriesMaster" if self.event.is_series else "singleInstance"

    @property
    def data(self) -> dict[str, Any]:
        """Return the properties; those of an exception replace the master's."""
        if self.exception is not None:
            return {**self.event.data, **self.exception.data}
        return self.event.data

    @property
    def is_all_day(self) -> bool:
        """Return True if it is all-day: only its dates count, in every zone."""
        return bool(self.data.get("isAllDay"))

    @property
    def start(self) -> Moment:
        """Return the start."""
        if self.exception is not None:
            return self.exception.start
        if self.day is None:
            return self.event.start
        first = self.event.rule_start
        return Moment(datetime.combine(self.day, first.wall.time()), first.zone)

    @property
    def zones(self) -> tuple[str, str]:
        """Return the zones of start and end."""
        times = self.exception or self.event
        return times.start.zone, times.end.zone

    @property
    def end(self) -> Moment:
        """Return the end; an occurrence has the length of its master in local time."""
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
        """Return the start, naive UTC; an all-day event starts at midnight in UTC."""
        start = self.start
        return start.wall if self.is_all_day else to_utc(start.wall, start.zone)

    @property
    def end_utc(self) -> datetime:
        """Return the end, naive UTC."""
        end = self.end
        return end.wall if self.is_all_day else to_utc(end.wall, end.zone)

    @property
    def original_start_utc(self) -> datetime | None:
        """Return the original start of an occurrence or exception, naive UTC."""
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
        """Return the id in the requested format."""
        own = self.event.immutable_id if immutable else self.event.id
        return own if self.day is None else ids.occurrence_id(own, self.day)

    def overlaps(self, start: datetime, end: datetime) -> bool:
        """Return True if a part of it is in a window of naive UTC."""
        own_start = self.start_utc
        if own_start >= end:
            return False
        own_end = self.end_utc
        return own_end > start or (own_end == own_start and own_start >= start)
