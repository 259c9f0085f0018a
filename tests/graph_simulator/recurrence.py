"""Convert the recurrence patterns of Graph to dates, in the event's own zone.

Two rules differ from iCalendar. Several days in a relative pattern mean only the
*first* matching day. If a month lacks the day of the month, its last day is used.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from . import schema
from .errors import GraphError, property_validation_failure
from .zones import Moment, parse_date, zone_info

DAYS = schema.ENUMS["dayOfWeek"]  # sunday is 0, as in Graph
INDEXES = schema.ENUMS["weekIndex"]
NO_END_DATE = "0001-01-01"
LAST_END_DATE = date(4500, 9, 1)
_MAX_EMPTY_PERIODS = 1000


def _weekday(day: date) -> int:
    return (day.weekday() + 1) % 7


@dataclass(frozen=True)
class Recurrence:
    """A checked pattern and range.

    ``days`` are numbers, sunday is 0. ``count`` and ``last`` are ``None`` if the range
    has none.
    """

    kind: str
    interval: int
    days: tuple[int, ...]
    first_day: int
    index: int
    day_of_month: int
    month: int
    range_kind: str
    start: date
    last: date | None
    count: int | None
    zone: str

    @property
    def pattern_key(self) -> tuple[Any, ...]:
        """Return the values that must stay the same to keep the exceptions."""
        return (
            self.kind,
            self.interval,
            self.days,
            self.first_day,
            self.index,
            self.day_of_month,
            self.month,
        )

    def dates(self) -> Iterator[date]:
        """Yield the original dates of the series in order; may never end."""
        for number, day in enumerate(self._unbounded()):
            if self.last is not None and day > self.last:
                return
            if self.count is not None and number >= self.count:
                return
            yield day

    def dates_between(self, first: date, last: date) -> Iterator[date]:
        """Yield the original dates from ``first`` to ``last``, both included."""
        for day in self.dates():
            if day > last:
                return
            if day >= first:
                yield day

    def has_date(self, day: date) -> bool:
        """Return True if the series has an occurrence with this original date."""
        return any(True for _day in self.dates_between(day, day))

    def _unbounded(self) -> Iterator[date]:
        empty_periods = 0
        for candidates in self._periods():
            empty_periods += 1
            for day in candidates:
                if day >= self.start:
                    empty_periods = 0
                    yield day
            if empty_periods > _MAX_EMPTY_PERIODS:
                return

    def _periods(self) -> Iterator[list[date]]:
        try:
            if self.kind == "daily":
                yield from self._daily()
            elif self.kind == "weekly":
                yield from self._weekly()
            else:
                yield from self._monthly()
        except (OverflowError, ValueError):
            return  # Python's calendar ends with the year 9999

    def _daily(self) -> Iterator[list[date]]:
        day = self.start
        while True:
            yield [day]
            day += timedelta(days=self.interval)

    def _weekly(self) -> Iterator[list[date]]:
        back = (_weekday(self.start) - self.first_day) % 7
        week = self.start - timedelta(days=back)
        offsets = sorted((day - self.first_day) % 7 for day in self.days)
        while True:
            yield [week + timedelta(days=offset) for offset in offsets]
            week += timedelta(weeks=self.interval)

    def _monthly(self) -> Iterator[list[date]]:
        yearly = self.kind in ("absoluteYearly", "relativeYearly")
        step = self.interval * (12 if yearly else 1)
        month = self.month if yearly else self.start.month
        number = self.start.year * 12 + month - 1
        while True:
            year, month0 = divmod(number, 12)
            yield [self._day_in_month(year, month0 + 1)]
            number += step

    def _day_in_month(self, year: int, month: int) -> date:
        length = calendar.monthrange(year, month)[1]
        if self.kind in ("absoluteMonthly", "absoluteYearly"):
            return date(year, month, min(self.day_of_month, length))
        matching = [
            day
            for day in (date(year, month, number + 1) for number in range(length))
            if _weekday(day) in self.days
        ]
        return matching[-1 if INDEXES[self.index] == "last" else self.index]

    def to_graph(self) -> dict[str, Any]:
        """Return the recurrence with every member filled in, as in responses."""
        relative = self.kind.startswith("relative")
        day_names = [DAYS[day] for day in self.days]
        has_days = relative or self.kind == "weekly"
        return {
            "pattern": {
                "type": self.kind,
                "interval": self.interval,
                "month": self.month if self.kind.endswith("Yearly") else 0,
                "dayOfMonth": (
                    self.day_of_month if self.kind.startswith("absolute") else 0
                ),
                **({"daysOfWeek": day_names} if has_days else {}),
                "firstDayOfWeek": DAYS[self.first_day],
                "index": INDEXES[self.index] if relative else "first",
            },
            "range": {
                "type": self.range_kind,
                "startDate": self.start.isoformat(),
                "endDate": self.last.isoformat() if self.last else NO_END_DATE,
                "recurrenceTimeZone": self.zone,
                "numberOfOccurrences": self.count or 0,
            },
        }


def _refuse(code: str, message: str) -> GraphError:
    return GraphError(400, code, message)


def parse_recurrence(value: dict[str, Any], start: Moment) -> Recurrence:
    """Check a ``recurrence``, and move its start to the first matching day.

    :param value: a ``patternedRecurrence`` with checked types
    :param start: start of the event; its zone is the default for the range
    :raise GraphError: 400, with the code of Exchange
    """
    pattern, bounds = value.get("pattern"), value.get("range")
    if not pattern or not bounds or not pattern.get("type") or not bounds.get("type"):
        raise property_validation_failure()
    kind = pattern["type"]
    days = tuple(sorted({DAYS.index(day) for day in pattern.get("daysOfWeek") or ()}))
    zone = bounds.get("recurrenceTimeZone") or start.zone
    zone_info(zone)
    first_day = start.at(zone).wall.date()
    recurrence = Recurrence(
        kind=kind,
        interval=pattern.get("interval", 0),
        days=days,
        first_day=DAYS.index(pattern.get("firstDayOfWeek") or "sunday"),
        index=INDEXES.index(pattern.get("index") or "first"),
        day_of_month=pattern.get("dayOfMonth", 0),
        month=pattern.get("month", 0),
        range_kind=bounds["type"],
        start=_range_date(bounds, "startDate") or first_day,
        last=_range_date(bounds, "endDate") if bounds["type"] == "endDate" else None,
        count=(
            bounds.get("numberOfOccurrences", 0)
            if bounds["type"] == "numbered"
            else None
        ),
        zone=zone,
    )
    _check_pattern(recurrence)
    _check_range(recurrence, (first_day, start.wall.date()))
    first = next(recurrence.dates(), None)
    if first is None:
        raise _refuse(
            "ErrorRecurrenceHasNoOccurrence",
            "The recurrence has no occurrences in the specified range.",
        )
    return Recurrence(**{**recurrence.__dict__, "start": first})


def _range_date(bounds: dict[str, Any], name: str) -> date | None:
    text = bounds.get(name)
    if not text or text == NO_END_DATE:
        return None
    return parse_date(text)


def _check_pattern(recurrence: Recurrence) -> None:
    needs_days = recurrence.kind.startswith("relative") or recurrence.kind == "weekly"
    absolute = recurrence.kind.startswith("absolute")
    problems = (
        recurrence.interval < 1,
        recurrence.kind.endswith("Monthly") and recurrence.interval > 99,
        needs_days and not recurrence.days,
        absolute and not 1 <= recurrence.day_of_month <= 31,
        recurrence.kind.endswith("Yearly") and not 1 <= recurrence.month <= 12,
    )
    if any(problems):
        raise property_validation_failure()


def _check_range(recurrence: Recurrence, starts: tuple[date, date]) -> None:
    if recurrence.start not in starts:
        raise property_validation_failure()
    if recurrence.range_kind == "endDate":
        if recurrence.last is None or recurrence.last < recurrence.start:
            raise property_validation_failure()
        if recurrence.last > LAST_END_DATE:
            raise _refuse(
                "ErrorRecurrenceEndDateTooBig",
                "The end date of the recurrence is too far away.",
            )
    if recurrence.range_kind == "numbered" and (recurrence.count or 0) < 1:
        raise property_validation_failure()
