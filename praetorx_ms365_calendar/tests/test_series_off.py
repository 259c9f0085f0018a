"""Series that were edited or deleted while nothing was sent."""

from freezegun import freeze_time

from odoo.tests import tagged

from .common import attendee
from .test_series import NOW, SeriesCase

GUEST = {"attendees": [attendee("gus@example.com")]}


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestSeriesEditedWhileOff(SeriesCase):
    def switch(self, on):
        self.anna.ms365_sync_enabled = on
        self.env.flush_all()
        self.env.invalidate_all()

    def rename(self, recurrence, **vals):
        row = self.rows(recurrence)[0].with_user(self.anna)
        row.write({"name": "Daily", "recurrence_update": "all_events", **vals})

    def series_entries(self, recurrence):
        return self.Outbox.search(
            [
                ("event_key", "=", recurrence._ms365_event_key()),
                ("state", "=", "pending"),
            ]
        )

    def test_edit_made_while_off_is_sent_when_it_is_on_again(self):
        recurrence = self.pulled_series()
        self.switch(on=False)
        self.assertEqual(
            set(self.rows(recurrence).mapped("ms365_sync_state")), {"none"}
        )
        with self.assertNothingCaptured():
            self.rename(recurrence)
        with self.assertCaptured("upsert"):
            self.switch(on=True)
        self.assertTrue(self.series_entries(recurrence).noted_late)
        self.assertEqual(self.written(recurrence)[2], {"subject": "Daily"})

    def test_unchanged_series_is_not_sent(self):
        recurrence = self.pulled_series(exceptions={})
        with self.assertNothingCaptured():
            self.switch(on=False)
            self.switch(on=True)
        states = set(self.rows(recurrence).mapped("ms365_sync_state"))
        self.assertEqual(states, {"synced"})

    def test_occurrence_edited_while_off_is_sent(self):
        recurrence = self.pulled_series()
        self.switch(on=False)
        row = self.rows(recurrence)[1].with_user(self.anna)
        row.write({"name": "Retro", "recurrence_update": "self_only"})
        with self.assertCaptured("upsert"):
            self.switch(on=True)
        self.assertEqual(self.written(recurrence)[1], "S1.2026-03-09")

    def test_edit_made_while_signed_out_is_sent_after_the_next_sign_in(self):
        recurrence = self.pulled_series()
        self.account.state = "signed_out"
        with self.assertNothingCaptured():
            self.rename(recurrence)
        with self.assertCaptured("upsert"):
            self.account._signed_in()

    def test_edit_made_while_only_reading_is_sent_once_it_may(self):
        recurrence = self.pulled_series()
        self.anna.ms365_sync_direction = "outlook_to_odoo"
        with self.assertNothingCaptured():
            self.rename(recurrence)
        with self.assertCaptured("upsert"):
            self.anna.ms365_sync_direction = "both"

    def test_edit_made_while_its_calendar_was_off_is_sent_with_it(self):
        recurrence = self.pulled_series()
        second = self.env["praetorx.ms365.calendar"].create(
            {
                "account_id": self.account.id,
                "remote_id": "second",
                "name": "Second",
                "is_synced": True,
            }
        )
        self.link("S1").calendar_id = second
        second.is_synced = False
        self.assertEqual(self.link("S1").state, "calendar_off")
        with self.assertNothingCaptured():
            self.rename(recurrence)
        with self.assertCaptured("upsert"):
            second.is_synced = True

    def test_series_with_guests_awaits_consent_of_the_owner(self):
        recurrence = self.pulled_series(**GUEST)
        self.switch(on=False)
        self.rename(recurrence)
        with self.assertNothingCaptured():
            self.switch(on=True)
        self.assertTrue(self.link("S1").awaits_word)
        self.assertEqual(self.account.waiting_event_count, 1)
        self.assertEqual(self.account.waiting_mail_count, 1)
        with self.assertNothingCaptured():  # reading it does not send it either
            self.pulled_series(change_key="CK2", location={"displayName": "1"}, **GUEST)
        with self.assertCaptured("upsert"):
            self.send_waiting()
        self.assertFalse(self.link("S1").awaits_word)
        self.assertTrue(self.series_entries(recurrence).noted_late)

    def test_next_edit_does_not_send_edits_that_await_consent(self):
        recurrence = self.pulled_series(**GUEST)
        self.switch(on=False)
        self.rename(recurrence)
        self.switch(on=True)
        row = self.rows(recurrence)[0].with_user(self.anna)
        row.write({"location": "Hall", "recurrence_update": "all_events"})
        body = self.written(recurrence)[2]
        self.assertEqual(body, {"location": {"displayName": "Hall"}})
        self.assertTrue(self.link("S1").awaits_word)

    # --- deleted ----------------------------------------------------------------------

    def delete(self, recurrence):
        first = self.rows(recurrence)[0].with_user(self.anna)
        first.action_mass_deletion("all_events")

    def test_series_deleted_while_off_is_deleted_in_outlook_then(self):
        recurrence = self.pulled_series()
        self.switch(on=False)
        with self.assertNothingCaptured():
            self.delete(recurrence)
        self.assertEqual(self.link("S1").state, "deleted_here")
        with self.assertCaptured("delete"):
            self.switch(on=True)

    def test_series_deleted_while_off_never_comes_back(self):
        recurrence = self.pulled_series()
        self.switch(on=False)
        self.delete(recurrence)
        self.switch(on=True)
        self.pulled_series()
        self.assertFalse(self.link("S1").recurrence_id)
        self.assertEqual(self.link("S1").state, "deleted_here")

    def test_deletion_that_would_mail_others_is_asked_about(self):
        recurrence = self.pulled_series(**GUEST)
        self.switch(on=False)
        self.delete(recurrence)
        with self.assertNothingCaptured():
            self.switch(on=True)
        self.assertEqual(self.link("S1").state, "conflict")
        conflict = self.Conflict.search([("state", "=", "open")])
        with self.assertCaptured("delete"):
            conflict.with_user(self.anna).keep_odoo()
        self.assertEqual(self.link("S1").state, "deleted_here")

    def test_deletion_that_is_not_meant_brings_the_series_back(self):
        recurrence = self.pulled_series(**GUEST)
        self.switch(on=False)
        self.delete(recurrence)
        self.switch(on=True)
        conflict = self.Conflict.search([("state", "=", "open")])
        conflict.with_user(self.anna).keep_outlook()
        again = self.pulled_series(**GUEST)
        self.assertEqual(len(self.rows(again)), 4)
