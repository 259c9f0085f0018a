"""Read the list of a mailbox's calendars, and decide the direction of sync for each.

Source: Graph v1.0, resource ``calendar``, and the concept pages on shared and delegated
calendars.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from .plan import Direction, pulls, pushes
from .snapshot import RemoteEvent

Kind = Literal["own", "shared", "delegated"]

_MAX_TEXT = 255
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class RemoteCalendar:
    """One calendar in the list of a mailbox.

    :param remote_id: opaque; never changes
    :param kind: ``shared`` and ``delegated`` calendars belong to another person
    :param can_edit: whether the user may write to it
    :param can_view_private: whether private events are shown in full
    :param color: ``#rrggbb``, empty if the calendar has no own color
    """

    remote_id: str
    name: str
    is_default: bool
    kind: Kind
    can_edit: bool
    can_view_private: bool
    owner_name: str = ""
    owner_address: str = ""
    color: str = ""


def read_calendars(entries: Iterable[Any]) -> list[RemoteCalendar]:
    """Read the entries of the list, and skip entries without an id.

    A calendar is the user's own if it has the same owner as the default calendar. We do
    not compare with the mailbox's address, because it may be spelled in other ways.
    """
    listed = [entry for entry in entries if _text(entry, "id")]
    defaults = [entry for entry in listed if entry.get("isDefaultCalendar") is True]
    own_address = _owner(defaults[0])[1] if defaults else ""
    return [_read(entry, own_address) for entry in listed]


def effective_direction(
    chosen: Direction, *, of_mailbox: Direction, can_edit: bool
) -> Direction | None:
    """Return the direction of sync for a calendar that all three parameters allow.

    :param chosen: the user's choice for this calendar
    :param of_mailbox: the user's choice for the whole mailbox
    :param can_edit: whether the user may write to it; if not, it is only read
    :return: None if no direction is left
    """
    both_pull = pulls(chosen) and pulls(of_mailbox)
    both_push = pushes(chosen) and pushes(of_mailbox) and can_edit
    if both_pull:
        return "both" if both_push else "outlook_to_odoo"
    return "odoo_to_outlook" if both_push else None


def may_write_event(
    kind: Kind, *, is_organizer: bool, sensitivity: str, can_view_private: bool
) -> bool:
    """Return True if an event may be written through this calendar at all.

    In another person's calendar we do not write two kinds of events. If the owner is
    only an attendee, the organizer decides about the event. If the event is private and
    we see only its time, writing it would remove the hidden content.
    """
    if kind == "own":
        return True
    return is_organizer and not is_stripped(
        kind, sensitivity, can_view_private=can_view_private
    )


def is_stripped(kind: Kind, sensitivity: str, *, can_view_private: bool) -> bool:
    """Return True if Graph shows only the time of an event, and hides the rest."""
    hidden = sensitivity in {"private", "confidential"} and not can_view_private
    return kind != "own" and hidden


def in_shared_calendar(remote: RemoteEvent) -> RemoteEvent:
    """Return an event of another person's calendar from the view of our mailbox.

    In such a calendar, Graph's ``isOrganizer`` is about the owner of the calendar.
    """
    return replace(remote, is_organizer=False, on_behalf=remote.is_organizer)


def _read(entry: Mapping[str, Any], own_address: str) -> RemoteCalendar:
    owner_name, owner_address = _owner(entry)
    is_default = entry.get("isDefaultCalendar") is True
    is_own = is_default or not owner_address or owner_address == own_address
    can_view_private = entry.get("canViewPrivateItems") is True
    kind: Kind = "own"
    if not is_own:
        # Only delegates can see private events. Graph v1.0 has no other sign of them.
        kind = "delegated" if can_view_private else "shared"
    color = _text(entry, "hexColor")
    return RemoteCalendar(
        remote_id=entry["id"],
        name=_text(entry, "name") or owner_name or owner_address or entry["id"][:20],
        is_default=is_default,
        kind=kind,
        can_edit=entry.get("canEdit") is True,
        can_view_private=is_own or can_view_private,
        owner_name=owner_name,
        owner_address=owner_address,
        color=color.lower() if _COLOR.fullmatch(color) else "",
    )


def _owner(entry: Mapping[str, Any]) -> tuple[str, str]:
    owner = entry.get("owner")
    owner = owner if isinstance(owner, Mapping) else {}
    return _text(owner, "name"), _text(owner, "address").lower()


def _text(entry: Any, name: str) -> str:
    value = entry.get(name) if isinstance(entry, Mapping) else None
    if not isinstance(value, str):
        return ""
    # An id is opaque and must stay whole. All other texts are for people to read.
    return value if name == "id" else " ".join(value.split())[:_MAX_TEXT]
