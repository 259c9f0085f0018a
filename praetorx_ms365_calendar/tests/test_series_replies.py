"""Answers to invitations to a series: to all of it, or to one occurrence."""

from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..engine.errors import AlreadyGone
from ..graph.client import GraphResponse
from ..sync.push.recorder import Recorder
from ..sync.push.work import PushWork
from .common import attendee, graph_time
from .test_series import NOW, SeriesCase

DAYS = ["2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23"]


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestSeriesReplies(SeriesCase):
    """Test replies in a series of Anna with the attendee Ben; both sync."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account_of_ben = cls.connect(cls.ben)

    def invited(self):
        """Return Anna's series, with Ben's copy of it in Ben's mailbox."""
        recurrence = self.pulled_series(
            attendees=[attendee("ben@example.com", "Ben", "none")]
        )
        self.pull_copy()
        return recurrence

    def copy_of_ben(self, change_key="CK1", response="notResponded", **values):
        """Return the copy in Ben's mailbox."""
        return self.graph_series(
            change_key=change_key,
            **{
                "remote_id": "B1",
                "iCalUId": "uid of S1",
                "isOrganizer": False,
                "attendees": [attendee("ben@example.com", "Ben", "none")],
                "responseStatus": {"response": response},
                **values,
            },
        )

    def pull_copy(self, **values):
        return self.apply_series(
            *self.copy_of_ben(**values),
            calendar=self.account_of_ben._default_calendar(),
        )

    def exception(self, response, day=DAYS[1]):
        """Return the exceptions of a copy after its owner replied to one occurrence."""
        moment = datetime.fromisoformat(f"{day}T08:00:00")
        return {
            day: {
                "changeKey": f"CK of {response}",
                "start": graph_time(moment),
                "end": graph_time(moment + timedelta(hours=1)),
                "responseStatus": {"response": response},
            }
        }

    def reply(self, recurrence, state="accepted", which=1, scope="self_only"):
        """Have Ben answer in Odoo, as the buttons of the calendar do."""
        row = self.rows(recurrence)[which].with_user(self.ben).sudo(False)
        row.change_attendee_status(state, scope)
        self.env.flush_all()

    def states(self, recurrence):
        """Return Ben's answers in Odoo, in the order of the occurrences."""
        return [
            row.attendee_ids.filtered(
                lambda part: part.partner_id == self.ben.partner_id
            ).state
            for row in self.rows(recurrence)
        ]

    def claim(self):
        job = PushWork(self.env).claim(self.account_of_ben.id)
        self.env.flush_all()
        return job

    def record(self, job, *replies):
        job.record(list(replies))
        self.env.flush_all()
        self.env.invalidate_all()

    def waiting(self):
        """Return which events wait for an answer to be sent."""
        return self.Outbox.search(
            [
                ("account_id", "=", self.account_of_ben.id),
                ("operation", "=", "respond"),
                ("state", "=", "pending"),
            ],
            order="id",
        )

    def sent(self, response="notResponded"):
        """Send all entries, accepted by Graph; return the paths in order.

        :param response: the reply in the copy when it is read
        """
        paths = []
        for _round in range(20):
            sendings = PushWork(self.env)._plan(self.account_of_ben)
            if not sendings:
                return paths
            replies = []
            for sending in sendings:
                sending.mark()
                path = sending.request.path_or_url
                if sending.request.method == "POST":
                    paths.append(path.split("/events/")[1])
                    replies.append(GraphResponse(202, {}, None, "told", None))
                else:
                    replies.append(self.looked(response))
            Recorder(self.account_of_ben).record(sendings, replies)
            self.env.flush_all()
            self.env.invalidate_all()
        raise AssertionError("it goes on for ever")

    def looked(self, response="notResponded"):
        master, _instances = self.copy_of_ben(response=response)
        return GraphResponse(200, {}, master, "looked", None)

    # --- noted down -----------------------------------------------------------------

    def test_reply_to_one_occurrence_is_recorded_for_it_alone(self):
        recurrence = self.invited()
        self.reply(recurrence)
        [entry] = self.waiting()
        self.assertEqual(entry.event_id, self.rows(recurrence)[1])
        self.assertFalse(entry._is_series)

    def test_reply_to_all_is_one_entry(self):
        recurrence = self.invited()
        self.reply(recurrence, scope="all_events")
        [entry] = self.waiting()
        self.assertTrue(entry._is_series)
        self.assertEqual(entry.answer, "accepted")
        self.assertEqual(set(self.states(recurrence)), {"accepted"})

    def test_reply_to_all_coming_occurrences_is_one_to_the_series(self):
        recurrence = self.invited()
        with freeze_time("2026-03-08 08:00:00"):
            self.reply(recurrence, which=1, scope="future_events")
        [entry] = self.waiting()
        self.assertTrue(entry._is_series)

    def test_reply_to_some_coming_occurrences_is_refused(self):
        recurrence = self.invited()
        with self.assertRaisesRegex(UserError, "one occurrence, or to the whole"):
            self.reply(recurrence, which=2, scope="future_events")

    def test_reply_to_all_replaces_waiting_ones(self):
        recurrence = self.invited()
        self.reply(recurrence, "declined")
        self.reply(recurrence, "accepted", scope="all_events")
        [entry] = self.waiting()
        self.assertTrue(entry._is_series)

    def test_reply_to_all_by_the_link_of_a_mail_is_one_entry(self):
        recurrence = self.invited()
        self.reply(recurrence)
        self.clear_outbox()
        parts = self.rows(recurrence).attendee_ids.filtered(
            lambda part: (
                part.partner_id == self.ben.partner_id and part.state != "accepted"
            )
        )
        parts.with_user(self.ben).sudo().do_accept()
        [entry] = self.waiting()
        self.assertTrue(entry._is_series)

    def test_nobody_replies_to_a_series_for_another_person(self):
        recurrence = self.invited()
        part = self.rows(recurrence)[0].attendee_ids.filtered(
            lambda one: one.partner_id == self.ben.partner_id
        )
        with self.assertRaisesRegex(UserError, "own Outlook calendar"):
            part.with_user(self.anna).do_accept()

    # --- sent once ------------------------------------------------------------------

    def test_reply_to_one_occurrence_is_sent_to_its_own_id(self):
        recurrence = self.invited()
        self.reply(recurrence)
        self.assertEqual(self.sent(), [f"B1.{DAYS[1]}/accept"])
        self.assertFalse(self.waiting())
        self.assertFalse(self.claim())

    def test_reply_to_a_series_is_sent_to_the_id_of_its_master(self):
        recurrence = self.invited()
        self.reply(recurrence, "tentative", scope="all_events")
        self.assertEqual(self.sent(), ["B1/tentativelyAccept"])

    def test_reply_that_outlook_has_already_is_not_sent(self):
        recurrence = self.invited()
        self.reply(recurrence, scope="all_events")
        self.assertEqual(self.sent("accepted"), [])
        self.assertTrue(self.link("B1").needs_read)

    def test_reply_to_an_occurrence_follows_that_to_its_series(self):
        recurrence = self.invited()
        self.reply(recurrence, scope="all_events")
        self.reply(recurrence, "declined", which=2)
        self.assertEqual(self.sent(), ["B1/accept", f"B1.{DAYS[2]}/decline"])

    def test_exception_with_another_reply_gets_one_too(self):
        recurrence = self.invited()
        self.pull_copy(
            change_key="CK2", exceptions=self.exception("tentativelyAccepted")
        )
        self.assertEqual(self.states(recurrence)[1], "tentative")
        self.reply(recurrence, scope="all_events", which=0)
        self.assertEqual(self.sent(), ["B1/accept", f"B1.{DAYS[1]}/accept"])

    def test_series_is_read_for_the_id_of_an_occurrence_that_is_not_known(self):
        recurrence = self.invited()
        link = self.link("B1")
        link.occurrence_ids = False
        self.reply(recurrence)
        self.claim()
        self.assertTrue(link.needs_read)
        self.pull_copy(change_key="CK2")
        self.assertEqual(self.sent(), [f"B1.{DAYS[1]}/accept"])

    def test_occurrence_that_has_another_id_now_is_looked_for_once(self):
        recurrence = self.invited()
        self.reply(recurrence)
        gone = GraphResponse(404, {}, None, "gone", AlreadyGone("It is gone"))
        self.record(self.claim(), gone)
        self.assertTrue(self.link("B1").needs_read)
        self.claim()
        self.pull_copy(change_key="CK2")
        self.record(self.claim(), gone)
        [entry] = self.Outbox.search([("state", "=", "dead")])
        self.assertIn("no longer in the mailbox", entry.reason_text)

    def test_reply_waits_for_the_invitation(self):
        recurrence = self.pulled_series(
            attendees=[attendee("ben@example.com", "Ben", "none")]
        )
        self.reply(recurrence, scope="all_events")
        self.assertFalse(self.claim())
        self.assertTrue(self.waiting().attempts)
        self.pull_copy()
        self.assertEqual(self.sent(), ["B1/accept"])

    # --- restored occurrences -------------------------------------------------------

    def test_waiting_reply_is_not_undone_by_outlooks(self):
        recurrence = self.invited()
        self.reply(recurrence, "accepted", scope="all_events")
        self.pull_copy(change_key="CK2", response="tentativelyAccepted")
        self.assertEqual(set(self.states(recurrence)), {"accepted"})

    def test_reply_in_outlook_reaches_all_but_the_exceptions(self):
        recurrence = self.invited()
        with self.assertNothingCaptured():
            self.pull_copy(
                change_key="CK2",
                response="accepted",
                exceptions=self.exception("declined", DAYS[2]),
            )
        self.assertEqual(
            self.states(recurrence), ["accepted", "accepted", "declined", "accepted"]
        )

    def accepted(self, **values):
        """Return Anna's series after Ben has accepted it in Outlook."""
        accepted = [attendee("ben@example.com", "Ben", "accepted")]
        return self.pulled_series(attendees=accepted, **values)

    def reply_by_link(self, recurrence, which=1):
        """Have Ben decline one occurrence by the link of a mail: it stays in Odoo."""
        part = self.part_of(self.ben, self.rows(recurrence)[which])
        part.with_user(self.env.ref("base.public_user")).sudo().do_decline()

    def test_attendee_added_again_to_all_has_the_reply_that_outlook_has(self):
        recurrence = self.accepted()
        for command in (Command.unlink, Command.link):
            self.rows(recurrence)[0].with_user(self.anna).write(
                {
                    "partner_ids": [command(self.ben.partner_id.id)],
                    "recurrence_update": "all_events",
                }
            )
        self.assertEqual(set(self.states(recurrence)), {"needsAction"})
        self.assertTrue(self.link("S1").needs_read)
        self.accepted()
        self.assertEqual(set(self.states(recurrence)), {"accepted"})

    def test_attendee_added_again_to_one_has_the_reply_that_outlook_has(self):
        recurrence = self.accepted()
        self.reply_by_link(recurrence, 2)
        for command in (Command.unlink, Command.link):
            self.rows(recurrence)[1].with_user(self.anna).partner_ids = [
                command(self.ben.partner_id.id)
            ]
        self.assertTrue(self.link("S1").needs_read)
        self.accepted()
        expected = ["accepted", "accepted", "declined", "accepted"]
        self.assertEqual(self.states(recurrence), expected)

    def test_new_dates_have_the_reply_that_outlook_has(self):
        recurrence = self.accepted()
        self.reply_by_link(recurrence)
        self.rows(recurrence)[0].with_user(self.anna).write(
            {"count": 6, "recurrence_update": "all_events"}
        )
        self.assertEqual(self.states(recurrence)[4:], ["needsAction"] * 2)
        self.accepted(change_key="CK2", count=6)
        expected = ["accepted", "declined", *["accepted"] * 4]
        self.assertEqual(self.states(recurrence), expected)

    def test_replies_of_others_in_an_attendees_copy_are_ignored(self):
        """An attendee's copy does not have the replies of the others."""
        recurrence = self.pulled_series(
            attendees=[
                attendee("ben@example.com", "Ben", "none"),
                attendee("cleo@example.com", "Cleo", "accepted"),
            ]
        )
        self.pull_copy(
            attendees=[
                attendee("ben@example.com", "Ben", "none"),
                attendee("cleo@example.com", "Cleo", "declined"),
            ]
        )
        states = self.rows(recurrence).attendee_ids.filtered(
            lambda part: part.partner_id == self.cleo.partner_id
        )
        self.assertEqual(set(states.mapped("state")), {"accepted"})

    def test_sent_reply_to_one_occurrence_is_not_new_when_it_comes_back(self):
        recurrence = self.invited()
        self.reply(recurrence, "tentative")
        self.sent()
        self.reply(recurrence, "accepted")
        self.pull_copy(
            change_key="CK2", exceptions=self.exception("tentativelyAccepted")
        )
        self.assertEqual(self.states(recurrence)[1], "accepted")
        self.assertEqual(self.sent(), [f"B1.{DAYS[1]}/accept"])

    def test_lost_response_of_a_copy_is_over_once_it_has_been_read(self):
        """The copy was compared with Odoo's series while Anna's sync was off."""
        self.invited()
        copy = self.link("B1")
        copy.sent_snapshot = self.link("S1").base_snapshot
        self.pull_copy(change_key="CK2")
        self.assertFalse(copy.sent_snapshot)

    # --- declined -------------------------------------------------------------------

    def test_declined_series_leaves_the_mailbox_and_stays_for_the_others(self):
        recurrence = self.invited()
        self.reply(recurrence, "declined", scope="all_events")
        self.assertEqual(self.sent(), ["B1/decline"])
        self.assertEqual(self.link("B1").state, "deleted_there")
        self.assertEqual(len(self.rows(recurrence)), 4)
        self.assertEqual(self.link("S1").state, "synced")

    def test_series_that_is_invited_to_again_is_the_same(self):
        recurrence = self.invited()
        self.reply(recurrence, "declined", scope="all_events")
        self.sent()
        again = self.copy_of_ben(change_key="CK2", remote_id="B2")
        self.apply_series(*again, calendar=self.account_of_ben._default_calendar())
        self.assertEqual(self.link("B2").recurrence_id, recurrence)
        self.assertFalse(self.link("B1"))
        self.assertEqual(len(recurrence.ms365_link_ids), 2)

    def test_occurrence_declined_by_an_attendee_stays_in_odoo(self):
        """The organizer is elsewhere: Ben's mailbox alone tells of the series."""
        recurrence = self.elsewhere()
        self.reply(recurrence, "declined")
        self.assertEqual(self.sent(), [f"O1.{DAYS[1]}/decline"])
        with self.assertNothingCaptured():
            self.pull_elsewhere(change_key="CK2", cancelled=[DAYS[1]])
            self.pull_elsewhere(
                change_key="CK3", cancelled=[DAYS[1]], subject="Standup!"
            )
        self.assertEqual(len(self.rows(recurrence)), 4)
        self.assertEqual(self.states(recurrence)[1], "declined")
        self.assertEqual(
            self.rows(recurrence).mapped("name"),
            ["Standup!", "Standup", "Standup!", "Standup!"],
        )

    def test_declined_occurrence_that_is_invited_to_again_is_the_same(self):
        recurrence = self.elsewhere()
        ids = self.rows(recurrence).ids
        self.reply(recurrence, "declined")
        self.sent()
        self.pull_elsewhere(change_key="CK2", cancelled=[DAYS[1]])
        self.pull_elsewhere(change_key="CK3", subject="Standup!")
        self.assertEqual(self.rows(recurrence).ids, ids)
        self.assertEqual(set(self.rows(recurrence).mapped("name")), {"Standup!"})

    def test_occurrence_cancelled_by_the_organizer_goes(self):
        recurrence = self.elsewhere()
        self.pull_elsewhere(change_key="CK2", cancelled=[DAYS[1]])
        self.assertEqual(len(self.rows(recurrence)), 3)

    def test_declined_series_of_an_organizer_elsewhere_is_not_made_anew(self):
        """An edit of a personal field must not create it in the mailbox again."""
        recurrence = self.elsewhere()
        self.reply(recurrence, "declined", scope="all_events")
        self.sent()
        self.assertEqual(len(self.rows(recurrence)), 4)
        with self.assertNothingCaptured():
            self.rows(recurrence)[0].with_user(self.ben).sudo(False).write(
                {"show_as": "free", "recurrence_update": "all_events"}
            )

    def elsewhere(self):
        """Return a series in Ben's mailbox that somebody without Odoo organizes."""
        return self.pull_elsewhere()

    def pull_elsewhere(self, **values):
        return self.pull_copy(
            **{
                "remote_id": "O1",
                "iCalUId": "uid of O1",
                "organizer": {
                    "emailAddress": {"address": "otto@example.org", "name": "Otto"}
                },
                **values,
            }
        )
