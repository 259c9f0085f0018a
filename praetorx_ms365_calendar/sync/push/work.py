"""Sends the edits of a mailbox: the latest state of each edited event."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from functools import partial

from psycopg2 import OperationalError

from odoo import fields
from odoo.api import Environment
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.errors import GiveUpOnEvent, NotStored, SyncError
from ...engine.push_order import request_key, sent_together
from ...engine.reasons import because
from ...graph.client import BATCH_SIZE
from ..apply.carry_out_deletions import hold_burst
from ..read.series import read_series_job
from ..records import Account, OutboxEntries
from ..worker.graph_job import graph_job, refresh_job
from ..worker.job import Job
from ..worker.one_by_one import Item
from .mail_guard import MailGuard
from .planner import Planner
from .recorder import Recorder
from .replies import plan_reply_sending
from .sending import ReadSeries, Sending, Unsent, WithRequest

#: Outbox entries that one round looks at; many of them may be of one event.
ENTRIES_AT_ONCE = 500

_logger = logging.getLogger(__name__)


class PushWork:
    """Work of the dispatcher: one round trip of one mailbox at a time."""

    def __init__(self, env: Environment) -> None:
        self.env = env
        self.Account = env["praetorx.ms365.account"]
        self.Outbox = env["praetorx.ms365.outbox"]

    def due_account_ids(self, excluded: Collection[int]) -> list[int]:
        """Return the mailboxes with due entries; the one with the newest turn is last.

        :param excluded: account ids with a job under way
        """
        return [
            account_id
            for account_id, _first in self.env.execute_query(
                SQL(
                    """
                    SELECT entry.account_id, min(entry.id) AS first
                      FROM praetorx_ms365_outbox entry
                      JOIN praetorx_ms365_account account
                        ON account.id = entry.account_id
                     WHERE (entry.state = 'sending'
                            OR entry.state = 'pending' AND entry.not_before <= %(now)s)
                       AND account.enabled
                       AND account.state = 'active'
                       AND NOT COALESCE(account.awaits_start, FALSE)
                       AND account.direction != 'outlook_to_odoo'
                       AND (account.not_before IS NULL OR account.not_before <= %(now)s)
                       AND entry.account_id != ALL(%(excluded)s)
                     GROUP BY entry.account_id, account.turn_at
                     ORDER BY account.turn_at NULLS FIRST, first
                     LIMIT 8
                    """,
                    now=fields.Datetime.now(),
                    excluded=list(excluded),
                )
            )
        ]

    #: The planning of one entry may end the process: see :class:`.runner`.
    plans_items = True

    def claim(
        self,
        account_id: int,
        through: Callable[[list[Item], Callable[[int], None]], None] | None = None,
    ) -> Job | None:
        """Plan the next round trip of a mailbox whose lock is held.

        Entries in state ``sending`` are left by a worker that died, since we hold the
        lock. They are sent again, which is safe.

        :param through: plans entries one by one, each in a transaction of its own
        """
        account = self.Account.browse(account_id).exists()
        if not account or not account._is_ready():
            return None
        self._requeue_unfinished(account)
        job = refresh_job(account)
        if job:
            return job
        if account.needs_connect:
            account._request_pull(fresh_seconds=0)  # connects first
            return None
        hold_burst(account)
        sendings = self._plan(account, through)
        if to_read := [one for one in sendings if isinstance(one, ReadSeries)]:
            links = self.env["praetorx.ms365.event.link"].union(
                *(one.link for one in to_read)
            )
            links.needs_read = True
            return read_series_job(account, links)
        if not sendings:
            account._finish_reset()
            return None
        if not through:
            for sending in sendings:
                sending.mark()
        with_request = [one for one in sendings if isinstance(one, WithRequest)]
        return graph_job(
            account,
            [sending.request_to_send for sending in with_request],
            lambda responses, only=None: Recorder(account).record(
                with_request, responses, only
            ),
            lambda _responses: Recorder(account).items(with_request),
            "writes",
        )

    def _plan(
        self,
        account: Account,
        through: Callable[[list[Item], Callable[[int], None]], None] | None = None,
    ) -> list[Sending]:
        """Return the sendings that have a request; the others are closed at once."""
        due = self._due_entries(account)
        groups = [
            self.Outbox.union(*group).with_prefetch(due.ids)
            for group in sent_together(due)
        ]
        sendings = {}
        if not through:
            planner, recorder = Planner(account, due), Recorder(account)
            for place, entries in enumerate(groups):
                if sending := self._plan_one(account, planner, recorder, entries):
                    sendings[place] = sending
            recorder.finish()
            return MailGuard(account).hold(list(sendings.values()))

        def plan(place: int) -> None:
            entries, recorder = groups[place], Recorder(account)
            planner = Planner(account, entries)
            sending = self._plan_one(account, planner, recorder, entries)
            recorder.finish()
            guard = MailGuard(account)
            if sending and guard.hold([sending], looks_ahead=False):
                sendings[place] = sending
                sending.mark()  # nobody withdraws it while others are planned

        through(self._items(account, groups), plan)
        # Some may have been set aside afterwards, or planned again with another result.
        return [sending for sending in sendings.values() if sending.is_marked]

    def _plan_one(
        self,
        account: Account,
        planner: Planner,
        recorder: Recorder,
        entries: OutboxEntries,
    ) -> Sending | None:
        """Return the sending of these entries, None if nothing is sent now."""
        try:
            if entries[:1].operation == "respond":
                sending = plan_reply_sending(account, entries)
            else:
                sending = planner.plan(entries)
            if sending and sending.is_reading:
                entries._count_reading(sending.link)
        except OperationalError:
            raise
        except GiveUpOnEvent as error:
            recorder.record_dead_letter(entries, error.reason)
            return None
        except Exception as error:
            _logger.exception(
                "Microsoft 365: event %s cannot be sent", entries[-1].event_key
            )
            kind = type(error).__name__
            recorder.record_dead_letter(entries, because("odoo_failed", kind=kind))
            return None
        if sending and entries._ask_about_other_guests(sending.guests):
            return None
        if isinstance(sending, Unsent):
            sending.close(recorder)
            return None
        return sending

    def _items(self, account: Account, groups: Sequence[OutboxEntries]) -> list[Item]:
        """Return the entries of each event as an item, to plan them one by one."""

        def set_aside(entries: OutboxEntries, reason: str) -> None:
            recorder = Recorder(account)
            recorder.record_dead_letter(entries, reason)
            recorder.finish()

        return [
            Item(
                place,
                " ".join(map(str, request_key(entries[0]))),
                partial(set_aside, entries),
                partial(set_aside, entries),
            )
            for place, entries in enumerate(groups)
        ]

    def failed(self, account_id: int, error: SyncError | None = None) -> None:
        """Put the mailbox off, because a response could not be recorded.

        :param error: the error class for the remedy, if it is known
        """
        account = self.Account.browse(account_id)
        account._stop_for(error or NotStored(because("not_stored")))

    def _requeue_unfinished(self, account: Account) -> None:
        self.Outbox.search(
            [("account_id", "=", account.id), ("state", "=", "sending")]
        ).write({"state": "pending"})

    def _due_entries(self, account: Account) -> OutboxEntries:
        """Return the entries of up to a batch of events, those of each together."""
        pending = (
            Domain("account_id", "=", account.id)
            & Domain("state", "=", "pending")
            & self.Outbox._not_of_asked_deletions(account)
        )
        due = self.Outbox.search(
            pending & Domain("not_before", "<=", fields.Datetime.now()),
            order="id",
            limit=ENTRIES_AT_ONCE,
        )
        due._move_late_edits_to_series()
        keys = list(dict.fromkeys(due.mapped("event_key")))[:BATCH_SIZE]
        return self.Outbox.search(
            pending & Domain("event_key", "in", keys), order="event_key, id"
        )
