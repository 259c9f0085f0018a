from odoo.tests import Form, tagged

from .common import DAY, SyncCase, attendee
from .test_series import SeriesCase

QUICK = "calendar.view_calendar_event_form_quick_create"


class PreviewCase(SyncCase):
    def form(self, event=None, user=None, view=None, **context):
        """Open the form of an event as a person does."""
        Event = self.env["calendar.event"].with_user(user or self.anna)
        return Form(
            (event or Event).with_user(user or self.anna).with_context(**context), view
        )

    def meeting(self, *guests):
        people = guests or [attendee("gus@example.com", "Gus")]
        return self.pulled(attendees=list(people))


@tagged("post_install", "-at_install")
class TestMailPreview(PreviewCase):
    """The form says before saving whom Outlook will mail."""

    def test_new_meeting_names_its_guests(self):
        form = self.form()
        form.name = "Lunch"
        form.start = DAY
        self.assertFalse(form.ms365_mail_preview)
        form.partner_ids.add(self.guest)
        self.assertEqual(form.ms365_mail_preview_count, 1)
        self.assertIn("Outlook sends one mail.", form.ms365_mail_preview)
        self.assertIn("Gus Guest", form.ms365_mail_preview)
        event = form.save()
        self.assertFalse(event.ms365_mail_preview)

    def test_quick_create_with_a_customer_says_it_at_once(self):
        """The dialog of the calendar, opened from CRM with its customer."""
        guests = [self.anna.partner_id.id, self.guest.id]
        form = self.form(
            view=QUICK, default_partner_ids=guests, default_start=DAY, default_stop=DAY
        )
        self.assertEqual(form.ms365_mail_preview_count, 1)
        self.assertIn("Invitation: Gus Guest", form.ms365_mail_preview)

    def test_edit_names_who_is_invited_updated_and_cancelled(self):
        event = self.meeting(
            attendee("gus@example.com", "Gus"), attendee("ben@example.com", "Ben")
        )
        form = self.form(event)
        self.assertFalse(form.ms365_mail_preview)
        form.location = "Room 2"
        self.assertEqual(form.ms365_mail_preview_count, 2)
        self.assertIn("Update:", form.ms365_mail_preview)
        form.partner_ids.remove(self.ben.partner_id.id)
        self.assertIn("Cancellation: Ben", form.ms365_mail_preview)
        form.partner_ids.add(self.cleo.partner_id)
        self.assertIn("Invitation: Cleo", form.ms365_mail_preview)
        self.assertEqual(form.ms365_mail_preview_count, 3)

    def test_edit_of_personal_fields_mails_nobody_and_says_so(self):
        form = self.form(self.meeting())
        form.show_as = "free"
        self.assertEqual(form.ms365_mail_preview_count, 0)
        self.assertIn("Outlook mails nobody.", form.ms365_mail_preview)

    def test_event_without_guests_says_nothing(self):
        form = self.form(self.pulled())
        form.location = "Room 2"
        self.assertFalse(form.ms365_mail_preview)

    def test_many_mails_wait_and_the_form_says_so(self):
        self.anna.company_id.ms365_mail_limit = 0
        form = self.form(self.meeting())
        form.location = "Room 2"
        self.assertIn("more than 0", form.ms365_mail_preview)

    def test_user_without_sync_sees_nothing(self):
        form = self.form(user=self.cleo)
        form.name = "Lunch"
        form.partner_ids.add(self.guest)
        self.assertFalse(form.ms365_mail_preview)

    def test_if_odoo_mails_the_attendees_outlook_mails_nobody(self):
        self.anna.company_id.ms365_invitation_policy = "odoo"
        form = self.form()
        form.name = "Lunch"
        form.partner_ids.add(self.guest)
        self.assertEqual(form.ms365_mail_preview_count, 0)

    def test_colleague_who_must_ask_first_sees_no_preview(self):
        event = self.meeting(
            attendee("gus@example.com", "Gus"), attendee("ben@example.com", "Ben")
        )
        form = self.form(event, user=self.ben)
        form.location = "Room 2"
        self.assertFalse(form.ms365_mail_preview)
        self.assertTrue(form.ms365_authority_note)

    def test_new_organizer_without_sync_mails_nobody_through_outlook(self):
        form = self.form()
        form.name = "Lunch"
        form.partner_ids.add(self.guest)
        form.user_id = self.cleo
        self.assertFalse(form.ms365_mail_preview)

    def test_reading_and_saving_cost_nothing(self):
        event = self.meeting()
        self.env.flush_all()
        event.with_user(self.anna).read(["name", "partner_ids", "user_id"])
        with self.assertQueryCount(0):
            event.with_user(self.anna).ms365_mail_preview  # noqa: B018

    def test_form_is_saved_with_as_many_statements_as_without_the_bar(self):
        def statements(names):
            event = self.meeting().with_user(self.anna)
            event.write({"location": "Room 1"})
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            event.web_save({"location": "Room 2"}, {name: {} for name in names})
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        known = ["name", "location", "partner_ids", "ms365_mail_note"]
        bar = ["ms365_mail_preview", "ms365_mail_preview_count"]
        statements(known)  # fills the caches
        self.assertEqual(statements(known), statements([*known, *bar]))

    def test_private_event_names_its_guests_to_nobody_else(self):
        event = self.meeting()
        event.with_user(self.anna).privacy = "private"
        self.anna.company_id.ms365_colleague_policy = "open"
        shown = event.with_user(self.ben).new({"location": "Room 2"}, origin=event)
        self.assertFalse(shown.ms365_mail_preview)

    # --- deleting ---------------------------------------------------------------------

    def test_delete_says_who_gets_a_cancellation(self):
        event = self.meeting().with_user(self.anna)
        action = event.action_unlink_event(self.anna.partner_id.id)
        self.assertTrue(event.exists())
        self.assertEqual(action["res_model"], "calendar.popover.delete.wizard")
        wizard = (
            self.env["calendar.popover.delete.wizard"]
            .with_user(self.anna)
            .with_context(**action["context"])
            .create({})
        )
        self.assertIn("Cancellation: Gus", wizard.ms365_mail_preview)
        with self.assertCaptured("delete"):
            wizard.action_ms365_delete()
        self.assertFalse(event.exists())

    def test_calendar_archives_after_the_same_dialog(self):
        event = self.meeting().with_user(self.anna)
        action = event.action_ms365_ask_before_archiving()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.anna)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual(wizard.ms365_mail_preview_count, 1)
        self.assertFalse(wizard.ms365_asks_reach)
        with self.assertCaptured("delete"):
            wizard.action_ms365_delete()
        self.assertFalse(event.active)
        alone = self.pulled("R2").with_user(self.anna)
        self.assertFalse(alone.action_ms365_ask_before_archiving())

    def test_delete_of_an_event_without_guests_asks_nothing(self):
        event = self.pulled().with_user(self.anna)
        event.action_unlink_event(self.anna.partner_id.id)
        self.assertFalse(event.exists())


@tagged("post_install", "-at_install")
class TestMailPreviewOfSeries(SeriesCase):
    """The choice between this event, the following and all of them counts."""

    def edited(self, reach):
        recurrence = self.pulled_series(attendees=[attendee("gus@example.com", "Gus")])
        row = self.rows(recurrence)[1].with_user(self.anna)
        form = Form(row)
        form.location = "Room 2"
        form.recurrence_update = reach
        return form

    def test_each_choice_has_its_mails(self):
        form = self.edited("self_only")
        self.assertEqual(form.ms365_mail_preview_count, 1)
        form.recurrence_update = "all_events"
        self.assertEqual(form.ms365_mail_preview_count, 1)
        form.recurrence_update = "future_events"
        self.assertEqual(form.ms365_mail_preview_count, 2)
        self.assertIn("Invitation:", form.ms365_mail_preview)

    def test_new_series_invites_each_guest_once(self):
        form = Form(self.env["calendar.event"].with_user(self.anna))
        form.name = "Daily"
        form.partner_ids.add(self.guest)
        form.recurrency = True
        self.assertEqual(form.ms365_mail_preview_count, 1)

    def test_dialog_for_series_says_it_for_each_choice(self):
        recurrence = self.pulled_series(attendees=[attendee("gus@example.com", "Gus")])
        row = self.rows(recurrence)[1].with_user(self.anna)
        wizard = Form(
            self.env["calendar.popover.delete.wizard"]
            .with_user(self.anna)
            .with_context(default_calendar_event_id=row.id),
            "calendar.calendar_popover_delete_view",
        )
        self.assertIn("Cancellation:", wizard.ms365_mail_preview)
        wizard.delete = "next"
        self.assertIn("Update:", wizard.ms365_mail_preview)

    def test_calendar_asks_which_events_of_a_series_are_deleted(self):
        recurrence = self.pulled_series(attendees=[attendee("gus@example.com", "Gus")])
        row = self.rows(recurrence)[1].with_user(self.anna)
        action = row.action_ms365_ask_before_archiving()
        wizard = Form(
            self.env[action["res_model"]]
            .with_user(self.anna)
            .with_context(**action["context"]),
            "praetorx_ms365_calendar.calendar_popover_delete_wizard_view_form_mails",
        )
        self.assertTrue(wizard.ms365_asks_reach)
        wizard.delete = "all"
        self.assertIn("Cancellation: Gus", wizard.ms365_mail_preview)
        wizard.save().action_ms365_delete()
        self.assertFalse(self.rows(recurrence))
