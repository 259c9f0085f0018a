"""Test that switching off says what ends, before it is saved."""

from odoo.tests import tagged

from .common import attendee
from .test_approval import AskingCase


@tagged("post_install", "-at_install")
class TestSwitchOff(AskingCase):
    def words(self, user=None, *, is_on=False):
        """Return what the preferences say if the switch is turned."""
        me = self.anna.with_user(user or self.anna)
        names = ["ms365_sync_enabled"]
        found = me.onchange({"ms365_sync_enabled": is_on}, names, {names[0]: {}})
        return (found.get("warning") or {}).get("message", "")

    def test_unsent_edits_are_counted(self):
        self.new_event(name="Plan")
        self.assertIn("not in Outlook yet: 1", self.words())
        self.assertTrue(self.anna.ms365_sync_enabled)

    def test_approvals_are_named(self):
        meeting = self.pulled(
            subject="Fair", attendees=[attendee("gus@example.com", "Gus")]
        )
        self.ask(meeting, location="Room 2")
        words = self.words()
        self.assertIn("without a decision: 1", words)
        self.assertIn("Fair", words)

    def test_nothing_is_said_if_nothing_ends(self):
        self.assertFalse(self.words())
        self.new_event(name="Plan")
        self.assertFalse(self.words(is_on=True))
