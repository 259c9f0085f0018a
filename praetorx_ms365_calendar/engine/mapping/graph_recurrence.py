"""Convert Graph's ``patternedRecurrence`` to the engine's rule, and back.

A response of Graph has every member, also members that the type does not use
(``month: 0``, an ``endDate`` in the year 1). In a request Graph checks every member. So
we keep a list of members for each type, and read and send only those.

Source: docs/graph.md, Series; the v1.0 metadata.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from ..errors import UnknownTimeZone
from ..recurrence import KINDS, LAST_DAY, Rule
from ..timezones import iana_to_windows, same_zone, to_iana
from .untrusted_json import UntrustedJson

_PATTERN_MEMBERS = {
    "daily": (),
    "weekly": ("daysOfWeek", "firstDayOfWeek"),
    "absoluteMonthly": ("dayOfMonth",),
    "relativeMonthly": ("daysOfWeek", "index"),
    "absoluteYearly": ("dayOfMonth", "month"),
    "relativeYearly": ("daysOfWeek", "index", "month"),
}
_FIELDS = {
    "daysOfWeek": "days_of_week",
    "firstDayOfWeek": "first_day_of_week",
    "dayOfMonth": "day_of_month",
    "index": "index",
    "month": "month",
}
_DEFAULT_VALUES = {"firstDayOfWeek": "sunday", "index": "first"}
#: The calendar of Exchange begins in this year. Birthdays without a year are in 1604.
_FIRST_YEAR = 1601
_RANGES = frozenset({"endDate", "noEnd", "numbered"})


def read_rule(recurrence: UntrustedJson, zone: str | None) -> Rule:
    """Read the rule of a series from its ``recurrence``.

    :param recurrence: the master's ``recurrence``
    :param zone: IANA name of the event's own zone. It is used if the range names no
        known zone. It is also used if the range names the same zone less exactly
    :raise BadRemoteEvent: the recurrence is invalid; nothing else is ever raised
    """
    pattern, bounds = recurrence.object("pattern"), recurrence.object("range")
    kind = pattern.text("type")
    if kind not in KINDS:
        raise recurrence.bad("its recurrence is of an unknown type")
    start = _read_date(bounds, "startDate")
    if start.year < _FIRST_YEAR:
        raise recurrence.of_no_year("its recurrence starts", start.year)
    try:
        return Rule(
            kind=kind,
            start=start.isoformat(),
            interval=pattern.integer("interval") or 0,
            zone=_read_zone(bounds, zone),
            **dict(_read(pattern, name) for name in _PATTERN_MEMBERS[kind]),
            **_read_end(bounds, start),
        )
    except ValueError as error:
        raise recurrence.bad(f"its recurrence has {error}") from error


def names_zone(recurrence: UntrustedJson) -> bool:
    """Return True if a ``recurrence`` names a known time zone for its days."""
    return _named_zone(recurrence.object("range")) is not None


def write_rule(rule: Rule, zone: str | None) -> dict[str, Any]:
    """Return the ``recurrence`` of a request; Graph requires this order of its keys.

    :param zone: IANA name, used if the zone of the rule has no Windows name
    """
    members = dict(_write(rule, name) for name in _PATTERN_MEMBERS[rule.kind])
    return {
        "pattern": {"type": rule.kind, "interval": rule.interval, **members},
        "range": {**_range_members(rule), **_zone_member(rule.zone, zone)},
    }


def _read(pattern: UntrustedJson, name: str) -> tuple[str, Any]:
    """Return the name and value of one field of the rule.

    The value is not checked here: the rule checks it when it is created.
    """
    field = _FIELDS[name]
    if name == "daysOfWeek":
        return field, tuple(day.lower() for day in pattern.texts(name))
    if name in _DEFAULT_VALUES:
        return field, pattern.text(name, _DEFAULT_VALUES[name]).lower()
    return field, pattern.integer(name)


def _write(rule: Rule, name: str) -> tuple[str, Any]:
    value = getattr(rule, _FIELDS[name])
    return name, list(value) if name == "daysOfWeek" else value


def _read_end(bounds: UntrustedJson, start: date) -> dict[str, Any]:
    kind = bounds.text("type")
    if kind not in _RANGES:
        raise bounds.bad("its recurrence has a range of an unknown type")
    if kind == "numbered":
        return {"count": bounds.integer("numberOfOccurrences") or 0}
    if kind == "noEnd":
        return {}
    until = _read_date(bounds, "endDate")
    if until < start:
        raise bounds.bad("its recurrence ends before it starts")
    return {"until": min(until, LAST_DAY).isoformat()}


def _read_date(bounds: UntrustedJson, name: str) -> date:
    text = bounds.text(name)
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise bounds.bad(f"{name} of its recurrence is no date") from error
    if day.isoformat() != text:
        raise bounds.bad(f"{name} of its recurrence is no date")
    return day


def _read_zone(bounds: UntrustedJson, zone: str | None) -> str | None:
    own = _named_zone(bounds)
    return zone if own is None or same_zone(own, zone) else own


def _named_zone(bounds: UntrustedJson) -> str | None:
    name = bounds.text("recurrenceTimeZone")
    try:
        return to_iana(name) if name else None
    except UnknownTimeZone:
        return None


def _range_members(rule: Rule) -> dict[str, Any]:
    if rule.until is not None:
        return {"type": "endDate", "startDate": rule.start, "endDate": rule.until}
    if rule.count is not None:
        return {
            "type": "numbered",
            "startDate": rule.start,
            "numberOfOccurrences": rule.count,
        }
    return {"type": "noEnd", "startDate": rule.start}


def _zone_member(*zones: str | None) -> dict[str, str]:
    """Return the property for the first zone that has a Windows name.

    Empty if there is none: Graph then uses the zone of the event.
    """
    for name in filter(None, zones):
        try:
            return {"recurrenceTimeZone": iana_to_windows(name)}
        except UnknownTimeZone:
            continue
    return {}
