"""Test whom Outlook will mail before events are moved, archived and brought back."""

from datetime import timedelta

from odoo import Command
from odoo.tests import tagged

from .common import SyncCase, attendee


@tagged("post_install", "-at_install")
class TestMailQuestion(SyncCase):
    def setUp(self):
        super().setUp()
        self.meeting = self.pulled(
            subject="Plan", attendees=[attendee("gus@example.com", "Gus")]
        )
        self.own = self.meeting.with_user(self.anna)

    def later(self, event):
        """Return what the calendar writes if an event is dragged by an hour."""
        hour = timedelta(hours=1)
        return {
            "start": str(event.start + hour),
            "stop": str(event.stop + hour),
            "allday": False,
        }

    def test_moved_meeting_names_its_attendees(self):
        mails = self.own.ms365_mails_of_move(self.later(self.own))
        self.assertIn("Gus", mails)
        self.assertIn("Update", mails)
        before = self.meeting.start
        self.env.invalidate_all()
        self.assertEqual(self.meeting.start, before, "nothing is written")

    def test_nobody_is_named_who_gets_no_mail(self):
        alone = self.pulled("R2", subject="Alone").with_user(self.anna)
        self.assertFalse(alone.ms365_mails_of_move(self.later(alone)))
        self.assertFalse(alone.ms365_mails_of_archiving(False))
        same = {"start": str(self.own.start), "stop": str(self.own.stop)}
        self.assertFalse(self.own.ms365_mails_of_move(same))

    def test_other_values_are_not_looked_at(self):
        values = {"name": "Another", "user_id": self.ben.id}
        self.assertFalse(self.own.ms365_mails_of_move(values))

    def test_edited_meetings_name_their_attendees_once(self):
        guests = [attendee("gus@example.com", "Gus")]
        second = self.pulled("R2", attendees=guests).with_user(self.anna)
        values = {"location": "Hall 4"}
        edits = {str(one.id): values for one in self.own | second}
        mails = self.own.ms365_mails_of_edits(edits)
        self.assertIn("Update", mails)
        self.assertIn("2", mails)
        self.assertEqual(mails.count("Gus"), 1)
        self.assertFalse(self.meeting.location, "nothing is written")

    def test_guest_who_is_added_in_a_list_is_named(self):
        command = [Command.link(self.cleo.partner_id.id)]
        mails = self.own.ms365_mails_of_edits(
            {str(self.own.id): {"partner_ids": command}}
        )
        self.assertIn("Cleo", mails)

    def test_edits_that_mail_nobody_are_not_asked_about(self):
        alone = self.pulled("R2", subject="Alone").with_user(self.anna)
        Event = self.own.browse()
        self.assertFalse(Event.ms365_mails_of_edits({}))
        self.assertFalse(Event.ms365_mails_of_edits({str(alone.id): {"name": "Own"}}))
        personal = {str(self.own.id): {"show_as": "free", "active": False}}
        self.assertFalse(Event.ms365_mails_of_edits(personal))

    def test_edits_of_unreadable_events_are_refused(self):
        private = self.pulled("R2", sensitivity="private", subject="Secret")
        edits = {str(private.id): {"name": "Known"}}
        self.assertFalse(
            private.browse().with_user(self.cleo).ms365_mails_of_edits(edits)
        )

    def test_archived_meetings_name_their_attendees_once(self):
        second = self.pulled(
            "R2", attendees=[attendee("gus@example.com", "Gus")]
        ).with_user(self.anna)
        mails = (self.own | second).ms365_mails_of_archiving(False)
        self.assertIn("Cancellation", mails)
        self.assertIn("2", mails)
        self.assertEqual(mails.count("Gus"), 1)
        self.assertTrue(self.meeting.active)

    def test_returning_meeting_names_its_attendees(self):
        self.assertFalse(self.own.ms365_mails_of_archiving(True), "it is there")
        self.own.action_archive()
        mails = self.own.ms365_mails_of_archiving(True)
        self.assertIn("Invitation", mails)
        self.assertIn("Gus", mails)
        self.assertFalse(self.own.ms365_mails_of_archiving(False))

    def test_colleague_who_may_not_act_mails_nobody(self):
        self.meeting.partner_ids = [Command.link(self.ben.partner_id.id)]
        bens = self.meeting.with_user(self.ben)
        self.assertFalse(bens.ms365_mails_of_move(self.later(bens)))
        self.assertFalse(bens.ms365_mails_of_archiving(False))
