"""Writes edits of events and series that Outlook has."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from ...engine.mapping.graph_series import read_master
from ...engine.mapping.title_prefix import without_prefix
from ...engine.plan import Patch
from ...engine.series_plan import SeriesWrite
from ...engine.series_units import ALL
from ...engine.versions import changes_of_series
from ...graph.client import GraphResponse
from ..apply.where import as_seen, parse_as_seen
from ..read.events import record_read
from .sending import WithRequest
from .storing import read_series_next, store_event, warn_without_teams

if TYPE_CHECKING:
    from .recorder import Recorder


@dataclass(frozen=True)
class ReadEvent(WithRequest):
    """Read the event before anything is written."""

    is_reading: ClassVar[bool] = True

    def record(self, recorder: Recorder, response: GraphResponse) -> None:
        """Merge with Outlook's version; the remaining edits are sent next."""
        record_read(recorder.account, self.link, response)
        recorder.back_into_queue(self)


@dataclass(frozen=True, kw_only=True)
class PatchEvent(WithRequest):
    """Update the changed fields of a single event.

    :param title_prefix: text before the title, in Outlook only
    """

    operation: ClassVar[str] = "update"
    keeps_sent: ClassVar[bool] = True

    patch: Patch
    title_prefix: str | None = None

    def record(self, recorder: Recorder, response: GraphResponse) -> None:
        """Store the updated event."""
        ours, names = self.patch.agreed, self.patch.fields
        remote = parse_as_seen(response.result(), self.link.calendar_id)
        store_event(recorder, self, remote, ours, self.title_prefix)
        event, reason = recorder.event_of(self), None
        if "attendees" in names:
            reason = event._ms365_describe_uninvitable()
        recorder.done(self, response, names, reason)
        if "online_meeting" in names:
            warn_without_teams(event, ours, remote.content)


@dataclass(frozen=True, kw_only=True)
class WriteSeries(WithRequest):
    """Write one part of a series: what all occurrences share, or one occurrence."""

    operation: ClassVar[str] = "update"
    keeps_sent: ClassVar[bool] = True

    write: SeriesWrite

    def record(self, recorder: Recorder, response: GraphResponse) -> None:
        """Store the write, and have the whole series read."""
        link, base = self.link, self.write.after
        self._record_losses()
        if before := link._series_base:
            recorder.changes(self, changes_of_series(before.ours, base.ours))
        vals = {**recorder.Link._base_vals(base)}
        if self.write.day == ALL and response.body:
            remote, rule = read_master(response.body)
            remote = as_seen(remote, link.calendar_id)
            remote = without_prefix(remote, link.title_prefix)
            assert remote.content is not None
            theirs = replace(base.theirs, master=remote.content, rule=rule)
            vals = {
                **recorder.Link._remote_vals(remote),
                **recorder.Link._base_vals(replace(base, theirs=theirs)),
            }
        link.write(vals)
        self._expect_outcome(response)
        read_series_next(recorder, self, link, response, self.write.fields)

    def record_gone(self, recorder: Recorder, response: GraphResponse) -> None:
        """Have the series read: it is gone, or only one occurrence."""
        self.link.needs_read = True
        recorder.back_into_queue(self)

    def _expect_outcome(self, response: GraphResponse) -> None:
        """Reject the next reading if it does not show this write."""
        modified_at = (response.body or {}).get("lastModifiedDateTime") or ""
        if self.write.day == ALL:
            self.link._expect(modified_at)
            return
        ids: dict[str, list[str]] = self.link.occurrence_ids or {}
        remote_id, _key = ids.get(self.write.day, ("", ""))
        version = "" if self.write.is_delete else modified_at
        self.link._expect(parts={remote_id: version})

    def _record_losses(self) -> None:
        """Count the occurrences that this write deletes without a question."""
        link, before = self.link, self.link._series_base
        if before:
            lost = link._days_lost(before.theirs, self.write.after.theirs)
            if not link._may_lose(lost, "to_outlook"):
                link._record_losses("outlook", len(lost))
