"""Find the day of an instance: the day on which the rule lets this occurrence begin.

The day identifies the occurrence in its series. Graph has it in several properties,
but each of them may be missing (docs/graph.md, Series).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta, timezone, tzinfo

from ..recurrence import Rule, occurrence_days
from .global_id import occurrence_id_day, uid_day
from .untrusted_json import UntrustedJson

#: An offset is accepted too: some mailboxes return one if a zone was requested.
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.[0-9]{1,9})?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_DAY = timedelta(days=1)
#: If daylight saving time begins at midnight, a local clock shows up to an hour more or
#: less at that moment.
_ABOUT_MIDNIGHT = timedelta(hours=1)
#: An unnamed zone may be any from Hawaii (UTC-10) to Kiritimati. Midnight in Hawaii is
#: 10:00 in UTC.
_WESTERNMOST_CLOCK = time(10)
#: The rule is searched this many days around an instance, first near, then farther.
_REACH = (8, 400, 400 * 12)


def day_of_occurrence(
    entry: UntrustedJson, start: date, rule: Rule, *, sure: bool
) -> date:
    """Return the day of an instance that has the times of its series.

    :param start: the date of its start, in the zone of the rule
    :param sure: the zone is known. If not, the dates in its ids come first
    """
    return start if sure else best_day([*named_days([entry]), start], rule)


def day_of_exception(
    entries: Collection[UntrustedJson],
    start: date,
    rule: Rule,
    zone: tzinfo | None,
    *,
    all_day: bool,
    taken: Collection[date] = (),
) -> date:
    """Return the original day of an exception, even if it was moved to another date.

    :param entries: the entries of Graph about it: the instance first, then the entry
        in the list of its master
    :param start: the date on which it begins now
    :param zone: zone of the rule, None if unknown
    :param all_day: the series is all-day
    :param taken: days of other occurrences; the exception has none of them
    """
    from_ids = named_days(entries)
    from_starts = [
        day
        for entry in entries
        if (day := original_day(entry.text("originalStart"), zone, all_day=all_day))
    ]
    if zone is None:
        from_ids, from_starts = [], [*from_ids, *from_starts]
    if from_ids or from_starts:
        return best_day([*from_ids[:1], *from_starts, *from_ids[1:]], rule, taken)
    return nearest_day(start, rule, taken)


def named_days(entries: Iterable[UntrustedJson]) -> list[date]:
    """Return the original dates in ``occurrenceId`` and ``iCalUId``."""
    entries = list(entries)
    days = [occurrence_id_day(entry.text("occurrenceId")) for entry in entries]
    days += [uid_day(entry.text("iCalUId")) for entry in entries]
    return [day for day in days if day]


def original_day(text: str, zone: tzinfo | None, *, all_day: bool) -> date | None:
    """Return the day of an ``originalStart``, None if it holds none.

    For an all-day series it is the instant of midnight in the zone of the series. If it
    is midnight in UTC but not in that zone, its date is taken as it is.
    """
    match = _INSTANT.fullmatch(text.strip())
    if not match:
        return None
    try:
        moment = datetime.fromisoformat(match[1])
        offset = "+00:00" if match[2] in (None, "Z") else match[2]
        moment = datetime.fromisoformat(match[1] + offset).astimezone(timezone.utc)
        local = moment.astimezone(zone) if zone else moment
        if not all_day:
            return local.date()
        return _day_of_midnight(local, moment, is_known=zone is not None)
    except (ValueError, OverflowError):
        return None


def best_day(days: Iterable[date], rule: Rule, taken: Collection[date] = ()) -> date:
    """Return the first of the days that the rule has an occurrence on.

    If it has none of them, return the day of the rule nearest to the first one.

    :param days: at least one
    :param taken: days that must not be returned
    """
    first, *others = days
    for day in (first, *others):
        if day not in taken and has_day(rule, day):
            return day
    return nearest_day(first, rule, taken)


def nearest_day(day: date, rule: Rule, taken: Collection[date] = ()) -> date:
    """Return the day of the rule nearest to a day; the day itself if there is none.

    :param taken: days that must not be returned
    """
    for reach in _REACH:
        try:
            around = day - timedelta(days=reach), day + timedelta(days=reach)
        except OverflowError:
            break
        free = [one for one in occurrence_days(rule, *around) if one not in taken]
        if free:
            return min(free, key=lambda one: abs(one - day))
    return day


def has_day(rule: Rule, day: date) -> bool:
    """Return True if an occurrence of the rule begins on a day."""
    return bool(occurrence_days(rule, day, day))


def _day_of_midnight(local: datetime, utc: datetime, *, is_known: bool) -> date:
    """Return the day that begins at a moment, by the local time of a zone.

    :param local: the moment in that zone, or in UTC if the zone is unknown
    :param utc: the same moment in UTC
    """
    clock = timedelta(hours=local.hour, minutes=local.minute, seconds=local.second)
    is_midnight = min(clock, _DAY - clock) <= _ABOUT_MIDNIGHT
    if is_known and not is_midnight and utc.time() == time():
        return utc.date()
    if is_known:
        return (local + _DAY / 2).date()
    return local.date() if local.time() <= _WESTERNMOST_CLOCK else local.date() + _DAY
