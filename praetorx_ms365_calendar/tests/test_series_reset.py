from freezegun import freeze_time

from odoo.tests import tagged

from ..sync.push.creating import CreateSeries
from .common import attendee
from .test_series import NOW, SeriesCase

GUEST = {"attendees": [attendee("gus@example.com")]}


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestSeriesReset(SeriesCase):
    """The stock dialog: a series is deleted, sent and counted like any event."""

    def dialog(self, delete, sync):
        return self.env["microsoft.calendar.account.reset"].create(
            {"user_id": self.anna.id, "delete_policy": delete, "sync_policy": sync}
        )

    def reset(self, delete, sync):
        self.dialog(delete, sync).reset_account()
        self.env.flush_all()
        self.env.invalidate_all()

    def test_dialog_counts_series_and_their_events(self):
        self.pulled()
        self.pulled_series(**GUEST)
        dialog = self.dialog("delete_both", "new")
        words = "1 event, 1 series (4 events)"
        self.assertEqual(dialog.ms365_outlook_words, words)
        self.assertEqual(dialog.ms365_odoo_words, words)
        self.assertEqual(dialog.ms365_send_words, "0 events")
        self.assertEqual(dialog.ms365_cancellation_count, 1)
        dialog = self.dialog("delete_microsoft", "all")
        self.assertEqual(dialog.ms365_send_words, words)
        self.assertEqual(dialog.ms365_invitation_count, 1)

    def test_exceptions_and_deleted_dates_are_mailed_on_their_own(self):
        retro = {"2026-03-16": {"subject": "Retro", "changeKey": "CKX"}}
        self.pulled_series(cancelled=["2026-03-09"], exceptions=retro, **GUEST)
        dialog = self.dialog("delete_microsoft", "all")
        self.assertEqual(dialog.ms365_invitation_count, 3)

    def test_series_is_deleted_in_outlook_and_stays_in_odoo(self):
        recurrence = self.pulled_series(count=20)
        self.reset("delete_microsoft", "new")
        self.assertEqual(self.plan(recurrence).request.method, "DELETE")
        self.assertTrue(all(self.rows(recurrence).mapped("active")))
        self.assertFalse(
            self.env["praetorx.ms365.hold"].search([("state", "=", "open")])
        )

    def test_series_deleted_in_odoo_only_never_comes_back(self):
        rows = self.rows(self.pulled_series())
        with self.assertNothingCaptured():
            self.reset("delete_odoo", "new")
        self.assertFalse(any(rows.mapped("active")))
        self.pulled_series(change_key="CK2", subject="Daily")
        self.assertEqual(self.link("S1").state, "kept_there")
        self.assertFalse(any(rows.mapped("active")))

    def test_series_deleted_in_odoo_comes_back_as_a_new_one(self):
        recurrence = self.pulled_series()
        rows = self.rows(recurrence)
        self.reset("delete_odoo", "all")
        self.assertFalse(any(rows.mapped("active")))
        again = self.pulled_series()
        self.assertNotEqual(again, recurrence)
        self.assertEqual(len(self.rows(again)), 4)
        self.assertFalse(self.rows(again) & rows)

    def test_series_of_another_organizer_is_not_touched(self):
        recurrence = self.pulled_series(
            isOrganizer=False,
            organizer={"emailAddress": {"address": "olga@elsewhere.example"}},
            attendees=[attendee("anna@example.com", "Anna")],
        )
        with self.assertNothingCaptured():
            self.reset("delete_both", "all")
        self.assertEqual(len(self.rows(recurrence)), 4)

    def test_series_deleted_in_outlook_is_sent_again_after_the_next_sign_in(self):
        recurrence = self.pulled_series(count=20)
        self.reset("delete_microsoft", "all")
        link = self.link("S1")
        link.write(link._deleted_vals("outlook"))
        self.Outbox.search([]).state = "done"
        self.account._finish_reset()
        self.assertEqual(self.account.state, "signed_out")
        self.assertTrue(self.account.send_all_at)
        # New rows use PostgreSQL's clock, which cannot be stopped.
        self.account.send_all_at = recurrence.create_date
        self.account._signed_in()
        self.account._first_pass()
        self.assertIsInstance(self.plan(recurrence), CreateSeries)
        self.assertFalse(self.account.send_all_at)
