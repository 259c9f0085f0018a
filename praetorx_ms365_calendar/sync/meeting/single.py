"""Single events: their differences from series when applied; see ``kind.py``."""

from __future__ import annotations

from ...engine.merge import Merge
from ...engine.snapshot import Base, Content, RemoteEvent
from ..records import Events, Link, Links, Meeting, OutboxEntry, Vals
from ..write.lookups import Lookups
from .clues import CluesOfEvents
from .kind import Clues, Kind, Pairs, outcome_vals
from .merge_single import SingleMerger
from .reading import Reading, is_same_meeting_race, reason_of


class SingleEvents(Kind[RemoteEvent]):
    """The kind of ``calendar.event`` without a recurrence. Works on many at once."""

    field = "event_id"
    takes_late_edits = True

    def __init__(self, reading: Reading) -> None:
        super().__init__(reading)
        self._merge = SingleMerger(reading, self)

    # --- names ------------------------------------------------------------------------

    def event_of(self, remote: RemoteEvent) -> RemoteEvent:
        return remote

    def link_vals(self, remote: RemoteEvent) -> Vals:
        return self.reading.Link._remote_vals(remote)

    def outcome_vals(self, link: Link, remote: RemoteEvent) -> Vals:
        return outcome_vals(link, link._base_against(remote.full_content))

    def link_of_mailbox(self, meeting: Meeting) -> Link:
        """Return this mailbox's link to the event, or to the series it belongs to."""
        return meeting._ms365_link_of(self.reading.account)

    # --- newcomers --------------------------------------------------------------------

    def clues(self, pairs: Pairs[RemoteEvent]) -> Clues[RemoteEvent]:
        remotes = [remote for _link, remote in pairs]
        return CluesOfEvents(self.reading.account, self.reading.calendar, remotes)

    def base_of_sent(self, entry: OutboxEntry, remote: RemoteEvent) -> Base | None:
        sent = entry.sent_content and Content.from_json(entry.sent_content)
        return Base(sent, sent) if sent else None

    def link_before_move(self, entry: OutboxEntry, remote: RemoteEvent) -> Links:
        return entry.event_id.ms365_link_ids.filtered(
            lambda link: (
                link.account_id == self.reading.account
                and link.remote_id
                and link.remote_id != remote.remote_id
            )
        )

    def is_linked_to_other(self, link: Link, meeting: Meeting) -> bool:
        return bool(link) and link.event_id != meeting

    def bring_back(self, link: Link, remote: RemoteEvent) -> bool:
        event = link.event_id
        if not event.active:  # others have left the meeting, and not this mailbox
            self.reading.writer.revive(event)
            (event.ms365_link_ids - link)._undo_attendee_deletion()
        return True

    def create_meetings(self, pairs: Pairs[RemoteEvent]) -> None:
        """Create the events in bulk; one by one if Odoo refuses one of them."""

        def one_by_one(_error: Exception) -> None:
            for pair in pairs:
                self._create_alone(*pair)

        with self.reading.on_savepoint(one_by_one):
            self._create_together(pairs)

    def forget(self, link: Link) -> None:
        """Keep the link, if there is one: it was known before this page."""

    def _create_alone(self, link: Link, remote: RemoteEvent) -> None:
        def refused(error: Exception) -> None:
            reason = reason_of(error, remote)
            self.reading.quarantine(link, remote.remote_id, reason, remote)

        with self.reading.on_savepoint(refused, passes=is_same_meeting_race):
            self._create_together([(link, remote)])

    def _create_together(self, pairs: Pairs[RemoteEvent]) -> None:
        reading = self.reading
        remotes = [remote for _link, remote in pairs]
        lookups = Lookups(
            reading.env,
            [remote.full_content for remote in remotes],
            organizers=[r.organizer for r in remotes if not r.is_organizer],
            account=reading.account,
        )
        lookups.make_missing(remotes)
        events = reading.writer.create_events(remotes, lookups)
        self._link_created(events, pairs)
        for event, remote in zip(events, remotes, strict=True):
            reading.log(
                "create",
                "done",
                event=event,
                remote_id=remote.remote_id,
                reason=self._merge.describe_skipped(remote, lookups),
            )
        reading.changed(events)

    def _link_created(self, events: Events, pairs: Pairs[RemoteEvent]) -> None:
        reading = self.reading
        remotes = [remote for _link, remote in pairs]
        contents = events._ms365_read_contents(
            dict(zip(events, (remote.content for remote in remotes), strict=True))
        )
        link_vals = []
        for event, (link, remote) in zip(events, pairs, strict=True):
            vals = {
                **self.link_vals(remote),
                **reading.Link._base_vals(Base(contents[event], remote.full_content)),
                "answers": reading.writer.replies(remote),
                "event_id": event.id,
                "is_primary": True,
                "state": "synced",
            }
            if link:
                reading.save_link(link, vals)
            else:
                link_vals.append(reading.new_link_vals() | vals)
            if remote.join_url:
                event._ms365_tell_join_link()
        reading.Link.create(link_vals)

    # --- known meetings ---------------------------------------------------------------

    def is_deleted_here(self, link: Link) -> bool:
        return link._is_deleted_here

    def merge(self, pairs: Pairs[RemoteEvent]) -> None:
        self._merge.merge(pairs)

    def write_replies(self, link: Link, remote: RemoteEvent) -> Vals:
        replies = link.answers
        if not self.reading.calendar._is_shared():
            replies = self.reading.writer.write_replies(
                link.event_id, remote, link.answers or {}, own_only=not link.is_primary
            )
        return {"answers": replies}

    def restore(self, link: Link) -> None:
        if link.event_id:
            self.reading.writer.revive(link.event_id)
            link.event_id.ms365_link_ids._record_undeletion()

    # --- deletions --------------------------------------------------------------------

    def is_over(self, link: Link) -> bool:
        return link._is_deleted_here or link.state == "deleted_there"

    def living_content(self, link: Link) -> Content | None:
        event = link.event_id
        return event._ms365_read_contents()[event] if event.active else None

    def judge_deletion(
        self, link: Link, ours: Content | None, remote: RemoteEvent | None
    ) -> Merge:
        event, theirs = link.event_id, remote and remote.content
        version = (remote.change_key, remote.modified_at) if remote else (None, None)
        return event._detect_pull_conflicts(
            {event: (link, theirs)}, {event: ours}, {event: version}
        )[event]
