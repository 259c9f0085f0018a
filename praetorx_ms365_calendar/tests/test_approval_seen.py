from lxml import etree

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .test_colleagues import ColleaguesCase
from .test_noticed import NoticedCase


@tagged("post_install", "-at_install")
class TestApprovalsAsSeen(NoticedCase, ColleaguesCase):
    """Test that a yes covers only the edits that the view showed."""

    def asked(self):
        """Have Cleo change the place of a meeting of Anna's."""
        event = self.meeting()
        event.with_user(self.cleo).location = "Room 2"
        return event, self.assertAsked("update", 1)

    def decide(self, records, method, seen, user=None):
        """Press a button of a view that shows ``seen``."""
        records = records.with_user(user or self.anna).with_context(ms365_seen=seen)
        return getattr(records, method)()

    def assertLookAgain(self, action):
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn("changed again meanwhile", action["params"]["message"])
        self.assertEqual(
            action["params"]["next"], {"type": "ir.actions.act_window_close"}
        )

    def test_an_edit_that_joins_meanwhile_is_not_approved_unseen(self):
        event, approval = self.asked()
        seen = approval.with_user(self.anna).seen
        event.with_user(self.cleo).name = "Pay here"
        self.assertLookAgain(self.decide(approval, "action_approve", seen))
        self.assertEqual(approval.state, "waiting")
        self.assertFalse(self.on_their_way())
        seen = approval.with_user(self.anna).seen
        self.assertFalse(self.decide(approval, "action_approve", seen))
        self.assertEqual(approval.state, "approved")
        self.assertEqual(len(self.on_their_way()), 2)

    def test_an_edit_that_joins_meanwhile_is_not_rejected_unseen(self):
        event, approval = self.asked()
        seen = approval.with_user(self.anna).seen
        event.with_user(self.cleo).name = "Dinner"
        self.assertLookAgain(self.decide(approval, "action_reject", seen))
        self.assertEqual(event.name, "Dinner")
        approval.with_user(self.anna).action_reject()
        self.assertEqual(approval.state, "rejected")

    def test_a_yes_without_the_version_that_was_seen_is_refused(self):
        """From a list of many, by a server action, and over RPC."""
        event, approval = self.asked()
        for seen in (None, False, "", 7, [approval.id]):
            with self.subTest(seen=seen), self.assertRaises(UserError):
                self.decide(approval, "action_approve", seen)
        with self.assertRaises(UserError):
            event.with_user(self.anna).action_ms365_approve()
        action = self.env["ir.actions.server"].create(
            {
                "name": "Approve all",
                "model_id": self.env["ir.model"]._get_id(approval._name),
                "state": "code",
                "code": "records.action_approve()",
            }
        )
        context = {
            "active_model": approval._name,
            "active_ids": approval.ids,
            "active_id": approval.id,
        }
        with self.assertRaises(UserError):
            action.with_user(self.anna).sudo().with_context(**context).run()
        self.assertEqual(approval.state, "waiting")

    def test_the_version_of_another_change_proves_nothing(self):
        _event, approval = self.asked()
        self.meeting("R2").with_user(self.cleo).location = "Room 2"
        other = self.waiting() - approval
        self.assertLookAgain(self.decide(approval, "action_approve", other.seen))
        self.assertEqual(approval.state, "waiting")

    def test_of_several_none_is_approved_if_one_is_not_as_it_was_seen(self):
        event, _approval = self.asked()
        self.meeting("R2").with_user(self.cleo).location = "Room 2"
        both = self.waiting()
        seen = both._as_seen()
        event.with_user(self.cleo).name = "Dinner"
        self.assertLookAgain(self.decide(both, "action_approve", seen))
        self.assertEqual(set(both.mapped("state")), {"waiting"})
        self.decide(both, "action_approve", both._as_seen())
        self.assertEqual(set(both.mapped("state")), {"approved"})

    def test_the_form_of_the_event_approves_the_shown_version(self):
        event, approval = self.asked()
        seen = event.with_user(self.anna).ms365_approvals_seen
        dora = new_test_user(self.env, "ms365_dora", groups="base.group_user")
        event.with_user(dora).name = "Pay here"
        self.assertEqual(len(self.waiting()), 2)
        self.assertLookAgain(self.decide(event, "action_ms365_approve", seen))
        self.assertEqual(len(self.waiting()), 2)
        event.invalidate_recordset()
        seen = event.with_user(self.anna).ms365_approvals_seen
        self.decide(event, "action_ms365_approve", seen)
        self.assertFalse(self.waiting())
        self.assertEqual(approval.state, "approved")

    def test_edit_that_joins_a_new_meeting_is_judged_again(self):
        event = self.new_event(
            self.cleo, user_id=self.anna.id, partner_ids=[Command.link(self.guest.id)]
        )
        approval = self.waiting()
        seen = approval.seen
        event.with_user(self.cleo).description = "Pay here"
        self.assertLookAgain(self.decide(approval, "action_approve", seen))
        self.assertFalse(self.on_their_way())

    def test_an_address_that_changes_meanwhile_is_looked_at_again(self):
        """Cleo invites Gus, and turns the contact into somebody else."""
        for way in ("create", "update"):
            with self.subTest(way=way):
                self.guest.email = "gus@example.com"
                people = {"partner_ids": [Command.link(self.guest.id)]}
                if way == "create":
                    self.new_event(self.cleo, user_id=self.anna.id, **people)
                else:
                    guests = [self.ben.partner_id.id]
                    event = self.pulled("R9")
                    event.with_user(self.anna).partner_ids = [(4, guests[0])]
                    self.clear_outbox()
                    event.with_user(self.cleo).write(people)
                approval = self.waiting()
                seen = approval.seen
                self.guest.with_user(self.cleo).sudo().email = "eve@example.com"
                self.assertLookAgain(self.decide(approval, "action_approve", seen))
                self.assertFalse(self.on_their_way())
                self.assertIn("eve@example.com", approval.summary)
                self.decide(approval, "action_approve", approval.seen)
                self.assertEqual(approval.state, "approved")
                self.clear_outbox()

    def test_an_address_that_changes_after_the_yes_is_asked_about(self):
        event = self.new_event(
            self.cleo, user_id=self.anna.id, partner_ids=[Command.link(self.guest.id)]
        )
        approval = self.waiting()
        self.approve(approval, self.anna)
        self.assertEqual(self.sent_to(), {"gus@example.com"})
        self.guest.email = "eve@example.com"
        self.assertFalse(self.sent_to())
        self.assertEqual(self.waiting(), approval)
        self.assertIn("eve@example.com", approval.summary)
        self.assertEqual(approval.entry_ids.mapped("state"), ["held"])
        self.assertTrue(approval.activity_ids)
        self.assertEqual(event.ms365_sync_state, "pending")
        self.approve(approval, self.anna)
        self.assertEqual(self.sent_to(), {"eve@example.com"})

    def test_a_contact_that_changes_after_the_yes_is_asked_about(self):
        self.meeting()
        self.open_the_window()
        self.guest.email = "one@example.com"
        self.look()
        approval = self.waiting()
        self.approve(approval, self.anna)
        self.assertEqual(self.sent_to(), {"one@example.com"})
        self.guest.email = "two@example.com"
        self.assertFalse(self.sent_to())
        self.assertEqual(self.waiting(), approval)
        self.assertIn("two@example.com", approval.mailed)

    def test_guests_of_the_owner_need_no_consent_after_the_yes(self):
        event = self.new_event(
            self.cleo, user_id=self.anna.id, partner_ids=[Command.link(self.guest.id)]
        )
        self.approve(self.waiting(), self.anna)
        event.with_user(self.anna).partner_ids = [Command.link(self.ben.partner_id.id)]
        self.assertEqual(self.sent_to(), {"ben@example.com", "gus@example.com"})
        self.assertFalse(self.waiting())

    def test_each_approving_button_sends_the_version_of_its_view(self):
        shown = {
            "praetorx.ms365.approval": ("seen", ["list", "kanban", "form"]),
            "calendar.event": ("ms365_approvals_seen", ["form"]),
        }
        found = 0
        for model, (field, kinds) in shown.items():
            for kind in kinds:
                arch = self.env[model].get_view(view_type=kind)["arch"]
                for button in etree.fromstring(arch).iter("button"):
                    if not (button.get("name") or "").endswith("approve"):
                        continue
                    found += 1
                    with self.subTest(model=model, kind=kind):
                        self.assertEqual(
                            button.get("context"), f"{{'ms365_seen': {field}}}"
                        )
        self.assertEqual(found, 4)
