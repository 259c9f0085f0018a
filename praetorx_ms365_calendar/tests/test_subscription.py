from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import TransactionCase, tagged

from .connect_common import TOKEN_PATH, ConnectCommon
from .microsoft import refused, tokens

SUBSCRIPTIONS = "/v1.0/subscriptions"
NOW = "2026-03-02 08:00:00"
URL = "https://odoo.example.com/praetorx_ms365/notification"


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestSubscription(ConnectCommon, TransactionCase):
    def setUp(self):
        super().setUp()
        self.account = self.connect(self.alice)
        self.cron = self.env.ref("praetorx_ms365_calendar.ir_cron_renew_subscriptions")
        self.microsoft.respond("GET", SUBSCRIPTIONS, (200, {"value": []}))

    @property
    def subscription(self):
        return self.account.subscription_ids

    def run_cron(self):
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()

    def grant(self, remote_id="graph-1", expires="2026-03-05T08:00:00.0000000Z"):
        answer = {"id": remote_id, "expirationDateTime": expires}
        self.microsoft.respond("POST", SUBSCRIPTIONS, (201, answer))

    def asked(self, method):
        return [ask for ask in self.microsoft.asked if ask[0] == method]

    def create_one(self):
        self.grant()
        self.run_cron()
        self.assertEqual(self.subscription.state, "active")
        self.microsoft.asked.clear()

    def test_created_by_itself_with_the_expiry_that_graph_grants(self):
        self.grant()
        self.account.pull_requested_at = False
        self.run_cron()
        self.assertRecordValues(
            self.subscription,
            [
                {
                    "state": "active",
                    "remote_id": "graph-1",
                    "expires_at": fields.Datetime.to_datetime("2026-03-05 08:00:00"),
                    "notification_url": URL,
                    "failures": 0,
                }
            ],
        )
        self.assertLess(self.subscription.renew_at, self.subscription.expires_at)
        [(_method, _path, body, headers)] = self.asked("POST")
        self.assertEqual(body["clientState"], self.subscription._client_state())
        self.assertEqual(body["notificationUrl"], URL)
        self.assertTrue(body["lifecycleNotificationUrl"].endswith("/lifecycle"))
        self.assertEqual(headers["Authorization"], "Bearer access-of-ms365_alice")
        # Changes before the first possible notification are read.
        asked = self.env["praetorx.ms365.notification"].search([])
        self.assertEqual((asked.account_id, asked.kind), (self.account, "missed"))

    def test_nothing_is_asked_while_nothing_is_due(self):
        self.create_one()
        self.run_cron()
        self.assertFalse(self.microsoft.asked)

    def test_renewed_before_it_ends(self):
        self.create_one()
        path = f"{SUBSCRIPTIONS}/graph-1"
        answer = {"id": "graph-1", "expirationDateTime": "2026-03-09T00:00:00Z"}
        self.microsoft.respond("PATCH", path, (200, answer))
        self.microsoft.respond("POST", TOKEN_PATH, tokens())
        with freeze_time(self.subscription.renew_at):
            self.run_cron()
        self.assertEqual(
            self.subscription.expires_at,
            fields.Datetime.to_datetime("2026-03-09 00:00:00"),
        )
        self.assertEqual(len(self.asked("PATCH")), 1)

    def test_expired_access_token_is_refreshed_first(self):
        self.alice.sudo().microsoft_calendar_token_validity = False
        self.microsoft.respond("POST", TOKEN_PATH, tokens("rotated", "fresh"))
        self.grant()
        self.run_cron()
        self.assertEqual(self.subscription.state, "active")
        self.assertEqual(self.alice.sudo().microsoft_calendar_rtoken, "rotated")

    def test_token_revoked_before_its_time_is_refreshed_once(self):
        unauthorized = {"error": {"code": "InvalidAuthenticationToken"}}
        granted = {"id": "graph-1", "expirationDateTime": "2026-03-05T08:00:00Z"}
        self.microsoft.respond(
            "POST", SUBSCRIPTIONS, (401, unauthorized), (201, granted)
        )
        self.microsoft.respond("POST", TOKEN_PATH, tokens())
        self.run_cron()
        self.assertEqual(self.subscription.state, "active")

    def test_vanished_one_is_created_anew_and_the_mailbox_read(self):
        self.create_one()
        self.account.pull_requested_at = False
        self.microsoft.respond("POST", TOKEN_PATH, tokens())
        self.grant("graph-2")
        with freeze_time(self.subscription.renew_at):
            self.run_cron()
            self.assertEqual(self.subscription.state, "to_create")
            self.assertTrue(self.account.pull_requested_at)
            self.run_cron()
        self.assertEqual(self.subscription.remote_id, "graph-2")

    def test_refusal_is_told_and_tried_again_next_day(self):
        error = {"error": {"code": "ValidationError", "message": "must respond"}}
        self.microsoft.respond("POST", SUBSCRIPTIONS, (400, error))
        self.run_cron()
        self.assertEqual(self.subscription.state, "refused")
        self.assertIn("ValidationError", self.subscription.reason)
        self.assertIn("15 minutes", self.account.status)
        self.microsoft.asked.clear()
        self.run_cron()
        self.assertFalse(self.microsoft.asked)
        self.microsoft.respond("POST", TOKEN_PATH, tokens())
        self.grant()
        with freeze_time(fields.Datetime.now() + timedelta(days=1, minutes=1)):
            self.run_cron()
        self.assertEqual(self.subscription.state, "active")

    def test_address_that_graph_cannot_call_is_not_even_tried(self):
        set_param = self.env["ir.config_parameter"].set_param
        name = "praetorx_ms365_calendar.webhook_base_url"
        set_param(name, "http://odoo.example.com")
        self.run_cron()
        self.assertEqual(self.subscription.state, "refused")
        self.assertIn("http", self.subscription.reason)
        self.assertFalse(self.microsoft.asked)
        set_param(name, "https://odoo.example.com")
        self.grant()
        self.run_cron()
        self.assertEqual(self.subscription.state, "active")

    def test_moved_server_subscribes_under_its_new_address(self):
        self.create_one()
        self.env["ir.config_parameter"].set_param(
            "praetorx_ms365_calendar.webhook_base_url", "https://new.example.com"
        )
        self.microsoft.respond("DELETE", f"{SUBSCRIPTIONS}/graph-1", (204, None))
        self.grant("graph-2")
        self.run_cron()
        self.assertEqual(self.subscription.remote_id, "graph-2")
        self.assertTrue(
            self.subscription.notification_url.startswith("https://new.example.com")
        )

    def test_duplicate_of_a_lost_response_is_replaced(self):
        conflict = {"error": {"code": "Conflict", "message": "already exists"}}
        granted = {"id": "graph-2", "expirationDateTime": "2026-03-05T08:00:00Z"}
        self.microsoft.respond("POST", SUBSCRIPTIONS, (409, conflict), (201, granted))
        strays = [
            {"id": "stray", "notificationUrl": URL},
            {"id": "foreign", "notificationUrl": "https://else.example.com/hook"},
        ]
        self.microsoft.respond("GET", SUBSCRIPTIONS, (200, {"value": strays}))
        self.microsoft.respond("DELETE", f"{SUBSCRIPTIONS}/stray", (204, None))
        self.run_cron()
        self.assertEqual(self.subscription.remote_id, "graph-2")
        paths = {path for _method, path, _body, _headers in self.asked("DELETE")}
        self.assertEqual(paths, {f"{SUBSCRIPTIONS}/stray"})

    def test_switching_off_ends_it_at_graph_and_on_makes_a_new_one(self):
        self.create_one()
        self.alice.ms365_sync_enabled = False
        self.assertEqual(self.subscription.state, "to_delete")
        self.microsoft.respond("POST", TOKEN_PATH, tokens("rotated"))
        self.microsoft.respond("DELETE", f"{SUBSCRIPTIONS}/graph-1", (204, None))
        self.run_cron()
        self.assertEqual(self.subscription.state, "removed")
        self.assertEqual(len(self.asked("DELETE")), 1)
        self.assertEqual(self.account.parked_refresh_token, "rotated")
        self.assertFalse(self.alice.sudo().microsoft_calendar_rtoken)
        self.alice.ms365_sync_enabled = True
        self.grant("graph-2")
        self.run_cron()
        self.assertEqual(self.subscription.remote_id, "graph-2")

    def test_another_mailbox_gets_its_own(self):
        self.create_one()
        self.account.mailbox_id = "mailbox-9"
        self.grant("graph-9")
        self.run_cron()
        self.assertEqual(self.subscription.remote_id, "graph-9")
        self.assertEqual(self.subscription.mailbox_id, "mailbox-9")

    def test_one_account_in_trouble_does_not_stop_the_others(self):
        self.alice.sudo().microsoft_calendar_token_validity = False
        other = self.connect(self.bob, mailbox="mailbox-2")
        self.microsoft.respond("POST", TOKEN_PATH, refused("invalid_grant", 50173))
        self.grant()
        self.run_cron()
        self.assertEqual(self.account.state, "sign_in_again")
        self.assertEqual(other.subscription_ids.state, "active")

    def test_reauthorization_renews_at_most_every_ten_minutes(self):
        self.create_one()
        self.subscription._apply_lifecycle("reauthorizationRequired")
        soonest = self.subscription.last_try_at + timedelta(minutes=10)
        self.assertEqual(self.subscription.renew_at, soonest)
        self.run_cron()
        self.assertFalse(self.microsoft.asked)

    def test_missed_notifications_have_the_mailbox_read(self):
        self.create_one()
        self.account.pull_requested_at = False
        self.env["praetorx.ms365.notification"]._store(
            [(self.account.id, self.subscription.id, "missed", None)]
        )
        self.run_cron()
        self.assertTrue(self.account.pull_requested_at)
        self.assertEqual(self.subscription.state, "active")
        self.assertFalse(self.env["praetorx.ms365.notification"].search([]))

    def test_mailbox_that_was_set_up_wrong_is_tried_again(self):
        self.account.write(
            {"state": "configuration", "not_before": fields.Datetime.now()}
        )
        self.grant()
        self.run_cron()
        self.assertEqual(self.account.state, "active")
        self.assertEqual(self.subscription.state, "active")
