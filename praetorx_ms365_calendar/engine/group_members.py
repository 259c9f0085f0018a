"""Decide who takes part by a group that Outlook lists instead of its members. Pure.

Only Odoo's side of a base has such a member. Each side is compared with its own side of
the base, so the member is not a change, and is never sent to Outlook.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from .merge import apply_set_change
from .series import Series, SeriesBase
from .snapshot import Attendee, Base, Content

People = tuple[Attendee, ...]


def lists_any(side: Content | Series, addresses: Collection[str]) -> bool:
    """Return True if an attendee of a meeting, or of a part of it, has an address.

    :param addresses: all addresses of one person, in lower case
    """
    return any(_people_of(side, addresses))


def with_attendee_here(
    base: Base | SeriesBase, ours: Content | Series, addresses: Collection[str]
) -> Base | SeriesBase:
    """Return the base after a person was added to Odoo's side only.

    :param ours: Odoo's side after that
    :param addresses: all addresses of the person
    """
    people = tuple(dict.fromkeys(_people_of(ours, addresses)))
    return _change(base, lambda before: apply_set_change((), people, before))


def without_attendee_here(
    base: Base | SeriesBase, _ours: Content | Series, addresses: Collection[str]
) -> Base | SeriesBase:
    """Return the base after a person was taken from Odoo's side only.

    :param addresses: all addresses of the person
    """
    return _change(
        base, lambda before: tuple(one for one in before if one.email not in addresses)
    )


def _contents(side: Content | Series) -> Iterable[Content]:
    if isinstance(side, Content):
        return [side]
    return [side.master, *side.exceptions.values()]


def _people_of(
    side: Content | Series, addresses: Collection[str]
) -> Iterable[Attendee]:
    for content in _contents(side):
        yield from (one for one in content.attendees if one.email in addresses)


def _change(
    base: Base | SeriesBase, change: Callable[[People], People]
) -> Base | SeriesBase:
    """Return the base with other attendees on Odoo's side, in each part of a series."""

    def changed(content: Content) -> Content:
        return replace(content, attendees=change(content.attendees))

    if isinstance(base, Base):
        return Base(changed(base.ours), base.theirs)
    ours = base.ours
    exceptions = {day: changed(one) for day, one in ours.exceptions.items()}
    ours = replace(ours, master=changed(ours.master), exceptions=exceptions)
    return SeriesBase(ours, base.theirs)
