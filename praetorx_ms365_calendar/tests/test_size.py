"""Outlook takes 500 people in one meeting: that is said before anything is sent."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL

from ..sync.push.work import PushWork
from .common import DAY, SyncCase
from .test_series import NOW, SeriesCase


class CrowdCase(SyncCase):
    """There are more people than Outlook takes in one meeting."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.crowd = cls.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@x.example"} for n in range(501)]
        )

    def crowd_quietly(self, events):
        """Have all these people take part, past every check."""
        field = events._fields["partner_ids"]
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "INSERT INTO %s (%s, %s) SELECT event, partner"
                " FROM unnest(%s) event, unnest(%s) partner",
                SQL.identifier(field.relation),
                SQL.identifier(field.column1),
                SQL.identifier(field.column2),
                events.ids,
                self.crowd.ids,
            )
        )
        self.env.invalidate_all()

    def assertNotSent(self, event_or_key):
        """The last entry has failed in words, and nothing was asked of Graph."""
        self.assertFalse(PushWork(self.env).claim(self.account.id))
        last = self.entries(event_or_key)[-1]
        self.assertEqual(last.state, "dead")
        self.assertIn("at most 500", last.reason_text)


@tagged("post_install", "-at_install")
class TestTooManyAttendees(CrowdCase):
    SERIES = {
        "recurrency": True,
        "rrule_type": "daily",
        "end_type": "count",
        "count": 3,
    }

    def crowded(self):
        """Return an event of Anna's from before she synced, with all these people."""
        return (
            self.env["calendar.event"]
            ._ms365_for_sync(self.anna)
            .create(
                {
                    "name": "Assembly",
                    "start": DAY,
                    "stop": DAY + timedelta(hours=1),
                    "user_id": self.anna.id,
                    "partner_ids": [Command.set(self.crowd.ids)],
                }
            )
        )

    def test_it_is_said_before_the_meeting_is_saved(self):
        event = self.new_event().with_context(no_mail_to_attendees=True)
        with self.assertRaisesRegex(UserError, "at most 500 attendees"):
            event.partner_ids = [Command.set(self.crowd.ids)]

    def test_meeting_of_former_times_can_be_edited_and_is_not_sent(self):
        event = self.env["calendar.event"].browse(self.crowded().id)
        event.with_user(self.anna).name = "General assembly"
        self.assertNotSent(event)

    # --- series made in Odoo ------

    def test_it_is_said_before_a_series_is_saved(self):
        with self.assertRaisesRegex(UserError, "at most 500 attendees"):
            self.new_event(partner_ids=[Command.set(self.crowd.ids)], **self.SERIES)

    def test_it_is_said_before_a_guest_list_of_all_events_is_saved(self):
        event = self.new_event(**self.SERIES).with_context(no_mail_to_attendees=True)
        with self.assertRaisesRegex(UserError, "at most 500 attendees"):
            event.write(
                {
                    "partner_ids": [Command.set(self.crowd.ids)],
                    "recurrence_update": "all_events",
                }
            )

    def test_new_series_with_too_many_is_not_sent(self):
        recurrence = self.new_event(**self.SERIES).recurrence_id
        self.crowd_quietly(recurrence.calendar_event_ids)
        self.assertNotSent(recurrence._ms365_event_key())


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestTooManyAttendeesInOutlook(CrowdCase, SeriesCase):
    """The same of a series that Outlook has."""

    def test_series_in_outlook_with_too_many_is_not_sent(self):
        recurrence = self.pulled_series()
        self.crowd_quietly(recurrence.calendar_event_ids)
        self.Outbox._enqueue_upserts(recurrence)
        self.assertNotSent(recurrence._ms365_event_key())

    def test_occurrence_in_outlook_with_too_many_is_not_sent(self):
        recurrence = self.pulled_series()
        self.crowd_quietly(self.rows(recurrence)[1])
        self.Outbox._enqueue_upserts(recurrence)
        self.assertNotSent(recurrence._ms365_event_key())
