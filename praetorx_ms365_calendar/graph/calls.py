"""The requests that the sync makes, one function each: they build, and send nothing.

Times are naive UTC, as Odoo stores them. Ids are Graph's, opaque. Links and paths are
percent encoded here. Source: Graph v1.0 reference pages of each call.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

from ..engine.answers import Operation
from .client import GraphRequest

#: Events of the whole mailbox: Graph does not offer subscriptions per calendar.
SUBSCRIBED_RESOURCE = "me/events"
SUBSCRIBED_CHANGES = "created,updated,deleted"

_CALENDAR_FIELDS = (
    "id,name,hexColor,canEdit,canViewPrivateItems,isDefaultCalendar,owner,"
    "allowedOnlineMeetingProviders,defaultOnlineMeetingProvider"
)
_RESPONSES = {
    "accepted": "accept",
    "tentativelyAccepted": "tentativelyAccept",
    "declined": "decline",
}


# The person and the calendars


def me() -> GraphRequest:
    """Whose token this is. ``mail`` may be null: then take ``userPrincipalName``."""
    return _get("/me?$select=id,displayName,mail,userPrincipalName", "mailbox")


def own_addresses() -> GraphRequest:
    """All addresses of the mailbox; work accounts have them, personal ones may not."""
    return _get("/me?$select=id,mail,userPrincipalName,proxyAddresses", "mailbox")


def primary_calendar() -> GraphRequest:
    """The default calendar, and whether it can hold Teams meetings."""
    return _get(f"/me/calendar?$select={_CALENDAR_FIELDS}", "mailbox")


def calendars() -> GraphRequest:
    """The first page of all calendars of the mailbox."""
    return _get(f"/me/calendars?$select={_CALENDAR_FIELDS}&$top=100", "mailbox")


def calendar(calendar_path: str) -> GraphRequest:
    """One calendar: whether it can be read at all."""
    return _get(f"{calendar_path}?$select=id", "list")


def calendar_path(calendar_id: str) -> str:
    """Return what the other functions take as ``calendar_path``."""
    return f"/me/calendars/{_segment(calendar_id)}"


# Reading events


def delta_start(
    calendar_path: str | None, start: datetime, end: datetime, page_size: int
) -> GraphRequest:
    """Begin a delta round over a window, which its links then keep for ever.

    :param calendar_path: of :func:`calendar_path`; None for the primary calendar
    :param page_size: a wish; a small one provokes rounds that never end
    """
    path = f"{calendar_path or '/me'}/calendarView/delta?{_window(start, end)}"
    return _get(path, "delta", _page_size(page_size))


def follow(
    link: str, *, page_size: int | None = None, operation: Operation = "follow"
) -> GraphRequest:
    """Take a next link or a delta link, exactly as Graph gave it.

    :param page_size: links do not remember headers: give the one of the first call
    :param operation: for links that belong to no delta round, that of the first call
    """
    return _get(link, operation, _page_size(page_size))


def calendar_view(
    calendar_path: str | None, start: datetime, end: datetime, page_size: int
) -> GraphRequest:
    """Read a window without delta: all occurrences in full, no series masters."""
    path = f"{calendar_path or '/me'}/calendarView?{_window(start, end)}"
    return _get(f"{path}&$top={page_size}", "list")


def get_event(
    event_id: str, stamp_property_id: str, calendar_path: str | None = None
) -> GraphRequest:
    """Read one event with our stamp.

    :param stamp_property_id: ``String {GUID} Name ...``
    :param calendar_path: needed for events of somebody else's calendar only: the ids
        of all others are known to the whole mailbox
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

    :param fields: exceptions come only when they are asked for by name, which drops
        all that is not asked for
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
    """Find the events of a calendar whose stamp begins with ``prefix``.

    Graph compares the values without regard to case: check them again.

    :param calendar_path: None for the primary calendar
    """
    name, value = _literal(stamp_property_id), _literal(prefix)
    condition = f"ep/id eq {name} and startswith(ep/value,{value})"
    wanted = _encoded(f"singleValueExtendedProperties/Any(ep: {condition})")
    expanded = f"$expand={_stamp(stamp_property_id)}"
    events = f"{calendar_path or '/me'}/events"
    return _get(f"{events}?$filter={wanted}&{expanded}&$top=100", "list")


# Writing events


def create_event(
    payload: dict[str, Any], calendar_path: str | None = None
) -> GraphRequest:
    """Create an event. The payload has its ``transactionId``: sending it may repeat."""
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
    """Cancel an own meeting: its attendees get the comment by mail."""
    path = f"{_event(event_id)}/cancel"
    return GraphRequest("POST", path, {"comment": comment}, operation="delete")


def respond(
    event_id: str,
    response: Literal["accepted", "tentativelyAccepted", "declined"],
    *,
    send: bool = True,
    comment: str = "",
) -> GraphRequest:
    """Answer an invitation.

    :param send: tell the organizer; a comment without that is refused, so left out
    """
    body: dict[str, Any] = {"sendResponse": send}
    if send and comment:
        body["comment"] = comment
    path = f"{_event(event_id)}/{_RESPONSES[response]}"
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
    """Subscribe to the mailbox. Graph calls both URLs before it answers."""
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
    """Prolong a subscription; this authorizes it anew, too."""
    body = {"expirationDateTime": _instant(expires_at)}
    return GraphRequest(
        "PATCH", _subscription(subscription_id), body, operation="renew"
    )


def reauthorize(subscription_id: str) -> GraphRequest:
    """Authorize a subscription anew without prolonging it."""
    path = f"{_subscription(subscription_id)}/reauthorize"
    return GraphRequest("POST", path, operation="reauthorize")


def delete_subscription(subscription_id: str) -> GraphRequest:
    """End a subscription."""
    path = _subscription(subscription_id)
    return GraphRequest("DELETE", path, operation="unsubscribe")


def list_subscriptions() -> GraphRequest:
    """The first page of the subscriptions of this app and person."""
    return _get("/subscriptions", "mailbox")


# Writing them down


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
    """Write a string of OData, in which a quote is doubled."""
    return "'" + text.replace("'", "''") + "'"


def _encoded(text: str) -> str:
    return quote(text, safe="$=()',/:")
