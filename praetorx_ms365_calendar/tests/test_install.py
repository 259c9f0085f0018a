from odoo.tests import TransactionCase, new_test_user, tagged

from odoo.addons.praetorx_base.fields import EncryptedChar

ADDON = "praetorx_ms365_calendar"


@tagged("post_install", "-at_install")
class TestInstall(TransactionCase):
    """Test the names that other programs use, and the data of an installation."""

    def assertFields(self, model, **types):
        """These fields exist, stored, with these types."""
        found = self.env[model]._fields
        for name, field_type in types.items():
            with self.subTest(model=model, field=name):
                self.assertEqual(found[name].type, field_type)
                self.assertTrue(found[name].store)

    def values(self, model, name):
        """Return the values of a selection field."""
        return [value for value, _label in self.env[model]._fields[name].selection]

    def test_fields_of_events(self):
        self.assertFields(
            "calendar.event",
            sync_origin="selection",
            synced_field_hash="char",
            ms_change_key="char",
            is_teams_meeting="boolean",
            teams_meeting_url="char",
            ms365_sync_state="selection",
        )
        self.assertEqual(
            self.values("calendar.event", "sync_origin"), ["odoo", "outlook"]
        )
        self.assertEqual(
            self.values("calendar.event", "ms365_sync_state"),
            ["none", "pending", "synced", "conflict", "error"],
        )
        self.assertTrue(callable(self.env["calendar.event"]._detect_pull_conflicts))

    def test_a_copy_of_an_event_is_not_synced_yet(self):
        event = self.env["calendar.event"].create(
            {"name": "Lunch", "start": "2026-03-02 09:00", "stop": "2026-03-02 10:00"}
        )
        event._ms365_write_bookkeeping(
            {
                "ms365_sync_state": "synced",
                "ms_change_key": "CK1",
                "synced_field_hash": "0" * 64,
                "sync_origin": "outlook",
                "teams_meeting_url": "https://teams.example.com",
            }
        )
        self.assertRecordValues(
            event.copy(),
            [
                {
                    "ms365_sync_state": "none",
                    "ms_change_key": False,
                    "synced_field_hash": False,
                    "sync_origin": False,
                    "teams_meeting_url": False,
                }
            ],
        )

    def test_fields_of_users(self):
        self.assertFields(
            "res.users", ms365_sync_enabled="boolean", ms365_sync_direction="selection"
        )
        self.assertEqual(
            self.values("res.users", "ms365_sync_direction"),
            ["both", "outlook_to_odoo", "odoo_to_outlook"],
        )
        user = new_test_user(self.env, "ms365_new", groups="base.group_user")
        self.assertFalse(user.ms365_sync_enabled)
        self.assertEqual(user.ms365_sync_direction, "both")
        names = {"ms365_sync_enabled", "ms365_sync_direction"}
        self.assertLessEqual(names, set(user.SELF_WRITEABLE_FIELDS))
        self.assertLessEqual(names, set(user.SELF_READABLE_FIELDS))

    def test_fields_of_companies(self):
        self.assertFields(
            "res.company",
            ms365_client_id="char",
            ms365_client_secret="char",
            ms365_tenant_id="char",
        )

    def test_defaults_for_existing_rows_ask_nothing(self):
        """Odoo evaluates them at the installation, before all tables exist."""
        for model_name, model_class in self.registry.items():
            for field in model_class._fields.values():
                if field.store and field.default and self.is_ours(field):
                    with self.subTest(field=str(field)), self.assertQueryCount(0):
                        field.default(self.env[model_name])

    def test_no_stored_value_is_computed_for_existing_rows(self):
        """At the installation that would be done for each event and each user."""
        for model_class in self.registry.values():
            for field in model_class._fields.values():
                if self.is_ours(field) and not model_class._name.startswith("praetorx"):
                    with self.subTest(field=str(field)):
                        self.assertFalse(field.store and field.compute)

    def is_ours(self, field):
        """Tell whether one of our addons has added a field."""
        return bool(field._modules and field._modules[0].startswith("praetorx_"))

    def test_secrets_are_encrypted_fields(self):
        for model, name in (
            ("res.company", "ms365_client_secret"),
            ("res.users", "microsoft_calendar_rtoken"),
            ("res.users", "microsoft_calendar_token"),
            ("praetorx.ms365.account", "parked_refresh_token"),
            # Its rows outlive the saving of the settings, by a day perhaps.
            ("res.config.settings", "cal_microsoft_client_secret"),
        ):
            with self.subTest(field=name):
                self.assertIsInstance(self.env[model]._fields[name], EncryptedChar)

    def test_models(self):
        for name in (
            "account",
            "calendar",
            "event.link",
            "outbox",
            "notification",
            "subscription",
            "conflict",
            "sync.log",
        ):
            with self.subTest(model=name):
                model = self.env[f"praetorx.ms365.{name}"]
                self.assertTrue(model._auto)
                self.assertFalse(model._transient)

    def test_crons(self):
        for name, model, method in (
            ("ir_cron_dispatch", "praetorx.ms365.outbox", "_cron_dispatch"),
            ("ir_cron_pull", "praetorx.ms365.account", "_cron_pull"),
            ("ir_cron_delta_poll", "praetorx.ms365.account", "_cron_delta_poll"),
            (
                "ir_cron_renew_subscriptions",
                "praetorx.ms365.subscription",
                "_cron_renew",
            ),
        ):
            with self.subTest(cron=name):
                cron = self.env.ref(f"{ADDON}.{name}")
                self.assertTrue(cron.active)
                self.assertEqual(cron.model_id.model, model)
                self.assertIn(method, cron.code)
                self.assertEqual(cron.user_id, self.env.ref("base.user_root"))
                with self.enter_registry_test_mode():
                    cron.method_direct_trigger()

    def test_quiet_mailboxes_are_polled_every_quarter_of_an_hour(self):
        poll = self.env.ref(f"{ADDON}.ir_cron_delta_poll")
        self.assertEqual((poll.interval_number, poll.interval_type), (15, "minutes"))

    def test_endpoints_are_microsofts_unless_set(self):
        user = new_test_user(self.env, "ms365_new", groups="base.group_user")
        user.ms365_sync_enabled = True
        account = user.ms365_account_ids
        parameters = self.env["ir.config_parameter"].sudo()
        for name in ("graph_endpoint", "login_endpoint"):
            parameters.search([("key", "=", f"{ADDON}.{name}")]).unlink()
        self.assertEqual(account._graph_root(), "https://graph.microsoft.com")
        self.assertEqual(
            account._app_registration().login_root, "https://login.microsoftonline.com"
        )
        parameters.set_param(f"{ADDON}.graph_endpoint", "http://127.0.0.1:1/")
        self.assertEqual(account._graph_root(), "http://127.0.0.1:1")

    def test_webhooks_call_back_to_the_base_url_unless_set(self):
        parameters = self.env["ir.config_parameter"].sudo()
        subscription = self.env["praetorx.ms365.subscription"]
        parameters.search([("key", "=", f"{ADDON}.webhook_base_url")]).unlink()
        parameters.set_param("web.base.url", "https://odoo.example.com")
        self.assertEqual(subscription._webhook_root(), "https://odoo.example.com")
        parameters.set_param(f"{ADDON}.webhook_base_url", "https://hook.example.com")
        self.assertEqual(subscription._webhook_root(), "https://hook.example.com")

    def test_stock_sync_is_left_to_users_who_did_not_switch_it_on(self):
        user = new_test_user(self.env, "ms365_new", groups="base.group_user")
        before = user._get_microsoft_sync_status()
        user.ms365_sync_enabled = True
        self.assertEqual(user._get_microsoft_sync_status(), "sync_paused")
        user.ms365_sync_enabled = False
        self.assertEqual(user._get_microsoft_sync_status(), before)
