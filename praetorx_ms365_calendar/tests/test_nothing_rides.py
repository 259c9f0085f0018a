"""An edit sends the fields that it has touched, and nothing that changed elsewhere."""

from freezegun import freeze_time

from odoo import Command
from odoo.modules.migration import load_script
from odoo.tests import tagged
from odoo.tools import SQL

from ..engine.errors import GiveUpOnEvent
from ..graph.client import GraphResponse
from ..sync.push.planner import Planner
from ..sync.push.work import PushWork
from .common import DAY, SyncCase, attendee
from .test_series import NOW, SeriesCase


class QuietChanges:
    """Changes of events that no hook sees, as raw SQL of other addons makes them."""

    def change_quietly(self, events, column, value):
        """Write a column of events past the ORM."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE calendar_event SET %s = %s WHERE id IN %s",
                SQL.identifier(column),
                value,
                tuple(events.ids),
            )
        )
        self.env.invalidate_all()

    def pending(self, key):
        """Return the entries that are still to be sent, oldest first."""
        return self.Outbox.search(
            [("event_key", "=", key), ("state", "=", "pending")], order="id"
        )


@tagged("post_install", "-at_install")
class TestNothingRides(QuietChanges, SyncCase):
    def names(self, event):
        """Return the names in each pending entry of an event."""
        return [entry.field_names or [] for entry in self.pending(event.id)]

    def plan(self, event):
        """Return the write that the pending entries of an event need."""
        entries = self.pending(event.id)
        return Planner(self.account, entries).plan(entries)

    def send(self, **values):
        """Send all due writes; Graph's response is an event with these values."""
        job = PushWork(self.env).claim(self.account.id)
        job.record([GraphResponse(200, {}, self.remote(**values), "request-1", None)])
        self.env.flush_all()
        self.env.invalidate_all()

    # --- names in entries -------------------------------------------------------------

    def test_entry_names_the_edited_fields(self):
        event = self.pulled().with_user(self.anna)
        tag = self.env["calendar.event.type"].create({"name": "Blue"})
        for vals, name in (
            ({"name": "Dinner"}, "subject"),
            ({"description": "<p>Cake</p>"}, "body"),
            ({"start": DAY.replace(hour=8)}, "times"),
            ({"location": "Room 1"}, "location"),
            ({"partner_ids": [Command.link(self.guest.id)]}, "attendees"),
            ({"privacy": "private"}, "sensitivity"),
            ({"show_as": "free"}, "show_as"),
            ({"categ_ids": [Command.link(tag.id)]}, "categories"),
            ({"is_teams_meeting": True}, "online_meeting"),
        ):
            with self.subTest(name=name):
                event.write(vals)
                self.assertEqual(self.names(event)[-1], [name])

    def test_value_that_is_written_once_more_is_not_named(self):
        """A CSV import writes all columns, even unchanged ones."""
        event = self.pulled(location={"displayName": "Hall"}).with_user(self.anna)
        event.write({"name": "Dinner", "location": "Hall", "show_as": "busy"})
        self.assertEqual(self.names(event), [["subject"]])

    def test_write_that_touches_nothing_is_no_edit(self):
        event = self.pulled().with_user(self.anna)
        with self.assertNothingCaptured():
            event.write({"name": "Lunch", "show_as": "busy"})

    def test_new_event_names_everything(self):
        self.assertEqual(self.names(self.new_event()), [[]])

    # --- from Odoo to Outlook ---------------------------------------------------------

    def test_edit_sends_no_field_that_changed_elsewhere(self):
        """Raw SQL changed the place before a person edits the title."""
        event = self.pulled(attendees=[attendee("gus@example.com", "Gus")])
        self.change_quietly(event, "location", "Cellar")
        event.with_user(self.anna).name = "Dinner"
        self.assertEqual(self.plan(event).request.body, {"subject": "Dinner"})
        self.send(change_key="CK2", subject="Dinner")
        self.assertEqual(self.link()._base.ours.location, "")
        self.assertEqual(event.location, "Cellar")
        self.assertFalse(self.pending(event.id))

    def test_edit_of_a_field_replaces_an_unsent_change_of_it(self):
        event = self.pulled()
        self.change_quietly(event, "location", "Cellar")
        event.with_user(self.anna).location = "Roof"
        body = self.plan(event).request.body
        self.assertEqual(body, {"location": {"displayName": "Roof"}})

    def test_failed_edit_goes_with_the_next_one(self):
        """It would be closed as sent otherwise, and never arrive."""
        event = self.pulled().with_user(self.anna)
        event.location = "Roof"
        job = PushWork(self.env).claim(self.account.id)
        job.record([GraphResponse(400, {}, None, "request-1", GiveUpOnEvent("no"))])
        self.assertEqual(self.entries(event).state, "dead")
        event.name = "Dinner"
        self.assertEqual(self.plan(event).patch.fields, {"subject", "location"})

    # --- from Outlook -----------------------------------------------------------------

    def test_edit_in_outlook_sends_no_field_that_changed_elsewhere(self):
        """Anna edits the place in Outlook: her guests get no mail about a category."""
        tag = self.env["calendar.event.type"].create({"name": "Blue"})
        guests = [attendee("gus@example.com", "Gus")]
        event = self.pulled(categories=["Blue"], attendees=guests)
        self.env.cr.execute(
            "UPDATE calendar_event_type SET name = 'Red' WHERE id = %s", [tag.id]
        )
        self.change_quietly(event, "name", "Party")
        with self.assertNothingCaptured():
            self.pull(
                self.remote(
                    change_key="CK2",
                    categories=["Blue"],
                    attendees=guests,
                    location={"displayName": "Roof"},
                )
            )
        self.assertEqual((event.location, event.name), ("Roof", "Party"))
        base = self.link()._base
        self.assertEqual((base.ours.subject, base.theirs.subject), ("Lunch", "Lunch"))
        self.assertEqual(base.ours.categories, ("Blue",))

    def test_edit_before_a_pull_is_still_sent(self):
        event = self.pulled()
        event.with_user(self.anna).name = "Dinner"
        self.pull(self.remote(change_key="CK2", location={"displayName": "Roof"}))
        self.assertEqual(self.plan(event).patch.fields, {"subject"})

    # --- conflicts --------------------------------------------------------------------

    def in_conflict(self):
        """Return an event with a new title on both sides, and a new place in Odoo."""
        event = self.pulled().with_user(self.anna)
        event.name = "Dinner"
        event.location = "Roof"
        self.change_quietly(event, "show_as", "free")
        self.pull(self.remote(change_key="CK2", subject="Supper"))
        self.assertFalse(PushWork(self.env).claim(self.account.id))
        self.assertFalse(self.pending(event.id))
        return event

    def test_decision_for_odoo_sends_edited_fields_only(self):
        event = self.in_conflict()
        event.action_ms365_keep_odoo()
        self.pull(self.remote(change_key="CK2", subject="Supper"))
        self.assertEqual(self.plan(event).patch.fields, {"subject", "location"})

    def test_decision_for_outlook_sends_the_other_edits(self):
        event = self.in_conflict()
        event.action_ms365_keep_outlook()
        self.pull(self.remote(change_key="CK2", subject="Supper"))
        self.assertEqual(event.name, "Supper")
        self.assertEqual(self.plan(event).patch.fields, {"location"})

    def test_decision_after_an_upgrade_sends_the_other_edits(self):
        """Former versions did not store the edits that a conflict had stopped."""
        event = self.in_conflict()
        self.link().unsent_names = False
        self.env.flush_all()
        script = load_script(
            "praetorx_ms365_calendar/migrations/19.0.2.0.0/post-conflicts.py",
            "post-conflicts",
        )
        script.migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        event.action_ms365_keep_outlook()
        self.pull(self.remote(change_key="CK2", subject="Supper"))
        self.assertLessEqual({"location"}, self.plan(event).patch.fields)

    def test_policy_for_odoo_sends_the_decided_fields(self):
        self.anna.company_id.ms365_conflict_policy = "odoo"
        event = self.pulled().with_user(self.anna)
        self.change_quietly(event, "name", "Dinner")
        self.change_quietly(event, "location", "Roof")
        self.pull(self.remote(change_key="CK2", subject="Supper"))
        self.assertEqual(self.names(event), [["subject"]])


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestNothingRidesWithSeries(QuietChanges, SeriesCase):
    def names(self, recurrence):
        key = recurrence._ms365_event_key()
        return [entry.field_names or [] for entry in self.pending(key)]

    def test_edit_of_all_sends_its_fields_only(self):
        recurrence = self.pulled_series()
        rows = self.rows(recurrence)
        self.change_quietly(rows, "location", "Cellar")
        rows[0].with_user(self.anna).write(
            {"name": "Daily", "recurrence_update": "all_events"}
        )
        _method, _path, body, *_rest = self.written(recurrence)
        self.assertEqual(body, {"subject": "Daily"})
        self.assertEqual(set().union(*self.names(recurrence)), {"subject"})

    def test_value_that_one_occurrence_has_already_is_named_for_all(self):
        recurrence = self.pulled_series(
            exceptions={"2026-03-09": {"location": {"displayName": "Hall"}}}
        )
        row = self.rows(recurrence)[1].with_user(self.anna)
        row.write({"location": "Hall", "recurrence_update": "all_events"})
        self.assertEqual(set().union(*self.names(recurrence)), {"location"})

    def test_edit_of_one_occurrence_sends_its_fields_only(self):
        recurrence = self.pulled_series()
        rows = self.rows(recurrence)
        self.change_quietly(rows[2], "location", "Cellar")
        row = rows[1].with_user(self.anna)
        row.write({"name": "Retro", "recurrence_update": "self_only"})
        _method, path, body, *_rest = self.written(recurrence)
        self.assertIn("2026-03-09", path)
        self.assertEqual(body, {"subject": "Retro"})

    def test_row_that_is_missing_is_not_deleted_with_an_edit(self):
        recurrence = self.pulled_series()
        rows = self.rows(recurrence)
        self.change_quietly(rows[2], "active", False)
        row = rows[0].with_user(self.anna)
        row.write({"name": "Daily", "recurrence_update": "all_events"})
        link = self.link("S1")
        write = link._next_series_write(frozenset({"subject"}))
        link.write(self.Link._base_vals(write.after))
        self.assertIsNone(link._next_series_write(frozenset({"subject"})))

    def test_deleted_occurrence_is_named(self):
        recurrence = self.pulled_series()
        self.rows(recurrence)[1].with_user(self.anna).unlink()
        self.assertEqual(self.names(recurrence), [["deleted"]])

    def test_edit_in_outlook_sends_nothing(self):
        recurrence = self.pulled_series()
        self.change_quietly(self.rows(recurrence), "location", "Cellar")
        with self.assertNothingCaptured():
            self.pulled_series(change_key="CK2", subject="Daily")
        self.assertEqual(set(self.rows(recurrence).mapped("name")), {"Daily"})
        self.assertEqual(self.link("S1")._series_base.ours.master.location, "")

    def test_move_of_the_series_names_its_shape(self):
        recurrence = self.pulled_series()
        row = self.rows(recurrence)[0].with_user(self.anna)
        later = row.start.replace(hour=11)
        row.write(
            {
                "start": later,
                "stop": later.replace(hour=12),
                "recurrence_update": "all_events",
            }
        )
        named = set().union(*self.names(recurrence))
        self.assertEqual(named, {"times", "recurrence", "deleted"})
        self.assertEqual(
            self.written(recurrence)[2]["start"]["dateTime"][:16], "2026-03-02T12:00"
        )
