"""Which write, if any, an edit or a remote change leads to. Data in, data out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from .merge import Merge, adopt, deletion, restrict, take_over, three_way_merge
from .snapshot import ORGANIZER_FIELDS, PERSONAL_FIELDS, Attendee, Base, Content

Direction = Literal["both", "outlook_to_odoo", "odoo_to_outlook"]


def pulls(direction: str) -> bool:
    """Tell whether changes of Outlook are written to Odoo."""
    return direction != "odoo_to_outlook"


def pushes(direction: str) -> bool:
    """Tell whether changes of Odoo are written to Outlook."""
    return direction != "outlook_to_odoo"


def writable_fields(is_organizer: bool) -> frozenset[str]:
    """Return the fields that may be written through this mailbox (law 6)."""
    return ORGANIZER_FIELDS | PERSONAL_FIELDS if is_organizer else PERSONAL_FIELDS


@dataclass(frozen=True, slots=True)
class Patch:
    """Properties to write to a remote event, and what it will hold then.

    :param agreed: Odoo's side once this has arrived; what was not sent stays as it was
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
    noted: frozenset[str] | None = None,
) -> Patch | None:
    """Return the write that brings an Odoo edit to Graph, None if there is none.

    Graph is taken to be as it was (``base.theirs``); ``If-Match`` guards that.

    :param invites: people may be added to the attendees in Graph, which mails them
    :param noted: fields that somebody has edited; the others are not sent (law 15)
    """
    merge = three_way_merge(base, ours, base.theirs)
    different, merged = merge.to_graph, merge.merged
    if not invites:
        merged = replace(merged, attendees=_nobody_new(merged, base.theirs))
        if merged.attendees == base.theirs.attendees:
            different -= {"attendees"}
    wanted = different if noted is None else different & noted
    names = wanted & writable_fields(is_organizer)
    if not names:
        return None
    return Patch(
        names,
        base.theirs.with_fields(names, merged),
        ours.with_fields(different - wanted, base.ours),
    )


def only_odoo_invites(base: Base, ours: Content) -> Base:
    """Return the base once it is agreed that some people take part in Odoo only.

    That somebody is taken off the list is no part of it.
    """
    merged = three_way_merge(base, ours, base.theirs).merged
    if _nobody_new(merged, base.theirs) != base.theirs.attendees:
        return base
    return Base(base.ours.with_fields({"attendees"}, ours), base.theirs)


def _nobody_new(content: Content, theirs: Content) -> tuple[Attendee, ...]:
    """Return the attendees of ``content`` whom Graph has already."""
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
    """Return what a remote change leads to on either side.

    :param base: None for two events that were only now found to be the same
    :param came_by_attendee: an attendee's copy has told of the meeting so far
    """
    if base is None:
        is_better = is_organizer and came_by_attendee
        found = take_over(ours, theirs) if is_better else adopt(ours, theirs)
        merge = restrict(found, direction, ours)
        # Nothing may be pushed before a person edits the event: it could mail people.
        merge = replace(
            merge,
            to_graph=frozenset(),
            withheld=merge.withheld | merge.to_graph,
        )
        if not is_organizer:
            # Its list may be old: who is uninvited is not told to the others' copies.
            merge = replace(merge, to_odoo=merge.to_odoo - {"attendees"})
    else:
        merge = restrict(three_way_merge(base, ours, theirs), direction, ours)
    return merge if is_organizer else _leave_to_organizer(merge, theirs, direction)


def _leave_to_organizer(merge: Merge, theirs: Content, direction: str) -> Merge:
    """Take Outlook's value of what only the organizer may write (law 6)."""
    contested = merge.to_graph | merge.conflicts | merge.withheld
    owned = ORGANIZER_FIELDS & contested
    to_odoo = merge.to_odoo
    if pulls(direction):
        to_odoo = to_odoo | owned
    return Merge(
        merged=merge.merged.with_fields(owned, theirs),
        to_odoo=to_odoo,
        to_graph=merge.to_graph - owned,
        conflicts=merge.conflicts - owned,
        withheld=merge.withheld - owned,
        replaced=ORGANIZER_FIELDS & to_odoo,
    )


def plan_remote_deletion(
    base: Base | None, ours: Content, unedited: frozenset[str] = frozenset()
) -> Literal["delete", "ask"]:
    """Tell what a verified deletion in Outlook means for the event in Odoo.

    An event that was also edited in Odoo since is not deleted over that edit.

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
    """Return what a deletion on one side means for the other.

    It is a conflict if the other has edited the event since both last agreed. Nobody
    but its organizer can have a meeting back that is gone from Outlook (law 6): made
    anew in the mailbox of an attendee, it would be another meeting, with invitations.

    :param ours: None if the event is deleted in Odoo
    :param theirs: None if it is deleted in Outlook
    :param unedited: fields that may have changed in Odoo without an edit of the event,
        as when a tag is renamed: that contests nothing
    """
    if ours is not None and theirs is None:
        asks = is_organizer and plan_remote_deletion(base, ours, unedited) == "ask"
        return deletion(ours, is_contested=asks)
    if theirs is not None and ours is None:
        edited = base is not None and theirs.changed_fields(base.theirs)
        return deletion(theirs, is_contested=bool(edited))
    return deletion(None, is_contested=False)
