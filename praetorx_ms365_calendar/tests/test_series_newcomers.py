"""Test series that Outlook lists under a new id, or beside another copy."""

from freezegun import freeze_time

from odoo.tests import tagged

from ..sync.apply.applier import Applier
from ..sync.apply.carry_out_deletions import carry_out_gone
from ..sync.meeting.reading import Reading
from .common import TwoMailboxesCase, attendee, person
from .test_series import NOW, SeriesCase

UID = "uid of the series"


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestSeriesNewcomers(SeriesCase, TwoMailboxesCase):
    def invited_series(self, **values):
        """Apply an invitation of Gus to a series in Anna's mailbox."""
        invitation = {
            "iCalUId": UID,
            "isOrganizer": False,
            "organizer": person("gus@example.com", "Gus"),
            "attendees": [attendee("anna@example.com", "Anna")],
            "responseStatus": {"response": "notResponded"},
        }
        return self.pulled_series(**{**invitation, **values})

    def copy_of_ben(self, remote_id="B1", **values):
        """Apply Ben's copy of Anna's series."""
        copy = {
            "remote_id": remote_id,
            "iCalUId": UID,
            "isOrganizer": False,
            "attendees": [attendee("ben@example.com", "Ben")],
            "responseStatus": {"response": "notResponded"},
        }
        calendar = self.account_of_ben._default_calendar()
        payload = self.graph_series(**{**copy, **values})
        return self.apply_series(*payload, calendar=calendar)

    def gone_series(self, remote_id="S1"):
        link = self.link(remote_id)
        Applier(link.account_id, link.calendar_id).gone(link)
        carry_out_gone(link.account_id)
        self.env.flush_all()
        self.env.invalidate_all()

    # --- invited again --------------------------------------------------------------

    def test_declined_series_that_is_invited_again_is_restored(self):
        recurrence = self.invited_series()
        rows = self.rows(recurrence)
        self.gone_series()
        self.assertFalse(any(rows.mapped("active")))
        self.assertEqual(self.link("S1").state, "deleted_there")
        with self.assertNothingCaptured():
            self.invited_series(remote_id="S2")
        self.assertEqual(self.rows(recurrence), rows)
        link = self.link("S2")
        self.assertEqual((link.recurrence_id, link.state), (recurrence, "synced"))
        self.assertFalse(self.link("S1"))
        self.assertEqual(set(rows.mapped("ms365_sync_state")), {"synced"})

    def test_series_invited_again_has_the_days_that_outlook_has_now(self):
        recurrence = self.invited_series()
        self.gone_series()
        with self.assertNothingCaptured():
            self.invited_series(remote_id="S2", count=5, cancelled=["2026-03-09"])
        days = self.rows(recurrence).mapped("ms365_day")
        self.assertEqual(days, ["2026-03-02", "2026-03-16", "2026-03-23", "2026-03-30"])

    # --- our own create -------------------------------------------------------------

    def own_series(self):
        """Return a series made in Odoo, and the key of its create."""
        recurrence = self.new_series(self.anna)
        entry = self.Outbox.search([("recurrence_id", "=", recurrence.id)])
        key = recurrence._ms365_transaction_id(self.account, 0)
        sent = recurrence._ms365_read_series()
        entry.write({"idempotency_key": key, "sent_content": sent.to_json()})
        return recurrence, key

    def test_own_create_of_a_series_is_linked(self):
        recurrence, key = self.own_series()
        self.pulled_series(transactionId=key)
        self.assertEqual(self.link("S1").recurrence_id, recurrence)

    def test_own_create_takes_the_link_that_waits_for_its_id(self):
        """The series was in Outlook before, and is created there once more."""
        recurrence, key = self.own_series()
        waiting = self.Link.create(
            {
                "account_id": self.account.id,
                "calendar_id": self.account._default_calendar().id,
                "recurrence_id": recurrence.id,
                "is_series": True,
            }
        )
        self.pulled_series(transactionId=key)
        self.assertEqual(self.link("S1"), waiting)
        self.assertEqual(waiting.recurrence_id, recurrence)
        self.assertEqual(self.link("S1").state, "synced")

    # --- another mailbox ------------------------------------------------------------

    def test_copy_of_an_attendee_closes_its_old_conflict(self):
        self.pulled_series(iCalUId=UID)
        self.copy_of_ben()
        link, theirs = self.link("B1"), self.link("S1")._series_base.theirs.master
        conflict = self.Conflict._open(
            link, {"subject"}, ours=theirs, theirs=theirs, change_key="CK1"
        )
        link.state = "conflict"
        self.copy_of_ben(change_key="CK2")
        self.assertNotEqual(conflict.state, "open")
        self.assertEqual(link.state, "synced")
        self.assertFalse(link.is_primary)

    def test_known_series_without_a_day_in_the_window_is_not_created(self):
        recurrence = self.copy_of_ben(organizer=person("gus@example.com", "Gus"))
        self.gone_series("B1")
        self.assertFalse(self.rows(recurrence))
        master, _instances = self.graph_series(iCalUId=UID)
        self.apply_series(master, [])
        self.assertFalse(recurrence.exists())
        link = self.link("S1")
        self.assertFalse(link.recurrence_id)
        self.assertEqual(link.state, "synced")

    # --- what Odoo stores -----------------------------------------------------------

    def test_prefix_is_removed_once_from_the_title_of_a_series(self):
        recurrence = self.pulled_series()
        self.link("S1").title_prefix = "[Odoo]"
        self.pulled_series(change_key="CK2", subject="[Odoo] [Odoo] Standup")
        names = set(self.rows(recurrence).mapped("name"))
        self.assertEqual(names, {"[Odoo] Standup"})


@tagged("post_install", "-at_install")
class TestRefused(TwoMailboxesCase):
    def test_refused_event_is_not_shown_to_open_calendars(self):
        reading = Reading(self.account, self.account._default_calendar())
        kept = self.new_event(self.anna)
        reading.changed(kept)
        errors = []
        with reading.on_savepoint(errors.append):
            event = self.new_event(self.anna, name="Refused")
            reading.changed(event)
            reading.log("create", "done", event=event)
            raise ValueError
        self.assertEqual(len(errors), 1)
        self.assertEqual(reading._report._changed, kept)
        reading.finish()
        self.assertFalse(self.env["praetorx.ms365.sync.log"].search([]))

    def test_second_copy_of_an_own_create_is_set_aside(self):
        """An event with an id of Odoo's own connector, created a second time."""
        event = self.new_event(self.anna)
        event._ms365_write_bookkeeping({"ms_universal_event_id": "uid of R2"})
        entry = self.Outbox.search([("event_id", "=", event.id)])
        entry.sent_content = event._ms365_read_contents()[event].to_json()
        self.pull(
            self.remote("R1", transactionId=entry.idempotency_key), self.remote("R2")
        )
        self.assertEqual(self.link("R1").event_id, event)
        self.assertEqual(self.link("R2").state, "quarantined")

    def test_deletion_of_an_archived_event_ends_its_conflict(self):
        event = self.pulled()
        event._ms365_write_bookkeeping(
            {"active": False, "ms365_sync_state": "conflict"}
        )
        link = self.link()
        link.state = "conflict"
        link._resolve_deletion("outlook", None, None)
        self.gone(link)
        self.assertEqual(event.ms365_sync_state, "synced")
        self.assertEqual(link.state, "deleted_there")
