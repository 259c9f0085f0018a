"""All-day series of zones east and west of Greenwich, edited on either side."""

from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from freezegun import freeze_time

from odoo.modules.migration import load_script
from odoo.tests import tagged

from ..engine.series import Series, SeriesBase, default_occurrence
from ..engine.timezones import iana_to_windows
from .test_series import NOW, SeriesCase

ZONES = (
    "Pacific/Honolulu",
    "America/Los_Angeles",
    "Europe/London",
    "Europe/Berlin",
    "Asia/Tokyo",
    "Pacific/Auckland",
)
#: Mondays. The clocks change on 8 March in America, on 29 March in Europe.
DAYS = [date(2026, 3, 2) + timedelta(weeks=number) for number in range(6)]
_DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestAllDaySeries(SeriesCase):
    def tell(self, zone, change_key="CK1", days=DAYS, moved=None):
        """Return master and instances as Graph answers them.

        :param moved: day -> day of exceptions
        """
        moved = moved or {}
        ends = {
            "isAllDay": True,
            "originalStartTimeZone": "UTC",  # the zone that is asked for
        }
        master, _instances = self.graph_series(
            change_key,
            len(DAYS),
            remote_id=f"S-{zone}",
            **ends,
            **self.floating(DAYS[0]),
        )
        name = iana_to_windows(zone)
        master["recurrence"]["range"]["recurrenceTimeZone"] = name
        instances, full = [], []
        for day in days:
            midnight = datetime.combine(day, time(), ZoneInfo(zone))
            midnight = midnight.astimezone(timezone.utc)
            instance = {
                "id": f"S-{zone}.{day}",
                "@odata.etag": f'W/"{change_key}"',
                "type": "exception" if day in moved else "occurrence",
                "originalStart": f"{midnight:%Y-%m-%dT%H:%M:%SZ}",
                "isAllDay": True,
                **self.floating(moved.get(day, day)),
            }
            instances.append(instance)
            if day in moved:
                own = {**master, **instance, "changeKey": change_key}
                del own["recurrence"], own["exceptionOccurrences"]
                full.append(own)
        return {**master, "exceptionOccurrences": full}, instances

    @staticmethod
    def floating(day):
        return {
            name: {"dateTime": f"{one}T00:00:00.0000000", "timeZone": "UTC"}
            for name, one in (("start", day), ("end", day + _DAY))
        }

    def dates(self, recurrence):
        return [row.start_date for row in self.rows(recurrence)]

    def test_each_occurrence_is_on_its_date(self):
        for zone in ZONES:
            with self.subTest(zone=zone):
                recurrence = self.apply_series(*self.tell(zone))
                self.assertEqual(self.dates(recurrence), DAYS)
                self.assertFalse(self.plan(recurrence))

    def test_moved_and_cancelled_dates(self):
        tuesday = DAYS[2] + _DAY
        for zone in ZONES:
            with self.subTest(zone=zone):
                self.apply_series(*self.tell(zone))
                days = [day for day in DAYS if day != DAYS[4]]
                told = self.tell(zone, "CK2", days, {DAYS[2]: tuesday})
                recurrence = self.apply_series(*told)
                expected = [*DAYS[:2], tuesday, DAYS[3], DAYS[5]]
                self.assertEqual(self.dates(recurrence), expected)
                row = self.rows(recurrence)[2]
                self.assertEqual(row.ms365_day, f"{DAYS[2]}")
                self.assertFalse(self.plan(recurrence))

    def test_date_deleted_in_odoo_is_deleted_in_outlook(self):
        for zone in ZONES:
            with self.subTest(zone=zone):
                recurrence = self.apply_series(*self.tell(zone))
                row = self.rows(recurrence)[3]
                row.with_user(self.anna).write({"active": False})
                self.env.flush_all()
                request = self.plan(recurrence).request
                self.assertEqual(request.method, "DELETE")
                remote_id = self.link(f"S-{zone}").occurrence_ids[f"{DAYS[3]}"][0]
                self.assertEqual(remote_id, f"S-{zone}.{DAYS[3]}")
                self.assertTrue(request.path_or_url.endswith(f".{DAYS[3]}"))

    def test_other_dates_given_in_odoo_move_the_series(self):
        for zone in ZONES:
            with self.subTest(zone=zone):
                recurrence = self.apply_series(*self.tell(zone))
                rows = self.rows(recurrence)
                tuesday = DAYS[0] + _DAY
                rows[0].with_user(self.anna).write(
                    {
                        "start_date": tuesday,
                        "stop_date": tuesday,
                        "start": datetime.combine(tuesday, time(8)),
                        "stop": datetime.combine(tuesday, time(18)),
                        "recurrence_update": "all_events",
                    }
                )
                self.env.flush_all()
                self.assertEqual(self.rows(recurrence), rows)
                self.assertEqual(self.dates(recurrence), [day + _DAY for day in DAYS])
                method, _path, body = self.written(recurrence)
                self.assertEqual(method, "PATCH")
                self.assertEqual(
                    body["start"],
                    {
                        "dateTime": f"{tuesday}T00:00:00",
                        "timeZone": iana_to_windows(zone),
                    },
                )
                bounds = body["recurrence"]["range"]
                self.assertEqual(bounds["startDate"], f"{tuesday}")
                self.assertEqual(bounds["recurrenceTimeZone"], iana_to_windows(zone))

    def test_one_date_moved_in_odoo_is_written_in_the_zone_of_the_series(self):
        for zone in ZONES:
            with self.subTest(zone=zone):
                recurrence = self.apply_series(*self.tell(zone))
                row, wednesday = self.rows(recurrence)[1], DAYS[1] + 2 * _DAY
                row.with_user(self.anna).write(
                    {
                        "start_date": wednesday,
                        "stop_date": wednesday,
                        "start": datetime.combine(wednesday, time(8)),
                        "stop": datetime.combine(wednesday, time(18)),
                    }
                )
                self.env.flush_all()
                request = self.plan(recurrence).request
                self.assertEqual(request.method, "PATCH")
                self.assertTrue(request.path_or_url.endswith(f".{DAYS[1]}"))
                self.assertEqual(
                    request.body["start"],
                    {
                        "dateTime": f"{wednesday}T00:00:00",
                        "timeZone": iana_to_windows(zone),
                    },
                )

    def make_early(self, recurrence):
        """Create the rows that former versions made for a series in Berlin or Tokyo."""

        def before(day):
            return f"{date.fromisoformat(day) - _DAY}"

        def moved(series):
            days = {before(day) for day in series.days}
            contents = {day: default_occurrence(series.master, day) for day in days}
            return Series.of(series.master, series.rule, series.window, contents)

        link = recurrence.ms365_link_ids
        base = link._series_base
        early = SeriesBase(moved(base.ours), moved(base.theirs))
        ids = {before(day): one for day, one in link.occurrence_ids.items()}
        link.write({**link._base_vals(early), "occurrence_ids": ids})
        for row in self.rows(recurrence):
            day = row.start_date - _DAY
            row._ms365_for_sync(self.anna).write(
                {
                    "start_date": day,
                    "stop_date": day,
                    "start": datetime.combine(day, time(8)),
                    "stop": datetime.combine(day, time(18)),
                }
            )
            row._ms365_write_bookkeeping({"ms365_day": f"{day}"})
        self.env.flush_all()
        self.env.invalidate_all()

    def test_series_of_former_versions_is_put_right_in_its_place(self):
        for zone in ("Europe/Berlin", "Asia/Tokyo"):
            with self.subTest(zone=zone):
                recurrence = self.apply_series(*self.tell(zone))
                rows = self.rows(recurrence)
                self.make_early(recurrence)
                self.assertEqual(self.dates(recurrence)[0], DAYS[0] - _DAY)
                load_script(
                    "praetorx_ms365_calendar/migrations/19.0.2.0.0/"
                    "post-all_day_series.py",
                    "post-all_day_series",
                ).migrate(self.env.cr, "19.0.1.0.0")
                self.assertTrue(recurrence.ms365_link_ids.needs_read)
                self.apply_series(*self.tell(zone))
                self.assertEqual(self.rows(recurrence), rows)
                self.assertEqual(self.dates(recurrence), DAYS)
                self.assertFalse(self.plan(recurrence))
                self.assertFalse(recurrence.ms365_link_ids.hold_id)
