"""Merge the two sides of one event, field by field, against the last agreed base."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .snapshot import CONTENT_FIELDS, Attendee, Base, Content

#: Fields that are sets of elements: both sides may add and remove at the same time.
SET_FIELDS = frozenset({"attendees", "categories"})
#: The name of a conflict: one side deleted the event, and the other side edited it.
DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Merge:
    """The result of a three-way merge.

    :param merged: the content that both sides should have. A field in conflict has
        Outlook's value here, but must not be written before a person has chosen. None
        if the event is deleted on both sides
    :param to_odoo: fields to write to Odoo
    :param to_graph: fields to write to Graph
    :param conflicts: fields that both sides changed to different values
    :param withheld: fields that were changed in Odoo and must not be sent now. They
        stay visible as edits
    :param replaced: fields of ``to_odoo`` that get the merged value as it is; sets in
        it are not merged by element
    :param kept_odoo: conflicts that were resolved with Odoo's value
    :param kept_outlook: conflicts that were resolved with Outlook's value
    :param by_person: whether a person has resolved them, and not a policy
    """

    merged: Content | None
    to_odoo: frozenset[str]
    to_graph: frozenset[str]
    conflicts: frozenset[str]
    withheld: frozenset[str] = frozenset()
    replaced: frozenset[str] = frozenset()
    kept_odoo: frozenset[str] = frozenset()
    kept_outlook: frozenset[str] = frozenset()
    by_person: bool = False

    @property
    def content(self) -> Content:
        """The merged content of an event that at least one side still has."""
        assert self.merged is not None
        return self.merged

    @property
    def agreed(self) -> bool:
        """True if nothing must be written and no conflict is open."""
        return not (self.to_odoo or self.to_graph or self.conflicts)

    @property
    def decided(self) -> frozenset[str]:
        """The conflicts that are resolved, for either side."""
        return self.kept_odoo | self.kept_outlook

    @property
    def decided_by_policy(self) -> frozenset[str]:
        """The conflicts that a policy has resolved."""
        return frozenset() if self.by_person else self.decided


def three_way_merge(base: Base, ours: Content, theirs: Content) -> Merge:
    """Merge the changes of both sides since ``base``.

    Each side is compared with its own base. So a value that one side cannot store does
    not count as a change. Sets (attendees, categories) are merged by element. Start,
    end, all-day and zone are one field, ``times``.

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
        # Graph cannot remove an online meeting again, so Outlook's "on" wins.
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
    """Return the content that Odoo should have after ``merge``.

    ``merge.merged`` is for Graph. Its sets may have elements that Odoo cannot store. So
    Odoo keeps its own sets, and we apply Outlook's additions and removals to them.
    Without a base we cannot see removals, so the result has the elements of both sides.
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
    """Return the new agreed base after ``merge.to_odoo`` has been written to Odoo.

    Edits in Odoo that are not sent yet stay visible as edits: their fields keep the old
    value in ``base.ours``.

    :param ours: Odoo's content, read again after the write
    :param theirs: Graph's content now
    """
    names = merge.to_graph | merge.withheld
    if base is None:
        return Base(ours=ours.with_fields(names, theirs), theirs=theirs)
    pending: dict[str, Any] = {}
    for name in names:
        before, now = getattr(base.theirs, name), getattr(theirs, name)
        pending[name] = getattr(base.ours, name)
        if name in SET_FIELDS:
            pending[name] = apply_set_change(before, now, pending[name])
        elif now != before:
            pending[name] = now  # from now on, Odoo's edit is compared with this value
    return Base(ours=replace(ours, **pending), theirs=theirs)


def confirm_sent(base: Base, sent: Base, theirs: Content) -> Base:
    """Return the base after a write to Graph without a response.

    If Graph has the sent value of a field, that value has arrived and is agreed. For
    any other field the result is unknown, so it keeps the old base. If both sides now
    differ from that base, the merge finds a conflict and a person decides.

    :param base: the base before the write
    :param sent: the base that a successful response would have given
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
        held: dict[str, Any] = {
            name: apply_set_change(before, reached, getattr(ours, name))
        }
        arrived_elements: dict[str, Any] = {name: reached}
        ours = replace(ours, **held)
        confirmed = replace(confirmed, **arrived_elements)
    return Base(ours=ours, theirs=confirmed)


def _elements_that_arrived(
    before: tuple[Any, ...], after: tuple[Any, ...], now: tuple[Any, ...]
) -> tuple[Any, ...]:
    """Return ``before`` with each change towards ``after`` that is visible in ``now``.

    We check each element by itself: the other side may have changed others since then.
    """
    present = set(now)
    return tuple(
        element
        for element in sorted({*before, *after}, key=_set_order)
        if element in (after if (element in present) == (element in after) else before)
    )


def deletion(survivor: Content | None, *, is_contested: bool) -> Merge:
    """Return the merge for an event that one side deleted: a conflict, or no change.

    :param survivor: the content of the side that still has the event, None if no side
        has it
    :param is_contested: whether the deletion is in conflict with an edit of that side
    """
    return Merge(
        merged=survivor,
        to_odoo=frozenset(),
        to_graph=frozenset(),
        conflicts=frozenset({DELETED} if is_contested else ()),
    )


def apply_choices(
    merge: Merge, ours: Content | None, choices: str | Mapping[str, str]
) -> Merge:
    """Return ``merge`` with conflicts resolved: all for one side, or field by field.

    Conflicts without a choice stay open, and nothing else changes. So several calls
    with one choice each have the same result as one call with all choices.

    :param ours: Odoo's content, None if the event is deleted there
    :param choices: ``odoo`` or ``outlook`` for all fields, or a mapping with one of
        them for each field in conflict
    """
    if isinstance(choices, str):
        choices = dict.fromkeys(merge.conflicts, choices)
    for_odoo, for_outlook = (
        frozenset(name for name in merge.conflicts if choices.get(name) == side)
        for side in ("odoo", "outlook")
    )
    fields_for_odoo = for_odoo - {DELETED}
    merged = merge.merged
    if ours is not None and merged is not None:
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
    """Return ``merge`` limited to the direction of sync: the source side wins.

    If only one side counts, there are no conflicts. So no field is marked as resolved.

    :param direction: ``both``, ``outlook_to_odoo`` or ``odoo_to_outlook``
    """
    if direction == "outlook_to_odoo":
        merge = apply_choices(merge, ours, "outlook")
        return replace(
            merge,
            to_graph=frozenset(),
            withheld=merge.to_graph,
            kept_outlook=frozenset(),
        )
    if direction == "odoo_to_outlook":
        merge = apply_choices(merge, ours, "odoo")
        return replace(merge, to_odoo=frozenset(), kept_odoo=frozenset())
    return merge


def adopt(ours: Content, theirs: Content) -> Merge:
    """Merge two events that are the same meeting but have no agreed base.

    Nothing is sent to Graph, because that could mail people. No text in Odoo is
    overwritten silently: an empty value gets Outlook's value, any other difference is a
    conflict for a person. Personal fields and attendees get Outlook's value.
    """
    to_odoo, conflicts = set(), set()
    for name in ours.changed_fields(theirs):
        if name == "reminder" and theirs.reminder is None:
            continue  # no person removed Odoo's reminder, so it stays
        if name in {"show_as", "reminder", "categories", "online_meeting"}:
            to_odoo.add(name)
        elif name == "attendees":
            to_odoo.add(name)  # for attendees the organizer's copy is the source
        elif not getattr(ours, name):
            to_odoo.add(name)
        elif name == "sensitivity" and ours.sensitivity == "normal":
            to_odoo.add(name)  # fail closed: the more private value wins
        else:
            conflicts.add(name)
    return Merge(
        merged=theirs,
        to_odoo=frozenset(to_odoo),
        to_graph=frozenset(),
        conflicts=frozenset(conflicts),
    )


def accept_organizer_version(ours: Content, theirs: Content) -> Merge:
    """Write the organizer's version to Odoo, replacing that of an attendee's copy.

    The meeting was known only from an attendee's copy, which may be outdated. Nobody
    could edit it in Odoo meanwhile.
    """
    to_odoo = ours.changed_fields(theirs)
    if theirs.reminder is None:
        to_odoo -= {"reminder"}  # no person removed Odoo's reminder, so it stays
    if ours.sensitivity != "normal":
        to_odoo -= {"sensitivity"}  # fail closed: the more private value wins
    return Merge(
        merged=theirs,
        to_odoo=to_odoo,
        to_graph=frozenset(),
        conflicts=frozenset(),
        replaced=to_odoo,
    )


def base_after_attendee_copy(base: Base, copy: Base, ours: Content) -> Base:
    """Return the organizer's base after an attendee's copy was primary meanwhile.

    While the organizer's sync was off, changes from Outlook reached Odoo through that
    copy. They are not edits in Odoo, so the base takes them over. If Odoo differs from
    the copy in a field, that is an edit in Odoo, and the field keeps the old base.

    Personal fields in Odoo are the attendee's. The organizer's own values count as
    changed in Outlook, so Odoo gets them. But ``sensitivity`` always keeps the old
    base: an event that is private in Odoo stays private.

    :param base: agreed with the organizer's mailbox before its sync was switched off
    :param copy: agreed with the attendee's mailbox since then
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

    Elements that are already in ``target`` do not change. So an attendee keeps the name
    and kind that this side knows.
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
