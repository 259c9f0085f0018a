"""One worker per mailbox, also on several machines.

A lock belongs to a session of the database. A connection pooler in transaction mode
gives each transaction another session: the lock is then held by a stranger, and nobody
can give it back. That is noticed here, and told.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from odoo.sql_db import db_connect

_logger = logging.getLogger(__name__)

#: First half of the advisory lock key; the second is the account's id.
LOCK_CLASS = 0x4D333635  # "M365"


#: How long a worker waits for a row that somebody else holds: practically not at all.
PATIENCE = "10ms"


def wait_briefly(cr) -> None:
    """Have this transaction wait for no lock: whoever holds it may wait for the worker.

    PostgreSQL would end one of the two after a second, or none, where it cannot see
    that they wait for each other. So the worker gives way at once, by an
    ``OperationalError``, and tries again when it holds nothing. It counts until the
    transaction ends, also behind a pooler.
    """
    cr.execute("SELECT set_config('lock_timeout', %s, true)", (PATIENCE,))


def try_lock_mailbox(cr, account_id: int) -> bool:
    """Take the mailbox for this database session, unless another session has it.

    The lock belongs to the session, not to a transaction: it is held over commits
    while Graph is asked, and PostgreSQL drops it at once when the process dies.
    """
    cr.execute("SELECT pg_try_advisory_lock(%s, %s)", (LOCK_CLASS, account_id))
    return cr.fetchone()[0]


def unlock_mailbox(cr, account_id: int) -> bool:
    """Give the mailbox back.

    :return: False if this session did not have it: sessions are shared
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


def has_own_session(cr, commit: Callable[[], object], looks: int = 2) -> bool:
    """Tell whether no other connection gets the session of this one.

    A pooler gives the session that was freed last to whoever asks next. So another
    connection asks as soon as this one is between two transactions.

    :param commit: ends a transaction
    """
    seen = set()
    for _look in range(looks):
        mine = _session_of(cr)
        seen.add(mine)
        commit()
        with closing(db_connect(cr.dbname).cursor()) as other:
            if _session_of(other) == mine:
                return False
    return len(seen) == 1


def _session_of(cr):
    cr.execute("SELECT pg_backend_pid()")
    return cr.fetchone()[0]


@contextmanager
def mailbox_lock(cr, account_id: int) -> Iterator[bool]:
    """Have the mailbox for the length of a block, if it is free.

    The block commits what it has done: what it leaves open when it fails is rolled
    back. A lock that stayed would outlive the cron, in the pool of connections.

    :return: whether the mailbox was free
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
