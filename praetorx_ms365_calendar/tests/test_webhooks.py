import json
import logging
from urllib.parse import quote, quote_plus

from odoo.tests import HttpCase, tagged

from .connect_common import ConnectCommon

NOTIFICATION = "/praetorx_ms365/notification"
LIFECYCLE = "/praetorx_ms365/lifecycle"
LOGGER = "odoo.addons.praetorx_ms365_calendar.models.account.subscription"


@tagged("post_install", "-at_install")
class TestWebhooks(ConnectCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.connect(cls.alice)
        cls.subscription = cls.account.subscription_ids
        cls.subscription.write({"remote_id": "graph-1", "state": "active"})

    def post(self, url, data, content_type="application/json"):
        if not isinstance(data, (bytes, str)):
            data = json.dumps(data)
        headers = {"Content-Type": content_type}
        return self.url_open(url, data=data or b"{}", headers=headers)

    def entry(self, **values):
        return {
            "subscriptionId": "graph-1",
            "clientState": self.subscription._client_state(),
            "changeType": "updated",
            "resource": "Users/u/Events/e",
            "resourceData": {"id": "event-1", "@odata.etag": 'W/"1"'},
            **values,
        }

    def notifications(self):
        return self.env["praetorx.ms365.notification"].search([])

    # --- handshake ------------------------------------------------------------------

    def test_handshake_repeats_the_decoded_token_as_text(self):
        token = "Validation: 100% a+b c=d&e é <script>alert(1)</script>"
        for url in (NOTIFICATION, LIFECYCLE):
            for encode in (quote, quote_plus):
                with self.subTest(url=url, encode=encode.__name__):
                    response = self.url_open(
                        f"{url}?validationToken={encode(token, safe='')}",
                        method="POST",
                        headers={"Content-Type": "text/plain; charset=utf-8"},
                    )
                    self.assertEqual(response.status_code, 200)
                    self.assertEqual(response.content.decode(), token)
                    self.assertEqual(
                        response.headers["Content-Type"], "text/plain; charset=utf-8"
                    )
                    self.assertEqual(
                        response.headers["X-Content-Type-Options"], "nosniff"
                    )
                    self.assertNotIn(
                        "session_id", response.headers.get("Set-Cookie", "")
                    )

    def test_handshake_repeats_no_novel(self):
        response = self.url_open(
            f"{NOTIFICATION}?validationToken={'x' * 1025}", method="POST"
        )
        self.assertEqual(response.status_code, 400)
        self.assertFalse(response.content)

    def test_handshake_is_not_read_from_the_body(self):
        form = "application/x-www-form-urlencoded"
        response = self.post(NOTIFICATION, "validationToken=from-the-body", form)
        self.assertEqual(response.status_code, 400)
        self.assertFalse(response.content)

    def test_only_post_is_served(self):
        for url in (NOTIFICATION, LIFECYCLE):
            response = self.url_open(f"{url}?validationToken=x")
            self.assertEqual(response.status_code, 405)

    # --- bad bodies -----------------------------------------------------------------

    def test_too_large_body_is_refused(self):
        response = self.post(NOTIFICATION, b" " * (1024 * 1024 + 1))
        self.assertEqual(response.status_code, 413)

    def test_too_large_body_without_length_is_refused(self):
        chunks = (b" " * 65536 for _number in range(17))
        response = self.url_open(
            NOTIFICATION, data=chunks, headers={"Content-Type": "application/json"}
        )
        self.assertIn(response.status_code, (400, 413))
        self.assertFalse(self.notifications())

    def test_malformed_body_is_refused(self):
        for body in (
            b"{",
            b"[]",
            b'"text"',
            b"{}",
            b'{"value": {}}',
            b"\xff\xfe",
            b"[" * 100_000,
        ):
            with self.subTest(body=body[:10]):
                response = self.post(NOTIFICATION, body)
                self.assertEqual(response.status_code, 400)
        self.assertFalse(self.notifications())

    # --- forgeries ------------------------------------------------------------------

    def test_forged_and_unknown_get_the_same_response_as_genuine_ones(self):
        genuine = self.post(NOTIFICATION, {"value": [self.entry()]})
        self.assertEqual(len(self.notifications()), 1)
        self.notifications().unlink()
        with self.assertLogs(LOGGER, logging.INFO) as logs:
            forged = self.post(
                NOTIFICATION, {"value": [self.entry(clientState="0" * 64)]}
            )
            unknown = self.post(
                NOTIFICATION, {"value": [self.entry(subscriptionId="graph-2")]}
            )
        self.assertFalse(self.notifications())
        for response in (genuine, forged, unknown):
            self.assertEqual(response.status_code, 202)
            self.assertEqual(response.content, b"")
        self.assertEqual(set(forged.headers), set(genuine.headers))
        self.assertEqual(set(unknown.headers), set(genuine.headers))
        text = "".join(logs.output)
        self.assertIn("graph-2", text)
        self.assertNotIn(self.subscription._client_state(), text)

    def test_log_line_cannot_be_forged(self):
        with self.assertLogs(LOGGER, logging.INFO) as logs:
            self.post(
                NOTIFICATION,
                {"value": [self.entry(subscriptionId="x\n2026 ERROR it burns")]},
            )
        self.assertNotIn("\n2026", "".join(logs.output))

    def test_client_state_of_another_mailbox_does_not_count(self):
        other = self.connect(self.bob, mailbox="mailbox-2").subscription_ids
        other.write({"remote_id": "graph-2", "state": "active"})
        entry = self.entry(subscriptionId="graph-2")
        self.post(NOTIFICATION, {"value": [entry]})
        self.assertFalse(self.notifications())

    # --- genuine ones ---------------------------------------------------------------

    def test_genuine_ones_are_stored_and_wake_the_puller(self):
        cron = self.env.ref("praetorx_ms365_calendar.ir_cron_pull")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.post(
            NOTIFICATION,
            {"value": [self.entry(), self.entry(clientState="x"), {"a": "b"}, 7]},
        )
        stored = self.notifications()
        self.assertRecordValues(
            stored,
            [
                {
                    "account_id": self.account.id,
                    "subscription_id": self.subscription.id,
                    "kind": "change",
                    "remote_id": "event-1",
                }
            ],
        )
        woken = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertTrue(woken - triggers)

    def test_puller_takes_all_of_a_mailbox_at_once(self):
        self.post(NOTIFICATION, {"value": [self.entry() for _number in range(50)]})
        Notification = self.env["praetorx.ms365.notification"]
        self.assertEqual(Notification._pop(self.account), (50, set()))
        self.assertEqual(Notification._pop(self.account), (0, set()))

    def test_lifecycle_events_reach_the_subscription(self):
        self.post(
            LIFECYCLE,
            {"value": [self.entry(lifecycleEvent="subscriptionRemoved")]},
        )
        self.assertEqual(self.notifications().kind, "subscriptionRemoved")
        count, kinds = self.env["praetorx.ms365.notification"]._pop(self.account)
        self.assertEqual((count, kinds), (1, {"subscriptionRemoved"}))
        self.assertEqual(self.subscription.state, "to_create")
        self.assertFalse(self.subscription.remote_id)
        self.assertTrue(self.account.pull_requested_at)
