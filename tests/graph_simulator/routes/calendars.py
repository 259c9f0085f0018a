"""HTTP handlers for users, mailbox settings, calendars and free/busy times."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from .. import odata, render
from ..errors import GraphError, bad_request, item_not_found
from ..items import Item
from ..store import Calendar, Mailbox
from ..validation import check_body, check_complex, check_parameters
from ..zone_table import WINDOWS_TO_IANA
from ..zones import Moment, from_utc, graph_wall_clock, parse_moment, zone_info
from . import shared
from .wire import Answer, GraphRequest, next_link

_READ = ("Calendars.Read", "Calendars.ReadWrite", "Calendars.ReadBasic")
_WRITE = ("Calendars.ReadWrite",)
_SCHEDULE_DIGITS = {
    "free": "0",
    "tentative": "1",
    "busy": "2",
    "oof": "3",
    "workingElsewhere": "4",
}
MAX_SCHEDULES = 20
MAX_SCHEDULE_DAYS = 62
MAX_TRANSLATED = 1000


def me(request: GraphRequest) -> Answer:
    """Return the user."""
    request.require("User.Read")
    query = odata.parse(request.query(), "user")
    answer = {
        "@odata.context": f"{request.context}users/$entity",
        **render.user(request.owner),
    }
    if "proxyAddresses" not in (query.select or ()):
        del answer["proxyAddresses"]  # returned only if selected
    return Answer(200, odata.selected(answer, query))


def mailbox_settings(request: GraphRequest, name: str | None = None) -> Answer:
    """Return the settings of the mailbox, or one of them.

    :param name: name of the single setting
    :raise GraphError: 400 for a setting that does not exist
    """
    request.require("MailboxSettings.Read", "MailboxSettings.ReadWrite")
    query = odata.parse(request.query(), "mailboxSettings")
    owner = quote(request.owner.id)
    answer = {
        "@odata.context": f"{request.context}users('{owner}')/mailboxSettings",
        **render.mailbox_settings(request.owner),
    }
    if name is not None:
        return _one_setting(answer, name)
    if query.select:
        answer = {
            name: value
            for name, value in answer.items()
            if name in query.select or name.startswith("@odata.")
        }
    return Answer(200, answer)


def _one_setting(settings: dict[str, Any], name: str) -> Answer:
    by_lower = {known.lower(): known for known in settings}
    known = by_lower.get(name.lower())
    if known is None:
        raise bad_request(f"Resource not found for the segment '{name}'.")
    context = f"{settings['@odata.context']}/{known}"
    value = settings[known]
    inner = value if isinstance(value, dict) else {"value": value}
    return Answer(200, {"@odata.context": context, **inner})


def change_mailbox_settings(request: GraphRequest) -> Answer:
    """Change settings of the mailbox.

    :raise GraphError: 400 for an unknown zone, name or type
    """
    request.require("MailboxSettings.ReadWrite")
    values = check_complex("mailboxSettings", request.json_body())
    owner = request.owner
    if values.get("timeZone"):
        zone_info(values["timeZone"])
        owner.time_zone = values.pop("timeZone")
    owner.settings.update(values)
    return mailbox_settings(request)


def supported_time_zones(request: GraphRequest, standard: str) -> Answer:
    """Return the known zones, by Windows or IANA name."""
    request.require("User.Read")
    names = sorted(WINDOWS_TO_IANA)
    if standard.lower() == "iana":
        names = sorted(set(WINDOWS_TO_IANA.values()))
    elif standard.lower() != "windows":
        raise bad_request(f"Requested value '{standard}' was not found.")
    return Answer(
        200,
        {
            "@odata.context": (
                f"{request.context}Collection(microsoft.graph.timeZoneInformation)"
            ),
            "value": [{"alias": name, "displayName": name} for name in names],
        },
    )


def find_calendar(mailbox: Mailbox, calendar_id: str) -> Calendar:
    """Return a calendar.

    :raise GraphError: 404
    """
    calendar = mailbox.calendars.get(calendar_id)
    if calendar is None:
        raise item_not_found()
    return calendar


def list_calendars(request: GraphRequest) -> Answer:
    """Return the calendars of the mailbox."""
    request.require(*_READ)
    query = odata.parse(request.query(), "calendar")
    answers = [
        render.calendar(calendar, request.owner)
        for calendar in request.owner.calendars.values()
    ]
    answers += [shared.listed(share) for share in request.owner.shares.values()]
    if query.filter is not None:
        answers = [answer for answer in answers if query.filter(answer)]
    owner = quote(request.owner.id)
    top = query.top or request.service.options.page_size
    last = query.skip + top
    body: dict[str, Any] = {
        "@odata.context": f"{request.context}users('{owner}')/calendars",
        "value": [odata.selected(one, query) for one in answers[query.skip : last]],
    }
    if last < len(answers):
        body["@odata.nextLink"] = next_link(request, top, last)
    return Answer(200, body)


def read_calendar(request: GraphRequest, calendar: Calendar) -> Answer:
    """Return one calendar."""
    request.require(*_READ)
    query = odata.parse(request.query(), "calendar")
    return Answer(200, odata.selected(_single(request, calendar), query))


def create_calendar(request: GraphRequest) -> Answer:
    """Create a calendar."""
    request.require(*_WRITE)
    values = check_body("calendar", request.json_body(), create=True)
    name = (values.get("name") or "").strip()
    if not name:
        raise bad_request("A calendar needs a name.", "ErrorInvalidRequest")
    taken = {one.name.lower() for one in request.owner.calendars.values()}
    if name.lower() in taken:
        raise GraphError(
            409, "ErrorFolderExists", "A folder with the specified name already exists."
        )
    calendar = request.owner.add_calendar(name)
    calendar.color = values.get("color") or "auto"
    return Answer(201, _single(request, calendar))


def update_calendar(request: GraphRequest, calendar: Calendar) -> Answer:
    """Rename or recolour a calendar."""
    request.require(*_WRITE)
    values = check_body("calendar", request.json_body(), create=False)
    calendar.name = values.get("name") or calendar.name
    calendar.color = values.get("color") or calendar.color
    calendar.change_key = request.owner.next_change_key()
    return Answer(200, _single(request, calendar))


def delete_calendar(request: GraphRequest, calendar: Calendar) -> Answer:
    """Delete a calendar with its events."""
    request.require(*_WRITE)
    if calendar.is_default:
        raise bad_request(
            "The default calendar cannot be deleted.", "ErrorDeleteDistinguishedFolder"
        )
    for event in request.owner.living(calendar):
        request.service.exchange.delete(event.item(), request.cause)
    del request.owner.calendars[calendar.id]
    return Answer(204)


def _single(request: GraphRequest, calendar: Calendar) -> dict[str, Any]:
    owner = quote(request.owner.id)
    return {
        "@odata.context": f"{request.context}users('{owner}')/calendars/$entity",
        **render.calendar(calendar, request.owner),
    }


# -- free/busy ----------------------------------------------------------------------


def get_schedule(request: GraphRequest) -> Answer:
    """Return the free/busy times of some addresses."""
    request.require(*_READ)
    if request.owner.is_personal:
        raise GraphError(401, "UnknownError", "")
    values = check_parameters("calendar", "getSchedule", request.json_body())
    schedules = values.get("Schedules") or []
    if not schedules or not values.get("StartTime") or not values.get("EndTime"):
        raise bad_request("Schedules, StartTime and EndTime are required.")
    start = parse_moment(values["StartTime"])
    end = parse_moment(values["EndTime"])
    minutes = values.get("AvailabilityViewInterval") or 30
    if not 5 <= minutes <= 1440:
        raise bad_request(
            "AvailabilityViewInterval has to be from 5 to 1440.",
            "ErrorInvalidParameter",
        )
    span = end.utc() - start.utc()
    too_long = span > timedelta(days=MAX_SCHEDULE_DAYS) or span <= timedelta()
    if len(schedules) > MAX_SCHEDULES or too_long:
        raise bad_request(
            "The requested time duration specified for FreeBusyViewOptions.TimeWindow "
            "is not within the allowed limits.",
            "ErrorTimeIntervalTooBig",
        )
    value = [_schedule(request, one, start, end, minutes) for one in schedules]
    return Answer(
        200,
        {
            "@odata.context": (
                f"{request.context}Collection(microsoft.graph.scheduleInformation)"
            ),
            "value": value,
        },
    )


def _schedule(
    request: GraphRequest, address: str, start: Moment, end: Moment, minutes: int
) -> dict[str, Any]:
    mailbox = request.service.store.mailbox(address)
    if mailbox is None:
        return {
            "scheduleId": address,
            "availabilityView": "",
            "scheduleItems": None,
            "workingHours": None,
            "error": {
                "message": f"Unable to resolve e-mail address {address}",
                "responseCode": "5009",
            },
        }
    first, last = start.utc(), end.utc()
    items = [
        item
        for event in mailbox.living(mailbox.default_calendar)
        for item in event.instances(first, last)
        if event.raw is None and not item.data["isCancelled"]
    ]
    items.sort(key=lambda item: item.start_utc)
    sees_private = mailbox is request.owner
    zone = request.prefer.zone
    return {
        "scheduleId": address,
        "availabilityView": _availability_view(items, first, last, minutes),
        "scheduleItems": [_schedule_item(item, zone, sees_private) for item in items],
        "workingHours": render.mailbox_settings(mailbox)["workingHours"],
    }


def _schedule_item(item: Item, zone: str, sees_private: bool) -> dict[str, Any]:
    data = item.data
    is_private = data["sensitivity"] in ("private", "confidential")
    entry: dict[str, Any] = {
        "isPrivate": is_private,
        "status": data["showAs"],
        "start": graph_wall_clock(from_utc(item.start_utc, zone), zone),
        "end": graph_wall_clock(from_utc(item.end_utc, zone), zone),
    }
    if not is_private or sees_private:
        entry["subject"] = data["subject"]
        entry["location"] = data["location"]["displayName"]
    return entry


def _availability_view(
    items: list[Item], first: datetime, last: datetime, minutes: int
) -> str:
    """Return one digit for each slot: the status of its busiest event."""
    view = ""
    slot = first
    while slot < last:
        slot_end = slot + timedelta(minutes=minutes)
        digits = [
            _SCHEDULE_DIGITS.get(item.data["showAs"], "0")
            for item in items
            if item.overlaps(slot, slot_end)
        ]
        view += max(digits, default="0")
        slot = slot_end
    return view


# -- ids ----------------------------------------------------------------------------


def translate_ids(request: GraphRequest) -> Answer:
    """Convert ids between the default and the immutable format."""
    request.require("User.Read")
    body = request.json_body()
    known = {"inputIds", "sourceIdType", "targetIdType"}
    if not isinstance(body, dict) or not known >= set(body):
        raise bad_request("inputIds, sourceIdType and targetIdType are expected.")
    formats = {"restid": False, "restimmutableentryid": True}
    input_ids = body.get("inputIds")
    target = formats.get(str(body.get("targetIdType", "")).lower())
    source = formats.get(str(body.get("sourceIdType", "")).lower())
    refusal = bad_request("The ids cannot be translated.", "ErrorInvalidParameter")
    if not isinstance(input_ids, list) or len(input_ids) > MAX_TRANSLATED:
        raise refusal
    if target is None or source is None:
        raise refusal
    value = []
    for source_id in input_ids:
        item = request.owner.find(str(source_id))
        entry: dict[str, Any] = {"sourceId": source_id}
        if item is not None:
            entry["targetId"] = item.id(immutable=target)
        else:
            entry["errorDetails"] = {
                "code": "ErrorItemNotFound",
                "message": "The specified object was not found in the store.",
            }
        value.append(entry)
    return Answer(
        200,
        {
            "@odata.context": (
                f"{request.context}Collection(microsoft.graph.convertIdResult)"
            ),
            "value": value,
        },
    )
