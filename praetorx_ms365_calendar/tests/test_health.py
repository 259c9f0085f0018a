"""Test that all screens show one status, derived from the worst part."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..engine.health import LEVELS
from .common import SyncCase, new_people
from .statements import at_statements
from .test_screen_words import AdministratorCase


@tagged("post_install", "-at_install")
class TestHealth(SyncCase):
    def fail_an_edit(self, user=None):
        """Return an outbox entry that was given up."""
        entry = self.entries(self.new_event(user))
        entry.write({"state": "dead", "reason": "a reason"})
        self.env.invalidate_all()
        return entry

    def test_connected_mailbox_is_in_order(self):
        self.assertEqual(self.account.health, "ok")
        self.assertEqual(self.account.badge, "active")
        self.assertIn("Connected", self.account.status)

    def test_failed_change_is_never_green(self):
        self.fail_an_edit()
        self.assertEqual(self.account.health, "trouble")
        self.assertEqual(self.account.badge, "failed")
        self.assertEqual(self.account.to_do_count, 1)
        self.assertIn("could not be sent: 1", self.account.status)
        self.assertIn("could not be sent: 1", self.anna.ms365_status)

    def test_change_that_waits_long_after_an_error_is_never_green(self):
        entry = self.entries(self.new_event())
        tonight = fields.Datetime.now() + timedelta(hours=5)
        now = fields.Datetime.now()
        entry.write({"failing_since": now, "not_before": tonight, "reason": "a reason"})
        self.env.invalidate_all()
        self.assertEqual(self.account.health, "attention")
        self.assertEqual(self.account.badge, "delayed")
        self.assertIn("wait after an error: 1", self.account.status)

    def test_mailbox_that_was_never_asked_is_not_connected(self):
        self.account.mailbox_id = False
        self.assertEqual(self.account.badge, "connecting")
        self.account.write({"failures": 1, "last_error": "no answer"})
        self.assertEqual(self.account.health, "trouble")
        self.assertNotIn("Connected", self.account.status)

    def test_calendar_that_cannot_be_read_is_never_green(self):
        self.account.calendar_ids.write({"is_synced": True, "state": "unreadable"})
        self.env.invalidate_all()
        self.assertEqual(self.account.badge, "calendars")

    def test_calendars_of_a_stopped_mailbox_are_not_in_sync(self):
        calendar = self.account.calendar_ids
        calendar.write({"is_synced": True, "window_end": fields.Datetime.now()})
        self.assertEqual(calendar.status, "In sync.")
        self.account.state = "sign_in_again"
        self.assertNotIn("In sync", calendar.status)

    def test_subscription_that_is_not_made_yet_is_not_refused(self):
        subscription = self.env["praetorx.ms365.subscription"]
        self.account.subscription_ids.unlink()
        subscription.create({"account_id": self.account.id})
        self.assertNotIn("15 minutes", self.account.status)
        self.account.subscription_ids.state = "refused"
        self.env.invalidate_all()
        self.assertIn("15 minutes", self.account.status)
        self.assertEqual(self.account.health, "ok")

    def test_load_of_a_calendar_assesses_the_mailbox_once(self):
        heard = []
        anna = self.anna.with_user(self.anna)
        anna.check_synchronization_status()
        self.env.invalidate_all()
        with at_statements(heard.append):
            anna.check_synchronization_status()
        self.assertEqual([one for one in set(heard) if heard.count(one) > 1], [])


@tagged("post_install", "-at_install")
class TestListOfAccounts(AdministratorCase):
    """The list of an administrator is sorted by trouble, and searched by it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.of_ben = cls.connect(cls.ben)
        cls.of_cleo = cls.connect(cls.cleo)
        cls.of_ben.state = "sign_in_again"
        cls.Account = cls.env["praetorx.ms365.account"].with_user(cls.administrator)
        cls.ours = [("id", "in", (cls.account | cls.of_ben | cls.of_cleo).ids)]

    def conflict(self):
        event = self.pulled(subject="Lunch")
        self.Conflict.create({"link_id": event.ms365_link_ids.id})
        self.env.invalidate_all()

    def test_worst_comes_first(self):
        entry = self.entries(self.new_event(self.cleo))
        entry.state = "dead"
        self.env.invalidate_all()
        found = self.Account.search(self.ours, order="severity desc, user_id")
        self.assertEqual(found.ids, [self.of_ben.id, self.of_cleo.id, self.account.id])

    def test_each_level_is_found(self):
        self.of_cleo.first_pass_done_at = False
        self.env.invalidate_all()
        found = {
            level: self.Account.search([*self.ours, ("health", "=", level)]).ids
            for level in LEVELS
        }
        self.assertEqual(found["trouble"], self.of_ben.ids)
        self.assertEqual(found["working"], self.of_cleo.ids)
        self.assertEqual(found["ok"], self.account.ids)
        self.assertFalse(found["off"])
        others = self.Account.search([*self.ours, ("health", "!=", "ok")])
        self.assertEqual(others, self.of_ben | self.of_cleo)

    def test_levels_are_groups(self):
        groups = self.Account._read_group(self.ours, ["health"], ["__count"])
        self.assertEqual(dict(groups), {"ok": 2, "trouble": 1})

    def test_mailboxes_with_failed_changes_are_found(self):
        self.entries(self.new_event()).state = "dead"
        self.env.invalidate_all()
        found = self.Account.search([*self.ours, ("dead_letter_count", ">", 0)])
        self.assertEqual(found, self.account)
        self.assertEqual(
            self.Account.search([*self.ours, ("dead_letter_count", "<=", 0)]),
            self.of_ben | self.of_cleo,
        )
        self.assertFalse(self.Account.search([*self.ours, ("conflict_count", ">", 0)]))

    def test_user_finds_nobody_else(self):
        own = self.Account.with_user(self.anna)
        self.assertEqual(own.search([("health", "in", LEVELS)]), self.account)

    def test_many_mailboxes_cost_what_a_few_cost(self):
        for user in new_people(self.env, "Dora", "Emil", "Fritz", "Gerd"):
            self.connect(user)
        costs = []
        for ids in (self.Account.search([]).ids, self.ours[0][2]) * 2:
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            accounts = self.Account.browse(ids)
            accounts.mapped("severity")
            accounts.mapped("status")
            costs.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*costs[2:])

    def test_standing_still_is_found_among_many(self):
        entry = self.entries(self.new_event())
        entry.not_before = fields.Datetime.now() - timedelta(hours=2)
        self.env.invalidate_all()
        found = self.Account.search([*self.ours, ("badge", "=", "still")])
        self.assertEqual(found, self.account)
