"""Decide which mailbox's copy of a meeting counts, and the next step for the others.

Each mailbox's copy has its own link. One link is *primary*: only its copy is compared
with the Odoo event. The functions here decide from the states of links alone. Their
callers read and write the links.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from enum import Enum
from typing import Literal

from .link_facts import LinkFacts
from .plan import pulls
from .snapshot import Content, RemoteEvent

#: For this long, an attendee's copy waits until the organizer's mailbox lists the
#: event.
WAIT_FOR_ORGANIZER = timedelta(hours=1)
#: For this long after a create without a response, an attendee's copy that matches only
#: partly may still be that event.
MAY_BE_EDITED = timedelta(days=1)
#: In these states of a link, we read the event when a page reports it as removed.
STATES_TO_VERIFY = frozenset({"synced", "conflict", "waiting", "quarantined", "gone"})
#: In these states of a link, Outlook does not have the event any more.
GONE_THERE = frozenset({"gone", "deleted_there"})
#: If the primary copy is an attendee's, and its link is in one of these states, only
#: the organizer may edit the meeting (docs/laws.md, law 6). ``gone`` means that Odoo's
#: event follows soon.
ORGANIZER_DECIDES = frozenset({"synced", "conflict", "gone", "deleted_there"})
#: In these states of a link, the mailbox owner has deleted the event on either side.
DELETED_BY_OWNER = frozenset({"deleted_here", "deleted_there", "kept_there"})


def as_owner_sees(remote: RemoteEvent, addresses: Collection[str]) -> RemoteEvent:
    """Return the event with ``is_organizer`` set if the mailbox owner organizes it.

    Graph may say false after a meeting was handed over, and may name no organizer.

    :param addresses: addresses of the mailbox owner, in lower case
    """
    if remote.is_organizer or remote.kind == "occurrence":
        return remote
    if remote.organizer:
        is_own = remote.organizer.email in addresses
    else:
        content = remote.content
        is_alone = content is not None and content.invites_nobody
        has_reply = remote.own_reply not in ("none", "organizer")
        is_own = remote.own_reply == "organizer" or (is_alone and not has_reply)
    return replace(remote, is_organizer=True) if is_own else remote


def is_dealt_with(remote: RemoteEvent, link: LinkFacts) -> bool:
    """Return True if this version of an event was applied before."""
    if link.needs_read or link.awaits_outcome:
        return False
    is_known = link.change_key == remote.change_key
    return is_known or remote.is_older_than(link.modified_at)


def must_verify(state: str, *, listed_elsewhere: bool) -> bool:
    """Return True if an ``@removed`` entry must be verified by reading the event.

    The event may only have left the window.

    :param state: state of the event's link
    :param listed_elsewhere: whether another calendar has listed the event since then:
        it was moved there
    """
    return state in STATES_TO_VERIFY and not listed_elsewhere


def may_have_moved(*, round_kind: str | None, seen_in: int, round_number: int) -> bool:
    """Return True if ``@removed`` may mean that another calendar has the event now.

    The final delta of an old window also reports events outside that window as removed.
    It does so even if the new window has just listed them.

    :param round_kind: ``retiring`` for the final delta of an old window
    :param seen_in: number of the last round that listed the event
    :param round_number: number of this round; a retiring round has the number of the
        round of the new window
    """
    return not (round_kind == "retiring" and seen_in == round_number)


def is_unlisted_for_good(*, missed_in_round: int, rounds_ended: int) -> bool:
    """Return True if we need not wait longer for another calendar to list an event.

    Calendars are read in parallel, so one may be read before the event is moved into
    it. The next round will list the event.

    :param missed_in_round: number of the round when its calendar reported it removed
    :param rounds_ended: number of that calendar's last round. Call this only while no
        calendar has a round under way
    """
    return rounds_ended > missed_in_round


def comes_back(
    *, is_active: bool, state: str, archived_by_sync: bool, is_deleted_here: bool
) -> bool:
    """Return True if an archived event is restored in Odoo because Outlook has it.

    :param state: state of the link of the copy that was read
    :param archived_by_sync: whether the sync archived the event because of another
        copy, which was primary while this copy was not synced
    :param is_deleted_here: whether another link says that a person deleted it in Odoo
    """
    if is_active or is_deleted_here:
        return False
    return state == "deleted_there" or archived_by_sync


def stays_deleted(
    *, is_active: bool, was_agreed: bool, is_primary: bool, archived_by_sync: bool
) -> bool:
    """Return True if an event was deleted in Odoo before its calendar was left.

    A person was asked about that, but the question ends when the calendar is not synced
    any more. When the calendar is synced again, the deletion is still not in Outlook.

    :param was_agreed: whether both sides had the event
    :param is_primary: whether Odoo's event is compared with this copy
    :param archived_by_sync: whether the sync archived the event because of another copy
    """
    return was_agreed and is_primary and not (is_active or archived_by_sync)


def represents_meeting(link: LinkFacts) -> bool:
    """Return True if the state of a copy is the state of the whole meeting.

    If an attendee deletes a meeting on either side, only this attendee has left it.
    """
    is_followed = link.is_organizer or link.state not in DELETED_BY_OWNER
    return link.is_primary and is_followed


def should_be_primary(
    *,
    is_organizer: bool,
    has_primary: bool,
    organizer_syncs: bool,
    organizer_uses_stock: bool,
) -> bool:
    """Return True if a copy that was just linked becomes the primary copy.

    :param is_organizer: whether it is the organizer's own copy
    :param has_primary: whether another mailbox's copy is primary
    :param organizer_syncs: whether the organizer has another mailbox that is synced
    :param organizer_uses_stock: whether Odoo's own connector syncs the organizer's
        events
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
    """Return True if an Odoo event with a stock id may be the meeting with this id.

    A stock id is the id that Odoo's own connector stores. Any user can write one, so we
    compare the people too. That connector sets the event's organizer only if the
    meeting's organizer is a user of Odoo.

    :param is_organizer: whether the mailbox owner is the organizer in Outlook
    :param owner_organizes: whether the mailbox owner is the organizer in Odoo
    :param has_organizer: whether the event has an organizer in Odoo
    :param organizer_fits: whether all these organizers have the address of Outlook's
        organizer
    :param owner_attends: whether the mailbox owner is an attendee in Odoo
    :param maker_fits: whether the event was created by the mailbox owner, by Odoo
        itself, or by an attendee of Outlook's meeting
    """
    if is_organizer:
        return owner_organizes
    return owner_attends and (organizer_fits if has_organizer else maker_fits)


def may_be_primary(state: str, *, enabled: bool) -> bool:
    """Return True if a copy can become primary after the primary copy is gone.

    :param state: state of the link of that copy
    :param enabled: whether its mailbox is synced
    """
    return enabled and state == "synced"


def waits_for_organizer(
    content: Content,
    *,
    organizer_brings_it: bool,
    waited: timedelta | None,
    unanswered: Collection[tuple[Content, timedelta]],
) -> bool:
    """Return True if no event is created yet from an attendee's copy.

    We wait, because the organizer's copy would create the same event again.

    :param content: of the attendee's copy
    :param organizer_brings_it: whether the organizer's mailbox is synced and works
    :param waited: how long the copy has waited, None if it was listed just now
    :param unanswered: creates in the organizer's mailbox without a response, each with
        the time since then. The copy may be of such an event, and may differ because
        of later edits
    """
    if any(is_what_was_sent(content, *sent) for sent in unanswered):
        return True
    in_time = waited is None or waited < WAIT_FOR_ORGANIZER or bool(unanswered)
    return organizer_brings_it and in_time


def is_what_was_sent(content: Content, sent: Content, age: timedelta) -> bool:
    """Return True if an attendee's copy matches an event that Odoo tried to create.

    The response to the create in the organizer's mailbox was lost, so the id of the
    meeting is unknown. The subject or the times may have been edited in Outlook.

    :param content: content of the attendee's copy
    :param sent: content of the create
    :param age: time since the create
    """
    same_subject = content.subject == sent.subject
    same_times = content.times == sent.times
    if age < MAY_BE_EDITED:
        return same_subject or same_times
    return same_subject and same_times


class Gone(Enum):
    """The next step for a meeting after its copy in a mailbox is gone or cancelled."""

    #: The Odoo event does not depend on this copy: keep only a tombstone of the link.
    TOMBSTONE = "tombstone"
    #: One attendee has left, for example by declining: another copy becomes primary.
    MOVE_PRIMARY = "move_primary"
    #: Changes of this calendar are not written to Odoo: keep the event in Odoo.
    LET_GO = "let_go"
    #: Delete the event in Odoo too, unless it was edited there.
    DELETE = "delete"


def plan_gone(
    link: LinkFacts,
    *,
    is_over: bool,
    is_cancelled: bool,
    has_next_primary: bool,
    direction: str,
) -> Gone:
    """Decide the next step for a meeting after its copy in a mailbox is gone.

    Microsoft has confirmed that the copy is gone, or the organizer has cancelled.

    :param link: of the copy that is gone
    :param is_over: whether it was deleted in Odoo too, or is a tombstone already
    :param is_cancelled: whether the organizer has cancelled the meeting
    :param has_next_primary: whether another mailbox's copy can become primary
    """
    if is_over or not (link.is_primary and link.has_meeting):
        return Gone.TOMBSTONE
    if has_next_primary and not link.is_organizer and not is_cancelled:
        return Gone.MOVE_PRIMARY
    return Gone.DELETE if pulls(direction) else Gone.LET_GO


def may_be_gone(state: str | None) -> bool:
    """Return True if the first copy in a mailbox is read because of a second one.

    Exchange delivers a second copy only if the first one is gone. But we may not know
    that yet, or we do not follow the first one.

    :param state: state of the link of the first copy, None without a link
    """
    return state not in (None, "kept_there")


class Newcomer(Enum):
    """The kinds of events in a mailbox that have no link to an Odoo event."""

    #: Odoo created it, and deleted its own event before the id was recorded.
    OWN_DELETED = "own_deleted"
    #: Odoo created it, and its id was never recorded.
    OWN = "own"
    #: An invitation that arrives again after its copy was declined or deleted, or was
    #: moved to a calendar that is not synced.
    RETURNS = "returns"
    #: The user's own copy of a meeting that was only known from a shared calendar.
    TAKES_PLACE = "takes_place"
    #: A meeting that another person's calendar shows as well.
    OTHER_VIEW = "other_view"
    #: A second copy in the user's own calendars: only one of them can be synced.
    SECOND_COPY = "second_copy"
    #: A single event with the iCalUId of a synced series, or a series with the iCalUId
    #: of a synced single event.
    OTHER_KIND = "other_kind"
    #: Odoo has the meeting from another mailbox, or from an earlier time.
    KNOWN = "known"
    #: Events of this calendar are not written to Odoo, or the owner has left it out.
    NOT_WANTED = "not_wanted"
    #: We wait until the organizer's mailbox lists it.
    WAITS = "waits"
    #: Odoo does not have it: create it in Odoo.
    NEW = "new"


def plan_newcomer(
    *,
    own_create: Literal["alive", "deleted"] | None,
    is_known: bool,
    former_state: str | None,
    former_is_shared: bool,
    is_organizer: bool,
    has_twin: bool,
    is_shared: bool,
    direction: str,
    waits: bool,
    is_of_other_kind: bool = False,
    is_left_out: bool = False,
) -> Newcomer:
    """Return the kind of an event that has no link to an Odoo event yet.

    :param own_create: None if Odoo did not create this event; otherwise whether the
        Odoo event still exists
    :param is_known: whether Odoo has an event for the same meeting
    :param former_state: state of this mailbox's link to that Odoo event, None without
        a link
    :param former_is_shared: whether that link is to a copy in a shared calendar
    :param is_organizer: whether it is the organizer's own copy
    :param has_twin: whether this page has another copy of the same meeting
    :param is_shared: whether this calendar belongs to another person
    :param direction: direction of sync of this calendar
    :param waits: see :func:`waits_for_organizer`
    :param is_of_other_kind: whether a series is synced under the iCalUId of this single
        event, or a single event under that of this series
    :param is_left_out: whether the owner has chosen not to bring such meetings to Odoo
    """
    if own_create == "deleted":
        return Newcomer.OWN_DELETED
    if own_create:
        return Newcomer.OWN
    if is_of_other_kind:
        return Newcomer.OTHER_KIND
    was_left = former_state == "calendar_off" and not (former_is_shared or is_shared)
    if (former_state in GONE_THERE or was_left) and not is_organizer:
        return Newcomer.RETURNS
    if has_twin or former_state:
        if former_is_shared and not is_shared:
            return Newcomer.TAKES_PLACE
        return Newcomer.OTHER_VIEW if is_shared else Newcomer.SECOND_COPY
    if is_known:
        return Newcomer.KNOWN
    if is_left_out or not pulls(direction):
        return Newcomer.NOT_WANTED
    return Newcomer.WAITS if waits else Newcomer.NEW
