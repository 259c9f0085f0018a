"""Test unsent edits of a single event that becomes a series."""

from datetime import timedelta

from ..sync.push.work import PushWork
from .common import graph_time
from .test_series import FIRST, SeriesCase


class TestEditsOfEventsThatBecomeSeries(SeriesCase):
    """A single event has an edit that Outlook does not have yet."""

    def setUp(self):
        super().setUp()
        self.event = self.pulled(
            "S1",
            subject="Standup",
            start=graph_time(FIRST),
            end=graph_time(FIRST + timedelta(hours=1)),
        )

    def test_edit_is_sent_for_the_series_that_outlook_made(self):
        self.event.with_user(self.anna).location = "Hall 4"
        recurrence = self.pulled_series(change_key="CK2")
        self.assertEqual(self.event.recurrence_id, recurrence)
        self.assertEqual(self.event.ms365_sync_state, "pending")
        method, path, body = self.written(recurrence)
        self.assertEqual((method, path), ("PATCH", "S1"))
        self.assertEqual(body["location"]["displayName"], "Hall 4")

    def test_edit_is_sent_with_the_series_that_odoo_made(self):
        user_event = self.event.with_user(self.anna)
        user_event.location = "Hall 4"
        user_event.write(
            {
                "recurrency": True,
                "rrule_type": "weekly",
                "mon": True,
                "end_type": "count",
                "count": 3,
                "event_tz": "Europe/Berlin",
            }
        )
        recurrence = self.event.recurrence_id
        waiting = self.Outbox.search([("state", "=", "pending")])
        key = recurrence._ms365_event_key()
        self.assertEqual(set(waiting.mapped("event_key")), {key})
        _method, _path, body = self.written(recurrence)
        self.assertEqual(body["location"]["displayName"], "Hall 4")

    def test_edit_that_was_held_meanwhile_is_sent_for_the_series(self):
        self.event.with_user(self.anna).location = "Hall 4"
        entry = self.entries(self.event)[-1]
        entry.state = "held"
        recurrence = self.pulled_series(change_key="CK2")
        self.assertEqual(entry.event_key, self.event.id)
        entry.state = "pending"
        PushWork(self.env).claim(self.account.id)
        self.assertEqual(entry.event_key, recurrence._ms365_event_key())
        self.assertEqual(entry.state, "sending")

    def test_deletion_is_sent_for_the_series_that_outlook_made(self):
        self.event.with_user(self.anna).active = False
        self.pulled_series(change_key="CK2")
        waiting = self.Outbox.search([("state", "=", "pending")])
        self.assertTrue(waiting)
        self.assertTrue(all(entry._is_series for entry in waiting))
