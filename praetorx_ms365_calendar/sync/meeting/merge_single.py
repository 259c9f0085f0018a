"""Merges Outlook's versions of single events with Odoo's events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...engine.merge import Merge, next_base, value_for_odoo
from ...engine.reasons import because, parts_skipped
from ...engine.recorded_names import names_to_record
from ...engine.series_units import ALL
from ...engine.snapshot import Base, Content, RemoteEvent
from ...engine.versions import change_of_event
from ..records import Event, Link
from ..write.lookups import Lookups
from .kind import Pairs
from .reading import Reading, reason_of

if TYPE_CHECKING:
    from .single import SingleEvents


class SingleMerger:
    """Merges events, each on a savepoint of its own; reads them together before.

    Interface: :meth:`merge` for new versions, :meth:`describe_skipped` for the log.

    """

    def __init__(self, reading: Reading, kind: SingleEvents) -> None:
        self._reading = reading
        self._kind = kind

    def merge(self, pairs: Pairs[RemoteEvent]) -> None:
        """Merge new versions with the events of primary links."""
        reading = self._reading
        theirs = [remote.full_content for _link, remote in pairs]
        events = reading.env["calendar.event"].union(
            *(link.event_id for link, _remote in pairs)
        )
        contents = events._ms365_read_contents()
        lookups = Lookups(
            reading.env, [*theirs, *contents.values()], account=reading.account
        )
        merges = events._detect_pull_conflicts(
            {link.event_id: (link, remote.content) for link, remote in pairs},
            contents,
            {
                link.event_id: (remote.change_key, remote.modified_at)
                for link, remote in pairs
            },
        )
        for link, remote in pairs:

            def refused(
                error: Exception, link: Link = link, remote: RemoteEvent = remote
            ) -> None:
                lookups.forget()
                reason = reason_of(error, remote)
                reading.quarantine(link, remote.remote_id, reason)

            event = link.event_id
            with reading.on_savepoint(refused):
                self._merge_one(link, remote, merges[event], contents[event], lookups)

    def describe_skipped(self, remote: RemoteEvent, lookups: Lookups) -> str:
        """Return a reason for skipped values of an event, without people's names.

        Return an empty text if nothing is skipped.
        """
        count = lookups.without_contact(remote.full_content.attendees)
        if count and not remote.warnings:
            return because("without_contact", count=count)
        return parts_skipped(remote.warnings, count=count)

    # ------------------------------------------------------------------

    def _merge_one(
        self,
        link: Link,
        remote: RemoteEvent,
        merge: Merge,
        ours: Content,
        lookups: Lookups,
    ) -> None:
        reading, event = self._reading, link.event_id
        if merge.conflicts:
            self._open_conflict(link, remote, merge, ours)
            return
        if merge.decided_by_policy:
            reading.Conflict._close_by_policy(link, merge, **versions(ours, remote))
        Outbox = link._outbox_of_decider(remote.change_key)
        if self._kind.comes_back(link):
            reading.writer.revive(event)
        theirs = remote.full_content
        base = self._write(link, merge, ours, remote, lookups)
        replies = reading.writer.write_replies(event, remote, link.answers or {})
        reading.writer.record_teams_link(event, remote)
        agreed = self._agreed(event, base, theirs, merge)
        names, is_waiting = self._names_to_send(link, event, merge)
        if change := change_of_event(ours, agreed.ours, merge.to_odoo):
            reading.changes(link, {ALL: change})
        reading.end_conflict(link)
        link.write(
            {
                **reading.Link._remote_vals(remote),
                **reading.Link._base_vals(agreed),
                "answers": replies,
                "decision": False,
                "state": "synced",
                "reason": False,
                "awaits_word": link.awaits_word and bool(merge.to_graph),
            }
        )
        origin = {"sync_origin": "outlook"} if merge.to_odoo else {}
        self._show(event, theirs, remote.change_key, is_waiting=is_waiting, **origin)
        if merge.to_odoo:
            reading.changed(event)
        self._record_rest(Outbox, link, merge, names)
        reading.log(
            "update",
            "done" if merge.to_odoo else "nothing",
            event=event,
            remote_id=remote.remote_id,
            field_names=merge.to_odoo,
            reason=self.describe_skipped(remote, lookups),
        )

    def _record_rest(
        self, Outbox: Any, link: Link, merge: Merge, names: frozenset[str]
    ) -> None:
        """Put the fields that Outlook does not have yet into the outbox."""
        if names:
            entries = Outbox._enqueue_upserts(
                link.event_id, noted_late=not merge.by_person, names=names
            )
            if merge.by_person:
                entries._agree_to_mails()
        if not (merge.withheld or link.awaits_word):
            link.unsent_names = False  # what was not sent is sent now, or is equal

    def _open_conflict(
        self, link: Link, remote: RemoteEvent, merge: Merge, ours: Content
    ) -> None:
        reading = self._reading
        reading.Conflict._open(link, merge.conflicts, **versions(ours, remote))
        link.write({"needs_read": False, "decision": False})
        reading.log(
            "update",
            "conflict",
            event=link.event_id,
            remote_id=remote.remote_id,
            field_names=merge.conflicts,
        )
        reading.changed(link.event_id)

    def _write(
        self,
        link: Link,
        merge: Merge,
        ours: Content,
        remote: RemoteEvent,
        lookups: Lookups,
    ) -> Base | None:
        """Write Outlook's part of a merge to Odoo; return the base of the merge."""
        base = link._base_against(remote.full_content)
        if merge.to_odoo:
            content = value_for_odoo(base, ours, merge)
            self._reading.writer.write_content(
                link.event_id, content, merge.to_odoo, lookups, remote
            )
        return base

    def _agreed(
        self, event: Event, base: Base | None, theirs: Content, merge: Merge
    ) -> Base:
        """Return the base that both sides agree on, after Odoo was written."""
        ours_now = event._ms365_read_contents({event: theirs})[event]
        return next_base(base, ours_now, theirs, merge)

    def _show(
        self,
        event: Event,
        theirs: Content,
        change_key: str,
        *,
        is_waiting: bool,
        **origin: str,
    ) -> None:
        event._ms365_write_bookkeeping(
            {
                "ms365_sync_state": "pending" if is_waiting else "synced",
                "synced_field_hash": theirs.hash,
                "ms_change_key": change_key,
                **origin,
            }
        )

    def _names_to_send(
        self, link: Link, event: Event, merge: Merge
    ) -> tuple[frozenset[str], bool]:
        """Return the fields that a merge leaves to be sent, and whether any are.

        Fields that no edit has named stay in Odoo: they are not sent along.
        """
        if not merge.to_graph:
            return frozenset(), False
        if link.awaits_word:
            chosen = merge.kept_odoo if merge.by_person else frozenset()
            return merge.to_graph & chosen, True
        recorded, waiting = self._reading.Outbox._unarrived_names(link, event.id)
        names = names_to_record(merge, recorded, waiting)
        return names, bool(names or waiting is None or waiting & merge.to_graph)


def versions(ours: Content | None, remote: RemoteEvent) -> dict[str, Any]:
    """Return both versions of an event as a conflict keeps them."""
    return {
        "ours": ours,
        "theirs": remote.content,
        "change_key": remote.change_key,
        "modified_at": remote.modified_at,
    }
