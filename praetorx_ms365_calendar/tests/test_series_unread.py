"""Occurrences that cannot be read, or that do not say where they belong."""

from odoo.tests import tagged

from .test_series import SeriesCase

SECOND, THIRD = "2026-03-09", "2026-03-16"


@tagged("post_install", "-at_install")
class TestUnreadOccurrences(SeriesCase):
    """They are named, and the rest of their series goes on."""

    def aside(self):
        return self.Link.search([("state", "=", "quarantined")])

    def test_series_comes_without_the_instance_that_cannot_be_read(self):
        master, instances = self.graph_series()
        instances[1]["start"] = 7
        recurrence = self.apply_series(master, instances)
        self.assertEqual(len(self.rows(recurrence)), 3)
        self.assertEqual(self.aside().remote_id, f"S1.{SECOND}")
        self.assertTrue(self.aside().reason)

    def test_instance_that_cannot_be_read_any_more_stays_as_it_was(self):
        recurrence = self.pulled_series()
        master, instances = self.graph_series(change_key="CK2", subject="Retro")
        instances[1]["start"] = 7
        with self.assertNothingCaptured():
            self.apply_series(master, instances)
        rows = self.rows(recurrence)
        self.assertEqual(rows.mapped("name"), ["Retro", "Standup", "Retro", "Retro"])
        self.assertEqual(self.link("S1").state, "synced")
        self.assertIn(SECOND, self.link("S1").occurrence_ids)

    def test_exception_that_cannot_be_read_stays_as_it_was(self):
        moved = {SECOND: {"subject": "Special"}}
        recurrence = self.pulled_series(exceptions=moved)
        broken = {SECOND: {"subject": 7}}
        self.apply_series(*self.graph_series(change_key="CK2", exceptions=broken))
        self.assertEqual(self.rows(recurrence)[1].name, "Special")
        self.assertEqual(self.aside().remote_id, f"S1.{SECOND}")

    def test_occurrence_that_is_deleted_beside_one_that_cannot_be_read_goes(self):
        recurrence = self.pulled_series()
        master, instances = self.graph_series(change_key="CK2", cancelled=[THIRD])
        instances[1]["start"] = 7
        self.apply_series(master, instances)
        days = self.rows(recurrence).mapped("ms365_day")
        self.assertIn(SECOND, days)
        self.assertNotIn(THIRD, days)

    def test_occurrence_that_can_be_read_again_is_named_no_more(self):
        master, instances = self.graph_series()
        start, instances[1]["start"] = instances[1]["start"], 7
        recurrence = self.apply_series(master, instances)
        instances[1]["start"] = start
        self.apply_series({**master, "changeKey": "CK2"}, instances)
        self.assertEqual(len(self.rows(recurrence)), 4)
        self.assertFalse(self.aside())

    def test_occurrence_of_no_series_is_named(self):
        for kind in ("occurrence", "exception"):
            with self.subTest(kind):
                lost = self.remote(f"lost {kind}", type=kind)
                self.pull(lost, self.remote(f"R of {kind}"))
                self.assertEqual(self.link(f"lost {kind}").state, "quarantined")
                self.assertIn("series", self.link(f"lost {kind}").reason)
                self.assertTrue(self.link(f"R of {kind}").event_id)
                logged = self.Log.search_count([("remote_id", "=", f"lost {kind}")])
                self.pull(lost)
                again = self.Log.search_count([("remote_id", "=", f"lost {kind}")])
                self.assertEqual(again, logged, "it is told once")
