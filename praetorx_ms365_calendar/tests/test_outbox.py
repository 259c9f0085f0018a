from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..engine.errors import (
    AlreadyExists,
    AlreadyGone,
    GiveUpOnEvent,
    MailboxUnavailable,
    MergeNeeded,
    TryLater,
)
from ..engine.graph_errors import TryFewTimes
from ..engine.mapping.stamp import STAMP_PROPERTY_ID
from ..graph.client import GraphResponse
from ..sync.apply.carry_out_deletions import carry_out_gone
from ..sync.push.changing import PatchEvent, ReadEvent
from ..sync.push.creating import CreateEvent
from ..sync.push.deleting import Delete, FindForDeletion
from ..sync.push.planner import Planner
from ..sync.push.work import PushWork
from .common import DAY, SyncCase, attendee, graph_time


@tagged("post_install", "-at_install")
class TestOutbox(SyncCase):
    """Test the requests of the outbox, and the recording of Graph's responses.

    Requests are planned and answers recorded as the dispatcher does it; what lies
    between the two is tested against the simulator.
    """

    # --- the dispatcher, without the wire -------------------------------------------

    def claim(self):
        """Plan and mark the next round trip, as the dispatcher does."""
        job = PushWork(self.env).claim(self.account.id)
        self.env.flush_all()
        return job

    def record(self, job, *answers):
        """Let the dispatcher store Graph's response."""
        job.record(list(answers))
        self.env.flush_all()
        self.env.invalidate_all()

    def plan(self, event):
        """Return the write that the pending entries of an event need."""
        pending = self.entries(event).filtered(lambda entry: entry.state == "pending")
        return Planner(self.account, pending).plan(pending)

    def done(self, remote_id="R1", **values):
        """Return Graph's answer to a create or an update."""
        body = self.remote(remote_id, **values)
        return GraphResponse(200, {}, body, "request-1", None)

    def failed(self, error):
        """Return an answer that is an error."""
        return GraphResponse(0, {}, None, "request-1", error)

    def synced_event(self, **vals):
        """Return an event of Anna that Graph has, made in Odoo."""
        event = self.new_event(**vals)
        self.record(self.claim(), self.done(subject=event.name))
        self.assertEqual(event.ms365_sync_state, "synced")
        return event

    def states(self, event):
        return self.entries(event).mapped("state")

    # --- create ---------------------------------------------------------------------

    def test_create_has_stamp_and_idempotency_key(self):
        event = self.new_event()
        sending = self.plan(event)
        self.assertEqual((type(sending), sending.request.method), (CreateEvent, "POST"))
        body = sending.request.body
        self.assertEqual(body["subject"], "Lunch")
        self.assertEqual(body["transactionId"], self.entries(event).idempotency_key)
        [stamp] = body["singleValueExtendedProperties"]
        self.assertEqual(stamp["value"], event._ms365_stamp())

    def test_create_and_edits_are_one_request(self):
        event = self.new_event()
        event.name = "Dinner"
        event.location = "Room 1"
        self.assertEqual(len(self.entries(event)), 3)
        body = self.plan(event).request.body
        self.assertEqual(body["subject"], "Dinner")
        self.assertEqual(body["location"]["displayName"], "Room 1")
        self.record(self.claim(), self.done())
        self.assertEqual(set(self.states(event)), {"done"})

    def test_confirmed_create_is_linked_and_agreed(self):
        event = self.new_event()
        self.record(self.claim(), self.done())
        link = self.link()
        self.assertRecordValues(
            link,
            [
                {
                    "event_id": event.id,
                    "account_id": self.account.id,
                    "state": "synced",
                    "is_primary": True,
                    "change_key": "CK1",
                }
            ],
        )
        self.assertRecordValues(
            event,
            [
                {
                    "ms365_sync_state": "synced",
                    "sync_origin": "odoo",
                    "ms_change_key": "CK1",
                    "synced_field_hash": link.content_hash,
                    "microsoft_id": "R1",
                }
            ],
        )

    def test_process_that_died_repeats_the_same_create(self):
        event = self.new_event()
        first = self.plan(event).request.body
        self.claim()  # and then nothing more
        self.assertEqual(self.states(event), ["sending"])
        self.assertIn(self.account.id, PushWork(self.env).due_account_ids([]))
        event.name = "Dinner"
        self.assertTrue(self.claim())
        self.assertEqual(set(self.states(event)), {"sending"})
        self.assertEqual(
            set(self.entries(event).mapped("idempotency_key")), {first["transactionId"]}
        )

    def test_create_that_was_done_before_is_found_by_its_stamp(self):
        """Nobody knows how long Graph remembers the keys of creates."""
        event = self.new_event()
        self.claim()  # and then nothing more
        event.name = "Dinner"
        found = self.remote(singleValueExtendedProperties=self.stamped(event))
        self.record(self.claim(), self.listed(found))
        self.assertTrue(self.link().needs_read)
        # Copies of attendees find it by that, also before it has been read.
        self.assertEqual(self.link().ical_uid, found["iCalUId"])
        self.assertIsInstance(self.plan(event), ReadEvent)
        self.pull(self.remote())
        sending = self.plan(event)
        self.assertEqual(sending.patch.fields, {"subject"})
        self.assertEqual(sending.request.body["subject"], "Dinner")

    def test_create_that_is_not_found_is_repeated_with_the_same_key(self):
        event = self.new_event()
        first = self.plan(event).request.body
        self.claim()  # and then nothing more
        self.record(self.claim(), self.listed())
        again = self.plan(event).request
        self.assertEqual(again.method, "POST")
        self.assertEqual(again.body["transactionId"], first["transactionId"])
        # And if that answer is lost as well, it is looked for once more.
        self.record(self.claim(), self.failed(TryLater("gone", response_lost=True)))
        self.assertEqual(self.plan(event).request.method, "GET")

    def test_create_that_graph_made_before_is_looked_at_before_going_on(self):
        """Graph answers a repeated create with the event as it is now."""
        event = self.new_event()
        self.claim()
        event.name = "Dinner"
        self.record(self.claim(), self.listed())
        self.record(self.claim(), self.done(subject="Lunch"))
        self.assertTrue(self.link().needs_read)
        self.assertIsInstance(self.plan(event), ReadEvent)

    def stamped(self, event):
        """Return how Graph tells the stamp of an event."""
        value = self.entries(event)[-1].stamp
        return [{"id": STAMP_PROPERTY_ID, "value": value}]

    def listed(self, *events):
        """Return Graph's answer to a search."""
        return GraphResponse(200, {}, {"value": list(events)}, "request-1", None)

    def test_create_known_under_its_key_is_adopted(self):
        event = self.new_event()
        self.record(
            self.claim(), self.failed(AlreadyExists("done before", existing_id="R1"))
        )
        self.assertEqual(self.link().event_id, event)
        self.assertIsInstance(self.plan(event), ReadEvent)

    # --- update ---------------------------------------------------------------------

    def test_update_sends_the_changed_properties_only(self):
        event = self.synced_event()
        event.name = "Dinner"
        event.name = "Supper"
        sending = self.plan(event)
        self.assertEqual((type(sending), sending.request.method), (PatchEvent, "PATCH"))
        self.assertEqual(sending.request.body, {"subject": "Supper"})
        self.assertEqual(sending.request.headers["If-Match"], 'W/"CK1"')

    def test_confirmed_update_is_the_new_base(self):
        event = self.synced_event()
        event.name = "Dinner"
        answer = self.done(change_key="CK2", subject="Dinner")
        self.record(self.claim(), answer)
        self.assertEqual(set(self.states(event)), {"done"})
        self.assertEqual(self.link().change_key, "CK2")
        self.assertEqual(event.ms365_sync_state, "synced")
        row = self.Log.search([("event_id", "=", event.id)], limit=1)
        self.assertRecordValues(
            row,
            [
                {
                    "direction": "push",
                    "operation": "update",
                    "outcome": "done",
                    "field_names": "subject",
                    "request_id": "request-1",
                    "user_id": self.anna.id,
                }
            ],
        )

    def test_edit_that_changed_nothing_is_not_sent(self):
        event = self.synced_event()
        event.name = "Lunch"
        event.name = "Dinner"
        event.name = "Lunch"
        self.assertFalse(self.claim())
        self.assertEqual(set(self.states(event)), {"done"})
        self.assertEqual(event.ms365_sync_state, "synced")

    def test_edit_made_while_another_is_sent_is_sent_next(self):
        event = self.synced_event()
        event.name = "Dinner"
        job = self.claim()
        event.location = "Room 1"
        self.record(job, self.done(change_key="CK2", subject="Dinner"))
        self.assertEqual(self.states(event), ["done", "done", "pending"])
        self.assertEqual(event.ms365_sync_state, "pending")
        self.assertEqual(self.plan(event).patch.fields, {"location"})

    def test_echo_of_our_update_changes_nothing(self):
        event = self.synced_event()
        event.name = "Dinner"
        self.record(self.claim(), self.done(change_key="CK2", subject="Dinner"))
        before = (event.write_date, event.sync_origin, self.Log.search_count([]))
        with self.assertNothingCaptured():
            self.pull(self.remote(change_key="CK2", subject="Dinner"))
        after = (event.write_date, event.sync_origin, self.Log.search_count([]))
        self.assertEqual(after, before)

    def test_failures_of_each_kind_count_by_themselves(self):
        event = self.synced_event()
        event.name = "Dinner"
        self.record(self.claim(), self.failed(TryFewTimes("500")))
        entry = self.entries(event)[-1]
        entry.failure_counts = {"TryFewTimes": 11}
        entry.not_before = fields.Datetime.now()
        self.record(self.claim(), self.failed(MergeNeeded("412")))
        self.assertEqual((entry.state, entry.attempts), ("pending", 1))
        self.assertIsInstance(self.plan(event), ReadEvent)

    def test_two_kinds_of_failures_that_take_turns_end_as_well(self):
        event = self.synced_event()
        event.name = "Dinner"
        entry = self.entries(event)[-1]
        for number in range(40):
            if entry.state == "dead":
                break
            entry.not_before = fields.Datetime.now()
            error = TryFewTimes("500") if number % 2 else TryLater("503")
            self.record(self.claim(), self.failed(error))
        self.assertEqual((entry.state, entry.reason), ("dead", "500"))
        entry.action_retry()
        self.assertFalse(entry.failure_counts)

    def test_changed_meanwhile_is_read_and_merged(self):
        event = self.synced_event()
        event.name = "Dinner"
        self.record(self.claim(), self.failed(MergeNeeded("412")))
        self.assertEqual(self.states(event)[-1], "pending")
        entry = self.entries(event)[-1]
        entry.not_before = fields.Datetime.now()
        self.assertIsInstance(self.plan(event), ReadEvent)
        self.pull(self.remote(change_key="CK2", location={"displayName": "Room 1"}))
        self.assertEqual((event.name, event.location), ("Dinner", "Room 1"))
        sending = self.plan(event)
        self.assertEqual(sending.request.body, {"subject": "Dinner"})
        self.assertEqual(sending.request.headers["If-Match"], 'W/"CK2"')

    def test_edit_undone_after_a_lost_response_stays_undone(self):
        """Graph has the first edit, Odoo does not know it, the person wants none."""
        event = self.synced_event()
        event.name = "Dinner"
        lost = TryLater("no answer", response_lost=True)
        self.record(self.claim(), self.failed(lost))
        event.name = "Lunch"
        self.account.not_before = False
        self.assertIsInstance(self.plan(event), ReadEvent)
        self.pull(self.remote(change_key="CK2", subject="Dinner"))
        self.assertEqual(event.name, "Lunch")
        self.assertEqual(self.plan(event).request.body, {"subject": "Lunch"})

    def test_two_edits_around_a_lost_response_are_no_conflict(self):
        event = self.synced_event()
        event.name = "Dinner"
        lost = TryLater("no answer", response_lost=True)
        self.record(self.claim(), self.failed(lost))
        event.name = "Supper"
        self.account.not_before = False
        self.pull(self.remote(change_key="CK2", subject="Dinner"))
        self.assertFalse(self.open_conflict(event))
        self.assertEqual(self.plan(event).request.body, {"subject": "Supper"})

    def test_process_that_died_while_updating_looks_first(self):
        event = self.synced_event()
        event.name = "Dinner"
        self.claim()  # and then nothing more
        event.name = "Lunch"
        self.claim()
        self.pull(self.remote(change_key="CK2", subject="Dinner"))
        self.assertEqual(event.name, "Lunch")

    def test_attendees_are_sent_whole(self):
        event = self.synced_event()
        event.write({"partner_ids": [(4, self.guest.id)]})
        body = self.plan(event).request.body
        [sent] = body["attendees"]
        self.assertEqual(sent["emailAddress"]["address"], "gus@example.com")
        self.assertEqual(sent["emailAddress"]["name"], "Gus Guest")

    # --- delete ---------------------------------------------------------------------

    def test_deletion_leaves_a_tombstone(self):
        event = self.synced_event()
        event_id = event.id
        event.unlink()
        sending = self.plan(event_id)
        self.assertEqual((type(sending), sending.request.method), (Delete, "DELETE"))
        self.assertEqual(sending.request.headers["If-Match"], 'W/"CK1"')
        self.record(self.claim(), GraphResponse(204, {}, None, "request-1", None))
        self.assertEqual(set(self.states(event_id)), {"done"})
        self.assertEqual(self.link().state, "deleted_there")

    def test_deletion_of_a_missing_event_is_done(self):
        event = self.synced_event()
        event_id = event.id
        event.unlink()
        self.record(self.claim(), self.failed(AlreadyGone("404")))
        self.assertEqual(set(self.states(event_id)), {"done"})
        self.assertEqual(self.link().state, "deleted_there")

    def test_event_that_was_never_sent_needs_no_deletion(self):
        event = self.new_event()
        event_id = event.id
        event.unlink()
        self.assertFalse(self.claim())
        self.assertEqual(set(self.states(event_id)), {"done"})

    def test_create_without_a_response_is_searched_first(self):
        event = self.new_event()
        event_id, stamp = event.id, event._ms365_stamp()
        self.claim()  # and then nothing more
        event.unlink()
        self.Outbox.search([("state", "=", "sending")]).write({"state": "pending"})
        self.assertIsInstance(self.plan(event_id), FindForDeletion)
        job = self.claim()
        made = self.remote(
            singleValueExtendedProperties=[
                {
                    "id": self.stamp_property_id(),
                    "value": stamp,
                }
            ]
        )
        self.record(job, GraphResponse(200, {}, {"value": [made]}, "request-1", None))
        self.assertIsInstance(self.plan(event_id), Delete)

    def stamp_property_id(self):
        body = self.plan(self.new_event()).request.body
        return body["singleValueExtendedProperties"][0]["id"]

    def test_event_deleted_while_it_was_created_is_deleted_in_graph(self):
        event = self.new_event()
        event_id = event.id
        job = self.claim()
        event.unlink()
        self.record(job, self.done())
        self.assertEqual(self.link().state, "deleted_here")
        self.assertIsInstance(self.plan(event_id), Delete)

    def test_event_archived_and_back_at_once_stays_as_it_is(self):
        """It is read once, and nothing is sent."""
        event = self.synced_event()
        event.active = False
        event.active = True
        self.record(self.claim(), self.done(subject=event.name))
        self.assertFalse(self.claim())
        self.assertEqual(self.link().state, "synced")
        self.pull(self.remote(change_key="CK2", subject="Dinner"))
        self.assertEqual(event.name, "Dinner")
        self.assertFalse(self.open_conflict(event))

    def test_event_that_is_back_after_outlook_has_deleted_it_is_no_silent_difference(
        self,
    ):
        """Nobody reads a removed event that is deleted in Odoo, too."""
        event = self.synced_event()
        event.active = False
        self.pull({"id": "R1", "@removed": {"reason": "deleted"}})
        event.active = True
        self.record(self.claim(), self.failed(AlreadyGone("no such event")))
        carry_out_gone(self.account)
        self.assertFalse(event.active)
        self.assertEqual(self.link().state, "deleted_there")

    def test_event_that_comes_back_after_its_deletion_is_a_new_one(self):
        event = self.synced_event()
        key = self.entries(event).idempotency_key
        event.active = False
        self.record(self.claim(), GraphResponse(204, {}, None, "request-1", None))
        event.active = True
        sending = self.plan(event)
        self.assertIsInstance(sending, CreateEvent)
        self.assertNotEqual(sending.request.body["transactionId"], key)

    # --- errors ---------------------------------------------------------------------

    def test_throttled_mailbox_waits_and_keeps_its_entries(self):
        event = self.new_event()
        now = fields.Datetime.now()
        self.record(self.claim(), self.failed(TryLater("429", after_seconds=120)))
        self.assertEqual(self.states(event), ["pending"])
        self.assertGreaterEqual(self.account.not_before, now + timedelta(seconds=120))
        self.assertNotIn(self.account.id, PushWork(self.env).due_account_ids([]))

    def test_refused_event_is_named_and_can_be_tried_again(self):
        event = self.new_event()
        self.record(self.claim(), self.failed(GiveUpOnEvent("Too many attendees")))
        self.assertEqual(self.states(event), ["dead"])
        self.assertEqual(event.ms365_sync_state, "error")
        own = event.with_user(self.anna)
        self.assertIn("Too many attendees", own.ms365_details)
        own.action_ms365_retry()
        self.assertRecordValues(
            self.entries(event),
            [{"state": "pending", "attempts": 0, "reason": False}],
        )
        self.assertEqual(event.ms365_sync_state, "pending")

    def refused_for_hours(self):
        """Return an edited event that Microsoft refuses, so that it waits for hours."""
        event = self.synced_event()
        event.name = "Dinner"
        self.record(self.claim(), self.failed(MailboxUnavailable("403")))
        self.assertTrue(self.entries(event)[-1].is_late)
        return event

    def test_event_that_waits_for_hours_is_named_and_can_be_sent_at_once(self):
        event = self.refused_for_hours()
        self.assertEqual(event.ms365_mark, "error")
        self.assertEqual(self.account.badge, "delayed")
        own = event.with_user(self.anna)
        self.assertTrue(own.ms365_message)
        own.action_ms365_retry()
        self.assertEqual(event.ms365_sync_state, "pending")
        self.record(self.claim(), self.done(subject="Dinner"))
        self.assertEqual(event.ms365_sync_state, "synced")

    def test_edit_whose_first_attempt_just_failed_is_not_late(self):
        event = self.synced_event()
        event.name = "Dinner"
        self.age(self.entries(event)[-1], 48)  # it waited for a word
        self.record(self.claim(), self.failed(TryFewTimes("500")))
        self.assertFalse(self.entries(event)[-1].is_late)
        self.assertEqual(event.ms365_mark, "pending")

    def test_wait_that_microsoft_asked_for_stays(self):
        event = self.refused_for_hours()
        entry = self.entries(event)[-1]
        until = entry.asked_until = fields.Datetime.now() + timedelta(hours=1)
        self.account.with_user(self.anna).action_sync_now()
        self.assertEqual(entry.not_before, until)

    def test_wait_that_microsoft_asks_for_is_remembered(self):
        event, other = self.new_event(), self.new_event()
        wait = TryFewTimes("500", after_seconds=3600)
        self.record(self.claim(), self.failed(wait), self.done("R2"))
        self.assertEqual(other.ms365_sync_state, "synced")
        an_hour = timedelta(minutes=59)
        self.assertGreater(
            self.entries(event).asked_until, fields.Datetime.now() + an_hour
        )

    def test_pressing_sync_now_often_gives_nothing_up(self):
        event = self.refused_for_hours()
        for _press in range(6):
            self.account.with_user(self.anna).action_sync_now()
            self.record(self.claim(), self.failed(MailboxUnavailable("403")))
        self.assertEqual(self.states(event)[-1], "pending")

    def test_sync_now_sends_what_waits_for_hours(self):
        event = self.refused_for_hours()
        self.account.with_user(self.anna).action_sync_now()
        self.record(self.claim(), self.done(subject="Dinner"))
        self.assertEqual(event.ms365_sync_state, "synced")
        self.assertFalse(self.account.late_count)

    def test_refused_event_is_no_failure_any_more_once_it_has_arrived(self):
        event = self.new_event()
        self.record(self.claim(), self.failed(GiveUpOnEvent("Too many attendees")))
        event.name = "Dinner"
        self.record(self.claim(), self.done(subject="Dinner"))
        self.assertEqual(self.states(event), ["done", "done"])
        self.assertEqual(self.account.dead_letter_count, 0)

    def test_edit_after_a_create_that_failed_searches_first(self):
        """The event may be in Outlook: the responses were lost."""
        event = self.new_event()
        self.claim()  # sent, and never answered
        self.entries(event).state = "dead"
        event.name = "Dinner"
        found = self.remote(singleValueExtendedProperties=self.stamped(event))
        self.assertEqual(self.plan(event).request.method, "GET")
        self.record(self.claim(), self.listed(found))
        self.assertEqual(self.link().remote_id, found["id"])
        self.assertIsInstance(self.plan(event), ReadEvent)

    def test_refused_event_waits_where_odoo_only_reads(self):
        event = self.new_event()
        self.record(self.claim(), self.failed(GiveUpOnEvent("Too many attendees")))
        self.account.direction = "outlook_to_odoo"
        with self.assertRaisesRegex(UserError, "only read from Outlook"):
            event.with_user(self.anna).action_ms365_retry()
        self.assertEqual(self.states(event), ["dead"])

    def test_refused_event_does_not_hold_up_another(self):
        refused, other = self.new_event(), self.new_event()
        self.record(self.claim(), self.failed(GiveUpOnEvent("no")), self.done("R2"))
        self.assertEqual(refused.ms365_sync_state, "error")
        self.assertEqual(other.ms365_sync_state, "synced")

    def test_unreadable_response_does_not_stop_another(self):
        unreadable, other = self.new_event(), self.new_event()
        nonsense = GraphResponse(201, {}, {"id": "R1", "start": 5}, "request-1", None)
        with self.assertLogs("odoo.addons.praetorx_ms365_calendar", "WARNING") as logs:
            self.record(self.claim(), nonsense, self.done("R2"))
        [line] = logs.output
        self.assertIn("request-1", line)
        self.assertNotIn("Traceback", line)
        self.assertEqual(unreadable.ms365_sync_state, "error")
        self.assertEqual(other.ms365_sync_state, "synced")

    def test_conflict_keeps_its_edits_back(self):
        event = self.synced_event()
        event.name = "Dinner"
        self.pull(self.remote(change_key="CK2", subject="Brunch"))
        self.assertFalse(self.claim())
        self.assertEqual(event.ms365_sync_state, "conflict")

    # --- due mailboxes --------------------------------------------------------------

    def test_mailbox_that_may_not_send_is_not_due(self):
        self.new_event()
        work = PushWork(self.env)
        self.assertEqual(work.due_account_ids([]), [self.account.id])
        self.assertEqual(work.due_account_ids([self.account.id]), [])
        for record, vals in (
            (self.account, {"state": "sign_in_again"}),
            (self.anna, {"ms365_sync_direction": "outlook_to_odoo"}),
            (self.anna, {"ms365_sync_enabled": False}),
            (self.account, {"not_before": DAY}),
        ):
            with self.subTest(**vals), self.env.cr.savepoint() as savepoint:
                record.write(vals)
                self.env.flush_all()
                self.assertEqual(work.due_account_ids([]), [])
                savepoint.rollback()
                self.env.invalidate_all()

    def test_cron_runs_with_nothing_to_do(self):
        cron = self.env.ref("praetorx_ms365_calendar.ir_cron_dispatch")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertFalse(cron.failure_count)

    # --- housekeeping ---------------------------------------------------------------

    def test_done_entries_are_cleared_after_a_week(self):
        old, dead, waiting, young = (
            self.entries(self.new_event()) for _number in range(4)
        )
        old.state, dead.state, young.state = "done", "dead", "done"
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE praetorx_ms365_outbox SET write_date = write_date - %s"
            " WHERE id IN %s",
            [timedelta(days=8), (old.id, dead.id, waiting.id)],
        )
        self.env.invalidate_all()
        self.assertEqual(self.Outbox._gc_done(), (1, False))
        self.assertFalse(old.exists())
        self.assertEqual(len((dead | waiting | young).exists()), 3)

    def test_log_is_kept_as_long_as_set(self):
        self.Log._log(self.account, operation="read", outcome="done")
        row = self.Log.search([], limit=1)
        row.create_date = fields.Datetime.now() - timedelta(days=31)
        self.Log._gc_old()
        self.assertTrue(row.exists())
        self.env["ir.config_parameter"].sudo().set_param(
            "praetorx_ms365_calendar.log_days", "30"
        )
        self.Log._gc_old()
        self.assertFalse(row.exists())

    def test_log_tells_no_contents(self):
        event = self.synced_event(name="Secret lunch")
        event.description = "<p>Secret plans</p>"
        self.record(
            self.claim(),
            self.done(
                change_key="CK2",
                subject="Secret lunch",
                attendees=[attendee("secret@example.com")],
                start=graph_time(DAY),
            ),
        )
        rows = self.Log.search([("account_id", "=", self.account.id)])
        self.assertTrue(rows)
        words = ["field_names", "reason", "remote_id", "request_id"]
        self.assertNotIn("secret", str(rows.read(words)).lower())


@tagged("post_install", "-at_install")
class TestPause(SyncCase):
    def test_paused_sync_sends_nothing_and_says_so(self):
        event = self.new_event()
        self.env["ir.config_parameter"].set_param(
            "microsoft_calendar_sync_paused", "True"
        )
        self.env["praetorx.ms365.outbox"]._cron_dispatch()
        self.assertEqual(self.entries(event).mapped("state"), ["pending"])
        self.assertIn("Paused", self.account.status)
