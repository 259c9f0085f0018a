"""Convert events, calendars and users to the JSON of Graph's responses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from . import bodies, ids
from .items import Item
from .options import Options
from .store import Calendar, Mailbox
from .zones import graph_instant, graph_second, graph_wall_clock

_EPOCH = datetime(1970, 1, 1)
_TEAMS_PROVIDERS = ["teamsForBusiness"]
_NO_PROVIDERS = ["unknown"]


@dataclass(frozen=True)
class Preferences:
    """The values of ``Prefer`` that change responses."""

    zone: str = "UTC"
    body_type: str = "html"
    immutable: bool = False
    page_size: int | None = None
    unsafe_html: bool = False


def full_event(item: Item, prefer: Preferences, options: Options) -> dict[str, Any]:
    """Return an event with every property of v1.0, in the order of v1.0."""
    event = item.event
    if event.raw is not None:
        return _raw_event(item, prefer)
    mailbox = event.mailbox
    data = item.data
    shows_uid = options.uid_on_wire == "always" or (
        options.uid_on_wire == "personal" and mailbox.is_personal
    )
    is_filtered = options.filter_html and not prefer.unsafe_html
    start, end = _times(item, prefer.zone)
    uid = ical_uid(item, options)
    is_instance = item.day is not None
    return {
        **_identity(item, prefer),
        "iCalUId": uid,
        **({"uid": uid} if shows_uid else {}),
        **_chosen(data, "reminderMinutesBeforeStart", "isReminderOn"),
        "hasAttachments": bool(event.attachments),
        **_chosen(data, "subject", "bodyPreview", "importance", "sensitivity"),
        **_chosen(data, "isAllDay", "isCancelled", "isOrganizer", "responseRequested"),
        "seriesMasterId": _master_id(item, prefer) if is_instance else None,
        "showAs": data["showAs"],
        "type": item.type,
        "webLink": _web_link(mailbox, item.id(prefer.immutable)),
        "onlineMeetingUrl": None,
        **_chosen(data, "isOnlineMeeting", "onlineMeetingProvider"),
        "allowNewTimeProposals": data["allowNewTimeProposals"],
        **_place_in_series(item, prefer, shows_uid),
        **_chosen(data, "isDraft", "hideAttendees", "responseStatus"),
        "body": _body(data["body"], prefer.body_type, is_filtered),
        "start": start,
        "end": end,
        **_chosen(data, "location", "locations"),
        "recurrence": None if is_instance else _recurrence(item),
        **_chosen(data, "attendees", "organizer", "onlineMeeting"),
    }


def _identity(item: Item, prefer: Preferences) -> dict[str, Any]:
    """Return ids, versions, categories and zones."""
    times = item.exception or item.event
    return {
        "@odata.etag": item.etag,
        "id": item.id(prefer.immutable),
        "createdDateTime": graph_instant(times.created),
        "lastModifiedDateTime": graph_instant(times.modified),
        "changeKey": item.change_key,
        "categories": item.data["categories"],
        "transactionId": item.event.transaction_id,
        **_zones(item, prefer.zone),
    }


def _chosen(data: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: data[name] for name in names}


def _place_in_series(
    item: Item, prefer: Preferences, shows_uid: bool
) -> dict[str, Any]:
    """Return ``occurrenceId`` like Graph: personal accounts have none."""
    if item.day is not None and not item.event.mailbox.is_personal:
        return {"occurrenceId": _occurrence_id(_master_id(item, prefer), item.day)}
    return {"occurrenceId": None} if shows_uid else {}


def _recurrence(item: Item) -> dict[str, Any] | None:
    event = item.event
    if not event.recurrence:
        return None
    recurrence = event.recurrence.to_graph()
    if item.is_all_day and not event.is_organizer:
        # The copies of real all-day series had no zone.
        recurrence["range"]["recurrenceTimeZone"] = ""
    return recurrence


def ical_uid(item: Item, options: Options) -> str:
    """Return the ``iCalUId``; the one of an occurrence has its original date."""
    uid = item.event.ical_uid
    if item.day is None or not options.dated_ical_uids:
        return uid
    return ids.dated_uid(uid, item.day)


def original_start(item: Item) -> str | None:
    """Return ``originalStart``; responses have it only if it is selected.

    For an all-day occurrence it is the instant of midnight in the zone of the series.
    """
    moment = None if item.event.mailbox.is_personal else item.original_start_utc
    return graph_second(moment) if moment else None


def minimal_occurrence(item: Item, prefer: Preferences) -> dict[str, Any]:
    """Return an occurrence as in delta: only ids and times."""
    start, end = _times(item, prefer.zone)
    return {
        "@odata.type": "#microsoft.graph.event",
        "@odata.etag": item.etag,
        "id": item.id(prefer.immutable),
        "seriesMasterId": _master_id(item, prefer),
        "type": "occurrence",
        "start": start,
        "end": end,
    }


def cancelled_occurrences(item: Item, prefer: Preferences) -> list[str]:
    """Return the deleted dates of a series."""
    master_id = item.id(prefer.immutable)
    days = sorted(item.event.cancelled)
    return [_occurrence_id(master_id, day) for day in days]


def calendar_links(item: Item, base_url: str) -> dict[str, str]:
    """Return the links to the calendar; only personal accounts have them."""
    event = item.event
    path = f"{base_url}/users('{event.mailbox.upn}')/calendars('{event.calendar.id}')"
    return {
        "calendar@odata.associationLink": f"{path}/$ref",
        "calendar@odata.navigationLink": path,
    }


def calendar(calendar: Calendar, mailbox: Mailbox) -> dict[str, Any]:
    """Return a calendar for a response."""
    providers = _TEAMS_PROVIDERS if mailbox.teams else _NO_PROVIDERS
    answer = {
        "id": calendar.id,
        "name": calendar.name,
        "color": calendar.color,
        "hexColor": "",
        "isDefaultCalendar": calendar.is_default,
        "changeKey": calendar.change_key,
        "canShare": True,
        "canViewPrivateItems": True,
        "canEdit": True,
        "allowedOnlineMeetingProviders": providers,
        "defaultOnlineMeetingProvider": providers[0],
        "isTallyingResponses": calendar.is_default,
        "isRemovable": not calendar.is_default,
        "owner": {"name": mailbox.display_name, "address": mailbox.address},
    }
    if mailbox.is_personal:
        answer["groupClassId"] = "0006f0b7-0000-0000-c000-000000000046"
    return answer


def user(mailbox: Mailbox) -> dict[str, Any]:
    """Return a user for a response."""
    return {
        "displayName": mailbox.display_name,
        "mail": mailbox.mail,
        "userPrincipalName": mailbox.upn,
        "id": mailbox.id,
        "proxyAddresses": _proxy_addresses(mailbox),
    }


def _proxy_addresses(mailbox: Mailbox) -> list[str]:
    """Return all addresses, the main one in capitals; none for personal accounts."""
    if mailbox.is_personal or not mailbox.mail:
        return []
    return [f"SMTP:{mailbox.mail}", *(f"smtp:{alias}" for alias in mailbox.aliases)]


def mailbox_settings(mailbox: Mailbox) -> dict[str, Any]:
    """Return the settings of a mailbox for a response."""
    no_time = graph_wall_clock(_EPOCH, "UTC")
    return {
        "archiveFolder": None,
        "timeZone": mailbox.time_zone,
        "delegateMeetingMessageDeliveryOptions": "sendToDelegateOnly",
        "dateFormat": "M/d/yyyy",
        "timeFormat": "h:mm tt",
        "userPurpose": "user",
        "automaticRepliesSetting": {
            "status": "disabled",
            "externalAudience": "all",
            "internalReplyMessage": "",
            "externalReplyMessage": "",
            "scheduledStartDateTime": no_time,
            "scheduledEndDateTime": no_time,
        },
        "language": {"locale": "en-US", "displayName": "English (United States)"},
        "workingHours": {
            "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
            "startTime": "08:00:00.0000000",
            "endTime": "17:00:00.0000000",
            "timeZone": {"name": mailbox.time_zone},
        },
        **mailbox.settings,
    }


def _raw_event(item: Item, prefer: Preferences) -> dict[str, Any]:
    answer = dict(item.event.raw or {})
    own = {
        "@odata.etag": item.etag,
        "id": item.id(prefer.immutable),
        "changeKey": item.change_key,
        "type": "singleInstance",
    }
    for name, value in own.items():
        answer.setdefault(name, value)
    # ``omit`` lists names that the planted event must not have.
    for name in answer.pop("omit", []):
        answer.pop(name, None)
    return answer


def _occurrence_id(master_id: str, day: date) -> str:
    return f"OID.{master_id}.{day.isoformat()}"


def _zones(item: Item, asked: str) -> dict[str, str]:
    """Return the zones of creation; all-day events have the requested zone."""
    first, last = (asked, asked) if item.is_all_day else item.zones
    return {"originalStartTimeZone": first, "originalEndTimeZone": last}


def _master_id(item: Item, prefer: Preferences) -> str:
    event = item.event
    return event.immutable_id if prefer.immutable else event.id


def _times(item: Item, zone: str) -> tuple[dict[str, str], dict[str, str]]:
    start, end = item.start, item.end
    if item.is_all_day:
        # An all-day event has the same dates in every zone.
        return graph_wall_clock(start.wall, zone), graph_wall_clock(end.wall, zone)
    return start.to_graph(zone), end.to_graph(zone)


def _body(body: dict[str, str], body_type: str, is_filtered: bool) -> dict[str, str]:
    if body_type == "text":
        return {"contentType": "text", "content": bodies.to_text(body["content"])}
    if is_filtered:
        return {**body, "content": bodies.filtered(body["content"])}
    return body


def _web_link(mailbox: Mailbox, item_id: str) -> str:
    host = "outlook.live.com" if mailbox.is_personal else "outlook.office365.com"
    return (
        f"https://{host}/owa/?itemid={quote(item_id, safe='')}"
        "&exvsurl=1&path=/calendar/item"
    )
