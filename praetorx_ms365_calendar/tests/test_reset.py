from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..graph.client import GraphResponse
from ..sync.push.work import PushWork
from .common import SyncCase, attendee, new_administrator


@tagged("post_install", "-at_install")
class TestReset(SyncCase):
    """The stock dialog for our users; its outcome end to end is in tests/e2e."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = new_administrator(cls.env)
        cls.Reset = cls.env["microsoft.calendar.account.reset"].with_user(cls.admin)
        cls.anna.ms365_delegate_ids = cls.admin

    def dialog(self, delete="dont_delete", sync="new", user=None):
        """Return the dialog as it is shown, with these choices."""
        form = Form(self.Reset.with_context(default_user_id=(user or self.anna).id))
        form.delete_policy = delete
        form.sync_policy = sync
        return form

    def reset(self, delete="dont_delete", sync="new"):
        self.dialog(delete, sync).save().reset_account()
        self.env.flush_all()
        self.env.invalidate_all()

    def send(self):
        """Let Graph confirm the next requests of the dispatcher."""
        job = PushWork(self.env).claim(self.account.id)
        sending = self.Outbox.search([("state", "=", "sending")])
        job.record([GraphResponse(204, {}, None, "request-1", None) for _ in sending])
        self.env.flush_all()
        self.env.invalidate_all()

    def test_dialog_says_that_a_preview_follows(self):
        arch = self.env["microsoft.calendar.account.reset"].get_view()["arch"]
        self.assertIn("After the next sign-in, a preview shows what will happen", arch)

    def test_dialog_shows_exact_numbers_before_the_button_is_pressed(self):
        self.pull(
            self.remote("R1"),
            self.remote("R2", attendees=[attendee("gus@example.com")]),
        )
        form = self.dialog("delete_both", "new")
        self.assertEqual(
            (
                form.ms365_outlook_count,
                form.ms365_cancellation_count,
                form.ms365_odoo_count,
                form.ms365_send_count,
            ),
            (2, 1, 2, 0),
        )
        form.delete_policy = "delete_microsoft"
        form.sync_policy = "all"
        self.assertEqual(
            (
                form.ms365_outlook_count,
                form.ms365_odoo_count,
                form.ms365_send_count,
                form.ms365_invitation_count,
            ),
            (2, 0, 2, 1),
        )
        form.delete_policy = "dont_delete"
        self.assertEqual((form.ms365_outlook_count, form.ms365_send_count), (0, 0))

    def test_an_administrator_mails_nobody_in_the_owners_name_unasked(self):
        self.pulled(attendees=[attendee("gus@example.com")])
        self.anna.ms365_delegate_ids = False
        with self.assertRaisesRegex(UserError, "in the name of Anna"):
            self.reset("delete_microsoft", "new")
        self.assertEqual(self.link().state, "synced")
        self.reset("delete_odoo", "new")
        self.assertEqual(self.link().state, "kept_there")

    def test_opening_the_dialog_changes_nothing(self):
        event = self.pulled()
        with self.assertNothingCaptured():
            self.dialog("delete_both", "all").save()
        self.assertTrue(event.active)
        self.assertEqual(self.account.state, "active")

    def test_events_of_other_organizers_are_not_touched(self):
        self.pull(
            self.remote(
                isOrganizer=False,
                organizer={"emailAddress": {"address": "olga@elsewhere.example"}},
                attendees=[attendee("anna@example.com", "Anna")],
            )
        )
        event = self.link().event_id
        with self.assertNothingCaptured():
            self.reset("delete_both")
        self.assertTrue(event.active)

    def test_account_stays_signed_in_until_the_deletions_are_confirmed(self):
        self.pulled()
        self.reset("delete_microsoft")
        self.assertEqual(self.account.state, "active")
        self.assertIn("to Outlook: 1.", self.account.status)
        self.send()
        self.assertEqual(self.account.state, "signed_out")
        self.assertFalse(self.account.reset_requested_at)
        self.assertFalse(self.anna.sudo().microsoft_calendar_rtoken)

    def test_without_deletions_it_is_signed_out_at_once(self):
        event = self.pulled()
        with self.assertNothingCaptured():
            self.reset()
        self.assertEqual(self.account.state, "signed_out")
        self.assertTrue(event.active)
        self.assertEqual(self.link().state, "synced")
        self.assertTrue(self.account.ask_before_push)

    def test_delete_from_odoo_only_never_comes_back(self):
        event = self.pulled()
        with self.assertNothingCaptured():
            self.reset("delete_odoo", "new")
        self.assertFalse(event.active)
        self.pull(self.remote(change_key="CK2", subject="Dinner"))
        self.assertFalse(event.active)
        self.assertEqual(self.link().state, "kept_there")

    def test_delete_from_odoo_and_sync_all_comes_back_as_a_new_event(self):
        event = self.pulled()
        self.reset("delete_odoo", "all")
        self.pull(self.remote())
        self.assertFalse(event.active)
        self.assertTrue(self.link().event_id.active)
        self.assertNotEqual(self.link().event_id, event)

    def test_deletions_do_not_wait_for_a_second_question(self):
        self.pull(*(self.remote(f"R{number}") for number in range(12)))
        self.reset("delete_microsoft")
        self.send()
        self.assertFalse(
            self.env["praetorx.ms365.hold"].search([("state", "=", "open")])
        )
        self.assertEqual(self.account.state, "signed_out")

    def test_company_that_leaves_outlook_alone_does_not_stop_an_explicit_wish(self):
        self.account.company_id.ms365_delete_policy = "off"
        self.pulled()
        self.reset("delete_microsoft")
        self.send()
        self.assertEqual(self.link().state, "deleted_there")

    def test_impossible_reset_is_refused_with_its_reason(self):
        event = self.pulled()
        self.account.state = "sign_in_again"
        with self.assertRaises(UserError):
            self.reset("delete_both")
        self.account.invalidate_recordset()
        self.assertTrue(event.active)

    def test_other_users_keep_the_stock_dialog(self):
        form = self.dialog(user=self.cleo)
        self.assertFalse(form.ms365_is_ours)
        event = self.new_event(
            self.cleo, microsoft_id="C1", ms_universal_event_id="uid"
        )
        self.assertEqual(form.ms365_outlook_count, 0)
        self.assertTrue(event.exists())

    def test_only_administrators_open_it(self):
        with self.assertRaises(AccessError):
            self.Reset.with_user(self.anna).create({"user_id": self.anna.id})

    def test_administrator_of_another_company_resets_nobody_here(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "ms365_stranger",
            groups="base.group_user,base.group_system",
            company_id=elsewhere.id,
            company_ids=[Command.set(elsewhere.ids)],
        )
        dialog = self.Reset.with_user(stranger).create({"user_id": self.anna.id})
        with self.assertRaises(AccessError):
            dialog.reset_account()
        self.assertEqual(self.account.state, "active")
