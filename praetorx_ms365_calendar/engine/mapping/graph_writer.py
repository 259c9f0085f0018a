"""The engine's words to Graph's JSON: what changed, and nothing else.

Every write may mail every attendee (docs/graph.md), and what we do not understand we do
not write.
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
    """Return the body of the PATCH that writes the changed fields, maybe empty.

    :param changed: names out of ``CONTENT_FIELDS``
    :param content: where their values are
    :param base_theirs: what Graph holds: its zone, and the kinds of its attendees, are
        kept
    :param teams_block: what Graph's body holds of Microsoft. A body that is sent to an
        online meeting without it takes the meeting offline, so it must be the block
        that was read last
    :param stamp: to be set on an event that is ours but does not say so yet
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
    """Return the properties of Graph that one field is written to."""
    if name == "times":
        before = base_theirs.times if base_theirs else None
        # Graph does not tell in which zone an all-day event was made.
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
    return {name: getattr(content, name)}  # subject, sensitivity: the same words


def _body(own_html: str, teams_block: str) -> dict[str, str]:
    return {"contentType": "html", "content": join_body(own_html, teams_block)}


def _show_as(content: Content) -> dict[str, str]:
    if content.show_as == "unknown":  # a word that we could not read
        return {}
    return {"showAs": content.show_as}


def _reminder(content: Content) -> dict[str, Any]:
    if content.reminder is None:
        return {"isReminderOn": False}
    return {"isReminderOn": True, "reminderMinutesBeforeStart": content.reminder}


def _online_meeting(content: Content) -> dict[str, Any]:
    """Switch Teams on; Graph knows no way back (docs/graph.md)."""
    if not content.online_meeting:
        return {}
    return {"isOnlineMeeting": True, "onlineMeetingProvider": "teamsForBusiness"}


def _attendees(content: Content, base_theirs: Content | None) -> list[dict[str, Any]]:
    """Return the whole list, which replaces the one that Graph holds.

    Who is there already stays as Graph has it, and so does who has no mail address:
    leaving somebody out is a cancellation in that person's mail.
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
