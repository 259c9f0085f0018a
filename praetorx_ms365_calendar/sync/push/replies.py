"""Answers to invitations that were given in Odoo: each is told to Graph once.

Graph has no ``If-Match`` for answers. The own copy is read first; only where it does
not hold the answer is the answer sent, so that one which arrived without our hearing
of it is not sent, and mailed to the organizer, a second time.
"""

from odoo import fields

from ...engine.mapping.graph_reader import parse_event
from ...engine.mapping.stamp import STAMP_PROPERTY_ID
from ...engine.replies import (
    ReplyStep,
    is_recently_read,
    next_search_for_invitation,
    plan_reply,
)
from ...engine.snapshot import RemoteEvent
from ...graph import calls
from ..apply.gone import move_primary
from ..read.events import record_read
from .sending import Sending


def plan_reply_sending(account, entries):
    """Return what the pending answers of one person to one event come down to.

    The kind is ``look`` (read the own copy), ``respond``, ``await`` (the invitation has
    not arrived), ``lost`` (it has left the mailbox) or ``read_series`` (the own copy of
    the series, for the ids of its occurrences); None for nothing that is due already.
    """
    last = entries[-1]
    event = last.event_id.with_context(active_test=False)
    link = event._ms365_invitation_of(account)
    reply = _wanted(account, last)
    plan = (entries, event, link)
    if entries._waits_for_series_reply():
        return None
    if not reply or event.user_id == account.user_id:
        return Sending("nothing", *plan)
    if link.state == "deleted_there":
        is_over = reply == "declined" or not event.active
        return Sending("nothing" if is_over else "lost", *plan)
    if not link.remote_id or link.state == "deleted_here":
        return Sending("await", *plan)  # it may come, or come back
    remote_id = link._invitation_id(_day(last))
    if link.is_series and (link.needs_read or not (remote_id or last.was_sought)):
        entries.was_sought = True
        return Sending("read_series", *plan)
    if not remote_id:
        return Sending("nothing" if reply == "declined" else "lost", *plan)
    is_good = is_recently_read(last.looked_at or None, fields.Datetime.now())
    if not (last.answer_mode and is_good):
        request = calls.get_event(remote_id, STAMP_PROPERTY_ID)
        return Sending("look", *plan, request)
    request = calls.send_reply(remote_id, reply, send=last.answer_mode == "told")
    # If nobody hears what comes of it, the copy is looked at again.
    return Sending(
        "respond", *plan, request, reply=reply, entry_vals={"answer_mode": False}
    )


def _wanted(account, entry):
    """Return Graph's word for the answer that is to be told, None without one.

    It is the one that the person has given: the attendee's row may have been answered
    by somebody else since, by the link of a mail. Where the row has no answer any more,
    the event was moved, and none is told.
    """
    if entry._is_series:
        return entry.answer
    in_odoo = entry.event_id._ms365_reply_of(account.user_id)
    return in_odoo and (entry.answer or in_odoo)


def _day(entry):
    """Return which occurrence is answered, empty for the series or a single event."""
    return "" if entry._is_series else entry.event_id.ms365_day


class ReplyRecorder:
    """The part of the recorder that deals with answers to invitations."""

    def nothing_to_send(self, sending):
        """Close answers that need no request, or have them wait."""
        if sending.kind == "await":
            self._await_invitation(sending)
        elif sending.kind == "lost":
            self._invitation_lost(sending)
        elif sending.entries[-1].operation == "respond":
            self._close_reply(sending, "nothing")
        else:
            super().nothing_to_send(sending)

    def _look_done(self, sending, response):
        """The own copy has been read: is there still something to tell?"""
        link, last = sending.link, sending.entries[-1]
        remote = parse_event(response.body)
        assert isinstance(remote, RemoteEvent)
        wanted = _wanted(self.account, last)
        step = wanted and plan_reply(
            wanted, last.create_date, link._own_reply_seen(_day(last)), remote
        )
        if step is ReplyStep.SEND:
            mode = "told" if remote.reply_requested else "quiet"
            now = fields.Datetime.now()
            sending.entries.write(
                {"state": "pending", "answer_mode": mode, "looked_at": now}
            )
        else:
            self._close_reply(sending, "nothing", response)
        if not link.is_series:
            link.needs_read = True  # its answer counts, though the version may be known
            record_read(self.account, link, response)
        elif step is not ReplyStep.SEND:
            self._read_series_again(link)

    def _respond_done(self, sending, response):
        """Graph has taken the answer."""
        day = _day(sending.entries[-1])
        sending.link._record_own_reply(day, sending.reply)
        if sending.reply == "declined" and not (sending.link.is_series and day):
            self._drop_declined_copy(sending)
        self._close_reply(sending, "done", response)

    def _drop_declined_copy(self, sending):
        """Graph throws a declined copy away; the meeting goes on without it."""
        link = sending.link
        link.write({"state": "deleted_there", "needs_read": False})
        if link.is_primary and not move_primary(link):
            (sending.event | link.recurrence_id._ms365_rows())._ms365_show_state("none")

    def _invitation_gone(self, sending, response):
        """The own copy is not there: declined already, or thrown away."""
        link, last = sending.link, sending.entries[-1]
        is_occurrence = link.is_series and _day(last)
        if not is_occurrence and self._look_later(sending):
            return
        if _wanted(self.account, last) == "declined":
            if not is_occurrence:
                self._drop_declined_copy(sending)
            self._close_reply(sending, "nothing", response)
        elif is_occurrence and not last.was_sought:
            # A series that was moved gives its occurrences other ids.
            link.needs_read = True
            self._back_into_queue(sending)
        else:
            self._invitation_lost(sending)
            if link.is_series:
                self._read_series_again(link)
            else:
                record_read(self.account, link, response)

    def _look_later(self, sending):
        """Look again a little later: a copy that is new may not be found yet.

        :return: False for a copy that is known to be gone, and after some tries
        """
        link = sending.link
        is_over = link.state in ("gone", "deleted_there")
        if sending.kind != "look" or is_over or not link._read_a_little_later():
            return False
        self._back_into_queue(sending)
        sending.entries.not_before = link.read_not_before
        return True

    def _read_series_again(self, link):
        """What Outlook holds of a series counts, though the version may be known."""
        link.needs_read = True
        self.account._request_pull(fresh_seconds=0)

    def _invitation_lost(self, sending):
        reason = self.env._(
            "The invitation is no longer in the mailbox: answer it in Outlook, in the "
            "deleted items, or ask the organizer for a new one."
        )
        self.record_dead_letter(sending.entries, reason)

    def _await_invitation(self, sending):
        """The invitation is on its way to this mailbox, it seems."""
        entries = sending.entries
        waits = max(entries.mapped("attempts")) + 1
        look_at = next_search_for_invitation(fields.Datetime.now(), waits)
        if look_at is None:
            self.record_dead_letter(
                entries, self.env._("The invitation has not arrived in the mailbox.")
            )
            return
        entries.write({"attempts": waits, "not_before": look_at})
        self.account._request_pull(fresh_seconds=0)

    def _close_reply(self, sending, outcome, response=None):
        """Nothing is left to tell; an error that was shown for it goes away."""
        sending.entries.write({"state": "done", "reason": False})
        event = sending.event.exists()
        failed = self.Outbox.search(
            [("event_id", "in", event.ids), ("state", "=", "dead")], limit=1
        )
        if event.ms365_sync_state in ("error", "pending") and not failed:
            self._events_to_refresh |= event.filtered(lambda one: not one.recurrence_id)
            self._series_to_refresh |= event.recurrence_id
        self._log(sending, "respond", outcome, response=response)
        self._log_rows[-1]["event_id"] = event.id
