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
