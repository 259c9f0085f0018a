"""Let something happen at a statement of the database, such as loss of time."""

import threading
from contextlib import contextmanager


@contextmanager
def at_statements(act):
    """Call ``act`` after each statement of this thread in a block.

    :param act: takes the text of the statement with all its values
    """

    def look(cr, query, params, _began, _delay):
        act(cr.mogrify(query, params).decode().strip())

    # Odoo calls these after each statement, the first one first.
    hooks = vars(threading.current_thread()).setdefault("query_hooks", [])
    hooks.append(look)
    try:
        yield
    finally:
        hooks.remove(look)


def stores_new_event(statement):
    """Return True for the statement that stores new events of Odoo."""
    return statement.startswith('INSERT INTO "calendar_event"')


def marks_as_sent(statement):
    """Return True for the statement that stores which content is sent."""
    return (
        statement.startswith('UPDATE "praetorx_ms365_outbox"')
        and '"sent_content"' in statement
    )
