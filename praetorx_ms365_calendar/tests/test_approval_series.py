from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import attendee
from .test_series import FIRST, NOW, SeriesCase

WEEKLY = {
    "recurrency": True,
    "rrule_type": "weekly",
    "interval": 1,
    "mon": True,
    "end_type": "count",
    "count": 4,
    "event_tz": "Europe/Berlin",
}


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestSeriesMadeWhileSomethingWaits(SeriesCase):
    """A colleague's edit is not sent with a series that the owner creates."""

    def waiting(self):
        return self.env["praetorx.ms365.approval"].search([("state", "=", "waiting")])

    def by_cleo(self):
        """Return a single event that Cleo has made in Anna's name."""
        start = FIRST + timedelta(weeks=1)
        return self.new_event(
            self.cleo,
            start=start,
            stop=start + timedelta(hours=1),
            user_id=self.anna.id,
            partner_ids=[Command.link(self.guest.id)],
        )

    def test_an_edit_that_waits_does_not_go_out_with_a_new_series(self):
        event = self.pulled(attendees=[attendee("gus@example.com")])
        event.with_user(self.cleo).location = "Room 2"
        daily = {**WEEKLY, "rrule_type": "daily"}
        with self.assertRaises(UserError), self.env.cr.savepoint():
            event.with_user(self.anna).write(daily)
        self.waiting().with_user(self.anna).action_reject()
        event.with_user(self.anna).write(dict(daily))
        self.assertFalse(any(self.rows(event.recurrence_id).mapped("location")))

    def test_an_edit_that_waits_does_not_go_out_with_a_part_of_the_series(self):
        recurrence = self.pulled_series(attendees=[attendee("gus@example.com")])
        row = self.rows(recurrence)[2]
        all_events = {"location": "Room 2", "recurrence_update": "all_events"}
        row.with_user(self.cleo).write(all_events)
        with self.assertRaises(UserError):
            row.with_user(self.anna).write(
                {"name": "Late", "recurrence_update": "future_events"}
            )

    def test_a_meeting_that_waits_is_not_made_as_a_series(self):
        with self.assertRaises(UserError):
            self.by_cleo().with_user(self.anna).write(dict(WEEKLY))

    def test_its_author_makes_a_series_of_it_that_is_asked_about_once(self):
        event = self.by_cleo()
        event.with_user(self.cleo).write(dict(WEEKLY))
        self.assertRecordValues(
            self.waiting(),
            [{"operation": "create", "recurrence_id": event.recurrence_id.id}],
        )

    def test_the_owner_edits_a_series_that_waits_and_it_goes_on_waiting(self):
        event = self.by_cleo()
        event.with_user(self.cleo).write(dict(WEEKLY))
        rows = self.rows(event.recurrence_id).with_user(self.anna)
        rows[1].location = "Room 2"
        rows[2].write({"name": "Dinner", "recurrence_update": "all_events"})
        self.assertEqual(self.waiting().operation, "create")
        self.assertFalse(self.Outbox.search([("state", "in", ["pending", "sending"])]))
