"""No mailbox takes the time of the others, however much it has to be done."""

from contextlib import closing
from datetime import timedelta
from itertools import pairwise

from freezegun import freeze_time

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged

from ..sync.pull.work import PullWork
from ..sync.worker.attempts import Attempt
from ..sync.worker.job import MAILBOXES_AT_ONCE, Job
from ..sync.worker.one_by_one import TOGETHER_WEIGHT, Item
from ..sync.worker.runner import MailboxRunner
from .pages_common import BATCH, NOW, PagesCase
from .statements import at_statements, marks_as_sent

#: No account's ids.
FIRST = 2_000_000_001


class WorkOfMany:
    """Test mailboxes with some jobs each; the first mailboxes are always due first."""

    def __init__(self, mailboxes, jobs):
        self.left = {FIRST + number: jobs for number in range(mailboxes)}
        self.claimed = []

    def due_account_ids(self, excluded):
        due = [one for one, left in self.left.items() if left and one not in excluded]
        return due[:MAILBOXES_AT_ONCE]

    def claim(self, account_id):
        self.claimed.append(account_id)
        self.left[account_id] -= 1
        return Job(account_id, lambda _session: None, lambda _result: None)

    def failed(self, account_id, error=None):
        raise AssertionError(error)


class WorkOfSlowItems(WorkOfMany):
    """Each mailbox gets an answer of heavy items, and storing one takes its time."""

    def __init__(self, clock, mailboxes, items):
        super().__init__(mailboxes, 1)
        self.clock = clock
        self.names = [f"R{number}" for number in range(items)]
        self.stored = []

    def claim(self, account_id):
        def record(_result, only=frozenset()):
            for name in only:
                self.stored.append((account_id, name))
                self.clock.tick(8)
            if not only:
                self.left[account_id] = 0

        def items(_result):
            return [
                Item(
                    name,
                    name,
                    print,
                    print,
                    weight=TOGETHER_WEIGHT,
                    is_stored=lambda name=name: (account_id, name) in self.stored,
                )
                for name in self.names
            ]

        return Job(account_id, lambda _session: None, record, items, "pages")


@tagged("post_install", "-at_install")
class TestTurns(BaseCase):
    """The worker has a clock that stands still but for slow work."""

    def run_through(self, work):
        with closing(Registry(get_db_name()).cursor()) as cr:
            MailboxRunner(api.Environment(cr, SUPERUSER_ID, {}), work).run()

    def test_each_mailbox_has_a_turn_before_another_has_its_second(self):
        work = WorkOfMany(mailboxes=MAILBOXES_AT_ONCE + 2, jobs=3)
        self.run_through(work)
        self.assertEqual(sorted(work.claimed), sorted([*work.left] * 3))
        self.assertEqual(work.claimed[: len(work.left)], [*work.left])

    def test_mailbox_with_slow_items_lets_the_others_go_on(self):
        with freeze_time(NOW) as clock:
            work = WorkOfSlowItems(clock, mailboxes=2, items=5)
            self.run_through(work)
        self.assertEqual(len(work.stored), 10)
        mailboxes = [account_id for account_id, _name in work.stored]
        changes = sum(one != other for one, other in pairwise(mailboxes))
        self.assertEqual(changes, 3, mailboxes)


@tagged("post_install", "-at_install")
class TestTurnsOfMailboxes(PagesCase):
    """Test two mailboxes; the entries of one are planned one by one, and slowly."""

    def test_slow_plans_of_a_mailbox_let_the_others_go_on(self):
        ben = self.connect(self.ben)
        self.ben.sudo().write(
            {
                "microsoft_calendar_token": "access-of-ben",
                "microsoft_calendar_token_validity": NOW + timedelta(days=1),
            }
        )
        (self.account | ben).pull_requested_at = False
        for number in range(5):
            self.new_event(name=f"Lunch {number}")
        dinners = [self.new_event(self.ben, name=f"Dinner {n}") for n in range(2)]
        self.account.storing = {"planning": ""}
        self.take_creates()

        def take_long(statement):
            if marks_as_sent(statement) and '"Lunch ' in statement:
                self.clock.tick(8)

        with at_statements(take_long):
            for _run in range(3):  # each time the cron has used up its time
                self.run_cron("ir_cron_dispatch")
        sent = [
            (headers["Authorization"], len(body["requests"]))
            for _method, path, body, headers in self.microsoft.asked
            if path == BATCH
        ]
        of_anna, of_ben = "Bearer access", "Bearer access-of-ben"
        self.assertEqual(sent, [(of_anna, 3), (of_ben, 2), (of_anna, 2)])
        for dinner in dinners:
            self.assertEqual(self.entries(dinner).state, "done")
        self.assertFalse(self.account.storing)

    def test_mailbox_that_had_a_turn_is_read_after_the_others(self):
        ben = self.connect(self.ben)
        ben.pull_requested_at = NOW
        self.account.pull_requested_at = NOW - timedelta(hours=1)
        self.env.flush_all()
        mailboxes = [self.account.id, ben.id]
        self.assertEqual(self.due(mailboxes), mailboxes)
        Attempt(self.env, self.account.id, "pages", lambda step: step()).record()
        self.assertEqual(self.due(mailboxes), mailboxes[::-1])

    def due(self, mailboxes):
        due = PullWork(self.env).due_account_ids([])
        return [one for one in due if one in mailboxes]
