"""Another organizer of a series: explicit, previewed, as a whole."""

from freezegun import freeze_time

from odoo.tests import Form, tagged

from ..engine.errors import TryLater
from ..graph.client import GraphResponse
from ..sync.push.creating import CreateSeries
from ..sync.push.deleting import Delete
from ..sync.push.recorder import Recorder
from ..sync.push.work import PushWork
from .common import attendee
from .test_series import NOW, SeriesCase

GUESTS = [
    attendee("ben@example.com", "Ben", "accepted"),
    attendee("gus@example.com", "Gus Guest"),
]


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestSeriesOrganizer(SeriesCase):
    """Test that Anna hands her series over to Ben, an attendee."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account_of_ben = cls.connect(cls.ben)

    def wizard(self, recurrence, new=None):
        wizard = (
            self.env["praetorx.ms365.organizer.change"]
            .with_user(self.anna)
            .create({"event_id": self.rows(recurrence)[1].id})
        )
        wizard.new_organizer_id = new or self.ben
        return wizard

    def change(self, recurrence):
        self.wizard(recurrence).action_change()
        waiting = self.env["praetorx.ms365.approval"].search(
            [("state", "=", "waiting")]
        )
        for approval in waiting:  # the new organizer agrees
            self.approve(approval, approval.user_id)
        self.env.flush_all()
        self.env.invalidate_all()

    def send(self, answer):
        """Send all entries of Ben's mailbox, and record Graph's response."""
        sendings = PushWork(self.env)._plan(self.account_of_ben)
        self.assertEqual([type(one) for one in sendings], [CreateSeries])
        sendings[0].mark()
        Recorder(self.account_of_ben).record(sendings, [answer])
        self.env.flush_all()
        self.env.invalidate_all()

    def created(self):
        master, _instances = self.graph_series(
            remote_id="S2", attendees=GUESTS[1:], iCalUId="uid of S2"
        )
        return GraphResponse(201, {}, master, "request-1", None)

    def pending(self, account, operation):
        return self.Outbox.search(
            [
                ("account_id", "=", account.id),
                ("operation", "=", operation),
                ("state", "=", "pending"),
            ]
        )

    def test_organizer_of_an_occurrence_cannot_be_written_directly(self):
        recurrence = self.pulled_series(attendees=GUESTS)
        row = self.rows(recurrence)[1].with_user(self.anna)
        self.assertTrue(row.ms365_organizer_is_fixed)
        self.assertTrue(row.ms365_may_change_organizer)

    def test_preview_counts_mails_about_single_dates(self):
        recurrence = self.pulled_series(
            attendees=GUESTS,
            exceptions={"2026-03-09": {"subject": "Retro", "changeKey": "CKX"}},
            cancelled=["2026-03-16"],
        )
        row = self.rows(recurrence)[1].with_user(self.anna)
        context = row.action_ms365_change_organizer()["context"]
        with Form(
            self.env["praetorx.ms365.organizer.change"]
            .with_user(self.anna)
            .with_context(**context)
        ) as form:
            form.new_organizer_id = self.ben
            self.assertFalse(form.obstacle)
            # Anna and Gus: invited, told of one date, and of one that is not there.
            # Ben and Gus: told that the old one is cancelled.
            self.assertEqual(form.mail_count, 8)
            self.assertIn("8 mails in all", form.consequences)

    def test_new_one_is_made_before_the_old_one_is_cancelled(self):
        recurrence = self.pulled_series(attendees=GUESTS)
        ids = self.rows(recurrence).ids
        self.change(recurrence)
        self.assertEqual(self.rows(recurrence).user_id, self.ben)
        self.assertFalse(self.pending(self.account, "delete"))
        self.send(self.created())
        self.assertEqual(self.rows(recurrence).ids, ids)
        self.assertEqual(self.link("S2").recurrence_id, recurrence)
        self.assertTrue(self.link("S2").is_primary)
        self.assertEqual(self.pending(self.account, "delete").link_id, self.link("S1"))
        [deletion] = PushWork(self.env)._plan(self.account)
        self.assertIsInstance(deletion, Delete)
        self.assertFalse(self.link("S1").hold_id)

    def test_nothing_is_cancelled_while_the_new_one_cannot_be_made(self):
        recurrence = self.pulled_series(attendees=GUESTS)
        self.change(recurrence)
        failure = TryLater("busy", response_lost=True)
        self.send(GraphResponse(0, {}, None, None, failure))
        self.assertFalse(self.pending(self.account, "delete"))
        self.assertEqual(len(self.rows(recurrence)), 4)

    def test_old_copy_brings_nothing_back(self):
        recurrence = self.pulled_series(attendees=GUESTS)
        self.change(recurrence)
        self.apply_series(*self.graph_series(change_key="CK2", attendees=GUESTS))
        found = self.env["calendar.event"].search([("name", "=", "Standup")])
        self.assertEqual(found.recurrence_id, recurrence)
        self.assertEqual(found.user_id, self.ben)

    def test_series_deleted_before_it_was_made_anew_is_cancelled_too(self):
        recurrence = self.pulled_series(attendees=GUESTS)
        self.change(recurrence)
        row = self.rows(recurrence)[0].with_user(self.ben).sudo(False)
        row.action_mass_deletion("all_events")
        self.env.flush_all()
        self.assertEqual(self.pending(self.account, "delete").link_id, self.link("S1"))

    def test_everybody_replies_again(self):
        recurrence = self.pulled_series(attendees=GUESTS)
        self.change(recurrence)
        for row in self.rows(recurrence):
            states = {one.partner_id: one.state for one in row.attendee_ids}
            self.assertEqual(states[self.ben.partner_id], "accepted")
            self.assertEqual(states[self.anna.partner_id], "needsAction")

    def test_change_mails_nobody_from_odoo(self):
        recurrence = self.pulled_series(attendees=GUESTS)
        before = self.env["mail.mail"].sudo().search_count([])
        self.change(recurrence)
        self.assertEqual(self.env["mail.mail"].sudo().search_count([]), before)

    def test_unwanted_series_is_given_back(self):
        """A no of the new organizer: the series is the former one's again, whole."""
        recurrence = self.pulled_series(attendees=GUESTS)
        days = self.rows(recurrence).mapped("ms365_day")
        self.wizard(recurrence).action_change()
        [approval] = self.env["praetorx.ms365.approval"].search(
            [("state", "=", "waiting")]
        )
        self.assertEqual(approval.user_id, self.ben)
        approval.with_user(self.ben).action_reject()
        self.env.flush_all()
        self.env.invalidate_all()
        rows = self.rows(recurrence)
        self.assertEqual(rows.user_id, self.anna)
        self.assertEqual(rows.mapped("ms365_day"), days)
        self.assertEqual(set(rows.mapped("ms365_sync_state")), {"synced"})
        link = self.link("S1")
        self.assertRecordValues(
            link,
            [
                {
                    "recurrence_id": recurrence.id,
                    "state": "synced",
                    "is_primary": True,
                    "successor_series_id": False,
                }
            ],
        )
        for row in rows:
            self.assertIn(self.guest, row.partner_ids)
            self.assertIn(self.ben.partner_id, row.partner_ids)
        waiting = self.Outbox.search([("state", "in", ["pending", "sending", "held"])])
        self.assertFalse(waiting)
        self.apply_series(*self.graph_series(attendees=GUESTS))
        self.assertEqual(self.rows(recurrence).mapped("ms365_day"), days)
        self.assertFalse(self.Outbox.search([("state", "=", "pending")]))
