"""Stores an answer item by item, after storing all of it together has failed.

What fails twice in the same way fails for ever: the item that is the reason is found,
set aside with its reason, and the others are stored.
"""

from __future__ import annotations

import logging
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
    TransactionRollback,
)

from ..engine.errors import SyncError

_logger = logging.getLogger(__name__)

#: What PostgreSQL says when somebody else was faster, or when it stops.
_DISTURBANCES = (
    TransactionRollback,
    LockNotAvailable,
    QueryCanceled,
    AdminShutdown,
    CrashShutdown,
    psycopg2.InterfaceError,
)


@dataclass(frozen=True, slots=True)
class Item:
    """One event of an answer.

    :param key: what the job's ``record`` knows it by
    :param name: an id for the log
    :param set_aside: quarantines it; takes the reason in words
    :param tell: writes the reason into the sync log, where even that is refused
    """

    key: Hashable
    name: str
    set_aside: Callable[[str], Any]
    tell: Callable[[str], Any]


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


def store_items(env, what, items, store, commit, *, before, killed_by=None):
    """Store each item in a transaction of its own; set aside those that are refused.

    :param what: it is about, for the log: ids only
    :param items: in the order in which they are stored
    :param store: takes the key of an item
    :param commit: takes a step, runs and commits it, again where somebody was faster
    :param before: takes the name of the item that is stored next
    :param killed_by: name of the item that has ended another process: it is set aside
    :raise Exception: a disturbance; what is stored by then stays
    """
    for item in items:
        if item.name == killed_by:
            reason = env._("Storing it took too long, or too much memory.")
            _set_aside(env, what, item, reason, commit)
            continue
        before(item.name)
        try:
            commit(lambda item=item: store(item.key))
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
            reason = env._("Odoo cannot store it: %(kind)s", kind=kind_of(error))
            _set_aside(env, what, item, reason, commit)


def _set_aside(env, what, item, reason, commit):
    try:
        commit(lambda: item.set_aside(reason))
    except Exception as refusal:
        if is_disturbance(refusal):
            raise
        _logger.warning(
            "Microsoft 365: %s: item %s cannot even be set aside: %s",
            what,
            item.name[:100],
            kind_of(refusal),
        )
        commit(lambda: item.tell(reason))
