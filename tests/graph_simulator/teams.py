"""Handle Teams meetings: the join link and the Teams block in the body.

A body that is written without the block takes the meeting offline.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from . import bodies
from .items import Event, Item
from .properties import body_changes

PROVIDER = "teamsForBusiness"


@dataclass(frozen=True)
class Setting:
    """Teams settings of a mailbox: allowed or not, and when the join link appears."""

    is_allowed: bool
    ready_at: datetime
    is_late: bool


def apply(
    item: Item,
    values: dict[str, Any],
    changes: dict[str, Any],
    setting: Setting,
    *,
    flip_flop: bool = True,
) -> None:
    """Add to ``changes`` the effect of a write on the online meeting of an event.

    :param item: the event before the write
    :param values: validated values of the request
    :param changes: the properties to be stored; this function adds to them
    :param flip_flop: a body without the Teams block takes the meeting offline
    """
    event = item.event
    wants_online = values.get("isOnlineMeeting") is True and values.get(
        "onlineMeetingProvider", PROVIDER
    ) in (PROVIDER, "unknown")
    current = {**item.data, **changes}
    if item.data["isOnlineMeeting"] and event.teams:
        if "body" in values and not _has_blob(event, changes) and flip_flop:
            changes.update(
                isOnlineMeeting=False,
                onlineMeetingProvider="unknown",
                onlineMeeting=None,
            )
        return  # nothing else takes a meeting offline
    if not wants_online or not setting.is_allowed or not event.is_organizer:
        return  # silently ignored
    if event.teams is None:
        event.teams = _new_meeting(event)
        event.teams["ready_at"] = setting.ready_at if setting.is_late else None
    document = current["body"]["content"]
    if not bodies.contains_link(document, event.teams["joinUrl"]):
        document = bodies.append(document, event.teams["blob"])
        changes.update(body_changes(document))
    changes.update(isOnlineMeeting=True, onlineMeetingProvider=PROVIDER)
    if not event.teams["ready_at"]:
        changes["onlineMeeting"] = _info(event.teams)


def complete(event: Event, now: datetime) -> bool:
    """Set the join link if its delay is over; return True if it was set now."""
    meeting = event.teams
    if not meeting or not meeting["ready_at"] or meeting["ready_at"] > now:
        return False
    meeting["ready_at"] = None
    if event.data["isOnlineMeeting"]:
        event.data["onlineMeeting"] = _info(meeting)
    return True


def _info(meeting: dict[str, Any]) -> dict[str, str]:
    return {
        "joinUrl": meeting["joinUrl"],
        "conferenceId": meeting["conferenceId"],
        "tollNumber": "+1 323-555-0166",
    }


def _has_blob(event: Event, changes: dict[str, Any]) -> bool:
    assert event.teams is not None
    document = changes["body"]["content"]
    return bodies.contains_link(document, event.teams["joinUrl"])


def _new_meeting(event: Event) -> dict[str, Any]:
    digest = hashlib.sha256(event.immutable_id.encode()).hexdigest()
    number = str(int(digest, 16))
    context = (
        f"%7b%22Tid%22%3a%22{event.mailbox.tenant.id}%22%2c%22Oid%22%3a%22"
        f"{event.mailbox.id}%22%7d"
    )
    url = (
        f"https://teams.microsoft.com/l/meetup-join/19%3ameeting_{digest[:40]}"
        f"%40thread.v2/0?context={context}"
    )
    meeting_id = " ".join(number[start : start + 3] for start in range(0, 12, 3))
    options = f"https://teams.microsoft.com/meetingOptions/?threadId={digest[:40]}"
    return {
        "joinUrl": url,
        "conferenceId": number[:9],
        "blob": bodies.teams_blob(url, meeting_id, digest[:6], options),
        "ready_at": None,
    }
