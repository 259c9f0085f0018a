from datetime import timedelta

from odoo import Command, fields
from odoo.tests import Form, tagged

from ..engine.errors import RefreshToken, TryLater
from ..graph.client import GraphResponse
from ..sync.pull.work import PullWork
from .common import DAY, SyncCase, attendee, graph_time, new_administrator

HOUR = timedelta(hours=1)


class BusyCase(SyncCase):
    """Anna organizes; Cleo uses Odoo without sync, and Ben syncs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connect(cls.ben)
        cls.anna.ms365_busy_times = True
        cls.BusyDay = cls.env["praetorx.ms365.busy.day"]

    def meeting(self, *people, **vals):
        """Return a new meeting of Anna's with these users."""
        partners = (self.anna | self.cleo).partner_id.union(*people)
        return self.new_event(partner_ids=[Command.set(partners.ids)], **vals)

    def ask(self, event, **times):
        """Ask as the open form of an event does; return the busy partners."""
        start, stop = times.get("start", event.start), times.get("stop", event.stop)
        ids = event.with_user(self.anna).ms365_ask_busy_times(
            event.id, event.partner_ids.ids, str(start), str(stop)
        )
        return self.env["res.partner"].browse(ids)

    def respond(self, *items, address="cleo@example.com", **entry):
        """Answer the question of the puller with these times of one person."""
        schedule = {"scheduleId": address, "scheduleItems": list(items), **entry}
        self.record(GraphResponse(200, {}, {"value": [schedule]}, "request-1", None))

    def record(self, response):
        self.env.flush_all()
        job = PullWork(self.env).claim(self.account.id)
        job.record([response])
        self.env.flush_all()
        self.env.invalidate_all()

    def busy(self, start=DAY, end=DAY + HOUR, **values):
        """Return a time as Graph lists it."""
        times = {"start": graph_time(start), "end": graph_time(end)}
        return {"status": "busy", "isPrivate": False, **times, **values}


@tagged("post_install", "-at_install")
class TestBusyTimes(BusyCase):
    """Test that Outlook's busy times of people without sync feed Odoo's own hint."""

    def test_organizer_sees_who_does_not_sync(self):
        event = self.meeting(self.ben.partner_id, self.guest)
        note = event.with_user(self.anna).ms365_unsynced_note
        self.assertIn("Cleo", note)
        self.assertNotIn("Ben", note)
        self.assertNotIn("Gus", note)
        self.assertFalse(event.with_user(self.cleo).ms365_unsynced_note)

    def test_nobody_is_named_if_all_sync(self):
        event = self.new_event(partner_ids=(self.anna | self.ben).partner_id.ids)
        self.assertFalse(event.with_user(self.anna).ms365_unsynced_note)

    def test_nothing_is_asked_unless_the_person_allows_it(self):
        self.anna.ms365_busy_times = False
        event = self.meeting()
        self.assertFalse(self.ask(event))
        self.assertFalse(self.BusyDay.search([]))
        self.assertFalse(event.with_user(self.anna).ms365_asks_busy_times)
        self.assertIn("does not know", event.with_user(self.anna).ms365_unsynced_note)

    def test_it_is_off_at_first(self):
        self.assertFalse(self.ben.ms365_busy_times)

    def test_busy_colleague_is_unavailable_once_outlook_has_said_so(self):
        event = self.meeting(start=DAY + HOUR / 2, stop=DAY + HOUR)
        self.assertFalse(self.ask(event), "nobody waits for Microsoft")
        self.respond(self.busy(subject="Doctor", location="Clinic"))
        cleo = self.cleo.partner_id
        self.assertEqual(self.ask(event), cleo)
        self.assertEqual(event.with_user(self.anna).unavailable_partner_ids, cleo)
        self.assertFalse(self.ask(event, start=DAY + HOUR, stop=DAY + 2 * HOUR))

    def test_only_the_times_are_stored(self):
        self.ask(self.meeting())
        self.respond(self.busy(subject="Doctor", location="Clinic"))
        self.env.cr.execute("SELECT * FROM praetorx_ms365_busy_day")
        for row in self.env.cr.fetchall():
            self.assertNotIn("Doctor", str(row))
            self.assertNotIn("Clinic", str(row))

    def test_hint_is_on_a_new_meeting_too(self):
        self.ask(self.meeting(start=DAY + HOUR / 2, stop=DAY + HOUR))
        self.respond(self.busy())
        form = Form(self.env["calendar.event"].with_user(self.anna))
        form.start, form.stop = DAY + HOUR / 2, DAY + HOUR
        form.partner_ids.add(self.cleo.partner_id)
        self.assertIn(self.cleo.partner_id.id, form.unavailable_partner_ids.ids)

    def test_invitation_to_the_meeting_itself_does_not_count(self):
        event = self.meeting()
        self.ask(event)
        self.respond(self.busy(status="tentative"))
        self.assertFalse(self.ask(event))
        self.assertFalse(self.ask(event, start=DAY + HOUR / 2), "while it is moved")

    def test_moved_meeting_is_not_in_its_own_way(self):
        event = self.pulled(
            attendees=[attendee("cleo@example.com", "Cleo")],
            organizer={"emailAddress": {"address": "anna@example.com"}},
        ).with_user(self.anna)
        event.write({"start": DAY + HOUR / 2, "stop": DAY + HOUR})
        self.ask(event)
        self.respond(self.busy())
        self.assertFalse(self.ask(event))

    def test_free_time_is_no_busy_time(self):
        event = self.meeting(start=DAY + HOUR / 2, stop=DAY + HOUR)
        self.ask(event)
        self.respond(self.busy(status="free"))
        self.assertFalse(self.ask(event))

    def test_only_colleagues_without_sync_are_asked_about(self):
        customer = self.env["res.partner"].create(
            {"name": "Customer", "email": "customer@elsewhere.example"}
        )
        self.ask(self.meeting(self.ben.partner_id, customer, self.guest))
        addresses = set(self.BusyDay.search([]).mapped("address"))
        self.assertEqual(addresses, {"cleo@example.com", "gus@example.com"})

    def test_people_without_times_are_not_asked_about_again(self):
        event = self.meeting()
        self.ask(event)
        self.respond(scheduleItems=None, error={"responseCode": "5016"})
        self.ask(event)
        self.assertEqual(self.BusyDay.search([]).mapped("error"), ["5016"])
        self.assertFalse(self.BusyDay.search([("asked_at", "!=", False)]))

    def test_times_are_kept_for_a_quarter_of_an_hour(self):
        event = self.meeting(start=DAY + HOUR / 2, stop=DAY + HOUR)
        self.ask(event)
        self.respond(self.busy())
        self.BusyDay.search([]).read_at = fields.Datetime.now() - timedelta(minutes=16)
        self.assertFalse(self.ask(event))
        self.assertTrue(self.BusyDay.search([]).asked_at, "asked for again")
        self.BusyDay.search([]).asked_at = False
        self.BusyDay._gc_old()
        self.assertFalse(self.BusyDay.search([]))

    def test_question_that_nobody_waits_for_any_more_is_dropped(self):
        self.ask(self.meeting())
        self.BusyDay.search([]).asked_at = fields.Datetime.now() - timedelta(hours=1)
        self.env.flush_all()
        PullWork(self.env).claim(self.account.id)
        self.assertFalse(self.BusyDay.search([]))

    def test_personal_account_that_refuses_goes_on_syncing(self):
        self.ask(self.meeting())
        self.record(GraphResponse(401, {}, None, "request-1", RefreshToken("401")))
        self.assertEqual(self.account.state, "active")
        self.assertFalse(self.account.failures)
        self.assertTrue(self.BusyDay.search([]).error)

    def test_throttled_mailbox_waits_as_long_as_microsoft_asks(self):
        self.ask(self.meeting())
        error = TryLater("429", after_seconds=30)
        self.record(GraphResponse(429, {}, None, "request-1", error))
        self.assertTrue(self.account.not_before)

    def test_nobody_else_reads_the_busy_times(self):
        self.ask(self.meeting())
        admin = new_administrator(self.env)
        self.assertTrue(self.BusyDay.with_user(self.anna).search([]))
        for user in (self.ben, self.cleo, admin):
            self.assertFalse(self.BusyDay.with_user(user).search([]))

    def test_others_do_not_see_the_hint(self):
        event = self.meeting(start=DAY + HOUR / 2, stop=DAY + HOUR)
        self.ask(event)
        self.respond(self.busy())
        self.assertFalse(event.with_user(self.ben).unavailable_partner_ids)

    def test_two_open_forms_ask_once(self):
        event = self.meeting()
        self.ask(event)
        first = self.BusyDay.search([])
        self.ask(event)
        self.assertEqual(self.BusyDay.search([]), first)
