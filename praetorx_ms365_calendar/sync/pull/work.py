"""Choose the puller's next job for a mailbox: connect, verify, or read a page."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from odoo import fields
from odoo.api import Environment
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.errors import NotStored, SyncError
from ...engine.pull_order import BEFORE_START, PullStep
from ...engine.reasons import because
from ...graph.client import BATCH_SIZE
from ..apply.carry_out_deletions import carry_out_gone
from ..read.events import read_links_job
from ..read.series import read_series_job
from ..records import Account, Links
from ..worker.graph_job import refresh_job
from ..worker.job import Job
from .busy_times import busy_job
from .calendar_list import list_job
from .connect import connect_job
from .preview import preview_job
from .rounds import pages_job
from .self_check import check_job
from .stamps import stamps_job

#: Of a mailbox that waits for its owner, only mailbox and calendars are listed.
_MAY_START = SQL(
    """NOT COALESCE(account.awaits_start, FALSE)
       OR account.needs_connect
       OR EXISTS (SELECT FROM praetorx_ms365_notification start
                   WHERE start.account_id = account.id AND start.kind = 'start')
       OR account.pull_requested_at IS NOT NULL AND account.calendars_read_at IS NULL"""
)
_COMPUTES_PREVIEW = SQL(
    """EXISTS (SELECT FROM praetorx_ms365_preview preview
                WHERE preview.account_id = account.id
                  AND preview.state = 'computing')"""
)


class PullWork:
    """Work of the puller: one job at a time, each derived from the database alone."""

    def __init__(self, env: Environment) -> None:
        self.env = env
        self.Account = env["praetorx.ms365.account"]
        self.Link = env["praetorx.ms365.event.link"]

    def due_account_ids(self, excluded: Collection[int]) -> list[int]:
        """Return the mailboxes that must be read, the one with the oldest turn first.

        :param excluded: ids of accounts that have a running job
        """
        return [
            account_id
            for [account_id] in self.env.execute_query(
                SQL(
                    """
                    SELECT account.id
                      FROM praetorx_ms365_account account
                     WHERE account.enabled
                       AND account.state = 'active'
                       AND account.id != ALL(%(excluded)s)
                       AND (account.not_before IS NULL OR account.not_before <= %(now)s)
                       AND (%(may_start)s OR %(computes_preview)s)
                       AND (account.pull_requested_at IS NOT NULL
                            OR account.check_due_at <= %(now)s
                            OR account.look_again_at <= %(now)s
                            OR %(computes_preview)s
                            OR EXISTS (SELECT FROM praetorx_ms365_busy_day b
                                        WHERE b.account_id = account.id
                                          AND b.asked_at IS NOT NULL)
                            OR EXISTS (SELECT FROM praetorx_ms365_notification n
                                        WHERE n.account_id = account.id)
                            OR EXISTS (SELECT FROM praetorx_ms365_calendar c
                                        WHERE c.account_id = account.id
                                          AND (c.round_kind IS NOT NULL
                                               OR c.restarts > 0
                                              AND c.not_before <= %(now)s))
                            OR EXISTS (SELECT FROM praetorx_ms365_event_link l
                                        WHERE l.account_id = account.id
                                          AND l.needs_read
                                          AND l.remote_id IS NOT NULL
                                          AND (l.read_not_before IS NULL
                                               OR l.read_not_before <= %(now)s))
                            OR EXISTS (SELECT FROM praetorx_ms365_event_link l
                                  LEFT JOIN praetorx_ms365_hold h ON h.id = l.hold_id
                                        WHERE l.account_id = account.id
                                          AND l.state = 'gone'
                                          AND h.state IS DISTINCT FROM 'open'))
                     ORDER BY account.turn_at NULLS FIRST,
                              account.pull_requested_at, account.id
                     LIMIT 8
                    """,
                    excluded=list(excluded),
                    now=fields.Datetime.now(),
                    may_start=_MAY_START,
                    computes_preview=_COMPUTES_PREVIEW,
                )
            )
        ]

    def claim(self, account_id: int) -> Job | None:
        """Return the next job of a locked mailbox, None if there is none."""
        account = self.Account.browse(account_id).exists()
        if not account or account.state != "active" or not account.enabled:
            return None
        job = refresh_job(account)
        if job:
            return job
        self._pop_notifications(account)
        account._begin_look(fields.Datetime.now())
        return next(filter(None, self._jobs(account)), None)

    def _jobs(self, account: Account) -> Iterator[Job | None]:
        """Yield the job of each step, None if the step has no work."""
        for step in PullStep:
            if account.awaits_start and step not in BEFORE_START:
                continue
            match step:
                case PullStep.CONNECT:
                    yield connect_job(account) if account.needs_connect else None
                case PullStep.BUSY_TIMES:
                    yield busy_job(account)
                case PullStep.VERIFY:
                    unverified = self._unverified(account)
                    yield verify_job(account, unverified) if unverified else None
                case PullStep.READ_PAGES:
                    calendars = account.calendar_ids
                    calendars.filtered("restart_requested")._restart_round()
                    yield pages_job(account, calendars.filtered("round_kind"))
                case PullStep.CARRY_OUT:
                    carry_out_gone(account)
                case PullStep.END_WAITS:
                    now = fields.Datetime.now()
                    if account.calendar_ids._end_wait(now):
                        account.pull_requested_at = account.pull_requested_at or now
                case PullStep.PREVIEW:
                    yield preview_job(account)
                case PullStep.CHECK:
                    yield None if account.pull_requested_at else check_job(account)
                case _:
                    yield self._requested(step, account)

    def _requested(self, step: PullStep, account: Account) -> Job | None:
        """Return the job of a step that belongs to requested rounds."""
        if not account.pull_requested_at:
            return None
        now = fields.Datetime.now()
        if step is PullStep.LIST_CALENDARS:
            return list_job(account) if account._calendar_list_is_due(now) else None
        calendars = account.calendar_ids._readable(now)
        if step is PullStep.READ_STAMPS:
            unread = calendars.filtered(
                lambda one: not (one.stamps_read or one._is_shared())
            )
            return stamps_job(account, unread[:1]) if unread else None
        for calendar in calendars:
            calendar._begin_round(now)
        account.pull_requested_at = False  # the rounds that begin fulfil the request
        return pages_job(account, calendars)

    def _unverified(self, account: Account) -> Links:
        return self.Link.search(
            Domain("account_id", "=", account.id)
            & Domain("needs_read", "=", True)
            & Domain("remote_id", "!=", False)
            & (
                Domain("read_not_before", "=", False)
                | Domain("read_not_before", "<=", fields.Datetime.now())
            ),
            limit=BATCH_SIZE,
        )

    def failed(self, account_id: int, error: SyncError | None = None) -> None:
        """Let a mailbox wait for a while if a response could not be recorded.

        :param error: names the remedy, if it is known
        """
        error = error or NotStored(because("not_stored"))
        self.Account.browse(account_id)._stop_for(error)

    def _pop_notifications(self, account: Account) -> None:
        count, kinds = self.env["praetorx.ms365.notification"]._pop(account)
        if count:
            now = fields.Datetime.now()
            account.pull_requested_at = now
            if "missed" not in kinds:
                account.last_notification_at = now


def verify_job(account: Account, links: Links) -> Job:
    """Return the job that reads single events or, if there are none, series."""
    singles = links.filtered(lambda link: not link.is_series)
    if singles:
        return read_links_job(account, singles)
    return read_series_job(account, links)
