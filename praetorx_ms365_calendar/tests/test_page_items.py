"""One item that cannot be stored does not take the others with it."""

import psycopg2

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..sync.worker.one_by_one import is_disturbance
from .pages_common import BATCH, DELTA, NEXT, NOW, PagesCase
from .test_series import SeriesCase

LOGGER = "odoo.addons.praetorx_ms365_calendar.sync.worker.one_by_one"
RUNNER = "odoo.addons.praetorx_ms365_calendar.sync.worker.runner"
UID = "one iCalUId for two"


@tagged("post_install", "-at_install")
class TestPageItems(PagesCase, SeriesCase):
    """Items that contradict each other, or that Odoo refuses each time."""

    def assert_round_has_ended(self):
        """The page is stored, and nothing is asked for again."""
        self.assertTrue(self.calendar.delta_link)
        self.assertFalse(self.calendar.round_kind)
        self.assertEqual(self.account.state, "active")
        self.assertFalse(self.account.failures)
        self.assertFalse(self.account.pull_requested_at)

    @mute_logger("odoo.sql_db")
    def test_failing_because_somebody_was_faster_is_no_fault_of_an_item(self):
        tell = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '%s'; END $$"
        for code, is_passing in (("40001", True), ("40P01", True), ("23514", False)):
            with self.subTest(code=code):
                with self.assertRaises(psycopg2.Error) as caught, self.cr.savepoint():
                    self.cr.execute(tell % code)
                self.assertEqual(is_disturbance(caught.exception), is_passing)

    def assert_set_aside(self, *remote_ids):
        """These items, and no others, are quarantined, each with a reason."""
        links = self.Link.search([("account_id", "=", self.account.id)])
        aside = links.filtered(lambda link: link.state == "quarantined")
        self.assertEqual(set(aside.mapped("remote_id")), set(remote_ids))
        self.assertTrue(all(aside.mapped("reason")))

    def answer_pages(self, *items):
        """Give one page with these items, and later ones without any."""
        self.microsoft.respond("GET", DELTA, self.page(*items, delta=NEXT))
        self.microsoft.respond("GET", NEXT, self.page(delta=NEXT))

    def answer_series(self, **values):
        """Let the series be read; return its master as a page lists it."""
        master, instances = self.graph_series(iCalUId=UID, **values)
        self.microsoft.respond(
            "POST", BATCH, self.parts((200, master), (200, {"value": instances}))
        )
        return master

    # --- the same meeting twice -------------------------------------------------------

    def test_single_event_and_series_of_one_uid_in_one_page(self):
        master = self.answer_series()
        self.answer_pages(self.remote("R1", iCalUId=UID), master, self.remote("R2"))
        self.run_puller()
        self.assert_round_has_ended()
        self.assertTrue(self.link("R1").event_id)
        self.assertTrue(self.link("R2").event_id)
        self.assert_set_aside("S1")

    def test_single_event_of_the_uid_of_a_series_that_came_first(self):
        self.answer_pages(self.answer_series())
        self.run_puller()
        self.assertTrue(self.link("S1").recurrence_id)
        items = self.remote("R1", iCalUId=UID), self.remote("R2")
        self.microsoft.respond("GET", NEXT, self.page(*items, delta=NEXT))
        self.account._request_pull(fresh_seconds=0)
        self.run_puller()
        self.assert_round_has_ended()
        self.assertTrue(self.link("R2").event_id)
        self.assert_set_aside("R1")

    def test_single_event_of_the_uid_of_a_series_in_another_mailbox(self):
        account_of_ben = self.connect(self.ben)
        self.apply_series(
            *self.graph_series(iCalUId=UID, organizer=None),
            calendar=account_of_ben._default_calendar(),
        )
        account_of_ben.enabled = False
        self.answer_pages(self.remote("R1", iCalUId=UID), self.remote("R2"))
        self.run_puller()
        self.assert_round_has_ended()
        self.assertTrue(self.link("R2").event_id)
        self.assert_set_aside("R1")

    # --- contradictions in a page -----------------------------------------------------

    def test_last_version_of_an_item_counts_when_it_alone_is_readable(self):
        self.answer_pages(self.remote(type="?"), self.remote(), self.remote("R2"))
        self.run_puller()
        self.assert_round_has_ended()
        self.assertTrue(self.link("R1").event_id)
        self.assert_set_aside()

    def test_last_version_of_an_item_counts_when_it_alone_is_unreadable(self):
        self.answer_pages(self.remote(), self.remote(type="?"), self.remote("R2"))
        self.run_puller()
        self.assert_round_has_ended()
        self.assertFalse(self.link("R1").event_id)
        self.assertTrue(self.link("R2").event_id)
        self.assert_set_aside("R1")

    def test_removed_item_that_was_unreadable_before_is_removed(self):
        removed = {"id": "R1", "@removed": {"reason": "deleted"}}
        self.answer_pages(self.remote(type="?"), removed, self.remote("R2"))
        self.run_puller()
        self.assert_round_has_ended()
        self.assert_set_aside()

    def test_unreadable_master_beside_its_occurrences(self):
        master = self.answer_series()
        occurrence = {
            "id": "S1.1",
            "@odata.etag": 'W/"1"',
            "type": "occurrence",
            "seriesMasterId": "S1",
            **{name: master[name] for name in ("start", "end")},
        }
        self.answer_pages({**master, "subject": 7}, occurrence, self.remote("R2"))
        self.run_puller()
        self.assert_round_has_ended()
        self.assertTrue(self.link("R2").event_id)
        self.assertTrue(self.link("S1").recurrence_id, "it is read by its id")

    def test_occurrence_that_names_a_single_event_as_its_master(self):
        occurrence = self.remote("R3", type="exception", seriesMasterId="R1")
        self.microsoft.respond(
            "POST", BATCH, self.parts((200, self.remote()), (200, {"value": []}))
        )
        self.answer_pages(self.remote(), occurrence, self.remote("R2"))
        self.run_puller()
        self.assert_round_has_ended()
        self.assertTrue(self.link("R2").event_id)

    # --- any error --------------------------------------------------------------------

    def refuse(self, error_code):
        """Let the database refuse links of events with the iCalUId "refused"."""
        self.env.cr.execute(
            """
            CREATE OR REPLACE FUNCTION ms365_refuse() RETURNS trigger AS $$
            BEGIN
                IF NEW.ical_uid = 'refused' THEN
                    RAISE EXCEPTION 'Lunch with Gus' USING ERRCODE = '<code>';
                END IF;
                RETURN NEW;
            END $$ LANGUAGE plpgsql;
            CREATE OR REPLACE TRIGGER ms365_refuse BEFORE INSERT OR UPDATE
                ON praetorx_ms365_event_link
                FOR EACH ROW EXECUTE FUNCTION ms365_refuse()
            """.replace("<code>", error_code)
        )

    def assert_told(self, kind):
        """The log names the refused event, but none of its content."""
        row = self.Log.search([("outcome", "=", "quarantined")], limit=1)
        self.assertEqual(row.remote_id, "R1")
        self.assertIn(kind, row.reason)
        self.assertNotIn("Gus", row.reason)

    def test_item_that_the_database_refuses_each_time_is_set_aside(self):
        for code, kind in (
            ("54000", "ProgramLimitExceeded"),
            ("23514", "CheckViolation"),
            ("XX000", "InternalError"),
        ):
            with self.subTest(kind):
                self.Link.search([]).unlink()
                self.calendar._restart_round()
                self.calendar.stamps_read = True
                self.account.pull_requested_at = NOW
                self.refuse(code)
                items = [self.remote(f"R{number}") for number in range(2, 9)]
                bad = self.remote("R1", iCalUId="refused", sensitivity="private")
                self.answer_pages(*items[:3], bad, *items[3:])
                self.run_puller()
                self.assert_round_has_ended()
                self.assertEqual(len(self.Link.search([]).event_id), 7)
                self.assert_set_aside("R1")
                self.assert_told(kind)

    def test_item_whose_id_no_index_takes_is_told_in_the_log(self):
        characters = (chr(0x4E00 + number * 17) for number in range(1024))
        bad = self.remote("".join(characters))
        self.answer_pages(self.remote("R1"), bad, self.remote("R2"))
        with self.assertLogs(LOGGER, "WARNING") as logs:
            self.run_puller()
        self.assert_round_has_ended()
        self.assertEqual(len(self.Link.search([]).event_id), 2)
        row = self.Log.search([("outcome", "=", "quarantined")], limit=1)
        self.assertIn("ProgramLimitExceeded", row.reason)
        self.assertIn(f"account {self.account.id}", logs.output[0])

    def test_doubtful_event_that_is_refused_each_time_is_set_aside(self):
        self.answer_pages(self.remote("R1"), self.remote("R2"))
        self.run_puller()
        self.refuse("23514")
        self.Link.search([]).needs_read = True
        self.microsoft.respond(
            "POST",
            BATCH,
            self.parts(
                (200, self.remote("R1", "CK2", iCalUId="refused", subject="A")),
                (200, self.remote("R2", "CK2", subject="B")),
            ),
        )
        self.run_puller()
        self.assertEqual(self.link("R2").event_id.name, "B")
        self.assertEqual(self.link("R1").event_id.name, "Lunch")
        self.assert_set_aside("R1")

    def test_series_that_is_refused_each_time_is_set_aside(self):
        master = self.answer_series()
        self.refuse("23514")
        refused = {**master, "iCalUId": "refused"}
        self.answer_pages(master, self.remote("R2"))
        self.microsoft.respond(
            "POST", BATCH, self.parts((200, refused), (200, {"value": []}))
        )
        self.run_puller()
        self.assert_round_has_ended()
        self.assertTrue(self.link("R2").event_id)
        self.assert_set_aside("S1")

    def test_response_that_is_refused_each_time_fails_alone(self):
        self.account.pull_requested_at = False
        self.refuse("23514")
        lunch, dinner = self.new_event(), self.new_event(name="Dinner")
        made = self.remote("R1", iCalUId="refused"), self.remote("R2", subject="Dinner")
        self.microsoft.respond("POST", BATCH, self.parts(*((201, one) for one in made)))
        self.run_cron("ir_cron_dispatch")
        self.assertEqual(self.entries(lunch).state, "dead")
        self.assertIn("CheckViolation", self.entries(lunch).reason)
        self.assertEqual(self.entries(dinner).state, "done")
        self.assertEqual(self.link("R2").event_id, dinner)
        self.assertFalse(self.account.failures)

    # --- the cursor -------------------------------------------------------------------

    def test_cursor_stays_if_the_page_is_not_stored(self):
        """A disturbance after the first item undoes the whole page, cursor included."""
        self.env.cr.execute(
            """
            CREATE FUNCTION ms365_disturb() RETURNS trigger AS $$
            BEGIN RAISE EXCEPTION 'faster' USING ERRCODE = '40001'; END
            $$ LANGUAGE plpgsql;
            CREATE TRIGGER ms365_disturb BEFORE INSERT
                ON praetorx_ms365_event_link
                FOR EACH ROW WHEN (NEW.remote_id = 'R2')
                EXECUTE FUNCTION ms365_disturb()
            """
        )
        self.answer_pages(self.remote("R1"), self.remote("R2"))
        with self.assertLogs(RUNNER, "WARNING"):
            self.run_puller()
        self.assertFalse(self.Link.search([]))
        self.assertFalse(self.calendar.delta_link)
        self.assertEqual(self.calendar.round_kind, "initial")
        self.env.cr.execute("DROP FUNCTION ms365_disturb CASCADE")
        self.clock.move_to(self.account.not_before)
        self.run_puller()
        self.assert_round_has_ended()
        self.assertEqual(len(self.Link.search([]).event_id), 2)

    # --- killed -----------------------------------------------------------------------

    def test_page_during_which_a_process_was_killed_is_stored_item_by_item(self):
        self.account.storing = {"pages": ""}
        self.answer_pages(*(self.remote(f"R{number}") for number in range(5)))
        self.run_puller()
        self.assert_round_has_ended()
        self.assertEqual(len(self.Link.search([]).event_id), 5)
        self.assertFalse(self.account.storing)

    def test_item_during_which_a_process_was_killed_is_set_aside(self):
        self.account.storing = {"pages": "R1", "writes": ""}
        self.answer_pages(*(self.remote(f"R{number}") for number in range(5)))
        self.run_puller()
        self.assert_round_has_ended()
        self.assertEqual(len(self.Link.search([]).event_id), 4)
        self.assert_set_aside("R1")
        self.assertIn("too long", self.link("R1").reason_text)
        self.assertEqual(self.account.storing, {"writes": ""})

    def test_item_that_is_stored_already_is_not_set_aside(self):
        self.answer_pages(self.remote("R1"))
        self.run_puller()
        items = self.remote("R1"), self.remote("R2")
        self.microsoft.respond("GET", NEXT, self.page(*items, delta=NEXT))
        self.account.storing = {"pages": "R1"}
        self.account._request_pull(fresh_seconds=0)
        self.run_puller()
        self.assertTrue(self.link("R2").event_id)
        self.assert_set_aside()

    def test_page_with_more_text_than_one_transaction_takes_is_stored(self):
        text = {"contentType": "html", "content": "<p>" + "word " * 95_000}
        self.answer_pages(*(self.remote(f"R{n}", body=text) for n in range(5)))
        self.run_puller()
        self.assert_round_has_ended()
        self.assertEqual(len(self.Link.search([]).event_id), 5)
        self.assertFalse(self.account.storing)

    def test_item_set_aside_is_stored_when_a_person_asks_for_it(self):
        self.account.storing = {"pages": "R1"}
        self.answer_pages(self.remote("R1"))
        self.run_puller()
        self.microsoft.respond("GET", "/v1.0/me/events/R1", (200, self.remote("R1")))
        self.link("R1").action_read_again()
        self.run_puller()
        self.assertTrue(self.link("R1").event_id)
        self.assert_set_aside()

    def test_items_set_aside_are_named_in_the_status(self):
        self.answer_pages(self.remote(type="?"), self.remote("R2"))
        self.run_puller()
        self.assertEqual(self.account.set_aside_count, 1)
        self.assertIn("cannot take them: 1.", self.account.status)

    # --- no progress ------------------------------------------------------------------

    def test_page_that_cannot_be_stored_at_all_is_trouble(self):
        self.env.cr.execute(
            """
            CREATE FUNCTION ms365_refuse() RETURNS trigger AS $$
            BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '23514'; END
            $$ LANGUAGE plpgsql;
            CREATE TRIGGER ms365_refuse BEFORE UPDATE OF delta_link
                ON praetorx_ms365_calendar
                FOR EACH ROW EXECUTE FUNCTION ms365_refuse()
            """
        )
        self.answer_pages(self.remote("R1"), self.remote("R2"))
        for tries in range(1, 4):
            with self.assertLogs(RUNNER, "WARNING"):
                self.run_puller()
            self.assertEqual(self.account.failures, tries)
            self.assertGreater(self.account.not_before, fields.Datetime.now())
            self.clock.move_to(self.account.not_before)
        self.assertEqual(len(self.Link.search([]).event_id), 2, "the items are stored")
        self.assertIn("cannot store", self.account.status)
        self.assertTrue(self.account.activity_ids, "an administrator is told")
