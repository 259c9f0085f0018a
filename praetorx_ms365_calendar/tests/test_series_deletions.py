"""Test deletions of a series or of occurrences: questions, and undo."""

from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..engine.mapping.graph_series import read_series
from ..sync.apply.applier import Applier
from ..sync.apply.carry_out_deletions import carry_out_gone
from ..sync.push.creating import CreateEvent, CreateSeries
from ..sync.push.planner import Planner
from ..sync.push.work import PushWork
from .common import attendee, person
from .test_series import NOW, SeriesCase

MANY = 20


class HeldSeriesCase(SeriesCase):
    """A weekly series of twenty in Anna's calendars."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Hold = cls.env["praetorx.ms365.hold"]

    def gone_in_outlook(self, remote_id="S1"):
        """Graph has confirmed that this series does not exist any more."""
        applier = Applier(self.account, self.account._default_calendar())
        applier.gone(self.link(remote_id))
        carry_out_gone(self.account)
        self.env.flush_all()
        self.env.invalidate_all()

    def claim_push(self):
        """Let the dispatcher plan its next requests; return their entries."""
        PushWork(self.env).claim(self.account.id)
        self.env.flush_all()
        self.env.invalidate_all()
        return self.Outbox.search([("state", "=", "sending")])

    def open_hold(self):
        return self.Hold.search(
            [("account_id", "=", self.account.id), ("state", "=", "open")]
        )

    def decide(self, action):
        getattr(self.open_hold().with_user(self.anna), action)()
        self.env.flush_all()
        self.env.invalidate_all()

    def read_again(self, **values):
        """Have the series read as Outlook has it; return its recurrence."""
        return self.apply_series(*self.graph_series(**values))


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestSeriesGoneFromOutlook(HeldSeriesCase):
    def test_small_series_is_archived_at_once_and_can_be_brought_back(self):
        rows = self.rows(self.pulled_series())
        self.gone_in_outlook()
        self.assertFalse(any(rows.mapped("active")))
        self.assertFalse(self.open_hold())
        link = self.link("S1")
        self.assertTrue(link.can_restore)
        wizard = self.env["praetorx.ms365.restore"].create({"link_ids": link.ids})
        self.assertEqual((wizard.event_count, wizard.mail_count), (1, 0))
        with self.assertCaptured("upsert"):
            wizard.action_restore()
        self.assertTrue(all(rows.mapped("active")))
        sending = self.plan(link.recurrence_id)
        self.assertIsInstance(sending, CreateSeries)

    def test_bringing_it_back_counts_one_mail_for_each_attendee(self):
        self.pulled_series(attendees=[attendee("gus@example.com")])
        self.gone_in_outlook()
        link = self.link("S1")
        wizard = self.env["praetorx.ms365.restore"].create({"link_ids": link.ids})
        self.assertEqual(wizard.mail_count, 1)

    def test_long_series_counts_with_all_of_its_coming_events(self):
        rows = self.rows(self.pulled_series(count=MANY))
        self.gone_in_outlook()
        self.assertTrue(all(rows.mapped("active")))
        hold = self.open_hold()
        self.assertEqual((hold.direction, hold.event_count), ("to_odoo", MANY))
        self.assertEqual(
            hold.display_name, "1 series (20 events to come) deleted in Outlook"
        )
        self.assertIn("1 series (20 events to come)", hold.summary)
        self.assertEqual(self.link("S1").state, "gone")
        self.assertEqual(set(rows.mapped("ms365_sync_state")), {"pending"})

    def test_past_occurrences_do_not_count(self):
        with freeze_time("2026-07-05 08:00:00"):  # two are left
            rows = self.rows(self.pulled_series(count=MANY))
            self.gone_in_outlook()
            self.assertFalse(any(rows.mapped("active")))

    def test_held_series_is_archived_when_a_person_agrees(self):
        rows = self.rows(self.pulled_series(count=MANY))
        self.gone_in_outlook()
        self.decide("action_delete")
        self.assertTrue(self.link("S1").needs_read, "it is looked at once more")
        self.gone_in_outlook()
        self.assertFalse(any(rows.mapped("active")))
        self.assertEqual(self.link("S1").state, "deleted_there")

    def test_held_series_that_is_kept_stays_in_odoo_and_is_not_sent(self):
        rows = self.rows(self.pulled_series(count=MANY))
        self.gone_in_outlook()
        with self.assertNothingCaptured():
            self.decide("action_keep")
        self.assertTrue(all(rows.mapped("active")))
        self.assertEqual(self.link("S1").state, "deleted_there")

    def test_held_series_that_is_back_in_outlook_ends_the_hold(self):
        recurrence = self.pulled_series(count=MANY)
        self.gone_in_outlook()
        hold = self.open_hold()
        self.read_again(count=MANY)
        self.assertEqual(hold.state, "over")
        self.assertEqual(len(self.rows(recurrence)), MANY)

    def test_coming_events_of_series_make_the_limit_larger(self):
        self.pulled_series(count=4)
        day = datetime(2026, 3, 2, 14)
        self.new_event(
            start=day,
            stop=day + timedelta(hours=1),
            recurrency=True,
            rrule_type="daily",
            end_type="count",
            count=200,
        )
        other = self.env["calendar.recurrence"].search([], order="id desc", limit=1)
        link = self.Link.create(
            {
                "account_id": self.account.id,
                "remote_id": "S2",
                "recurrence_id": other.id,
                "is_series": True,
                "is_primary": True,
            }
        )
        self.assertEqual(link._coming_count(), 200)
        self.pulled_series(change_key="CK2", count=20)
        self.gone_in_outlook("S1")
        self.assertFalse(self.open_hold(), "20 of 220 may go unasked")


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestOccurrencesGoneFromOutlook(HeldSeriesCase):
    def shortened(self):
        recurrence = self.pulled_series(count=MANY)
        self.read_again(change_key="CK2", count=5)
        return recurrence

    def test_series_that_ends_much_earlier_is_held(self):
        recurrence = self.shortened()
        self.assertEqual(len(self.rows(recurrence)), MANY)
        hold = self.open_hold()
        self.assertEqual((hold.direction, hold.event_count), ("to_odoo", 15))
        self.assertEqual(
            hold.display_name,
            "A series shortened by 15 dates in Outlook",
        )

    def test_it_is_carried_out_when_a_person_agrees_and_just_that(self):
        recurrence = self.shortened()
        self.decide("action_delete")
        self.assertTrue(self.link("S1").needs_read)
        self.read_again(change_key="CK2", count=5)
        self.assertEqual(len(self.rows(recurrence)), 5)
        self.assertEqual(recurrence.count, 5)
        self.assertFalse(self.open_hold())

    def test_kept_occurrences_become_separate_events(self):
        recurrence = self.shortened()
        lost = self.rows(recurrence)[5:]
        with self.assertNothingCaptured():
            self.decide("action_keep")
            self.read_again(change_key="CK2", count=5)
        self.assertEqual(len(self.rows(recurrence)), 5)
        self.assertTrue(all(lost.mapped("active")))
        self.assertFalse(lost.recurrence_id)
        self.assertFalse(any(lost.mapped("recurrency")))
        self.assertFalse(self.account._unlinked(), "never sent by itself")
        with self.assertCaptured("upsert"):
            lost[0].with_user(self.anna).name = "Edited"

    def lost_one(self, **values):
        """Return the second event of a series, which Outlook has deleted."""
        guests = [attendee("gus@example.com")]
        values = {"attendees": guests, **values}
        row = self.rows(self.pulled_series(**values))[1]
        self.read_again(change_key="CK2", cancelled=[row.ms365_day], **values)
        self.assertFalse(row.active)
        return row.with_user(self.anna)

    def restore(self, row):
        """Bring an event back; return the events, mails and "in Odoo only" counted."""
        self.assertTrue(row.ms365_can_restore)
        links = row.action_ms365_restore()["context"]["default_link_ids"]
        wizard = self.env["praetorx.ms365.restore"].create({"link_ids": links})
        counts = wizard.event_count, wizard.mail_count, wizard.odoo_only_count
        wizard.action_restore()
        return counts

    def test_single_occurrence_is_brought_back_as_an_event_of_its_own(self):
        row = self.lost_one()
        recurrence = row.recurrence_id
        with self.assertCaptured("upsert"):
            self.assertEqual(self.restore(row), (1, 1, 0))
        self.assertTrue(row.active)
        self.assertFalse(row.recurrence_id)
        self.assertFalse(row.ms365_can_restore)
        self.assertEqual(len(self.rows(recurrence)), 3)
        entries = self.entries(row)
        self.assertIsInstance(Planner(self.account, entries).plan(entries), CreateEvent)

    def edited_one(self):
        """Return the second event of a series, which Anna has edited alone."""
        row = self.rows(self.pulled_series())[1].with_user(self.anna)
        row.write({"name": "Retro", "recurrence_update": "self_only"})
        return row

    def test_edited_occurrence_stays_by_the_policy_as_an_event_of_its_own(self):
        self.anna.company_id.ms365_conflict_policy = "odoo"
        row = self.edited_one()
        recurrence, day = row.recurrence_id, row.ms365_day
        self.read_again(change_key="CK2", cancelled=[day])
        self.assertTrue(row.active)
        self.assertEqual(row.name, "Retro")
        self.assertFalse(row.recurrence_id)
        self.assertEqual(len(self.rows(recurrence)), 3)
        entries = self.entries(row)
        self.assertIsInstance(Planner(self.account, entries).plan(entries), CreateEvent)
        self.read_again(change_key="CK3", cancelled=[day])
        self.assertTrue(row.active)

    def test_edited_occurrence_is_deleted_by_the_policy(self):
        self.anna.company_id.ms365_conflict_policy = "outlook"
        row = self.edited_one()
        self.read_again(change_key="CK2", cancelled=[row.ms365_day])
        self.assertFalse(row.active)

    def test_occurrence_stays_if_outlooks_changes_are_not_written_to_odoo(self):
        row = self.rows(self.pulled_series())[1]
        self.anna.ms365_sync_direction = "odoo_to_outlook"
        for change_key in ("CK2", "CK3"):
            self.read_again(change_key=change_key, cancelled=[row.ms365_day])
            self.assertTrue(row.active)
            self.assertEqual(len(self.rows(row.recurrence_id)), 4)

    def test_invitation_to_one_is_brought_back_in_odoo_only(self):
        row = self.lost_one(
            isOrganizer=False,
            organizer=person("olga@elsewhere.example", "Olga"),
            responseStatus={"response": "notResponded"},
        )
        with self.assertNothingCaptured():
            self.assertEqual(self.restore(row), (1, 0, 1))
        self.assertTrue(row.active)

    def test_series_that_cannot_be_restored_is_forgotten(self):
        row = self.lost_one()
        with freeze_time("2026-04-15 08:00:00"):
            self.assertFalse(row.ms365_can_restore)
            self.Link._gc_snapshots_of_tombstones()
        self.assertFalse(row.sudo().ms365_link_ids)
        self.assertTrue(self.link("S1"), "the series goes on")

    def test_occurrence_that_outlook_has_again_is_not_brought_back(self):
        row = self.lost_one()
        self.read_again(change_key="CK3", attendees=[attendee("gus@example.com")])
        self.assertEqual(len(self.rows(row.recurrence_id)), 4)
        self.assertFalse(row.ms365_can_restore)

    def test_it_is_over_when_outlook_has_the_events_again(self):
        recurrence = self.shortened()
        hold = self.open_hold()
        self.read_again(change_key="CK3", count=MANY)
        self.assertEqual(hold.state, "over")
        self.assertEqual(len(self.rows(recurrence)), MANY)

    def test_edit_in_odoo_waits_with_the_held_series(self):
        recurrence = self.shortened()
        row = self.rows(recurrence)[0].with_user(self.anna)
        row.write({"name": "Daily", "recurrence_update": "all_events"})
        self.assertFalse(self.claim_push())
        self.decide("action_delete")
        self.read_again(change_key="CK2", count=5)
        self.assertEqual(self.written(recurrence)[2]["subject"], "Daily")

    def test_occurrences_deleted_within_the_hour_are_one_pass(self):
        days = [f"{datetime(2026, 3, 9) + timedelta(weeks=n):%F}" for n in range(12)]
        recurrence = self.pulled_series(count=MANY)
        self.read_again(change_key="CK2", count=MANY, cancelled=days[:6])
        self.assertEqual(len(self.rows(recurrence)), MANY - 6)
        self.read_again(change_key="CK3", count=MANY, cancelled=days)
        self.assertEqual(len(self.rows(recurrence)), MANY - 6)
        self.assertEqual(self.open_hold().event_count, 6)

    def test_two_hours_later_it_is_another_pass(self):
        days = [f"{datetime(2026, 3, 9) + timedelta(weeks=n):%F}" for n in range(12)]
        recurrence = self.pulled_series(count=MANY)
        self.read_again(change_key="CK2", count=MANY, cancelled=days[:6])
        with freeze_time("2026-03-02 10:00:00"):
            self.read_again(change_key="CK3", count=MANY, cancelled=days)
        self.assertEqual(len(self.rows(recurrence)), MANY - 12)
        self.assertFalse(self.open_hold())


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestSeriesDeletedInOdoo(HeldSeriesCase):
    def test_long_series_is_held_before_it_is_deleted_in_outlook(self):
        recurrence = self.pulled_series(count=MANY)
        first = self.rows(recurrence)[0].with_user(self.anna)
        first.action_mass_deletion("all_events")
        self.assertFalse(self.claim_push())
        hold = self.open_hold()
        self.assertEqual((hold.direction, hold.event_count), ("to_outlook", MANY))
        self.assertEqual(
            hold.display_name, "1 series (20 events to come) deleted in Odoo"
        )
        self.decide("action_delete")
        self.assertEqual(self.claim_push().operation, "delete")

    def test_part_of_a_series_that_outlook_is_to_keep_is_not_deleted(self):
        """Deleting in Odoo leaves Outlook alone: of a series, with all or nothing."""
        recurrence = self.pulled_series()
        self.account.company_id.ms365_delete_policy = "off"
        rows = self.rows(recurrence).with_user(self.anna).sudo(False)
        for delete in (
            rows[1].unlink,
            lambda: rows[1].write({"active": False}),
            lambda: rows[1].action_mass_deletion("future_events"),
            lambda: rows[1].action_mass_archive("future_events"),
        ):
            with self.assertRaisesRegex(UserError, "keeps in Outlook"):
                delete()
        self.assertEqual(len(self.rows(recurrence)), 4)
        rows[1].action_mass_deletion("all_events")
        self.assertFalse(self.rows(recurrence))

    def test_short_series_is_deleted_at_once(self):
        recurrence = self.pulled_series()
        first = self.rows(recurrence)[0].with_user(self.anna)
        first.action_mass_deletion("all_events")
        self.assertEqual(self.claim_push().operation, "delete")
        self.assertFalse(self.open_hold())

    def test_old_edits_of_a_series_that_is_back_delete_nothing(self):
        """It was deleted in Odoo for good, and Outlook's version has won over that."""
        for is_edit in (False, True):
            with self.subTest(is_edit=is_edit):
                recurrence = self.pulled_series()
                rows = self.rows(recurrence).with_user(self.anna)
                if is_edit:
                    rows[0].write(
                        {"location": "Hall", "recurrence_update": "all_events"}
                    )
                    self.anna.ms365_sync_enabled = False
                rows[0].action_mass_deletion("all_events")
                if is_edit:
                    self.anna.ms365_sync_enabled = True
                    self.account._resume_pushing()
                self.read_again(change_key="CK2", subject="Supper")
                conflict = self.Conflict.search([("state", "=", "open")])
                conflict.with_user(self.anna).keep_outlook()
                again = self.read_again(change_key="CK3", subject="Supper")
                self.assertEqual(len(self.rows(again)), 4)
                self.assertNotIn("delete", self.claim_push().mapped("operation"))

    def test_deleted_for_good_and_taken_back_it_comes_from_outlook_again(self):
        recurrence = self.pulled_series(count=MANY)
        first = self.rows(recurrence)[0].with_user(self.anna)
        first.action_mass_deletion("all_events")
        self.claim_push()
        self.decide("action_keep")
        again = self.read_again(count=MANY)
        self.assertEqual(len(self.rows(again)), MANY)
        self.assertFalse(self.claim_push())

    def test_archived_and_taken_back_its_events_are_the_same(self):
        recurrence = self.pulled_series(count=MANY)
        rows = self.rows(recurrence)
        rows[0].with_user(self.anna).action_mass_archive("all_events")
        self.claim_push()
        self.assertEqual(self.open_hold().event_count, MANY)
        self.decide("action_keep")
        self.read_again(count=MANY)
        self.assertEqual(self.rows(recurrence), rows)
        self.assertFalse(self.claim_push())

    def test_company_that_leaves_outlook_alone_keeps_the_series_there(self):
        self.account.company_id.ms365_delete_policy = "off"
        recurrence = self.pulled_series(count=MANY)
        first = self.rows(recurrence)[0].with_user(self.anna)
        first.action_mass_deletion("all_events")
        self.assertFalse(self.claim_push())
        self.assertFalse(self.open_hold())
        self.assertEqual(self.link("S1").state, "kept_there")
        remote = read_series(
            *self.graph_series(change_key="CK2"), self.link("S1")._window_to_read()
        )
        Applier(self.account, self.link("S1").calendar_id).apply_series(
            self.link("S1"), remote
        )
        self.assertEqual(self.link("S1").state, "kept_there")
        self.assertFalse(self.link("S1").recurrence_id)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestOccurrencesDeletedInOdoo(HeldSeriesCase):
    def delete_twelve(self):
        recurrence = self.pulled_series(count=MANY)
        self.rows(recurrence)[3:15].with_user(self.anna).unlink()
        return recurrence

    def test_many_occurrences_are_held_and_nothing_is_sent(self):
        self.delete_twelve()
        self.assertFalse(self.claim_push())
        hold = self.open_hold()
        self.assertEqual((hold.direction, hold.event_count), ("to_outlook", 12))
        self.assertEqual(hold.display_name, "A series shortened by 12 dates in Odoo")

    def test_they_are_sent_when_a_person_agrees(self):
        self.delete_twelve()
        self.claim_push()
        self.decide("action_delete")
        self.assertEqual(self.claim_push().operation, "upsert")
        self.assertFalse(self.open_hold())

    def test_taken_back_they_come_from_outlook_again(self):
        recurrence = self.delete_twelve()
        self.claim_push()
        self.decide("action_keep")
        self.read_again(count=MANY)
        self.assertEqual(len(self.rows(recurrence)), MANY)
        self.assertIsNone(self.plan(recurrence))

    def test_few_occurrences_are_sent_at_once(self):
        recurrence = self.pulled_series(count=MANY)
        self.rows(recurrence)[3:13].with_user(self.anna).unlink()
        self.assertTrue(self.claim_push())
        self.assertFalse(self.open_hold())

    def test_this_and_the_following_ones_are_counted_too(self):
        recurrence = self.pulled_series(count=MANY)
        row = self.rows(recurrence)[4].with_user(self.anna)
        row.action_mass_deletion("future_events")
        self.assertFalse(self.claim_push())
        self.assertEqual(self.open_hold().event_count, 16)
        self.decide("action_keep")
        self.read_again(count=MANY)
        self.assertEqual(len(self.rows(recurrence)), MANY)
        self.assertEqual(recurrence.end_type, "count")
        self.assertFalse(self.claim_push())

    def test_shorter_rule_is_held_and_a_longer_one_lets_it_go(self):
        recurrence = self.pulled_series(count=MANY)
        row = self.rows(recurrence)[0].with_user(self.anna)
        row.write({"count": 5, "recurrence_update": "all_events"})
        self.assertFalse(self.claim_push())
        self.assertEqual(self.open_hold().event_count, 15)
        row.write({"count": 19, "recurrence_update": "all_events"})
        self.assertTrue(self.claim_push())
        self.assertFalse(self.open_hold())

    def test_edit_of_this_and_the_following_ones_deletes_nothing(self):
        recurrence = self.pulled_series(count=MANY)
        row = self.rows(recurrence)[4].with_user(self.anna)
        row.write({"name": "Retro", "recurrence_update": "future_events"})
        self.assertTrue(self.claim_push())
        self.assertFalse(self.open_hold())

    def test_more_deletions_than_agreed_to_are_asked_about_again(self):
        recurrence = self.delete_twelve()
        self.claim_push()
        self.decide("action_delete")
        self.rows(recurrence)[3:5].with_user(self.anna).unlink()
        self.assertFalse(self.claim_push())
        self.assertEqual(self.open_hold().event_count, 14)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestWhatEventsOfSeriesSay(HeldSeriesCase):
    """The bar on the form of an event that is, or is to be, deleted."""

    def test_event_of_a_held_series_says_so(self):
        rows = self.rows(self.pulled_series(count=MANY)).with_user(self.anna)
        self.assertFalse(any(rows.mapped("ms365_is_held")))
        self.gone_in_outlook()
        self.assertTrue(all(rows.mapped("ms365_is_held")))

    def test_of_a_shortened_series_only_lost_occurrences_say_so(self):
        rows = self.rows(self.pulled_series(count=MANY)).with_user(self.anna)
        self.read_again(change_key="CK2", count=5)
        self.assertEqual(rows.filtered("ms365_is_held"), rows[5:])

    def test_event_of_an_archived_series_offers_to_bring_it_back(self):
        rows = self.rows(self.pulled_series()).with_user(self.anna)
        self.gone_in_outlook()
        self.assertTrue(all(rows.mapped("ms365_can_restore")))
