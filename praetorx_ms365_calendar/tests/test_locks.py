from contextlib import closing

from psycopg2.errors import DivisionByZero, LockNotAvailable

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged

from ..sync.worker.attempts import Attempt
from ..sync.worker.commit_retry import commit_step
from ..sync.worker.job import Job
from ..sync.worker.mailbox_lock import (
    has_own_session,
    mailbox_lock,
    try_lock_mailbox,
    unlock_mailbox,
    wait_briefly,
)
from ..sync.worker.one_by_one import Item
from ..sync.worker.runner import MailboxRunner

LOGGER = "odoo.addons.praetorx_ms365_calendar.sync.worker.mailbox_lock"
MAILBOX = 2_000_000_001  # no account's id


class Trouble(Exception):
    """An unexpected error."""


class WorkInTrouble:
    """One mailbox has a job; looking for more fails."""

    def __init__(self):
        self.looks = 0

    def due_account_ids(self, _excluded):
        self.looks += 1
        if self.looks > 1:
            raise Trouble
        return [MAILBOX]

    def claim(self, account_id):
        return Job(account_id, send=lambda _session: None, record=lambda _result: None)


class Pooled:
    """A connection as a pooler in transaction mode gives it."""

    def __init__(self, *cursors):
        self.cursors = list(cursors)

    def __getattr__(self, name):
        return getattr(self.cursors[0], name)

    def commit(self):
        self.cursors[0].commit()
        self.cursors.append(self.cursors.pop(0))


class Lent:
    """A cursor of another connection, which gets the session of a first one."""

    def __init__(self, cr):
        self.execute, self.fetchone = cr.execute, cr.fetchone

    def close(self):
        """Leave the session to the first one."""


class WorkThatKills(WorkInTrouble):
    """Storing the answer of its one job ends the process."""

    def __init__(self, account_id, *names):
        super().__init__()
        self.account_id = account_id
        self.items = [Item(name, name, print, print) for name in names]

    def due_account_ids(self, _excluded):
        return [self.account_id]

    def claim(self, account_id):
        def record(_result, only=None):
            if only != {"R1"}:
                raise SystemExit  # as good as killed: nobody catches it

        return Job(account_id, lambda _session: None, record, self.have_items, "pages")

    def have_items(self, _result):
        return self.items


@tagged("post_install", "-at_install")
class TestLocks(BaseCase):
    """A connection goes back to the pool with no mailbox locked by it."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.cr = self.enterContext(closing(self.registry.cursor()))
        self.other_cr = self.enterContext(closing(self.registry.cursor()))

    def assert_free(self):
        self.assertTrue(try_lock_mailbox(self.other_cr, MAILBOX))
        unlock_mailbox(self.other_cr, MAILBOX)

    def test_locked_within_the_block_only(self):
        with mailbox_lock(self.cr, MAILBOX) as locked:
            self.assertTrue(locked)
            self.assertFalse(try_lock_mailbox(self.other_cr, MAILBOX))
            with mailbox_lock(self.other_cr, MAILBOX) as also_locked:
                self.assertFalse(also_locked)
            self.assertFalse(try_lock_mailbox(self.other_cr, MAILBOX))
        self.assert_free()

    def test_a_worker_waits_for_no_lock_without_limit(self):
        """Whoever holds the row may be waiting for the worker in turn."""
        row = "SELECT id FROM res_users ORDER BY id LIMIT 1 FOR UPDATE"
        self.other_cr.execute(row)
        wait_briefly(self.cr)
        with self.assertRaises(LockNotAvailable):
            self.cr.execute(row, log_exceptions=False)

    def test_each_step_of_a_job_waits_briefly_only(self):
        env = api.Environment(self.cr, SUPERUSER_ID, {})
        limits = []

        def step():
            self.cr.execute("SELECT current_setting('lock_timeout')")
            limits.append(self.cr.fetchone()[0])

        commit_step(env, "a step", step)
        commit_step(env, "another step", step)
        self.assertNotIn("0", limits)

    def test_given_back_when_the_database_refuses(self):
        with (
            self.assertRaises(DivisionByZero),
            mailbox_lock(self.cr, MAILBOX),
        ):
            self.cr.execute("SELECT 1 / 0", log_exceptions=False)
        self.assert_free()

    def test_run_that_fails_gives_back_what_it_has_at_hand(self):
        env = api.Environment(self.cr, api.SUPERUSER_ID, {})
        with self.assertRaises(Trouble):
            MailboxRunner(env, WorkInTrouble()).run()
        self.assert_free()

    def test_own_session_is_told_from_one_that_is_shared(self):
        self.assertTrue(has_own_session(self.cr, self.cr.commit, self.registry.cursor))
        pooled = Pooled(self.cr, self.other_cr)
        self.assertFalse(has_own_session(pooled, pooled.commit, self.registry.cursor))

    def test_session_that_another_connection_gets_is_noticed(self):
        """A pooler with little to do gives each transaction the same session."""
        self.assertFalse(
            has_own_session(self.cr, self.cr.commit, lambda: Lent(self.cr))
        )

    def test_lock_that_another_session_holds_is_noticed(self):
        pooled = Pooled(self.cr, self.other_cr)
        self.assertTrue(try_lock_mailbox(pooled, MAILBOX))
        pooled.commit()
        with self.assertLogs(LOGGER, "WARNING") as logs:
            self.assertFalse(unlock_mailbox(pooled, MAILBOX))
        self.assertIn(str(MAILBOX), logs.output[0])
        self.assertTrue(unlock_mailbox(self.cr, MAILBOX))

    def test_next_process_knows_the_work_of_a_killed_one(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            admin = env.ref("base.user_admin")
            account_id = env["praetorx.ms365.account"]._ensure(admin).id
        self.addCleanup(self.remove, account_id)
        env = api.Environment(self.cr, api.SUPERUSER_ID, {})
        other_env = api.Environment(self.other_cr, api.SUPERUSER_ID, {})
        for killed_by in ("", "R2"):
            with self.assertRaises(SystemExit):
                MailboxRunner(env, WorkThatKills(account_id, "R1", "R2", "R3")).run()
            self.cr.rollback()
            attempt = Attempt(other_env, account_id, "pages", None)
            self.assertEqual(attempt.interrupted_item(), killed_by)
            self.other_cr.rollback()

    def remove(self, account_id):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            env["praetorx.ms365.account"].browse(account_id).unlink()
