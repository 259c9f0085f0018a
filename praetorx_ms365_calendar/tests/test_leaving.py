from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.tests import TransactionCase, tagged

from .connect_common import TOKEN_PATH, ConnectCommon
from .microsoft import tokens

SUBSCRIPTION = "/v1.0/subscriptions/graph-1"


@tagged("post_install", "-at_install")
class TestLeaving(ConnectCommon, TransactionCase):
    """Test that the sync of a leaving user and its notifications stop at once."""

    def setUp(self):
        super().setUp()
        self.account = self.connect(self.alice)
        self.account.subscription_ids.write(
            {"state": "active", "remote_id": "graph-1", "mailbox_id": "mailbox-1"}
        )
        self.microsoft.respond("POST", TOKEN_PATH, tokens())
        self.microsoft.respond("DELETE", SUBSCRIPTION, (204, None))
        self.cron = self.env.ref("praetorx_ms365_calendar.ir_cron_renew_subscriptions")
        self.Farewell = self.env["praetorx.ms365.farewell"]

    def run_cron(self):
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()

    def new_event(self):
        """Have Alice make an event that waits to be sent."""
        start = fields.Datetime.now() + timedelta(days=1)
        return (
            self.env["calendar.event"]
            .with_user(self.alice)
            .create({"name": "Lunch", "start": start, "stop": start})
        )

    def ended(self):
        """Return whether Microsoft was asked to end the subscription."""
        return ("DELETE", SUBSCRIPTION) in [ask[:2] for ask in self.microsoft.asked]

    def assertSignedOut(self):
        self.assertFalse(self.stored(self.alice, "microsoft_calendar_rtoken"))
        self.assertFalse(self.stored(self.alice, "microsoft_calendar_token"))
        self.assertFalse(self.stored(self.account, "parked_refresh_token"))
        self.assertEqual(self.account.state, "signed_out")
        self.assertFalse(self.account.enabled)

    def leave(self, way):
        if way == "archived":
            self.alice.active = False
        elif way == "portal":
            portal = self.env.ref("base.group_portal")
            self.alice.group_ids = [Command.set(portal.ids)]
        else:
            self.alice.unlink()
        self.env.flush_all()

    def test_archived_or_portal_users_keep_no_grant(self):
        for way in ("archived", "portal"):
            with self.subTest(way=way), self.cr.savepoint() as savepoint:
                self.leave(way)
                self.assertSignedOut()
                self.run_cron()
                self.assertTrue(self.ended())
                self.assertFalse(self.Farewell.search([]))
                savepoint.rollback()
                self.env.invalidate_all()
                self.microsoft.asked.clear()

    def test_the_subscription_of_a_deleted_user_is_ended(self):
        self.leave("deleted")
        self.run_cron()
        self.assertTrue(self.ended())
        self.assertFalse(self.Farewell.search([]))

    def test_the_last_token_is_encrypted_and_nobody_reads_it(self):
        self.leave("deleted")
        farewell = self.Farewell.search([])
        kept = self.stored(farewell, "refresh_token")
        self.assertTrue(kept)
        self.assertNotIn("refresh-of-ms365_alice", kept)
        self.assertNotIn(
            "refresh_token", farewell.with_user(self.bob).sudo(False).fields_get()
        )

    def test_tries_are_bounded(self):
        self.microsoft.respond("DELETE", SUBSCRIPTION, (503, None))
        self.leave("deleted")
        now = fields.Datetime.now()
        for number in range(12):
            with freeze_time(now + timedelta(days=number)):
                self.run_cron()
        self.assertFalse(self.Farewell.search([]))
        self.assertLess(len(self.microsoft.asked), 40)

    def test_unsent_entries_are_closed_with_their_reason(self):
        event = self.new_event()
        entry = self.env["praetorx.ms365.outbox"].search([("event_id", "=", event.id)])
        self.assertEqual(entry.state, "pending")
        self.leave("archived")
        self.assertEqual(entry.state, "dead")
        self.assertTrue(entry.reason)
        self.assertEqual(event.ms365_sync_state, "none")

    def test_edits_are_recorded_no_more(self):
        event = self.new_event()
        self.leave("portal")
        before = self.env["praetorx.ms365.outbox"].search([])
        event.sudo().write({"name": "Dinner"})
        self.assertEqual(self.env["praetorx.ms365.outbox"].search([]), before)

    def test_user_without_rights_is_disconnected_by_the_cron(self):
        self.alice._write({"share": True})
        self.alice.invalidate_recordset()
        self.env["praetorx.ms365.account"]._close_mailboxes_of_former_users()
        self.assertEqual(self.account.state, "signed_out")

    def test_a_job_is_not_triggered_in_the_name_of_the_editor(self):
        self.new_event()
        triggers = self.env["ir.cron.trigger"].search(
            [("cron_id.model_id.model", "like", "praetorx.ms365.")]
        )
        self.assertTrue(triggers)
        self.assertNotIn(self.alice, triggers.create_uid)
