"""Dates that a person deletes in Odoo go from Outlook, whenever that happens."""

from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from ..graph.client import GraphResponse
from ..sync.push.creating import CreateSeries
from ..sync.push.recorder import Recorder
from ..sync.push.work import PushWork
from .test_series import FIRST, NOW, SeriesCase

DAYS = ("2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23")
#: When the first dates have left a window that reaches back one day.
LATER = "2026-03-12 08:00:00"


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestRemovedDates(SeriesCase):
    """Anna makes a series of four in Odoo, and deletes or moves one of its dates."""

    def setUp(self):
        super().setUp()
        self.recurrence = self.new_series(alarm_ids=False)
        self.env.flush_all()

    def claim(self):
        """Return the create, which is on its way to Outlook now."""
        [sending] = PushWork(self.env)._plan(self.account)
        sending.mark()
        self.assertIsInstance(sending, CreateSeries)
        return sending

    def answer(self, sending, **values):
        """Outlook has made the series as it was sent."""
        body = {**self.graph_series(**values)[0], **sending.request.body}
        body.pop("exceptionOccurrences", None)
        answer = GraphResponse(201, {}, body, "request-1", None)
        Recorder(self.account).record([sending], [answer])
        self.env.flush_all()
        self.env.invalidate_all()

    def read_back(self, change_key="CK2", **values):
        self.apply_series(*self.graph_series(change_key, **values))

    def row(self, nth):
        return self.rows(self.recurrence)[nth].with_user(self.anna)

    def delete(self, nth):
        self.row(nth).unlink()
        self.env.flush_all()

    def assertDeletes(self, nth):
        """This one date is deleted in Outlook, and then both sides are the same."""
        day = DAYS[nth]
        sending = self.plan(self.recurrence)
        method, path, _body = self.written(self.recurrence)
        self.assertEqual((method, path), ("DELETE", f"S1.{day}"))
        sending.mark()
        answer = GraphResponse(204, {}, None, "request-2", None)
        Recorder(self.account).record([sending], [answer])
        self.read_back("CK3", cancelled=[day])
        self.assertIsNone(self.plan(self.recurrence))
        left = [one for one in DAYS if one != day]
        self.assertEqual(self.rows(self.recurrence).mapped("ms365_day"), left)

    # --- a date is deleted ----------------------------------------------------------

    def delete_before_it_is_sent(self, nth):
        self.delete(nth)
        sending = self.claim()
        recurrence = sending.request.body["recurrence"]["range"]
        self.assertEqual(
            (recurrence["startDate"], recurrence["numberOfOccurrences"]), (DAYS[0], 4)
        )
        self.answer(sending)
        self.read_back()
        self.assertDeletes(nth)

    def test_first_date_deleted_before_the_series_is_sent(self):
        self.delete_before_it_is_sent(0)

    def test_other_date_deleted_before_the_series_is_sent(self):
        self.delete_before_it_is_sent(1)

    def test_last_date_deleted_before_the_series_is_sent(self):
        self.delete_before_it_is_sent(3)

    def test_first_date_deleted_while_the_series_is_on_its_way(self):
        sending = self.claim()
        self.delete(0)
        self.answer(sending)
        self.read_back()
        self.assertDeletes(0)

    def test_first_date_deleted_after_the_response_and_before_the_reading(self):
        self.answer(self.claim())
        self.delete(0)
        self.read_back()
        self.assertDeletes(0)

    def test_first_date_deleted_after_the_reading(self):
        self.answer(self.claim())
        self.read_back()
        self.delete(0)
        self.assertDeletes(0)

    def test_first_date_deleted_when_the_response_is_lost(self):
        sending = self.claim()
        self.delete(0)
        sending.entries.write({"state": "pending"})
        sending.adopt(Recorder(self.account), "S1")
        self.read_back()
        self.assertDeletes(0)

    def sent_by_the_first_pass(self, nth):
        """Return start and length of a series that lost a date before the sync.

        :param nth: the date that was deleted
        """
        self.anna.ms365_sync_enabled = False
        self.Outbox.search([]).unlink()
        self.rows(self.recurrence)._ms365_write_bookkeeping(
            {"ms365_sync_state": "none"}
        )
        self.delete(nth)
        self.anna.ms365_sync_enabled = True
        self.account.write({"first_pass_done_at": False, "state": "active"})
        self.account._first_pass()
        recurrence = self.claim().request.body["recurrence"]["range"]
        return recurrence["startDate"], recurrence["numberOfOccurrences"]

    def test_first_date_deleted_before_the_sync_was_switched_on(self):
        self.assertEqual(self.sent_by_the_first_pass(0), (DAYS[1], 3))

    def test_other_date_deleted_before_the_sync_was_switched_on(self):
        self.assertEqual(self.sent_by_the_first_pass(1), (DAYS[0], 4))

    def test_last_date_deleted_before_the_sync_was_switched_on(self):
        self.assertEqual(self.sent_by_the_first_pass(3), (DAYS[0], 3))

    # --- and its time passes --------------------------------------------------------

    def assertDeletesLater(self):
        """It goes from Outlook, too, when the window has left the date behind."""
        self.account.write({"own_window": True, "days_back": 1})
        with freeze_time(LATER):
            self.read_back("CK2")
            self.assertDeletes(0)

    def test_deleted_date_has_left_the_window_before_the_series_is_sent(self):
        self.account.write({"own_window": True, "days_back": 1})
        self.delete(0)
        with freeze_time(LATER):
            self.answer(self.claim())
        self.assertDeletesLater()

    def test_deleted_date_is_outside_the_window_before_the_response(self):
        sending = self.claim()
        self.delete(0)
        with freeze_time(LATER):
            self.answer(sending)
        self.assertDeletesLater()

    def test_deleted_date_has_left_the_window_before_it_is_sent(self):
        self.answer(self.claim())
        self.read_back()
        self.delete(0)
        self.link("S1").needs_read = True
        self.assertDeletesLater()

    # --- a date is moved ------------------------------------------------------------

    def move(self):
        vals = {"start": FIRST + timedelta(hours=3), "stop": FIRST + timedelta(hours=4)}
        self.row(0).write({**vals, "recurrence_update": "self_only"})
        self.env.flush_all()

    def assertMovesFirst(self):
        method, path, body = self.written(self.recurrence)
        self.assertEqual((method, path), ("PATCH", f"S1.{DAYS[0]}"))
        self.assertEqual(body["start"]["dateTime"][:16], "2026-03-02T12:00")

    def test_first_date_moved_before_the_series_is_sent(self):
        self.move()
        sending = self.claim()
        self.assertIn("T09:00", sending.request.body["start"]["dateTime"])
        self.answer(sending)
        self.read_back()
        self.assertMovesFirst()

    def test_first_date_moved_after_the_reading(self):
        self.answer(self.claim())
        self.read_back()
        self.move()
        self.assertMovesFirst()
