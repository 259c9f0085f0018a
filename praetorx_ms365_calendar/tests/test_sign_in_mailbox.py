"""Test which mailbox a sign-in connects, and which it does not."""

from odoo.tests import tagged

from ..engine.errors import MailboxTaken
from ..engine.reasons import because
from .connect_common import ME_PATH
from .sign_in_common import SignInCase


@tagged("post_install", "-at_install")
class TestSignInMailbox(SignInCase):
    def assertTaken(self):
        self.sign_in()
        self.assertNothingStored()
        self.assertIn("another Odoo user", self.account.sign_in_problem)
        self.assertIn("Choose another account", self.account.sign_in_problem)
        self.assertIn("another Odoo user", self._told())
        self.assertNotIn("Bob", self.account.sign_in_problem)

    # --- a mailbox that another user has ------------------------------------------

    def test_mailbox_of_another_user_is_refused_at_once(self):
        self.connect(self.bob, mailbox="mailbox-1")
        self.assertTaken()

    def test_mailbox_of_a_user_in_another_company_is_refused(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.bob.write({"company_ids": [(6, 0, company.ids)], "company_id": company.id})
        self.connect(self.bob, mailbox="mailbox-1")
        self.assertTaken()

    def test_mailbox_that_is_switched_off_is_still_that_users(self):
        self.connect(self.bob, mailbox="mailbox-1")
        self.bob.ms365_sync_enabled = False
        self.assertTaken()

    def test_mailbox_of_a_user_who_has_just_signed_in_is_refused(self):
        self.bob.ms365_sync_enabled = True
        self.bob.ms365_account_ids._reserve_mailbox("mailbox-1")
        self.assertTaken()

    def test_own_mailbox_can_be_signed_in_to_again(self):
        self.sign_in()
        self.account.state = "sign_in_again"
        self.sign_in()
        self.account.invalidate_recordset()
        self.assertEqual(self.account.state, "active")
        self.assertFalse(self.account.sign_in_problem)

    def test_mailbox_of_a_user_who_is_signed_out_is_free(self):
        account = self.connect(self.bob, mailbox="mailbox-1")
        account._forget_tokens()
        self.sign_in()
        self.account.invalidate_recordset()
        self.assertEqual(self.account.signed_in_mailbox_id, "mailbox-1")
        self.account._take_over("mailbox-1")
        self.assertFalse(account.mailbox_id)
        self.assertTrue(account.ask_before_push)

    def test_next_try_takes_the_message_away(self):
        self.connect(self.bob, mailbox="mailbox-1")
        self.assertTaken()
        self.own_mailbox("mailbox-2", self.alice.email)
        self.sign_in()
        self.account.invalidate_recordset()
        self.assertFalse(self.account.sign_in_problem)
        self.assertEqual(self.account.signed_in_mailbox_id, "mailbox-2")

    def test_taken_mailbox_is_not_said_to_be_unserved(self):
        account = self.connect(self.alice)
        account._stop_for(MailboxTaken(because("mailbox_of_another")))
        self.assertIn("Another user has already connected", account.status)
        self.assertNotIn("does not serve", account.status)

    # --- Graph does not say whose mailbox it is --------------------------------------

    def test_without_word_whose_mailbox_it_is_nothing_is_stored(self):
        error = {"error": {"code": "ServiceUnavailable"}}
        self.microsoft.respond("GET", ME_PATH, (503, error))
        self.sign_in()
        self.assertNothingStored()
        self.assertIn("busy at the moment", self.account.sign_in_problem)

    def test_personal_account_without_a_list_of_addresses_is_connected(self):
        me = {"id": "mailbox-1", "mail": self.alice.email}
        refused = (403, {"error": {"code": "ErrorAccessDenied"}})
        self.microsoft.respond("GET", ME_PATH, refused, (200, me))
        self.sign_in()
        self.account.invalidate_recordset()
        self.assertEqual(self.account.state, "active")
