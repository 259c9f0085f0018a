"""Test that several people edit one field, and the owner decides in any order."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from ..sync.push.work import PushWork
from .common import DAY, attendee, graph_time
from .test_colleagues import ColleaguesCase
from .test_series import NOW, SeriesCase


class OrderCase(ColleaguesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pia = cls.env["res.partner"].create({"name": "Pia", "email": "pia@e.com"})

    def ask(self, event, user, **vals):
        """Write as a colleague, and return the change that waits since."""
        known = self.waiting()
        event.with_user(user).write(vals)
        return self.waiting() - known or self.waiting()

    def reject(self, approvals):
        for approval in approvals:
            approval.with_user(self.anna).action_reject()

    def to_send(self):
        """Return the values that will be sent."""
        self.env.flush_all()
        return [one.request.body for one in PushWork(self.env)._plan(self.account)]

    def arrive(self, change_key, **values):
        """Record that Outlook has got the write."""
        self.on_their_way().write({"state": "done"})
        guests = [attendee("gus@example.com", "Gus")]
        self.pulled("R1", change_key, **{"attendees": guests, **values})


@tagged("post_install", "-at_install")
class TestOwnersWord(OrderCase):
    """An edit of the owner is sent unchanged, and needs no decision."""

    def assertOver(self, approval):
        self.assertRecordValues(
            approval, [{"state": "over", "over_reason": "overtaken"}]
        )
        self.assertEqual(set(approval.entry_ids.mapped("state")), {"done"})
        self.assertTrue(all(approval.entry_ids.mapped("reason")))

    def test_the_owner_ends_at_the_colleagues_value(self):
        event = self.meeting()
        approval = self.ask(event, self.cleo, location="Room 2")
        event.with_user(self.anna).location = "Room 3"
        self.assertOver(approval)
        self.arrive("CK2", location={"displayName": "Room 3"})
        event.with_user(self.anna).location = "Room 2"
        self.assertEqual(self.to_send(), [{"location": {"displayName": "Room 2"}}])

    def test_a_description_is_not_wiped(self):
        event = self.meeting()
        self.ask(event, self.cleo, description="<p>one</p>")
        event.with_user(self.anna).description = "<p>two</p>"
        self.arrive("CK2", body={"contentType": "html", "content": "<p>two</p>"})
        event.with_user(self.anna).description = "<p>one</p>"
        [body] = self.to_send()
        self.assertIn("one", body["body"]["content"])

    def test_a_meeting_does_not_go_back_to_its_first_hour(self):
        event = self.meeting()
        at_two, at_four = (
            {"start": DAY + timedelta(hours=n), "stop": DAY + timedelta(hours=n + 1)}
            for n in (2, 4)
        )
        self.ask(event, self.cleo, **at_two)
        event.with_user(self.anna).write(at_four)
        [at_first] = self.to_send()
        start, end = graph_time(at_four["start"]), graph_time(at_four["stop"])
        self.arrive("CK2", start=start, end=end)
        event.with_user(self.anna).write(at_two)
        [body] = self.to_send()
        hours = [int(one["start"]["dateTime"][11:13]) for one in (body, at_first)]
        self.assertEqual(hours[1] - hours[0], 2)

    def test_a_no_does_not_take_the_owners_own_value_back(self):
        event = self.meeting()
        approval = self.ask(event, self.cleo, name="X")
        event.with_user(self.anna).name = "Z"
        event.with_user(self.anna).name = "X"
        self.assertEqual(self.to_send(), [{"subject": "X"}])
        self.reject(approval)
        self.assertEqual(event.name, "X")

    def test_the_owner_invites_a_guest_whom_a_colleague_has_proposed(self):
        event = self.meeting()
        approval = self.ask(event, self.cleo, partner_ids=[Command.link(self.pia.id)])
        event.with_user(self.anna).partner_ids = [Command.unlink(self.pia.id)]
        self.assertOver(approval)
        event.with_user(self.anna).partner_ids = [Command.link(self.pia.id)]
        self.assertIn("pia@e.com", str(self.to_send()))

    def test_the_rest_of_a_change_goes_on_waiting(self):
        event = self.meeting()
        approval = self.ask(event, self.cleo, name="X", location="Room 2")
        event.with_user(self.anna).location = "Room 3"
        self.assertEqual(approval.state, "waiting")
        self.assertEqual(approval.entry_ids.field_names, ["subject"])
        self.assertEqual(self.to_send(), [{"location": {"displayName": "Room 3"}}])
        self.reject(approval)
        self.assertRecordValues(event, [{"name": "Lunch", "location": "Room 3"}])

    def test_the_rest_of_the_guests_goes_on_waiting(self):
        event = self.meeting()
        guests = [Command.link(self.pia.id), Command.link(self.ben.partner_id.id)]
        approval = self.ask(event, self.cleo, partner_ids=guests)
        event.with_user(self.anna).partner_ids = [Command.unlink(self.pia.id)]
        self.assertEqual(approval.state, "waiting")
        changes = approval.entry_ids.list_changes["attendees"]
        self.assertEqual(changes["added"], ["ben@example.com"])
        self.approve(approval, self.anna)
        self.assertNotIn("pia@e.com", str(self.to_send()))
        self.assertIn("ben@example.com", str(self.to_send()))

    def test_the_consent_of_a_delegate_counts_as_well(self):
        event = self.meeting()
        self.anna.ms365_delegate_ids = self.ben
        approval = self.ask(event, self.cleo, name="X")
        event.with_user(self.ben).name = "Z"
        self.assertOver(approval)

    def test_another_colleague_ends_nothing_by_an_edit_that_waits(self):
        event = self.meeting()
        approval = self.ask(event, self.cleo, name="X")
        self.ask(event, self.ben, name="Z")
        self.assertEqual(approval.state, "waiting")

    def test_sent_edit_of_a_colleague_ends_the_waiting_one(self):
        event = self.meeting()
        self.ask(event, self.cleo, name="X", show_as="free")
        event.with_user(self.ben).show_as = "busy"
        event.with_user(self.ben).show_as = "free"
        self.assertEqual(self.to_send(), [{"showAs": "free"}])
        self.assertEqual(self.waiting().field_names, ["subject"])


@tagged("post_install", "-at_install")
class TestOrder(OrderCase):
    """A refused edit never comes back by another decision."""

    def test_two_are_refused_in_either_order(self):
        for key, step in (("R1", 1), ("R2", -1)):
            with self.subTest(step=step):
                event = self.meeting(key)
                first = self.ask(event, self.cleo, name="X")
                second = self.ask(event, self.ben, name="Y")
                self.reject([first, second][::step])
                self.assertEqual(event.name, "Lunch")
                self.assertEqual(event.ms365_sync_state, "synced")

    def test_two_lapse(self):
        event = self.meeting()
        self.ask(event, self.cleo, name="X")
        self.ask(event, self.ben, name="Y")
        self.waiting().write({"expires_at": "2020-01-01"})
        self.Approval._cron_lapse()
        self.assertEqual(event.name, "Lunch")
        self.assertFalse(self.waiting())

    def test_a_no_to_the_later_one_leaves_the_earlier_one(self):
        event = self.meeting()
        first = self.ask(event, self.cleo, name="X")
        self.reject(self.ask(event, self.ben, name="Y"))
        self.assertEqual(event.name, "X")
        self.approve(first, self.anna)
        self.assertEqual(self.to_send(), [{"subject": "X"}])

    def test_a_no_to_the_earlier_one_leaves_the_later_one(self):
        event = self.meeting()
        first = self.ask(event, self.cleo, name="X")
        second = self.ask(event, self.ben, name="Y")
        self.reject(first)
        self.assertEqual(event.name, "Y")
        self.approve(second, self.anna)
        self.assertEqual(self.to_send(), [{"subject": "Y"}])

    def test_a_yes_to_the_earlier_one_is_what_a_later_no_goes_back_to(self):
        event = self.meeting()
        first = self.ask(event, self.cleo, name="X")
        second = self.ask(event, self.ben, name="Y")
        self.approve(first, self.anna)
        self.assertEqual(self.to_send(), [{"subject": "X"}])
        self.reject(second)
        self.assertEqual(event.name, "X")

    def test_a_yes_to_the_later_one_decides_the_earlier_one(self):
        event = self.meeting()
        first = self.ask(event, self.cleo, name="X")
        second = self.ask(event, self.ben, name="Y")
        self.approve(second, self.anna)
        self.assertEqual(first.state, "over")
        self.reject(first)
        self.assertEqual(event.name, "Y")
        self.assertEqual(self.to_send(), [{"subject": "Y"}])

    def test_a_yes_to_all_at_once(self):
        event = self.meeting()
        self.ask(event, self.cleo, name="X")
        self.ask(event, self.ben, name="Y")
        self.approve(self.waiting().sorted("id", reverse=True), self.anna)
        self.assertFalse(self.waiting())
        self.assertEqual(self.to_send(), [{"subject": "Y"}])

    def test_a_guest_whom_one_adds_and_another_removes_is_none_after_two_noes(self):
        for key, step in (("R1", 1), ("R2", -1)):
            with self.subTest(step=step):
                event = self.meeting(key)
                link, unlink = Command.link(self.pia.id), Command.unlink(self.pia.id)
                first = self.ask(event, self.cleo, partner_ids=[link])
                second = self.ask(event, self.ben, partner_ids=[unlink])
                self.reject([first, second][::step])
                self.assertNotIn(self.pia, event.partner_ids)
                self.assertFalse(self.waiting())

    def test_three_edits_of_two_people_in_any_order(self):
        for key, step in (("R1", 1), ("R2", -1)):
            with self.subTest(step=step):
                event = self.meeting(key)
                for user, name in ((self.cleo, "A"), (self.ben, "B"), (self.cleo, "C")):
                    self.ask(event, user, name=name)
                self.assertEqual(len(self.waiting()), 2)
                self.reject(self.waiting().sorted("id")[::step])
                self.assertEqual(event.name, "Lunch")

    def test_an_edit_of_another_field_keeps_the_covered_field(self):
        event = self.meeting()
        self.ask(event, self.cleo, name="A")
        of_ben = self.ask(event, self.ben, name="B")
        self.ask(event, self.cleo, location="Roof")
        of_cleo = self.waiting() - of_ben
        self.assertEqual(of_cleo.field_names, ["location", "subject"])
        self.reject(of_ben)
        self.assertEqual(event.name, "A")
        self.reject(of_cleo)
        self.assertRecordValues(event, [{"name": "Lunch", "location": ""}])

    def test_edit_that_its_author_undoes_waits_no_longer(self):
        event = self.meeting()
        approval = self.ask(event, self.cleo, name="X")
        event.with_user(self.cleo).name = "Lunch"
        self.assertEqual(approval.state, "over")
        self.assertEqual(set(approval.entry_ids.mapped("state")), {"done"})
        self.assertEqual(event.ms365_sync_state, "synced")


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestOrderInSeries(OrderCase, SeriesCase):
    GUEST = {"attendees": [attendee("gus@example.com", "Gus")]}

    def series(self):
        return self.pulled_series(**self.GUEST)

    def edit(self, row, user, scope="all_events", **vals):
        row.with_user(user).write({**vals, "recurrence_update": scope})
        self.env.flush_all()

    def names(self, recurrence):
        return set(self.rows(recurrence).mapped("name"))

    def read_again(self, change_key, **values):
        self.on_their_way().write({"state": "done"})
        self.pulled_series(change_key=change_key, **self.GUEST, **values)

    def test_the_owner_ends_at_the_colleagues_name(self):
        recurrence = self.series()
        row = self.rows(recurrence)[1]
        self.edit(row, self.cleo, name="X")
        self.edit(row, self.anna, name="Z")
        self.assertFalse(self.waiting())
        self.assertEqual(self.written(recurrence)[2], {"subject": "Z"})
        self.read_again("CK2", subject="Z")
        self.edit(row, self.anna, name="X")
        self.assertEqual(self.written(recurrence)[2], {"subject": "X"})

    def test_the_owners_name_of_one_event_leaves_the_colleagues_of_another(self):
        recurrence = self.series()
        first, second = self.rows(recurrence)[1:3]
        self.edit(first, self.cleo, "self_only", name="X")
        self.edit(second, self.anna, "self_only", name="Z")
        self.assertTrue(self.waiting())
        self.assertEqual(self.written(recurrence)[2], {"subject": "Z"})
        self.reject(self.waiting())
        self.read_again("CK2")
        self.assertNotIn("X", self.names(recurrence))

    def test_two_are_refused_in_either_order(self):
        for step in (1, -1):
            with self.subTest(step=step), self.env.cr.savepoint() as savepoint:
                recurrence = self.series()
                row = self.rows(recurrence)[1]
                self.edit(row, self.cleo, name="X")
                self.edit(row, self.ben, name="Y")
                self.reject(self.waiting().sorted("id")[::step])
                self.read_again("CK2")
                self.assertEqual(self.names(recurrence), {"Standup"})
                savepoint.rollback()
            self.env.invalidate_all()

    def test_a_no_to_the_earlier_one_leaves_the_later_one(self):
        recurrence = self.series()
        row = self.rows(recurrence)[1]
        self.edit(row, self.cleo, name="X")
        self.edit(row, self.ben, name="Y")
        first, second = self.waiting().sorted("id")
        self.reject(first)
        self.read_again("CK2")
        self.assertEqual(self.names(recurrence), {"Y"})
        self.approve(second, self.anna)
        self.assertEqual(self.written(recurrence)[2], {"subject": "Y"})

    def test_a_no_to_the_later_one_leaves_the_earlier_one(self):
        recurrence = self.series()
        row = self.rows(recurrence)[1]
        self.edit(row, self.cleo, name="X")
        self.edit(row, self.ben, name="Y")
        first, second = self.waiting().sorted("id")
        self.reject(second)
        self.read_again("CK2")
        self.assertEqual(self.names(recurrence), {"X"})
        self.approve(first, self.anna)
        self.assertEqual(self.written(recurrence)[2], {"subject": "X"})
