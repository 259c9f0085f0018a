from lxml import etree
from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, TransactionCase, tagged
from odoo.tools import file_open, mute_logger

from ..hooks import post_init_hook, uninstall_hook
from .common import apply_change
from .connect_common import TENANT, TOKEN_PATH, ConnectCommon
from .microsoft import refused, tokens

MASK = "\u2022" * 12


@tagged("post_install", "-at_install")
class TestPreferences(ConnectCommon, TransactionCase):
    def setUp(self):
        super().setUp()
        self.own = self.alice.with_user(self.alice)

    # --- the switch -----------------------------------------------------------------

    def test_user_sets_own_preferences(self):
        self.own.write(
            {
                "ms365_sync_enabled": True,
                "ms365_sync_direction": "outlook_to_odoo",
                "ms365_days_back": 7,
                "ms365_days_ahead": 90,
            }
        )
        account = self.alice.ms365_account_ids
        self.assertRecordValues(
            account,
            [
                {
                    "state": "signed_out",
                    "enabled": True,
                    "direction": "outlook_to_odoo",
                    "days_back": 7,
                    "days_ahead": 90,
                }
            ],
        )
        self.assertIn("Sign in", self.own.ms365_status)

    def test_user_cannot_touch_those_of_others(self):
        with self.assertRaises(AccessError):
            self.bob.with_user(self.alice).write({"ms365_sync_enabled": True})
        self.connect(self.bob)
        for method in (
            "action_ms365_sign_in",
            "action_ms365_sync_now",
            "stop_microsoft_synchronization",
            "restart_microsoft_synchronization",
        ):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(self.bob.with_user(self.alice), method)()
        self.assertTrue(self.bob.ms365_sync_enabled)

    def test_preferences_form_works_for_a_plain_user(self):
        self.connect(self.alice)
        view = self.env.ref("base.view_users_form_simple_modif")
        with Form(self.own, view=view) as form:
            self.assertTrue(form.ms365_sync_enabled)
            form.ms365_sync_direction = "odoo_to_outlook"
        apply_change(self.alice.ms365_account_ids)
        self.assertEqual(self.alice.ms365_sync_direction, "odoo_to_outlook")

    def test_nonsense_window_is_refused(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(CheckViolation),
            self.env.cr.savepoint(),
        ):
            self.own.write({"ms365_days_ahead": 5000})
            self.env.flush_all()

    def test_direction_decides_at_once_who_pushes(self):
        account = self.connect(self.alice)
        Account = self.env["praetorx.ms365.account"]
        self.assertEqual(Account._pushing_accounts().get(self.alice.id), account.id)
        self.own.ms365_sync_direction = "outlook_to_odoo"
        apply_change(account)
        self.assertNotIn(self.alice.id, Account._pushing_accounts())

    def test_switching_off_hides_our_token_from_the_stock_connector(self):
        account = self.connect(self.alice)
        self.own.ms365_sync_enabled = False
        user_sudo = self.alice.sudo()
        self.assertFalse(user_sudo.microsoft_calendar_rtoken)
        self.assertFalse(user_sudo.microsoft_calendar_token)
        self.assertTrue(self.stored(account, "parked_refresh_token").startswith("px1:"))
        self.own.ms365_sync_enabled = True
        self.assertEqual(user_sudo.microsoft_calendar_rtoken, "refresh-of-ms365_alice")
        self.assertEqual(account.state, "active")
        self.assertTrue(account.pull_requested_at)

    def test_stock_token_is_left_alone(self):
        self.alice.sudo().microsoft_calendar_rtoken = "of the stock sign-in"
        self.own.ms365_sync_enabled = True
        self.assertFalse(self.alice.ms365_account_ids._is_signed_in())
        self.own.ms365_sync_enabled = False
        self.assertEqual(
            self.alice.sudo().microsoft_calendar_rtoken, "of the stock sign-in"
        )

    def test_archived_user_is_switched_off(self):
        self.connect(self.alice)
        self.alice.active = False
        self.assertFalse(self.alice.ms365_sync_enabled)

    # --- effect on Odoo's own connector ---------------------------------------------

    def test_stock_connector_leaves_our_users_alone(self):
        self.connect(self.alice)
        self.assertEqual(self.own._get_microsoft_sync_status(), "sync_paused")
        self.assertFalse(self.own._get_microsoft_calendar_token())
        self.assertFalse(self.own._sync_microsoft_calendar())
        self.assertFalse(self.microsoft.asked)
        self.assertFalse(self.alice.sudo().microsoft_last_sync_date)

    def test_interface_is_told_the_truth(self):
        account = self.connect(self.alice)
        status = self.own.check_synchronization_status()["microsoft_calendar"]
        self.assertEqual(status, "sync_active")
        account.state = "sign_in_again"
        status = self.own.check_synchronization_status()["microsoft_calendar"]
        self.assertEqual(status, "sync_stopped")

    def test_stock_button_stops_and_wakes(self):
        account = self.connect(self.alice)
        account.pull_requested_at = False
        self.own.restart_microsoft_synchronization()
        self.assertTrue(account.pull_requested_at)
        self.own.stop_microsoft_synchronization()
        self.assertFalse(self.alice.ms365_sync_enabled)

    def test_stock_reset_signs_out(self):
        account = self.connect(self.alice)
        self.alice._set_microsoft_auth_tokens(False, False, 0)
        self.assertEqual(account.state, "signed_out")
        self.assertFalse(self.alice.sudo().microsoft_calendar_rtoken)

    def test_other_users_keep_the_stock_behaviour(self):
        self.bob.sudo().write(
            {
                "microsoft_calendar_rtoken": "stock refresh",
                "microsoft_calendar_token": "stock access",
                "microsoft_calendar_token_validity": "2100-01-01 00:00:00",
            }
        )
        bob = self.bob.with_user(self.bob)
        self.assertEqual(bob._get_microsoft_sync_status(), "sync_active")
        self.assertEqual(bob._get_microsoft_calendar_token(), "stock access")

    # --- installing and uninstalling ------------------------------------------------

    def test_hooks_encrypt_and_give_back(self):
        self.env.cr.execute(
            "UPDATE res_users SET microsoft_calendar_rtoken = 'clear' WHERE id = %s",
            [self.bob.id],
        )
        parameter = self.env["ir.config_parameter"].search(
            [("key", "=", "microsoft_calendar_client_secret")]
        )
        self.bob.invalidate_recordset()
        self.connect(self.alice)
        post_init_hook(self.env)
        column = "microsoft_calendar_rtoken"
        self.assertTrue(self.stored(self.bob, column).startswith("px1:"))
        self.assertTrue(self.stored(parameter, "value").startswith("px1:"))
        self.assertEqual(self.bob.sudo().microsoft_calendar_rtoken, "clear")
        uninstall_hook(self.env)
        self.assertEqual(self.stored(self.bob, column), "clear")
        self.assertEqual(self.stored(parameter, "value"), "the-secret")
        self.assertTrue(self.alice.sudo().microsoft_synchronization_stopped)
        self.assertFalse(self.bob.sudo().microsoft_synchronization_stopped)

    def test_neutralized_copy_touches_nobody(self):
        account = self.connect(self.alice)
        account.parked_refresh_token = "parked"
        company = self.alice.company_id
        company.write({"ms365_client_id": "own", "ms365_client_secret": "secret"})
        settings = self.settings(cal_microsoft_client_secret="typed")
        self.env.flush_all()
        with file_open("praetorx_ms365_calendar/data/neutralize.sql") as script:
            self.env.cr.execute(script.read())
        self.env.invalidate_all()
        self.env.registry.clear_cache("stable")
        self.assertFalse(self.alice.ms365_sync_enabled)
        self.assertFalse(self.alice.sudo().microsoft_calendar_rtoken)
        self.assertFalse(account.enabled)
        self.assertFalse(account.parked_refresh_token)
        self.assertFalse(account.subscription_ids)
        self.assertFalse(company.ms365_client_secret)
        get_param = self.env["ir.config_parameter"].get_param
        self.assertFalse(get_param("microsoft_calendar_client_secret"))
        self.assertFalse(settings.cal_microsoft_client_secret)

    # --- settings -------------------------------------------------------------------

    def settings(self, **values):
        return self.env["res.config.settings"].create(values)

    def test_secrets_do_not_come_back_to_the_browser(self):
        self.env.company.ms365_client_secret = "company secret"
        names = ["cal_microsoft_client_secret", "ms365_company_client_secret_entry"]
        values = self.env["res.config.settings"].default_get(names)
        self.assertEqual(values["cal_microsoft_client_secret"], MASK)
        self.assertEqual(self.env.company.ms365_client_secret_entry, MASK)
        arch = self.env["res.users"].get_view(
            self.env.ref("base.view_users_form").id, "form"
        )["arch"]
        shown = etree.fromstring(arch).xpath("//field/@name")
        self.assertNotIn("microsoft_calendar_rtoken", shown)
        self.assertNotIn("microsoft_calendar_token", shown)

    def test_saving_the_mask_keeps_the_secret(self):
        self.env.company.ms365_client_secret = "company secret"
        self.settings(cal_microsoft_client_secret=MASK).execute()
        self.env.company.ms365_client_secret_entry = MASK
        get_param = self.env["ir.config_parameter"].get_param
        self.assertEqual(get_param("microsoft_calendar_client_secret"), "the-secret")
        self.assertEqual(self.env.company.ms365_client_secret, "company secret")
        self.settings(cal_microsoft_client_secret="another").execute()
        self.env.company.ms365_client_secret_entry = " company 2 "
        self.assertEqual(get_param("microsoft_calendar_client_secret"), "another")
        self.assertEqual(self.env.company.ms365_client_secret, "company 2")

    def test_new_credentials_wake_stopped_mailboxes(self):
        account = self.connect(self.alice)
        account.state = "configuration"
        self.settings(cal_microsoft_client_secret="another").execute()
        self.assertEqual(account.state, "active")

    def test_plain_http_is_for_this_machine_only(self):
        with self.assertRaises(ValidationError):
            self.settings(ms365_graph_endpoint="http://graph.example.com")
        self.settings(ms365_graph_endpoint="http://127.0.0.1:8080")

    def test_test_button_shows_the_error_of_microsoft(self):
        settings = self.settings(cal_microsoft_client_secret=MASK)
        self.microsoft.respond("POST", TOKEN_PATH, tokens(None))
        self.assertEqual(settings.action_ms365_test()["params"]["type"], "success")
        [(_method, _path, form, _headers)] = self.microsoft.asked
        self.assertEqual(form["client_secret"], "the-secret")
        self.assertEqual(form["scope"], f"{self.microsoft.url}/.default")
        self.microsoft.respond(
            "POST", TOKEN_PATH, refused("invalid_client", 7000215, 401)
        )
        result = settings.action_ms365_test()["params"]
        self.assertEqual(result["type"], "danger")
        self.assertIn("AADSTS7000215", result["message"])

    def test_stored_secret_is_not_sent_to_an_address_that_was_only_typed_in(self):
        company = {"ms365_company_client_id": "own"}
        self.env.company.ms365_client_secret = "company secret"
        for name in ("ms365_login_endpoint", "ms365_graph_endpoint"):
            for app in ({"cal_microsoft_client_secret": MASK}, company):
                settings = self.settings(**app, **{name: "http://127.0.0.1:9"})
                with self.subTest(name=name, app=app):
                    result = settings.action_ms365_test()["params"]
                    self.assertEqual(result["type"], "danger")
                    self.assertIn("stored addresses", result["message"])
        self.assertEqual(self.microsoft.asked, [])

    def test_test_button_is_for_administrators(self):
        settings = self.settings(cal_microsoft_client_secret=MASK)
        for user in (self.alice, self.bob):
            with self.assertRaises(AccessError):
                settings.with_user(user).action_ms365_test()

    def test_test_button_with_a_shared_tenant_reads_the_discovery_document(self):
        settings = self.settings(ms365_tenant_id="common")
        document = {"token_endpoint": "https://login.example.com"}
        path = "/common/v2.0/.well-known/openid-configuration"
        self.microsoft.respond("GET", path, (200, document))
        self.assertEqual(settings.action_ms365_test()["params"]["type"], "success")

    def test_settings_and_company_forms_open(self):
        settings = Form(self.env["res.config.settings"])
        self.assertEqual(settings.ms365_tenant_id, TENANT)
        self.assertTrue(settings.ms365_redirect_uri.endswith("/authentication"))
        company = Form(self.env.company)
        company.ms365_tenant_id = "contoso.example"
        company.save()
        with self.assertRaises(ValidationError):
            self.env.company.ms365_tenant_id = "a/b"
