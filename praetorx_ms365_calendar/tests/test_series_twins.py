"""Series are treated as single events are, where the logic is the same."""

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from ..sync.apply.applier import Applier
from ..sync.apply.carry_out_deletions import carry_out_gone
from ..sync.push.creating import CreateSeries
from ..sync.push.planner import Planner
from ..sync.push.sending import Nothing
from .common import attendee
from .test_series import NOW, SeriesCase

GUEST = {"attendees": [attendee("gus@example.com", "Gus")]}


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TwinCase(SeriesCase):
    def flush(self):
        self.env.flush_all()
        self.env.invalidate_all()

    def rename_all(self, recurrence):
        row = self.rows(recurrence)[1].with_user(self.anna)
        row.write({"name": "Daily", "recurrence_update": "all_events"})
        self.flush()


class TestSeriesKeptInOutlook(TwinCase):
    """Test a reset with *delete in Odoo only*: Outlook keeps the events, Odoo not."""

    def kept_there(self):
        """Return the archived rows of a series that Outlook keeps; Anna is back."""
        rows = self.rows(self.pulled_series(**GUEST))
        self.env["microsoft.calendar.account.reset"].create(
            {
                "user_id": self.anna.id,
                "delete_policy": "delete_odoo",
                "sync_policy": "new",
            }
        ).reset_account()
        self.anna.sudo().microsoft_calendar_rtoken = "a new refresh token"
        self.account._signed_in()
        self.account.write({"needs_connect": False})
        self.account.first_pass_done_at = fields.Datetime.now()
        self.flush()
        self.assertEqual(self.link("S1").state, "kept_there")
        return rows.with_user(self.anna)

    def assertKept(self):
        self.flush()
        self.assertEqual(self.link("S1").state, "kept_there")
        entries = self.Outbox.search([("state", "=", "pending")])
        for entry in entries:
            sending = self.plan_of(entry)
            self.assertIsInstance(sending, Nothing, sending.request)

    def plan_of(self, entry):
        return Planner(self.account, entry).plan(entry)

    def test_deleting_an_archived_occurrence_leaves_outlook_s_series(self):
        self.kept_there()[1].unlink()
        self.assertKept()

    def test_deleting_all_archived_occurrences_leaves_outlook_s_series(self):
        self.kept_there().unlink()
        self.assertKept()

    def test_editing_an_archived_occurrence_leaves_outlook_s_series(self):
        self.kept_there()[1].write({"name": "Other"})
        self.assertKept()

    def test_deleting_the_archived_series_leaves_outlook_s(self):
        rows = self.kept_there()
        rows.recurrence_id.sudo().unlink()
        self.assertKept()


class TestPolicyForDeletedSeries(TwinCase):
    def policy(self, policy):
        self.anna.ms365_conflict_policy = policy

    def gone(self):
        applier = Applier(self.account, self.account._default_calendar())
        applier.gone(self.link("S1"))
        carry_out_gone(self.account)
        self.flush()

    def open_conflicts(self):
        return self.Conflict.search([("state", "=", "open")])

    def edited_here_and_gone_there(self):
        recurrence = self.pulled_series()
        self.rename_all(recurrence)
        self.gone()
        return recurrence

    def test_gone_in_outlook_edited_in_odoo_is_asked_about(self):
        recurrence = self.edited_here_and_gone_there()
        self.assertEqual(len(self.open_conflicts()), 1)
        self.assertEqual(len(self.rows(recurrence)), 4)

    def test_gone_in_outlook_edited_in_odoo_stays_where_odoo_wins(self):
        self.policy("odoo")
        recurrence = self.edited_here_and_gone_there()
        self.assertFalse(self.open_conflicts())
        self.assertEqual(len(self.rows(recurrence)), 4)
        self.assertIsInstance(self.plan(recurrence), CreateSeries)
        closed = self.Conflict.search([("state", "=", "resolved")])
        self.assertEqual(closed.mapped("resolution"), ["odoo"])

    def test_gone_in_outlook_edited_in_odoo_goes_where_outlook_wins(self):
        self.policy("outlook")
        recurrence = self.edited_here_and_gone_there()
        self.assertFalse(self.open_conflicts())
        self.assertFalse(self.rows(recurrence))
        closed = self.Conflict.search([("state", "=", "resolved")])
        self.assertEqual(closed.mapped("resolution"), ["outlook"])

    def deleted_here_and_edited_there(self, **values):
        recurrence = self.pulled_series()
        self.rows(recurrence)[0].with_user(self.anna).action_mass_deletion("all_events")
        self.flush()
        values = values or {"subject": "Daily"}
        return self.apply_series(*self.graph_series("CK2", **values))

    def test_deleted_in_odoo_edited_in_outlook_is_asked_about(self):
        self.deleted_here_and_edited_there()
        self.assertEqual(len(self.open_conflicts()), 1)

    def test_occurrence_that_was_edited_in_outlook_is_an_edit_of_it(self):
        retro = {"subject": "Retro", "changeKey": "CKX"}
        self.deleted_here_and_edited_there(exceptions={"2026-03-16": retro})
        self.assertEqual(len(self.open_conflicts()), 1)

    def test_deleted_in_odoo_edited_in_outlook_goes_where_odoo_wins(self):
        self.policy("odoo")
        self.deleted_here_and_edited_there()
        self.assertFalse(self.open_conflicts())
        self.assertEqual(self.link("S1").state, "deleted_here")
        self.assertEqual(self.link("S1").change_key, "CK2")

    def test_deleted_in_odoo_edited_in_outlook_is_back_where_outlook_wins(self):
        self.policy("outlook")
        recurrence = self.deleted_here_and_edited_there()
        self.assertFalse(self.open_conflicts())
        self.assertEqual(self.link("S1").state, "synced")
        self.assertEqual(set(self.rows(recurrence).mapped("name")), {"Daily"})
        self.assertIsNone(self.plan(recurrence))

    def test_deletion_that_outlook_does_not_hear_of_is_no_conflict(self):
        self.env.company.ms365_delete_policy = "off"
        self.deleted_here_and_edited_there()
        self.assertFalse(self.open_conflicts())


class TestCopiesOfDeletedSeries(TwinCase):
    """Anna's series, to which Ben is invited; both sync."""

    def test_copies_are_followed_again_where_outlook_s_version_stays(self):
        guests = {"attendees": [attendee("ben@example.com", "Ben")]}
        recurrence = self.pulled_series(**guests)
        copy = self.Link.create(
            {
                "account_id": self.connect(self.ben).id,
                "remote_id": "B1",
                "ical_uid": "uid of S1",
                "recurrence_id": recurrence.id,
                "is_series": True,
                "is_organizer": False,
            }
        )
        self.rows(recurrence)[0].with_user(self.anna).action_mass_archive("all_events")
        self.flush()
        self.assertEqual(copy.state, "deleted_here")
        self.apply_series(*self.graph_series("CK2", subject="Daily", **guests))
        conflict = self.Conflict.search([("state", "=", "open")])
        conflict.with_user(self.anna).keep_outlook()
        self.flush()
        self.assertEqual(len(self.rows(recurrence)), 4)
        self.assertEqual(copy.state, "synced")


class TestWhenASeriesWasEdited(TwinCase):
    """The policy by which the newest change wins asks for it."""

    def test_edit_before_there_was_a_link_counts(self):
        recurrence = self.new_series()
        entries = self.Outbox.search([])
        self.assertFalse(entries.link_id)
        link = self.Link.create(
            {
                "account_id": self.account.id,
                "remote_id": "S1",
                "recurrence_id": recurrence.id,
                "is_series": True,
                "is_primary": True,
            }
        )
        edited_at = self.Outbox._edited_at(link)
        self.assertEqual(edited_at, max(entries.mapped("create_date")))


class TestSeriesDeletedBeforeItsCreateWasAnswered(TwinCase):
    def sent(self):
        """Return a series of Odoo with a create that has no response yet."""
        event = self.new_event(
            name="Standup",
            start="2026-03-02 08:00:00",
            stop="2026-03-02 09:00:00",
            recurrency=True,
            rrule_type="weekly",
            mon=True,
            end_type="count",
            count=4,
            event_tz="Europe/Berlin",
        )
        recurrence = event.recurrence_id
        sending = self.plan(recurrence)
        sending.entries.write({"state": "sending", **sending.entry_vals})
        self.key = sending.entries[-1].idempotency_key
        self.entry = sending.entries[-1]
        return recurrence

    def arrives(self):
        """Outlook tells of the series that the create has made."""
        values = {"transactionId": self.key}
        self.apply_series(*self.graph_series(**values))

    def assertStaysDeleted(self):
        self.flush()
        living = self.env["calendar.event"].search([("name", "=", "Standup")])
        self.assertFalse(living)
        self.assertEqual(self.link("S1").state, "deleted_here")

    def test_series_does_not_come_back(self):
        recurrence = self.sent()
        self.rows(recurrence)[0].with_user(self.anna).action_mass_deletion("all_events")
        self.arrives()
        self.assertStaysDeleted()

    def test_archived_series_does_not_come_back(self):
        recurrence = self.sent()
        self.rows(recurrence)[0].with_user(self.anna).action_mass_archive("all_events")
        self.arrives()
        self.assertStaysDeleted()

    def test_its_deletion_is_sent_although_its_entry_was_closed(self):
        recurrence = self.sent()
        self.rows(recurrence)[0].with_user(self.anna).action_mass_deletion("all_events")
        self.Outbox.search([]).state = "done"
        with self.assertCaptured("delete"):
            self.arrives()
        entry = self.Outbox.search([("operation", "=", "delete")], limit=1)
        self.assertEqual(entry.link_id, self.link("S1"))

    def test_series_that_is_not_deleted_is_linked(self):
        recurrence = self.sent()
        self.arrives()
        self.assertEqual(self.link("S1").recurrence_id, recurrence)
        self.assertEqual(self.link("S1").state, "synced")
