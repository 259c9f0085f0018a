"""Create series, and compare both sides occurrence by occurrence."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from .compare import differences
from .person import ODOO_FIELDS, Person, graph_time, odoo_time

Json = dict[str, Any]
ZONE = ZoneInfo("Europe/Berlin")
#: Windows name of the same zone.
WINDOWS_ZONE = "W. Europe Standard Time"
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SERIES_FIELDS = [*ODOO_FIELDS, "recurrence_id", "recurrency", "ms365_day"]


def local_start(world: Any, hour: int = 9, day: int = 1) -> datetime:
    """Return a local time in Berlin, ``day`` days from today."""
    today = world.now().date() + timedelta(days=day)
    return datetime.combine(today, datetime.min.time()) + timedelta(hours=hour)


def utc(wall_clock: datetime) -> datetime:
    """Return the naive UTC time of a local time in Berlin."""
    aware = wall_clock.replace(tzinfo=ZONE)
    return aware.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)


def weekly(start: datetime, count: int = 4, **pattern: Any) -> Json:
    """Return a ``recurrence`` of Graph: each week on the weekday of ``start``."""
    return {
        "pattern": {
            "type": "weekly",
            "interval": 1,
            "daysOfWeek": [_DAYS[start.weekday()]],
            "firstDayOfWeek": "monday",
            **pattern,
        },
        "range": {
            "type": "numbered",
            "startDate": f"{start:%Y-%m-%d}",
            "numberOfOccurrences": count,
            "recurrenceTimeZone": WINDOWS_ZONE,
        },
    }


def all_day_in_odoo(first: date, last: date) -> Json:
    """Return the values of an all-day event, as Odoo's form writes them."""
    return {
        "allday": True,
        "start_date": first.isoformat(),
        "stop_date": last.isoformat(),
        "start": f"{first} 08:00:00",
        "stop": f"{last} 18:00:00",
    }


def all_day_in_outlook(first: date, last: date, zone: str) -> Json:
    """Return the times of an all-day event for Graph: midnights in a zone."""
    midnight = datetime.min.time()
    after = last + timedelta(days=1)
    return {
        "isAllDay": True,
        "start": graph_time(datetime.combine(first, midnight), zone),
        "end": graph_time(datetime.combine(after, midnight), zone),
    }


def outlook_series(
    person: Person, subject: str, start: datetime, /, count: int = 4, **values: Any
) -> Json:
    """Create a weekly series "in Outlook".

    :param values: as in Graph; ``calendar`` is a calendar of Outlook
    """
    calendar_id = (values.pop("calendar", None) or {}).get("id")
    return person.world.control.create_event(
        person.upn,
        {
            "subject": subject,
            "start": graph_time(start, WINDOWS_ZONE),
            "end": graph_time(start + timedelta(hours=1), WINDOWS_ZONE),
            "isReminderOn": False,
            "recurrence": weekly(start, count),
            **values,
        },
        calendar_id,
    )


def move_and_prolong(person: Person, master: Json, start: datetime) -> None:
    """Move a weekly series in Outlook by a day and three hours, and give it six dates.

    :param start: its local start before
    """
    later = start + timedelta(days=1, hours=3)
    person.outlook_update(
        master,
        start=graph_time(later, WINDOWS_ZONE),
        end=graph_time(later + timedelta(hours=1), WINDOWS_ZONE),
        recurrence=weekly(later, count=6),
    )


def odoo_series(
    person: Person, name: str, start: datetime, /, count: int = 4, **values: Any
) -> int:
    """Create a weekly series in Odoo, and return the id of its first event.

    :param values: more values of the event, or other times than an hour from ``start``
    """
    return person.client.create(
        "calendar.event",
        {
            "name": name,
            "start": odoo_time(utc(start)),
            "stop": odoo_time(utc(start + timedelta(hours=1))),
            "alarm_ids": [(6, 0, [])],
            "partner_ids": [(6, 0, [person.partner_id])],
            "recurrency": True,
            "rrule_type": "weekly",
            _DAYS[start.weekday()][:3]: True,
            "end_type": "count",
            "count": count,
            "event_tz": ZONE.key,
            **values,
        },
        skip_contact_description=True,
    )


def rows(person: Person) -> list[Json]:
    """Return the Odoo events of the person's series, in order."""
    return person.client.search_read(
        "calendar.event",
        [("recurrence_id", "!=", False), ("user_id", "=", person.user_id)],
        _SERIES_FIELDS,
        order="start",
    )


def occurrences(person: Person) -> list[Json]:
    """Return the occurrences in the mailbox, in order, without cancelled ones."""
    world = person.world
    start = world.now() - timedelta(days=20)
    end = world.now() + timedelta(days=400)
    shown = world.control.view(
        person.upn, f"{start:%Y-%m-%dT%H:%M:%S}Z", f"{end:%Y-%m-%dT%H:%M:%S}Z"
    )
    found = [
        one
        for one in shown
        if one["type"] in ("occurrence", "exception") and not one["isCancelled"]
    ]
    return sorted(found, key=lambda one: one["start"]["dateTime"])


def assert_same_series(person: Person) -> list[Json]:
    """Fail unless both sides have the same occurrences, and return Odoo's."""
    ours, theirs = rows(person), occurrences(person)
    told = [one["start"] for one in ours], [one["start"]["dateTime"] for one in theirs]
    assert len(ours) == len(theirs), told
    names = person.names()
    for mine, other in zip(ours, theirs, strict=True):
        assert differences(mine, other, names) == [], told
    return ours


def links_of(world: Any, found: list[Json]) -> list[Json]:
    """Return the links of the series of these events."""
    [recurrence_id] = {row["recurrence_id"][0] for row in found}
    return world.admin.search_read(
        "praetorx.ms365.event.link",
        [("recurrence_id", "=", recurrence_id)],
        ["account_id", "calendar_id", "remote_id", "state", "is_primary"],
        order="id",
    )


def calendars_of(found: list[Json]) -> set[str]:
    """Return the names of the calendars of these Odoo events."""
    return {row["ms365_calendar_id"][1] for row in found}


def states_of(found: list[Json]) -> set[str]:
    """Return the sync states of these Odoo events."""
    return {row["ms365_sync_state"] for row in found}


def read_again(world: Any) -> None:
    """Read the changes of every calendar."""
    world.quiesce()
    world.poll()
    world.quiesce()
