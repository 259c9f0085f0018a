from odoo import Command
from odoo.tests import tagged

from ..sync.push.deleting import Delete
from ..sync.push.planner import Planner
from .common import DAY, TwoMailboxesCase, attendee, person


@tagged("post_install", "-at_install")
class TestHandover(TwoMailboxesCase):
    """Which mailbox carries a meeting when its people come and go."""

    def meeting_of_an_outsider(self):
        """Return a meeting of Olga with the attendees Anna and Ben."""
        values = {
            "isOrganizer": False,
            "organizer": person("olga@elsewhere.example", "Olga"),
            "attendees": [
                attendee("anna@example.com", "Anna"),
                attendee("ben@example.com", "Ben"),
            ],
            "responseStatus": {"response": "notResponded"},
        }
        self.pull(self.remote(**values))
        self.pull_copy(**values)
        return self.link("R1").event_id

    def switch(self, on):
        self.anna.ms365_sync_enabled = on
        self.env.flush_all()
        self.env.invalidate_all()

    def assertCarriedBy(self, remote_id):
        links = self.link("R1") | self.link("B1")
        self.assertEqual(links.filtered("is_primary"), self.link(remote_id))

    # --- switched off ---------------------------------------------------------------

    def test_organizer_who_stops_leaves_the_meeting_to_an_attendee(self):
        event = self.meeting()
        self.switch(on=False)
        self.assertCarriedBy("B1")
        self.assertTrue(self.link("B1").needs_read)
        self.assertEqual(event.ms365_sync_state, "synced")

    def test_attendee_who_stops_changes_nothing(self):
        self.meeting()
        self.ben.ms365_sync_enabled = False
        self.assertCarriedBy("R1")

    def test_change_in_outlook_still_arrives_by_the_attendee(self):
        event = self.meeting()
        self.switch(on=False)
        self.pull(
            self.remote_copy(change_key="CK2", subject="Dinner"),
            account=self.account_of_ben,
        )
        self.pull(
            self.remote_copy(change_key="CK3", subject="Supper"),
            account=self.account_of_ben,
        )
        self.assertEqual(event.name, "Supper")

    def test_meeting_without_a_primary_copy_is_not_shown_as_synced(self):
        event = self.pulled()
        self.switch(on=False)
        self.assertEqual(event.ms365_sync_state, "none")
        self.assertTrue(self.link("R1").is_primary)

    # --- switched on again ----------------------------------------------------------

    def test_organizer_who_is_back_takes_the_meeting_again(self):
        event = self.meeting()
        self.switch(on=False)
        self.switch(on=True)
        self.assertCarriedBy("R1")
        self.assertEqual(event.ms365_sync_state, "synced")

    def test_untouched_event_is_in_sync_again_and_not_sent(self):
        event = self.pulled()
        self.switch(on=False)
        with self.assertNothingCaptured():
            self.switch(on=True)
        self.assertEqual(event.ms365_sync_state, "synced")

    def test_edit_made_meanwhile_of_an_event_without_others_is_sent(self):
        event = self.pulled()
        self.switch(on=False)
        event.with_user(self.anna).name = "Dinner"
        with self.assertCaptured("upsert"):
            self.switch(on=True)
        self.assertEqual(event.ms365_sync_state, "pending")

    def edited_meanwhile(self):
        """Return a meeting with a guest, edited while the sync was off."""
        event = self.pulled(attendees=[attendee("gus@example.com", "Gus")])
        self.switch(on=False)
        event.with_user(self.anna).name = "Dinner"
        with self.assertNothingCaptured():
            self.switch(on=True)
        return event

    def test_edit_made_meanwhile_of_a_meeting_awaits_consent(self):
        event = self.edited_meanwhile()
        self.assertTrue(self.link().awaits_word)
        self.assertEqual(self.account._events_awaiting_consent(), event)

    def test_edit_that_awaits_consent_is_not_sent_with_outlooks(self):
        """Unwanted mail: reading changes of Outlook sent edits without consent."""
        event = self.edited_meanwhile()
        guests = [attendee("gus@example.com", "Gus")]
        location = {"displayName": "Hall"}
        with self.assertNothingCaptured():
            self.pull(
                self.remote(change_key="CK2", attendees=guests, location=location)
            )
        self.assertEqual((event.name, event.location), ("Dinner", "Hall"))
        self.assertTrue(self.link().awaits_word)

    def test_consent_sends_the_edit_made_meanwhile(self):
        self.edited_meanwhile()
        with self.assertCaptured("upsert"):
            self.send_waiting()
        self.assertFalse(self.link().awaits_word)

    # --- deleted while the sync is off ----------------------------------------------

    def test_meeting_deleted_while_off_is_marked_in_all_mailboxes(self):
        event = self.meeting()
        self.switch(on=False)
        event.with_user(self.anna).unlink()
        links = self.link("R1") | self.link("B1")
        self.assertEqual(links.mapped("state"), ["deleted_here", "deleted_here"])

    def deleted_meanwhile(self, **values):
        """Delete an event of Anna's mailbox while her sync is off, and switch on."""
        event = self.pulled(**values)
        self.switch(on=False)
        event.with_user(self.anna).unlink()
        self.assertFalse(self.Outbox.search([("state", "=", "pending")]))
        self.switch(on=True)

    def test_deletion_made_meanwhile_of_an_event_without_others_is_sent(self):
        self.deleted_meanwhile()
        entry = self.Outbox.search([("state", "=", "pending")])
        self.assertRecordValues(
            entry, [{"operation": "delete", "link_id": self.link().id}]
        )
        self.assertIsInstance(Planner(self.account, entry).plan(entry), Delete)

    def test_deletions_made_meanwhile_are_sent_each(self):
        events = self.pulled("R1") | self.pulled("R2")
        self.switch(on=False)
        events.with_user(self.anna).unlink()
        self.switch(on=True)
        entries = self.Outbox.search([("state", "=", "pending")])
        self.assertEqual(len(set(entries.mapped("event_key"))), 2)

    def test_deletion_made_meanwhile_of_a_meeting_is_asked_about(self):
        guest = attendee("gus@example.com", "Gus")
        self.deleted_meanwhile(attendees=[guest])
        self.assertFalse(self.Outbox.search([("state", "=", "pending")]))
        conflict = self.Conflict.search([("link_id", "=", self.link().id)])
        self.assertRecordValues(conflict, [{"state": "open", "field_names": "deleted"}])
        conflict.with_user(self.anna).keep_odoo()
        entry = self.Outbox.search([("state", "=", "pending")])
        self.assertEqual(entry.operation, "delete")

    def test_deletion_that_waits_already_is_not_sent_twice(self):
        event = self.pulled()
        event.with_user(self.anna).unlink()
        self.switch(on=False)
        self.switch(on=True)
        self.assertEqual(len(self.Outbox.search([("state", "=", "pending")])), 1)

    # --- signed out, or one way, and then both ways ---------------------------------

    def test_edit_made_while_signed_out_is_sent_after_signing_in(self):
        event = self.pulled()
        self.account._forget_tokens()
        event.with_user(self.anna).name = "Dinner"
        with self.assertCaptured("upsert"):
            self.account._signed_in()
        self.assertEqual(event.ms365_sync_state, "pending")

    def test_signing_in_again_after_a_revoked_grant_repeats_nothing(self):
        self.pulled().with_user(self.anna).name = "Dinner"
        self.account.state = "sign_in_again"
        with self.assertNothingCaptured():
            self.account._signed_in()

    def test_edit_made_one_way_is_sent_when_both_ways_are_wanted(self):
        event = self.pulled()
        self.anna.ms365_sync_direction = "outlook_to_odoo"
        event.with_user(self.anna).name = "Dinner"
        with self.assertCaptured("upsert"):
            self.anna.ms365_sync_direction = "both"

    def test_edit_made_one_way_of_a_meeting_awaits_consent(self):
        event = self.pulled(attendees=[attendee("gus@example.com", "Gus")])
        self.anna.ms365_sync_direction = "outlook_to_odoo"
        event.with_user(self.anna).name = "Dinner"
        with self.assertNothingCaptured():
            self.anna.ms365_sync_direction = "both"
        self.assertEqual(self.account._events_awaiting_consent(), event)

    def test_window_is_read_again_when_the_direction_changes(self):
        calendar = self.account._default_calendar()
        self.anna.ms365_sync_direction = "both"  # as it was
        self.assertFalse(calendar.restart_requested)
        self.anna.ms365_sync_direction = "odoo_to_outlook"
        calendar._restart_round()
        self.anna.ms365_sync_direction = "both"
        self.assertTrue(calendar.restart_requested)

    def test_window_is_read_again_when_the_sync_is_on_again(self):
        """Events created in Odoo meanwhile are found after all pages are read."""
        self.switch(on=False)
        self.switch(on=True)
        self.assertTrue(self.account._default_calendar().restart_requested)

    # --- declined in Outlook --------------------------------------------------------

    def test_attendee_who_declines_does_not_take_it_from_the_others(self):
        event = self.meeting_of_an_outsider()
        self.assertCarriedBy("R1")
        self.gone(self.link("R1"))
        self.assertTrue(event.active)
        self.assertCarriedBy("B1")
        self.assertEqual(self.link("R1").state, "deleted_there")

    def test_meeting_is_over_when_the_last_attendee_has_it_no_more(self):
        event = self.meeting_of_an_outsider()
        self.gone(self.link("R1"))
        self.gone(self.link("B1"))
        self.assertFalse(event.active)

    def test_organizer_who_deletes_takes_it_from_all(self):
        event = self.meeting()
        self.gone(self.link("R1"))
        self.assertFalse(event.active)

    # --- the organizer uses the stock connector -------------------------------------

    def use_stock(self, user):
        user.sudo().write(
            {
                "microsoft_calendar_rtoken": "a token of the stock connector",
                "microsoft_calendar_token": "another one",
                "microsoft_calendar_token_validity": DAY,
            }
        )

    def test_meeting_of_a_stock_organizer_stays_with_the_stock_connector(self):
        self.use_stock(self.cleo)
        event = self.new_event(
            self.cleo,
            partner_ids=[Command.link(self.anna.partner_id.id)],
            microsoft_id="C1",
            ms_universal_event_id="uid of R1",
        )
        self.pull(self.invitation_of_cleo())
        self.assertEqual(self.link().event_id, event)
        self.assertFalse(self.link().is_primary)
        with self.assertNothingCaptured():
            event.name = "Dinner"
        self.assertEqual(event.name, "Dinner")

    def invitation_of_cleo(self):
        return self.remote(
            isOrganizer=False,
            organizer=person("cleo@example.com", "Cleo"),
            attendees=[attendee("anna@example.com", "Anna")],
            responseStatus={"response": "accepted"},
        )
