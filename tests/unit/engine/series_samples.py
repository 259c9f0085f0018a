"""Series in the form of Graph's responses: the master and its instances."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from praetorx_ms365_calendar.engine.mapping.global_id import dated_uid
from praetorx_ms365_calendar.engine.mapping.graph_recurrence import write_rule
from praetorx_ms365_calendar.engine.recurrence import Rule
from praetorx_ms365_calendar.engine.series import Series
from praetorx_ms365_calendar.engine.snapshot import Content
from praetorx_ms365_calendar.engine.timezones import iana_to_windows

UID = "040000008200E00074C5B7101A82E00800000000104D19318916DD0100000000000000001000"
MASTER_ID = "AAkALgSeries"
#: From west to east. Midnight is skipped in some of them, once a year.
ZONES = (
    "Pacific/Honolulu",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "Atlantic/Azores",
    "Europe/London",
    "Europe/Berlin",
    "Africa/Cairo",
    "Asia/Beirut",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Tongatapu",
)
#: Properties that the list of instances does not have.
_IN_FULL = (
    "subject",
    "location",
    "attendees",
    "categories",
    "sensitivity",
    "isReminderOn",
    "reminderMinutesBeforeStart",
)
#: Properties in the expanded list of exceptions: only the selected ones.
_OF_EXCEPTION = ("subject", "changeKey", "start", "end", "isAllDay", "originalStart")


class GraphSeries:
    """A series in Graph, with times in its own zone.

    :param rule: rule with the zone of the series
    :param clock: time of day, None for an all-day series
    :param hours: length of an occurrence in local time; an all-day one lasts one day
    :param told: zone names in Graph's responses; the default is the Windows name
    """

    def __init__(
        self,
        rule: Rule,
        clock: time | None = None,
        *,
        hours: int = 1,
        **told: str,
    ) -> None:
        self.rule = rule
        self.zone = ZoneInfo(rule.zone or "UTC")
        self.clock = clock
        self.length = timedelta(hours=hours) if clock else timedelta(days=1)
        windows = iana_to_windows(rule.zone or "UTC")
        self.rule_zone = told.get("rule_zone", windows)
        self.start_zone = told.get("start_zone", "UTC" if clock is None else windows)

    def master(self, *exceptions: dict[str, Any]) -> dict[str, Any]:
        """Return the master, with the selected properties of its exceptions."""
        recurrence = write_rule(self.rule, None)
        recurrence["range"]["recurrenceTimeZone"] = self.rule_zone
        first = date.fromisoformat(self.rule.start)
        listed = [
            {"id": one["id"]} | {n: one[n] for n in _OF_EXCEPTION if n in one}
            for one in exceptions
        ]
        return {
            "id": MASTER_ID,
            "changeKey": "k1",
            "iCalUId": UID,
            "type": "seriesMaster",
            "subject": "Series",
            "isAllDay": self.clock is None,
            "originalStartTimeZone": self.start_zone,
            "recurrence": recurrence,
            "exceptionOccurrences": listed,
            **self.times(first),
        }

    def times(self, day: date) -> dict[str, Any]:
        """Return start and end of the occurrence on a day."""
        if self.clock is None:
            return _floating(day, day + timedelta(days=1))
        start, end = self.instant(day), self.instant(day, self.length)
        if end <= start:  # the start is skipped in spring, but not the end
            end = start + self.length
        return {"start": _utc(start), "end": _utc(end)}

    def instant(self, day: date, later: timedelta = timedelta()) -> datetime:
        """Return the start of the occurrence on a day, in UTC.

        :param later: local time to add to the start
        """
        return (self._wall_clock(day) + later).astimezone(timezone.utc)

    def is_skipped(self, day: date) -> bool:
        """Return True if the clock change in spring skips the start or the end."""
        wall_clock = self._wall_clock(day)
        return any(
            self.instant(day, later).astimezone(self.zone).replace(tzinfo=None)
            != (wall_clock + later).replace(tzinfo=None)
            for later in (timedelta(), self.length)
        )

    def _wall_clock(self, day: date) -> datetime:
        return datetime.combine(day, self.clock or time(), self.zone)

    def occurrence(self, day: date, **members: Any) -> dict[str, Any]:
        """Return an entry of the list of instances."""
        return {
            "@odata.etag": 'W/"k1"',
            "id": f"{MASTER_ID}.{day}",
            "type": "occurrence",
            "isAllDay": self.clock is None,
            "originalStart": f"{self.instant(day):%Y-%m-%dT%H:%M:%SZ}",
            "iCalUId": dated_uid(UID, day),
            **self.times(day),
            **members,
        }

    def exception(self, day: date, moved_to: date, **members: Any) -> dict[str, Any]:
        """Return an occurrence that was moved to another day, in full."""
        own = {
            "type": "exception",
            "changeKey": "k2",
            "subject": "Moved",
            "occurrenceId": f"OID.{MASTER_ID}.{day}",
        }
        return self.occurrence(day, **own, **self.times(moved_to)) | members


def told_by_graph(
    series: Series, names: Collection[str] = (), rule_zone: str | None = None
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return Graph's JSON of an all-day series: its master and its instances.

    :param names: properties with the day, in addition to ``originalStart``
    :param rule_zone: zone in the range; None for the name of the rule's zone
    """
    told = {} if rule_zone is None else {"rule_zone": rule_zone}
    graph = GraphSeries(series.rule, **told)
    instances, full = [], []
    for day in series.days:
        own = series.exceptions.get(day)
        instance = graph.occurrence(date.fromisoformat(day))
        instance["occurrenceId"] = f"OID.{MASTER_ID}.{day}"
        instance |= _plain(series.occurrence(day)) | {"changeKey": "k1"}
        instance["type"] = "exception" if own else "occurrence"
        left_out = {"occurrenceId", "iCalUId"} - set(names)
        instance = without(instance, *left_out)
        instances.append(without(instance, *_IN_FULL))
        if own:
            full.append(instance)
    master = graph.master() | _plain(series.master) | {"exceptionOccurrences": full}
    return master, instances


def _plain(content: Content) -> dict[str, Any]:
    times = content.times
    return {
        "subject": content.subject,
        "location": {"displayName": content.location},
        "attendees": [
            {"emailAddress": {"address": one.email}} for one in content.attendees
        ],
        "categories": list(content.categories),
        "sensitivity": content.sensitivity,
        "isReminderOn": content.reminder is not None,
        "reminderMinutesBeforeStart": content.reminder or 0,
        **_floating(date.fromisoformat(times.start), date.fromisoformat(times.end)),
    }


def without(instance: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return an instance without these properties."""
    return {name: value for name, value in instance.items() if name not in names}


def _utc(moment: datetime) -> dict[str, str]:
    return {"dateTime": f"{moment:%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"}


def _floating(first: date, last: date) -> dict[str, Any]:
    start, end = (
        {"dateTime": f"{day}T00:00:00.0000000", "timeZone": "UTC"}
        for day in (first, last)
    )
    return {"start": start, "end": end}
