"""Test that an event that a person has typed on both sides does not become two."""

from datetime import timedelta

from odoo.tests import tagged

from .common import SyncCase, attendee, graph_time


@tagged("post_install", "-at_install")
class TestTypedOnBothSides(SyncCase):
    def in_outlook(self, event, remote_id="R1", **values):
        """Have Outlook list an event with the title and the times of an Odoo event."""
        content = {
            "subject": event.name,
            "start": graph_time(event.start),
            "end": graph_time(event.stop),
            "isReminderOn": False,
            **values,
        }
        return self.pulled(remote_id, **content)

    def alone(self, number=0, **vals):
        """Return an event from before the sync, without guests."""
        own = self.anna.partner_id.ids
        return self.old_meeting(number, partner_ids=own, alarm_ids=False, **vals)

    def events(self):
        return self.env["calendar.event"].search([("name", "=", "Old meeting")])

    def test_it_is_linked_and_nothing_is_sent(self):
        event = self.alone()
        with self.assertNothingCaptured():
            self.assertEqual(self.in_outlook(event), event)
        self.assertEqual(self.events(), event)
        self.assertEqual(event.ms365_sync_state, "synced")

    def test_meeting_with_the_same_guests_is_linked_and_waits_no_more(self):
        event = self.old_meeting(alarm_ids=False)
        self.account.first_pass_done_at = event.create_date
        self.assertEqual(self.account._events_awaiting_consent(), event)
        guest = attendee(self.guest.email, self.guest.name)
        self.assertEqual(self.in_outlook(event, attendees=[guest]), event)
        self.assertFalse(self.account._events_awaiting_consent())

    def test_odoo_gets_what_only_outlook_has(self):
        event = self.alone()
        self.in_outlook(event, location={"displayName": "Hall"})
        self.assertEqual(event.location, "Hall")

    def test_another_time_another_text_or_other_guests_make_two(self):
        event = self.alone(location="Room 1")
        later = graph_time(event.stop + timedelta(hours=1))
        for number, values in enumerate(
            (
                {"end": later},
                {"location": {"displayName": "Hall"}},
                {"attendees": [attendee("new@example.com", "New")]},
            )
        ):
            with self.subTest(values):
                other = self.in_outlook(event, f"R{number}", **values)
                self.assertNotEqual(other, event)
        self.assertEqual(event.ms365_sync_state, "none")

    def test_event_of_another_person_is_never_taken(self):
        event = self.alone(user_id=self.ben.id)
        self.assertNotEqual(self.in_outlook(event), event)

    def test_event_that_is_on_its_way_is_never_taken(self):
        event = self.new_event(alarm_ids=False)
        self.assertNotEqual(self.in_outlook(event), event)

    def test_two_of_each_become_two(self):
        pair = self.alone() | self.alone()
        payloads = [
            self.remote(
                f"R{number}",
                subject="Old meeting",
                start=graph_time(pair[0].start),
                end=graph_time(pair[0].stop),
                isReminderOn=False,
            )
            for number in (1, 2)
        ]
        self.pull(*payloads)
        self.assertEqual(self.events(), pair)
        self.assertEqual(set(pair.mapped("ms365_sync_state")), {"synced"})
