from dataclasses import replace
from datetime import timedelta

from lxml import html

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import Form, HttpCase, TransactionCase, tagged

from ..engine.reasons import because
from ..engine.snapshot import CONTENT_FIELDS, Attendee, Base, Times
from .common import new_administrator
from .connect_common import ConnectCommon

PLAIN_SAVE = {"ms365_from_sync": True, "no_mail_to_attendees": True}


class ScreensCommon(ConnectCommon):
    """Alice's calendar as the sync leaves it, without a server behind it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.connect(cls.alice)

    def synced_event(self, name, state="synced", **vals):
        """Return a linked event of Alice's, today."""
        start = fields.Datetime.now().replace(minute=0, second=0)
        event = (
            self.env["calendar.event"]
            .with_context(**PLAIN_SAVE)
            .create(
                {
                    "name": name,
                    "start": start,
                    "stop": start + timedelta(hours=1),
                    "user_id": self.alice.id,
                    "partner_ids": [Command.set(self.alice.partner_id.ids)],
                    **vals,
                }
            )
        )
        event._ms365_write_bookkeeping({"ms365_sync_state": state})
        self.env["praetorx.ms365.event.link"].create(
            {
                "account_id": self.account.id,
                "event_id": event.id,
                "remote_id": f"remote-{event.id}",
                "ical_uid": f"uid-{event.id}",
                "change_key": "agreed",
                "is_primary": True,
                "web_link": "https://outlook.example.com/item",
            }
        )
        return event

    def disputed_event(self, name, **vals):
        """Return an event with a new subject on both sides, and its open conflict."""
        event = self.synced_event(name, **vals)
        ours = event._ms365_read_contents()[event]
        agreed = replace(ours, subject="As it was")
        link = event.ms365_link_ids
        link.write(link._base_vals(Base(ours=agreed, theirs=agreed)))
        conflict = self.env["praetorx.ms365.conflict"]._open(
            link,
            ["subject"],
            ours=ours,
            theirs=replace(ours, subject="As in Outlook"),
            change_key="changed",
        )
        return event, conflict

    def refused_event(self, name, reason):
        """Return an event that Microsoft did not take."""
        event = self.synced_event(name)
        entry = self.env["praetorx.ms365.outbox"]._enqueue(event, "upsert")
        entry.write({"state": "dead", "reason": reason})
        event._ms365_write_bookkeeping({"ms365_sync_state": "error"})
        return event


@tagged("post_install", "-at_install")
class TestScreens(ScreensCommon, TransactionCase):
    def test_form_of_a_new_event_offers_teams_to_syncing_users(self):
        for user, offered in ((self.alice, True), (self.bob, False)):
            form = Form(self.env["calendar.event"].with_user(user))
            self.assertEqual(form.ms365_can_sync, offered)
            self.assertEqual(
                form._get_modifier("is_teams_meeting", "invisible"), not offered
            )

    def test_teams_switch_is_locked_once_there_is_a_link(self):
        event = self.synced_event("Meeting", is_teams_meeting=True)
        event._ms365_write_bookkeeping({"teams_meeting_url": "https://t.example.com"})
        form = Form(event.with_user(self.alice))
        self.assertTrue(form._get_modifier("is_teams_meeting", "readonly"))

    def test_only_the_owner_of_the_conflict_is_asked(self):
        event, _conflict = self.disputed_event(
            "Meeting", partner_ids=(self.alice | self.bob).partner_id.ids
        )
        self.assertTrue(event.with_user(self.alice).ms365_may_resolve)
        self.assertFalse(event.with_user(self.bob).ms365_may_resolve)

    def test_administrators_see_a_conflict_but_no_private_content(self):
        _event, conflict = self.disputed_event("At the doctor's", privacy="private")
        administrator = new_administrator(self.env)
        [row] = conflict.with_user(administrator).web_search_read(
            [("id", "=", conflict.id)],
            {
                "event_id": {"fields": {"display_name": {}}},
                "display_name": {},
                "differences": {},
                "comparison": {},
            },
        )["records"]
        self.assertEqual(row["event_id"]["display_name"], "Busy")
        self.assertEqual(row["display_name"], "Busy")
        self.assertEqual(row["differences"], "Subject")
        self.assertFalse(row["comparison"])

    def test_both_versions_are_shown_to_permitted_users(self):
        administrator = new_administrator(self.env)
        for privacy, outlooks, shown in (
            ("public", "normal", True),
            ("confidential", "normal", False),
            ("private", "normal", False),
            ("public", "private", False),
        ):
            _event, conflict = self.disputed_event("Meeting", privacy=privacy)
            conflict.theirs = conflict.theirs | {"sensitivity": outlooks}
            with self.subTest(privacy=privacy, outlooks=outlooks):
                for user, sees in ((self.alice, True), (administrator, shown)):
                    comparison = conflict.with_user(user).comparison
                    self.assertEqual(bool(comparison), sees)

    def test_contents_of_a_deleted_event_are_its_owners(self):
        administrator = new_administrator(self.env)
        _event, conflict = self.disputed_event("Meeting")
        conflict.event_id = False
        self.assertTrue(conflict.with_user(self.alice).comparison)
        self.assertFalse(conflict.with_user(administrator).comparison)

    def compared(self, conflict, user):
        """Return the cells of the comparison that this user sees, row by row."""
        table = html.fromstring(conflict.with_user(user).comparison)
        # Newer versions of Babel put a narrow space before AM and PM.
        return [
            [cell.text_content().replace("\u202f", " ") for cell in row.iterchildren()]
            for row in table.xpath("//tbody/tr")
        ]

    def unlike_contents(self, event):
        """Return two contents of an event that differ in every field."""
        ours = replace(
            event._ms365_read_contents()[event],
            subject="Lunch <script>alert(1)</script>",
            times=Times("2026-07-01T10:00:00", "2026-07-01T11:00:00"),
            body="<p>One</p><p><b>Two</b></p>",
            attendees=(Attendee("ben@example.com", "Ben"),),
            show_as="busy",
            reminder=15,
            categories=("Red", "Blue"),
        )
        theirs = replace(
            ours,
            subject="Dinner",
            times=Times("2026-07-01", "2026-07-03", all_day=True),
            body="",
            location="Room 1",
            attendees=(),
            sensitivity="private",
            show_as="oof",
            reminder=None,
            categories=(),
            online_meeting=True,
        )
        return ours, theirs

    def test_comparison_is_in_words_and_in_the_viewers_zone(self):
        self.alice.tz = "Europe/Vienna"
        event, conflict = self.disputed_event("Meeting")
        ours, theirs = self.unlike_contents(event)
        link = event.ms365_link_ids
        agreed = replace(link._base.ours, body="", attendees=())
        link.write(link._base_vals(Base(ours=agreed, theirs=agreed)))
        self.env["praetorx.ms365.conflict"]._open(
            link,
            CONTENT_FIELDS,
            ours=ours,
            theirs=theirs,
            change_key="changed",
        )
        compared = self.compared(conflict, self.alice)
        before = compared[1][1]
        self.assertEqual(
            compared,
            [
                [
                    "Subject",
                    "As it was",
                    "As it was → Lunch <script>alert(1)</script>",
                    "As it was → Dinner",
                ],
                [
                    "Time",
                    before,
                    "07/01/2026 12:00 PM - 1:00 PM",
                    "07/01/2026 - 07/02/2026, all day",
                ],
                ["Location", "-", "-", "Room 1"],
                ["Description", "-", "OneTwo", "-"],
                ["Attendees", "-", "Ben (ben@example.com)", "-"],
                ["Privacy", "Normal", "Normal", "Private"],
                ["Show as", "Busy", "Busy", "Out of office"],
                ["Reminder", "-", "15 minutes before", "-"],
                ["Tags", "-", "RedBlue", "-"],
                ["Teams meeting", "No", "No", "Yes"],
            ],
        )
        self.assertNotIn("<script", conflict.with_user(self.alice).comparison)

    def test_comparison_of_a_deletion_shows_the_deleted_event(self):
        event, conflict = self.disputed_event("Meeting")
        self.env["praetorx.ms365.conflict"]._open(
            event.ms365_link_ids,
            {"deleted"},
            ours=event._ms365_read_contents()[event],
            theirs=None,
            change_key="changed",
        )
        deleted, subject, times = self.compared(conflict, self.alice)
        self.assertEqual(deleted, ["Deleted", "No", "No", "Yes"])
        self.assertEqual(subject, ["Subject", "As it was", "As it was → Meeting", "-"])
        self.assertEqual(times[::3], ["Time", "-"])
        self.assertEqual(conflict.differences, "Deleted")

    def test_rows_are_called_by_the_event(self):
        event, conflict = self.disputed_event("Disputed")
        entry = self.env["praetorx.ms365.outbox"]._enqueue(event, "upsert")
        log = self.env["praetorx.ms365.sync.log"]
        log._log(self.account, operation="update", event_id=event.id)
        row = log.search([("event_id", "=", event.id)])
        named = (conflict, entry, event.ms365_link_ids, row)
        for record in named:
            with self.subTest(model=record._name):
                seen = record.with_user(self.alice)
                self.assertEqual(seen.display_name, "Disputed")
        event.with_context(**PLAIN_SAVE).unlink()
        for record in named:
            with self.subTest(model=record._name):
                record.invalidate_recordset()
                self.assertEqual(record.display_name, f"#{record.id}")

    def test_people_find_their_own_rows_only(self):
        self.refused_event("Refused", "Too long")
        self.disputed_event("Disputed")
        self.env["praetorx.ms365.sync.log"]._log(self.account, operation="read")
        for name in ("account", "outbox", "conflict", "event.link", "sync.log"):
            model = self.env[f"praetorx.ms365.{name}"]
            with self.subTest(model=model._name):
                self.assertTrue(model.with_user(self.alice).search([]))
                self.assertFalse(model.with_user(self.bob).search([]))

    def test_my_connection_opens_the_account_or_the_dialog_that_makes_one(self):
        server_action = self.env.ref(
            "praetorx_ms365_calendar.praetorx_ms365_account_action_mine"
        )
        mine = server_action.with_user(self.alice).run()
        self.assertEqual(
            (mine["res_model"], mine["res_id"]),
            ("praetorx.ms365.account", self.account.id),
        )
        dialog = server_action.with_user(self.bob).run()
        self.assertEqual(
            (dialog["res_model"], dialog["target"]), ("praetorx.ms365.connect", "new")
        )

    def test_groupings_of_the_search_views_work(self):
        self.refused_event("Refused", "Too long")
        self.disputed_event("Disputed")
        for name in ("outbox", "conflict", "event.link"):
            model = self.env[f"praetorx.ms365.{name}"]
            with self.subTest(model=model._name):
                groups = model._read_group([], ["company_id"], ["__count"])
                self.assertIn(self.account.company_id, [group[0] for group in groups])

    def test_administrators_alone_read_everything_again(self):
        arch = self.account.with_user(self.alice).get_view(view_type="form")["arch"]
        self.assertNotIn("action_resync", arch)
        self.assertIn("action_sync_now", arch)

    def test_deciding_from_the_event_resolves_its_conflict(self):
        event, conflict = self.disputed_event("Meeting")
        event.with_user(self.alice).action_ms365_keep_odoo()
        self.assertEqual(conflict.state, "resolved")
        self.assertEqual(event.ms365_sync_state, "pending")

    def test_nobody_decides_the_conflict_of_somebody_else(self):
        _event, conflict = self.disputed_event("Meeting")
        with self.assertRaises(UserError):
            conflict.with_user(self.bob).keep_odoo()
        self.assertEqual(conflict.state, "open")


@tagged("post_install", "-at_install")
class TestScreensInTheBrowser(ScreensCommon, HttpCase):
    def test_event_form_shows_and_resolves(self):
        synced = self.synced_event("Synced meeting", is_teams_meeting=True)
        synced._ms365_write_bookkeeping(
            {"teams_meeting_url": "https://teams.example.com/join"}
        )
        refused = self.refused_event("Refused meeting", because("not_accepted"))
        disputed, conflict = self.disputed_event("Disputed meeting")

        self.start_tour(
            "/odoo/calendar", "praetorx_ms365_event_screens", login="ms365_alice"
        )

        self.assertEqual(refused.ms365_sync_state, "pending")
        self.assertRecordValues(
            conflict,
            [
                {
                    "state": "resolved",
                    "resolution": "odoo",
                    "resolved_by_id": self.alice.id,
                }
            ],
        )
        self.assertEqual(disputed.name, "Disputed meeting")
