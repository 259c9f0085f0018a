"""One meeting in several mailboxes: whose copy counts, and what becomes of the others.

Each mailbox's copy has a link of its own; one of them is *primary*, and its copy alone
is compared with the Odoo event. What is decided here is decided from the states of
links alone: reading and writing them is up to whoever asks.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from enum import Enum
from typing import Literal

from .plan import pulls
from .snapshot import Content, RemoteEvent

#: How long an attendee's copy waits for the organizer's own mailbox to bring the event.
WAIT_FOR_ORGANIZER = timedelta(hours=1)
#: How long a copy that is like it in part may be of a create without an answer.
MAY_BE_EDITED = timedelta(days=1)
#: States of links whose event is looked for when a page says that it is gone.
DOUBTED = frozenset({"synced", "conflict", "waiting", "quarantined", "gone"})
#: States of links whose owner has deleted the event, on whichever side.
LEFT = frozenset({"deleted_here", "deleted_there", "kept_there"})


def as_owner_sees(remote: RemoteEvent, addresses: Collection[str]) -> RemoteEvent:
    """Return an event of a mailbox, as its own where its owner organizes it.

    Graph was seen to deny that of events that were handed over, and to name nobody.

    :param addresses: of the owner, in lower case
    """
    if remote.is_organizer or remote.kind == "occurrence":
        return remote
    if remote.organizer:
        is_own = remote.organizer.email in addresses
    else:
        content = remote.content
        is_alone = content is not None and content.invites_nobody
        has_answer = remote.own_response not in ("none", "organizer")
        is_own = remote.own_response == "organizer" or (is_alone and not has_answer)
    return replace(remote, is_organizer=True) if is_own else remote


def is_dealt_with(
    remote: RemoteEvent,
    *,
    change_key: str | None,
    modified_at: str | None,
    needs_read: bool,
    awaits_outcome: bool,
) -> bool:
    """Tell whether this version of an event was applied before.

    :param change_key: of the version that the link knows
    :param modified_at: of the same, as Graph sent it
    :param needs_read: what the link knows is in doubt
    :param awaits_outcome: the answer to a write was lost: this version tells of it
    """
    if needs_read or awaits_outcome:
        return False
    return change_key == remote.change_key or remote.is_older_than(modified_at)


def is_doubted(state: str, *, listed_elsewhere: bool) -> bool:
    """Tell whether ``@removed`` has an event read: it may have left the window only.

    :param state: of its link
    :param listed_elsewhere: another calendar has listed it since: it was moved there
    """
    return state in DOUBTED and not listed_elsewhere


def may_have_moved(*, round_kind: str | None, seen_in: int, round_number: int) -> bool:
    """Tell whether ``@removed`` may mean that an event is in another calendar now.

    The last changes of an old window say it as well of what lies beyond that window,
    and in the new one, which has just listed it.

    :param round_kind: ``retiring`` for those last changes
    :param seen_in: the last round that has told of the event
    :param round_number: of this round; a retiring one has that of its new window
    """
    return not (round_kind == "retiring" and seen_in == round_number)


def is_left_for_good(*, left_in_round: int, rounds_ended: int) -> bool:
    """Tell whether no calendar lists an event any more that one has missed.

    All calendars are read at the same time, but not at the same moment: one may have
    been read before the event was moved to it. Whatever round follows lists it.

    :param left_in_round: the round in which its calendar missed it
    :param rounds_ended: the last round of that calendar that has ended, as those of
        the others have
    """
    return rounds_ended > left_in_round


def comes_back(
    *, is_active: bool, state: str, archived_by_sync: bool, is_deleted_here: bool
) -> bool:
    """Tell whether an event is brought back in Odoo since Outlook has it.

    :param state: of the link of the copy that was read
    :param archived_by_sync: the sync has archived the event for another copy, which
        carried the meeting while this one was not followed
    :param is_deleted_here: a person has deleted it in Odoo, as another link knows
    """
    if is_active or is_deleted_here:
        return False
    return state == "deleted_there" or archived_by_sync


def carries_meeting(state: str, *, is_primary: bool, is_organizer: bool) -> bool:
    """Tell whether a copy stands for what became of the meeting.

    An attendee who deletes a meeting has left it, on whichever side: nobody else has.

    :param state: of the link of the copy
    :param is_organizer: it is the organizer's own copy
    """
    return is_primary and (is_organizer or state not in LEFT)


def should_be_primary(
    *,
    is_organizer: bool,
    has_primary: bool,
    organizer_syncs: bool,
    organizer_uses_stock: bool,
) -> bool:
    """Tell whether a copy that was just linked is compared with the Odoo event.

    :param is_organizer: it is the organizer's own copy
    :param has_primary: another mailbox's copy carries the meeting
    :param organizer_syncs: the organizer's mailbox is another one that is synced
    :param organizer_uses_stock: the stock connector carries the organizer's events
    """
    return is_organizer or not (has_primary or organizer_syncs or organizer_uses_stock)


def fits_stock_id(
    *,
    is_organizer: bool,
    owner_organizes: bool,
    has_organizer: bool,
    organizer_fits: bool,
    owner_attends: bool,
    maker_fits: bool,
) -> bool:
    """Tell whether an event may be the meeting of which it bears the stock id.

    Anybody can write such an id. So the people have to be those that the stock
    connector leaves: it names the organizer if that is a user, and nobody else.

    :param is_organizer: the owner of the mailbox organizes the meeting in Outlook
    :param owner_organizes: the owner organizes the event in Odoo
    :param has_organizer: some user organizes the event in Odoo
    :param organizer_fits: each such user has the organizer's address in Outlook
    :param owner_attends: the owner takes part in the event in Odoo
    :param maker_fits: who has made the event is the owner, or is in Outlook's meeting
    """
    if is_organizer:
        return owner_organizes
    return owner_attends and (organizer_fits if has_organizer else maker_fits)


def may_inherit(state: str, *, enabled: bool) -> bool:
    """Tell whether a copy can carry on a meeting that the primary copy has left.

    :param state: of the link of that copy
    :param enabled: whether its mailbox is synced
    """
    return enabled and state == "synced"


def waits_for_organizer(
    *,
    organizer_brings_it: bool,
    waited: timedelta | None,
    is_being_created: bool,
    has_unanswered: bool,
) -> bool:
    """Tell whether an attendee's copy makes no event yet, so that there is one only.

    :param organizer_brings_it: the organizer's own mailbox is synced, and works
    :param waited: how long the copy has waited, None if it has only just come
    :param is_being_created: see :func:`is_what_was_sent`
    :param has_unanswered: something was created in the organizer's mailbox of which no
        answer came; the copy may be of that, and look otherwise since it was edited
    """
    in_time = waited is None or waited < WAIT_FOR_ORGANIZER or has_unanswered
    return is_being_created or (organizer_brings_it and in_time)


def is_what_was_sent(content: Content, sent: Content, age: timedelta) -> bool:
    """Tell whether a copy looks like what Odoo has created for its organizer.

    The answer to that create was lost, so that nobody knows the meeting's id yet. It
    may have got another subject, or other times, in Outlook.

    :param content: of the attendee's copy
    :param sent: what was to be created
    :param age: how long ago
    """
    same_subject = content.subject == sent.subject
    same_times = content.times == sent.times
    if age < MAY_BE_EDITED:
        return same_subject or same_times
    return same_subject and same_times


class Gone(Enum):
    """The next step for a meeting after its copy in a mailbox is gone or cancelled."""

    #: Nothing in Odoo depends on it: a tombstone is left.
    BURY = "bury"
    #: An attendee has left, by declining perhaps: the meeting goes on without.
    HAND_ON = "hand_on"
    #: Odoo takes nothing over from this calendar: it keeps its event.
    LET_GO = "let_go"
    #: The event goes from Odoo as well, unless it was edited there.
    DELETE = "delete"


def plan_gone(
    *,
    is_over: bool,
    is_primary: bool,
    is_organizer: bool,
    is_cancelled: bool,
    has_heir: bool,
    direction: str,
) -> Gone:
    """Decide the next step for a meeting after its copy in a mailbox is gone.

    Microsoft has confirmed that the copy is gone, or the organizer has cancelled.

    :param is_over: it was deleted in Odoo as well, or is a tombstone already
    :param is_primary: whether the Odoo event is compared with this copy
    :param is_organizer: whether the copy is the organizer's
    :param is_cancelled: the organizer has cancelled it
    :param has_heir: another mailbox can carry the meeting on
    """
    if is_over or not is_primary:
        return Gone.BURY
    if has_heir and not is_organizer and not is_cancelled:
        return Gone.HAND_ON
    return Gone.DELETE if pulls(direction) else Gone.LET_GO


class Newcomer(Enum):
    """The kinds of events in a mailbox that have no link to an Odoo event."""

    #: Odoo made it and has deleted it since, before its id was recorded.
    OWN_DELETED = "own_deleted"
    #: Odoo made it, and its id was never recorded.
    OWN = "own"
    #: An invitation comes again after its copy was declined or deleted.
    RETURNS = "returns"
    #: The own copy of a meeting known until now from a shared calendar only.
    TAKES_PLACE = "takes_place"
    #: A meeting seen a second time, in somebody else's calendar.
    OTHER_VIEW = "other_view"
    #: A second copy in the own calendars: only one of them can be synced.
    SECOND_COPY = "second_copy"
    #: A single event with the iCalUId of a series that is synced, or the other way.
    OTHER_KIND = "other_kind"
    #: Odoo has the meeting, from another mailbox or another time.
    KNOWN = "known"
    #: Nothing is taken over from this calendar.
    NOT_WANTED = "not_wanted"
    #: The organizer's mailbox will bring it.
    WAITS = "waits"
    #: Odoo does not have it: it is created there.
    NEW = "new"


def plan_newcomer(
    *,
    own_create: Literal["alive", "deleted"] | None,
    is_known: bool,
    former_state: str | None,
    former_is_foreign: bool,
    is_organizer: bool,
    has_twin: bool,
    is_foreign: bool,
    direction: str,
    waits: bool,
    is_of_other_kind: bool = False,
) -> Newcomer:
    """Tell the kind of an event that has no link to an Odoo event yet.

    :param own_create: whether Odoo's own event still exists, if Odoo has created this
        one; None if somebody else has
    :param is_known: Odoo has an event that is the same meeting
    :param former_state: of the link that this mailbox has to that event, None without
    :param former_is_foreign: that link is to a copy in a shared calendar
    :param is_organizer: it is the organizer's own copy
    :param has_twin: the same meeting stands on this page already
    :param is_foreign: this calendar is somebody else's
    :param direction: of this calendar
    :param waits: see :func:`waits_for_organizer`
    :param is_of_other_kind: another event is synced under its iCalUId: a series where
        this one is single, or the other way round
    """
    if own_create == "deleted":
        return Newcomer.OWN_DELETED
    if own_create:
        return Newcomer.OWN
    if is_of_other_kind:
        return Newcomer.OTHER_KIND
    if former_state == "deleted_there" and not is_organizer:
        return Newcomer.RETURNS
    if has_twin or former_state:
        if former_is_foreign and not is_foreign:
            return Newcomer.TAKES_PLACE
        return Newcomer.OTHER_VIEW if is_foreign else Newcomer.SECOND_COPY
    if is_known:
        return Newcomer.KNOWN
    if not pulls(direction):
        return Newcomer.NOT_WANTED
    return Newcomer.WAITS if waits else Newcomer.NEW
