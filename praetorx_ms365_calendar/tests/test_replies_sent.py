from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..engine.errors import AlreadyGone, TryLater
from ..graph.client import GraphResponse
from ..sync.push.work import PushWork
from .common import TwoMailboxesCase, attendee, person


@tagged("post_install", "-at_install")
class TestRepliesSent(TwoMailboxesCase):
    """Answers given in Odoo go through the own mailbox, once."""

    def reply(self, event, method="do_accept"):
        """Have Ben answer in Odoo."""
        part = self.part_of(self.ben, event)
        getattr(part.with_user(self.ben), method)()
        self.env.flush_all()
        return part

    def claim(self):
        job = PushWork(self.env).claim(self.account_of_ben.id)
        self.env.flush_all()
        return job

    def record(self, job, reply):
        job.record([reply])
        self.env.flush_all()
        self.env.invalidate_all()

    def looked(self, response="notResponded", **values):
        """Graph's answer to looking at Ben's copy."""
        status = {"response": response, **values.pop("status", {})}
        body = self.remote_copy(responseStatus=status, **values)
        return GraphResponse(200, {}, body, "request-1", None)

    def accepted(self):
        """Graph's answer to a request that it has taken."""
        return GraphResponse(202, {}, None, "request-2", None)

    def failed(self, error):
        return GraphResponse(0, {}, None, "request-3", error)

    def assertReplied(self, event, state="done"):
        replies = self.entries(event).filtered(lambda e: e.operation == "respond")
        self.assertEqual(set(replies.mapped("state")), {state})

    # --- noted down -----------------------------------------------------------------

    def test_each_reply_is_recorded_for_the_own_mailbox(self):
        event = self.meeting()
        for method in ("do_accept", "do_tentative", "do_decline"):
            with self.assertCaptured("respond", account=self.account_of_ben):
                self.reply(event, method)

    def test_reply_by_the_status_of_the_form_is_recorded(self):
        event = self.meeting()
        with self.assertCaptured("respond", account=self.account_of_ben):
            event.with_user(self.ben).current_status = "tentative"
            self.env.flush_all()

    def test_reply_by_the_link_of_a_mail_stays_in_odoo(self):
        event = self.meeting()
        part = self.part_of(self.ben, event)
        public = self.env.ref("base.public_user")
        with self.assertNothingCaptured():
            part.with_user(public).sudo().do_accept()
        self.assertEqual(part.state, "accepted")
        bodies = "".join(event.message_ids.mapped("body"))
        self.assertIn("in Odoo only", bodies)

    def test_reply_by_the_link_of_a_mail_is_sent_when_signed_in(self):
        event = self.meeting()
        part = self.part_of(self.ben, event)
        with self.assertCaptured("respond", account=self.account_of_ben):
            part.with_user(self.ben).sudo().do_accept()

    def test_same_reply_again_is_not_recorded(self):
        event = self.meeting()
        self.reply(event)
        with self.assertNothingCaptured():
            self.reply(event)

    def test_organizer_sends_no_reply(self):
        event = self.meeting()
        with self.assertNothingCaptured():
            self.part_of(self.anna, event).with_user(self.anna).do_tentative()

    def test_reply_of_a_user_without_sync_stays_in_odoo(self):
        event = self.pulled(attendees=[attendee("cleo@example.com", "Cleo")])
        part = self.part_of(self.cleo, event)
        with self.assertNothingCaptured():
            part.with_user(self.cleo).do_accept()
        self.assertEqual(part.state, "accepted")

    def test_reply_to_a_meeting_that_is_not_in_outlook_stays_in_odoo(self):
        event = self.new_event(self.cleo, partner_ids=[(4, self.ben.partner_id.id)])
        with self.assertNothingCaptured():
            self.reply(event)

    def test_nobody_replies_for_a_syncing_person(self):
        part = self.part_of(self.ben, self.meeting())
        with self.assertRaisesRegex(UserError, "own Outlook calendar"):
            part.with_user(self.anna).do_accept()
        self.assertEqual(part.state, "needsAction")

    # --- sent once ------------------------------------------------------------------

    def test_copy_is_read_and_then_the_reply_is_sent(self):
        event = self.meeting()
        self.reply(event)
        looking = self.claim()
        self.record(looking, self.looked())
        self.assertReplied(event, "pending")
        sending = self.claim()
        self.assertReplied(event, "sending")
        self.record(sending, self.accepted())
        self.assertReplied(event)
        self.assertFalse(self.claim())
        row = self.Log.search([("operation", "=", "respond")], limit=1)
        self.assertEqual((row.outcome, row.event_id), ("done", event))

    def test_reply_with_a_lost_response_is_not_sent_again(self):
        event = self.meeting()
        self.reply(event)
        self.record(self.claim(), self.looked())
        self.claim()  # and the process dies; Graph has got it
        self.record(self.claim(), self.looked("accepted", change_key="CK2"))
        self.assertReplied(event)
        self.assertFalse(self.claim())

    def test_copy_is_read_before_a_failed_reply_is_sent_again(self):
        event = self.meeting()
        self.reply(event)
        self.record(self.claim(), self.looked())
        self.record(self.claim(), self.failed(TryLater("busy", response_lost=True)))
        entry = self.entries(event)[-1]
        self.assertEqual((entry.state, entry.answer_mode), ("pending", False))

    def test_copy_is_read_again_if_the_reply_was_not_sent_at_once(self):
        """Its owner may have answered in Outlook since."""
        event = self.meeting()
        self.reply(event)
        self.record(self.claim(), self.looked())
        self.entries(event)[-1].looked_at -= timedelta(minutes=2)
        later = fields.Datetime.now() + timedelta(hours=1)
        status = {"time": f"{later.isoformat()}Z"}
        again = self.looked("declined", change_key="CK2", status=status)
        self.record(self.claim(), again)
        self.assertFalse(self.claim())
        self.assertEqual(self.part_of(self.ben, event).state, "declined")

    def test_only_the_last_of_several_replies_is_sent(self):
        event = self.meeting()
        self.reply(event)
        self.reply(event, "do_decline")
        self.record(self.claim(), self.looked())
        self.record(self.claim(), self.accepted())
        self.assertReplied(event)
        self.assertEqual(self.link("B1").state, "deleted_there")

    def test_organizer_who_wants_no_replies_is_not_mailed(self):
        event = self.meeting()
        self.reply(event)
        self.record(self.claim(), self.looked(responseRequested=False))
        self.assertEqual(self.entries(event)[-1].answer_mode, "quiet")

    # --- both sides answer ----------------------------------------------------------

    def test_later_reply_in_outlook_wins(self):
        event = self.meeting()
        part = self.reply(event)
        later = fields.Datetime.now() + timedelta(hours=1)
        time = later.strftime("%Y-%m-%dT%H:%M:%SZ")
        reply = self.looked("declined", change_key="CK2", status={"time": time})
        self.record(self.claim(), reply)
        self.assertEqual(part.state, "declined")
        self.assertReplied(event)
        self.assertFalse(self.claim())

    def test_earlier_reply_in_outlook_does_not_undo_the_waiting_one(self):
        event = self.meeting()
        part = self.reply(event)
        copy = self.remote_copy(
            change_key="CK2",
            responseStatus={"response": "declined", "time": "2020-01-01T00:00:00Z"},
        )
        self.pull(copy, account=self.account_of_ben)
        self.pull(
            self.remote(
                change_key="CK2",
                attendees=[attendee("ben@example.com", "Ben", "declined")],
            )
        )
        self.assertEqual(part.state, "accepted")

    def test_replies_of_others_are_not_read_from_an_attendees_copy(self):
        event = self.pulled(
            attendees=[
                attendee("ben@example.com", "Ben"),
                attendee("cleo@example.com", "Cleo", "accepted"),
            ]
        )
        copy = self.remote_copy(
            attendees=[
                attendee("ben@example.com", "Ben"),
                attendee("cleo@example.com", "Cleo", "declined"),
            ]
        )
        self.pull(copy, account=self.account_of_ben)
        self.assertEqual(self.part_of(self.cleo, event).state, "accepted")

    def test_reply_under_another_address_of_the_mailbox_arrives(self):
        self.account_of_ben.mailbox_address = "Ben.Smith@example.com"
        event = self.pulled(
            attendees=[attendee("ben.smith@example.com", "Ben", "tentativelyAccepted")]
        )
        self.pull(
            self.remote(
                change_key="CK2",
                attendees=[attendee("ben.smith@example.com", "Ben", "accepted")],
            )
        )
        self.assertEqual(self.part_of(self.ben, event).state, "accepted")

    # --- declined -------------------------------------------------------------------

    def decline(self, event):
        self.reply(event, "do_decline")
        self.record(self.claim(), self.looked())
        self.record(self.claim(), self.accepted())

    def test_declining_deletes_the_meeting_for_nobody(self):
        event = self.meeting()
        self.decline(event)
        self.gone(self.link("B1"))
        self.assertTrue(event.active)
        self.assertEqual(self.link("R1").state, "synced")
        self.assertEqual(self.part_of(self.ben, event).state, "declined")

    def outsiders_meeting(self):
        """Return Olga's meeting, which only Ben has in Outlook."""
        self.pull(
            self.remote_copy(organizer=person("olga@elsewhere.example", "Olga")),
            account=self.account_of_ben,
        )
        return self.link("B1").event_id

    def test_declined_meeting_of_an_outsider_stays_in_odoo_and_says_no(self):
        event = self.outsiders_meeting()
        self.decline(event)
        self.gone(self.link("B1"))
        self.assertTrue(event.active)
        self.assertEqual(event.ms365_sync_state, "none")
        self.assertEqual(self.part_of(self.ben, event).state, "declined")

    def test_declined_meeting_of_an_outsider_is_never_made_anew_in_outlook(self):
        event = self.outsiders_meeting()
        self.decline(event)
        with self.assertRaises(UserError):
            event.with_user(self.ben).name = "Another name"
        with self.assertNothingCaptured():
            event.with_user(self.ben).show_as = "free"

    def test_declined_copy_that_is_gone_already_is_declined(self):
        event = self.meeting()
        self.reply(event, "do_decline")
        for _look in range(10):
            with freeze_time(self.entries(event)[-1].not_before):
                if job := self.claim():
                    self.record(job, self.failed(AlreadyGone("Graph answered 404")))
        self.assertReplied(event)
        self.assertEqual(self.link("B1").state, "deleted_there")

    def test_reply_to_a_missing_copy_is_sent_a_little_later(self):
        event = self.meeting()
        self.reply(event)
        self.record(self.claim(), self.failed(AlreadyGone("Graph answered 404")))
        self.assertReplied(event, "pending")
        self.assertFalse(self.claim())
        with freeze_time(self.entries(event)[-1].not_before):
            self.record(self.claim(), self.looked())
            self.record(self.claim(), self.accepted())
        self.assertReplied(event)
        self.assertEqual(self.link("B1").state, "synced")

    def test_declined_meeting_that_the_organizer_sends_again_is_linked_again(self):
        event = self.meeting()
        self.decline(event)
        self.pull(
            self.remote_copy("B2", responseStatus={"response": "notResponded"}),
            account=self.account_of_ben,
        )
        link = self.link("B2")
        self.assertEqual((link.event_id, link.state), (event, "synced"))
        self.assertEqual(self.part_of(self.ben, event).state, "declined")

    def invited_again(self):
        """Return a meeting with a second invitation, before the first is known gone."""
        event = self.meeting()
        status = {"response": "accepted", "time": "2020-01-01T00:00:00Z"}
        self.pull_copy("B2", responseStatus=status)
        self.assertEqual(self.link("B2").state, "quarantined")
        self.reply(event, "do_decline")
        return event

    def assertDeclinedAgain(self, event):
        """Check that the reply is sent to the second invitation."""
        self.assertReplied(event, "pending")
        self.read_due()
        self.assertEqual(self.link("B2").event_id, event)
        self.record(self.claim(), self.looked("accepted", remote_id="B2"))
        self.assertReplied(event, "pending")
        self.record(self.claim(), self.accepted())
        self.assertReplied(event)
        self.assertEqual(self.link("B2").state, "deleted_there")
        self.assertEqual(self.part_of(self.ben, event).state, "declined")

    def test_reply_waits_for_an_invitation_that_came_again(self):
        event = self.invited_again()
        self.gone(self.link("B1"))
        self.assertFalse(self.claim())
        self.assertDeclinedAgain(event)

    def test_reply_whose_copy_is_missing_goes_to_the_invitation_that_came_again(self):
        event = self.invited_again()
        for _look in range(10):
            with freeze_time(self.entries(event)[-1].not_before):
                if job := self.claim():
                    self.record(job, self.failed(AlreadyGone("Graph answered 404")))
        self.assertDeclinedAgain(event)

    def test_same_reply_to_a_new_invitation_is_newer_than_one_that_waits(self):
        event = self.meeting()
        reply = "tentativelyAccepted"
        early = {"response": reply, "time": "2020-01-01T00:00:00Z"}
        self.pull_copy("B1", "CK2", responseStatus=early)
        self.gone(self.link("B1"))
        self.reply(event)
        late = {"response": reply, "time": "2090-01-01T00:00:00Z"}
        self.pull_copy("B2", "CK3", responseStatus=late)
        looked = self.looked(reply, remote_id="B2", status={"time": late["time"]})
        self.record(self.claim(), looked)
        self.assertReplied(event)
        self.assertEqual(self.part_of(self.ben, event).state, "tentative")

    # --- invitations without a reply ------------------------------------------------

    def test_reply_is_sent_although_its_calendar_is_not_synced_any_more(self):
        """The invitation is still in Outlook, and the organizer waits for the reply."""
        for before in (True, False):
            with self.subTest(before=before):
                event = self.meeting()
                link = self.link("B1")
                if before:
                    self.reply(event)
                link._stop_following()
                if not before:
                    self.reply(event, "do_tentative")
                self.record(self.claim(), self.looked())
                self.assertEqual(link.state, "calendar_off")
                self.record(self.claim(), self.accepted())
                self.assertReplied(event)
                self.assertEqual(link.state, "calendar_off")
                link._return_to_calendar()

    def test_lost_invitation_is_an_error_with_a_reason_and_not_a_silent_end(self):
        event = self.meeting()
        self.decline(event)
        self.reply(event)
        self.assertFalse(self.claim())
        dead = self.entries(event)[-1]
        self.assertEqual(dead.state, "dead")
        self.assertIn(
            "no longer in the mailbox", event.with_user(self.ben).ms365_message
        )

    def test_reply_waits_for_its_invitation(self):
        event = self.pulled(attendees=[attendee("ben@example.com", "Ben")])
        self.reply(event)
        self.assertFalse(self.claim())
        self.assertReplied(event, "pending")
        self.pull_copy()
        self.assertTrue(self.claim())

    def test_reply_to_a_missing_invitation_is_an_error_in_the_end(self):
        event = self.pulled(attendees=[attendee("ben@example.com", "Ben")])
        self.reply(event)
        self.entries(event)[-1].failure_counts = {"AwaitInvitation": 1000}
        self.claim()
        self.assertEqual(self.entries(event)[-1].state, "dead")
        self.assertEqual(event.ms365_sync_state, "error")

    def test_error_ends_once_the_reply_is_sent(self):
        event = self.meeting()
        self.reply(event)
        self.entries(event)[-1].write({"state": "dead", "reason": "why"})
        event._ms365_show_state("error")
        event.with_user(self.ben).action_ms365_retry()
        self.record(self.claim(), self.looked("accepted", change_key="CK2"))
        self.assertEqual(event.ms365_sync_state, "synced")

    def test_reply_of_a_removed_guest_is_not_sent(self):
        event = self.meeting()
        self.reply(event)
        event.with_user(self.anna).partner_ids = [(3, self.ben.partner_id.id)]
        self.assertFalse(self.claim())
        self.assertReplied(event)
