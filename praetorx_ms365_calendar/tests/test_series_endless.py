"""Series without an end: they stay so, and none of their dates counts as deleted."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.modules.migration import load_script
from odoo.tests import tagged

from ..engine.mapping.graph_reader import parse_event
from .common import attendee
from .test_series import NOW, SeriesCase

GUEST = {"attendees": [attendee("gus@example.com", "Gus")]}
DELETIONS = ("deleted_here", "deleted_there")


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class EndlessCase(SeriesCase):
    """Anna's window reaches 30 days ahead; her Mondays have no end."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account.write({"own_window": True, "days_ahead": 30})

    def endless(self, change_key="CK1", **values):
        """Return the master of a series without an end, and its instances."""
        master, instances = self.graph_series(change_key, count=30, **values)
        master["recurrence"]["range"]["type"] = "noEnd"
        del master["recurrence"]["range"]["numberOfOccurrences"]
        return master, instances

    def pulled_endless(self, change_key="CK1", **values):
        """Return the recurrence of a series without an end that came from Outlook."""
        recurrence = self.apply_series(*self.endless(change_key, **values))
        self.flush()
        return recurrence

    def flush(self):
        """Write everything, and read it anew, as the next transaction does."""
        self.env.flush_all()
        self.env.invalidate_all()

    def assertEndless(self, recurrence):
        self.flush()
        self.assertEqual(recurrence.end_type, "forever")
        self.assertFalse(recurrence._ms365_read_series().rule.count)

    def deletions(self):
        """Return what would be deleted in Outlook, or waits for a decision."""
        held = self.env["praetorx.ms365.hold"].search([("state", "=", "open")])
        return held, self.Link.search([("state", "in", DELETIONS)])


class TestEndlessSeries(EndlessCase):
    def test_for_ever_stays_for_ever_over_a_flush_and_a_second_reading(self):
        recurrence = self.pulled_endless(**GUEST)
        self.assertEndless(recurrence)
        with self.assertNothingCaptured():
            self.pulled_endless("CK2", **GUEST)
        self.assertEndless(recurrence)

    def test_edit_of_an_endless_series_sends_that_edit_alone(self):
        recurrence = self.pulled_endless(**GUEST)
        row = self.rows(recurrence)[1].with_user(self.anna)
        row.write({"name": "Daily", "recurrence_update": "all_events"})
        self.assertEndless(recurrence)
        self.assertEqual(self.written(recurrence)[2], {"subject": "Daily"})

    def test_for_ever_stays_for_ever_in_a_copy_and_in_a_split(self):
        recurrence = self.pulled_endless()
        copied = recurrence.copy()
        self.flush()
        self.assertEqual(copied.end_type, "forever")
        row = self.rows(recurrence)[2].with_user(self.anna)
        row.write({"name": "Late", "recurrence_update": "future_events"})
        self.assertEndless(row.recurrence_id)

    def test_for_ever_stays_for_ever_when_odoo_makes_it(self):
        event = self.new_event(
            start=NOW,
            stop=fields.Datetime.to_datetime(NOW) + timedelta(hours=1),
            recurrency=True,
            rrule_type="daily",
            end_type="forever",
        )
        self.assertEndless(event.recurrence_id)
        event.write({"interval": 2, "recurrence_update": "all_events"})
        self.assertEndless(event.recurrence_id)

    def test_wider_window_brings_its_dates_and_sends_nothing(self):
        recurrence = self.pulled_endless(**GUEST)
        before = self.rows(recurrence)
        self.account.days_ahead = 60
        with self.assertNothingCaptured():
            self.pulled_endless(**GUEST)
        after = self.rows(recurrence)
        self.assertEqual(after[: len(before)], before)
        self.assertEqual(after[-1].ms365_day, "2026-04-27")
        self.assertEndless(recurrence)
        self.assertFalse(any(self.deletions()))

    def test_edit_in_outlook_in_a_wider_window_deletes_no_dates(self):
        recurrence = self.pulled_endless(**GUEST)
        self.account.days_ahead = 300
        with self.assertNothingCaptured():
            self.pulled_endless("CK2", subject="Daily", **GUEST)
        self.assertEqual(len(self.rows(recurrence)), 30)
        self.assertFalse(any(self.deletions()))
        self.assertEqual(self.link("S1").state, "synced")

    def test_edit_in_odoo_in_a_wider_window_deletes_no_dates(self):
        recurrence = self.pulled_endless(**GUEST)
        row = self.rows(recurrence)[1].with_user(self.anna)
        row.write({"name": "Daily", "recurrence_update": "all_events"})
        self.account.days_ahead = 60
        self.pulled_endless("CK2", location={"displayName": "Hall"}, **GUEST)
        self.assertEqual(self.written(recurrence)[2], {"subject": "Daily"})
        self.assertEqual(self.rows(recurrence)[-1].ms365_day, "2026-04-27")

    def test_date_deleted_in_odoo_is_still_deleted_in_outlook(self):
        recurrence = self.pulled_endless()
        self.rows(recurrence)[1].with_user(self.anna).unlink()
        self.account.days_ahead = 60
        self.pulled_endless()
        method, path, _body = self.written(recurrence)
        self.assertEqual((method, path), ("DELETE", "S1.2026-03-09"))
        self.assertNotIn("2026-03-09", self.rows(recurrence).mapped("ms365_day"))

    def test_listed_series_is_read_again_once_the_window_has_grown(self):
        self.pulled_endless()
        link = self.link("S1")
        master = parse_event(self.endless()[0])
        self.assertTrue(link._holds_series(master, ()))
        self.account.days_ahead = 60
        self.assertFalse(link._holds_series(master, ()))

    def test_listed_series_that_is_over_is_not_read_again(self):
        self.pulled_series()
        self.account.days_ahead = 60
        master = parse_event(self.graph_series()[0])
        self.assertTrue(self.link("S1")._holds_series(master, ()))


class TestEndlessSeriesOfOldDatabases(EndlessCase):
    def migrate(self):
        """Run the migration over this database."""
        script = load_script(
            "praetorx_ms365_calendar/migrations/19.0.2.0.0/post-endless_series.py",
            "post-endless_series",
        )
        script.migrate(self.env.cr, "19.0.1.0.0")

    def make_720_of(self, recurrence):
        """Let the row say what it said after a flush in the former version."""
        self.flush()
        self.env.cr.execute(
            "UPDATE calendar_recurrence SET end_type = 'count', count = 720"
            " WHERE id = %s",
            [recurrence.id],
        )
        self.env.invalidate_all()

    def test_series_of_720_is_endless_again_and_nothing_is_sent(self):
        recurrence = self.pulled_endless(**GUEST)
        self.make_720_of(recurrence)
        with self.assertNothingCaptured():
            self.migrate()
            self.assertEndless(recurrence)
            self.pulled_endless("CK2", **GUEST)
        self.assertEndless(recurrence)
        self.assertNotIn("720", recurrence.name)

    def test_entry_that_would_have_told_outlook_of_720_sends_nothing(self):
        recurrence = self.pulled_endless(**GUEST)
        self.make_720_of(recurrence)
        self.Outbox._enqueue_series(recurrence)
        self.migrate()
        self.assertIsNone(self.plan(recurrence))

    def test_series_that_ends_after_720_in_outlook_too_keeps_its_end(self):
        recurrence = self.pulled_series()
        link = self.link("S1")
        self.make_720_of(recurrence)
        base = link.base_snapshot
        for side in base.values():
            side["rule"]["count"] = 720
        link.base_snapshot = base
        self.migrate()
        self.assertEqual((recurrence.end_type, recurrence.count), ("count", 720))

    def test_deletion_that_was_on_its_way_is_carried_out(self):
        recurrence = self.pulled_endless()
        self.rows(recurrence)[1].with_user(self.anna).unlink()
        recurrence.ms365_removed_days = False
        self.flush()
        self.migrate()
        self.assertEqual(self.written(recurrence)[1], "S1.2026-03-09")

    def test_date_that_nobody_has_deleted_is_not(self):
        recurrence = self.pulled_endless()
        self.rows(recurrence)[1]._ms365_for_sync(self.anna).unlink()
        self.migrate()
        self.Outbox._enqueue_series(recurrence)
        self.assertIsNone(self.plan(recurrence))
        self.pulled_endless("CK2")
        self.assertIn("2026-03-09", self.rows(recurrence).mapped("ms365_day"))
