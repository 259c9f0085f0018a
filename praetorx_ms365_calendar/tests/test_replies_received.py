from odoo import Command
from odoo.tests import tagged

from ..graph.client import GraphResponse
from ..sync.push.work import PushWork
from .common import SyncCase, attendee


@tagged("post_install", "-at_install")
class TestRepliesReceived(SyncCase):
    """Answers to invitations, given on either side."""

    def ben_as(self, response):
        return [attendee("ben@example.com", "Ben", response)]

    def accepted_meeting(self):
        """Return Ben's part in a meeting that he has accepted in Outlook."""
        part = self.part_of(self.ben, self.pulled(attendees=self.ben_as("accepted")))
        self.assertEqual(part.state, "accepted")
        return part

    def test_reply_in_odoo_is_not_undone_by_the_old_one(self):
        part = self.accepted_meeting()
        part.with_user(self.ben).do_decline()
        self.pull(
            self.remote(
                change_key="CK2", subject="Dinner", attendees=self.ben_as("accepted")
            )
        )
        self.assertEqual(part.event_id.name, "Dinner")
        self.assertEqual(part.state, "declined")

    def test_reply_changed_in_outlook_arrives(self):
        part = self.accepted_meeting()
        part.with_user(self.ben).do_decline()
        self.pull(
            self.remote(change_key="CK2", attendees=self.ben_as("tentativelyAccepted"))
        )
        self.assertEqual(part.state, "tentative")

    def test_old_reply_in_the_own_copy_undoes_nothing(self):
        account = self.connect(self.ben)
        part = self.accepted_meeting()
        copy = {"responseStatus": {"response": "accepted"}}
        self.pull(self.remote_copy(**copy), account=account)
        part.with_user(self.ben).do_decline()
        self.pull(self.remote_copy(change_key="CK2", **copy), account=account)
        self.assertEqual(part.state, "declined")

    def test_changed_reply_in_the_own_copy_arrives(self):
        account = self.connect(self.ben)
        part = self.accepted_meeting()
        self.pull(self.remote_copy(), account=account)
        self.pull(
            self.remote_copy(change_key="CK2", responseStatus={"response": "declined"}),
            account=account,
        )
        self.assertEqual(part.state, "declined")

    def readd(self, event, user, *, by=None):
        """Remove an attendee from an event in Odoo, and add the same one again."""
        for command in (Command.unlink, Command.link):
            event.with_user(by or self.anna).partner_ids = [command(user.partner_id.id)]
        part = self.part_of(user, event)
        self.assertEqual(part.state, "needsAction")
        return part

    def test_attendee_added_again_has_the_reply_that_outlook_has(self):
        """Nothing is sent, so Outlook knows about no removal."""
        event = self.accepted_meeting().event_id
        part = self.readd(event, self.ben)
        self.assertTrue(self.link().needs_read)
        self.read_due()
        self.assertEqual(part.state, "accepted")

    def test_reply_to_a_second_invitation_arrives(self):
        """It is the same reply as to the first invitation, which was cancelled."""
        event = self.accepted_meeting().event_id
        part = self.readd(event, self.ben)
        self.pull(self.remote(change_key="CK2", attendees=self.ben_as("none")))
        self.assertEqual(part.state, "needsAction")
        self.pull(self.remote(change_key="CK3", attendees=self.ben_as("accepted")))
        self.assertEqual(part.state, "accepted")

    def test_reply_to_a_second_invitation_arrives_if_the_first_was_read_last(self):
        event = self.accepted_meeting().event_id
        part = self.readd(event, self.ben)
        self.link().needs_read = False
        self.pull(self.remote(change_key="CK3", attendees=self.ben_as("accepted")))
        self.assertEqual(part.state, "accepted")

    def test_reply_stays_if_the_removal_by_a_colleague_is_rejected(self):
        event = self.accepted_meeting().event_id
        event.with_user(self.cleo).partner_ids = [
            Command.unlink(self.ben.partner_id.id)
        ]
        approval = self.env["praetorx.ms365.approval"].search(
            [("state", "=", "waiting")]
        )
        approval.with_user(self.anna).action_reject()
        self.read_due()
        self.assertEqual(self.part_of(self.ben, event).state, "accepted")

    def test_new_attendee_without_a_reply_has_nothing_read(self):
        event = self.accepted_meeting().event_id
        event.with_user(self.anna).partner_ids = [Command.link(self.guest.id)]
        self.assertFalse(self.link().needs_read)

    def test_reply_to_a_meeting_made_in_odoo_stays_without_one_in_outlook(self):
        event = self.new_event(partner_ids=[(4, self.ben.partner_id.id)])
        job = PushWork(self.env).claim(self.account.id)
        body = self.remote(attendees=self.ben_as("none"))
        job.record([GraphResponse(201, {}, body, "request-1", None)])
        part = self.part_of(self.ben, event)
        part.with_user(self.ben).do_accept()
        self.pull(
            self.remote(
                change_key="CK2", subject="Dinner", attendees=self.ben_as("none")
            )
        )
        self.assertEqual(event.name, "Dinner")
        self.assertEqual(part.state, "accepted")
