from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..engine.errors import AlreadyGone, MergeNeeded
from ..graph.client import GraphResponse
from ..sync.apply.carry_out_deletions import carry_out_gone
from ..sync.pull.work import PullWork
from ..sync.push.work import PushWork
from .common import DAY, SyncCase, attendee, graph_time, new_administrator


class DeletionCase(SyncCase):
    """Many events of Anna that are linked, and both workers without the wire."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Hold = cls.env["praetorx.ms365.hold"]
        cls.admin = new_administrator(cls.env)

    def pulled_events(self, count, **values):
        """Return the links of so many new events, of an hour each day from now on."""
        self.remotes = {
            f"R{number}": self.remote(
                f"R{number}",
                subject=f"Event {number}",
                start=graph_time(DAY + timedelta(days=number)),
                end=graph_time(DAY + timedelta(days=number, hours=1)),
                **values,
            )
            for number in range(count)
        }
        self.pull(*self.remotes.values())
        links = self.Link.search([("account_id", "=", self.account.id)], order="id")
        return links[-count:]

    def open_hold(self):
        return self.Hold.search(
            [("account_id", "=", self.account.id), ("state", "=", "open")]
        )

    def alive(self, links):
        """Return how many of these events are in Odoo's calendar."""
        return len(links.event_id.filtered("active"))

    def answer(self, body=None, error=None):
        """Return Graph's answer to one request."""
        status = 200 if error is None else 404
        return GraphResponse(status, {}, body, "request-1", error)

    def read_doubtful(self, *, still_there=()):
        """Let the puller read what it doubts, a batch after another; return batches.

        :param still_there: ids of events that Graph has
        """
        batches = 0
        while True:
            job = PullWork(self.env).claim(self.account.id)
            self.env.flush_all()
            unverified = self.unverified()
            if not job or not unverified:
                return batches
            batches += 1
            job.record(
                [
                    self.answer(self.remotes[link.remote_id])
                    if link.remote_id in still_there
                    else self.answer(error=AlreadyGone("no such event"))
                    for link in unverified[:20]
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()

    def unverified(self):
        return self.Link.search(
            [("account_id", "=", self.account.id), ("needs_read", "=", True)]
        )

    def claim_push(self):
        """Plan the dispatcher's next round trip; return its job."""
        job = PushWork(self.env).claim(self.account.id)
        self.env.flush_all()
        self.env.invalidate_all()
        return job

    def send_all(self):
        """Let the dispatcher send until nothing is due; return the number of jobs."""
        count = 0
        while job := self.claim_push():
            sending = self.Outbox.search(
                [("account_id", "=", self.account.id), ("state", "=", "sending")]
            )
            job.record([self.answer() for _key in set(sending.mapped("event_key"))])
            self.env.flush_all()
            self.env.invalidate_all()
            count += 1
        return count


@tagged("post_install", "-at_install")
class TestHeldFromOutlook(DeletionCase):
    """Many events are gone from Outlook: nothing is archived before a person agrees."""

    def test_not_in_the_view_deletes_nothing(self):
        """Complaint odoo/odoo#146754: archived because it was outside the range."""
        links = self.pulled_events(3)
        calendar = self.account._default_calendar()
        calendar.round_number = 5
        calendar._sweep_links()
        self.assertEqual(set(links.mapped("needs_read")), {True})
        self.assertEqual(self.alive(links), 3)
        self.read_doubtful(still_there=links.mapped("remote_id"))
        self.assertEqual(self.alive(links), 3)
        self.assertEqual(set(links.mapped("state")), {"synced"})

    def test_a_few_deletions_are_carried_out_at_once(self):
        links = self.pulled_events(12)
        self.gone(links[:10])
        self.assertEqual(self.alive(links), 2)
        self.assertFalse(self.open_hold())

    def test_calendar_that_looks_empty_asks_before_the_first_is_archived(self):
        links = self.pulled_events(47)
        links.needs_read = True
        self.assertEqual(self.read_doubtful(), 3)
        self.assertEqual(self.alive(links), 47)
        hold = self.open_hold()
        self.assertEqual((hold.direction, hold.event_count), ("to_odoo", 47))
        self.assertEqual(set(links.mapped("state")), {"gone"})

    def test_large_calendar_may_lose_a_tenth_and_is_counted_over_batches(self):
        links = self.pulled_events(300)
        links[:30].needs_read = True
        self.read_doubtful()
        self.assertEqual(self.alive(links), 270)
        links[30:70].needs_read = True
        self.read_doubtful()
        self.assertEqual(self.alive(links), 270)
        self.assertEqual(self.open_hold().event_count, 40)

    def test_deletions_within_the_hour_are_one_pass(self):
        links = self.pulled_events(30)
        self.gone(links[:6])
        self.gone(links[6:12])
        self.assertEqual(self.alive(links), 24)
        self.assertEqual(self.open_hold().event_count, 6)

    def test_single_deletions_spread_over_a_day_are_never_a_question(self):
        links = self.pulled_events(20)
        start = fields.Datetime.now()
        for number, link in enumerate(links):
            with freeze_time(start + timedelta(minutes=10 * number)):
                self.gone(link)
        self.assertEqual(self.alive(links), 0)
        self.assertFalse(self.open_hold())

    def test_removed_events_are_verified_before_anything_is_decided(self):
        """One is gone, of many nothing is known yet: all may turn out to be gone."""
        links = self.pulled_events(30)
        links[1:].write(
            {
                "needs_read": True,
                "read_not_before": fields.Datetime.now() + timedelta(hours=1),
            }
        )
        self.gone(links[0])
        self.assertEqual((self.alive(links), self.open_hold()), (30, self.Hold))
        links[1:].read_not_before = False
        self.read_doubtful(still_there=links[1:].mapped("remote_id"))
        self.assertEqual(self.alive(links), 29)

    def test_nothing_is_decided_while_a_round_is_under_way(self):
        links = self.pulled_events(200)
        calendar = self.account._default_calendar()
        calendar.write({"round_kind": "delta", "next_link": "https://graph.example/n"})
        links[:18].needs_read = True
        self.read_doubtful()
        self.assertEqual(self.alive(links), 200)

    def test_mass_cancellation_by_organizers_asks_too(self):
        links = self.pulled_events(12, attendees=[attendee("gus@example.com")])
        self.pull(
            *(self.remote(link.remote_id, "CK2", isCancelled=True) for link in links)
        )
        self.assertEqual(self.alive(links), 12)
        self.assertEqual(self.open_hold().event_count, 12)

    def test_everything_else_goes_on_syncing(self):
        links = self.pulled_events(15)
        self.gone(links[:12])
        self.assertTrue(self.open_hold())
        with self.assertCaptured("upsert"):
            links[14].event_id.with_user(self.anna).name = "Edited in Odoo"
        self.pull(self.remote("R13", "CK2", subject="Edited in Outlook"))
        self.assertEqual(links[13].event_id.name, "Edited in Outlook")
        self.pull(self.remote("New"))
        self.assertTrue(self.link("New").event_id.active)

    def test_later_deletions_join_the_open_hold(self):
        links = self.pulled_events(15)
        self.gone(links[:12])
        self.gone(links[12])
        self.assertEqual(self.alive(links), 15)
        self.assertEqual(self.open_hold().event_count, 13)

    def test_other_mailboxes_are_not_held(self):
        ben = self.connect(self.ben)
        links = self.pulled_events(12)
        self.pull(self.remote("B1", isOrganizer=True), account=ben)
        self.gone(links)
        self.gone(self.link("B1"))
        self.assertFalse(self.link("B1").event_id.active)
        self.assertEqual(self.alive(links), 12)

    def test_owner_is_told_in_words_and_by_an_activity(self):
        links = self.pulled_events(12)
        self.gone(links)
        self.assertIn("held", self.account.status)
        self.assertEqual(self.account.hold_count, 1)
        self.assertEqual(self.account.activity_ids.user_id, self.anna)
        hold = self.open_hold().with_user(self.anna)
        self.assertIn("12 events", hold.summary)
        row = self.Log.search([("outcome", "=", "held")])
        self.assertEqual((row.operation, row.direction), ("delete", "pull"))
        self.assertNotIn("Event 1", row.reason)

    def test_delete_them_looks_once_more_and_archives(self):
        links = self.pulled_events(12)
        self.gone(links)
        hold = self.open_hold()
        hold.with_user(self.anna).action_delete()
        self.assertEqual(self.alive(links), 12)
        self.read_doubtful(still_there=["R3"])
        self.assertEqual(links.event_id.filtered("active"), links[3].event_id)
        self.assertEqual(links[3].state, "synced")
        self.assertRecordValues(
            hold, [{"state": "approved", "decided_by_id": self.anna.id}]
        )
        self.assertFalse(self.account.activity_ids)

    def test_approved_deletions_do_not_make_the_next_one_a_question(self):
        links = self.pulled_events(13)
        self.gone(links[:12])
        self.open_hold().with_user(self.anna).action_delete()
        self.read_doubtful()
        self.gone(links[12])
        self.assertEqual(self.alive(links), 0)
        self.assertFalse(self.open_hold())

    def test_keep_them_keeps_them_in_odoo_and_sends_nothing(self):
        links = self.pulled_events(12)
        self.gone(links)
        with self.assertNothingCaptured():
            self.open_hold().with_user(self.anna).action_keep()
        self.read_doubtful()
        self.assertEqual(self.alive(links), 12)
        self.assertEqual(set(links.mapped("state")), {"deleted_there"})
        self.assertEqual(set(links.event_id.mapped("ms365_sync_state")), {"none"})
        self.assertFalse(self.account.hold_count)
        with self.assertCaptured("upsert"):
            links[0].event_id.with_user(self.anna).name = "Again"

    def test_kept_event_that_was_edited_meanwhile_goes_to_outlook_again(self):
        links = self.pulled_events(12)
        self.gone(links)
        links[0].event_id.with_user(self.anna).name = "Edited while it was held"
        self.assertFalse(self.claim_push())
        with self.assertCaptured("upsert"):
            self.open_hold().with_user(self.anna).action_keep()

    def test_edit_made_while_it_was_held_is_asked_about_and_not_deleted(self):
        links = self.pulled_events(12)
        self.gone(links)
        links[0].event_id.with_user(self.anna).name = "Edited while it was held"
        self.open_hold().with_user(self.anna).action_delete()
        self.read_doubtful()
        self.assertEqual(links.event_id.filtered("active"), links[0].event_id)
        self.assertTrue(self.open_conflict(links[0].event_id))

    def test_hold_is_over_when_everything_is_back(self):
        links = self.pulled_events(12)
        self.gone(links)
        hold = self.open_hold()
        self.pull(*(self.remote(link.remote_id, "CK2") for link in links))
        self.assertRecordValues(hold, [{"state": "over", "event_count": 0}])
        self.assertEqual(set(links.mapped("state")), {"synced"})
        self.assertFalse(self.account.activity_ids)

    def test_event_that_is_listed_again_is_verified_again(self):
        links = self.pulled_events(12)
        self.gone(links)
        self.pull(self.remote("R0"))
        self.assertTrue(links[0].needs_read)
        self.read_doubtful(still_there=["R0"])
        self.assertEqual(links[0].state, "synced")
        self.assertEqual(self.open_hold().event_count, 11)

    def test_event_deleted_in_odoo_too_leaves_the_hold(self):
        links = self.pulled_events(12)
        self.gone(links)
        links[0].event_id.with_user(self.anna).unlink()
        self.assertEqual(self.open_hold().event_count, 11)

    def test_event_that_cannot_be_archived_does_not_hold_up_the_others(self):
        links = self.pulled_events(3)
        self.env.cr.execute(
            """ALTER TABLE calendar_event ADD CONSTRAINT ms365_stays
               CHECK (active OR name != 'Event 1')"""
        )
        self.env.flush_all()
        with mute_logger("odoo.sql_db"):
            self.gone(links)
        self.assertEqual(links.event_id.filtered("active"), links[1].event_id)
        self.assertEqual(links[1].state, "quarantined")
        self.assertEqual(links[1].event_id.ms365_sync_state, "error")

    def test_event_with_a_broken_base_does_not_hold_up_the_others(self):
        links = self.pulled_events(3)
        links[1].base_snapshot = {"ours": {}, "theirs": {}}
        self.gone_one_by_one(links)
        self.assertEqual(links.event_id.filtered("active"), links[1].event_id)
        self.assertEqual(links[1].state, "quarantined")

    def gone_one_by_one(self, links):
        """Carry out deletions that were recorded in earlier rounds."""
        links.write({"state": "gone"})
        carry_out_gone(self.account)
        self.env.flush_all()
        self.env.invalidate_all()

    # --- people that decide and see -------------------------------------------------

    def test_owner_and_administrators_decide_and_nobody_else(self):
        self.gone(self.pulled_events(12))
        hold = self.open_hold()
        for user in (self.ben, self.cleo):
            with self.assertRaises(AccessError):
                hold.with_user(user).action_delete()
            with self.assertRaises(AccessError):
                hold.with_user(user).action_keep()
        hold.with_user(self.admin).action_keep()
        self.assertRecordValues(
            hold, [{"state": "kept", "decided_by_id": self.admin.id}]
        )

    def test_second_decision_changes_nothing(self):
        links = self.pulled_events(12)
        self.gone(links)
        hold = self.open_hold().with_user(self.anna)
        hold.action_keep()
        hold.action_delete()
        self.assertEqual((hold.state, self.alive(links)), ("kept", 12))

    def test_titles_of_private_events_are_for_their_owner(self):
        links = self.pulled_events(12, sensitivity="private")
        self.gone(links)
        own = links.with_user(self.anna)
        self.assertEqual(own[0].title, "Event 0")
        seen = links.with_user(self.admin)
        self.assertNotIn("Event", "".join(seen.mapped("title")))
        self.assertEqual(seen[0].starts_at, DAY)


@tagged("post_install", "-at_install")
class TestHeldFromOdoo(DeletionCase):
    """Many events are deleted in Odoo: Outlook keeps them until a person agrees."""

    def test_a_few_deletions_are_sent_at_once(self):
        links = self.pulled_events(12)
        links[:10].event_id.with_user(self.anna).unlink()
        self.assertTrue(self.claim_push())
        self.assertFalse(self.open_hold())

    def held(self, count=12, *, unlink=False, **values):
        """Return links of events that were deleted in Odoo and are held."""
        links = self.pulled_events(count, **values)
        events = links.event_id.with_user(self.anna)
        if unlink:
            events.unlink()
        else:
            events.action_archive()
        self.assertFalse(self.claim_push())
        return links

    def test_burst_is_held_before_the_first_is_sent(self):
        links = self.held()
        hold = self.open_hold()
        self.assertEqual((hold.direction, hold.event_count), ("to_outlook", 12))
        entries = self.Outbox.search([("link_id", "in", links.ids)])
        self.assertEqual(set(entries.mapped("state")), {"held"})
        self.assertIn("decision", entries[0].reason_text)
        self.assertEqual(self.account.hold_count, 1)
        self.assertEqual(self.account.activity_ids.user_id, self.anna)

    def test_portions_within_the_hour_are_one_burst(self):
        links = self.pulled_events(15)
        links[:8].event_id.with_user(self.anna).unlink()
        self.assertEqual(self.send_all(), 1)
        links[8:].event_id.with_user(self.anna).unlink()
        self.assertFalse(self.claim_push())
        self.assertEqual(self.open_hold().event_count, 7)

    def test_other_edits_are_sent_meanwhile(self):
        links = self.pulled_events(15)
        links[:12].event_id.with_user(self.anna).unlink()
        links[14].event_id.with_user(self.anna).name = "Edited"
        self.assertTrue(self.claim_push())
        self.assertEqual(self.open_hold().event_count, 12)

    def test_mails_are_counted_before_the_button_is_pressed(self):
        guests = [attendee("gus@example.com"), attendee("new@example.com")]
        self.held(attendees=guests)
        hold = self.open_hold()
        self.assertEqual(hold.mail_count, 24)
        self.assertIn("mails: 24.", hold.summary)

    def test_delete_them_sends_them(self):
        links = self.held()
        self.open_hold().with_user(self.anna).action_delete()
        self.assertEqual(self.send_all(), 1)
        self.assertEqual(set(links.mapped("state")), {"deleted_there"})
        self.assertFalse(self.open_hold())

    def test_approved_burst_does_not_make_the_next_deletion_a_question(self):
        links = self.pulled_events(13)
        links[:12].event_id.with_user(self.anna).unlink()
        self.assertFalse(self.claim_push())
        self.open_hold().with_user(self.anna).action_delete()
        self.send_all()
        links[12].event_id.with_user(self.anna).unlink()
        self.assertTrue(self.claim_push())

    def test_take_back_restores_archived_events_and_sends_nothing(self):
        links = self.held()
        self.open_hold().with_user(self.anna).action_keep()
        self.assertEqual(self.alive(links), 12)
        self.assertFalse(self.claim_push())
        self.read_doubtful(still_there=links.mapped("remote_id"))
        self.assertEqual(set(links.mapped("state")), {"synced"})
        self.assertEqual(set(links.event_id.mapped("ms365_sync_state")), {"synced"})

    def test_take_back_brings_deleted_events_back_from_outlook(self):
        links = self.held(unlink=True)
        self.assertFalse(links.event_id)
        self.open_hold().with_user(self.anna).action_keep()
        self.read_doubtful(still_there=links.mapped("remote_id"))
        self.assertEqual(self.alive(links), 12)
        self.assertFalse(self.claim_push())

    def test_taken_back_meeting_is_found_by_the_other_mailboxes(self):
        ben = self.connect(self.ben)
        links = self.held(attendees=[attendee("ben@example.com")], unlink=False)
        copy = self.remote_copy("B1", of="R0", attendees=[attendee("ben@example.com")])
        self.pull(copy, account=ben)
        links.event_id.with_user(self.anna).unlink()
        self.assertFalse(self.claim_push())
        self.open_hold().with_user(self.anna).action_keep()
        self.read_doubtful(still_there=links.mapped("remote_id"))
        self.pull(copy | {"changeKey": "CK2"}, account=ben)
        self.assertTrue(links[0].event_id)
        self.assertEqual(self.link("B1").event_id, links[0].event_id)

    def test_event_brought_back_by_hand_leaves_the_hold(self):
        links = self.held()
        links[0].event_id.with_user(self.anna).active = True
        self.read_doubtful(still_there=[links[0].remote_id])
        hold = self.open_hold()
        self.assertEqual(hold.event_count, 11)
        hold.with_user(self.anna).action_delete()
        self.send_all()
        self.assertEqual(links.event_id.filtered("active"), links[0].event_id)
        self.assertEqual(links[0].state, "synced")

    def test_title_of_a_deleted_event_is_shown_to_permitted_users(self):
        links = self.held(unlink=True, sensitivity="private")
        self.assertEqual(links[0].with_user(self.anna).title, "Event 0")
        self.assertEqual(links[0].with_user(self.anna).starts_at, DAY)
        self.assertNotIn("Event", links[0].with_user(self.admin).title)

    def test_held_deletions_of_a_left_mailbox_are_shown_as_failed(self):
        links = self.held()
        self.account._forget_mailbox()
        self.assertFalse(links.exists())
        self.assertFalse(self.Outbox.search([("state", "=", "held")]))


@tagged("post_install", "-at_install")
class TestUndo(DeletionCase):
    """Test that a person can restore archived events on both sides."""

    def deleted(self, **values):
        """Return the link of an event that was deleted in Outlook."""
        link = self.pulled_events(1, **values)
        self.gone(link)
        return link

    def restore(self, links, user=None):
        links = links.with_user(user or self.anna)
        action = links.action_restore()
        wizard = Form(
            self.env["praetorx.ms365.restore"]
            .with_user(user or self.anna)
            .with_context(**action["context"])
        )
        wizard.save().action_restore()
        self.env.flush_all()
        self.env.invalidate_all()

    def test_event_comes_back_on_both_sides(self):
        link = self.deleted()
        with self.assertCaptured("upsert"):
            self.restore(link)
        self.assertTrue(link.event_id.active)
        sending = self.claim_push()
        self.assertTrue(sending)
        self.assertEqual((link.generation, link.remote_id), (1, False))
        self.assertEqual(link.event_id.ms365_sync_state, "pending")

    def test_mails_are_counted_and_confirmed_before(self):
        guests = [attendee("gus@example.com"), attendee("new@example.com")]
        link = self.deleted(attendees=guests)
        action = link.with_user(self.anna).action_restore()
        with self.assertNothingCaptured():
            wizard = Form(
                self.env["praetorx.ms365.restore"]
                .with_user(self.anna)
                .with_context(**action["context"])
            )
        self.assertEqual((wizard.event_count, wizard.mail_count), (1, 2))
        self.assertFalse(link.event_id.active)

    def test_meeting_of_an_outside_organizer_comes_back_in_odoo_only(self):
        link = self.deleted(
            isOrganizer=False,
            organizer={"emailAddress": {"address": "olga@elsewhere.example"}},
            attendees=[attendee("anna@example.com"), attendee("gus@example.com")],
        )
        with self.assertNothingCaptured():
            self.restore(link)
        event = link.event_id
        self.assertTrue(event.active)
        self.assertEqual(event.ms365_sync_state, "none")
        event.with_user(self.anna).show_as = "free"  # which invites nobody anew
        self.assertFalse(self.claim_push())
        self.assertEqual(event.ms365_sync_state, "none")

    def test_only_reading_calendar_gets_it_back_in_odoo_only(self):
        link = self.deleted()
        self.anna.ms365_sync_direction = "outlook_to_odoo"
        with self.assertNothingCaptured():
            self.restore(link)
        self.assertTrue(link.event_id.active)

    def test_administrator_may_bring_back_and_strangers_may_not(self):
        link = self.deleted()
        for user in (self.ben, self.cleo):
            with self.assertRaises(AccessError):
                link.with_user(user).action_restore()
        self.restore(link, self.admin)
        self.assertTrue(link.event_id.active)

    def test_wizard_of_a_stranger_brings_nothing_back(self):
        link = self.deleted()
        wizard = self.env["praetorx.ms365.restore"].with_user(self.ben)
        with self.assertRaises(AccessError):
            wizard.create({"link_ids": [Command.set(link.ids)]}).action_restore()
        self.assertFalse(link.event_id.active)

    def test_list_shows_events_that_can_be_restored(self):
        link = self.deleted()
        mine = self.Link.with_user(self.anna).search([("can_restore", "=", True)])
        self.assertEqual(mine, link)
        self.restore(link)
        self.assertFalse(self.Link.search([("can_restore", "=", True)]))
        with self.assertRaises(UserError):
            self.restore(link)

    def test_event_form_and_log_lead_to_undo(self):
        link = self.deleted()
        event = link.event_id.with_user(self.anna)
        self.assertTrue(event.ms365_can_restore)
        self.assertFalse(event.with_user(self.ben).ms365_can_restore)
        self.assertEqual(
            event.action_ms365_restore()["context"]["default_link_ids"], link.ids
        )
        row = self.Log.search(
            [("event_id", "=", event.id), ("operation", "=", "delete")]
        )
        row = row.with_user(self.anna)
        self.assertTrue(row.can_restore)
        self.assertEqual(row.action_restore()["context"]["default_link_ids"], link.ids)

    def test_snapshot_is_dropped_after_30_days_and_the_tombstone_stays(self):
        link = self.deleted()
        event = link.event_id
        with freeze_time(fields.Datetime.now() + timedelta(days=29)):
            self.Link._gc_snapshots_of_tombstones()
            self.assertTrue(link.base_snapshot)
            self.assertTrue(link.can_restore)
        self.env.invalidate_all()
        with freeze_time(fields.Datetime.now() + timedelta(days=31)):
            self.assertFalse(link.can_restore)
            self.Link._gc_snapshots_of_tombstones()
            self.assertFalse(link.base_snapshot)
        self.pull(self.remote("R0"))
        self.assertEqual(link.state, "deleted_there")
        self.assertFalse(event.active)


@tagged("post_install", "-at_install")
class TestDeletePolicy(DeletionCase):
    """Test the company's policy for deletions in Odoo."""

    def policy(self, policy, message=False):
        self.account.company_id.write(
            {"ms365_delete_policy": policy, "ms365_cancel_message": message}
        )

    def planned(self, link):
        """Return the request that the deletion of this event comes down to."""
        link.event_id.with_user(self.anna).unlink()
        self.read_doubtful(still_there=link.mapped("remote_id"))
        sendings = PushWork(self.env)._plan(self.account)
        return sendings and sendings[0].request

    def test_delete_deletes_the_version_that_was_seen(self):
        request = self.planned(self.pulled_events(1))
        self.assertEqual(request.method, "DELETE")
        self.assertEqual(request.headers["If-Match"], 'W/"CK1"')

    def test_cancel_tells_the_attendees_why(self):
        self.policy("cancel", "The fair is off.")
        link = self.pulled_events(1, attendees=[attendee("gus@example.com")])
        request = self.planned(link)
        self.assertTrue(request.path_or_url.endswith("/cancel"))
        self.assertEqual(request.body, {"comment": "The fair is off."})

    def test_cancel_reads_first_since_it_sends_no_version(self):
        self.policy("cancel")
        link = self.pulled_events(1, attendees=[attendee("gus@example.com")])
        link.event_id.with_user(self.anna).action_archive()
        self.assertTrue(link.needs_read)
        self.pull(
            self.remote(
                "R0", "CK2", subject="New", attendees=[attendee("gus@example.com")]
            )
        )
        self.assertTrue(self.open_conflict(link.event_id))

    def test_cancel_deletes_events_without_attendees(self):
        self.policy("cancel")
        self.assertEqual(self.planned(self.pulled_events(1)).method, "DELETE")

    def test_off_leaves_outlook_alone(self):
        self.policy("off")
        link = self.pulled_events(1)
        self.assertFalse(self.planned(link))
        self.assertEqual(link.state, "kept_there")

    def test_off_never_brings_the_event_back_to_odoo(self):
        self.policy("off")
        link = self.pulled_events(1)
        self.planned(link)
        before = self.env["calendar.event"].with_context(active_test=False)
        count = before.search_count([])
        self.pull(self.remote("R0", "CK2", subject="Edited in Outlook"))
        self.assertEqual(before.search_count([]), count)
        self.assertEqual((link.state, link.change_key), ("kept_there", "CK2"))
        self.assertFalse(self.Conflict.search([("link_id", "=", link.id)]))

    def test_off_needs_no_question_for_many(self):
        self.policy("off")
        links = self.pulled_events(12)
        links.event_id.with_user(self.anna).unlink()
        self.assertFalse(self.claim_push())
        self.assertFalse(self.open_hold())
        self.assertEqual(set(links.mapped("state")), {"kept_there"})

    def test_off_and_back_in_odoo_meets_outlooks_version_again(self):
        self.policy("off")
        link = self.pulled_events(1)
        event = link.event_id
        event.with_user(self.anna).action_archive()
        self.claim_push()
        self.pull(self.remote("R0", "CK2", subject="Edited in Outlook"))
        event.with_user(self.anna).action_unarchive()
        self.assertEqual((link.state, link.needs_read), ("synced", True))
        self.pull(self.remote("R0", "CK2", subject="Edited in Outlook"))
        self.assertEqual(event.name, "Edited in Outlook")

    def test_cancellation_that_failed_looks_again_before_the_next_try(self):
        self.policy("cancel")
        link = self.pulled_events(1, attendees=[attendee("gus@example.com")])
        link.event_id.with_user(self.anna).unlink()
        self.read_doubtful(still_there=["R0"])
        job = self.claim_push()
        job.record([self.answer(error=MergeNeeded("changed"))])
        self.assertTrue(link.needs_read)
