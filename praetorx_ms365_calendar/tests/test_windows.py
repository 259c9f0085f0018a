from datetime import datetime, timedelta

from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SyncCase, apply_change

FIRST_DAY = datetime(2026, 3, 2, 8, 0)


@tagged("post_install", "-at_install")
class TestWindows(SyncCase):
    """The window that is read moves on in time, also one that is small."""

    def rounds(self, days_ahead, days):
        """Run a round each day; return ``[(kind, end of the window, day)]``."""
        self.account.days_ahead = days_ahead
        calendar = self.account._default_calendar()
        rounds = []
        for number in range(days):
            now = FIRST_DAY + timedelta(days=number)
            with freeze_time(now):
                calendar._begin_round(now)
                rounds.append((calendar.round_kind, calendar.window_end, now))
                calendar._end_round("https://graph.example/delta")
                if calendar.round_kind == "retiring":
                    calendar._end_round(None)
        return rounds

    def assertReaches(self, days_ahead):
        """The window never ends before the days that were asked for."""
        for _kind, window_end, now in self.rounds(days_ahead, 30):
            self.assertGreaterEqual(window_end, now + timedelta(days=days_ahead))

    def test_window_of_one_day_ahead_rolls_in_time(self):
        self.assertReaches(1)

    def test_window_of_one_week_ahead_rolls_in_time(self):
        self.assertReaches(7)

    def test_large_window_is_not_read_whole_each_day(self):
        kinds = [kind for kind, _end, _now in self.rounds(365, 29)]
        self.assertEqual(kinds.count("initial"), 3)
        self.assertEqual(kinds.count("delta"), 26)

    # --- the window of a mailbox ----------------------------------------------------

    def window(self):
        self.env.flush_all()
        return self.account.days_back, self.account.days_ahead

    def test_companys_window_counts_for_users_without_a_choice(self):
        company = self.anna.company_id
        self.assertEqual(self.window(), (30, 365))
        company.write({"ms365_days_back": 5, "ms365_days_ahead": 60})
        self.assertEqual(self.window(), (5, 60))
        self.assertEqual(self.anna.with_user(self.anna).ms365_days_back, 5)
        self.assertEqual(self.connect(self.ben).days_ahead, 60)
        self.assertEqual(self.cleo.ms365_days_ahead, 60)

    def test_own_window_stays_when_the_companys_changes(self):
        """Complaint odoo/odoo#181613: a window for each user."""
        self.anna.with_user(self.anna).ms365_days_ahead = 90
        apply_change(self.account)
        self.anna.company_id.ms365_days_ahead = 60
        self.assertEqual(self.window(), (30, 90))

    def test_choosing_the_companys_window_follows_the_company_again(self):
        own = self.anna.with_user(self.anna)
        own.ms365_days_ahead = 90
        apply_change(self.account)
        own.ms365_days_ahead = 365
        apply_change(self.account)
        self.anna.company_id.ms365_days_ahead = 60
        self.assertEqual(self.window(), (30, 60))

    def test_window_of_another_company_is_not_ours(self):
        other = self.env["res.company"].create(
            {"name": "Elsewhere", "ms365_days_ahead": 20}
        )
        self.assertEqual(self.window(), (30, 365))
        self.anna.write({"company_ids": [(4, other.id)], "company_id": other.id})
        self.assertEqual(self.window(), (30, 20))

    def test_nonsense_window_of_a_company_is_refused(self):
        """Complaint odoo/odoo#92123: longer than Graph allows, and the sync is dead."""
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(CheckViolation),
            self.env.cr.savepoint(),
        ):
            self.anna.company_id.ms365_days_ahead = 2000
            self.env.flush_all()

    # --- limits of a window ---------------------------------------------------------

    def test_shrinking_a_window_reads_and_doubts_nothing(self):
        event = self.pulled()
        calendar = self.account._default_calendar()
        now = datetime.now()
        calendar._begin_round(now)
        calendar._end_round("https://graph.example/delta")
        calendar.sweep = False
        self.account.write({"days_back": 0, "days_ahead": 1})
        calendar._begin_round(now)
        self.assertEqual(calendar.round_kind, "initial")
        self.assertLess(calendar.window_end, now + timedelta(days=5))
        calendar._end_round("https://graph.example/delta")
        self.assertFalse(calendar.sweep or self.link().needs_read)
        self.assertTrue(event.active)

    def test_event_beyond_the_window_is_sent_when_a_person_makes_it(self):
        """Complaint odoo/odoo#146754: created outside the range, archived at once."""
        far = datetime.now() + timedelta(days=700)
        with self.assertCaptured("upsert"):
            self.new_event(start=far, stop=far + timedelta(hours=1))
