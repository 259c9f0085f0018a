"""Decide which write, if any, follows from an edit in Odoo or a change in Outlook."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from .merge import (
    Merge,
    accept_organizer_version,
    adopt,
    deletion,
    restrict,
    three_way_merge,
)
from .snapshot import ORGANIZER_FIELDS, PERSONAL_FIELDS, Attendee, Base, Content

Direction = Literal["both", "outlook_to_odoo", "odoo_to_outlook"]


def pulls(direction: str) -> bool:
    """Return True if changes in Outlook are written to Odoo."""
    return direction != "odoo_to_outlook"


def pushes(direction: str) -> bool:
    """Return True if changes in Odoo are written to Outlook."""
    return direction != "outlook_to_odoo"


def writable_fields(*, is_organizer: bool) -> frozenset[str]:
    """Return the fields that may be written through this mailbox.

    Only the organizer may write the organizer's fields (docs/laws.md, law 6).
    """
    return ORGANIZER_FIELDS | PERSONAL_FIELDS if is_organizer else PERSONAL_FIELDS


@dataclass(frozen=True, slots=True)
class Patch:
    """A write to an event in Outlook.

    :param fields: fields to write
    :param content: content of the event in Outlook after the write
    :param agreed: Odoo's side of the base after the write. Fields that were not sent
        keep their old base
    """

    fields: frozenset[str]
    content: Content
    agreed: Content


def plan_patch(
    base: Base,
    ours: Content,
    *,
    is_organizer: bool,
    invites: bool = True,
    recorded: frozenset[str] | None = None,
) -> Patch | None:
    """Return the write that sends Odoo's edits to Graph, None if there is none.

    We assume that Graph still has ``base.theirs``. ``If-Match`` makes the write fail if
    that is wrong.

    :param invites: whether attendees may be added in Graph, which mails them
    :param recorded: fields that a person edited, None for all. Others are not sent
        (docs/laws.md, law 15)
    """
    merge = three_way_merge(base, ours, base.theirs)
    different, merged = merge.to_graph, merge.content
    if not invites:
        merged = replace(merged, attendees=_already_invited(merged, base.theirs))
        if merged.attendees == base.theirs.attendees:
            different -= {"attendees"}
    wanted = different if recorded is None else different & recorded
    names = wanted & writable_fields(is_organizer=is_organizer)
    if not names:
        return None
    return Patch(
        names,
        base.theirs.with_fields(names, merged),
        ours.with_fields(different - wanted, base.ours),
    )


def base_of_copy(base: Base, ours: Content) -> Base:
    """Return the base of a copy that a move has created from the event with ``base``.

    :param ours: Odoo's content that was sent with the copy
    """
    patch = plan_patch(base, ours, is_organizer=True)
    return Base(ours, patch.content if patch else base.theirs)


def only_odoo_invites(base: Base, ours: Content) -> Base:
    """Return the base after a decision that some attendees are in Odoo only.

    The base does not change if Odoo also removed an attendee: that must still be sent.
    """
    merged = three_way_merge(base, ours, base.theirs).content
    if _already_invited(merged, base.theirs) != base.theirs.attendees:
        return base
    return Base(base.ours.with_fields({"attendees"}, ours), base.theirs)


def _already_invited(content: Content, theirs: Content) -> tuple[Attendee, ...]:
    """Return the attendees of ``content`` that Graph has already."""
    known = set(theirs.attendees)
    return tuple(attendee for attendee in content.attendees if attendee in known)


def plan_incoming(
    base: Base | None,
    ours: Content,
    theirs: Content,
    *,
    direction: str,
    is_organizer: bool,
    came_by_attendee: bool = False,
) -> Merge:
    """Return the merge after a change in Outlook.

    :param base: None if we found only now that the two events are the same
    :param came_by_attendee: whether Odoo knew the meeting only from an attendee's copy
    """
    if base is None:
        is_better = is_organizer and came_by_attendee
        found = (
            accept_organizer_version(ours, theirs) if is_better else adopt(ours, theirs)
        )
        merge = restrict(found, direction, ours)
        # Nothing may be pushed before a person edits the event: it could mail people.
        merge = replace(
            merge,
            to_graph=frozenset(),
            withheld=merge.withheld | merge.to_graph,
        )
        if not is_organizer:
            # An attendee's copy may have an old list of attendees: Exchange does not
            # update it when the organizer removes another attendee.
            merge = replace(merge, to_odoo=merge.to_odoo - {"attendees"})
    else:
        merge = restrict(three_way_merge(base, ours, theirs), direction, ours)
    return merge if is_organizer else _accept_organizer_fields(merge, theirs, direction)


def _accept_organizer_fields(merge: Merge, theirs: Content, direction: str) -> Merge:
    """Use Outlook's value for fields that only the organizer may write.

    See docs/laws.md, law 6.
    """
    contested = merge.to_graph | merge.conflicts | merge.withheld
    owned = ORGANIZER_FIELDS & contested
    to_odoo = merge.to_odoo
    if pulls(direction):
        to_odoo = to_odoo | owned
    return Merge(
        merged=merge.content.with_fields(owned, theirs),
        to_odoo=to_odoo,
        to_graph=merge.to_graph - owned,
        conflicts=merge.conflicts - owned,
        withheld=merge.withheld - owned,
        replaced=ORGANIZER_FIELDS & to_odoo,
    )


def plan_remote_deletion(
    base: Base | None, ours: Content, unedited: frozenset[str] = frozenset()
) -> Literal["delete", "ask"]:
    """Decide whether a verified deletion in Outlook also deletes the event in Odoo.

    If the event was edited in Odoo since the last agreement, we ask a person first.

    :param unedited: fields that may have changed without an edit of the event
    """
    if base is not None and ours.changed_fields(base.ours) - unedited:
        return "ask"
    return "delete"


def plan_deletion(
    base: Base | None,
    ours: Content | None,
    theirs: Content | None,
    *,
    is_organizer: bool,
    unedited: frozenset[str] = frozenset(),
) -> Merge:
    """Return the merge after a deletion on one side.

    It is a conflict if the other side has edited the event since both last agreed. But
    only the organizer can restore a meeting that is deleted in Outlook (docs/laws.md,
    law 6). If an attendee's mailbox created it again, it would be another meeting, with
    new invitations.

    :param ours: None if the event is deleted in Odoo
    :param theirs: None if it is deleted in Outlook
    :param unedited: fields that may have changed in Odoo without an edit of the event,
        for example because a tag was renamed. They make no conflict
    """
    if ours is not None and theirs is None:
        asks = is_organizer and plan_remote_deletion(base, ours, unedited) == "ask"
        return deletion(ours, is_contested=asks)
    if theirs is not None and ours is None:
        edited = base is not None and theirs.changed_fields(base.theirs)
        return deletion(theirs, is_contested=bool(edited))
    return deletion(None, is_contested=False)
