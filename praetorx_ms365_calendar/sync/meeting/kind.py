"""The differences between single events and series while both are applied.

The steps in ``sync/apply`` are written once. They ask a *kind* for everything that
depends on the shape of the meeting: :class:`.single.SingleEvents` or
:class:`.series.WholeSeries`. A *meeting* is a ``calendar.event`` without a recurrence,
or a ``calendar.recurrence``. A *remote* is a ``RemoteEvent`` or a ``RemoteSeries``.
"""

from abc import ABC, abstractmethod

from ...engine.meetings import comes_back, should_be_primary


class Kind(ABC):
    """The interface of both kinds; methods without a body have one in each kind."""

    #: The field of links and outbox entries that refers to meetings of this kind.
    field: str
    #: Whether the copy that a move has made takes over edits of the old event.
    takes_late_edits: bool

    def __init__(self, reading):
        self.reading = reading

    # --- names ------------------------------------------------------------------------

    @abstractmethod
    def event_of(self, remote):
        """Return the ``RemoteEvent`` that stands for the meeting."""

    @abstractmethod
    def link_vals(self, remote):
        """Return the columns that identify the read version of the meeting."""

    @abstractmethod
    def without_prefix(self, remote, prefix):
        """Return the remote without the title prefix that Odoo has sent."""

    # --- newcomers --------------------------------------------------------------------

    @abstractmethod
    def clues(self, pairs):
        """Return Odoo's data that may be the same meetings; see ``clues.py``."""

    @abstractmethod
    def base_of_sent(self, entry, remote):
        """Return the base snapshot of a sent create, None if unknown."""

    @abstractmethod
    def link_before_move(self, entry, remote):
        """Return the link that was moved to another calendar and so made this event."""

    @abstractmethod
    def is_linked_to_other(self, link, meeting):
        """Return True if the link has replies that were seen on another meeting."""

    @abstractmethod
    def bring_back(self, link, remote):
        """Have the meeting in Odoo's calendar, since this link is primary now.

        :return: False if nothing can be restored: the meeting must be created
        """

    @abstractmethod
    def create_meetings(self, pairs):
        """Create meetings that Odoo does not have; name the ones that it refuses."""

    @abstractmethod
    def forget(self, link):
        """Drop the link of a meeting that is not wanted in Odoo."""

    # --- known meetings ---------------------------------------------------------------

    @abstractmethod
    def is_deleted_here(self, link):
        """Return True if a user deleted the meeting in Odoo."""

    @abstractmethod
    def merge(self, pairs):
        """Merge Outlook's versions with the meetings of primary links."""

    @abstractmethod
    def take_replies(self, link, remote):
        """Write the owner's reply; return the columns with the replies seen."""

    @abstractmethod
    def take_back(self, link):
        """Bring a meeting back that was deleted in Odoo, if Odoo has it still."""

    # --- deletions --------------------------------------------------------------------

    @abstractmethod
    def is_over(self, link):
        """Return True if the meeting is deleted in Odoo too, or gone long since."""

    @abstractmethod
    def living_content(self, link):
        """Return Odoo's content of the meeting, None if it is not in its calendar."""

    @abstractmethod
    def judge_deletion(self, link, ours, remote, modified_at=None):
        """Return the merge of a meeting that one side has deleted.

        :param ours: Odoo's content, None if it is deleted there
        :param remote: None if it is deleted in Outlook
        """

    # --- the same for both ------------------------------------------------------------

    def meeting_of(self, record):
        """Return the Odoo meeting of a link or of an outbox entry; may be empty."""
        return record[self.field]

    def meeting_vals(self, meeting):
        """Return the columns with which a link points to an Odoo meeting."""
        return {self.field: meeting.id}

    def living_events(self, meeting):
        """Return the events of the meeting that are in Odoo's calendar."""
        return meeting._ms365_rows().filtered("active")

    def link_of_mailbox(self, meeting):
        """Return this mailbox's link to the meeting, empty if there is none."""
        account = self.reading.account
        return meeting.ms365_link_ids.filtered(lambda link: link.account_id == account)

    def comes_back(self, link):
        """Return True if this version restores the meeting, which Odoo archived."""
        meeting = self.meeting_of(link)
        links = meeting.ms365_link_ids
        return comes_back(
            is_active=bool(self.living_events(meeting)),
            state=link.state,
            archived_by_sync=bool(links._archived_by_sync()),
            is_deleted_here=any(other._is_deleted_here for other in links - link),
        )

    def should_be_primary(self, link, remote, *, organizer_syncs):
        """Return True if Odoo's meeting is compared with this copy from now on."""
        meeting = self.meeting_of(link)
        return should_be_primary(
            is_organizer=self.event_of(remote).is_organizer,
            has_primary=(meeting.ms365_link_ids - link)._any_represents_meeting(),
            organizer_syncs=organizer_syncs,
            organizer_uses_stock=meeting._ms365_organizer()._ms365_uses_stock(),
        )

    def make_primary(self, link, remote):
        """Compare Odoo's meeting with this copy from now on."""
        link.is_organizer = self.event_of(remote).is_organizer
        primary = self.meeting_of(link).ms365_link_ids.filtered("is_primary")
        primary._move_primary_to(link)


def read_others_again(link):
    """Read other copies of this meeting again that had been set aside as unfitting."""
    if link.ical_uid:
        link.search(
            [
                ("ical_uid", "=", link.ical_uid),
                ("state", "=", "quarantined"),
                ("id", "!=", link.id),
            ]
        ).needs_read = True
