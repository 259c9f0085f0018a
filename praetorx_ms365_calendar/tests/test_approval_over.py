from contextlib import contextmanager
from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ..sync.apply.applier import Applier
from .common import attendee, new_administrator
from .test_approval_series import WEEKLY
from .test_colleagues import ColleaguesCase
from .test_series import FIRST, NOW, SeriesCase


class OverCase(ColleaguesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dora = new_test_user(
            cls.env, "ms365_dora", groups="base.group_user", name="Dora"
        )

    def proposed(self, **vals):
        """Return a meeting that Cleo has made in Anna's name."""
        return self.new_event(
            self.cleo,
            user_id=self.anna.id,
            partner_ids=[Command.link(self.guest.id)],
            **vals,
        )

    @contextmanager
    def alone(self):
        """Undo the changes of a part of a test."""
        with self.env.cr.savepoint() as savepoint:
            yield
            savepoint.rollback()
        self.env.invalidate_all()

    def assertEnded(self, approval):
        """It has ended with a reason, and at most a deletion is on its way."""
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertIn(approval.state, ("withdrawn", "over"))
        self.assertFalse(self.waiting())
        self.assertLessEqual(set(self.on_their_way().mapped("operation")), {"delete"})
        self.assertFalse(self.Outbox.search([("state", "=", "held")]))
        if approval.state == "over":
            self.assertOver(approval, "gone")
            self.assertIn("does not exist", approval._describe_end())

    def assertOver(self, approval, reason):
        """It has ended without a decision, and nothing of it will be sent."""
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertRecordValues(approval, [{"state": "over", "over_reason": reason}])
        self.assertFalse(approval.decided_by_id)
        self.assertFalse(approval.activity_ids)
        self.assertEqual(set(approval.entry_ids.mapped("state")) - {"done"}, set())
        self.assertFalse(self.waiting())
        self.approve(approval, self.anna)
        self.assertEqual(approval.state, "over")
        self.assertNotIn(approval.entry_ids.mapped("state"), ["pending", "held"])


@tagged("post_install", "-at_install")
class TestApprovalsThatAreOver(OverCase):
    """Test that a question ends when its event is deleted in any way."""

    def ways_to_go(self):
        """Return the ways to delete an event: name, function."""
        yield "deleted", lambda event, user: event.with_user(user).unlink()
        yield "archived", lambda event, user: event.with_user(user).action_archive()
        yield (
            "archived in bulk",
            lambda event, user: event.with_user(user).action_mass_archive("self_only"),
        )

    def test_a_new_meeting_that_goes_again(self):
        for user in (self.cleo, self.anna, self.dora, self.env.ref("base.user_root")):
            for way, go in self.ways_to_go():
                with self.subTest(user=user.login, way=way), self.alone():
                    event = self.proposed()
                    approval = self.assertAsked("create", 1)
                    go(event, user)
                    self.assertEnded(approval)

    def test_an_edited_meeting_that_the_owner_deletes(self):
        for number, (way, go) in enumerate(self.ways_to_go()):
            with self.subTest(way=way), self.alone():
                event = self.meeting(f"W{number}")
                event.with_user(self.cleo).location = "Room 2"
                approval = self.waiting()
                go(event, self.anna)
                self.assertEnded(approval)

    def test_an_edited_meeting_that_goes_in_outlook(self):
        event = self.meeting()
        event.with_user(self.cleo).location = "Room 2"
        approval = self.waiting()
        self.gone(self.link())
        self.assertEqual(approval.state, "waiting")
        self.open_conflict(event).with_user(self.anna).keep_outlook()
        self.read_due()
        self.assertFalse(event.active)
        self.assertOver(approval, "gone")

    def test_an_edit_waits_on_while_the_deletion_waits_as_well(self):
        event = self.meeting()
        event.with_user(self.dora).location = "Room 2"
        edit = self.waiting()
        event.with_user(self.cleo).action_archive()
        deletion = self.waiting() - edit
        self.assertEqual(edit.state, "waiting")
        deletion.with_user(self.anna).action_reject()
        self.assertEqual(self.waiting(), edit)
        self.assertEqual(event.location, "Room 2")

    def test_a_meeting_that_gets_another_organizer(self):
        for new in (self.cleo, self.ben):
            with self.subTest(new=new.login):
                event = self.proposed()
                approval = self.waiting()
                event.with_user(self.anna).user_id = new
                self.assertOver(approval, "handed_over")
                self.clear_outbox()

    def test_a_program_that_deletes_past_the_orm(self):
        """A change without a hook is found by the cron, and at a decision."""
        for way in ("cron", "decide"):
            with self.subTest(way=way):
                event = self.proposed()
                approval = self.waiting()
                self.env.flush_all()
                self.env.cr.execute(
                    "DELETE FROM calendar_event WHERE id = %s", [event.id]
                )
                self.env.invalidate_all()
                if way == "cron":
                    self.Approval._cron_lapse()
                else:
                    self.approve(approval, self.anna)
                self.assertOver(approval, "gone")

    def test_a_calendar_of_which_nothing_is_sent_any_more(self):
        def switched_off():
            self.anna.ms365_sync_enabled = False

        def read_only():
            self.anna.ms365_sync_direction = "outlook_to_odoo"

        def archived():
            self.anna.active = False

        def portal():
            group = self.env.ref("base.group_portal")
            self.anna.group_ids = [Command.set(group.ids)]

        for leave in (switched_off, read_only, archived, portal):
            with self.subTest(leave.__name__), self.env.cr.savepoint() as savepoint:
                event = self.meeting()
                event.with_user(self.cleo).location = "Room 2"
                new = self.proposed()
                deleted = self.meeting("R2")
                deleted.with_user(self.cleo).action_archive()
                waiting = self.waiting()
                self.assertEqual(len(waiting), 3)
                leave()
                self.env.flush_all()
                self.env.invalidate_all()
                self.assertFalse(self.waiting())
                self.assertEqual(set(waiting.mapped("state")), {"over"})
                self.assertEqual(set(waiting.mapped("over_reason")), {"not_sent"})
                self.assertFalse(self.Outbox.search([("state", "=", "held")]))
                self.assertIn("any more", waiting[0]._describe_end())
                self.assertEqual(new.ms365_sync_state, "none")
                savepoint.rollback()
                self.env.invalidate_all()

    def project(self):
        """Return a second calendar, and a meeting with a guest in it."""
        project = self.env["praetorx.ms365.calendar"].create(
            {
                "account_id": self.account.id,
                "remote_id": "project",
                "name": "Project",
                "is_synced": True,
            }
        )
        guests = [attendee("gus@example.com", "Gus")]
        Applier(self.account, project).apply([self.remote(attendees=guests)])
        self.env.flush_all()
        self.env.invalidate_all()
        return project, self.link().event_id

    def test_a_calendar_that_is_taken_away_or_is_read_only(self):
        for vals in ({"is_synced": False}, {"can_edit": False}):
            for way in ("edit", "create", "cancel"):
                with self.subTest(vals=vals, way=way), self.alone():
                    project, event = self.project()
                    if way == "edit":
                        event.with_user(self.cleo).location = "Room 2"
                    elif way == "create":
                        self.proposed(ms365_calendar_id=project.id)
                    else:
                        event.with_user(self.cleo).action_archive()
                    approval = self.waiting()
                    project.write(vals)
                    self.assertOver(approval, "not_sent")

    def test_a_deletion_is_asked_about_when_its_calendar_is_back(self):
        for name in ("is_synced", "can_edit"):
            with self.subTest(name=name), self.alone():
                project, event = self.project()
                event.with_user(self.cleo).action_archive()
                project[name] = False
                project[name] = True
                self.assertFalse(self.on_their_way())
                self.assertTrue(self.open_conflict(event))

    def test_an_event_that_is_moved_to_a_calendar_without_sync(self):
        event = self.meeting()
        event.with_user(self.cleo).location = "Room 2"
        approval = self.waiting()
        self.link()._stop_following()
        self.assertOver(approval, "not_sent")

    def test_a_deletion_that_the_policy_undoes(self):
        """Outlook wins, so an event deleted in Odoo is restored."""
        for way in ("action_archive", "unlink"):
            with self.subTest(way=way):
                self.anna.ms365_conflict_policy = "outlook"
                event = self.meeting(way)
                getattr(event.with_user(self.cleo), way)()
                approval = self.assertAsked("cancel", 1)
                self.pull(
                    self.remote(
                        way,
                        "CK2",
                        attendees=[attendee("gus@example.com", "Gus")],
                        location={"displayName": "Roof"},
                    )
                )
                self.assertTrue(self.link(way).event_id.active)
                self.assertOver(approval, "back")
                self.clear_outbox()

    def test_a_deletion_stays_asked_while_odoo_cannot_restore_the_event(self):
        self.anna.ms365_conflict_policy = "outlook"
        event = self.meeting()
        event.with_user(self.cleo).unlink()
        approval = self.assertAsked("cancel", 1)
        self.env.cr.execute("ALTER TABLE calendar_event ADD CHECK (name != 'Bad')")
        guests = [attendee("gus@example.com", "Gus")]
        self.pull(self.remote(change_key="CK2", attendees=guests, subject="Bad"))
        self.assertEqual(self.link().state, "quarantined")
        self.assertEqual(approval.state, "waiting")
        self.pull(self.remote(change_key="CK3", attendees=guests, subject="Good"))
        self.assertEqual(self.link().event_id.name, "Good")
        self.env["praetorx.ms365.approval"]._cron_lapse()
        self.assertOver(approval, "back")

    def test_a_deletion_that_a_person_undoes_in_the_conflict(self):
        event = self.meeting()
        event.with_user(self.cleo).action_archive()
        approval = self.assertAsked("cancel", 1)
        self.pull(
            self.remote(
                change_key="CK2",
                attendees=[attendee("gus@example.com", "Gus")],
                location={"displayName": "Roof"},
            )
        )
        self.open_conflict(event).with_user(self.anna).keep_outlook()
        self.assertTrue(event.active)
        self.assertOver(approval, "back")

    # --- Administrators ---------------------------------------------------------------

    def administrator(self):
        return new_administrator(self.env)

    def disputed(self):
        """Return a conflict about a meeting with a guest."""
        event = self.meeting()
        event.with_user(self.anna).location = "Room 2"
        self.pull(
            self.remote(
                change_key="CK2",
                attendees=[attendee("gus@example.com", "Gus")],
                location={"displayName": "Roof"},
            )
        )
        return self.open_conflict(event)

    def test_an_administrator_mails_nobody_by_a_conflict(self):
        conflict = self.disputed().with_user(self.administrator())
        with self.assertRaises(UserError):
            conflict.keep_odoo()
        with self.assertRaises(UserError):
            conflict.keep_by_field({"location": "odoo"})
        self.assertEqual(conflict.state, "open")
        conflict.keep_outlook()
        self.assertEqual(conflict.state, "resolved")

    def test_where_the_company_has_it_so_an_administrator_decides(self):
        self.anna.company_id.ms365_colleague_policy = "open"
        conflict = self.disputed().with_user(self.administrator())
        conflict.keep_odoo()
        self.assertEqual(conflict.state, "resolved")

    def test_an_administrator_cancels_nothing_by_held_deletions(self):
        events = self.env["calendar.event"]
        for number in range(12):
            events |= self.meeting(f"R{number}")
        events.with_user(self.anna).action_archive()
        links = self.Link.search([("state", "=", "deleted_here")])
        self.assertEqual(len(links), 12)
        hold = self.env["praetorx.ms365.hold"]._hold(self.account, "to_outlook", links)
        self.assertEqual(hold.mail_count, 12)
        admin = self.administrator()
        with self.assertRaises(UserError):
            hold.with_user(admin).action_delete()
        self.assertEqual(hold.state, "open")
        hold.with_user(admin).action_keep()
        self.assertEqual(hold.state, "kept")

    # --- Programs ---------------------------------------------------------------------

    def test_a_server_action_is_the_act_of_who_runs_it(self):
        """Also with all rights, and where a contact or a lead has set it off."""
        event = self.meeting()
        for number, code in enumerate(
            (
                "record.write({'location': 'Room 1'})",
                "record.sudo().write({'location': 'Room 2'})",
                "env['calendar.event'].sudo().browse(record.id)"
                ".with_context(tracking_disable=True).write({'location': 'Room 3'})",
            )
        ):
            action = self.env["ir.actions.server"].create(
                {
                    "name": f"Action {number}",
                    "model_id": self.env["ir.model"]._get_id("calendar.event"),
                    "state": "code",
                    "code": code,
                }
            )
            context = {"active_model": event._name, "active_id": event.id}
            with self.subTest(code=code):
                running = action.with_user(self.cleo).sudo()
                running.with_context(**context, active_ids=event.ids).run()
                self.assertAsked("update", 1)
                self.waiting().with_user(self.anna).action_reject()


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestApprovalsOfSeriesThatAreOver(OverCase, SeriesCase):
    def test_a_new_series_whose_events_go_again(self):
        for user in (self.cleo, self.anna, self.dora):
            for way in ("rows", "recurrence", "archive", "last row", "mass"):
                with self.subTest(user=user.login, way=way), self.alone():
                    start = FIRST + timedelta(weeks=1)
                    event = self.proposed(
                        start=start, stop=start + timedelta(hours=1), **WEEKLY
                    )
                    approval = self.assertAsked("create", 1)
                    recurrence = event.recurrence_id
                    rows = self.rows(recurrence).with_user(user)
                    if way == "rows":
                        rows.unlink()
                    elif way == "recurrence":
                        rows.unlink()
                        recurrence.with_user(user).exists().unlink()
                    elif way == "archive":
                        rows.action_archive()
                    elif way == "mass":
                        rows[0].action_mass_deletion("all_events")
                    else:
                        for row in rows:
                            row.unlink()
                    self.assertEnded(approval)

    def test_a_deleted_series_that_the_policy_brings_back(self):
        self.anna.ms365_conflict_policy = "outlook"
        guests = {"attendees": [attendee("gus@example.com", "Gus")]}
        recurrence = self.pulled_series(**guests)
        self.rows(recurrence).with_user(self.cleo).action_archive()
        approval = self.waiting()
        self.assertEqual(approval.operation, "cancel")
        self.pulled_series(change_key="CK2", subject="Daily", **guests)
        self.assertTrue(self.rows(recurrence))
        self.assertOver(approval, "back")
