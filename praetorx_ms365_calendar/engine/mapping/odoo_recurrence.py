"""Plain values of a ``calendar.recurrence`` and the engine's rule, both ways.

What Odoo makes of its values, which the words on the screen do not always say:

- a year is a repetition of the start's date, and 29 February exists in leap years only;
- a month that lacks the day has no occurrence, where Exchange takes its last day;
- the week begins as the language says;
- it lists occurrences from the start of the first week or month on, drops those before
  the start, makes up for as many as a list of that length can have lost, and lists
  no more than ``MAX_OCCURRENCES``. A series of a few occurrences comes out shorter
  than it says if its start is late in the week.

Source: Odoo 19.0, ``calendar/models/calendar/recurrence.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from ..recurrence import INDEXES, WEEKDAYS, Rule, occurrence_days

#: As many as Odoo makes of one series, also of one that has no end.
MAX_OCCURRENCES = 720

#: Why Odoo cannot hold a rule.
#:
#: - ``day_in_short_months``: day 29 to 31 in months that lack it
#: - ``leap_day``: 29 February each year, which Exchange moves to the 28th
#: - ``other_month_day``: a yearly rule whose start is on another date, or month
#: - ``several_days_relative``: one of several weekdays ("last working day")
#: - ``first_day_of_week``: every n-th week, with weeks that begin on another day
#: - ``count``: as many occurrences as Odoo would not make
UNHOLDABLE = (
    "day_in_short_months",
    "leap_day",
    "other_month_day",
    "several_days_relative",
    "first_day_of_week",
    "count",
)

#: Why Graph cannot express what Odoo holds.
#:
#: - ``incomplete``: no rule at all (no days, no interval, no such day of a month)
#: - ``day_in_short_months``, ``leap_day``: Odoo leaves out what Exchange moves
#: - ``no_occurrence``: Odoo would make none
INEXPRESSIBLE = ("incomplete", "day_in_short_months", "leap_day", "no_occurrence")

_DAY = timedelta(days=1)
_WEEKDAY_FLAGS = {day: day[:3] for day in WEEKDAYS}
_WEEKDAY_CODES = {day: day[:3].upper() for day in WEEKDAYS}
_BYDAY = dict(zip(INDEXES, ("1", "2", "3", "4", "-1"), strict=True))
#: Days in each month at least.
_SHORTEST_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def rule_from_odoo(
    values: Mapping[str, Any], start: date, first_day_of_week: str
) -> Rule:
    """Return the rule that has the days on which Odoo puts a series.

    :param values: fields of a ``calendar.recurrence``; dates as dates
    :param start: the local day of the base event
    :param first_day_of_week: of the language, out of ``WEEKDAYS``
    :raise ValueError: ``inexpressible`` gives a reason, other than that Exchange puts
        some of the occurrences on other days
    """
    kind, members = _pattern_from_odoo(values, start)
    until = values.get("until") if values.get("end_type") == "end_date" else None
    if values.get("end_type") == "end_date" and not until:
        raise ValueError("no end date")
    rule = Rule(
        kind=kind,
        start=start.isoformat(),
        interval=values.get("interval") or 0,
        first_day_of_week=first_day_of_week,
        until=until.isoformat() if until else None,
        zone=values.get("event_tz") or None,
        **members,
    )
    if values.get("end_type") != "count":
        return rule
    count = _count_made(rule, values.get("count") or 0, first_day_of_week)
    return replace(rule, count=count)


def odoo_values_from_rule(rule: Rule) -> dict[str, Any]:
    """Return values for all of Odoo's fields, so that nothing old is left.

    They mean the rule if :func:`unholdable` finds no reason, else the nearest that
    Odoo has.
    """
    start = date.fromisoformat(rule.start)
    values: dict[str, Any] = {
        "rrule_type": "daily",
        "interval": rule.interval,
        "end_type": "forever",
        "count": rule.count or 1,
        "until": date.fromisoformat(rule.until) if rule.until else None,
        **dict.fromkeys(_WEEKDAY_FLAGS.values(), False),
        "month_by": "date",
        "day": rule.day_of_month or start.day,
        "weekday": None,
        "byday": None,
        "event_tz": rule.zone,
    }
    if rule.count or rule.until:
        values["end_type"] = "count" if rule.count else "end_date"
    if rule.kind == "weekly":
        values["rrule_type"] = "weekly"
        values |= {_WEEKDAY_FLAGS[day]: True for day in rule.days_of_week}
    elif rule.kind == "absoluteMonthly":
        values["rrule_type"] = "monthly"
    elif rule.kind == "absoluteYearly":
        values["rrule_type"] = "yearly"
    elif rule.index:
        # Odoo has no weekdays of a year, but it has those of every twelfth month.
        months = 12 if rule.kind == "relativeYearly" else 1
        values |= {
            "rrule_type": "monthly",
            "interval": rule.interval * months,
            "month_by": "day",
            "weekday": _WEEKDAY_CODES[rule.days_of_week[0]],
            "byday": _BYDAY[rule.index],
        }
    return values


def unholdable(rule: Rule, first_day_of_week: str) -> str | None:
    """Return why Odoo would put the series on other days, one of ``UNHOLDABLE``.

    A series without an end counts as held, though Odoo ends it by and by.

    :param first_day_of_week: of the language, out of ``WEEKDAYS``
    :return: None if Odoo holds the rule without loss
    """
    start = date.fromisoformat(rule.start)
    if rule.kind == "absoluteMonthly" and _is_lacking(
        rule.day_of_month or 0, rule.interval, start
    ):
        return "day_in_short_months"
    if (rule.month, rule.day_of_month) == (2, 29):
        return "leap_day"
    if rule.month not in {None, start.month}:
        return "other_month_day"
    if rule.kind == "absoluteYearly" and rule.day_of_month != start.day:
        return "other_month_day"
    if rule.index and len(rule.days_of_week) > 1:
        return "several_days_relative"
    if rule.kind == "weekly" and rule != replace(
        rule, first_day_of_week=first_day_of_week
    ):
        return "first_day_of_week"
    if rule.count and rule.count != _count_made(rule, rule.count, first_day_of_week):
        return "count"
    return None


def inexpressible(
    values: Mapping[str, Any], start: date, first_day_of_week: str = "monday"
) -> str | None:
    """Return why Exchange would put the series on other days.

    :return: one of ``INEXPRESSIBLE``; None if :func:`rule_from_odoo` tells everything
    """
    try:
        rule = rule_from_odoo(
            {**values, "end_type": "forever"}, start, first_day_of_week
        )
    except ValueError:
        return "incomplete"
    by_date = values["rrule_type"] == "monthly" and not rule.index
    if by_date and _is_lacking(values["day"], values["interval"], start):
        return "day_in_short_months"
    if (rule.month, rule.day_of_month) == (2, 29):
        return "leap_day"
    if values.get("end_type") == "end_date" and not values.get("until"):
        return "incomplete"
    try:
        rule = rule_from_odoo(values, start, first_day_of_week)
    except ValueError:
        return "no_occurrence"
    if rule.until and not occurrence_days(rule, start, date.fromisoformat(rule.until)):
        return "no_occurrence"
    return None


def _pattern_from_odoo(
    values: Mapping[str, Any], start: date
) -> tuple[str, dict[str, Any]]:
    """Return the kind of a rule, and the members that it needs."""
    rrule_type = values.get("rrule_type")
    if rrule_type == "daily":
        return "daily", {}
    if rrule_type == "weekly":
        flags = _WEEKDAY_FLAGS.items()
        days = tuple(day for day, flag in flags if values.get(flag))
        return "weekly", {"days_of_week": days}
    if rrule_type == "yearly":
        return "absoluteYearly", {"month": start.month, "day_of_month": start.day}
    if rrule_type == "monthly" and values.get("month_by") == "day":
        weekday = _named(_WEEKDAY_CODES, values.get("weekday"))
        index = _named(_BYDAY, values.get("byday"))
        return "relativeMonthly", {"days_of_week": (weekday,), "index": index}
    if rrule_type == "monthly":
        return "absoluteMonthly", {"day_of_month": values.get("day")}
    raise ValueError("no kind of recurrence")


def _named(codes: Mapping[str, str], wanted: Any) -> str:
    for name, code in codes.items():
        if code == wanted:
            return name
    raise ValueError("no such day of a month")


def _is_lacking(day: int, interval: int, start: date) -> bool:
    """Tell whether a monthly rule comes to months without its day."""
    visited = {(start.month - 1 + number * interval) % 12 for number in range(12)}
    return day > min(_SHORTEST_MONTHS[month] for month in visited)


def _count_made(rule: Rule, count: int, first_day_of_week: str) -> int:
    """Return how many occurrences Odoo makes of a series that is to have ``count``."""
    dropped = _days_before_start(rule, first_day_of_week)
    return min(count + min(dropped, count), MAX_OCCURRENCES) - dropped


def _days_before_start(rule: Rule, first_day_of_week: str) -> int:
    """Return how many days of the first week or month lie before the start."""
    start = period = date.fromisoformat(rule.start)
    if rule.kind == "weekly":
        period -= (start.weekday() - WEEKDAYS.index(first_day_of_week)) % 7 * _DAY
    elif rule.index or rule.day_of_month:
        period = start.replace(day=1)
    longer = replace(
        rule,
        start=period.isoformat(),
        first_day_of_week=first_day_of_week,
        until=None,
        count=None,
    )
    return len(occurrence_days(longer, period, start - _DAY))
