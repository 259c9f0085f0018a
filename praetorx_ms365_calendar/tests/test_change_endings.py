"""Test that a change which ends edits, approvals or conflicts is not harmless."""

from odoo.tests import tagged

from ..engine.mail_impact import mail_impact
from .common import apply_preview
from .preview_common import SOON, WaitingChangeCase


@tagged("post_install", "-at_install")
class TestChangeEndings(WaitingChangeCase):
    """Outlook lists nothing, so all that a change does is in Odoo."""

    def setUp(self):
        super().setUp()
        self.Approval = self.env["praetorx.ms365.approval"]

    def unsent(self, name, **vals):
        """Return an event with an edit that is not sent yet."""
        event = self.new_event(name=name, start=SOON, stop=SOON, **vals)
        self.assertEqual(self.entries(event).state, "pending")
        return event

    def approval(self, event):
        """Return an approval about this event that waits."""
        before = event._ms365_read_contents()[event]
        event.with_user(self.anna).location = "Hall 4"
        after = event._ms365_read_contents()[event]
        return self.Approval._ask(
            self.entries(event),
            kind="colleague",
            operation="update",
            field_names=after.changed_fields(before),
            impact=mail_impact(before, after),
            author=self.ben,
            before=before,
            after=after,
        )

    def propose_no_sending(self):
        self.me.write({"ms365_sync_direction": "outlook_to_odoo"})
        self.run_steps()
        return self.change()

    def test_direction_with_an_unsent_edit_waits(self):
        entry = self.entries(self.unsent("Plan"))
        change = self.propose_no_sending()
        self.assertEqual((change.state, change.end_count), ("ready", 1))
        self.assertIn("Plan", change.end_note)
        self.assertIn("Unsent edits: 1", change.end_note)
        self.assertEqual(self.account.direction, "both")
        self.assertEqual(entry.state, "pending", "the preview itself ends nothing")
        apply_preview(change)
        self.assertEqual(entry.state, "dead")

    def test_two_edits_of_an_event_count_once(self):
        event = self.unsent("Plan")
        event.with_user(self.anna).location = "Hall 4"
        self.unsent("Idea")
        change = self.propose_no_sending()
        self.assertEqual(change.end_count, 2)
        self.assertIn("Idea", change.end_note)

    def test_direction_with_an_approval_waits(self):
        event = self.unsent("Plan")
        approval = self.approval(event)
        change = self.propose_no_sending()
        self.assertEqual((change.state, change.end_count), ("ready", 1))
        self.assertIn("approvals that wait: 1", change.end_note)
        self.assertEqual(approval.state, "waiting")
        apply_preview(change)
        self.assertEqual(approval.state, "over")

    def test_calendar_with_an_unsent_edit_is_not_taken_away_at_once(self):
        fair = self.fair()
        fair.is_synced = True
        event = self.unsent("Plan", ms365_calendar_id=fair.id)
        self.asked()
        fair.with_user(self.anna).is_synced = False
        self.run_steps()
        change = self.change()
        self.assertEqual((change.state, change.end_count), ("ready", 1))
        self.assertTrue(fair.is_synced)
        self.assertEqual(self.entries(event).state, "pending")

    def test_read_only_calendar_with_an_unsent_edit_waits(self):
        self.unsent("Plan")
        self.calendar.with_user(self.anna).direction = "outlook_to_odoo"
        self.run_steps()
        self.assertEqual(self.change().end_count, 1)

    def test_names_are_for_the_owner_only(self):
        self.unsent("Plan")
        change = self.propose_no_sending()
        admin = change.with_user(self.env.ref("base.user_admin"))
        self.assertNotIn("Plan", admin.end_note)

    def test_direction_without_anything_unsent_is_made_by_itself(self):
        self.assertFalse(self.propose_no_sending())
        self.assertEqual(self.account.direction, "outlook_to_odoo")
