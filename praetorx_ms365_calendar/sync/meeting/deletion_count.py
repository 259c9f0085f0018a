"""Count past and pending deletions of a mailbox: see :mod:`..engine.deletions`.

A series counts with all of its coming events, on either side.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

from odoo import fields
from odoo.fields import Domain

from ...const import IN_BOTH
from ...engine.conflict_policy import Side
from ...engine.deletions import BUDGET_PERIOD, plan_deletions
from ..records import Account, Link, Links


class DeletionBudget:
    """The past and pending deletions of one mailbox on one side.

    :param side: ``odoo`` or ``outlook``, the side that loses events
    """

    def __init__(self, account: Account, side: Side) -> None:
        self.account = account
        self.side = side
        self.now = fields.Datetime.now()
        self.Link = account.env["praetorx.ms365.event.link"]

    def plan(
        self, links: Links, lost_days: Mapping[Link, Collection[str]] | None = None
    ) -> Literal["go_on", "wait", "ask"]:
        """Decide if these deletions may be carried out without a question.

        :param links: of meetings that are deleted or lose occurrences
        :param lost_days: link -> days, of series that continue without these days
        """
        lost_days = lost_days or {}
        counts = {link: self._count(link, lost_days.get(link)) for link in links}
        lately = self._lately()
        coming = self._coming(self._of_account(Domain("state", "in", IN_BOTH)))
        # Coming events include the deleted ones, also if Odoo does not have them now.
        unseen = sum(
            count
            for link, count in counts.items()
            if self.side == "outlook" or link.state == "gone"
        )
        return plan_deletions(
            sum(counts.values()),
            unverified=self._unverified_count() if self.side == "odoo" else 0,
            lately=lately,
            future_events=coming + unseen + lately,
        )

    def _count(self, link: Link, days: Collection[str] | None) -> int:
        days = days or (link._is_held() and link.lost_days)
        return len(days) if days else link._coming_count()

    def _of_account(self, domain: Domain) -> Domain:
        return Domain("account_id", "=", self.account.id) & domain

    def _unverified_count(self) -> int:
        """Count the events that may be gone but are not verified yet."""
        unverified = self._of_account(
            Domain("needs_read", "=", True)
            & Domain("remote_id", "!=", False)
            & Domain("is_primary", "=", True)
            & Domain("hold_id", "=", False)
            & Domain("state", "in", ["synced", "conflict", "gone"])
        )
        of_series = Domain("is_series", "=", True)
        singles = self.Link.search_count(unverified & ~of_series)
        return singles + self._coming(unverified & of_series)

    def _lately(self) -> int:
        """Events that were deleted within the hour without a question."""
        deleted = self.Link.search(
            self._of_account(
                Domain("deleted_at", ">", self.now - BUDGET_PERIOD)
                & Domain("deleted_side", "=", self.side)
                & Domain("moved_to_id", "=", False)
                # Single occurrences are among the losses of their series, see below.
                & (Domain("remote_id", "!=", False) | Domain("is_series", "=", True))
                # Of a series only some occurrences may have been agreed to, before.
                & (Domain("hold_id", "=", False) | Domain("lost_days", "!=", False))
            )
        )
        lost = self.Link.search(
            self._of_account(Domain("losses_noted_at", ">", self.now - BUDGET_PERIOD))
        )
        count: int = lost._losses_lately(self.side)
        return count + sum(link._coming_count() for link in deleted)

    def _coming(self, links: Domain) -> int:
        """Count the coming events that Odoo's calendar has for links.

        :param links: the domain of the links, of events or of series
        """
        count: int = self.account.env["calendar.event"].search_count(
            (
                Domain("ms365_link_ids", "any", links)
                | Domain("recurrence_id.ms365_link_ids", "any", links)
            )
            & Domain("stop", ">=", self.now)
        )
        return count
