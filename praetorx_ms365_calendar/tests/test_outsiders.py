from odoo.tests import Form, tagged

from .common import SyncCase, person

OLGA = person("olga@fair.example", "Olga Outside")


@tagged("post_install", "-at_install")
class TestOutsiders(SyncCase):
    """Test that a meeting says who organizes it, also somebody outside Odoo."""

    def invitation(self, **values):
        """Return Anna's event of a meeting that Olga organizes."""
        copy = {"isOrganizer": False, "organizer": OLGA, **values}
        copy["responseStatus"] = {"response": "notResponded"}
        self.pull(self.remote(**copy))
        return self.link().event_id.with_user(self.anna)

    def test_bar_and_form_name_the_organizer(self):
        event = self.invitation()
        self.assertEqual(event.ms365_organizer, "Olga Outside <olga@fair.example>")
        self.assertIn("Olga Outside", event.ms365_lock_reason)
        form = Form(event)
        self.assertTrue(form._get_modifier("user_id", "invisible"))
        self.assertFalse(form._get_modifier("ms365_organizer", "invisible"))

    def test_address_alone_is_the_name(self):
        event = self.invitation(organizer=person("olga@fair.example"))
        self.assertEqual(event.ms365_organizer, "olga@fair.example")

    def test_organizer_without_a_mail_address_stays_unnamed(self):
        event = self.invitation(organizer=person("/o=Fair/cn=olga", "Olga"))
        self.assertFalse(event.ms365_organizer)
        self.assertIn("not a user of Odoo", event.ms365_lock_reason)

    def test_strangers_do_not_learn_the_organizer_of_a_private_event(self):
        event = self.invitation(sensitivity="private")
        self.assertIn("Olga", event.ms365_lock_reason)
        as_cleo = event.with_user(self.cleo)
        self.assertFalse(as_cleo.ms365_organizer)
        self.assertNotIn("Olga", as_cleo.ms365_lock_reason)

    def test_another_organizer_replaces_the_first(self):
        event = self.invitation()
        other = person("pete@fair.example", "Pete")
        self.pull(self.remote("R1", "CK2", isOrganizer=False, organizer=other))
        self.assertEqual(event.ms365_organizer, "Pete <pete@fair.example>")

    def test_own_and_colleagues_events_show_the_user(self):
        event = self.pulled()
        self.assertFalse(event.ms365_organizer)
        self.assertFalse(
            Form(event.with_user(self.anna))._get_modifier("user_id", "invisible")
        )

    def test_empty_rows_of_a_read_only_meeting_are_hidden(self):
        form = Form(self.invitation())
        for name in ("location", "videocall_location", "description"):
            with self.subTest(name=name):
                self.assertFalse(form[name])
        self.assertTrue(form._get_modifier("location", "invisible"))
        self.assertFalse(Form(self.new_event())._get_modifier("location", "invisible"))
