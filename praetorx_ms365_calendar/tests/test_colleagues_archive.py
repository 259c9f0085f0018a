"""To archive a meeting and to bring it back is no way around its owner."""

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..sync.push.work import PushWork
from .common import attendee
from .test_colleagues import ColleaguesCase
from .test_series import NOW, SeriesCase


class ArchiveCase(ColleaguesCase):
    def sent(self):
        """Return the requests that would be sent now: method and body.

        A meeting that is back is read before that: Outlook may have deleted it.
        """
        self.env.flush_all()
        self.read_due()
        sendings = PushWork(self.env)._plan(self.account)
        requests = [sending.request for sending in sendings if sending.request]
        return [(request.method, request.body) for request in requests]

    def asked(self):
        """Return operation and author of all waiting entries, in order."""
        self.env.flush_all()
        return [
            (one.operation, one.author_id.name) for one in self.waiting().sorted("id")
        ]


@tagged("post_install", "-at_install")
class TestArchivedByColleagues(ArchiveCase):
    def both_ways(self, event, user, active):
        """Archive an event or bring it back, by each of the two ways."""
        event = event.with_user(user)
        if self.by_button:
            event.action_unarchive() if active else event.action_archive()
        else:
            event.active = active

    def each_way(self):
        """Yield once for each way to archive, and undo the changes after each."""
        for self.by_button in (False, True):
            with self.env.cr.savepoint() as savepoint:
                yield
                savepoint.rollback()
            self.env.invalidate_all()

    def test_an_edit_waits_on_when_its_author_archives_and_brings_back(self):
        for _way in self.each_way():
            event = self.meeting()
            event.with_user(self.cleo).name = "Pay"
            self.both_ways(event, self.cleo, False)
            self.assertEqual(self.asked(), [("update", "Cleo"), ("cancel", "Cleo")])
            self.both_ways(event, self.cleo, True)
            self.assertEqual(self.asked(), [("update", "Cleo")])
            self.assertEqual(self.sent(), [])
            self.assertEqual(event.name, "Pay")

    def test_a_guest_waits_on_when_the_author_archives_and_brings_back(self):
        for _way in self.each_way():
            event = self.meeting()
            event.with_user(self.cleo).partner_ids = [
                Command.link(self.ben.partner_id.id)
            ]
            self.both_ways(event, self.cleo, False)
            self.both_ways(event, self.cleo, True)
            self.assertEqual(self.asked(), [("update", "Cleo")])
            self.assertEqual(self.sent(), [])

    def test_an_edit_of_an_archived_meeting_waits(self):
        for user in (self.cleo, self.anna):
            for _way in self.each_way():
                event = self.meeting()
                self.both_ways(event, self.cleo, False)
                event.with_user(self.cleo).name = "Pay"
                self.assertEqual(self.asked(), [("cancel", "Cleo"), ("update", "Cleo")])
                self.both_ways(event, user, True)
                self.assertEqual(self.asked(), [("update", "Cleo")])
                self.assertEqual(self.sent(), [])

    def test_an_edit_that_archives_as_well_waits(self):
        for user in (self.cleo, self.anna):
            for _way in self.each_way():
                event = self.meeting()
                event.with_user(self.cleo).write({"name": "Pay", "active": False})
                self.both_ways(event, user, True)
                self.assertEqual(self.asked(), [("update", "Cleo")])
                self.assertEqual(self.sent(), [])

    def test_an_edit_that_brings_back_as_well_waits(self):
        for _way in self.each_way():
            event = self.meeting()
            self.both_ways(event, self.cleo, False)
            event.with_user(self.cleo).write({"name": "Pay", "active": True})
            self.assertEqual(self.asked(), [("update", "Cleo")])
            self.assertEqual(self.sent(), [])

    def test_edit_that_mails_nobody_does_not_wait_while_archived(self):
        event = self.meeting()
        event.with_user(self.cleo).active = False
        event.with_user(self.cleo).show_as = "free"
        self.assertEqual(self.asked(), [("cancel", "Cleo")])
        self.assertEqual(self.sent(), [])
        event.with_user(self.cleo).active = True
        self.assertEqual(self.asked(), [])
        self.assertEqual([body for _way, body in self.sent()], [{"showAs": "free"}])

    def test_an_archived_meeting_is_not_edited_where_that_is_forbidden(self):
        event = self.meeting()
        event.with_user(self.cleo).active = False
        self.anna.company_id.ms365_colleague_policy = "forbid"
        with self.assertRaises(UserError), self.env.cr.savepoint():
            event.with_user(self.cleo).name = "Pay"

    def test_the_owner_restores_an_event_archived_by_a_colleague(self):
        for _way in self.each_way():
            event = self.meeting()
            event.with_user(self.cleo).name = "Pay"
            self.both_ways(event, self.cleo, False)
            self.both_ways(event, self.anna, True)
            self.assertEqual(self.asked(), [("update", "Cleo")])
            self.assertEqual(self.sent(), [])

    def test_the_owner_archives_and_brings_back(self):
        for _way in self.each_way():
            event = self.meeting()
            event.with_user(self.cleo).name = "Pay"
            self.both_ways(event, self.anna, False)
            self.assertEqual(self.asked(), [])
            self.assertEqual(event.name, "Lunch")
            self.both_ways(event, self.anna, True)
            self.assertEqual(self.sent(), [])

    def test_the_owner_restores_an_event_that_is_gone_from_outlook(self):
        event = self.meeting()
        event.with_user(self.cleo).name = "Pay"
        self.gone(self.link())
        self.open_conflict(event).with_user(self.anna).keep_outlook()
        self.read_due()
        self.assertFalse(event.active)
        self.env.flush_all()
        self.assertEqual(event.name, "Lunch")

    def test_an_approved_deletion_takes_the_edit_back(self):
        event = self.meeting()
        event.with_user(self.cleo).name = "Pay"
        event.with_user(self.cleo).active = False
        deletion = self.waiting().filtered(lambda one: one.operation == "cancel")
        self.approve(deletion, self.anna)
        self.assertEqual(self.asked(), [])
        self.assertEqual(event.name, "Lunch")

    def test_a_no_to_the_deletion_leaves_the_edit_waiting(self):
        event = self.meeting()
        event.with_user(self.cleo).name = "Pay"
        event.with_user(self.cleo).active = False
        deletion = self.waiting().filtered(lambda one: one.operation == "cancel")
        deletion.with_user(self.anna).action_reject()
        self.assertTrue(event.active)
        self.assertEqual(self.asked(), [("update", "Cleo")])
        self.waiting().with_user(self.anna).action_reject()
        self.assertEqual(event.name, "Lunch")
        event.with_user(self.anna).location = "Roof"
        self.pulled("R1", attendees=[attendee("gus@example.com", "Gus")])
        self.assertEqual(
            [body for _way, body in self.sent()],
            [{"location": {"displayName": "Roof"}}],
        )

    def test_a_no_to_both_at_once_takes_both_back(self):
        for user in (self.anna, self.cleo):
            for reverse in (False, True):
                with self.subTest(user=user.login, reverse=reverse):
                    event = self.meeting(f"{user.login} {reverse}")
                    event.with_user(self.cleo).name = "Pay"
                    event.with_user(self.cleo).active = False
                    for one in self.waiting().sorted("id", reverse=reverse):
                        one.with_user(user).action_reject()
                    self.assertTrue(event.active)
                    self.assertEqual(event.name, "Lunch")
                    self.assertEqual(self.asked(), [])

    def test_another_colleague_archives_and_brings_back(self):
        event = self.meeting()
        event.with_user(self.cleo).name = "Pay"
        event.with_user(self.ben).active = False
        event.with_user(self.ben).active = True
        self.assertEqual(self.asked(), [("update", "Cleo")])
        self.assertEqual(self.sent(), [])

    def test_restoring_user_is_the_author_of_all_unapproved_edits(self):
        """However it came into the event."""
        event = self.meeting()
        event.with_user(self.cleo).active = False
        event._ms365_for_sync(self.anna).name = "Pay"
        event.with_user(self.cleo).active = True
        self.assertEqual(self.asked(), [("update", "Cleo")])
        self.assertEqual(self.sent(), [])
        self.waiting().with_user(self.anna).action_reject()
        self.assertEqual(event.name, "Lunch")

    def test_restoring_user_does_not_decide_for_the_owner(self):
        event = self.meeting()
        event.with_user(self.anna).location = "Roof"
        event.with_user(self.cleo).active = False
        event.with_user(self.cleo).active = True
        self.assertEqual(self.asked(), [])
        self.assertEqual(event.location, "Roof")
        bodies = [body for _way, body in self.sent()]
        self.assertEqual(bodies, [{"location": {"displayName": "Roof"}}])

    def test_a_yes_to_the_edit_is_no_yes_to_the_deletion(self):
        event = self.meeting()
        event.with_user(self.cleo).name = "Pay"
        event.with_user(self.cleo).active = False
        edit = self.waiting().filtered(lambda one: one.operation == "update")
        self.approve(edit, self.anna)
        self.assertEqual(self.asked(), [("cancel", "Cleo")])
        self.assertEqual(self.sent(), [])
        event.with_user(self.cleo).active = True
        self.assertEqual([body for _way, body in self.sent()], [{"subject": "Pay"}])

    def test_a_yes_to_the_edit_holds_after_a_no_to_the_deletion(self):
        event = self.meeting()
        event.with_user(self.cleo).name = "Pay"
        event.with_user(self.cleo).active = False
        edit = self.waiting().filtered(lambda one: one.operation == "update")
        self.approve(edit, self.anna)
        self.waiting().with_user(self.anna).action_reject()
        self.pulled("R1", attendees=[attendee("gus@example.com", "Gus")])
        self.assertEqual([body for _way, body in self.sent()], [{"subject": "Pay"}])

    def test_a_yes_to_both_deletes(self):
        event = self.meeting()
        event.with_user(self.cleo).name = "Pay"
        event.with_user(self.cleo).active = False
        edit, deletion = self.waiting().sorted("id")
        self.approve(edit | deletion, self.anna)
        self.assertEqual((edit.state, deletion.state), ("withdrawn", "approved"))
        self.assertEqual(self.on_their_way().operation, "delete")

    def test_an_edit_on_its_way_becomes_no_deletion(self):
        event = self.meeting()
        event.with_user(self.anna).location = "Roof"
        event.with_user(self.cleo).active = False
        self.assertEqual(self.sent(), [])
        self.waiting().with_user(self.anna).action_reject()
        self.pulled("R1", attendees=[attendee("gus@example.com", "Gus")])
        bodies = [body for _way, body in self.sent()]
        self.assertEqual(bodies, [{"location": {"displayName": "Roof"}}])

    def test_an_edit_lapses_while_its_meeting_is_archived(self):
        event = self.meeting()
        event.with_user(self.cleo).name = "Pay"
        event.with_user(self.cleo).active = False
        edit = self.waiting().filtered(lambda one: one.operation == "update")
        edit._lapse()
        event.with_user(self.anna).active = True
        self.assertEqual(event.name, "Lunch")
        self.assertEqual(self.sent(), [])

    def test_a_deletion_for_good_takes_the_own_edit_with_it(self):
        event = self.meeting()
        event.with_user(self.cleo).name = "Pay"
        event.with_user(self.cleo).active = False
        event.with_user(self.cleo).unlink()
        self.assertEqual(self.asked(), [("cancel", "Cleo")])


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestSeriesArchivedByColleagues(ArchiveCase, SeriesCase):
    def series(self):
        return self.pulled_series(attendees=[attendee("gus@example.com", "Gus")])

    def test_an_edit_waits_on_when_its_author_archives_the_series(self):
        recurrence = self.series()
        rows = self.rows(recurrence)
        edit = {"name": "Pay", "recurrence_update": "all_events"}
        rows[1].with_user(self.cleo).write(edit)
        rows[0].with_user(self.cleo).action_mass_archive("all_events")
        self.assertEqual(self.asked(), [("update", "Cleo"), ("cancel", "Cleo")])
        deletion = self.waiting().filtered(lambda one: one.operation == "cancel")
        deletion.with_user(self.anna).action_reject()
        self.assertEqual(self.asked(), [("update", "Cleo")])
        self.assertEqual(len(self.rows(recurrence)), 4)
        self.assertEqual(self.sent(), [])

    def test_a_no_to_both_takes_both_back(self):
        for reverse in (False, True):
            with self.subTest(reverse=reverse), self.env.cr.savepoint() as savepoint:
                recurrence = self.series()
                rows = self.rows(recurrence)
                edit = {"name": "Pay", "recurrence_update": "all_events"}
                rows[1].with_user(self.cleo).write(edit)
                rows[0].with_user(self.cleo).action_mass_archive("all_events")
                for one in self.waiting().sorted("id", reverse=reverse):
                    one.with_user(self.anna).action_reject()
                self.assertEqual(self.asked(), [])
                self.pulled_series(
                    change_key="CK2", attendees=[attendee("gus@example.com", "Gus")]
                )
                names = set(self.rows(recurrence).mapped("name"))
                self.assertEqual(names, {"Standup"})
                savepoint.rollback()
            self.env.invalidate_all()

    def test_a_deleted_series_is_edited_by_its_owner_only(self):
        recurrence = self.series()
        rows = self.rows(recurrence)
        rows[0].with_user(self.cleo).action_mass_archive("all_events")
        for edit in ({"name": "Pay"}, {"location": "Hall"}):
            with self.assertRaisesRegex(UserError, "Bring it back first"):
                rows[1].with_user(self.cleo).write(edit)
        rows[1].with_user(self.anna).name = "Mine"
        self.assertEqual(self.sent(), [])
        self.assertEqual(self.asked(), [("cancel", "Cleo")])

    def test_this_and_following_are_archived_by_a_write(self):
        for user in (self.cleo, self.anna):
            with self.subTest(user=user.login), self.env.cr.savepoint() as savepoint:
                recurrence = self.series()
                row = self.rows(recurrence)[1]
                row.with_user(user).write(
                    {"active": False, "recurrence_update": "future_events"}
                )
                self.assertEqual(len(self.rows(recurrence)), 1)
                self.assertEqual(row.recurrence_id, recurrence)
                waits = [("update", "Cleo")] if user == self.cleo else []
                self.assertEqual(self.asked(), waits)
                entries = self.Outbox.search([("state", "in", ["pending", "held"])])
                self.assertEqual(entries.recurrence_id, recurrence)
                bodies = [body for _way, body in self.sent()]
                self.assertEqual(len(bodies), 0 if waits else 1)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_all_events_are_archived_by_a_write(self):
        recurrence = self.series()
        row = self.rows(recurrence)[1]
        row.with_user(self.cleo).write(
            {"active": False, "recurrence_update": "all_events"}
        )
        self.assertFalse(self.rows(recurrence))
        self.assertEqual(self.asked(), [("cancel", "Cleo")])

    def test_a_part_of_which_nothing_is_left_has_nothing_to_send(self):
        recurrence = self.series()
        row = self.rows(recurrence)[1]
        row.with_user(self.anna).write(
            {"name": "Late", "recurrence_update": "future_events"}
        )
        part = row.recurrence_id
        self.assertNotEqual(part, recurrence)
        self.rows(part)._ms365_for_sync(self.anna).active = False
        self.sent()
        entries = self.Outbox.search([("recurrence_id", "=", part.id)])
        self.assertEqual(set(entries.mapped("state")), {"done"})
