"""Choose the original if Odoo has several events for one occurrence in Outlook."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from .snapshot import Content


@dataclass(frozen=True, slots=True)
class Twin:
    """One of several Odoo events for the same day of a series.

    :param id: id of the Odoo event. The series creates its own events first, so copies
        have higher ids
    :param remote_id: id of the occurrence in Outlook, None if unknown
    """

    id: int
    remote_id: str | None
    content: Content


def original_of(
    twins: Collection[Twin], *, remote_id: str | None, agreed: Content | None
) -> int | None:
    """Return the id of the event that belongs to the series, None without proof.

    :param remote_id: id of the occurrence in Outlook, None if unknown
    :param agreed: Odoo's content when both sides last agreed, None if they never did
    """
    known = [twin.id for twin in twins if remote_id and twin.remote_id == remote_id]
    if len(known) == 1:
        return known[0]
    first, *others = sorted(twins, key=lambda twin: twin.id)
    are_alike = not any(first.content.changed_fields(one.content) for one in others)
    is_as_agreed = agreed is not None and not first.content.changed_fields(agreed)
    return first.id if are_alike or is_as_agreed else None
