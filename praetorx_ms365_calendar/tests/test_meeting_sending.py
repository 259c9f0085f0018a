from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import DAY, SyncCase


@tagged("post_install", "-at_install")
class TestMeetingSending(SyncCase):
    """Before old meetings are sent, their owner sees each with its people."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Event = cls.env["calendar.event"].sudo().with_context(ms365_from_sync=True)
        cls.one, cls.two = Event.create(
            [
                {
                    "name": f"Call {n}",
                    "start": DAY,
                    "stop": DAY,
                    "user_id": cls.anna.id,
                    "partner_ids": [
                        (4, partner.id)
                        for partner in (cls.guest, cls.cleo.partner_id)[:n]
                    ],
                }
                for n in (1, 2)
            ]
        )

    def open(self):
        """Return the opened list of the waiting meetings."""
        action = self.account.with_user(self.anna).action_review_waiting()
        return (
            self.env[action["res_model"]].with_user(self.anna).browse(action["res_id"])
        )

    def test_list_shows_each_meeting_with_date_and_people(self):
        lines = self.open().line_ids.sorted("mail_count")
        self.assertEqual(lines.event_id, self.one + self.two)
        self.assertEqual(lines.mapped("mail_count"), [1, 2])
        self.assertEqual(lines[0].people, "Gus Guest")
        self.assertEqual(lines[0].start, self.one.start)
        self.assertIn("Cleo", lines[1].people)

    def test_text_counts_what_is_selected(self):
        form = Form(self.open())
        self.assertEqual(form.words, "2 meetings (3 mails)")
        with form.line_ids.edit(1) as line:
            line.is_selected = False
        sending = form.save()
        chosen = sending.line_ids.filtered("is_selected")
        self.assertEqual(
            form.words,
            "1 meeting (%s)" % ("1 mail" if chosen.mail_count == 1 else "2 mails"),
        )

    def test_one_click_selects_none_and_another_one_all(self):
        form = Form(self.open())
        form.all_selected = False
        self.assertEqual(form.words, "0 meetings (0 mails)")
        form.all_selected = True
        self.assertEqual(form.words, "2 meetings (3 mails)")

    def test_opening_sends_nothing(self):
        with self.assertNothingCaptured():
            self.open()

    def test_only_selected_meetings_are_sent_and_the_others_wait(self):
        sending = self.open()
        sending.line_ids.filtered(
            lambda line: line.event_id == self.two
        ).is_selected = False
        with self.assertCaptured("upsert"):
            sending.action_send()
        self.assertEqual(self.entries(self.one).mapped("mails_allowed"), [1])
        self.assertEqual(self.account._events_awaiting_consent(), self.two)
        self.assertEqual(self.account.waiting_words, "1 meeting (2 mails)")

    def test_nothing_selected_is_refused(self):
        sending = self.open()
        sending.line_ids.is_selected = False
        with self.assertRaises(UserError):
            sending.action_send()

    def test_what_was_sent_meanwhile_is_not_sent_again(self):
        sending = self.open()
        self.send_waiting()
        with self.assertNothingCaptured():
            sending.action_send()

    def test_unselected_events_of_another_mailbox_go_on_waiting(self):
        self.account.ask_before_push = True
        sending = self.open()
        sending.line_ids[:1].is_selected = False
        sending.action_send()
        self.assertTrue(self.account.ask_before_push)
        self.open().action_send()
        self.assertFalse(self.account.ask_before_push)

    def test_only_the_owner_sees_and_sends_them(self):
        sending = self.open()
        self.connect(self.ben)
        with self.assertRaises(AccessError):
            self.account.with_user(self.ben).action_review_waiting()
        with self.assertRaises(AccessError):
            sending.with_user(self.ben).action_send()
        forged = self.env[sending._name].with_user(self.ben)
        with self.assertRaises(UserError):
            forged.create(
                {
                    "account_id": self.account.id,
                    "line_ids": [(0, 0, {"event_id": self.one.id})],
                }
            ).action_send()

    def test_form_of_an_event_lists_this_event_only(self):
        seen = self.two.with_user(self.anna)
        self.assertTrue(seen.ms365_may_send)
        action = seen.action_ms365_review_send()
        sending = self.env[action["res_model"]].with_user(self.anna)
        sending = sending.browse(action["res_id"])
        self.assertEqual(sending.line_ids.event_id, self.two)
        sending.action_send()
        self.assertEqual(self.account._events_awaiting_consent(), self.one)
        with self.assertRaises(UserError):
            self.two.with_user(self.ben).action_ms365_review_send()
