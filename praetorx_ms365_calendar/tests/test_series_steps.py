"""Large series come in steps, and are never taken for series that have lost dates."""

from odoo import Command
from odoo.tests import tagged

from ..sync.push.sending import ReadSeries
from .common import attendee
from .pages_common import BATCH, DELTA, NEXT, NOW, PagesCase
from .test_series import SeriesCase

ROWS_AT_ONCE = "praetorx_ms365_calendar.series_rows_at_once"
GUESTS = [attendee(f"guest{number}@example.com") for number in range(3)]
OLD_GUESTS = {f"guest{number}@example.com" for number in range(3)}
NEW_GUESTS = {f"new{number}@example.com" for number in range(3)}


@tagged("post_install", "-at_install")
class TestSeriesSteps(PagesCase, SeriesCase):
    """A series of six with three guests each; two of its events fit into a step."""

    def setUp(self):
        super().setUp()
        self.env["ir.config_parameter"].sudo().set_param(ROWS_AT_ONCE, 8)

    def answer_series(self, change_key="CK1", attendees=GUESTS, **values):
        """Let the series be listed, and read."""
        master, instances = self.graph_series(
            change_key, count=6, attendees=attendees, **values
        )
        self.microsoft.respond("GET", DELTA, self.page(master, delta=NEXT))
        self.microsoft.respond("GET", NEXT, self.page(delta=NEXT))
        self.microsoft.respond(
            "POST", BATCH, self.parts((200, master), (200, {"value": instances}))
        )

    def rows_now(self):
        return self.rows(self.link("S1").recurrence_id)

    def test_each_step_adds_as_many_as_fit_until_all_are_there(self):
        self.answer_series()
        self.step()  # the page
        for expected in (2, 4, 6):
            with self.assertNothingCaptured():
                self.step()
            self.assertEqual(len(self.rows_now()), expected)
            self.assertEqual(self.link("S1").state, "synced")
        self.assertFalse(self.link("S1").needs_read)
        self.assertEqual(len(self.rows_now().attendee_ids), 6 * 4)
        self.step()
        self.assertEqual(self.asked().count(BATCH), 3)

    def test_edit_between_two_steps_deletes_no_date(self):
        self.answer_series()
        self.step()
        self.step()
        recurrence = self.link("S1").recurrence_id
        self.rows_now()[0].with_user(self.anna).write(
            {"name": "Retro", "recurrence_update": "all_events"}
        )
        self.assertIsInstance(self.plan(recurrence), ReadSeries, "the rest is first")
        while self.step():
            pass
        method, path, body = self.written(recurrence)
        self.assertEqual((method, path), ("PATCH", "S1"))
        self.assertEqual(body.keys(), {"subject"})
        self.assertEqual(self.rows_now().mapped("name"), ["Retro"] * 6)

    def test_occurrence_deleted_between_two_steps_is_deleted_in_outlook(self):
        self.answer_series()
        self.step()
        self.step()
        recurrence = self.link("S1").recurrence_id
        self.rows_now()[0].with_user(self.anna).unlink()
        while self.step():
            pass
        self.assertEqual(len(self.rows_now()), 5)
        method, path, _body = self.written(recurrence)
        self.assertEqual((method, path), ("DELETE", "S1.2026-03-02"))

    # --- another change that touches many rows ----------------------------------------

    def pull_all(self):
        """Bring the series to Odoo as it is now."""
        while self.step():
            pass

    def change(self, guests=GUESTS, **values):
        """Let somebody change the series in Outlook, and tell of it."""
        self.answer_series("CK2", attendees=guests, **values)
        self.microsoft.respond(
            "GET", NEXT, self.page(self.graph_series("CK2", count=6)[0], delta=NEXT)
        )
        self.account.pull_requested_at = NOW
        self.step()  # the page

    def taking_part(self):
        """Return the attendees of each event, with their replies."""
        return {
            (part.event_id.id, part.email, part.state)
            for part in self.rows_now().attendee_ids
        }

    def rows_of_steps(self):
        """Run the steps that are left; return how many rows each has changed."""
        counts = []
        before = self.taking_part()
        while True:
            with self.assertNothingCaptured():
                more = self.step()
            after = self.taking_part()
            if not more:
                return counts
            counts.append(len({one[:2] for one in before ^ after}))
            self.assertEqual(
                len({part[1:] for part in after}),
                len(after) / 6,
                "all occurrences are the same",
            )
            before = after

    def test_changed_guests_come_in_steps_and_nothing_is_sent(self):
        self.answer_series()
        self.pull_all()
        self.change([attendee(f"new{number}@example.com") for number in range(3)])
        counts = self.rows_of_steps()
        self.assertEqual([count for count in counts if count], [6] * 6)
        emails = set(self.rows_now().attendee_ids.mapped("email"))
        self.assertEqual(emails, {"anna@example.com"} | NEW_GUESTS)
        self.assertFalse(self.link("S1").needs_read)
        self.assertIsNone(self.plan(self.link("S1").recurrence_id))

    def test_changed_replies_come_in_steps(self):
        self.answer_series()
        self.pull_all()
        accepted = [{**one, "status": {"response": "accepted"}} for one in GUESTS]
        self.change(accepted)
        self.assertEqual([count for count in self.rows_of_steps() if count], [6] * 3)
        states = set(self.rows_now().attendee_ids.mapped("state"))
        self.assertEqual(states, {"accepted"})
        self.assertFalse(self.link("S1").needs_read)

    def test_replies_that_odoo_has_lost_come_in_steps(self):
        """Somebody removed the guests and added them again before that was sent."""
        accepted = [{**one, "status": {"response": "accepted"}} for one in GUESTS]
        self.answer_series(attendees=accepted)
        self.pull_all()
        guests = self.rows_now().partner_ids - self.anna.partner_id
        for command in (Command.unlink, Command.link):
            self.rows_now()[0].with_user(self.anna).write(
                {
                    "partner_ids": [command(guest.id) for guest in guests],
                    "recurrence_update": "all_events",
                }
            )
        self.assertEqual([count for count in self.rows_of_steps() if count], [6] * 3)
        states = set(self.rows_now().attendee_ids.mapped("state"))
        self.assertEqual(states, {"accepted"})
        self.assertFalse(self.link("S1").needs_read)

    def test_outlook_that_changes_again_between_two_steps_wins(self):
        self.answer_series()
        self.pull_all()
        self.change([attendee(f"new{number}@example.com") for number in range(3)])
        self.step()
        self.step()
        self.change()  # and back again
        self.rows_of_steps()
        emails = set(self.rows_now().attendee_ids.mapped("email"))
        self.assertEqual(emails, {"anna@example.com"} | OLD_GUESTS)
        self.assertIsNone(self.plan(self.link("S1").recurrence_id))

    def test_edits_in_odoo_between_two_steps_are_sent_and_nothing_else(self):
        self.answer_series()
        self.pull_all()
        self.change([attendee(f"new{number}@example.com") for number in range(3)])
        self.step()
        self.rows_now()[2].with_user(self.anna).write(
            {
                "partner_ids": [Command.link(self.guest.id)],
                "recurrence_update": "all_events",
            }
        )
        self.pull_all()
        method, path, body = self.written(self.link("S1").recurrence_id)
        self.assertEqual((method, path), ("PATCH", "S1"))
        self.assertEqual(body.keys(), {"attendees"})
        self.assertEqual(
            {one["emailAddress"]["address"] for one in body["attendees"]},
            {"gus@example.com"} | NEW_GUESTS,
        )

    def test_killed_between_two_steps_goes_on_where_it_was(self):
        self.answer_series()
        self.pull_all()
        self.change([attendee(f"new{number}@example.com") for number in range(3)])
        self.step()
        self.account.storing = {"series": ""}  # as a process leaves it that is killed
        self.run_puller()
        emails = set(self.rows_now().attendee_ids.mapped("email"))
        self.assertEqual(emails, {"anna@example.com"} | NEW_GUESTS)
        self.assertEqual(self.link("S1").state, "synced")
        self.assertFalse(self.account.storing)
