"""Convert plain values of a ``calendar.recurrence`` to the engine's rule, and back.

Odoo's screen does not show how Odoo uses these values:

- A yearly series repeats the date of its start. 29 February exists in leap years only.
- A month without the day has no occurrence. Exchange takes the last day of the month.
- The first day of the week depends on the language.
- With a count, Odoo lists that many days from the beginning of the first week or month,
  and drops the days before the start. It then adds as many days, but at most ``count``,
  and at most up to ``MAX_OCCURRENCES``. A series with a small count gets fewer
  occurrences than its count if it starts late in the week.

Source: Odoo 19.0, ``calendar/models/calendar/recurrence.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from ..recurrence import INDEXES, WEEKDAYS, Rule, occurrence_days

#: Odoo makes at most this many occurrences of a series, also of one without an end.
MAX_OCCURRENCES = 720

#: Reasons why Odoo cannot store a rule.
#:
#: - ``day_in_short_months``: day 29 to 31 in months that lack it
#: - ``leap_day``: 29 February each year; Exchange moves it to the 28th
#: - ``other_month_day``: a yearly rule with another month or day than its start
#: - ``several_days_relative``: one of several weekdays ("last working day")
#: - ``first_day_of_week``: every n-th week, with weeks that begin on another day
#: - ``count``: Odoo would make another number of occurrences
NOT_EXPRESSIBLE = (
    "day_in_short_months",
    "leap_day",
    "other_month_day",
    "several_days_relative",
    "first_day_of_week",
    "count",
)

#: Reasons why Graph cannot express a series of Odoo.
#:
#: - ``incomplete``: a value is missing or invalid (days, interval, day of the month)
#: - ``day_in_short_months``, ``leap_day``: Odoo has no occurrence in such a month, but
#:   Exchange moves it to the last day
#: - ``no_occurrence``: Odoo would make no occurrence
INEXPRESSIBLE = ("incomplete", "day_in_short_months", "leap_day", "no_occurrence")

_DAY = timedelta(days=1)
_WEEKDAY_FLAGS = {day: day[:3] for day in WEEKDAYS}
_WEEKDAY_CODES = {day: day[:3].upper() for day in WEEKDAYS}
_BYDAY = dict(zip(INDEXES, ("1", "2", "3", "4", "-1"), strict=True))
#: The least number of days in each month, from January on.
_SHORTEST_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def rule_from_odoo(
    values: Mapping[str, Any], start: date, first_day_of_week: str
) -> Rule:
    """Return the rule that has the same days as a series of Odoo.

    :param values: fields of a ``calendar.recurrence``; dates are ``date`` objects
    :param start: the local day of the base event
    :param first_day_of_week: of the language, one of ``WEEKDAYS``
    :raise ValueError: the series cannot be a rule; :func:`inexpressible` returns the
        reason. Days that Exchange moves to another date are no such error
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
    count = _count_in_odoo(rule, values.get("count") or 0, first_day_of_week)
    return replace(rule, count=count)


def odoo_values_from_rule(rule: Rule) -> dict[str, Any]:
    """Return values for all fields of a ``calendar.recurrence`` of Odoo.

    Every field gets a value, so that no old value stays. The values mean the same as
    the rule if :func:`why_not_expressible` finds no reason. Else they are the nearest
    that Odoo can store.
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


def why_not_expressible(rule: Rule, first_day_of_week: str) -> str | None:
    """Return the reason why Odoo cannot store the rule, one of ``NOT_EXPRESSIBLE``.

    With such a rule, the occurrences would be on other days in Odoo. A series without
    an end is no reason, although Odoo makes only a limited number of occurrences.

    :param first_day_of_week: of the language, one of ``WEEKDAYS``
    :return: None if Odoo can store the rule without loss
    """
    start = date.fromisoformat(rule.start)
    if rule.kind == "absoluteMonthly" and _lacks_day(
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
    if rule.count and rule.count != _count_in_odoo(rule, rule.count, first_day_of_week):
        return "count"
    return None


def inexpressible(
    values: Mapping[str, Any], start: date, first_day_of_week: str = "monday"
) -> str | None:
    """Return the reason why Graph cannot express a series of Odoo.

    With such values, the occurrences would be on other days in Exchange.

    :return: one of ``INEXPRESSIBLE``; None if :func:`rule_from_odoo` loses nothing
    """
    try:
        rule = rule_from_odoo(
            {**values, "end_type": "forever"}, start, first_day_of_week
        )
    except ValueError:
        return "incomplete"
    by_date = values["rrule_type"] == "monthly" and not rule.index
    if by_date and _lacks_day(values["day"], values["interval"], start):
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
    """Return the kind of a rule, and the members for this kind."""
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


def _lacks_day(day: int, interval: int, start: date) -> bool:
    """Return True if a monthly rule falls into months that lack its day."""
    visited = {(start.month - 1 + number * interval) % 12 for number in range(12)}
    return day > min(_SHORTEST_MONTHS[month] for month in visited)


def _count_in_odoo(rule: Rule, count: int, first_day_of_week: str) -> int:
    """Return the number of occurrences that Odoo makes of a series with a ``count``."""
    dropped = _days_before_start(rule, first_day_of_week)
    return min(count + min(dropped, count), MAX_OCCURRENCES) - dropped


def _days_before_start(rule: Rule, first_day_of_week: str) -> int:
    """Return the number of days of the rule before its start, in the first period.

    The period is the week of a weekly rule, else the month.
    """
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
