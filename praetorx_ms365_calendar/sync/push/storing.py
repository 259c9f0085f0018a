"""Stores Graph's version of an event or series after a write."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from ...engine.mapping.title_prefix import without_prefix
from ...engine.series_units import ALL
from ...engine.snapshot import Base, Content, RemoteEvent
from ...engine.versions import change_of_event
from ...graph.client import GraphResponse
from ..records import Event, Link

if TYPE_CHECKING:
    from .recorder import Recorder
    from .sending import WithRequest


def store_event(
    recorder: Recorder,
    sending: WithRequest,
    remote: RemoteEvent,
    ours: Content,
    title_prefix: str | None,
) -> Link:
    """Store the response to a write of a single event as the agreed base.

    :param ours: the content that was sent. A later edit differs from it, and is sent
        by its own entry
    :return: the link
    """
    event = recorder.event_of(sending)
    remote = without_prefix(remote, title_prefix)
    deleted = not event or sending.link.state == "deleted_here"
    vals = {
        **recorder.Link._remote_vals(remote),
        **recorder.Link._base_vals(Base(ours, remote.full_content)),
        "title_prefix": title_prefix,
        "reason": False,
        "state": "deleted_here" if deleted else "synced",
    }
    base = sending.link._base
    if base and (change := change_of_event(base.ours, ours)):
        recorder.changes(sending, {ALL: change})
    link = sending.store_link(recorder, vals)
    if not event:
        recorder.pending_deletes(sending).link_id = link
        return link
    if not event.ms365_calendar_id:
        event._ms365_write_bookkeeping({"ms365_calendar_id": link.calendar_id.id})
    event._ms365_write_bookkeeping(
        {
            "sync_origin": "odoo",
            "synced_field_hash": remote.full_content.hash,
            "ms_change_key": remote.change_key,
            "microsoft_id": remote.remote_id,
            "ms_universal_event_id": remote.ical_uid,
            "need_sync_m": False,
        }
    )
    recorder.writer.record_teams_link(event, remote)
    recorder.report.changed(event)
    link._agreed_on_all(event)
    return link


def read_series_next(
    recorder: Recorder,
    sending: WithRequest,
    link: Link,
    response: GraphResponse,
    names: Collection[str] = (),
) -> None:
    """Requeue the entries of a series: it is read before the next write."""
    link.needs_read = True
    sending.entries._start_readings_anew()
    recorder.back_into_queue(sending)
    recorder.badges.queue(sending, recorder.event_of(sending))
    recorder.log(sending, sending.operation, "done", names, response)
    if sending.recurrence:
        rows = sending.recurrence._ms365_rows()
        rows._ms365_write_bookkeeping({"sync_origin": "odoo", "need_sync_m": False})


def warn_without_teams(event: Event, ours: Content, theirs: Content | None) -> None:
    """Tell if a Teams meeting was wanted: Graph ignores the wish without an error."""
    if event and ours.online_meeting and theirs and not theirs.online_meeting:
        event._message_log(
            body=event.env._(
                "Microsoft did not make a Teams meeting: the mailbox has no Teams "
                "licence, or Teams is switched off for its calendar."
            )
        )
