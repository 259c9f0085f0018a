"""Derive the one status of a mailbox from its worst part.

All screens show this status: the button above the calendar, the preferences, *My
Connection* and the list of accounts. So none of them is green while another one asks
for a decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["trouble", "attention", "working", "ok", "off"]

#: All levels, the worst first.
LEVELS: tuple[Level, ...] = ("trouble", "attention", "working", "ok", "off")

#: Cause -> level, the worst cause first.
CAUSES: dict[str, Level] = {
    "sign_in_again": "trouble",
    "configuration": "trouble",
    "unavailable": "trouble",
    "never_connected": "trouble",
    "not_stored": "trouble",
    "stopped": "trouble",
    "still": "trouble",
    "failed": "trouble",
    "signed_out": "attention",
    "awaits_start": "attention",
    "paused": "attention",
    "change_waits": "attention",
    "failing": "attention",
    "delayed": "attention",
    "conflicts": "attention",
    "holds": "attention",
    "approvals": "attention",
    "permission": "attention",
    "calendars": "attention",
    "set_aside": "attention",
    "differences": "attention",
    "reset": "working",
    "connecting": "working",
    "reading": "working",
    "polled": "ok",
    "active": "ok",
    "off": "off",
}
#: Causes that are numbers among the facts.
_COUNTED = (
    "failed",
    "delayed",
    "conflicts",
    "holds",
    "approvals",
    "calendars",
    "set_aside",
    "differences",
)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that decides about the status of a mailbox.

    :param state: the state of the account; the ones of stopped mailboxes are causes
    :param is_connected: Microsoft has said whose mailbox it is
    :param is_read: the calendar was read completely once
    :param is_polled: Microsoft cannot notify this server
    :param awaits_start: the person has not looked at the preview yet
    :param change_waits: a change of the settings waits until the person has seen it
    :param failures: failures since the last answer
    :param failed: changes that were given up
    :param delayed: changes that have failed and wait long for their next attempt
    :param calendars: synced calendars that cannot be read
    :param needs_permission: a shared calendar needs another sign-in
    :param set_aside: events that Odoo cannot take
    :param differences: open differences that the self-check has found
    """

    enabled: bool
    state: str
    is_connected: bool
    is_read: bool
    is_polled: bool = False
    is_reset: bool = False
    awaits_start: bool = False
    change_waits: bool = False
    is_paused: bool = False
    cannot_be_stored: bool = False
    shares_sessions: bool = False
    stands_still: bool = False
    needs_permission: bool = False
    failures: int = 0
    failed: int = 0
    delayed: int = 0
    conflicts: int = 0
    holds: int = 0
    approvals: int = 0
    calendars: int = 0
    set_aside: int = 0
    differences: int = 0


@dataclass(frozen=True, slots=True)
class Health:
    """One part of the status.

    :param count: how many things it is about, 0 if they are not counted
    """

    level: Level
    cause: str
    count: int = 0


def health(facts: Facts) -> Health:
    """Return the worst part."""
    return assess(facts)[0]


def assess(facts: Facts) -> tuple[Health, ...]:
    """Return all parts, the worst first.

    The connection itself is always one of them. A mailbox that is off or being reset
    has no other part: nobody has to decide about it.
    """
    if not facts.enabled:
        return (_part("off"),)
    if facts.is_reset and facts.state == "active":
        return (_part("reset"),)
    parts = [_part(_connection(facts))]
    if facts.is_paused:
        parts.append(_part("paused"))
    if facts.change_waits:
        parts.append(_part("change_waits"))
    if facts.needs_permission:
        parts.append(_part("permission"))
    for cause in _COUNTED:
        if count := getattr(facts, cause):
            parts.append(_part(cause, count))
    return tuple(sorted(parts, key=lambda part: -severity(part.cause)))


def severity(cause: str) -> int:
    """Return a number that is higher for a worse cause."""
    return len(CAUSES) - list(CAUSES).index(cause)


def _connection(facts: Facts) -> str:
    """Return how the connection itself is doing."""
    if facts.state != "active":
        return facts.state
    if not facts.is_connected and not facts.awaits_start:
        return "never_connected" if facts.failures else "connecting"
    for cause, is_so in (
        ("not_stored", facts.cannot_be_stored),
        ("stopped", facts.shares_sessions),
        ("still", facts.stands_still and not facts.is_paused),
        ("failing", facts.failures),
        ("awaits_start", facts.awaits_start),
        ("reading", not facts.is_read),
        ("polled", facts.is_polled),
    ):
        if is_so:
            return cause
    return "active"


def _part(cause: str, count: int = 0) -> Health:
    return Health(CAUSES[cause], cause, count)
