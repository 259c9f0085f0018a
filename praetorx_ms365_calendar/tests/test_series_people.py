"""Test that Exchange sends no mails about a series against the company's policy."""

from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from ..graph.client import GraphResponse
from ..sync.push.recorder import Recorder
from ..sync.push.work import PushWork
from .test_series import NOW, SeriesCase

FIRST = datetime(2026, 3, 2, 8)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestSeriesPeople(SeriesCase):
    """Complaint odoo/odoo#62383: two invitations, or one that nobody wanted."""

    def series(self, policy):
        """Return Anna's weekly series of four with Gus, made in Odoo."""
        self.anna.company_id.sudo().ms365_invitation_policy = policy
        event = (
            self.env["calendar.event"]
            .with_user(self.anna)
            .create(
                {
                    "name": "Standup",
                    "start": FIRST,
                    "stop": FIRST + timedelta(hours=1),
                    "partner_ids": [
                        Command.set([self.anna.partner_id.id, self.guest.id])
                    ],
                    "recurrency": True,
                    "rrule_type": "weekly",
                    "mon": True,
                    "end_type": "count",
                    "count": 4,
                    "event_tz": "Europe/Berlin",
                    "alarm_ids": [Command.clear()],
                }
            )
        )
        self.env.flush_all()
        return event.recurrence_id

    def send(self):
        """Send the due write, record it as accepted by Graph, and return it."""
        [sending] = PushWork(self.env)._plan(self.account)
        sending.mark()
        body = {**self.graph_series()[0], **(sending.request.body or {})}
        body.pop("exceptionOccurrences", None)
        Recorder(self.account).record(
            [sending], [GraphResponse(201, {}, body, "request-1", None)]
        )
        self.env.flush_all()
        self.env.invalidate_all()
        return sending.request

    def read_back(self, **values):
        self.apply_series(*self.graph_series(**values))

    def in_outlook(self, policy):
        recurrence = self.series(policy)
        self.send()
        self.read_back(change_key="CK2")
        self.assertIsNone(self.plan(recurrence))
        return recurrence

    def guests(self, recurrence):
        return self.rows(recurrence).partner_ids - self.anna.partner_id

    def test_series_is_created_without_the_people_whom_odoo_mails(self):
        for policy in ("odoo", "none"):
            with self.subTest(policy):
                self.series(policy)
                self.assertFalse(self.send().body.get("attendees"))
                self.clear_outbox()
                self.Link.search([]).unlink()

    def test_series_is_created_with_them_where_exchange_mails(self):
        self.series("exchange")
        [guest] = self.send().body["attendees"]
        self.assertEqual(guest["emailAddress"]["address"], "gus@example.com")

    def test_people_stay_in_odoo_when_the_series_is_read_back(self):
        recurrence = self.in_outlook("odoo")
        self.assertEqual(self.guests(recurrence), self.guest)
        with self.assertNothingCaptured():
            self.read_back(change_key="CK3", subject="Daily")
        self.assertEqual(self.guests(recurrence), self.guest)
        self.assertEqual(set(self.rows(recurrence).mapped("name")), {"Daily"})

    def test_guests_added_in_odoo_are_not_sent(self):
        recurrence = self.in_outlook("none")
        self.clear_outbox()
        self.rows(recurrence)[0].with_user(self.anna).sudo(False).write(
            {
                "partner_ids": [Command.link(self.cleo.partner_id.id)],
                "recurrence_update": "all_events",
            }
        )
        self.assertIsNone(self.plan(recurrence))

    def test_edit_of_the_series_is_sent_without_people(self):
        recurrence = self.in_outlook("none")
        self.clear_outbox()
        self.rows(recurrence)[0].with_user(self.anna).sudo(False).write(
            {"name": "Daily", "recurrence_update": "all_events"}
        )
        _method, _path, body = self.written(recurrence)
        self.assertEqual(set(body), {"subject"})
