"""The differences between single events and series while both are applied.

The steps in ``sync/apply`` are written once. They ask a *kind* for everything that
depends on the shape of the meeting: :class:`.single.SingleEvents` or
:class:`.series.WholeSeries`. A *meeting* is a ``calendar.event`` without a recurrence,
or a ``calendar.recurrence``. A *remote* is a ``RemoteEvent`` or a ``RemoteSeries``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, TypeAlias

from ...engine.mapping.graph_series import RemoteT
from ...engine.meetings import comes_back, should_be_primary
from ...engine.merge import Merge
from ...engine.series import SeriesBase
from ...engine.snapshot import Base, Content, RemoteEvent
from ..records import Events, Link, Links, Meeting, OutboxEntry, Vals
from .reading import Reading

#: Links with their version in Outlook. The link of a newcomer may be empty.
Pairs: TypeAlias = list[tuple[Link, RemoteT]]


class Clues(ABC, Generic[RemoteT]):
    """What Odoo has that may be the same meetings as newcomers."""

    @abstractmethod
    def own_create(self, link: Link, remote: RemoteT) -> OutboxEntry:
        """Return the outbox entry that created this meeting, empty if there is none."""

    @abstractmethod
    def meeting(self, link: Link, remote: RemoteT) -> Meeting:
        """Return the meeting of Odoo that is the same, empty if there is none."""

    @abstractmethod
    def is_of_other_kind(self, link: Link, remote: RemoteT) -> bool:
        """Return True if the iCalUId is the one of a meeting of the other kind."""


class Kind(ABC, Generic[RemoteT]):
    """The interface of both kinds; methods without a body have one in each kind."""

    #: The field of links and outbox entries that refers to meetings of this kind.
    field: str
    #: Whether the copy that a move has made takes over edits of the old event.
    takes_late_edits: bool

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    # --- names ------------------------------------------------------------------------

    @abstractmethod
    def event_of(self, remote: RemoteT) -> RemoteEvent:
        """Return the ``RemoteEvent`` that stands for the meeting."""

    @abstractmethod
    def link_vals(self, remote: RemoteT) -> Vals:
        """Return the columns that identify the read version of the meeting."""

    @abstractmethod
    def outcome_vals(self, link: Link, remote: RemoteT) -> Vals:
        """Return the columns that end an update without a response, if there is one.

        The version that was read shows how much of the update has arrived.
        """

    # --- newcomers --------------------------------------------------------------------

    @abstractmethod
    def clues(self, pairs: Pairs[RemoteT]) -> Clues[RemoteT]:
        """Return Odoo's data that may be the same meetings; see ``clues.py``."""

    @abstractmethod
    def base_of_sent(
        self, entry: OutboxEntry, remote: RemoteT
    ) -> Base | SeriesBase | None:
        """Return the base snapshot of a sent create, None if unknown."""

    @abstractmethod
    def link_before_move(self, entry: OutboxEntry, remote: RemoteT) -> Links:
        """Return the link that was moved to another calendar and so made this event."""

    @abstractmethod
    def is_linked_to_other(self, link: Link, meeting: Meeting) -> bool:
        """Return True if the link has replies that were seen on another meeting."""

    @abstractmethod
    def bring_back(self, link: Link, remote: RemoteT) -> bool:
        """Have the meeting in Odoo's calendar, since this link is primary now.

        :return: False if nothing can be restored: the meeting must be created
        """

    @abstractmethod
    def create_meetings(self, pairs: Pairs[RemoteT]) -> None:
        """Create meetings that Odoo does not have; name the ones that it refuses."""

    @abstractmethod
    def forget(self, link: Link) -> None:
        """Drop the link of a meeting that is not wanted in Odoo."""

    # --- known meetings ---------------------------------------------------------------

    @abstractmethod
    def is_deleted_here(self, link: Link) -> bool:
        """Return True if a user deleted the meeting in Odoo."""

    @abstractmethod
    def merge(self, pairs: Pairs[RemoteT]) -> None:
        """Merge Outlook's versions with the meetings of primary links."""

    @abstractmethod
    def write_replies(self, link: Link, remote: RemoteT) -> Vals:
        """Write the owner's reply; return the columns with the replies seen."""

    @abstractmethod
    def restore(self, link: Link) -> None:
        """Bring a meeting back that was deleted in Odoo, if Odoo has it still."""

    # --- deletions --------------------------------------------------------------------

    @abstractmethod
    def is_over(self, link: Link) -> bool:
        """Return True if the meeting is deleted in Odoo too, or gone long since."""

    @abstractmethod
    def living_content(self, link: Link) -> Content | None:
        """Return Odoo's content of the meeting, None if it is not in its calendar."""

    @abstractmethod
    def judge_deletion(
        self, link: Link, ours: Content | None, remote: RemoteT | None
    ) -> Merge:
        """Return the merge of a meeting that one side has deleted.

        :param ours: Odoo's content, None if it is deleted there
        :param remote: None if it is deleted in Outlook
        """

    # --- the same for both ------------------------------------------------------------

    def meeting_of(self, record: Link | OutboxEntry) -> Meeting:
        """Return the Odoo meeting of a link or of an outbox entry; may be empty."""
        return record[self.field]

    def meeting_vals(self, meeting: Meeting) -> Vals:
        """Return the columns with which a link points to an Odoo meeting."""
        return {self.field: meeting.id}

    def living_events(self, meeting: Meeting) -> Events:
        """Return the events of the meeting that are in Odoo's calendar."""
        return meeting._ms365_rows().filtered("active")

    def link_of_mailbox(self, meeting: Meeting) -> Link:
        """Return this mailbox's link to the meeting, empty if there is none."""
        account = self.reading.account
        return meeting.ms365_link_ids.filtered(lambda link: link.account_id == account)

    def comes_back(self, link: Link) -> bool:
        """Return True if this version restores the meeting, which Odoo archived."""
        meeting = self.meeting_of(link)
        links = meeting.ms365_link_ids
        return comes_back(
            is_active=bool(self.living_events(meeting)),
            state=link.state,
            archived_by_sync=bool(links._archived_by_sync()),
            is_deleted_here=any(other._is_deleted_here for other in links - link),
        )

    def should_be_primary(
        self, link: Link, remote: RemoteT, *, organizer_syncs: bool
    ) -> bool:
        """Return True if Odoo's meeting is compared with this copy from now on."""
        meeting = self.meeting_of(link)
        return should_be_primary(
            is_organizer=self.event_of(remote).is_organizer,
            has_primary=(meeting.ms365_link_ids - link)._any_represents_meeting(),
            organizer_syncs=organizer_syncs,
            organizer_uses_stock=meeting._ms365_organizer()._ms365_uses_stock(),
        )

    def make_primary(self, link: Link, remote: RemoteT) -> None:
        """Compare Odoo's meeting with this copy from now on."""
        link.is_organizer = self.event_of(remote).is_organizer
        primary = self.meeting_of(link).ms365_link_ids.filtered("is_primary")
        primary._move_primary_to(link)


def read_others_again(link: Link) -> None:
    """Read other copies of this meeting again that had been set aside.

    One of them may fit now.
    """
    if uids := link._uids():
        link.search(
            [
                ("ical_uid", "in", uids),
                ("state", "=", "quarantined"),
                ("id", "!=", link.id),
            ]
        ).needs_read = True


def outcome_vals(link: Link, base: Base | SeriesBase | None) -> Vals:
    """Return the columns that end an update without a response, if there is one.

    :param base: the base that takes over the values that have arrived
    """
    if not link.sent_snapshot:
        return {}
    vals: Vals = link._base_vals(base) if base else {"sent_snapshot": False}
    return vals
