"""Apply confirmed deletions: meetings that are gone from a mailbox."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic

from ...engine.deletions import Verdict, judge_deletion
from ...engine.mapping.graph_series import RemoteT
from ...engine.meetings import Gone, plan_gone
from ...engine.series_units import ALL
from ...engine.versions import deletion_of
from ..meeting.kind import Kind, read_others_again
from ..meeting.reading import Reading, reason_of
from ..records import Link, Links, Vals


class GoneMeetings(Generic[RemoteT]):
    """Carries out the step of each meeting that is gone, single event or series.

    Interface: :meth:`record` for one that is verified gone, :meth:`archive` between two
    rounds.

    :param kind: of all meetings that it gets
    """

    def __init__(self, reading: Reading, kind: Kind[RemoteT]) -> None:
        self._reading = reading
        self._kind: Kind[RemoteT] = kind

    def record(
        self, link: Link, change_key: str | None = None, *, is_cancelled: bool = False
    ) -> None:
        """Record that a meeting was deleted or cancelled in Outlook, as verified.

        ``carry_out_deletions.py`` counts deletions before :meth:`archive` carries them
        out. A copy that was set aside is read before that, and may take its place.
        """
        read_others_again(link)
        # Gone, and not moved to a calendar that is not synced.
        vals: Vals = {"needs_read": False, "left_calendar": False}
        if change_key:
            vals["change_key"] = change_key
        is_over, agreed = self._kind.is_over(link), link._meeting_base
        gone = plan_gone(
            link._facts(),
            is_over=is_over,
            is_cancelled=is_cancelled,
            has_next_primary=bool(link._next_primary()),
            direction=link._direction(),
        )
        if gone is Gone.DELETE:
            link.write(vals)
            if not self._is_contested(link, change_key):
                link.state = "gone"
            return
        if gone is Gone.TOMBSTONE:
            self._reading.Conflict._close_gone(link)
        elif gone is Gone.MOVE_PRIMARY:
            move_primary(link)
        link.write(vals | {"state": "deleted_there", "decision": False})
        if not (is_over or gone is Gone.LET_GO):
            link._remove_members(agreed)
        if gone is Gone.LET_GO:
            link._rows()._ms365_write_bookkeeping({"ms365_sync_state": "none"})

    def archive(self, links: Links) -> None:
        """Archive in Odoo the meetings that are gone from Outlook for certain.

        In bulk; one by one if one of them cannot be archived, which is then named.
        """

        def one_by_one(_error: Exception) -> None:
            for link in links:
                with self._reading.on_savepoint(self._quarantines(link)):
                    self._archive_uncontested(link)

        with self._reading.on_savepoint(one_by_one):
            self._archive_uncontested(links)

    def _quarantines(self, link: Link) -> Callable[[Exception], object]:
        """Return the function that names a meeting if Odoo does not archive it."""
        return lambda error: self._reading.quarantine(
            link, link.remote_id, reason_of(error, None)
        )

    def _is_in_odoo(self, link: Link) -> bool:
        if not link.is_primary:
            return False
        return bool(link._rows())

    def _archive_uncontested(self, links: Links) -> None:
        """Archive those of them that Odoo has, and that no edit in Odoo keeps."""
        # The others were deleted there, too, or another copy is primary since.
        in_odoo = links.filtered(lambda link: self._is_in_odoo(link))
        (links - in_odoo).write({"state": "deleted_there"})
        contested = in_odoo.filtered(
            lambda link: self._is_contested(link, is_last_look=True)
        )
        if due := in_odoo - contested:
            self._archive_together(due)

    def _archive_together(self, links: Links) -> None:
        reading = self._reading
        events = links._rows()
        reading.writer.archive(events)
        events._ms365_write_bookkeeping(
            {"ms365_sync_state": "synced", "sync_origin": "outlook"}
        )
        links.write(links._deleted_vals("odoo"))
        for link in links:
            event = link._any_event()
            reading.log("delete", "done", event=event, remote_id=link.remote_id)
            reading.changes(link, {ALL: deletion_of(link._ours())})
        reading.changed(events)

    def _is_contested(
        self, link: Link, change_key: str | None = None, *, is_last_look: bool = False
    ) -> bool:
        """Return True if an edit in Odoo stops a deletion in Outlook.

        :param is_last_look: the deletion is carried out unless it is contested. So the
            edits that a policy overrules are recorded now, and not earlier
        """
        reading = self._reading
        ours = self._kind.living_content(link)
        merge = self._kind.judge_deletion(link, ours, None)
        both = {
            "ours": ours,
            "theirs": None,
            "change_key": change_key or link.change_key,
        }
        verdict = judge_deletion(merge, deleted_in="outlook")
        stays = verdict is Verdict.UNDO
        if merge.decided_by_policy and (stays or is_last_look):
            reading.Conflict._close_by_policy(link, merge, **both)
        if verdict is Verdict.ASK:
            link._dispute_deletion(**both)
            event = link._any_event()
            reading.log("delete", "conflict", event=event, remote_id=link.remote_id)
        elif stays:
            link._create_again()
        else:
            if not merge.decided:
                reading.Conflict._close_gone(link)
            return False
        reading.changed(link._living_events())
        return True


def move_primary(link: Link) -> bool:
    """Make another attendee's copy the primary, as only this copy is gone.

    :return: True if another attendee's mailbox has the meeting
    """
    successor = link._next_primary()
    if successor:
        link._move_primary_to(successor)
    return bool(successor)
