"""Ids of the stock connector can be written by anybody: they count where they fit."""

from odoo import Command
from odoo.tests import tagged

from .common import SyncCase, TwoMailboxesCase, attendee, person
from .test_series import FIRST, SeriesCase

IDS = {"microsoft_id": "R1", "ms_universal_event_id": "uid of R1"}


@tagged("post_install", "-at_install")
class TestForgedIds(SyncCase):
    """A colleague's event bears the id of a meeting in Anna's mailbox."""

    def forged(self, **vals):
        return self.new_event(self.cleo, name="Mine", **IDS, **vals)

    def invitation_from_outside(self, **values):
        return self.remote(
            isOrganizer=False,
            organizer=person("zoe@elsewhere.com", "Zoe"),
            attendees=[attendee("anna@example.com", "Anna")],
            responseStatus={"response": "accepted"},
            body={"contentType": "html", "content": "<p>A secret</p>"},
            **values,
        )

    def assertLeftAlone(self, event):
        self.assertNotEqual(self.link().event_id, event)
        self.assertEqual(self.link().event_id.name, "Lunch")
        self.assertEqual(event.name, "Mine")
        self.assertNotIn("secret", str(event.description))
        self.assertFalse(event.sudo().ms365_link_ids)

    def test_event_of_a_colleague_is_not_the_owners(self):
        event = self.forged(partner_ids=[Command.link(self.anna.partner_id.id)])
        self.pull(self.remote())
        self.assertLeftAlone(event)

    def test_event_of_a_colleague_is_no_invitation_of_the_owner(self):
        event = self.forged(partner_ids=[Command.link(self.anna.partner_id.id)])
        self.pull(self.invitation_from_outside())
        self.assertLeftAlone(event)

    def test_event_of_nobody_is_no_invitation_if_a_stranger_to_it_made_it(self):
        people = (self.anna | self.cleo).partner_id
        event = self.forged(user_id=False, partner_ids=[Command.set(people.ids)])
        self.pull(self.invitation_from_outside())
        self.assertLeftAlone(event)

    def test_event_that_the_owner_is_not_invited_to_is_no_invitation(self):
        event = self.forged(user_id=False)
        self.pull(self.invitation_from_outside())
        self.assertLeftAlone(event)

    def test_event_that_is_synced_under_another_id_is_another(self):
        event = self.pulled("R9")
        event.with_user(self.anna).write(IDS)
        self.pull(self.remote())
        self.assertEqual(self.link().state, "synced")
        self.assertNotEqual(self.link().event_id, event)

    def test_forged_event_does_not_hide_the_real_one(self):
        self.forged()
        event = self.new_event(self.anna, **IDS)
        self.Outbox.search([("event_id", "=", event.id)]).unlink()
        self.pull(self.remote())
        self.assertEqual(self.link().event_id, event)

    def test_invitation_that_the_stock_connector_has_read_is_known(self):
        event = self.new_event(
            self.anna,
            user_id=False,
            partner_ids=[Command.set(self.anna.partner_id.ids)],
            **IDS,
        )
        self.pull(self.invitation_from_outside())
        self.assertEqual(self.link().event_id, event)

    def test_invitation_that_another_guest_has_brought_is_known(self):
        people = (self.anna | self.cleo).partner_id
        event = self.forged(user_id=False, partner_ids=[Command.set(people.ids)])
        invitation = self.invitation_from_outside()
        invitation["attendees"].append(attendee("cleo@example.com", "Cleo"))
        self.pull(invitation)
        self.assertEqual(self.link().event_id, event)

    def test_invitation_of_a_colleague_is_known(self):
        event = self.forged(partner_ids=[Command.link(self.anna.partner_id.id)])
        invitation = self.invitation_from_outside()
        invitation["organizer"] = person("cleo@example.com", "Cleo")
        self.pull(invitation)
        self.assertEqual(self.link().event_id, event)


@tagged("post_install", "-at_install")
class TestForgedIdsInTwoMailboxes(TwoMailboxesCase):
    def test_copy_of_a_guest_does_not_bring_the_guests_own_event(self):
        event = self.new_event(self.ben, name="Mine", **IDS)
        self.pull_copy()
        self.pull(self.invitation())
        self.assertNotEqual(self.link().event_id, event)
        self.assertEqual(event.name, "Mine")


@tagged("post_install", "-at_install")
class TestForgedIdsOfSeries(SeriesCase):
    def series_of(self, user, **vals):
        event = self.new_event(
            user,
            name="Mine",
            start=FIRST,
            stop=FIRST.replace(hour=FIRST.hour + 1),
            recurrency=True,
            rrule_type="weekly",
            end_type="count",
            count=4,
            **{FIRST.strftime("%a").lower(): True},
            **vals,
        )
        ids = {"microsoft_id": "S1", "ms_universal_event_id": "uid of S1"}
        event.recurrence_id.with_user(user).write(ids)
        self.Outbox.search([]).unlink()
        return self.env["calendar.recurrence"].browse(event.recurrence_id.id)

    def test_series_of_a_colleague_is_not_the_owners(self):
        forged = self.series_of(self.cleo)
        recurrence = self.pulled_series()
        self.assertNotEqual(recurrence, forged)
        self.assertEqual(set(self.rows(forged).mapped("name")), {"Mine"})
        self.assertFalse(forged.sudo().ms365_link_ids)

    def test_series_of_the_owner_is_known(self):
        forged, known = self.series_of(self.cleo), self.series_of(self.anna)
        self.assertEqual(self.pulled_series(), known)
        self.assertFalse(forged.sudo().ms365_link_ids)
