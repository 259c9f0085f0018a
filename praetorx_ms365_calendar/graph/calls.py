"""Build the requests of the sync, one function for each. Nothing is sent here.

Times are naive UTC, as Odoo stores them. Ids are Graph's and are never parsed. These
functions percent encode links and paths. Source: the Graph v1.0 reference page of each
call.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import Any
from urllib.parse import quote

from ..engine.busy_times import ScheduleRequest
from ..engine.graph_errors import Operation
from ..engine.mapping.reply_states import ReplyOfPerson
from .client import GraphRequest

#: Events of the whole mailbox: Graph does not offer subscriptions per calendar.
SUBSCRIBED_RESOURCE = "me/events"
SUBSCRIBED_CHANGES = "created,updated,deleted"

_CALENDAR_FIELDS = (
    "id,name,hexColor,canEdit,canViewPrivateItems,isDefaultCalendar,owner,"
    "allowedOnlineMeetingProviders,defaultOnlineMeetingProvider"
)
_REPLY_ACTIONS = {
    "accepted": "accept",
    "tentativelyAccepted": "tentativelyAccept",
    "declined": "decline",
}


# The person and the calendars


def me() -> GraphRequest:
    """Read the owner of the token. If ``mail`` is null, use ``userPrincipalName``."""
    return _get("/me?$select=id,displayName,mail,userPrincipalName", "mailbox")


def own_addresses() -> GraphRequest:
    """Read all addresses of the mailbox. A personal account may have no such list."""
    return _get("/me?$select=id,mail,userPrincipalName,proxyAddresses", "mailbox")


def primary_calendar() -> GraphRequest:
    """Read the default calendar, with its providers of online meetings."""
    return _get(f"/me/calendar?$select={_CALENDAR_FIELDS}", "mailbox")


def calendars() -> GraphRequest:
    """Read the first page of all calendars of the mailbox."""
    return _get(f"/me/calendars?$select={_CALENDAR_FIELDS}&$top=100", "mailbox")


def calendar(calendar_path: str) -> GraphRequest:
    """Read the id of one calendar, to check that the calendar can be read."""
    return _get(f"{calendar_path}?$select=id", "list")


def calendar_path(calendar_id: str) -> str:
    """Return the path of a calendar, for the other functions of this file."""
    return f"/me/calendars/{_segment(calendar_id)}"


def get_schedule(request: ScheduleRequest) -> GraphRequest:
    """Read when some people are busy, as far as the owner of the mailbox may know."""
    moments = (datetime.combine(day, time()) for day in (request.start, request.end))
    start, end = (
        {"dateTime": moment.isoformat(), "timeZone": "UTC"} for moment in moments
    )
    body = {
        "schedules": list(request.addresses),
        "startTime": start,
        "endTime": end,
        "availabilityViewInterval": 60,
    }
    return GraphRequest("POST", "/me/calendar/getSchedule", body, operation="mailbox")


# Reading events


def delta_start(
    calendar_path: str | None, start: datetime, end: datetime, page_size: int
) -> GraphRequest:
    """Begin a delta round over a window. All links of the round keep this window.

    :param calendar_path: from :func:`calendar_path`; None for the primary calendar
    :param page_size: Graph may ignore it; with a small size some rounds never end
    """
    path = f"{calendar_path or '/me'}/calendarView/delta?{_window(start, end)}"
    return _get(path, "delta", _page_size(page_size))


def follow(
    link: str, *, page_size: int | None = None, operation: Operation = "follow"
) -> GraphRequest:
    """Follow a next link or a delta link, exactly as Graph returned it.

    :param page_size: the same as in the first call, because a link keeps no headers
    :param operation: the one of the first call, for a link outside a delta round
    """
    return _get(link, operation, _page_size(page_size))


def calendar_view(
    calendar_path: str | None, start: datetime, end: datetime, page_size: int
) -> GraphRequest:
    """Read a window without delta: all occurrences in full, but no series masters."""
    path = f"{calendar_path or '/me'}/calendarView?{_window(start, end)}"
    return _get(f"{path}&$top={page_size}", "list")


def get_event(
    event_id: str, stamp_property_id: str, calendar_path: str | None = None
) -> GraphRequest:
    """Read one event with our stamp.

    :param stamp_property_id: ``String {GUID} Name ...``
    :param calendar_path: needed only for an event in another person's calendar. The id
        of any other event is valid in the whole mailbox
    """
    path = _event(event_id, calendar_path)
    return _get(f"{path}?$expand={_stamp(stamp_property_id)}", "read")


def get_series(
    master_id: str,
    fields: str,
    stamp_property_id: str,
    calendar_path: str | None = None,
) -> GraphRequest:
    """Read a series master with its exceptions and our stamp.

    :param fields: names of the properties to return. Graph returns the exceptions only
        if they are named, and then it returns only the named properties
    :param calendar_path: as in :func:`get_event`
    """
    path = _event(master_id, calendar_path)
    expanded = f"exceptionOccurrences,{_stamp(stamp_property_id)}"
    return _get(f"{path}?$select={fields}&$expand={expanded}", "read")


def get_occurrence(
    occurrence_id: str, fields: str, calendar_path: str | None = None
) -> GraphRequest:
    """Read one occurrence or exception of a series.

    :param calendar_path: as in :func:`get_event`
    """
    return _get(f"{_event(occurrence_id, calendar_path)}?$select={fields}", "read")


def instances(
    master_id: str,
    start: datetime,
    end: datetime,
    page_size: int,
    fields: str,
    calendar_path: str | None = None,
) -> GraphRequest:
    """Read the occurrences and exceptions of a series within a window.

    :param calendar_path: as in :func:`get_event`
    """
    path = f"{_event(master_id, calendar_path)}/instances?{_window(start, end)}"
    return _get(f"{path}&$top={page_size}&$select={fields}", "read")


def find_stamped(
    stamp_property_id: str, prefix: str, calendar_path: str | None = None
) -> GraphRequest:
    """Find the events of a calendar with a stamp that begins with ``prefix``.

    Graph ignores upper and lower case here: the caller must check the stamps again.

    :param calendar_path: None for the primary calendar
    """
    name, value = _literal(stamp_property_id), _literal(prefix)
    condition = f"ep/id eq {name} and startswith(ep/value,{value})"
    wanted = _encoded(f"singleValueExtendedProperties/Any(ep: {condition})")
    expanded = f"$expand={_stamp(stamp_property_id)}"
    events = f"{calendar_path or '/me'}/events"
    return _get(f"{events}?$filter={wanted}&{expanded}&$top=100", "list")


def count_events(calendar_path: str | None = None) -> GraphRequest:
    """Ask for the number of single events and series of a calendar.

    :param calendar_path: None for the primary calendar
    """
    events = f"{calendar_path or '/me/calendar'}/events"
    return _get(f"{events}?$count=true&$select=id&$top=1", "list")


# Writing events


def create_event(
    payload: dict[str, Any], calendar_path: str | None = None
) -> GraphRequest:
    """Create an event. Safe to repeat: the payload has a ``transactionId``."""
    path = f"{calendar_path or '/me'}/events"
    return GraphRequest("POST", path, payload, operation="create")


def patch_event(
    event_id: str,
    payload: dict[str, Any],
    etag: str | None,
    calendar_path: str | None = None,
) -> GraphRequest:
    """Change the given properties, if the event still has this etag.

    :param calendar_path: as in :func:`get_event`
    """
    path = _event(event_id, calendar_path)
    return GraphRequest("PATCH", path, payload, _if_match(etag), operation="update")


def delete_event(
    event_id: str, etag: str | None, calendar_path: str | None = None
) -> GraphRequest:
    """Delete an event, if it still has this etag.

    :param calendar_path: as in :func:`get_event`
    """
    path = _event(event_id, calendar_path)
    return GraphRequest("DELETE", path, None, _if_match(etag), operation="delete")


def cancel_event(event_id: str, comment: str = "") -> GraphRequest:
    """Cancel a meeting of the mailbox's owner; the attendees are mailed the comment."""
    path = f"{_event(event_id)}/cancel"
    return GraphRequest("POST", path, {"comment": comment}, operation="delete")


def send_reply(
    event_id: str,
    reply: ReplyOfPerson,
    *,
    send: bool = True,
    comment: str = "",
) -> GraphRequest:
    """Reply to an invitation.

    :param send: mail the organizer. Without a mail, Graph refuses a comment: it is left
        out then
    """
    body: dict[str, Any] = {"sendResponse": send}
    if send and comment:
        body["comment"] = comment
    path = f"{_event(event_id)}/{_REPLY_ACTIONS[reply]}"
    return GraphRequest("POST", path, body, operation="respond")


# Subscriptions


def subscribe(
    *,
    notification_url: str,
    lifecycle_url: str,
    client_state: str,
    expires_at: datetime,
    resource: str = SUBSCRIBED_RESOURCE,
) -> GraphRequest:
    """Subscribe to the mailbox. Graph calls both URLs before its response."""
    body = {
        "changeType": SUBSCRIBED_CHANGES,
        "notificationUrl": notification_url,
        "lifecycleNotificationUrl": lifecycle_url,
        "resource": resource,
        "expirationDateTime": _instant(expires_at),
        "clientState": client_state,
        "latestSupportedTlsVersion": "v1_2",
    }
    return GraphRequest("POST", "/subscriptions", body, operation="subscribe")


def renew(subscription_id: str, expires_at: datetime) -> GraphRequest:
    """Extend a subscription; this also authorizes it again."""
    body = {"expirationDateTime": _instant(expires_at)}
    return GraphRequest(
        "PATCH", _subscription(subscription_id), body, operation="renew"
    )


def reauthorize(subscription_id: str) -> GraphRequest:
    """Authorize a subscription again without extending it."""
    path = f"{_subscription(subscription_id)}/reauthorize"
    return GraphRequest("POST", path, operation="reauthorize")


def delete_subscription(subscription_id: str) -> GraphRequest:
    """End a subscription."""
    path = _subscription(subscription_id)
    return GraphRequest("DELETE", path, operation="unsubscribe")


def list_subscriptions() -> GraphRequest:
    """Read the first page of the subscriptions of this app and person."""
    return _get("/subscriptions", "mailbox")


# Helpers


def _get(
    path_or_url: str, operation: Operation, headers: dict[str, str] | None = None
) -> GraphRequest:
    return GraphRequest("GET", path_or_url, None, headers or {}, operation)


def _event(event_id: str, calendar_path: str | None = None) -> str:
    return f"{calendar_path or '/me'}/events/{_segment(event_id)}"


def _subscription(subscription_id: str) -> str:
    return f"/subscriptions/{_segment(subscription_id)}"


def _segment(opaque_id: str) -> str:
    """Encode an id as one segment of a path; it may contain ``/``, ``+`` and ``=``."""
    if opaque_id in {"", ".", ".."}:
        raise ValueError("No id to put into a path")
    return quote(opaque_id, safe="")


def _if_match(etag: str | None) -> dict[str, str]:
    return {"If-Match": etag} if etag else {}


def _page_size(page_size: int | None) -> dict[str, str]:
    return {"Prefer": f"odata.maxpagesize={page_size}"} if page_size else {}


def _window(start: datetime, end: datetime) -> str:
    return f"startDateTime={_instant(start)}&endDateTime={_instant(end)}"


def _instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _stamp(property_id: str) -> str:
    wanted = f"id eq {_literal(property_id)}"
    return _encoded(f"singleValueExtendedProperties($filter={wanted})")


def _literal(text: str) -> str:
    """Write a string for OData: each quote in it is doubled."""
    return "'" + text.replace("'", "''") + "'"


def _encoded(text: str) -> str:
    return quote(text, safe="$=()',/:")
