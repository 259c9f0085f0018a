"""Test series in both directions."""

from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..engine.mapping.graph_series import read_series
from ..sync.apply.applier import Applier
from ..sync.apply.carry_out_deletions import carry_out_gone
from ..sync.apply.where import series_as_seen
from ..sync.push.planner import Planner
from ..sync.push.recorder import Recorder
from ..sync.push.sending import Nothing
from ..sync.push.work import PushWork
from .common import SyncCase, graph_time

NOW = "2026-03-02 08:00:00"
#: Mondays at nine in Berlin; the clocks change on 29 March.
FIRST = datetime(2026, 3, 2, 8)


def weekly_rule(start, count):
    """Return a weekly recurrence as Graph answers it."""
    return {
        "pattern": {
            "type": "weekly",
            "interval": 1,
            "daysOfWeek": [f"{start:%A}".lower()],
            "firstDayOfWeek": "sunday",
        },
        "range": {
            "type": "numbered",
            "startDate": f"{start:%Y-%m-%d}",
            "numberOfOccurrences": count,
            "recurrenceTimeZone": "W. Europe Standard Time",
        },
    }


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class SeriesCase(SyncCase):
    """One weekly series of four in Anna's Outlook."""

    def graph_series(self, change_key="CK1", count=4, cancelled=(), **values):
        """Return master and instances as Graph answers them."""
        start = values.pop("at", FIRST)
        remote_id = values.pop("remote_id", "S1")
        exceptions = values.pop("exceptions", {})
        master = self.remote(
            remote_id,
            change_key,
            **{
                "type": "seriesMaster",
                "subject": "Standup",
                "start": graph_time(start),
                "end": graph_time(start + timedelta(hours=1)),
                "originalStartTimeZone": "W. Europe Standard Time",
                "recurrence": weekly_rule(start, count),
                **values,
            },
        )
        instances, full = [], []
        for number in range(count):
            moment = start + timedelta(weeks=number)
            if moment > datetime(2026, 3, 29):
                moment -= timedelta(hours=1)
            day = f"{moment:%Y-%m-%d}"
            if day in cancelled:
                continue
            instance = {
                "id": f"{remote_id}.{day}",
                "@odata.etag": f'W/"{change_key}"',
                "type": "occurrence",
                "seriesMasterId": remote_id,
                "start": graph_time(moment),
                "end": graph_time(moment + timedelta(hours=1)),
                "originalStart": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
                "isAllDay": False,
            }
            if day in exceptions:
                instance |= {"type": "exception"}
                full.append({**master, **instance, **exceptions[day]})
                full[-1].pop("recurrence")
                full[-1].pop("@odata.etag")
            instances.append(instance)
        return {**master, "exceptionOccurrences": full}, instances

    def apply_series(self, master, instances, calendar=None):
        """Apply a series as the puller does after reading it.

        :param calendar: the calendar that lists it first; by default the primary one
        """
        link = self.link(master["id"])
        calendar = link.calendar_id or calendar or self.account._default_calendar()
        if not link:
            link = self.Link.create(
                {
                    "account_id": calendar.account_id.id,
                    "calendar_id": calendar.id,
                    "remote_id": master["id"],
                    "is_series": True,
                    "needs_read": True,
                }
            )
        remote = read_series(master, instances, link._window_to_read())
        remote = series_as_seen(remote, calendar)
        Applier(calendar.account_id, calendar).apply_series(link, remote)
        link = link.exists() or self.link(master["id"])
        link.write(link._READ)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertNotEqual(link.state, "quarantined", link.reason)
        return link.recurrence_id

    def new_series(self, user=None, **vals):
        """Return a series that a person has made by hand, Anna unless given."""
        event = self.new_event(
            user,
            name="Standup",
            start=FIRST,
            stop=FIRST + timedelta(hours=1),
            recurrency=True,
            rrule_type="weekly",
            mon=True,
            end_type="count",
            count=4,
            event_tz="Europe/Berlin",
            **vals,
        )
        return event.recurrence_id

    def pulled_series(self, **values):
        """Return the recurrence of a series that came from Outlook."""
        return self.apply_series(*self.graph_series(**values))

    def rows(self, recurrence):
        return recurrence._ms365_rows()

    def starts(self, recurrence):
        return [f"{row.start:%m-%d %H:%M}" for row in self.rows(recurrence)]

    def plan(self, recurrence):
        """Return the write that would be sent now, None if there is none."""
        entries = self.Outbox.search(
            [
                ("event_key", "=", recurrence._ms365_event_key()),
                ("state", "=", "pending"),
            ],
            order="id",
        )
        if not entries:
            return None
        sending = Planner(self.account, entries).plan(entries)
        return None if isinstance(sending, Nothing) else sending

    def written(self, recurrence):
        """Return method, path and body of the next write of a series."""
        request = self.plan(recurrence).request
        return request.method, request.path_or_url.rsplit("/", 1)[-1], request.body


class TestSeriesThatFails(SeriesCase):
    def test_any_occurrence_offers_to_try_again(self):
        recurrence = self.new_series()
        entry = self.Outbox.search([("recurrence_id", "=", recurrence.id)])
        Recorder(self.account).record_dead_letter(entry, "no")
        occurrence = self.rows(recurrence)[2]
        self.assertEqual(occurrence.ms365_sync_state, "error")
        occurrence.with_user(self.anna).action_ms365_retry()
        self.assertEqual(set(entry.mapped("state")), {"pending"})
        states = self.rows(recurrence).mapped("ms365_sync_state")
        self.assertEqual(set(states), {"pending"})


class TestSeriesFromOutlook(SeriesCase):
    def test_series_becomes_one_recurrence_with_an_event_each_week(self):
        recurrence = self.pulled_series()
        self.assertEqual(
            self.starts(recurrence),
            ["03-02 08:00", "03-09 08:00", "03-16 08:00", "03-23 08:00"],
        )
        self.assertEqual(set(self.rows(recurrence).mapped("name")), {"Standup"})
        self.assertEqual(recurrence.rrule_type, "weekly")
        self.assertTrue(recurrence.mon)
        self.assertEqual(recurrence.count, 4)
        self.assertEqual(
            set(self.rows(recurrence).mapped("ms365_sync_state")), {"synced"}
        )

    def test_series_stays_at_nine_over_the_change_of_the_clocks(self):
        recurrence = self.pulled_series(count=6)
        self.assertEqual(self.starts(recurrence)[-2:], ["03-30 07:00", "04-06 07:00"])

    def test_same_series_again_changes_nothing(self):
        recurrence = self.pulled_series()
        before = self.rows(recurrence).mapped("write_date")
        with self.assertNothingCaptured():
            self.pulled_series(change_key="CK2")
        self.assertEqual(self.rows(recurrence).mapped("write_date"), before)

    def test_series_deleted_in_odoo_stays_deleted_when_it_is_read_once_more(self):
        """The deletion is on its way, and nothing of the recurrence is left."""
        recurrence = self.pulled_series()
        self.rows(recurrence).unlink()
        recurrence.unlink()
        self.apply_series(*self.graph_series(change_key="CK2"))
        self.assertEqual(self.link("S1").state, "deleted_here")
        self.assertFalse(self.env["calendar.event"].search([("name", "=", "Standup")]))

    def test_event_made_a_series_at_another_hour_in_outlook_asks_nobody(self):
        """Only Outlook has changed anything: no conflict."""
        event = self.pulled(
            "S1",
            subject="Standup",
            start=graph_time(FIRST),
            end=graph_time(FIRST + timedelta(hours=1)),
        )
        moved = self.graph_series(change_key="CK2", at=FIRST - timedelta(hours=1))
        self.pull(moved[0])
        recurrence = self.apply_series(*moved)
        self.assertEqual(self.link("S1").state, "synced")
        self.assertEqual(len(self.rows(recurrence)), 4)
        self.assertIn(event, self.rows(recurrence))

    def test_renamed_series_keeps_its_events(self):
        recurrence = self.pulled_series()
        ids = self.rows(recurrence).ids
        self.pulled_series(change_key="CK2", subject="Daily")
        self.assertEqual(self.rows(recurrence).ids, ids)
        self.assertEqual(set(self.rows(recurrence).mapped("name")), {"Daily"})

    def test_exception_is_one_event_with_its_own_values(self):
        recurrence = self.pulled_series()
        ids = self.rows(recurrence).ids
        moved = {
            "subject": "Retro",
            "start": graph_time(datetime(2026, 3, 10, 13)),
            "end": graph_time(datetime(2026, 3, 10, 14)),
            "changeKey": "CKX",
        }
        self.pulled_series(change_key="CK2", exceptions={"2026-03-09": moved})
        self.assertEqual(self.rows(recurrence).ids, ids)
        row = self.rows(recurrence)[1]
        self.assertEqual((row.name, f"{row.start:%d %H}"), ("Retro", "10 13"))
        self.assertFalse(row.follow_recurrence)
        self.assertEqual(row.ms365_day, "2026-03-09")

    def test_cancelled_occurrence_is_an_archived_event(self):
        """Complaint odoo/odoo#73719: a cancelled occurrence stopped the whole sync."""
        recurrence = self.pulled_series()
        row = self.rows(recurrence)[1]
        self.pulled_series(change_key="CK2", cancelled=["2026-03-09"])
        self.assertFalse(row.active)
        self.assertEqual(len(self.rows(recurrence)), 3)

    def test_first_occurrence_as_an_exception_rebuilds_nothing(self):
        """Complaint odoo/odoo#254414: it destroyed the series and mailed everybody."""
        recurrence = self.pulled_series()
        ids = self.rows(recurrence).ids
        later = {
            "start": graph_time(datetime(2026, 3, 2, 13)),
            "end": graph_time(datetime(2026, 3, 2, 14)),
            "changeKey": "CKX",
        }
        self.pulled_series(change_key="CK2", exceptions={"2026-03-02": later})
        self.assertEqual(self.rows(recurrence).ids, ids)
        self.assertEqual(self.starts(recurrence)[0], "03-02 13:00")

    def test_series_dragged_to_another_time_keeps_its_events(self):
        """Complaint odoo/odoo#271529: dragging a series in Outlook doubled it."""
        recurrence = self.pulled_series()
        ids = self.rows(recurrence).ids
        self.pulled_series(change_key="CK2", at=FIRST + timedelta(hours=2))
        self.assertEqual(self.rows(recurrence).ids, ids)
        self.assertEqual(self.starts(recurrence)[0], "03-02 10:00")

    def test_series_dragged_to_another_day_keeps_its_events(self):
        recurrence = self.pulled_series()
        ids = self.rows(recurrence).ids
        self.pulled_series(change_key="CK2", at=FIRST + timedelta(days=1))
        self.assertEqual(self.rows(recurrence).ids, ids)
        self.assertEqual(self.starts(recurrence)[0], "03-03 08:00")
        self.assertTrue(recurrence.tue)
        self.assertFalse(recurrence.mon)

    def test_longer_series_gets_more_events_and_keeps_the_others(self):
        recurrence = self.pulled_series()
        ids = self.rows(recurrence).ids
        self.pulled_series(change_key="CK2", count=6)
        self.assertEqual(self.rows(recurrence).ids[:4], ids)
        self.assertEqual(len(self.rows(recurrence)), 6)

    def test_single_event_made_a_series_in_outlook_stays_itself(self):
        """Complaint odoo/odoo#271787: the single event was left beside the series."""
        event = self.pulled(
            "S1",
            subject="Standup",
            start=graph_time(FIRST),
            end=graph_time(FIRST + timedelta(hours=1)),
        )
        recurrence = self.pulled_series(change_key="CK2")
        self.assertEqual(self.rows(recurrence)[0], event)
        self.assertEqual(len(self.rows(recurrence)), 4)
        self.assertFalse(self.link("S1").event_id)

    def test_series_made_a_single_event_in_outlook_leaves_that_event(self):
        recurrence = self.pulled_series()
        first = self.rows(recurrence)[0]
        master, _instances = self.graph_series(change_key="CK2")
        master |= {"type": "singleInstance", "recurrence": None}
        self.apply_series(master, [])
        self.assertTrue(first.active)
        self.assertFalse(first.recurrency)
        self.assertEqual(self.link("S1").event_id, first)
        self.assertFalse(self.link("S1").is_series)

    def test_rule_that_odoo_cannot_hold_says_why(self):
        master, instances = self.graph_series()
        master["recurrence"]["pattern"] = {
            "type": "relativeMonthly",
            "interval": 1,
            "daysOfWeek": ["monday", "tuesday"],
            "index": "first",
        }
        recurrence = self.apply_series(master, instances)
        self.assertEqual(len(self.rows(recurrence)), 4)
        row = self.rows(recurrence)[0].with_user(self.anna)
        self.assertIn("one of several weekdays", row.ms365_read_only_reason)
        with self.assertRaisesRegex(UserError, "one of several weekdays"):
            row.write({"interval": 2, "recurrence_update": "all_events"})

    def test_deleted_series_is_archived_whole(self):
        recurrence = self.pulled_series()
        rows = self.rows(recurrence)
        Applier(self.account, self.account._default_calendar()).gone(self.link("S1"))
        carry_out_gone(self.account)
        self.assertFalse(any(rows.mapped("active")))


class TestSeriesMovedAndBack(SeriesCase):
    def test_exception_that_a_move_has_ended_is_ended_in_outlook_too(self):
        """The series is where it was: Outlook itself would end nothing."""
        retro = {"subject": "Retro", "changeKey": "CKX"}
        recurrence = self.pulled_series(exceptions={"2026-03-09": retro})
        row = self.rows(recurrence)[2].with_user(self.anna)
        for hours in (2, -2):
            row.write(
                {
                    "start": row.start + timedelta(hours=hours),
                    "stop": row.stop + timedelta(hours=hours),
                    "recurrence_update": "all_events",
                }
            )
        self.assertEqual(set(self.rows(recurrence).mapped("name")), {"Standup"})
        method, path, body = self.written(recurrence)
        self.assertEqual((method, path), ("PATCH", "S1.2026-03-09"))
        self.assertEqual(body, {"subject": "Standup"})


class TestSeriesFromOdoo(SeriesCase):
    def test_new_series_is_one_create(self):
        """Complaint odoo/odoo#115253: series could not be made in Odoo at all."""
        recurrence = self.new_series()
        self.assertEqual(len(self.rows(recurrence)), 4)
        entries = self.Outbox.search([])
        self.assertEqual(
            set(entries.mapped("event_key")), {recurrence._ms365_event_key()}
        )
        method, path, body = self.written(recurrence)
        self.assertEqual((method, path), ("POST", "events"))
        self.assertEqual(body["recurrence"]["pattern"]["daysOfWeek"], ["monday"])
        self.assertEqual(body["start"]["dateTime"], "2026-03-02T09:00:00")
        self.assertEqual(body["start"]["timeZone"], "W. Europe Standard Time")

    def test_this_event_renamed_is_one_patch_of_the_occurrence(self):
        recurrence = self.pulled_series()
        row = self.rows(recurrence)[1].with_user(self.anna)
        row.write({"name": "Retro", "recurrence_update": "self_only"})
        method, path, body = self.written(recurrence)
        self.assertEqual((method, path), ("PATCH", "S1.2026-03-09"))
        self.assertEqual(body, {"subject": "Retro"})

    def test_this_event_moved_is_one_patch_of_the_occurrence(self):
        recurrence = self.pulled_series()
        row = self.rows(recurrence)[1].with_user(self.anna)
        start = datetime(2026, 3, 9, 13)
        row.write(
            {
                "start": start,
                "stop": start + timedelta(hours=1),
                "recurrence_update": "self_only",
            }
        )
        method, path, body = self.written(recurrence)
        self.assertEqual((method, path), ("PATCH", "S1.2026-03-09"))
        self.assertEqual(set(body), {"start", "end", "isAllDay"})

    def test_all_events_renamed_are_one_patch_of_the_series(self):
        recurrence = self.pulled_series()
        ids = self.rows(recurrence).ids
        row = self.rows(recurrence)[1].with_user(self.anna)
        row.write({"name": "Daily", "recurrence_update": "all_events"})
        self.assertEqual(set(self.rows(recurrence).mapped("name")), {"Daily"})
        self.assertEqual(self.rows(recurrence).ids, ids)
        method, path, body = self.written(recurrence)
        self.assertEqual((method, path), ("PATCH", "S1"))
        self.assertEqual(body, {"subject": "Daily"})

    def test_all_events_moved_stay_themselves_and_are_one_patch(self):
        recurrence = self.pulled_series()
        ids = self.rows(recurrence).ids
        row = self.rows(recurrence)[1].with_user(self.anna)
        start = datetime(2026, 3, 9, 10)
        row.write(
            {
                "start": start,
                "stop": start + timedelta(hours=1),
                "recurrence_update": "all_events",
            }
        )
        self.assertEqual(self.rows(recurrence).ids, ids)
        self.assertEqual(
            self.starts(recurrence),
            ["03-02 10:00", "03-09 10:00", "03-16 10:00", "03-23 10:00"],
        )
        method, path, body = self.written(recurrence)
        self.assertEqual((method, path), ("PATCH", "S1"))
        self.assertEqual(body["start"]["dateTime"], "2026-03-02T11:00:00")
        self.assertEqual(body["recurrence"]["range"]["startDate"], "2026-03-02")

    def test_another_rule_keeps_the_events_of_its_days(self):
        recurrence = self.pulled_series()
        ids = self.rows(recurrence).ids
        row = self.rows(recurrence)[0].with_user(self.anna)
        row.write({"wed": True, "count": 8, "recurrence_update": "all_events"})
        self.assertEqual(len(self.rows(recurrence)), 8)
        self.assertLessEqual(set(ids), set(self.rows(recurrence).ids))
        body = self.written(recurrence)[2]
        self.assertEqual(
            body["recurrence"]["pattern"]["daysOfWeek"], ["monday", "wednesday"]
        )

    def test_new_date_with_its_own_hour_follows_a_new_name_in_outlook(self):
        recurrence = self.pulled_series()
        row = self.rows(recurrence)[0].with_user(self.anna)
        row.write({"count": 6, "recurrence_update": "all_events"})
        last = self.rows(recurrence)[-1].with_user(self.anna)
        last.write(
            {
                "start": last.start + timedelta(hours=2),
                "stop": last.stop + timedelta(hours=2),
                "recurrence_update": "self_only",
            }
        )
        self.pulled_series(change_key="CK2", subject="Daily")
        self.assertEqual(len(self.rows(recurrence)), 6)
        self.assertEqual(set(self.rows(recurrence).mapped("name")), {"Daily"})
        self.assertEqual(self.starts(recurrence)[-1], "04-06 09:00")

    def test_this_and_following_are_two_series_and_the_same_events(self):
        recurrence = self.pulled_series()
        ids = self.rows(recurrence).ids
        row = self.rows(recurrence)[2].with_user(self.anna)
        start = datetime(2026, 3, 16, 10)
        row.write(
            {
                "name": "Late standup",
                "start": start,
                "stop": start + timedelta(hours=1),
                "recurrence_update": "future_events",
            }
        )
        new = row.recurrence_id
        self.assertNotEqual(new, recurrence)
        self.assertEqual(self.rows(recurrence).ids + self.rows(new).ids, ids)
        self.assertEqual(self.starts(new), ["03-16 10:00", "03-23 10:00"])
        self.assertEqual(self.starts(recurrence), ["03-02 08:00", "03-09 08:00"])
        method, path, body = self.written(recurrence)
        self.assertEqual((method, path), ("PATCH", "S1"))
        self.assertEqual(body["recurrence"]["range"]["endDate"], "2026-03-15")
        method, path, body = self.written(new)
        self.assertEqual((method, path), ("POST", "events"))
        self.assertEqual(body["subject"], "Late standup")
        self.assertEqual(body["recurrence"]["range"]["numberOfOccurrences"], 2)

    def test_this_event_deleted_is_one_delete_of_the_occurrence(self):
        recurrence = self.pulled_series()
        self.rows(recurrence)[1].with_user(self.anna).unlink()
        method, path, _body = self.written(recurrence)
        self.assertEqual((method, path), ("DELETE", "S1.2026-03-09"))

    def test_following_events_deleted_are_one_patch_of_the_series(self):
        recurrence = self.pulled_series()
        row = self.rows(recurrence)[2].with_user(self.anna)
        row.action_mass_deletion("future_events")
        self.assertEqual(len(self.rows(recurrence)), 2)
        method, path, body = self.written(recurrence)
        self.assertEqual((method, path), ("PATCH", "S1"))
        self.assertEqual(body["recurrence"]["range"]["endDate"], "2026-03-15")

    def test_all_events_deleted_are_one_delete_of_the_series(self):
        recurrence = self.pulled_series()
        key = recurrence._ms365_event_key()
        row = self.rows(recurrence)[2].with_user(self.anna)
        row.action_mass_deletion("all_events")
        entries = self.Outbox.search([("event_key", "=", key)], order="id")
        self.assertEqual(entries[-1].operation, "delete")
        sending = Planner(self.account, entries).plan(entries)
        self.assertEqual(sending.request.method, "DELETE")
        self.assertTrue(sending.request.path_or_url.endswith("/S1"))
        self.assertEqual(set(self.Outbox.search([]).mapped("event_key")), {key})

    def test_occurrence_moved_past_its_neighbour_is_refused_in_words(self):
        recurrence = self.pulled_series()
        row = self.rows(recurrence)[1].with_user(self.anna)
        with self.assertRaisesRegex(UserError, "in order"):
            row.write(
                {
                    "start": datetime(2026, 3, 17, 8),
                    "stop": datetime(2026, 3, 17, 9),
                    "recurrence_update": "self_only",
                }
            )

    def test_rule_that_outlook_does_not_have_is_refused_in_words(self):
        with self.assertRaisesRegex(UserError, "shorter months"):
            self.new_event(
                start=datetime(2026, 3, 31, 8),
                stop=datetime(2026, 3, 31, 9),
                recurrency=True,
                rrule_type="monthly",
                month_by="date",
                day=31,
                end_type="count",
                count=5,
            )

    def test_single_event_made_a_series_stays_itself_in_outlook(self):
        event = self.pulled(
            "S1",
            start=graph_time(FIRST),
            end=graph_time(FIRST + timedelta(hours=1)),
        )
        event.with_user(self.anna).write(
            {
                "recurrency": True,
                "rrule_type": "weekly",
                "mon": True,
                "end_type": "count",
                "count": 3,
                "event_tz": "Europe/Berlin",
            }
        )
        recurrence = event.recurrence_id
        self.assertEqual(len(self.rows(recurrence)), 3)
        self.assertEqual(self.rows(recurrence)[0], event)
        method, path, body = self.written(recurrence)
        self.assertEqual((method, path), ("PATCH", "S1"))
        self.assertEqual(body["recurrence"]["range"]["numberOfOccurrences"], 3)

    def test_series_without_an_end_reaches_as_far_as_the_window(self):
        """Complaint odoo/odoo#247929: a series for ever was made for 720 years."""
        event = self.new_event(
            start=FIRST,
            stop=FIRST + timedelta(hours=1),
            recurrency=True,
            rrule_type="yearly",
            end_type="forever",
        )
        self.assertLess(len(self.rows(event.recurrence_id)), 4)

    def test_series_of_somebody_who_does_not_sync_is_odoo_s_alone(self):
        event = self.new_event(
            self.cleo,
            recurrency=True,
            rrule_type="weekly",
            mon=True,
            end_type="count",
            count=3,
        )
        self.assertFalse(
            self.Outbox.search([("recurrence_id", "=", event.recurrence_id.id)])
        )

    def test_series_from_before_the_switch_is_sent_by_the_first_pass(self):
        recurrence = self.series_from_before()
        self.account._first_pass()
        self.assertEqual(
            self.Outbox.search([]).mapped("event_key"), [recurrence._ms365_event_key()]
        )

    def test_series_from_before_the_switch_waits_while_outlook_s_are_unread(self):
        self.series_from_before()
        self.pull(self.remote("S1", type="seriesMaster"))
        self.account._first_pass()
        self.assertFalse(self.Outbox.search([]))
        self.assertTrue(self.account.series_pass_due)

    def test_series_with_guests_from_before_the_switch_awaits_consent(self):
        """Complaint odoo/documentation#803: the first sync mailed everybody."""
        recurrence = self.series_from_before(
            partner_ids=[(4, self.guest.id), (4, self.anna.partner_id.id)]
        )
        self.account._first_pass()
        self.assertFalse(self.Outbox.search([]))
        waiting = self.account._events_awaiting_consent()
        self.assertEqual(waiting.recurrence_id, recurrence)
        self.send_waiting()
        self.assertEqual(
            self.Outbox.search([]).mapped("event_key"), [recurrence._ms365_event_key()]
        )

    def test_series_with_a_guest_in_one_later_event_awaits_consent(self):
        recurrence = self.series_from_before(guest_of_last=self.guest)
        self.account._first_pass()
        self.assertFalse(self.Outbox.search([]))
        waiting = self.account._events_awaiting_consent()
        self.assertEqual(waiting, self.rows(recurrence)[:1])
        self.assertEqual(self.account.waiting_mail_count, 1)

    def series_from_before(self, guest_of_last=None, **vals):
        """Return a series that Anna made before she switched the sync on."""
        self.anna.ms365_sync_enabled = False
        recurrence = self.new_series(**vals)
        if guest_of_last:
            last = self.rows(recurrence)[-1].with_user(self.anna)
            last.partner_ids += guest_of_last
        self.anna.ms365_sync_enabled = True
        self.account.write({"first_pass_done_at": False, "state": "active"})
        self.clear_outbox()
        self.Outbox.search([]).unlink()
        return recurrence

    def test_dispatcher_finds_series_to_send(self):
        self.new_series()
        self.assertEqual(PushWork(self.env).due_account_ids([]), [self.account.id])
