from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from .common import SyncCase

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
