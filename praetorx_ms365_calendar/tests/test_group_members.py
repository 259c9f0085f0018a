"""Test that each member of an invited group has the meeting in Odoo."""

from odoo import Command
from odoo.tests import tagged

from ..engine.snapshot import Base
from ..graph.client import GraphResponse
from ..sync.push.work import PushWork
from .common import TwoMailboxesCase, attendee, person

GROUP = attendee("team@example.com", "Team")
OLGA = person("olga@outside.example", "Olga")


@tagged("post_install", "-at_install")
class TestGroupMembers(TwoMailboxesCase):
    """Outlook lists the group only; Ben has a copy, as he is a member of it."""

    def setUp(self):
        super().setUp()
        self.mails_before = self.mails()

    def mails(self):
        return self.env["mail.mail"].sudo().search_count([])

    def by_anna(self, change_key="CK1", **values):
        """Read Anna's own copy: she invites the group."""
        self.pull(self.remote("R1", change_key, **{"attendees": [GROUP], **values}))

    def copy_of_ben(self, change_key="CK1", **values):
        """Read Ben's copy."""
        self.pull_copy(change_key=change_key, **{"attendees": [GROUP], **values})

    def by_olga(self, remote_id, account, change_key="CK1", **values):
        """Read a member's copy of a meeting that somebody outside organizes."""
        copy = self.remote_copy(
            remote_id,
            change_key,
            of="O1",
            organizer=OLGA,
            **{"attendees": [GROUP], **values},
        )
        self.pull(copy, account=account)

    def assertTakePart(self, *users, event=None):
        event = event or self.meetings()
        self.assertEqual(len(event), 1, "no duplicate")
        for user in users:
            self.assertIn(user.partner_id, event.partner_ids, user.name)
            self.assertTrue(self.part_of(user, event))
        self.assertFalse(self.Outbox.search([]), "nothing is sent")
        self.assertEqual(self.mails(), self.mails_before, "nobody is mailed")

    # --- the organizer syncs --------------------------------------------------------

    def test_member_takes_part(self):
        self.by_anna()
        self.copy_of_ben()
        self.assertTakePart(self.anna, self.ben)
        self.assertEqual(self.part_of(self.ben, self.meetings()).state, "needsAction")
        group = self.meetings().partner_ids - (self.anna | self.ben).partner_id
        self.assertEqual(group.email, "team@example.com")

    def test_member_stays_when_the_organizer_edits(self):
        self.by_anna()
        self.copy_of_ben()
        self.by_anna("CK2", subject="Dinner")
        event = self.link("R1").event_id
        self.assertEqual(event.name, "Dinner")
        self.assertTakePart(self.ben, event=event)

    def test_member_stays_when_the_list_changes(self):
        self.by_anna()
        self.copy_of_ben()
        self.by_anna("CK2", attendees=[GROUP, attendee("gus@example.com", "Gus")])
        self.assertTakePart(self.ben)
        self.assertIn(self.guest, self.meetings().partner_ids)
        self.by_anna("CK3")
        self.assertTakePart(self.ben)
        self.assertNotIn(self.guest, self.meetings().partner_ids)

    def test_member_whose_copy_comes_first_takes_part(self):
        self.copy_of_ben(responseStatus={"response": "accepted"})
        self.by_anna()
        self.Link._connect_waiting()
        self.read_due()
        self.assertTakePart(self.anna, self.ben)
        self.assertEqual(self.part_of(self.ben, self.meetings()).state, "accepted")

    def test_reply_of_a_member_arrives(self):
        self.by_anna()
        self.copy_of_ben()
        self.copy_of_ben("CK2", responseStatus={"response": "tentativelyAccepted"})
        self.assertEqual(self.part_of(self.ben, self.meetings()).state, "tentative")
        tracked = attendee("ben@example.com", "Ben", "tentativelyAccepted")
        self.by_anna("CK2", attendees=[GROUP, tracked])
        self.assertTakePart(self.ben)

    def test_reply_in_odoo_is_sent_by_the_members_own_copy(self):
        self.by_anna()
        self.copy_of_ben()
        self.part_of(self.ben, self.meetings()).with_user(self.ben).do_accept()
        entry = self.Outbox.search([])
        self.assertEqual(entry.operation, "respond")
        self.assertEqual(entry.account_id, self.account_of_ben)

    def test_edit_in_odoo_does_not_send_the_member(self):
        self.by_anna()
        self.copy_of_ben()
        self.meetings().with_user(self.anna).location = "Hall 4"
        names = [entry.field_names for entry in self.Outbox.search([])]
        self.assertNotIn("attendees", str(names))
        write = self.link("R1")._base
        ours = self.meetings()._ms365_read()
        self.assertEqual(write.ours.attendees, ours.attendees)

    # --- a write is under way -------------------------------------------------------

    def assertAgreedWithMember(self):
        """Odoo's list has Ben and is agreed, so it is never sent with an edit."""
        event, base = self.meetings(), self.link("R1")._base
        self.assertIn("ben@example.com", [one.email for one in base.ours.attendees])
        self.assertNotIn("attendees", event._ms365_read().changed_fields(base.ours))
        self.assertFalse(self.open_conflict(event))

    def test_member_who_comes_during_a_write_is_not_sent_later(self):
        self.by_anna()
        self.meetings().with_user(self.anna).location = "Hall 4"
        job = PushWork(self.env).claim(self.account.id)
        self.env.flush_all()
        self.copy_of_ben()
        place = {"displayName": "Hall 4"}
        body = self.remote("R1", "CK2", attendees=[GROUP], location=place)
        job.record([GraphResponse(200, {}, body, "request-1", None)])
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.Outbox.search([]).state, "done")
        self.assertAgreedWithMember()

    def test_member_who_comes_while_a_response_is_lost(self):
        self.by_anna()
        event, link = self.meetings(), self.link("R1")
        event.with_user(self.anna).location = "Hall 4"
        ours, base = event._ms365_read(), link._base
        sent = Base(ours, base.theirs.with_fields({"location"}, ours))
        link.sent_snapshot = sent.to_json()
        self.copy_of_ben()
        event.with_user(self.anna).location = "Hall 5"
        self.by_anna("CK2", location={"displayName": "Hall 4"})
        self.assertEqual(event.location, "Hall 5")
        self.assertAgreedWithMember()

    def test_member_who_deletes_the_copy_leaves(self):
        self.by_anna()
        self.copy_of_ben()
        self.gone(self.link("B1"))
        event = self.meetings()
        self.assertNotIn(self.ben.partner_id, event.partner_ids)
        self.assertTakePart(self.anna)
        self.by_anna("CK2", subject="Lunch", location={"displayName": "Hall 4"})
        self.assertNotIn(self.ben.partner_id, event.partner_ids)

    def test_member_whose_copy_is_cancelled_leaves(self):
        """The organizer has taken the member out of the group's meeting."""
        self.by_anna()
        self.copy_of_ben()
        self.copy_of_ben("CK2", isCancelled=True)
        self.assertNotIn(self.ben.partner_id, self.meetings().partner_ids)
        self.assertTakePart(self.anna)

    def test_member_whom_somebody_removed_in_odoo_does_not_come_back(self):
        self.by_anna()
        self.copy_of_ben()
        event = self.meetings().with_user(self.anna)
        event.write({"partner_ids": [Command.unlink(self.ben.partner_id.id)]})
        self.copy_of_ben("CK2")
        self.assertNotIn(self.ben.partner_id, event.partner_ids)

    # --- nobody but members uses Odoo -----------------------------------------------

    def test_second_member_of_an_outsiders_meeting_takes_part(self):
        self.by_olga("O1", self.account)
        self.by_olga("O2", self.account_of_ben)
        self.assertTakePart(self.anna, self.ben)

    def test_second_member_stays_when_the_outsider_edits(self):
        self.by_olga("O1", self.account)
        self.by_olga("O2", self.account_of_ben)
        more = [GROUP, attendee("gus@example.com", "Gus")]
        for number, people in enumerate((more, [GROUP], more), 2):
            self.by_olga("O1", self.account, f"CK{number}", attendees=people)
            self.by_olga("O2", self.account_of_ben, f"CK{number}", attendees=people)
            self.assertTakePart(self.anna, self.ben)

    def test_first_member_leaves_and_the_second_stays(self):
        self.by_olga("O1", self.account)
        self.by_olga("O2", self.account_of_ben)
        self.gone(self.link("O1"))
        self.read_due()
        event = self.meetings()
        self.assertIn(self.ben.partner_id, event.partner_ids)
        self.assertNotIn(self.anna.partner_id, event.partner_ids)
        self.assertTakePart(self.ben)

    # --- no members -----------------------------------------------------------------

    def test_invited_person_whom_outlook_removes_leaves(self):
        """He is not a member: the list named him before."""
        guests = [GROUP, attendee("ben@example.com", "Ben")]
        self.by_anna(attendees=guests)
        self.copy_of_ben(attendees=guests)
        self.by_anna("CK2")
        self.assertNotIn(self.ben.partner_id, self.meetings().partner_ids)

    def test_person_whom_odoo_removed_does_not_come_back_by_the_copy(self):
        guests = [GROUP, attendee("ben@example.com", "Ben")]
        self.by_anna(attendees=guests)
        self.copy_of_ben(attendees=guests)
        event = self.meetings().with_user(self.anna)
        event.write({"partner_ids": [Command.unlink(self.ben.partner_id.id)]})
        self.copy_of_ben("CK2", attendees=guests)
        self.assertNotIn(self.ben.partner_id, event.partner_ids)
