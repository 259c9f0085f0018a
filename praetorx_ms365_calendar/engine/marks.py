"""Choose the mark of an event: the state of its sync that a person must know first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mark = Literal[
    "none",
    "synced",
    "pending",
    "waiting",
    "approval",
    "held",
    "deleted",
    "conflict",
    "error",
]
#: States of the sync that come before all questions about the event.
_TROUBLE: tuple[Mark, ...] = ("error", "conflict")


@dataclass(frozen=True, slots=True)
class MarkFacts:
    """The facts about an event that decide its mark.

    :param state: the stored state of the sync: ``none``, ``pending``, ``synced``,
        ``conflict`` or ``error``
    :param is_late: whether an edit waits long after an error
    :param is_deleted: whether the sync has archived it, since Outlook deleted it
    :param is_held: whether a person must decide if it is deleted in Odoo, too
    :param awaits_approval: whether a change waits for the owner's approval
    :param awaits_consent: whether the organizer must consent before it is sent
    """

    state: Mark
    is_late: bool = False
    is_deleted: bool = False
    is_held: bool = False
    awaits_approval: bool = False
    awaits_consent: bool = False


def mark_of(facts: MarkFacts) -> Mark:
    """Return the one mark of an event; the first fact that calls for a person wins."""
    if facts.is_deleted:
        return "deleted"
    if facts.state in _TROUBLE:
        return facts.state
    if facts.is_late:
        return "error"
    if facts.is_held:
        return "held"
    if facts.awaits_approval:
        return "approval"
    if facts.awaits_consent:
        return "waiting"
    return facts.state
