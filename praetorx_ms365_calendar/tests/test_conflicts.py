from datetime import timedelta

from lxml import html

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..const import ACTIVITY_CONFLICT, WIZARD
from .common import SyncCase, attendee, graph_time, new_administrator


class ConflictCase(SyncCase):
    """Anna's event is edited on both sides before either hears of the other."""

    def edit_both(self, ours, theirs, change_key="CK2", **agreed):
        """Return an event as the sync leaves it that both sides have changed.

        :param ours: values written in Odoo by Anna
        :param theirs: properties of the remote event
        :param agreed: properties that both sides have agreed on
        """
        event = self.pulled(**agreed)
        event.with_user(self.anna).write(ours)
        self.pull(self.remote(change_key=change_key, **{**agreed, **theirs}))
        return event.with_user(self.anna)

    def disputed(self, **agreed):
        """Return an event with a new name and location on both sides."""
        return self.edit_both(
            {"name": "Ours", "location": "Room 1"},
            {"subject": "Theirs", "location": {"displayName": "Room 2"}},
            **agreed,
        )

    def forget(self, event):
        """Go on as if this event had never been, on either side."""
        event.exists().with_context(ms365_from_sync=True).sudo().unlink()
        self.link().unlink()
        self.clear_outbox()

    def conflicts(self, link=None):
        """Return all conflicts of a link, decided ones as well."""
        return self.Conflict.search([("link_id", "=", (link or self.link()).id)])

    def choose(self, conflict, **choices):
        """Decide field by field, and let the worker carry it out."""
        conflict.with_user(self.anna).keep_by_field(choices)
        self.read_due()

    def log_rows(self):
        """Return the log lines about decisions: direction, fields, reason."""
        rows = self.Log.search(
            [("account_id", "=", self.account.id), ("operation", "=", "resolve")],
            order="id",
        )
        return [(row.direction, row.field_names, row.reason) for row in rows]

    def sent_fields(self, event):
        """Return the names of the fields that are still to be sent."""
        ours = event._ms365_read_contents()[event.sudo()]
        return set(ours.changed_fields(self.link()._base.ours))


@tagged("post_install", "-at_install")
class TestConflictPolicy(ConflictCase):
    """Nobody is asked where the owner of the mailbox, or the company, has said so."""

    def policy(self, policy):
        self.env.company.ms365_conflict_policy = policy

    def minutes_ago(self, minutes):
        moment = fields.Datetime.now() - timedelta(minutes=minutes)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.1234567Z")

    def test_everybody_is_asked_unless_somebody_says_otherwise(self):
        self.assertEqual(self.env.company.ms365_conflict_policy, "ask")
        self.assertFalse(self.anna.ms365_conflict_policy)
        self.assertTrue(self.open_conflict(self.disputed()))

    def test_odoo_wins(self):
        self.policy("odoo")
        event = self.disputed()
        self.assertEqual((event.name, event.location), ("Ours", "Room 1"))
        self.assertEqual(event.ms365_sync_state, "pending")
        self.assertEqual(self.sent_fields(event), {"subject", "location"})
        self.assertEqual(self.link().change_key, "CK2")

    def test_outlook_wins(self):
        self.policy("outlook")
        event = self.disputed()
        self.assertEqual((event.name, event.location), ("Theirs", "Room 2"))
        self.assertEqual(self.sent_fields(event), set())

    def test_conflict_resolved_by_policy_stays_readable(self):
        self.policy("outlook")
        event = self.disputed()
        conflict = self.conflicts()
        self.assertRecordValues(
            conflict,
            [
                {
                    "state": "resolved",
                    "resolution": "outlook",
                    "policy": "outlook",
                    "resolved_by_id": False,
                    "choices": {"subject": "outlook", "location": "outlook"},
                    "event_id": event.id,
                }
            ],
        )
        self.assertEqual(conflict.ours["subject"], "Ours")
        self.assertEqual(conflict.theirs["subject"], "Theirs")
        self.assertIn("Room 1", conflict.with_user(self.anna).comparison)
        self.assertEqual(self.log_rows(), [("pull", "location, subject", "by_policy")])

    def test_nobody_is_reminded_of_a_conflict_resolved_by_policy(self):
        self.policy("odoo")
        self.disputed()
        self.assertFalse(self.conflicts().activity_ids)

    def test_own_preference_goes_before_the_companys(self):
        self.policy("odoo")
        self.anna.with_user(self.anna).ms365_conflict_policy = "outlook"
        self.assertEqual(self.disputed().name, "Theirs")

    def test_own_preference_may_be_to_be_asked(self):
        self.policy("odoo")
        self.anna.ms365_conflict_policy = "ask"
        self.assertTrue(self.open_conflict(self.disputed()))

    def test_preference_is_ones_own(self):
        with self.assertRaises(AccessError):
            self.anna.with_user(self.ben).ms365_conflict_policy = "outlook"
        with self.assertRaises(AccessError):
            self.env.company.with_user(self.anna).ms365_conflict_policy = "outlook"

    def test_newest_change_wins(self):
        self.policy("newest")
        for change_key, minutes, name in (("CK2", -5, "Theirs"), ("CK3", 5, "Ours")):
            with self.subTest(outlook_was_edited_minutes_ago=minutes):
                event = self.pulled(remote_id=change_key, change_key=change_key)
                event.with_user(self.anna).name = "Ours"
                self.pull(
                    self.remote(
                        change_key,
                        change_key + "b",
                        subject="Theirs",
                        lastModifiedDateTime=self.minutes_ago(minutes),
                    )
                )
                self.assertEqual(event.name, name)
                self.assertFalse(self.open_conflict(event))
                self.assertEqual(self.conflicts(self.link(change_key)).policy, "newest")

    def test_bookkeeping_makes_no_edit_newer(self):
        """Complaint: timestamps of the sync itself decide who wins (PR 217949)."""
        self.policy("newest")
        event = self.pulled()
        event.with_user(self.anna).name = "Ours"
        entry = self.entries(event)
        an_hour_ago = fields.Datetime.now() - timedelta(hours=1)
        self.env.cr.execute(
            "UPDATE praetorx_ms365_outbox SET create_date = %s WHERE id = %s",
            [an_hour_ago, entry.id],
        )
        entry.invalidate_recordset()
        self.assertGreater(event.write_date, an_hour_ago)
        self.pull(
            self.remote(
                change_key="CK2",
                subject="Theirs",
                lastModifiedDateTime=self.minutes_ago(30),
            )
        )
        self.assertEqual(event.name, "Theirs")

    def test_newest_asks_if_the_time_of_the_edit_is_unknown(self):
        self.policy("newest")
        event = self.pulled()
        self.account._switched_off()
        self.anna.ms365_sync_enabled = False
        event.with_user(self.anna).name = "Ours"  # nobody notes down when
        self.anna.ms365_sync_enabled = True
        self.pull(
            self.remote(
                change_key="CK2",
                subject="Theirs",
                lastModifiedDateTime=self.minutes_ago(30),
            )
        )
        self.assertEqual(event.name, "Ours")
        self.assertTrue(self.open_conflict(event))

    def test_first_meeting_of_two_events_sends_nothing(self):
        """Complaint: a first sync mails all attendees (documentation PR 803)."""
        self.policy("odoo")
        self.env["calendar.event"].search([]).unlink()
        event = self.new_event(location="Room 2")
        event.with_context(dont_notify=True).ms_universal_event_id = "uid of R1"
        self.Outbox.search([("event_id", "=", event.id)]).unlink()
        with self.assertNothingCaptured():
            self.pull(self.remote(location={"displayName": "Room 1"}))
        self.assertTrue(self.open_conflict(event))
        self.assertEqual(event.location, "Room 2")

    def test_new_policy_leaves_an_open_conflict_until_outlook_changes_again(self):
        event = self.disputed()
        self.policy("outlook")
        self.assertEqual(event.ms365_sync_state, "conflict")
        self.assertEqual(
            event._detect_pull_conflicts()[event].conflicts, {"subject", "location"}
        )
        self.pull(self.remote(change_key="CK3", subject="Theirs again"))
        self.assertEqual(event.name, "Theirs again")
        self.assertEqual(event.ms365_sync_state, "pending")  # the location, ours now
        self.assertRecordValues(
            self.conflicts(), [{"state": "resolved", "policy": "outlook"}]
        )

    def test_fields_without_conflict_are_merged(self):
        self.policy("outlook")
        event = self.edit_both(
            {"name": "Ours", "location": "Room 1"},
            {"subject": "Theirs", "sensitivity": "private"},
        )
        self.assertEqual(
            (event.name, event.location, event.privacy),
            ("Theirs", "Room 1", "private"),
        )
        self.assertEqual(self.sent_fields(event), {"location"})

    # --- deleted against edited -----------------------------------------------------

    def test_edit_in_odoo_wins_over_a_deletion_in_outlook(self):
        self.policy("odoo")
        event = self.pulled()
        event.with_user(self.anna).name = "Ours"
        self.gone(self.link())
        self.assertTrue(event.active)
        self.assertEqual(event.ms365_sync_state, "pending")
        self.assertEqual(self.link().state, "deleted_there")  # it is made anew
        self.assertRecordValues(
            self.conflicts(), [{"policy": "odoo", "choices": {"deleted": "odoo"}}]
        )

    def test_deletion_in_outlook_wins_over_an_edit_in_odoo(self):
        self.policy("outlook")
        event = self.pulled()
        event.with_user(self.anna).name = "Ours"
        self.gone(self.link())
        self.assertFalse(event.active)
        self.assertEqual(self.conflicts().ours["subject"], "Ours")
        self.assertEqual(self.log_rows(), [("pull", "deleted", "by_policy")])

    def test_nobody_knows_when_outlook_deleted_an_event(self):
        self.policy("newest")
        event = self.pulled()
        event.with_user(self.anna).name = "Ours"
        self.gone(self.link())
        self.assertTrue(event.active)
        self.assertTrue(self.open_conflict(event))

    def deleted_here(self, policy, how, minutes=0):
        """Return an event deleted in Odoo that Outlook has changed since."""
        self.policy(policy)
        event = self.pulled()
        if how == "archived":
            event.with_user(self.anna).active = False
        else:
            event.with_user(self.anna).unlink()
        self.pull(
            self.remote(
                change_key="CK2",
                subject="Theirs",
                lastModifiedDateTime=self.minutes_ago(minutes),
            )
        )
        return event

    def test_deletion_in_odoo_wins_over_an_edit_in_outlook(self):
        for how in ("archived", "deleted"):
            with self.subTest(how=how):
                event = self.deleted_here("odoo", how)
                self.assertEqual(self.link().state, "deleted_here")
                self.assertEqual(self.link().change_key, "CK2")
                self.assertEqual(self.conflicts().choices, {"deleted": "odoo"})
                entries = self.Outbox.search([("state", "=", "pending")])
                self.assertEqual(entries.mapped("operation"), ["delete"])
                self.forget(event)

    def test_edit_in_outlook_wins_over_a_deletion_in_odoo(self):
        for how in ("archived", "deleted"):
            with self.subTest(how=how):
                self.deleted_here("outlook", how)
                link = self.link()
                self.assertEqual(link.state, "synced")
                self.assertEqual(link.event_id.name, "Theirs")
                self.assertTrue(link.event_id.active)
                self.assertRecordValues(
                    self.conflicts(),
                    [{"state": "resolved", "choices": {"deleted": "outlook"}}],
                )
                self.forget(link.event_id)

    def test_newest_is_asked_for_deletions_in_odoo_as_well(self):
        self.deleted_here("newest", "archived", minutes=30)
        self.assertEqual(self.link().state, "deleted_here")
        self.assertEqual(self.conflicts().policy, "newest")


@tagged("post_install", "-at_install")
class TestConflictsEnd(ConflictCase):
    """A conflict is over when it is decided, or when both sides have become equal."""

    def activities(self, conflict):
        return self.env["mail.activity"].search(
            [("res_model", "=", conflict._name), ("res_id", "in", conflict.ids)]
        )

    def test_owner_of_the_mailbox_is_reminded_once(self):
        event = self.disputed()
        self.pull(self.remote(change_key="CK3", subject="Theirs again"))
        activity = self.activities(self.open_conflict(event))
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.anna)
        self.assertEqual(activity.activity_type_id, self.env.ref(ACTIVITY_CONFLICT))

    def test_reminder_is_done_however_the_conflict_ends(self):
        def decide(event):
            self.open_conflict(event).with_user(self.anna).keep_odoo()

        def change_odoo(event):
            event.write({"name": "Theirs", "location": "Room 2"})

        def change_outlook(_event):
            self.pull(
                self.remote(
                    change_key="CK3",
                    subject="Ours",
                    location={"displayName": "Room 1"},
                )
            )

        def let_the_policy(_event):
            self.env.company.ms365_conflict_policy = "outlook"
            self.pull(self.remote(change_key="CK3", subject="Theirs again"))

        for end in (decide, change_odoo, change_outlook, let_the_policy):
            with self.subTest(end=end.__name__):
                event = self.disputed()
                conflict = self.open_conflict(event)
                self.assertTrue(self.activities(conflict))
                end(event)
                self.assertEqual(conflict.state, "resolved")
                self.assertFalse(self.activities(conflict))
                done = self.activities(conflict.with_context(active_test=False))
                self.assertFalse(done.filtered("active"))
                self.forget(event)

    def test_edit_in_odoo_that_makes_both_equal_ends_the_conflict(self):
        event = self.disputed()
        conflict = self.open_conflict(event)
        event.name = "Theirs"
        self.assertEqual(conflict.state, "open")
        self.assertEqual(conflict.field_names, "location")
        event.location = "Room 2"
        self.assertRecordValues(conflict, [{"state": "resolved", "resolution": "gone"}])
        self.assertEqual(event.ms365_sync_state, "pending")
        self.read_due()
        self.assertEqual(event.ms365_sync_state, "synced")
        self.assertEqual(self.sent_fields(event), set())
        self.assertEqual(self.link().change_key, "CK2")

    def test_other_changes_of_outlook_arrive_when_the_conflict_ends_by_itself(self):
        event = self.edit_both(
            {"name": "Ours"}, {"subject": "Theirs", "sensitivity": "private"}
        )
        event.name = "Theirs"
        self.read_due()
        self.assertEqual(event.privacy, "private")
        self.assertEqual(self.link().state, "synced")

    def test_edit_in_odoo_is_shown_in_the_open_conflict(self):
        event = self.disputed()
        event.name = "Ours, later"
        self.assertEqual(self.open_conflict(event).ours["subject"], "Ours, later")

    def test_event_that_both_sides_have_deleted_is_in_no_conflict(self):
        for how in ("archived", "deleted"):
            with self.subTest(how=how):
                event = self.pulled()
                event.with_user(self.anna).name = "Ours"
                self.gone(self.link())
                conflict = self.open_conflict(event)
                if how == "archived":
                    event.with_user(self.anna).active = False
                else:
                    event.with_user(self.anna).unlink()
                self.assertRecordValues(
                    conflict, [{"state": "resolved", "resolution": "gone"}]
                )
                self.forget(event)

    def test_conflict_of_an_event_that_was_not_understood_for_a_while_is_over(self):
        event = self.disputed()
        conflict = self.open_conflict(event)
        nonsense = {"dateTime": "soon", "timeZone": "UTC"}
        self.pull(self.remote(change_key="CK3", start=nonsense))
        self.assertEqual(self.link().state, "quarantined")
        same = {"subject": "Ours", "location": {"displayName": "Room 1"}}
        self.link().needs_read = True
        self.pull(self.remote(change_key="CK4", **same))
        self.assertEqual(self.link().state, "synced")
        self.assertEqual(conflict.resolution, "gone")
        self.assertFalse(self.activities(conflict))

    def test_conflict_of_a_mailbox_that_no_longer_carries_the_event_is_over(self):
        self.connect(self.ben)
        people = [attendee("ben@example.com", "Ben")]
        event = self.disputed(attendees=people)
        conflict = self.open_conflict(event)
        self.pull(self.remote_copy(), account=self.ben.ms365_account_ids)
        self.link("R1")._move_primary_to(self.link("B1"))
        self.pull(self.remote_copy("R1", "CK9", attendees=people))
        self.assertEqual(self.link("R1").state, "synced")
        self.assertEqual(conflict.state, "resolved")
        self.assertFalse(self.activities(conflict))

    def test_kept_reminder_of_outlook_takes_the_place_of_odoos(self):
        alarm = self.env.ref("calendar.alarm_notif_1")  # 15 minutes
        for agreed, theirs in ((None, 30), (30, 60), (30, None)):
            event = self.edit_both(
                {"alarm_ids": [Command.set(alarm.ids)]},
                _reminder(theirs),
                **_reminder(agreed),
            )
            self.open_conflict(event).with_user(self.anna).keep_outlook()
            self.read_due()
            with self.subTest(agreed=agreed, theirs=theirs):
                minutes = event.alarm_ids.mapped("duration_minutes")
                self.assertEqual(minutes, [theirs] if theirs else [])
            self.forget(event)

    def test_nobody_is_reminded_of_a_mailbox_that_was_left(self):
        conflict = self.open_conflict(self.disputed())
        self.assertTrue(self.activities(conflict))
        self.account._forget_mailbox()
        self.assertFalse(conflict.exists())
        self.assertFalse(self.activities(conflict))

    def test_attendee_cannot_keep_a_meeting_that_its_organizer_cancelled(self):
        """Complaint: events hijacked from their organizer (issue 169888)."""
        theirs = {
            "isOrganizer": False,
            "organizer": {"emailAddress": {"address": "boss@example.org"}},
            "attendees": [attendee("anna@example.com", "Anna")],
        }
        event = self.pulled(**theirs)
        event.with_user(self.anna).show_as = "free"
        self.clear_outbox()
        self.gone(self.link())
        self.assertFalse(self.conflicts())
        with self.assertNothingCaptured():
            self.assertFalse(event.active)

    # --- a deleted event that Outlook changes once more -----------------------------

    def deleted_here(self, how):
        event = self.pulled()
        if how == "archived":
            event.with_user(self.anna).active = False
        else:
            event.with_user(self.anna).unlink()
        self.clear_outbox()
        self.pull(self.remote(change_key="CK2", subject="Theirs"))
        self.assertEqual(self.link().state, "conflict")
        return event.exists()

    def test_newer_version_does_not_undo_a_deletion_that_is_in_conflict(self):
        for how in ("archived", "deleted"):
            with self.subTest(how=how):
                event = self.deleted_here(how)
                with self.assertNothingCaptured():
                    self.pull(self.remote(change_key="CK3", subject="Theirs again"))
                self.assertFalse(event.active)
                self.assertEqual(self.link().event_id, event)
                conflict = self.conflicts()
                self.assertRecordValues(
                    conflict, [{"state": "open", "field_names": "deleted"}]
                )
                self.assertEqual(conflict.theirs["subject"], "Theirs again")
                self.forget(event)

    def test_deletion_stands_when_outlook_takes_its_change_back(self):
        for how in ("archived", "deleted"):
            with self.subTest(how=how):
                event = self.deleted_here(how)
                with self.assertCaptured("delete"):
                    self.pull(self.remote(change_key="CK3"))
                self.assertEqual(self.conflicts().resolution, "gone")
                self.assertEqual(self.link().state, "deleted_here")
                self.assertEqual(self.link().change_key, "CK3")
                self.forget(event)

    def test_deletion_in_outlook_ends_the_conflict_over_ours(self):
        for how in ("archived", "deleted"):
            with self.subTest(how=how):
                event = self.deleted_here(how)
                with self.assertNothingCaptured():
                    self.gone(self.link())
                self.assertFalse(event.active)
                self.assertEqual(self.conflicts().resolution, "gone")
                self.assertEqual(self.link().state, "deleted_there")
                self.forget(event)

    # --- field by field -------------------------------------------------------------

    def test_each_field_is_taken_from_the_chosen_side(self):
        event = self.disputed()
        conflict = self.open_conflict(event)
        self.choose(conflict, subject="odoo", location="outlook")
        self.assertEqual((event.name, event.location), ("Ours", "Room 2"))
        self.assertEqual(self.sent_fields(event), {"subject"})
        self.assertRecordValues(
            conflict,
            [
                {
                    "state": "resolved",
                    "resolution": "mixed",
                    "policy": False,
                    "choices": {"subject": "odoo", "location": "outlook"},
                    "resolved_by_id": self.anna.id,
                }
            ],
        )
        self.assertTrue(conflict.resolved_at)
        self.assertEqual(
            self.log_rows(),
            [("push", "subject", False), ("pull", "location", False)],
        )

    def test_every_field_needs_a_choice(self):
        event = self.disputed()
        conflict = self.open_conflict(event)
        for choices in ({}, {"subject": "odoo"}, {"subject": "odoo", "location": "x"}):
            with self.assertRaises(UserError):
                self.choose(conflict, **choices)
        self.assertEqual(conflict.state, "open")
        self.assertEqual(event.name, "Ours")

    def test_choices_for_other_fields_do_nothing(self):
        event = self.disputed()
        conflict = self.open_conflict(event)
        self.choose(conflict, subject="odoo", location="odoo", body="outlook")
        self.assertEqual(conflict.choices, {"subject": "odoo", "location": "odoo"})

    def test_deletion_is_chosen_as_a_field(self):
        event = self.pulled()
        event.with_user(self.anna).name = "Ours"
        self.gone(self.link())
        self.choose(self.open_conflict(event), deleted="outlook")
        self.assertFalse(event.active)

    def test_nobody_else_decides_field_by_field(self):
        conflict = self.open_conflict(self.disputed())
        with self.assertRaises(AccessError):
            conflict.with_user(self.ben).keep_by_field({"subject": "odoo"})

    # --- rewriting by Exchange ------------------------------------------------------

    def test_rewritten_description_is_no_edit_and_no_conflict(self):
        """Complaint: descriptions change with each round trip (PR 87336)."""
        written = (
            "<p>Bring &quot;caf&eacute;&quot;</p><p><b title='t' class=x>it</b></p>"
        )
        rewritten = (
            '<html>\r\n<head>\r\n<meta http-equiv="Content-Type" content="text/html; '
            'charset=utf-8">\r\n</head>\r\n<body>\r\n<p>Bring "caf\u00e9"</p>\r\n<p>'
            '<b class="x" title="t">it</b></p>\r\n</body>\r\n</html>\r\n'
        )
        bodies = [
            {"contentType": "html", "content": text} for text in (written, rewritten)
        ]
        event = self.pulled(body=bodies[0])
        event.with_user(self.anna).name = "Ours"
        self.pull(self.remote(change_key="CK2", body=bodies[1]))
        self.assertFalse(self.conflicts())
        event.with_user(self.anna).description = "<p>Ours</p>"
        self.pull(self.remote(change_key="CK3", body=bodies[0]))
        self.assertFalse(self.conflicts())
        self.assertIn("Ours", event.description)


@tagged("post_install", "-at_install")
class TestConflictResolution(ConflictCase):
    """The wizard: both versions in words, the result and the mails, then the choice."""

    def open_wizard(self, event, user=None):
        """Return the wizard that the event's bar opens."""
        action = event.with_user(user or self.anna).action_ms365_decide()
        self.assertEqual(action["res_model"], WIZARD)
        wizard = self.env[WIZARD].with_user(user or self.anna)
        return wizard.browse(action["res_id"])

    def pick(self, wizard, **choices):
        """Choose a side like a person in the dialog."""
        with Form(wizard) as form:
            for index, line in enumerate(wizard.line_ids):
                if line.name in choices:
                    with form.line_ids.edit(index) as edited:
                        edited.choice = choices[line.name]
        return wizard

    def test_differing_fields_come_first_and_the_others_are_folded(self):
        wizard = self.open_wizard(self.disputed())
        self.assertEqual(wizard.line_ids.mapped("label"), ["Subject", "Location"])
        subject = wizard.line_ids[0]
        self.assertIn("Lunch", subject.before_html)
        self.assertIn("<ins>Ours</ins>", subject.odoo_html)
        self.assertIn("<del>Lunch</del>", subject.outlook_html)
        self.assertIn("Show 8 more fields", wizard.agreed_title)
        self.assertIn("Show 1 more field w", wizard._title_of_agreed(1))
        self.assertNotIn("Room", wizard.agreed)
        self.assertIn("Unchanged", wizard.agreed)

    def test_result_is_shown_once_everything_is_chosen(self):
        wizard = self.open_wizard(self.disputed())
        self.assertEqual(wizard.undecided_count, 2)
        self.assertFalse(wizard.result)
        self.pick(wizard, subject="outlook")
        self.assertEqual(wizard.undecided_count, 1)
        self.pick(wizard, location="odoo")
        cells = [
            [cell.text_content() for cell in row]
            for row in html.fromstring(wizard.result).xpath("//tr")
        ]
        self.assertIn(["Subject", "Theirs", "Outlook's version"], cells)
        self.assertIn(["Location", "Room 1", "Odoo's version"], cells)

    def test_mails_are_told_before_they_are_sent(self):
        """Complaint: nobody says who will be mailed (issue 103506)."""
        people = [
            attendee("gus@example.com", "Gus"),
            attendee("ben@example.com", "Ben"),
        ]
        event = self.disputed(attendees=people)
        wizard = self.open_wizard(event)
        self.pick(wizard, subject="outlook", location="outlook")
        self.assertEqual(wizard.mail_count, 0)
        self.assertIn("mails nobody", wizard.mails)
        self.pick(wizard, subject="odoo")
        self.assertEqual(wizard.mail_count, 2)
        self.assertIn("Update: Ben, Gus", wizard.mails)
        self.assertEqual(wizard.mail_summary, "Outlook sends 2 mails.")

    def test_apply_carries_out_the_choices(self):
        event = self.disputed()
        wizard = self.open_wizard(event)
        self.pick(wizard, subject="odoo", location="outlook")
        wizard.action_apply()
        self.read_due()
        self.assertEqual((event.name, event.location), ("Ours", "Room 2"))
        self.assertEqual(self.conflicts().resolution, "mixed")

    def test_apply_needs_a_choice_for_each_field(self):
        event = self.disputed()
        wizard = self.pick(self.open_wizard(event), subject="odoo")
        with self.assertRaises(UserError):
            wizard.action_apply()
        self.assertTrue(self.open_conflict(event))

    def test_choice_for_an_older_version_is_asked_again(self):
        def change_outlook(_event):
            self.pull(self.remote(change_key="CK3", subject="Theirs again"))

        def change_odoo(event):
            event.name = "Ours again"

        for change in (change_outlook, change_odoo):
            with self.subTest(change=change.__name__):
                event = self.disputed()
                wizard = self.open_wizard(event)
                self.pick(wizard, subject="odoo", location="odoo")
                change(event)
                action = wizard.action_apply()
                again = wizard.browse(action["res_id"])
                self.assertTrue(again.was_changed)
                self.assertTrue(self.open_conflict(event))
                self.forget(event)

    def test_decided_conflict_is_not_decided_again(self):
        event = self.disputed()
        wizard = self.open_wizard(event)
        self.pick(wizard, subject="odoo", location="odoo")
        self.open_conflict(event).keep_outlook()
        with self.assertRaises(UserError):
            wizard.action_apply()
        self.read_due()
        self.assertEqual(event.name, "Theirs")
        self.assertEqual(
            self.conflicts().with_user(self.anna).action_decide()["res_model"],
            "praetorx.ms365.conflict",
        )

    def test_deletion_names_the_edits_that_it_would_undo(self):
        event = self.edit_both({"name": "Ours"}, {})
        self.gone(self.link())
        wizard = self.open_wizard(event)
        line = wizard.line_ids
        self.assertEqual((line.name, line.label), ("deleted", "Event"))
        self.assertIn("Lunch", line.before_html)
        self.assertIn("Delete the event", line.outlook_html)
        self.assertIn("<ins>Ours</ins>", line.odoo_html)
        self.pick(wizard, deleted="outlook")
        self.assertIn("The event is deleted", wizard.result)
        self.pick(wizard, deleted="odoo")
        self.assertIn("Ours", wizard.result)

    def test_deletion_that_does_not_reach_outlook_mails_nobody(self):
        people = [attendee("gus@example.com", "Gus")]
        event = self.pulled(attendees=people)
        event.with_user(self.anna).active = False
        self.pull(self.remote(change_key="CK2", subject="Theirs", attendees=people))
        wizard = self.open_wizard(event)
        self.pick(wizard, deleted="odoo")
        self.assertEqual(wizard.mail_count, 1)
        self.assertIn("Cancellation: Gus", wizard.mails)
        self.env.company.ms365_delete_policy = "off"
        wizard.invalidate_recordset()
        self.assertEqual(wizard.mail_count, 0)
        self.assertIn("stays in Outlook", wizard.result)

    def test_times_are_in_the_viewers_zone_and_language(self):
        later = {
            "start": graph_time(fields.Datetime.to_datetime("2026-07-01 10:00:00")),
            "end": graph_time(fields.Datetime.to_datetime("2026-07-01 11:00:00")),
        }
        event = self.edit_both(
            {"start": "2026-07-02 10:00:00", "stop": "2026-07-02 11:00:00"}, later
        )
        line = self.open_wizard(event).line_ids
        self.assertEqual(line.name, "times")
        self.assertIn("07/01/2026 12:00", line.outlook_html.replace("\u202f", " "))

    def test_description_is_harmless_and_compared_by_words(self):
        outlook_body = (
            '<p onclick="alert(1)" style="position:fixed">Bring '
            '<a href="javascript:alert(1)">coffee</a></p><script>alert(1)</script>'
            '<iframe src="https://x"></iframe><form action="https://x"><input></form>'
        )
        event = self.edit_both(
            {"description": "<p>Bring cake</p>"},
            {"body": {"contentType": "html", "content": outlook_body}},
            body={"contentType": "html", "content": "<p>Bring tea</p>"},
        )
        line = self.open_wizard(event).line_ids
        self.assertIn("<del>tea</del>", line.odoo_html)
        self.assertIn("<ins>cake</ins>", line.odoo_html)
        self.assertIn("<ins>coffee</ins>", line.outlook_html)
        conflict = self.open_conflict(event).with_user(self.anna)
        for shown in (line.outlook_html, conflict.comparison):
            for evil in (
                "<script",
                "javascript",
                "onclick",
                "iframe",
                "fixed",
                "<form",
                "<input",
            ):
                self.assertNotIn(evil, shown)

    def test_names_with_markup_in_them_are_shown_as_they_are(self):
        event = self.edit_both(
            {"name": "<b>Ours</b>"}, {"subject": "<img src=x onerror=alert(1)>"}
        )
        wizard = self.open_wizard(event)
        self.pick(wizard, subject="outlook")
        for shown in (wizard.line_ids.outlook_html, wizard.result):
            self.assertNotIn("<img", shown)
            self.assertIn("onerror", html.fromstring(shown).text_content())

    # --- private stays private ------------------------------------------------------

    def private(self):
        """Return a private event in conflict, and an administrator.

        The administrator may decide for Anna, though guests get a mail.
        """
        self.anna.company_id.ms365_colleague_policy = "open"
        administrator = new_administrator(self.env)
        event = self.disputed(
            subject="At the doctor's",
            sensitivity="private",
            attendees=[attendee("gus@example.com", "Gus Guest")],
        )
        return event, administrator

    def secrets(self, *texts):
        told = " ".join(str(text) for text in texts)
        return [
            secret
            for secret in ("doctor", "Ours", "Theirs", "Room", "Gus")
            if secret in told
        ]

    def test_administrator_decides_a_private_conflict_without_seeing_it(self):
        event, administrator = self.private()
        wizard = self.open_wizard(event, administrator)
        self.assertFalse(wizard.may_compare)
        self.assertEqual(wizard.line_ids.mapped("label"), ["Subject", "Location"])
        self.pick(wizard, subject="odoo", location="odoo")
        read = wizard.read()[0]
        lines = wizard.line_ids.read()
        self.assertEqual(wizard.mail_count, 1)
        self.assertEqual(self.secrets(read, lines), [])
        wizard.action_apply()
        self.assertEqual(self.conflicts().resolved_by_id, administrator)

    def test_masked_values_are_never_taken_for_the_content(self):
        """Odoo shows a private event as "Busy": nobody's look may send that."""
        event, administrator = self.private()
        event.invalidate_recordset()
        seen = event.with_user(administrator)
        self.assertEqual((seen.name, seen.location), ("Busy", False))
        self.open_conflict(event).with_user(administrator).keep_odoo()
        self.read_due()
        self.assertEqual(self.sent_fields(event), {"subject", "location"})
        self.assertEqual((event.name, event.location), ("Ours", "Room 1"))

    def test_neither_reminder_nor_log_show_private_content(self):
        event, administrator = self.private()
        # Also where the owner's own request is what writes them.
        event.name = "Ours again"
        conflict = self.open_conflict(event)
        activity = self.env["mail.activity"].search(
            [("res_model", "=", conflict._name), ("res_id", "=", conflict.id)]
        )
        conflict.with_user(self.anna).keep_odoo()
        texts = [
            activity.with_user(administrator).read(),
            conflict.with_user(administrator).read(),
            conflict.message_ids.read(["body", "subject"]),
            self.Log.search([]).with_user(administrator).read(),
        ]
        self.assertEqual(self.secrets(*texts), [])

    def test_once_private_is_private(self):
        """Made public on both sides, the private version before is still hidden."""
        event = self.edit_both(
            {"name": "Ours", "privacy": "public"},
            {"subject": "Theirs", "sensitivity": "normal"},
            sensitivity="private",
        )
        administrator = new_administrator(self.env)
        conflict = self.open_conflict(event)
        self.assertFalse(conflict.with_user(administrator).comparison)

    def test_wizard_of_somebody_else_is_nobodys_business(self):
        wizard = self.open_wizard(self.disputed())
        for user in (self.ben, self.cleo):
            with self.assertRaises(AccessError):
                wizard.with_user(user).read(["result"])
            with self.assertRaises(AccessError):
                wizard.line_ids.with_user(user).read(["odoo_html"])

    def test_forged_wizard_shows_nothing_of_a_conflict_of_others(self):
        event = self.disputed()
        conflict = self.open_conflict(event)
        Wizard = self.env[WIZARD].with_user(self.ben)
        forged = Wizard.create({"conflict_id": conflict.id})
        line_of_anna = self.open_wizard(event).line_ids
        forged_line = line_of_anna.with_user(self.ben).create(
            {"name": "subject", "resolution_id": line_of_anna.resolution_id.id}
        )
        names = ["event_name", "result", "agreed", "mails", "may_compare"]
        self.assertFalse(any(forged[name] for name in names))
        self.assertFalse(forged_line.odoo_html or forged_line.before_html)
        told = Wizard.onchange(
            {"conflict_id": conflict.id, "line_ids": [(0, 0, {"name": "subject"})]},
            ["conflict_id"],
            {name: {} for name in ["conflict_id", "line_ids", *names]},
        )
        self.assertEqual(self.secrets(told), [])
        with self.assertRaises(AccessError):
            forged.action_apply()


def _reminder(minutes):
    """Return how Graph says that a pop-up comes so long before the start."""
    if minutes is None:
        return {"isReminderOn": False}
    return {"isReminderOn": True, "reminderMinutesBeforeStart": minutes}
