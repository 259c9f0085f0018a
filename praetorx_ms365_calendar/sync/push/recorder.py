"""Stores what came of the sendings of one round trip."""

import logging
import random
from functools import partial

from psycopg2 import IntegrityError, OperationalError

from odoo import fields
from odoo.fields import Domain

from ...const import DELETED_FOR_GOOD, UNDER_WAY
from ...engine.delta import read_list
from ...engine.errors import (
    AlreadyExists,
    AlreadyGone,
    MergeNeeded,
    SyncError,
    TryLater,
)
from ...engine.mapping.graph_copy import why_not_copied
from ...engine.mapping.graph_reader import parse_event
from ...engine.mapping.title_prefix import without_prefix
from ...engine.retry import DeadLetter, Pause, Retry, next_step, whole_seconds
from ...engine.snapshot import Base, Content, RemoteEvent
from ..apply.applier import Applier
from ..apply.where import as_seen
from ..read.events import record_read
from ..worker.graph_job import mailbox_error, record_health
from ..worker.one_by_one import Item
from .replies import ReplyRecorder
from .series_recorder import SeriesRecorder

_logger = logging.getLogger(__name__)

#: How often an event is put off which Graph says this mailbox may not write.
MAX_PAUSES = 4
#: How long a write waits while it is found out whether a calendar is still shared.
SHARED_PAUSE_SECONDS = 60

_OPERATIONS = {
    "create": "create",
    "create_series": "create",
    "patch": "update",
    "series": "update",
    "move": "move",
    "delete": "delete",
    "cancel": "delete",
    "look": "respond",
    "respond": "respond",
}


class SendingRecorder:
    """Records the responses of one mailbox's round trip, each on its own savepoint.

    What concerns all of them (log, badges, open calendars) is written once at the end.
    """

    def __init__(self, account):
        self.env = account.env
        self.account = account
        self.Link = self.env["praetorx.ms365.event.link"]
        self.Outbox = self.env["praetorx.ms365.outbox"]
        default_calendar = account._default_calendar()
        self._default_calendar_id = default_calendar.id
        self.applier = Applier(account, default_calendar)
        self._log_rows = []
        self._events_to_refresh = self.env["calendar.event"]
        self._series_to_refresh = self.env["calendar.recurrence"]
        self._alive = self.env["calendar.event"]
        self._mailbox_error = None

    def record(self, sendings, responses, only=None):
        """Store the responses and finish; see :class:`.sending.Sending`.

        :param only: places of those to store; see :class:`..worker.job.Job`
        """
        if only:
            self._mailbox_error = mailbox_error(responses, of_events=True)
        else:
            self._mailbox_error = record_health(self.account, responses, of_events=True)
        self._read_ahead(sendings)
        pairs = list(zip(sendings, responses, strict=True))
        if only is not None:
            pairs = [pair for place, pair in enumerate(pairs) if place in only]
        for sending, response in pairs:
            try:
                with self.env.cr.savepoint():
                    self._record_one(sending, response)
            except (OperationalError, IntegrityError):
                raise  # changed by somebody else meanwhile: record all of it again
            except SyncError as error:
                # Graph did not answer what it should: as any other error of Graph.
                error.request_id = error.request_id or response.request_id
                _logger.warning(
                    "Microsoft 365: the response for event %s: %s, request %s",
                    sending.event_key,
                    error.reason,
                    error.request_id,
                )
                self._failed(sending, error)
            except Exception as error:
                _logger.exception(
                    "Microsoft 365: the response for event %s could not be stored",
                    sending.event_key,
                )
                reason = getattr(error, "reason", type(error).__name__)
                self.record_dead_letter(sending.entries, reason, response.request_id)
        self.account.last_push_at = fields.Datetime.now()
        self.finish()
        self.account._finish_reset()

    def items(self, sendings):
        """Return the sendings as items that can be recorded one by one."""
        return [
            Item(
                place,
                str(sending.event_key),
                partial(self._set_aside, sending),
                partial(self._set_aside, sending),
            )
            for place, sending in enumerate(sendings)
        ]

    def _set_aside(self, sending, reason):
        recorder = type(self)(self.account)  # with nothing left of the failed try
        recorder.record_dead_letter(sending.entries, reason)
        recorder.finish()

    def nothing_to_send(self, sending):
        """The entries of an event turned out to need no request."""
        if sending.link_vals:
            sending.link.write(sending.link_vals)
        if sending.reason != "nothing" or not sending.link.is_primary:
            sending.link._remember_unsent(sending.entries)
        sending.entries.write({"state": "done"})
        self._alive |= sending.event
        self._queue_badge(sending)
        delete = sending.entries[-1].operation == "delete"
        self._log(sending, "delete" if delete else "update", sending.reason)

    def record_dead_letter(self, entries, reason, request_id=None):
        """Dead letter: nothing is lost, a person sees the reason and a retry button."""
        entries = entries.exists()
        entries.write({"state": "dead", "reason": reason, "request_id": request_id})
        entries.event_id._ms365_show_state("error")
        for recurrence in entries.recurrence_id:
            recurrence._ms365_rows()._ms365_show_state("error")
        self._log_rows.append(
            {
                "event_id": entries.event_id[:1].id,
                "author_id": entries[-1:].author_id.id,
                "direction": "push",
                "origin": "odoo",
                "operation": "update",
                "outcome": "failed",
                "reason": reason,
                "request_id": request_id,
            }
        )

    def _read_ahead(self, sendings):
        """Read in bulk what is looked at one by one; a commit emptied the cache."""
        events = self.env["calendar.event"].union(*(s.event for s in sendings))
        self._alive = events.exists()
        self._alive.fetch(["ms365_sync_state", "teams_meeting_url", "microsoft_id"])
        self.Outbox.union(*(s.entries for s in sendings)).fetch(["state", "event_key"])
        self.Link.union(*(s.link for s in sendings)).fetch(["state", "remote_id"])

    def _event(self, sending):
        """Return the event, empty if it was deleted while its request was under way."""
        return sending.event & self._alive

    def finish(self):
        """Write the log and the badges, and have open calendars show them."""
        self._refresh_badges(self._events_to_refresh)
        self._refresh_series_badges(self._series_to_refresh)
        if self._log_rows:
            self.env["praetorx.ms365.sync.log"]._log_many(self.account, self._log_rows)
        self.applier.finish()

    # ------------------------------------------------------------------
    # One response
    # ------------------------------------------------------------------

    def _record_one(self, sending, response):
        error = response.error
        was_lost = getattr(error, "response_lost", False)
        if sending.kind in ("patch", "series") and not was_lost:
            sending.link.sent_snapshot = False  # Graph has said what came of it
        if error is None and sending.searches_first:
            self._search_done(sending, response)
        elif error is None:
            getattr(self, f"_{sending.kind}_done")(sending, response)
        elif isinstance(error, AlreadyGone) and sending.kind in ("look", "respond"):
            self._invitation_gone(sending, response)
        elif isinstance(error, AlreadyGone):
            self._target_gone(sending, response)
        elif isinstance(error, AlreadyExists):
            self._adopt(sending, error.existing_id)
        elif self._mailbox_error and isinstance(error, type(self._mailbox_error)):
            self._wait_with_mailbox(sending, error)
        else:
            self._failed(sending, error)

    def _create_done(self, sending, response):
        remote = as_seen(parse_event(response.body), self.account._default_calendar())
        if sending.first_sent:
            # An earlier try may have made it, and Outlook may have changed it since.
            self._adopt(sending, remote.remote_id, remote.ical_uid)
            return
        self._save(sending, remote)
        self._done(sending, response)
        self._warn_without_teams(sending, remote)

    def _inspect_done(self, sending, response):
        """Before a move: is there anything that a copy would lose, or mail about?"""
        record_read(self.account, sending.link, response)
        link = sending.link.exists()
        if not link or not link.event_id or not link._is_to_move():
            self._back_into_queue(sending)
            return
        obstacle = why_not_copied(response.body)
        if obstacle:
            self._refuse_move(sending, obstacle)
        else:
            sending.entries.move_source = response.body
        self._back_into_queue(sending)

    def _refuse_move(self, sending, obstacle):
        """Leave the event where it is, and say so where a person looks."""
        event = self._event(sending)
        words = event._ms365_why_not_moved(obstacle)
        sending.link._keep_calendar()
        event._message_log(body=words)
        self._log(sending, "move", "failed", reason=words)

    def _move_done(self, sending, response):
        sending.entries.move_source = False
        self._create_done(sending, response)

    def _patch_done(self, sending, response):
        remote = as_seen(parse_event(response.body), sending.link.calendar_id)
        self._save(sending, remote)
        self._done(sending, response)
        self._warn_without_teams(sending, remote)

    def _delete_done(self, sending, response):
        sending.link.write(sending.link._deleted_vals("outlook"))
        self._done(sending, response)

    _cancel_done = _delete_done

    def _read_done(self, sending, response):
        """Merged with what is in Outlook now; what is left to send follows."""
        record_read(self.account, sending.link, response)
        self._back_into_queue(sending)

    def _find_done(self, sending, response):
        """Was the create done before the process died? Then it can be deleted."""
        remote = _stamped(sending, response, self.account._graph_root())
        if not remote:
            self.nothing_to_send(sending)
            return
        vals = self.Link._remote_vals(remote) | {"state": "deleted_here"}
        link = self._link_for(sending, remote.remote_id, vals)
        sending.entries.link_id = link
        self._back_into_queue(sending)

    def _search_done(self, sending, response):
        """Was the create done by an earlier try? Else it is tried once more."""
        if remote := _stamped(sending, response, self.account._graph_root()):
            self._adopt(sending, remote.remote_id, remote.ical_uid)
            return
        sending.entries.was_sought = True
        self._back_into_queue(sending)

    def _save(self, sending, remote):
        """Store what Graph made of our write as the agreed base.

        ``ours`` is what was sent: an edit made meanwhile differs from it and is sent
        by its own entry.
        """
        event = self._event(sending)
        remote = without_prefix(remote, sending.title_prefix)
        vals = {
            **self.Link._remote_vals(remote),
            **self.Link._base_vals(Base(sending.ours, remote.content)),
            "title_prefix": sending.title_prefix,
            "reason": False,
        }
        deleted = not event or sending.link.state == "deleted_here"
        vals["state"] = "deleted_here" if deleted else "synced"
        link = self._link_for(sending, remote.remote_id, vals)
        if sending.kind == "create":
            self.account._remember_own_address(link, remote)
        if event:
            if not event.ms365_calendar_id:
                event._ms365_write_bookkeeping(
                    {"ms365_calendar_id": link.calendar_id.id}
                )
            self.applier.record_sent(event, remote)
            link._agreed_on_all(event)
        else:
            self._pending_deletes(sending).link_id = link

    def _link_for(self, sending, remote_id, vals):
        """Write ``vals`` to the link of this event, made if there is none."""
        if sending.kind in ("create", "create_series", "move"):
            calendar_id = sending.calendar_id or self._default_calendar_id
            vals = {"calendar_id": calendar_id, **vals}
        link = sending.link.exists() or self.Link.search(
            [("account_id", "=", self.account.id), ("remote_id", "=", remote_id)]
        )
        is_series = sending.entries[-1]._is_series
        recurrence = sending.entries[-1].recurrence_id
        if link and sending.kind == "move" and link.remote_id != remote_id:
            link._move_to(vals)
            return link
        if link:
            if is_series and recurrence and not link.recurrence_id:
                vals = {**vals, "recurrence_id": recurrence.id, "is_primary": True}
            link.write(vals)
            return link
        return self.Link.create(
            {
                "account_id": self.account.id,
                "calendar_id": self._default_calendar_id,
                "event_id": not is_series and self._event(sending).id,
                "recurrence_id": is_series and recurrence.id,
                "is_series": is_series,
                "is_primary": True,
                **vals,
            }
        )

    def _pending_deletes(self, sending):
        """The event was deleted in Odoo while its create was under way."""
        return self.Outbox.search(
            [
                ("account_id", "=", self.account.id),
                ("event_key", "=", sending.event_key),
                ("operation", "=", "delete"),
                ("state", "=", "pending"),
            ]
        )

    def _adopt(self, sending, existing_id, ical_uid=None):
        """A former try made this event: look what became of it, then go on.

        :param ical_uid: known already, so that copies of attendees find the event
        """
        if sending.kind == "create_series":
            base_vals = self._made_series_vals(sending)
        else:
            sent = sending.first_sent or Content.from_json(
                sending.entry_vals["sent_content"]
            )
            base_vals = self.Link._base_vals(Base(sent, sent))
        vals = {
            "remote_id": existing_id,
            "needs_read": True,
            "state": "synced",
            "title_prefix": sending.title_prefix,
            **base_vals,
        }
        carried = Domain("ical_uid", "=", ical_uid) & Domain("is_primary", "=", True)
        if ical_uid and not self.Link.search_count(carried, limit=1):
            vals["ical_uid"] = ical_uid
        self._link_for(sending, existing_id, vals)._expect()
        self._back_into_queue(sending)

    def _target_gone(self, sending, response):
        """There is nothing (any more) under this id."""
        if sending.kind in ("delete", "cancel"):
            self._delete_done(sending, response)
            return
        if sending.kind == "series":  # the series, or one occurrence: reading tells
            sending.link.needs_read = True
            self._back_into_queue(sending)
            return
        if sending.link.calendar_id._is_shared():
            # Gone, or no longer shared with us: the puller finds out which.
            sending.link.needs_read = True
            self.account._request_pull(fresh_seconds=0)
            later = TryLater(response.error.reason, after_seconds=SHARED_PAUSE_SECONDS)
            self._failed(sending, later)
            return
        record_read(self.account, sending.link, response)
        self._back_into_queue(sending)

    def _done(self, sending, response):
        sending.entries.write({"state": "done", "reason": False})
        self.Outbox._close_overtaken(sending.entries)
        self._queue_badge(sending)
        names = sending.patch.fields if sending.patch else ()
        reason = None
        if sending.kind == "create" or "attendees" in names:
            reason = self._event(sending)._ms365_describe_uninvitable()
        self._log(sending, _OPERATIONS[sending.kind], "done", names, response, reason)

    def _back_into_queue(self, sending, error=None):
        """The mailbox waits if it has to, not this entry."""
        sending.entries.write(
            {"state": "pending", "reason": error.reason if error else False}
        )

    def _wait_with_mailbox(self, sending, error):
        """The mailbox waits, this entry with it: until the policy gives up on it."""
        attempts = max(sending.entries.mapped("attempts")) + 1
        now = fields.Datetime.now()
        if isinstance(next_step(error, attempts, now=now, rng_fraction=0), DeadLetter):
            self.record_dead_letter(sending.entries, error.reason, error.request_id)
            return
        self._back_into_queue(sending, error)
        sending.entries.attempts = attempts
        self._log_later(sending, error)

    def _failed(self, sending, error):
        entries = sending.entries
        attempts = max(entries.mapped("attempts")) + 1
        now = fields.Datetime.now()
        step = next_step(error, attempts, now=now, rng_fraction=random.random())
        if (
            isinstance(error, MergeNeeded) and sending.link
        ) or sending.kind == "cancel":
            # A cancellation has no version to match: look before the next try.
            sending.link.needs_read = True
        if isinstance(step, Retry):
            not_before = step.at
        elif isinstance(step, Pause) and step.until and attempts < MAX_PAUSES:
            not_before = step.until
            self.account._request_pull()  # finds out whether it is the whole mailbox
        else:
            self.record_dead_letter(entries, error.reason, error.request_id)
            return
        entries.write(
            {
                "state": "pending",
                "attempts": attempts,
                "not_before": whole_seconds(not_before),
                "reason": error.reason,
                "request_id": error.request_id,
            }
        )
        self._log_later(sending, error)

    def _log_later(self, sending, error):
        operation = _OPERATIONS.get(sending.kind, "read")
        self._log(sending, operation, "later", reason=error.reason)
        self._log_rows[-1]["request_id"] = error.request_id

    # ------------------------------------------------------------------
    # What people see of it
    # ------------------------------------------------------------------

    def _queue_badge(self, sending):
        """Have the badge of what was sent brought up to date."""
        if sending.entries[-1]._is_series:
            self._series_to_refresh |= sending.entries[-1].recurrence_id
        else:
            self._events_to_refresh |= self._event(sending)

    def _refresh_series_badges(self, recurrences):
        for recurrence in recurrences.exists():
            waits = self.Outbox._is_waiting(self.account, recurrence._ms365_event_key())
            links = recurrence.ms365_link_ids.filtered("remote_id")
            waits |= any(link.state == "gone" or link._is_held() for link in links)
            ended = (*DELETED_FOR_GOOD, "calendar_off")
            linked = links.filtered(lambda link, ended=ended: link.state not in ended)
            state = "pending" if waits else "synced" if linked else "none"
            recurrence._ms365_rows()._ms365_show_state(state)
            if linked:
                self.Link._retire_predecessors(recurrence)

    def _refresh_badges(self, events):
        """Show events as in sync unless another edit of them is waiting."""
        waiting = self.Outbox.search(
            Domain("event_id", "in", events.ids)
            & (
                Domain("state", "in", UNDER_WAY)
                | Domain("approval_id.state", "=", "waiting")
            )
        ).event_id
        waiting |= self.Link.search(
            [("event_id", "in", events.ids), ("state", "=", "gone")]
        ).event_id
        linked = self.Link.search(
            [
                ("event_id", "in", events.ids),
                ("remote_id", "!=", False),
                ("state", "not in", DELETED_FOR_GOOD),
            ]
        ).event_id
        self.Link._retire_predecessors(linked & events)
        (events & waiting)._ms365_show_state("pending")
        ((events - waiting) & linked)._ms365_show_state("synced")
        (events - waiting - linked)._ms365_show_state("none")

    def _log(
        self, sending, operation, outcome, field_names=(), response=None, reason=None
    ):
        self._log_rows.append(
            {
                "event_id": (sending.event & self._events_to_refresh).id,
                "event_key": sending.event_key,
                "author_id": sending.entries[-1].author_id.id,
                "remote_id": sending.link.remote_id
                or ((response and response.body) or {}).get("id"),
                "direction": "push",
                "origin": "odoo",
                "operation": operation,
                "outcome": outcome,
                "field_names": ", ".join(sorted(field_names)),
                "reason": reason,
                "request_id": response and response.request_id,
            }
        )

    def _warn_without_teams(self, sending, remote):
        """Graph ignores the wish for a Teams meeting silently; we do not."""
        event = self._event(sending)
        wished = sending.patch is None or "online_meeting" in sending.patch.fields
        if (
            event
            and wished
            and sending.ours.online_meeting
            and not remote.content.online_meeting
        ):
            self._tell_without_teams(event)

    def _tell_without_teams(self, event):
        event._message_log(
            body=self.env._(
                "Microsoft did not make a Teams meeting: the mailbox has no Teams "
                "licence, or Teams is switched off for its calendar."
            )
        )


class Recorder(ReplyRecorder, SeriesRecorder, SendingRecorder):
    """Records what came of edits, deletions and answers to invitations."""


def _stamped(sending, response, root):
    """Return the event with the stamp of this sending's, None if there is none."""
    stamp = sending.entries[-1].stamp.lower()
    for item in read_list(response.body, root=root).items:
        remote = parse_event(item)
        if isinstance(remote, RemoteEvent) and (remote.stamp or "").lower() == stamp:
            return remote
    return None
