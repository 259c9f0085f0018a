"""Implement calendarView/delta: rounds of pages over a fixed window.

A token has the window, the calendar and two positions in the mailbox's sequence. So the
server stores nothing. The first round reads the events. Later rounds read only the log
of writes after the position of the token.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from . import render
from .errors import GraphError, bad_request
from .items import Event
from .options import Options
from .render import Preferences
from .store import Calendar, Mailbox


@dataclass(frozen=True)
class Token:
    """The position of a round.

    :ivar since: changes after this sequence count; -1 in the first round
    :ivar until: the sequence at the beginning of the round
    :ivar at: position in the events (first round) or in the log
    """

    generation: int
    mailbox: str
    calendar: str
    start: str
    end: str
    since: int
    until: int
    at: int
    nonce: int = 0

    def encode(self) -> str:
        """Return the token as opaque text."""
        text = json.dumps(list(asdict(self).values()), separators=(",", ":")).encode()
        check = hashlib.sha256(text).digest()[:6]
        return base64.urlsafe_b64encode(check + text).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> Token:
        """Read a token.

        :raise GraphError: 400, not 410, for a text that never was a token
        """
        try:
            data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            check, content = data[:6], data[6:]
            if hashlib.sha256(content).digest()[:6] != check:
                raise ValueError(text)
            return cls(*json.loads(content))
        except (ValueError, TypeError):
            raise bad_request("Badly formed token.") from None


@dataclass
class Page:
    """Items and the next token; if ``is_last``, it becomes a delta link."""

    value: list[dict[str, Any]]
    token: Token
    is_last: bool


def first_token(
    mailbox: Mailbox, calendar: Calendar, start: datetime, end: datetime
) -> Token:
    """Return the token for the first round over a window (naive UTC)."""
    return Token(
        mailbox.sync_generation,
        mailbox.id,
        calendar.id,
        start.isoformat(),
        end.isoformat(),
        -1,
        mailbox.sequence,
        0,
    )


def check_token(token: Token, mailbox: Mailbox, restart_url: str) -> Calendar:
    """Return the calendar of a token.

    :raise GraphError: 410 if its state is lost, 400 if it belongs to another mailbox
    """
    if token.mailbox != mailbox.id:
        raise bad_request("Badly formed token.")
    calendar = mailbox.calendars.get(token.calendar)
    if token.generation != mailbox.sync_generation or calendar is None:
        raise sync_state_lost(restart_url)
    return calendar


def sync_state_lost(restart_url: str) -> GraphError:
    """Return the 410 for a token with lost state."""
    return GraphError(
        410,
        "SyncStateNotFound",
        "The sync state generation is not found; generation=1;"
        "[highest=51][49][50][51].",
        {"Location": f"{restart_url}?$deltatoken="},
    )


def sync_state_not_found() -> GraphError:
    """Return the 400 for a token with lost state: Graph uses this form too."""
    return GraphError(
        400,
        "syncStateNotFound",
        "The sync state generation is not found. The delta token is expired and data "
        "must be synchronized again.",
    )


def page(
    mailbox: Mailbox,
    calendar: Calendar,
    token: Token,
    size: int,
    prefer: Preferences,
    options: Options,
) -> Page:
    """Return the page at the position of a token. A series is never split in two."""
    start = datetime.fromisoformat(token.start)
    end = datetime.fromisoformat(token.end)
    value: list[dict[str, Any]] = []
    is_first_round = token.since < 0
    source = mailbox.events if is_first_round else mailbox.log
    at = token.at if is_first_round else max(token.at, mailbox.log_after(token.since))
    while at < len(source) and len(value) < size:
        entry = source[at]
        if isinstance(entry, Event):
            is_late = entry.first_sequence > token.until
            if not (is_late or entry.is_deleted) and entry.calendar is calendar:
                value += _shown(entry, start, end, prefer, options)
        elif entry.sequence > token.until:
            break
        elif entry.calendar is calendar:
            event = entry.event
            if entry.gone is not None:
                gone = event.immutable_id if prefer.immutable else entry.gone
                value.append(_removed(gone))
            elif entry.sequence == event.sequence:
                shown = []
                if not event.is_deleted:
                    shown = _shown(event, start, end, prefer, options)
                own_id = event.immutable_id if prefer.immutable else event.id
                value += shown or [_removed(own_id)]
        at += 1
    is_last = at >= len(source) or (
        not is_first_round and mailbox.log[at].sequence > token.until
    )
    if is_last:
        until = mailbox.sequence
        # Writes after the beginning of this round belong to the next round.
        follow = replace(token, since=token.until, until=until, at=0)
    else:
        follow = replace(token, at=at)
    return Page(value, follow, is_last)


def behind(token: Token, mailbox: Mailbox, moment: datetime | None) -> Token:
    """Return the token of a round without the writes after a moment.

    :param moment: ``None`` leaves out all writes since the link was returned
    """
    if moment is None:
        return replace(token, until=token.since) if token.since >= 0 else token
    until = mailbox.sequence_at(moment)
    return replace(token, until=max(token.since, min(token.until, until)))


def next_round(token: Token, mailbox: Mailbox) -> Token:
    """Return the token of a new round that begins now with a deltaLink."""
    return replace(token, until=mailbox.sequence, at=0)


def _shown(
    event: Event,
    start: datetime,
    end: datetime,
    prefer: Preferences,
    options: Options,
) -> list[dict[str, Any]]:
    instances = list(event.instances(start, end))
    if not instances:
        return []
    shown = []
    if event.is_series:
        shown.append(_typed(render.full_event(event.item(), prefer, options)))
    for item in instances:
        if item.type == "occurrence":
            shown.append(render.minimal_occurrence(item, prefer))
        else:
            shown.append(_typed(render.full_event(item, prefer, options)))
    return shown


def _typed(answer: dict[str, Any]) -> dict[str, Any]:
    return {"@odata.type": "#microsoft.graph.event", **answer}


def _removed(event_id: str) -> dict[str, Any]:
    return {
        "@odata.type": "#microsoft.graph.event",
        "id": event_id,
        "@removed": {"reason": "deleted"},
    }
