"""Finds out which remote events Odoo knows already."""

from collections import defaultdict
from typing import Any

from odoo.tools import split_every

from .stock_ids import StockIds


class KnownMeetings:
    """What Odoo has that may be the same meetings, read with one query per clue."""

    def __init__(self, account, calendar, remotes):
        env = account.env
        self._env = env
        self._account = account
        self._stock_ids = StockIds(account, calendar)
        uids = [remote.ical_uid for remote in remotes if remote.ical_uid]
        ids = [remote.remote_id for remote in remotes]
        self._entries: dict[str, Any] = {}
        transaction_ids = [r.transaction_id for r in remotes if r.transaction_id]
        for chunk in split_every(1000, transaction_ids, list):
            self._entries |= env["praetorx.ms365.outbox"]._own_creates(account, chunk)
        self._uids_of_series = set(
            env["praetorx.ms365.event.link"]
            .search(
                [
                    ("ical_uid", "in", uids),
                    ("is_primary", "=", True),
                    ("recurrence_id", "!=", False),
                ]
            )
            .mapped("ical_uid")
        )
        self._by_uid = {
            link.ical_uid: link.event_id
            for link in env["praetorx.ms365.event.link"].search(
                [("ical_uid", "in", uids), ("event_id", "!=", False)]
            )
        }
        self._of_stock_by_uid: dict[str, Any] = defaultdict(
            env["calendar.event"].browse
        )
        self._of_stock_by_id: dict[str, Any] = defaultdict(env["calendar.event"].browse)
        for event in (
            env["calendar.event"]
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
        ):
            self._of_stock_by_uid[event.ms_universal_event_id] |= event
            self._of_stock_by_id[event.microsoft_id] |= event

    def own_create(self, remote):
        """Return the outbox entry whose create made this event, None if none."""
        return self._entries.get(remote.transaction_id)

    def event(self, remote):
        """Return the Odoo event that is the same meeting, None if there is none."""
        if event := self._by_uid.get(remote.ical_uid):
            return event
        if remote.ical_uid:
            events = self._of_stock_by_uid[remote.ical_uid]
        else:
            events = self._of_stock_by_id[remote.remote_id]
        fitting = (event for event in events if self._stock_ids.fits(event, remote))
        return next(fitting, None)

    def is_series(self, remote):
        """Tell whether a series is synced under the iCalUId of this single event."""
        return remote.ical_uid in self._uids_of_series

    def linked_to_this_mailbox(self, event):
        """Return this mailbox's link to ``event``, empty if there is none."""
        return event._ms365_link_of(self._account)
