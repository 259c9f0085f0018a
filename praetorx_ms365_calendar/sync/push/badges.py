"""Brings the badges of events and series up to date after a round trip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from odoo.fields import Domain

from ...const import DELETED_FOR_GOOD, UNDER_WAY
from ..records import Account, Event, Events, Recurrence, Recurrences

if TYPE_CHECKING:
    from .sending import Sending


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
        self._refresh_events(self.events)
        for recurrence in self.series.exists():
            self._refresh_series(recurrence)

    def _refresh_series(self, recurrence: Recurrence) -> None:
        waits = self.Outbox._is_waiting(self.account, recurrence._ms365_event_key())
        links = recurrence.ms365_link_ids.filtered("remote_id")
        waits |= any(link.state == "gone" or link._is_held() for link in links)
        ended = (*DELETED_FOR_GOOD, "calendar_off")
        linked = links.filtered(lambda link: link.state not in ended)
        state = "pending" if waits else "synced" if linked else "none"
        recurrence._ms365_rows()._ms365_show_state(state)
        if linked:
            self.Link._retire_predecessors(recurrence)

    def _refresh_events(self, events: Events) -> None:
        """Show events as in sync unless another edit of them is waiting."""
        waiting = self.Outbox.search(
            Domain("event_id", "in", events.ids)
            & (
                Domain("state", "in", UNDER_WAY)
                | Domain("approval_id.state", "=", "waiting")
            )
        ).event_id
        waiting |= self.Link.search(
            [("event_id", "in", events.ids), ("state", "=", "gone")]
        ).event_id
        linked = self.Link.search(
            [
                ("event_id", "in", events.ids),
                ("remote_id", "!=", False),
                ("state", "not in", DELETED_FOR_GOOD),
            ]
        ).event_id
        self.Link._retire_predecessors(linked & events)
        (events & waiting)._ms365_show_state("pending")
        ((events - waiting) & linked)._ms365_show_state("synced")
        (events - waiting - linked)._ms365_show_state("none")
