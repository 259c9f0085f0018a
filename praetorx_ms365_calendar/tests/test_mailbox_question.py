"""Test the question that is asked before a mailbox of another address is connected."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import new_administrator
from .sign_in_common import SignInCase


@tagged("post_install", "-at_install")
class TestMailboxQuestion(SignInCase):
    def setUp(self):
        super().setUp()
        self.own_mailbox("mailbox-7", "somebody@contoso.example")

    @property
    def own(self):
        return self.account.with_user(self.alice)

    def ask(self):
        response = self.sign_in()
        self.account.invalidate_recordset()
        return response

    def test_mailbox_of_another_address_is_asked_about_first(self):
        response = self.ask()
        self.assertIn("account_action_mine", response.headers["Location"])
        self.assertNothingStored()
        self.assertFalse(self.account.mailbox_id)
        self.assertFalse(self.account.subscription_ids)
        self.assertFalse(self.account.pull_requested_at)
        self.assertEqual(self.own.question_address, "somebody@contoso.example")
        self.assertIn("somebody@contoso.example", self.own.status)
        kept = self.stored(self.account.question_ids, "refresh_token")
        self.assertTrue(kept.startswith("px1:"))

    def test_yes_connects(self):
        self.ask()
        self.own.action_use_mailbox()
        self.assertEqual(self.account.state, "active")
        self.assertEqual(self.account.signed_in_mailbox_id, "mailbox-7")
        self.assertEqual(self.alice.sudo().microsoft_calendar_rtoken, "refresh-1")
        self.assertIsNone(self.account._access_token())
        self.assertTrue(self.account.pull_requested_at)
        self.assertFalse(self.account.question_ids)
        self.assertFalse(self.own.has_question)

    def test_yes_works_once(self):
        self.ask()
        self.own.action_use_mailbox()
        with self.assertRaisesRegex(UserError, "no longer open"):
            self.own.action_use_mailbox()

    def test_no_forgets_the_sign_in(self):
        self.ask()
        self.own.action_refuse_mailbox()
        self.assertNothingStored()
        self.assertFalse(self.account.question_ids)

    def test_nobody_else_sees_or_decides(self):
        self.ask()
        admin = new_administrator(self.env)
        for user in (self.bob, admin):
            account = self.account.with_user(user)
            for method in (
                "action_use_mailbox",
                "action_refuse_mailbox",
                "action_use_other_account",
                "action_sign_in",
            ):
                with self.subTest(method=method), self.assertRaises(AccessError):
                    getattr(account, method)()
        self.assertFalse(self.account.with_user(admin).has_question)
        self.assertTrue(self.own.has_question)
        self.assertNothingStored()

    def test_question_is_over_after_a_day(self):
        self.ask()
        with freeze_time(fields.Datetime.now() + timedelta(days=1, minutes=1)):
            self.account.invalidate_recordset()
            self.assertFalse(self.own.has_question)
            with self.assertRaisesRegex(UserError, "no longer open"):
                self.own.action_use_mailbox()
            self.env["praetorx.ms365.mailbox.question"]._gc_expired()
        self.assertFalse(self.account.question_ids)

    def test_mailbox_taken_meanwhile_is_refused(self):
        self.ask()
        self.connect(self.bob, mailbox="mailbox-7")
        with self.assertRaisesRegex(UserError, "another Odoo user"):
            self.own.action_use_mailbox()
        self.assertNothingStored()

    def test_question_waits_while_the_former_mailbox_stays_connected(self):
        account = self.connect(self.alice)
        account.state = "sign_in_again"
        self.ask()
        self.assertEqual(account.mailbox_id, "mailbox-1")
        self.assertEqual(
            self.alice.sudo().microsoft_calendar_rtoken, "refresh-of-ms365_alice"
        )
        self.own.action_refuse_mailbox()
        self.assertEqual(account.mailbox_id, "mailbox-1")
        self.assertTrue(account.signed_in_at)

    def test_connected_people_are_not_asked_about_their_mailbox(self):
        account = self.connect(self.alice, mailbox="mailbox-7")
        account.state = "sign_in_again"
        self.ask()
        self.assertFalse(account.question_ids)
        self.assertEqual(account.state, "active")

    def test_alias_of_the_mailbox_is_enough(self):
        me = {
            "id": "mailbox-7",
            "mail": "somebody@contoso.example",
            "proxyAddresses": [f"smtp:{self.alice.email.upper()}"],
        }
        self.microsoft.respond("GET", "/v1.0/me", (200, me))
        self.ask()
        self.assertEqual(self.account.state, "active")

    def test_next_sign_in_takes_the_place_of_the_question(self):
        self.ask()
        url = self.with_browser("action_use_other_account")
        query = parse_qs(urlsplit(url).query)
        self.assertEqual(query["prompt"], ["select_account"])
        self.assertNotIn("login_hint", query)
        self.own_mailbox("mailbox-1", self.alice.email)
        self.come_back(code="the-code", state=query["state"][0])
        self.account.invalidate_recordset()
        self.assertEqual(self.account.state, "active")
        self.assertFalse(self.account.question_ids)
        self.assertEqual(self.account.signed_in_mailbox_id, "mailbox-1")

    def test_another_account_is_chosen_without_a_hint(self):
        self.connect(self.alice)
        first = parse_qs(urlsplit(self.with_browser("action_sign_in")).query)
        self.assertEqual(first["login_hint"], ["ms365_alice@example.com"])
        other = parse_qs(urlsplit(self.with_browser("action_use_other_account")).query)
        self.assertEqual(other["prompt"], ["select_account"])
        self.assertNotIn("login_hint", other)

    def test_switching_off_ends_the_question(self):
        self.ask()
        self.alice.ms365_sync_enabled = False
        self.assertFalse(self.account.question_ids)

    def with_browser(self, method):
        """Press a button of *My Connection*, and return the address it leads to."""
        response = self.make_jsonrpc_request(
            f"/web/dataset/call_button/praetorx.ms365.account/{method}",
            {
                "model": "praetorx.ms365.account",
                "method": method,
                "args": [self.account.ids],
                "kwargs": {},
            },
        )
        self.assertEqual(response["type"], "ir.actions.act_url")
        return response["url"]
