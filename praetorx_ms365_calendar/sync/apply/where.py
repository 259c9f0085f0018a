"""Record the calendar of an event, and read it as the mailbox's owner sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from odoo.fields import Domain

from ...const import UNDER_WAY
from ...engine.calendars import in_shared_calendar
from ...engine.deletions import Verdict, judge_deletion
from ...engine.errors import BadRemoteEvent
from ...engine.mapping.graph_reader import parse_event
from ...engine.mapping.graph_series import RemoteSeries
from ...engine.meetings import as_owner_sees
from ...engine.merge import Merge, value_for_odoo
from ...engine.reasons import because
from ...engine.snapshot import Base, RemoteEvent, RemovedEvent
from ..meeting.reading import Reading
from ..records import Account, Calendar, Link, Links, Payload
from ..write.lookups import Lookups


def parse_as_seen(payload: Payload, calendar: Calendar) -> RemoteEvent:
    """Return an event that Graph has sent, as the owner of the mailbox sees it.

    :raise SyncError: it cannot be parsed, or it is only the id of a removed event
    """
    remote = parse_event(payload)
    if isinstance(remote, RemovedEvent):
        raise BadRemoteEvent(because("removed_meanwhile"), remote_id=remote.remote_id)
    return as_seen(remote, calendar)


def as_seen(remote: RemoteEvent, calendar: Calendar) -> RemoteEvent:
    """Return an event of a calendar as the owner of the mailbox sees it."""
    if calendar._is_shared():
        return in_shared_calendar(remote)
    return as_owner_sees(remote, calendar.account_id._own_list())


def series_as_seen(remote: RemoteSeries, calendar: Calendar) -> RemoteSeries:
    """Return a series of a calendar as the owner of the mailbox sees it."""
    return replace(
        remote,
        master=as_seen(remote.master, calendar),
        exceptions=as_listed(remote.exceptions, calendar),
    )


def as_listed(
    remotes: Mapping[str, RemoteEvent], calendar: Calendar
) -> dict[str, RemoteEvent]:
    """Return events by id or day, as the owner of the mailbox sees them."""
    return {key: as_seen(remote, calendar) for key, remote in remotes.items()}


def record_calendar(reading: Reading, links: Links) -> None:
    """Record that these events and series are in a calendar, as its page lists them.

    An event from another calendar was moved in Outlook. Its id has not changed, so it
    keeps its link and its Odoo event, whether its old or new calendar is read first.
    """
    for link in links:
        if link.left_calendar or link.place_unknown:
            link.write({"left_calendar": False, "place_unknown": False})
        if reading.calendar and link.calendar_id != reading.calendar:
            link._find_calendar(reading.calendar)
            event = link._any_event()
            reading.log("move", "done", event=event, remote_id=link.remote_id)
            reading.changed(link._all_events())
        elif link.state == "calendar_off":  # it was in one that is not synced
            link._return_to_calendar()


def merge_late_edit(reading: Reading, link: Link, remote: RemoteEvent) -> None:
    """Pass an edit in Outlook to the new copy if a move is replacing this event.

    A different edit in Odoo at the same time wins, and is reported.

    :param link: of the event that the move replaces
    """
    successor, base = link.moved_to_id, link._base
    event = successor.event_id
    link.write(link._remote_vals(remote))
    names = remote.full_content.changed_fields(base.theirs) if base else ()
    if not names or not event or not successor._base:
        return
    link.base_snapshot = Base(base.ours, remote.full_content).to_json()
    theirs = successor._base.theirs.with_fields(names, remote.content)
    ours = event._ms365_read_contents()[event]
    merge = successor._merge(ours, theirs)
    content = value_for_odoo(successor._base, ours, merge)
    lookups = Lookups(reading.env, [content], account=reading.account)
    reading.writer.write_content(event, content, merge.to_odoo, lookups, remote)
    reading.Outbox._enqueue_upserts(event, names=names)
    _log_late_edit(reading, successor, merge)


def _log_late_edit(reading: Reading, successor: Link, merge: Merge) -> None:
    reading.log(
        "update",
        "conflict" if merge.conflicts else "done",
        event=successor.event_id,
        remote_id=successor.remote_id,
        field_names=merge.conflicts | merge.to_odoo,
    )
    if merge.conflicts:
        successor.event_id._message_log(
            body=reading.env._(
                "Changed in Outlook while Odoo moved it to another calendar. What "
                "was also changed in Odoo stays as it is in Odoo."
            )
        )
    reading.changed(successor.event_id)


def judge_late_edit(reading: Reading, link: Link, remote: RemoteEvent) -> None:
    """Judge the deletion of a copy in Odoo by an edit of the event that was moved.

    If Odoo has the copy again, the edit is read again, and merged.

    :param link: of the event that the move replaces
    """
    copy, base = link.moved_to_id, link._base
    names = remote.full_content.changed_fields(base.theirs) if base else frozenset()
    is_judged = bool(remote.modified_at) and link.modified_at == remote.modified_at
    if not names or (is_judged and copy.state == "deleted_here"):
        link.write(link._remote_vals(remote))
    conflict, event = copy._open_conflict(), copy.event_id
    known = conflict._theirs_content() if conflict else copy._theirs()
    if not names or is_judged or copy.state == "synced" or not known:
        return
    link.modified_at = remote.modified_at
    theirs = known.with_fields(names, remote.full_content)
    version = (remote.change_key, remote.modified_at)
    merge = event._detect_pull_conflicts(
        {event: (copy, theirs)}, {event: None}, {event: version}
    )[event]
    verdict = judge_deletion(merge, deleted_in="odoo")
    both = {"ours": None, "theirs": theirs, "change_key": copy.change_key}
    if verdict is Verdict.ASK:
        copy._dispute_deletion(**both)
        reading.log("delete", "conflict", remote_id=copy.remote_id)
    elif merge.decided_by_policy:
        reading.Conflict._close_by_policy(copy, merge, **both)
    if verdict is Verdict.UNDO:
        copy._undo_odoo_deletion()


def give_way(link: Link, calendar: Calendar) -> None:
    """Let the own copy of a meeting replace the one in a shared calendar.

    :param link: of the copy in the shared calendar
    :param calendar: of the own copy
    """
    link._all_events()._ms365_write_bookkeeping({"ms365_calendar_id": calendar.id})
    link.write(
        {
            "event_id": False,
            "recurrence_id": False,
            "is_primary": False,
            "state": "other_view",
        }
    )
    link.flush_recordset()  # the unique index knows each meeting but once


def owner_may_bring(account: Account) -> bool:
    """Return True if the mailbox of a shared calendar's owner must still be read.

    If not, and no edits of it are under way, the owner does not sync this calendar.
    """
    on_its_way = account.env["praetorx.ms365.outbox"].search_count(
        Domain("account_id", "=", account.id) & Domain("state", "in", UNDER_WAY),
        limit=1,
    )
    return bool(
        on_its_way
        or not account.first_pass_done_at
        or account.pull_requested_at
        or any(account.calendar_ids.mapped("round_kind"))
    )
