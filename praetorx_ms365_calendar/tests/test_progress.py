"""Test that work without progress is reported, for any reason."""

from contextlib import closing
from datetime import timedelta

from odoo import fields
from odoo.sql_db import db_connect
from odoo.tests import tagged
from odoo.tools import SQL

from ..sync.pull.work import PullWork
from ..sync.worker.commit_retry import Patience
from ..sync.worker.mailbox_lock import try_lock_mailbox, unlock_mailbox
from .common import SyncCase

LONG_AGO = timedelta(hours=2)


@tagged("post_install", "-at_install")
class TestProgress(SyncCase):
    """The status and an activity for an administrator name the blocked work."""

    def watch(self):
        self.env.flush_all()
        self.env["praetorx.ms365.account"]._watch_progress()
        self.env.invalidate_all()

    def told(self):
        return self.account.activity_ids.filtered(
            lambda one: (
                one.activity_type_id
                == self.env.ref("praetorx_ms365_calendar.mail_activity_trouble")
            )
        )

    def run_cron(self, name):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref(f"praetorx_ms365_calendar.{name}").method_direct_trigger()
        self.env.invalidate_all()

    def wait_in_outbox(self):
        """Let an edit have been due for long."""
        entry = self.entries(self.new_event())
        entry.not_before = fields.Datetime.now() - LONG_AGO
        return entry

    def test_recent_work_is_no_standstill(self):
        self.new_event()
        self.account.pull_requested_at = fields.Datetime.now()
        self.watch()
        self.assertFalse(self.told())
        self.assertNotIn("Standing still", self.account.status)

    def test_edit_that_nobody_sends_is_told(self):
        self.wait_in_outbox()
        self.watch()
        self.assertIn("Standing still", self.account.status)
        self.assertTrue(self.told().user_id.has_group("base.group_system"))
        self.watch()
        self.assertEqual(len(self.told()), 1)

    def test_notification_that_nobody_takes_is_told(self):
        self.env["praetorx.ms365.notification"]._store(
            [(self.account.id, None, "change", None)]
        )
        self.env["praetorx.ms365.notification"].search([]).received_at = (
            fields.Datetime.now() - LONG_AGO
        )
        self.account.calendar_ids.flush_recordset()
        self.env.cr.execute(
            "UPDATE praetorx_ms365_calendar SET write_date = write_date - %s",
            [LONG_AGO],
        )
        self.watch()
        self.assertTrue(self.told())

    def test_work_that_goes_on_slowly_is_no_standstill(self):
        self.wait_in_outbox()
        self.account.last_push_at = fields.Datetime.now()
        self.watch()
        self.assertFalse(self.told())

    def test_mailbox_that_microsoft_has_wait_does_not_stand_still(self):
        self.wait_in_outbox()
        self.account.not_before = fields.Datetime.now() + timedelta(minutes=5)
        self.watch()
        self.assertFalse(self.told())

    def test_standstill_that_is_over_is_told_no_more(self):
        entry = self.wait_in_outbox()
        self.watch()
        entry.state = "done"
        self.watch()
        self.assertFalse(self.told())
        self.assertNotIn("Standing still", self.account.status)

    def age(self, *models):
        """Let all that was done with the mailbox be long ago."""
        self.env.flush_all()
        self.account.last_pull_at = fields.Datetime.now() - LONG_AGO
        self.env.flush_all()
        for model in models:
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET write_date = write_date - %s",
                    SQL.identifier(self.env[model]._table),
                    LONG_AGO,
                )
            )
        self.env.invalidate_all()

    def assert_told_once_it_is_old(self, *models):
        self.watch()
        self.assertFalse(self.told())
        self.age("praetorx.ms365.calendar", *models)
        self.watch()
        self.assertTrue(self.told())
        self.assertIn("Standing still", self.account.status)

    def test_round_that_nobody_goes_on_with_is_told(self):
        self.account.pull_requested_at = False
        self.account._default_calendar().round_kind = "delta"
        self.assert_told_once_it_is_old()

    def test_event_that_nobody_reads_is_told(self):
        self.pulled()
        self.Log.search([]).unlink()
        self.account.pull_requested_at = False
        self.link("R1").needs_read = True
        self.assert_told_once_it_is_old("praetorx.ms365.event.link")

    def test_events_that_are_read_slowly_are_no_standstill(self):
        self.pulled()  # is in the log just now
        self.link("R1").needs_read = True
        self.age("praetorx.ms365.calendar", "praetorx.ms365.event.link")
        self.watch()
        self.assertFalse(self.told())

    def test_mailbox_that_nobody_asks_for_is_told(self):
        """The job that asks is switched off, or no scheduled job runs at all."""
        self.account.pull_requested_at = False
        self.account.last_pull_at = fields.Datetime.now() - timedelta(minutes=40)
        self.watch()
        self.assertFalse(self.told())
        self.age("praetorx.ms365.calendar")
        self.account.last_pull_at -= timedelta(minutes=1)
        self.assertIn("Standing still", self.account.status)
        self.env["ir.config_parameter"].sudo().set_param(
            "praetorx_ms365_calendar.webhook_base_url", "http://odoo.example.com"
        )  # not https, so nothing is asked of Microsoft
        self.run_cron("ir_cron_renew_subscriptions")  # not the job that is off
        self.assertTrue(self.told())

    def test_mailbox_whose_lock_nobody_gives_back_is_told(self):
        self.account.pull_requested_at = fields.Datetime.now() - LONG_AGO
        with closing(db_connect(self.env.cr.dbname).cursor()) as other:
            self.assertTrue(try_lock_mailbox(other, self.account.id))
            self.run_worker(PullWork, Patience(seconds=0))
            unlock_mailbox(other, self.account.id)
        self.age("praetorx.ms365.calendar")
        self.watch()
        self.assertTrue(self.told())

    def test_pooler_that_shares_sessions_is_told(self):
        self.env["praetorx.ms365.account"]._tell_of_shared_sessions()
        self.account.invalidate_recordset()
        self.assertIn("session mode", self.account.status)
        self.assertTrue(self.told())
