"""Events of Outlook that are left out for their dates are counted, and told."""

from datetime import datetime

from freezegun import freeze_time

from odoo.tests import tagged

from ..graph.client import GraphResponse
from ..sync.apply.applier import Applier
from ..sync.read.series import SeriesReading, record_series
from .common import graph_time
from .test_series import NOW, SeriesCase


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestLeftOut(SeriesCase):
    def read_new(self, master, instances=()):
        """Read one series as the puller does, which Odoo did not know."""
        calendar = self.account._default_calendar()
        link = self.Link.create(
            {
                "account_id": self.account.id,
                "calendar_id": calendar.id,
                "remote_id": master["id"],
                "is_series": True,
                "needs_read": True,
            }
        )
        reading = SeriesReading(link)
        bodies = master, {"value": list(instances)}
        reading.responses = [GraphResponse(200, {}, one, None, None) for one in bodies]
        record_series(self.account, reading)
        self.env.flush_all()
        self.env.invalidate_all()
        return link.exists()

    def yearly(self, year, **bounds):
        """Return the master of a series that begins on 12 May of a year."""
        [master, _instances] = self.graph_series(
            remote_id=f"Y{year}",
            start=graph_time(datetime(max(year, 1), 5, 12, 8)),
            end=graph_time(datetime(max(year, 1), 5, 12, 9)),
        )
        for name in ("start", "end"):
            moment = master[name]["dateTime"]
            master[name]["dateTime"] = f"{year:04}{moment[moment.index('-') :]}"
        master["recurrence"] = {
            "pattern": {
                "type": "absoluteYearly",
                "interval": 1,
                "dayOfMonth": 12,
                "month": 5,
            },
            "range": {
                "type": "noEnd",
                "startDate": f"{year:04}-05-12",
                "recurrenceTimeZone": "W. Europe Standard Time",
                **bounds,
            },
        }
        return master

    def status(self):
        self.env.invalidate_all()
        return self.account.status

    def test_birthday_without_a_year_is_there_and_nothing_is_left_out(self):
        birthday = {
            "id": "Y1604.2026-05-12",
            "@odata.etag": 'W/"CK1"',
            "type": "occurrence",
            "seriesMasterId": "Y1604",
            "start": graph_time(datetime(2026, 5, 12, 7)),
            "end": graph_time(datetime(2026, 5, 12, 8)),
            "isAllDay": False,
        }
        link = self.read_new(self.yearly(1604), [birthday])
        self.assertEqual(self.rows(link.recurrence_id).ms365_day, "2026-05-12")
        self.assertNotIn("left out", self.status())
        self.assertNotIn("window", self.status())

    def test_series_that_begins_after_the_window_is_told(self):
        link = self.read_new(self.yearly(2300))
        self.assertEqual((link.state, link.recurrence_id.id), ("synced", False))
        self.assertIn("Series in Outlook without a date", self.status())
        self.assertIn("window: 1.", self.status())
        self.assertNotIn("Not Understood", self.status())
        self.assertEqual(self.account.without_dates_count, 1)

    def test_series_that_was_over_before_the_window_is_told(self):
        self.read_new(self.yearly(1990, type="endDate", endDate="1999-05-12"))
        self.assertIn("window: 1.", self.status())

    def test_series_from_before_exchange_s_calendar_is_told_with_its_years(self):
        link = self.read_new(self.yearly(1582))
        self.assertEqual(link.state, "quarantined")
        self.assertIn("in the year 1582", link.reason)
        self.assertIn("cannot show the years", self.status())
        self.assertNotIn("cannot take them", self.status())
        self.assertEqual(self.account.outside_years_count, 1)

    def test_single_event_of_another_century_is_told_with_its_years(self):
        event = self.remote(
            start=graph_time(datetime(1604, 5, 12)),
            end=graph_time(datetime(1604, 5, 13)),
        )
        event["start"]["dateTime"] = "1604-05-12T00:00:00"
        applier = Applier(self.account, self.account._default_calendar())
        applier.apply([event, self.remote("R2", start=None)])
        status = self.status()
        self.assertIn("begin or end: 1.", status)
        self.assertIn("Odoo cannot take them: 1.", status)
        self.assertEqual(self.account.set_aside_count, 2)

    def test_status_says_nothing_of_it_where_nothing_is_left_out(self):
        self.pulled_series()
        self.assertNotIn("left out", self.status())
        self.assertNotIn("window", self.status())
