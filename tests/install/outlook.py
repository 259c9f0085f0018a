"""Make responses of Graph about a mailbox, without HTTP."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

#: A Monday that stays in all windows for weeks.
MONDAY = date.today() + timedelta(days=14 - date.today().weekday())
MONDAYS = [MONDAY + timedelta(weeks=number) for number in range(4)]
NINE = datetime.combine(MONDAY, time(9))
BERLIN = "W. Europe Standard Time"
HOSTILE = (
    '<p style="color:red; position:fixed; top:0">Please pay</p>'
    '<p class="fixed-top"><img alt="Logo" src="https://spy.example/seen.png"></p>'
)
_DAY = timedelta(days=1)


def event(remote_id: str, change_key: str = "CK1", **values: object) -> dict:
    """Return a single event; the owner of the mailbox is its organizer."""
    return {
        "id": remote_id,
        "changeKey": change_key,
        "iCalUId": f"uid of {remote_id}",
        "type": "singleInstance",
        "subject": remote_id,
        "body": {"contentType": "html", "content": values.pop("body", "")},
        "start": _moment(NINE),
        "end": _moment(NINE + timedelta(hours=1)),
        "originalStartTimeZone": "UTC",
        "isAllDay": False,
        "isCancelled": False,
        "isOrganizer": True,
        "organizer": {"emailAddress": {"address": "anna@example.com", "name": "Anna"}},
        "attendees": [],
        "location": {"displayName": ""},
        "sensitivity": "normal",
        "showAs": "busy",
        "isReminderOn": False,
        "reminderMinutesBeforeStart": 15,
        "categories": [],
        "isOnlineMeeting": False,
        "onlineMeetingProvider": "unknown",
        "onlineMeeting": None,
        "responseStatus": {"response": "organizer"},
        "lastModifiedDateTime": "2026-03-01T08:00:00Z",
        **values,
    }


def online_meeting(remote_id: str, url: str) -> dict:
    """Return an online meeting with this link."""
    return event(
        remote_id,
        isOnlineMeeting=True,
        onlineMeetingProvider="teamsForBusiness",
        onlineMeeting={"joinUrl": url},
    )


def series(
    remote_id: str, *, end: dict | None = None, **values: object
) -> tuple[dict, list[dict]]:
    """Return a series of Mondays and its instances, by default without an end."""
    master = event(remote_id, **values)
    master |= {"type": "seriesMaster", "recurrence": _mondays("UTC", end)}
    instances = [
        _instance(
            remote_id, day, at.isoformat() + "Z", _moment(at), _moment(at + _HOUR)
        )
        for day in MONDAYS
        for at in [datetime.combine(day, time(9))]
    ]
    return master | {"exceptionOccurrences": []}, instances


def all_day_series(remote_id: str, **values: object) -> tuple[dict, list[dict]]:
    """Return four all-day Mondays in Berlin; the third one has another title."""
    ends = {"type": "numbered", "numberOfOccurrences": len(MONDAYS)}
    master = event(remote_id, isAllDay=True, **_dates(MONDAY), **values)
    master |= {"type": "seriesMaster", "recurrence": _mondays(BERLIN, ends)}
    instances = []
    for day in MONDAYS:
        midnight = datetime.combine(day, time(), ZoneInfo("Europe/Berlin"))
        slot = midnight.astimezone(timezone.utc)
        dates = _dates(day)
        one = _instance(remote_id, day, f"{slot:%Y-%m-%dT%H:%M:%SZ}", **dates)
        instances.append(one | {"isAllDay": True})
    instances[2]["type"] = "exception"
    own = master | instances[2] | {"subject": "Their own", "changeKey": "CK1"}
    del own["recurrence"], own["@odata.etag"]
    return master | {"exceptionOccurrences": [own]}, instances


_HOUR = timedelta(hours=1)


def _instance(remote_id, day, slot, start, end):
    return {
        "id": f"{remote_id}.{day}",
        "@odata.etag": 'W/"CK1"',
        "type": "occurrence",
        "seriesMasterId": remote_id,
        "start": start,
        "end": end,
        "originalStart": slot,
        "isAllDay": False,
    }


def _mondays(zone, end):
    bounds = {"startDate": f"{MONDAY}", "recurrenceTimeZone": zone}
    return {
        "pattern": {
            "type": "weekly",
            "interval": 1,
            "daysOfWeek": ["monday"],
            "firstDayOfWeek": "sunday",
        },
        "range": bounds | (end or {"type": "noEnd"}),
    }


def _dates(day):
    return {
        "start": _moment(datetime.combine(day, time())),
        "end": _moment(datetime.combine(day + _DAY, time())),
    }


def _moment(moment):
    return {"dateTime": f"{moment:%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"}
