"""Test changes of an event without an edit: recorded at once, sent or asked."""

from contextlib import contextmanager

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..graph.client import GraphResponse
from ..sync.apply.applier import Applier
from ..sync.apply.carry_out_deletions import carry_out_gone
from ..sync.push.planner import Planner
from ..sync.push.work import PushWork
from .common import SyncCase, attendee, person
from .test_nothing_rides import QuietChanges
from .test_series import NOW, SeriesCase


class NoticedCase(QuietChanges, SyncCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Difference = cls.env["praetorx.ms365.difference"]
        cls.Approval = cls.env["praetorx.ms365.approval"]

    def look(self):
        """Check the recorded changes, as the cron does."""
        self.env.flush_all()
        while found := self.Difference._next_slice():
            found._compare()
        self.env.flush_all()
        self.env.invalidate_all()

    def named(self, key):
        """Return the names in the entries of an event that will be sent."""
        return [set(entry.field_names or ()) for entry in self.pending(key)]

    def open_the_window(self):
        """Set the window of the calendar as the first sync does."""
        calendar = self.account._default_calendar()
        calendar.window_start, calendar.window_end = self.account._window()

    def setUp(self):
        super().setUp()
        self.open_the_window()

    def sent_to(self):
        """Return the addresses that the dispatcher would invite now."""
        self.env.flush_all()
        bodies = [one.request.body for one in PushWork(self.env)._plan(self.account)]
        return {
            one["emailAddress"]["address"]
            for body in bodies
            for one in body.get("attendees", ())
        }


@tagged("post_install", "-at_install")
class TestNoticed(NoticedCase):
    # --- contacts ---------------------------------------------------------------------

    def meeting(self):
        """Return Anna's meeting with Gus."""
        return self.pulled(attendees=[attendee("gus@example.com", "Gus")])

    def duplicate(self, address="gus.guest@example.com"):
        return self.env["res.partner"].create({"name": "Gus G.", "email": address})

    def merge(self, source, target):
        """Merge two contacts as an administrator does it."""
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((source | target).ids, target)
        self.env.invalidate_all()

    def asked(self):
        """Return the changes that wait for Anna's decision."""
        return self.Approval.search(
            [("account_id", "=", self.account.id), ("state", "=", "waiting")]
        )

    def test_merged_contact_is_asked_about_with_the_number_of_mails(self):
        event = self.meeting()
        self.merge(self.guest, self.duplicate())
        self.look()
        self.assertFalse(self.pending(event.id))
        self.assertRecordValues(
            self.asked(),
            [
                {
                    "kind": "noticed",
                    "event_id": event.id,
                    "field_names": ["attendees"],
                    "mail_count": 2,
                }
            ],
        )

    def test_merge_of_contacts_with_one_address_changes_nothing(self):
        event = self.meeting()
        self.merge(self.guest, self.duplicate("gus@example.com"))
        self.look()
        self.assertFalse(self.asked())
        self.assertFalse(self.Difference.search([]))
        self.assertFalse(self.pending(event.id))

    def test_edit_after_a_merge_takes_nothing_along(self):
        event = self.meeting()
        self.merge(self.guest, self.duplicate())
        event.with_user(self.anna).location = "Roof"
        self.look()
        self.assertEqual(self.named(event.id), [{"location"}])

    def test_consent_of_the_owner_sends_it(self):
        event = self.meeting()
        self.merge(self.guest, self.duplicate())
        self.look()
        self.approve(self.asked(), self.anna)
        self.assertEqual(self.named(event.id), [{"attendees"}])

    def test_consent_after_another_edit_sends_the_guests(self):
        for asked_first in (True, False):
            for is_read in (True, False):
                with self.subTest(asked_first=asked_first, is_read=is_read):
                    self.edit_and_approve(asked_first, is_read)
                    self.env["calendar.event"].search([]).with_context(
                        ms365_from_sync=True
                    ).sudo().unlink()
                    self.Link.search([]).unlink()
                    self.Difference.search([]).unlink()
                    self.guest.email = "gus@example.com"

    def edit_and_approve(self, asked_first, is_read):
        event = self.meeting()
        self.guest.email = "august@example.com"
        if asked_first:
            self.look()
        event.with_user(self.anna).location = "Roof"
        self.look()
        self.send(self.pending(event.id), location={"displayName": "Roof"})
        if is_read:
            guests = [attendee("gus@example.com", "Gus")]
            roof = {"displayName": "Roof"}
            self.link().needs_read = True
            self.pull(self.remote(change_key="CK2", attendees=guests, location=roof))
        self.approve(self.asked(), self.anna)
        entries = self.pending(event.id)
        sending = Planner(self.account, entries).plan(entries)
        [guest] = sending.request.body["attendees"]
        self.assertEqual(guest["emailAddress"]["address"], "august@example.com")

    def send(self, entries, **values):
        """Send these entries; Graph answers with the meeting of these values."""
        self.assertEqual(len(entries), 1)
        guests = [attendee("gus@example.com", "Gus")]
        job = PushWork(self.env).claim(self.account.id)
        body = self.remote(change_key="CK2", attendees=guests, **values)
        job.record([GraphResponse(200, {}, body, "request-1", None)])
        self.env.flush_all()
        self.env.invalidate_all()

    def test_no_of_the_owner_leaves_both_sides_as_they_are(self):
        event = self.meeting()
        self.guest.unlink()
        self.look()
        self.asked().with_user(self.anna).action_reject()
        self.assertFalse(self.pending(event.id))
        gus = self.env["res.partner"].search(
            [("email_normalized", "=", "gus@example.com")]
        )
        self.assertFalse(gus, "a deleted contact does not come back")
        self.assertFalse(self.link()._find_differences_in_odoo()[self.link()].names)

    def test_deleted_contact_is_asked_about(self):
        self.meeting()
        self.guest.unlink()
        self.look()
        self.assertEqual(self.asked().mail_count, 1)

    def test_changed_address_is_asked_about(self):
        self.meeting()
        self.guest.email = "august@example.com"
        self.look()
        self.assertEqual(self.asked().mail_count, 2)

    # --- a contact that changes once more ---------------------------------------------

    def ask_about(self, address):
        """Give Gus an address, and have Anna asked about it."""
        self.guest.email = address
        self.look()
        return self.asked()

    def test_yes_invites_no_address_that_was_not_shown(self):
        event = self.meeting()
        approval = self.ask_about("one@example.com")
        self.assertIn("one@example.com", approval.mailed)
        seen = approval._as_seen()
        self.guest.email = "two@example.com"
        action = approval.with_user(self.anna).with_context(ms365_seen=seen)
        self.assertTrue(action.action_approve())
        self.assertEqual(approval.state, "waiting")
        self.assertIn("two@example.com", approval.mailed)
        self.assertFalse(self.pending(event.id))

    def test_question_follows_the_contact(self):
        """For any author there is one question, about the next write."""
        event = self.meeting()
        approval = self.ask_about("one@example.com")
        seen = approval._as_seen()
        self.guest.with_user(self.cleo).sudo().email = "two@example.com"
        self.look()
        self.assertEqual(self.asked(), approval)
        self.assertEqual(approval.mailed, ["gus@example.com", "two@example.com"])
        self.assertEqual(approval.mail_count, 2)
        self.assertNotEqual(approval._as_seen(), seen)
        self.assertIn("two@example.com", approval.with_user(self.anna).changes)
        self.assertEqual(len(approval.entry_ids), 1)
        self.assertEqual(self.Difference.search([]).mapped("state"), ["asked"])
        anna = approval.with_user(self.anna)
        self.assertTrue(anna.with_context(ms365_seen=seen).action_approve())
        self.assertFalse(self.pending(event.id))
        self.approve(approval, self.anna)
        self.assertEqual(self.sent_to(), {"two@example.com"})

    def test_question_follows_a_merged_contact(self):
        self.meeting()
        duplicate = self.duplicate()
        self.merge(self.guest, duplicate)
        self.look()
        duplicate.email = "two@example.com"
        self.look()
        self.assertEqual(self.asked().mailed, ["gus@example.com", "two@example.com"])

    def test_question_stays_the_same_if_nothing_of_it_changes(self):
        self.meeting()
        approval = self.ask_about("one@example.com")
        seen = approval._as_seen()
        self.guest.email = "two@example.com"
        self.guest.email = "one@example.com"
        self.look()
        self.assertEqual(self.asked()._as_seen(), seen)
        self.assertEqual(self.Difference.search([]).mapped("state"), ["asked"])

    def test_question_ends_with_the_change(self):
        event = self.meeting()
        approval = self.ask_about("one@example.com")
        self.assertFalse(self.ask_about("gus@example.com"))
        self.assertEqual((approval.state, approval.over_reason), ("over", "equal"))
        self.assertEqual(set(approval.entry_ids.mapped("state")), {"done"})
        self.assertEqual(event.ms365_sync_state, "synced")
        self.assertIn("as it was before", approval._describe_end())

    def test_no_to_a_question_that_has_followed_leaves_both_sides(self):
        self.meeting()
        self.ask_about("one@example.com")
        approval = self.ask_about("two@example.com")
        approval.with_user(self.anna).action_reject()
        self.assertEqual(self.guest.email, "two@example.com")
        self.assertFalse(self.link()._find_differences_in_odoo()[self.link()].names)

    # --- tags and reminders -----------------------------------------------------------

    def test_renamed_tag_is_sent(self):
        tag = self.env["calendar.event.type"].create({"name": "Blue"})
        event = self.pulled(
            categories=["Blue"], attendees=[attendee("gus@example.com")]
        )
        tag.name = "Red"
        self.look()
        self.assertEqual(self.named(event.id), [{"categories"}])
        self.assertEqual(self.Difference.search([]).state, "to_send")

    @contextmanager
    def undone(self, **params):
        """Run a subtest, and undo its changes."""
        with self.subTest(**params), self.env.cr.savepoint() as savepoint:
            yield
            savepoint.rollback()
        self.env.invalidate_all()

    def renamed_tag(self):
        """Return an event with a tag that was renamed in Odoo."""
        tag = self.env["calendar.event.type"].create({"name": "Blue"})
        event = self.pulled(categories=["Blue"])
        tag.name = "Red"
        return event

    def test_renamed_tag_does_not_contest_a_deletion_in_outlook(self):
        for is_looked_at in (True, False):
            with self.undone(is_looked_at=is_looked_at):
                event = self.renamed_tag()
                if is_looked_at:
                    self.look()
                self.gone(self.link())
                self.assertFalse(self.Conflict.search([("state", "=", "open")]))
                self.assertFalse(event.active)
                self.assertTrue(self.link().can_restore)

    def test_edit_beside_a_renamed_tag_contests_a_deletion(self):
        new = self.env["calendar.event.type"].create({"name": "Green"})
        for vals in ({"name": "Dinner"}, {"categ_ids": [Command.link(new.id)]}):
            with self.undone(vals=vals):
                event = self.renamed_tag()
                self.look()
                event.with_user(self.anna).write(vals)
                self.gone(self.link())
                self.assertTrue(event.active)
                self.assertTrue(self.open_conflict(event))

    def test_question_about_a_contact_does_not_contest_a_deletion(self):
        event = self.meeting()
        self.merge(self.guest, self.duplicate())
        self.look()
        self.assertTrue(self.asked())
        self.gone(self.link())
        self.assertFalse(event.active)
        self.assertFalse(self.Conflict.search([("state", "=", "open")]))

    def test_deleted_tag_is_sent(self):
        tag = self.env["calendar.event.type"].create({"name": "Blue"})
        event = self.pulled(categories=["Blue"])
        tag.unlink()
        self.look()
        self.assertEqual(self.named(event.id), [{"categories"}])

    def test_changed_reminder_is_sent(self):
        event = self.pulled(isReminderOn=True, reminderMinutesBeforeStart=25)
        event.alarm_ids.duration = 35
        self.look()
        self.assertEqual(self.named(event.id), [{"reminder"}])

    # --- privacy ----------------------------------------------------------------------

    def prefer(self, privacy):
        """Let Anna choose another default in her preferences."""
        self.anna.with_user(self.anna).calendar_default_privacy = privacy

    def test_stricter_default_privacy_is_sent_at_once(self):
        """Colleagues saw "Busy" in Odoo while Outlook stayed open."""
        event = self.meeting()
        own = self.pulled("R2", sensitivity="private")
        self.prefer("private")
        self.look()
        self.assertEqual(self.named(event.id), [{"sensitivity"}])
        self.assertFalse(self.pending(own.id))

    def test_looser_default_privacy_is_asked_where_it_mails(self):
        self.prefer("private")
        event = self.new_event(partner_ids=[Command.link(self.guest.id)])
        base = self.pulled(
            attendees=[attendee("gus@example.com")], sensitivity="private"
        )
        base.with_context(ms365_from_sync=True).privacy = False
        self.prefer("public")
        self.look()
        self.assertEqual(self.asked().event_id, base)
        self.assertEqual(self.named(event.id), [set()])

    # --- cost, and ignored changes ----------------------------------------------------

    def test_noting_costs_the_same_for_many_events(self):
        tag = self.env["calendar.event.type"].create({"name": "Blue"})
        counts = {}
        for number in (0, 1, 40):  # the first one fills caches
            self.pull(
                *(
                    self.remote(f"N{number}.{one}", categories=["Blue"])
                    for one in range(number)
                )
            )
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            tag.name = f"Tag {number}"
            self.env.flush_all()
            counts[number] = self.env.cr.sql_log_count - before
        self.assertEqual(counts[1], counts[40])

    def test_looking_costs_little_for_each_event(self):
        tag = self.env["calendar.event.type"].create({"name": "Blue"})
        self.pull(*(self.remote(f"N{one}", categories=["Blue"]) for one in range(60)))
        tag.name = "Red"
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.look()
        self.assertLess(self.env.cr.sql_log_count - before, 60 * 12)

    def test_event_in_a_conflict_is_left_to_its_decision(self):
        tag = self.env["calendar.event.type"].create({"name": "Blue"})
        event = self.pulled(categories=["Blue"])
        event.with_user(self.anna).name = "Ours"
        self.pull(self.remote(change_key="CK2", subject="Theirs", categories=["Blue"]))
        self.clear_outbox()
        tag.name = "Red"
        self.look()
        self.assertFalse(self.pending(event.id))

    def test_nothing_is_recorded_where_nobody_syncs(self):
        self.anna.ms365_sync_enabled = False
        self.env["calendar.event.type"].create({"name": "Blue"}).name = "Red"
        self.assertFalse(self.Difference.search([]))

    def test_differences_are_seen_by_the_owner_alone(self):
        tag = self.env["calendar.event.type"].create({"name": "Blue"})
        self.pulled(categories=["Blue"])
        tag.name = "Red"
        self.look()
        self.assertTrue(self.Difference.with_user(self.anna).search([]))
        self.assertFalse(self.Difference.with_user(self.cleo).search([]))
        found = self.Difference.with_user(self.anna).search([])
        self.assertEqual(found.what, "Tags")


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestNoticedInSeries(NoticedCase, SeriesCase):
    def test_renamed_tag_is_sent(self):
        tag = self.env["calendar.event.type"].create({"name": "Blue"})
        recurrence = self.pulled_series(categories=["Blue"])
        tag.name = "Red"
        self.look()
        key = recurrence._ms365_event_key()
        self.assertEqual(self.named(key), [{"categories"}])

    def gone_in_outlook(self):
        applier = Applier(self.account, self.account._default_calendar())
        applier.gone(self.link("S1"))
        carry_out_gone(self.account)
        self.env.flush_all()
        self.env.invalidate_all()

    def test_renamed_tag_does_not_contest_a_deletion_in_outlook(self):
        tag = self.env["calendar.event.type"].create({"name": "Blue"})
        rows = self.rows(self.pulled_series(categories=["Blue"]))
        tag.name = "Red"
        self.look()
        self.gone_in_outlook()
        self.assertFalse(any(rows.mapped("active")))
        self.assertFalse(self.Conflict.search([("state", "=", "open")]))

    def test_edit_beside_a_renamed_tag_contests_a_deletion(self):
        tag = self.env["calendar.event.type"].create({"name": "Blue"})
        rows = self.rows(self.pulled_series(categories=["Blue"]))
        tag.name = "Red"
        self.look()
        rows[1].with_user(self.anna).write({"name": "Dinner"})
        self.gone_in_outlook()
        self.assertTrue(all(rows.mapped("active")))
        self.assertTrue(self.Conflict.search([("state", "=", "open")]))

    def test_waiting_change_is_not_sent_with_an_edit_of_the_owner(self):
        """The address of a guest of a series changes; Anna then invites somebody."""
        recurrence = self.pulled_series(
            attendees=[attendee("gus@example.com"), attendee("ada@example.com")]
        )
        self.guest.email = "august@example.com"
        self.look()
        [approval] = self.Approval.search([("state", "=", "waiting")])
        self.assertEqual(approval.kind, "noticed")
        row = self.rows(recurrence)[1].with_user(self.anna)
        row.write(
            {
                "partner_ids": [Command.link(self.cleo.partner_id.id)],
                "recurrence_update": "all_events",
            }
        )
        body = self.plan(recurrence).request.body
        addresses = {one["emailAddress"]["address"] for one in body["attendees"]}
        self.assertEqual(
            addresses, {"gus@example.com", "ada@example.com", "cleo@example.com"}
        )
        self.approve(approval, self.anna)
        body = self.plan(recurrence).request.body
        addresses = {one["emailAddress"]["address"] for one in body["attendees"]}
        self.assertEqual(
            addresses, {"august@example.com", "ada@example.com", "cleo@example.com"}
        )

    def test_guest_of_the_owner_does_not_bring_a_changed_address(self):
        recurrence = self.pulled_series(attendees=[attendee("gus@example.com", "Gus")])
        self.guest.email = "august@example.com"
        event = self.rows(recurrence)[0].with_user(self.anna)
        event.write(
            {
                "partner_ids": [Command.link(self.ben.partner_id.id)],
                "recurrence_update": "all_events",
            }
        )
        people = ["ben@example.com", "gus@example.com"]
        self.assertEqual(self.listed(recurrence), people)
        self.look()
        approval = self.Approval.search([])
        self.assertEqual(approval.field_names, ["attendees"])
        self.assertEqual(self.listed(recurrence), people)
        self.approve(approval, self.anna)
        self.assertEqual(
            self.listed(recurrence), ["august@example.com", "ben@example.com"]
        )

    def listed(self, recurrence):
        """Return the attendees that would be sent for a series."""
        _method, _path, body = self.written(recurrence)
        return [one["emailAddress"]["address"] for one in body["attendees"]]

    def test_question_follows_the_contact(self):
        self.pulled_series(attendees=[attendee("gus@example.com")])
        self.guest.email = "one@example.com"
        self.look()
        approval = self.Approval.search([])
        seen = approval._as_seen()
        self.guest.email = "two@example.com"
        self.look()
        self.assertEqual(self.Approval.search([]), approval)
        self.assertEqual(approval.mailed, ["gus@example.com", "two@example.com"])
        self.assertNotEqual(approval._as_seen(), seen)
        seen = approval._as_seen()
        self.guest.email = "gus@example.com"
        self.look()
        self.assertRecordValues(approval, [{"state": "over", "over_reason": "equal"}])

    def test_deleted_contact_is_asked_about_once(self):
        recurrence = self.pulled_series(attendees=[attendee("gus@example.com")])
        self.guest.unlink()
        self.look()
        approval = self.Approval.search([])
        self.assertEqual(approval.recurrence_id, recurrence)
        self.assertEqual(approval.field_names, ["attendees"])
        self.assertTrue(approval.mail_count)
        approval.with_user(self.anna).action_reject()
        link = self.link("S1")
        self.assertFalse(link._find_differences_in_odoo()[link].names)


@tagged("post_install", "-at_install")
class TestNoticedByColleagues(NoticedCase):
    """Cleo is not a delegate of Anna, and changes records of Anna's meetings."""

    def meeting(self, remote_id="R1", **values):
        return self.pulled(
            remote_id, attendees=[attendee("gus@example.com", "Gus")], **values
        )

    def waiting(self):
        return self.Approval.search([("state", "=", "waiting")])

    def change_address(self):
        self.guest.with_user(self.cleo).sudo().email = "august@example.com"

    def test_one_question_is_asked(self):
        event = self.meeting()
        self.change_address()
        self.look()
        self.assertRecordValues(
            self.waiting(),
            [{"kind": "noticed", "event_id": event.id, "author_id": self.cleo.id}],
        )
        self.assertEqual(self.waiting().entry_ids.mapped("state"), ["held"])

    def test_a_company_that_forbids_does_not_stop_the_others(self):
        self.anna.company_id.ms365_colleague_policy = "forbid"
        self.meeting()
        self.change_address()
        self.look()
        self.assertEqual(self.waiting().kind, "noticed")

    def test_change_that_mails_nobody_is_sent_while_another_is_asked(self):
        tag = self.env["calendar.event.type"].create({"name": "Blue"})
        event = self.meeting(categories=["Blue"])
        tag.with_user(self.cleo).sudo().name = "Red"
        self.change_address()
        self.look()
        self.assertEqual(self.named(event.id), [{"categories"}])
        self.assertEqual(self.waiting().mapped("kind"), ["noticed"])

    # --- two people and one list ------------------------------------------------------

    def invite_ben(self, event):
        event.with_user(self.anna).partner_ids = [Command.link(self.ben.partner_id.id)]

    def listed(self, event):
        """Return the attendees that would be sent for an event."""
        entries = self.pending(event.id)
        body = Planner(self.account, entries).plan(entries).request.body
        return [one["emailAddress"]["address"] for one in body["attendees"]]

    def assertAskedForGus(self):
        self.assertEqual(self.waiting().field_names, ["attendees"])
        self.assertEqual(self.waiting().mail_count, 2)

    def test_guest_of_the_owner_does_not_bring_a_changed_address(self):
        for first, second in (
            (lambda _event: self.change_address(), self.invite_ben),
            (self.invite_ben, lambda _event: self.change_address()),
        ):
            with self.subTest(first=first), self.env.cr.savepoint() as savepoint:
                event = self.meeting()
                first(event)
                second(event)
                people = ["ben@example.com", "gus@example.com"]
                self.assertEqual(self.listed(event), people)
                self.look()
                self.assertAskedForGus()
                self.assertEqual(self.listed(event), people)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_changed_address_is_sent_with_the_consent_of_the_owner(self):
        event = self.meeting()
        self.invite_ben(event)
        self.change_address()
        self.look()
        self.approve(self.waiting(), self.anna)
        self.assertEqual(self.listed(event), ["august@example.com", "ben@example.com"])

    def test_no_of_the_owner_leaves_the_own_guest(self):
        event = self.meeting()
        self.invite_ben(event)
        self.change_address()
        self.look()
        self.waiting().with_user(self.anna).action_reject()
        self.assertEqual(self.listed(event), ["ben@example.com", "gus@example.com"])

    def test_guest_who_got_another_address_is_removed_all_the_same(self):
        event = self.meeting()
        self.change_address()
        event.with_user(self.anna).partner_ids = [Command.unlink(self.guest.id)]
        self.assertEqual(self.listed(event), [])

    def test_tag_of_the_owner_does_not_bring_a_renamed_one(self):
        Tag = self.env["calendar.event.type"]
        blue, green = Tag.create([{"name": "Blue"}, {"name": "Green"}])
        event = self.meeting(categories=["Blue"])
        blue.with_user(self.cleo).sudo().name = "Red"
        event.with_user(self.anna).categ_ids = [Command.link(green.id)]
        entries = self.pending(event.id)
        body = Planner(self.account, entries).plan(entries).request.body
        self.assertEqual(body["categories"], ["Blue", "Green"])
        self.look()
        entries = self.pending(event.id)
        body = Planner(self.account, entries).plan(entries).request.body
        self.assertEqual(body["categories"], ["Green", "Red"])

    def test_a_private_meeting_is_not_shown_to_the_editor_of_a_contact(self):
        self.meeting(subject="Talks", sensitivity="private")
        self.change_address()
        self.look()
        approval = self.waiting()
        seen = approval.with_user(self.cleo)
        self.assertNotIn("Talks", seen.display_name)
        self.assertNotIn("gus@", seen.summary)
        self.assertFalse(seen.changes)
        self.assertFalse(seen.may_reject)
        with self.assertRaises(UserError):
            seen.action_reject()
        self.assertIn("Gus", approval.with_user(self.anna).changes)


@tagged("post_install", "-at_install")
class TestNoticedByManyOwners(NoticedCase):
    """A contact and a tag that Cleo changes are in meetings of Anna and of Ben."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        second = cls.env["res.company"].create({"name": "Second"})
        cls.ben.write(
            {"company_ids": [Command.link(second.id)], "company_id": second.id}
        )
        cls.env["ir.config_parameter"].sudo().set_param(
            "microsoft_calendar_client_id", "the-client"
        )
        cls.account_of_ben = cls.connect(cls.ben)
        cls.tag = cls.env["calendar.event.type"].create({"name": "Blue"})

    def setUp(self):
        super().setUp()
        calendar = self.account_of_ben._default_calendar()
        calendar.window_start, calendar.window_end = self.account_of_ben._window()
        gus = attendee("gus@example.com", "Gus")
        other = attendee("olga@x.example", "Olga")
        self.of_anna = self.pulled("R1", attendees=[gus], categories=["Blue"])
        of_ben = {
            "account": self.account_of_ben,
            "organizer": person("ben@example.com", "Ben"),
            "categories": ["Blue"],
        }
        self.of_ben = self.pulled("R2", attendees=[gus, other], **of_ben)
        self.of_ben_alone = self.pulled("R3", **of_ben)
        self.assertEqual(self.of_ben.user_id, self.ben)

    def waiting(self):
        return self.Approval.search([("state", "=", "waiting")], order="id")

    def change_address(self):
        self.guest.with_user(self.cleo).sudo().email = "august@example.com"
        self.look()

    def test_each_owner_is_asked_with_the_own_mails(self):
        self.change_address()
        self.assertRecordValues(
            self.waiting().sorted(lambda one: one.event_id.id),
            [
                {
                    "user_id": self.anna.id,
                    "event_id": self.of_anna.id,
                    "company_id": self.anna.company_id.id,
                    "author_id": self.cleo.id,
                    "mail_count": 2,
                },
                {
                    "user_id": self.ben.id,
                    "event_id": self.of_ben.id,
                    "company_id": self.ben.company_id.id,
                    "author_id": self.cleo.id,
                    "mail_count": 2,
                },
            ],
        )
        self.assertNotEqual(self.anna.company_id, self.ben.company_id)
        self.assertFalse(self.Outbox.search([("state", "=", "pending")]))

    def test_consent_of_one_owner_sends_nothing_of_the_other(self):
        self.change_address()
        of_anna = self.waiting().filtered(lambda one: one.user_id == self.anna)
        of_ben = self.waiting() - of_anna
        self.assertFalse(of_ben.with_user(self.anna).search([("id", "=", of_ben.id)]))
        with self.assertRaises(AccessError):
            self.approve(of_ben, self.anna)
        self.approve(of_anna, self.anna)
        sent = self.Outbox.search([("state", "=", "pending")])
        self.assertEqual(sent.account_id, self.account)
        of_ben.with_user(self.ben).action_reject()
        self.assertFalse(self.named(self.of_ben.id))

    def test_policy_of_no_company_sends_it_unseen(self):
        """Nobody has edited the meeting: the policies for colleagues do not count."""
        for policy in ("open", "forbid"):
            with self.subTest(policy), self.env.cr.savepoint() as savepoint:
                self.ben.company_id.ms365_colleague_policy = policy
                self.change_address()
                self.assertEqual(self.waiting().user_id, self.anna | self.ben)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_renamed_tag_mails_nobody_and_goes_to_each_mailbox(self):
        self.tag.with_user(self.cleo).sudo().name = "Red"
        self.look()
        self.assertFalse(self.waiting())
        sent = self.Outbox.search([("state", "=", "pending")])
        self.assertEqual(sent.event_id, self.of_anna | self.of_ben | self.of_ben_alone)
        self.assertEqual(
            {tuple(entry.field_names) for entry in sent}, {("categories",)}
        )
        self.assertEqual(sent.author_id, self.cleo)

    def test_renamed_tag_is_told_to_each_owner(self):
        self.tag.with_user(self.cleo).sudo().name = "Red"
        self.look()
        rows = self.Difference.search([])
        self.assertEqual(rows.author_id, self.cleo)
        for user in (self.anna, self.ben):
            with self.subTest(user.name):
                seen = self.Difference.with_user(user).search([])
                self.assertEqual(seen.sudo().user_id, user)
