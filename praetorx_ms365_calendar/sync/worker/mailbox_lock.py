"""Allow one worker per mailbox, also on several machines.

A lock belongs to a database session. A connection pooler in transaction mode gives
each transaction another session. The lock then stays with a session that we cannot
reach again. This module detects that and reports it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from odoo.sql_db import BaseCursor

_logger = logging.getLogger(__name__)

#: First half of the advisory lock key; the second is the account's id.
LOCK_CLASS = 0x4D333635  # "M365"


#: The time that a worker waits for a row lock of somebody else: nearly none.
PATIENCE = "10ms"


def wait_briefly(cr: BaseCursor) -> None:
    """Let this transaction wait for no lock: its owner may be waiting for the worker.

    In a deadlock PostgreSQL ends one side after a second, or neither if it cannot see
    the deadlock. So the worker fails at once with an ``OperationalError``, and repeats
    when it holds no locks. The setting lasts until the transaction ends, also behind a
    pooler.
    """
    cr.execute("SELECT set_config('lock_timeout', %s, true)", (PATIENCE,))


def try_lock_mailbox(cr: BaseCursor, account_id: int) -> bool:
    """Lock the mailbox for this database session, unless another session has it.

    The lock belongs to the session, not to a transaction. So it lasts across commits
    and requests to Graph. PostgreSQL drops it at once when the process dies.
    """
    cr.execute("SELECT pg_try_advisory_lock(%s, %s)", (LOCK_CLASS, account_id))
    return cr.fetchone()[0]


def unlock_mailbox(cr: BaseCursor, account_id: int) -> bool:
    """Unlock the mailbox.

    :return: False if this session did not have the lock: sessions are shared
    """
    cr.execute("SELECT pg_advisory_unlock(%s, %s)", (LOCK_CLASS, account_id))
    was_ours = cr.fetchone()[0]
    if not was_ours:
        _logger.warning(
            "Microsoft 365: the lock of account %s is held by another session of the "
            "database. A connection pooler must run in session mode.",
            account_id,
        )
    return was_ours


def has_own_session(
    cr: BaseCursor,
    commit: Callable[[], object],
    open_another: Callable[[], BaseCursor],
    looks: int = 2,
) -> bool:
    """Return True if no other connection gets the session of this one.

    A pooler gives the session that was freed last to the next connection. So we open
    another connection while this one is between two transactions.

    :param commit: ends a transaction
    :param open_another: returns a cursor of another connection
    """
    seen = set()
    for _look in range(looks):
        mine = _session_of(cr)
        seen.add(mine)
        commit()
        with closing(open_another()) as other:
            if _session_of(other) == mine:
                return False
    return len(seen) == 1


def _session_of(cr: BaseCursor) -> int:
    cr.execute("SELECT pg_backend_pid()")
    return cr.fetchone()[0]


@contextmanager
def mailbox_lock(cr: BaseCursor, account_id: int) -> Iterator[bool]:
    """Lock the mailbox during a block, if it is free.

    The block commits its own changes; if it fails, uncommitted changes are rolled back.
    A lock that is not released would outlive the cron, in the pool of connections.

    :return: True if the mailbox was free
    """
    locked = try_lock_mailbox(cr, account_id)
    try:
        yield locked
    except Exception:
        cr.rollback()
        raise
    finally:
        if locked:
            unlock_mailbox(cr, account_id)
