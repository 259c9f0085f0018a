"""Bounds the time that the work on what Microsoft sends may take in the ORM's thread.

Odoo runs crons in threads, where no signal of the system arrives. But whatever it does
with an event, it asks the database again and again: there the clock is looked at. One
statement alone is ended by PostgreSQL. What hangs without a statement is ended with the
process by Odoo itself (``limit_time_real_cron``), and noticed by the next one: see
``attempts.py``.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from psycopg2.errors import QueryCanceled

#: How long a response, or one item of it, may be worked on. Odoo's own limit is longer.
LIMIT_SECONDS = 60.0


class TookTooLong(Exception):
    """The time was up: nothing of the work is kept."""


class _TimeIsUp(BaseException):
    """Goes past whoever sets a single event aside: it may be another one's fault."""


class _Clock:
    """Ends the work of this thread at a statement, once its time is up."""

    def __init__(self, seconds: float) -> None:
        self._end = monotonic() + seconds
        self._has_ended = False

    def look(self, *_statement) -> None:
        """Look at the clock; Odoo calls this after each statement of the thread."""
        if self.is_over() and not self._has_ended:
            self._has_ended = True  # what cleans up may ask the database as well
            raise _TimeIsUp

    def is_over(self) -> bool:
        return monotonic() >= self._end


@contextmanager
def time_limit(cr, seconds: float | None = None) -> Iterator[None]:
    """End the work within the block when it takes longer.

    The transaction has to be rolled back then.

    :param seconds: :data:`LIMIT_SECONDS` unless given
    :raise TookTooLong: it was ended
    """
    seconds = LIMIT_SECONDS if seconds is None else seconds
    clock = _Clock(seconds)
    hooks = vars(threading.current_thread()).setdefault("query_hooks", [])
    milliseconds = str(max(1, round(seconds * 1000)))
    cr.execute("SELECT set_config('statement_timeout', %s, true)", (milliseconds,))
    hooks.append(clock.look)
    try:
        yield
    except _TimeIsUp:
        raise TookTooLong from None
    except QueryCanceled as error:
        if clock.is_over():
            raise TookTooLong from error
        raise
    finally:
        hooks.remove(clock.look)
