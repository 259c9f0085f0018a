from odoo.tests import tagged

from .common import SyncCase


@tagged("post_install", "-at_install")
class TestStale(SyncCase):
    """Test that a late response of Graph does not undo newer data."""

    # --- older versions -------------------------------------------------------------

    def older(self, **values):
        return self.remote(
            change_key="CK0",
            subject="Breakfast",
            lastModifiedDateTime="2026-03-01T07:59:59.9999999Z",
            **values,
        )

    def test_older_version_is_ignored(self):
        event = self.pulled()
        with self.assertNothingCaptured():
            self.pull(self.older())
        self.assertEqual(event.name, "Lunch")
        self.assertEqual(self.link().change_key, "CK1")

    def test_newer_version_is_applied(self):
        event = self.pulled()
        newer = {"lastModifiedDateTime": "2026-03-01T08:00:00.0000001Z"}
        self.pull(self.remote(change_key="CK2", subject="Dinner", **newer))
        self.assertEqual(event.name, "Dinner")

    def test_version_that_was_asked_for_is_applied(self):
        event = self.pulled()
        self.link().needs_read = True
        self.pull(self.older())
        self.assertEqual(event.name, "Breakfast")

    # --- a create that arrives after its deletion -----------------------------------

    def test_closed_deletion_is_recorded_again_for_the_late_create(self):
        event = self.new_event()
        create = self.entries(event)
        create.sent_content = event._ms365_read_contents()[event].to_json()
        event.unlink()
        deletion = self.Outbox.search([("operation", "=", "delete")])
        (create | deletion).state = "done"  # looked for, and not there yet
        self.pull(self.remote(transactionId=create.idempotency_key))
        again = self.Outbox.search([("operation", "=", "delete")]) - deletion
        self.assertRecordValues(
            again, [{"state": "pending", "link_id": self.link().id}]
        )
        self.assertEqual(self.link().state, "deleted_here")
        self.assertFalse(self.link().event_id)
