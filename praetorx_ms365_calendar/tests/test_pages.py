from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..engine.errors import AlreadyGone
from ..graph.client import GraphResponse
from ..sync.pull.rounds import record_pages
from ..sync.read.series import SeriesReading, record_series
from .pages_common import BATCH, DELTA, NEXT, NOW, STAMPED, VIEW, PagesCase

LOGGER = "odoo.addons.praetorx_ms365_calendar.sync.read.page"


@tagged("post_install", "-at_install")
class TestPages(PagesCase):
    """Pages that are none, and links to pages that Graph refuses for ever."""

    NO_PAGE = 200, {"what": "is this"}
    REFUSED = {
        400: (400, {"error": {"code": "BadRequest"}}),
        410: (410, {"error": {"code": "SyncStateNotFound"}}),
    }

    def follow_two(self):
        """Have two calendars with a delta link each, which are asked together."""
        second = self.calendar.create(
            {
                "account_id": self.account.id,
                "remote_id": "second",
                "name": "Second",
                "is_synced": True,
                "stamps_read": True,
            }
        )
        start, end = self.account._window()
        (self.calendar | second).write(
            {
                "delta_link": f"{self.microsoft.url}{NEXT}",
                "window_start": start,
                "window_end": end,
                "restart_requested": False,
            }
        )
        self.account.pull_requested_at = NOW
        return second

    def waits(self):
        """Begin again as often as that is done in an hour; return each wait."""
        waits = []
        until = NOW + timedelta(hours=1)
        while fields.Datetime.now() < until:
            for _step in range(20):
                if not self.step():
                    break
            else:
                self.fail("it begins again and again without a wait")
            self.assertEqual(self.account.state, "active")
            self.assertFalse(self.account.not_before, "edits can be sent meanwhile")
            moment = self.calendar.not_before
            waits.append((moment - fields.Datetime.now()).total_seconds())
            self.clock.move_to(moment)
        return waits

    # --- no page --------------------------------------------------------------------

    def test_a_page_that_is_none_has_the_mailbox_wait_longer_each_time(self):
        self.microsoft.respond("GET", DELTA, self.NO_PAGE)
        for failures in (1, 2, 3):
            with self.assertLogs(LOGGER, "WARNING") as logs:
                self.assertTrue(self.step())
            self.assertEqual(self.account.failures, failures)
            self.assertIn("unreadable_answer", self.account.last_error)
            self.assertEqual(self.calendar.round_kind, "initial")
            [line] = logs.output
            self.assertIn(f"account {self.account.id}", line)
            self.assertNotIn("Traceback", line)
            self.account.not_before = False
        row = self.Log.search([("outcome", "=", "later")], limit=1)
        self.assertEqual((row.operation, row.direction), ("read", "pull"))
        self.microsoft.respond("GET", DELTA, self.page(self.remote(), delta=NEXT))
        self.step()
        self.assertTrue(self.link().event_id)
        self.assertFalse(self.account.failures)

    def test_a_response_that_is_no_page_is_logged_with_its_request_id(self):
        self.calendar._begin_round(NOW)
        response = GraphResponse(200, {}, ["no object"], "request-1", None)
        with self.assertLogs(LOGGER, "WARNING") as logs:
            record_pages(self.account, self.calendar, [response])
        self.assertIn("request-1", logs.output[0])
        row = self.Log.search([("outcome", "=", "later")])
        self.assertEqual(row.request_id, "request-1")

    def test_a_page_of_another_calendar_that_is_none_stops_that_one_alone(self):
        second = self.follow_two()
        good = self.page(self.remote(), delta=NEXT)
        self.microsoft.respond("POST", BATCH, self.parts(good, self.NO_PAGE))
        with self.assertLogs(LOGGER, "WARNING"):
            self.step()
        self.assertTrue(self.link().event_id)
        self.assertFalse(self.account.failures)
        self.assertEqual(second.state, "unreadable")

    def test_a_good_page_beside_a_failure_does_not_end_the_wait(self):
        self.follow_two()
        good = self.page(self.remote(), delta=NEXT)
        self.microsoft.respond("POST", BATCH, self.parts((503, None), good))
        self.step()
        self.assertTrue(self.link().event_id)
        self.assertEqual(self.account.failures, 1)
        self.assertEqual(self.calendar.round_kind, "delta")

    def test_an_unreadable_list_of_calendars_leaves_the_known_ones(self):
        self.account.calendars_read_at = False
        self.microsoft.respond("GET", "/v1.0/me/calendars", self.NO_PAGE)
        self.microsoft.respond("GET", DELTA, self.page(self.remote(), delta=NEXT))
        with self.assertLogs(LOGGER, "WARNING"):
            self.step()
        self.step()
        self.assertEqual(self.calendar.state, "listed")
        self.assertTrue(self.link().event_id)

    def test_a_search_for_stamps_that_is_none_has_the_mailbox_wait(self):
        self.calendar.stamps_read = False
        self.microsoft.respond("GET", STAMPED, self.NO_PAGE)
        with self.assertLogs(LOGGER, "WARNING"):
            self.step()
        self.assertEqual(self.account.failures, 1)
        self.assertFalse(self.calendar.stamps_read)

    # --- links that are refused -------------------------------------------------------

    def test_a_refused_link_of_a_view_begins_the_view_again(self):
        for status, response in self.REFUSED.items():
            self.calendar._restart_round()
            self.calendar.stamps_read = True
            self.calendar.delta_paused_until = NOW + timedelta(hours=6)
            self.account.pull_requested_at = NOW
            event = self.remote(change_key=f"CK{status}", subject=f"After {status}")
            self.microsoft.respond("GET", VIEW, self.page(next=NEXT), self.page(event))
            self.microsoft.respond("GET", NEXT, response)
            while self.step():
                pass
            self.assertEqual(self.asked(), [VIEW, NEXT, VIEW])
            self.assertEqual(self.link().event_id.name, f"After {status}")
            self.assertEqual(self.calendar.restarts, 0)

    def test_a_refused_link_of_the_search_for_stamps_begins_it_again(self):
        for response in self.REFUSED.values():
            self.calendar._restart_round()
            self.account.pull_requested_at = NOW
            self.microsoft.respond("GET", STAMPED, self.page(next=NEXT), self.page())
            self.microsoft.respond("GET", NEXT, response)
            self.microsoft.respond("GET", DELTA, self.page(delta=NEXT))
            while self.step():
                pass
            self.assertEqual(self.asked(), [STAMPED, NEXT, STAMPED, DELTA])
            self.assertEqual(self.calendar.restarts, 0)

    def test_links_that_are_refused_for_ever_are_tried_less_and_less(self):
        for first, kind in ((VIEW, "view"), (STAMPED, "stamps"), (DELTA, "delta")):
            with self.subTest(kind):
                self.clock.move_to(NOW)
                self.calendar._restart_round()
                self.calendar.write(
                    {
                        "stamps_read": kind != "stamps",
                        "delta_paused_until": kind == "view"
                        and NOW + timedelta(hours=6),
                    }
                )
                self.account.pull_requested_at = NOW
                self.microsoft.respond("GET", first, self.page(next=NEXT))
                self.microsoft.respond("GET", NEXT, self.REFUSED[410])
                waits = self.waits()
                self.assertLess(len(waits), 60)
                self.assertGreater(max(waits), 60)
                self.assertIn("Microsoft", self.calendar.status)

    def test_a_view_that_never_ends_is_begun_again_less_and_less(self):
        self.calendar.delta_paused_until = NOW + timedelta(hours=6)
        self.microsoft.respond("GET", VIEW, self.page(self.remote(), next=NEXT))
        self.microsoft.respond("GET", NEXT, self.page(self.remote(), next=NEXT))
        self.assertLess(len(self.waits()), 60)

    def test_waiting_calendar_is_woken_in_time(self):
        until = fields.Datetime.now() + timedelta(minutes=7)
        self.calendar.write({"restarts": 3, "not_before": until})
        self.account.pull_requested_at = False
        cron = self.env.ref("praetorx_ms365_calendar.ir_cron_pull")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertIn(until, triggers.mapped("call_at"))

    # --- series ---------------------------------------------------------------------

    def series(self, *pages):
        """Record the reading of a series with its master."""
        link = self.Link.create(
            {
                "account_id": self.account.id,
                "calendar_id": self.calendar.id,
                "remote_id": "S1",
                "is_series": True,
                "needs_read": True,
            }
        )
        master = GraphResponse(
            200, {}, {"id": "S1", "type": "seriesMaster"}, None, None
        )
        reading = SeriesReading(link)
        reading.responses = [master, *pages]
        record_series(self.account, reading)
        return link

    def test_a_lost_link_to_instances_does_not_mean_that_the_series_is_gone(self):
        gone = GraphResponse(410, {}, None, None, AlreadyGone("Graph answered 410"))
        link = self.series(gone)
        self.assertEqual(link.read_attempts, 1)
        self.assertNotIn(link.state, ("gone", "deleted_there"))
