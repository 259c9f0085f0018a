"""Edits of series by programs, on the recurrence itself: as edits over the form."""

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import attendee
from .test_series import NOW, SeriesCase

GUEST = {"attendees": [attendee("gus@example.com", "Gus")]}
#: Values written on a recurrence -> values in the range of the next write.
RULES = (
    ({"count": 2}, {"numberOfOccurrences": 2}),
    ({"count": 6}, {"numberOfOccurrences": 6}),
    ({"end_type": "forever"}, {"type": "noEnd"}),
    ({"end_type": "end_date", "until": "2026-03-20"}, {"endDate": "2026-03-20"}),
    ({"rrule": "FREQ=WEEKLY;COUNT=3;BYDAY=MO"}, {"numberOfOccurrences": 3}),
    (
        {"rrule": "DTSTART:20260302T080000\nRRULE:FREQ=WEEKLY;UNTIL=20260316T235959"},
        {"endDate": "2026-03-16"},
    ),
)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestDirectEditOfASeries(SeriesCase):
    def waiting(self):
        return self.env["praetorx.ms365.approval"].search([("state", "=", "waiting")])

    def flush(self):
        self.env.flush_all()
        self.env.invalidate_all()

    def assertNothingIsDeleted(self, recurrence, count=4):
        self.flush()
        self.assertEqual(self.link("S1").state, "synced")
        self.assertEqual(len(self.rows(recurrence)), count)
        self.assertFalse(self.Outbox.search([("operation", "=", "delete")]))

    def assertRefused(self, words, method, *args):
        """Each kind of user is refused in words, and nothing has changed."""
        with self.assertNothingCaptured():
            for user in (self.anna, self.cleo):
                with self.assertRaisesRegex(UserError, words), self.env.cr.savepoint():
                    method(user, *args)
                    self.env.flush_all()
                self.env.invalidate_all()

    # --- the rule -------------------------------------------------------------------

    def test_rule_that_the_owner_writes_is_sent_as_from_the_form(self):
        recurrence = self.pulled_series(**GUEST)
        for vals, bounds in RULES:
            with self.subTest(vals=vals), self.env.cr.savepoint() as savepoint:
                recurrence.with_user(self.anna).write(dict(vals))
                self.flush()
                _method, path, body = self.written(recurrence)
                self.assertEqual(path, "S1")
                self.assertLessEqual(
                    bounds.items(), body["recurrence"]["range"].items()
                )
                states = set(self.rows(recurrence).mapped("ms365_sync_state"))
                self.assertEqual(states, {"pending"})
                savepoint.rollback()
            self.env.invalidate_all()

    def test_rows_follow_the_rule_that_is_written(self):
        recurrence = self.pulled_series()
        ids = self.rows(recurrence).ids
        recurrence.with_user(self.anna).count = 6
        self.flush()
        self.assertEqual(self.rows(recurrence).ids[:4], ids)
        self.assertEqual(len(self.rows(recurrence)), 6)

    def test_text_of_an_endless_series_leaves_it_endless(self):
        recurrence = self.pulled_series()
        recurrence.with_user(self.anna).end_type = "forever"
        self.flush()
        text = recurrence.rrule.replace("BYDAY=MO", "BYDAY=MO,WE")
        recurrence.with_user(self.anna).rrule = text
        self.flush()
        self.assertEqual(recurrence.end_type, "forever")
        self.assertTrue(recurrence.wed)

    def test_another_weekday_moves_the_rows(self):
        recurrence = self.pulled_series()
        recurrence.with_user(self.anna).write(
            {"rrule_type": "monthly", "month_by": "day", "byday": "1", "weekday": "MON"}
        )
        self.flush()
        pattern = self.written(recurrence)[2]["recurrence"]["pattern"]
        self.assertEqual(pattern["type"], "relativeMonthly")
        self.assertEqual(
            self.rows(recurrence).mapped("ms365_day"),
            ["2026-03-02", "2026-04-06", "2026-05-04", "2026-06-01"],
        )

    def test_rule_that_a_colleague_writes_waits_for_the_owner(self):
        recurrence = self.pulled_series(**GUEST)
        recurrence.with_user(self.cleo).write({"count": 6})
        self.flush()
        self.assertIsNone(self.plan(recurrence))
        self.assertRecordValues(
            self.waiting(),
            [{"operation": "update", "author_id": self.cleo.id}],
        )
        self.approve(self.waiting(), self.anna)
        bounds = self.written(recurrence)[2]["recurrence"]["range"]
        self.assertEqual(bounds["numberOfOccurrences"], 6)

    def test_rule_that_a_colleague_writes_is_refused_where_that_is_forbidden(self):
        self.env.company.ms365_colleague_policy = "forbid"
        recurrence = self.pulled_series(**GUEST)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            recurrence.with_user(self.cleo).write({"rrule": "FREQ=DAILY;COUNT=2"})
        self.flush()
        self.assertNothingIsDeleted(recurrence)

    def test_rule_that_is_there_already_is_no_edit(self):
        recurrence = self.pulled_series(**GUEST)
        with self.assertNothingCaptured():
            for user in (self.anna, self.cleo):
                recurrence.with_user(user).write({"count": 4, "mon": True})
                recurrence.with_user(user).write({"rrule": recurrence.rrule})
                self.flush()

    def test_rule_that_is_none_is_refused(self):
        recurrence = self.pulled_series()
        for vals in ({"rrule": "FREQ=SOMETIMES"}, {"interval": -1}, {"mon": False}):
            self.assertRefused(
                ".", lambda user, vals=vals: recurrence.with_user(user).write(vals)
            )
        self.assertNothingIsDeleted(recurrence)

    def test_end_on_no_date_is_refused(self):
        recurrence = self.pulled_series(**GUEST)
        vals = {"end_type": "end_date", "until": False}
        self.assertRefused(
            "The repetition is incomplete",
            lambda user: recurrence.with_user(user).write(dict(vals)),
        )
        self.assertNothingIsDeleted(recurrence)

    def test_rule_that_outlook_cannot_hold_is_refused(self):
        recurrence = self.pulled_series()
        vals = {"rrule_type": "monthly", "month_by": "date", "day": 31}
        self.assertRefused(
            "shorter months", lambda user: recurrence.with_user(user).write(dict(vals))
        )

    def test_text_of_a_rule_that_is_written_on_an_event_is_read(self):
        recurrence = self.pulled_series(**GUEST)
        row = self.rows(recurrence)[1].with_user(self.anna)
        row.write(
            {
                "rrule": "FREQ=WEEKLY;COUNT=2;BYDAY=MO",
                "recurrence_update": "all_events",
            }
        )
        self.flush()
        body = self.written(recurrence)[2]
        self.assertEqual(body.keys(), {"start", "end", "isAllDay", "recurrence"})
        self.assertEqual(body["recurrence"]["range"]["numberOfOccurrences"], 2)

    def test_series_of_people_who_do_not_sync_are_odoo_s_own(self):
        event = self.new_event(
            self.cleo, recurrency=True, rrule_type="daily", end_type="count", count=3
        )
        recurrence = event.recurrence_id.with_user(self.cleo)
        recurrence.count = 5
        self.assertEqual(len(recurrence.calendar_event_ids), 3)
        recurrence.unlink()
        self.assertTrue(event.exists())

    # --- changes that no edit can express -------------------------------------------

    def test_recurrence_alone_is_not_deleted(self):
        recurrence = self.pulled_series(**GUEST)
        self.assertRefused(
            "All events", lambda user: recurrence.with_user(user).unlink()
        )
        self.assertNothingIsDeleted(recurrence)

    def test_event_does_not_leave_its_series(self):
        recurrence = self.pulled_series(**GUEST)
        row = self.rows(recurrence)[1]
        for vals in (
            {"recurrence_id": False},
            {"recurrence_id": False, "recurrency": False},
            {"recurrency": False},
            {"recurrency": False, "recurrence_update": "self_only"},
        ):
            self.assertRefused(
                "series in Outlook",
                lambda user, vals=vals: row.with_user(user).write(dict(vals)),
            )
        self.assertNothingIsDeleted(recurrence)

    def test_events_do_not_leave_their_series_by_its_list(self):
        recurrence = self.pulled_series(**GUEST)
        row = self.rows(recurrence)[1]
        for command in (Command.unlink(row.id), Command.clear(), Command.set(row.ids)):
            self.assertRefused(
                "series in Outlook",
                lambda user, command=command: recurrence.with_user(user).write(
                    {"calendar_event_ids": [command]}
                ),
            )
        self.assertNothingIsDeleted(recurrence)

    def test_event_joins_no_series(self):
        recurrence = self.pulled_series(**GUEST)
        event = self.new_event(self.cleo)
        for context in ({}, {"ms365_makes_rows": True}):
            self.assertRefused(
                "Outlook",
                lambda user, context=context: (
                    event.with_user(user)
                    .with_context(**context)
                    .write({"recurrence_id": recurrence.id})
                ),
            )
        self.assertNothingIsDeleted(recurrence)

    def test_event_in_outlook_is_not_made_a_series_by_a_new_recurrence(self):
        event = self.pulled()
        rule = {"rrule_type": "daily", "count": 3, "base_event_id": event.id}
        listed = {"calendar_event_ids": [Command.link(event.id)]}
        for vals in (rule, rule | listed, {"rrule_type": "daily", **listed}):
            self.assertRefused(
                "open the event form",
                lambda user, vals=vals: (
                    self.env["calendar.recurrence"].with_user(user).create(dict(vals))
                ),
            )
        self.assertFalse(event.recurrence_id)

    def test_series_gets_no_event_of_somebody_else_to_begin_with(self):
        recurrence = self.pulled_series()
        event = self.new_event(self.cleo)
        self.assertRefused(
            "open the event form",
            lambda user: recurrence.with_user(user).write({"base_event_id": event.id}),
        )
        self.assertEqual(recurrence._ms365_organizer(), self.anna)

    def test_whether_an_event_follows_is_odoo_s_own_note(self):
        recurrence = self.pulled_series(**GUEST)
        row = self.rows(recurrence)[1]
        with self.assertNothingCaptured():
            for user in (self.anna, self.cleo):
                row.with_user(user).follow_recurrence = False
        self.pulled_series(change_key="CK2", **GUEST)
        self.assertIsNone(self.link("S1")._next_series_write())

    def test_series_is_deleted_with_its_events(self):
        recurrence = self.pulled_series(**GUEST)
        self.rows(recurrence)[1].with_user(self.anna).action_mass_deletion("all_events")
        self.flush()
        self.assertEqual(self.link("S1").state, "deleted_here")
