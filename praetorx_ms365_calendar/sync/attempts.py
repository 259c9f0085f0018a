"""Notes, in a committed row, what is about to be stored.

A process that is killed, since it took too long or too much memory, cannot say so. The
next one finds the note: it stores the items of that answer one by one. Where the note
names an item, that item is set aside without another try.
"""

from odoo.tools import SQL

#: The note of an answer whose items are stored together.
TOGETHER = ""


def note(env, account_id, kind, item=TOGETHER):
    """Note that an answer, or one item of it, is about to be stored.

    :param kind: of the job; each has a note of its own
    """
    env.cr.execute(
        SQL(
            """UPDATE praetorx_ms365_account
                  SET storing = COALESCE(storing, '{}'::jsonb)
                                || jsonb_build_object(%s, %s)
                WHERE id = %s""",
            kind,
            item,
            account_id,
        )
    )


def forget(env, account_id, kind):
    """Take the note back: what it was about is stored."""
    env.cr.execute(
        SQL(
            "UPDATE praetorx_ms365_account SET storing = storing - %s WHERE id = %s",
            kind,
            account_id,
        )
    )


def left_behind(env, account_id, kind):
    """Return the note of a process that was killed, None if there is none.

    :return: :data:`TOGETHER`, or the name of an item
    """
    [[item]] = env.execute_query(
        SQL(
            "SELECT storing ->> %s FROM praetorx_ms365_account WHERE id = %s",
            kind,
            account_id,
        )
    ) or [[None]]
    return item
