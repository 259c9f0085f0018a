from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .test_series import NOW
from .test_versions import VersionCase


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestAudit(VersionCase):
    """Test that only auditors export log and history, and that it is logged."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.auditor = new_test_user(
            cls.env,
            "ms365_auditor",
            groups="base.group_user,praetorx_ms365_calendar.group_auditor",
        )

    def template(self, model):
        """Return the fields of the prepared list for an export."""
        exports = self.env["ir.exports"].search([("resource", "=", model)])
        return exports.export_fields.mapped("name")

    def exported(self, records, user):
        """Return the cells of an export by a user, as text."""
        records = records.with_user(user).search([])
        rows = records.export_data(self.template(records._name))["datas"]
        return str(rows)

    def changed_meeting(self, **values):
        self.pulled(**values)
        self.pull(self.remote("R1", "CK2", **{**values, "subject": "Dinner"}))

    def test_auditor_exports_who_changed_what(self):
        self.changed_meeting()
        cells = self.exported(self.Version, self.auditor)
        for text in ("Subject: Lunch", "Subject: Dinner", "Anna", "Outlook"):
            self.assertIn(text, cells)
        self.assertIn("Dinner", self.exported(self.Log, self.auditor))

    def test_each_export_is_logged(self):
        self.changed_meeting()
        self.exported(self.Version, self.auditor)
        row = self.Log.search([("operation", "=", "export")])
        self.assertEqual((row.author_id, row.outcome), (self.auditor, "done"))
        self.assertIn('"count": 1', row.reason)
        self.assertEqual(row.company_id, self.anna.company_id)
        self.assertIn(row, self.Log.with_user(self.admin).search([]))
        self.assertNotIn(row, self.Log.with_user(self.anna).search([]))

    def test_nobody_else_exports(self):
        self.changed_meeting()
        for user in (self.anna, self.admin):
            for records in (self.Log, self.Version):
                with self.assertRaises(AccessError):
                    self.exported(records, user)
        self.assertFalse(self.Log.search([("operation", "=", "export")]))

    def test_contents_of_private_events_are_not_exported(self):
        self.changed_meeting(subject="Doctor", sensitivity="private")
        for records in (self.Log, self.Version):
            cells = self.exported(records, self.auditor)
            self.assertNotIn("Doctor", cells)
            self.assertNotIn("Dinner", cells)
            self.assertIn("Private event", cells)

    def test_auditor_of_another_company_sees_nothing(self):
        self.changed_meeting()
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.auditor.write(
            {"company_ids": [(6, 0, company.ids)], "company_id": company.id}
        )
        for records in (self.Log, self.Version):
            self.assertFalse(records.with_user(self.auditor).search([]))

    def test_auditor_changes_nothing(self):
        self.changed_meeting()
        for records in (self.Log, self.Version):
            row = records.search([], limit=1).with_user(self.auditor)
            self.assertTrue(row.has_access("read"))
            for operation in ("write", "create", "unlink"):
                self.assertFalse(row.has_access(operation))
