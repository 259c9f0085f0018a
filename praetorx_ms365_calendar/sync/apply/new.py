"""Identify meetings without a link, and link or create them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Generic, Literal

from odoo import fields

from ...engine.choices import facts_of
from ...engine.mapping.graph_series import RemoteT
from ...engine.mapping.title_prefix import without_prefix
from ...engine.meetings import Newcomer, may_be_gone, waits_for_organizer
from ...engine.newcomers import NewcomerFacts, plan_newcomers
from ...engine.reasons import because
from ...engine.snapshot import Content, RemoteEvent
from ..meeting.kind import Clues, Kind, Pairs
from ..meeting.reading import Reading
from ..records import Link, Meeting, OutboxEntry, Vals
from .known import KnownMeetings
from .where import give_way, owner_may_bring


class NewMeetings(Generic[RemoteT]):
    """Carries out the step of each newcomer, single event or series.

    Interface: :meth:`apply`.

    :param kind: of all meetings that it gets
    :param known: for meetings that Odoo already has
    """

    def __init__(
        self, reading: Reading, kind: Kind[RemoteT], known: KnownMeetings[RemoteT]
    ) -> None:
        self._reading = reading
        self._kind: Kind[RemoteT] = kind
        self._known: KnownMeetings[RemoteT] = known
        #: By the organizer's address. Looked for once, if there are invitations.
        self._unanswered: Mapping[str, list[tuple[Content, timedelta]]] | None = None

    def apply(self, pairs: Pairs[RemoteT]) -> None:
        """Link meetings that Odoo already has; create only the others.

        :param pairs: the link of a single event may be empty
        """
        calendar, clues = self._reading.calendar, self._kind.clues(pairs)
        plan = plan_newcomers(
            [self._facts(link, remote, clues) for link, remote in pairs],
            is_shared=calendar._is_shared(),
            direction=calendar.effective_direction or "both",
        )
        for number, newcomer in plan:
            if newcomer is not Newcomer.NEW:
                link, remote = pairs[number]
                self._carry_out(newcomer, link, remote, clues)
        to_create = [pairs[number] for number, kind in plan if kind is Newcomer.NEW]
        if to_create:
            self._kind.create_meetings(to_create)

    def _facts(
        self, link: Link, remote: RemoteT, clues: Clues[RemoteT]
    ) -> NewcomerFacts:
        entry = clues.own_create(link, remote)
        meeting = clues.meeting(link, remote)
        former = self._former(meeting)
        event = self._kind.event_of(remote)
        fate = self._fate_of(entry) if entry else None
        same = self._kind.meeting_of(entry) if fate == "alive" else meeting
        return NewcomerFacts(
            event.ical_uid,
            meeting=same.id if same else None,
            own_create=fate,
            former_state=former.state or None,
            former_is_shared=former.calendar_id._is_shared(),
            is_organizer=event.is_organizer,
            waits=not meeting and self._waits_for_organizer(link, event),
            is_of_other_kind=clues.is_of_other_kind(link, remote),
            is_left_out=self._is_left_out(event),
        )

    def _is_left_out(self, event: RemoteEvent) -> bool:
        """Return True if the owner does not want such meetings in Odoo."""
        facts = facts_of(event, is_shared=self._reading.calendar._is_shared())
        return bool(self._reading.account._choices().leave_out(**facts))

    def _fate_of(self, entry: OutboxEntry) -> Literal["alive", "deleted"]:
        events = self._kind.living_events(self._kind.meeting_of(entry))
        return "alive" if events else "deleted"

    def _former(self, meeting: Meeting) -> Link:
        """Return this mailbox's link to a meeting, empty if there is none."""
        return self._kind.link_of_mailbox(meeting) if meeting else self._reading.Link

    def _carry_out(
        self, newcomer: Newcomer, link: Link, remote: RemoteT, clues: Clues[RemoteT]
    ) -> None:
        """Carry out one step, any but ``NEW``."""
        meeting = clues.meeting(link, remote)
        match newcomer:
            case Newcomer.OWN_DELETED:
                entry = clues.own_create(link, remote)
                self._own_create_deleted_since(link, remote, entry)
            case Newcomer.OWN:
                entry = clues.own_create(link, remote)
                self._link_own_create(link, remote, entry)
            case Newcomer.RETURNS:
                self._come_back(self._former(meeting), link, remote)
            case Newcomer.TAKES_PLACE:
                give_way(self._former(meeting), self._reading.calendar)
                self._reading.writer.add_owner(meeting._ms365_rows())
                self._link_existing(link, remote, meeting)
            case Newcomer.KNOWN:
                self._link_existing(link, remote, meeting)
            case Newcomer.OTHER_VIEW:
                self._save(link, remote, {"state": "other_view"})
            case Newcomer.SECOND_COPY | Newcomer.OTHER_KIND:
                self._quarantine(newcomer, link, self._kind.event_of(remote))
                if newcomer is Newcomer.SECOND_COPY:
                    self._verify_first(self._former(meeting))
            case Newcomer.WAITS:
                self._save(link, remote, {"state": "waiting", "is_primary": False})
            case Newcomer.NOT_WANTED:
                self._forget(link, self._kind.event_of(remote))

    def _forget(self, link: Link, event: RemoteEvent) -> None:
        """Leave a meeting in Outlook only; log the reason if the owner chose that."""
        if self._is_left_out(event):
            self._reading.log(
                "read",
                "nothing",
                remote_id=event.remote_id,
                reason=because("left_out"),
            )
        self._kind.forget(link)

    def _save(self, link: Link, remote: RemoteT, vals: Vals) -> Link:
        return self._reading.save_link(link, {**self._kind.link_vals(remote), **vals})

    def _drop(self, link: Link) -> None:
        """Delete the link of a copy, because an older link takes over its id."""
        link.unlink()
        self._reading.env.flush_all()  # the unique index knows each id but once

    def _log_link(self, meeting: Meeting, remote: RemoteT) -> None:
        self._reading.log(
            "link",
            "done",
            event=meeting._ms365_any_event(),
            remote_id=self._kind.event_of(remote).remote_id,
        )

    def _quarantine(self, newcomer: Newcomer, link: Link, event: RemoteEvent) -> None:
        """Set aside a second copy, or a second kind: the first one stays."""
        if newcomer is Newcomer.SECOND_COPY:
            key = "second_copy"
        else:
            key = "same_single" if event.kind == "seriesMaster" else "same_series"
        self._reading.quarantine(link, event.remote_id, because(key), event)

    @staticmethod
    def _verify_first(former: Link) -> None:
        """Have the first copy of a meeting read, because a second one has come."""
        if former.remote_id and may_be_gone(former.state or None):
            former.needs_read = True

    # ------------------------------------------------------------------
    # Our own creates
    # ------------------------------------------------------------------

    def _own_create_deleted_since(
        self, link: Link, remote: RemoteT, entry: OutboxEntry
    ) -> None:
        """Delete an own create that was deleted in Odoo before its id was recorded."""
        reading, event = self._reading, self._kind.event_of(remote)
        meeting = self._kind.meeting_of(entry)
        link = link or self._former(meeting) or entry.link_id
        if link and link.remote_id not in (False, event.remote_id):
            sent = self._kind.base_of_sent(entry, remote)
            calendar_id = reading.calendar.id
            link._leave_copy_behind(event.remote_id, calendar_id, sent and sent.ours)
            return  # a move has made it; the original exists, too
        base = self._kind.base_of_sent(entry, remote)
        agreed = reading.Link._base_vals(base) if base else {}
        vals = {**agreed, **reading.Link._DELETED_HERE, "is_primary": True}
        link = self._save(link, remote, vals)
        deletes = reading.Outbox.search(
            [
                ("account_id", "=", reading.account.id),
                ("event_key", "=", entry.event_key),
                ("operation", "=", "delete"),
            ]
        )
        if deletes:  # closed already: there was nothing to delete then
            reading.Outbox._enqueue_delete_of(link)
        elif not meeting.ms365_link_ids._archived_by_sync():
            link._resume_deletions()  # deleted while this mailbox did not send

    def _link_own_create(self, link: Link, remote: RemoteT, entry: OutboxEntry) -> None:
        """Link an own create if the process died before its id was recorded."""
        reading, meeting = self._reading, self._kind.meeting_of(entry)
        former = self._former(meeting)
        if link and former and not former.remote_id:
            self._drop(link)  # it was only made to read the series
            link = former
        link = link or former
        base = self._kind.base_of_sent(entry, remote)
        remote = without_prefix(remote, entry.title_prefix)
        event = self._kind.event_of(remote)
        vals = {
            **self._kind.meeting_vals(meeting),
            "is_primary": True,
            "title_prefix": entry.title_prefix,
        }
        if base:
            vals |= reading.Link._base_vals(base)
        moved = self._kind.link_before_move(entry, remote)
        if moved:
            place = {**reading.new_link_vals(), "remote_id": event.remote_id}
            moved._move_to(place)
        link = self._save(moved or link, remote, vals)
        self._log_link(meeting, remote)
        self._known.apply([(link, remote)])

    # ------------------------------------------------------------------
    # Meetings that Odoo has
    # ------------------------------------------------------------------

    def _come_back(self, former: Link, link: Link, remote: RemoteT) -> None:
        """Take an invitation that comes again after its copy has left the calendars.

        :param former: this mailbox's link to the meeting
        :param link: of the new copy, if it came before the old one was known to be gone
        """
        kind, meeting = self._kind, self._kind.meeting_of(former)
        if former.state == "calendar_off":  # its copy is gone, or is not followed
            former.state = "deleted_there"
        returns = kind.comes_back(former)
        former._forget_own_replies()
        if link and link != former:
            self._drop(link)
        if self._reading.calendar:  # the old copy may have been in another one
            former._find_calendar(self._reading.calendar)
        self._save(former, remote, kind.meeting_vals(meeting))
        if returns and not kind.bring_back(former, remote):
            kind.create_meetings([(former, remote)])
            return
        if returns:
            self._reading.changed(meeting._ms365_rows())
        self._known.apply([(former, remote)])
        self._reading.Outbox._requeue_replies(former)

    def _link_existing(self, link: Link, remote: RemoteT, meeting: Meeting) -> None:
        """Link a meeting that Odoo has: from another mailbox, or from earlier times."""
        kind = self._kind
        vals = {**kind.meeting_vals(meeting), "is_primary": False}
        if kind.is_linked_to_other(link, meeting):
            vals["answers"] = False  # they were replies to an event that is gone
        link = self._save(link, remote, vals)
        self._log_link(meeting, remote)
        organizer = self._organizer_account(kind.event_of(remote))
        if not kind.should_be_primary(link, remote, organizer_syncs=bool(organizer)):
            self._known.apply_copy(link, remote)
        else:
            kind.make_primary(link, remote)
            if kind.bring_back(link, remote):
                self._known.apply([(link, remote)])
            else:
                kind.create_meetings([(link, remote)])
        self._reading.Outbox._requeue_replies(link)

    # ------------------------------------------------------------------
    # Waiting for the organizer's mailbox
    # ------------------------------------------------------------------

    def _organizer_account(self, event: RemoteEvent) -> int | None:
        """Return the id of the organizer's account if its mailbox is synced here."""
        if event.is_organizer or not event.organizer:
            return None
        account = self._reading.account
        account_id = account._organizer_addresses().get(event.organizer.email)
        return account_id if account_id != account.id else None

    def _waits_for_organizer(self, link: Link, event: RemoteEvent) -> bool:
        """Return True if the organizer's own mailbox will bring this meeting."""
        account = self._reading.account.browse(self._organizer_account(event))
        brings_it = account.state == "active"
        if brings_it and self._reading.calendar._is_shared():
            # Perhaps the owner does not sync this calendar.
            brings_it = owner_may_bring(account)
        waited = None
        if link and link.state == "waiting":
            waited = fields.Datetime.now() - link.create_date
        return waits_for_organizer(
            event.full_content,
            organizer_brings_it=brings_it,
            waited=waited,
            unanswered=self._unanswered_of_organizer(event),
        )

    def _unanswered_of_organizer(
        self, event: RemoteEvent
    ) -> list[tuple[Content, timedelta]]:
        """Return the organizer's creates that had no response, for an invitation."""
        if event.is_organizer or not event.organizer:
            return []
        if self._unanswered is None:
            self._unanswered = self._reading.Outbox._unanswered_creates()
        return self._unanswered.get(event.organizer.email, [])
