"""Test signing in with a code, as the dialog in the browser does it."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..graph.transport import new_session
from .common import new_administrator
from .connect_common import TENANT, TOKEN_PATH
from .microsoft import refused, tokens
from .sign_in_common import SignInCase

CODE_PATH = f"/{TENANT}/oauth2/v2.0/devicecode"
MODEL = "praetorx.ms365.sign.in"
SECRET_CODE = "the-secret-device-code"
BEGUN = {
    "device_code": SECRET_CODE,
    "user_code": "ABCD2345",
    "verification_uri": "https://microsoft.com/devicelogin",
    "expires_in": 900,
    "interval": 5,
    "message": "To sign in, ...",
}
PENDING = refused("authorization_pending", 70016)


@tagged("post_install", "-at_install")
class TestDeviceCode(SignInCase):
    def setUp(self):
        super().setUp()
        self.microsoft.respond("POST", CODE_PATH, (200, BEGUN))
        self.microsoft.respond("POST", TOKEN_PATH, PENDING)

    @property
    def code(self):
        self.account.invalidate_recordset()
        self.account.sudo().device_code_ids.invalidate_recordset()
        return self.account.sudo().device_code_ids

    def call(self, method, model=MODEL, args=()):
        params = {"model": model, "method": method, "args": list(args), "kwargs": {}}
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}", params
        )

    def begin_code(self):
        return self.call("begin_by_code")

    def poll(self, *, is_due=True):
        """Ask as the dialog does, after the interval."""
        if is_due and self.code:
            self.code.next_poll_at = fields.Datetime.now() - timedelta(seconds=1)
            self.env.flush_all()
        return self.call("poll_code")

    def asked(self, path):
        return [
            form for _method, one, form, _head in self.microsoft.asked if one == path
        ]

    def assertOver(self, response, words):
        self.assertEqual(response["state"], "over")
        self.assertIn(words, response["message"])
        self.assertNothingStored()
        self.assertFalse(self.code)

    # --- the good way ---------------------------------------------------------------

    def test_code_is_shown_and_its_secret_is_not(self):
        with self.assertLogs("odoo", "DEBUG") as log:
            response = self.begin_code()
        self.assertEqual(response["user_code"], "ABCD2345")
        self.assertEqual(response["page"], "https://microsoft.com/devicelogin")
        self.assertGreater(response["seconds_left"], 800)
        self.assertNotIn(SECRET_CODE, str(response))
        self.assertNotIn(SECRET_CODE, str(log.output))
        self.assertNotIn("ABCD2345", str(log.output))
        for column in ("device_code", "user_code_secret"):
            self.assertTrue(self.stored(self.code, column).startswith("px1:"))
        [form] = self.asked(CODE_PATH)
        self.assertEqual(form["client_id"], "the-client")
        self.assertNotIn("client_secret", form)

    def test_confirmed_code_connects(self):
        self.begin_code()
        self.assertEqual(self.poll()["state"], "waiting")
        self.microsoft.respond("POST", TOKEN_PATH, tokens())
        self.assertEqual(self.poll(), {"state": "done"})
        self.account.invalidate_recordset()
        self.alice.invalidate_recordset()
        self.assertEqual(self.account.state, "active")
        self.assertEqual(self.alice.sudo().microsoft_calendar_rtoken, "refresh-1")
        self.assertFalse(self.code)
        *_earlier, form = self.asked(TOKEN_PATH)
        self.assertEqual(form["device_code"], SECRET_CODE)
        self.assertNotIn("client_secret", form)

    def test_tokens_of_a_code_are_refreshed_without_the_secret(self):
        self.begin_code()
        self.microsoft.respond("POST", TOKEN_PATH, tokens())
        self.poll()
        self.account.invalidate_recordset()
        self.microsoft.asked.clear()
        job = self.account._refresh_job()
        with new_session() as session:
            self.account._record_refresh(job(session), job)
        [form] = self.asked(TOKEN_PATH)
        self.assertNotIn("client_secret", form)
        self.assertEqual(self.account.state, "active")

    def test_mailbox_of_another_address_is_asked_about(self):
        self.own_mailbox("mailbox-7", "somebody@contoso.example")
        self.begin_code()
        self.microsoft.respond("POST", TOKEN_PATH, tokens())
        self.assertEqual(self.poll(), {"state": "ask"})
        self.assertNothingStored()
        self.account.with_user(self.alice).action_use_mailbox()
        self.assertEqual(self.account.state, "active")
        self.assertTrue(self.account.signed_in_by_code)

    def test_reloaded_page_shows_the_same_code(self):
        self.begin_code()
        self.assertEqual(self.begin_code()["user_code"], "ABCD2345")
        self.assertEqual(len(self.asked(CODE_PATH)), 1)
        self.assertTrue(self.account.with_user(self.alice).has_device_code)

    # --- waiting ----------------------------------------------------------------------

    def test_microsoft_is_not_asked_before_the_interval_is_over(self):
        self.begin_code()
        self.assertEqual(self.poll(is_due=False)["state"], "waiting")
        self.assertFalse(self.asked(TOKEN_PATH))

    def test_slow_down_makes_the_interval_longer(self):
        self.begin_code()
        self.microsoft.respond("POST", TOKEN_PATH, refused("slow_down", 70016))
        self.assertGreater(self.poll()["poll_in"], 8)
        self.assertEqual(self.code.interval_seconds, 10)
        self.poll()
        self.assertEqual(self.code.interval_seconds, 15)

    def test_no_answer_is_waited_out(self):
        self.begin_code()
        self.microsoft.respond("POST", TOKEN_PATH, (503, {}))
        self.assertEqual(self.poll()["state"], "waiting")

    def test_sign_in_whose_answer_is_lost_is_told_again(self):
        self.begin_code()
        self.microsoft.respond("POST", TOKEN_PATH, tokens())
        self.assertEqual(self.poll(), {"state": "done"})
        self.assertEqual(self.poll(), {"state": "done"})
        self.own_mailbox("mailbox-7", "somebody@contoso.example")
        self.begin_code()
        self.assertEqual(self.poll(), {"state": "ask"})
        self.assertEqual(self.poll(), {"state": "ask"})
        self.begin_code()
        self.call("cancel_code")
        self.assertEqual(self.poll()["state"], "over")

    # --- the end without a connection ------------------------------------------------

    def test_each_refusal_ends_the_code_in_words(self):
        for word, words in (
            ("authorization_declined", "declined"),
            ("expired_token", "expired"),
            ("bad_verification_code", "expired"),
            ("invalid_grant", "Get a new code"),
            ("invalid_client", "Allow public client flows"),
            ("unauthorized_client", "Allow public client flows"),
            ("invalid_request", "no longer accepts the sign-in"),
        ):
            with self.subTest(word=word):
                self.begin_code()
                self.microsoft.respond("POST", TOKEN_PATH, refused(word, 70000))
                self.assertOver(self.poll(), words)

    def test_code_that_is_too_old_is_not_asked_about(self):
        self.begin_code()
        with freeze_time(fields.Datetime.now() + timedelta(minutes=16)):
            self.assertOver(self.poll(is_due=False), "expired")
        self.assertFalse(self.asked(TOKEN_PATH))

    def test_mailbox_of_another_user_is_refused(self):
        self.connect(self.bob, mailbox="mailbox-1")
        self.begin_code()
        self.microsoft.respond("POST", TOKEN_PATH, tokens())
        self.assertOver(self.poll(), "another Odoo user")

    def test_cancelled_code_is_forgotten(self):
        self.begin_code()
        self.call("cancel_code")
        self.assertFalse(self.code)
        self.assertOver(self.poll(), "no longer valid")

    # --- attacks --------------------------------------------------------------------

    def _stolen(self):
        from odoo.http import root

        name = "praetorx_ms365_device_code"
        return {name: root.session_store.get(self.session.sid)[name]}

    def test_code_of_another_session_cannot_be_finished(self):
        self.begin_code()
        self.microsoft.respond("POST", TOKEN_PATH, tokens())
        self.authenticate("ms365_alice", "ms365_alice")
        self.assertEqual(self.poll()["state"], "over")
        self.assertNothingStored()
        self.assertFalse(self.asked(TOKEN_PATH))

    def test_another_session_gets_a_code_of_its_own(self):
        self.begin_code()
        self.authenticate("ms365_alice", "ms365_alice")
        self.microsoft.respond("POST", CODE_PATH, (200, {**BEGUN, "user_code": "NEW"}))
        self.assertEqual(self.begin_code()["user_code"], "NEW")
        self.assertEqual(len(self.code), 1)

    def test_another_user_cannot_finish_it_with_a_stolen_session_value(self):
        self.begin_code()
        self.microsoft.respond("POST", TOKEN_PATH, tokens())
        self.bob.ms365_sync_enabled = True
        stolen = self._stolen()
        self.authenticate("ms365_bob", "ms365_bob", session_extra=stolen)
        self.assertEqual(self.poll()["state"], "over")
        self.assertFalse(self.bob.sudo().microsoft_calendar_rtoken)
        self.assertNothingStored()
        self.assertFalse(self.asked(TOKEN_PATH))

    def test_nobody_opens_the_dialog_of_another(self):
        admin = new_administrator(self.env)
        self.begin_code()
        for user in (self.bob, admin):
            account = self.account.with_user(user)
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                account.action_sign_in_by_code()
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.alice.with_user(user).action_ms365_sign_in_by_code()
        self.assertFalse(self.account.with_user(admin).has_device_code)

    @mute_logger("odoo.http")
    def test_portal_user_gets_no_code(self):
        new_test_user(
            self.env,
            "ms365_portal",
            groups="base.group_portal",
            password="ms365_portal",
            context={"no_reset_password": True},
        )
        self.authenticate("ms365_portal", "ms365_portal")
        with self.assertRaisesRegex(Exception, "UserError|AccessError"):
            self.begin_code()
        self.assertFalse(self.asked(CODE_PATH))

    @mute_logger("odoo.http")
    def test_user_without_sync_gets_no_code(self):
        self.alice.ms365_sync_enabled = False
        with self.assertRaisesRegex(Exception, "UserError"):
            self.begin_code()
        self.assertFalse(self.asked(CODE_PATH))

    @mute_logger("odoo.http")
    def test_page_that_is_no_web_page_is_not_linked(self):
        for page in ("javascript:alert(1)", "http://evil.example", 5, None):
            with self.subTest(page=page):
                begun = {**BEGUN, "verification_uri": page}
                self.microsoft.respond("POST", CODE_PATH, (200, begun))
                shown = self.begin_code()["page"]
                self.assertEqual(shown, "https://microsoft.com/devicelogin")
                self.call("cancel_code")
