"""Test that recording needs the same number of statements for any number of events.

``MS365_TEST_EVENTS=10000`` measures with that many; see docs/benchmarks.md.
"""

import logging
import os
import time

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import SQL

from .common import attendee
from .test_noticed import NoticedCase
from .test_series import NOW, SeriesCase

_logger = logging.getLogger(__name__)

FEW = 40
MANY = int(os.environ.get("MS365_TEST_EVENTS", 2_000))
#: Of the events of a fixture, one in so many is a series.
SERIES_SHARE = 10


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestNoticedCost(NoticedCase, SeriesCase):
    """Anna has a few events, and then many, all with one guest, tag and reminder."""

    def setUp(self):
        super().setUp()
        self.tag = self.env["calendar.event.type"].create({"name": "Blue"})
        shared = {
            "attendees": [attendee("gus@example.com", "Gus")],
            "categories": ["Blue"],
            "isReminderOn": True,
            "reminderMinutesBeforeStart": 25,
        }
        self.event = self.pulled(**shared)
        self.recurrence = self.pulled_series(**shared)
        self.assertEqual(self.event.categ_ids, self.tag)
        self.alarm = self.event.alarm_ids

    # --- many events, by few statements -----------------------------------------------

    def rows_like(self, record, count, /, **columns):
        """Copy a row past the ORM; return the new ids.

        :param columns: column -> :class:`SQL` of its value; ``n`` is the copy's number
        """
        names = self.env.execute_query(
            SQL(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_name = %s AND column_name != 'id'",
                record._table,
            )
        )
        values = {name: columns.get(name, SQL.identifier(name)) for (name,) in names}
        return [
            row_id
            for (row_id,) in self.env.execute_query(
                SQL(
                    "INSERT INTO %s (%s) SELECT %s FROM %s, generate_series(1, %s) n"
                    " WHERE id = %s RETURNING id",
                    SQL.identifier(record._table),
                    SQL(", ").join(map(SQL.identifier, values)),
                    SQL(", ").join(values.values()),
                    SQL.identifier(record._table),
                    count,
                    record.id,
                )
            )
        ]

    def events_like(self, event, count, **columns):
        """Copy an event with its guests, tags and reminders; return the new ids."""
        ids = self.rows_like(event, count, **columns)
        for name in ("partner_ids", "categ_ids", "alarm_ids"):
            field = event._fields[name]
            self.env.execute_query(
                SQL(
                    "INSERT INTO %(table)s (%(event)s, %(other)s)"
                    " SELECT new, %(other)s FROM %(table)s, unnest(%(ids)s) new"
                    " WHERE %(event)s = %(event_id)s RETURNING 1",
                    table=SQL.identifier(field.relation),
                    event=SQL.identifier(field.column1),
                    other=SQL.identifier(field.column2),
                    ids=ids,
                    event_id=event.id,
                )
            )
        for part in event.attendee_ids:
            self.rows_like(part, count, event_id=_nth(ids), access_token=_text("token"))
        return ids

    def have(self, count):
        """Let Anna have that many more linked events, some of them in series."""
        self.env.flush_all()
        series_count = count // SERIES_SHARE
        new = {"remote_id": _text(f"N{count}-"), "ical_uid": _text(f"U{count}-")}
        ids = self.events_like(self.event, count - series_count)
        self.rows_like(self.link(), len(ids), event_id=_nth(ids), **new)
        series_ids = self.rows_like(self.recurrence, series_count)
        for row in self.rows(self.recurrence):
            self.events_like(row, series_count, recurrence_id=_nth(series_ids))
        new = {"remote_id": _text(f"S{count}-"), "ical_uid": _text(f"V{count}-")}
        self.rows_like(
            self.link("S1"), series_count, recurrence_id=_nth(series_ids), **new
        )
        for table in ("calendar_event", "praetorx_ms365_event_link"):
            self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
        self.env.invalidate_all()

    # --- changes of the values --------------------------------------------------------

    def rename_tag(self):
        self.tag.name = f"{self.tag.name}+"

    def delete_tag(self):
        self.tag.unlink()

    def change_address(self):
        self.guest.email = f"g{self.guest.email}"

    def merge_contacts(self):
        other = self.env["res.partner"].create({"name": "G", "email": "g@example.com"})
        self.env.flush_all()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((self.guest | other).ids, other)

    def delete_contact(self):
        self.guest.unlink()

    def change_reminder(self):
        self.alarm.duration += 10

    def change_privacy(self):
        settings = self.anna.res_users_settings_id
        is_private = settings.calendar_default_privacy == "private"
        settings.calendar_default_privacy = "public" if is_private else "private"

    def change_zone(self):
        is_in_berlin = self.anna.tz == "Europe/Berlin"
        self.anna.partner_id.tz = "Europe/Paris" if is_in_berlin else "Europe/Berlin"

    def cost(self, change):
        """Return statements, noted rows, and seconds of a change, which is undone."""
        self.env.flush_all()
        self.env.invalidate_all()
        recorded = self.Difference.search_count([])
        with self.env.cr.savepoint() as savepoint:
            statements, began = self.env.cr.sql_log_count, _seconds()
            change()
            self.env.flush_all()
            seconds = _seconds() - began
            statements = self.env.cr.sql_log_count - statements
            recorded = self.Difference.search_count([]) - recorded
            savepoint.rollback()
        self.env.invalidate_all()
        return statements, recorded, seconds

    def costs_of_noting(self, changes):
        """Return how many statements each change has more since it is noted down.

        The direction changes once only: each time, all events are looked at.
        """
        self.anna.ms365_sync_direction = "outlook_to_odoo"  # nothing is sent
        before = {change: self.cost(change) for change in changes}
        self.anna.ms365_sync_direction = "both"
        return {
            change: self._cost_of_noting(change, *before[change]) for change in changes
        }

    def _cost_of_noting(self, change, without, unsent, stock_seconds):
        self.assertFalse(unsent)
        statements, recorded, seconds = self.cost(change)
        _logger.info(
            "%-15s %6d rows, %4d statements more than %4d, %.3f s instead of %.3f s",
            change.__name__,
            recorded,
            statements - without,
            without,
            seconds,
            stock_seconds,
        )
        return statements - without, recorded

    def test_statements_are_as_many_for_many_events_as_for_few(self):
        changes = [
            self.rename_tag,
            self.delete_tag,
            self.change_address,
            self.merge_contacts,
            self.delete_contact,
            self.change_reminder,
            self.change_privacy,
            self.change_zone,
        ]
        self.have(FEW)
        for change in changes:
            self.cost(change)  # caches are filled
        few = self.costs_of_noting(changes)
        self.have(MANY)
        many = self.costs_of_noting(changes)
        for change in changes:
            with self.subTest(change=change.__name__):
                statements, recorded = many[change]
                self.assertLess(statements - few[change][0], 5)
                self.assertGreaterEqual(recorded, MANY // SERIES_SHARE)


def _nth(ids):
    """Return :class:`SQL` of the n-th of these ids."""
    return SQL("(%s::int[])[n]", ids)


def _text(start):
    """Return :class:`SQL` of a text that each copy has for itself."""
    return SQL("%s || n", start)


def _seconds():
    """Return a time that goes on while the clock of the tests stands still."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)
