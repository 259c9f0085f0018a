from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ..models.calendar.event_capture import BOOKKEEPING
from ..sync.push.work import PushWork
from .common import DAY, SyncCase

EVIL = "https://evil.example"


@tagged("post_install", "-at_install")
class TestCaptureValues(SyncCase):
    """Test that only real changes of fields are recorded."""

    # --- a write that changes nothing -----------------------------------------------

    def meeting_from_before(self):
        """Return a meeting with a guest that was made before the switch."""
        self.anna.ms365_sync_enabled = False
        event = self.new_event(partner_ids=[Command.link(self.guest.id)])
        self.anna.ms365_sync_enabled = True
        self.env.flush_all()
        self.env.invalidate_all()
        return event

    def test_write_of_the_same_value_sends_no_meeting_from_before(self):
        event = self.meeting_from_before()
        with self.assertNothingCaptured():
            event.write({"name": "Lunch", "start": DAY})
            event.write({"partner_ids": [Command.link(self.guest.id)]})
        self.assertEqual(event.ms365_sync_state, "none")

    def test_edit_sends_a_meeting_from_before(self):
        event = self.meeting_from_before()
        with self.assertCaptured("upsert"):
            event.name = "Dinner"

    # --- made a series before it was sent -------------------------------------------

    def test_event_made_a_series_before_it_was_sent_is_sent_as_one(self):
        event = self.new_event()
        event.write(
            {
                "recurrency": True,
                "rrule_type": "daily",
                "interval": 1,
                "end_type": "count",
                "count": 3,
            }
        )
        self.assertTrue(event.recurrency)
        self.assertTrue(PushWork(self.env).claim(self.account.id))
        self.assertEqual(set(self.entries(event).mapped("state")), {"done"})
        sent = self.Outbox.search([("state", "=", "sending")])
        self.assertEqual(sent.recurrence_id, event.recurrence_id)

    # --- forbidden for a client -----------------------------------------------------

    def test_portal_user_cannot_switch_on(self):
        portal = new_test_user(self.env, "ms365_portal", groups="base.group_portal")
        with self.assertRaisesRegex(UserError, "Only internal users"):
            portal.with_user(portal).ms365_sync_enabled = True

    def test_bookkeeping_cannot_be_written(self):
        event = self.pulled().with_user(self.anna)
        before = event.read(sorted(BOOKKEEPING))
        event.write(dict.fromkeys(BOOKKEEPING - {"ms365_sync_state"}, EVIL))
        event.write({"ms365_sync_state": "none", "sync_origin": "odoo"})
        self.assertEqual(event.read(sorted(BOOKKEEPING)), before)

    def test_bookkeeping_cannot_be_created(self):
        event = self.new_event(self.cleo, teams_meeting_url=EVIL, sync_origin="outlook")
        self.assertFalse(event.teams_meeting_url)
        self.assertFalse(event.sync_origin)

    def test_client_that_claims_to_be_the_sync_is_captured(self):
        event = self.pulled().with_user(self.anna)
        with self.assertCaptured("upsert"):
            event.with_context(ms365_from_sync=True).name = "Dinner"
