from datetime import timedelta

from odoo import Command, fields
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..engine.snapshot import Content
from ..graph.client import GraphResponse
from ..sync.pull.rounds import record_pages
from ..sync.push.work import PushWork
from .common import (
    DAY,
    JOIN_URL,
    SyncCase,
    TwoMailboxesCase,
    attendee,
    graph_time,
    person,
)


@tagged("post_install", "-at_install")
class TestApply(SyncCase):
    """Test the changes that a page of Graph's events makes in Odoo."""

    # --- new events -----------------------------------------------------------------

    def test_new_event_is_created_and_linked(self):
        self.env["calendar.event.type"].create({"name": "Blue"})
        event = self.pulled(
            subject="Lunch",
            location={"displayName": "Room 1"},
            body={"contentType": "html", "content": "<p>With cake</p>"},
            sensitivity="private",
            showAs="free",
            isReminderOn=True,
            categories=["Blue"],
        )
        link = self.link()
        self.assertRecordValues(
            event,
            [
                {
                    "name": "Lunch",
                    "start": DAY,
                    "stop": DAY + timedelta(hours=1),
                    "location": "Room 1",
                    "privacy": "private",
                    "show_as": "free",
                    "user_id": self.anna.id,
                    "partner_ids": self.anna.partner_id.ids,
                    "sync_origin": "outlook",
                    "ms_change_key": "CK1",
                    "ms365_sync_state": "synced",
                    "synced_field_hash": link.content_hash,
                }
            ],
        )
        self.assertIn("With cake", event.description)
        self.assertEqual(event.alarm_ids.mapped("duration_minutes"), [15])
        self.assertEqual(event.categ_ids.mapped("name"), ["Blue"])
        self.assertRecordValues(
            link,
            [{"state": "synced", "is_primary": True, "account_id": self.account.id}],
        )
        self.assertRegex(event.synced_field_hash, "^[0-9a-f]{64}$")

    def test_all_day_event_ends_on_its_last_day(self):
        midnight = DAY.replace(hour=0)
        event = self.pulled(
            isAllDay=True,
            start=graph_time(midnight),
            end=graph_time(midnight + timedelta(days=2)),
        )
        self.assertTrue(event.allday)
        self.assertEqual(event.start_date, DAY.date())
        self.assertEqual(event.stop_date, (DAY + timedelta(days=1)).date())

    def test_own_time_zone_of_an_event_is_understood(self):
        event = self.pulled(
            start={
                "dateTime": "2026-07-01T09:00:00",
                "timeZone": "India Standard Time",
            },
            end={"dateTime": "2026-07-01T10:00:00", "timeZone": "Asia/Kolkata"},
        )
        self.assertEqual(str(event.start), "2026-07-01 03:30:00")
        self.assertEqual(str(event.stop), "2026-07-01 04:30:00")

    def test_page_with_many_events_creates_them_all(self):
        self.pull(*(self.remote(f"R{number}") for number in range(30)))
        links = self.Link.search([("account_id", "=", self.account.id)])
        self.assertEqual(len(links.event_id), 30)

    def test_repeated_item_is_applied_once_with_its_last_version(self):
        self.pull(self.remote(), self.remote(change_key="CK2", subject="Dinner"))
        self.assertEqual(self.link().event_id.name, "Dinner")
        self.assertEqual(self.link().change_key, "CK2")

    def test_series_is_read_in_full_before_it_is_applied(self):
        self.pull(self.remote(type="seriesMaster"), self.remote("R2"))
        self.assertTrue(self.link("R1").needs_read)
        self.assertTrue(self.link("R1").is_series)
        self.assertTrue(self.link("R2").event_id)

    def test_event_that_became_a_series_is_read_in_full(self):
        event = self.pulled()
        self.pull(self.remote(change_key="CK2", type="seriesMaster"))
        self.assertTrue(self.link("R1").needs_read)
        self.assertEqual(self.link("R1").event_id, event)

    # --- changes --------------------------------------------------------------------

    def test_change_is_written(self):
        event = self.pulled()
        with self.assertNothingCaptured():
            self.pull(
                self.remote(
                    change_key="CK2",
                    subject="Dinner",
                    start=graph_time(DAY + timedelta(hours=3)),
                    end=graph_time(DAY + timedelta(hours=4)),
                )
            )
        self.assertEqual(event.name, "Dinner")
        self.assertEqual(event.start, DAY + timedelta(hours=3))
        self.assertEqual(event.stop, DAY + timedelta(hours=4))
        self.assertEqual(event.sync_origin, "outlook")
        self.assertEqual(self.link().change_key, "CK2")

    def test_same_version_again_changes_nothing(self):
        event = self.pulled()
        before = (event.write_date, self.link().write_date, self.Log.search_count([]))
        self.pull(self.remote(subject="No newer version has this"))
        after = (event.write_date, self.link().write_date, self.Log.search_count([]))
        self.assertEqual(after, before)
        self.assertEqual(event.name, "Lunch")

    def test_new_version_without_a_change_writes_no_field(self):
        event = self.pulled(showAs="tentative")
        event._ms365_write_bookkeeping({"sync_origin": "odoo"})
        self.pull(self.remote(change_key="CK2", showAs="tentative"))
        self.assertEqual(event.sync_origin, "odoo")
        self.assertEqual(event.ms_change_key, "CK2")
        row = self.Log.search([("event_id", "=", event.id)], limit=1)
        self.assertEqual(row.outcome, "nothing")

    def test_values_that_odoo_cannot_store_stay_in_outlook(self):
        event = self.pulled(showAs="workingElsewhere")
        self.assertEqual(event.show_as, "busy")
        event.with_user(self.anna).name = "Dinner"
        self.pull(self.remote(change_key="CK2", showAs="workingElsewhere"))
        self.assertEqual(self.link()._base.theirs.show_as, "workingElsewhere")
        self.assertFalse(self.open_conflict(event))

    def test_own_mail_reminders_survive_outlooks_reminder(self):
        event = self.pulled(isReminderOn=True)
        mail = self.env.ref("calendar.alarm_mail_1")
        event.with_user(self.anna).write({"alarm_ids": [Command.link(mail.id)]})
        self.pull(
            self.remote(
                change_key="CK2", isReminderOn=True, reminderMinutesBeforeStart=60
            )
        )
        self.assertIn(mail, event.alarm_ids)
        pop_ups = event.alarm_ids.filtered(lambda a: a.alarm_type == "notification")
        self.assertEqual(pop_ups.mapped("duration_minutes"), [60])

    def test_edits_of_different_fields_meet(self):
        event = self.pulled()
        event.with_user(self.anna).location = "Room 1"
        with self.assertNothingCaptured():  # it is on its way already
            self.pull(self.remote(change_key="CK2", subject="Dinner"))
        self.assertEqual((event.name, event.location), ("Dinner", "Room 1"))
        self.assertEqual(event.ms365_sync_state, "pending")

    # --- one bad event --------------------------------------------------------------

    def test_event_that_cannot_be_read_does_not_hold_up_the_page(self):
        self.pull(
            self.remote("R1"),
            self.remote("R2", start={"dateTime": "soon", "timeZone": "UTC"}),
            self.remote("R3", start=graph_time(DAY) | {"timeZone": "Middle-earth"}),
            {"nonsense": True},
            self.remote("R4"),
        )
        self.assertTrue(self.link("R1").event_id)
        self.assertTrue(self.link("R4").event_id)
        for remote_id in ("R2", "R3"):
            self.assertEqual(self.link(remote_id).state, "quarantined")
            self.assertTrue(self.link(remote_id).reason)

    def test_quarantined_event_is_applied_once_it_can_be_read(self):
        self.pull(self.remote(start={"dateTime": "soon", "timeZone": "UTC"}))
        self.assertEqual(self.link().state, "quarantined")
        event = self.pulled(change_key="CK2")
        self.assertEqual(event.name, "Lunch")
        self.assertRecordValues(self.link(), [{"state": "synced", "reason": False}])

    def test_known_event_that_cannot_be_read_any_more_shows_an_error(self):
        event = self.pulled()
        self.pull(self.remote(change_key="CK2", end=None))
        self.assertEqual(event.ms365_sync_state, "error")
        self.assertTrue(event.ms365_message)
        self.pull(self.remote(change_key="CK3", subject="Dinner"))
        self.assertEqual((event.name, event.ms365_sync_state), ("Dinner", "synced"))

    def refuse(self, name):
        """Have the database refuse events of this name, as any constraint may.

        PostgreSQL's message has the contents in it: it must not reach the log.
        """
        self.env.cr.execute("ALTER TABLE calendar_event ADD CHECK (name != %s)", [name])

    def test_new_event_that_odoo_refuses_does_not_hold_up_the_page(self):
        self.refuse("Bad")
        with self.assertNoLogs("odoo.sql_db", "ERROR"):
            self.pull(
                self.remote("R1"), self.remote("R2", subject="Bad"), self.remote("R3")
            )
        self.assertEqual(self.link("R2").state, "quarantined")
        self.assertFalse(self.link("R2").event_id)
        self.assertTrue(self.link("R1").event_id)
        self.assertTrue(self.link("R3").event_id)

    def test_change_that_odoo_refuses_does_not_hold_up_the_page(self):
        self.pull(self.remote("R1"), self.remote("R2"))
        self.refuse("Bad")
        with mute_logger("odoo.sql_db"):
            self.pull(
                self.remote("R1", "CK2", subject="Bad"),
                self.remote("R2", "CK2", subject="Dinner"),
            )
        refused = self.link("R1")
        self.assertEqual(refused.state, "quarantined")
        self.assertEqual(refused.event_id.name, "Lunch")
        self.assertEqual(refused.event_id.ms365_sync_state, "error")
        self.assertEqual(self.link("R2").event_id.name, "Dinner")

    def test_lone_new_event_that_odoo_refuses_is_quarantined(self):
        self.refuse("Bad")
        with self.assertNoLogs("odoo.sql_db", "ERROR"):
            self.pull(self.remote(subject="Bad"))
        self.assertEqual(self.link().state, "quarantined")

    # --- gone -----------------------------------------------------------------------

    def removed(self, remote_id="R1"):
        return {"id": remote_id, "@removed": {"reason": "deleted"}}

    def test_removed_is_doubted_before_it_is_believed(self):
        event = self.pulled()
        self.pull(self.removed())
        self.assertTrue(event.active)
        self.assertTrue(self.link().needs_read)

    def test_removed_event_that_is_still_there_stays(self):
        """It left the window, or somebody moved it back."""
        event = self.pulled()
        self.pull(self.removed())
        self.pull(self.remote())
        self.assertTrue(event.active)
        self.assertFalse(self.link().needs_read)

    def test_verified_deletion_archives(self):
        event = self.pulled()
        self.gone(self.link())
        self.assertFalse(event.active)
        self.assertEqual(self.link().state, "deleted_there")
        self.assertEqual(event.sync_origin, "outlook")

    def test_cancelled_meeting_is_archived(self):
        event = self.pulled(attendees=[attendee("gus@example.com")])
        self.pull(self.remote(change_key="CK2", isCancelled=True))
        self.assertFalse(event.active)

    def test_tombstone_is_not_resurrected_by_a_late_page(self):
        event = self.pulled()
        self.gone(self.link())
        self.pull(self.remote())
        self.assertFalse(event.active)

    def test_event_restored_in_outlook_comes_back(self):
        event = self.pulled()
        self.gone(self.link())
        self.pull(self.remote(change_key="CK2", subject="Dinner"))
        self.assertTrue(event.active)
        self.assertEqual(event.name, "Dinner")
        self.assertEqual(self.link().state, "synced")

    def test_event_deleted_in_odoo_is_not_brought_back_by_a_re_read(self):
        event = self.pulled()
        event.with_user(self.anna).unlink()
        count = self.env["calendar.event"].with_context(active_test=False)
        before = count.search_count([])
        self.pull(self.remote())
        self.pull(self.remote(change_key="CK2"))  # a new version, nothing changed
        self.assertEqual(count.search_count([]), before)
        self.assertEqual(self.link().state, "deleted_here")

    def disputed_deletion(self, how):
        """Return a conflict: deleted in Odoo, changed in Outlook meanwhile."""
        event = self.pulled()
        if how == "unlink":
            event.with_user(self.anna).unlink()
        else:
            event.with_user(self.anna).active = False
        self.pull(self.remote(change_key="CK2", subject="Dinner"))
        return self.Conflict.search([("link_id", "=", self.link().id)])

    def test_disputed_deletion_is_not_undone_by_reading_again(self):
        for how in ("unlink", "archive"):
            with self.subTest(how=how), self.env.cr.savepoint() as savepoint:
                conflict = self.disputed_deletion(how)
                count = self.env["calendar.event"].search_count([])
                self.pull(self.remote(change_key="CK3", subject="Supper"))
                self.assertEqual(self.env["calendar.event"].search_count([]), count)
                self.assertEqual(self.link().state, "conflict")
                self.assertEqual(conflict.state, "open")
                self.assertEqual(conflict._theirs_content().subject, "Supper")
                savepoint.rollback()
                self.env.invalidate_all()

    def test_disputed_deletion_is_over_when_outlook_deletes_too(self):
        for how in ("unlink", "archive"):
            with self.subTest(how=how), self.env.cr.savepoint() as savepoint:
                conflict = self.disputed_deletion(how)
                self.gone(self.link())
                self.assertEqual(self.link().state, "deleted_there")
                self.assertRecordValues(
                    conflict, [{"state": "resolved", "resolution": "gone"}]
                )
                savepoint.rollback()
                self.env.invalidate_all()

    def test_event_that_was_not_understood_can_still_be_deleted(self):
        event = self.pulled()
        self.pull(self.remote(change_key="CK2", start="nonsense"))
        self.assertEqual(self.link().state, "quarantined")
        self.pull({"id": "R1", "@removed": {"reason": "deleted"}})
        self.assertTrue(self.link().needs_read)
        self.gone(self.link())
        self.assertFalse(event.active)

    def test_event_without_ical_uid_is_known_by_its_id(self):
        """A reinstalled addon has lost its links, and Graph may leave the UID out."""
        event = self.pulled(iCalUId=None)
        self.link().unlink()
        self.pull(self.remote(iCalUId=None))
        self.assertEqual(self.link().event_id, event)

    def test_entry_without_id_is_told_in_the_log(self):
        calendar = self.account._default_calendar()
        calendar._begin_round(DAY)
        body = {
            "value": [{"subject": "nobody knows which"}, self.remote()],
            "@odata.deltaLink": self.account._graph_root() + "/v1.0/next",
        }
        record_pages(
            self.account, calendar, [GraphResponse(200, {}, body, "request-1", None)]
        )
        self.assertTrue(self.link().event_id)
        row = self.Log.search([("outcome", "=", "quarantined")])
        self.assertEqual(row.request_id, "request-1")
        self.assertIn("left out: 1", row.reason_text)

    # --- one way --------------------------------------------------------------------

    def test_one_way_to_outlook_writes_nothing_to_odoo(self):
        event = self.pulled()
        self.anna.ms365_sync_direction = "odoo_to_outlook"
        self.pull(self.remote(change_key="CK2", subject="Dinner"), self.remote("R2"))
        self.assertEqual(event.name, "Lunch")
        self.assertFalse(self.link("R2").event_id)
        self.gone(self.link())
        self.assertTrue(event.active)

    def test_one_way_from_outlook_applies_outlooks_value(self):
        self.anna.ms365_sync_direction = "outlook_to_odoo"
        event = self.pulled()
        event.with_user(self.anna).name = "Mine"
        with self.assertNothingCaptured():
            self.pull(self.remote(change_key="CK2", subject="Dinner"))
        self.assertEqual(event.name, "Dinner")
        self.assertFalse(self.open_conflict(event))

    # --- Teams ----------------------------------------------------------------------

    def test_teams_link_is_shown_and_told_once(self):
        event = self.pulled()
        for change_key in ("CK2", "CK3"):
            self.pull(
                self.remote(
                    change_key=change_key,
                    subject=change_key,
                    isOnlineMeeting=True,
                    onlineMeetingProvider="teamsForBusiness",
                    onlineMeeting={"joinUrl": JOIN_URL},
                )
            )
        self.assertTrue(event.is_teams_meeting)
        self.assertEqual(event.teams_meeting_url, JOIN_URL)
        self.assertEqual(event.videocall_location, JOIN_URL)
        told = event.message_ids.filtered(lambda message: JOIN_URL in message.body)
        self.assertEqual(len(told), 1)


@tagged("post_install", "-at_install")
class TestApplyPeople(SyncCase):
    """Test the attendees and their replies."""

    def states(self, event):
        return {a.partner_id.email_normalized: a.state for a in event.attendee_ids}

    def test_own_event_stays_own_where_graph_denies_it(self):
        for organizer in (person("anna@example.com", "Anna"), None):
            with self.subTest(organizer=organizer):
                remote_id = f"own of {bool(organizer)}"
                event = self.pulled(remote_id, isOrganizer=False, organizer=organizer)
                self.assertEqual(event.user_id, self.anna)
                self.assertFalse(event.with_user(self.anna)._ms365_lock_reason())
                event.with_user(self.anna).write({"location": "Hall"})
                self.assertTrue(self.Outbox._is_waiting(self.account, event.id))
                self.assertTrue(self.link(remote_id).is_organizer)

    def test_known_people_are_used(self):
        count = self.env["res.partner"].search_count([])
        event = self.pulled(
            attendees=[
                attendee("GUS@example.com", "Augustus"),
                attendee("ben@example.com", "Benjamin"),
            ]
        )
        people = self.anna.partner_id | self.guest | self.ben.partner_id
        self.assertEqual(event.partner_ids, people)
        self.assertEqual(self.env["res.partner"].search_count([]), count)
        self.assertEqual(self.guest.name, "Gus Guest")

    def test_contact_of_a_user_comes_before_another_with_the_same_address(self):
        self.env["res.partner"].create({"name": "Old Zed", "email": "zed@example.com"})
        zed = new_test_user(
            self.env, "ms365_zed", groups="base.group_user", email="zed@example.com"
        )
        event = self.pulled(attendees=[attendee("zed@example.com")])
        self.assertIn(zed.partner_id, event.partner_ids)
        self.assertEqual(len(event.partner_ids), 2)

    def test_new_person_is_made_once_with_the_display_name(self):
        self.pull(
            self.remote("R1", attendees=[attendee("new@example.com", "Nina New")]),
            self.remote("R2", attendees=[attendee("New@Example.com", "Nina New")]),
        )
        nina = self.env["res.partner"].search([("email", "=ilike", "new@example.com")])
        self.assertEqual(len(nina), 1)
        self.assertEqual(nina.name, "Nina New")
        self.assertIn(nina, self.link("R1").event_id.partner_ids)
        self.assertIn(nina, self.link("R2").event_id.partner_ids)

    def test_person_listed_twice_is_one_attendee(self):
        event = self.pulled(
            attendees=[attendee("gus@example.com"), attendee("GUS@example.com")]
        )
        self.assertEqual(len(event.attendee_ids), 2)  # the organizer and Gus

    def test_replies_come_from_outlook(self):
        gus = attendee("gus@example.com", response="accepted")
        ben = attendee("ben@example.com", response="declined")
        event = self.pulled(attendees=[gus, ben])
        self.assertEqual(
            self.states(event),
            {
                "anna@example.com": "accepted",
                "gus@example.com": "accepted",
                "ben@example.com": "declined",
            },
        )
        ben = attendee("ben@example.com", response="tentativelyAccepted")
        self.pull(self.remote(change_key="CK2", attendees=[gus, ben]))
        self.assertEqual(self.states(event)["ben@example.com"], "tentative")

    def test_reply_in_odoo_stays_without_a_reply_in_outlook(self):
        event = self.pulled(attendees=[attendee("ben@example.com")])
        event.attendee_ids.filtered(
            lambda a: a.partner_id == self.ben.partner_id
        ).state = "accepted"
        self.pull(
            self.remote(
                change_key="CK2",
                subject="Dinner",
                attendees=[attendee("ben@example.com", response="none")],
            )
        )
        self.assertEqual(self.states(event)["ben@example.com"], "accepted")

    def test_staying_guest_keeps_the_attendee_record(self):
        event = self.pulled(
            attendees=[attendee("gus@example.com"), attendee("ben@example.com")]
        )
        kept = event.attendee_ids.filtered(lambda a: a.partner_id == self.guest)
        token = kept.access_token
        self.pull(
            self.remote(
                change_key="CK2",
                attendees=[attendee("gus@example.com"), attendee("cleo@example.com")],
            )
        )
        self.assertEqual(kept.exists().access_token, token)
        self.assertIn(self.cleo.partner_id, event.partner_ids)
        self.assertNotIn(self.ben.partner_id, event.partner_ids)
        self.assertNotIn("ben@example.com", self.states(event))

    def test_person_without_an_address_stays(self):
        event = self.pulled()
        nobody = self.env["res.partner"].create({"name": "No Address"})
        event.with_user(self.anna).write({"partner_ids": [Command.link(nobody.id)]})
        self.pull(
            self.remote(change_key="CK2", attendees=[attendee("gus@example.com")])
        )
        self.assertIn(nobody, event.partner_ids)
        self.assertIn(self.guest, event.partner_ids)

    def test_guests_added_on_both_sides_are_all_invited(self):
        event = self.pulled(attendees=[attendee("gus@example.com")])
        event.with_user(self.anna).write(
            {"partner_ids": [Command.link(self.cleo.partner_id.id)]}
        )
        self.pull(
            self.remote(
                change_key="CK2",
                attendees=[attendee("gus@example.com"), attendee("ben@example.com")],
            )
        )
        self.assertEqual(
            set(self.states(event)),
            {f"{name}@example.com" for name in ("anna", "ben", "cleo", "gus")},
        )
        self.assertFalse(self.open_conflict(event))

    def test_organizer_who_is_no_user_is_an_attendee(self):
        event = self.pulled(
            isOrganizer=False,
            organizer=person("olga@elsewhere.example", "Olga"),
            attendees=[attendee("anna@example.com", "Anna")],
            responseStatus={"response": "tentativelyAccepted"},
        )
        self.assertFalse(event.user_id)
        olga = event.partner_ids - self.anna.partner_id
        self.assertEqual((olga.name, olga.email), ("Olga", "olga@elsewhere.example"))
        self.assertEqual(self.states(event)["anna@example.com"], "tentative")

    def test_organizer_who_does_not_sync_owns_the_event(self):
        event = self.pulled(
            isOrganizer=False,
            organizer=person("cleo@example.com", "Cleo"),
            attendees=[attendee("anna@example.com", "Anna")],
        )
        self.assertEqual(event.user_id, self.cleo)
        self.assertIn(self.anna.partner_id, event.partner_ids)


@tagged("post_install", "-at_install")
class TestOneMeeting(TwoMailboxesCase):
    """Test that one meeting is one Odoo event, in any order of mailboxes."""

    def test_second_attendee_links_to_the_same_event(self):
        self.pull(self.invitation())
        event = self.link("R1").event_id
        with self.assertNothingCaptured():
            self.pull_copy()
        self.assertEqual(self.meetings(), event)
        self.assertRecordValues(
            self.link("B1"),
            [
                {
                    "event_id": event.id,
                    "is_primary": False,
                    "is_organizer": False,
                    "state": "synced",
                }
            ],
        )
        self.assertTrue(self.link("R1").is_primary)

    def test_attendees_copy_brings_only_the_reply(self):
        self.pull(self.invitation())
        event = self.link("R1").event_id
        self.pull(
            self.remote_copy(
                subject="Ben's own title",
                responseStatus={"response": "declined"},
            ),
            account=self.account_of_ben,
        )
        self.assertEqual(event.name, "Lunch")
        ben = event.attendee_ids.filtered(lambda a: a.partner_id == self.ben.partner_id)
        self.assertEqual(ben.state, "declined")

    def test_attendee_waits_for_the_organizers_mailbox(self):
        self.pull_copy()
        self.assertFalse(self.meetings())
        self.assertEqual(self.link("B1").state, "waiting")
        self.pull(self.invitation())
        event = self.meetings()
        self.assertEqual(event.user_id, self.anna)
        self.assertRecordValues(
            self.link("B1"),
            [{"event_id": event.id, "state": "synced", "is_primary": False}],
        )

    def test_attendee_does_not_wait_for_ever(self):
        self.pull_copy()
        link = self.link("B1")
        self.age(link)
        self.Link._stop_waiting(fields.Datetime.now())
        self.assertTrue(link.needs_read)
        self.pull_copy()
        event = self.meetings()
        self.assertEqual(event.user_id, self.anna)
        self.assertTrue(link.is_primary)
        # And when the organizer's mailbox comes after all, it takes over.
        self.pull(self.invitation())
        self.assertEqual(self.meetings(), event)
        self.assertTrue(self.link("R1").is_primary)
        self.assertFalse(link.is_primary)

    def test_meeting_of_a_stopped_mailbox_is_not_waited_for(self):
        self.account.state = "sign_in_again"
        self.pull_copy()
        self.assertEqual(self.meetings().user_id, self.anna)

    def test_meeting_is_back_when_its_organizer_syncs_again(self):
        """While her sync was off, the attendee with the primary copy deleted it."""
        self.pull(self.invitation())
        self.pull_copy()
        event = self.meetings()
        self.anna.ms365_sync_enabled = False
        self.assertTrue(self.link("B1").is_primary)
        self.gone(self.link("B1"))
        self.assertFalse(event.active)
        self.anna.ms365_sync_enabled = True
        self.account._resume_pushing()
        self.pull(self.invitation())
        self.assertTrue(event.active)
        self.assertTrue(self.link("R1").is_primary)

    def test_meeting_deleted_while_its_organizer_did_not_sync_is_asked_about(self):
        """An attendee carried it then; to delete hers mails people."""
        self.pull(self.invitation())
        self.pull_copy()
        for archive in (True, False):
            with self.subTest(archive=archive):
                event = self.meetings()
                self.anna.ms365_sync_enabled = False
                self.assertTrue(self.link("B1").is_primary)
                if archive:
                    event.active = False
                else:
                    event.unlink()
                self.anna.ms365_sync_enabled = True
                self.account._resume_pushing()
                link = self.link("R1")
                self.assertTrue(link.is_primary)
                self.assertEqual(link.state, "conflict")
                link._resolve("outlook", link._theirs(), link.change_key)
                self.pull(self.invitation())
                self.assertTrue(self.meetings().active)
                self.assertEqual(link.state, "synced")
                self.link("B1").unlink()
                self.pull_copy()

    def test_two_copies_of_a_new_meeting_on_one_page(self):
        """One becomes the event, the other is named; the page is applied."""
        uid = self.invitation()["iCalUId"]
        self.pull(self.invitation(), self.remote("R2", iCalUId=uid), self.remote("R3"))
        self.assertEqual(self.link("R1").state, "synced")
        self.assertEqual(self.link("R2").state, "quarantined")
        self.assertEqual(self.link("R3").state, "synced")
        self.assertFalse(self.link("R2").event_id)

    def test_attendee_who_drops_the_copy_does_not_delete_the_meeting(self):
        self.pull(self.invitation())
        self.pull_copy()
        self.gone(self.link("B1"))
        self.assertTrue(self.meetings().active)
        self.assertEqual(self.link("B1").state, "deleted_there")
        self.assertEqual(self.meetings().ms365_sync_state, "synced")

    def test_own_create_comes_back_before_its_response(self):
        """The process died between Graph's answer and our commit."""
        event = self.new_event()
        entry = self.Outbox.search([("event_id", "=", event.id)])
        entry.sent_content = event._ms365_read_contents()[event].to_json()
        with self.assertNothingCaptured():
            self.pull(self.remote(transactionId=entry.idempotency_key))
        self.assertEqual(self.meetings(), event)
        self.assertEqual(self.link().event_id, event)
        self.assertFalse(self.open_conflict(event))

    def test_own_create_that_was_edited_since_keeps_the_edit(self):
        event = self.new_event()
        entry = self.Outbox.search([("event_id", "=", event.id)])
        entry.sent_content = event._ms365_read_contents()[event].to_json()
        event.location = "Room 1"
        self.pull(self.remote(transactionId=entry.idempotency_key))
        self.assertEqual(event.location, "Room 1")
        self.assertEqual(event.ms365_sync_state, "pending")
        self.assertFalse(self.open_conflict(event))

    def test_own_create_that_was_deleted_since_is_not_brought_back(self):
        event = self.new_event()
        entry = self.Outbox.search([("event_id", "=", event.id)])
        entry.sent_content = event._ms365_read_contents()[event].to_json()
        event.unlink()
        self.pull(self.remote(transactionId=entry.idempotency_key))
        self.assertFalse(self.meetings())
        self.assertEqual(self.link().state, "deleted_here")
        deletion = self.Outbox.search([("operation", "=", "delete")])
        self.assertEqual(deletion.link_id, self.link())

    def test_own_create_that_was_deleted_while_the_sync_was_off_is_not_forgotten(self):
        for guests, state in (([], "deleted_here"), ([self.new_guest()], "conflict")):
            with self.subTest(state), self.env.cr.savepoint() as savepoint:
                event = self.new_event(partner_ids=[(4, one.id) for one in guests])
                entry = self.Outbox.search([("event_id", "=", event.id)])
                entry.sent_content = event._ms365_read_contents()[event].to_json()
                self.anna.ms365_sync_enabled = False
                event.unlink()
                self.anna.ms365_sync_enabled = True
                self.pull(self.remote(transactionId=entry.idempotency_key))
                self.assertEqual(self.link().state, state)
                deletion = self.Outbox.search([("operation", "=", "delete")])
                self.assertEqual(bool(deletion), not guests)
                savepoint.rollback()
                self.env.invalidate_all()

    def new_guest(self):
        return self.env["res.partner"].create({"name": "Gus", "email": "gus@a.example"})

    # --- events from the time of the stock connector --------------------------------

    def stock_event(self, **vals):
        """Return an event that the stock connector has synced."""
        event = self.env["calendar.event"].create(
            {
                "name": "Lunch",
                "start": DAY,
                "stop": DAY + timedelta(hours=1),
                "user_id": self.anna.id,
                "partner_ids": [Command.set(self.anna.partner_id.ids)],
                "microsoft_id": "R1",
                "ms_universal_event_id": "uid of R1",
                **vals,
            }
        )
        event._ms365_write_bookkeeping(
            {"ms365_sync_state": "none", "description": vals.get("description", False)}
        )
        self.Outbox.search([("event_id", "=", event.id)]).unlink()
        return event

    def test_event_of_the_stock_connector_is_linked(self):
        event = self.stock_event()
        with self.assertNothingCaptured():
            self.pull(self.remote())
        self.assertEqual(self.meetings(), event)
        self.assertEqual(self.link().event_id, event)
        self.assertEqual(event.ms365_sync_state, "synced")

    def test_empty_values_of_odoo_are_filled_from_outlook(self):
        event = self.stock_event()
        with self.assertNothingCaptured():
            self.pull(self.remote(location={"displayName": "Room 1"}))
        self.assertEqual(event.location, "Room 1")

    def test_different_texts_of_a_stock_event_are_a_conflict(self):
        event = self.stock_event(location="Room 2")
        with self.assertNothingCaptured():
            self.pull(self.remote(location={"displayName": "Room 1"}))
        self.assertEqual(event.location, "Room 2")
        self.assertEqual(self.open_conflict(event).field_names, "location")

    def test_first_meeting_kept_from_odoo_is_sent(self):
        event = self.stock_event(location="Room 2")
        self.pull(self.remote(location={"displayName": "Room 1"}))
        self.open_conflict(event).keep_odoo()
        with self.assertCaptured("upsert"):
            self.read_due()
        self.assertEqual(event.location, "Room 2")
        self.assertEqual(event.ms365_sync_state, "pending")


@tagged("post_install", "-at_install")
class TestConflict(SyncCase):
    """Both sides changed the same thing: nothing is written until a person chooses."""

    def conflict(self):
        """Return an event in conflict over its name, and edited on both sides else."""
        event = self.pulled()
        event.with_user(self.anna).write({"name": "Ours", "location": "Room 1"})
        self.pull(
            self.remote(change_key="CK2", subject="Theirs", sensitivity="private")
        )
        self.assertFalse(PushWork(self.env).claim(self.account.id))
        return event.with_user(self.anna)

    def test_conflict_overwrites_nothing(self):
        with self.assertNothingCaptured():
            event = self.pulled()
        event.with_user(self.anna).name = "Ours"
        with self.assertNothingCaptured():
            self.pull(self.remote(change_key="CK2", subject="Theirs"))
        self.assertEqual(event.name, "Ours")
        self.assertEqual(event.ms365_sync_state, "conflict")
        self.assertTrue(event.ms365_message)

    def test_both_versions_are_kept_whole(self):
        event = self.conflict()
        conflict = self.open_conflict(event)
        self.assertEqual(conflict.field_names, "subject")
        ours = Content.from_json(conflict.ours)
        theirs = Content.from_json(conflict.theirs)
        self.assertEqual((ours.subject, ours.location), ("Ours", "Room 1"))
        self.assertEqual((theirs.subject, theirs.sensitivity), ("Theirs", "private"))
        self.assertEqual(conflict.theirs_change_key, "CK2")

    def test_keep_odoo(self):
        event = self.conflict()
        conflict = self.open_conflict(event).with_user(self.anna)
        with self.assertNothingCaptured():
            conflict.keep_odoo()
        with self.assertCaptured("upsert"):
            self.read_due()
        self.assertEqual(event.name, "Ours")
        self.assertEqual(event.privacy, "private")
        self.assertEqual(event.ms365_sync_state, "pending")
        self.assertRecordValues(
            conflict,
            [
                {
                    "state": "resolved",
                    "resolution": "odoo",
                    "resolved_by_id": self.anna.id,
                }
            ],
        )
        self.assertEqual(self.pending_patch(event), {"subject", "location"})
        self.assertEqual(self.link().change_key, "CK2")

    def test_keep_outlook(self):
        event = self.conflict()
        event.action_ms365_keep_outlook()
        with self.assertCaptured("upsert"):  # the location, which was in no conflict
            self.read_due()
        self.assertEqual(event.name, "Theirs")
        self.assertEqual(event.location, "Room 1")
        self.assertEqual(event.privacy, "private")
        self.assertFalse(self.open_conflict(event))
        self.assertEqual(self.pending_patch(event), {"location"})

    def pending_patch(self, event):
        """Return the names of the fields that are still to be sent."""
        ours = event._ms365_read_contents()[event.sudo()]
        return set(ours.changed_fields(self.link()._base.ours))

    def test_keep_outlook_of_the_only_change_sends_nothing(self):
        event = self.pulled()
        event.with_user(self.anna).name = "Ours"
        self.pull(self.remote(change_key="CK2", subject="Theirs"))
        with self.assertNothingCaptured():
            event.with_user(self.anna).action_ms365_keep_outlook()
            self.read_due()
        self.assertEqual((event.name, event.ms365_sync_state), ("Theirs", "synced"))

    def test_newer_version_brings_the_open_conflict_up_to_date(self):
        event = self.conflict()
        self.pull(self.remote(change_key="CK3", subject="Theirs again"))
        conflict = self.open_conflict(event)
        self.assertEqual(len(conflict), 1)
        self.assertEqual(conflict.theirs["subject"], "Theirs again")
        conflict.keep_outlook()
        self.read_due()
        self.assertEqual(event.name, "Theirs again")

    def test_conflict_whose_sides_become_the_same_is_over(self):
        event = self.conflict()
        conflict = self.open_conflict(event)
        self.pull(self.remote(change_key="CK3", subject="Ours"))
        self.assertRecordValues(conflict, [{"state": "resolved", "resolution": "gone"}])
        self.assertNotEqual(event.ms365_sync_state, "conflict")

    def test_edit_during_a_conflict_is_kept(self):
        event = self.conflict()
        event.name = "Ours, later"
        self.open_conflict(event).keep_odoo()
        self.read_due()
        self.assertEqual(event.name, "Ours, later")
        self.assertIn("subject", self.pending_patch(event))

    def test_second_decision_does_nothing(self):
        event = self.conflict()
        conflict = self.open_conflict(event)
        conflict.keep_outlook()
        with self.assertNothingCaptured():
            conflict.keep_odoo()
        self.read_due()
        self.assertEqual(event.name, "Theirs")
        self.assertEqual(conflict.resolution, "outlook")

    def test_detect_pull_conflicts_names_the_fields(self):
        event = self.conflict()
        quiet = self.new_event()
        found = (event | quiet)._detect_pull_conflicts()
        self.assertEqual(
            {e.id: merge.conflicts for e, merge in found.items()},
            {event.id: {"subject"}},
        )

    def test_detect_pull_conflicts_judges_incoming_changes(self):
        event = self.pulled()
        event.with_user(self.anna).name = "Ours"
        link = self.link()
        theirs = link._base.theirs
        merges = event._detect_pull_conflicts(
            {
                event: (
                    link,
                    Content.from_json(theirs.to_json() | {"subject": "Theirs"}),
                )
            }
        )
        self.assertEqual(merges[event].conflicts, {"subject"})
        self.assertEqual(event._detect_pull_conflicts(), {})

    # --- deleted against edited -----------------------------------------------------

    def deleted_there(self):
        event = self.pulled()
        event.with_user(self.anna).name = "Ours"
        self.clear_outbox()
        self.gone(self.link())
        return event

    def test_deletion_in_outlook_does_not_take_an_edited_event(self):
        event = self.deleted_there()
        self.assertTrue(event.active)
        self.assertEqual(event.ms365_sync_state, "conflict")
        conflict = self.open_conflict(event)
        self.assertEqual(conflict.field_names, "deleted")
        self.assertFalse(conflict.theirs)

    def test_edited_event_that_is_kept_is_made_anew(self):
        event = self.deleted_there()
        with self.assertCaptured("upsert"):
            self.open_conflict(event).keep_odoo()
        self.assertTrue(event.active)
        self.assertEqual(event.ms365_sync_state, "pending")
        self.assertEqual(self.link().state, "deleted_there")

    def test_edited_event_that_is_kept_has_no_button_to_the_deleted_one(self):
        event = self.deleted_there()
        self.link().web_link = "https://outlook.example.com/item"
        self.open_conflict(event).keep_odoo()
        self.assertFalse(event.with_user(self.anna).ms365_web_link)

    def test_edited_event_that_is_given_up_is_archived(self):
        event = self.deleted_there()
        with self.assertNothingCaptured():
            self.open_conflict(event).keep_outlook()
            self.assertTrue(event.active)
            self.read_due()
        self.assertFalse(event.active)
        self.assertEqual(self.link().state, "deleted_there")

    def deleted_here(self):
        event = self.pulled()
        event.with_user(self.anna).active = False
        self.clear_outbox()
        self.pull(self.remote(change_key="CK2", subject="Theirs"))
        return event

    def test_change_in_outlook_does_not_undo_a_deletion_in_odoo(self):
        event = self.deleted_here()
        self.assertFalse(event.active)
        self.assertEqual(self.open_conflict(event).field_names, "deleted")

    def test_deletion_that_is_kept_is_sent(self):
        event = self.deleted_here()
        with self.assertCaptured("delete"):
            self.open_conflict(event).keep_odoo()
        self.assertFalse(event.active)
        self.assertEqual(self.link().state, "deleted_here")
        self.assertEqual(self.link().change_key, "CK2")

    def test_deletion_that_is_given_up_is_undone(self):
        event = self.deleted_here()
        self.open_conflict(event).keep_outlook()
        self.assertTrue(event.active)
        self.assertTrue(self.link().needs_read)
        self.pull(self.remote(change_key="CK2", subject="Theirs"))
        self.assertEqual(event.name, "Theirs")
        self.assertEqual(event.ms365_sync_state, "synced")

    def test_event_that_is_wanted_back_after_it_was_removed_is_made_anew(self):
        event = self.pulled()
        event.with_user(self.anna).unlink()
        self.clear_outbox()
        self.pull(self.remote(change_key="CK2", subject="Theirs"))
        conflict = self.Conflict.search([("link_id", "=", self.link().id)])
        conflict.keep_outlook()
        self.pull(self.remote(change_key="CK2", subject="Theirs"))
        self.assertEqual(self.link().event_id.name, "Theirs")
        self.assertEqual(self.link().state, "synced")
