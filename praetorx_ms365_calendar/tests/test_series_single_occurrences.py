"""Ben is invited to one occurrence of Anna's series alone: one meeting, one event."""

from datetime import date

from freezegun import freeze_time

from odoo.tests import tagged

from ..engine.mapping.global_id import dated_uid
from .common import TwoMailboxesCase, attendee, graph_time, person
from .test_series import FIRST, NOW, SeriesCase

UID = "040000008200E00074C5B7101A82E00800000000104D19318916DD0100000000000000001000"
DAY = "2026-03-09"
BEN = attendee("ben@example.com", "Ben")


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestSingleOccurrences(SeriesCase, TwoMailboxesCase):
    def series(self, **values):
        """Return Anna's series with Ben as attendee of the second occurrence."""
        return self.pulled_series(
            iCalUId=UID, exceptions={DAY: {"attendees": [BEN]}}, **values
        )

    def copy_of_ben(self, change_key="CK1", **values):
        """Return the copy in Ben's mailbox: a single event with the day in its id."""
        start = FIRST.replace(day=9)
        return self.remote_copy(
            "B1",
            change_key,
            **{
                "iCalUId": dated_uid(UID, date.fromisoformat(DAY)),
                "subject": "Standup",
                "start": graph_time(start),
                "end": graph_time(start.replace(hour=9)),
                **values,
            },
        )

    def pull_single(self, *args, **values):
        self.pull(self.copy_of_ben(*args, **values), account=self.account_of_ben)

    def standups(self):
        return self.env["calendar.event"].search([("name", "=", "Standup")])

    def row(self, recurrence):
        return self.rows(recurrence).filtered(lambda row: row.ms365_day == DAY)

    def reply_of_ben(self, event):
        return event.attendee_ids.filtered(
            lambda one: one.partner_id == self.ben.partner_id
        ).state

    def test_copy_that_comes_after_the_series_is_its_occurrence(self):
        recurrence = self.series()
        self.pull_single()
        self.assertEqual(self.link("B1").event_id, self.row(recurrence))
        self.assertFalse(self.link("B1").is_primary)
        self.assertEqual(len(self.standups()), 4)

    def test_copy_brings_the_reply_of_its_owner(self):
        recurrence = self.series()
        self.pull_single()
        accepted = {"response": "accepted", "time": "2026-03-01T09:00:00Z"}
        self.pull_single("CK2", responseStatus=accepted)
        row = self.row(recurrence)
        self.assertEqual(self.reply_of_ben(row), "accepted")
        self.assertEqual(len(self.standups()), 4)

    def test_reply_in_odoo_is_sent_to_the_own_copy(self):
        recurrence = self.series()
        self.pull_single()
        row = self.row(recurrence)
        link = row._ms365_invitation_of(self.account_of_ben)
        self.assertEqual(link, self.link("B1"))
        self.assertEqual(link._invitation_id(DAY), "B1")
        mine = row.attendee_ids.filtered(
            lambda one: one.partner_id == self.ben.partner_id
        )
        mine.with_user(self.ben).do_accept()
        entry = self.Outbox.search(
            [("account_id", "=", self.account_of_ben.id), ("operation", "=", "respond")]
        )
        self.assertEqual(entry.link_id, link)

    def test_copy_that_comes_first_becomes_the_occurrence(self):
        organizer = person("eve@example.net", "Eve")
        self.pull_single(organizer=organizer)
        single = self.link("B1").event_id
        single.message_post(body="remember the cake")
        recurrence = self.series(
            organizer=organizer,
            isOrganizer=False,
            responseStatus={"response": "accepted"},
            attendees=[attendee("anna@example.com", "Anna")],
        )
        self.assertEqual(self.row(recurrence), single)
        self.assertEqual(len(self.standups()), 4)
        self.assertFalse(self.link("B1").is_primary)
        self.assertEqual(self.link("S1").recurrence_id, recurrence)

    def test_copy_that_waits_for_the_organizer_is_linked_with_the_series(self):
        self.pull_single()
        self.assertEqual(self.link("B1").state, "waiting")
        recurrence = self.series()
        self.assertEqual(self.link("B1").event_id, self.row(recurrence))
        self.assertEqual(self.link("B1").state, "synced")
        self.assertEqual(len(self.standups()), 4)

    def test_twins_of_former_versions_become_one(self):
        of_eve = {
            "organizer": person("eve@example.net", "Eve"),
            "isOrganizer": False,
            "responseStatus": {"response": "accepted"},
            "attendees": [attendee("anna@example.com", "Anna")],
        }
        recurrence = self.series(**of_eve)
        self.pull_single(iCalUId="another", organizer=of_eve["organizer"])
        link = self.link("B1")
        self.assertEqual(len(self.standups()), 5)
        link.ical_uid = dated_uid(UID, date.fromisoformat(DAY))
        self.series(change_key="CK2", **of_eve)
        self.assertEqual(len(self.standups()), 4)
        self.assertEqual(link.event_id, self.row(recurrence))

    def test_cancelled_copy_leaves_the_occurrence(self):
        recurrence = self.series()
        self.pull_single()
        self.pull_single("CK2", isCancelled=True)
        self.assertEqual(self.link("B1").state, "deleted_there")
        self.assertTrue(self.row(recurrence).active)
        self.assertEqual(len(self.rows(recurrence)), 4)

    def test_copy_comes_again_after_a_cancellation(self):
        recurrence = self.series()
        self.pull_single()
        self.pull_single("CK2", isCancelled=True)
        self.pull({**self.copy_of_ben("CK3"), "id": "B2"}, account=self.account_of_ben)
        self.assertEqual(self.link("B2").event_id, self.row(recurrence))
        self.assertEqual(len(self.standups()), 4)
