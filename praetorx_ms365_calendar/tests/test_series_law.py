"""An edit of a series never becomes a deletion: not of it, and not of its dates."""

import os
import random
from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..engine.errors import GiveUpOnEvent
from ..sync.push.deleting import Delete
from ..sync.push.planner import Planner
from .common import attendee, graph_time
from .test_series import FIRST, NOW, SeriesCase

GUEST = {"attendees": [attendee("gus@example.com", "Gus")]}
#: Some edits that a form or another addon may make of a whole series.
EDITS = (
    {"interval": 2},
    {"wed": True},
    {"mon": False, "tue": True},
    {"rrule_type": "daily"},
    {"rrule_type": "monthly", "month_by": "date", "day": 16},
    {"rrule_type": "monthly", "month_by": "day", "byday": "2", "weekday": "TUE"},
    {"rrule_type": "yearly"},
    {"end_type": "forever"},
    {"end_type": "count", "count": 2},
    {"end_type": "count", "count": 900},
    {"end_type": "end_date", "until": date(2026, 3, 10)},
    {"end_type": "end_date", "until": date(2026, 2, 1)},
    {"end_type": "end_date", "until": date(2027, 3, 1)},
    {"start": datetime(2026, 3, 16, 10), "stop": datetime(2026, 3, 16, 12)},
    {"start": datetime(2026, 3, 18, 8), "stop": datetime(2026, 3, 18, 9)},
    {"start": datetime(2026, 5, 1, 8), "stop": datetime(2026, 5, 1, 9)},
    {"start": datetime(2025, 12, 1, 8), "stop": datetime(2025, 12, 1, 9)},
    {"allday": True, "start_date": date(2026, 3, 16), "stop_date": date(2026, 3, 16)},
    {"allday": True, "start_date": date(2026, 3, 20), "stop_date": date(2026, 3, 21)},
    {"recurrency": False},
    {"name": "Daily"},
    {"location": "Hall"},
)
SCOPES = ("all_events", "future_events", "self_only")


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestNoEditOfASeriesIsADeletion(SeriesCase):
    def edit(self, row, vals, scope="all_events"):
        """Edit as a person does; return whether it was refused in words."""
        row = row.with_user(self.anna)
        try:
            with self.env.cr.savepoint():
                row.write({**vals, "recurrence_update": scope})
                self.env.flush_all()
        except UserError as refused:
            self.assertTrue(str(refused))
            self.env.invalidate_all()
            return True
        self.env.invalidate_all()
        return False

    def assertNothingIsDeleted(self, told=""):
        """No write that is due deletes a series or an occurrence in Outlook."""
        self.assertFalse(self.Outbox.search([("operation", "=", "delete")]), told)
        for entry in self.Outbox.search([("state", "=", "pending")]):
            if not entry._is_series:
                continue
            sending = Planner(self.account, entry).plan(entry)
            method = sending.request and sending.request.method
            self.assertNotIsInstance(sending, Delete, told)
            self.assertNotEqual(method, "DELETE", told)
            self.assertTrue(self.rows(entry.recurrence_id), told)
        self.assertNotEqual(self.link("S1").state, "deleted_here", told)

    def test_all_rows_stay_of_a_series_over_a_hundred_years(self):
        for end in ({"end_type": "count", "count": 100}, {"until": "2125-12-31"}):
            with self.subTest(end=end), self.env.cr.savepoint() as savepoint:
                vals = {"end_type": "end_date", **end}
                event = self.new_event(recurrency=True, rrule_type="yearly", **vals)
                self.env.flush_all()
                recurrence = event.recurrence_id
                count = len(self.rows(recurrence))
                self.assertGreater(count, 90)
                times = {
                    "start": event.start + timedelta(hours=1),
                    "stop": event.stop + timedelta(hours=1),
                }
                self.assertFalse(self.edit(event, times))
                self.assertEqual(len(self.rows(recurrence)), count)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_series_beyond_the_end_of_calendars_is_refused_in_words(self):
        start = datetime(9990, 3, 1, 8)
        event = self.new_event(
            start=start,
            stop=start + timedelta(hours=1),
            recurrency=True,
            rrule_type="yearly",
            end_type="count",
            count=5,
        )
        self.env.flush_all()
        times = {
            "start": start + timedelta(hours=1),
            "stop": start + timedelta(hours=2),
        }
        self.assertTrue(self.edit(event, times))

    def try_each(self, edits, scope):
        """Make each edit alone, of the same series as Outlook has it."""
        recurrence = self.pulled_series(count=6, **GUEST)
        for vals in edits:
            with self.env.cr.savepoint() as savepoint:
                self.edit(self.rows(recurrence)[2], vals, scope)
                self.assertNothingIsDeleted((vals, scope))
                savepoint.rollback()
            self.env.invalidate_all()

    def test_no_edit_of_all_events_deletes_anything(self):
        self.try_each(EDITS, "all_events")

    def test_no_edit_of_this_and_the_following_deletes_anything(self):
        self.try_each(EDITS[::2], "future_events")

    def test_no_combination_of_edits_deletes_anything(self):
        recurrence = self.pulled_series(count=6, **GUEST)
        for seed in range(int(os.environ.get("N", 3))):
            with self.env.cr.savepoint() as savepoint:
                self.edit_at_random(recurrence, random.Random(seed))
                savepoint.rollback()
            self.env.invalidate_all()

    def edit_at_random(self, recurrence, chance):
        """Edit one series and the series split from it a few times."""
        told = []
        for _edit in range(4):
            parts = recurrence.search([("ms365_split_from_id", "=", recurrence.id)])
            vals = {}
            for one in chance.sample(EDITS, chance.choice([1, 1, 2])):
                vals |= one
            scope = chance.choice(SCOPES)
            row = chance.choice(self.rows(recurrence | parts[:1]))
            told.append((vals, scope))
            self.edit(row, vals, scope)
            self.assertNothingIsDeleted(told)

    def test_series_is_not_turned_into_a_single_event(self):
        recurrence = self.pulled_series()
        for scope in ("all_events", "future_events"):
            row = self.rows(recurrence)[1]
            self.assertTrue(self.edit(row, {"recurrency": False}, scope))
        self.assertEqual(len(self.rows(recurrence)), 4)

    def test_end_before_all_events_of_odoo_is_refused(self):
        recurrence = self.pulled_series(at=FIRST - timedelta(weeks=60), count=70)
        end = {"end_type": "end_date", "until": date(2025, 6, 1)}
        self.assertTrue(self.edit(self.rows(recurrence)[1], end))
        self.assertTrue(self.rows(recurrence))

    def test_rule_without_a_common_day_keeps_one_event(self):
        recurrence = self.pulled_series()
        first = self.rows(recurrence)[0]
        vals = {"rrule_type": "monthly", "month_by": "date", "day": 10}
        self.edit(first, vals)
        self.assertIn(first, self.rows(recurrence))

    def test_row_that_another_addon_took_is_not_deleted_in_outlook(self):
        recurrence = self.pulled_series()
        self.env.cr.execute(
            "DELETE FROM calendar_event WHERE id = %s", [self.rows(recurrence)[1].id]
        )
        self.env.invalidate_all()
        self.edit(self.rows(recurrence)[0], {"name": "Daily"})
        self.assertEqual(self.written(recurrence)[2], {"subject": "Daily"})
        self.pulled_series(change_key="CK2", subject="Daily")
        self.assertEqual(len(self.rows(recurrence)), 4)
        self.assertIsNone(self.plan(recurrence))

    def test_all_rows_that_another_addon_took_leave_outlook_s_series(self):
        recurrence = self.pulled_series()
        self.Outbox._enqueue_upserts(recurrence)
        self.env.cr.execute(
            "UPDATE calendar_event SET active = FALSE WHERE recurrence_id = %s",
            [recurrence.id],
        )
        self.env.invalidate_all()
        entry = self.Outbox.search([("state", "=", "pending")])
        with self.assertRaisesRegex(GiveUpOnEvent, "nothing_left"):
            Planner(self.account, entry).plan(entry)

    def test_event_that_would_repeat_on_other_days_than_its_own_is_refused(self):
        """Odoo archives it and makes new ones: Outlook would cancel and invite."""
        event = self.pulled(
            "S1",
            start=graph_time(FIRST),
            end=graph_time(FIRST + timedelta(hours=1)),
            **GUEST,
        )
        weekly = {"recurrency": True, "rrule_type": "weekly", "count": 3}
        wrong = {**weekly, "mon": False, "wed": True, "end_type": "count"}
        for scope in (False, "self_only", "all_events"):
            with self.assertNothingCaptured():
                refused = self.edit(event, wrong, scope)
            self.assertTrue(event.active)
            self.assertTrue(refused or not event.recurrence_id)
        self.assertFalse(self.edit(event, {**weekly, "mon": True}, False))
        self.assertTrue(event.recurrence_id)

    def test_event_that_would_never_repeat_is_refused(self):
        event = self.pulled("S1", start=graph_time(FIRST), end=graph_time(FIRST))
        over = {"recurrency": True, "rrule_type": "weekly", "mon": True}
        over |= {"end_type": "end_date", "until": date(2026, 2, 1)}
        self.assertTrue(self.edit(event, over, False))
        self.assertTrue(event.active)

    def old_series(self):
        """Return a series that began before the window; Odoo has its last dates."""
        return self.pulled_series(at=FIRST - timedelta(weeks=60), count=70, **GUEST)

    def test_dates_that_odoo_does_not_show_are_not_deleted_unseen(self):
        recurrence = self.old_series()
        first = self.rows(recurrence)[0].with_user(self.anna)
        refused = self.assertRaisesRegex(UserError, "more dates")
        with refused, self.env.cr.savepoint():
            first.action_mass_deletion("future_events")
        self.env.invalidate_all()
        refused = self.assertRaisesRegex(UserError, "more dates")
        with refused, self.env.cr.savepoint():
            self.rows(recurrence).with_user(self.anna).unlink()
        self.env.invalidate_all()
        self.assertEqual(self.link("S1").state, "synced")

    def test_old_series_is_deleted_whole_on_purpose(self):
        for action in ("action_mass_deletion", "action_mass_archive"):
            with self.env.cr.savepoint() as savepoint:
                row = self.rows(self.old_series())[1].with_user(self.anna)
                with self.assertCaptured("delete"):
                    getattr(row, action)("all_events")
                savepoint.rollback()
            self.env.invalidate_all()

    def test_deleting_on_purpose_still_deletes(self):
        recurrence = self.pulled_series()
        self.rows(recurrence).with_user(self.anna).write({"active": False})
        entry = self.Outbox.search([("state", "=", "pending")], limit=1)
        self.assertEqual(entry.operation, "delete")

    def test_dates_deleted_one_by_one_end_in_a_deleted_series(self):
        recurrence = self.pulled_series()
        for row in self.rows(recurrence).with_user(self.anna):
            row.unlink()
        entry = self.Outbox.search([("state", "=", "pending")], limit=1)
        self.assertEqual(entry.operation, "delete")
