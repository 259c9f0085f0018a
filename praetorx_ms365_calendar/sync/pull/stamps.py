"""Search a calendar for events with our stamp, before its first round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ...engine.errors import SyncError
from ...engine.mapping.graph_reader import parse_event
from ...engine.mapping.stamp import STAMP_PROPERTY_ID, Stamp, parse_stamp
from ...engine.snapshot import RemoteEvent, RemovedEvent
from ...graph import calls
from ...graph.client import GraphResponse
from ..read.page import log_bad_page, page_of
from ..read.shared_calendars import error_of_calendar
from ..records import Account, Calendar, Payload
from ..worker.graph_job import graph_job, record_health
from ..worker.job import Job
from .rounds import page_refused


def stamps_job(account: Account, calendar: Calendar) -> Job:
    """Search for our stamps once before the first round: delta omits stamps.

    Events with a stamp are linked here and read with the round. So they are not
    created again if the database has lost its links, as after a reinstallation.
    """
    uuid = account.env["praetorx.ms365.outbox"]._database_uuid()
    request = (
        calls.follow(calendar.stamps_link)
        if calendar.stamps_link
        else calls.find_stamped(STAMP_PROPERTY_ID, uuid, calendar._path())
    )

    def record(responses: Sequence[GraphResponse]) -> None:
        response, page = page_of(responses[0], root=account._graph_root())
        log_bad_page(account, response.error, f"calendar {calendar.id}")
        if error := error_of_calendar(calendar, response, [response]):
            calendar._stop_for(error)
            return
        if record_health(account, [response]):
            return
        if page is None:
            assert response.error is not None
            calendar.stamps_link = False
            page_refused(account, calendar, response.error)
            return
        link_stamped(account, calendar, page.items)
        calendar.stamps_link = page.next_link
        if not page.next_link:
            calendar.write({"stamps_read": True, "restarts": 0})

    return graph_job(account, [request], record)


def link_stamped(
    account: Account, calendar: Calendar, items: Iterable[Payload]
) -> None:
    """Link the events that this database has stamped to their meetings in Odoo."""
    uuid = account.env["praetorx.ms365.outbox"]._database_uuid()
    for remote, stamp in stamped_of(items, uuid):
        _link_stamped(account, calendar, remote, stamp)


def stamped_of(
    items: Iterable[Payload], uuid: str
) -> Iterator[tuple[RemoteEvent, Stamp]]:
    """Yield the events of a page that this database has stamped, with their stamps."""
    for item in items:
        try:
            remote = parse_event(item)
        except SyncError:
            continue  # it will be quarantined when the round lists it
        if isinstance(remote, RemovedEvent) or not remote.stamp:
            continue
        stamp = parse_stamp(remote.stamp)
        if stamp and stamp.database_uuid.lower() == uuid.lower():
            yield remote, stamp


def _link_stamped(
    account: Account, calendar: Calendar, remote: RemoteEvent, stamp: Stamp
) -> None:
    """Link a stamped event or series to its meeting in Odoo."""
    env = account.env
    name = "calendar.recurrence" if stamp.is_series else "calendar.event"
    meeting = env[name].with_context(active_test=False).browse(stamp.event_id).exists()
    if not meeting or meeting._ms365_stamp().lower() != (remote.stamp or "").lower():
        return  # the id was given again after a backup was restored
    Link, field = env["praetorx.ms365.event.link"], meeting._ms365_field
    known = Link.search_count(
        [
            ("account_id", "=", account.id),
            "|",
            ("remote_id", "=", remote.remote_id),
            (field, "=", meeting.id),
        ]
    )
    if known:
        return
    is_alive = bool(meeting._ms365_rows().filtered("active"))
    link = Link.create(
        {
            "account_id": account.id,
            "calendar_id": calendar.id,
            field: meeting.id,
            "is_series": stamp.is_series,
            "remote_id": remote.remote_id,
            "ical_uid": remote.ical_uid,
            "title_prefix": account.user_id.ms365_title_prefix,
            "state": "synced" if is_alive else "deleted_here",
        }
    )
    # We only stamp events that we create through the organizer's mailbox.
    meeting.ms365_link_ids.filtered("is_primary")._move_primary_to(link)
    env["praetorx.ms365.sync.log"]._log(
        account,
        direction="pull",
        origin="outlook",
        operation="link",
        outcome="done",
        event_id=meeting._ms365_any_event().id,
        remote_id=remote.remote_id,
    )
