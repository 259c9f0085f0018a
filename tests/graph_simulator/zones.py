"""Find time zones by Windows or IANA name, and convert times as Graph does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from .errors import GraphError, bad_request
from .zone_table import WINDOWS_TO_IANA

UNSET_TIME = "0001-01-01T00:00:00Z"
_WALL_CLOCK = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?)?"
    r"(Z|[+-]\d{2}:\d{2})?"
)
_WINDOWS_BY_LOWER = {name.lower(): iana for name, iana in WINDOWS_TO_IANA.items()}


@lru_cache(maxsize=1)
def _iana_by_lower() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


@cache
def zone_info(name: str) -> ZoneInfo:
    """Return the zone with a Windows or IANA name.

    :raise GraphError: 400 ``TimeZoneNotSupportedException``, as in the real service
    """
    lower = name.lower()
    iana = _WINDOWS_BY_LOWER.get(lower)
    if iana is None and ("/" in name or lower in ("utc", "gmt")):
        iana = _iana_by_lower().get(lower)
    if iana is None:
        message = (
            f"A valid TimeZone value must be specified. The following TimeZone value "
            f"is not supported: '{name}'."
        )
        raise GraphError(400, "TimeZoneNotSupportedException", message)
    return ZoneInfo(iana)


def is_windows_name(name: str) -> bool:
    """Return True if it is a Windows name (``UTC`` is both)."""
    return name.lower() in _WINDOWS_BY_LOWER


@dataclass(frozen=True)
class Moment:
    """A local time in a named zone, like a ``dateTimeTimeZone``."""

    wall: datetime
    zone: str

    def utc(self) -> datetime:
        """Return the instant, naive UTC."""
        return to_utc(self.wall, self.zone)

    def at(self, zone: str) -> Moment:
        """Return the same instant in another zone."""
        if zone == self.zone:
            return self
        return Moment(from_utc(self.utc(), zone), zone)

    def to_graph(self, zone: str) -> dict[str, str]:
        """Return this instant as a ``dateTimeTimeZone`` in another zone."""
        return graph_wall_clock(self.at(zone).wall, zone)


def graph_wall_clock(wall: datetime, zone: str) -> dict[str, str]:
    """Return a local time with the seven decimals of Graph."""
    return {
        "dateTime": f"{wall.isoformat(timespec='microseconds')}0",
        "timeZone": zone,
    }


def to_utc(wall: datetime, zone: str) -> datetime:
    """Return the naive UTC time of a local time."""
    if zone == "UTC":
        return wall
    aware = wall.replace(tzinfo=zone_info(zone))
    try:
        return aware.astimezone(timezone.utc).replace(tzinfo=None)
    except OverflowError:
        return wall


def from_utc(moment: datetime, zone: str) -> datetime:
    """Return the local time of a naive UTC time."""
    if zone == "UTC":
        return moment
    aware = moment.replace(tzinfo=timezone.utc)
    try:
        return aware.astimezone(zone_info(zone)).replace(tzinfo=None)
    except OverflowError:
        return moment


def parse_wall_clock(text: str) -> tuple[datetime, timedelta | None]:
    """Read ``yyyy-mm-ddThh:mm:ss.fffffff`` with an optional offset.

    :return: the local time, and its offset from UTC if the text has one
    :raise ValueError: the text has another form, or the day does not exist
    """
    match = _WALL_CLOCK.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    microsecond = int((fraction or "0")[:6].ljust(6, "0"))
    wall = datetime(
        int(year),
        int(month),
        int(day),
        int(hour or 0),
        int(minute or 0),
        int(second or 0),
        microsecond,
    )
    if offset is None:
        return wall, None
    if offset == "Z":
        return wall, timedelta()
    sign = -1 if offset[0] == "-" else 1
    return wall, sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[4:]))


def parse_instant(text: str, what: str) -> datetime:
    """Read the start or end of a window; without an offset, it is in UTC.

    :return: naive UTC
    :raise GraphError: 400 with ``what`` in its message, if the text is not a time
    """
    try:
        wall, offset = parse_wall_clock(text.replace(" ", "+"))
        return wall - (offset or timedelta())
    except (ValueError, OverflowError):
        message = f"The value '{text}' of parameter '{what}' is invalid."
        raise bad_request(message, "ErrorInvalidParameter") from None


def parse_moment(value: dict[str, str] | None) -> Moment:
    """Read a ``dateTimeTimeZone``; without a zone it is UTC, as in the real service.

    :raise GraphError: 400 for an unknown zone or an unreadable time
    """
    if not value or not value.get("dateTime"):
        raise bad_request("A date time is missing.", "ErrorInvalidParameter")
    zone = value.get("timeZone") or "UTC"
    zone_info(zone)
    try:
        wall, offset = parse_wall_clock(value["dateTime"])
        if offset is not None:
            wall = from_utc(wall - offset, zone)
    except (ValueError, OverflowError):
        raise GraphError(
            400,
            "ErrorInvalidParameter",
            f"The value '{value['dateTime']}' of 'dateTime' is not a valid date time.",
        ) from None
    return Moment(wall, zone)


def graph_instant(moment: datetime) -> str:
    """Return an instant as ``DateTimeOffset`` in UTC with seven decimals."""
    moment = moment.replace(tzinfo=None)
    return f"{moment.isoformat(timespec='microseconds')}0Z"


def graph_second(moment: datetime) -> str:
    """Return an instant as ``DateTimeOffset`` in UTC, in whole seconds."""
    return moment.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def parse_date(text: str) -> date:
    """Read a date in the form ``yyyy-mm-dd``.

    :raise ValueError: the text has another form
    """
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError(text)
    return date.fromisoformat(text)
