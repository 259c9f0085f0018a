"""Run the work of several mailboxes in parallel: HTTP in threads, the ORM in one.

A job is claimed and committed, then sent by a thread while no transaction is open, then
recorded and committed. Each mailbox has one job at a time; a mailbox that hangs does
not delay the others.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Hashable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

import psycopg2

from odoo.api import Environment
from odoo.sql_db import db_connect

from ...engine.errors import NotStored, SyncError
from ...engine.reasons import because
from ...muted_sql_log import muted_sql_log
from .attempts import Attempt
from .commit_retry import PATIENCE, Patience, Step, commit_step
from .job import MAILBOXES_AT_ONCE, Job, Work, send
from .mailbox_lock import (
    has_own_session,
    try_lock_mailbox,
    unlock_mailbox,
    wait_briefly,
)
from .one_by_one import (
    TOGETHER_WEIGHT,
    Item,
    OutOfTime,
    is_disturbance,
    kind_of,
    place_of,
    work_through,
)
from .time_limit import TookTooLong, time_limit

_logger = logging.getLogger(__name__)

#: The wait for a response before we look for new work of other mailboxes.
LOOK_AGAIN_SECONDS = 0.3
#: The kind of attempt that prepares a job.
PLANNING = "planning"


class MailboxRunner:
    """Claim, send and record jobs until nothing is due or the time is up."""

    def __init__(
        self, env: Environment, work: Work, patience: Patience = PATIENCE
    ) -> None:
        self.env = env
        self.work = work
        self._patience = patience
        self._time_left = float("inf")
        self._running: dict[Future[Any], Job] = {}
        self._busy_elsewhere: set[int] = set()
        self._passed_over: set[int] = set()
        self._had_turn: set[int] = set()
        self._was_disturbed = False

    def run(self) -> bool:
        """Work until nothing is due.

        :return: True if work is left: the time was up, or a person was faster
        """
        open_another = db_connect(self.env.cr.dbname).cursor
        if not has_own_session(self.env.cr, self._commit, open_another):
            self._tell_of_shared_sessions()
            return False
        waited_since = None
        with (
            self._giving_back(),
            ThreadPoolExecutor(MAILBOXES_AT_ONCE, "ms365") as pool,
        ):
            while True:
                self._start_jobs(pool)
                if self._running:
                    waited_since = None
                    self._record_what_is_done()
                elif self._busy_elsewhere and self._time_left > 0:
                    waited_since = waited_since or time.monotonic()
                    if time.monotonic() - waited_since > self._patience.seconds:
                        break  # the other worker will trigger us
                    time.sleep(LOOK_AGAIN_SECONDS)
                else:
                    break
                self._busy_elsewhere.clear()
        ended_early = self._time_left <= 0 or self._was_disturbed
        return ended_early and bool(self.work.due_account_ids([]))

    @contextmanager
    def _giving_back(self) -> Iterator[None]:
        """Unlock the mailboxes of running jobs if the run ends by an error."""
        try:
            yield
        except BaseException:  # also if the process ends
            self.env.cr.rollback()
            for job in self._running.values():
                unlock_mailbox(self.env.cr, job.account_id)
            raise

    def _start_jobs(self, pool: ThreadPoolExecutor) -> None:
        while len(self._running) < MAILBOXES_AT_ONCE and self._time_left > 0:
            account_id = self._next_due()
            self._commit()
            if account_id is None:
                return
            job = self._claim(account_id)
            if job:
                self._running[pool.submit(send, job)] = job

    def _next_due(self) -> int | None:
        """Return the next mailbox to work on, None if no mailbox is due.

        Each due mailbox has one turn before any mailbox has a second turn.
        """
        at_hand = {job.account_id for job in self._running.values()}
        excluded = at_hand | self._busy_elsewhere | self._passed_over
        due = self.work.due_account_ids(excluded)
        first = [one for one in due if one not in self._had_turn]
        if not first and len(due) >= MAILBOXES_AT_ONCE:  # there may be more
            first = self.work.due_account_ids(excluded | self._had_turn)
        if not first:
            self._had_turn.clear()
        for account_id in first or due:
            self._had_turn.add(account_id)
            return account_id
        return None

    def _record_what_is_done(self) -> None:
        done, _pending = wait(
            self._running, timeout=LOOK_AGAIN_SECONDS, return_when=FIRST_COMPLETED
        )
        for future in [one for one in self._running if one in done]:  # as they began
            job = self._running.pop(future)
            try:
                self._record(job, future)
            finally:
                self._unlock(job.account_id)
        if done:
            self._passed_over.clear()

    def _claim(self, account_id: int) -> Job | None:
        """Lock a mailbox and return its next job, None if there is none."""
        locked = try_lock_mailbox(self.env.cr, account_id)
        was_disturbed = False
        try:
            with muted_sql_log():
                self._commit()  # start from the latest committed data
                wait_briefly(self.env.cr)
                job = self._plan(account_id) if locked else None
                self._commit()
        except psycopg2.OperationalError:
            self.env.cr.rollback()  # a person holds rows of it just now
            self._was_disturbed = was_disturbed = True
            job = None
        except Exception:
            self.env.cr.rollback()
            _logger.exception("Microsoft 365: planning for account %s", account_id)
            self._put_off(account_id)
            job = None
        if not locked:
            self._busy_elsewhere.add(account_id)
        elif job is None:
            left = self._busy_elsewhere if was_disturbed else self._passed_over
            left.add(account_id)
            self._unlock(account_id)
        return job

    def _plan(self, account_id: int) -> Job | None:
        """Return the next job of a mailbox, None if there is nothing to do.

        As with responses, the attempt is recorded before people's edits are processed:
        they might end this process.
        """
        if not getattr(self.work, "plans_items", False):
            return self.work.claim(account_id)
        attempt = self._attempt(account_id, PLANNING, processed=0)
        killed_by = attempt.interrupted_item()
        if killed_by is None:
            attempt.record()
            try:
                return self._recorded_plan(account_id, attempt)
            except TookTooLong as error:
                _logger.info(
                    "Microsoft 365: planning for account %s, one by one after %s",
                    account_id,
                    kind_of(error),
                )
        through = partial(self._plan_through, account_id, attempt, killed_by)
        return self._recorded_plan(account_id, attempt, through=through)

    def _recorded_plan(
        self, account_id: int, attempt: Attempt, **through: Any
    ) -> Job | None:
        try:
            wait_briefly(self.env.cr)
            with nullcontext() if through else time_limit(self.env.cr):
                job = self.work.claim(account_id, **through)
                self.env.flush_all()
            attempt.forget()
        except Exception:  # this process lives: the item has not killed it
            self.env.cr.rollback()
            attempt.commit(attempt.forget)
            raise
        return job

    def _plan_through(
        self,
        account_id: int,
        attempt: Attempt,
        killed_by: str | None,
        items: list[Item],
        plan: Callable[[Any], object],
    ) -> None:
        """Plan items one by one, until the mailbox's turn is over.

        :param killed_by: name of the item that has ended another process in planning
        :param plan: takes the key of an item
        """
        try:
            work_through(
                f"planning for account {account_id}",
                items,
                lambda key: self._within_limit(partial(plan, key)),
                attempt,
                killed_by=killed_by,
            )
        except OutOfTime:
            attempt.go_on_later()

    def _record(self, job: Job, future: Future[Any]) -> None:
        try:
            result = future.result()
        except Exception:
            _logger.exception("Microsoft 365: sending for account %s", job.account_id)
            self._put_off(job.account_id)
            return
        error = self._store(job, result)
        if error is None:
            self._connect_waiting()
        else:
            self._put_off(job.account_id, error)

    def _store(self, job: Job, result: Any) -> SyncError | None:
        """Record the result of a job; return the error if that cannot be committed.

        Each item is recorded before it is stored. If this process is killed meanwhile,
        the next one finds the record.
        """
        account = f"account {job.account_id}"
        attempt = self._attempt(job.account_id, job.kind)
        one_by_one = partial(self._store_one_by_one, job, result, attempt)
        try:
            items = job.items(result) if job.items else []
            if items:
                killed_by = attempt.interrupted_item()
                is_heavy = sum(item.weight for item in items) > TOGETHER_WEIGHT
                if killed_by is not None or (is_heavy and items[1:]):
                    return one_by_one(items, killed_by)
                attempt.record()
            attempt.commit(partial(self._record_the_rest, job, result, attempt))
        except SyncError as error:
            _logger.warning(
                "Microsoft 365: recording for %s: %s, request %s",
                account,
                error.reason,
                error.request_id,
            )
            return error
        except Exception as error:  # noqa: BLE001 - any error of one of its items
            if is_disturbance(error) or not job.items:
                return self._not_stored(account, error)
            _logger.info(
                "Microsoft 365: recording for %s, one by one after %s%s",
                account,
                kind_of(error),
                place_of(error),
            )
            return one_by_one(job.items(result))
        return None

    def _store_one_by_one(
        self,
        job: Job,
        result: Any,
        attempt: Attempt,
        items: list[Item],
        killed_by: str | None = None,
    ) -> SyncError | None:
        """Store the items of a response one by one.

        :param killed_by: name of the item that has ended another process when stored
        """
        account = f"account {job.account_id}"
        rest = partial(self._record_the_rest, job, result, attempt, only=frozenset())
        try:
            work_through(
                account,
                items,
                lambda key: self._within_limit(partial(job.record, result, only={key})),
                attempt,
                killed_by=killed_by,
            )
            attempt.commit(rest)
        except OutOfTime:
            return None  # the next turn continues with the other items
        except SyncError as other_error:
            return other_error
        except Exception as still:  # noqa: BLE001 - logged, and repeated later
            return self._not_stored(account, still)
        return None

    def _record_the_rest(
        self, job: Job, result: Any, attempt: Attempt, **only: Collection[Hashable]
    ) -> None:
        """Record a response, or the rest of it if the items are stored already."""
        self._within_limit(partial(job.record, result, **only))
        if job.items:
            attempt.forget()

    def _within_limit(self, work: Step) -> None:
        with time_limit(self.env.cr):
            work()
            self.env.flush_all()

    def _attempt(self, account_id: int, kind: str, processed: int = 1) -> Attempt:
        account = f"account {account_id}"
        commit = partial(self._commit_step, account, processed=processed)
        return Attempt(self.env, account_id, kind, commit)

    def _not_stored(self, account: str, error: Exception) -> NotStored:
        """Log an error for the administrator; return it as an error of the mailbox."""
        self.env.cr.rollback()
        _logger.warning(
            "Microsoft 365: recording for %s: %s%s",
            account,
            kind_of(error),
            place_of(error),
        )
        return NotStored(because("not_stored", kind=kind_of(error)))

    def _commit_step(self, what: str, step: Step, processed: int = 1) -> None:
        self._time_left = commit_step(self.env, what, step, processed, self._patience)

    def _connect_waiting(self) -> None:
        """Connect copies with meetings that another worker recorded at the same time.

        One worker may record the organizer's event while another records an attendee's
        copy. Neither sees the other's rows; the last one to commit connects them here.
        """
        try:
            with muted_sql_log():
                wait_briefly(self.env.cr)
                self.env["praetorx.ms365.event.link"]._connect_waiting()
                self._commit()
        except Exception as error:  # noqa: BLE001 - the next job looks again
            self._went_on_without("connecting copies", error)

    def _put_off(self, account_id: int, error: SyncError | None = None) -> None:
        """Let a mailbox wait for a while if its result cannot be stored."""
        try:
            with muted_sql_log():
                wait_briefly(self.env.cr)
                self.work.failed(account_id, error)
                self._commit()
        except Exception as trouble:  # noqa: BLE001 - repeated by the next run
            self._went_on_without(f"putting off account {account_id}", trouble)

    def _went_on_without(self, what: str, error: Exception) -> None:
        self.env.cr.rollback()
        if not is_disturbance(error):
            _logger.error(
                "Microsoft 365: %s: %s%s", what, kind_of(error), place_of(error)
            )

    def _unlock(self, account_id: int) -> None:
        was_ours = unlock_mailbox(self.env.cr, account_id)
        self._commit()
        if not was_ours:
            self._tell_of_shared_sessions()

    def _tell_of_shared_sessions(self) -> None:
        """Report that mailboxes cannot be locked: a pooler shares the sessions."""
        tell = self.env["praetorx.ms365.account"]._tell_of_shared_sessions
        self._commit_step("the sessions of the database", tell)

    def _commit(self, processed: int = 0) -> None:
        self._time_left = self.env["ir.cron"]._commit_progress(processed)
