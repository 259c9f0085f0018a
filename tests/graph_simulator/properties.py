"""Turn the validated values of a request into the properties that are stored."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from . import bodies
from .errors import GraphError, invalid_request, property_validation_failure
from .zones import UNSET_TIME, Moment, is_windows_name, parse_moment

MAX_ATTENDEES = 500
#: Properties that the owner of each copy may change; others are not told.
PERSONAL = frozenset(
    (
        "isReminderOn",
        "reminderMinutesBeforeStart",
        "showAs",
        "categories",
        "singleValueExtendedProperties",
        "multiValueExtendedProperties",
    )
)
TIMES = frozenset(("start", "end", "isAllDay", "recurrence"))
_SEPARATE = TIMES | {
    "attachments",
    "extensions",
    "transactionId",
    "singleValueExtendedProperties",
    "multiValueExtendedProperties",
    "isOnlineMeeting",
    "onlineMeetingProvider",
}


def empty_location() -> dict[str, Any]:
    """Return the location of an event without a location."""
    return {
        "displayName": "",
        "locationType": "default",
        "uniqueIdType": "unknown",
        "address": {},
        "coordinates": {},
    }


def no_answer() -> dict[str, str]:
    """Return the status of an attendee without a reply."""
    return {"response": "none", "time": UNSET_TIME}


def default_data(organizer_name: str, organizer_address: str) -> dict[str, Any]:
    """Return the default properties of an event."""
    return {
        "subject": "",
        "body": {"contentType": "html", "content": ""},
        "bodyPreview": "",
        "categories": [],
        "importance": "normal",
        "sensitivity": "normal",
        "isAllDay": False,
        "isCancelled": False,
        "isDraft": False,
        "isOrganizer": True,
        "responseRequested": True,
        "showAs": "busy",
        "isReminderOn": True,
        "reminderMinutesBeforeStart": 15,
        "allowNewTimeProposals": True,
        "hideAttendees": False,
        "location": empty_location(),
        "locations": [],
        "attendees": [],
        "organizer": {
            "emailAddress": {"name": organizer_name, "address": organizer_address}
        },
        "responseStatus": {"response": "organizer", "time": UNSET_TIME},
        "isOnlineMeeting": False,
        "onlineMeetingProvider": "unknown",
        "onlineMeeting": None,
    }


def stored_properties(
    values: dict[str, Any], current: dict[str, Any]
) -> dict[str, Any]:
    """Convert the values of a request to changes of ``data``.

    :param values: validated values; other code handles times and Teams
    :param current: the properties before the change, with the replies of attendees
    :raise GraphError: 400
    """
    changes: dict[str, Any] = {}
    defaults = default_data("", "")
    for name, value in values.items():
        if name in _SEPARATE:
            continue
        if name == "body":
            changes.update(_body(value))
        elif name == "attendees":
            changes["attendees"] = _attendees(value or [], current["attendees"])
        elif name in ("location", "locations"):
            continue
        elif name == "reminderMinutesBeforeStart" and value is not None and value < 0:
            raise property_validation_failure()
        else:
            changes[name] = defaults[name] if value is None else value
    changes.update(_locations(values))
    return changes


def _body(value: dict[str, Any] | None) -> dict[str, Any]:
    content = (value or {}).get("content") or ""
    if (value or {}).get("contentType") == "html":
        document = bodies.from_html(content)
    else:
        document = bodies.from_text(content) if content else ""
    return body_changes(document)


def body_changes(document: str) -> dict[str, Any]:
    """Return the properties that are made from a stored HTML document."""
    return {
        "body": {"contentType": "html", "content": document},
        "bodyPreview": bodies.preview(document),
    }


def _attendees(
    wanted: list[dict[str, Any]], current: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    if len(wanted) > MAX_ATTENDEES:
        raise invalid_request(f"At most {MAX_ATTENDEES} attendees are allowed.")
    known = {address_of(attendee).lower(): attendee for attendee in current}
    attendees = []
    seen = set()
    for entry in wanted:
        address = ((entry.get("emailAddress") or {}).get("address") or "").strip()
        if not address:
            raise GraphError(
                400, "ErrorInvalidRecipients", "At least one recipient is not valid."
            )
        if address.lower() in seen:
            continue
        seen.add(address.lower())
        before = known.get(address.lower(), {})
        attendee = {
            "type": entry.get("type") or before.get("type") or "required",
            "status": before.get("status") or no_answer(),
            "emailAddress": {
                "name": entry["emailAddress"].get("name") or address,
                "address": address,
            },
        }
        if "proposedNewTime" in before:
            attendee["proposedNewTime"] = before["proposedNewTime"]
        attendees.append(attendee)
    return attendees


def address_of(attendee: dict[str, Any]) -> str:
    """Return the address of an attendee or recipient."""
    address: str = attendee["emailAddress"]["address"]
    return address


def _locations(values: dict[str, Any]) -> dict[str, Any]:
    if "location" in values:
        location = _location(values["location"])
        listed = [location] if location["displayName"] else []
        return {"location": location, "locations": listed}
    if "locations" in values:
        listed = [_location(value) for value in values["locations"] or []]
        return {"locations": listed, "location": _joined(listed)}
    return {}


def _location(value: dict[str, Any] | None) -> dict[str, Any]:
    name = (value or {}).get("displayName") or ""
    if not value or not name:
        return empty_location()
    given = {key: member for key, member in value.items() if member is not None}
    return {
        "locationType": "default",
        "uniqueId": name,
        "uniqueIdType": "private",
        **given,
        "displayName": name,
    }


def _joined(locations: list[dict[str, Any]]) -> dict[str, Any]:
    if not locations:
        return empty_location()
    if len(locations) == 1:
        return locations[0]
    names = [location["displayName"] for location in locations]
    return _location({"displayName": "; ".join(names)})


def read_moment(value: dict[str, str] | None, zones: str) -> Moment:
    """Read ``start`` or ``end`` of a request.

    :param zones: the option ``body_zones``
    :raise GraphError: 400
    """
    if value is None or value.get("dateTime") is None:
        raise property_validation_failure()
    moment = parse_moment(value)
    if zones == "windows" and not is_windows_name(moment.zone):
        raise GraphError(
            400,
            "TimeZoneNotSupportedException",
            f"The time zone '{moment.zone}' is not supported.",
        )
    return moment


def check_times(start: Moment, end: Moment, is_all_day: bool) -> None:
    """Check that start is before end, and that all-day events begin at midnight.

    :raise GraphError: 400
    """
    if is_all_day:
        for name, moment in (("Start", start), ("End", end)):
            if moment.wall != moment.wall.replace(hour=0, minute=0, second=0):
                raise GraphError(
                    400,
                    "ErrorInvalidRequest",
                    f"The Event.{name} property for an all-day event needs to be set "
                    "to midnight.",
                )
        if start.zone.lower() != end.zone.lower():
            raise invalid_request(
                "The Event.Start and Event.End of an all-day event need the same "
                "time zone."
            )
        if end.wall - start.wall < timedelta(days=1):
            raise invalid_request(
                "The duration of an event marked as All day must be at least 24 hours."
            )
    elif end.utc() < start.utc():
        raise property_validation_failure()
