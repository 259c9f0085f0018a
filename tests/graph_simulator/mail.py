"""Record the mails that Exchange would send. No mail is really sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .clock import Clock
from .items import Item
from .zones import graph_instant


@dataclass(frozen=True)
class Cause:
    """The cause of a change: a Graph request, or a person in Outlook."""

    request_id: str = ""
    source: str = "graph"


class MailLog:
    """The recorded mails: one entry for each mail and recipient, in order."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.entries: list[dict[str, Any]] = []

    def record(
        self,
        kind: str,
        sender: str,
        recipient: str,
        item: Item,
        cause: Cause,
        *,
        comment: str = "",
        response: str | None = None,
    ) -> None:
        """Record one mail.

        :param kind: ``invitation``, ``update``, ``cancellation``, ``response`` or
            ``forward``
        :param item: the sender's copy of the meeting
        :param response: the reply, if the kind is ``response``
        """
        event = item.event
        self.entries.append(
            {
                "n": len(self.entries) + 1,
                "time": graph_instant(self._clock.now()),
                "kind": kind,
                "from": sender,
                "to": recipient,
                "subject": item.data.get("subject", ""),
                "event_id": item.id(),
                "immutable_id": item.id(immutable=True),
                "ical_uid": event.ical_uid,
                "original_date": item.day.isoformat() if item.day else None,
                "comment": comment,
                "response": response,
                "cause_request_id": cause.request_id,
                "cause_source": cause.source,
            }
        )

    def clear(self) -> None:
        """Delete all recorded mails."""
        self.entries.clear()
