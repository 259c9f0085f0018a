"""Series that have to be read before they are sent: no reading goes on for ever."""

from datetime import timedelta

from freezegun import freeze_time

from ..sync.push.work import PushWork
from .pages_common import NOW
from .test_series import SeriesCase


class TestSeriesReadings(SeriesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.frozen_now = NOW
        cls.anna.microsoft_calendar_token_validity = NOW + timedelta(days=1)

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
        self.assertIn("7 times", entries[0].reason)
        entries.with_user(self.anna).action_retry()
        self.assertEqual(self.claim(), "series", "a person has asked for it")
