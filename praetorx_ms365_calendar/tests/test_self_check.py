"""The self-check compares both sides by content and writes nothing to Graph."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..graph.client import GraphResponse
from ..sync.pull.work import PullWork
from .common import attendee
from .test_noticed import NoticedCase
from .test_series import NOW, SeriesCase

_DIFFERENCE = (
    "odoo.addons.praetorx_ms365_calendar.models.conflict.difference_comparison"
)


class CheckCase(NoticedCase):
    def setUp(self):
        super().setUp()
        self.account._default_calendar().stamps_read = True
        self.account.calendars_read_at = fields.Datetime.now()
        self.requests = []

    def check(self, *pages):
        """Run the self-check; Graph answers with these pages, one after another."""
        self.account.pull_requested_at = False
        self.account.action_check_now()
        for number, items in enumerate(pages, start=1):
            self.env.flush_all()
            body = {"value": list(items)}
            if number < len(pages):
                root = self.account._graph_root()
                body["@odata.nextLink"] = f"{root}/v1.0/me/calendarView?page={number}"
            job = PullWork(self.env).claim(self.account.id)
            job.record([GraphResponse(200, {}, body, "request-1", None)])
        self.env.flush_all()
        self.env.invalidate_all()

    def found(self):
        """Return side, names and state of all findings of the check."""
        rows = self.Difference.search([("cause", "=", "unknown")], order="id")
        return [(row.side, row.field_names, row.state) for row in rows]


@tagged("post_install", "-at_install")
class TestSelfCheck(CheckCase):
    def test_equal_sides_have_no_difference(self):
        self.pulled("R1")
        self.pulled("R2", attendees=[attendee("gus@example.com")])
        with self.assertNothingCaptured():
            self.check(
                [self.remote("R1")],
                [self.remote("R2", attendees=[attendee("gus@example.com")])],
            )
        self.assertEqual(self.found(), [])
        self.assertEqual(self.account.checked_event_count, 2)
        self.assertIn("Events: 2, no difference", self.account.check_summary)
        self.assertIn("today", self.account.check_summary)

    def test_next_check_is_a_day_later(self):
        self.check([])
        later = self.account.check_due_at - fields.Datetime.now()
        self.assertAlmostEqual(later / timedelta(hours=24), 1, places=1)
        self.assertFalse(PullWork(self.env).claim(self.account.id))

    def test_title_changed_by_raw_sql_is_sent_where_nobody_is_invited(self):
        event = self.pulled()
        self.change_quietly(event, "name", "Party")
        self.check([self.remote()])
        self.assertEqual(self.found(), [("odoo", ["subject"], "to_send")])
        self.assertEqual(self.named(event.id), [{"subject"}])
        self.assertIn("differences: 1", self.account.check_summary)

    def test_title_changed_by_raw_sql_is_asked_where_it_mails(self):
        guests = [attendee("gus@example.com")]
        event = self.pulled(attendees=guests)
        self.change_quietly(event, "name", "Party")
        self.check([self.remote(attendees=guests)])
        self.assertEqual(self.found(), [("odoo", ["subject"], "asked")])
        self.assertFalse(self.pending(event.id))
        approval = self.Approval.search([])
        self.assertEqual((approval.kind, approval.mail_count), ("noticed", 1))

    def test_difference_is_asked_once_only(self):
        guests = [attendee("gus@example.com")]
        self.change_quietly(self.pulled(attendees=guests), "name", "Party")
        for _day in range(2):
            self.check([self.remote(attendees=guests)])
        self.assertEqual(len(self.Approval.search([])), 1)
        self.assertEqual(len(self.found()), 1)

    def test_difference_that_stays_after_reading_is_counted_once(self):
        self.pulled()
        item = self.remote(location={"displayName": "Roof"})
        for day, text in enumerate(("differences: 1", "no new difference")):
            self.check([item])
            self.link().write(self.Link._READ)
            state = "shown" if day else "read"
            self.assertEqual(self.found(), [("outlook", ["location"], state)])
            self.assertIn(text, self.account.check_summary)
        self.check([self.remote()])
        self.assertEqual(self.found(), [("outlook", ["location"], "over")])
        self.assertIn("no difference", self.account.check_summary)

    def test_event_missing_in_the_view_for_days_is_counted_once(self):
        self.pulled()
        for _day in range(2):
            self.check([])
            self.link().write(self.Link._READ)
        self.assertEqual(self.found(), [("outlook", ["deleted"], "shown")])
        self.assertEqual(self.account.check_found_count, 0)

    def test_difference_that_cannot_be_processed_is_shown_once(self):
        self.change_quietly(self.pulled(), "name", "Party")
        self.env.flush_all()
        self.env.cr.execute(
            "ALTER TABLE praetorx_ms365_outbox"
            " ADD CONSTRAINT nothing_new CHECK (false) NOT VALID"
        )
        with mute_logger(_DIFFERENCE, "odoo.sql_db"):
            for _day in range(2):
                self.check([self.remote()])
        self.assertEqual(self.found(), [("odoo", ["subject"], "shown")])
        self.assertEqual(self.account.check_found_count, 0)

    def test_difference_sent_in_vain_is_shown_and_not_sent_again(self):
        event = self.pulled()
        self.change_quietly(event, "name", "Party")
        for _day in range(2):
            self.check([self.remote()])
            self.clear_outbox()  # nothing has come of it
        self.assertEqual(self.found(), [("odoo", ["subject"], "shown")])
        self.assertEqual(len(self.entries(event)), 1)

    def test_the_next_difference_of_an_event_is_a_new_one(self):
        event = self.pulled()
        self.change_quietly(event, "name", "Party")
        self.check([self.remote()])
        self.clear_outbox()
        self.pull(self.remote(change_key="CK2", subject="Party"))
        self.change_quietly(event, "name", "Picnic")
        self.check([self.remote(change_key="CK2", subject="Party")])
        self.assertEqual([row[2] for row in self.found()], ["sent", "to_send"])

    def test_edit_on_its_way_is_no_difference(self):
        event = self.pulled()
        event.with_user(self.anna).name = "Dinner"
        self.check([self.remote()])
        self.assertEqual(self.found(), [])

    def test_change_in_outlook_under_the_known_version_is_read_again(self):
        event = self.pulled()
        self.check([self.remote(location={"displayName": "Roof"})])
        self.assertEqual(self.found(), [("outlook", ["location"], "read")])
        self.assertTrue(self.link().needs_read)
        self.assertFalse(self.pending(event.id))

    def test_newer_version_is_on_its_way_and_no_difference(self):
        self.pulled()
        self.check([self.remote(change_key="CK2", subject="Dinner")])
        self.assertEqual(self.found(), [])
        self.assertTrue(self.link().needs_read)

    def test_copy_beside_the_primary_one_is_not_compared(self):
        self.pulled()
        self.link().is_primary = False
        self.check([self.remote(location={"displayName": "Roof"})])
        self.assertEqual(self.found(), [])

    def test_event_that_the_view_lacks_is_read_again(self):
        self.pulled("R1")
        self.pulled("R2")
        self.check([self.remote("R2")])
        self.assertEqual(self.found(), [("outlook", ["deleted"], "read")])
        self.assertTrue(self.link("R1").needs_read)

    def test_event_that_never_arrived_has_the_calendar_listed_again(self):
        self.check([self.remote("R9")])
        self.assertTrue(self.account._default_calendar().restart_requested)

    def test_page_costs_no_statement_per_event(self):
        costs = {}
        for count in (2, 10, 60):  # the first one fills caches
            ids = [f"N{count}.{number}" for number in range(count)]
            self.pull(*(self.remote(one) for one in ids))
            items = [self.remote(one) for one in ids]
            self.Link.search([("remote_id", "not in", ids)]).unlink()
            before = self.env.cr.sql_log_count
            self.check(items)
            costs[count] = self.env.cr.sql_log_count - before
        self.assertLess(costs[60] - costs[10], 60)
        self.assertEqual(self.found(), [])


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestSelfCheckOfSeries(CheckCase, SeriesCase):
    def view(self, **values):
        """Return the occurrences of a series as the calendar view lists them."""
        master, instances = self.graph_series(**values)
        full = {one["id"]: one for one in master["exceptionOccurrences"]}
        shared = {
            name: value
            for name, value in master.items()
            if name not in ("recurrence", "exceptionOccurrences", "id", "changeKey")
        }
        return [
            full.get(one["id"])
            or {**shared, **one, "changeKey": one["@odata.etag"][3:-1]}
            for one in instances
        ]

    def test_equal_series_has_no_difference(self):
        changed = {"2026-03-09": {"subject": "Retro"}}
        self.pulled_series(exceptions=changed)
        with self.assertNothingCaptured():
            self.check(self.view(exceptions=changed))
        self.assertEqual(self.found(), [])
        self.assertEqual(self.account.checked_event_count, 4)

    def test_rows_changed_by_raw_sql_are_sent(self):
        recurrence = self.pulled_series()
        self.change_quietly(self.rows(recurrence)[1], "location", "Cellar")
        self.check(self.view())
        self.assertEqual(self.found(), [("odoo", ["location"], "to_send")])
        self.assertEqual(self.named(recurrence._ms365_event_key()), [{"location"}])

    def test_difference_of_a_series_that_is_over_is_found_once(self):
        recurrence = self.pulled_series()
        with freeze_time("2026-03-27 08:00:00"):
            self.connect_again()
            self.open_the_window()
            self.change_quietly(self.rows(recurrence)[1], "location", "Cellar")
            for _day in range(2):
                self.check(self.view())
        self.assertEqual(self.found(), [("odoo", ["location"], "to_send")])
        self.assertEqual(self.named(recurrence._ms365_event_key()), [{"location"}])

    def connect_again(self):
        """Let the mailbox be read and signed in to just now."""
        now = fields.Datetime.now()
        self.account.calendars_read_at = now
        self.anna.sudo().microsoft_calendar_token_validity = now + timedelta(hours=1)

    def test_series_is_shown_once_for_all_its_occurrences(self):
        self.pulled_series()
        items = self.view()
        for item in items:
            item["subject"] = "Retro"
        self.check(items)
        self.assertEqual(self.found(), [("outlook", ["subject"], "read")])

    def test_occurrence_changed_in_outlook_is_read_again(self):
        self.pulled_series()
        items = self.view()
        items[1]["subject"] = "Retro"
        self.check(items)
        self.assertEqual(self.found(), [("outlook", ["subject"], "read")])
        self.assertTrue(self.link("S1").needs_read)
