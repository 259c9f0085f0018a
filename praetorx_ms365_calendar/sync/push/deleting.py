"""Deletes events and series in Outlook, as the company has chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ...engine.deletions import how_to_delete
from ...engine.mail_guard import Mails
from ...engine.mail_impact import mail_impact
from ...engine.push_order import Deletion, plan_deletion
from ...engine.series_units import ALL
from ...engine.versions import deletion_of
from ...graph import calls
from ...graph.client import GraphResponse
from ..records import Account, Event, Link, OutboxEntries
from .sending import Nothing, Sending, WithRequest, found_event, search_request

if TYPE_CHECKING:
    from .recorder import Recorder


@dataclass(frozen=True)
class Delete(WithRequest):
    """Delete the event, or the series."""

    operation: ClassVar[str] = "delete"

    def record(self, recorder: Recorder, response: GraphResponse) -> None:
        """Store the deletion."""
        if self.link.is_primary and not self.link.moved_to_id:
            recorder.changes(self, {ALL: deletion_of(self.link._ours())})
        self.link.write(self.link._deleted_vals("outlook"))
        recorder.done(self, response)

    def record_gone(self, recorder: Recorder, response: GraphResponse) -> None:
        """Store the deletion: Outlook has no such event any more."""
        self.record(recorder, response)


@dataclass(frozen=True)
class Cancel(Delete):
    """Cancel the meeting with a message to its attendees."""

    #: A cancellation takes no ``If-Match``.
    reads_after_error: ClassVar[bool] = True


@dataclass(frozen=True)
class FindForDeletion(WithRequest):
    """Search for the event of a create without response, to delete it."""

    def record(self, recorder: Recorder, response: GraphResponse) -> None:
        """Link the event if it was created: its deletion is sent next."""
        remote = found_event(self, recorder, response)
        if not remote:
            recorder.close(self)
            return
        vals = recorder.Link._remote_vals(remote) | {"state": "deleted_here"}
        self.entries.link_id = self.store_link(recorder, vals)
        recorder.back_into_queue(self)


def deletion_sending(
    account: Account, entries: OutboxEntries, event: Event, link: Link
) -> Sending:
    """Return the deletion of an event or series."""
    last = entries[-1]
    last_create = last.browse() if link.remote_id else last._last_create()
    match plan_deletion(link._facts(), was_sent=bool(last_create)):
        case Deletion.DELETE:
            return _delete_linked(account, entries, event, link)
        case Deletion.SEARCH:
            request = search_request(entries, last_create.calendar_id._path())
            return FindForDeletion(entries, event, link, request)
        case Deletion.NOTHING:
            return Nothing(entries, event, link)


def _delete_linked(
    account: Account, entries: OutboxEntries, event: Event, link: Link
) -> Sending:
    theirs = link._theirs()
    way = how_to_delete(
        link._delete_policy(),
        is_organizer=link.is_organizer,
        has_attendees=bool(theirs and theirs.attendees),
    )
    if way == "leave":
        return Nothing(entries, event, link, link_vals={"state": "kept_there"})
    vals = {"state": "deleted_here"}
    mails = Mails.of(mail_impact(theirs, None, is_organizer=link._organizes()))
    if way == "cancel":
        message = account.company_id.ms365_cancel_message or ""
        request = calls.cancel_event(link.remote_id, message)
        return Cancel(entries, event, link, request, link_vals=vals, mails=mails)
    request = calls.delete_event(link.remote_id, link._etag, link._event_path())
    return Delete(entries, event, link, request, link_vals=vals, mails=mails)
