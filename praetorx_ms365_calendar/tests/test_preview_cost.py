"""Test that a preview needs the same number of statements for each event of a page."""

from odoo.tests import tagged

from .common import attendee
from .pages_common import DELTA, NEXT, NOW
from .preview_common import PreviewCase

FEW, MORE, MANY = 10, 40, 160
#: Statements of a page that its size may change, such as those of a second batch.
SLACK = 16


@tagged("post_install", "-at_install")
class TestPreviewCost(PreviewCase):
    def statements(self, count, **values):
        """Return the number of SQL statements for a page with so many events."""
        items = [self.soon(f"{count}-{number}", **values) for number in range(count)]
        self.account._await_start()
        self.account._open_preview()._compute_again()
        self.microsoft.respond("GET", DELTA, self.page(*items, delta=NEXT))
        self.assertTrue(self.step(), "the stamps are read")
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self.assertTrue(self.step(), "the page is read")
        preview = self.account._open_preview()
        self.assertEqual(preview.read_count, count)
        return self.env.cr.sql_log_count - before

    def assertLinear(self, **values):
        """Each further event costs the same, and a small number of statements."""
        self.statements(FEW, **values)  # the caches of the registry are warm now
        few, more, many = (self.statements(one, **values) for one in (FEW, MORE, MANY))
        of_one = (more - few) / (MORE - FEW)
        self.assertLessEqual(of_one, self.OF_ONE)
        self.assertLessEqual(
            many - more, of_one * (MANY - MORE) + SLACK, (few, more, many)
        )

    #: Statements for one event, on average.
    OF_ONE = 1

    def test_new_events(self):
        self.assertLinear()

    def test_new_meetings(self):
        self.assertLinear(attendees=[attendee("gus@example.com", "Gus")])

    def test_known_events(self):
        items = [self.soon(f"K{number}") for number in range(MANY)]
        self.account.write({"started_at": NOW, "first_pass_done_at": NOW})
        self.microsoft.respond("GET", DELTA, self.page(*items, delta=NEXT))
        self.run_steps()
        counts = []
        for count in (FEW, FEW, MORE, MANY):
            self.account.with_user(self.anna).action_open_preview()
            self.account._open_preview()._compute_again()
            page = self.page(*items[:count], delta=NEXT)
            self.microsoft.respond("GET", DELTA, page)
            self.step()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.step()
            counts.append(self.env.cr.sql_log_count - before)
        _first, few, more, many = counts
        self.assertLessEqual(max(more, many) - few, SLACK, counts)
