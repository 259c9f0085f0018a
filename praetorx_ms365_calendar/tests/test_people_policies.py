from datetime import timedelta
from unittest.mock import ANY

from odoo import Command
from odoo.tests import tagged

from ..graph.client import GraphResponse
from ..sync.push.planner import Planner
from ..sync.push.work import PushWork
from .common import DAY, SyncCase, attendee, person

ADA = "ada@stranger.example"


@tagged("post_install", "-at_install")
class TestPeoplePolicies(SyncCase):
    """Test the company's policies for new contacts and for invitations."""

    def policy(self, **values):
        self.anna.company_id.write(
            {f"ms365_{name}_policy": value for name, value in values.items()}
        )

    def claim(self):
        job = PushWork(self.env).claim(self.account.id)
        self.env.flush_all()
        return job

    def planned_body(self):
        """Return the body of the one request that is due, and take it as sent."""
        entries = self.Outbox.search([("state", "=", "pending")], order="id")
        return Planner(self.account, entries).plan(entries).request.body

    def contacts(self, address):
        return self.env["res.partner"].search([("email_normalized", "=", address)])

    # --- contacts -------------------------------------------------------------------

    def test_contact_has_the_display_name(self):
        self.pulled(attendees=[attendee(ADA, "Ada Lovelace")])
        self.assertEqual(self.contacts(ADA).name, "Ada Lovelace")

    def test_no_contacts_are_made_if_the_company_wants_none(self):
        self.policy(contact="never")
        event = self.pulled(attendees=[attendee(ADA, "Ada")])
        self.assertFalse(self.contacts(ADA))
        self.assertEqual(event.partner_ids, self.anna.partner_id)
        self.assertEqual(event.ms365_sync_state, "synced")

    def test_contact_of_a_known_domain_is_made(self):
        self.policy(contact="known")
        self.pulled(
            attendees=[attendee(ADA, "Ada"), attendee("eve@example.com", "Eve")]
        )
        self.assertFalse(self.contacts(ADA))
        self.assertEqual(self.contacts("eve@example.com").name, "Eve")

    def test_organizer_who_may_be_no_contact_organizes_all_the_same(self):
        self.policy(contact="never")
        self.pull(self.remote(isOrganizer=False, organizer=person(ADA, "Ada")))
        event = self.link().event_id
        self.assertFalse(self.contacts(ADA))
        self.assertIn("not a user of Odoo", event.ms365_lock_reason)

    def test_attendees_without_a_contact_outlive_an_edit_of_the_attendees(self):
        self.policy(contact="never")
        event = self.pulled(attendees=[attendee(ADA, "Ada", kind="optional")])
        event.with_user(self.anna).partner_ids = [Command.link(self.guest.id)]
        self.assertEqual(
            self.planned_body(),
            {
                "attendees": [
                    {
                        "type": "optional",
                        "emailAddress": {"address": ADA, "name": "Ada"},
                    },
                    {"type": "required", "emailAddress": ANY},
                ]
            },
        )

    def test_attendees_without_a_contact_are_named_and_counted(self):
        self.policy(contact="never")
        event = self.pulled(attendees=[attendee(ADA, "Ada")])
        self.assertIn("Ada", event.with_user(self.anna).ms365_people_note)
        row = self.Log.search([("event_id", "=", event.id)], limit=1)
        self.assertIn("contact in Odoo: 1", row.reason_text)

    # --- people without a usable address --------------------------------------------

    def test_x500_address_is_named_and_harms_nothing(self):
        event = self.pulled(
            attendees=[
                attendee("/o=Contoso/ou=Exchange/cn=Rooms/cn=Hall", "Hall"),
                attendee("gus@example.com", "Gus Guest"),
            ]
        )
        self.assertIn(self.guest, event.partner_ids)
        self.assertIn("Hall", event.with_user(self.anna).ms365_people_note)
        row = self.Log.search([("event_id", "=", event.id)], limit=1)
        self.assertIn("usable address", row.reason)

    def test_attendee_without_an_address_is_named_and_not_invited(self):
        pia = self.env["res.partner"].create({"name": "Pia"})
        event = self.new_event(partner_ids=[Command.link(pia.id)])
        job = self.claim()
        body = self.remote(attendees=[])
        job.record([GraphResponse(201, {}, body, "request-1", None)])
        self.env.invalidate_all()
        self.assertIn("Pia", event.with_user(self.anna).ms365_people_note)
        self.assertIn(pia, event.partner_ids)
        row = self.Log.search([("event_id", "=", event.id)], limit=1)
        self.assertIn("no mail address", row.reason_text)

    # --- invitations ----------------------------------------------------------------

    def mails(self):
        """Return the addresses of Odoo's mails since :meth:`forget_mails`."""
        found = self.env["mail.mail"].sudo().search([]) - self.known_mails
        return sorted(found.recipient_ids.mapped("name"))

    def forget_mails(self):
        self.known_mails = self.env["mail.mail"].sudo().search([])

    def meeting_made_in_odoo(self):
        self.forget_mails()
        return self.new_event(partner_ids=[Command.link(self.guest.id)])

    def send(self, **values):
        body = self.remote(**values)
        self.claim().record([GraphResponse(201, {}, body, "request-1", None)])
        self.env.flush_all()
        self.env.invalidate_all()

    def test_exchange_invites_and_odoo_does_not(self):
        event = self.meeting_made_in_odoo()
        self.assertEqual(self.mails(), [])
        self.assertEqual(len(self.planned_body()["attendees"]), 1)
        self.assertIn("Outlook mails", event.with_user(self.anna).ms365_mail_note)

    def test_odoo_invites_and_exchange_does_not(self):
        self.policy(invitation="odoo")
        event = self.meeting_made_in_odoo()
        self.assertEqual(self.mails(), ["Gus Guest"])
        self.assertNotIn("attendees", self.planned_body())
        self.assertIn("Odoo mails", event.with_user(self.anna).ms365_mail_note)

    def test_nobody_invites(self):
        self.policy(invitation="none")
        event = self.meeting_made_in_odoo()
        self.assertEqual(self.mails(), [])
        self.assertNotIn("attendees", self.planned_body())
        self.assertIn("Nobody mails", event.with_user(self.anna).ms365_mail_note)

    def test_attendees_of_odoo_alone_stay_over_round_trips(self):
        self.policy(invitation="odoo")
        event = self.meeting_made_in_odoo()
        self.send()
        self.pull(self.remote(change_key="CK2", subject="Dinner"))
        self.assertEqual(event.name, "Dinner")
        self.assertIn(self.guest, event.partner_ids)

    def test_new_date_is_mailed_by_odoo_alone(self):
        self.policy(invitation="odoo")
        event = self.meeting_made_in_odoo()
        self.send()
        self.forget_mails()
        later = DAY + timedelta(days=1)
        event.with_user(self.anna).write(
            {"start": later, "stop": later + timedelta(hours=1)}
        )
        self.assertEqual(self.mails(), ["Gus Guest"])
        self.assertNotIn("attendees", self.planned_body())

    def test_attendee_added_later_is_not_written_to_outlook(self):
        self.policy(invitation="odoo")
        event = self.new_event()
        self.send()
        event.with_user(self.anna).partner_ids = [Command.link(self.guest.id)]
        self.assertFalse(self.claim())
        self.assertEqual(set(self.entries(event).mapped("state")), {"done"})

    def test_another_policy_later_invites_nobody_a_second_time(self):
        self.policy(invitation="odoo")
        event = self.new_event()
        self.send()
        event.with_user(self.anna).partner_ids = [Command.link(self.guest.id)]
        self.claim()
        self.policy(invitation="exchange")
        event.with_user(self.anna).name = "Dinner"
        self.assertEqual(self.planned_body(), {"subject": "Dinner"})

    def test_guests_in_outlooks_list_are_mailed_by_outlook_alone(self):
        event = self.pulled(attendees=[attendee("gus@example.com", "Gus Guest")])
        self.policy(invitation="odoo")
        self.forget_mails()
        event.with_user(self.anna).write(
            {"partner_ids": [Command.link(self.cleo.partner_id.id)]}
        )
        self.assertEqual(self.mails(), ["Cleo"])
        self.assertFalse(self.claim())
        later = DAY + timedelta(days=1)
        self.forget_mails()
        event.with_user(self.anna).write(
            {"start": later, "stop": later + timedelta(hours=1)}
        )
        self.assertEqual(self.mails(), ["Cleo"])

    def test_attendee_removed_in_odoo_leaves_outlook_whatever_the_policy(self):
        event = self.pulled(attendees=[attendee("gus@example.com", "Gus Guest")])
        self.policy(invitation="none")
        event.with_user(self.anna).partner_ids = [Command.unlink(self.guest.id)]
        self.assertEqual(self.planned_body(), {"attendees": []})

    def test_user_who_only_reads_outlook_mails_from_odoo(self):
        self.anna.ms365_sync_direction = "outlook_to_odoo"
        event = self.meeting_made_in_odoo()
        self.assertEqual(self.mails(), ["Gus Guest"])
        self.assertFalse(event.with_user(self.anna).ms365_mail_note)

    def test_invitations_that_wait_for_a_new_sign_in_say_so(self):
        self.account.state = "sign_in_again"
        event = self.meeting_made_in_odoo()
        self.assertIn("Until then", event.with_user(self.anna).ms365_mail_note)

    # --- reminders ------------------------------------------------------------------

    def test_reminders_by_mail_are_sent_for_synced_meetings(self):
        event = self.pulled(attendees=[attendee("gus@example.com", "Gus Guest")])
        self.forget_mails()
        event.attendee_ids.with_context(ms365_reminder=True)._notify_attendees(
            self.env.ref("calendar.calendar_template_meeting_reminder"),
            notify_author=True,
        )
        self.assertIn("Gus Guest", self.mails())
