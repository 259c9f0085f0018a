"""Test unsent edits of events that become series, and of series that become events."""

from contextlib import suppress
from datetime import timedelta

from odoo.exceptions import UserError

from ..graph.client import GraphResponse
from ..sync.push.deleting import Delete
from ..sync.push.planner import Planner
from ..sync.push.sending import Nothing, ReadSeries
from ..sync.push.work import PushWork
from ..sync.read.events import record_read
from .common import attendee, graph_time
from .test_colleagues import ColleaguesCase
from .test_series import FIRST, SeriesCase

WEEKLY = {
    "recurrency": True,
    "rrule_type": "weekly",
    "mon": True,
    "end_type": "count",
    "count": 3,
    "event_tz": "Europe/Berlin",
}


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

    def test_series_that_was_a_single_event_is_read_as_a_whole(self):
        link = self.link("S1")
        master, _instances = self.graph_series(change_key="CK2")
        record_read(
            self.account, link, GraphResponse(200, {}, master, "request-1", None)
        )
        self.assertTrue(link.needs_read)
        self.event.with_user(self.anna).location = "Hall 4"
        entries = self.entries(self.event)[-1:]
        self.assertIsInstance(Planner(self.account, entries).plan(entries), ReadSeries)

    def test_edit_is_sent_with_the_series_that_odoo_made(self):
        user_event = self.event.with_user(self.anna)
        user_event.location = "Hall 4"
        user_event.write(WEEKLY)
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

    def test_deletion_waits_for_a_word_about_the_series_that_outlook_made(self):
        """The person deleted one event, and has not seen the series."""
        self.event.with_user(self.anna).active = False
        self.pulled_series(change_key="CK2")
        self.assertEqual(self.link("S1").state, "conflict")
        [entry] = self.Outbox.search([("state", "=", "pending")])
        self.assertIsInstance(Planner(self.account, entry).plan(entry), Nothing)

    def test_edit_of_a_series_that_outlook_has_too_ends_with_the_series(self):
        recurrence = self.pulled_series(change_key="CK2")
        self.event.with_user(self.anna).write(
            {"location": "Hall 4", "recurrence_update": "all_events"}
        )
        entries = self.Outbox.search([("state", "=", "pending")])
        master, _instances = self.graph_series(change_key="CK3")
        master |= {"type": "singleInstance", "recurrence": None}
        self.apply_series({**master, "location": {"displayName": "Hall 4"}}, [])
        self.assertFalse(recurrence.exists())
        self.assertEqual(entries.event_id, self.event)
        PushWork(self.env).claim(self.account.id)
        self.assertEqual(set(entries.mapped("state")), {"done"})
        self.assertEqual(self.event.ms365_sync_state, "synced")


class TestWaitingEditsOfEventsThatBecomeSeries(ColleaguesCase, SeriesCase):
    """A colleague's edit of a single event waits for its owner."""

    def setUp(self):
        super().setUp()
        self.guests = [attendee("gus@example.com", "Gus")]
        self.event = self.pulled(
            "S1",
            subject="Standup",
            start=graph_time(FIRST),
            end=graph_time(FIRST + timedelta(hours=1)),
            attendees=self.guests,
        )
        self.event.with_user(self.cleo).location = "Hall 4"
        self.assertAsked("update", 1)

    def becomes_series(self):
        """Return the series that Outlook makes of the event."""
        return self.pulled_series(change_key="CK2", attendees=self.guests)

    def test_nothing_of_it_is_sent_with_an_edit_of_the_series(self):
        recurrence = self.becomes_series()
        rows = self.rows(recurrence).with_user(self.anna)
        rows[0].write({"show_as": "free", "recurrence_update": "all_events"})
        body = self.written(recurrence)[2]
        self.assertEqual(body["showAs"], "free")
        self.assertNotIn("location", body)

    def test_nothing_of_it_is_sent_with_the_whole_series(self):
        recurrence = self.becomes_series()
        recurrence.with_user(self.anna)._ms365_capture()
        write = self.plan(recurrence)
        self.assertNotIn("location", write.request.body if write else {})

    def test_yes_sends_it(self):
        recurrence = self.becomes_series()
        self.approve(self.waiting(), self.anna)
        body = self.written(recurrence)[2]
        self.assertEqual(body["location"]["displayName"], "Hall 4")

    def test_no_takes_it_back(self):
        recurrence = self.becomes_series()
        self.waiting().with_user(self.anna).action_reject()
        self.pulled_series(change_key="CK3", attendees=self.guests)
        self.assertFalse(any(self.rows(recurrence).mapped("location")))
        self.assertFalse(self.plan(recurrence))

    def test_yes_to_a_deletion_deletes_no_series_that_nobody_has_seen(self):
        self.event.with_user(self.cleo).action_archive()
        asked = self.waiting().filtered(lambda one: one.operation == "cancel")
        self.assertTrue(asked)
        self.becomes_series()
        with suppress(UserError):
            self.approve(asked, self.anna)
        for entry in self.Outbox.search([("state", "in", ("pending", "sending"))]):
            sending = Planner(self.account, entry).plan(entry)
            self.assertNotIsInstance(sending, Delete)

    def test_move_that_waits_is_not_sent_with_the_whole_series(self):
        self.event.with_user(self.cleo).write(
            {
                "start": FIRST + timedelta(hours=1),
                "stop": FIRST + timedelta(hours=2),
            }
        )
        recurrence = self.becomes_series()
        recurrence.with_user(self.anna)._ms365_capture()
        write = self.plan(recurrence)
        body = write.request.body if write else {}
        self.assertFalse({"start", "end", "recurrence", "location"} & set(body))
