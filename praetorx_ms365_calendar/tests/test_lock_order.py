"""Two transactions at once: a person's is never the one that PostgreSQL ends."""

import threading
import time
from contextlib import closing, contextmanager
from datetime import timedelta

from psycopg2.errors import LockNotAvailable

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import DummyRLock, Registry
from odoo.tests import BaseCase, get_db_name, new_test_user, tagged
from odoo.tools import SQL

from ..sync.push.work import PushWork
from ..sync.worker.commit_retry import Patience, commit_step
from ..sync.worker.runner import MailboxRunner
from .common import DAY, connect
from .test_locks import MAILBOX

#: How long a test waits for the other transaction.
PATIENCE_SECONDS = 10
#: Longer than a worker waits, and shorter than PostgreSQL waits before it looks.
A_MOMENT = 0.3


class Other(threading.Thread):
    """A person with a transaction parallel to that of the test.

    :param act: what is done in it; takes its environment
    """

    def __init__(self, registry, user_id, act):
        super().__init__(daemon=True)
        self.registry, self.user_id, self.act = registry, user_id, act
        self.pid = self.error = None

    def run(self):
        try:
            with self.registry.cursor() as cr:
                cr.execute("SELECT pg_backend_pid()")
                [self.pid] = cr.fetchone()
                env = api.Environment(cr, self.user_id, {})
                self.act(env)
                env.flush_all()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            self.error = error


class WorkOfABusyMailbox:
    """One mailbox has work, which somebody else's transaction is at."""

    def __init__(self):
        self.claims = 0

    def due_account_ids(self, excluded):
        return [] if MAILBOX in excluded or self.claims > 1 else [MAILBOX]

    def claim(self, _account_id):
        self.claims += 1
        if self.claims == 1:
            raise LockNotAvailable


@tagged("post_install", "-at_install")
class TestLockOrder(BaseCase):
    """Test that edits lock first, in one order, and that workers never wait."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        self.patch(Registry, "_lock", DummyRLock())  # the tests hold it all the time
        with self.committed() as env:
            people = [
                new_test_user(
                    env,
                    f"ms365_lock_{name}",
                    groups="base.group_user",
                    name=name,
                    email=f"{name}@locks.example.com",
                )
                for name in ("dora", "emil")
            ]
            self.dora_id, self.emil_id = (user.id for user in people)
            self.accounts = [connect(user).id for user in people]
            event = (
                env["calendar.event"]
                .with_user(people[0])
                .create(
                    {
                        "name": "Lunch",
                        "start": DAY,
                        "stop": DAY + timedelta(hours=1),
                        "partner_ids": [(6, 0, [one.partner_id.id for one in people])],
                    }
                )
            )
            links = env["praetorx.ms365.event.link"].create(
                [
                    {
                        "account_id": account_id,
                        "event_id": event.id,
                        "remote_id": f"of {account_id}",
                        "is_primary": account_id == self.accounts[0],
                        "is_organizer": account_id == self.accounts[0],
                    }
                    for account_id in self.accounts
                ]
            )
            self.event_id = event.id
            self.link_ids = links.ids
            entries = env["praetorx.ms365.outbox"]
            entries = entries.search([("event_key", "=", event.id)])
            self.entry_ids = entries.ids
        self.addCleanup(self.forget_all)
        self.cr = self.enterContext(closing(self.registry.cursor()))
        self.env = api.Environment(self.cr, SUPERUSER_ID, {})

    @contextmanager
    def committed(self):
        """Run this block in a transaction of its own, and commit it."""
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def forget_all(self):
        with self.committed() as env:
            users = env["res.users"].browse([self.dora_id, self.emil_id])
            events = env["calendar.event"].with_context(active_test=False)
            events = events.search([("user_id", "in", users.ids)])
            recurrences = events.recurrence_id
            events._ms365_for_sync(users[0]).unlink()
            recurrences.with_context(ms365_from_sync=True).unlink()
            env["praetorx.ms365.account"].browse(self.accounts).unlink()
            people = users.partner_id
            users.unlink()
            people.unlink()

    def start(self, act, user_id=None):
        """Return another person that waits for the transaction of the test."""
        other = Other(self.registry, user_id or self.dora_id, act)
        other.start()
        self.addCleanup(other.join, PATIENCE_SECONDS)
        self.addCleanup(self.cr.rollback)
        self.wait_until_blocked(other)
        return other

    def wait_until_blocked(self, other):
        until = time.monotonic() + PATIENCE_SECONDS
        with closing(self.registry.cursor()) as cr:
            while time.monotonic() < until and other.is_alive():
                if other.pid:
                    cr.execute("SELECT pg_blocking_pids(%s)", [other.pid])
                    if cr.fetchone()[0]:
                        return
                    cr.rollback()
                time.sleep(0.02)
        self.fail(f"nobody waits: {other.error!r}")

    def assert_done(self, other):
        other.join(PATIENCE_SECONDS)
        self.assertFalse(other.is_alive(), "still waiting")
        self.assertIsNone(other.error)

    def take(self, table, ids, strength="NO KEY UPDATE"):
        """Take rows in the transaction of the test; nobody else has them."""
        query = SQL(
            "SELECT id FROM %s WHERE id = ANY(%s) FOR %s NOWAIT",
            SQL.identifier(table),
            ids,
            SQL(strength),
        )
        self.cr.execute(query, log_exceptions=False)

    def delete(self, env):
        env["calendar.event"].browse(self.event_id).unlink()

    def archive(self, env):
        env["calendar.event"].browse(self.event_id).write({"active": False})

    # --- people ---------------------------------------------------------------------

    def test_deletion_waits_for_the_event_without_locks(self):
        self.take("calendar_event", [self.event_id])
        other = self.start(self.delete)
        self.take("praetorx_ms365_event_link", self.link_ids)
        self.take("praetorx_ms365_outbox", self.entry_ids)
        self.cr.rollback()
        self.assert_done(other)

    def test_archiving_waits_for_the_event_without_locks(self):
        self.take("calendar_event", [self.event_id])
        other = self.start(self.archive)
        self.take("praetorx_ms365_event_link", self.link_ids)
        self.cr.rollback()
        self.assert_done(other)

    def test_reply_waits_for_a_deletion_without_locks(self):
        self.take("calendar_event", [self.event_id], "UPDATE")
        event = self.env["calendar.event"].browse(self.event_id)
        emil = self.env["res.users"].browse(self.emil_id).partner_id
        mine = event.attendee_ids.filtered(lambda one: one.partner_id == emil)
        other = self.start(
            lambda env: env["calendar.attendee"].browse(mine.id).do_accept(),
            self.emil_id,
        )
        self.take("calendar_attendee", mine.ids)
        self.cr.rollback()
        self.assert_done(other)

    def test_edit_of_an_occurrence_waits_without_locks_of_later_ones(self):
        with self.committed() as env:
            recurrence = (
                env["calendar.event"]
                .with_user(self.dora_id)
                .create(
                    {
                        "name": "Standup",
                        "start": DAY,
                        "stop": DAY + timedelta(hours=1),
                        "recurrency": True,
                        "rrule_type": "daily",
                        "end_type": "count",
                        "count": 3,
                    }
                )
                .recurrence_id
            )
            rows = recurrence._ms365_rows().sorted("id")
            rows._ms365_write_bookkeeping({"ms365_sync_state": "none"})
            first_id, *_between, last_id = rows.ids
        self.take("calendar_event", [first_id])
        other = self.start(
            lambda env: env["calendar.event"].browse(last_id).write({"name": "Retro"})
        )
        self.take("calendar_event", [last_id])
        self.cr.rollback()
        self.assert_done(other)

    # --- workers --------------------------------------------------------------------

    def test_worker_gives_way_to_a_waiting_user(self):
        others = []

        def record():
            entries = self.env["praetorx.ms365.outbox"].browse(self.entry_ids)
            entries.write({"state": "done"})
            entries.flush_recordset()
            if not others:
                others.append(self.start(self.delete))
                time.sleep(A_MOMENT)
            event = self.env["calendar.event"].browse(self.event_id).exists()
            event._ms365_show_state("synced")

        commit_step(self.env, "an answer", record)
        self.assert_done(others[0])
        entries = self.env["praetorx.ms365.outbox"].browse(self.entry_ids)
        self.assertEqual(set(entries.mapped("state")), {"done"})

    def test_mailbox_that_a_person_is_at_is_tried_again_in_the_same_run(self):
        work = WorkOfABusyMailbox()
        self.assertFalse(MailboxRunner(self.env, work).run())
        self.assertEqual(work.claims, 2)

    def test_planning_that_a_person_disturbs_is_no_kill(self):
        account_id = self.accounts[0]
        with self.committed() as env:
            env["praetorx.ms365.event.link"].browse(self.link_ids).unlink()
        for storing in ({}, {"planning": ""}):
            with self.committed() as env:
                env["praetorx.ms365.account"].browse(account_id).storing = storing
            self.take("praetorx_ms365_outbox", self.entry_ids)
            with closing(self.registry.cursor()) as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                patience = Patience(attempts=1, seconds=0)
                work_left = MailboxRunner(env, PushWork(env), patience).run()
            self.assertTrue(work_left)
            self.cr.rollback()
            with self.committed() as env:
                account = env["praetorx.ms365.account"].browse(account_id)
                self.assertFalse(account.storing)
                self.assertFalse(account.failures)
                entries = env["praetorx.ms365.outbox"].browse(self.entry_ids)
                self.assertEqual(set(entries.mapped("state")), {"pending"})
        self.assertTrue(PushWork(self.env).claim(account_id))

    def test_nobody_waits_for_the_mailbox_to_ask_for_a_reading(self):
        account_id = self.accounts[0]
        with closing(self.registry.cursor()) as worker:
            worker.execute(
                "UPDATE praetorx_ms365_account SET last_pull_at = last_pull_at"
                " WHERE id = %s",
                [account_id],
            )
            self.cr.execute("SET LOCAL statement_timeout = '5s'")
            account = self.env["praetorx.ms365.account"].browse(account_id)
            account._request_pull(fresh_seconds=0)
            self.env.flush_all()
        recorded = self.env["praetorx.ms365.notification"].search_count(
            [("account_id", "=", account_id)]
        )
        self.assertEqual(recorded, 1)
