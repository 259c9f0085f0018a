"""Decide which request, if any, the recorded edits of one meeting need. Pure."""

from __future__ import annotations

from enum import Enum

from .link_facts import LinkFacts


class Outgoing(Enum):
    """The next step to bring Odoo's version to Outlook."""

    #: Read the event first: we may not know its latest version in Outlook.
    READ = "read"
    NOTHING = "nothing"
    #: Send nothing until a person has resolved the conflict.
    IN_CONFLICT = "in_conflict"
    #: Send nothing until it is decided whether to delete the event in Odoo too.
    AWAITS_DECISION = "held"
    DELETE = "delete"
    #: Odoo has no occurrence of the series any more, and nobody has deleted it.
    NOTHING_LEFT = "nothing_left"
    #: Search for the copy of a move that had no response, also if it was withdrawn.
    SEARCH_COPY = "search_copy"
    MOVE = "move"
    PATCH = "patch"
    CREATE = "create"
    #: The organizer cancelled it, and Odoo kept it: we may not invite people to it.
    NOT_OURS = "not_ours"


def is_recorded(link: LinkFacts, *, deletes: bool, was_sent: bool) -> bool:
    """Return True if an edit in Odoo is added to the outbox of a mailbox.

    :param link: of the mailbox to the meeting
    :param deletes: whether the edit is a deletion
    :param was_sent: whether an edit of the meeting was added before
    """
    was_declined = link.state == "deleted_there" and not link.is_organizer
    if link.state == "calendar_off" or (link.is_primary and was_declined):
        return False
    return not deletes or was_sent or link.state is not None


def plan_outgoing(
    link: LinkFacts,
    *,
    deletes: bool,
    is_alive: bool,
    is_in_series: bool,
    is_to_move: bool,
    is_series: bool = False,
    is_held: bool = False,
    is_copy_lost: bool = False,
) -> Outgoing:
    """Return the next step for a meeting that a person created, edited or deleted.

    :param link: of the mailbox to that meeting
    :param deletes: whether one of the edits is a deletion
    :param is_alive: whether Odoo has the meeting. It may have it even after a deletion:
        Outlook's version won, or the event was restored
    :param is_in_series: whether it is an occurrence; a series is sent as a whole
    :param is_to_move: whether a person has chosen another calendar for it
    :param is_series: whether it is a whole series
    :param is_held: whether a person decides about the deletion of occurrences
    :param is_copy_lost: whether the copy of a move must be searched: see
        :func:`.push_order.must_search`
    """
    waits = _wait(link, is_series=is_series, is_held=is_held)
    if waits:
        return waits
    if is_copy_lost and _has_copy(link):
        return Outgoing.SEARCH_COPY
    if is_in_series and link.state is None:
        return Outgoing.NOTHING
    if deletes and not (is_alive and link.state == "synced"):
        return Outgoing.DELETE
    if not is_alive:
        return _missing(link, is_series=is_series)
    if _has_copy(link):
        # If another mailbox is primary now, it sends the edit.
        if not (link.is_primary or is_series):
            return Outgoing.NOTHING
        return Outgoing.MOVE if is_to_move else Outgoing.PATCH
    if link.has_remote and not link.is_organizer:
        return Outgoing.NOT_OURS
    if is_in_series:  # it became a series before it was sent: the series is sent
        return Outgoing.NOTHING
    return Outgoing.CREATE


def _has_copy(link: LinkFacts) -> bool:
    return link.has_remote and link.state != "deleted_there"


def _wait(link: LinkFacts, *, is_series: bool, is_held: bool) -> Outgoing | None:
    """Return the step that comes before any write, None if we can write now.

    A single event is read at once. A series is read only if its edits can be sent.
    """
    is_unknown = link.needs_read and link.has_remote
    if is_unknown and not is_series:
        return Outgoing.READ
    if link.state == "calendar_off":
        return Outgoing.NOTHING
    if link.state == "conflict":
        return Outgoing.IN_CONFLICT
    if link.state == "gone" or is_held:
        # When its deletion is applied, this edit makes a conflict.
        return Outgoing.AWAITS_DECISION
    may_have_outcome = link.has_remote if is_series else _has_copy(link)
    if is_unknown or (link.awaits_outcome and may_have_outcome):
        return Outgoing.READ
    return None


def _missing(link: LinkFacts, *, is_series: bool) -> Outgoing:
    """Return the step for a meeting that Odoo does not have any more."""
    if not is_series:
        return Outgoing.DELETE
    return Outgoing.NOTHING_LEFT if link.has_remote else Outgoing.NOTHING
