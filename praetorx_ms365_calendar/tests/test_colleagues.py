from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import DAY, SyncCase, attendee, new_administrator
from .test_series import SeriesCase


class ColleaguesCase(SyncCase):
    """Anna syncs and has a meeting with a guest; Cleo is a colleague."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Approval = cls.env["praetorx.ms365.approval"]

    def meeting(self, remote_id="R1"):
        """Return a meeting of Anna's with a guest, in sync."""
        return self.pulled(remote_id, attendees=[attendee("gus@example.com", "Gus")])

    def waiting(self):
        """Return the edits that wait for a decision."""
        return self.Approval.search([("state", "=", "waiting")])

    def assertAsked(self, operation, mails, author=None):
        """One change waits, and nothing of it is on its way."""
        approval = self.waiting()
        self.assertRecordValues(
            approval,
            [
                {
                    "operation": operation,
                    "mail_count": mails,
                    "author_id": (author or self.cleo).id,
                    "user_id": self.anna.id,
                }
            ],
        )
        self.assertEqual(set(approval.entry_ids.mapped("state")), {"held"})
        self.assertFalse(self.on_their_way())
        return approval

    def on_their_way(self):
        return self.Outbox.search([("state", "in", ["pending", "sending"])])


@tagged("post_install", "-at_install")
class TestColleagues(ColleaguesCase):
    """Nobody acts in a colleague's mailbox unseen."""

    # --- Waiting edits --------------------------------------------------------------

    def test_an_edit_that_mails_others_waits_for_the_organizer(self):
        event = self.meeting()
        event.with_user(self.cleo).write({"location": "Room 2"})
        self.assertAsked("update", 1)
        self.assertEqual(event.location, "Room 2")

    def test_a_meeting_made_in_somebodys_name_waits(self):
        event = self.new_event(
            self.cleo, user_id=self.anna.id, partner_ids=[(4, self.guest.id)]
        )
        self.assertEqual(event.user_id, self.anna)
        self.assertAsked("create", 1)

    def test_a_deletion_waits(self):
        for way in ("archive", "unlink"):
            with self.subTest(way=way):
                event = self.meeting(way)
                name = event.name
                if way == "archive":
                    event.with_user(self.cleo).action_archive()
                else:
                    event.with_user(self.cleo).unlink()
                approval = self.assertAsked("cancel", 1)
                shown = approval.with_user(self.anna)
                self.assertEqual(shown.display_name, name)
                self.approve(approval, self.anna)
                self.assertEqual(self.on_their_way().operation, "delete")
                self.clear_outbox()

    def test_a_new_guest_waits_and_only_the_new_guest_would_be_mailed(self):
        event = self.meeting()
        event.with_user(self.cleo).partner_ids = [(4, self.ben.partner_id.id)]
        approval = self.assertAsked("update", 1)
        self.assertEqual(approval.mailed, ["ben@example.com"])

    def test_a_teams_meeting_made_by_a_colleague_waits(self):
        event = self.meeting()
        event.with_user(self.cleo).is_teams_meeting = True
        self.assertAsked("update", 1)

    def test_a_meeting_given_to_somebody_who_did_not_ask_waits(self):
        event = self.new_event(self.cleo, partner_ids=[(4, self.guest.id)])
        event.with_user(self.cleo).write({"user_id": self.anna.id, "name": "Dinner"})
        self.assertAsked("create", 1)

    def test_each_event_of_an_edit_in_bulk_waits_by_itself(self):
        events = self.meeting() | self.meeting("R2")
        events.with_user(self.cleo).write({"location": "Room 2"})
        self.assertEqual(self.waiting().event_id, events)
        self.assertFalse(self.on_their_way())

    def test_an_import_waits(self):
        rows = [["Lunch", str(DAY), str(DAY + timedelta(hours=1)), self.anna.id]]
        names = ["name", "start", "stop", "user_id/.id"]
        rows[0].append(str(self.guest.id))
        result = (
            self.env["calendar.event"]
            .with_user(self.cleo)
            .load([*names, "partner_ids/.id"], rows)
        )
        self.assertTrue(result["ids"], result["messages"])
        self.assertAsked("create", 1)

    def test_an_administrator_is_somebody_else_too(self):
        admin = new_administrator(self.env)
        self.meeting().with_user(admin).write({"location": "Room 2"})
        self.assertAsked("update", 1, admin)

    def test_full_rights_do_not_make_it_the_organizers_act(self):
        self.meeting().with_user(self.cleo).sudo().write({"location": "Room 2"})
        self.assertAsked("update", 1)

    def test_nothing_makes_a_meeting_that_waits(self):
        """Somebody else edits a meeting that a colleague has made in Anna's name."""
        dora = new_test_user(self.env, "ms365_dora", groups="base.group_user")
        for vals in ({"show_as": "free"}, {"location": "Room 2"}):
            with self.subTest(vals=vals):
                event = self.new_event(
                    self.cleo, user_id=self.anna.id, partner_ids=[(4, self.guest.id)]
                )
                [meeting] = self.waiting()
                event.with_user(dora).write(vals)
                edit = self.waiting() - meeting
                self.approve(edit, self.anna)
                self.assertEqual(self.waiting(), meeting)
                self.assertFalse(self.on_their_way())
                self.approve(meeting, self.anna)
                self.assertEqual(len(self.on_their_way()), 2)
                self.clear_outbox()

    def test_a_booking_by_a_visitor_of_the_website_waits(self):
        public = self.env.ref("base.public_user")
        self.env["calendar.event"].with_user(public).sudo().create(
            {
                "name": "Booking",
                "start": DAY,
                "stop": DAY + timedelta(hours=1),
                "user_id": self.anna.id,
                "partner_ids": [(4, self.guest.id), (4, self.anna.partner_id.id)],
            }
        )
        self.assertAsked("create", 1, public)

    # --- Edits that are sent --------------------------------------------------------

    def test_the_organizer_is_never_asked(self):
        with self.assertCaptured("upsert"):
            self.meeting().with_user(self.anna).write({"location": "Room 2"})
        self.assertFalse(self.waiting())

    def test_edit_that_mails_nobody_is_sent_and_named_in_the_chatter(self):
        event = self.pulled()
        with self.assertCaptured("upsert"):
            event.with_user(self.cleo).write({"location": "Room 2"})
        self.assertFalse(self.waiting())
        self.assertIn("Cleo", event.message_ids[0].body)

    def test_a_personal_field_mails_nobody(self):
        with self.assertCaptured("upsert"):
            self.meeting().with_user(self.cleo).write({"show_as": "free"})

    def test_a_delegate_is_not_asked(self):
        self.anna.ms365_delegate_ids = self.cleo
        with self.assertCaptured("upsert"):
            self.meeting().with_user(self.cleo).write({"location": "Room 2"})

    def test_everybody_chooses_the_own_delegates(self):
        self.anna.with_user(self.anna).write(
            {"ms365_delegate_ids": [Command.link(self.cleo.id)]}
        )
        self.assertEqual(self.anna.ms365_delegate_ids, self.cleo)

    def test_nobody_makes_themselves_a_delegate(self):
        admin = new_administrator(self.env)
        with self.assertRaises(AccessError):
            self.anna.with_user(admin).ms365_delegate_ids = admin

    def test_a_group_of_the_company_may_act_for_all(self):
        group = self.env["res.groups"].create({"name": "Assistants"})
        self.anna.company_id.ms365_delegate_group_id = group
        self.cleo.group_ids |= group
        with self.assertCaptured("upsert"):
            self.meeting().with_user(self.cleo).write({"location": "Room 2"})

    def test_a_program_of_the_database_is_not_asked(self):
        with self.assertCaptured("upsert"):
            self.meeting().write({"location": "Room 2"})

    # --- The other policies ---------------------------------------------------------

    def test_open_sends_and_tells(self):
        self.anna.company_id.ms365_colleague_policy = "open"
        event = self.meeting()
        with self.assertCaptured("upsert"):
            event.with_user(self.cleo).write({"location": "Room 2"})
        self.assertIn("Cleo", event.message_ids[0].body)

    def test_forbid_refuses_edits_that_mail_others(self):
        self.anna.company_id.ms365_colleague_policy = "forbid"
        event = self.meeting()
        with self.assertRaises(UserError), self.cr.savepoint():
            event.with_user(self.cleo).write({"location": "Room 2"})
        self.assertFalse(self.on_their_way())
        with self.assertCaptured("upsert"):
            event.with_user(self.cleo).write({"show_as": "free"})

    # --- The form -------------------------------------------------------------------

    def test_the_editor_reads_so_before_saving(self):
        event = self.meeting()
        self.assertIn("Anna", event.with_user(self.cleo).ms365_authority_note)
        self.assertFalse(event.with_user(self.anna).ms365_authority_note)
        form = Form(self.env["calendar.event"].with_user(self.cleo))
        self.assertFalse(form.ms365_authority_note)
        form.partner_ids.add(self.guest)
        form.user_id = self.anna
        self.assertIn("Anna", form.ms365_authority_note)

    # --- Together with edits of the organizer ---------------------------------------

    def test_the_organizers_edit_sends_only_itself(self):
        event = self.meeting()
        event.with_user(self.cleo).write({"location": "Room 2"})
        with self.assertCaptured("upsert"):
            event.with_user(self.anna).write({"name": "Dinner"})
        self.assertEqual(self.sent(event), {"subject": "Dinner"})

    def test_the_organizers_guest_does_not_bring_the_colleagues(self):
        event = self.meeting()
        event.with_user(self.cleo).partner_ids = [(4, self.cleo.partner_id.id)]
        event.with_user(self.anna).partner_ids = [(4, self.ben.partner_id.id)]
        addresses = {
            one["emailAddress"]["address"] for one in self.sent(event)["attendees"]
        }
        self.assertEqual(addresses, {"gus@example.com", "ben@example.com"})

    def test_guests_of_two_colleagues_are_asked_about_one_by_one(self):
        event = self.meeting()
        for user in self.cleo, self.ben:
            event.with_user(user).partner_ids = [(4, user.partner_id.id)]
        of_cleo, of_ben = self.waiting().sorted("id")
        self.assertEqual(of_cleo.mailed, ["cleo@example.com"])
        self.assertEqual(of_ben.mailed, ["ben@example.com"])
        self.approve(of_ben, self.anna)
        guests = {"gus@example.com", "ben@example.com"}
        self.assertEqual(self.invited(event), guests)
        of_cleo.with_user(self.anna).action_reject()
        self.assertEqual(self.invited(event), guests)
        self.assertNotIn(self.cleo.partner_id, event.partner_ids)

    def invited(self, event):
        """Return the attendees that would be sent for an event."""
        people = self.sent(event)["attendees"]
        return {one["emailAddress"]["address"] for one in people}

    def test_approved_change_is_sent(self):
        event = self.meeting()
        event.with_user(self.cleo).write({"location": "Room 2"})
        self.approve(self.waiting(), self.anna)
        self.assertEqual(self.sent(event)["location"]["displayName"], "Room 2")

    def test_a_colleagues_edit_does_not_ride_along_with_a_create(self):
        event = self.new_event(self.anna, partner_ids=[(4, self.guest.id)])
        event.with_user(self.cleo).write({"location": "Room 2"})
        self.assertEqual(self.waiting().operation, "update")
        self.assertFalse((self.sent(event).get("location") or {}).get("displayName"))

    def test_an_organizers_edit_of_a_proposed_meeting_waits_with_it(self):
        event = self.new_event(
            self.cleo, user_id=self.anna.id, partner_ids=[(4, self.guest.id)]
        )
        event.with_user(self.anna).write({"name": "Dinner"})
        approval = self.assertAsked("create", 1)
        self.assertEqual(len(approval.entry_ids), 2)
        self.approve(approval, self.anna)
        self.assertEqual(len(self.on_their_way()), 2)

    def test_a_meeting_becomes_no_series_while_a_change_of_it_waits(self):
        event = self.meeting()
        event.with_user(self.cleo).write({"location": "Room 2"})
        series = {"recurrency": True, "rrule_type": "daily", "count": 3}
        with self.assertRaises(UserError), self.env.cr.savepoint():
            event.with_user(self.anna).write({**series, "end_type": "count"})
        self.waiting().with_user(self.anna).action_reject()
        event.with_user(self.anna).write({**series, "end_type": "count"})
        self.assertTrue(event.recurrence_id)

    def test_the_organizers_deletion_needs_no_consent(self):
        event = self.meeting()
        event.with_user(self.cleo).write({"location": "Room 2"})
        event.with_user(self.anna).action_archive()
        self.assertFalse(self.waiting())
        self.assertEqual(self.on_their_way().operation, "delete")

    def test_restored_meeting_is_not_deleted(self):
        event = self.meeting()
        event.with_user(self.cleo).action_archive()
        event.with_user(self.anna).action_unarchive()
        self.assertFalse(self.waiting())
        self.assertNotIn("delete", self.on_their_way().mapped("operation"))

    def test_a_delegate_may_agree(self):
        event = self.meeting()
        event.with_user(self.cleo).write({"location": "Room 2"})
        self.anna.ms365_delegate_ids = self.ben
        self.approve(self.waiting(), self.ben)
        self.assertTrue(self.on_their_way())

    def test_a_second_edit_of_the_colleague_joins_and_spares_the_organizers(self):
        event = self.meeting()
        event.with_user(self.cleo).write({"location": "Room 2"})
        event.with_user(self.anna).write({"name": "Dinner"})
        event.with_user(self.cleo).write({"location": "Room 3"})
        approval = self.waiting()
        self.assertEqual(len(approval), 1)
        self.assertEqual(self.sent(event), {"subject": "Dinner"})
        approval.with_user(self.anna).action_reject()
        self.assertRecordValues(event, [{"name": "Dinner", "location": ""}])

    def test_two_colleagues_wait_each_by_themselves(self):
        event = self.new_event(
            self.cleo, user_id=self.anna.id, partner_ids=[(4, self.guest.id)]
        )
        event.with_user(self.ben).write({"location": "Room 2"})
        of_cleo, of_ben = self.waiting().sorted("id")
        self.assertEqual((of_ben.author_id, of_ben.operation), (self.ben, "update"))
        self.approve(of_cleo, self.anna)
        self.assertFalse((self.sent(event).get("location") or {}).get("displayName"))

    def test_trying_again_is_no_way_around_the_organizer(self):
        event = self.meeting()
        event.with_user(self.cleo).write({"location": "Room 2"})
        self.waiting()._overtake()
        self.entries(event).write({"state": "dead"})
        event.with_user(self.cleo).action_ms365_retry()
        self.assertFalse(self.on_their_way())
        self.assertEqual(self.waiting().author_id, self.cleo)

    def failed_meeting(self):
        """Return a meeting of Anna's that Outlook has refused."""
        event = self.new_event(self.anna, partner_ids=[(4, self.guest.id)])
        self.entries(event).write({"state": "dead", "reason": "refused"})
        return event

    def test_a_retry_of_the_owner_leaves_out_the_edit_of_a_colleague(self):
        event = self.failed_meeting()
        event.with_user(self.cleo).write({"location": "Room 2"})
        approval = self.assertAsked("update", 1)
        event.with_user(self.anna).action_ms365_retry()
        self.assertFalse((self.sent(event).get("location") or {}).get("displayName"))
        approval.with_user(self.anna).action_reject()
        self.assertFalse(event.location)
        self.assertEqual(set(self.on_their_way().author_id), {self.anna})

    def test_an_edit_of_a_failed_meeting_makes_it_only_when_that_is_agreed_to(self):
        event = self.failed_meeting()
        event.with_user(self.cleo).write({"show_as": "free"})
        self.approve(self.assertAsked("update", 1), self.anna)
        self.assertEqual(self.sent(event)["showAs"], "free")

    def test_the_question_says_that_a_yes_makes_the_meeting(self):
        event = self.failed_meeting()
        event.with_user(self.cleo).write({"show_as": "free"})
        approval = self.assertAsked("update", 1).with_user(self.anna)
        self.assertIn("Outlook does not have this meeting yet", approval.summary)
        self.assertIn("1, to Gus Guest (gus@example.com).", approval.summary)
        self.assertIn("Outlook does not have", approval.activity_ids.note)
        event.with_user(self.anna).action_ms365_retry()
        approval.invalidate_recordset()
        self.assertNotIn("Outlook does not have", approval.summary)

    def test_the_question_about_a_meeting_of_outlook_does_not_say_so(self):
        self.meeting().with_user(self.cleo).write({"location": "Room 2"})
        summary = self.waiting().with_user(self.anna).summary
        self.assertNotIn("Outlook does not have", summary)

    def test_a_retry_does_not_create_a_meeting_that_awaits_consent(self):
        event = self.new_event(
            self.cleo, user_id=self.anna.id, partner_ids=[(4, self.guest.id)]
        )
        event.with_user(self.anna).write({"name": "Dinner"})
        of_anna = self.entries(event).filtered(lambda one: one.author_id == self.anna)
        of_anna.write({"state": "dead"})
        event.with_user(self.anna).action_ms365_retry()
        self.assertFalse(self.on_their_way())
        self.approve(self.waiting(), self.anna)
        self.assertEqual(len(self.on_their_way()), 2)

    def sent(self, event):
        """Return the write that the pending entries of an event would send."""
        from ..sync.push.planner import Planner

        entries = self.entries(event).filtered(lambda one: one.state == "pending")
        return Planner(self.account, entries).plan(entries).request.body


@tagged("post_install", "-at_install")
class TestColleaguesAndSeries(ColleaguesCase, SeriesCase):
    """The same of series."""

    def test_a_series_is_not_divided_while_a_change_of_it_waits(self):
        recurrence = self.pulled_series(attendees=[attendee("gus@example.com", "Gus")])
        _first, second, *_others = self.rows(recurrence)
        second.with_user(self.cleo).write(
            {"location": "Room 2", "recurrence_update": "all_events"}
        )
        edit = {"name": "Dinner", "recurrence_update": "future_events"}
        with self.assertRaises(UserError), self.env.cr.savepoint():
            second.with_user(self.anna).write(edit)
        self.approve(self.waiting(), self.anna)
        second.with_user(self.anna).write(edit)

    # --- This and following, and series of single events ----------------------------

    def guests(self):
        return {"attendees": [attendee("gus@example.com", "Gus")]}

    def edit_that_follows(self, vals=None):
        """Let Cleo change an event of Anna's series and all later ones."""
        recurrence = self.pulled_series(**self.guests())
        row = self.rows(recurrence)[1].with_user(self.cleo)
        edit = {"location": "Room 2", "recurrence_update": "future_events"}
        with self.assertRaises(UserError) as refused, self.env.cr.savepoint():
            row.write({**edit, **(vals or {})})
        self.env.invalidate_all()
        self.assertEqual(len(self.rows(recurrence)), 4)
        self.assertFalse(any(self.rows(recurrence).mapped("location")))
        self.assertFalse(self.waiting())
        self.assertFalse(self.on_their_way())
        return str(refused.exception)

    def test_this_and_following_is_not_for_colleagues(self):
        self.assertIn("one event of it, or all", self.edit_that_follows())

    def test_this_and_following_at_another_time_is_not_for_colleagues(self):
        self.edit_that_follows({"start": "2026-03-09 10:00:00"})

    def test_this_and_following_is_refused_where_the_company_forbids_it(self):
        self.anna.company_id.ms365_colleague_policy = "forbid"
        self.assertIn("lets only Anna", self.edit_that_follows())

    def test_this_and_following_goes_where_the_company_is_open(self):
        self.anna.company_id.ms365_colleague_policy = "open"
        recurrence = self.pulled_series(**self.guests())
        row = self.rows(recurrence)[1].with_user(self.cleo)
        row.write({"location": "Room 2", "recurrence_update": "future_events"})
        self.assertNotEqual(row.recurrence_id, recurrence)
        self.assertTrue(self.on_their_way())

    def test_a_meeting_becomes_no_series_by_a_colleague(self):
        start = self.rows(self.pulled_series())[0].start
        for policy in ("ask", "forbid"):
            with self.subTest(policy=policy):
                self.anna.company_id.ms365_colleague_policy = policy
                event = self.pulled(f"of {policy}", **self.guests())
                series = {
                    "recurrency": True,
                    "rrule_type": "daily",
                    "end_type": "count",
                    "count": 3,
                    "start": start,
                    "stop": start + timedelta(hours=1),
                }
                with self.assertRaises(UserError), self.env.cr.savepoint():
                    event.with_user(self.cleo).write(series)
                self.env.invalidate_all()
                self.assertFalse(event.recurrence_id)
                self.assertEqual(self.link(f"of {policy}").event_id, event)
                self.assertFalse(self.waiting())
                self.assertFalse(self.on_their_way())

    def test_a_new_series_of_a_colleague_is_refused_where_it_is_forbidden(self):
        self.anna.company_id.ms365_colleague_policy = "forbid"
        vals = {
            "user_id": self.anna.id,
            "partner_ids": [Command.link(self.guest.id)],
            "recurrency": True,
            "rrule_type": "daily",
            "end_type": "count",
            "count": 3,
        }
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.new_event(self.cleo, **vals)
        self.assertFalse(self.on_their_way())
