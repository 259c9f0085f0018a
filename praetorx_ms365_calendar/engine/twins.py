"""Two events of a series on one day, where Outlook has one: which of them it is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from .snapshot import Content


@dataclass(frozen=True, slots=True)
class Twin:
    """One of several events that stand for one day of a series.

    :param id: of the event; the series made its own before anybody could copy it
    :param remote_id: what it is known by in Outlook, None if unknown
    """

    id: int
    remote_id: str | None
    content: Content


def original_of(
    twins: Collection[Twin], *, remote_id: str | None, agreed: Content | None
) -> int | None:
    """Return the id of the event that the series has, None if nothing proves it.

    :param remote_id: of the occurrence in Outlook, None if unknown
    :param agreed: what Odoo held when the sides last agreed, None if never
    """
    known = [twin.id for twin in twins if remote_id and twin.remote_id == remote_id]
    if len(known) == 1:
        return known[0]
    first, *others = sorted(twins, key=lambda twin: twin.id)
    are_alike = not any(first.content.changed_fields(one.content) for one in others)
    is_as_agreed = agreed is not None and not first.content.changed_fields(agreed)
    return first.id if are_alike or is_as_agreed else None
