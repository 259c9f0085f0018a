"""A mailbox that waits for its owner, and events of all kinds on both sides."""

from datetime import timedelta

from odoo import Command

from .common import attendee, graph_time, person
from .pages_common import DELTA, NEXT, NOW, STAMPED, PagesCase

#: Inside the window of the stopped clock.
SOON = NOW + timedelta(days=7, hours=1)


class PreviewCase(PagesCase):
    def setUp(self):
        super().setUp()
        self.account.write({"first_pass_done_at": False, "started_at": False})
        self.Preview = self.env["praetorx.ms365.preview"]
        self.microsoft.respond("GET", STAMPED, self.page())

    # --- builders -------------------------------------------------------------------

    def soon(self, remote_id, **values):
        """Return an event of Outlook in the window of the stopped clock."""
        times = {
            "start": graph_time(SOON),
            "end": graph_time(SOON + timedelta(hours=1)),
        }
        return self.remote(remote_id, **{"subject": remote_id, **times, **values})

    def of_others(self, remote_id, **values):
        """Return an invitation of somebody outside."""
        return self.soon(
            remote_id,
            isOrganizer=False,
            organizer=person("olga@outside.example", "Olga"),
            attendees=[attendee("anna@example.com", "Anna")],
            responseStatus={"response": "accepted"},
            **values,
        )

    def in_odoo(self, name, **vals):
        """Return an event from before the switch."""
        event = self.new_event(
            name=name, start=SOON, stop=SOON + timedelta(hours=1), **vals
        )
        self.Outbox.search([]).unlink()
        event._ms365_write_bookkeeping({"ms365_sync_state": "none"})
        return event

    def mixed(self):
        """Fill both sides with events of all kinds."""
        self.in_odoo("alone")
        with_guest = [Command.set((self.anna.partner_id | self.guest).ids)]
        self.in_odoo("with Gus", partner_ids=with_guest)
        known = self.in_odoo("known")
        known._ms365_write_bookkeeping(
            {"microsoft_id": "K1", "ms_universal_event_id": "uid of K1"}
        )
        long_ago = graph_time(NOW - timedelta(days=20))
        return [
            self.soon("R1"),
            self.soon("R2", attendees=[attendee("gus@example.com", "Gus")]),
            self.of_others("O1"),
            self.soon("K1", subject="known there"),
            self.soon("P1", start=long_ago, end=long_ago),
            self.soon("X1", isCancelled=True),
            self.soon("S1", sensitivity="private", subject="secret"),
            self.soon("Q1", start={"dateTime": "nonsense", "timeZone": "UTC"}),
        ]

    def preview(self, *items):
        """Return the preview of these events, computed by the puller."""
        self.account._await_start()
        self.microsoft.respond("GET", DELTA, self.page(*items, delta=NEXT))
        self.run_steps()
        return self.Preview.search([("account_id", "=", self.account.id)])

    def run_steps(self):
        for _number in range(30):
            if not self.step():
                return
        self.fail("the puller never ends")

    def start(self, preview, **choices):
        preview = preview.with_user(self.anna)
        preview.write(choices)
        preview.with_context(ms365_seen=preview.seen).action_start()
        self.run_steps()


class WaitingChangeCase(PreviewCase):
    """A mailbox that syncs, so that a change of its settings waits."""

    def setUp(self):
        super().setUp()
        self.account.write({"started_at": NOW, "first_pass_done_at": NOW})
        self.account.pull_requested_at = False
        self.me = self.anna.with_user(self.anna)
        self.in_outlook()

    def in_outlook(self, *items):
        """Let Outlook list these events, and forget what was asked for."""
        self.microsoft.respond("GET", DELTA, self.page(*items, delta=NEXT))
        self.asked()

    def fair(self, *items):
        """Return a second calendar with these events, which is not synced."""
        path = "/v1.0/me/calendars/fair"
        self.microsoft.respond("GET", f"{path}/events", self.page())
        self.microsoft.respond(
            "GET", f"{path}/calendarView/delta", self.page(*items, delta=NEXT)
        )
        return self.env["praetorx.ms365.calendar"].create(
            {"account_id": self.account.id, "remote_id": "fair", "name": "Fair"}
        )

    def change(self):
        """Return the change that waits, as its owner sees it."""
        self.env.invalidate_all()
        return self.account._waiting_change().with_user(self.anna)

    def told(self):
        """Return the messages that the owner has got."""
        self.env.cr.precommit.run()
        return " ".join(self.env["bus.bus"].sudo().search([]).mapped("message"))
