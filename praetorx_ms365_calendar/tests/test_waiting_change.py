"""Test that a change of settings waits until its owner has seen what it does."""

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import apply_preview
from .preview_common import WaitingChangeCase


@tagged("post_install", "-at_install")
class TestWaitingChange(WaitingChangeCase):
    # --- all ways meet --------------------------------------------------------------

    def test_window_of_the_preferences_waits(self):
        self.in_outlook(self.soon("R1"))
        before = self.account.days_ahead
        self.me.write({"ms365_days_ahead": 500})
        self.assertEqual(self.change().days_ahead, 500)
        self.run_steps()
        self.assertEqual(self.account.days_ahead, before)
        self.assertFalse(self.account.own_window)
        self.assertFalse(self.link("R1"))
        change = self.change()
        self.assertEqual((change.state, change.odoo_create_count), ("ready", 1))
        self.assertIn("500", change.change_note)
        self.assertEqual(self.account.badge, "change_waits")
        self.assertIn("change_waits", self.told())
        apply_preview(change)
        self.assertEqual(self.account.days_ahead, 500)
        self.assertTrue(self.account.own_window)
        self.assertFalse(self.change())

    def test_direction_of_the_preferences_waits(self):
        self.in_outlook(self.soon("R1"))
        self.me.write({"ms365_sync_direction": "outlook_to_odoo"})
        self.run_steps()
        self.assertEqual(self.account.direction, "both")
        self.assertEqual(self.anna.ms365_sync_direction, "both")
        self.assertIn("Outlook to Odoo only", self.change().change_note)
        apply_preview(self.change())
        self.assertEqual(self.account.direction, "outlook_to_odoo")
        self.assertEqual(self.anna.ms365_sync_direction, "outlook_to_odoo")

    def test_chosen_calendar_waits(self):
        fair = self.fair(self.soon("F1"))
        fair.with_user(self.anna).write({"is_synced": True, "direction": "both"})
        self.run_steps()
        self.assertFalse(fair.is_synced)
        self.assertFalse(self.link("F1"))
        change = self.change()
        self.assertEqual(change.odoo_create_count, 1)
        self.assertIn("Fair", change.change_note)
        apply_preview(change)
        self.assertTrue(fair.is_synced)
        self.run_steps()
        self.assertTrue(self.link("F1").event_id)

    def test_switch_of_a_list_opens_the_preview(self):
        fair = self.fair()
        action = fair.with_user(self.anna).action_switch()
        self.assertEqual(action["res_id"], self.change().id)
        self.assertFalse(fair.is_synced)

    def test_calendar_in_my_connection_waits(self):
        fair = self.fair(self.soon("F1"))
        self.account.with_user(self.anna).write(
            {"calendar_ids": [Command.update(fair.id, {"is_synced": True})]}
        )
        self.assertFalse(fair.is_synced)
        self.assertIn(fair, self.change().sudo().calendar_ids)

    def test_direction_of_a_calendar_waits(self):
        self.in_outlook(self.soon("R1"))
        self.calendar.with_user(self.anna).direction = "outlook_to_odoo"
        self.run_steps()
        self.assertEqual(self.calendar.direction, "both")
        self.assertTrue(self.calendar._is_writable())
        apply_preview(self.change())
        self.assertEqual(self.calendar.direction, "outlook_to_odoo")

    def test_window_on_the_account_waits(self):
        admin = self.env.ref("base.user_admin")
        before = self.account.days_back
        self.account.with_user(admin).days_back = before + 5
        self.assertEqual(self.account.days_back, before)
        self.assertEqual(self.change().days_back, before + 5)

    def test_changes_of_one_save_wait_together(self):
        self.me.write({"ms365_days_ahead": 500, "ms365_days_back": 3})
        self.me.write({"ms365_sync_direction": "odoo_to_outlook"})
        change = self.change()
        self.assertEqual(
            (change.days_ahead, change.days_back, change.direction),
            (500, 3, "odoo_to_outlook"),
        )

    # --- the end --------------------------------------------------------------------

    def test_harmless_change_is_made_by_itself(self):
        self.me.write({"ms365_days_ahead": 30})
        self.run_steps()
        self.assertEqual(self.account.days_ahead, 30)
        self.assertFalse(self.change())
        self.assertIn("No event changes", self.told())

    def test_old_setting_can_be_kept(self):
        self.in_outlook(self.soon("R1"))
        before = self.account.days_ahead
        self.me.write({"ms365_days_ahead": 500})
        self.run_steps()
        self.account.with_user(self.anna).action_keep_settings()
        self.assertFalse(self.change())
        self.assertEqual(self.account.days_ahead, before)
        self.run_steps()
        self.assertFalse(self.link("R1"))

    def test_old_value_given_again_ends_the_wait(self):
        before = self.account.days_ahead
        self.me.write({"ms365_days_ahead": 500})
        self.me.write({"ms365_days_ahead": before})
        self.assertFalse(self.change())

    def test_mailbox_goes_on_with_its_old_settings(self):
        self.in_outlook(self.soon("R1"))
        self.me.write({"ms365_sync_direction": "outlook_to_odoo"})
        event = self.new_event(name="meanwhile")
        self.assertEqual(self.entries(event).state, "pending")
        self.assertTrue(self.account._is_ready())

    def test_past_days_come_although_only_today_was_chosen(self):
        self.account.write({"days_back": 0, "own_window": True})
        self.me.write({"ms365_days_back": 30})
        self.run_steps()
        self.assertEqual(self.account.days_back, 30)

    def test_shared_calendar_waits_for_its_permission(self):
        fair = self.fair(self.soon("F1"))
        fair.kind = "shared"
        fair.with_user(self.anna).is_synced = True
        self.run_steps()
        self.assertFalse(fair.is_synced)
        self.assertTrue(self.account.needs_shared_scope)
        with self.assertRaises(UserError):
            apply_preview(self.change())

    def test_a_kept_setting_does_not_come_back_from_another_tab(self):
        self.in_outlook(self.soon("R1"))
        before = self.account.days_ahead
        self.me.write({"ms365_days_ahead": 500})
        self.run_steps()
        shown = self.change()
        shown.action_keep_settings()
        shown.action_compute_again()
        shown.write({"days_ahead": 30})
        self.run_steps()
        self.assertEqual(shown.state, "over")
        self.assertFalse(self.change())
        self.assertEqual(self.account.days_ahead, before)

    # --- nonsense -------------------------------------------------------------------

    def test_an_unknown_direction_of_a_calendar_is_refused(self):
        fair = self.fair().with_user(self.anna)
        for nonsense in ("sideways", False, 7):
            with self.subTest(nonsense), self.assertRaises(ValueError):
                fair.write({"direction": nonsense})
            self.assertFalse(self.change())

    def test_a_mailbox_has_a_direction(self):
        for nonsense in ("sideways", False):
            with self.subTest(nonsense), self.assertRaises(ValueError):
                self.me.write({"ms365_sync_direction": nonsense})
            self.assertFalse(self.change())

    def test_a_window_without_sense_is_refused_in_words(self):
        for vals in (
            {"ms365_days_ahead": 901},
            {"ms365_days_ahead": 10**12},
            {"ms365_days_ahead": 0},
            {"ms365_days_back": -1},
        ):
            with self.subTest(vals), self.assertRaises(ValidationError):
                self.me.write(vals)
            self.assertFalse(self.change())
        self.me.write({"ms365_days_ahead": 500})
        for vals in ({"days_ahead": 901}, {"days_back": -1}):
            with self.subTest(vals), self.assertRaises(ValidationError):
                self.change().write(vals)
        self.assertEqual(self.change().days_ahead, 500)

    # --- before the start, and others -----------------------------------------------

    def test_start_pressed_twice_starts_once(self):
        self.account.started_at = False
        self.preview(self.soon("R1"))
        mine = self.account.with_user(self.anna)
        mine.action_start()
        mine.action_start()
        self.run_steps()
        self.assertTrue(self.link("R1").event_id)

    def test_start_without_a_preview_starts(self):
        self.account.started_at = False
        preview = self.preview(self.soon("R1")).with_user(self.anna)
        preview.action_keep_settings()
        self.account.with_user(self.anna).action_start()
        self.run_steps()
        self.assertTrue(self.link("R1").event_id)

    def test_before_the_start_the_preview_follows_the_settings(self):
        self.account.started_at = False
        self.account._await_start()
        fair = self.fair(self.soon("F1"))
        self.me.write({"ms365_days_ahead": 500})
        fair.with_user(self.anna).is_synced = True
        preview = self.account._open_preview()
        self.assertFalse(preview.is_change)
        self.assertEqual(preview.days_ahead, 500)
        self.assertIn(fair, preview.calendar_ids)
        self.start(preview)
        self.assertEqual(self.account.days_ahead, 500)
        self.assertTrue(fair.is_synced)

    def test_primary_calendar_stays(self):
        with self.assertRaises(UserError):
            self.calendar.with_user(self.anna).is_synced = False
        self.assertFalse(self.change())

    def test_change_for_several_users_waits_where_there_is_a_mailbox(self):
        self.in_outlook(self.soon("R1"))
        people = self.anna | self.cleo
        self.assertFalse(self.cleo.ms365_account_ids)
        admin = self.env.ref("base.user_admin")
        people.with_user(admin).write({"ms365_sync_direction": "outlook_to_odoo"})
        self.assertEqual(self.account.direction, "both")
        self.assertEqual(self.change().direction, "outlook_to_odoo")
        self.assertEqual(self.cleo.ms365_sync_direction, "outlook_to_odoo")

    def test_nobody_proposes_for_a_colleague(self):
        with self.assertRaises(AccessError):
            self.anna.with_user(self.ben).ms365_sync_direction = "outlook_to_odoo"
        self.assertFalse(self.change())

    def test_only_the_owner_decides(self):
        self.in_outlook(self.soon("R1"))
        admin = self.env.ref("base.user_admin")
        self.anna.with_user(admin).ms365_sync_direction = "outlook_to_odoo"
        self.assertEqual(self.account.direction, "both")
        with self.assertRaises(UserError):
            self.account.with_user(admin).action_keep_settings()
