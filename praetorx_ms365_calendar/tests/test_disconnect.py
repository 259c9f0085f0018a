"""Test what is left when a person disconnects, and what happens on a return."""

from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import SyncCase, new_administrator


@tagged("post_install", "-at_install")
class TestDisconnect(SyncCase):
    def event_in_both(self):
        self.pull(self.remote("R1"))
        self.event = self.link("R1").event_id
        return self.link("R1")

    def edit_unsent(self):
        self.event.with_user(self.anna).write({"name": "New title"})
        self.env.flush_all()
        return self.entries(self.event).filtered(lambda one: one.state == "pending")

    def own(self, user=None):
        return self.account.with_user(user or self.anna)

    def open_dialog(self, user=None):
        action = self.own(user).action_disconnect()
        return self.env[action["res_model"]].with_user(user or self.anna).create({})

    def disconnect(self):
        self.open_dialog().action_disconnect()

    def test_dialog_says_what_stays_where(self):
        self.event_in_both()
        self.edit_unsent()
        words = self.open_dialog().consequences
        self.assertIn("Events in both calendars now: 1", words)
        self.assertIn("not in Outlook yet: 1", words)
        self.assertIn("Nothing is deleted", words)
        self.assertEqual(self.account.state, "active")

    def test_disconnecting_forgets_the_tokens_and_keeps_links_and_edits(self):
        link = self.event_in_both()
        entry = self.edit_unsent()
        self.disconnect()
        self.assertEqual(self.account.state, "signed_out")
        self.assertFalse(self.account.signed_in_mailbox_id)
        user_sudo = self.anna.sudo()
        self.assertFalse(user_sudo.microsoft_calendar_rtoken)
        self.assertFalse(user_sudo.microsoft_calendar_token)
        self.assertFalse(self.account.sudo().parked_refresh_token)
        self.assertTrue(link.exists())
        self.assertTrue(link.event_id.active)
        self.assertEqual(entry.state, "pending")
        row = self.Log.search([("operation", "=", "disconnect")])
        self.assertEqual(row.author_id, self.anna)

    def test_only_the_owner_disconnects(self):
        admin = new_administrator(self.env)
        for user in (self.ben, admin):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.own(user).action_disconnect()
        wizard = self.open_dialog()
        for user in (self.ben, admin):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                wizard.with_user(user).action_disconnect()
        self.assertEqual(self.account.state, "active")

    def test_dialog_of_another_user_shows_nothing_of_this_mailbox(self):
        self.event_in_both()
        wizard = self.env["praetorx.ms365.disconnect"].with_user(self.ben).create({})
        self.assertNotIn("in both calendars now", wizard.consequences or "")

    def test_second_click_is_told(self):
        wizard = self.open_dialog()
        wizard.action_disconnect()
        with self.assertRaisesRegex(UserError, "not connected any more"):
            wizard.action_disconnect()

    def test_reset_is_waited_for(self):
        self.account.reset_requested_at = "2026-03-01 08:00:00"
        with self.assertRaisesRegex(UserError, "reset"):
            self.open_dialog().action_disconnect()

    def test_subscription_is_ended_with_the_last_token(self):
        self.anna.sudo().microsoft_calendar_rtoken = "refresh"
        self.account.signed_in_at = "2026-03-01 08:00:00"
        subscription = self.account.subscription_ids
        if not subscription:
            subscription = self.env["praetorx.ms365.subscription"].create(
                {"account_id": self.account.id}
            )
        subscription.write({"state": "active", "remote_id": "graph-1"})
        self.disconnect()
        self.assertEqual(subscription.state, "removed")
        farewell = self.env["praetorx.ms365.farewell"].search([])
        self.assertEqual(farewell.remote_id, "graph-1")
        self.assertEqual(farewell.sudo().refresh_token, "refresh")

    def test_edits_made_meanwhile_go_to_no_mailbox(self):
        self.event_in_both()
        self.disconnect()
        before = self.Outbox.search_count([])
        self.event.write({"name": "Another title"})
        self.assertEqual(self.Outbox.search_count([]), before)

    def test_another_mailbox_gets_nothing_of_the_former_one(self):
        self.event_in_both()
        entry = self.edit_unsent()
        self.disconnect()
        self.account.signed_in_mailbox_id = "mailbox-9"
        self.account._signed_in()
        self.assertFalse(
            self.Outbox.search([("id", "!=", entry.id), ("state", "!=", "done")])
        )
        self.account._connected(
            mailbox_id="mailbox-9",
            address="other@example.com",
            calendar_id="C9",
            name="Calendar",
            teams_available=False,
        )
        self.assertEqual(entry.state, "dead")
        self.assertTrue(self.account.ask_before_push)
        self.account._first_pass()
        self.assertFalse(self.under_way())
        self.assertTrue(self.event.active)

    def under_way(self):
        self.env.flush_all()
        return self.Outbox.search([("state", "in", ["pending", "sending"])])

    def test_edit_of_an_event_of_the_former_mailbox_waits_for_consent(self):
        """Its guests have it already: they would be invited a second time."""
        self.event_in_both()
        self.account._forget_mailbox()
        self.account.other_mailbox_at = self.event.create_date + timedelta(seconds=1)
        self.event.with_user(self.anna).write({"name": "New title"})
        self.assertFalse(self.under_way())
        new = self.env["calendar.event"].with_user(self.anna)
        new.create(
            {
                "name": "Dinner",
                "start": "2026-03-03 18:00:00",
                "stop": "2026-03-03 19:00:00",
            }
        )
        self.assertFalse(self.under_way().event_id & self.event)
        waiting = self.account._events_awaiting_consent()
        self.account.with_user(self.anna)._send_waiting(waiting)
        self.assertFalse(self.account.other_mailbox_at)
