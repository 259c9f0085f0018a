"""Test that Apply and Start are for the version that the owner has seen."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .preview_common import WaitingChangeCase


@tagged("post_install", "-at_install")
class TestChangeSeen(WaitingChangeCase):
    """The owner has two tabs: one shows a version that is not the present one."""

    def first_tab(self):
        """Return the preview in a tab that stays as it is, and its old window."""
        self.in_outlook(self.soon("R1"))
        before = self.account.days_ahead
        self.me.write({"ms365_days_ahead": 500})
        self.run_steps()
        shown = self.change()
        return shown.with_context(ms365_seen=shown.seen), before

    def assertAsksToLookAgain(self, action):
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual(action["params"]["type"], "warning")
        return action["params"]["message"]

    def test_another_change_is_not_applied(self):
        first, before = self.first_tab()
        self.me.write({"ms365_days_ahead": 700})
        self.run_steps()
        message = self.assertAsksToLookAgain(first.action_apply())
        self.assertIn("look again", message)
        self.assertEqual(self.account.days_ahead, before)
        self.assertEqual(self.change().days_ahead, 700)

    def test_what_is_shown_is_applied(self):
        first, _before = self.first_tab()
        first.action_apply()
        self.assertEqual(self.account.days_ahead, 500)

    def test_other_choices_are_not_applied(self):
        first, before = self.first_tab()
        self.change().only_own = True
        self.assertAsksToLookAgain(first.action_apply())
        self.assertEqual(self.account.days_ahead, before)

    def test_the_same_change_computed_anew_is_looked_at_again(self):
        first, before = self.first_tab()
        self.change().action_compute_again()
        self.run_steps()
        self.assertAsksToLookAgain(first.action_apply())
        self.assertEqual(self.account.days_ahead, before)

    def test_a_change_that_is_over_is_said_to_be_over(self):
        first, before = self.first_tab()
        self.change().action_keep_settings()
        self.assertIn("over", self.assertAsksToLookAgain(first.action_apply()))
        self.assertEqual(self.account.days_ahead, before)

    def test_nobody_applies_what_no_view_has_shown(self):
        first, before = self.first_tab()
        for told in (None, "", 7, True, ["x"]):
            with self.subTest(told), self.assertRaises(UserError):
                first.with_context(ms365_seen=told).action_apply()
        self.assertEqual(self.account.days_ahead, before)

    def test_start_is_for_the_preview_that_was_seen(self):
        self.account.started_at = False
        preview = self.preview(self.soon("R1")).with_user(self.anna)
        first = preview.with_context(ms365_seen=preview.seen)
        preview.days_ahead = 500
        self.run_steps()
        self.assertAsksToLookAgain(first.action_start())
        self.assertTrue(self.account.awaits_start)
