"""Links copies of single occurrences that come after their series did."""

from __future__ import annotations

from ...engine.snapshot import RemoteEvent
from ..meeting.kind import Pairs
from ..meeting.occurrence_copies import occurrence_rows
from ..meeting.reading import Reading
from ..records import Event, Link
from .known import KnownMeetings


class OccurrenceCopies:
    """Links such copies to the rows of series; see ``meeting/occurrence_copies.py``.

    Interface: :meth:`link`.
    """

    def __init__(self, reading: Reading, known: KnownMeetings[RemoteEvent]) -> None:
        self._reading = reading
        self._known = known

    def link(self, pairs: Pairs[RemoteEvent]) -> Pairs[RemoteEvent]:
        """Link copies of occurrences that Odoo has as part of a series.

        :return: the pairs that are left
        """
        uids = [remote.ical_uid for _link, remote in pairs]
        rows = occurrence_rows(self._reading.env, uids)
        left = []
        for link, remote in pairs:
            row = rows.get(remote.ical_uid or "")
            if row and not remote.is_organizer:
                self._link_one(link, remote, row)
            else:
                left.append((link, remote))
        return left

    def _link_one(self, link: Link, remote: RemoteEvent, row: Event) -> None:
        """Link a copy of an occurrence: only its owner's reply is read from it."""
        reading = self._reading
        vals = reading.Link._remote_vals(remote)
        own = row.ms365_link_ids.filtered(lambda one: one.account_id == reading.account)
        is_taken = own and own != link and own.state != "deleted_there"
        if reading.calendar._is_shared() or is_taken:
            reading.save_link(link, {**vals, "state": "other_view"})
            return
        if own and own != link:
            if link:
                link.unlink()
                reading.env.flush_all()  # the unique index knows each id but once
            link = own
        vals |= {"event_id": row.id, "is_primary": False, "base_snapshot": False}
        link = reading.save_link(link, vals)
        reading.log("link", "done", event=row, remote_id=remote.remote_id)
        self._known.apply_copy(link, remote)
        reading.Outbox._requeue_replies(link)
