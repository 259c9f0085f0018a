from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ..engine.errors import TryLater
from ..graph.client import GraphResponse
from ..sync.push.work import PushWork
from .common import TwoMailboxesCase, attendee


@tagged("post_install", "-at_install")
class TestOrganizerChange(TwoMailboxesCase):
    """Another organizer: explicit, previewed, never losing the meeting."""

    def meeting(self, **values):
        """Return Anna's meeting with Ben and Gus, which Ben has as well."""
        guests = [
            attendee("ben@example.com", "Ben", "accepted"),
            attendee("gus@example.com", "Gus Guest"),
        ]
        return super().meeting(attendees=guests, **values)

    def wizard(self, event, user=None, new=None, **values):
        wizard = (
            self.env["praetorx.ms365.organizer.change"]
            .with_user(user or self.anna)
            .create({"event_id": event.id, **values})
        )
        wizard.new_organizer_id = self.ben if new is None else new
        return wizard

    def change(self, event, **values):
        self.wizard(event, **values).action_change()
        waiting = self.env["praetorx.ms365.approval"].search(
            [("state", "=", "waiting")]
        )
        for approval in waiting:  # the new organizer agrees
            self.approve(approval, approval.user_id)
        self.env.flush_all()
        self.env.invalidate_all()

    def claim(self, account):
        job = PushWork(self.env).claim(account.id)
        self.env.flush_all()
        return job

    def record(self, job, answer):
        job.record([answer])
        self.env.flush_all()
        self.env.invalidate_all()

    def created(self, remote_id="R2", **values):
        """Graph's answer to the create in Ben's mailbox."""
        body = self.remote(remote_id, attendees=[], **values)
        return GraphResponse(201, {}, body, "request-1", None)

    def pending(self, account, operation):
        return self.Outbox.search(
            [
                ("account_id", "=", account.id),
                ("operation", "=", operation),
                ("state", "=", "pending"),
            ]
        )

    # --- rights ---------------------------------------------------------------------

    def test_organizer_cannot_be_written_directly(self):
        event = self.meeting()
        with self.assertRaisesRegex(UserError, "Change organizer"):
            event.with_user(self.anna).user_id = self.ben

    def test_only_the_organizer_and_administrators_see_the_dialog(self):
        event = self.meeting()
        self.assertTrue(event.with_user(self.anna).ms365_may_change_organizer)
        self.assertFalse(event.with_user(self.ben).ms365_may_change_organizer)
        with self.assertRaisesRegex(UserError, "Only the organizer"):
            event.with_user(self.ben).action_ms365_change_organizer()
        wizard = self.wizard(event, user=self.ben)
        with self.assertRaisesRegex(UserError, "Only the organizer"):
            wizard.action_change()

    def test_the_new_organizer_is_asked_before_anything_leaves(self):
        event = self.meeting()
        self.wizard(event).action_change()
        approval = self.env["praetorx.ms365.approval"].search([])
        self.assertRecordValues(
            approval,
            [{"state": "waiting", "user_id": self.ben.id, "author_id": self.anna.id}],
        )
        self.assertIsNone(self.claim(self.account_of_ben))
        self.assertFalse(self.pending(self.account, "delete"))

    def test_a_meeting_that_nobody_takes_is_given_back(self):
        event = self.meeting()
        self.wizard(event).action_change()
        approval = self.env["praetorx.ms365.approval"].search([])
        approval.with_user(self.ben).action_reject()
        self.assertEqual(event.user_id, self.anna)
        self.assertIn(self.ben.partner_id, event.partner_ids)
        self.assertRecordValues(
            self.link("R1"),
            [{"event_id": event.id, "state": "synced", "is_primary": True}],
        )
        self.assertEqual(self.link("B1").event_id, event)
        pending = self.Outbox.search([("state", "in", ["pending", "held"])])
        self.assertFalse(pending)
        with self.assertNothingCaptured():
            self.pull(self.invitation())
        self.assertEqual(len(self.meetings()), 1)

    def test_somebody_who_does_not_sync_cannot_take_it(self):
        wizard = self.wizard(self.meeting(), new=self.cleo)
        self.assertIn("Cleo does not sync", wizard.obstacle)
        self.assertFalse(wizard.consequences)
        with self.assertRaisesRegex(UserError, "Cleo does not sync"):
            wizard.action_change()

    def test_mailbox_that_is_not_connected_cannot_take_it(self):
        self.account_of_ben.state = "sign_in_again"
        self.assertIn("does not sync", self.wizard(self.meeting()).obstacle)

    def test_edit_that_is_on_its_way_comes_first(self):
        event = self.meeting()
        event.with_user(self.anna).name = "Dinner"
        self.assertIn("do not agree", self.wizard(event).obstacle)

    # --- the dialog -----------------------------------------------------------------

    def test_preview_names_everybody_who_is_mailed(self):
        event = self.meeting()
        context = event.with_user(self.anna).action_ms365_change_organizer()["context"]
        with Form(
            self.env["praetorx.ms365.organizer.change"]
            .with_user(self.anna)
            .with_context(**context)
        ) as form:
            form.new_organizer_id = self.ben
            self.assertFalse(form.obstacle)
            # Invited: Anna, Gus. Cancelled: Ben, Gus.
            self.assertEqual(form.mail_count, 4)
            self.assertIn("invites 2 people (Anna, Gus Guest)", form.consequences)
            self.assertIn("tells 2 people (Ben, Gus Guest)", form.consequences)

    def test_preview_without_the_former_organizer(self):
        wizard = self.wizard(self.meeting(), keeps_former=False)
        self.assertIn("invites 1 person (Gus Guest)", wizard.consequences)

    # --- the change -----------------------------------------------------------------

    def test_new_one_is_made_before_the_old_one_is_cancelled(self):
        event = self.meeting()
        self.change(event)
        self.assertEqual(event.user_id, self.ben)
        self.assertEqual(self.pending(self.account_of_ben, "upsert").event_id, event)
        self.assertFalse(self.pending(self.account, "delete"))
        job = self.claim(self.account_of_ben)
        self.record(job, self.created())
        self.assertEqual(self.link("R2").event_id, event)
        self.assertTrue(self.link("R2").is_primary)
        self.assertEqual(self.pending(self.account, "delete").link_id, self.link("R1"))
        self.assertEqual(event.ms365_sync_state, "synced")

    def test_nothing_is_cancelled_while_the_new_one_cannot_be_made(self):
        event = self.meeting()
        self.change(event)
        failure = GraphResponse(0, {}, None, None, TryLater("busy", response_lost=True))
        self.record(self.claim(self.account_of_ben), failure)
        self.assertFalse(self.pending(self.account, "delete"))
        self.assertTrue(event.active)

    def test_create_with_a_lost_response_is_cancelled(self):
        event = self.meeting()
        self.change(event)
        entry = self.pending(self.account_of_ben, "upsert")
        self.claim(self.account_of_ben)  # and the process dies; Graph has got it
        self.pull(
            self.remote(
                "R2",
                organizer={"emailAddress": {"address": "ben@example.com"}},
                transactionId=entry.idempotency_key,
                attendees=[
                    attendee("anna@example.com", "Anna"),
                    attendee("gus@example.com", "Gus Guest"),
                ],
            ),
            account=self.account_of_ben,
        )
        self.assertEqual(self.link("R2").event_id, event)
        self.claim(self.account_of_ben)
        self.assertEqual(self.pending(self.account, "delete").link_id, self.link("R1"))
        self.assertEqual(event.user_id, self.ben)

    def test_meeting_deleted_before_it_was_made_anew_is_cancelled_too(self):
        event = self.meeting()
        self.change(event)
        event.with_user(self.ben).unlink()
        self.assertEqual(self.pending(self.account, "delete").link_id, self.link("R1"))

    def test_meeting_deleted_while_nobody_sends_is_cancelled_too(self):
        event = self.meeting()
        self.change(event)
        self.account_of_ben.link_ids.unlink()  # he signs in to another mailbox
        (self.anna | self.ben).ms365_sync_direction = "outlook_to_odoo"
        event.with_user(self.ben).unlink()
        self.assertEqual(self.pending(self.account, "delete").link_id, self.link("R1"))

    def test_old_copies_bring_nothing_back(self):
        event = self.meeting()
        self.change(event)
        self.pull(self.remote(change_key="CK2", attendees=[]))
        self.pull(self.remote_copy(change_key="CK2"), account=self.account_of_ben)
        self.pull(
            self.remote_copy(change_key="CK3", isCancelled=True, subject="Canceled"),
            account=self.account_of_ben,
        )
        found = self.env["calendar.event"].search([("name", "=", "Lunch")])
        self.assertEqual(found, event)
        self.assertEqual(event.user_id, self.ben)

    def test_everybody_replies_again(self):
        event = self.meeting()
        self.change(event)
        states = {one.partner_id: one.state for one in event.attendee_ids}
        self.assertEqual(states[self.ben.partner_id], "accepted")
        self.assertEqual(states[self.anna.partner_id], "needsAction")
        self.assertEqual(states[self.guest], "needsAction")

    def test_there_and_back_again_are_different_creates(self):
        event = self.meeting()
        keys = set()
        for new, account, remote_id in (
            (self.ben, self.account_of_ben, "R2"),
            (self.anna, self.account, "R3"),
            (self.ben, self.account_of_ben, "R4"),
        ):
            self.change(event, user=event.user_id, new=new)
            keys.add(self.pending(account, "upsert").idempotency_key)
            self.record(self.claim(account), self.created(remote_id))
            self.Outbox.search([("state", "=", "pending")]).state = "done"
        self.assertEqual(len(keys), 3)

    def test_change_mails_nobody_from_odoo(self):
        event = self.meeting()
        before = self.env["mail.mail"].sudo().search_count([])
        self.change(event)
        self.assertEqual(self.env["mail.mail"].sudo().search_count([]), before)
