from odoo.tests import tagged

from .common import attendee
from .test_colleagues import ColleaguesCase


@tagged("post_install", "-at_install")
class TestApprovalsAndConflicts(ColleaguesCase):
    """Test edits that wait for a decision, while Outlook changes."""

    def guests(self):
        return [attendee("gus@example.com", "Gus")]

    def test_a_conflict_that_ends_by_itself_sends_no_deletion_unasked(self):
        event = self.meeting()
        event.with_user(self.cleo).action_archive()
        self.assertAsked("cancel", 1)
        for key, place in (("CK2", "Roof"), ("CK3", "")):
            self.pull(
                self.remote(
                    change_key=key,
                    attendees=self.guests(),
                    location={"displayName": place},
                )
            )
        self.assertFalse(self.on_their_way())
        self.assertEqual(self.waiting().operation, "cancel")

    def test_no_of_the_owner_ends_the_conflict_about_a_deletion(self):
        event = self.meeting()
        event.with_user(self.cleo).action_archive()
        approval = self.assertAsked("cancel", 1)
        self.pull(
            self.remote(
                change_key="CK2",
                attendees=self.guests(),
                location={"displayName": "Roof"},
            )
        )
        self.assertTrue(self.open_conflict(event))
        approval.with_user(self.anna).action_reject()
        self.pull(
            self.remote(
                change_key="CK2",
                attendees=self.guests(),
                location={"displayName": "Roof"},
            )
        )
        self.assertFalse(self.open_conflict(event))
        self.assertRecordValues(event, [{"active": True, "location": "Roof"}])
        self.assertFalse(self.on_their_way())

    def test_no_of_the_owner_ends_the_conflict_about_an_edit(self):
        event = self.meeting()
        event.with_user(self.cleo).location = "Room 2"
        approval = self.assertAsked("update", 1)
        self.pull(
            self.remote(
                change_key="CK2",
                attendees=self.guests(),
                location={"displayName": "Roof"},
            )
        )
        self.assertTrue(self.open_conflict(event))
        approval.with_user(self.anna).action_reject()
        self.assertFalse(self.open_conflict(event))
        self.read_due()
        self.assertEqual(event.location, "Roof")
        self.assertFalse(self.on_their_way())

    def test_approved_while_in_conflict_is_sent_after_the_decision(self):
        event = self.meeting()
        event.with_user(self.cleo).location = "Room 2"
        approval = self.assertAsked("update", 1)
        self.pull(
            self.remote(
                change_key="CK2",
                attendees=self.guests(),
                location={"displayName": "Roof"},
            )
        )
        conflict = self.open_conflict(event)
        conflict.with_user(self.anna).keep_odoo()
        self.read_due()
        self.approve(approval, self.anna)
        self.assertTrue(self.on_their_way())
