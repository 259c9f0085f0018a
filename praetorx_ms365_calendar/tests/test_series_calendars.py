"""Series in several calendars of one mailbox, and in calendars of other people."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..sync.apply.applier import Applier
from ..sync.read.series import SeriesReading
from .common import person
from .test_series import FIRST, NOW, SeriesCase


class SeriesCalendarsCase(SeriesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.primary = cls.account._default_calendar()
        cls.project = cls.new_calendar("project")
        now = fields.Datetime.to_datetime(NOW)
        (cls.primary | cls.project).write(
            {
                "window_start": now - timedelta(days=30),
                "window_end": now + timedelta(days=365),
            }
        )

    @classmethod
    def new_calendar(cls, remote_id, account=None, **vals):
        return cls.env["praetorx.ms365.calendar"].create(
            {
                "account_id": (account or cls.account).id,
                "remote_id": remote_id,
                "name": remote_id.title(),
                "is_synced": True,
                **vals,
            }
        )

    def series_in(self, calendar, **values):
        """Return the recurrence of a series that a calendar has brought."""
        return self.apply_series(*self.graph_series(**values), calendar=calendar)

    def page(self, calendar, *payloads):
        """Apply a page of one calendar."""
        Applier(calendar.account_id, calendar).apply(list(payloads))
        self.env.flush_all()
        self.env.invalidate_all()

    def calendars(self, recurrence):
        return self.rows(recurrence).ms365_calendar_id


@tagged("post_install", "-at_install")
class TestSeriesInOwnCalendars(SeriesCalendarsCase):
    def test_new_series_goes_to_the_chosen_calendar(self):
        recurrence = self.new_series(ms365_calendar_id=self.project.id)
        self.assertEqual(self.calendars(recurrence), self.project)
        entry = self.Outbox.search([])
        self.assertEqual(entry.calendar_id, self.project)
        sending = self.plan(recurrence)
        self.assertEqual(sending.request.path_or_url, "/me/calendars/project/events")
        self.assertEqual(sending.entry_vals["calendar_id"], self.project.id)

    def test_series_for_somebody_else_goes_to_that_persons_calendar(self):
        bens = self.connect(self.ben)._default_calendar()
        recurrence = self.new_series(
            user_id=self.ben.id, ms365_calendar_id=self.project.id
        )
        self.assertEqual(self.calendars(recurrence), bens)
        self.assertEqual(len(self.rows(recurrence)), 4)

    def test_series_moved_in_outlook_is_where_it_is_listed(self):
        recurrence = self.pulled_series()
        ids = self.rows(recurrence).ids
        master, _instances = self.graph_series(change_key="CK2")
        with self.assertNothingCaptured():
            self.page(self.project, master)
            self.page(self.primary, {"id": "S1", "@removed": {"reason": "deleted"}})
        self.assertEqual(self.link("S1").calendar_id, self.project)
        self.assertEqual(self.calendars(recurrence), self.project)
        self.assertEqual(self.rows(recurrence).ids, ids)

    def test_occurrence_alone_tells_where_its_series_is(self):
        """A plain view lists no masters."""
        recurrence = self.pulled_series()
        _master, instances = self.graph_series()
        exception = self.remote("S1.2026-03-09", type="exception", seriesMasterId="S1")
        self.page(self.project, instances[0], exception)
        self.assertEqual(self.calendars(recurrence), self.project)

    def leave_primary(self, **values):
        """Let the primary calendar miss the series, which is found alive."""
        self.page(self.primary, {"id": "S1", "@removed": {"reason": "deleted"}})
        self.assertTrue(self.link("S1").needs_read)
        self.pulled_series(change_key="CK2", **values)
        # The other calendar may have been read before it was moved there.
        self.primary.round_number += 1
        self.account._drop_unlisted_events()

    def test_series_moved_where_nobody_looks_is_let_go_of(self):
        recurrence = self.pulled_series()
        self.leave_primary()
        self.assertEqual(self.link("S1").state, "calendar_off")
        self.assertEqual(
            set(self.rows(recurrence).mapped("ms365_sync_state")), {"none"}
        )
        master, _instances = self.graph_series(change_key="CK3")
        self.page(self.project, master)
        self.assertEqual(self.link("S1").state, "synced")
        self.assertTrue(self.link("S1").needs_read)
        self.assertEqual(self.calendars(recurrence), self.project)

    def test_series_moved_where_nobody_looks_is_not_deleted_there(self):
        """It is the same with a single event: nothing is sent to its calendar."""
        recurrence = self.pulled_series()
        self.leave_primary()
        first = self.rows(recurrence)[0].with_user(self.anna)
        with self.assertNothingCaptured():
            first.action_mass_deletion("all_events")
        self.assertEqual(self.link("S1").state, "deleted_here")

    def test_deleted_series_that_was_edited_here_stays_in_conflict(self):
        """It is gone, and was not moved: nobody lets go of it."""
        recurrence = self.pulled_series()
        self.rows(recurrence)[0].with_user(self.anna).sudo(False).write(
            {"name": "Daily", "recurrence_update": "all_events"}
        )
        self.page(self.primary, {"id": "S1", "@removed": {"reason": "deleted"}})
        link = self.link("S1")
        Applier(self.account, self.primary).gone(link)
        self.primary.round_number += 1
        self.account._drop_unlisted_events()
        self.assertEqual(link.state, "conflict")

    def test_series_that_has_left_the_window_is_kept(self):
        self.pulled_series()
        self.primary.window_start = FIRST + timedelta(days=60)
        self.leave_primary()
        self.assertEqual(self.link("S1").state, "synced")

    def test_calendar_off_and_on_again_takes_its_series_with_it(self):
        recurrence = self.series_in(self.project)
        self.project.is_synced = False
        self.assertEqual(self.link("S1").state, "calendar_off")
        self.assertEqual(
            set(self.rows(recurrence).mapped("ms365_sync_state")), {"none"}
        )
        with self.assertNothingCaptured():
            self.project.is_synced = True
        self.assertEqual(self.link("S1").state, "synced")
        self.assertEqual(self.link("S1").recurrence_id, recurrence)
        self.assertEqual(
            set(self.rows(recurrence).mapped("ms365_sync_state")), {"synced"}
        )

    def test_edit_of_a_series_whose_calendar_is_off_is_not_sent(self):
        recurrence = self.series_in(self.project)
        row = self.rows(recurrence)[1].with_user(self.anna)
        row.write({"name": "Retro", "recurrence_update": "self_only"})
        self.assertTrue(self.plan(recurrence))
        self.project.is_synced = False
        self.assertFalse(self.plan(recurrence))
        with self.assertNothingCaptured():
            row.write({"name": "Daily", "recurrence_update": "self_only"})

    def test_series_deleted_while_its_calendar_was_off_does_not_come_back(self):
        recurrence = self.series_in(self.project)
        self.project.is_synced = False
        first = self.rows(recurrence)[0].with_user(self.anna)
        with self.assertNothingCaptured():
            first.action_mass_deletion("all_events")
        self.assertEqual(self.link("S1").state, "deleted_here")
        self.project.is_synced = True
        before = self.env["calendar.event"].search_count([])
        self.series_in(self.project, change_key="CK2")
        self.assertEqual(self.env["calendar.event"].search_count([]), before)

    def test_entry_of_a_closed_calendar_fails_with_its_reason(self):
        recurrence = self.new_series(ms365_calendar_id=self.project.id)
        self.project.direction = "outlook_to_odoo"
        self.assertEqual(set(self.Outbox.search([]).mapped("state")), {"dead"})
        self.assertEqual(
            set(self.rows(recurrence).mapped("ms365_sync_state")), {"error"}
        )

    def test_mailbox_of_an_attendee_gets_the_primary_copy(self):
        """Whoever is invited has the series still."""
        bens = self.connect(self.ben)._default_calendar()
        recurrence = self.series_in(self.project)
        copy, instances = self.graph_series(
            isOrganizer=False, responseStatus={"response": "notResponded"}
        )
        self.apply_series({**copy, "id": "S2"}, instances, calendar=bens)
        self.assertEqual(self.link("S2").recurrence_id, recurrence)
        self.assertFalse(self.link("S2").is_primary)
        self.project.is_synced = False
        self.assertTrue(self.link("S2").is_primary)
        self.assertEqual(self.calendars(recurrence), bens)
        self.project.is_synced = True
        self.assertTrue(self.link("S1").is_primary)
        self.assertFalse(self.link("S2").is_primary)
        self.assertEqual(self.calendars(recurrence), self.project)

    def test_organizer_who_switches_off_and_on_has_the_series_again(self):
        bens = self.connect(self.ben)._default_calendar()
        recurrence = self.pulled_series()
        copy, instances = self.graph_series(
            isOrganizer=False, responseStatus={"response": "notResponded"}
        )
        self.apply_series({**copy, "id": "S2"}, instances, calendar=bens)
        self.anna.ms365_sync_enabled = False
        self.assertTrue(self.link("S2").is_primary)
        self.anna.ms365_sync_enabled = True
        self.assertTrue(self.link("S1").is_primary)
        self.assertEqual(self.calendars(recurrence), self.primary)
        self.assertEqual(
            set(self.rows(recurrence).mapped("ms365_sync_state")), {"synced"}
        )

    # --- moves in Odoo --------------------------------------------------------------

    def test_series_that_is_in_outlook_is_moved_there(self):
        recurrence = self.pulled_series()
        row = self.rows(recurrence)[0].with_user(self.anna)
        for scope, words in (
            ("all_events", "it repeats. Move it in Outlook"),
            ("future_events", "all in one calendar"),
            ("self_only", "all in one calendar"),
        ):
            with self.assertRaisesRegex(UserError, words):
                row.write(
                    {
                        "ms365_calendar_id": self.project.id,
                        "recurrence_update": scope,
                    }
                )

    def test_series_on_its_way_to_outlook_is_moved_there(self):
        recurrence = self.new_series()
        row = self.rows(recurrence)[0].with_user(self.anna)
        with self.assertRaisesRegex(UserError, "Move it in Outlook"):
            row.write(
                {
                    "ms365_calendar_id": self.project.id,
                    "recurrence_update": "all_events",
                }
            )

    def test_series_that_outlook_does_not_have_may_go_anywhere(self):
        self.anna.ms365_sync_enabled = False
        recurrence = self.new_series()
        self.anna.ms365_sync_enabled = True
        row = self.rows(recurrence)[0].with_user(self.anna)
        row.write(
            {"ms365_calendar_id": self.project.id, "recurrence_update": "all_events"}
        )
        self.assertEqual(self.calendars(recurrence), self.project)


@tagged("post_install", "-at_install")
class TestSeriesOfOtherPeople(SeriesCalendarsCase):
    """Anna and Ben have Cleo's calendar; Cleo does not sync."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cleos = {"organizer": person("cleo@example.com", "Cleo")}
        cls.account.signed_in_scope = (
            "https://graph.microsoft.com/Calendars.ReadWrite.Shared"
        )

    def shared(self, account=None, **vals):
        """Return Cleo's calendar in somebody's mailbox."""
        return self.new_calendar(
            f"cleos of {(account or self.account).id}",
            account,
            kind="delegated",
            owner_name="Cleo",
            owner_address="cleo@example.com",
            **vals,
        )

    def test_series_is_read_under_the_path_of_its_calendar(self):
        calendar = self.shared()
        for of, path in (
            (calendar, f"/me/calendars/cleos%20of%20{self.account.id}/events/S1"),
            (self.project, "/me/events/S1"),
        ):
            link = self.Link.create(
                {
                    "account_id": self.account.id,
                    "calendar_id": of.id,
                    "remote_id": "S1",
                    "is_series": True,
                }
            )
            for request in SeriesReading(link).requests():
                self.assertTrue(request.path_or_url.startswith(path))
            link.unlink()

    def test_page_of_a_shared_calendar_has_its_series_read(self):
        """Complaint: series of shared calendars did not arrive at all."""
        master, _instances = self.graph_series()
        self.page(self.shared(), master)
        self.assertTrue(self.link("S1").needs_read)

    def test_series_is_its_owners(self):
        calendar = self.shared()
        recurrence = self.series_in(calendar, **self.cleos)
        rows = self.rows(recurrence)
        self.assertEqual(rows.user_id, self.cleo)
        self.assertEqual(rows.partner_ids, self.cleo.partner_id)
        self.assertEqual(self.calendars(recurrence), calendar)
        link = self.link("S1")
        self.assertFalse(link.is_organizer)
        self.assertTrue(link.on_behalf)

    def test_delegate_writes_under_the_path_of_the_calendar(self):
        recurrence = self.series_in(self.shared(), **self.cleos)
        rows = self.rows(recurrence).with_user(self.cleo)
        path = f"/me/calendars/cleos%20of%20{self.account.id}/events/"
        rows[1].write({"name": "Retro", "recurrence_update": "self_only"})
        request = self.plan(recurrence).request
        self.assertEqual(request.path_or_url, f"{path}S1.2026-03-09")
        self.clear_outbox()
        rows[1].write({"location": "Hall 4", "recurrence_update": "all_events"})
        request = self.plan(recurrence).request
        self.assertEqual(request.path_or_url, f"{path}S1")
        self.clear_outbox()
        rows[0].action_mass_deletion("all_events")
        request = self.plan(recurrence).request
        self.assertEqual((request.method, request.path_or_url), ("DELETE", f"{path}S1"))

    def test_series_that_may_not_be_written_is_locked(self):
        recurrence = self.series_in(self.shared(can_edit=False), **self.cleos)
        row = self.rows(recurrence)[0].with_user(self.cleo)
        for vals in ({"name": "Mine"}, {"count": 2}):
            with self.assertRaisesRegex(UserError, "organizes this meeting"):
                row.write({**vals, "recurrence_update": "all_events"})
        with self.assertNothingCaptured():
            row.write({"show_as": "free", "recurrence_update": "all_events"})

    def test_stripped_series_is_never_written_back(self):
        """One stripped occurrence is enough (docs/laws.md, law 13)."""
        calendar = self.shared(can_view_private=False)
        stripped = {"sensitivity": "private", "subject": "Private Appointment"}
        recurrence = self.series_in(
            calendar,
            **self.cleos,
            exceptions={"2026-03-09": {**stripped, "changeKey": "CKX"}},
        )
        self.assertEqual(self.link("S1")._direction(), "outlook_to_odoo")
        self.assertEqual(self.rows(recurrence)[1].privacy, "private")
        self.series_in(calendar, **self.cleos, change_key="CK2")
        self.assertEqual(self.link("S1")._direction(), "both")
        self.series_in(calendar, **self.cleos, **stripped, change_key="CK3")
        self.assertEqual(self.link("S1")._direction(), "outlook_to_odoo")
        self.assertEqual(set(self.rows(recurrence).mapped("privacy")), {"private"})

    def test_series_of_somebody_else_is_not_split(self):
        recurrence = self.series_in(self.shared(), **self.cleos)
        row = self.rows(recurrence)[2].with_user(self.cleo)
        with self.assertRaisesRegex(UserError, "somebody else's calendar"):
            row.write({"name": "Retro", "recurrence_update": "future_events"})

    def test_two_who_have_the_calendar_have_one_series(self):
        """See docs/laws.md, law 5."""
        recurrence = self.series_in(self.shared(), **self.cleos)
        bens = self.shared(self.connect(self.ben))
        master, instances = self.graph_series(**self.cleos)
        again = self.apply_series({**master, "id": "S2"}, instances, calendar=bens)
        self.assertEqual(again, recurrence)
        self.assertEqual(len(self.rows(recurrence)), 4)
        self.assertTrue(self.link("S1").is_primary)
        self.assertFalse(self.link("S2").is_primary)
        Applier(self.account, self.link("S1").calendar_id).gone(self.link("S1"))
        self.assertTrue(self.link("S2").is_primary)
        self.assertEqual(len(self.rows(recurrence)), 4)

    def test_owner_who_begins_to_sync_takes_over(self):
        recurrence = self.series_in(self.shared(), **self.cleos)
        own = self.connect(self.cleo)._default_calendar()
        master, instances = self.graph_series(**self.cleos)
        again = self.apply_series({**master, "id": "S2"}, instances, calendar=own)
        self.assertEqual(again, recurrence)
        self.assertTrue(self.link("S2").is_primary)
        self.assertFalse(self.link("S1").is_primary)
        self.assertEqual(self.calendars(recurrence), own)

    def test_series_waits_for_its_owner_who_syncs(self):
        own = self.connect(self.cleo)._default_calendar()
        own.account_id.pull_requested_at = fields.Datetime.now()
        self.assertFalse(self.series_in(self.shared(), **self.cleos))
        self.assertEqual(self.link("S1").state, "waiting")
        master, instances = self.graph_series(**self.cleos)
        recurrence = self.apply_series({**master, "id": "S2"}, instances, calendar=own)
        self.assertEqual(self.link("S1").recurrence_id, recurrence)
        self.assertFalse(self.link("S1").is_primary)

    def invitation(self, remote_id):
        """Return Anna's own copy of Cleo's series."""
        master, instances = self.graph_series(
            **self.cleos,
            isOrganizer=False,
            responseStatus={"response": "notResponded"},
        )
        return {**master, "id": remote_id}, instances

    def test_own_invitation_takes_the_place_of_the_shared_view(self):
        recurrence = self.series_in(self.shared(), **self.cleos)
        again = self.apply_series(*self.invitation("S2"), calendar=self.primary)
        self.assertEqual(again, recurrence)
        self.assertEqual(self.link("S1").state, "other_view")
        self.assertFalse(self.link("S1").recurrence_id)
        self.assertTrue(self.link("S2").is_primary)
        self.assertEqual(self.calendars(recurrence), self.primary)

    def test_shared_view_stays_beside_the_own_invitation(self):
        recurrence = self.apply_series(*self.invitation("S2"), calendar=self.primary)
        self.series_in(self.shared(), **self.cleos)
        self.assertEqual(self.link("S1").state, "other_view")
        self.assertTrue(self.link("S2").is_primary)
        self.assertEqual(len(self.rows(recurrence)), 4)
        master, _instances = self.graph_series(**self.cleos)
        self.page(self.link("S1").calendar_id, master)
        self.assertFalse(self.link("S1").needs_read, "it is read once")
