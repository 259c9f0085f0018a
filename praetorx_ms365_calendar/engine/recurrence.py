"""Compute the days of a series from its rule.

The rule has Exchange's meaning (docs/graph.md), not iCalendar's:

- If a month has no such day, the occurrence is on the month's last day.
- If a relative pattern has several weekdays, the index selects one day out of all of
  them together.
- If the start does not match the pattern, the series begins on the first matching day.

A period is a day, week, month or year; periods are ``interval`` apart. Each period of a
rule has the same number of occurrences. So we can compute the n-th occurrence without
listing those before it.
"""

from __future__ import annotations

from bisect import bisect
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Any

KINDS = (
    "daily",
    "weekly",
    "absoluteMonthly",
    "relativeMonthly",
    "absoluteYearly",
    "relativeYearly",
)
#: In Python's order: Monday is 0.
WEEKDAYS = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
INDEXES = ("first", "second", "third", "fourth", "last")

#: Maximum interval in days, weeks or months; for yearly kinds it is 999 years. Python's
#: calendar ends in 9999.
MAX_INTERVAL = 999 * 12
#: Maximum number of days in each month.
LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
#: In Exchange, no series goes on after this day (docs/graph.md).
LAST_DAY = date(4500, 9, 1)

#: Exchange's order. If several first days of the week mean the same, use the first one
#: here.
_FIRST_DAYS = ("sunday", *WEEKDAYS[:6])
_HAVE_WEEKDAYS = frozenset({"weekly", "relativeMonthly", "relativeYearly"})


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule of a series: pattern and range, with Graph's names and values.

    Rules with the same meaning are equal, because each is stored in one form. Values
    that the kind does not need are removed, and weekdays are sorted. A monthly rule
    every 12, 24, ... months becomes a yearly one, and 31 April becomes 30 April.

    The first day of the week becomes the first one, from Sunday on, that gives the same
    days. It can only matter with an interval above 1. If it does not matter, it is
    ``sunday``.

    :param kind: one of ``KINDS``
    :param start: ``YYYY-MM-DD`` in the zone of the series: the day of the first
        occurrence, or a day before it
    :param interval: how many days, weeks, months or years apart
    :param days_of_week: some of ``WEEKDAYS``, for weekly and relative kinds
    :param first_day_of_week: for the weekly kind
    :param day_of_month: for absolute kinds; shorter months use their last day
    :param month: 1 to 12, for yearly kinds
    :param index: one of ``INDEXES``, for relative kinds; ``first`` if not given
    :param until: ``YYYY-MM-DD``, the last day for the start of an occurrence
    :param count: number of occurrences; never together with ``until``
    :param zone: IANA name of the zone for the days; not compared
    :raise ValueError: a value is missing or invalid
    """

    kind: str
    start: str
    interval: int = 1
    days_of_week: tuple[str, ...] = ()
    first_day_of_week: str = "sunday"
    day_of_month: int | None = None
    month: int | None = None
    index: str | None = None
    until: str | None = None
    count: int | None = None
    zone: str | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        for name, value in _plain_members(self).items():
            object.__setattr__(self, name, value)
        _check(self)
        for name, value in _canonical_members(self).items():
            object.__setattr__(self, name, value)

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a JSON column; :meth:`from_json` reads them back."""
        return asdict(self) | {"days_of_week": list(self.days_of_week)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Rule:
        """Read the output of :meth:`to_json`."""
        return cls(**data | {"days_of_week": tuple(data["days_of_week"])})


def occurrence_days(
    rule: Rule, first: date, last: date, *, at_most: int | None = None
) -> list[date]:
    """Return the days of a window on which occurrences begin, in order.

    :param first: first day of the window. It may be long after the start of the series:
        this costs no time
    :param last: last day of the window, inclusive; needed for series without an end
    :param at_most: return only this many days, the first ones of the window
    """
    begin, interval = date.fromisoformat(rule.start), rule.interval
    until = date.fromisoformat(rule.until) if rule.until else LAST_DAY
    first, last = max(first, begin), min(last, until, LAST_DAY)
    if last < first:
        return []
    origin = _unit(rule, begin)
    skipped = _skipped(rule)
    number = -(-(_unit(rule, first) - origin) // interval)  # period number, rounded up
    found: list[date] = []
    for unit in range(origin + number * interval, _unit(rule, last) + 1, interval):
        days = _days_in(rule, unit)
        before = (unit - origin) // interval * len(days) - skipped
        if rule.count is not None:
            days = days[: max(0, rule.count - before)]
            if not days:
                break
        found += [day for day in days if first <= day <= last]
        if at_most is not None and len(found) >= at_most:
            break
    return found[:at_most]


# ----------------------------------------------------------------------
# A changed rule
# ----------------------------------------------------------------------


def aligned(
    rule_before: Rule,
    old_days: Iterable[date],
    rule_after: Rule,
    new_days: Iterable[date],
) -> dict[date, date]:
    """Map old days of a series to new days, so that the Odoo events can be kept.

    A day in both rules stays. The other days are paired in order within each period,
    for example Mondays with Tuesdays. This needs the same number of such days in a
    period of both rules. No pair may cross a day that stays.

    If the start moves by less than one period, the first day becomes the new first day.
    If it moves by more, the periods are shifted: some were added or removed at the
    beginning.

    :param old_days: some or all days of the old rule
    :param new_days: some or all days of the new rule
    :return: old day -> new day, one to one and in the order of both
    """
    old, new = set(old_days), set(new_days)
    staying = sorted(old & new)
    pairs = {day: day for day in staying}
    moved = _moved_days(rule_before, sorted(old - new), rule_after)
    for before, after in moved.items():
        if after in new and bisect(staying, before) == bisect(staying, after):
            pairs[before] = after
    return dict(sorted(pairs.items()))


def _moved_days(before: Rule, days: list[date], after: Rule) -> dict[date, date]:
    """Return old day -> new day, computed from the two patterns alone."""
    if (_period(before), before.interval) != (_period(after), after.interval):
        return {}
    periods_later = _whole_periods(_nth(before, 0), _nth(after, 0), after)
    numbers = [_number(before, day) for day in days]
    slots = len(before.days_of_week) if before.kind == "weekly" else 1
    moved: dict[date, date] = {}
    for cycle in sorted({n // slots for n in numbers if n is not None}):
        if cycle < periods_later:
            continue
        leaving = _cycle(before, cycle, without=after)
        coming = _cycle(after, cycle - periods_later, without=before)
        if len(leaving) == len(coming):
            moved.update(zip(leaving, coming, strict=True))
    return {day: moved[day] for day in days if day in moved}


def _cycle(rule: Rule, number: int, *, without: Rule) -> list[date]:
    """Return the days of one period, without the days that another rule has too.

    A period is counted from the first occurrence, not from the first day of a week. So
    in a series that begins on a Saturday, that Saturday and the next Tuesday are in the
    same period.
    """
    slots = len(rule.days_of_week) if rule.kind == "weekly" else 1
    days = [_nth(rule, number * slots + place) for place in range(slots)]
    return [day for day in days if _number(without, day) is None]


def _whole_periods(before: date, after: date, rule: Rule) -> int:
    """Return the number of whole periods from one day to another, maybe negative."""
    if after < before:
        return -_whole_periods(after, before, rule)
    if _period(rule) in {"day", "week"}:
        units = (after - before).days // (7 if rule.kind == "weekly" else 1)
    else:
        months = (after.year - before.year) * 12 + after.month - before.month
        months -= after.day < before.day
        units = months // 12 if _period(rule) == "year" else months
    return units // rule.interval


def _nth(rule: Rule, number: int) -> date:
    """Return the day of the n-th occurrence (from 0), even after the series' end."""
    origin, skipped = _unit(rule, date.fromisoformat(rule.start)), _skipped(rule)
    slots = len(_days_in(rule, origin))
    period, place = divmod(number + skipped, slots)
    return _days_in(rule, origin + period * rule.interval)[place]


def _number(rule: Rule, day: date) -> int | None:
    """Return the number of the occurrence on a day, None if there is none."""
    begin = date.fromisoformat(rule.start)
    period, between = divmod(_unit(rule, day) - _unit(rule, begin), rule.interval)
    days = _days_in(rule, _unit(rule, day))
    if day < begin or between or day not in days:
        return None
    return period * len(days) + days.index(day) - _skipped(rule)


# ----------------------------------------------------------------------
# Periods
# ----------------------------------------------------------------------


def _period(rule: Rule) -> str:
    if rule.kind in {"daily", "weekly"}:
        return "day" if rule.kind == "daily" else "week"
    return "month" if rule.kind.endswith("Monthly") else "year"


def _unit(rule: Rule, day: date) -> int:
    """Return the number of the day, week, month or year that contains a day."""
    if rule.kind == "daily":
        return day.toordinal()
    if rule.kind == "weekly":
        return (day.toordinal() - _week_origin(rule)) // 7
    if rule.kind.endswith("Monthly"):
        return day.year * 12 + day.month - 1
    return day.year


def _days_in(rule: Rule, unit: int) -> list[date]:
    """Return the days of the pattern in one unit, in order.

    Every unit has the same number of days.
    """
    if rule.kind == "daily":
        return [date.fromordinal(unit)]
    if rule.kind == "weekly":
        week = date.fromordinal(unit * 7 + _week_origin(rule))
        back = week.weekday()
        days = [(WEEKDAYS.index(name) - back) % 7 for name in rule.days_of_week]
        return [week + timedelta(days=number) for number in sorted(days)]
    if rule.kind.endswith("Monthly"):
        return [_day_in_month(rule, unit // 12, unit % 12 + 1)]
    return [_day_in_month(rule, unit, rule.month or 1)]


def _week_origin(rule: Rule) -> int:
    """Return the ordinal of the first day of the first week; ordinal 1 is a Monday."""
    return 1 + WEEKDAYS.index(rule.first_day_of_week)


def _day_in_month(rule: Rule, year: int, month: int) -> date:
    first_weekday, length = monthrange(year, month)
    if rule.day_of_month:
        return date(year, month, min(rule.day_of_month, length))
    matching = [
        number
        for number in range(1, length + 1)
        if WEEKDAYS[(first_weekday + number - 1) % 7] in rule.days_of_week
    ]
    place = INDEXES.index(rule.index or "first")
    return date(year, month, matching[-1 if rule.index == "last" else place])


def _skipped(rule: Rule) -> int:
    """Return the number of pattern days in the first period before the start."""
    begin = date.fromisoformat(rule.start)
    return sum(day < begin for day in _days_in(rule, _unit(rule, begin)))


# ----------------------------------------------------------------------
# One form for rules with the same meaning
# ----------------------------------------------------------------------


def _plain_members(rule: Rule) -> dict[str, Any]:
    """Return sorted weekdays, and unset values for members that the kind ignores."""
    kind, named = rule.kind, set(rule.days_of_week)
    members: dict[str, Any] = {
        "days_of_week": tuple(name for name in WEEKDAYS if name in named),
    }
    if named - set(WEEKDAYS):
        raise ValueError("an unknown day of the week")
    if kind not in _HAVE_WEEKDAYS:
        members["days_of_week"] = ()
    if kind != "weekly":
        members["first_day_of_week"] = "sunday"
    if not kind.startswith("absolute"):
        members["day_of_month"] = None
    if not kind.endswith("Yearly"):
        members["month"] = None
    members["index"] = (rule.index or "first") if kind.startswith("relative") else None
    return members


def _check(rule: Rule) -> None:
    """Raise ValueError if a value is missing or invalid."""
    absolute, yearly = rule.kind.startswith("absolute"), rule.kind.endswith("Yearly")
    problems = {
        "no date": not (_is_date(rule.start) and _is_date(rule.until or rule.start)),
        "an unknown type": rule.kind not in KINDS,
        "no interval": not 1 <= rule.interval <= MAX_INTERVAL // (12 if yearly else 1),
        "no days of the week": rule.kind in _HAVE_WEEKDAYS and not rule.days_of_week,
        "an unknown first day of the week": rule.first_day_of_week not in WEEKDAYS,
        "no day of the month": absolute and not 1 <= (rule.day_of_month or 0) <= 31,
        "no month": yearly and not 1 <= (rule.month or 0) <= 12,
        "an unknown index": rule.index is not None and rule.index not in INDEXES,
        "an empty end": rule.until == "",
        "two ends": rule.until is not None and rule.count is not None,
        "no occurrences": rule.count is not None and rule.count < 1,
    }
    for reason, is_so in problems.items():
        if is_so:
            raise ValueError(reason)


def _is_date(text: str) -> bool:
    """Return True if a text is a date in the form ``YYYY-MM-DD``, which sorts."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _canonical_members(rule: Rule) -> dict[str, Any]:
    """Return the changed members for the common form of rules with the same meaning."""
    members: dict[str, Any] = {}
    month = rule.month
    if rule.kind == "weekly":
        members["first_day_of_week"] = _first_equal_day(rule)
    if rule.kind.endswith("Monthly") and rule.interval % 12 == 0:
        month = date.fromisoformat(rule.start).month
        members["kind"] = rule.kind.replace("Monthly", "Yearly")
        members["interval"] = rule.interval // 12
        members["month"] = month
    if month and rule.day_of_month:
        members["day_of_month"] = min(rule.day_of_month, LONGEST_MONTHS[month - 1])
    return members


def _first_equal_day(rule: Rule) -> str:
    meant = _days_from_start(rule, rule.first_day_of_week)
    return next(day for day in _FIRST_DAYS if _days_from_start(rule, day) == meant)


def _days_from_start(rule: Rule, first_day: str) -> set[int]:
    """Return the distances in days from the start to the days of one period."""
    begin, first = date.fromisoformat(rule.start).weekday(), WEEKDAYS.index(first_day)
    week_to_start = (begin - first) % 7
    return {
        ((WEEKDAYS.index(name) - first) % 7 - week_to_start) % (7 * rule.interval)
        for name in rule.days_of_week
    }
