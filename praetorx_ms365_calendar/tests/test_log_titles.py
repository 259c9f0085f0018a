from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..engine.errors import TryLater
from ..graph.client import GraphResponse
from ..sync.push.work import PushWork
from .common import new_administrator
from .test_series import NOW, SeriesCase


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestLogTitles(SeriesCase):
    """Test that each row of the log names its event as it was called at the time."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = new_administrator(cls.env)

    def setUp(self):
        super().setUp()
        self.last_id = self.Log.search([], limit=1).id or 0

    def titles(self, viewer=None):
        """Return the titles of all rows of this test, oldest first."""
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.Log.with_user(viewer or self.anna).search(
            [("id", ">", self.last_id)], order="id"
        )
        return [row.title for row in rows]

    def fail_to_send(self):
        """Let Microsoft be away while the outbox is sent."""
        job = PushWork(self.env).claim(self.account.id)
        error = TryLater("no answer", after_seconds=60)
        job.record([GraphResponse(503, {}, None, "request-1", error)])

    def test_row_keeps_the_name_of_its_time(self):
        event = self.pulled()
        self.pull(self.remote("R1", "CK2", subject="Dinner"))
        self.assertEqual(event.name, "Dinner")
        self.assertEqual(self.titles(), ["Lunch", "Dinner"])

    def test_retry_is_named(self):
        event = self.pulled()
        event.with_user(self.anna).name = "Dinner"
        self.fail_to_send()
        row = self.Log.search([], limit=1)
        self.assertEqual((row.outcome, row.event_id), ("later", event))
        self.assertEqual(self.titles()[-1], "Dinner")

    def test_retry_of_a_series_is_named_and_opens_an_event(self):
        self.apply_series(*self.graph_series())
        recurrence = self.link("S1").recurrence_id
        event = recurrence.base_event_id.with_user(self.anna)
        event.write({"name": "Jour fixe", "recurrence_update": "all_events"})
        self.fail_to_send()
        row = self.Log.search([], limit=1)
        self.assertEqual((row.outcome, row.event_id), ("later", event))
        self.assertEqual(self.titles()[-1], "Jour fixe")

    def test_event_that_is_gone_keeps_its_name(self):
        event = self.pulled()
        event.with_user(self.anna).unlink()
        self.assertEqual(self.titles(), ["Lunch"])
        self.assertEqual(self.titles(self.admin), ["Lunch"])

    def test_deletion_of_an_event_that_is_gone_is_named(self):
        event = self.pulled()
        event.with_user(self.anna).unlink()
        job = PushWork(self.env).claim(self.account.id)
        job.record([GraphResponse(204, {}, None, "request-1", None)])
        row = self.Log.search([], limit=1)
        self.assertEqual((row.operation, row.outcome), ("delete", "done"))
        self.assertEqual(self.titles()[-1], "Lunch")

    def test_private_name_is_for_the_owner_of_the_mailbox(self):
        self.pulled(sensitivity="private", subject="Doctor")
        self.assertEqual(self.titles(), ["Doctor"])
        self.assertEqual(self.titles(self.admin), ["Private event"])

    def test_private_name_stays_hidden_when_the_event_is_gone(self):
        event = self.pulled(sensitivity="private", subject="Doctor")
        event.with_user(self.anna).unlink()
        self.assertEqual(self.titles(self.admin), ["Private event"])

    def test_event_that_became_private_hides_its_earlier_names(self):
        event = self.pulled(subject="Doctor")
        self.pull(self.remote("R1", "CK2", subject="Dentist", sensitivity="private"))
        self.assertEqual(self.titles(self.admin), ["Private event"] * 2)
        event.with_user(self.anna).unlink()
        self.assertEqual(self.titles(self.admin), ["Private event"] * 2)
        self.assertEqual(self.titles(), ["Doctor", "Dentist"])

    def test_search_finds_names_of_the_time_and_no_private_ones(self):
        self.pulled(subject="Doctor", sensitivity="private")
        self.pulled("R2", subject="Doctor Who")

        def found(viewer):
            rows = self.Log.with_user(viewer).search([("title", "ilike", "doctor")])
            return sorted(rows.mapped("title"))

        self.assertEqual(found(self.anna), ["Doctor", "Doctor Who"])
        self.assertEqual(found(self.admin), ["Doctor Who"])

    def test_names_cost_no_statement_for_each_event(self):
        def statements(first, count):
            payloads = [self.remote(f"R{first + n}") for n in range(count)]
            self.pull(*payloads)
            rows = [
                {
                    "operation": "update",
                    "outcome": "done",
                    "event_id": self.link(one["id"]).event_id.id,
                }
                for one in payloads
            ]
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.Log._log_many(self.account, rows)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        self.assertEqual(statements(100, 2), statements(200, 20))

    def test_changed_fields_are_in_words(self):
        self.pulled()
        self.pull(self.remote("R1", "CK2", subject="Dinner", showAs="free"))
        row = self.Log.search([], limit=1)
        self.assertEqual(row.changed_fields, "Subject, Show as")

    def test_row_opens_its_event(self):
        event = self.pulled()
        row = self.Log.with_user(self.anna).search([], limit=1)
        self.assertEqual(row.action_open_event()["res_id"], event.id)

    def test_list_hides_rows_without_a_change(self):
        for name in ("", "_mine"):
            action = self.env.ref(
                f"praetorx_ms365_calendar.praetorx_ms365_sync_log_action{name}"
            )
            self.assertIn("search_default_changes", action.context)

    def test_log_is_kept_as_long_as_the_setting_says(self):
        self.Log._log(self.account, operation="read", outcome="done")
        row = self.Log.search([], limit=1)
        Settings = self.env["res.config.settings"]
        self.assertEqual(Settings.create({}).ms365_keep_days, 90)
        for days, is_kept in ((90, True), (30, False)):
            Settings.create({"ms365_keep_days": days}).execute()
            row.create_date = fields.Datetime.now() - timedelta(days=60)
            self.env.flush_all()
            self.Log._gc_old()
            self.assertEqual(bool(row.exists()), is_kept)

    def test_setting_of_no_day_is_refused(self):
        with self.assertRaises(ValidationError):
            self.env["res.config.settings"].create({"ms365_keep_days": 0})
