from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..graph.client import GraphResponse
from ..sync.push.work import PushWork
from .common import DAY, JOIN_URL, attendee, graph_time, new_administrator
from .statements import at_statements
from .test_series import NOW, SeriesCase


@tagged("post_install", "-at_install")
class VersionCase(SeriesCase):
    """A meeting of Anna that is changed on both sides."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Version = cls.env["praetorx.ms365.version"]
        cls.admin = new_administrator(cls.env)

    def versions(self):
        """Return all versions, oldest first."""
        self.env.flush_all()
        self.env.invalidate_all()
        return self.Version.search([], order="id")

    def told(self):
        """Return origin and field names of all versions, oldest first."""
        return [(one.origin, one.field_names) for one in self.versions()]

    def send(self, **values):
        """Let Outlook take what the outbox has for the event R1."""
        self.env.flush_all()
        job = PushWork(self.env).claim(self.account.id)
        body = self.remote("R1", "CK9", **values)
        job.record([GraphResponse(200, {}, body, "request-1", None)])
        self.env.flush_all()
        self.env.invalidate_all()

    def lines(self, event, viewer=None):
        """Return the lines of an event's history as a viewer opens it."""
        action = event.with_user(viewer or self.anna).action_ms365_history()
        History = self.env[action["res_model"]].with_user(viewer or self.anna)
        return History.browse(action["res_id"]).line_ids

    def restore(self, version, viewer=None):
        """Return the dialog that restores the event from before a version."""
        Restore = self.env["praetorx.ms365.version.restore"]
        action = Restore.with_user(viewer or self.anna)._start(version)
        return Restore.with_user(viewer or self.anna).browse(action["res_id"])


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestVersions(VersionCase):
    """Test which changes the history of an event has."""

    def test_first_content_is_no_version(self):
        self.pull(*(self.remote(f"N{one}") for one in range(5)))
        self.assertFalse(self.versions())

    def test_change_in_outlook_keeps_old_and_new_values(self):
        event = self.pulled()
        self.pull(self.remote("R1", "CK2", subject="Dinner"))
        [version] = self.versions()
        self.assertEqual((version.origin, version.field_names), ("outlook", "subject"))
        self.assertEqual(version.event_id, event)
        self.assertEqual(version.before, {"subject": "Lunch"})
        self.assertEqual(version.after, {"subject": "Dinner"})
        self.assertEqual(version.user_id, self.anna)

    def test_change_in_odoo_names_its_author(self):
        event = self.pulled()
        event.with_user(self.anna).write({"name": "Dinner", "location": "Roof"})
        self.assertFalse(self.versions())
        self.send(subject="Dinner", location={"displayName": "Roof"})
        [version] = self.versions()
        self.assertEqual(version.origin, "odoo")
        self.assertEqual(version.author_id, self.anna)
        self.assertEqual(version.before, {"subject": "Lunch", "location": ""})
        self.assertEqual(version.after, {"subject": "Dinner", "location": "Roof"})
        self.assertEqual(version.request_id, False)

    def test_echo_of_the_own_write_is_no_version(self):
        event = self.pulled()
        event.with_user(self.anna).name = "Dinner"
        self.send(subject="Dinner")
        self.pull(self.remote("R1", "CK9", subject="Dinner"))
        self.assertEqual(self.told(), [("odoo", "subject")])

    def test_deletion_in_outlook_is_a_version_without_values(self):
        self.pulled()
        self.gone(self.link())
        [version] = self.versions()
        self.assertEqual((version.origin, version.field_names), ("outlook", "deleted"))
        self.assertFalse(version.before or version.after)

    def test_deletion_in_odoo_is_a_version(self):
        self.pulled().with_user(self.anna).active = False
        job = PushWork(self.env).claim(self.account.id)
        job.record([GraphResponse(204, {}, None, "request-1", None)])
        self.assertEqual(self.told(), [("odoo", "deleted")])

    def test_change_that_odoo_refuses_is_no_version(self):
        self.pulled()
        start = graph_time(DAY)
        end = graph_time(DAY - timedelta(hours=2))
        self.pull(self.remote("R1", "CK2", start=start, end=end))
        self.assertEqual(self.link().state, "quarantined")
        self.assertFalse(self.versions())

    def test_change_of_a_series_in_outlook_is_one_version(self):
        self.apply_series(*self.graph_series())
        self.apply_series(*self.graph_series("CK2", subject="Jour fixe"))
        [version] = self.versions()
        self.assertEqual((version.day, version.field_names), (False, "subject"))
        self.assertEqual(version.recurrence_id, self.link("S1").recurrence_id)

    def test_change_of_an_occurrence_is_about_its_day(self):
        self.apply_series(*self.graph_series())
        roof = {"2026-03-09": {"location": {"displayName": "Roof"}}}
        self.apply_series(*self.graph_series("CK2", exceptions=roof))
        [version] = self.versions()
        self.assertEqual(version.day, "2026-03-09")
        self.assertEqual(version.after, {"location": "Roof"})

    def test_change_of_a_series_in_odoo_is_a_version(self):
        self.apply_series(*self.graph_series())
        event = self.link("S1").recurrence_id.base_event_id.with_user(self.anna)
        event.write({"name": "Jour fixe", "recurrence_update": "all_events"})
        job = PushWork(self.env).claim(self.account.id)
        master, _instances = self.graph_series("CK2", subject="Jour fixe")
        job.record([GraphResponse(200, {}, master, "request-1", None)])
        self.assertEqual(self.told(), [("odoo", "subject")])
        self.assertEqual(self.versions().author_id, self.anna)

    def about_versions(self, work):
        """Return the statements about versions that some work needs."""
        heard = []
        self.env.flush_all()
        with at_statements(heard.append):
            work()
            self.env.flush_all()
        return [one for one in heard if "praetorx_ms365_version" in one]

    def test_save_of_a_person_costs_no_statement_more(self):
        event = self.pulled().with_user(self.anna)

        def save():
            event.name = "Supper"

        self.assertFalse(self.about_versions(save))

    def test_versions_of_a_page_are_written_together(self):
        names = [f"P{number}" for number in range(20)]
        first = [self.remote(name) for name in names]
        self.assertFalse(self.about_versions(lambda: self.pull(*first)))
        again = [self.remote(name, "CK2", subject="Dinner") for name in names]
        [statement] = self.about_versions(lambda: self.pull(*again))
        self.assertTrue(statement.startswith("INSERT"))
        self.assertEqual(len(self.versions()), 20)

    def test_old_versions_are_deleted_as_the_setting_says(self):
        self.pulled()
        self.pull(self.remote("R1", "CK2", subject="Dinner"))
        version = self.versions()
        self.env["res.config.settings"].create({"ms365_keep_days": 30}).execute()
        for days, is_kept in ((29, True), (31, False)):
            version.create_date = fields.Datetime.now() - timedelta(days=days)
            self.env.flush_all()
            self.Version._gc_old()
            self.assertEqual(bool(version.exists()), is_kept)

    def test_versions_of_an_event_that_is_gone_are_deleted_after_a_month(self):
        event = self.pulled()
        self.pull(self.remote("R1", "CK2", subject="Dinner"))
        version = self.versions()
        event.with_user(self.anna).unlink()
        self.env.invalidate_all()
        self.Version._gc_old()
        self.assertTrue(version.exists())
        version.create_date = fields.Datetime.now() - timedelta(days=31)
        self.env.flush_all()
        self.Version._gc_old()
        self.assertFalse(version.exists())


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestHistory(VersionCase):
    """Test what people see in the history of an event."""

    def dinner(self, **values):
        event = self.pulled(**values)
        self.pull(self.remote("R1", "CK2", **{**values, "subject": "Dinner"}))
        return event

    def test_history_says_that_a_change_is_not_in_outlook_yet(self):
        event = self.pulled(subject="Lunch")
        event.with_user(self.anna).name = "Dinner"
        action = event.with_user(self.anna).action_ms365_history()
        history = self.env[action["res_model"]].browse(action["res_id"])
        self.assertIn("not reached Outlook yet", history.note)
        self.clear_outbox()
        history.invalidate_recordset()
        self.assertNotIn("not reached Outlook yet", history.note)

    def test_history_has_old_and_new_values(self):
        event = self.dinner()
        event.with_user(self.anna).location = "Roof"
        self.send(subject="Dinner", location={"displayName": "Roof"})
        newest, oldest = self.lines(event)
        self.assertEqual((newest.origin, newest.who), ("odoo", "Anna"))
        self.assertIn("Roof", newest.changes)
        self.assertEqual(oldest.origin, "outlook")
        self.assertEqual(oldest.who, "Calendar of Anna")
        for text in ("Subject", "Lunch", "Dinner"):
            self.assertIn(text, oldest.changes)

    def test_colleague_who_may_read_the_event_reads_its_history(self):
        [line] = self.lines(self.dinner(), self.cleo)
        self.assertIn("Lunch", line.changes)

    def test_history_of_a_private_event_is_for_its_participants(self):
        event = self.dinner(sensitivity="private")
        self.assertIn("Lunch", self.lines(event).changes)
        for viewer in (self.cleo, self.admin):
            with self.assertRaises(UserError):
                self.lines(event, viewer)

    def test_versions_before_an_event_was_private_are_hidden_too(self):
        self.dinner()
        private = self.remote("R1", "CK3", subject="Dinner", sensitivity="private")
        self.pull(private)
        for version in self.versions().with_user(self.admin):
            self.assertEqual(version.title, "Private event")
            self.assertFalse(version.changes)
            self.assertFalse(version.old_values or version.new_values)

    def test_event_that_is_public_again_hides_what_it_was(self):
        self.dinner(sensitivity="private")
        self.pull(self.remote("R1", "CK3", subject="Breakfast"))
        self.pull(self.remote("R1", "CK4", subject="Brunch"))
        lines = self.lines(self.link().event_id, self.cleo)
        self.assertIn("Brunch", str(lines[0].changes))
        self.assertFalse(any(lines[1:].mapped("changes")))
        self.assertFalse(any(lines[1:].mapped("who")))

    def test_nobody_reads_versions_by_naming_them(self):
        event = self.dinner(sensitivity="private")
        History = self.env["praetorx.ms365.event.history"].with_user(self.cleo)
        history = History.create(
            {
                "event_id": event.id,
                "line_ids": [Command.create({"version_id": self.versions().id})],
            }
        )
        line = history.line_ids
        self.assertFalse(line.changes or line.who or line.can_restore)
        restore = self.env["praetorx.ms365.version.restore"].with_user(self.cleo)
        restore = restore.create({"version_id": self.versions().id})
        self.assertFalse(restore.comparison or restore.event_name)
        with self.assertRaises(AccessError):
            restore._start(self.versions().with_user(self.cleo))

    def test_version_of_an_event_that_is_gone_is_in_no_history(self):
        event = self.dinner()
        event.with_user(self.anna).unlink()
        other = self.pulled("R2")
        History = self.env["praetorx.ms365.event.history"].with_user(self.cleo)
        history = History.create(
            {
                "event_id": other.id,
                "line_ids": [Command.create({"version_id": self.versions().id})],
            }
        )
        self.assertFalse(history.line_ids.changes)

    def test_occurrence_shows_its_changes_and_those_of_the_series(self):
        self.apply_series(*self.graph_series())
        roof = {"2026-03-09": {"location": {"displayName": "Roof"}}}
        self.apply_series(*self.graph_series("CK2", exceptions=roof))
        self.apply_series(*self.graph_series("CK3", exceptions=roof, showAs="free"))
        rows = self.link("S1").recurrence_id._ms365_rows()
        parts = {row.ms365_day: self.lines(row).mapped("part") for row in rows}
        self.assertEqual(parts["2026-03-02"], ["Whole series"])
        self.assertEqual(
            parts["2026-03-09"], ["Whole series", "Occurrence of 03/09/2026"]
        )

    def test_rule_is_told_in_words(self):
        self.apply_series(*self.graph_series())
        self.apply_series(*self.graph_series("CK2", count=3))
        [line] = self.lines(self.link("S1").recurrence_id.base_event_id)
        self.assertIn("Repetition", line.changes)
        self.assertIn("3", line.changes)

    def test_row_of_the_log_opens_the_history(self):
        self.dinner()
        row = self.Log.with_user(self.anna).search([], limit=1)
        action = row.action_open_history()
        self.assertEqual(action["res_model"], "praetorx.ms365.event.history")


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestRestore(VersionCase):
    """Test that an earlier version comes back as an edit by a person."""

    def test_restored_value_is_sent_like_an_edit(self):
        event = self.pulled()
        self.pull(self.remote("R1", "CK2", subject="Dinner"))
        self.clear_outbox()
        dialog = self.restore(self.versions())
        self.assertIn("Lunch", dialog.comparison)
        self.assertEqual(dialog.mail_count, 0)
        self.assertIn("mails nobody", dialog.mails)
        with self.assertCaptured("upsert"):
            dialog.action_restore()
        self.assertEqual(event.name, "Lunch")
        self.assertEqual(self.entries(event)[-1]._recorded_names(), {"subject"})
        self.assertEqual(self.entries(event)[-1].author_id, self.anna)

    def test_later_changes_are_undone_too(self):
        event = self.pulled(location={"displayName": "Roof"})
        self.pull(self.remote("R1", "CK2", subject="Dinner"))
        self.pull(self.remote("R1", "CK3", subject="Supper"))
        self.restore(self.versions()[0]).action_restore()
        self.assertEqual((event.name, event.location), ("Lunch", "Roof"))

    def test_each_field_comes_back(self):
        event = self.pulled(
            body={"contentType": "html", "content": "<p>One</p>"},
            attendees=[attendee("gus@example.com", "Gus")],
            categories=["Blue"],
            isReminderOn=True,
        )
        before = event._ms365_read_contents()[event]
        self.pull(
            self.remote(
                "R1",
                "CK2",
                subject="Dinner",
                location={"displayName": "Roof"},
                body={"contentType": "html", "content": "<p>Two</p>"},
                attendees=[attendee("ben@example.com", "Ben")],
                categories=["Red"],
                showAs="free",
                start=graph_time(DAY + timedelta(hours=3)),
                end=graph_time(DAY + timedelta(hours=4)),
            )
        )
        self.assertIn(self.ben.partner_id, event.partner_ids)
        self.restore(self.versions()).action_restore()
        after = event._ms365_read_contents()[event]
        self.assertFalse(after.changed_fields(before))
        self.assertIn(self.guest, event.partner_ids)
        self.assertNotIn(self.ben.partner_id, event.partner_ids)

    def test_dialog_says_whom_outlook_mails(self):
        guests = [attendee("gus@example.com", "Gus Guest")]
        self.pulled(attendees=guests)
        self.pull(self.remote("R1", "CK2", subject="Dinner", attendees=guests))
        dialog = self.restore(self.versions())
        self.assertEqual(dialog.mail_count, 1)
        self.assertIn("Gus Guest", dialog.mails)

    def test_event_that_changed_meanwhile_is_shown_again(self):
        event = self.pulled()
        self.pull(self.remote("R1", "CK2", subject="Dinner"))
        dialog = self.restore(self.versions())
        event.with_user(self.anna).location = "Roof"
        action = dialog.action_restore()
        self.assertEqual(event.name, "Dinner")
        again = dialog.browse(action["res_id"])
        self.assertTrue(again.was_changed)
        again.action_restore()
        self.assertEqual((event.name, event.location), ("Lunch", "Roof"))

    def test_nothing_is_left_to_restore(self):
        event = self.pulled()
        self.pull(self.remote("R1", "CK2", subject="Dinner"))
        event.with_user(self.anna).name = "Lunch"
        dialog = self.restore(self.versions())
        self.assertIn("nothing to restore", dialog.obstacle)
        with self.assertRaises(UserError):
            dialog.action_restore()

    def test_attendee_restores_nothing_of_a_foreign_meeting(self):
        foreign = {
            "isOrganizer": False,
            "organizer": {"emailAddress": {"address": "x@far.example", "name": "X"}},
            "attendees": [attendee("anna@example.com", "Anna")],
        }
        event = self.pulled(**foreign)
        self.pull(self.remote("R1", "CK2", **foreign, subject="Dinner"))
        [line] = self.lines(event)
        self.assertFalse(line.can_restore)
        self.assertIn("organizer", self.restore(self.versions()).obstacle)

    def test_edit_of_a_colleague_waits_for_the_organizer(self):
        guests = [attendee("gus@example.com", "Gus")]
        event = self.pulled(attendees=guests)
        self.pull(self.remote("R1", "CK2", subject="Dinner", attendees=guests))
        dialog = self.restore(self.versions(), self.cleo)
        self.assertIn("Anna", dialog.authority_note)
        dialog.action_restore()
        self.assertEqual(event.name, "Lunch")
        self.assertEqual(self.entries(event)[-1].state, "held")

    def test_company_that_forbids_it_refuses_it(self):
        self.anna.company_id.ms365_colleague_policy = "forbid"
        guests = [attendee("gus@example.com", "Gus")]
        event = self.pulled(attendees=guests)
        self.pull(self.remote("R1", "CK2", subject="Dinner", attendees=guests))
        dialog = self.restore(self.versions(), self.cleo)
        with self.assertRaises(UserError):
            dialog.action_restore()
        self.env.invalidate_all()
        self.assertEqual(self.link().event_id, event)

    def test_deletion_is_not_restored_here(self):
        event = self.pulled()
        self.gone(self.link())
        [line] = self.lines(event)
        self.assertFalse(line.can_restore)
        self.assertIn("deleted", line.changes)

    def series_rows(self):
        return self.link("S1").recurrence_id._ms365_rows()

    def starts(self):
        return [f"{row.start:%Y-%m-%d %H:%M}" for row in self.series_rows()]

    def changed_series(self, **values):
        """Return the starts of a series before it was changed in Outlook."""
        self.apply_series(*self.graph_series())
        starts = self.starts()
        self.apply_series(*self.graph_series("CK2", **values))
        self.clear_outbox()
        return starts

    def test_series_gets_its_shared_values_back(self):
        self.changed_series(subject="Jour fixe")
        with self.assertCaptured("upsert"):
            self.restore(self.versions()).action_restore()
        entry = self.Outbox.search([("state", "=", "pending")])
        self.assertEqual(entry.recurrence_id, self.link("S1").recurrence_id)
        self.assertEqual(entry._united_names(), {"subject"})
        self.assertEqual(set(self.series_rows().mapped("name")), {"Standup"})

    def test_series_gets_its_times_back(self):
        starts = self.changed_series(subject="Jour fixe", at=self.later())
        self.assertNotEqual(self.starts(), starts)
        rows = self.series_rows()
        dialog = self.restore(self.versions())
        self.assertFalse(dialog.left_out)
        self.assertIn("Time", dialog.comparison)
        with self.assertCaptured("upsert"):
            dialog.action_restore()
        self.assertEqual(self.starts(), starts)
        self.assertEqual(self.series_rows(), rows)
        entry = self.Outbox.search([("state", "=", "pending")])
        self.assertLessEqual({"subject", "times"}, entry._united_names())

    def test_series_gets_its_end_back(self):
        starts = self.changed_series(count=2)
        self.assertEqual(len(self.starts()), 2)
        dialog = self.restore(self.versions())
        self.assertIn("Repetition", dialog.comparison)
        with self.assertCaptured("upsert"):
            dialog.action_restore()
        self.assertEqual(self.starts(), starts)

    def test_series_gets_its_weekday_back(self):
        tuesday = fields.Datetime.to_datetime("2026-03-03 10:00:00")
        starts = self.changed_series(at=tuesday)
        self.assertIn("2026-03-03 10:00", self.starts())
        self.restore(self.versions()).action_restore()
        self.assertEqual(self.starts(), starts)

    def test_several_changes_of_a_series_are_undone_together(self):
        starts = self.changed_series(at=self.later())
        tuesday = fields.Datetime.to_datetime("2026-03-03 11:00:00")
        self.apply_series(*self.graph_series("CK3", at=tuesday, count=3))
        self.restore(self.versions()[0]).action_restore()
        self.assertEqual(self.starts(), starts)

    def test_restored_series_is_what_outlook_is_sent(self):
        self.changed_series(at=self.later(), count=3)
        self.restore(self.versions()).action_restore()
        series = self.link("S1").recurrence_id._ms365_read()
        self.assertEqual(series.rule.count, 4)
        self.assertEqual(series.master.times.start, "2026-03-02T08:00:00")

    def test_dates_of_their_own_follow_the_restored_series(self):
        self.apply_series(*self.graph_series())
        self.apply_series(*self.graph_series("CK2", at=self.later()))
        roof = {"2026-03-09": {"location": {"displayName": "Roof"}}}
        self.apply_series(*self.graph_series("CK3", at=self.later(), exceptions=roof))
        dialog = self.restore(self.versions()[0])
        self.assertIn("dates", dialog.hint)

    def test_rule_that_only_outlook_has_is_not_restored(self):
        self.apply_series(*self.graph_series())
        link = self.link("S1")
        recurrence = link.recurrence_id
        self.apply_series(*self.graph_series("CK2", subject="Jour fixe", count=3))
        version = self.versions()
        last_days = {
            "kind": "absoluteMonthly",
            "start": "2026-01-31",
            "day_of_month": 31,
        }
        rule = recurrence._ms365_read().rule.to_json() | last_days
        version.before = version.before | {"recurrence": rule}
        dialog = self.restore(version)
        self.assertIn("Repetition", dialog.left_out)
        self.assertIn("in Outlook only", dialog.left_out)
        dialog.action_restore()
        self.assertEqual(set(self.series_rows().mapped("name")), {"Standup"})
        self.assertEqual(len(self.starts()), 3)

    def test_long_text_comes_back_whole(self):
        text = f"<p>{'word' + ' word' * 16_000}</p>"
        event = self.pulled(body={"contentType": "html", "content": text})
        shown = event.description
        short = {"contentType": "html", "content": "<p>Short</p>"}
        self.pull(self.remote("R1", "CK2", body=short))
        self.assertEqual(event.description, "<p>Short</p>")
        dialog = self.restore(self.versions())
        self.assertFalse(dialog.left_out)
        dialog.action_restore()
        self.assertEqual(event.description, shown)
        self.assertIn("Too long to be shown", self.lines(event).changes)

    def test_text_that_odoo_cannot_show_is_not_restored(self):
        text = "<p>Line of text</p>" * 20_000
        event = self.pulled(body={"contentType": "html", "content": text})
        short = {"contentType": "html", "content": "<p>Short</p>"}
        self.pull(self.remote("R1", "CK2", body=short, subject="Dinner"))
        dialog = self.restore(self.versions())
        self.assertIn("longer than Odoo can show", dialog.left_out)
        dialog.action_restore()
        self.assertEqual((event.name, event.description), ("Lunch", "<p>Short</p>"))

    def test_teams_meeting_comes_back_with_another_link(self):
        teams = {
            "isOnlineMeeting": True,
            "onlineMeetingProvider": "teamsForBusiness",
            "onlineMeeting": {"joinUrl": JOIN_URL},
        }
        event = self.pulled(**teams)
        self.assertTrue(event.is_teams_meeting)
        self.pull(self.remote("R1", "CK2"))
        self.assertFalse(event.is_teams_meeting)
        dialog = self.restore(self.versions())
        self.assertIn("another link", dialog.hint)
        dialog.action_restore()
        self.assertTrue(event.is_teams_meeting)
        self.assertIn("online_meeting", self.entries(event)[-1]._recorded_names())

    def test_teams_meeting_is_not_taken_off(self):
        event = self.pulled()
        teams = {
            "isOnlineMeeting": True,
            "onlineMeetingProvider": "teamsForBusiness",
            "onlineMeeting": {"joinUrl": JOIN_URL},
        }
        self.pull(self.remote("R1", "CK2", subject="Dinner", **teams))
        dialog = self.restore(self.versions())
        self.assertIn("Microsoft cannot take", dialog.left_out)
        dialog.action_restore()
        self.assertEqual((event.name, event.is_teams_meeting), ("Lunch", True))

    def later(self):
        return fields.Datetime.to_datetime("2026-03-02 10:00:00")

    def test_occurrence_gets_its_own_values_back(self):
        self.apply_series(*self.graph_series())
        roof = {"2026-03-09": {"location": {"displayName": "Roof"}}}
        self.apply_series(*self.graph_series("CK2", exceptions=roof))
        self.restore(self.versions()).action_restore()
        rows = self.link("S1").recurrence_id._ms365_rows()
        self.assertFalse(any(rows.mapped("location")))
        self.assertEqual(len(rows), 4)
