"""Large series come in steps, and are never taken for series that have lost dates."""

from odoo.tests import tagged

from .common import attendee
from .pages_common import BATCH, DELTA, NEXT, PagesCase
from .test_series import SeriesCase

GUESTS = [attendee(f"guest{number}@example.com") for number in range(3)]


@tagged("post_install", "-at_install")
class TestSeriesSteps(PagesCase, SeriesCase):
    """A series of six with three guests each; two of its events fit into a step."""

    def setUp(self):
        super().setUp()
        self.env["ir.config_parameter"].sudo().set_param(
            "praetorx_ms365_calendar.series_rows_at_once", 8
        )

    def answer_series(self, **values):
        """Let the series be listed, and read."""
        master, instances = self.graph_series(count=6, attendees=GUESTS, **values)
        self.microsoft.answer("GET", DELTA, self.page(master, delta=NEXT))
        self.microsoft.answer("GET", NEXT, self.page(delta=NEXT))
        self.microsoft.answer(
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
        self.assertEqual(self.plan(recurrence).kind, "read_series", "the rest is first")
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
