"""Applies new versions of meetings that Odoo knows."""

from __future__ import annotations

from typing import Generic

from ...engine.deletions import Verdict, judge_deletion
from ...engine.known import Known, plan_known
from ...engine.mapping.graph_series import RemoteT
from ...engine.snapshot import RemoteEvent
from ..meeting.kind import Kind, Pairs
from ..meeting.merge_single import versions
from ..meeting.reading import Reading
from ..records import Link
from .where import judge_late_edit, merge_late_edit


class KnownMeetings(Generic[RemoteT]):
    """Carries out the step of each known meeting, single event or series.

    Interface: :meth:`apply` for new versions, :meth:`record_version` for one that has
    no effect in Odoo, :meth:`end_cancellations` once those are
    created that :meth:`apply` returns, :meth:`apply_copy` for a copy that was just
    linked.

    :param kind: of all meetings that it gets
    """

    def __init__(self, reading: Reading, kind: Kind[RemoteT]) -> None:
        self._reading = reading
        self._kind: Kind[RemoteT] = kind

    def apply(self, pairs: Pairs[RemoteT]) -> Pairs[RemoteT]:
        """Apply new versions of known meetings.

        :return: the pairs that Odoo does not have any more, but must have again
        """
        to_merge, newcomers = [], []
        for link, remote in pairs:
            match self._plan(link):
                case Known.MERGE_LATE_EDIT:
                    merge_late_edit(self._reading, link, self._kind.event_of(remote))
                case Known.JUDGE_LATE_EDIT:
                    judge_late_edit(self._reading, link, self._kind.event_of(remote))
                case Known.RECORD_VERSION:
                    self.record_version(link, remote)
                case Known.JUDGE_DELETION:
                    newcomers += self._judge_deletion(link, remote)
                case Known.MERGE:
                    to_merge.append((link, remote))
                case Known.WRITE_REPLY:
                    self.apply_copy(link, remote)
        if to_merge:
            self._kind.merge(to_merge)
        return newcomers

    def end_cancellations(self, pairs: Pairs[RemoteT]) -> None:
        """End approvals of deletions of meetings that Odoo has again."""
        Approval = self._reading.env["praetorx.ms365.approval"]
        for link, _remote in pairs:
            Approval._cancels(link)._end_if_over()

    def record_version(self, link: Link, remote: RemoteT) -> None:
        """Record the version of a meeting that is not compared with Odoo's."""
        event = self._kind.event_of(remote)
        vals = self._kind.outcome_vals(link, remote)
        link.write({**self._reading.Link._remote_vals(event), **vals})

    def apply_copy(self, link: Link, remote: RemoteT) -> None:
        """Apply a copy that is not primary: only its owner's reply is read from it.

        The owner takes part, also if Outlook lists only a group.
        """
        if not self._kind.event_of(remote).is_organizer and link._add_members():
            self._reading.changed(link._rows())
        vals = self._kind.write_replies(link, remote)
        vals |= self._kind.outcome_vals(link, remote)
        becomes_primary = (
            self._kind.event_of(remote).is_organizer and not link.is_primary
        )
        self._reading.end_conflict(link)
        link.write({**self._kind.link_vals(remote), **vals, "state": "synced"})
        if becomes_primary:
            self._kind.make_primary(link, remote)
            self.apply([(link, remote)])  # from now on, it is compared with Odoo's

    def _plan(self, link: Link) -> Known:
        is_deleted_here = self._kind.is_deleted_here(link)
        copy = link.moved_to_id if self._kind.takes_late_edits else None
        return plan_known(
            is_deleted_here=is_deleted_here,
            is_primary=link.is_primary,
            delete_policy=link._delete_policy() if is_deleted_here else "",
            copy=copy._facts() if copy else None,
            is_copy_alive=bool(copy and copy._living_events()),
        )

    # ------------------------------------------------------------------
    # Deleted in Odoo
    # ------------------------------------------------------------------

    def _judge_deletion(self, link: Link, remote: RemoteT) -> Pairs[RemoteT]:
        """Ask about our deletion, repeat it, or undo it.

        :return: the pair, if the meeting has to be created again
        """
        reading, version = self._reading, self._kind.event_of(remote)
        merge = self._kind.judge_deletion(link, None, remote)
        both = versions(None, version)
        verdict = judge_deletion(merge, deleted_in="odoo")
        if verdict is Verdict.ASK:
            link._dispute_deletion(**both)
            link.needs_read = False
            reading.log("delete", "conflict", remote_id=link.remote_id)
            return []
        if merge.decided_by_policy:
            reading.Conflict._close_by_policy(link, merge, **both)
        if verdict is Verdict.REPEAT:
            self._repeat_our_delete(link, version)
            return []
        newcomers = self._undo_our_delete(link, remote)
        if not newcomers:
            self.end_cancellations([(link, remote)])
        return newcomers

    def _undo_our_delete(self, link: Link, remote: RemoteT) -> Pairs[RemoteT]:
        """Bring the meeting back, because Outlook's version won over our deletion."""
        link.state = "synced"
        self._kind.restore(link)
        if self._kind.meeting_of(link):
            return self.apply([(link, remote)])
        return [(link, remote)]

    def _repeat_our_delete(self, link: Link, version: RemoteEvent) -> None:
        """Send our deletion for the version that Outlook has now."""
        reading = self._reading
        was_in_conflict = link.state == "conflict"  # which took its entries as done
        link.write(reading.Link._remote_vals(version) | reading.Link._DELETED_HERE)
        if was_in_conflict:
            reading.Conflict._close_gone(link)
            if not reading.env["praetorx.ms365.approval"]._cancels(link):
                reading.Outbox._enqueue_delete_of(link)
