"""Make a copy of an event for another calendar: Graph v1.0 cannot move an event.

Synced fields are written from the engine's content. The other properties are copied
from Graph unchanged. So a move in Odoo does not lose properties that Odoo has not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

from ..snapshot import Content
from .graph_writer import create_payload

#: Properties without a field in Odoo, and their type.
_KEPT: dict[str, type] = {
    "importance": str,
    "responseRequested": bool,
    "hideAttendees": bool,
    "allowNewTimeProposals": bool,
}

Obstacle = Literal["attachments", "people", "teams", "series", "other organizer"]


def why_not_copied(source: Mapping[str, Any]) -> Obstacle | None:
    """Return the reason why an event cannot be copied, None for a plain event.

    A copy would lose its attachments, for example, or mail its attendees.

    :param source: the event in full, as Graph returns it
    """
    if source.get("type", "singleInstance") != "singleInstance":
        return "series"
    if source.get("isOrganizer") is False:
        return "other organizer"
    if source.get("attendees"):
        return "people"
    if source.get("isOnlineMeeting"):
        return "teams"
    return "attachments" if source.get("hasAttachments") else None


def copy_payload(
    source: Mapping[str, Any],
    content: Content,
    changed: Collection[str],
    *,
    stamp: str,
    transaction_id: str,
    default_zone: str | None,
) -> dict[str, Any]:
    """Return the body of the POST that creates the copy.

    :param source: the event in full, as Graph returned it
    :param content: the content of the copy
    :param changed: names of the fields that differ between ``content`` and ``source``
    """
    payload = create_payload(
        content, stamp=stamp, transaction_id=transaction_id, default_zone=default_zone
    )
    for name, kind in _KEPT.items():
        if isinstance(source.get(name), kind):
            payload[name] = source[name]
    body, places = source.get("body"), source.get("locations")
    if "body" not in changed and isinstance(body, Mapping):
        payload["body"] = {
            name: body[name] for name in ("contentType", "content") if name in body
        }
    is_list_of_places = isinstance(places, list) and all(
        isinstance(place, Mapping) for place in places
    )
    if "location" not in changed and is_list_of_places and places:
        payload.pop("location", None)
        payload["locations"] = places
    return payload
