"""Decide which request, if any, the recorded edits of one event need. Pure."""

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
    MOVE = "move"
    PATCH = "patch"
    CREATE = "create"


def plan_outgoing(
    link: LinkFacts,
    *,
    deletes: bool,
    is_alive: bool,
    is_in_series: bool,
    is_to_move: bool,
) -> Outgoing:
    """Return the next step for an event that a person created, edited or deleted.

    :param link: of the mailbox to that event
    :param deletes: whether one of the edits is a deletion
    :param is_alive: whether Odoo has the event. It may have it even after a deletion:
        Outlook's version won, or the event was restored
    :param is_in_series: whether it is an occurrence; a series is sent as a whole
    :param is_to_move: whether a person has chosen another calendar for it
    """
    state = link.state
    has_copy = link.has_remote and state != "deleted_there"
    if link.needs_read and link.has_remote:
        return Outgoing.READ
    if state == "calendar_off":
        return Outgoing.NOTHING
    if state == "conflict":
        return Outgoing.IN_CONFLICT
    if state == "gone":  # when its deletion is applied, this edit makes a conflict
        return Outgoing.AWAITS_DECISION
    if link.awaits_outcome and has_copy:
        return Outgoing.READ
    if is_in_series and state is None:
        return Outgoing.NOTHING
    if not is_alive or (deletes and state != "synced"):
        return Outgoing.DELETE
    if has_copy:
        if not link.is_primary:  # another mailbox is primary now, and sends the edit
            return Outgoing.NOTHING
        return Outgoing.MOVE if is_to_move else Outgoing.PATCH
    if link.has_remote and not link.is_organizer:
        # The organizer cancelled it, and Odoo kept it: we may not invite people to it.
        return Outgoing.NOTHING
    if is_in_series:  # it became a series before it was sent: the series is sent
        return Outgoing.NOTHING
    return Outgoing.CREATE
