"""Copies of events and of series, and two events of a series on one day."""

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.modules.migration import load_script
from odoo.tests import tagged

from ..graph.client import GraphResponse
from ..sync.push.planner import Planner
from ..sync.push.work import PushWork
from .common import DAY, JOIN_URL, SyncCase, TwoMailboxesCase, attendee, person
from .test_series import NOW, SeriesCase

ZOOM = "https://us02web.zoom.us/j/123?pwd=x"


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestCopiesOfOccurrences(SeriesCase):
    """A copy of an occurrence is an event of its own."""

    def setUp(self):
        super().setUp()
        self.recurrence = self.pulled_series()
        self.original = self.rows(self.recurrence)[1]
        self.clear_outbox()

    def assertAlone(self, copy):
        self.assertFalse(copy.recurrence_id)
        self.assertFalse(copy.recurrency)
        self.assertFalse(copy.ms365_day)
        self.assertFalse(copy.microsoft_id)
        self.assertEqual(copy.user_id, self.anna)
        self.assertEqual(self.entries(copy).mapped("operation")[:1], ["upsert"])
        self.assertEqual(len(self.rows(self.recurrence)), 4)

    def test_copy_of_an_occurrence_is_sent_as_a_single_event(self):
        copy = self.original.with_user(self.anna).copy()
        self.assertAlone(copy)
        self.assertIsNone(self.plan(self.recurrence))

    def test_copies_of_several_occurrences_are_each_alone(self):
        rows = self.rows(self.recurrence)
        for copy in rows.with_user(self.anna).copy():
            self.assertAlone(copy)

    def test_edit_of_the_copy_leaves_the_series_alone(self):
        copy = self.original.with_user(self.anna).copy()
        copy.write({"name": "Other", "recurrence_update": "all_events"})
        self.assertEqual(set(self.rows(self.recurrence).mapped("name")), {"Standup"})
        self.assertIsNone(self.plan(self.recurrence))

    def test_edit_in_outlook_reaches_the_original_and_not_the_copy(self):
        copy = self.original.with_user(self.anna).copy()
        self.apply_series(*self.graph_series("CK2", subject="Daily"))
        self.assertEqual(self.original.name, "Daily")
        self.assertEqual(copy.name, "Standup")

    def test_import_with_the_series_of_an_export_makes_a_single_event(self):
        values = {
            name: self.original[name]
            for name in ("name", "start", "stop", "recurrency")
        }
        imported = (
            self.env["calendar.event"]
            .with_user(self.anna)
            .create({**values, "recurrence_id": self.recurrence.id})
        )
        self.assertAlone(imported)

    def test_event_cannot_be_put_into_a_series(self):
        event = self.new_event()
        with self.assertRaisesRegex(UserError, "cannot be put into a series"):
            event.recurrence_id = self.recurrence
        with self.assertRaisesRegex(UserError, "cannot be put into a series"):
            self.recurrence.with_user(self.anna).calendar_event_ids = [
                Command.link(event.id)
            ]

    def test_data_of_a_copy_makes_a_single_event(self):
        [values] = self.original.with_user(self.anna).copy_data()
        made = self.env["calendar.event"].with_user(self.anna).create(values)
        self.assertAlone(made)

    def test_copy_of_the_recurrence_changes_nothing(self):
        with self.assertNothingCaptured():
            copy = self.recurrence.copy()
        self.assertFalse(copy.calendar_event_ids)
        self.assertFalse(copy.ms365_link_ids)
        self.apply_series(*self.graph_series("CK2", subject="Daily"))
        self.assertEqual(set(self.rows(self.recurrence).mapped("name")), {"Daily"})

    def test_series_made_in_odoo_has_all_its_events(self):
        event = self.new_event(
            recurrency=True, rrule_type="daily", end_type="count", count=3
        )
        self.assertEqual(len(event.recurrence_id.calendar_event_ids), 3)
        copy = event.with_user(self.anna).copy()
        self.assertFalse(copy.recurrence_id)
        self.assertEqual(len(event.recurrence_id.calendar_event_ids), 3)

    # --- two on one day -------------------------------------------------------------

    def twin(self, **values):
        """Return a second event on the day of the original, as older versions made."""
        copy = self.original.with_user(self.anna).copy()
        self.entries(copy).unlink()
        copy._ms365_write_bookkeeping(
            {
                "recurrence_id": self.recurrence.id,
                "recurrency": True,
                "follow_recurrence": True,
                **values,
            }
        )
        self.env.invalidate_all()
        return copy

    def test_second_event_on_a_day_leaves_the_series(self):
        twin = self.twin()
        self.apply_series(*self.graph_series("CK2", subject="Daily"))
        self.assertEqual(self.original.name, "Daily")
        self.assertFalse(twin.recurrence_id)
        self.assertEqual(twin.name, "Standup")
        self.assertTrue(twin.active)

    def test_second_event_is_sent_as_an_event_of_its_own(self):
        twin = self.twin()
        self.apply_series(*self.graph_series("CK2", subject="Daily"))
        self.assertRecordValues(
            self.entries(twin), [{"operation": "upsert", "state": "pending"}]
        )
        self.assertEqual(twin.ms365_sync_state, "pending")
        self.assertFalse(self.account._events_awaiting_consent())

    def test_second_event_with_guests_awaits_consent_of_its_organizer(self):
        twin = self.twin()
        twin._ms365_for_sync(self.anna).partner_ids += self.guest
        self.apply_series(*self.graph_series("CK2", subject="Daily"))
        self.assertFalse(twin.recurrence_id)
        self.assertFalse(self.entries(twin))
        self.assertEqual(self.account._events_awaiting_consent(), twin)
        self.assertIn("My Connection", twin.message_ids.mapped("body")[0])
        self.send_waiting()
        self.assertEqual(self.entries(twin).mapped("state"), ["pending"])

    def test_edit_of_a_series_by_a_colleague_makes_no_second_event(self):
        twin = self.twin()
        self.rows(self.recurrence)[0].with_user(self.cleo).location = "Room 1"
        self.assertRecordValues(
            self.entries(twin),
            [{"state": "pending", "author_id": self.env.ref("base.user_root").id}],
        )

    def test_second_event_that_is_deleted_leaves_nothing_to_send(self):
        twin = self.twin()
        twin_id = twin.id
        twin.with_user(self.anna).unlink()
        self.assertEqual(self.entries(twin_id)[-1:].operation or "delete", "delete")
        self.assertEqual(len(self.rows(self.recurrence)), 4)
        self.assertFalse(self.recurrence._ms365_removed_days())

    def test_edit_of_the_second_event_is_its_own(self):
        twin = self.twin()
        twin.with_user(self.anna).name = "Other"
        self.assertFalse(twin.recurrence_id)
        self.assertIsNone(self.plan(self.recurrence))
        self.assertEqual(set(self.entries(twin).mapped("operation")), {"upsert"})

    def test_two_that_nobody_can_tell_apart_are_reported(self):
        self.recurrence.ms365_link_ids.occurrence_ids = False
        twin = self.twin()
        self.original._ms365_write_bookkeeping(
            {"name": "Edited", "microsoft_id": False}
        )
        self.env.invalidate_all()
        self.original.with_user(self.anna).location = "Room 1"
        entries = self.Outbox.search(
            [("recurrence_id", "=", self.recurrence.id), ("state", "=", "pending")]
        )
        with self.assertRaisesRegex(Exception, "twins"):
            self.plan(self.recurrence)
        self.assertTrue(entries)
        self.assertEqual(twin.recurrence_id, self.recurrence)
        twin.with_user(self.anna).unlink()
        self.assertFalse(self.recurrence._ms365_why_twins())
        self.assertFalse(self.recurrence._ms365_removed_days())

    def test_outlook_s_edit_of_a_series_with_two_on_a_day_is_reported(self):
        self.recurrence.ms365_link_ids.occurrence_ids = False
        self.twin()
        self.original._ms365_write_bookkeeping(
            {"name": "Edited", "microsoft_id": False}
        )
        self.env.invalidate_all()
        with self.assertRaisesRegex(AssertionError, "twins"):
            self.apply_series(*self.graph_series("CK2", subject="Daily"))
        self.assertIn(
            "Two events", self.original.with_user(self.anna).ms365_message or ""
        )


@tagged("post_install", "-at_install")
class TestCopiesOfMeetings(TwoMailboxesCase):
    """Test the organizer of a copy, and its join link."""

    BLOCK = f'<div class="me-email-text"><a href="{JOIN_URL}">Join it now</a></div>'

    def teams_meeting(self):
        return self.pulled(
            isOnlineMeeting=True,
            onlineMeetingProvider="teamsForBusiness",
            onlineMeeting={"joinUrl": JOIN_URL},
            attendees=[attendee("ben@example.com", "Ben")],
        )

    def test_copy_of_a_teams_meeting_has_no_link_until_it_has_its_own(self):
        copy = self.teams_meeting().with_user(self.anna).copy()
        self.assertTrue(copy.is_teams_meeting)
        self.assertFalse(copy.teams_meeting_url)
        self.assertFalse(copy.videocall_location)

    def test_copy_has_no_invitation_of_microsoft_in_its_text(self):
        event = self.teams_meeting()
        event._ms365_write_bookkeeping(
            {"description": f"<p>Agenda</p>{'_' * 80}{self.BLOCK}{'_' * 80}"}
        )
        copy = event.with_user(self.anna).copy()
        self.assertIn("Agenda", copy.description)
        self.assertNotIn("teams.microsoft.com", copy.description)

    def test_copy_keeps_the_link_of_another_service(self):
        event = self.new_event(videocall_location=ZOOM)
        self.assertEqual(event.copy().videocall_location, ZOOM)

    def test_copy_of_a_meeting_of_a_colleague_is_one_s_own(self):
        event = self.teams_meeting()
        copy = event.with_user(self.ben).copy()
        self.assertEqual(copy.user_id, self.ben)
        self.assertLessEqual((self.anna | self.ben).partner_id, copy.partner_ids)
        self.assertEqual(copy.sudo().ms365_calendar_id.account_id, self.account_of_ben)
        self.assertEqual(self.entries(copy).account_id, self.account_of_ben)
        self.assertFalse(copy.teams_meeting_url)

    def test_copying_user_takes_part_in_the_copy(self):
        event = self.new_event()
        copy = event.with_user(self.ben).copy()
        self.assertEqual(copy.user_id, self.ben)
        self.assertIn(self.ben.partner_id, copy.partner_ids)

    def test_delegate_who_does_not_take_part_copies_for_the_organizer(self):
        self.anna.sudo().ms365_delegate_ids = self.cleo
        copy = self.teams_meeting().with_user(self.cleo).copy()
        self.assertEqual(copy.user_id, self.anna)
        self.assertTrue(copy.is_teams_meeting)
        self.assertFalse(copy.videocall_location)

    def test_delegate_who_takes_part_makes_one_s_own(self):
        self.anna.sudo().ms365_delegate_ids = self.ben
        copy = self.teams_meeting().with_user(self.ben).copy()
        self.assertEqual(copy.user_id, self.ben)

    def test_user_without_sync_copies_without_teams(self):
        copy = self.teams_meeting().with_user(self.cleo).copy()
        self.assertEqual(copy.user_id, self.cleo)
        self.assertFalse(copy.is_teams_meeting)
        self.assertFalse(copy.videocall_location)
        self.assertFalse(self.entries(copy))

    def test_copy_of_a_meeting_of_a_stranger_is_one_s_own(self):
        self.pull(
            self.remote(
                isOrganizer=False,
                organizer=person("olga@x.example", "Olga"),
                attendees=[attendee("anna@example.com", "Anna")],
            )
        )
        copy = self.link().event_id.with_user(self.anna).copy()
        self.assertEqual(copy.user_id, self.anna)
        self.assertIn("olga@x.example", copy.partner_ids.mapped("email"))
        self.assertFalse(copy.ms365_lock_reason)


@tagged("post_install", "-at_install")
class TestStockCopies(SyncCase):
    """For people without sync, a copy is made as in standard Odoo."""

    def test_copy_of_an_event_of_a_colleague_stays_the_colleague_s(self):
        event = self.new_event(self.cleo)
        copy = event.with_user(self.ben).copy()
        self.assertEqual(copy.user_id, self.cleo)


@tagged("post_install", "-at_install")
class TestJoinLinks(SyncCase):
    """Only Microsoft's hosts are Teams; other links are named by their host."""

    def told(self, event):
        return " ".join(event.message_ids.mapped("body"))

    def online(self, url, change_key="CK1", **values):
        return self.pulled(
            change_key=change_key,
            isOnlineMeeting=True,
            onlineMeeting={"joinUrl": url},
            **values,
        )

    def test_teams_link_is_told_as_one(self):
        event = self.online(JOIN_URL)
        self.assertEqual(event.teams_meeting_url, JOIN_URL)
        self.assertIn("Join the Teams meeting", self.told(event))

    def test_link_of_another_service_is_named_by_its_host(self):
        event = self.online(ZOOM, onlineMeetingProvider="unknown")
        self.assertFalse(event.teams_meeting_url)
        self.assertEqual(event.videocall_location, ZOOM)
        self.assertIn("us02web.zoom.us", self.told(event))
        self.assertNotIn("Teams", self.told(event))

    def test_link_of_another_service_is_told_once(self):
        event = self.online(ZOOM)
        self.online(ZOOM, "CK2", subject="Dinner")
        self.assertEqual(self.told(event).count("us02web.zoom.us</a>"), 1)

    def test_host_that_only_looks_like_teams_is_named(self):
        url = "https://teams.microsoft.com.evil.example/l/meetup-join/x"
        event = self.online(url)
        self.assertFalse(event.teams_meeting_url)
        self.assertNotIn("Teams meeting", self.told(event))

    def test_teams_link_as_the_place_is_the_join_link(self):
        event = self.pulled(location={"displayName": JOIN_URL})
        self.assertEqual(event.videocall_location, JOIN_URL)
        self.assertFalse(event.location)
        with self.assertNothingCaptured():
            self.pull(
                self.remote(
                    change_key="CK2",
                    subject="Dinner",
                    location={"displayName": JOIN_URL},
                )
            )
        self.assertEqual(event.name, "Dinner")
        self.assertEqual(event.videocall_location, JOIN_URL)

    def test_join_link_goes_with_the_place_it_came_from(self):
        event = self.pulled(location={"displayName": JOIN_URL})
        self.pull(self.remote(change_key="CK2", location={"displayName": "Room 1"}))
        self.assertEqual(event.location, "Room 1")
        self.assertFalse(event.videocall_location)

    def test_links_of_other_services_in_old_databases_are_no_teams_links(self):
        event, other = self.online(JOIN_URL), self.pulled("R2")
        other._ms365_write_bookkeeping(
            {"teams_meeting_url": ZOOM, "videocall_location": ZOOM}
        )
        self.env.flush_all()
        name = "post-join_links"
        load_script(
            f"praetorx_ms365_calendar/migrations/19.0.2.0.0/{name}.py", name
        ).migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertEqual(event.teams_meeting_url, JOIN_URL)
        self.assertFalse(other.teams_meeting_url)
        self.assertEqual(other.videocall_location, ZOOM)

    def test_other_link_as_the_place_stays_the_place(self):
        event = self.pulled(location={"displayName": ZOOM})
        self.assertEqual(event.location, ZOOM)
        self.assertFalse(event.videocall_location)


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestForeignMeetings(SeriesCase):
    """The link of somebody else's meeting is a link to join, and no more."""

    def imported(self, **values):
        """Return an event that Anna has imported from a file."""
        values = {"name": "Talk", "start": DAY, "stop": DAY, **values}
        result = (
            self.env["calendar.event"]
            .with_user(self.anna)
            .load([*values], [[str(value) for value in values.values()]])
        )
        self.assertTrue(result["ids"], result["messages"])
        return self.env["calendar.event"].browse(result["ids"])

    def sent(self, event):
        """Return the write that would be sent for an event."""
        entries = self.entries(event)
        return Planner(self.account, entries).plan(entries).request

    def assertNotOwn(self, events):
        self.assertFalse(any(events.mapped("teams_meeting_url")))
        self.assertFalse(any(events.mapped("is_teams_meeting")))
        self.assertEqual(set(events.mapped("videocall_location")), {JOIN_URL})

    def test_link_of_an_import_is_no_own_meeting(self):
        event = self.imported(videocall_location=JOIN_URL)
        self.assertNotOwn(event)
        request = self.sent(event)
        self.assertEqual(
            (request.method, request.path_or_url[-7:]), ("POST", "/events")
        )
        self.assertFalse(request.body.get("isOnlineMeeting"))

    def test_import_that_is_to_be_a_meeting_gets_one_of_its_own(self):
        event = self.imported(
            videocall_location=JOIN_URL, is_teams_meeting=True, location=JOIN_URL
        )
        self.assertFalse(event.videocall_location)
        self.assertFalse(event.location)
        self.assertTrue(self.sent(event).body["isOnlineMeeting"])
        own = JOIN_URL.replace("abc", "own")
        job = PushWork(self.env).claim(self.account.id)
        body = self.remote(
            subject="Talk", isOnlineMeeting=True, onlineMeeting={"joinUrl": own}
        )
        job.record([GraphResponse(201, {}, body, "request-1", None)])
        self.assertEqual(
            (event.teams_meeting_url, event.videocall_location), (own, own)
        )

    def test_link_in_outlook_without_a_meeting_is_no_own_meeting(self):
        event = self.pulled(onlineMeetingUrl=JOIN_URL)
        self.assertNotOwn(event)
        with self.assertNothingCaptured():
            self.pull(self.remote(change_key="CK2", onlineMeetingUrl=JOIN_URL))
        self.assertNotOwn(event)

    def test_link_of_a_series_without_a_meeting_is_no_own_meeting(self):
        recurrence = self.pulled_series(onlineMeetingUrl=JOIN_URL)
        self.assertNotOwn(self.rows(recurrence))
        self.apply_series(*self.graph_series("CK2", onlineMeetingUrl=JOIN_URL))
        self.assertNotOwn(self.rows(recurrence))
