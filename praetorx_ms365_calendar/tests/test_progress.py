"""Work that waits and makes no progress is told, whatever the reason is."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import SyncCase

LONG_AGO = timedelta(hours=2)


@tagged("post_install", "-at_install")
class TestProgress(SyncCase):
    """The status and an activity of an administrator say what stands still."""

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

    def wait_in_outbox(self):
        """Let an edit have been due for long."""
        entry = self.entries(self.new_event())
        entry.not_before = fields.Datetime.now() - LONG_AGO
        return entry

    def test_work_that_was_just_noted_is_no_standstill(self):
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

    def test_pooler_that_shares_sessions_is_told(self):
        self.env["praetorx.ms365.account"]._tell_of_shared_sessions()
        self.account.invalidate_recordset()
        self.assertIn("session mode", self.account.status)
        self.assertTrue(self.told())
