"""Finds out which meetings of a mailbox Odoo knows already.

Clues of events are read for a whole page, with one query for each clue. Clues of a
series are read for that series alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from odoo.fields import Domain
from odoo.tools import split_every

from ...engine.mapping.graph_series import RemoteSeries
from ...engine.snapshot import RemoteEvent
from ..records import Account, Calendar, Event, Events, Link, OutboxEntry, Recurrence
from .kind import Clues
from .stock_ids import StockIds


def _of_meetings(field: str) -> Domain:
    """Return the domain of the links that lead to a meeting of Odoo.

    While a move is under way, the link of the former event leads to it too. A person
    may still invite others to that event in Outlook.

    :param field: link's column for the kind of meeting
    """
    is_left = Domain("state", "=", "deleted_here")
    is_left &= Domain(f"moved_to_id.{field}", "!=", False)
    return Domain(field, "!=", False) | is_left


class CluesOfEvents(Clues[RemoteEvent]):
    """The events of Odoo that may be the same meetings as the events of a page."""

    def __init__(
        self, account: Account, calendar: Calendar, remotes: Sequence[RemoteEvent]
    ) -> None:
        self._env = account.env
        self._stock_ids = StockIds(account, calendar)
        uids = [remote.ical_uid for remote in remotes if remote.ical_uid]
        self._entries = self._own_creates(account, remotes)
        Link = self._env["praetorx.ms365.event.link"]
        self._uids_of_series = set(
            Link.search(
                [
                    ("ical_uid", "in", uids),
                    ("is_primary", "=", True),
                    ("recurrence_id", "!=", False),
                ]
            ).mapped("ical_uid")
        )
        same = Domain("ical_uid", "in", uids) & _of_meetings("event_id")
        # A link of its own counts more than one that a move has left behind.
        links = Link.search(same).sorted(lambda link: bool(link.event_id))
        self._by_uid = {
            link.ical_uid: link.event_id or link.moved_to_id.event_id for link in links
        }
        no_event = self._env["calendar.event"].browse
        self._of_stock_by_uid: dict[str, Events] = defaultdict(no_event)
        self._of_stock_by_id: dict[str, Events] = defaultdict(no_event)
        for event in self._of_stock(uids, [remote.remote_id for remote in remotes]):
            self._of_stock_by_uid[event.ms_universal_event_id] |= event
            self._of_stock_by_id[event.microsoft_id] |= event

    def own_create(self, link: Link, remote: RemoteEvent) -> OutboxEntry:
        """Return the outbox entry that created this event, empty if there is none.

        If it has a link, its create was recorded: it comes back after a deletion.
        """
        no_entry = self._env["praetorx.ms365.outbox"]
        if link or not remote.transaction_id:
            return no_entry
        return self._entries.get(remote.transaction_id, no_entry)

    def meeting(self, _link: Link, remote: RemoteEvent) -> Event:
        """Return the Odoo event that is the same meeting, empty if there is none."""
        if event := self._by_uid.get(remote.ical_uid):
            return event
        if remote.ical_uid:
            events = self._of_stock_by_uid[remote.ical_uid]
        else:
            events = self._of_stock_by_id[remote.remote_id]
        fitting = (event for event in events if self._stock_ids.fits(event, remote))
        return next(fitting, events.browse())

    def is_of_other_kind(self, _link: Link, remote: RemoteEvent) -> bool:
        """Return True if a series is synced under the iCalUId of this event."""
        return remote.ical_uid in self._uids_of_series

    def _own_creates(
        self, account: Account, remotes: Sequence[RemoteEvent]
    ) -> dict[str, OutboxEntry]:
        found: dict[str, OutboxEntry] = {}
        Outbox = self._env["praetorx.ms365.outbox"]
        keys = [remote.transaction_id for remote in remotes if remote.transaction_id]
        for chunk in split_every(1000, keys, list):
            found |= Outbox._own_creates(account, chunk)
        return found

    def _of_stock(self, uids: Collection[str], ids: Collection[str]) -> Events:
        """Return the events without a link that bear an id of Odoo's own connector."""
        return (
            self._env["calendar.event"]
            .with_context(active_test=False)
            .search(
                [
                    "|",
                    ("ms_universal_event_id", "in", uids),
                    ("microsoft_id", "in", ids),
                    ("recurrency", "=", False),
                    ("ms365_link_ids", "=", False),
                ],
                order="active, id",
            )
        )


class CluesOfSeries(Clues[RemoteSeries]):
    """The series of Odoo that may be the same as one of Outlook."""

    def __init__(self, account: Account, calendar: Calendar) -> None:
        self._env = account.env
        self._account = account
        self._stock_ids = StockIds(account, calendar)
        self._Link = self._env["praetorx.ms365.event.link"]

    def own_create(self, link: Link, remote: RemoteSeries) -> OutboxEntry:
        """Return the outbox entry that created this series, empty if there is none.

        If both sides once agreed, its create was recorded: it comes back after a
        deletion.
        """
        key = remote.master.transaction_id
        Outbox = self._env["praetorx.ms365.outbox"]
        if link.content_hash or not key:
            return Outbox
        entry = Outbox._own_creates(self._account, [key]).get(key, Outbox)
        return entry if entry and entry._is_series else Outbox

    def meeting(self, link: Link, remote: RemoteSeries) -> Recurrence:
        """Return the recurrence that is the same series, empty if there is none."""
        uid = remote.master.ical_uid
        if not uid:
            return self._env["calendar.recurrence"]
        others = Domain("ical_uid", "=", uid) & Domain("id", "!=", link.id)
        found = self._Link.search(others & _of_meetings("recurrence_id"))
        return (
            found.recurrence_id[:1]
            or found.moved_to_id.recurrence_id[:1]
            or self._of_stock(remote.master)
        )

    def is_of_other_kind(self, link: Link, remote: RemoteSeries) -> bool:
        """Return True if a single event is synced under the iCalUId of this series."""
        uid = remote.master.ical_uid
        others = Domain("ical_uid", "=", uid) & Domain("id", "!=", link.id)
        is_synced = Domain("is_primary", "=", True) & Domain("event_id", "!=", False)
        return bool(uid and self._Link.search_count(others & is_synced))

    def _of_stock(self, master: RemoteEvent) -> Recurrence:
        """Return the recurrence that bears an id of Odoo's own connector, if any."""
        found = (
            self._env["calendar.recurrence"]
            .sudo()
            .with_context(active_test=False)
            .search(
                [
                    "|",
                    ("ms_universal_event_id", "=", master.ical_uid),
                    ("microsoft_id", "=", master.remote_id),
                    ("ms365_link_ids", "=", False),
                ]
            )
        )
        return found.filtered(
            lambda one: self._stock_ids.fits(
                one.calendar_event_ids or one.base_event_id, master
            )
        )[:1]
