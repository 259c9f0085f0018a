"""Test that a preview foresees deletions of events that no calendar lists any more."""

from odoo.tests import tagged

from .common import apply_preview
from .pages_common import BATCH, DELTA, NEXT, NOW
from .preview_common import PreviewCase

GONE = 404, {"error": {"code": "ErrorItemNotFound", "message": "not here"}}


@tagged("post_install", "-at_install")
class TestPreviewDeletions(PreviewCase):
    """Anna's mailbox syncs; then Outlook lists fewer events than before."""

    def setUp(self):
        super().setUp()
        self.account.write({"started_at": NOW, "first_pass_done_at": NOW})
        self.names = [f"R{number}" for number in range(1, 4)]

    def synced(self, names):
        """Read events of these names, and forget the requests."""
        items = [self.soon(name) for name in names]
        self.microsoft.respond("GET", DELTA, self.page(*items, delta=NEXT))
        self.microsoft.respond("GET", NEXT, self.page(delta=NEXT))
        self.account._request_pull(fresh_seconds=0)
        self.run_steps()
        self.assertEqual(len(self.events(names)), len(names))

    def now_in_outlook(self, listed, by_id=()):
        """Let Outlook list these events, show others by id, and have no more."""
        self.microsoft.respond(
            "GET", DELTA, self.page(*(self.soon(name) for name in listed), delta=NEXT)
        )

        def read(url):
            name = url.split("?")[0].split("/")[-1]
            return (200, self.soon(name)) if name in by_id else GONE

        def batch(body):
            return self.parts(*(read(one["url"]) for one in body["requests"]))

        self.microsoft.respond("POST", BATCH, batch)

    def events(self, names):
        """Return the living events of these names."""
        return self.env["calendar.event"].search([("name", "in", list(names))])

    def change(self):
        """Return the preview of a wider window, computed."""
        self.anna.with_user(self.anna).ms365_days_ahead = 500
        self.run_steps()
        return self.account._waiting_change().with_user(self.anna)

    def test_deletion_is_foreseen_and_then_carried_out(self):
        self.synced(self.names)
        self.now_in_outlook(["R1"], by_id=["R3"])
        change = self.change()
        self.assertEqual(change.state, "ready")
        self.assertEqual((change.odoo_delete_count, change.ask_count), (1, 0))
        lines = change.line_ids.filtered(lambda line: line.action == "delete")
        self.assertEqual(lines.title, "R2")
        self.assertEqual(len(self.events(self.names)), 3)
        self.assertFalse(self.account.link_ids.filtered("needs_read"))
        apply_preview(change)
        self.run_steps()
        self.assertEqual(set(self.events(self.names).mapped("name")), {"R1", "R3"})

    def test_many_deletions_are_foreseen_as_a_question(self):
        names = [f"R{number}" for number in range(1, 31)]
        self.synced(names)
        self.now_in_outlook(["R1"])
        change = self.change()
        self.assertEqual((change.odoo_delete_count, change.ask_count), (0, 29))
        asked = change.line_ids.filtered(lambda line: line.action == "ask")
        self.assertIn("asked first", asked[:1].reason_note)
        self.assertFalse(self.env["praetorx.ms365.hold"].search([]))
        apply_preview(change)
        self.run_steps()
        self.assertEqual(len(self.events(names)), 30)
        hold = self.env["praetorx.ms365.hold"].search([("state", "=", "open")])
        self.assertEqual(hold.event_count, 29)

    def test_smaller_window_deletes_nothing(self):
        self.synced(self.names)
        self.now_in_outlook([])
        self.anna.with_user(self.anna).ms365_days_ahead = 2
        self.run_steps()
        self.assertFalse(self.account._waiting_change())
        self.assertEqual(self.account.days_ahead, 2)
        self.run_steps()
        self.assertEqual(len(self.events(self.names)), 3)

    def test_returning_calendar_lacks_an_event(self):
        fair = self.env["praetorx.ms365.calendar"].create(
            {
                "account_id": self.account.id,
                "remote_id": "fair",
                "name": "Fair",
                "is_synced": True,
            }
        )
        path = "/v1.0/me/calendars/fair"
        self.microsoft.respond("GET", f"{path}/events", self.page())
        listed = self.page(self.soon("F1"), delta=NEXT)
        self.microsoft.respond("GET", f"{path}/calendarView/delta", listed)
        self.synced(self.names)
        event = self.events(["F1"])
        fair.is_synced = False
        self.assertTrue(event.active)
        self.microsoft.respond(
            "GET", f"{path}/calendarView/delta", self.page(delta=NEXT)
        )
        self.microsoft.respond("GET", "/v1.0/me/events/F1", GONE)
        self.now_in_outlook(self.names)
        fair.with_user(self.anna).is_synced = True
        self.run_steps()
        change = self.account._waiting_change()
        self.assertEqual(change.odoo_delete_count, 1)
        self.assertTrue(event.active)
        apply_preview(change.with_user(self.anna))
        self.run_steps()
        self.assertFalse(event.active)
