from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from .common import SyncCase, apply_change, new_administrator


@tagged("post_install", "-at_install")
class TestOwnSettings(SyncCase):
    """*My Connection* has all settings of a mailbox, for its owner to change."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = new_administrator(cls.env)
        cls.project = cls.env["praetorx.ms365.calendar"].create(
            {"account_id": cls.account.id, "remote_id": "P", "name": "Project"}
        )

    def own(self, user):
        return self.account.with_user(user)

    def test_owner_changes_everything_on_one_form(self):
        with Form(self.own(self.anna)) as form:
            form.days_back = 7
            form.days_ahead = 90
            form.direction = "outlook_to_odoo"
            form.conflict_policy = "outlook"
            form.title_prefix = "[Odoo]"
            form.busy_times = True
            with form.calendar_ids.edit(1) as calendar:
                calendar.is_synced = True
        apply_change(self.account)
        self.env.invalidate_all()
        self.assertRecordValues(
            self.account,
            [{"days_back": 7, "days_ahead": 90, "direction": "outlook_to_odoo"}],
        )
        self.assertRecordValues(
            self.anna,
            [
                {
                    "ms365_sync_direction": "outlook_to_odoo",
                    "ms365_conflict_policy": "outlook",
                    "ms365_title_prefix": "[Odoo]",
                    "ms365_busy_times": True,
                }
            ],
        )
        self.assertTrue(self.project.is_synced)

    def test_saved_settings_take_effect(self):
        Account = self.env["praetorx.ms365.account"]
        self.assertIn(self.anna.id, Account._pushing_accounts())
        self.account.pull_requested_at = False
        self.own(self.anna).write({"direction": "outlook_to_odoo"})
        apply_change(self.account)
        self.assertNotIn(self.anna.id, Account._pushing_accounts())
        self.assertTrue(self.account.pull_requested_at)
        self.account.pull_requested_at = False
        self.own(self.anna).write({"days_ahead": 90})
        apply_change(self.account)
        self.assertTrue(self.account.pull_requested_at)

    def test_companys_window_is_followed_again(self):
        self.own(self.anna).write({"days_ahead": 90})
        apply_change(self.account)
        self.assertTrue(self.account.own_window)
        self.own(self.anna).write({"days_ahead": 365})
        apply_change(self.account)
        self.assertFalse(self.account.own_window)

    def test_administrator_helps(self):
        self.own(self.admin).write({"days_back": 7, "title_prefix": "[Odoo]"})
        apply_change(self.account)
        self.assertEqual(self.account.days_back, 7)
        self.assertEqual(self.anna.ms365_title_prefix, "[Odoo]")

    def test_nobody_changes_the_settings_of_a_colleague(self):
        for vals in (
            {"days_back": 7},
            {"direction": "outlook_to_odoo"},
            {"title_prefix": "[x]"},
            {"busy_times": True},
            {"conflict_policy": "odoo"},
            {"delegate_ids": [Command.link(self.ben.id)]},
            {"calendar_ids": [Command.update(self.project.id, {"is_synced": True})]},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                self.own(self.ben).write(vals)

    def test_administrator_of_another_company_changes_nothing(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "ms365_stranger",
            groups="base.group_user,base.group_system",
            company_id=elsewhere.id,
            company_ids=[elsewhere.id],
        )
        for vals in (
            {"ms365_days_back": 7},
            {"ms365_title_prefix": "[x]"},
            {"ms365_sync_enabled": False},
        ):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                self.anna.with_user(stranger).write(vals)
        shown = self.anna.with_user(stranger)
        self.assertFalse(shown.ms365_mailbox_address)
        self.assertEqual(shown.ms365_state, "signed_out")

    def test_not_even_an_administrator_names_delegates(self):
        with self.assertRaises(AccessError):
            self.own(self.admin).write({"delegate_ids": [Command.link(self.admin.id)]})
        self.own(self.anna).write({"delegate_ids": [Command.link(self.ben.id)]})
        self.assertEqual(self.anna.ms365_delegate_ids, self.ben)

    def test_calendars_come_and_go_in_outlook_only(self):
        bens = self.connect(self.ben)._default_calendar()
        for command in (
            Command.update(bens.id, {"direction": "odoo_to_outlook"}),
            Command.update(self.project.id, {"remote_id": "another"}),
            Command.delete(self.project.id),
            Command.create({"name": "Mine", "remote_id": "mine"}),
        ):
            with self.subTest(command=command), self.assertRaises(AccessError):
                self.own(self.anna).write({"calendar_ids": [command]})

    def test_columns_of_the_sync_stay_closed(self):
        for name, value in (
            ("state", "signed_out"),
            ("own_window", True),
            ("mailbox_id", "another"),
            ("user_id", self.ben.id),
        ):
            with self.subTest(name=name), self.assertRaises(AccessError):
                self.own(self.anna).write({name: value})
