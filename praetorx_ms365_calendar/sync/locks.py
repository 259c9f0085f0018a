"""One worker per mailbox, also on several machines."""

#: First half of the advisory lock key; the second is the account's id.
LOCK_CLASS = 0x4D333635  # "M365"


def try_lock_mailbox(cr, account_id: int) -> bool:
    """Take the mailbox for this database session, unless another session has it.

    The lock belongs to the session, not to a transaction: it is held over commits
    while Graph is asked, and PostgreSQL drops it at once when the process dies.
    """
    cr.execute("SELECT pg_try_advisory_lock(%s, %s)", (LOCK_CLASS, account_id))
    return cr.fetchone()[0]


def unlock_mailbox(cr, account_id: int) -> None:
    """Give the mailbox back."""
    cr.execute("SELECT pg_advisory_unlock(%s, %s)", (LOCK_CLASS, account_id))
