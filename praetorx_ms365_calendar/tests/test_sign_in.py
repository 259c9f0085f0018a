from datetime import timedelta
from urllib.parse import urlsplit

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from ..engine.errors import FixConfiguration, SignInAgain
from ..graph.transport import new_session
from .connect_common import ME_PATH, TENANT, TOKEN_PATH
from .microsoft import refused, tokens
from .sign_in_common import CALLBACK, SYNC_DATA, SignInCase


@tagged("post_install", "-at_install")
class TestSignIn(SignInCase):
    def assertRefused(self, response):
        self.assertEqual(response.status_code, 403)
        self.assertIn("Nothing was connected", response.text)
        self.assertNothingStored()
        self.assertFalse(self.microsoft.asked)

    # --- the good way ---------------------------------------------------------------

    def test_authorize_url_names_tenant_and_uses_pkce(self):
        query = self.begin()
        parts = urlsplit(self.authorize_url)
        self.assertEqual(parts.path, f"/{TENANT}/oauth2/v2.0/authorize")
        self.assertEqual(query["client_id"], ["the-client"])
        self.assertEqual(query["code_challenge_method"], ["S256"])
        self.assertEqual(query["redirect_uri"], [self.base_url() + CALLBACK])
        self.assertNotIn("the-secret", self.authorize_url)

    def test_signing_in_stores_encrypted_tokens_and_starts_the_sync(self):
        response = self.sign_in()
        self.assertEqual(response.status_code, 303)
        self.assertEqual(urlsplit(response.headers["Location"]).path, "/odoo/calendar")
        self.alice.invalidate_recordset()
        user_sudo = self.alice.sudo()
        self.assertEqual(user_sudo.microsoft_calendar_rtoken, "refresh-1")
        self.assertEqual(user_sudo.microsoft_calendar_token, "access-1")
        for column in ("microsoft_calendar_rtoken", "microsoft_calendar_token"):
            self.assertTrue(self.stored(self.alice, column).startswith("px1:"))
        self.assertEqual(self.account.state, "active")
        self.assertTrue(self.account.pull_requested_at)
        [(_method, _path, form, _headers), (_get, me_path, *_more)] = (
            self.microsoft.asked
        )
        self.assertEqual(me_path, ME_PATH)
        self.assertEqual(form["code"], "the-code")
        self.assertGreaterEqual(len(form["code_verifier"]), 43)
        self.assertEqual(form["redirect_uri"], self.base_url() + CALLBACK)

    def test_connected_calendar_opens_without_asking_microsoft(self):
        self.sign_in()
        self.microsoft.asked.clear()
        response = self.make_jsonrpc_request(
            SYNC_DATA, {"model": "calendar.event", "fromurl": "/odoo/calendar"}
        )
        self.assertEqual(response["status"], "no_new_event_from_microsoft")
        self.assertFalse(self.microsoft.asked)

    def test_company_app_is_used_for_its_people(self):
        company = self.alice.company_id
        company.write({"ms365_client_id": "own", "ms365_client_secret": "own secret"})
        company.ms365_tenant_id = "contoso.example"
        path = "/contoso.example/oauth2/v2.0/token"
        self.microsoft.respond("POST", path, tokens())
        self.sign_in()
        [(_method, asked_path, form, _headers), _me] = self.microsoft.asked
        self.assertEqual(asked_path, path)
        self.assertEqual(form["client_id"], "own")
        self.assertEqual(form["client_secret"], "own secret")
        self.assertTrue(self.stored(company, "ms365_client_secret").startswith("px1:"))

    def test_branch_uses_the_app_of_its_company(self):
        company = self.alice.company_id
        company.write({"ms365_client_id": "own", "ms365_client_secret": "own secret"})
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": company.id}
        )
        self.alice.write({"company_ids": [(4, branch.id)], "company_id": branch.id})
        self.assertEqual(self.account._app_registration().client_secret, "own secret")

    # --- attacks --------------------------------------------------------------------

    def test_state_works_once(self):
        [state] = self.begin()["state"]
        self.come_back(code="the-code", state=state)
        self.account._forget_tokens()
        self.microsoft.asked.clear()
        self.assertRefused(self.come_back(code="other-code", state=state))

    def test_state_of_another_session_is_refused(self):
        [state] = self.begin()["state"]
        self.authenticate("ms365_alice", "ms365_alice")
        self.assertRefused(self.come_back(code="the-code", state=state))

    def test_state_of_another_user_is_refused(self):
        [state] = self.begin()["state"]
        session_key = "praetorx_ms365_sign_ins"
        stolen = {session_key: self._session_value(session_key)}
        self.bob.ms365_sync_enabled = True
        self.authenticate("ms365_bob", "ms365_bob", session_extra=stolen)
        self.assertRefused(self.come_back(code="the-code", state=state))
        self.assertFalse(self.bob.sudo().microsoft_calendar_rtoken)

    def _session_value(self, key):
        from odoo.http import root

        return root.session_store.get(self.session.sid)[key]

    def test_state_without_session_is_refused(self):
        [state] = self.begin()["state"]
        self.authenticate(None, None)
        self.assertRefused(self.come_back(code="the-code", state=state))

    def test_altered_state_is_refused(self):
        [state] = self.begin()["state"]
        middle = len(state) // 2
        other = "A" if state[middle] != "A" else "B"
        altered = state[:middle] + other + state[middle + 1 :]
        for bad in (altered, "ms365.", "ms365.é", "ms365.AQ", state + "AAAA"):
            with self.subTest(bad=bad[:12]):
                self.assertRefused(self.come_back(code="the-code", state=bad))

    def test_expired_state_is_refused(self):
        [state] = self.begin()["state"]
        later = fields.Datetime.now() + timedelta(minutes=16)
        with freeze_time(later):
            self.assertRefused(self.come_back(code="the-code", state=state))

    def test_unsigned_stock_state_is_refused_for_our_users(self):
        state = '{"d": "x", "s": "calendar", "f": "https://evil.example", "u": "x"}'
        self.assertRefused(self.come_back(code="the-code", state=state))

    def test_nobody_is_sent_to_another_server(self):
        for url in (
            "https://evil.example/odoo/calendar",
            "//evil.example/odoo",
            "/\\evil.example",
            "\\\\evil.example",
            "https:evil.example",
            "javascript:alert(1)",
            "/odoo\r\nLocation: https://evil.example",
            "/web/session/logout?redirect=https://evil.example",
            "http://user@evil.example/odoo",
            "/odoo/%2e%2E/web/session/logout?redirect=//evil.example",
            "/odoo/../web/session/logout?redirect=//evil.example",
            None,
        ):
            with self.subTest(url=url):
                response = self.sign_in(url)
                self.account._forget_tokens()
                location = urlsplit(response.headers["Location"])
                self.assertIn(location.netloc, ("", urlsplit(self.base_url()).netloc))
                self.assertEqual(location.path, "/odoo")

    def test_own_page_is_returned_to_with_its_query(self):
        page = "/odoo/calendar?view_type=week&debug=1"
        response = self.sign_in(self.base_url() + page)
        self.assertTrue(response.headers["Location"].endswith(page))

    # --- Microsoft says no ----------------------------------------------------------

    def test_declined_permission_is_told_and_changes_nothing(self):
        [state] = self.begin()["state"]
        response = self.come_back(error="access_denied", state=state)
        self.assertEqual(response.status_code, 303)
        self.assertNothingStored()
        self.assertIn("permission was declined", self._told())

    def test_refused_code_is_told_and_changes_nothing(self):
        self.microsoft.respond("POST", TOKEN_PATH, refused("invalid_grant", 54005))
        response = self.sign_in()
        self.assertEqual(response.status_code, 303)
        self.assertNothingStored()
        self.assertIn("AADSTS54005", self._told())
        self.assertNotIn("alice@example.com", self._told())

    # --- refreshing -----------------------------------------------------------------

    def refresh(self, account):
        job = account._refresh_job()
        with new_session() as session:
            account._record_refresh(job(session), job)

    def test_rotated_refresh_token_is_stored(self):
        account = self.connect(self.alice, valid_for=timedelta(minutes=1))
        self.assertIsNone(account._access_token())
        self.microsoft.respond("POST", TOKEN_PATH, tokens("rotated", "fresh"))
        self.refresh(account)
        self.assertEqual(self.alice.sudo().microsoft_calendar_rtoken, "rotated")
        self.assertEqual(account._access_token(), "fresh")

    def test_refresh_token_stays_if_no_new_one_comes(self):
        account = self.connect(self.alice)
        self.microsoft.respond("POST", TOKEN_PATH, tokens(None, "fresh"))
        self.refresh(account)
        self.assertEqual(
            self.alice.sudo().microsoft_calendar_rtoken, "refresh-of-ms365_alice"
        )

    def test_revoked_token_stops_this_user_only(self):
        account = self.connect(self.alice)
        other = self.connect(self.bob, mailbox="mailbox-2")
        self.microsoft.respond("POST", TOKEN_PATH, refused("invalid_grant", 50173))
        self.refresh(account)
        self.refresh(account)
        self.assertEqual(account.state, "sign_in_again")
        self.assertEqual(other.state, "active")
        self.assertEqual(account.activity_ids.user_id, self.alice)
        self.assertEqual(len(account.activity_ids), 1)
        self.assertIn("Sign in again", self.alice.with_user(self.alice).ms365_status)
        self.begin()

    def test_signing_in_again_takes_the_activity_away(self):
        account = self.connect(self.alice)
        account._stop_for(SignInAgain("revoked"))
        self.sign_in()
        account.invalidate_recordset()
        self.assertEqual(account.state, "active")
        self.assertFalse(account.activity_ids)

    def test_wrong_secret_alarms_one_administrator_once(self):
        account = self.connect(self.alice)
        other = self.connect(self.bob, mailbox="mailbox-2")
        self.microsoft.respond(
            "POST", TOKEN_PATH, refused("invalid_client", 7000215, 401)
        )
        self.refresh(account)
        self.refresh(other)
        self.assertEqual((account | other).mapped("state"), ["configuration"] * 2)
        activities = (account | other).activity_ids
        self.assertEqual(len(activities), 1)
        self.assertTrue(activities.user_id.has_group("base.group_system"))
        self.alice.company_id.ms365_client_secret = "the right one"
        self.assertEqual((account | other).mapped("state"), ["active"] * 2)
        self.assertFalse((account | other).activity_ids)

    def test_microsoft_down_makes_the_account_wait(self):
        account = self.connect(self.alice)
        self.microsoft.respond("POST", TOKEN_PATH, (503, None))
        self.refresh(account)
        self.assertEqual(account.state, "active")
        self.assertEqual(account.failures, 1)
        self.assertTrue(account.not_before)

    def test_result_of_an_old_sign_in_does_not_stop_a_new_one(self):
        account = self.connect(self.alice)
        job = account._refresh_job()
        account.signed_in_at = fields.Datetime.now() + timedelta(seconds=5)
        account._record_refresh(SignInAgain("revoked"), job)
        self.assertEqual(account.state, "active")

    def test_failure_of_a_secret_that_was_repaired_since_stops_nothing(self):
        account = self.connect(self.alice)
        job = account._refresh_job()
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("microsoft_calendar_client_secret", "the right one")
        account._record_refresh(FixConfiguration("invalid_client"), job)
        self.assertEqual(account.state, "active")
        self.assertFalse(account.not_before)
        job = account._refresh_job()
        account._record_refresh(FixConfiguration("invalid_client"), job)
        self.assertEqual(account.state, "configuration")

    def test_cron_that_runs_for_long_sees_a_repaired_setting(self):
        account = self.connect(self.alice)
        self.alice.company_id.ms365_tenant_id = False
        parameters = self.env["ir.config_parameter"]
        name = "praetorx_ms365_calendar.tenant_id"
        parameters.set_param(name, "old.example.com")
        self.assertEqual(account._app_registration().tenant, "old.example.com")
        self.env.flush_all()
        # By another worker, so that the cache of this one does not notice.
        self.env.cr.execute(
            "UPDATE ir_config_parameter SET value = %s WHERE key = %s",
            ["new.example.com", name],
        )
        self.env.invalidate_all()
        self.assertEqual(account._app_registration().tenant, "new.example.com")

    def test_lost_encryption_key_stops_without_traceback(self):
        account = self.connect(self.alice)
        self.alice.flush_recordset()
        self.env.cr.execute(
            """UPDATE res_users
                  SET microsoft_calendar_rtoken = 'px1:00000000000000000000000000:x',
                      microsoft_calendar_token = 'px1:00000000000000000000000000:x'
                WHERE id = %s""",
            [self.alice.id],
        )
        self.alice.invalidate_recordset()
        self.refresh(account)
        self.assertEqual(account.state, "configuration")
        self.assertFalse(self.microsoft.asked)
