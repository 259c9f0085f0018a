"""Meetings that have to be read before they are sent: no reading goes on for ever."""

from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from ..engine.errors import AlreadyGone, TryLater
from ..graph.client import GraphResponse
from ..sync.push.work import PushWork
from ..sync.read.series import SeriesReading, record_series
from .common import SyncCase
from .pages_common import NOW
from .test_series import SeriesCase

HOUR = timedelta(hours=1)
FAILED = GraphResponse(0, {}, None, None, TryLater("503"))
GONE = GraphResponse(404, {}, None, None, AlreadyGone("404"))


@tagged("post_install", "-at_install")
class TestEventReadings(SyncCase):
    """An edited event has no base, and Outlook's version cannot be understood."""

    def setUp(self):
        super().setUp()
        self.frozen_now = NOW
        self.anna.microsoft_calendar_token_validity = NOW + timedelta(days=30)
        self.event = self.pulled()
        self.event.with_user(self.anna).location = "Hall"
        self.link().base_snapshot = False
        self.entry = self.entries(self.event)[-1]
        self.entry.not_before = NOW

    def dispatch(self, *, response=None, after=timedelta()):
        """Let the worker send once; return the paths that it asked for."""
        self.frozen_now += after
        unreadable = self.remote(start={"dateTime": "never", "timeZone": "UTC"})
        response = response or GraphResponse(200, {}, unreadable, "request-1", None)
        asked = []
        with freeze_time(self.frozen_now):
            if job := PushWork(self.env).claim(self.account.id):
                sendings = self.Outbox.search([("state", "=", "sending")])
                asked = sendings.mapped("event_id.name")
                job.record([response] * len(asked))
            self.env.flush_all()
            self.env.invalidate_all()
        return asked

    def test_event_is_read_three_times_at_once_and_then_less_often(self):
        asked = [self.dispatch() for _turn in range(6)]
        self.assertEqual(asked, [["Lunch"]] * 4 + [[], []])
        self.assertEqual(self.entry.state, "pending")
        self.assertEqual(self.dispatch(after=HOUR), ["Lunch"])

    def test_event_that_is_read_in_vain_is_given_up_with_a_reason(self):
        asked = [self.dispatch(after=HOUR) for _turn in range(9)]
        self.assertEqual(asked, [["Lunch"]] * 7 + [[], []])
        self.assertEqual(self.entry.state, "dead")
        self.assertEqual(self.entry.reason, self.link().reason)
        self.assertEqual(self.event.ms365_sync_state, "error")
        with freeze_time(self.frozen_now):
            self.entry.with_user(self.anna).action_retry()
        self.assertEqual(self.dispatch(), ["Lunch"], "a person has asked for it")

    def test_event_that_keeps_no_base_is_given_up_with_a_reason(self):
        response = GraphResponse(200, {}, self.remote(), "request-1", None)
        for _turn in range(9):
            self.dispatch(response=response, after=HOUR)
            self.link().base_snapshot = False
        self.assertEqual(self.entry.state, "dead")
        self.assertIn("do not agree about this meeting", self.entry.reason_text)

    def test_readings_count_also_if_entries_are_planned_one_by_one(self):
        def through(items, plan):
            for item in items:
                plan(item.key)

        with freeze_time(NOW):
            for _turn in range(4):
                PushWork(self.env).claim(self.account.id, through)
        self.assertEqual(self.entry.readings, 4)

    def test_reading_that_failed_is_no_reading_in_vain(self):
        for _turn in range(20):
            self.account.not_before = False
            self.dispatch(response=FAILED, after=HOUR)
        self.assertEqual(self.entry.state, "pending")
        self.assertFalse(self.entry.readings)


class TestSeriesReadings(SeriesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.frozen_now = NOW
        cls.anna.microsoft_calendar_token_validity = NOW + timedelta(days=30)

    def claim(self, after=timedelta()):
        """Return the kind of the next job, None for none."""
        self.frozen_now += after
        with freeze_time(self.frozen_now):
            job = PushWork(self.env).claim(self.account.id)
            self.env.flush_all()
            # A reading that brings nothing new leaves everything as it was.
            self.link("S1").write({**self.Link._READ, "base_snapshot": False})
            self.Outbox.search([("state", "=", "sending")]).state = "done"
        return job and job.kind

    def test_reading_that_failed_is_no_reading_in_vain(self):
        entries = self.unread_series()
        for _turn in range(20):
            self.assertEqual(self.claim(HOUR), "series")
            reading = SeriesReading(self.link("S1"))
            reading.responses = [FAILED, FAILED]
            record_series(self.account, reading, mailbox_waits=True)
        self.assertEqual(entries[0].state, "pending")

    def test_occurrence_that_is_listed_but_never_found_ends_as_well(self):
        recurrence = self.pulled_series()
        row = self.rows(recurrence).with_user(self.anna)[1]
        row.write({"location": "Hall", "recurrence_update": "self_only"})
        [entry] = self.Outbox.search([("state", "=", "pending")])
        entry.not_before = self.frozen_now
        sent = 0
        for _turn in range(30):
            self.frozen_now += HOUR
            with freeze_time(self.frozen_now):
                job = PushWork(self.env).claim(self.account.id)
                if job and job.kind == "writes":
                    sent += 1
                    job.record([GONE])
                elif job:
                    self.link("S1").write(self.Link._READ)
                self.env.flush_all()
        self.assertEqual(entry.state, "dead")
        self.assertLess(sent, 10)

    def unread_series(self):
        """Return the entries of an edited series that no reading makes ready."""
        recurrence = self.pulled_series()
        self.link("S1").base_snapshot = False
        rows = self.rows(recurrence).with_user(self.anna)
        rows[:1].write({"location": "Hall", "recurrence_update": "all_events"})
        return self.Outbox.search(
            [("event_key", "=", recurrence._ms365_event_key())], order="id desc"
        )

    def test_other_events_are_sent_after_three_readings(self):
        self.unread_series()
        self.new_event()
        kinds = [self.claim() for _turn in range(6)]
        self.assertEqual(kinds, ["series"] * 4 + ["writes", None])

    def test_series_that_is_read_in_vain_is_given_up_with_a_reason(self):
        entries = self.unread_series()
        kinds = [self.claim(timedelta(hours=1)) for _turn in range(9)]
        self.assertEqual(kinds, ["series"] * 7 + [None, None])
        self.assertEqual(set(entries.mapped("state")), {"dead"})
        self.assertIn("7 times", entries[0].reason_text)
        entries.with_user(self.anna).action_retry()
        self.assertEqual(self.claim(), "series", "a person has asked for it")
