"""Test the time limit of one item; only the item that ended a process is set aside."""

from contextlib import closing, suppress

from freezegun import freeze_time

from odoo.modules.registry import Registry
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, get_db_name, tagged

from ..graph.transport import new_session
from ..sync.pull.work import PullWork
from ..sync.read.series import read_series_job
from ..sync.worker.commit_retry import Patience
from ..sync.worker.one_by_one import TOGETHER_WEIGHT
from ..sync.worker.time_limit import LIMIT_SECONDS, TookTooLong, time_limit
from .common import attendee
from .pages_common import BATCH, DELTA, NEXT, NOW, PagesCase
from .statements import at_statements, marks_as_sent, stores_new_event
from .test_series import SeriesCase

RUNNER = "odoo.addons.praetorx_ms365_calendar.sync.worker.runner"


@tagged("post_install", "-at_install")
class TestTimeLimit(BaseCase):
    """Work that asks the database is ended when its time is up."""

    def setUp(self):
        super().setUp()
        self.clock = self.enterContext(freeze_time(NOW))
        self.cr = self.enterContext(closing(Registry(get_db_name()).cursor()))

    def ask(self):
        self.cr.execute("SELECT 1")

    def test_work_within_the_limit_is_left_alone(self):
        with time_limit(self.cr, 10):
            self.clock.tick(9)
            self.ask()
        self.clock.tick(9)
        self.ask()

    def test_nobody_goes_on_when_the_time_is_up(self):
        done = []
        with self.assertRaises(TookTooLong), time_limit(self.cr, 10):
            for item in range(3):
                with suppress(Exception), self.cr.savepoint():  # of an item, say
                    self.clock.tick(6)
                    self.ask()
                    done.append(item)
        self.assertEqual(done, [0])
        self.ask()

    def test_one_statement_is_ended_as_well(self):
        with self.assertRaises(TookTooLong), time_limit(self.cr, 0.05):
            self.clock.tick(1)
            self.cr.execute("SELECT pg_sleep(600)", log_exceptions=False)


@tagged("post_install", "-at_install")
class TestSlowItems(PagesCase, SeriesCase):
    """The clock goes on while an item is worked on; the others are quick."""

    def slow(self, is_slow, values, seconds=LIMIT_SECONDS + 1):
        """Let statements take long, once for each of the values in them.

        :param is_slow: returns True for the text of a statement that may be slow
        """

        def take_long(statement):
            if is_slow(statement):
                self.clock.tick(seconds * sum(value in statement for value in values))

        return at_statements(take_long)

    def slow_event(self, *remote_ids, **limits):
        return self.slow(
            stores_new_event, [f"'{remote_id}'" for remote_id in remote_ids], **limits
        )

    def slow_entries(self, *events, **limits):
        return self.slow(marks_as_sent, [f'"{one.name}"' for one in events], **limits)

    def answer_pages(self, *items):
        self.microsoft.respond("GET", DELTA, self.page(*items, delta=NEXT))
        self.microsoft.respond("GET", NEXT, self.page(delta=NEXT))

    # --- reading ----------------------------------------------------------------------

    def test_item_that_takes_too_long_is_set_aside_alone(self):
        self.answer_pages(*(self.remote(f"R{number}") for number in range(5)))
        with self.slow_event("R1"):
            self.read_all()
        aside = self.Link.search([("state", "=", "quarantined")])
        self.assertEqual(aside.mapped("remote_id"), ["R1"])
        self.assertIn("too long", aside.reason_text)
        self.assertEqual(len(self.Link.search([]).event_id), 4)
        self.assertFalse(self.account.storing)
        self.assertFalse(self.account.failures)

    def test_items_that_take_too_long_together_only_are_all_stored(self):
        ids = [f"R{number}" for number in range(4)]
        self.answer_pages(*map(self.remote, ids))
        with self.slow_event(*ids, seconds=LIMIT_SECONDS / 3):
            self.read_all()
        self.assertEqual(len(self.Link.search([]).event_id), 4)

    def test_item_that_a_person_held_locked_is_tried_again(self):
        self.account.storing = {"pages": ""}
        self.answer_pages(self.remote("R1"), self.remote("R2"))
        with closing(db_connect(self.env.cr.dbname).cursor()) as other:
            other.execute("SET lock_timeout = '1s'")
            other.execute("LOCK TABLE calendar_event IN SHARE MODE")
            with self.assertLogs(RUNNER, "WARNING"):
                self.run_worker(PullWork, Patience(attempts=1))
        self.assertEqual(self.account.storing, {"pages": ""})
        self.clock.move_to(self.account.not_before)
        self.run_puller()
        self.assertEqual(len(self.Link.search([]).event_id), 2)

    def test_large_series_are_stored_one_by_one(self):
        guests = [attendee(f"guest{number}@example.com") for number in range(30)]
        for number in range(2):
            self.pulled_series(remote_id=f"S{number}", iCalUId=f"series {number}")
        links = self.Link.search([("is_series", "=", True)])
        answers = []
        for number in range(2):
            master, instances = self.graph_series(
                "CK2", remote_id=f"S{number}", count=200, attendees=guests
            )
            answers += [(200, master), (200, {"value": instances})]
        self.microsoft.respond("POST", BATCH, self.parts(*answers))
        job = read_series_job(self.account, links)
        items = job.items(job.send(new_session()))
        self.assertGreater(sum(item.weight for item in items), TOGETHER_WEIGHT)

    # --- planning of requests ---------------------------------------------------------

    def events_to_send(self, count=3):
        """Return new events of Anna; Microsoft accepts their creates."""
        self.account.pull_requested_at = False
        events = self.env["calendar.event"].union(
            *(self.new_event(name=f"Lunch {number}") for number in range(count))
        )
        self.take_creates()
        return events

    def assert_all_sent_but(self, event, events):
        self.assertEqual(self.entries(event).state, "dead")
        self.assertIn("too long", self.entries(event).reason_text)
        self.assertEqual(event.ms365_sync_state, "error")
        self.assert_sent(events - event)

    def assert_sent(self, events):
        for event in events:
            entry = self.entries(event)
            self.assertEqual(entry.state, "done", entry.reason)
        self.assertFalse(self.account.storing)

    def dispatch(self):
        """Send all due entries; run a cron again when its time is over."""
        for _run in range(3):
            self.run_cron("ir_cron_dispatch")

    def read_all(self):
        """Read all due mailboxes in the same way."""
        for _run in range(5):
            self.run_puller()

    def test_entry_whose_planning_takes_too_long_is_set_aside_alone(self):
        events = self.events_to_send()
        with self.slow_entries(events[1]):
            self.dispatch()
        self.assert_all_sent_but(events[1], events)

    def test_entry_whose_planning_has_killed_a_process_twice_is_set_aside(self):
        events = self.events_to_send()

        def kill(statement):
            if marks_as_sent(statement) and f'"{events[1].name}"' in statement:
                raise SystemExit  # as good as killed: nobody catches it

        with at_statements(kill):
            for note in ("", f"{events[1].id} False"):
                with suppress(SystemExit):
                    self.run_cron("ir_cron_dispatch")
                self.env.invalidate_all()
                self.assertEqual(self.account.storing, {"planning": note})
            self.dispatch()
        self.assert_all_sent_but(events[1], events)

    def test_after_a_kill_all_entries_are_sent_if_none_kills_again(self):
        events = self.events_to_send()
        self.account.storing = {"planning": ""}
        self.dispatch()
        self.assert_sent(events)
