"""A decided conflict is stored at once, and carried out when the event is read."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import Form, new_test_user, tagged

from ..sync.push.planner import Planner
from ..sync.push.single import ReadEvent
from .common import attendee, new_administrator
from .test_conflicts import ConflictCase
from .test_series import NOW, SeriesCase

GUEST = {"attendees": [attendee("gus@example.com", "Gus")]}


@tagged("post_install", "-at_install")
class TestDecisions(ConflictCase):
    """Between the decision and the reading, either side may change again."""

    def decide(self, event, keep):
        """Decide the open conflict for one side, as Anna; the worker does nothing."""
        conflict = self.open_conflict(event).with_user(self.anna)
        getattr(conflict, f"keep_{keep}")()
        return conflict

    def assertAskedAgain(self, event, *names):
        """There is a new open conflict, about these fields."""
        conflict = self.open_conflict(event)
        self.assertEqual(conflict.field_names, ", ".join(names))
        self.assertEqual(self.link().state, "conflict")
        self.assertFalse(self.link().decision)
        return conflict

    # --- what is stored -------------------------------------------------------------

    def test_decision_writes_to_neither_side(self):
        for keep in ("odoo", "outlook"):
            with self.subTest(keep=keep):
                event = self.disputed()
                self.account.pull_requested_at = False
                with self.assertNothingCaptured():
                    conflict = self.decide(event, keep)
                self.assertEqual((event.name, event.location), ("Ours", "Room 1"))
                self.assertEqual(
                    (conflict.state, conflict.resolution), ("resolved", keep)
                )
                self.assertTrue(self.link().needs_read)
                self.assertTrue(self.account.pull_requested_at)
                self.forget(event)

    def test_event_says_that_its_decision_is_on_its_way(self):
        event = self.disputed()
        self.decide(event, "outlook")
        self.assertEqual(event.ms365_sync_state, "pending")
        self.assertIn("is decided", event.ms365_message)
        form = Form(event.with_user(self.anna))
        self.assertIn("is decided", form.ms365_decision_note)
        self.assertFalse(event.ms365_may_resolve)
        self.read_due()
        self.assertFalse(event.ms365_decision_note)
        self.assertEqual(event.ms365_sync_state, "synced")
        self.assertFalse(event.ms365_message)
        self.assertFalse(self.link().decision)

    def test_event_does_not_call_a_decision_valid_after_another_edit(self):
        event = self.disputed()
        self.decide(event, "outlook")
        event.with_user(self.anna).show_as = "free"
        self.assertIn("is decided", event.ms365_decision_note)
        event.with_user(self.anna).name = "Later"
        event.invalidate_recordset(["ms365_decision_note"])
        self.assertFalse(event.ms365_decision_note)

    def test_nothing_is_sent_before_the_event_is_read(self):
        event = self.disputed()
        self.decide(event, "odoo")
        event.show_as = "free"
        entry = self.entries(event)[-1:]
        self.assertIsInstance(Planner(self.account, entry).plan(entry), ReadEvent)

    # --- what changes meanwhile -----------------------------------------------------

    def test_newer_version_of_outlook_is_asked_about(self):
        for keep in ("odoo", "outlook"):
            with self.subTest(keep=keep):
                event = self.disputed()
                self.decide(event, keep)
                newer = {"subject": "Later", "location": {"displayName": "Room 2"}}
                with self.assertNothingCaptured():
                    self.pull(self.remote(change_key="CK3", **newer))
                self.assertEqual((event.name, event.location), ("Ours", "Room 1"))
                conflict = self.assertAskedAgain(event, "location", "subject")
                self.assertEqual(conflict.theirs["subject"], "Later")
                self.assertEqual(conflict.theirs_change_key, "CK3")
                self.forget(event)

    def test_edit_of_a_disputed_field_is_asked_about(self):
        for keep in ("odoo", "outlook"):
            with self.subTest(keep=keep):
                event = self.disputed()
                self.decide(event, keep)
                event.name = "Ours, later"
                self.read_due()
                self.assertEqual(event.name, "Ours, later")
                conflict = self.assertAskedAgain(event, "location", "subject")
                self.assertEqual(conflict.ours["subject"], "Ours, later")
                self.forget(event)

    def test_edit_of_another_field_is_merged(self):
        event = self.disputed()
        self.decide(event, "outlook")
        event.privacy = "private"
        self.read_due()
        self.assertFalse(self.open_conflict(event))
        self.assertEqual(
            (event.name, event.location, event.privacy),
            ("Theirs", "Room 2", "private"),
        )
        self.assertEqual(self.sent_fields(event), {"sensitivity"})

    def test_deletion_in_outlook_is_asked_about(self):
        event = self.disputed()
        self.decide(event, "odoo")
        self.gone(self.link())
        self.assertTrue(event.active)
        self.assertEqual(self.open_conflict(event).field_names, "deleted")

    def test_both_sides_that_became_equal_are_not_asked_about(self):
        event = self.disputed()
        self.decide(event, "odoo")
        event.write({"name": "Theirs", "location": "Room 2"})
        self.read_due()
        self.assertFalse(self.open_conflict(event))
        self.assertEqual(self.sent_fields(event), set())

    # --- deletions ------------------------------------------------------------------

    def deleted_there(self, **agreed):
        event = self.pulled(**agreed)
        event.with_user(self.anna).name = "Ours"
        self.clear_outbox()
        self.gone(self.link())
        return event.with_user(self.anna)

    def test_chosen_deletion_waits_for_the_worker(self):
        event = self.deleted_there()
        self.decide(event, "outlook")
        self.assertTrue(event.active)
        self.assertEqual(event.ms365_sync_state, "pending")
        self.read_due()
        self.assertFalse(event.active)
        self.assertTrue(self.link().can_restore)

    def test_event_that_is_edited_after_its_deletion_was_chosen_stays(self):
        event = self.deleted_there()
        self.decide(event, "outlook")
        event.location = "Room 1"
        self.read_due()
        self.assertTrue(event.active)
        self.assertEqual(self.open_conflict(event).field_names, "deleted")

    def test_event_that_outlook_has_again_is_not_deleted(self):
        event = self.deleted_there()
        self.decide(event, "outlook")
        self.pull(self.remote(change_key="CK3"))
        self.assertEqual((event.active, event.name), (True, "Ours"))
        self.assertEqual(self.link().state, "synced")
        self.assertFalse(self.link().decision)

    def test_chosen_deletion_goes_on_while_others_are_held(self):
        event = self.deleted_there()
        for number in range(20):
            self.pulled(f"M{number}")
        self.gone(self.Link.search([("remote_id", "=like", "M%")]))
        hold = self.env["praetorx.ms365.hold"].search([("state", "=", "open")])
        self.assertEqual(len(hold.link_ids), 20)
        self.decide(event, "outlook")
        self.read_due()
        self.assertFalse(event.active)
        self.assertEqual(len(hold.link_ids), 20)

    def deleted_here(self, **agreed):
        event = self.pulled(**agreed)
        event.with_user(self.anna).active = False
        self.clear_outbox()
        self.pull(self.remote(change_key="CK2", subject="Theirs", **agreed))
        return event

    def test_meeting_is_read_before_its_cancellation(self):
        """A cancellation has no version check, and mails people."""
        self.env.company.ms365_delete_policy = "cancel"
        event = self.deleted_here(**GUEST)
        self.decide(event, "odoo")
        self.assertTrue(self.link().needs_read)
        self.pull(self.remote(change_key="CK3", subject="Later", **GUEST))
        self.assertEqual(self.link().state, "conflict")
        self.decide(event, "odoo")
        self.read_due()
        self.assertEqual(self.link().state, "deleted_here")
        self.assertEqual(self.link().change_key, "CK3")
        self.assertFalse(self.open_conflict(event))

    # --- somebody else decides ------------------------------------------------------

    def test_entry_is_of_the_person_who_decided(self):
        self.env.company.ms365_colleague_policy = "open"
        admin = new_administrator(self.env)
        event = self.disputed(**GUEST)
        self.link()._remember_unsent(self.entries(event))
        self.clear_outbox()
        before = self.entries(event)
        self.open_conflict(event).with_user(admin).keep_odoo()
        self.read_due()
        entry = self.entries(event) - before
        self.assertEqual((entry.author_id, entry.state), (admin, "pending"))
        self.assertIn(admin.name, event.sudo().message_ids[0].body)

    def test_policy_does_not_overrule_a_person(self):
        event = self.disputed()
        self.decide(event, "outlook")
        self.env.company.ms365_conflict_policy = "odoo"
        self.read_due()
        self.assertEqual((event.name, event.location), ("Theirs", "Room 2"))
        self.assertFalse(self.conflicts().policy)

    def test_reading_that_failed_before_is_tried_at_once(self):
        event = self.disputed()
        later = fields.Datetime.now() + timedelta(hours=1)
        self.link().read_not_before = later
        self.decide(event, "odoo")
        self.assertFalse(self.link().read_not_before)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestDecisionsAboutSeries(SeriesCase):
    def disputed(self):
        """Return a series with a new name on both sides."""
        recurrence = self.pulled_series()
        rows = self.rows(recurrence).with_user(self.anna)
        rows[0].write({"name": "Ours", "recurrence_update": "all_events"})
        self.apply_series(*self.graph_series("CK2", subject="Theirs"))
        return recurrence

    def decide(self, keep):
        conflict = self.Conflict.search([("state", "=", "open")]).with_user(self.anna)
        getattr(conflict, f"keep_{keep}")()

    def names(self, recurrence):
        return set(self.rows(recurrence).mapped("name"))

    def test_series_is_decided_like_a_single_event(self):
        for keep, name in (("odoo", "Ours"), ("outlook", "Theirs")):
            with self.subTest(keep=keep):
                recurrence = self.disputed()
                self.decide(keep)
                self.assertEqual(self.names(recurrence), {"Ours"})
                shown = set(self.rows(recurrence).mapped("ms365_sync_state"))
                self.assertEqual(shown, {"pending"})
                self.apply_series(*self.graph_series("CK2", subject="Theirs"))
                self.assertEqual(self.names(recurrence), {name})
                self.assertFalse(self.link("S1").decision)
                self.link("S1").unlink()
                self.rows(recurrence).with_context(ms365_from_sync=True).unlink()
                self.clear_outbox()

    def test_each_event_of_the_series_leads_to_the_decision(self):
        stranger = new_test_user(self.env, "stranger_of_the_series")
        recurrence = self.disputed()
        for row in self.rows(recurrence):
            self.assertTrue(row.with_user(self.anna).ms365_may_resolve)
            self.assertTrue(row.with_user(self.anna).action_ms365_decide())
            self.assertFalse(row.with_user(stranger).ms365_may_resolve)
        self.rows(recurrence)[-1].with_user(self.anna).action_ms365_keep_odoo()
        shown = set(self.rows(recurrence).mapped("ms365_sync_state"))
        self.assertEqual(shown, {"pending"})

    def test_edit_of_the_series_meanwhile_is_asked_about(self):
        for keep in ("odoo", "outlook"):
            with self.subTest(keep=keep):
                recurrence = self.disputed()
                self.decide(keep)
                row = self.rows(recurrence).with_user(self.anna)[0]
                row.write({"name": "Later", "recurrence_update": "all_events"})
                self.apply_series(*self.graph_series("CK2", subject="Theirs"))
                self.assertEqual(self.names(recurrence), {"Later"})
                self.assertEqual(self.link("S1").state, "conflict")
                self.link("S1").unlink()
                self.rows(recurrence).with_context(ms365_from_sync=True).unlink()
                self.clear_outbox()

    def test_newer_version_of_the_series_is_asked_about(self):
        recurrence = self.disputed()
        self.decide("outlook")
        self.apply_series(*self.graph_series("CK3", subject="Later"))
        self.assertEqual(self.names(recurrence), {"Ours"})
        self.assertEqual(self.link("S1").state, "conflict")
