"""Moves an event to another calendar: a copy is created, then the event is deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from odoo import fields

from ...engine.mapping.graph_copy import Obstacle, why_not_copied
from ...engine.reasons import because
from ...engine.snapshot import RemoteEvent
from ...graph.client import GraphResponse
from ..read.events import record_read
from ..records import Link, Vals
from .creating import CreateEvent
from .sending import Unsent, WithRequest

if TYPE_CHECKING:
    from .recorder import Recorder

#: Between two looks whether the other event of a move has been dealt with.
PAUSE = timedelta(minutes=1)


@dataclass(frozen=True)
class Inspect(WithRequest):
    """Read the whole event before a move: the copy must not lose anything."""

    is_reading: ClassVar[bool] = True

    def record(self, recorder: Recorder, response: GraphResponse) -> None:
        """Keep the event as the source of the copy, or refuse the move."""
        record_read(recorder.account, self.link, response)
        link = self.link.exists()
        if link and link.event_id and link._is_to_move():
            if obstacle := why_not_copied(response.result()):
                self._refuse(recorder, obstacle)
            else:
                self.entries.move_source = response.body
        recorder.back_into_queue(self)

    def _refuse(self, recorder: Recorder, obstacle: Obstacle) -> None:
        """Leave the event in its calendar, and say so in the chatter and the log."""
        event = recorder.event_of(self)
        words = event._ms365_why_not_moved(obstacle)
        self.link._keep_calendar()
        event._message_log(body=words)
        recorder.log(self, "move", "failed", reason=_why_not_moved(obstacle))


def _why_not_moved(obstacle: Obstacle) -> str:
    key = "organizer" if obstacle == "other organizer" else obstacle
    return because(f"not_moved_{key}")


@dataclass(frozen=True)
class AwaitOtherEvent(Unsent):
    """Wait with a deletion for the other event of the same move."""

    def close(self, recorder: Recorder) -> None:
        """Let the entries wait."""
        self.entries.not_before = fields.Datetime.now() + PAUSE


@dataclass(frozen=True, kw_only=True)
class Move(CreateEvent):
    """Create the copy of an event in the other calendar."""

    operation: ClassVar[str] = "move"

    def record_created(self, recorder: Recorder, response: GraphResponse) -> None:
        """Store the copy as the event; the former one is deleted next."""
        self.entries.move_source = False
        super().record_created(recorder, response)

    def adopt(
        self, recorder: Recorder, existing_id: str, ical_uid: str | None = None
    ) -> None:
        """Store the copy that an earlier try has created.

        If the event was deleted since, the former event is compared with Odoo as
        before, and the copy is deleted.
        """
        self.entries.move_source = False
        if self.link.state != "deleted_here":
            super().adopt(recorder, existing_id, ical_uid)
            return
        calendar_id = self.entry_vals["calendar_id"]
        self.link._leave_copy_behind(existing_id, calendar_id, self._sent())
        recorder.back_into_queue(self)

    def _record_done(
        self,
        recorder: Recorder,
        response: GraphResponse,
        link: Link,
        remote: RemoteEvent,
    ) -> None:
        recorder.done(self, response)

    def write_link(self, link: Link, vals: Vals) -> None:
        """Let the link follow the event to its copy."""
        if link.remote_id == vals["remote_id"]:
            super().write_link(link, vals)
        else:
            link._move_to(vals)
