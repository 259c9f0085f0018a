from odoo.tests import tagged

from .common import DAY, attendee
from .test_deletions import DeletionCase


@tagged("post_install", "-at_install")
class TestMarks(DeletionCase):
    """Test that each trouble and each question has its own mark."""

    def mark(self, event, user=None):
        """Return the mark of an event as a user sees it."""
        return event.with_user(user or self.anna).ms365_mark

    def meeting(self, remote_id="R1", **values):
        """Return a meeting of Anna's with a guest, in sync."""
        guests = [attendee("gus@example.com", "Gus")]
        return self.pulled(remote_id, attendees=guests, **values)

    def test_state_of_the_sync_is_the_mark_of_other_events(self):
        event = self.pulled()
        for state in ("synced", "pending", "conflict", "error"):
            event._ms365_write_bookkeeping({"ms365_sync_state": state})
            with self.subTest(state=state):
                self.assertEqual(self.mark(event), state)

    def test_event_of_somebody_without_sync_has_no_mark(self):
        event = self.new_event(self.cleo, partner_ids=self.guest.ids)
        self.assertEqual(self.mark(event, self.cleo), "none")

    def test_old_meeting_waits_for_its_organizer(self):
        event = self.old_meeting()
        self.assertEqual(self.mark(event), "waiting")
        event.with_user(self.anna).action_ms365_send()
        self.assertEqual(self.mark(event), "pending")

    def test_each_event_of_an_old_series_waits(self):
        event = self.old_meeting(
            recurrency=True, rrule_type="daily", end_type="count", count=3
        )
        rows = event.recurrence_id.calendar_event_ids
        self.assertEqual(
            set(rows.with_user(self.anna).mapped("ms365_mark")), {"waiting"}
        )

    def test_edit_from_a_break_waits(self):
        event = self.meeting()
        event.ms365_link_ids.awaits_word = True
        self.assertEqual(self.mark(event), "waiting")

    def test_change_by_a_colleague_waits_for_approval(self):
        event = self.meeting()
        event.with_user(self.cleo).write({"location": "Room 2"})
        self.assertEqual(self.mark(event), "approval")
        self.assertEqual(self.mark(event, self.cleo), "approval")

    def test_strangers_do_not_see_that_a_private_event_waits(self):
        event = self.old_meeting(privacy="private")
        self.assertEqual(self.mark(event), "waiting")
        self.assertEqual(self.mark(event, self.cleo), "none")

    def test_held_deletions_are_marked_and_later_the_deleted_events(self):
        links = self.pulled_events(12)
        events = links.event_id
        self.gone(links)
        self.assertEqual({self.mark(event) for event in events}, {"held"})
        self.open_hold().with_user(self.anna).action_delete()
        self.read_doubtful()
        self.assertFalse(any(events.mapped("active")))
        self.assertEqual({self.mark(event) for event in events}, {"deleted"})

    def test_event_archived_by_a_person_is_not_deleted_in_outlook(self):
        event = self.pulled()
        event.with_user(self.anna).action_archive()
        self.assertNotEqual(self.mark(event), "deleted")

    def test_hundreds_of_events_need_no_more_statements(self):
        def statements(events):
            self.env.flush_all()
            self.env.invalidate_all()
            events = events.with_user(self.anna)
            before = self.env.cr.sql_log_count
            events.mapped("ms365_mark")
            return self.env.cr.sql_log_count - before

        few = self.old_meeting() | self.new_event(self.cleo, start=DAY, stop=DAY)
        many = few.union(*(self.old_meeting(number) for number in range(30)))
        statements(few)  # fills the caches
        self.assertLessEqual(statements(many), statements(few) + 2)
