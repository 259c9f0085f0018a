"""Identify events by the ids that the stock connector has stored on them.

Every user can write these ids. So they count only if the people of the event match
its state after a sync by the stock connector.
"""

from __future__ import annotations

from odoo import SUPERUSER_ID

from ...engine.meetings import fits_stock_id
from ...engine.snapshot import RemoteEvent
from ..records import Account, Calendar, Events


class StockIds:
    """Checks events that have ids of a mailbox's meetings, for one mailbox."""

    def __init__(self, account: Account, calendar: Calendar) -> None:
        self._account = account
        self._is_shared = calendar._is_shared()

    def fits(self, events: Events, remote: RemoteEvent) -> bool:
        """Return True if these events may be a meeting of this mailbox.

        :param events: one event, or all occurrences of a series
        """
        if not events:
            return False
        owner, organizer = self._account.user_id, events.user_id
        address = remote.organizer.email if remote.organizer else None
        people = {*remote.replies, address}
        return fits_stock_id(
            is_organizer=remote.is_organizer and not self._is_shared,
            owner_organizes=all(event.user_id == owner for event in events),
            has_organizer=bool(organizer),
            organizer_fits=bool(address)
            and all(
                address in event.user_id.partner_id._ms365_addresses()
                for event in events
                if event.user_id
            ),
            owner_attends=self._is_shared or owner.partner_id in events.partner_ids,
            maker_fits=all(
                user in owner
                or user.id == SUPERUSER_ID
                or not people.isdisjoint(user.partner_id._ms365_addresses())
                for user in events.create_uid
            ),
        )
