"""Test that lists and forms show the true state, and agree."""

from datetime import timedelta

from lxml import etree, html

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from ..wording import counts
from .common import SyncCase, attendee, new_administrator
from .test_approval import AskingCase
from .test_noticed import NoticedCase


class AdministratorCase(SyncCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.administrator = new_administrator(cls.env)


@tagged("post_install", "-at_install")
class TestDifferencesInWords(AdministratorCase, NoticedCase):
    """A difference is sent once Microsoft has confirmed it, and no sooner."""

    def renamed(self, **values):
        """Return the difference that a renamed tag makes of an event."""
        tag = self.env["calendar.event.type"].create({"name": "Blue"})
        self.event = self.pulled(categories=["Blue"], **values)
        tag.name = "Red"
        self.look()
        return self.Difference.search([])

    def test_state_follows_the_outbox(self):
        difference = self.renamed()
        entry = self.pending(self.event.id)
        for state, shown in (
            ("pending", "to_send"),
            ("sending", "to_send"),
            ("dead", "failed"),
            ("pending", "to_send"),
            ("done", "sent"),
        ):
            entry.state = state
            self.assertEqual(difference.state, shown, state)

    def test_sent_difference_stays_sent_without_its_entry(self):
        difference = self.renamed()
        entry = self.pending(self.event.id)
        entry.state = "done"
        entry.unlink()
        self.assertEqual(difference.state, "sent")

    def test_no_of_the_owner_is_not_sent(self):
        self.pulled(attendees=[attendee("gus@example.com", "Gus")])
        self.guest.email = "gus.guest@example.com"
        self.look()
        difference = self.Difference.search([])
        self.assertEqual(difference.state, "asked")
        approval = self.Approval.search([("state", "=", "waiting")])
        approval.with_user(self.anna).action_reject()
        self.assertEqual(difference.state, "not_sent")

    def test_yes_of_the_owner_is_to_be_sent(self):
        self.pulled(attendees=[attendee("gus@example.com", "Gus")])
        self.guest.email = "gus.guest@example.com"
        self.look()
        difference = self.Difference.search([])
        approval = self.Approval.search([("state", "=", "waiting")])
        self.approve(approval, self.anna)
        self.assertEqual(difference.state, "to_send")

    def test_form_shows_both_values(self):
        difference = self.renamed()
        self.assertEqual(
            cells(difference.with_user(self.anna).changes), [["Tags", "Blue", "Red"]]
        )

    def test_values_of_a_private_event_are_its_owners(self):
        difference = self.renamed(sensitivity="private")
        self.assertTrue(difference.with_user(self.anna).changes)
        self.assertFalse(difference.with_user(self.administrator).changes)

    def test_form_has_a_title_and_a_badge(self):
        arch = arch_of(self.Difference, "form")
        self.assertTrue(arch.xpath("//h1/field[@name='display_name']"))
        self.assertTrue(arch.xpath("//field[@name='state'][@widget='badge']"))
        self.assertTrue(arch.xpath("//field[@name='changes']"))


@tagged("post_install", "-at_install")
class TestTitlesInLists(AdministratorCase):
    """Outbox and log name events that do not exist any more."""

    def deleted(self, **values):
        """Return the outbox entry of an event that was deleted for good."""
        event = self.pulled(subject="Lunch", **values)
        event.with_user(self.anna).unlink()
        return self.Outbox.search([("operation", "=", "delete")])

    def logged(self):
        self.Log._log(self.account, operation="delete", event_id=False, remote_id="R1")
        return self.Log.search([("remote_id", "=", "R1")], limit=1)

    def test_deleted_event_keeps_its_title(self):
        entry = self.deleted()
        for row in (entry, self.logged()):
            with self.subTest(model=row._name):
                self.assertFalse(row.event_id)
                self.assertEqual(row.with_user(self.anna).title, "Lunch")
                self.assertEqual(row.with_user(self.administrator).title, "Lunch")

    def test_private_title_is_its_owners(self):
        entry = self.deleted(sensitivity="private")
        for row in (entry, self.logged()):
            with self.subTest(model=row._name):
                self.assertEqual(row.with_user(self.anna).title, "Lunch")
                hidden = row.with_user(self.administrator).title
                self.assertNotIn("Lunch", hidden)

    def test_private_event_that_is_there_is_busy_to_others(self):
        event = self.pulled(subject="Lunch", sensitivity="private")
        event.with_user(self.anna).location = "Roof"
        entry = self.entries(event)
        self.assertEqual(entry.with_user(self.anna).title, "Lunch")
        self.env.invalidate_all()
        self.assertEqual(entry.with_user(self.administrator).title, "Busy")

    def test_event_that_nobody_knows_has_its_number(self):
        self.Log._log(self.account, operation="delete", event_key=77)
        row = self.Log.search([("event_key", "=", 77)])
        self.assertEqual(row.title, "#77")

    def test_titles_of_a_page_cost_the_same(self):
        self.pull(*(self.remote(f"N{one}") for one in range(20)))
        self.Log._log_many(
            self.account, [{"remote_id": f"N{one}"} for one in range(20)]
        )
        rows = self.Log.search([("event_id", "=", False)], limit=20)
        counts = []
        for some in (rows[:1], rows[:10], rows[10:]):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.mapped("title")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])


@tagged("post_install", "-at_install")
class TestBadgeOfAnAccount(SyncCase):
    def test_badge_agrees_with_the_status(self):
        self.assertEqual(self.account.badge, "active")
        self.account.failures = 2
        self.assertIn("again by itself", self.account.status)
        self.assertEqual(self.account.badge, "failing")
        self.account.write({"failures": 0, "state": "sign_in_again"})
        self.assertEqual(self.account.badge, "sign_in_again")
        self.anna.ms365_sync_enabled = False
        self.assertEqual(self.account.status, "Switched off.")
        self.assertEqual(self.account.badge, "off")

    def test_standstill_has_a_badge_of_its_own(self):
        entry = self.entries(self.new_event())
        entry.not_before = fields.Datetime.now() - timedelta(hours=2)
        self.assertIn("Standing still", self.account.status)
        self.assertEqual(self.account.badge, "still")

    def test_pause_has_a_badge_of_its_own(self):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("microsoft_calendar_sync_paused", True)
        self.assertIn("Paused", self.account.status)
        self.assertEqual(self.account.badge, "paused")

    def test_screens_show_the_badge(self):
        for view_type in ("list", "kanban", "form"):
            arch = arch_of(self.account, view_type)
            self.assertTrue(arch.xpath("//field[@name='badge'][@widget='badge']"))

    def test_first_note_of_the_chatter_is_in_the_owners_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["ir.model"]._get(self.account._name).update_field_translations(
            "name", {"de_DE": "Konto"}
        )
        self.anna.lang = "de_DE"
        words = self.account.with_context(lang=False)._creation_message()
        self.assertIn("Konto", words)


@tagged("post_install", "-at_install")
class TestMeetingsFromBefore(SyncCase):
    """The form of a meeting that waits for the owner says that it is in Odoo only."""

    def meeting(self, **values):
        """Return a meeting from before the sync was switched on, as Anna sees it."""
        return self.old_meeting(**values).with_env(self.env(user=self.anna))

    def test_note_says_that_it_waits(self):
        event = self.meeting()
        self.assertIn(event, self.account._events_awaiting_consent())
        self.assertIn("not in Outlook", event.ms365_waiting_note)
        self.assertTrue(event.ms365_may_send)
        self.assertFalse(event.ms365_mail_note)

    def test_event_in_outlook_does_not_wait(self):
        event = self.pulled(attendees=[attendee("gus@example.com", "Gus")])
        self.assertFalse(event.with_user(self.anna).ms365_waiting_note)

    def test_new_event_does_not_wait(self):
        event = self.new_event(partner_ids=(self.anna.partner_id | self.guest).ids)
        self.assertFalse(event.ms365_waiting_note)

    def test_edit_from_a_break_waits_and_is_in_outlook(self):
        event = self.pulled(attendees=[attendee("gus@example.com", "Gus")])
        self.link().awaits_word = True
        self.assertIn("not all of it", event.with_user(self.anna).ms365_waiting_note)

    def test_owner_sends_it(self):
        event = self.meeting()
        event.action_ms365_send()
        self.assertEqual(self.entries(event).state, "pending")
        self.assertFalse(event.ms365_waiting_note)

    def test_nobody_else_sends_it(self):
        event = self.meeting(partner_ids=(self.anna | self.ben).partner_id.ids)
        seen = event.with_user(self.ben)
        self.assertIn("not in Outlook", seen.ms365_waiting_note)
        self.assertFalse(seen.ms365_may_send)
        with self.assertRaises(UserError):
            seen.action_ms365_send()
        self.assertFalse(self.entries(event))

    def test_private_meeting_says_nothing_to_others(self):
        event = self.meeting(privacy="private")
        self.assertFalse(event.with_user(self.cleo).ms365_waiting_note)


@tagged("post_install", "-at_install")
class TestShortValues(AskingCase):
    def test_short_values_read_well_as_plain_text(self):
        event = self.pulled(
            location={"displayName": "Room BEN"},
            attendees=[attendee("gus@example.com", "Gus")],
        )
        approval = self.ask(event, location="Room X")
        self.assertEqual(
            cells(approval.with_user(self.anna).changes),
            [["Location", "Room BEN", "Room BEN → Room X"]],
        )

    def test_value_that_is_new_or_gone_reads_well(self):
        event = self.meeting()
        approval = self.ask(event, location="Room X")
        self.assertEqual(
            cells(approval.with_user(self.anna).changes),
            [["Location", "-", "Room X"]],
        )


@tagged("post_install", "-at_install")
class TestNumbers(TransactionCase):
    """A number of one has words of its own."""

    def test_one_and_many_in_both_languages(self):
        self.env["res.lang"]._activate_lang("de_DE")
        german = self.env(context={"lang": "de_DE"})
        for describe, one, many, one_german, many_german in (
            (
                counts.describe_event_count,
                "1 event",
                "2 events",
                "1 Termin",
                "2 Termine",
            ),
            (counts.describe_date_count, "1 date", "2 dates", "1 Termin", "2 Termine"),
            (
                counts.describe_series_count,
                "1 series",
                "2 series",
                "1 Serie",
                "2 Serien",
            ),
            (counts.describe_day_count, "1 day", "2 days", "1 Tag", "2 Tage"),
            (counts.describe_mail_number, "1 mail", "2 mails", "1 E-Mail", "2 E-Mails"),
        ):
            with self.subTest(describe.__name__):
                self.assertEqual([describe(self.env, n) for n in (1, 2)], [one, many])
                in_german = [describe(german, n) for n in (1, 2)]
                self.assertEqual(in_german, [one_german, many_german])


@tagged("post_install", "-at_install")
class TestViews(SyncCase):
    def test_own_settings_stand_in_a_group_of_their_own(self):
        """Other modules add to the group that is meant for all of them."""
        view = self.env.ref("base.view_users_form_simple_modif")
        arch = arch_of(self.anna, "form", view.id)
        shared = arch.xpath("//group[@name='other_calendar_preferences']")[0]
        self.assertFalse(shared.xpath(".//*[starts-with(@name, 'ms365_')]"))
        own = arch.xpath("//group[@name='ms365_preferences']")[0]
        self.assertTrue(own.xpath("./field[@name='ms365_sync_enabled']"))
        self.assertEqual(
            own.xpath(".//field/@name | .//button/@name"),
            [
                "ms365_sync_enabled",
                "ms365_sync_direction",
                "ms365_status",
                "action_ms365_open_connection",
            ],
        )

    def test_preferences_open_at_the_calendar(self):
        account = self.account.with_user(self.anna)
        [(view_id, view_type)] = account.action_open_preferences()["views"]
        arch = arch_of(self.anna.with_user(self.anna), view_type, view_id)
        [page] = arch.xpath("//page[@autofocus]")
        self.assertEqual(page.get("name"), "calendar")
        self.assertTrue(page.xpath(".//field[@name='ms365_sync_enabled']"))

    def test_both_buttons_are_seen_on_a_phone(self):
        """Of the buttons beside each other in a header a phone shows the first."""
        for name in ("approval", "hold"):
            arch = arch_of(self.env[f"praetorx.ms365.{name}"], "form")
            self.assertEqual(len(arch.xpath("//header/div/button")) % 2, 0)
            self.assertFalse(arch.xpath("//header/button"))

    def test_held_deletions_are_decided_in_the_list(self):
        arch = arch_of(self.env["praetorx.ms365.hold"], "list")
        for button in arch.xpath("//button"):
            self.assertTrue(button.get("confirm"))
        names = set(arch.xpath("//button/@name"))
        self.assertEqual(names, {"action_keep", "action_delete"})

    def test_lists_call_the_event_an_event(self):
        for name in ("approval", "difference"):
            fields_of = self.env[f"praetorx.ms365.{name}"].fields_get(["display_name"])
            self.assertEqual(fields_of["display_name"]["string"], "Event")

    def test_each_setting_is_explained(self):
        arch = arch_of(self.env["res.config.settings"], "form")
        box = arch.xpath("//setting[@id='ms365_colleague_setting']")[0]
        self.assertTrue(box.get("help"))
        self.assertTrue(box.xpath(".//field[@name='ms365_company_colleague_policy']"))
        self.assertTrue(box.xpath(".//field[@name='ms365_company_delegate_group_id']"))


def arch_of(model, view_type, view_id=None):
    """Return the view of a model as the web client gets it."""
    return etree.fromstring(model.get_view(view_id, view_type)["arch"])


def cells(table):
    """Return the text of the cells of an HTML table, row by row."""
    rows = html.fromstring(table).xpath("//tbody/tr")
    return [[cell.text_content().strip() for cell in row] for row in rows]
