"""Work on items one by one, if the work on all of them together has failed.

Work that fails twice in the same way will always fail. So we find the item that causes
it, set it aside with its reason, and continue with the others. This applies to events
of a response (when they are stored) and to outbox entries (when they are prepared).
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import psycopg2
from psycopg2.errors import (
    AdminShutdown,
    CrashShutdown,
    LockNotAvailable,
    QueryCanceled,
)
from psycopg2.extensions import TransactionRollbackError

from ...engine.errors import SyncError
from ...engine.reasons import because
from .attempts import Attempt
from .time_limit import TookTooLong

_logger = logging.getLogger(__name__)

#: Characters that may be stored in one transaction: some seconds of parsing.
TOGETHER_WEIGHT = 2_000_000
#: The weight of one attendee, in characters.
PERSON_WEIGHT = 200
#: The time for the items of one mailbox before other mailboxes have their turn.
TURN_SECONDS = 20.0

#: Errors of PostgreSQL if somebody else was faster, or if the server stops.
_DISTURBANCES = (
    # Serialization failures and deadlocks; psycopg2.errors.TransactionRollback is
    # the parent of neither.
    TransactionRollbackError,
    LockNotAvailable,
    QueryCanceled,
    AdminShutdown,
    CrashShutdown,
    psycopg2.InterfaceError,
)


@dataclass(frozen=True, slots=True)
class Item:
    """One event of a response, or the edits of one event that must be sent.

    :param key: the argument for the function that works on the item
    :param name: an id for the log
    :param set_aside: closes the item; takes the reason
    :param tell: writes the reason into the sync log if ``set_aside`` fails, too
    :param weight: number of characters to parse
    :param is_stored: returns True if an earlier attempt has finished the item
    """

    key: Hashable
    name: str
    set_aside: Callable[[str], Any]
    tell: Callable[[str], Any]
    weight: int = 0
    is_stored: Callable[[], bool] = lambda: False


class OutOfTime(Exception):
    """Other mailboxes must have their turn before the next item."""


def weight_of(payload: Any) -> int:
    """Return the approximate number of characters to parse for an event."""
    if not isinstance(payload, dict):
        return 0
    body = payload.get("body")
    text = body.get("content") if isinstance(body, dict) else None
    return (len(text) if isinstance(text, str) else 0) + weight_of_people(payload)


def weight_of_people(payload: Any) -> int:
    """Return the weight of an event's attendees, in characters."""
    people = payload.get("attendees") if isinstance(payload, dict) else None
    return PERSON_WEIGHT * len(people) if isinstance(people, list) else 0


def is_disturbance(error: Exception) -> bool:
    """Return True if the same step may well succeed the next time."""
    if isinstance(error, _DISTURBANCES):
        return True
    # A lost connection has no PostgreSQL error code.
    return isinstance(error, psycopg2.OperationalError) and error.pgcode is None


def kind_of(error: Exception) -> str:
    """Name an error without its message, which may quote an event."""
    name = type(error).__name__
    constraint = isinstance(error, psycopg2.Error) and error.diag.constraint_name
    return f"{name} ({constraint})" if constraint else name


def place_of(error: Exception) -> str:
    """Return where an error was raised, without its message."""
    if isinstance(error, psycopg2.Error | SyncError):
        return ""
    return "\n" + "".join(traceback.format_tb(error.__traceback__))


def work_through(
    what: str,
    items: Iterable[Item],
    work: Callable[[Any], object],
    attempt: Attempt,
    killed_by: str | None = None,
) -> None:
    """Work on each item in its own transaction; set an item aside if it fails.

    :param what: names the work in the log, by ids only
    :param items: in the order of the work
    :param work: takes the key of an item
    :param attempt: records each item in advance
    :param killed_by: name of the item that has ended another process: it is set aside
    :raise OutOfTime: the time was up before all items were done
    :raise Exception: a disturbance; finished items stay finished
    """
    begun = time.monotonic()
    try:
        for item in items:
            if item.is_stored():
                continue
            if time.monotonic() - begun > TURN_SECONDS:
                raise OutOfTime
            if item.name == killed_by:
                _set_aside(what, item, because("took_too_long"), attempt)
            else:
                attempt.record(item.name)
                _work_on(what, item, work, attempt)
    except Exception:
        attempt.record()  # this process lives: the item has not killed it
        raise


def _work_on(
    what: str,
    item: Item,
    work: Callable[[Any], object],
    attempt: Attempt,
) -> None:
    try:
        attempt.commit(lambda: work(item.key))
    except Exception as error:
        if is_disturbance(error):
            raise
        _logger.info(
            "Microsoft 365: %s: item %s is set aside: %s%s",
            what,
            item.name,
            kind_of(error),
            place_of(error),
        )
        reason = because("odoo_failed", kind=kind_of(error))
        if isinstance(error, TookTooLong):
            reason = because("took_too_long")
        _set_aside(what, item, reason, attempt)


def _set_aside(what: str, item: Item, reason: str, attempt: Attempt) -> None:
    try:
        attempt.commit(lambda: item.set_aside(reason))
    except Exception as refusal:
        if is_disturbance(refusal):
            raise
        _logger.warning(
            "Microsoft 365: %s: item %s cannot even be set aside: %s",
            what,
            item.name[:100],
            kind_of(refusal),
        )
        attempt.commit(lambda: item.tell(reason))
