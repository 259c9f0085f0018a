"""Carries deletions from one side to the other, or stops and asks before the first.

What Outlook has lost is first verified event by event, and carried out between two
rounds, when it is known how much it is. What was deleted in Odoo is counted before
the dispatcher sends anything of it. See :mod:`..engine.deletions` for the limit.
"""

from datetime import timedelta

from odoo import fields
from odoo.fields import Domain

from ..engine.deletions import plan_deletions
from .apply import Applier

#: Deletions within this time are one pass, in however many portions they come.
PASS = timedelta(hours=1)


def carry_out_gone(account):
    """Archive in Odoo what is verified gone from Outlook, or ask a person first."""
    gone = account.env["praetorx.ms365.event.link"].search(
        [
            ("account_id", "=", account.id),
            ("state", "=", "gone"),
            ("needs_read", "=", False),
        ]
    )
    if not gone:
        return
    approved = gone.filtered(lambda link: link.hold_id.state == "approved")
    unasked = gone - approved
    decision = _Pass(account, "odoo").plan(unasked)
    if decision == "ask":
        account.env["praetorx.ms365.hold"]._hold(account, "to_odoo", unasked)
    due = approved | unasked if decision == "go_on" else approved
    if due:
        Applier(account, account._default_calendar()).archive_gone(due)


def hold_burst(account):
    """Hold what was deleted in Odoo if it is too much to be sent unasked."""
    pending = account.env["praetorx.ms365.outbox"].search(
        [
            ("account_id", "=", account.id),
            ("operation", "=", "delete"),
            ("state", "=", "pending"),
        ]
    )
    unasked = pending.link_id.filtered(
        lambda link: (
            link.account_id == account
            and link.state == "deleted_here"
            and link.remote_id
            and not link.moved_to_id
            and link.hold_id.state != "approved"
        )
    )
    if not unasked or account._delete_policy() == "off":
        return
    Hold = account.env["praetorx.ms365.hold"]
    unasked |= Hold._open_hold(account, "to_outlook").link_ids
    if _Pass(account, "outlook").plan(unasked) == "ask":
        Hold._hold(account, "to_outlook", unasked)


class _Pass:
    """What was and is to be deleted of one mailbox on one side.

    :param side: ``odoo`` or ``outlook``: where the deletions are carried out
    """

    def __init__(self, account, side):
        self.account = account
        self.side = side
        self.now = fields.Datetime.now()
        self.Link = account.env["praetorx.ms365.event.link"]

    def plan(self, links):
        return plan_deletions(
            len(links),
            doubtful=self._doubtful() if self.side == "odoo" else 0,
            lately=self._lately(),
            future_events=self._future_events(links),
        )

    def _count(self, domain):
        return self.Link.search_count(
            Domain("account_id", "=", self.account.id) & domain
        )

    def _doubtful(self):
        """Events that may turn out to be gone: Graph has not said it yet."""
        return self._count(
            Domain("needs_read", "=", True)
            & Domain("remote_id", "!=", False)
            & Domain("is_primary", "=", True)
            & Domain("hold_id", "=", False)
            & Domain("state", "in", ["synced", "conflict", "gone"])
        )

    def _lately(self):
        return self._count(
            Domain("deleted_at", ">", self.now - PASS)
            & Domain("deleted_side", "=", self.side)
            & Domain("moved_to_id", "=", False)
            & Domain("hold_id", "=", False)
        )

    def _future_events(self, links):
        """Count coming events, and those just deleted: of them nothing is known."""
        coming = self._count(
            Domain("state", "in", ["synced", "conflict"])
            & Domain("event_id.active", "=", True)
            & Domain("event_id.stop", ">=", self.now)
        )
        return coming + len(links) + self._lately()
