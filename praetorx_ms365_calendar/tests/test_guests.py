from odoo import Command
from odoo.tests import tagged

from ..graph.client import GraphResponse
from ..sync.push.planner import Planner
from ..sync.push.work import PushWork
from .common import SyncCase, TwoMailboxesCase, attendee, person

BOX = "office@acme.example"


@tagged("post_install", "-at_install")
class TestGuests(SyncCase):
    """An address is not a person: the list of guests is changed, and never rebuilt."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Partner = cls.env["res.partner"]
        cls.company = cls.Partner.create(
            {"name": "Acme", "is_company": True, "email": BOX}
        )
        cls.employee = cls.Partner.create(
            {"name": "Emma", "parent_id": cls.company.id, "email": BOX}
        )

    def meeting_with(self, *partners):
        """Return a meeting that Anna made, and that Outlook has."""
        event = self.new_event(
            partner_ids=[Command.link(partner.id) for partner in partners]
        )
        self.send()
        return event

    def send(self, **values):
        """Record all due writes as sent; Outlook has the attendees of the write."""
        entries = self.Outbox.search([("state", "=", "pending")], order="id")
        listed = Planner(self.account, entries).plan(entries).request.body
        body = self.remote(**{"attendees": listed.get("attendees", []), **values})
        job = PushWork(self.env).claim(self.account.id)
        job.record([GraphResponse(201, {}, body, "request-1", None)])
        self.env.flush_all()
        self.env.invalidate_all()

    def edit_in_outlook(self, change_key="CK2", **values):
        """Read the meeting again, after somebody has edited it in Outlook."""
        self.pull(self.remote(change_key=change_key, **values))

    def guests(self, event):
        return event.partner_ids - self.anna.partner_id

    def contacts(self, address):
        return self.Partner.with_context(active_test=False).search(
            [("email_normalized", "=", address)]
        )

    # --- one address, several contacts ----------------------------------------------

    def test_employee_with_the_address_of_the_company_keeps_the_reply(self):
        event = self.meeting_with(self.employee)
        part = event.attendee_ids.filtered(lambda a: a.partner_id == self.employee)
        part.sudo().with_context(ms365_from_sync=True).state = "accepted"
        token = part.sudo().access_token
        self.edit_in_outlook(attendees=[attendee(BOX), attendee("new@x.example")])
        self.assertIn(self.employee, event.partner_ids)
        self.assertNotIn(self.company, event.partner_ids)
        self.assertEqual(part.exists().state, "accepted")
        self.assertEqual(part.sudo().access_token, token)
        self.assertIn("new@x.example", event.partner_ids.mapped("email"))

    def test_two_guests_with_one_address_both_stay(self):
        event = self.meeting_with(self.company, self.employee)
        self.edit_in_outlook(attendees=[attendee(BOX), attendee("new@x.example")])
        self.assertLessEqual(self.company | self.employee, event.partner_ids)

    def test_two_guests_with_one_address_are_both_removed_with_it(self):
        event = self.meeting_with(self.company, self.employee, self.guest)
        self.edit_in_outlook(attendees=[attendee("gus@example.com")])
        self.assertEqual(self.guests(event), self.guest)

    def test_one_of_two_guests_with_one_address_leaves_in_odoo_alone(self):
        event = self.meeting_with(self.company, self.employee)
        event.with_user(self.anna).partner_ids = [Command.unlink(self.company.id)]
        content = event._ms365_read_contents()[event]
        self.assertEqual([one.email for one in content.attendees], [BOX])

    def test_contact_with_the_address_of_the_organizer_stays(self):
        double = self.Partner.create({"name": "Anna B.", "email": "anna@example.com"})
        event = self.meeting_with(double, self.guest)
        self.edit_in_outlook(attendees=[attendee(BOX)])
        self.assertIn(double, event.partner_ids)
        self.assertNotIn(self.guest, event.partner_ids)

    def test_new_guest_is_the_contact_of_that_name(self):
        event = self.pulled(attendees=[attendee(BOX, "Emma")])
        self.assertEqual(self.guests(event), self.employee)

    def test_new_guest_without_a_known_name_is_the_first_person(self):
        event = self.pulled(attendees=[attendee(BOX, "Somebody")])
        self.assertEqual(self.guests(event), self.employee)

    def states(self, event):
        """Return the answers of the company and of the employee."""
        parts = event.attendee_ids
        return [
            parts.filtered(lambda one, guest=guest: one.partner_id == guest).state
            for guest in (self.company, self.employee)
        ]

    def replied(self, name="", change_key="CK2"):
        """Read the meeting again after the attendee with this name has accepted."""
        self.edit_in_outlook(
            change_key, attendees=[attendee(BOX, name, response="accepted")]
        )

    def invite_later(self, event, guest):
        """Invite another guest with the same address, in Odoo and a day later."""
        self.env.cr.execute(
            "UPDATE calendar_attendee SET create_date = create_date - interval '1 day'"
        )
        event.with_user(self.anna).partner_ids = [Command.link(guest.id)]
        self.clear_outbox()

    def test_reply_belongs_to_the_guest_named_by_outlook(self):
        for number, (name, expected) in enumerate(
            (
                ("Emma", ["needsAction", "accepted"]),
                ("Acme", ["accepted", "needsAction"]),
            )
        ):
            with self.subTest(name):
                event = self.meeting_with(self.company, self.employee)
                self.replied(name, f"CK{number + 2}")
                self.assertEqual(self.states(event), expected)
                self.link().unlink()

    def test_reply_belongs_to_the_guest_invited_first(self):
        for first, second, expected in (
            (self.company, self.employee, ["accepted", "needsAction"]),
            (self.employee, self.company, ["needsAction", "accepted"]),
        ):
            with self.subTest(first.name):
                event = self.meeting_with(first)
                self.invite_later(event, second)
                self.replied("Someone else")
                self.assertEqual(self.states(event), expected)
                self.link().unlink()

    def test_reply_belongs_to_the_person_if_nothing_else_is_known(self):
        event = self.meeting_with(self.company, self.employee)
        self.replied()
        self.assertEqual(self.states(event), ["needsAction", "accepted"])

    def test_reply_belongs_to_the_owner_of_the_mailbox(self):
        double = self.Partner.create({"name": "B. Box", "email": "ben@example.com"})
        account = self.connect(self.ben)
        event = self.meeting_with(double, self.ben.partner_id)
        guests = [attendee("ben@example.com", "B. Box", response="declined")]
        self.edit_in_outlook(attendees=guests)
        self.pull(
            self.remote_copy(responseStatus={"response": "accepted"}), account=account
        )
        states = {one.partner_id: one.state for one in event.attendee_ids}
        self.assertEqual(states[self.ben.partner_id], "accepted")
        self.assertEqual(states[double], "needsAction")

    # --- several companies ----------------------------------------------------------

    def test_guest_of_the_second_company_of_the_user_is_known(self):
        second = self.env["res.company"].create({"name": "Second"})
        self.anna.company_ids = [Command.link(second.id)]
        guest = self.Partner.create(
            {"name": "Sam", "email": "sam@s.example", "company_id": second.id}
        )
        event = self.pulled(attendees=[attendee("sam@s.example", "Sam")])
        self.assertEqual(self.guests(event), guest)
        self.assertEqual(self.contacts("sam@s.example"), guest)

    def test_guest_of_the_own_company_comes_before_one_of_the_second(self):
        second = self.env["res.company"].create({"name": "Second"})
        self.anna.company_ids = [Command.link(second.id)]
        values = {"name": "Sam", "email": "sam@s.example"}
        self.Partner.create({**values, "company_id": second.id})
        own = self.Partner.create({**values, "company_id": self.anna.company_id.id})
        event = self.pulled(attendees=[attendee("sam@s.example", "Sam")])
        self.assertEqual(self.guests(event), own)

    def test_guest_whom_the_user_cannot_see_is_another_contact(self):
        other_company = self.env["res.company"].create({"name": "Other Company"})
        hidden = self.Partner.create(
            {"name": "Sam", "email": "sam@s.example", "company_id": other_company.id}
        )
        event = self.pulled(attendees=[attendee("sam@s.example", "Sam")])
        self.assertNotIn(hidden, event.partner_ids)

    def test_guest_whom_the_user_cannot_see_stays_if_taking_part(self):
        other_company = self.env["res.company"].create({"name": "Other Company"})
        event = self.meeting_with(self.guest)
        self.guest.company_id = other_company
        self.edit_in_outlook(
            attendees=[attendee("gus@example.com"), attendee("new@x.example")]
        )
        self.assertIn(self.guest, event.sudo().partner_ids)
        self.assertEqual(self.contacts("gus@example.com"), self.guest)

    # --- erased, and never made -----------------------------------------------------

    def test_erased_contact_does_not_come_back_with_an_edit_of_the_title(self):
        event = self.pulled(attendees=[attendee("ada@x.example", "Ada")])
        self.contacts("ada@x.example").unlink()
        self.env.invalidate_all()
        self.edit_in_outlook(
            subject="Dinner", attendees=[attendee("ada@x.example", "Ada")]
        )
        self.assertEqual(event.name, "Dinner")
        self.assertFalse(self.contacts("ada@x.example"))

    def test_erased_contact_does_not_come_back_from_the_copy_of_an_attendee(self):
        def copy(change_key="CK1", **values):
            return self.remote(
                "B1",
                change_key,
                isOrganizer=False,
                organizer=person("olga@x.example", "Olga"),
                attendees=[
                    attendee("anna@example.com", "Anna"),
                    attendee("ada@x.example", "Ada"),
                ],
                **values,
            )

        self.pull(copy())
        event = self.link("B1").event_id
        self.contacts("ada@x.example").unlink()
        self.env.invalidate_all()
        self.pull(copy("CK2", subject="Dinner"))
        self.assertEqual(event.name, "Dinner")
        self.assertFalse(self.contacts("ada@x.example"))

    def test_deleted_tag_does_not_come_back_with_an_edit_of_the_title(self):
        event = self.pulled(categories=["Secret project"])
        event.categ_ids.unlink()
        self.env.invalidate_all()
        self.edit_in_outlook(subject="Dinner", categories=["Secret project"])
        tag = self.env["calendar.event.type"].search([("name", "=", "Secret project")])
        self.assertFalse(tag)

    def test_nothing_is_made_of_an_event_that_is_not_open(self):
        for number, word in enumerate(("private", "personal", "confidential")):
            with self.subTest(word):
                event = self.pulled(
                    f"P{number}",
                    sensitivity=word,
                    attendees=[
                        attendee("doc@clinic.example", "Dr. Doe"),
                        attendee("gus@example.com", "Gus"),
                    ],
                    categories=["Chemotherapy"],
                )
                self.assertEqual(self.guests(event), self.guest)
                self.assertFalse(event.categ_ids)
                self.assertFalse(self.contacts("doc@clinic.example"))
        tag = self.env["calendar.event.type"].search([("name", "=", "Chemotherapy")])
        self.assertFalse(tag)

    def test_organizer_of_an_event_that_is_not_open_is_no_new_contact(self):
        self.pull(
            self.remote(
                sensitivity="private",
                isOrganizer=False,
                organizer=person("doc@clinic.example", "Dr. Doe"),
                attendees=[attendee("anna@example.com", "Anna")],
            )
        )
        self.assertEqual(self.link().event_id.partner_ids, self.anna.partner_id)
        self.assertFalse(self.contacts("doc@clinic.example"))

    def test_categories_of_a_private_event_outlive_an_edit_of_its_tags(self):
        event = self.pulled(sensitivity="private", categories=["Chemotherapy"])
        tag = self.env["calendar.event.type"].create({"name": "Health"})
        event.with_user(self.anna).categ_ids = [Command.link(tag.id)]
        merge = event._detect_pull_conflicts(
            {event: (self.link(), self.link()._base.theirs)}
        )[event]
        self.assertEqual(merge.merged.categories, ("Chemotherapy", "Health"))


@tagged("post_install", "-at_install")
class TestAddresses(TwoMailboxesCase):
    """Ben's mailbox has another address than Ben's contact, and an alias."""

    BOX, ALIAS = "ben.smith@box.example", "bs@box.example"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account_of_ben.write(
            {"mailbox_address": cls.BOX.upper(), "other_addresses": [cls.ALIAS]}
        )

    def listed(self, event):
        return [one.email for one in event._ms365_read_contents()[event].attendees]

    def test_invitation_goes_to_the_address_of_the_mailbox(self):
        event = self.new_event(partner_ids=[Command.link(self.ben.partner_id.id)])
        self.assertEqual(self.listed(event), [self.BOX])

    def test_person_is_known_by_each_address(self):
        for number, address in enumerate((self.BOX, self.ALIAS, "ben@example.com")):
            with self.subTest(address):
                event = self.pulled(f"A{number}", attendees=[attendee(address, "B.")])
                self.assertEqual(event.partner_ids, (self.anna | self.ben).partner_id)
                self.assertEqual(self.listed(event), [address])

    def test_person_who_is_removed_in_odoo_leaves_under_each_address(self):
        guests = [attendee(self.ALIAS, "B."), attendee("ben@example.com", "Ben")]
        event = self.pulled(attendees=guests)
        event.with_user(self.anna).partner_ids = [
            Command.unlink(self.ben.partner_id.id)
        ]
        [patch] = [
            Planner(self.account, entries).plan(entries).patch
            for entries in [self.entries(event)]
        ]
        self.assertEqual(patch.content.attendees, ())

    def test_person_listed_under_another_address_keeps_the_reply(self):
        event = self.pulled(
            attendees=[attendee("ben@example.com", "Ben", response="accepted")]
        )
        part = self.part_of(self.ben, event)
        self.assertEqual(part.state, "accepted")
        self.pull(self.remote(change_key="CK2", attendees=[attendee(self.ALIAS)]))
        self.assertEqual(self.part_of(self.ben, event), part)
        self.assertEqual(part.state, "accepted")

    def test_reply_under_an_alias_belongs_to_the_person(self):
        event = self.pulled(attendees=[attendee(self.ALIAS)])
        self.pull(
            self.remote(
                change_key="CK2", attendees=[attendee(self.ALIAS, response="declined")]
            )
        )
        self.assertEqual(self.part_of(self.ben, event).state, "declined")

    def test_meeting_is_organized_by_the_owner_of_an_alias(self):
        self.account_of_ben.state = "signed_out"
        self.pull(
            self.remote_copy(
                "A1", organizer=person(self.ALIAS, "B."), of="X", attendees=[]
            ),
        )
        self.assertEqual(self.link("A1").event_id.user_id, self.ben)

    def test_alias_that_is_the_main_address_of_somebody_else_is_not_taken(self):
        self.account_of_ben.other_addresses = ["anna@example.com"]
        Account = self.env["praetorx.ms365.account"]
        owner = Account._organizer_addresses()["anna@example.com"]
        self.assertEqual(owner, self.account.id)

    def test_address_of_a_mailbox_that_was_renamed_stays_known(self):
        self.account_of_ben._remember_addresses({"mail": "ben.jones@box.example"})
        self.assertEqual(self.account_of_ben.mailbox_address, "ben.jones@box.example")
        event = self.pulled(attendees=[attendee(self.BOX, "B.")])
        self.assertIn(self.ben.partner_id, event.partner_ids)

    def test_address_under_which_outlook_has_the_own_event_is_learned(self):
        event = self.new_event()
        body = self.remote(organizer=person("outlook_77@outlook.example", "Anna"))
        job = PushWork(self.env).claim(self.account.id)
        job.record([GraphResponse(201, {}, body, "request-1", None)])
        self.assertEqual(event.ms365_sync_state, "synced")
        self.assertIn("outlook_77@outlook.example", self.account._addresses())

    def test_guest_with_an_address_that_becomes_an_alias_of_the_organizer_stays(self):
        event = self.pulled(attendees=[attendee("gus@example.com", "Gus")])
        self.account.other_addresses = ["gus@example.com"]
        self.assertEqual(self.listed(event), ["gus@example.com"])

    def test_title_edit_after_a_change_of_the_mailbox_invites_nobody(self):
        event = self.pulled(attendees=[attendee(self.BOX, "B.")])
        self.account_of_ben._remember_addresses({"mail": "ben.jones@box.example"})
        event.with_user(self.anna).name = "Dinner"
        entries = self.entries(event)
        patch = Planner(self.account, entries).plan(entries).patch
        self.assertEqual(patch.fields, {"subject"})

    def test_people_note_names_nobody_who_has_an_alias(self):
        event = self.pulled(attendees=[attendee(self.ALIAS)])
        self.assertFalse(event.with_user(self.anna).ms365_people_note)


@tagged("post_install", "-at_install")
class TestGuestsWhoStopSyncing(TwoMailboxesCase):
    def test_guest_who_stops_syncing_stays_the_same_guest(self):
        self.account_of_ben.mailbox_address = "ben@mail.example.com"
        self.account_of_ben._clear_account_cache()
        guests = [attendee("ben@mail.example.com", "Ben")]
        self.pull(self.remote("R1", attendees=guests))
        event = self.link("R1").event_id
        self.assertIn(self.ben.partner_id, event.partner_ids)
        before = event._ms365_read_contents()[event]
        self.ben.ms365_sync_enabled = False
        self.env.invalidate_all()
        after = event._ms365_read_contents()[event]
        self.assertEqual(before.attendees, after.attendees)

    def test_archived_guest_stays(self):
        self.account_of_ben.mailbox_address = "ben@mail.example.com"
        self.account_of_ben._clear_account_cache()
        guests = [attendee("ben@mail.example.com", "Ben")]
        self.pull(self.remote("R1", attendees=guests))
        event = self.link("R1").event_id
        self.ben.active = False
        self.env.invalidate_all()
        self.pull(self.remote("R1", "CK2", attendees=guests, subject="New"))
        self.assertIn(self.ben.partner_id, event.partner_ids)
        self.assertEqual(len(event.partner_ids), 2)
