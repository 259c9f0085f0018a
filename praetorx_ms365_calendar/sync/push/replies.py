"""Sends replies to invitations that people gave in Odoo, each only once.

Graph takes no ``If-Match`` for replies. The own copy is read first, and the reply is
sent only if the copy does not have it. Without that, a reply would be sent and mailed a
second time after a lost response.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from odoo import fields

from ...engine.mapping.graph_reader import parse_event
from ...engine.mapping.reply_states import ReplyOfPerson
from ...engine.mapping.stamp import STAMP_PROPERTY_ID
from ...engine.push_order import (
    NoCopy,
    Reply,
    plan_reply_request,
    plan_reply_without_copy,
)
from ...engine.reasons import because
from ...engine.replies import (
    ReplyStep,
    is_recently_read,
    next_search_for_invitation,
    plan_reply,
)
from ...engine.snapshot import RemoteEvent
from ...graph import calls
from ...graph.client import GraphResponse
from ..apply.gone import move_primary
from ..read.events import record_read
from ..records import Account, Link, OutboxEntries, OutboxEntry
from .sending import ReadSeries, Sending, Unsent, WithRequest

if TYPE_CHECKING:
    from .recorder import Recorder


def plan_reply_sending(account: Account, entries: OutboxEntries) -> Sending | None:
    """Return the next step for the replies of one person to one event.

    :return: None if a reply to the series must be sent first
    """
    last = entries[-1]
    event = last.event_id.with_context(active_test=False)
    link = event._ms365_invitation_of(account)
    reply = _wanted(account, last)
    remote_id = link._invitation_id(_day(last))
    is_good = is_recently_read(last.looked_at or None, fields.Datetime.now())
    step = plan_reply_request(
        link._facts(),
        reply=reply,
        follows_series=entries._waits_for_series_reply(),
        is_organizer=event.user_id == account.user_id,
        is_alive=event.active,
        has_invitation=bool(remote_id),
        was_searched=last.was_sought,
        was_looked_at=bool(last.answer_mode) and is_good,
        comes_again=link._comes_again(),
    )
    plan = (entries, event, link)
    match step:
        case Reply.AFTER_SERIES:
            return None
        case Reply.NOTHING:
            return NoReply(*plan)
        case Reply.LOST:
            return InvitationLost(*plan)
        case Reply.AWAIT:
            return AwaitInvitation(*plan)
        case Reply.READ_SERIES:
            entries.was_sought = True
            return ReadSeries(*plan)
        case Reply.LOOK:
            return Look(*plan, calls.get_event(remote_id, STAMP_PROPERTY_ID))
    assert reply and remote_id  # or there is nothing to send
    request = calls.send_reply(remote_id, reply, send=last.answer_mode == "told")
    # If the response is lost, the copy is read again.
    vals = {"answer_mode": False}
    return Respond(*plan, request, reply=reply, entry_vals=vals)


def _wanted(account: Account, entry: OutboxEntry) -> ReplyOfPerson | None:
    """Return the reply to send as Graph's word, None if there is none.

    It is the reply that this person gave. The attendee's row may have another reply by
    now, given with the link of a mail. If the row has no reply any more, the event was
    moved, and no reply is sent.
    """
    if entry._is_series:
        return entry.answer or None
    in_odoo = entry.event_id._ms365_reply_of(account.user_id)
    return (entry.answer or in_odoo) if in_odoo else None


def _day(entry: OutboxEntry) -> str:
    """Return the day of the occurrence; empty for the series or a single event."""
    return "" if entry._is_series else entry.event_id.ms365_day


# ----------------------------------------------------------------------
# Without a request
# ----------------------------------------------------------------------


@dataclass(frozen=True)
class NoReply(Unsent):
    """Send no reply: there is none, or Outlook has it."""

    def close(self, recorder: Recorder) -> None:
        """Close the entries."""
        _close_reply(recorder, self, "nothing")


@dataclass(frozen=True)
class InvitationLost(Unsent):
    """Send no reply: the invitation has left the mailbox."""

    def close(self, recorder: Recorder) -> None:
        """Make the entries a dead letter."""
        _record_lost(recorder, self)


@dataclass(frozen=True)
class AwaitInvitation(Unsent):
    """Wait for an invitation that has not arrived in the mailbox."""

    def close(self, recorder: Recorder) -> None:
        """Let the entries wait; after some time they become a dead letter."""
        counted = self.entries._count_failure(type(self).__name__)
        waits = counted["attempts"]
        look_at = next_search_for_invitation(fields.Datetime.now(), waits)
        if look_at is None:
            reason = because("invitation_missing")
            recorder.record_dead_letter(self.entries, reason)
            return
        self.entries.write({**counted, "not_before": look_at})
        recorder.account._request_pull(fresh_seconds=0)


# ----------------------------------------------------------------------
# With a request
# ----------------------------------------------------------------------


@dataclass(frozen=True)
class ReplyRequest(WithRequest):
    """Work on the own copy of a meeting, to bring a reply to it."""

    operation: ClassVar[str] = "respond"

    def record_gone(self, recorder: Recorder, response: GraphResponse) -> None:
        """Store that the own copy is missing: it was declined or deleted."""
        link, last = self.link, self.entries[-1]
        is_occurrence = bool(link.is_series and _day(last))
        if not is_occurrence and self.looks_later(recorder):
            return
        match plan_reply_without_copy(
            _wanted(recorder.account, last),
            is_occurrence=is_occurrence,
            was_searched=last.was_sought,
            has_other_copy=bool(link._second_copies()),
        ):
            case NoCopy.COMES_AGAIN:
                self.entries.was_sought = True
                self._record_missing(recorder, response)
                recorder.back_into_queue(self)
            case NoCopy.DECLINED:
                if not is_occurrence:
                    _drop_declined_copy(self)
                _close_reply(recorder, self, "nothing", response)
            case NoCopy.READ_SERIES:
                link.needs_read = True
                recorder.back_into_queue(self)
            case NoCopy.LOST:
                _record_lost(recorder, self)
                self._record_missing(recorder, response)

    def _record_missing(self, recorder: Recorder, response: GraphResponse) -> None:
        """Store that the own copy is gone; a series is read to be certain."""
        if self.link.is_series:
            _read_series_again(recorder, self.link)
        else:
            record_read(recorder.account, self.link, response)

    def looks_later(self, recorder: Recorder) -> bool:
        """Return True if the copy is read again a little later."""
        return False


@dataclass(frozen=True)
class Look(ReplyRequest):
    """Read the own copy: does it have the reply already?"""

    def record(self, recorder: Recorder, response: GraphResponse) -> None:
        """Send the reply next, or close the entries if Outlook has it."""
        link, last = self.link, self.entries[-1]
        remote = parse_event(response.result())
        assert isinstance(remote, RemoteEvent)
        wanted = _wanted(recorder.account, last)
        step = wanted and plan_reply(
            wanted, last.create_date, link._own_reply_seen(_day(last)), remote
        )
        if step is ReplyStep.SEND:
            mode = "told" if remote.reply_requested else "quiet"
            now = fields.Datetime.now()
            self.entries.write(
                {"state": "pending", "answer_mode": mode, "looked_at": now}
            )
        else:
            _close_reply(recorder, self, "nothing", response)
        if link.state == "calendar_off":
            return  # the reply goes there, but the event is not followed
        if not link.is_series:
            link.needs_read = True  # its reply counts, though the version may be known
            record_read(recorder.account, link, response)
        elif step is not ReplyStep.SEND:
            _read_series_again(recorder, link)

    def looks_later(self, recorder: Recorder) -> bool:
        """Read the copy again a little later: a new copy may not be found yet.

        :return: False if the copy is known to be gone, and after some tries
        """
        is_over = self.link.state in ("gone", "deleted_there")
        if is_over or not self.link._read_a_little_later():
            return False
        recorder.back_into_queue(self)
        self.entries.not_before = self.link.read_not_before
        return True


@dataclass(frozen=True, kw_only=True)
class Respond(ReplyRequest):
    """Send the reply.

    :param reply: Graph's value
    """

    reply: str

    def record(self, recorder: Recorder, response: GraphResponse) -> None:
        """Store that Graph has the reply."""
        day = _day(self.entries[-1])
        self.link._record_own_reply(day, self.reply)
        if self.reply == "declined" and not (self.link.is_series and day):
            _drop_declined_copy(self)
        _close_reply(recorder, self, "done", response)


def _drop_declined_copy(sending: Sending) -> None:
    """Store that Graph has deleted a declined copy; the meeting stays in Odoo."""
    link = sending.link
    link.write({"state": "deleted_there", "needs_read": False})
    if link.is_primary and not move_primary(link):
        events = sending.event | link.recurrence_id._ms365_rows()
        events._ms365_show_state("none")


def _read_series_again(recorder: Recorder, link: Link) -> None:
    """Have a series read: its replies count, though the version may be known."""
    link.needs_read = True
    recorder.account._request_pull(fresh_seconds=0)


def _record_lost(recorder: Recorder, sending: Sending) -> None:
    recorder.record_dead_letter(sending.entries, because("invitation_lost"))


def _close_reply(
    recorder: Recorder,
    sending: Sending,
    outcome: str,
    response: GraphResponse | None = None,
) -> None:
    """Close the entries of a reply; an error that was shown for it goes away."""
    sending.entries.write({"state": "done", "reason": False})
    event = sending.event.exists()
    failed = recorder.Outbox.search(
        [("event_id", "in", event.ids), ("state", "=", "dead")], limit=1
    )
    if event.ms365_sync_state in ("error", "pending") and not failed:
        recorder.badges.queue_events(event)
    recorder.log(sending, "respond", outcome, response=response, event_id=event.id)
