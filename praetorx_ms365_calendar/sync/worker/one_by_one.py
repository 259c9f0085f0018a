"""Works on items one by one, after working on all of them together has failed.

What fails twice in the same way fails for ever: the item that is the reason is found,
set aside with its reason, and the others go on. So it is with the events of a response
that are stored, and with the entries of the outbox that are prepared.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Hashable
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
from .time_limit import TookTooLong

_logger = logging.getLogger(__name__)

#: Characters that may be stored in one transaction: some seconds of reading.
TOGETHER_WEIGHT = 2_000_000
#: What an attendee counts as.
PERSON_WEIGHT = 200
#: How long items of one mailbox are worked on before others have their turn.
TURN_SECONDS = 20.0

#: What PostgreSQL says when somebody else was faster, or when it stops.
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
    """One event of a response, or what is to be sent of one event.

    :param key: what is given to whoever works on it
    :param name: an id for the log
    :param set_aside: closes it; takes the reason in words
    :param tell: writes the reason into the sync log, where even that is refused
    :param weight: characters that have to be read
    :param is_stored: tells whether an earlier try has done it already
    """

    key: Hashable
    name: str
    set_aside: Callable[[str], Any]
    tell: Callable[[str], Any]
    weight: int = 0
    is_stored: Callable[[], bool] = lambda: False


class OutOfTime(Exception):
    """Others have to have their turn before the next item."""


def weight_of(payload: Any) -> int:
    """Return how many characters of an event have to be read, about."""
    if not isinstance(payload, dict):
        return 0
    body = payload.get("body")
    text = body.get("content") if isinstance(body, dict) else None
    return (len(text) if isinstance(text, str) else 0) + weight_of_people(payload)


def weight_of_people(payload: Any) -> int:
    """Return what the attendees of an event count as."""
    people = payload.get("attendees") if isinstance(payload, dict) else None
    return PERSON_WEIGHT * len(people) if isinstance(people, list) else 0


def is_disturbance(error: Exception) -> bool:
    """Tell whether the same step may well succeed the next time."""
    if isinstance(error, _DISTURBANCES):
        return True
    # A lost connection has no code of PostgreSQL.
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


def work_through(env, what, items, work, attempt, killed_by=None):
    """Work on each item in a transaction of its own; set aside those that fail.

    :param what: it is about, for the log: ids only
    :param items: in the order in which they are worked on
    :param work: takes the key of an item
    :param attempt: an :class:`.attempts.Attempt`, with which each item is noted before
    :param killed_by: name of the item that has ended another process: it is set aside
    :raise OutOfTime: there are more
    :raise Exception: a disturbance; what is done by then stays
    """
    begun = time.monotonic()
    try:
        for item in items:
            if item.is_stored():
                continue
            if time.monotonic() - begun > TURN_SECONDS:
                raise OutOfTime
            if item.name == killed_by:
                _set_aside(env, what, item, _timed_out(env), attempt)
            else:
                attempt.record(item.name)
                _work_on(env, what, item, work, attempt)
    except Exception:
        attempt.record()  # whoever can say so was not killed by the item
        raise


def _work_on(env, what, item, work, attempt):
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
        reason = env._("Odoo cannot process it: %(kind)s", kind=kind_of(error))
        if isinstance(error, TookTooLong):
            reason = _timed_out(env)
        _set_aside(env, what, item, reason, attempt)


def _timed_out(env):
    return env._("Processing it took too long or needed too much memory.")


def _set_aside(env, what, item, reason, attempt):
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
