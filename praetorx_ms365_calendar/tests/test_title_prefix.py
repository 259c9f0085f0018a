from odoo.tests import tagged

from ..engine.errors import AlreadyExists
from ..graph.client import GraphResponse
from ..sync.push.work import PushWork
from .common import SyncCase, attendee


@tagged("post_install", "-at_install")
class TestTitlePrefix(SyncCase):
    """Events that Odoo has made are marked in Outlook, and only there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna.with_user(cls.anna).ms365_title_prefix = "[Odoo]"

    def send(self, remote_id="R1", **values):
        """Send the due write, let Graph confirm it, and return the sent body."""
        [sending] = PushWork(self.env)._plan(self.account)
        body = sending.request.body
        sending.mark()
        self.subject = body.get("subject", getattr(self, "subject", ""))
        remote = self.remote(remote_id, **{"subject": self.subject, **values})
        self.recorder().record(
            [sending], [GraphResponse(200, {}, remote, "request-1", None)]
        )
        self.env.flush_all()
        self.env.invalidate_all()
        return body

    def recorder(self):
        from ..sync.push.recorder import Recorder

        return Recorder(self.account)

    def test_new_event_gets_the_prefix_in_outlook_only(self):
        event = self.new_event()
        self.assertEqual(self.send()["subject"], "[Odoo] Lunch")
        self.assertEqual(event.name, "Lunch")
        self.assertEqual(self.link()._base.theirs.subject, "Lunch")

    def test_echo_changes_and_sends_nothing(self):
        event = self.new_event()
        self.send()
        with self.assertNothingCaptured():
            self.pull(self.remote(subject="[Odoo] Lunch"))
            self.pull(self.remote(change_key="CK2", subject="[Odoo] Lunch"))
        self.assertEqual((event.name, event.sync_origin), ("Lunch", "odoo"))

    def test_new_name_in_odoo_keeps_the_prefix(self):
        event = self.new_event()
        self.send()
        event.with_user(self.anna).name = "Dinner"
        self.assertEqual(self.send(change_key="CK2")["subject"], "[Odoo] Dinner")
        self.assertEqual(event.name, "Dinner")

    def test_new_name_in_outlook_arrives_without_the_prefix(self):
        event = self.new_event()
        self.send()
        self.pull(self.remote(change_key="CK2", subject="[Odoo] Dinner"))
        self.assertEqual(event.name, "Dinner")
        self.pull(self.remote(change_key="CK3", subject="Supper"))
        self.assertEqual(event.name, "Supper")

    def test_event_of_outlook_never_gets_one(self):
        event = self.pulled(subject="[Odoo] is great")
        self.assertEqual(event.name, "[Odoo] is great")
        event.with_user(self.anna).name = "Dinner"
        self.assertEqual(self.send(change_key="CK2")["subject"], "Dinner")

    def test_another_prefix_rewrites_nothing(self):
        event = self.new_event()
        self.send()
        with self.assertNothingCaptured():
            self.anna.with_user(self.anna).ms365_title_prefix = "ERP:"
            self.pull(self.remote(change_key="CK2", subject="[Odoo] Lunch"))
        self.assertEqual(event.name, "Lunch")
        event.with_user(self.anna).name = "Dinner"
        self.assertEqual(self.send(change_key="CK3")["subject"], "[Odoo] Dinner")
        self.new_event(name="Breakfast")
        self.assertEqual(self.send("R2")["subject"], "ERP: Breakfast")

    def test_title_that_begins_with_it_is_not_marked_twice(self):
        self.new_event(name="[Odoo] Lunch")
        self.assertEqual(self.send()["subject"], "[Odoo] Lunch")

    def test_create_with_a_lost_response_is_found_without_the_prefix(self):
        event = self.new_event()
        [sending] = PushWork(self.env)._plan(self.account)
        sending.mark()
        key = sending.request.body["transactionId"]
        self.anna.with_user(self.anna).ms365_title_prefix = "ERP:"
        self.pull(self.remote(subject="[Odoo] Lunch", transactionId=key))
        self.assertEqual(self.link().event_id, event)
        self.assertEqual(event.name, "Lunch")
        self.assertEqual(self.link().title_prefix, "[Odoo]")

    def test_create_that_was_done_before_is_adopted_without_the_prefix(self):
        event = self.new_event()
        [sending] = PushWork(self.env)._plan(self.account)
        sending.mark()
        error = AlreadyExists("made before", existing_id="R1")
        self.recorder().record(
            [sending], [GraphResponse(400, {}, None, "request-1", error)]
        )
        self.pull(self.remote(subject="[Odoo] Lunch"))
        self.assertEqual(event.name, "Lunch")

    def test_mailbox_that_takes_the_meeting_over_knows_the_prefix(self):
        account_of_ben = self.connect(self.ben)
        event = self.new_event(
            partner_ids=[(6, 0, (self.anna | self.ben).partner_id.ids)]
        )
        self.send(attendees=[attendee("ben@example.com", "Ben")])
        copy = self.remote_copy(subject="[Odoo] Lunch")
        self.pull(copy, account=account_of_ben)
        self.anna.ms365_sync_enabled = False
        self.pull(copy | {"changeKey": "CK2"}, account=account_of_ben)
        self.assertTrue(self.link("B1").is_primary)
        self.assertEqual(event.name, "Lunch")

    def test_prefix_is_off_unless_chosen(self):
        self.assertFalse(self.ben.ms365_title_prefix)
