"""Show calendars that a person shares or delegates, as the other person sees them.

In the other mailbox, the calendar and its events have other ids. The role that the
owner has given decides about reading and writing.
Source: Graph v1.0, "Get shared or delegated Outlook calendar and its events", "Share or
delegate a calendar in Outlook", resource ``calendarPermission``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import ids
from .items import Item
from .store import Calendar, Mailbox

#: Values of ``calendarRoleType`` that show events -> (may write, sees private events).
ROLES = {
    "read": (False, False),
    "write": (True, False),
    "delegateWithoutPrivateEventAccess": (True, False),
    "delegateWithPrivateEventAccess": (True, True),
}
PRIVATE = frozenset(("private", "confidential"))
#: The properties shown of a private event: its times and its recurrence.
_SHOWN_OF_PRIVATE = frozenset(
    (
        "@odata.context",
        "@odata.type",
        "@odata.etag",
        "id",
        "changeKey",
        "iCalUId",
        "type",
        "seriesMasterId",
        "start",
        "end",
        "isAllDay",
        "isCancelled",
        "recurrence",
        "occurrenceId",
        "originalStart",
        "originalStartTimeZone",
        "originalEndTimeZone",
        "cancelledOccurrences",
        "exceptionOccurrences",
        "showAs",
        "sensitivity",
        "organizer",
        "isOrganizer",
        "createdDateTime",
        "lastModifiedDateTime",
    )
)
_BLANK = {
    "subject": "Private Appointment",
    "bodyPreview": "",
    "body": {"contentType": "html", "content": ""},
    "location": {"displayName": ""},
    "locations": [],
    "attendees": [],
    "categories": [],
    "isReminderOn": False,
}


@dataclass(eq=False)
class Share:
    """One calendar of ``owner`` in the list of ``recipient``."""

    owner: Mailbox
    calendar: Calendar
    recipient: Mailbox
    number: int
    role: str

    @property
    def id(self) -> str:
        """Return the id of the calendar in the recipient's mailbox."""
        return ids.calendar_id(self._place, self.number)

    @property
    def can_edit(self) -> bool:
        """Return True if the recipient may write events that are not private."""
        return ROLES[self.role][0]

    @property
    def can_view_private(self) -> bool:
        """Return True if the recipient may read and write private events."""
        return ROLES[self.role][1]

    @property
    def _place(self) -> str:
        return f"{self.recipient.id}/{self.number}"

    def find(self, item_id: str) -> Item | None:
        """Return the item of this calendar with an id of the recipient's mailbox."""
        own_id = ids.in_other_mailbox(item_id, self._place, self.owner.id)
        item = self.owner.find(own_id) if own_id else None
        return item if item and item.event.calendar is self.calendar else None

    def shown(self, value: Any) -> Any:
        """Convert a response for the owner to the response for the recipient."""
        if isinstance(value, list):
            return [self.shown(one) for one in value]
        if not isinstance(value, dict):
            return value
        if "id" not in value:
            return {
                name: self.shown(one) if name == "value" else one
                for name, one in value.items()
            }
        answer = {**value}
        if answer.get("exceptionOccurrences"):
            answer["exceptionOccurrences"] = self.shown(answer["exceptionOccurrences"])
        for name in ("id", "seriesMasterId"):
            if answer.get(name):
                answer[name] = self._id(answer[name])
        if answer.get("occurrenceId"):
            kind, own_id, day = answer["occurrenceId"].split(".")
            answer["occurrenceId"] = f"{kind}.{self._id(own_id)}.{day}"
        if not self.can_view_private and self._is_private(value):
            answer = {
                name: one if name in _SHOWN_OF_PRIVATE else _BLANK.get(name)
                for name, one in answer.items()
            }
        return answer

    def _is_private(self, answer: dict[str, Any]) -> bool:
        item = self.owner.find(answer["id"])
        data = item.data if item else answer  # needed even if it is not selected
        return data.get("sensitivity") in PRIVATE

    def _id(self, own_id: str) -> str | None:
        return ids.in_other_mailbox(own_id, self.owner.id, self._place)

    def listed(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Convert the owner's entry of the calendar to the recipient's entry."""
        name = answer["name"]
        return {
            **answer,
            "id": self.id,
            "name": self.owner.display_name if self.calendar.is_default else name,
            "isDefaultCalendar": False,
            "canShare": False,
            "canViewPrivateItems": self.can_view_private,
            "canEdit": self.can_edit,
            "isTallyingResponses": False,
            "isRemovable": True,
        }
