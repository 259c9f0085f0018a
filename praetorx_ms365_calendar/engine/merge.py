"""Three-way merge of one event, field by field, against the last agreed base."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .snapshot import CONTENT_FIELDS, Attendee, Base, Content

#: Fields that are sets of elements: both sides may add and remove at the same time.
SET_FIELDS = frozenset({"attendees", "categories"})
#: Stands among the conflicts where one side deleted what the other has edited.
DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Merge:
    """What a three-way merge found.

    :param merged: the content that both sides should have; fields in conflict keep
        Outlook's value here, nobody may write them before a person has chosen. None
        for an event that neither side has any more
    :param to_odoo: fields whose merged value Odoo does not have yet
    :param to_graph: fields whose merged value Graph does not have yet
    :param conflicts: fields that both sides changed to different values
    :param withheld: fields that were changed in Odoo and must not be sent now; they
        stay visible as edits
    :param replaced: fields of ``to_odoo`` that take the merged value as it is, also
        where it is a set
    :param kept_odoo: what was in conflict and is decided for Odoo's version
    :param kept_outlook: what was in conflict and is decided for Outlook's version
    """

    merged: Content | None
    to_odoo: frozenset[str]
    to_graph: frozenset[str]
    conflicts: frozenset[str]
    withheld: frozenset[str] = frozenset()
    replaced: frozenset[str] = frozenset()
    kept_odoo: frozenset[str] = frozenset()
    kept_outlook: frozenset[str] = frozenset()

    @property
    def agreed(self) -> bool:
        """Nothing has to be written anywhere."""
        return not (self.to_odoo or self.to_graph or self.conflicts)

    @property
    def settled(self) -> frozenset[str]:
        """What was in conflict and is decided."""
        return self.kept_odoo | self.kept_outlook


def three_way_merge(base: Base, ours: Content, theirs: Content) -> Merge:
    """Merge what changed since ``base`` on either side.

    Each side is compared with its own base, so that values which one side cannot hold
    are no changes. Sets (attendees, categories) merge by element; times are one unit.

    :param base: both sides when they last agreed
    :param ours: Odoo's content now
    :param theirs: Graph's content now
    """
    merged: dict[str, Any] = {}
    to_odoo, to_graph, conflicts = set(), set(), set()
    for name in CONTENT_FIELDS:
        our_value, their_value = getattr(ours, name), getattr(theirs, name)
        we_changed = our_value != getattr(base.ours, name)
        they_changed = their_value != getattr(base.theirs, name)
        merged[name] = their_value
        if not we_changed and not they_changed:
            continue
        if name in SET_FIELDS:
            for_graph = apply_set_change(
                getattr(base.ours, name), our_value, their_value
            )
            for_odoo = apply_set_change(
                getattr(base.theirs, name), their_value, our_value
            )
            merged[name] = for_graph
            if for_graph != their_value:
                to_graph.add(name)
            if for_odoo != our_value:
                to_odoo.add(name)
        elif our_value == their_value:
            continue
        elif we_changed and they_changed:
            conflicts.add(name)
        elif we_changed:
            merged[name] = our_value
            to_graph.add(name)
        else:
            to_odoo.add(name)
    if "online_meeting" in conflicts | to_graph and theirs.online_meeting:
        # Graph cannot take a meeting offline again: Outlook's "on" stands.
        conflicts.discard("online_meeting")
        to_graph.discard("online_meeting")
        to_odoo.add("online_meeting")
        merged["online_meeting"] = True
    return Merge(
        merged=replace(theirs, **merged),
        to_odoo=frozenset(to_odoo),
        to_graph=frozenset(to_graph),
        conflicts=frozenset(conflicts),
    )


def value_for_odoo(base: Base | None, ours: Content, merge: Merge) -> Content:
    """Return the content that Odoo should hold after ``merge``.

    ``merge.merged`` is meant for Graph. Its sets may have elements that Odoo cannot
    hold. So Odoo keeps its own sets, and Outlook's additions and removals are applied
    to them. Without a base a removal cannot be told, and the sets are united.
    """
    values = {name: getattr(merge.merged, name) for name in merge.to_odoo}
    for name in SET_FIELDS & merge.to_odoo - merge.replaced:
        values[name] = apply_set_change(
            getattr(base.theirs, name) if base else (),
            getattr(merge.merged, name),
            getattr(ours, name),
        )
    return replace(ours, **values)


def next_base(base: Base | None, ours: Content, theirs: Content, merge: Merge) -> Base:
    """Return what the sides agree on once ``merge.to_odoo`` has been written.

    Edits of Odoo that are still to be sent stay visible as such: their fields keep the
    old value in ``base.ours``.

    :param ours: Odoo's content read back after the write
    :param theirs: Graph's content now
    """
    names = merge.to_graph | merge.withheld
    if base is None:
        return Base(ours=ours.with_fields(names, theirs), theirs=theirs)
    pending = {}
    for name in names:
        before, now = getattr(base.theirs, name), getattr(theirs, name)
        pending[name] = getattr(base.ours, name)
        if name in SET_FIELDS:
            pending[name] = apply_set_change(before, now, pending[name])
        elif now != before:
            pending[name] = now  # ours stands against this value from now on
    return Base(ours=replace(ours, **pending), theirs=theirs)


def confirm_sent(base: Base, sent: Base, theirs: Content) -> Base:
    """Return the base after a write whose answer never came.

    A field that Graph now holds as it was sent has arrived, and is agreed as sent. Of
    the others nobody knows: they keep the old base, and a person decides where both
    sides differ from it.

    :param base: before the write
    :param sent: what would have been agreed if the answer had come
    :param theirs: Graph's content now
    """
    arrived = {
        name
        for name in sent.theirs.changed_fields(base.theirs)
        if getattr(theirs, name) == getattr(sent.theirs, name)
    }
    ours = base.ours.with_fields(arrived, sent.ours)
    confirmed = base.theirs.with_fields(arrived, sent.theirs)
    for name in SET_FIELDS - arrived:
        before, after = getattr(base.theirs, name), getattr(sent.theirs, name)
        reached = _elements_that_arrived(before, after, getattr(theirs, name))
        held = apply_set_change(before, reached, getattr(ours, name))
        ours = replace(ours, **{name: held})
        confirmed = replace(confirmed, **{name: reached})
    return Base(ours=ours, theirs=confirmed)


def _elements_that_arrived(
    before: tuple[Any, ...], after: tuple[Any, ...], now: tuple[Any, ...]
) -> tuple[Any, ...]:
    """Return ``before`` with those changes towards ``after`` that ``now`` shows.

    Element by element: the other side may have changed others since.
    """
    present = set(now)
    return tuple(
        element
        for element in sorted({*before, *after}, key=_set_order)
        if element in (after if (element in present) == (element in after) else before)
    )


def deletion(survivor: Content | None, *, is_contested: bool) -> Merge:
    """Return what it means that one side deleted an event: nothing, or a conflict.

    :param survivor: the content of the side that has the event still, None without one
    :param is_contested: whether that side has edited it
    """
    return Merge(
        merged=survivor,
        to_odoo=frozenset(),
        to_graph=frozenset(),
        conflicts=frozenset({DELETED} if is_contested else ()),
    )


def settle(
    merge: Merge, ours: Content | None, choices: str | Mapping[str, str]
) -> Merge:
    """Return ``merge`` with conflicts decided: all for one side, or field by field.

    Conflicts that ``choices`` does not name stay as they are, and so does everything
    else: one choice after the other comes to the same as all of them at once.

    :param ours: Odoo's content, None if the event is deleted there
    :param choices: ``odoo`` or ``outlook``, or one of them for each field in conflict
    """
    if isinstance(choices, str):
        choices = dict.fromkeys(merge.conflicts, choices)
    for_odoo, for_outlook = (
        frozenset(name for name in merge.conflicts if choices.get(name) == side)
        for side in ("odoo", "outlook")
    )
    fields_for_odoo = for_odoo - {DELETED}
    merged = merge.merged
    if ours is not None:
        merged = merged.with_fields(fields_for_odoo, ours)
    return replace(
        merge,
        merged=merged,
        to_odoo=merge.to_odoo | for_outlook - {DELETED},
        to_graph=merge.to_graph | fields_for_odoo,
        conflicts=merge.conflicts - for_odoo - for_outlook,
        kept_odoo=merge.kept_odoo | for_odoo,
        kept_outlook=merge.kept_outlook | for_outlook,
    )


def restrict(merge: Merge, direction: str, ours: Content) -> Merge:
    """Return ``merge`` for a mailbox that syncs one way only: the source wins.

    That is no decision of a conflict: there is none where one side counts.

    :param direction: ``both``, ``outlook_to_odoo`` or ``odoo_to_outlook``
    """
    if direction == "outlook_to_odoo":
        merge = settle(merge, ours, "outlook")
        return replace(
            merge,
            to_graph=frozenset(),
            withheld=merge.to_graph,
            kept_outlook=frozenset(),
        )
    if direction == "odoo_to_outlook":
        merge = settle(merge, ours, "odoo")
        return replace(merge, to_odoo=frozenset(), kept_odoo=frozenset())
    return merge


def adopt(ours: Content, theirs: Content) -> Merge:
    """Compare two events that are the same meeting but never agreed on a base.

    Nothing may be pushed here (it could mail people), and neither side may be
    overwritten silently: an empty value takes the other side's, a real difference is
    a conflict that a person sees. Personal fields take Outlook's value.
    """
    to_odoo, conflicts = set(), set()
    for name in ours.changed_fields(theirs):
        if name == "reminder" and theirs.reminder is None:
            continue  # nobody asked for Odoo's to be taken away
        if name in {"show_as", "reminder", "categories", "online_meeting"}:
            to_odoo.add(name)
        elif name == "attendees":
            to_odoo.add(name)  # answers and people are the organizer's copy's
        elif not getattr(ours, name):
            to_odoo.add(name)
        elif name == "sensitivity" and ours.sensitivity == "normal":
            to_odoo.add(name)  # fail closed: the stricter one stands
        else:
            conflicts.add(name)
    return Merge(
        merged=theirs,
        to_odoo=frozenset(to_odoo),
        to_graph=frozenset(),
        conflicts=frozenset(conflicts),
    )


def take_over(ours: Content, theirs: Content) -> Merge:
    """Take the organizer's version of a meeting that attendees' copies told of so far.

    Nobody could edit it in Odoo, and an attendee's copy may be behind.
    """
    to_odoo = ours.changed_fields(theirs)
    if theirs.reminder is None:
        to_odoo -= {"reminder"}  # nobody asked for Odoo's to be taken away
    if ours.sensitivity != "normal":
        to_odoo -= {"sensitivity"}  # fail closed: the stricter one stands
    return Merge(
        merged=theirs,
        to_odoo=to_odoo,
        to_graph=frozenset(),
        conflicts=frozenset(),
        replaced=to_odoo,
    )


def told_by_copy(base: Base, copy: Base, ours: Content) -> Base:
    """Return the organizer's base after an attendee's copy has told of the meeting.

    While the organizer did not sync, what changed in Outlook came by that copy: it is
    no edit of Odoo now that the organizer is back. What Odoo does not hold as the copy
    has it was edited there. What is personal was the attendee's: the organizer's own
    looks like news, and is taken; but an event that is private in Odoo stays it.

    :param base: agreed with the organizer's mailbox, before it was switched off
    :param copy: agreed with the attendee's since
    """
    told = frozenset(CONTENT_FIELDS) - {"sensitivity"}
    told -= ours.changed_fields(copy.ours) | copy.ours.changed_fields(copy.theirs)
    return Base(
        base.ours.with_fields(told, copy.ours),
        base.theirs.with_fields(told, copy.theirs),
    )


def apply_set_change(
    before: tuple[Any, ...], after: tuple[Any, ...], target: tuple[Any, ...]
) -> tuple[Any, ...]:
    """Apply the additions and removals from ``before`` to ``after`` on ``target``.

    Elements that ``target`` has already stay as they are there: an attendee keeps the
    name and kind that the other side knows.
    """
    removed = set(before) - set(after)
    kept = [element for element in target if element not in removed]
    added = [
        element
        for element in after
        if element not in set(before) and element not in set(kept)
    ]
    return tuple(sorted([*kept, *added], key=_set_order))


def _set_order(element: Attendee | str) -> str:
    return element.email if isinstance(element, Attendee) else element
