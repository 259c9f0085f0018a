from datetime import timedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import MailCase

from .common import DAY, JOIN_URL, SyncCase, attendee, person


@tagged("post_install", "-at_install")
class TestCapture(SyncCase):
    """Test that edits are recorded in their own transaction."""

    # --- exactly the right entries --------------------------------------------------

    def test_new_event_is_captured_once(self):
        with self.assertCaptured("upsert"):
            event = self.new_event()
        self.assertEqual(event.ms365_sync_state, "pending")
        entry = self.entries(event)
        self.assertEqual(entry.event_id, event)
        self.assertTrue(entry.idempotency_key)
        self.assertTrue(entry.stamp)

    def test_edit_is_captured_once(self):
        event = self.new_event()
        self.clear_outbox()
        with self.assertCaptured("upsert"):
            event.write({"name": "Dinner", "location": "Room 1", "privacy": "private"})
        self.assertEqual(event.ms365_sync_state, "pending")

    def test_every_synced_field_is_captured(self):
        event = self.new_event()
        tag = self.env["calendar.event.type"].create({"name": "Blue"})
        alarm = self.env.ref("calendar.alarm_notif_1")
        for vals in (
            {"name": "Dinner"},
            {"description": "<p>With cake</p>"},
            {"start": DAY + timedelta(hours=1), "stop": DAY + timedelta(hours=3)},
            {"location": "Room 1"},
            {"partner_ids": [Command.link(self.guest.id)]},
            {"privacy": "private"},
            {"show_as": "free"},
            {"alarm_ids": [Command.link(alarm.id)]},
            {"categ_ids": [Command.link(tag.id)]},
            {"is_teams_meeting": True},
        ):
            with self.subTest(fields=sorted(vals)), self.assertCaptured("upsert"):
                event.write(dict(vals))

    def test_event_that_becomes_all_day_is_captured(self):
        event = self.new_event()
        self.clear_outbox()
        event.write({"allday": True, "start_date": DAY.date(), "stop_date": DAY.date()})
        pending = self.entries(event).filtered(lambda entry: entry.state == "pending")
        self.assertEqual(set(pending.mapped("operation")), {"upsert"})

    def test_edit_of_an_unsynced_field_is_not_captured(self):
        event = self.new_event()
        with self.assertNothingCaptured():
            event.write({"videocall_location": "https://meet.example.com/1"})
            event.message_post(body="Who brings the cake?")

    def test_deletion_is_captured_and_outlives_the_event(self):
        event = self.pulled()
        event_id = event.id
        with self.assertCaptured("delete"):
            event.with_user(self.anna).unlink()
        entry = self.entries(event_id)
        self.assertFalse(entry.event_id)
        self.assertEqual(entry.link_id, self.link())
        self.assertEqual(self.link().state, "deleted_here")

    def test_deletion_before_the_create_was_sent_is_captured(self):
        """The create may be under way at this very moment."""
        event = self.new_event()
        with self.assertCaptured("delete"):
            event.unlink()

    def test_archiving_is_a_deletion(self):
        event = self.pulled()
        with self.assertCaptured("delete"):
            event.with_user(self.anna).active = False
        self.assertEqual(self.link().state, "deleted_here")

    def test_unarchiving_makes_the_event_anew(self):
        event = self.pulled()
        event.with_user(self.anna).active = False
        self.link().state = "deleted_there"
        with self.assertCaptured("upsert"):
            event.with_user(self.anna).active = True
        self.assertEqual(event.ms365_sync_state, "pending")

    def test_edit_by_somebody_else_goes_to_the_organizers_mailbox(self):
        event = self.new_event(partner_ids=[Command.link(self.cleo.partner_id.id)])
        self.clear_outbox()
        self.anna.ms365_delegate_ids = self.cleo
        with self.assertCaptured("upsert", account=self.account):
            event.with_user(self.cleo).name = "Dinner"

    def test_event_made_for_somebody_else_goes_to_that_mailbox(self):
        with self.assertCaptured("upsert", account=self.account):
            self.new_event(
                self.cleo,
                user_id=self.anna.id,
                partner_ids=[Command.link(self.anna.partner_id.id)],
            )

    def test_two_mailboxes_get_their_own_entries(self):
        account = self.connect(self.ben)
        events = self.new_event() | self.new_event(self.ben)
        self.clear_outbox()
        events.sudo().write({"location": "Room 1"})
        pending = self.Outbox.search([("state", "=", "pending")])
        self.assertEqual(
            {(entry.account_id, entry.event_id) for entry in pending},
            {(self.account, events[0]), (account, events[1])},
        )

    # --- nothing where nothing belongs ----------------------------------------------

    def test_rolled_back_edit_is_not_captured(self):
        event = self.new_event()
        with self.assertNothingCaptured():
            with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
                event.name = "Dinner"
                self.env.flush_all()
                raise ZeroDivisionError
            self.env.invalidate_all()
        self.assertEqual(event.name, "Lunch")

    def test_event_of_a_user_without_sync_is_not_captured(self):
        with self.assertNothingCaptured():
            event = self.new_event(
                self.cleo, partner_ids=[Command.link(self.anna.partner_id.id)]
            )
            event.name = "Dinner"
            event.active = False
            event.active = True
            event.unlink()

    def test_switched_off_user_is_not_captured(self):
        self.anna.ms365_sync_enabled = False
        with self.assertNothingCaptured():
            self.new_event().name = "Dinner"

    def test_one_way_from_outlook_is_not_captured(self):
        self.anna.ms365_sync_direction = "outlook_to_odoo"
        with self.assertNothingCaptured():
            self.new_event().name = "Dinner"

    def test_edits_are_kept_while_a_sign_in_is_needed(self):
        self.account.state = "sign_in_again"
        with self.assertCaptured("upsert"):
            self.new_event()

    def test_writes_of_the_sync_are_not_captured(self):
        with self.assertNothingCaptured():
            event = self.pulled()
            self.pull(self.remote(change_key="CK2", subject="Dinner"))
            self.assertEqual(event.name, "Dinner")
            self.gone(self.link())
            self.assertFalse(event.active)

    # --- refused at once ------------------------------------------------------------

    def invitation(self):
        """Return a meeting in Anna's calendar that an outsider organizes."""
        return self.pulled(
            isOrganizer=False,
            organizer=person("olga@elsewhere.example", "Olga"),
            attendees=[attendee("anna@example.com", "Anna")],
            responseStatus={"response": "notResponded"},
        ).with_user(self.anna)

    def test_meeting_of_an_outsider_cannot_be_edited(self):
        event = self.invitation()
        for vals in (
            {"name": "Dinner"},
            {"start": DAY + timedelta(hours=1), "stop": DAY + timedelta(hours=2)},
            {"partner_ids": [Command.link(self.guest.id)]},
        ):
            with (
                self.subTest(fields=sorted(vals)),
                self.assertNothingCaptured(),
                self.assertRaisesRegex(UserError, "own calendar only"),
            ):
                event.write(dict(vals))
        self.assertEqual(event.name, "Lunch")

    def test_meeting_that_is_known_to_be_gone_is_still_the_organizers(self):
        """It will be archived, or its organizer's own mailbox brings it again."""
        event = self.invitation()
        self.link().state = "gone"
        with self.assertRaisesRegex(UserError, "own calendar only"):
            event.name = "Dinner"

    def test_own_reminder_and_tags_of_an_invitation_are_captured(self):
        event = self.invitation()
        tag = self.env["calendar.event.type"].create({"name": "Blue"})
        with self.assertCaptured("upsert"):
            event.write({"categ_ids": [Command.link(tag.id)], "show_as": "free"})

    def test_organizer_of_a_synced_event_cannot_change(self):
        event = self.pulled()
        with self.assertRaisesRegex(UserError, "Change organizer"):
            event.with_user(self.anna).user_id = self.cleo
        self.assertEqual(event.user_id, self.anna)

    def test_teams_meeting_cannot_be_switched_off(self):
        event = self.pulled(
            isOnlineMeeting=True,
            onlineMeetingProvider="teamsForBusiness",
            onlineMeeting={"joinUrl": JOIN_URL},
        )
        self.assertTrue(event.is_teams_meeting)
        with self.assertRaisesRegex(UserError, "Teams"):
            event.with_user(self.anna).is_teams_meeting = False

    # --- cost -----------------------------------------------------------------------

    def queries_of(self, count, work):
        """Count the statements that ``work`` needs for this many events."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work(count)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def bulk_create(self, user):
        quiet = self.env["calendar.event"].with_context(
            dont_notify=True, no_mail_to_attendees=True
        )
        return lambda count: quiet.with_user(user).create(
            [
                {
                    "name": f"Event {number}",
                    "start": DAY,
                    "stop": DAY + timedelta(hours=1),
                    "partner_ids": [Command.set(user.partner_id.ids)],
                }
                for number in range(count)
            ]
        )

    def assertCostsTheSame(self, few, many):
        """The sync's own queries do not grow with the number of events."""
        self.assertLess(many - few, 10, f"{few} queries for 20, {many} for 200")

    def test_bulk_create_costs_no_query_per_event(self):
        for user in (self.anna, self.cleo):
            self.bulk_create(user)(2)  # caches
        extra = {}
        for count in (20, 200):
            with_sync = self.queries_of(count, self.bulk_create(self.anna))
            without = self.queries_of(count, self.bulk_create(self.cleo))
            extra[count] = with_sync - without
        self.assertCostsTheSame(extra[20], extra[200])

    def test_bulk_edit_costs_no_query_per_event(self):
        def edit(user):
            events = self.bulk_create(user)(200).with_context(dont_notify=True)
            return lambda count: events[:count].write({"location": "Room 1"})

        extra = {}
        for count in (20, 200):
            with_sync = self.queries_of(count, edit(self.anna))
            extra[count] = with_sync - self.queries_of(count, edit(self.cleo))
        self.assertCostsTheSame(extra[20], extra[200])

    def test_bulk_delete_costs_no_query_per_event(self):
        def delete(user):
            events = self.bulk_create(user)(200).with_context(dont_notify=True)
            return lambda count: events[:count].unlink()

        extra = {}
        for count in (20, 200):
            with_sync = self.queries_of(count, delete(self.anna))
            extra[count] = with_sync - self.queries_of(count, delete(self.cleo))
        self.assertCostsTheSame(extra[20], extra[200])


@tagged("post_install", "-at_install")
class TestInvitations(SyncCase, MailCase):
    """Exchange invites to events that go to Outlook; Odoo invites to the others."""

    def assertMails(self, count):
        """So many mails have gone to the guest since the gateway was watched."""
        to_guest = [
            mail for mail in self._mails if "gus@" in str(mail["email_to"]).lower()
        ]
        self.assertEqual(len(to_guest), count)

    def meet(self, user):
        """Invite a guest, then move the meeting."""
        event = self.new_event(user, partner_ids=[Command.link(self.guest.id)])
        event.write(
            {"start": DAY + timedelta(hours=2), "stop": DAY + timedelta(hours=3)}
        )

    def test_synced_organizer_sends_no_mail_from_odoo(self):
        with self.mock_mail_gateway():
            self.meet(self.anna)
        self.assertMails(0)

    def test_other_organizer_sends_the_mails_of_stock(self):
        with self.mock_mail_gateway():
            self.meet(self.cleo)
        self.assertMails(2)

    def test_pulled_meeting_sends_no_mail_from_odoo(self):
        gus, new = attendee("gus@example.com", "Gus"), attendee("new@example.com")
        with self.mock_mail_gateway():
            self.pulled(attendees=[gus])
            self.pull(
                self.remote(change_key="CK2", subject="Dinner", attendees=[gus, new])
            )
            self.gone(self.link())
        self.assertFalse(self._mails)

    def test_series_of_a_synced_organizer_is_exchange_s_to_invite_to(self):
        with self.mock_mail_gateway():
            self.new_event(
                partner_ids=[Command.link(self.guest.id)],
                recurrency=True,
                rrule_type="daily",
                end_type="count",
                count=2,
                interval=1,
            )
        self.assertFalse(self._mails)
