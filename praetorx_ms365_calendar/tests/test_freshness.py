from freezegun import freeze_time

from odoo.tests import tagged

from ..engine.errors import AlreadyGone
from ..graph.client import GraphResponse
from ..sync.pull.work import PullWork
from ..sync.read.events import record_read
from .common import SyncCase

OLD = {"change_key": "CK0", "lastModifiedDateTime": "2026-03-01T07:00:00Z"}
ETAG = 'W/"CK2"'


@tagged("post_install", "-at_install")
class TestFreshness(SyncCase):
    """Graph shows old versions for a while, and lists changes late."""

    def reading_brings(self, body=None, error=None):
        """Record the result of reading the linked event."""
        response = GraphResponse(200, {}, body, "request-1", error)
        record_read(self.account, self.link(), response)

    # --- old versions ---------------------------------------------------------------

    def test_older_version_that_was_read_undoes_nothing_and_is_read_again(self):
        event = self.pulled()
        self.link().needs_read = True
        self.reading_brings(self.remote(subject="Breakfast", **OLD))
        self.assertEqual(event.name, "Lunch")
        self.assertTrue(self.link().needs_read)
        self.assertTrue(self.link().read_not_before)
        self.reading_brings(self.remote())
        self.assertFalse(self.link().needs_read)
        self.assertFalse(self.link().expected)

    def test_older_version_that_stays_is_believed_after_some_tries(self):
        event = self.pulled()
        self.link().needs_read = True
        for _try in range(10):
            self.reading_brings(self.remote(subject="Breakfast", **OLD))
        self.assertEqual(event.name, "Breakfast")
        self.assertFalse(self.link().needs_read)

    def test_edit_waits_with_the_event_that_is_read_again(self):
        event = self.pulled()
        event.with_user(self.anna).name = "Dinner"
        self.link().needs_read = True
        self.reading_brings(self.remote(subject="Breakfast", **OLD))
        self.assertEqual(event.name, "Dinner")
        entry = self.entries(event).filtered(lambda one: one.state == "pending")
        self.assertEqual(entry.not_before, self.link().read_not_before)

    def test_new_event_that_is_not_found_yet_is_not_taken_for_deleted(self):
        event = self.pulled()
        self.link()._expect("2026-03-01T08:00:00Z")
        self.reading_brings(error=AlreadyGone("Not found"))
        self.assertTrue(event.active)
        self.assertEqual(self.link().state, "synced")
        self.assertTrue(self.link().needs_read)

    def test_event_that_stays_away_is_gone_after_some_tries(self):
        self.pulled()
        self.link()._expect("2026-03-01T08:00:00Z")
        for _try in range(10):
            self.reading_brings(error=AlreadyGone("Not found"))
        self.assertEqual(self.link().state, "gone")

    # --- changes that are listed late -----------------------------------------------

    def notify(self, remote_id="R1", etag=ETAG, change_type="updated"):
        """Let a notification come, and the puller take it."""
        subscription = self.env["praetorx.ms365.subscription"].search(
            [("account_id", "=", self.account.id)], limit=1
        )
        row = (self.account.id, subscription.id or None, "change")
        row += (remote_id, etag, change_type)
        self.env["praetorx.ms365.notification"]._store([row])
        PullWork(self.env)._pop_notifications(self.account)

    def end_round(self, *listed):
        self.account._forget_listed(dict(listed))
        self.account.pull_requested_at = False
        self.account._plan_look()

    def looks(self):
        """Return how many further looks there are, if all pages stay empty."""
        count = 0
        while self.account.look_again_at and count < 20:
            count += 1
            with freeze_time(self.account.look_again_at):
                self.env.flush_all()
                due = PullWork(self.env).due_account_ids([])
                self.assertIn(self.account.id, due)
                self.account._begin_look(self.account.look_again_at)
                self.assertTrue(self.account.pull_requested_at)
                self.end_round()
        return count

    def test_change_that_no_page_lists_is_looked_for_again_and_not_for_ever(self):
        self.pulled()
        self.notify()
        self.end_round()
        self.assertIn(self.looks(), range(2, 6))
        self.assertFalse(self.account.awaited)

    def test_change_that_a_page_lists_is_awaited_no_more(self):
        self.pulled()
        self.notify()
        self.end_round(("R1", ETAG))
        self.assertEqual(self.looks(), 0)

    def test_echo_of_a_version_that_is_known_is_not_awaited(self):
        self.pulled()
        self.notify(etag='W/"CK1"')
        self.end_round()
        self.assertEqual(self.looks(), 0)

    def test_deletion_of_an_unknown_event_is_not_awaited(self):
        self.notify("R9", change_type="deleted")
        self.end_round()
        self.assertEqual(self.looks(), 0)

    def test_new_event_is_awaited(self):
        self.notify("R9", change_type="created")
        self.end_round()
        self.assertTrue(self.looks())
