"""Series without an end: they stay so, and none of their dates counts as deleted."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.modules.migration import load_script
from odoo.tests import tagged

from ..engine.mapping.graph_reader import parse_event
from ..hooks import post_init_hook
from ..sync.push.planner import Planner
from .common import attendee, graph_time
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
        """Return the deletions in Outlook that would be sent or wait for a decision."""
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
        self.assertTrue(link._is_known_series_version(master, ()))
        self.account.days_ahead = 60
        self.assertFalse(link._is_known_series_version(master, ()))

    def test_listed_series_that_is_over_is_not_read_again(self):
        self.pulled_series()
        self.account.days_ahead = 60
        master = parse_event(self.graph_series()[0])
        self.assertTrue(self.link("S1")._is_known_series_version(master, ()))


class TestEndlessSeriesOfStockOdoo(EndlessCase):
    """Odoo alone makes 720 times of "for ever": nothing else is left in such a row."""

    def left_by_stock(self, user=None, **vals):
        """Return a series for ever of Cleo, as it is before our addons are there."""
        user = user or self.cleo
        event = self.env["calendar.event"]._ms365_for_sync(user)
        event = event.create(
            {
                "name": "Standup",
                "user_id": user.id,
                "partner_ids": user.partner_id.ids,
                "start": NOW,
                "stop": fields.Datetime.to_datetime(NOW) + timedelta(hours=1),
                "recurrency": True,
                "rrule_type": "weekly",
                "mon": True,
                "end_type": "forever",
                "event_tz": "Europe/Berlin",
                **vals,
            }
        )
        recurrence = self.env["calendar.recurrence"].browse(event.recurrence_id.id)
        self.flush()
        self.env.cr.execute(
            "UPDATE calendar_recurrence SET end_type = 'count', count = 720,"
            " name = 'Every 1 Weeks on Monday for 720 events' WHERE id = %s",
            [recurrence.id],
        )
        self.env.invalidate_all()
        return recurrence

    def installed(self, recurrence):
        """Install our addons, and let its organizer sync; return the mailbox."""
        post_init_hook(self.env)
        self.account = self.connect(recurrence.base_event_id.user_id)
        return self.account

    def sent(self, account, recurrence):
        """Return the write of the first sync for a series."""
        self.Outbox._enqueue_upserts(recurrence.base_event_id)
        self.flush()
        entry = self.Outbox.search(
            [("event_key", "=", recurrence._ms365_event_key())], order="id", limit=1
        )
        return Planner(account, entry).plan(entry)

    def test_it_is_sent_without_an_end(self):
        recurrence = self.left_by_stock()
        account = self.installed(recurrence)
        body = self.sent(account, recurrence).request.body
        self.assertEqual(body["recurrence"]["range"]["type"], "noEnd")
        self.assertEndless(recurrence)
        self.assertNotIn("720", recurrence.name)

    def read_back(self, account, recurrence):
        """Send a series for the first time, and read it twice."""
        sending = self.sent(account, recurrence)
        sending.entries.write({"state": "sending", **sending.entry_vals})
        key = sending.entries[-1].idempotency_key
        for change_key in ("CK1", "CK2"):
            master, _instances = self.endless(change_key, transactionId=key)
            instances = [
                {
                    "id": f"S1.{row.ms365_day}",
                    "@odata.etag": f'W/"{change_key}"',
                    "type": "occurrence",
                    "seriesMasterId": "S1",
                    "start": graph_time(row.start),
                    "end": graph_time(row.stop),
                    "isAllDay": False,
                }
                for row in self.rows(recurrence)
            ]
            with self.assertNothingCaptured():
                self.apply_series(master, instances, account.calendar_ids)

    def test_second_reading_after_the_first_sync_sends_nothing(self):
        recurrence = self.left_by_stock()
        account = self.installed(recurrence)
        self.read_back(account, recurrence)
        self.assertEqual(self.link("S1").recurrence_id, recurrence)
        self.assertEqual(self.link("S1").state, "synced")
        self.assertIsNone(self.link("S1")._next_series_write())
        self.assertEqual(len(self.rows(recurrence)), 720)
        self.assertEndless(recurrence)

    def test_edit_of_one_of_many_rows_is_sent_or_refused(self):
        """Rows reach to 2039; Graph shows five years at once."""
        recurrence = self.left_by_stock()
        account = self.installed(recurrence)
        self.read_back(account, recurrence)
        rows = self.rows(recurrence).with_user(self.cleo)
        with self.assertRaisesRegex(UserError, "too far"), self.env.cr.savepoint():
            rows[-1].name = "Last"
        with self.assertRaisesRegex(UserError, "too far"), self.env.cr.savepoint():
            rows[-1].unlink()
        rows[1].name = "Second"
        method, path, body = self.written(recurrence)
        self.assertEqual((method, path), ("PATCH", "S1.2026-03-09"))
        self.assertEqual(body, {"subject": "Second"})

    def test_series_with_many_rows_is_deleted_as_a_whole(self):
        recurrence = self.left_by_stock()
        account = self.installed(recurrence)
        self.read_back(account, recurrence)
        row = self.rows(recurrence)[0].with_user(self.cleo)
        for method in ("action_mass_archive", "action_mass_deletion"):
            with self.env.cr.savepoint() as savepoint:
                getattr(row, method)("all_events")
                self.flush()
                self.assertEqual(self.link("S1").state, "deleted_here", method)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_installing_rewrites_no_row(self):
        recurrence = self.left_by_stock()
        post_init_hook(self.env)
        self.flush()
        self.assertEqual((recurrence.end_type, recurrence.count), ("count", 720))
        self.assertIn("720", recurrence.name)

    def test_it_is_counted_and_shown_as_endless_before_it_is_sent(self):
        recurrence = self.left_by_stock()
        self.installed(recurrence)
        self.assertIsNone(recurrence._ms365_read_series().rule.count)
        self.assertEqual(recurrence.end_type, "count")

    def test_edit_of_it_before_it_is_sent_makes_no_720_of_it(self):
        recurrence = self.left_by_stock()
        self.installed(recurrence)
        row = self.rows(recurrence)[2].with_user(self.cleo)
        row.write({"name": "Late", "recurrence_update": "future_events"})
        self.assertEndless(row.recurrence_id)
        self.assertEqual(recurrence.end_type, "end_date")

    def test_720_times_that_somebody_chooses_from_now_on_stay_720(self):
        post_init_hook(self.env)
        event = self.new_event(
            start=NOW,
            stop=fields.Datetime.to_datetime(NOW) + timedelta(hours=1),
            recurrency=True,
            rrule_type="weekly",
            mon=True,
            end_type="count",
            count=720,
        )
        self.flush()
        bounds = self.written(event.recurrence_id)[2]["recurrence"]["range"]
        self.assertEqual(bounds["numberOfOccurrences"], 720)

    def test_it_is_as_outlook_has_it_where_the_stock_connector_knows_it(self):
        recurrence = self.left_by_stock(self.anna)
        recurrence._ms365_write({"ms_universal_event_id": "uid of S1"})
        post_init_hook(self.env)
        with self.assertNothingCaptured():
            self.assertEqual(self.pulled_endless(), recurrence)
            self.assertEndless(recurrence)
            self.pulled_endless("CK2", location={"displayName": "Hall"})
        self.assertEndless(recurrence)
        self.assertFalse(any(self.deletions()))

    def test_it_ends_after_720_times_where_outlook_says_so(self):
        recurrence = self.left_by_stock(self.anna)
        recurrence._ms365_write({"ms_universal_event_id": "uid of S1"})
        post_init_hook(self.env)
        master, instances = self.endless()
        ends = {"type": "numbered", "numberOfOccurrences": 720}
        master["recurrence"]["range"] |= ends
        with self.assertNothingCaptured():
            self.apply_series(master, instances)
        self.flush()
        self.assertEqual((recurrence.end_type, recurrence.count), ("count", 720))

    def test_next_dates_are_read_although_rows_reach_far_ahead(self):
        recurrence = self.left_by_stock()
        account = self.installed(recurrence)
        link = self.Link.create(
            {
                "account_id": account.id,
                "calendar_id": account.calendar_ids.id,
                "remote_id": "S9",
                "recurrence_id": recurrence.id,
                "is_series": True,
            }
        )
        self.assertGreater(self.rows(recurrence)[-1].ms365_day, "2039")
        first, last = link._window_to_read()
        self.assertLessEqual(first, "2026-03-02")
        self.assertGreater(last, "2027-03-02")


class TestEndlessSeriesOfOldDatabases(EndlessCase):
    def migrate(self):
        """Run the migration over this database."""
        script = load_script(
            "praetorx_ms365_calendar/migrations/19.0.2.0.0/post-endless_series.py",
            "post-endless_series",
        )
        script.migrate(self.env.cr, "19.0.1.0.0")

    def make_720_of(self, recurrence):
        """Set the row to its values after a flush in the former version."""
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
        self.Outbox._enqueue_upserts(recurrence)
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
        self.Outbox._enqueue_upserts(recurrence)
        self.assertIsNone(self.plan(recurrence))
        self.pulled_endless("CK2")
        self.assertIn("2026-03-09", self.rows(recurrence).mapped("ms365_day"))
