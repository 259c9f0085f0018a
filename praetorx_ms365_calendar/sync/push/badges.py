"""Brings the badges of events and series up to date after a round trip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from odoo.fields import Domain

from ...const import DELETED_FOR_GOOD, UNDER_WAY
from ..records import Account, Event, Events, Recurrences

if TYPE_CHECKING:
    from .sending import Sending

#: States of links with a copy in Outlook that the sync does not follow.
NOT_FOLLOWED = (*DELETED_FOR_GOOD, "calendar_off")


class Badges:
    """Events and series of one mailbox with a badge to refresh."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.Link = account.env["praetorx.ms365.event.link"]
        self.Outbox = account.env["praetorx.ms365.outbox"]
        self.events: Events = account.env["calendar.event"]
        self.series: Recurrences = account.env["calendar.recurrence"]

    def queue(self, sending: Sending, event: Event) -> None:
        """Have the badge of a sending refreshed at the end.

        :param event: empty if it was deleted meanwhile
        """
        if sending.is_series:
            self.series |= sending.recurrence
        else:
            self.events |= event

    def queue_events(self, events: Events) -> None:
        """Have the badges of single events, and of the series of others, refreshed."""
        self.events |= events.filtered(lambda one: not one.recurrence_id)
        self.series |= events.recurrence_id

    def refresh(self) -> None:
        """Show the present state of everything that was queued."""
        self._refresh(self.events)
        self._refresh(self.series.exists())

    def _refresh(self, meetings: Events | Recurrences) -> None:
        """Show meetings as in sync unless another edit of them is waiting."""
        field = meetings._ms365_field
        of_these = Domain(field, "in", meetings.ids)
        waiting = self.Outbox.search(
            of_these
            & (
                Domain("state", "in", UNDER_WAY)
                | Domain("approval_id.state", "=", "waiting")
            )
        )[field]
        links = self.Link.search(of_these & Domain("remote_id", "!=", False))
        waiting |= links.filtered(lambda one: one.state == "gone" or one._is_held())[
            field
        ]
        linked = links.filtered(lambda link: link.state not in NOT_FOLLOWED)[field]
        self.Link._retire_predecessors(linked & meetings)
        for some, state in (
            (meetings & waiting, "pending"),
            ((meetings - waiting) & linked, "synced"),
            (meetings - waiting - linked, "none"),
        ):
            some._ms365_rows()._ms365_show_state(state)
