"""Test that a preview tells what the first pass does, and does nothing itself."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import apply_preview, graph_time
from .pages_common import DELTA, NEXT, NOW, VIEW
from .preview_common import SOON, PreviewCase

#: Tables that no preview may write to.
TABLES = (
    "calendar_event",
    "calendar_attendee",
    "calendar_recurrence",
    "res_partner",
    "mail_mail",
    "mail_message",
    "praetorx_ms365_event_link",
    "praetorx_ms365_outbox",
    "praetorx_ms365_sync_log",
    "praetorx_ms365_conflict",
)


@tagged("post_install", "-at_install")
class TestPreview(PreviewCase):
    def counts_of_tables(self):
        self.env.flush_all()
        return {
            table: self.env.execute_query(
                SQL("SELECT count(*), max(id) FROM %s", SQL.identifier(table))
            )
            for table in TABLES
        }

    def done(self):
        """Return how often the log has each operation, and what is on its way."""
        rows = self.Log._read_group(
            [("account_id", "=", self.account.id), ("direction", "=", "pull")],
            ["operation", "outcome"],
            ["__count"],
        )
        return {(operation, outcome): count for operation, outcome, count in rows}

    # --- nothing is done ------------------------------------------------------------

    def test_preview_writes_nothing_but_itself(self):
        items = self.mixed()
        before = self.counts_of_tables()
        preview = self.preview(*items)
        self.assertEqual(preview.state, "ready")
        self.assertEqual(self.counts_of_tables(), before)
        self.assertTrue(preview.line_ids)
        messages = self.env["bus.bus"].sudo().search([]).mapped("message")
        self.assertFalse([one for one in messages if "calendar_changed" in one])
        methods = {method for method, _path, _body, _headers in self.microsoft.asked}
        self.assertEqual(methods, {"GET"})
        self.assertFalse(self.account.first_pass_done_at)

    def test_nothing_is_read_or_sent_before_the_start(self):
        self.preview(self.soon("R1"))
        event = self.new_event(name="meanwhile", start=SOON, stop=SOON)
        self.assertEqual(self.entries(event).state, "pending")
        self.asked()
        self.run_cron("ir_cron_dispatch")
        self.run_puller()
        self.assertEqual(self.asked(), [])
        self.assertFalse(self.link("R1"))
        self.assertIn("Start", self.account.status)
        self.assertEqual(self.account.badge, "awaits_start")

    def test_waiting_mailbox_takes_no_turn_of_others(self):
        self.preview()
        self.account._request_pull(fresh_seconds=0)
        self.assertFalse(self.step())

    # --- the numbers ----------------------------------------------------------------

    def assertAsForeseen(self, **choices):
        """What the preview says is what happens then."""
        preview = self.preview(*self.mixed())
        preview.with_user(self.anna).write(choices)
        names = (
            "odoo_create_count link_count odoo_change_count ask_count "
            "outlook_create_count wait_count wait_mail_count"
        ).split()
        foreseen = {name: preview[name] for name in names}
        waits = self.account._events_awaiting_consent
        sent_before = self.Outbox.search([])
        self.asked()
        self.start(preview, **choices)
        done = self.done()
        sent = self.Outbox.search([]) - sent_before
        self.assertEqual(
            foreseen,
            {
                "odoo_create_count": done.get(("create", "done"), 0),
                "link_count": done.get(("link", "done"), 0),
                "odoo_change_count": done.get(("update", "done"), 0),
                "ask_count": done.get(("update", "conflict"), 0),
                "outlook_create_count": len(sent),
                "wait_count": len(waits()),
                "wait_mail_count": waits()._ms365_mails_to_create(),
            },
        )
        return foreseen

    def test_numbers_are_what_happens_then(self):
        foreseen = self.assertAsForeseen()
        self.assertEqual(
            foreseen,
            {
                "odoo_create_count": 5,
                "link_count": 1,
                "odoo_change_count": 0,
                "ask_count": 1,
                "outlook_create_count": 1,
                "wait_count": 1,
                "wait_mail_count": 1,
            },
        )

    def test_only_own_meetings_come_to_odoo(self):
        foreseen = self.assertAsForeseen(only_own=True)
        self.assertEqual(foreseen["odoo_create_count"], 4)
        self.assertFalse(self.link("O1"))
        self.assertTrue(self.account.only_own)

    def test_meetings_with_attendees_are_left_out(self):
        foreseen = self.assertAsForeseen(without_attendees=True)
        self.assertEqual(foreseen["odoo_create_count"], 3)
        self.assertEqual(foreseen["wait_count"], 0)
        self.assertFalse(self.link("R2") | self.link("O1"))

    def test_only_from_today_on_is_a_window_without_past_days(self):
        preview = self.preview(*self.mixed())
        preview.with_user(self.anna).only_from_today = True
        self.assertEqual(preview.odoo_create_count, 4)
        self.start(preview)
        self.assertEqual(self.account.days_back, 0)
        self.assertTrue(self.account.own_window)

    def test_nobody_is_mailed_by_default_and_it_says_so(self):
        preview = self.preview(*self.mixed()).with_user(self.anna)
        self.assertIn("nobody", preview.mail_note)
        self.assertIn("Gus Guest", preview.wait_note)
        self.assertEqual(preview.mail_count, 0)

    def test_reason_is_told_for_what_is_left_out(self):
        preview = self.preview(*self.mixed()).with_user(self.anna)
        left_out = preview.line_ids.filtered(lambda line: line.action == "leave_out")
        self.assertEqual(left_out.mapped("remote_id"), ["Q1"])
        self.assertTrue(left_out.reason_note)

    def test_second_copy_on_another_page_counts_once(self):
        copy = self.soon("R2", iCalUId="uid of R1")
        self.account._await_start()
        self.microsoft.respond("GET", DELTA, self.page(self.soon("R1"), next=NEXT))
        self.microsoft.respond("GET", NEXT, self.page(copy, delta=VIEW))
        self.run_steps()
        preview = self.account._open_preview()
        self.assertEqual((preview.odoo_create_count, preview.left_out_count), (1, 1))

    def test_past_meeting_with_guests_is_among_what_is_left_out(self):
        over = self.old_meeting(-3 * 60 * 24 - 120)
        self.assertLess(over.stop, fields.Datetime.now())
        preview = self.preview()
        self.assertEqual((preview.wait_count, preview.left_out_count), (0, 1))
        self.assertIn("is over", preview.line_ids.with_user(self.anna).reason_note)

    def test_events_typed_on_both_sides_are_counted_as_pairs(self):
        event = self.old_meeting(partner_ids=self.anna.partner_id.ids)
        other = self.old_meeting(30, partner_ids=self.anna.partner_id.ids)
        twin = {"subject": event.name, "start": graph_time(event.start)}
        alike = self.soon("R1", **twin, end=graph_time(event.stop))
        self.assertNotEqual(other.start, event.start)
        preview = self.preview(alike, self.soon("R2"))
        self.assertEqual((preview.pair_count, preview.outlook_create_count), (1, 2))
        action = preview.with_user(self.anna).action_open_pairs()
        lines = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(set(lines.mapped("subject")), {event.name})
        self.assertEqual(set(lines.mapped("side")), {"odoo", "outlook"})

    # --- the message afterwards -------------------------------------------------------

    def test_one_message_tells_the_result_of_the_first_reading(self):
        items = self.mixed()
        preview = self.preview(*items)
        bus = self.env["bus.bus"].sudo()
        self.start(preview, only_own=True)
        self.env.cr.precommit.run()
        note = self.account.with_user(self.anna).first_pass_note
        for words in (
            "New in Odoo: 4. Linked: 1. On their way to Outlook, or there already: 1.",
            "attendees: 1.",
            "cannot take them: 1.",
            "your choice: 1.",
        ):
            self.assertIn(words, note)
        told = [one for one in bus.search([]).mapped("message") if note in one]
        self.assertEqual(len(told), 1)
        self.assertFalse(
            self.env["mail.mail"].sudo().search([("body", "like", "Linked")])
        )

    def test_log_says_in_the_language_of_the_reader_that_the_owner_left_it_out(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.start(self.preview(self.of_others("O1")), only_own=True)
        row = self.Log.search([("remote_id", "=", "O1"), ("outcome", "=", "nothing")])
        self.assertEqual(row.reason, "left_out")
        self.assertEqual(
            row.reason_text, "The owner of the calendar chose to leave it out of Odoo."
        )
        german = row.with_context(lang="de_DE")
        self.assertNotEqual(german.reason_text, row.reason_text)
        self.assertIn("Odoo", german.reason_text)

    def test_events_outside_the_window_are_counted(self):
        self.in_odoo("soon")
        for days in (-500, 600):
            old = self.in_odoo(f"in {days} days")
            start = NOW + timedelta(days=days)
            old.sudo().with_context(ms365_from_sync=True).write(
                {"start": start, "stop": start + timedelta(hours=1)}
            )
        status, body = self.page()
        counted = status, {**body, "@odata.count": 9}
        self.microsoft.respond("GET", "/v1.0/me/calendar/events", counted)
        series = {"seriesMasterId": "S1", "type": "occurrence"}
        items = [self.soon("R1"), self.soon("O1", **series), self.soon("O2", **series)]
        preview = self.preview(*items)
        self.assertEqual(preview.outlook_outside_count, 7)
        self.assertEqual(preview.odoo_outside_count, 2)

    def test_calendar_that_graph_does_not_count_is_no_error(self):
        preview = self.preview(self.soon("R1"))
        self.assertEqual((preview.state, preview.odoo_create_count), ("ready", 1))
        self.assertEqual(preview.outlook_outside_count, 0)

    # --- people ---------------------------------------------------------------------

    def test_only_the_owner_sees_titles_and_starts(self):
        preview = self.preview(self.soon("S1", subject="secret"))
        line = preview.line_ids
        self.assertEqual(line.with_user(self.anna).title, "secret")
        admin = self.env.ref("base.user_admin")
        self.assertNotIn("secret", line.with_user(admin).title)
        with self.assertRaises(UserError):
            preview.with_user(admin).action_start()
        with self.assertRaises(AccessError):
            preview.with_user(self.ben).action_start()
        self.assertTrue(self.account.awaits_start)

    def test_owner_changes_only_the_choices(self):
        preview = self.preview().with_user(self.anna)
        preview.only_own = True
        with self.assertRaises(AccessError):
            preview.state = "over"

    def test_start_needs_no_complete_preview(self):
        self.account._await_start()
        self.microsoft.respond("GET", DELTA, self.page(self.soon("R1"), delta=NEXT))
        preview = self.account._open_preview().with_user(self.anna)
        self.assertIsNone(preview.action_start())
        self.assertTrue(self.account.awaits_start, "it is shown first")
        self.account.with_user(self.anna).action_start()
        self.run_steps()
        self.assertTrue(self.link("R1").event_id)
        self.assertFalse(self.account._open_preview())

    def test_another_sign_in_begins_the_preview_anew(self):
        self.account._await_start()
        first = self.account._open_preview()
        self.account._forget_mailbox()
        self.assertEqual(first.state, "over")
        self.assertNotEqual(self.account._open_preview(), first)

    def test_connected_mailbox_is_not_asked_again(self):
        self.account.started_at = NOW
        self.account._signed_in()
        self.assertFalse(self.account.awaits_start)
        self.assertFalse(self.account._open_preview())

    # --- changes of the settings ----------------------------------------------------

    def of_connected(self, *items, **proposal):
        """Return the preview of a change in a mailbox that is synced already."""
        self.account.write({"started_at": NOW, "first_pass_done_at": NOW})
        self.account.with_user(self.anna).action_open_preview()
        self.microsoft.respond("GET", DELTA, self.page(*items, delta=NEXT))
        self.account.pull_requested_at = False
        preview = self.account._open_preview().with_user(self.anna)
        preview.write(proposal)
        self.run_steps()
        return preview

    def test_direction_is_shown_before_it_changes(self):
        self.anna.ms365_sync_direction = "outlook_to_odoo"
        self.in_odoo("alone")
        preview = self.of_connected(self.soon("R1"))
        self.assertEqual(preview.outlook_create_count, 0)
        preview.direction = "both"
        self.assertEqual(preview.state, "computing")
        self.run_steps()
        self.assertEqual(preview.outlook_create_count, 1)
        self.assertEqual(self.account.direction, "outlook_to_odoo")
        self.assertNotIn(self.anna.id, self.account._pushing_accounts())
        preview.direction = "odoo_to_outlook"
        self.run_steps()
        self.assertEqual((preview.odoo_create_count, preview.left_out_count), (0, 1))
        apply_preview(preview)
        self.assertEqual(self.account.direction, "odoo_to_outlook")

    def test_window_is_shown_before_it_changes(self):
        preview = self.of_connected(self.soon("R1"), days_ahead=500)
        self.assertEqual(preview.odoo_create_count, 1)
        self.assertNotEqual(self.account.days_ahead, 500)
        self.assertFalse(self.account.own_window)
        apply_preview(preview)
        self.assertEqual(self.account.days_ahead, 500)
        self.assertTrue(self.account.own_window)

    def test_calendars_are_shown_before_they_change(self):
        other = self.env["praetorx.ms365.calendar"].create(
            {"account_id": self.account.id, "remote_id": "other", "name": "Fair"}
        )
        path = "/v1.0/me/calendars/other"
        self.microsoft.respond("GET", f"{path}/events", self.page())
        fair = self.page(self.soon("F1"), delta=NEXT)
        self.microsoft.respond("GET", f"{path}/calendarView/delta", fair)
        preview = self.of_connected(self.soon("R1"))
        self.assertEqual(preview.odoo_create_count, 1)
        preview.calendar_ids |= other
        self.run_steps()
        self.assertEqual(preview.odoo_create_count, 2)
        self.assertFalse(other.is_synced)
        apply_preview(preview)
        self.assertTrue(other.is_synced)

    def test_choice_that_allows_more_reads_everything_again(self):
        self.account.only_own = True
        preview = self.of_connected()
        self.assertTrue(preview.only_own)
        preview.only_own = False
        apply_preview(preview)
        self.assertFalse(self.account.only_own)
        self.assertTrue(self.calendar.restart_requested)

    def test_preview_on_demand_changes_nothing(self):
        self.account.write({"started_at": NOW, "first_pass_done_at": NOW})
        self.account.with_user(self.anna).action_open_preview()
        self.microsoft.respond("GET", DELTA, self.page(self.soon("R1"), delta=NEXT))
        self.account.pull_requested_at = False
        self.run_steps()
        preview = self.account._open_preview()
        self.assertEqual((preview.state, preview.odoo_create_count), ("ready", 1))
        self.assertFalse(self.link("R1"))
