"""Stores the responses to the sendings of one round trip."""

from __future__ import annotations

import logging
import random
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from functools import cached_property, partial
from typing import Any

from psycopg2 import IntegrityError, OperationalError

from odoo import fields

from ...engine.errors import AlreadyExists, AlreadyGone, MergeNeeded, SyncError
from ...engine.reasons import because
from ...engine.retry import (
    DeadLetter,
    Pause,
    Retry,
    next_step,
    whole_seconds,
)
from ...engine.versions import Change
from ...graph.client import GraphResponse
from ..meeting.report import Report
from ..records import Account, Event, OutboxEntries
from ..worker.graph_job import mailbox_error, record_health
from ..worker.one_by_one import Item
from ..write.event import EventWriter
from .badges import Badges
from .creating import Create
from .sending import Sending, WithRequest

_logger = logging.getLogger(__name__)

#: How often an event is put off if Graph says that this mailbox may not write it.
MAX_PAUSES = 4


class Recorder:
    """Records the responses of one mailbox's round trip, each on its own savepoint.

    Each kind of sending stores its own success
    (:meth:`.sending.WithRequest.record`). Errors are stored here. Log, badges and open
    calendars are brought up to date once, at the end.

    Interface for the sendings: ``account``, ``env``, the models ``Link`` and
    ``Outbox``, ``default_calendar``, ``writer``, ``report`` and ``badges``;
    :meth:`event_of`, :meth:`pending_deletes`; then one of :meth:`done`, :meth:`close`,
    :meth:`back_into_queue`, :meth:`fail` and :meth:`record_dead_letter`.
    """

    def __init__(self, account: Account) -> None:
        self.env = account.env
        self.account = account
        self.Link = self.env["praetorx.ms365.event.link"]
        self.Outbox = self.env["praetorx.ms365.outbox"]
        self.default_calendar = account._default_calendar()
        self.report = Report(account, "push", "odoo")
        self.badges = Badges(account)
        self._alive = self.env["calendar.event"]
        self._mailbox_error: SyncError | None = None

    @cached_property
    def writer(self) -> EventWriter:
        """Return the writer of events of this mailbox."""
        return EventWriter(self.account, self.default_calendar)

    def record(
        self,
        sendings: Sequence[WithRequest],
        responses: Sequence[GraphResponse],
        only: Collection[int] | None = None,
    ) -> None:
        """Store the responses and finish.

        :param only: places of those to store; see :class:`..worker.job.Job`
        """
        if only:
            self._mailbox_error = mailbox_error(responses, of_events=True)
        else:
            self._mailbox_error = record_health(self.account, responses, of_events=True)
        self._read_ahead(sendings)
        for place, pair in enumerate(zip(sendings, responses, strict=True)):
            if only is None or place in only:
                self._record_safely(*pair)
        self.account.last_push_at = fields.Datetime.now()
        self.finish()
        self.account._finish_reset()

    def items(self, sendings: Sequence[WithRequest]) -> list[Item]:
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

    def _set_aside(self, sending: Sending, reason: str) -> None:
        recorder = type(self)(self.account)  # with nothing left of the failed try
        recorder.record_dead_letter(sending.entries, reason)
        recorder.finish()

    def finish(self) -> None:
        """Write the log and the badges, and have open calendars show them.

        Copies that wait for a created meeting are connected by the runner, after the
        commit (``sync/worker/runner.py::_connect_waiting``).
        """
        self.badges.refresh()
        self.report.publish()

    # ------------------------------------------------------------------
    # One response
    # ------------------------------------------------------------------

    def _read_ahead(self, sendings: Sequence[WithRequest]) -> None:
        """Read all records in bulk: a commit has emptied the cache."""
        events = self.env["calendar.event"].union(*(s.event for s in sendings))
        self._alive = events.exists()
        self._alive.fetch(["ms365_sync_state", "teams_meeting_url", "microsoft_id"])
        self.Outbox.union(*(s.entries for s in sendings)).fetch(["state", "event_key"])
        self.Link.union(*(s.link for s in sendings)).fetch(["state", "remote_id"])

    def _record_safely(self, sending: WithRequest, response: GraphResponse) -> None:
        try:
            with self.env.cr.savepoint():
                self._record_one(sending, response)
        except (OperationalError, IntegrityError):
            raise  # a concurrent change: record all of it again
        except SyncError as error:
            # The response is not understood: treat it like any other error of Graph.
            error.request_id = error.request_id or response.request_id
            _logger.warning(
                "Microsoft 365: the response for event %s: %s, request %s",
                sending.event_key,
                error.reason,
                error.request_id,
            )
            self.fail(sending, error)
        except Exception as error:
            _logger.exception(
                "Microsoft 365: the response for event %s could not be stored",
                sending.event_key,
            )
            reason = because("odoo_failed", kind=type(error).__name__)
            self.record_dead_letter(sending.entries, reason, response.request_id)

    def _record_one(self, sending: WithRequest, response: GraphResponse) -> None:
        error = response.error
        if sending.keeps_sent and not getattr(error, "response_lost", False):
            sending.link.sent_snapshot = False  # Graph has said what came of it
        if error is None:
            before = sending.keeps_sent and sending.link._meeting_base
            sending.record(self, response)
            if before:
                sending.link._keep_members(before)
        elif isinstance(error, AlreadyGone):
            sending.record_gone(self, response)
        elif isinstance(error, AlreadyExists) and isinstance(sending, Create):
            sending.adopt(self, error.existing_id)
        elif self._mailbox_error and isinstance(error, type(self._mailbox_error)):
            self._wait_with_mailbox(sending, error)
        else:
            if isinstance(sending, Create):
                sending.record_refused(error)
            self.fail(sending, error)

    def event_of(self, sending: Sending) -> Event:
        """Return the event; empty if it was deleted during the request."""
        return sending.event & self._alive

    def pending_deletes(self, sending: Sending) -> OutboxEntries:
        """Return the deletions of an event that was deleted during its create."""
        return self.Outbox.search(
            [
                ("account_id", "=", self.account.id),
                ("event_key", "=", sending.event_key),
                ("operation", "=", "delete"),
                ("state", "=", "pending"),
            ]
        )

    # ------------------------------------------------------------------
    # Results for the entries
    # ------------------------------------------------------------------

    def done(
        self,
        sending: WithRequest,
        response: GraphResponse,
        names: Collection[str] = (),
        reason: str | None = None,
    ) -> None:
        """Close the entries: Graph has confirmed the write.

        :param names: fields that were written
        """
        sending.entries.write({"state": "done", "reason": False})
        self.Outbox._close_overtaken(sending.entries)
        self.badges.queue(sending, self.event_of(sending))
        self.log(sending, sending.operation, "done", names, response, reason)

    def close(self, sending: Sending, reason: str = "nothing") -> None:
        """Close entries that need no request.

        :param reason: an outcome of the sync log
        """
        if sending.link_vals:
            sending.link.write(sending.link_vals)
        if reason != "nothing" or not sending.link.is_primary:
            sending.link._remember_unsent(sending.entries)
        sending.entries.write({"state": "done"})
        self._alive |= sending.event
        self.badges.queue(sending, self.event_of(sending))
        delete = sending.entries[-1].operation == "delete"
        self.log(sending, "delete" if delete else "update", reason)

    def back_into_queue(
        self, sending: WithRequest, error: SyncError | None = None
    ) -> None:
        """Have the entries sent again at once, or as soon as the mailbox is ready."""
        sending.entries.write(
            {"state": "pending", "reason": error.reason if error else False}
        )

    def record_dead_letter(
        self, entries: OutboxEntries, reason: str, request_id: str | None = None
    ) -> None:
        """Make entries a dead letter: a person sees the reason and a retry button."""
        entries = entries.exists()
        entries.write({"state": "dead", "reason": reason, "request_id": request_id})
        entries._all_events()._ms365_show_state("error")
        self.report.log(
            "update",
            "failed",
            event_id=entries.event_id[:1].id,
            event_key=entries[-1:].event_key,
            author_id=entries[-1:].author_id.id,
            reason=reason,
            request_id=request_id,
        )

    def fail(self, sending: WithRequest, error: SyncError) -> None:
        """Send the entries again later, or make them a dead letter."""
        entries = sending.entries
        counted = entries._count_failure(type(error).__name__)
        attempts = counted["attempts"]
        now = fields.Datetime.now()
        step = next_step(error, attempts, now=now, rng_fraction=random.random())
        is_outdated = isinstance(error, MergeNeeded) and sending.link
        if is_outdated or sending.reads_after_error:
            sending.link.needs_read = True
        if isinstance(step, Retry):
            not_before = step.at
        elif isinstance(step, Pause) and step.until and attempts < MAX_PAUSES:
            not_before = step.until
            self.account._request_pull()  # finds out whether it is the whole mailbox
        else:
            self.record_dead_letter(entries, error.reason, error.request_id)
            return
        after = getattr(error, "after_seconds", None)
        entries.write(
            {
                "state": "pending",
                **counted,
                "not_before": whole_seconds(not_before),
                "asked_until": after and now + timedelta(seconds=after),
                "reason": error.reason,
                "request_id": error.request_id,
            }
        )
        self._log_later(sending, error)

    def _wait_with_mailbox(self, sending: WithRequest, error: SyncError) -> None:
        """Keep the entries pending while the mailbox waits, up to a number of tries."""
        counted = sending.entries._count_failure(type(error).__name__)
        now, attempts = fields.Datetime.now(), counted["attempts"]
        if isinstance(next_step(error, attempts, now=now, rng_fraction=0), DeadLetter):
            self.record_dead_letter(sending.entries, error.reason, error.request_id)
            return
        self.back_into_queue(sending, error)
        sending.entries.write(counted)
        self._log_later(sending, error)

    # ------------------------------------------------------------------
    # The sync log
    # ------------------------------------------------------------------

    def log(
        self,
        sending: Sending,
        operation: str,
        outcome: str,
        field_names: Collection[str] = (),
        response: GraphResponse | None = None,
        reason: str | None = None,
        **vals: Any,
    ) -> None:
        """Keep a row for the sync log.

        :param vals: columns with another value than the usual one
        """
        body = (response.body if response else None) or {}
        row = {
            "event_id": self.event_of(sending).id,
            "event_key": sending.event_key,
            "author_id": sending.entries[-1].author_id.id,
            "remote_id": sending.link.remote_id or body.get("id"),
            "reason": reason,
            "request_id": response.request_id if response else None,
        }
        self.report.log(operation, outcome, field_names=field_names, **{**row, **vals})

    def changes(self, sending: Sending, changes: Mapping[str, Change]) -> None:
        """Keep the changes that Outlook has taken for the history of the meeting."""
        author_id = sending.entries[-1].author_id.id
        self.report.changes(sending.link, changes, author_id=author_id)

    def _log_later(self, sending: WithRequest, error: SyncError) -> None:
        self.log(
            sending,
            sending.operation,
            "later",
            reason=error.reason,
            request_id=error.request_id,
        )
