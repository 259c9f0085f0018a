"""Convert changed fields of the engine to Graph's JSON, and send nothing else.

Each write may mail every attendee (docs/graph.md). A property that we do not
understand is never written.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ..snapshot import (
    CONTENT_FIELDS,
    Attendee,
    Content,
)
from .body import join_body
from .graph_times import write_times
from .stamp import STAMP_PROPERTY_ID


def create_payload(
    content: Content, *, stamp: str, transaction_id: str, default_zone: str | None
) -> dict[str, Any]:
    """Return the body of the POST that creates an event.

    :param stamp: of :func:`.stamp.make_stamp`
    :param transaction_id: of :func:`.stamp.transaction_id`
    :param default_zone: IANA name, for an event that has no zone of its own
    """
    payload = {
        "subject": content.subject,
        "body": _body(content.body, ""),
        **write_times(content.times, content.times.zone, default_zone),
        "sensitivity": content.sensitivity,
        **_show_as(content),
        **_reminder(content),
        **_online_meeting(content),
        "transactionId": transaction_id,
        **_stamp(stamp),
    }
    if content.location:
        payload["location"] = {"displayName": content.location}
    if content.categories:
        payload["categories"] = list(content.categories)
    if content.attendees:
        payload["attendees"] = _attendees(content, None)
    return payload


def patch_payload(
    changed: Collection[str],
    content: Content,
    *,
    base_theirs: Content | None,
    teams_block: str,
    stamp: str | None = None,
) -> dict[str, Any]:
    """Return the body of the PATCH that writes the changed fields; it may be empty.

    :param changed: names from ``CONTENT_FIELDS``
    :param content: has the values of these fields
    :param base_theirs: the content in Graph. Its zone and the kinds of its attendees
        are kept
    :param teams_block: Microsoft's part of the body in Graph, as it was last read. A
        body that is sent without this block takes an online meeting offline
    :param stamp: set on an event that Odoo made but that has no stamp yet
    """
    if unknown := set(changed) - set(CONTENT_FIELDS):
        raise ValueError(f"no fields of an event: {sorted(unknown)}")
    payload: dict[str, Any] = {}
    for name in CONTENT_FIELDS:
        if name in changed:
            payload.update(_property(name, content, base_theirs, teams_block))
    if stamp:
        payload.update(_stamp(stamp))
    return payload


def _property(
    name: str, content: Content, base_theirs: Content | None, teams_block: str
) -> dict[str, Any]:
    """Return the Graph properties of one field, with their values."""
    if name == "times":
        before = base_theirs.times if base_theirs else None
        # For an all-day event, Graph does not return the zone of its creation.
        own_zone = before.zone if before and not before.all_day else None
        return write_times(content.times, own_zone, content.times.zone)
    if name == "body":
        return {"body": _body(content.body, teams_block)}
    if name == "location":
        return {"location": {"displayName": content.location}}
    if name == "attendees":
        return {"attendees": _attendees(content, base_theirs)}
    if name == "categories":
        return {"categories": list(content.categories)}
    if name == "show_as":
        return _show_as(content)
    if name == "reminder":
        return _reminder(content)
    if name == "online_meeting":
        return _online_meeting(content)
    return {name: getattr(content, name)}  # subject, sensitivity: same name and value


def _body(own_html: str, teams_block: str) -> dict[str, str]:
    return {"contentType": "html", "content": join_body(own_html, teams_block)}


def _show_as(content: Content) -> dict[str, str]:
    if content.show_as == "unknown":  # Graph had a value that we do not know
        return {}
    return {"showAs": content.show_as}


def _reminder(content: Content) -> dict[str, Any]:
    if content.reminder is None:
        return {"isReminderOn": False}
    return {"isReminderOn": True, "reminderMinutesBeforeStart": content.reminder}


def _online_meeting(content: Content) -> dict[str, Any]:
    """Switch Teams on if wanted; Graph cannot switch it off (docs/graph.md)."""
    if not content.online_meeting:
        return {}
    return {"isOnlineMeeting": True, "onlineMeetingProvider": "teamsForBusiness"}


def _attendees(content: Content, base_theirs: Content | None) -> list[dict[str, Any]]:
    """Return the whole list of attendees. It replaces the list in Graph.

    An attendee that Graph already has keeps name and kind from there. Attendees without
    a mail address are kept too: a person left out would be mailed a cancellation.
    """
    before = base_theirs or content
    known = {attendee.email: attendee for attendee in before.attendees}
    invited = [known.get(attendee.email, attendee) for attendee in content.attendees]
    return [_attendee(attendee) for attendee in (*invited, *before.unmapped_attendees)]


def _attendee(attendee: Attendee) -> dict[str, Any]:
    return {
        "type": attendee.kind,
        "emailAddress": {
            "address": attendee.email,
            "name": attendee.name or attendee.email,
        },
    }


def _stamp(stamp: str) -> dict[str, Any]:
    entry = {"id": STAMP_PROPERTY_ID, "value": stamp}
    return {"singleValueExtendedProperties": [entry]}
