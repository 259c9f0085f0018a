"""What the noted edits of one event come down to: which request, if any. Pure."""

from __future__ import annotations

from enum import Enum


class Outgoing(Enum):
    """The next step towards what Odoo holds."""

    #: Look first: what is known of Outlook's version is in doubt.
    READ = "read"
    NOTHING = "nothing"
    #: Nothing, until a person has decided the conflict.
    IN_CONFLICT = "in_conflict"
    #: Nothing, until it is decided whether the event goes from Odoo as well.
    HELD = "held"
    DELETE = "delete"
    MOVE = "move"
    PATCH = "patch"
    CREATE = "create"


def plan_outgoing(
    *,
    deletes: bool,
    is_alive: bool,
    is_in_series: bool,
    state: str | None,
    has_remote: bool,
    needs_read: bool,
    awaits_outcome: bool,
    is_organizer: bool,
    is_primary: bool,
    is_to_move: bool,
) -> Outgoing:
    """Say what to send for an event that a person has created, edited or deleted.

    :param deletes: a person has deleted it
    :param is_alive: it is there all the same: Outlook's version won, or it came back
    :param is_in_series: it is one date of a series, which is sent as a whole
    :param state: of the link that its mailbox has to it, None without one
    :param has_remote: the link knows the id of an event in Outlook
    :param needs_read: that event has to be read first
    :param awaits_outcome: nobody knows what came of the last write
    :param is_organizer: the link is to the organizer's copy
    :param is_primary: the Odoo event is compared with that copy, if there is one
    :param is_to_move: a person wants it in another calendar
    """
    if needs_read and has_remote:
        return Outgoing.READ
    if state == "calendar_off":
        return Outgoing.NOTHING
    if state == "conflict":
        return Outgoing.IN_CONFLICT
    if state == "gone":  # its deletion in Odoo asks about this edit
        return Outgoing.HELD
    if awaits_outcome and has_remote and state != "deleted_there":
        return Outgoing.READ
    if is_in_series and state is None:
        return Outgoing.NOTHING
    if not is_alive or (deletes and state != "synced"):
        return Outgoing.DELETE
    if has_remote and state != "deleted_there":
        if not is_primary:  # another mailbox carries it since, and sends the edit
            return Outgoing.NOTHING
        return Outgoing.MOVE if is_to_move else Outgoing.PATCH
    if has_remote and not is_organizer:
        # Cancelled by somebody else, kept in Odoo: not ours to invite people to.
        return Outgoing.NOTHING
    if is_in_series:  # made a series before it was sent: that is sent
        return Outgoing.NOTHING
    return Outgoing.CREATE
