from psycopg2.errors import CheckViolation

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..graph.client import GraphResponse
from ..sync.push.work import PushWork
from .common import DAY, SyncCase, attendee
from .test_series import SeriesCase

LIMIT = 20


class GuardCase(SyncCase):
    """Anna's dispatcher plans what it would send; nothing goes over a wire."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Approval = cls.env["praetorx.ms365.approval"]
        cls.company = cls.anna.company_id
        cls.company.ms365_mail_limit = LIMIT
        cls.crowd = cls.env["res.partner"].create(
            [
                {"name": f"Guest {n}", "email": f"guest{n}@example.com"}
                for n in range(LIMIT + 10)
            ]
        )

    def claim(self):
        """Plan and mark the next round trip, as the dispatcher does."""
        job = PushWork(self.env).claim(self.account.id)
        self.env.flush_all()
        self.env.invalidate_all()
        return job

    def claim_all(self):
        """Plan round trips until nothing is left; return the keys of those sent."""
        sent = set()
        for _turn in range(30):
            self.env.flush_all()
            if not PushWork(self.env).due_account_ids([]):
                return sent
            self.claim()
            marked = self.Outbox.search([("state", "=", "sending")])
            sent |= set(marked.mapped("event_key"))
            marked.state = "done"
        raise AssertionError("the dispatcher finds no end")

    def later(self):
        """Let five minutes pass since all edits so far."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE praetorx_ms365_outbox"
            " SET create_date = create_date - interval '5 minutes'"
        )
        self.env.invalidate_all()

    def guests(self, count):
        return [(4, guest.id) for guest in self.crowd[:count]]

    def in_outlook(self, count, remote_id="R1"):
        """Return a meeting that both sides have, with so many guests."""
        people = [attendee(one.email, one.name) for one in self.crowd[:count]]
        return self.pulled(remote_id, attendees=people)

    def waiting(self, event=None):
        domain = [("state", "=", "waiting"), ("kind", "=", "mails")]
        if event:
            domain.append(("event_id", "=", event.id))
        return self.Approval.search(domain, order="id")

    def states(self, event):
        return set(self.entries(event).mapped("state"))


@tagged("post_install", "-at_install")
class TestMailGuard(GuardCase):
    """Nothing is sent that mails too many people before somebody has agreed."""

    # --- one meeting ------------------------------------------------------------------

    def test_new_meeting_with_many_guests_waits(self):
        event = self.new_event(partner_ids=self.guests(LIMIT + 1))
        self.assertFalse(self.claim())
        approval = self.waiting(event)
        self.assertRecordValues(
            approval,
            [
                {
                    "operation": "create",
                    "mail_count": LIMIT + 1,
                    "author_id": self.anna.id,
                }
            ],
        )
        self.assertEqual(approval.author_id, self.anna)
        self.assertEqual(self.states(event), {"held"})
        self.assertEqual(event.ms365_sync_state, "pending")
        self.approve(approval, self.anna)
        self.assertTrue(self.claim())
        self.assertEqual(self.states(event), {"sending"})

    def test_new_meeting_within_the_limit_is_sent(self):
        event = self.new_event(partner_ids=self.guests(LIMIT))
        self.assertTrue(self.claim())
        self.assertEqual(self.states(event), {"sending"})
        self.assertFalse(self.waiting())

    def test_zero_asks_about_each_mail_but_not_about_events_without_guests(self):
        self.company.ms365_mail_limit = 0
        alone = self.new_event()
        self.assertTrue(self.claim())
        self.assertEqual(self.states(alone), {"sending"})
        one = self.new_event(partner_ids=self.guests(1))
        self.claim()
        self.assertEqual(self.states(one), {"held"})

    def test_limit_cannot_be_negative(self):
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            self.company.ms365_mail_limit = -1
            self.company.flush_recordset()

    def test_edit_that_mails_many_waits_and_a_no_undoes_it(self):
        event = self.in_outlook(LIMIT + 1)
        event.with_user(self.anna).location = "Room 2"
        self.assertFalse(self.claim())
        approval = self.waiting(event)
        self.assertEqual(approval.mail_count, LIMIT + 1)
        people = approval.with_user(self.anna).people
        self.assertIn("Guest 3 (guest3@example.com)", people)
        with self.assertNothingCaptured():
            approval.with_user(self.anna).action_reject()
        self.assertFalse(event.location)
        self.assertEqual(event.ms365_sync_state, "synced")
        self.assertFalse(self.claim())

    def test_edit_of_personal_fields_never_waits(self):
        event = self.in_outlook(LIMIT + 5)
        event.with_user(self.anna).show_as = "free"
        self.assertTrue(self.claim())
        self.assertFalse(self.waiting())

    def test_one_more_guest_of_a_large_meeting_does_not_wait(self):
        event = self.in_outlook(LIMIT + 5)
        event.with_user(self.anna).partner_ids = [(4, self.guest.id)]
        self.assertTrue(self.claim())
        self.assertFalse(self.waiting())

    def test_deletion_that_mails_many_waits_and_a_no_brings_it_back(self):
        event = self.in_outlook(LIMIT + 1)
        event.with_user(self.anna).active = False
        self.assertFalse(self.claim())
        approval = self.waiting()
        self.assertEqual(approval.operation, "cancel")
        approval.with_user(self.anna).action_reject()
        self.assertTrue(event.active)
        self.assertEqual(self.link().state, "synced")

    def test_deleted_for_good_waits_as_well(self):
        event = self.in_outlook(LIMIT + 1)
        event.with_user(self.anna).unlink()
        self.assertFalse(self.claim())
        approval = self.waiting()
        self.assertEqual(approval.mail_count, LIMIT + 1)
        self.approve(approval, self.anna)
        self.assertEqual(approval.state, "approved")

    def test_all_guests_of_a_series_are_asked_about(self):
        event = self.new_event(
            partner_ids=self.guests(LIMIT + 1),
            recurrency=True,
            rrule_type="weekly",
            count=4,
            end_type="count",
            **{f"{DAY:%a}".lower(): True},
        )
        self.assertFalse(self.claim())
        approval = self.waiting()
        self.assertTrue(event.recurrence_id)
        self.assertEqual(approval.recurrence_id, event.recurrence_id)
        self.assertIn("Guest 1", approval.people)
        self.approve(approval, self.anna)
        self.assertTrue(self.claim())

    # --- many meetings ----------------------------------------------------------------

    def test_small_meetings_of_one_transaction_count_together(self):
        events = [self.in_outlook(5, f"R{n}") for n in range(15)]
        together = events[0].union(*events).with_user(self.anna)
        together.write({"location": "Room 2"})
        self.assertEqual(self.claim_all(), set())
        self.assertEqual(len(self.waiting()), 15)
        self.assertEqual(self.waiting().mapped("mail_count"), [5] * 15)
        self.approve(self.waiting(), self.anna)
        self.assertEqual(self.claim_all(), set(together.ids))

    def test_import_of_many_invitations_sends_none(self):
        """Also the first ones are held: the later ones are counted before."""
        events = (
            self.env["calendar.event"]
            .with_user(self.anna)
            .create(
                [
                    {"name": f"Call {n}", "start": DAY, "stop": DAY, "partner_ids": ids}
                    for n in range(45)
                    for ids in [self.guests(1)]
                ]
            )
        )
        self.assertEqual(self.claim_all(), set())
        self.assertEqual(self.waiting().event_id, events)

    def test_events_without_guests_of_the_same_import_are_sent(self):
        busy = self.new_event(partner_ids=self.guests(LIMIT + 1))
        alone = self.new_event()
        self.assertEqual(self.claim_all(), {alone.id})
        self.assertEqual(self.states(busy), {"held"})

    def test_edits_of_another_time_do_not_count(self):
        for _n in range(3):
            self.new_event(partner_ids=self.guests(LIMIT // 2))
            self.later()
        self.assertEqual(len(self.claim_all()), 3)

    def test_edits_of_another_mailbox_do_not_count(self):
        self.connect(self.ben)
        self.new_event(self.ben, partner_ids=self.guests(LIMIT))
        self.new_event(partner_ids=self.guests(LIMIT))
        self.assertTrue(self.claim())
        self.assertFalse(self.waiting())

    def test_there_is_one_activity_for_all_of_them(self):
        for _n in range(4):
            self.new_event(partner_ids=self.guests(LIMIT))
        self.claim_all()
        waiting = self.waiting()
        self.assertEqual(len(waiting), 4)
        activity = waiting.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.anna)
        waiting.filtered("activity_ids").with_user(self.anna).action_reject()
        self.assertEqual(len(self.waiting().activity_ids), 1)
        self.approve(self.waiting(), self.anna)
        self.assertFalse(self.Approval.search([]).activity_ids)

    def test_the_form_decides_about_all_of_them(self):
        for _n in range(3):
            self.new_event(partner_ids=self.guests(LIMIT))
        self.claim_all()
        first = self.waiting()[0].with_user(self.anna)
        self.assertEqual(first.together_ids, self.waiting())
        self.assertIn("60", first.together_words)
        seen = first.together_seen
        with self.assertRaises(UserError):
            first.action_approve_together()
        first.with_context(ms365_seen=seen).action_approve_together()
        self.assertFalse(self.waiting())
        self.assertFalse(self.Approval.search([]).activity_ids)
        self.assertEqual(len(self.claim_all()), 3)

    def test_what_was_not_in_the_list_goes_on_waiting(self):
        for _n in range(2):
            self.new_event(partner_ids=self.guests(LIMIT))
        self.claim_all()
        first = self.waiting()[0].with_user(self.anna)
        shown = first.with_context(ms365_seen=first.together_seen)
        later = self.new_event(partner_ids=self.guests(LIMIT))
        self.claim_all()
        shown.action_reject_together()
        self.assertEqual(self.waiting().event_id, later)
        self.assertEqual(self.waiting().activity_ids.user_id, self.anna)

    # --- a later edit -----------------------------------------------------------------

    def test_further_edit_of_a_waiting_meeting_is_seen_first(self):
        event = self.new_event(partner_ids=self.guests(LIMIT + 1))
        self.claim()
        approval = self.waiting(event)
        seen = approval._as_seen()
        event.with_user(self.anna).partner_ids = self.guests(LIMIT + 5)
        self.claim()
        self.assertEqual(self.waiting(event), approval)
        self.assertEqual(approval.mail_count, LIMIT + 5)
        looked = approval.with_user(self.anna).with_context(ms365_seen=seen)
        self.assertTrue(looked.action_approve())
        self.assertEqual(approval.state, "waiting")
        self.approve(approval, self.anna)
        self.assertTrue(self.claim())

    def test_waiting_meeting_with_fewer_guests_is_sent(self):
        event = self.new_event(partner_ids=self.guests(LIMIT + 1))
        self.claim()
        event.with_user(self.anna).partner_ids = [(3, self.crowd[0].id)]
        self.assertTrue(self.claim())
        self.assertFalse(self.waiting())
        self.assertEqual(self.states(event), {"sending"})

    def test_small_edit_is_sent_while_another_one_waits(self):
        event = self.in_outlook(LIMIT + 1)
        event.with_user(self.anna).location = "Room 2"
        self.claim()
        self.later()
        event.with_user(self.anna).partner_ids = [(4, self.guest.id)]
        job = self.claim()
        self.assertTrue(job)
        self.assertEqual(len(self.waiting(event)), 1)

    def test_moving_it_back_ends_the_question(self):
        event = self.in_outlook(LIMIT + 1)
        event.with_user(self.anna).location = "Room 2"
        self.claim()
        event.with_user(self.anna).location = ""
        self.claim()
        self.assertFalse(self.waiting())
        self.assertEqual(self.states(event), {"done"})

    # --- growth -----------------------------------------------------------------------

    def test_list_that_grows_in_outlook_is_asked_about(self):
        event = self.in_outlook(LIMIT)
        event.with_user(self.anna).location = "Room 2"
        more = [attendee(one.email, one.name) for one in self.crowd[: LIMIT + 3]]
        self.pull(self.remote("R1", "CK2", attendees=more))
        self.assertFalse(self.claim())
        self.assertEqual(self.waiting(event).mail_count, LIMIT + 3)

    def test_yes_is_not_for_people_who_join_later(self):
        event = self.in_outlook(LIMIT + 1)
        event.with_user(self.anna).location = "Room 2"
        self.claim()
        self.approve(self.waiting(event), self.anna)
        more = [attendee(one.email, one.name) for one in self.crowd[: LIMIT + 3]]
        self.pull(self.remote("R1", "CK2", attendees=more))
        self.assertFalse(self.claim())
        self.assertEqual(self.waiting(event).mail_count, LIMIT + 3)

    def test_lost_response_is_not_asked_about(self):
        event = self.new_event(partner_ids=self.guests(LIMIT))
        self.claim()
        other = self.new_event(partner_ids=self.guests(5))
        self.claim()  # the dispatcher died, and begins anew
        self.assertEqual(self.states(event), {"sending"})
        self.assertEqual(self.states(other), {"held"})

    # --- consent was given before -----------------------------------------------------

    def test_send_waiting_meetings_is_consent(self):
        Event = self.env["calendar.event"].sudo().with_context(ms365_from_sync=True)
        events = Event.create(
            [
                {
                    "name": "Call",
                    "start": DAY,
                    "stop": DAY,
                    "user_id": self.anna.id,
                    "partner_ids": self.guests(LIMIT),
                }
                for _n in range(3)
            ]
        )
        self.send_waiting()
        self.assertEqual(self.claim_all(), set(events.ids))
        self.assertFalse(self.waiting())

    def test_held_deletions_that_were_agreed_to_are_not_asked_about_again(self):
        events = [self.in_outlook(5, f"R{n}") for n in range(15)]
        events[0].union(*events).with_user(self.anna).write({"active": False})
        self.claim_all()
        hold = self.env["praetorx.ms365.hold"].search([("state", "=", "open")])
        self.assertTrue(hold)
        hold.with_user(self.anna).action_delete()
        self.Link.search([]).write({"needs_read": False})
        self.assertEqual(len(self.claim_all()), 15)
        self.assertFalse(self.waiting())

    # --- other people -----------------------------------------------------------------

    def test_owner_is_asked_about_a_colleague_with_an_open_policy(self):
        self.company.ms365_colleague_policy = "open"
        event = self.in_outlook(LIMIT + 1)
        event.with_user(self.ben).location = "Room 2"
        self.claim()
        approval = self.waiting(event)
        self.assertEqual(approval.author_id, self.ben)
        self.assertEqual(approval.activity_ids.user_id, self.anna)
        with self.assertRaises(UserError):
            self.approve(approval, self.ben)

    def test_colleagues_edit_that_was_approved_is_not_asked_about_again(self):
        event = self.in_outlook(LIMIT + 1)
        event.with_user(self.ben).location = "Room 2"
        [approval] = self.Approval.search([("state", "=", "waiting")])
        self.assertFalse(approval.with_user(self.anna).together_words)
        self.approve(approval, self.anna)
        self.assertTrue(self.claim())
        self.assertFalse(self.waiting())

    def test_answer_of_graph_ends_the_entry(self):
        event = self.new_event(partner_ids=self.guests(LIMIT + 1))
        self.claim()
        self.approve(self.waiting(event), self.anna)
        people = [attendee(one.email, one.name) for one in self.crowd[: LIMIT + 1]]
        body = self.remote(attendees=people)
        self.claim().record([GraphResponse(201, {}, body, "request-1", None)])
        self.assertEqual(self.states(event), {"done"})


@tagged("post_install", "-at_install")
class TestMailGuardOfSeries(SeriesCase):
    """A series is asked about with all of its writes, and with both of its parts."""

    waiting = GuardCase.waiting
    claim = GuardCase.claim
    claim_all = GuardCase.claim_all

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Approval = cls.env["praetorx.ms365.approval"]
        cls.anna.company_id.ms365_mail_limit = 2
        cls.people = [attendee(f"guest{n}@example.com") for n in range(3)]

    def edited(self, reach, **graph):
        """Return a series in which Anna has edited the third event."""
        recurrence = self.pulled_series(attendees=self.people, **graph)
        row = self.rows(recurrence)[2].with_user(self.anna)
        row.write({"location": "Room 2", "recurrence_update": reach})
        return recurrence

    def test_edit_of_all_events_is_one_question(self):
        recurrence = self.edited("all_events")
        self.assertEqual(self.claim_all(), set())
        self.assertRecordValues(
            self.waiting(),
            [{"recurrence_id": recurrence.id, "mail_count": 3, "operation": "update"}],
        )
        self.waiting().with_user(self.anna).action_reject()
        self.pulled_series(attendees=self.people)  # it is read again
        self.assertFalse(any(self.rows(recurrence).mapped("location")))

    def test_yes_is_for_all_writes_of_the_series(self):
        recurrence = self.edited("all_events")
        row = self.rows(recurrence)[0].with_user(self.anna)
        row.write({"name": "Kick-off", "recurrence_update": "self_only"})
        self.claim()
        self.assertEqual(self.waiting().mail_count, 6)
        self.approve(self.waiting(), self.anna)
        [entry] = self.Outbox.search([("mails_allowed", ">", 0)])
        self.assertEqual(entry.mails_allowed, 6)
        self.assertTrue(self.claim())

    def test_edit_of_one_event_mails_its_guests_only(self):
        self.anna.company_id.ms365_mail_limit = 3
        self.edited("self_only")
        self.assertTrue(self.claim())
        self.assertFalse(self.waiting())

    def test_both_parts_of_a_split_series_are_decided_together(self):
        recurrence = self.edited("future_events")
        self.assertEqual(self.claim_all(), set())
        parts = self.waiting()
        self.assertEqual(set(parts.mapped("operation")), {"update", "create"})
        self.assertIn("other part", parts[0].summary)
        parts[0].with_user(self.anna).action_reject()
        self.assertFalse(self.waiting())
        self.pulled_series(attendees=self.people)
        new = parts.recurrence_id - recurrence
        self.assertEqual(len(self.rows(recurrence)), 4)
        self.assertFalse(self.rows(new))
        self.assertFalse(any(self.rows(recurrence).mapped("location")))

    def test_yes_to_one_part_sends_both(self):
        recurrence = self.edited("future_events")
        self.claim_all()
        parts = self.waiting()
        self.assertEqual(parts[0].seen, parts[1].seen)
        first = parts[0].with_user(self.anna)
        first.with_context(ms365_seen=first.seen).action_approve()
        self.assertEqual(set(parts.mapped("state")), {"approved"})
        self.assertEqual(len(self.claim_all()), 2)
        self.assertEqual(len(self.rows(recurrence)), 2)

    def test_bar_of_an_event_decides_about_both_parts(self):
        recurrence = self.edited("future_events")
        self.claim_all()
        row = self.rows(recurrence)[0].with_user(self.anna)
        seen = row.ms365_approvals_seen
        row.with_context(ms365_seen=seen).action_ms365_approve()
        self.assertFalse(self.waiting())

    def test_deleted_occurrences_count_each(self):
        self.anna.company_id.ms365_mail_limit = 5
        recurrence = self.pulled_series(attendees=self.people)
        self.rows(recurrence)[1:3].with_user(self.anna).unlink()
        self.claim()
        self.assertEqual(self.waiting().mail_count, 6)
