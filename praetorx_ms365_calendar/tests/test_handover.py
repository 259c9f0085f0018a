from odoo import Command
from odoo.tests import tagged

from .common import DAY, SyncCase, attendee, person


@tagged("post_install", "-at_install")
class TestHandover(SyncCase):
    """Which mailbox carries a meeting when its people come and go."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account_of_ben = cls.connect(cls.ben)

    def meeting(self, **values):
        """Return a meeting that lies in Anna's mailbox (R1) and in Ben's (B1)."""
        self.pull(self.remote(attendees=[attendee("ben@example.com", "Ben")], **values))
        self.pull(self.remote_copy(**values), account=self.account_of_ben)
        return self.link("R1").event_id

    def meeting_of_an_outsider(self):
        """Return a meeting to which Olga has invited Anna and Ben."""
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
        self.pull(self.remote_copy(**values), account=self.account_of_ben)
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

    def test_meeting_that_nobody_carries_is_not_shown_as_synced(self):
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

    def test_edit_made_meanwhile_of_a_meeting_waits_for_the_word(self):
        event = self.edited_meanwhile()
        self.assertTrue(self.link().awaits_word)
        self.assertEqual(self.account._events_waiting_for_word(), event)

    def test_word_sends_the_edit_made_meanwhile(self):
        self.edited_meanwhile()
        own = self.account.with_user(self.anna)
        with self.assertCaptured("upsert"):
            own.action_push_waiting()
        self.assertFalse(self.link().awaits_word)

    # --- deleted while the sync is off ----------------------------------------------

    def test_meeting_deleted_while_off_is_marked_in_all_mailboxes(self):
        event = self.meeting()
        self.switch(on=False)
        event.with_user(self.anna).unlink()
        links = self.link("R1") | self.link("B1")
        self.assertEqual(links.mapped("state"), ["deleted_here", "deleted_here"])

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
