from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..engine.calendars import RemoteCalendar
from ..engine.errors import AlreadyGone, MailboxUnavailable
from ..engine.mapping.stamp import STAMP_PROPERTY_ID
from ..engine.reasons import because
from ..graph.client import GraphResponse
from ..sync.apply.applier import Applier
from ..sync.push.badges import Badges
from ..sync.push.changing import ReadEvent
from ..sync.push.deleting import Delete
from ..sync.push.moving import AwaitOtherEvent, Inspect, Move
from ..sync.push.planner import Planner
from ..sync.push.work import PushWork
from .common import (
    DAY,
    JOIN_URL,
    SyncCase,
    apply_change,
    attendee,
    graph_time,
    person,
)


def removed(remote_id="R1"):
    """Return the delta entry of an event that left its calendar."""
    return {"id": remote_id, "@removed": {"reason": "deleted"}}


@tagged("post_install", "-at_install")
class TestCalendars(SyncCase):
    """Several calendars of one mailbox: which are synced, and where events are."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.primary = cls.account._default_calendar()
        cls.project = cls.new_calendar("project", is_synced=True)

    @classmethod
    def new_calendar(cls, remote_id, account=None, **vals):
        return cls.env["praetorx.ms365.calendar"].create(
            {
                "account_id": (account or cls.account).id,
                "remote_id": remote_id,
                "name": remote_id.title(),
                **vals,
            }
        )

    def listed(self, remote_id, **values):
        """Return a calendar as the mailbox lists it."""
        return RemoteCalendar(
            **{
                "remote_id": remote_id,
                "name": remote_id.title(),
                "is_default": remote_id == self.primary.remote_id,
                "kind": "own",
                "can_edit": True,
                "can_view_private": True,
                **values,
            }
        )

    def read_list_of_calendars(self, *listed):
        self.account._update_calendars(list(listed), fields.Datetime.now())

    def pull_from(self, calendar, *payloads):
        """Apply a page of one calendar."""
        Applier(calendar.account_id, calendar).apply(list(payloads))
        self.env.flush_all()
        self.env.invalidate_all()

    def read_again(self, link, **values):
        """Graph shows a doubtful event when it is read by its id."""
        payload = self.remote(link.remote_id, **values)
        applier = Applier(link.account_id, link.calendar_id)
        applier.apply([payload], listed=False)
        link.needs_read = False
        self.env.invalidate_all()

    # --- the list -------------------------------------------------------------------

    def test_standard_name_is_shown_in_the_language_of_the_viewer(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.primary.name = self.project.name = "Calendar"
        german = (self.primary + self.project).with_user(self.anna)
        german = german.with_context(lang="de_DE")
        self.assertEqual(german.mapped("display_name"), ["Kalender", "Calendar"])
        self.assertEqual(self.primary.name, "Calendar")
        self.primary.name = "Anna's plans"
        self.assertEqual(german[0].display_name, "Anna's plans")

    def test_primary_calendar_is_the_only_one_chosen_by_itself(self):
        self.read_list_of_calendars(
            self.listed(self.primary.remote_id),
            self.listed("project"),
            self.listed("holidays", can_edit=False, color="#f7630c"),
        )
        new = self.account.calendar_ids - self.primary - self.project
        self.assertRecordValues(
            new,
            [{"name": "Holidays", "is_synced": False, "color": "#f7630c"}],
        )
        self.assertTrue(self.primary.is_synced)
        self.assertIn("Not synced", new.status)

    def test_renamed_calendar_stays_the_same(self):
        self.read_list_of_calendars(
            self.listed(self.primary.remote_id), self.listed("project", name="P2")
        )
        self.assertEqual(self.project.name, "P2")
        self.assertTrue(self.project.is_synced)

    def test_vanished_calendar_stops_and_deletes_nothing(self):
        self.pull_from(self.project, self.remote())
        event = self.link().event_id
        self.read_list_of_calendars(self.listed(self.primary.remote_id))
        self.assertEqual(self.project.state, "vanished")
        self.assertIn("No longer", self.project.status)
        self.assertTrue(event.active)
        self.assertEqual(event.ms365_sync_state, "none")
        self.read_list_of_calendars(
            self.listed(self.primary.remote_id), self.listed("project")
        )
        self.assertEqual(self.project.state, "listed")
        self.assertEqual(self.link().state, "synced")
        self.assertEqual(event.ms365_sync_state, "synced")

    def test_calendar_nobody_chose_leaves_the_list(self):
        self.new_calendar("old")
        self.read_list_of_calendars(
            self.listed(self.primary.remote_id), self.listed("project")
        )
        self.assertEqual(self.account.calendar_ids, self.primary + self.project)

    def test_list_is_read_once_a_day_and_when_asked_for(self):
        now = fields.Datetime.now()
        self.account.pull_requested_at = now
        self.assertTrue(self.account._calendar_list_is_due(now))
        self.read_list_of_calendars(
            self.listed(self.primary.remote_id), self.listed("project")
        )
        self.assertFalse(self.account._calendar_list_is_due(now))
        later = now + timedelta(days=1, minutes=1)
        self.assertTrue(self.account._calendar_list_is_due(later))
        self.account.with_user(self.anna).action_refresh_calendars()
        self.assertTrue(self.account._calendar_list_is_due(now))

    # --- choices of a person --------------------------------------------------------

    def test_owner_chooses_and_nobody_else(self):
        calendar = self.new_calendar("private life")
        calendar.with_user(self.anna).write(
            {"is_synced": True, "direction": "outlook_to_odoo"}
        )
        apply_change(self.account)
        self.assertEqual(calendar.effective_direction, "outlook_to_odoo")
        with self.assertRaises(AccessError):
            calendar.with_user(self.ben).is_synced = False

    def test_only_the_choice_is_a_persons_to_write(self):
        for name, value in (
            ("remote_id", "another"),
            ("can_edit", True),
            ("account_id", self.account.id),
        ):
            with self.assertRaises(AccessError):
                self.project.with_user(self.anna).write({name: value})

    def test_primary_calendar_cannot_be_left_out(self):
        with self.assertRaisesRegex(UserError, "primary"):
            self.primary.with_user(self.anna).is_synced = False

    def test_calendar_that_cannot_be_written_is_only_read(self):
        calendar = self.new_calendar("holidays", can_edit=False, is_synced=True)
        self.assertEqual(calendar.effective_direction, "outlook_to_odoo")
        self.anna.ms365_sync_direction = "odoo_to_outlook"
        self.assertFalse(calendar.effective_direction)
        self.assertIn("Nothing to sync", calendar.status)

    def test_names_of_calendars_are_told_to_nobody_else(self):
        calendar = self.project
        self.assertEqual(calendar.with_user(self.anna).display_name, "Project")
        self.assertEqual(
            calendar.sudo().with_user(self.ben).sudo().display_name,
            "Calendar of Anna",
        )

    def test_events_are_grouped_by_their_calendar(self):
        self.pull_from(self.project, self.remote())
        self.new_event()
        mine = [("user_id", "=", self.anna.id)]
        for user, names in (
            (self.anna, ["Calendar", "Project"]),
            (self.ben, ["Calendar of Anna"] * 2),
        ):
            groups = (
                self.env["calendar.event"]
                .with_user(user)
                .formatted_read_group(mine, ["ms365_calendar_id"], ["__count"])
            )
            found = sorted(group["ms365_calendar_id"][1] for group in groups)
            self.assertEqual(found, names)

    # --- calendars of other people --------------------------------------------------

    def test_permission_is_asked_for_only_when_it_is_needed(self):
        self.assertNotIn("Shared", self.account._scopes_to_ask())
        boss = self.new_calendar(
            "boss", kind="delegated", owner_address="b@example.com"
        )
        self.assertNotIn("Shared", self.account._scopes_to_ask())
        boss.with_user(self.anna).is_synced = True
        self.assertIn("Calendars.ReadWrite.Shared", self.account._scopes_to_ask())
        self.assertNotIn("Shared", self.account._scopes_granted())
        self.assertTrue(self.account.needs_shared_scope)
        self.account.signed_in_scope = (
            "https://graph.microsoft.com/Calendars.ReadWrite.Shared openid"
        )
        self.assertIn("Calendars.ReadWrite.Shared", self.account._scopes_granted())
        self.assertFalse(self.account.needs_shared_scope)

    def test_mailbox_with_a_shared_calendar_is_polled_although_it_is_notified(self):
        now = fields.Datetime.now()
        account = self.account
        account.write({"last_notification_at": now, "pull_requested_at": False})
        poll = self.env.ref("praetorx_ms365_calendar.ir_cron_delta_poll")
        with self.enter_registry_test_mode():
            poll.method_direct_trigger()
        self.assertFalse(account.pull_requested_at)
        self.new_calendar("boss", kind="shared", is_synced=True)
        with self.enter_registry_test_mode():
            poll.method_direct_trigger()
        self.assertTrue(account.pull_requested_at)

    # --- new events -----------------------------------------------------------------

    def test_new_event_belongs_to_the_primary_calendar(self):
        event = self.new_event()
        self.assertEqual(event.ms365_calendar_id, self.primary)
        self.assertEqual(self.entries(event).calendar_id, self.primary)

    def test_new_event_goes_to_the_chosen_calendar(self):
        event = self.new_event(ms365_calendar_id=self.project.id)
        self.assertEqual(self.entries(event).calendar_id, self.project)

    def test_own_writable_synced_calendars_can_be_chosen(self):
        self.new_calendar("not synced")
        self.new_calendar("read only", is_synced=True, can_edit=False)
        self.new_calendar("boss", is_synced=True, kind="delegated")
        self.new_calendar("bens", self.connect(self.ben), is_synced=True)
        event = self.new_event()
        self.assertEqual(event.ms365_calendar_choice_ids, self.primary + self.project)
        for calendar in self.env["praetorx.ms365.calendar"].search(
            [("name", "in", ["Not Synced", "Read Only", "Boss", "Bens"])]
        ):
            with self.assertRaises(UserError):
                event.ms365_calendar_id = calendar

    def test_event_for_somebody_else_goes_to_that_persons_calendar(self):
        bens = self.connect(self.ben)._default_calendar()
        event = self.new_event(user_id=self.ben.id, ms365_calendar_id=self.project.id)
        self.assertEqual(event.ms365_calendar_id, bens)
        cleos = self.new_event(user_id=self.cleo.id)
        self.assertFalse(cleos.ms365_calendar_id)

    def test_calendar_that_only_sends_to_odoo_takes_no_edits(self):
        self.pull_from(self.project, self.remote())
        event = self.link().event_id.with_user(self.anna)
        self.project.direction = "outlook_to_odoo"
        with self.assertNothingCaptured():
            event.name = "Dinner"
            event.unlink()

    def test_entry_of_a_closed_calendar_fails_with_its_reason(self):
        event = self.new_event(ms365_calendar_id=self.project.id)
        self.project.direction = "outlook_to_odoo"
        self.assertEqual(self.entries(event).state, "dead")
        self.assertEqual(event.ms365_sync_state, "error")
        self.assertIn("nothing goes from Odoo to this calendar", event.ms365_message)

    # --- moves in Outlook -----------------------------------------------------------

    def test_moved_event_that_the_new_calendar_lists_first(self):
        event = self.pulled()
        link = self.link()
        with self.assertNothingCaptured():
            self.pull_from(self.project, self.remote(change_key="CK2"))
            self.pull_from(self.primary, removed())
        self.assertEqual(link.calendar_id, self.project)
        self.assertFalse(link.needs_read)
        self.assertEqual(self.link().event_id, event)
        self.assertEqual(event.ms365_calendar_id, self.project)
        self.assertEqual(event.ms365_sync_state, "synced")

    def test_moved_event_that_the_old_calendar_misses_first(self):
        event = self.pulled()
        link = self.link()
        with self.assertNothingCaptured():
            self.pull_from(self.primary, removed())
            self.assertTrue(link.needs_read)
            self.read_again(link, change_key="CK2")
            self.pull_from(self.project, self.remote(change_key="CK2"))
        self.account._drop_unlisted_events()
        self.assertRecordValues(
            link,
            [
                {
                    "calendar_id": self.project.id,
                    "event_id": event.id,
                    "state": "synced",
                    "left_calendar": False,
                }
            ],
        )
        self.assertEqual(event.ms365_calendar_id, self.project)

    def test_event_moved_outside_the_window_and_deleted_there_is_noticed(self):
        """The calendar that it came to never listed it, only its deletion."""
        self.pulled()
        link = self.link()
        window = {"window_start": DAY - timedelta(days=60)}
        self.primary.write({**window, "window_end": DAY - timedelta(days=30)})
        self.pull_from(self.primary, removed())
        self.read_again(link, change_key="CK2")
        self.account._drop_unlisted_events()
        self.assertRecordValues(link, [{"state": "synced", "needs_read": False}])
        self.pull_from(self.project, removed())
        self.assertTrue(link.needs_read)

    def test_event_that_an_edit_brings_into_the_window_is_followed(self):
        """It was outside the window when the round before did not list it."""
        self.pulled()
        link = self.link()
        window = {"window_start": DAY - timedelta(days=60)}
        self.primary.write({**window, "window_end": DAY - timedelta(days=30)})
        self.pull_from(self.primary, removed())
        self.assertTrue(link.left_calendar)
        self.primary.round_kind = "delta"
        self.read_again(link, change_key="CK2")
        self.account._drop_unlisted_events()
        self.assertFalse(link.left_calendar)
        # The page of this round is read before the edit is sent.
        self.primary.write({**window, "window_end": DAY + timedelta(days=30)})
        self.primary.write({"round_kind": False, "round_number": 9})
        self.account._drop_unlisted_events()
        self.assertEqual(link.state, "synced")

    def test_event_moved_where_nobody_looks_is_let_go_of(self):
        """Complaint: it stays in Odoo and is silently out of date."""
        event = self.pulled()
        link = self.link()
        now = fields.Datetime.now()
        self.primary.write(
            {
                "window_start": now - timedelta(days=30),
                "window_end": now + timedelta(days=365),
            }
        )
        self.pull_from(self.primary, removed())
        self.read_again(link, change_key="CK2")
        self.account._drop_unlisted_events()
        # The other calendar may have been read before it was moved there.
        self.assertEqual(link.state, "synced")
        self.assertTrue(self.account.pull_requested_at)
        self.primary.round_number += 1
        self.account._drop_unlisted_events()
        self.assertEqual(link.state, "calendar_off")
        self.assertTrue(event.active)
        self.assertEqual(event.ms365_sync_state, "none")
        self.pull_from(self.project, self.remote(change_key="CK3", subject="Tea"))
        self.assertEqual(link.state, "synced")
        self.assertEqual(link.calendar_id, self.project)
        self.assertEqual(event.name, "Tea")

    def test_deleted_event_that_was_edited_here_stays_in_conflict(self):
        """It is gone, and was not moved: nobody lets go of it."""
        event = self.pulled()
        link = self.link()
        now = fields.Datetime.now()
        self.primary.write(
            {
                "window_start": now - timedelta(days=30),
                "window_end": now + timedelta(days=365),
            }
        )
        event.name = "Dinner"
        self.pull_from(self.primary, removed())
        self.gone(link)
        self.primary.round_number += 1
        self.account._drop_unlisted_events()
        self.assertEqual(link.state, "conflict")
        self.assertEqual(event.ms365_sync_state, "conflict")

    def contested_deletion(self, unlink):
        """Return the link of an event that was deleted here and edited in Outlook.

        A person is asked about that, when its calendar is not synced any more.
        """
        self.pull_from(self.project, self.remote())
        event = self.link().event_id.with_user(self.anna)
        event.unlink() if unlink else event.action_archive()
        self.pull_from(self.project, self.remote(change_key="CK2", subject="Tea"))
        link = self.link()
        self.assertEqual(link.state, "conflict")
        link._stop_following()
        self.assertEqual(link.state, "calendar_off")
        return link

    def test_contested_deletion_is_asked_about_again_when_the_event_is_back(self):
        """Before, Outlook had the event, and Odoo's stayed archived for ever."""
        for unlink in (False, True):
            with self.subTest(unlink=unlink):
                link = self.contested_deletion(unlink)
                back = self.remote(change_key="CK2", subject="Tea")
                self.pull_from(self.project, back)
                self.assertEqual(link.state, "conflict")
                theirs = link._open_conflict()._theirs_content()
                self.assertEqual(theirs.subject, "Tea")
                self.assertFalse(link._living_events())
                link.unlink()

    def test_deletion_is_sent_when_the_event_is_back_as_it_was(self):
        link = self.contested_deletion(unlink=False)
        self.pull_from(self.project, self.remote(change_key="CK3"))
        self.assertEqual(link.state, "deleted_here")
        self.assertFalse(link._open_conflict())
        pending = link._entries_under_way()
        self.assertEqual(pending.mapped("operation"), ["delete"])

    def test_contested_deletion_is_asked_about_when_its_calendar_is_on_again(self):
        link = self.contested_deletion(unlink=False)
        self.project._start_following()
        self.pull_from(self.project, self.remote(change_key="CK2", subject="Tea"))
        self.assertEqual(link.state, "conflict")

    def test_event_moved_beyond_the_old_window_is_in_the_new_one(self):
        """The last changes of the old window say "removed"; it was not moved away."""
        self.pulled()
        link = self.link()
        now = fields.Datetime.now()
        self.primary.write(
            {
                "window_start": now - timedelta(days=30),
                "window_end": now + timedelta(days=365),
                "round_kind": "initial",
                "round_number": 7,
            }
        )
        self.pull_from(self.primary, self.remote(change_key="CK2"))
        self.primary.round_kind = "retiring"
        self.pull_from(self.primary, removed())
        self.assertTrue(link.needs_read)
        self.read_again(link, change_key="CK2")
        self.primary.write({"round_kind": False, "round_number": 8})
        self.account._drop_unlisted_events()
        self.assertEqual(link.state, "synced")

    def test_event_that_left_the_window_is_kept(self):
        event = self.pulled()
        link = self.link()
        now = fields.Datetime.now()
        self.primary.write(
            {
                "window_start": now - timedelta(days=30),
                "window_end": now + timedelta(days=30),
            }
        )
        late = DAY + timedelta(days=100)
        self.pull_from(self.primary, removed())
        self.read_again(
            link,
            change_key="CK2",
            start=graph_time(late),
            end=graph_time(late + timedelta(hours=1)),
        )
        self.primary.round_number += 1
        self.account._drop_unlisted_events()
        self.assertEqual(link.state, "synced")
        self.assertEqual(event.start, late)

    # --- taking a calendar off and on -----------------------------------------------

    def test_deselected_calendar_keeps_its_events_and_returns(self):
        self.pull_from(self.project, self.remote())
        event = self.link().event_id
        self.project.with_user(self.anna).is_synced = False
        apply_change(self.account)
        self.assertTrue(event.active)
        self.assertEqual(event.ms365_sync_state, "none")
        self.assertEqual(self.link().state, "calendar_off")
        with self.assertNothingCaptured():
            event.with_user(self.anna).name = "Dinner"
        self.assertNotIn(event, self.account._unlinked())
        with self.assertCaptured("upsert"):
            self.project.with_user(self.anna).is_synced = True
            apply_change(self.account)
        self.assertEqual(self.link().state, "synced")
        self.assertTrue(self.project.sweep)
        self.assertFalse(self.project.delta_link)
        self.pull_from(self.project, self.remote())
        self.assertEqual(self.link().event_id, event)

    def test_event_of_a_deselected_calendar_is_never_shown_as_in_sync(self):
        self.pull_from(self.project, self.remote())
        event = self.link().event_id
        self.project.with_user(self.anna).is_synced = False
        apply_change(self.account)
        badges = Badges(self.account)
        badges.queue_events(event)  # as after a reply to it
        badges.refresh()
        self.assertEqual(event.ms365_sync_state, "none")

    def test_meeting_edited_while_its_calendar_was_off_awaits_consent(self):
        """Adding a calendar mails nobody (docs/laws.md, law 4)."""
        self.pull_from(
            self.project, self.remote(attendees=[attendee("gus@example.com", "Gus")])
        )
        event = self.link().event_id
        self.project.is_synced = False
        event.with_user(self.anna).name = "Dinner"
        with self.assertNothingCaptured():
            self.project.is_synced = True
        self.assertTrue(self.link().awaits_word)

    def test_event_deleted_while_its_calendar_was_off_does_not_come_back(self):
        self.pull_from(self.project, self.remote())
        self.project.is_synced = False
        with self.assertNothingCaptured():
            self.link().event_id.with_user(self.anna).unlink()
        self.project.is_synced = True
        self.pull_from(self.project, self.remote())
        self.assertFalse(self.link().event_id)

    def test_invitation_that_comes_again_is_in_the_calendar_that_lists_it(self):
        """Otherwise nobody notices there that it is deleted once more."""
        of_boss = {"isOrganizer": False, "organizer": person("boss@example.com")}
        self.pull_from(self.project, self.remote(**of_boss))
        link = self.link()
        link.state = "deleted_there"
        again = self.remote("R2", **of_boss | {"iCalUId": "uid of R1"})
        self.pull_from(self.primary, again)
        self.assertEqual((link.remote_id, link.calendar_id), ("R2", self.primary))
        self.pull_from(self.primary, removed("R2"))
        self.assertTrue(link.needs_read)

    def test_unreadable_calendar_says_why(self):
        self.project._stop_for(MailboxUnavailable(because("no_access")))
        self.assertIn("does not give access", self.project.status)
        self.assertEqual(self.account.state, "active")
        now = fields.Datetime.now()
        self.assertEqual(self.account.calendar_ids._readable(now), self.primary)


@tagged("post_install", "-at_install")
class TestMovesInOdoo(SyncCase):
    """A person moves an event to another calendar in Odoo: a copy, then a deletion."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.primary = cls.account._default_calendar()
        cls.project, cls.third = cls.env["praetorx.ms365.calendar"].create(
            [
                {
                    "account_id": cls.account.id,
                    "remote_id": name.lower(),
                    "name": name,
                    "is_synced": True,
                }
                for name in ("Project", "Third")
            ]
        )

    def claim(self):
        job = PushWork(self.env).claim(self.account.id)
        self.env.flush_all()
        return job

    def record(self, job, body=None, error=None):
        job.record([GraphResponse(0 if error else 200, {}, body, "request", error)])
        self.env.flush_all()
        self.env.invalidate_all()

    def moved(self, **values):
        """Return an event that a person has moved to another calendar."""
        event = self.pulled(**values).with_user(self.anna)
        event.ms365_calendar_id = self.project
        return event

    def plan(self, event):
        pending = self.entries(event).filtered(lambda entry: entry.state == "pending")
        return Planner(self.account, pending).plan(pending)

    def test_event_is_read_first_then_copied_then_deleted(self):
        event = self.moved(importance="high")
        link = self.link()
        self.assertIsInstance(self.plan(event), Inspect)
        self.record(self.claim(), self.remote(importance="high"))
        sending = self.plan(event)
        self.assertIsInstance(sending, Move)
        self.assertEqual(sending.request.path_or_url, "/me/calendars/project/events")
        self.assertEqual(sending.request.body["importance"], "high")
        self.record(self.claim(), self.remote("R2", iCalUId="uid of R2"))
        self.assertRecordValues(
            link,
            [
                {
                    "remote_id": "R2",
                    "calendar_id": self.project.id,
                    "event_id": event.id,
                    "is_primary": True,
                    "state": "synced",
                    "generation": 1,
                }
            ],
        )
        left = self.link("R1")
        self.assertRecordValues(
            left,
            [{"state": "deleted_here", "moved_to_id": link.id, "event_id": False}],
        )
        self.assertFalse(self.entries(event).filtered("move_source"))
        self.record(self.claim())
        self.assertEqual(left.state, "deleted_there")
        self.assertTrue(event.active)
        self.assertEqual(event.ms365_sync_state, "synced")

    def test_copy_that_was_made_before_the_process_died_is_found(self):
        event = self.moved()
        link = self.link()
        self.record(self.claim(), self.remote())
        self.claim()  # sent, and never answered
        key = self.entries(event)[-1].idempotency_key
        Applier(self.account, self.project).apply(
            [self.remote("R2", transactionId=key, iCalUId="uid of R2")]
        )
        self.env.invalidate_all()
        self.assertEqual((link.remote_id, link.calendar_id), ("R2", self.project))
        self.assertEqual(self.link("R1").moved_to_id, link)
        self.assertEqual(len(event.sudo().ms365_link_ids), 1)
        self.assertFalse(link._is_to_move())

    def test_copy_of_a_lost_response_is_searched_before_another_try(self):
        """Nobody knows how long Graph remembers the keys of creates."""
        event = self.moved()
        link = self.link()
        self.record(self.claim(), self.remote())
        self.lose_response()
        event.ms365_calendar_id = self.third  # the copy is in the project's calendar
        self.assertSearched(event, "/me/calendars/project/events?")
        former = self.stamped("R1", event)  # moved there in Outlook meanwhile
        found = [former, self.stamped("R2", event)]
        self.record(self.claim(), {"value": found})
        self.assertEqual((link.remote_id, link.calendar_id), ("R2", self.project))
        self.assertEqual(self.link("R1").moved_to_id, link)
        self.assertTrue(link._is_to_move())

    def test_event_moved_before_a_lost_create_was_found_is_searched_where_it_is(self):
        event = self.new_event()
        self.lose_response()
        event.ms365_calendar_id = self.project
        self.assertSearched(event, "/me/events?")
        self.record(self.claim(), {"value": [self.stamped("R1", event)]})
        self.assertEqual(self.link().calendar_id, self.primary)
        self.assertTrue(self.link()._is_to_move())

    def test_event_of_a_lost_create_is_searched_in_all_own_calendars(self):
        """A person may have moved it in Outlook: a second one would be a disaster."""
        self.project.kind = "shared"
        self.primary.round_number = 5
        event = self.new_event()
        self.lose_response()
        self.assertSearched(event, "/me/events?")
        self.record(self.claim(), {"value": []})
        self.assertSearched(event, f"/me/calendars/{self.third.remote_id}/events?")
        self.record(self.claim(), {"value": [self.stamped("R1", event)]})
        self.assertRecordValues(
            self.link(),
            [
                {
                    "event_id": event.id,
                    "calendar_id": self.primary.id,
                    "left_calendar": True,
                    "last_seen_round": 5,
                }
            ],
        )
        self.assertFalse(self.link()._is_to_move())

    def test_create_is_sent_again_if_no_own_calendar_has_its_event(self):
        event = self.new_event()
        self.lose_response()
        searched = []
        while (request := self.plan(event).request).method == "GET":
            searched.append(request.path_or_url.partition("/events?")[0])
            error = AlreadyGone("gone") if len(searched) == 2 else None
            self.record(self.claim(), {"value": []}, error)
        self.assertEqual(
            sorted(searched),
            ["/me", "/me/calendars/project", f"/me/calendars/{self.third.remote_id}"],
        )
        self.lose_response()
        self.assertSearched(event, "/me/events?")

    def test_event_deleted_after_a_lost_create_is_searched_where_it_is(self):
        event = self.new_event()
        event_id = event.id
        self.lose_response()
        event.ms365_calendar_id = self.project
        event.unlink()
        self.assertSearched(event_id, "/me/events?")

    def test_copy_of_a_lost_response_is_deleted_with_its_event(self):
        event = self.moved()
        link = self.link()
        self.record(self.claim(), self.remote())
        self.lose_response()
        made = self.stamped("R2", event)
        event_id = event.id
        event.unlink()
        self.assertSearched(event_id, "/me/calendars/project/events?")
        self.record(self.claim(), {"value": [made]})
        self.assertEqual((link.remote_id, link.state), ("R1", "deleted_here"))
        self.assertRecordValues(
            self.link("R2"), [{"state": "deleted_here", "moved_to_id": link.id}]
        )
        self.assertIsInstance(self.plan(-self.link("R2").id), ReadEvent)
        self.assertIsInstance(self.plan(event_id), AwaitOtherEvent)
        self.pull_copy(made)
        self.record(self.claim())
        self.assertEqual(self.link("R2").state, "deleted_there")
        self.assertIsInstance(self.plan(event_id), Delete)

    def test_edit_of_that_copy_is_asked_about(self):
        event = self.moved()
        link = self.link()
        self.record(self.claim(), self.remote())
        self.lose_response()
        made = self.stamped("R2", event)
        event.active = False
        self.record(self.claim(), {"value": [made]})
        self.pull_copy(made | self.edited("R2"))
        self.assertEqual(link.state, "conflict")
        self.assertIsInstance(self.plan(-self.link("R2").id), AwaitOtherEvent)
        self.choose("outlook", event)
        self.pull(self.remote())
        self.assertTrue(event.active)
        self.pull_copy(made | self.edited("R2"))
        self.assertEqual(event.location, "Hall")
        self.assertIsInstance(self.plan(-self.link("R2").id), Delete)

    # --- edited in Outlook and deleted in Odoo ----------------------------------------

    def copied_and_deleted(self):
        """Return an event that was moved and then deleted; Outlook has both events."""
        event = self.moved()
        self.record(self.claim(), self.remote())
        self.record(self.claim(), self.remote("R2", iCalUId="uid of R2"))
        event.active = False
        return event

    def edited(self, remote_id="R1"):
        """Return an event that somebody has edited in Outlook."""
        return self.remote(
            remote_id,
            "CK2",
            lastModifiedDateTime="2026-03-01T09:00:00Z",
            location={"displayName": "Hall"},
        )

    def pull_copy(self, payload):
        """Apply a page of the calendar that the event was moved to."""
        Applier(self.account, self.project).apply([payload])
        self.env.flush_all()
        self.env.invalidate_all()

    def choose(self, side, event):
        self.open_conflict(event)._resolve_as(side, self.anna)

    def test_copy_stays_until_the_former_event_is_deleted(self):
        """As long as it is there, it can take over an edit of the former event."""
        event = self.copied_and_deleted()
        self.assertIsInstance(self.plan(event), AwaitOtherEvent)
        self.record(self.claim())
        self.assertEqual(self.link("R1").state, "deleted_there")
        self.assertIsInstance(self.plan(event), Delete)

    def test_edit_of_the_former_event_is_asked_about(self):
        event = self.copied_and_deleted()
        self.pull(self.edited())
        self.assertEqual(self.link("R2").state, "conflict")
        conflict = self.open_conflict(event)
        self.assertEqual(conflict._theirs_content().location, "Hall")
        self.assertIsInstance(self.plan(-self.link("R1").id), AwaitOtherEvent)
        self.pull(self.edited())
        self.assertEqual(self.open_conflict(event), conflict)

    def test_edit_of_the_former_event_is_merged_if_outlook_wins(self):
        for policy in ("ask", "outlook"):
            self.anna.ms365_conflict_policy = policy
            with self.subTest(policy), self.env.cr.savepoint() as savepoint:
                event = self.copied_and_deleted()
                self.pull(self.edited())
                if policy == "ask":
                    self.choose("outlook", event)
                self.assertTrue(event.active)
                self.assertEqual(self.link("R2").state, "synced")
                self.pull(self.edited())
                self.assertEqual(event.location, "Hall")
                self.assertEqual(event.ms365_sync_state, "pending")
                self.assertIsInstance(self.plan(-self.link("R1").id), Delete)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_edit_of_the_former_event_is_deleted_if_odoo_wins(self):
        for policy in ("ask", "odoo"):
            self.anna.ms365_conflict_policy = policy
            with self.subTest(policy), self.env.cr.savepoint() as savepoint:
                event = self.copied_and_deleted()
                self.pull(self.edited())
                if policy == "ask":
                    self.choose("odoo", event)
                self.pull(self.edited())
                self.assertFalse(self.open_conflict(event))
                self.assertFalse(event.active)
                self.assertIsInstance(self.plan(-self.link("R1").id), Delete)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_edit_of_the_former_event_of_a_removed_one_is_merged(self):
        """Odoo creates the event again from the copy, and then takes over the edit."""
        event = self.copied_and_deleted()
        link, left = self.link("R2"), self.link("R1")
        self.anna.ms365_conflict_policy = "outlook"
        event.unlink()
        self.pull(self.edited())
        self.assertIsInstance(self.plan(-left.id), AwaitOtherEvent)
        self.pull_copy(self.remote("R2", iCalUId="uid of R2"))
        self.assertTrue(link.event_id.active)
        self.pull(self.edited())
        self.assertEqual(link.event_id.location, "Hall")
        self.assertIsInstance(self.plan(-left.id), Delete)

    def lose_response(self):
        """Send the pending entries; the process dies before the response."""
        self.claim()
        self.Outbox.search([("state", "=", "sending")]).write({"state": "pending"})

    def assertSearched(self, event, path):
        """Check that the next request searches for the event of an earlier try."""
        request = self.plan(event).request
        self.assertEqual(request.method, "GET")
        self.assertTrue(request.path_or_url.startswith(path), request.path_or_url)

    def stamped(self, remote_id, event):
        """Return an event in Outlook with the stamp of an Odoo event."""
        value = self.entries(event)[-1].stamp
        stamp = {"id": STAMP_PROPERTY_ID, "value": value}
        return self.remote(remote_id, singleValueExtendedProperties=[stamp])

    def test_event_with_attachments_stays_and_says_why(self):
        event = self.moved()
        self.record(self.claim(), self.remote(hasAttachments=True))
        self.assertEqual(event.ms365_calendar_id, self.primary)
        self.assertIn("attachments", event.message_ids[0].body)
        self.assertIsNone(self.claim())
        self.assertEqual(event.ms365_sync_state, "synced")

    def test_move_that_would_mail_or_break_is_refused_at_once(self):
        for values, reason in (
            ({"attendees": [attendee("gus@example.com", "Gus")]}, "cancellation"),
            (
                {"isOnlineMeeting": True, "onlineMeeting": {"joinUrl": JOIN_URL}},
                "Teams",
            ),
            (
                {"isOrganizer": False, "organizer": person("boss@example.com")},
                "organizer",
            ),
        ):
            event = self.pulled(f"R of {reason}", **values).with_user(self.anna)
            with (
                self.assertNothingCaptured(),
                self.assertRaisesRegex(UserError, reason),
            ):
                event.ms365_calendar_id = self.project

    def test_moving_many_is_no_mass_deletion(self):
        self.account.company_id.ms365_delete_policy = "off"
        links = self.Link
        for number in range(15):
            self.moved_to_project(f"R{number}")
            links |= self.link(f"R{number}")
        self.claim()
        self.assertFalse(self.env["praetorx.ms365.hold"].search([]))
        deletes = self.Outbox.search(
            [("operation", "=", "delete"), ("state", "=", "sending")]
        )
        self.assertEqual(len(deletes), 15)

    def moved_to_project(self, remote_id):
        """An event with a new copy, and with an original that is not deleted yet."""
        self.pulled(remote_id)
        self.link(remote_id)._move_to(
            {"remote_id": f"copy of {remote_id}", "calendar_id": self.project.id}
        )
