"""Test that an administrator reads whom a new window of the company concerns."""

from odoo.tests import Form, tagged

from .common import SyncCase


@tagged("post_install", "-at_install")
class TestCompanyWindow(SyncCase):
    def words(self, **window):
        """Return what the form of the company says after an edit."""
        company = self.anna.company_id
        values = {**company._ms365_window(), **window}
        names = {name: f"ms365_{name}" for name in values}
        spec = {name: {} for name in names.values()}
        edited = {names[name]: value for name, value in values.items()}
        found = company.onchange(edited, list(edited), spec)
        return (found.get("warning") or {}).get("message", "")

    def test_followers_are_counted_and_named(self):
        self.connect(self.ben)
        words = self.words(days_ahead=500)
        self.assertIn("Anna", words)
        self.assertIn("Ben", words)
        self.assertIn("Nobody is mailed", words)
        self.assertNotEqual(self.account.days_ahead, 500)

    def test_mailbox_with_its_own_window_is_not_concerned(self):
        self.account.write({"days_ahead": 90, "own_window": True})
        self.assertNotIn("Anna", self.words(days_ahead=500))

    def test_mailbox_that_has_not_begun_is_not_concerned(self):
        self.account.started_at = False
        self.assertNotIn("Anna", self.words(days_back=3))

    def test_same_window_says_nothing(self):
        self.assertFalse(self.words())

    def test_new_company_says_nothing(self):
        with Form(self.env["res.company"]) as company:
            company.name = "New"
            company.ms365_days_ahead = 90
