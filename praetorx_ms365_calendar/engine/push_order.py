"""Decide which outbox entries are sent together, and which request is sent first.

:mod:`.outgoing` decides what has to be done for a meeting. Some of this needs more than
one request: a search before a create is tried again, a read before a move, a look at
the own copy before a reply. Each request is planned after the response to the last one.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from enum import Enum
from typing import Protocol, TypeVar

from .link_facts import LinkFacts
from .meetings import GONE_THERE
from .snapshot import RemoteEvent

#: In these states of a link, nothing is left to delete in Outlook.
_DELETED_FOR_GOOD = frozenset({"deleted_there", "kept_there"})


class OutboxEntry(Protocol):
    """The facts of an outbox entry that decide how it is sent."""

    @property
    def event_key(self) -> Hashable:
        """Key of the meeting, also after the meeting was deleted."""

    @property
    def operation(self) -> str:
        """``upsert``, ``delete`` or ``respond``."""


Entry = TypeVar("Entry", bound=OutboxEntry)
Place = TypeVar("Place", bound=Hashable)


def request_key(entry: OutboxEntry) -> tuple[Hashable, bool]:
    """Return the same key for entries that share a request; replies have their own."""
    return entry.event_key, entry.operation == "respond"


def sent_together(entries: Iterable[Entry]) -> list[list[Entry]]:
    """Return the entries in groups; each group is sent with at most one request.

    :param entries: pending entries of one mailbox, oldest first
    """
    groups: dict[tuple[Hashable, bool], list[Entry]] = {}
    for entry in entries:
        groups.setdefault(request_key(entry), []).append(entry)
    return list(groups.values())


def deletion_was_undone(
    link: LinkFacts, *, deletes: bool, has_meeting: bool, is_alive: bool
) -> bool:
    """Return True if Outlook's version won over the deletion that the entries record.

    Then the meeting of the link is sent: Odoo has it again.

    :param deletes: whether the last entry is a deletion
    :param has_meeting: whether the meeting of the entries exists, archived or not
    :param is_alive: whether Odoo's calendar has the meeting of the link
    """
    return (deletes or not has_meeting) and link.state == "synced" and is_alive


def must_search(*, was_sent: bool, was_searched: bool) -> bool:
    """Return True if the event must be searched before its create is sent again.

    A create without a response may have arrived. It is not known how long Graph
    remembers the key of a create.

    :param was_sent: whether a create with the same key was sent before
    :param was_searched: whether a search since then found nothing
    """
    return was_sent and not was_searched


def places_to_search(
    place: Place, others: Iterable[Place], *, searched: Collection[Place]
) -> list[Place]:
    """Return the calendars to search for the event of a lost create, at least one.

    A person may have moved the event in Outlook, and Graph searches one calendar only.

    :param place: the calendar of the create, which is searched first
    :param others: the calendars to which a person can move the event
    :param searched: the calendars in which a search found nothing since the last try
    """
    places = dict.fromkeys([place, *others])
    return [one for one in places if one not in searched] or [place]


def find_lost_create(
    found: Iterable[RemoteEvent], *, stamp: str, known: Collection[str]
) -> RemoteEvent | None:
    """Return the event of a create without response, None if a search did not find it.

    A copy that a move creates has the stamp of the former event. So an event that has a
    link is not the one.

    :param found: result of the search. Graph ignores upper and lower case
    :param known: ids of the events that have a link in this mailbox
    """
    for remote in found:
        is_stamped = (remote.stamp or "").lower() == stamp.lower()
        if is_stamped and remote.remote_id not in known:
            return remote
    return None


def is_to_move(link: LinkFacts, *, is_elsewhere: bool, are_own: bool) -> bool:
    """Return True if a person has chosen another calendar for an event.

    :param is_elsewhere: whether the calendar in Odoo is another one than in Outlook
    :param are_own: whether both are the mailbox owner's own calendars
    """
    return link.is_primary and link.is_organizer and is_elsewhere and are_own


def must_inspect(
    *, has_base: bool, source_version: str | None, change_key: str | None
) -> bool:
    """Return True if an event must be read as a whole before it is moved.

    A move creates a copy, and the copy must not lose anything.

    :param has_base: whether a base of both sides is stored
    :param source_version: change key of the whole event that was read for this move
    :param change_key: change key that the link has now
    """
    return not has_base or source_version is None or source_version != change_key


def other_event_comes_first(
    link: LinkFacts, *, copy: LinkFacts | None, has_left_event: bool
) -> bool:
    """Return True if a deletion waits for the other event of the same move.

    Outlook may have edited either of them. As long as the copy exists, it can take over
    an edit of the event that the move leaves behind.

    :param copy: link of the copy, if this link is of the event that is left behind
    :param has_left_event: whether a move of this event has left one behind that Outlook
        still has
    """
    if copy and copy.is_deleted_here:
        return copy.state == "conflict"  # a person decides
    if copy:
        return copy.needs_read and not copy.has_meeting  # Odoo has it again soon
    return link.state == "deleted_here" and has_left_event


class Deletion(Enum):
    """The requests that a deletion in Odoo may need."""

    #: Delete the event with the id of the link.
    DELETE = "delete"
    #: A create was sent without a response: search its event, then delete it.
    SEARCH = "search"
    #: Outlook has no such event.
    NOTHING = "nothing"


def plan_deletion(link: LinkFacts, *, was_sent: bool) -> Deletion:
    """Return the request for a meeting that was deleted in Odoo.

    :param was_sent: whether a create of the meeting was ever sent
    """
    if link.has_remote:
        is_over = link.state in _DELETED_FOR_GOOD
        return Deletion.NOTHING if is_over else Deletion.DELETE
    return Deletion.SEARCH if was_sent else Deletion.NOTHING


class Reply(Enum):
    """The next steps for a reply that a person gave in Odoo."""

    #: Send a reply to the whole series first. Exchange copies it to the occurrences.
    AFTER_SERIES = "after_series"
    #: Send nothing: there is no reply, or it has no effect any more.
    NOTHING = "nothing"
    #: The invitation has left the mailbox: tell the person.
    LOST = "lost"
    #: The invitation has not arrived yet, or may come back.
    AWAIT = "await"
    #: Read the whole series, for the ids of its occurrences.
    READ_SERIES = "read_series"
    #: Read the own copy: see :func:`.replies.plan_reply`.
    LOOK = "look"
    #: Send the reply.
    RESPOND = "respond"


def plan_reply_request(
    link: LinkFacts,
    *,
    reply: str | None,
    is_organizer: bool,
    is_alive: bool,
    has_invitation: bool,
    was_searched: bool,
    was_looked_at: bool,
    follows_series: bool = False,
    comes_again: bool = False,
) -> Reply:
    """Return the next step for a reply to a meeting.

    :param link: of the person's mailbox to the meeting
    :param reply: Graph's value, None if the person has no reply in Odoo any more
    :param is_organizer: whether the person organizes the meeting in Odoo
    :param is_alive: whether Odoo's calendar has the meeting
    :param has_invitation: whether the id of the event to reply to is known. For one
        occurrence it is not the id of the link
    :param was_searched: whether the series was read for that id
    :param was_looked_at: whether the own copy was read a moment ago for this reply
    :param follows_series: whether a reply to the whole series waits, and this one is to
        one of its occurrences
    :param comes_again: whether another copy of the meeting, which this mailbox has too,
        will be read soon
    """
    if follows_series:
        return Reply.AFTER_SERIES
    if not reply or is_organizer:
        return Reply.NOTHING
    if comes_again and link.state in GONE_THERE:
        return Reply.AWAIT
    if link.state == "deleted_there":
        is_over = reply == "declined" or not is_alive
        return Reply.NOTHING if is_over else Reply.LOST
    if not link.has_remote or link.state == "deleted_here":
        return Reply.AWAIT
    is_unknown = not (has_invitation or was_searched)
    if link.is_series and (link.needs_read or is_unknown):
        return Reply.READ_SERIES
    if not has_invitation:
        return Reply.NOTHING if reply == "declined" else Reply.LOST
    return Reply.RESPOND if was_looked_at else Reply.LOOK


class NoCopy(Enum):
    """The next steps for a reply if Outlook does not have the own copy any more."""

    #: Outlook has deleted the copy, and declining asks for nothing else.
    DECLINED = "declined"
    #: The invitation has come again: the reply is for that copy.
    COMES_AGAIN = "comes_again"
    #: Read the series: after a move, its occurrences have other ids.
    READ_SERIES = "read_series"
    #: The invitation has left the mailbox: tell the person.
    LOST = "lost"


def plan_reply_without_copy(
    reply: str | None,
    *,
    is_occurrence: bool,
    was_searched: bool,
    has_other_copy: bool = False,
) -> NoCopy:
    """Return the next step for a reply if Graph has no event to reply to.

    :param reply: Graph's value, None if the person has no reply in Odoo any more
    :param is_occurrence: whether it is a reply to one occurrence of a series
    :param was_searched: whether the series was read for the id of that occurrence, or
        the copy was missing before
    :param has_other_copy: whether this mailbox has another copy, which was set aside
        because the missing one was thought to be there
    """
    if has_other_copy and not (is_occurrence or was_searched):
        return NoCopy.COMES_AGAIN
    if reply == "declined":
        return NoCopy.DECLINED
    if is_occurrence and not was_searched:
        return NoCopy.READ_SERIES
    return NoCopy.LOST
