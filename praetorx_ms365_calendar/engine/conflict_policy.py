"""Resolve conflicts by the policy of the company or the user, without asking."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from .merge import Merge, apply_choices
from .snapshot import Content

Policy = Literal["ask", "odoo", "outlook", "newest"]
Side = Literal["odoo", "outlook"]

#: Graph writes a time that was never set as a date in this year.
_UNSET_YEAR = 1


def apply_policy(
    merge: Merge,
    ours: Content | None,
    policy: str,
    *,
    agreed_before: bool,
    edited_at: datetime | None = None,
    modified_at: str | None = None,
) -> Merge:
    """Return ``merge`` with its conflicts resolved, if the policy can resolve them.

    :param ours: Odoo's content, None if the event is deleted there
    :param agreed_before: whether the two sides ever agreed. Without an agreement, we
        found only now that two events are the same one. This is not an edit: sending
        Odoo's version would mail people without cause, so a person must decide
    :param edited_at: see :func:`winner`
    :param modified_at: see :func:`winner`
    """
    if not merge.conflicts:
        return merge
    side = winner(policy, edited_at=edited_at, modified_at=modified_at)
    if side is None or (side == "odoo" and not agreed_before):
        return merge
    return apply_choices(merge, ours, side)


def winner(
    policy: str, *, edited_at: datetime | None, modified_at: str | None
) -> Side | None:
    """Return the side that wins under this policy, None if a person has to decide.

    :param policy: ``ask``, ``odoo``, ``outlook`` or ``newest``
    :param edited_at: when a person edited the event in Odoo (naive UTC), None if
        unknown
    :param modified_at: Graph's ``lastModifiedDateTime`` as sent (UTC), None or empty
        for an event that Outlook has deleted
    """
    if policy == "odoo":
        return "odoo"
    if policy == "outlook":
        return "outlook"
    if policy == "newest":
        return newest(edited_at, modified_at)
    return None


def newest(edited_at: datetime | None, modified_at: str | None) -> Side | None:
    """Return the side that was edited last, None if that is unknown.

    The two times come from two clocks. So neither is later within the same second.
    """
    theirs = _instant(modified_at)
    if edited_at is None or theirs is None:
        return None
    ours = edited_at.replace(microsecond=0)
    if ours == theirs:
        return None
    return "odoo" if ours > theirs else "outlook"


def _instant(modified_at: str | None) -> datetime | None:
    """Read a time of Graph to whole seconds, None if it is missing or was never set."""
    try:
        instant = datetime.fromisoformat((modified_at or "")[:19])
    except ValueError:
        return None
    return None if instant.year == _UNSET_YEAR else instant
