from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..engine.mail_impact import mail_impact
from .common import SyncCase, attendee, new_administrator


class AskingCase(SyncCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Approval = cls.env["praetorx.ms365.approval"]

    def ask(self, event, *, operation="update", before=None, author=None, **vals):
        """Write to an event, and have that wait for Anna's word."""
        author = author or self.ben
        before = before or event._ms365_read_contents()[event]
        self.Outbox.search([]).write({"state": "done"})
        if operation == "cancel":
            event.with_user(self.anna).write({"active": False})
        else:
            event.with_user(self.anna).write(vals)
        after = event._ms365_read_contents()[event]
        entries = self.entries(event).filtered(lambda one: one.state == "pending")
        return self.Approval._ask(
            entries,
            kind="colleague",
            operation=operation,
            field_names=after.changed_fields(before),
            impact=mail_impact(before, None if operation == "cancel" else after),
            author=author,
            before=before,
            after=after,
        )

    def meeting(self):
        """Return a meeting of Anna's with a guest, in sync."""
        return self.pulled(attendees=[attendee("gus@example.com", "Gus")])


@tagged("post_install", "-at_install")
class TestApproval(AskingCase):
    """A change waits until the owner of the mailbox has said yes or no."""

    def test_entries_are_held_until_the_owner_agrees(self):
        event = self.meeting()
        approval = self.ask(event, location="Room 2")
        held = approval.entry_ids
        self.assertEqual(held.mapped("state"), ["held"])
        self.assertTrue(held.reason)
        self.assertEqual(approval.mail_count, 1)
        self.approve(approval, self.anna)
        self.assertEqual(held.mapped("state"), ["pending"])
        self.assertEqual(approval.state, "approved")
        self.assertEqual(approval.decided_by_id, self.anna)
        self.assertEqual(event.location, "Room 2")

    def test_rejected_change_is_undone_and_nothing_is_sent(self):
        event = self.meeting()
        approval = self.ask(event, location="Room 2")
        with self.assertNothingCaptured():
            approval.with_user(self.anna).action_reject()
        self.assertFalse(event.location)
        self.assertEqual(approval.entry_ids.mapped("state"), ["done"])
        self.assertEqual(event.ms365_sync_state, "synced")

    def test_later_edit_stays_when_a_change_is_rejected(self):
        event = self.meeting()
        approval = self.ask(event, location="Room 2", name="Dinner")
        event.with_user(self.anna).write({"name": "Breakfast"})
        approval.with_user(self.anna).action_reject()
        self.assertFalse(event.location)
        self.assertEqual(event.name, "Breakfast")

    def test_only_the_guest_of_the_rejected_change_goes(self):
        event = self.meeting()
        cleo = self.cleo.partner_id
        approval = self.ask(event, partner_ids=[(4, cleo.id)])
        event.with_user(self.anna).write({"partner_ids": [(4, self.ben.partner_id.id)]})
        approval.with_user(self.anna).action_reject()
        self.assertNotIn(cleo, event.partner_ids)
        self.assertIn(self.ben.partner_id, event.partner_ids)
        self.assertIn(self.guest, event.partner_ids)

    def test_a_deleted_event_comes_back_when_that_is_rejected(self):
        event = self.meeting()
        approval = self.ask(event, operation="cancel")
        self.assertFalse(event.active)
        approval.with_user(self.anna).action_reject()
        self.assertTrue(event.active)
        self.assertEqual(self.link().state, "synced")

    def test_a_new_event_stays_in_odoo_with_its_reason(self):
        event = self.new_event(partner_ids=[(4, self.guest.id)])
        approval = self.Approval._ask(
            self.entries(event),
            kind="colleague",
            operation="create",
            author=self.ben,
            mail_count=1,
        )
        approval.with_user(self.anna).action_reject()
        self.assertTrue(event.active)
        self.assertEqual(event.ms365_sync_state, "none")
        self.assertIn("Anna", event.with_user(self.anna).ms365_approval_note)

    def test_undecided_change_lapses_without_a_mail(self):
        event = self.meeting()
        approval = self.ask(event, location="Room 2")
        with freeze_time(approval.expires_at + timedelta(minutes=1)):
            self.Approval._cron_lapse()
        self.assertEqual(approval.state, "lapsed")
        self.assertFalse(event.location)

    def test_lapsed_change_cannot_be_approved(self):
        approval = self.ask(self.meeting(), location="Room 2")
        with freeze_time(approval.expires_at + timedelta(minutes=1)):
            self.approve(approval, self.anna)
        self.assertEqual(approval.state, "lapsed")
        self.assertEqual(approval.entry_ids.mapped("state"), ["done"])

    def test_only_the_owner_agrees(self):
        approval = self.ask(self.meeting(), location="Room 2")
        admin = new_administrator(self.env)
        for user in (self.ben, admin):
            with self.assertRaises(UserError):
                self.approve(approval, user)
        with self.assertRaises(AccessError):
            self.approve(approval, self.cleo)
        self.assertEqual(approval.state, "waiting")

    def test_the_author_may_take_it_back(self):
        event = self.meeting()
        approval = self.ask(event, location="Room 2")
        approval.with_user(self.ben).action_reject()
        self.assertEqual(approval.state, "withdrawn")
        self.assertFalse(event.location)

    def test_the_owner_has_an_activity_until_it_is_decided(self):
        approval = self.ask(self.meeting(), location="Room 2")
        activity = approval.activity_ids
        self.assertEqual(activity.user_id, self.anna)
        self.assertNotIn("Lunch", f"{activity.res_name} {activity.note}")
        self.approve(approval, self.anna)
        self.assertFalse(approval.activity_ids)

    def test_further_edits_of_the_same_author_join_the_same_approval(self):
        event = self.meeting()
        first = self.ask(event, location="Room 2")
        second = self.ask(event, name="Dinner")
        self.assertEqual(first, second)
        self.assertEqual(set(first.field_names), {"location", "subject"})
        first.with_user(self.anna).action_reject()
        self.assertRecordValues(event, [{"name": "Lunch", "location": ""}])

    def test_an_echo_of_outlook_does_not_send_a_waiting_edit(self):
        event = self.meeting()
        self.ask(event, location="Room 2")
        with self.assertNothingCaptured():
            self.pulled(
                change_key="CK2",
                subject="Brunch",
                attendees=[attendee("gus@example.com", "Gus")],
            )
        self.assertRecordValues(event, [{"name": "Brunch", "location": "Room 2"}])

    def test_the_form_names_the_waiting_change(self):
        event = self.meeting()
        self.ask(event, location="Room 2")
        for user in (self.anna, self.ben):
            seen = event.with_user(user)
            self.assertTrue(seen.ms365_awaits_approval)
            self.assertIn("Ben", seen.ms365_approval_note)
        self.assertTrue(event.with_user(self.anna).ms365_may_approve)
        self.assertFalse(event.with_user(self.ben).ms365_may_approve)

    def test_strangers_do_not_read_the_change_of_a_private_event(self):
        event = self.meeting()
        approval = self.ask(event, location="Room 2", privacy="private")
        admin = new_administrator(self.env)
        seen = approval.with_user(admin)
        self.assertNotIn("Lunch", seen.display_name)
        self.assertNotIn("gus@example.com", seen.summary)
        self.assertFalse(seen.changes)
        self.assertIn("Room 2", approval.with_user(self.anna).changes)

    def test_the_log_names_the_author(self):
        event = self.meeting()
        approval = self.ask(event, location="Room 2")
        self.approve(approval, self.anna)
        rows = self.Log.search([("event_id", "=", event.id)])
        self.assertIn(self.ben, rows.author_id)
        self.assertIn("Anna has agreed", event.message_ids[0].body)

    def test_the_time_until_it_lapses_is_told(self):
        approval = self.ask(self.meeting(), location="Room 2")
        self.assertGreater(approval.expires_at, fields.Datetime.now())
        self.assertTrue(approval._describe_deadline())
