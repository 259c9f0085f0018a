from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..engine.snapshot import Base
from ..sync.apply.applier import Applier
from ..sync.apply.carry_out_deletions import carry_out_gone
from ..sync.push.changing import ReadEvent
from ..sync.push.deleting import Delete
from ..sync.push.planner import Planner
from ..sync.push.replies import AwaitInvitation, Look, NoReply, plan_reply_sending
from ..sync.push.sending import Nothing
from .common import DAY, TwoMailboxesCase, attendee, graph_time, person


@tagged("post_install", "-at_install")
class TestSeveralMailboxes(TwoMailboxesCase):
    """One meeting in several mailboxes, while people do things at the same time."""

    def plan(self, event, account=None):
        """Return the write that the pending entries of an event need."""
        account = account or self.account
        pending = self.entries(event).filtered(
            lambda entry: entry.state == "pending" and entry.account_id == account
        )
        return Planner(account, pending).plan(pending)

    # --- copies that come and go ----------------------------------------------------

    def test_copy_that_came_before_the_old_one_was_known_to_be_gone(self):
        """The new copy is named as a second one first, and taken afterwards."""
        event = self.meeting()
        self.pull_copy("B2")
        self.assertEqual(self.link("B2").state, "quarantined")
        self.gone(self.link("B1"))
        self.read_due()
        self.assertRecordValues(
            self.link("B2"), [{"event_id": event.id, "state": "synced"}]
        )
        self.assertFalse(self.link("B1"))

    def test_second_copy_has_the_first_one_read(self):
        """Its removal may be known to nobody, or in a calendar that is not read."""
        event = self.meeting()
        self.link("B1").state = "deleted_here"
        self.pull_copy("B2")
        self.assertEqual(self.link("B2").state, "quarantined")
        self._in_outlook.pop((self.account_of_ben, "B1"))
        self.read_due()
        self.read_due()
        self.assertRecordValues(
            self.link("B2"), [{"event_id": event.id, "state": "synced"}]
        )

    def test_second_copy_stays_set_aside_if_the_first_one_is_there(self):
        event = self.meeting()
        self.pull_copy("B2")
        self.read_due()
        self.assertEqual(self.link("B2").state, "quarantined")
        self.assertRecordValues(
            self.link("B1"),
            [{"event_id": event.id, "state": "synced", "needs_read": False}],
        )

    def test_copy_takes_the_place_of_one_in_a_calendar_that_is_not_synced(self):
        event = self.meeting()
        self.link("B1")._stop_following()
        self.pull_copy("B2")
        self.assertRecordValues(
            self.link("B2"), [{"event_id": event.id, "state": "synced"}]
        )
        self.assertFalse(self.link("B1"))

    def test_copy_of_a_meeting_that_was_created_again_is_taken(self):
        """Outlook had deleted the meeting, and the new one has another iCalUId."""
        event = self.meeting()
        self.link("R1").write({"remote_id": "R9", "ical_uid": "uid of R9"})
        self.pull(self.remote_copy("B9", of="R9"), account=self.account_of_ben)
        self.assertEqual(self.link("B9").state, "quarantined")
        self.gone(self.link("B1"))
        self.read_due()
        self.assertRecordValues(
            self.link("B9"), [{"event_id": event.id, "state": "synced"}]
        )

    def test_copy_that_came_while_the_event_was_deleted_here_is_taken(self):
        """Ben has deleted his copy in Outlook, and an update has brought another one.

        Nobody reads a removed copy of an event that Odoo does not have.
        """
        event = self.meeting()
        event.with_user(self.anna).action_archive()
        removed = {"id": "B1", "@removed": {"reason": "deleted"}}
        self.pull(removed, account=self.account_of_ben)
        self.pull(self.invitation("CK2", subject="Supper"))
        self.pull_copy("B2", subject="Supper")
        self.assertEqual(self.link("R1").state, "conflict")
        link = self.link("R1")
        link._resolve("outlook", link._open_conflict()._theirs_content(), "CK2")
        self.assertTrue(event.active)
        self.assertTrue(self.link("B1").needs_read)
        self.assertTrue(self.account_of_ben.pull_requested_at)
        self.gone(self.link("B1"))
        self.read_due()
        self.assertRecordValues(
            self.link("B2"), [{"event_id": event.id, "state": "synced"}]
        )

    def test_event_stays_if_a_new_copy_came_before_the_old_one_was_known_to_be_gone(
        self,
    ):
        """No other mailbox has the meeting of an outside organizer."""
        of_boss = {"organizer": person("boss@example.com")}
        self.pull_copy(**of_boss)
        link = self.link("B1")
        event, account = link.event_id, self.account_of_ben
        self.pull_copy("B2", subject="Supper", **of_boss)
        Applier(account, account._default_calendar()).gone(link)
        self.assertEqual(link.state, "gone")
        self.assertTrue(self.link("B2").needs_read)  # before deletions are carried out
        self.read_due()
        self.assertRecordValues(link, [{"state": "synced", "remote_id": "B2"}])
        self.assertRecordValues(event, [{"active": True, "name": "Supper"}])
        self.assertFalse(link._archived_by_sync())

    def test_event_is_back_if_a_person_is_invited_again_after_the_cancellation(self):
        """The deletion was carried out before the next round showed it."""
        of_boss = {"organizer": person("boss@example.com")}
        self.pull_copy(**of_boss)
        event = self.link("B1").event_id
        self.pull_copy("B1", "CK2", isCancelled=True, **of_boss)
        self.assertFalse(event.active)
        self.pull_copy("B1", "CK3", **of_boss)
        self.assertTrue(event.active)
        self.assertEqual(self.link("B1").state, "synced")

    def test_meeting_with_a_new_primary_copy_is_not_archived(self):
        event = self.meeting()
        self.anna.ms365_sync_enabled = False
        self.assertTrue(self.link("B1").is_primary)
        self.link("B1").write({"state": "gone", "needs_read": False})
        self.link("R1")._copies().filtered("is_primary")._move_primary_to(
            self.link("R1")
        )
        carry_out_gone(self.account_of_ben)
        self.assertTrue(event.active)
        self.assertEqual(self.link("B1").state, "deleted_there")

    def test_meeting_is_back_when_its_organizer_moves_it_back(self):
        """While it was in a calendar that is not synced, an attendee left it."""
        event = self.meeting()
        self.link("R1")._stop_following()
        self.assertTrue(self.link("B1").is_primary)
        self.gone(self.link("B1"))
        self.assertFalse(event.active)
        self.pull(self.invitation("CK2"))
        self.assertTrue(self.link("R1").is_primary)
        self.assertTrue(event.active)

    def test_unsent_edit_that_outlook_replaces_is_in_the_history(self):
        """The organizer's calendar is not synced any more before it is sent."""
        event = self.meeting()
        event.with_user(self.anna).location = "Hall"
        self.link("R1")._stop_following()
        self.assertTrue(self.link("B1").is_primary)
        self.read_due()
        self.assertFalse(event.location)
        versions = self.env["praetorx.ms365.version"].search(
            [("event_id", "=", event.id)]
        )
        self.assertIn("Hall", str(versions.mapped("before")))

    def test_event_outside_the_sync_does_not_await_consent(self):
        self.meeting()
        link = self.link("R1")
        link.awaits_word = True
        self.assertEqual(self.account.waiting_event_count, 1)
        link._stop_following()
        self.account.invalidate_recordset()
        self.assertEqual(self.account.waiting_event_count, 0)

    def test_copy_does_not_stay_primary_when_it_joins_another_event(self):
        """Its event was deleted in Odoo, and Outlook's version has won over that."""
        self.pull_copy("B1", organizer={"emailAddress": {"address": "o@example.net"}})
        link = self.link("B1")
        self.assertTrue(link.is_primary)
        link.event_id.unlink()
        self.pull(self.remote_copy("A1", of="R1"))
        self.assertTrue(self.link("A1").is_primary)
        link._resolve("outlook", link._theirs(), link.change_key)
        self.pull_copy("B1", "CK2")
        self.assertEqual(link.event_id, self.link("A1").event_id)
        self.assertFalse(link.is_primary)

    def test_copy_does_not_stay_primary_while_it_waits_for_its_organizer(self):
        """It carried the meeting, which was deleted in Odoo, and is wanted again."""
        self.anna.ms365_sync_enabled = False
        self.pull_copy("B1")
        link = self.link("B1")
        self.assertTrue(link.is_primary)
        link.event_id.unlink()
        self.anna.ms365_sync_enabled = True
        link._resolve("outlook", link._theirs(), link.change_key)
        self.pull_copy("B1", "CK2")
        self.assertEqual(link.state, "waiting")
        self.pull(self.invitation())
        self.assertEqual(link.event_id, self.link("R1").event_id)
        self.assertTrue(self.link("R1").is_primary)
        self.assertFalse(link.is_primary)

    # --- the organizer's mailbox ----------------------------------------------------

    def test_organizers_copy_replaces_values_of_an_attendees_copy(self):
        """An attendee removed since then is gone, without a question."""
        self.anna.ms365_sync_enabled = False
        guests = [attendee("ben@example.com", "Ben"), attendee("gus@example.net")]
        self.pull_copy(attendees=guests, location={"displayName": "Hall"})
        event = self.link("B1").event_id
        self.assertIn("gus@example.net", event.partner_ids.mapped("email"))
        self.anna.ms365_sync_enabled = True
        with self.assertNothingCaptured():
            self.pull(self.invitation(location={"displayName": "Room 1"}))
        self.assertTrue(self.link().is_primary)
        self.assertFalse(self.open_conflict(event))
        self.assertEqual(event.location, "Room 1")
        self.assertNotIn("gus@example.net", event.partner_ids.mapped("email"))

    def test_values_from_a_copy_are_no_edit_of_odoo(self):
        """Not even where Odoo wins: its organizer has changed it once more since."""
        self.anna.ms365_conflict_policy = "odoo"
        event = self.meeting()
        self.anna.ms365_sync_enabled = False
        self.pull_copy(change_key="CK2", subject="Tea")
        self.assertEqual(event.name, "Tea")
        with self.assertNothingCaptured():
            self.anna.ms365_sync_enabled = True
            self.account._resume_pushing()
            self.pull(self.invitation("CK3", subject="Dinner"))
        self.assertEqual(event.name, "Dinner")
        self.assertTrue(self.link("R1").is_primary)

    def test_copy_waits_while_its_create_is_unanswered(self):
        """Whether or not the organizer syncs still: there would be two events."""
        event = self.new_event(partner_ids=[(4, self.ben.partner_id.id)])
        entry = self.entries(event)
        entry.sent_content = event._ms365_read_contents()[event].to_json()
        self.anna.ms365_sync_enabled = False
        self.pull_copy()
        self.assertEqual(self.meetings(), event)
        self.assertEqual(self.link("B1").state, "waiting")
        self.pull_copy("B2", of="R2", location={"displayName": "Hall"})
        self.assertEqual(self.link("B2").state, "waiting", "it may be that one, too")
        later = DAY + timedelta(hours=3)
        another = {"start": graph_time(DAY), "end": graph_time(later)}
        self.pull_copy("B3", of="R3", subject="Dinner", **another)
        self.assertEqual(self.link("B3").state, "synced", "another meeting of hers")
        entry.state = "done"
        self.link("B1").needs_read = True
        self.pull_copy()
        self.assertEqual(self.link("B1").state, "synced")

    def test_copy_waits_for_a_create_that_was_sent_long_after_the_edit(self):
        """For a day after the last try, the event may be one that was edited since."""
        event = self.new_event(partner_ids=[(4, self.ben.partner_id.id)])
        entry = self.entries(event)
        entry.sent_content = event._ms365_read_contents()[event].to_json()
        self.age(entry, hours=48)
        self.anna.ms365_sync_enabled = False
        self.pull_copy(subject="Dinner")
        self.assertEqual(self.link("B1").state, "waiting")

    def test_copy_waits_on_while_anything_of_its_organizer_is_unanswered(self):
        """It may be of that, and somebody has given it another subject since."""
        event = self.new_event(partner_ids=[(4, self.ben.partner_id.id)])
        entry = self.entries(event)
        entry.sent_content = event._ms365_read_contents()[event].to_json()
        self.pull_copy(subject="Dinner")
        self.age(self.link("B1"))
        for has_reply, state in ((False, "waiting"), (True, "synced")):
            if has_reply:
                entry.state = "done"
            self.link("B1").needs_read = True
            self.pull_copy(subject="Dinner")
            self.assertEqual(self.link("B1").state, state)

    def test_edit_is_not_sent_by_a_mailbox_without_the_primary_copy(self):
        event = self.meeting()
        self.anna.ms365_sync_enabled = False
        self.clear_outbox()
        event.show_as = "free"
        self.assertEqual(self.entries(event)[-1].account_id, self.account_of_ben)
        self.anna.ms365_sync_enabled = True
        self.account._resume_pushing()
        self.assertTrue(self.link("R1").is_primary)
        self.link("B1").needs_read = False
        self.assertIsInstance(self.plan(event, self.account_of_ben), Nothing)

    def test_organizer_gets_the_own_show_as_after_that_of_an_attendee(self):
        """Show as is each person's own; Outlook has not changed the organizer's."""
        event = self.meeting()
        self.anna.ms365_sync_enabled = False
        self.read_due()
        self.pull_copy(change_key="CK2", showAs="free")
        self.assertEqual(event.show_as, "free")
        with self.assertNothingCaptured():
            self.anna.ms365_sync_enabled = True
            self.account._resume_pushing()
            self.read_due()
        self.assertTrue(self.link("R1").is_primary)
        self.assertEqual(event.show_as, "busy")

    # --- lost answers ---------------------------------------------------------------

    def lose_answer(self, link, name, value):
        """Edit a field in Odoo, and send it without a response."""
        event = link.event_id
        self.clear_outbox()
        event[name] = value
        ours, base = event._ms365_read_contents()[event], link._base
        sent = Base(ours, base.theirs.with_fields({name}, ours))
        link.sent_snapshot = sent.to_json()

    def updated_without_an_answer(self):
        """Return an event deleted in Odoo after an update without a response."""
        event = self.pulled()
        link = self.link()
        self.lose_answer(link, "location", "Room 1")
        event.active = False
        self.assertIsInstance(self.plan(event), ReadEvent)
        link.needs_read = True
        return event

    def test_deletion_after_a_lost_response_is_sent(self):
        """It is looked at once, and not for ever."""
        event = self.updated_without_an_answer()
        self.pull(self.remote())
        self.assertIsInstance(self.plan(event), Delete)

    def test_own_update_that_arrived_is_no_edit_of_outlook(self):
        event = self.updated_without_an_answer()
        self.pull(self.remote("R1", "CK2", location={"displayName": "Room 1"}))
        self.assertFalse(self.open_conflict(event))
        self.assertIsInstance(self.plan(event), Delete)

    def test_deletion_of_an_event_cancelled_after_a_lost_response_is_sent(self):
        event = self.updated_without_an_answer()
        self.pull(self.remote("R1", "CK2", isCancelled=True))
        self.assertIsInstance(self.plan(event), Delete)

    def test_deletion_that_stays_in_odoo_is_not_looked_at_for_ever(self):
        self.account.company_id.ms365_delete_policy = "off"
        event = self.updated_without_an_answer()
        self.pull(self.remote("R1", "CK2", location={"displayName": "Room 1"}))
        self.assertNotIsInstance(self.plan(event), ReadEvent)

    def test_copy_that_is_no_longer_primary_is_not_looked_at_for_ever(self):
        event = self.meeting()
        self.anna.ms365_sync_enabled = False
        self.read_due()
        copy = self.link("B1")
        self.lose_answer(copy, "show_as", "free")
        self.anna.ms365_sync_enabled = True
        self.account._resume_pushing()
        self.assertFalse(copy.is_primary)
        self.assertIsInstance(self.plan(event, self.account_of_ben), ReadEvent)
        self.pull_copy(change_key="CK2", showAs="free")
        self.assertIsInstance(self.plan(event, self.account_of_ben), Nothing)
        self.assertEqual(copy._base.theirs.show_as, "free")

    # --- deleted in Odoo, and back --------------------------------------------------

    def answered_and_deleted(self):
        """Return a meeting deleted in Odoo, and the answer of Ben that is not sent."""
        event = self.meeting()
        self.part_of(self.ben, event).with_user(self.ben).do_tentative()
        reply = self.Outbox.search([("operation", "=", "respond")])
        event.active = False
        return event, reply

    def test_reply_waits_while_its_meeting_is_deleted_in_odoo(self):
        event, reply = self.answered_and_deleted()
        self.assertIsInstance(
            plan_reply_sending(self.account_of_ben, reply), AwaitInvitation
        )
        self.pull(self.invitation("CK2", subject="Supper"))
        link = self.link()
        self.assertEqual(link.state, "conflict")
        link._resolve("outlook", link._theirs(), link.change_key)
        self.assertTrue(event.active)
        self.assertEqual(self.link("B1").state, "synced")
        self.assertIsInstance(plan_reply_sending(self.account_of_ben, reply), Look)

    def test_invitation_that_comes_again_brings_nothing_back_that_was_deleted(self):
        """Its organizer deletes the meeting in Odoo, and Outlook does not know yet."""
        event = self.meeting()
        self.gone(self.link("B1"))
        self.assertEqual(self.link("B1").state, "deleted_there")
        event.with_user(self.anna).action_archive()
        self.pull_copy("B2", "CK2")
        self.assertFalse(event.active)
        self.assertEqual(self.link("B2").event_id, event)
        self.gone(self.link("R1"))
        self.assertFalse(event.active)

    def test_remaining_attendees_are_in_a_restored_meeting(self):
        """An attendee has deleted it in Odoo, and then its organizer switches on."""
        account_of_cleo = self.connect(self.cleo)
        self.anna.ms365_sync_enabled = False
        guests = [attendee("ben@example.com"), attendee("cleo@example.com")]
        self.pull_copy(attendees=guests)
        copy = self.remote_copy("C1", attendees=guests)
        self.pull(copy, account=account_of_cleo)
        event = self.link("B1").event_id
        self.part_of(self.cleo, event).with_user(self.cleo).do_accept()
        event.with_user(self.ben).action_archive()
        self.assertEqual(self.link("C1").state, "deleted_here")
        self.anna.ms365_sync_enabled = True
        self.pull(self.invitation(attendees=guests))
        self.assertTrue(event.active)
        self.assertEqual(self.link("B1").state, "deleted_here")
        self.assertEqual(self.link("C1").state, "synced")
        self.assertTrue(self.link("C1").needs_read)

    def test_replies_reach_the_event_that_replaces_a_deleted_one(self):
        """Another mailbox has made it, while the organizer's was asked."""
        guests = [attendee("ben@example.com", "Ben"), attendee("cleo@example.com")]
        guests[1]["status"] = {"response": "accepted"}
        self.pull(self.invitation(attendees=guests))
        self.link("R1").event_id.unlink()
        self.account.state = "sign_in_again"
        self.pull_copy(attendees=[guests[0], attendee("cleo@example.com")])
        event = self.link("B1").event_id
        self.assertEqual(len(event.attendee_ids), 3)
        self.account.state = "active"
        link = self.link("R1")
        link._resolve("outlook", link._theirs(), link.change_key)
        self.pull(self.invitation("CK2", attendees=guests))
        self.assertEqual(link.event_id, event)
        self.assertEqual(self.part_of(self.cleo, event).state, "accepted")

    def test_earlier_edit_does_not_delete_a_restored_event(self):
        """Outlook's version has won over a deletion that was never sent."""
        event = self.pulled()
        self.clear_outbox()
        event.show_as = "free"
        edit = self.entries(event)
        self.anna.ms365_sync_enabled = False
        event.unlink()
        self.anna.ms365_sync_enabled = True
        self.account._resume_pushing()
        link = self.link()
        link._resolve("outlook", link._theirs(), link.change_key)
        self.pull(self.remote("R1", "CK2", location={"displayName": "Hall"}))
        self.assertTrue(link.event_id.active)
        self.assertEqual(edit.state, "pending")
        self.assertIsInstance(Planner(self.account, edit).plan(edit), Nothing)

    def test_reply_to_a_deleted_meeting_is_no_failure(self):
        _event, reply = self.answered_and_deleted()
        self.gone(self.link("B1"))
        self.assertIsInstance(plan_reply_sending(self.account_of_ben, reply), NoReply)

    def test_invitation_to_an_event_that_a_move_leaves_behind_is_no_second_event(self):
        """Anna moved it, and invites Ben in Outlook before the sync deletes it."""
        event = self.pulled()
        calendar = self.account._default_calendar()
        self.link("R1")._move_to(
            {"remote_id": "R2", "ical_uid": "uid of R2", "calendar_id": calendar.id}
        )
        for is_on in (True, False):
            with self.subTest(is_on=is_on):
                self.anna.ms365_sync_enabled = is_on
                self.pull_copy()
                self.assertEqual(self.meetings(), event)
                self.assertRecordValues(
                    self.link("B1"), [{"event_id": event.id, "state": "synced"}]
                )
                self.link("B1").unlink()

    # --- conflicts ------------------------------------------------------------------

    def test_conflict_over_times_beyond_the_window_goes_on(self):
        """``@removed`` tells that it left the window, not that it was moved away."""
        event = self.pulled()
        calendar = self.account._default_calendar()
        now = fields.Datetime.now()
        calendar.write(
            {
                "window_start": now - timedelta(days=30),
                "window_end": DAY + timedelta(days=30),
            }
        )
        self.clear_outbox()
        event.write({"stop": DAY + timedelta(hours=2)})
        far = DAY + timedelta(days=300)
        self.link().left_calendar = True
        times = {"start": graph_time(far), "end": graph_time(far + timedelta(hours=1))}
        self.pull(self.remote("R1", "CK2", **times))
        self.assertTrue(self.open_conflict(event))
        self.link().write({"left_calendar": True, "last_seen_round": -1})
        self.account._drop_unlisted_events()
        self.assertEqual(self.link().state, "conflict")
        self.assertTrue(self.open_conflict(event))

    def test_replies_are_read_after_a_conflict(self):
        event = self.meeting()
        self.clear_outbox()
        event.name = "Dinner"
        replied = [attendee("ben@example.com", "Ben", response="accepted")]
        changed = self.invitation("CK2", subject="Supper", attendees=replied)
        self.pull(changed)
        link = self.link()
        theirs = self.open_conflict(event)._theirs_content()
        link._resolve("outlook", theirs, "CK2")
        self.assertTrue(link.needs_read)
        self.pull(changed)
        self.assertEqual(self.part_of(self.ben, event).state, "accepted")
