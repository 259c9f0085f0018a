"""Limit the time that the ORM's thread may work on data from Microsoft.

Odoo runs crons in threads, and threads receive no signals of the system. But each work
on an event queries the database often, so we check the clock at each statement.
PostgreSQL ends a single statement that takes too long. Code that hangs between
statements is ended by Odoo, together with the process (``limit_time_real_cron``). The
next process detects that: see ``attempts.py``.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from psycopg2.errors import QueryCanceled

from odoo.sql_db import BaseCursor

#: The time for one response, or for one item of it. Odoo's own limit is longer.
LIMIT_SECONDS = 60.0


class TookTooLong(Exception):
    """The time was up; the work is rolled back."""


class _TimeIsUp(BaseException):
    """Not caught where single events are set aside: another event may be the cause."""


class _Clock:
    """Ends the work of this thread at the first statement after its time is up."""

    def __init__(self, seconds: float) -> None:
        self._end = monotonic() + seconds
        self._has_ended = False

    def look(self, *_statement: object) -> None:
        """Check the clock; Odoo calls this after each statement of the thread."""
        if self.is_over() and not self._has_ended:
            self._has_ended = True  # the clean-up may use the database, too
            raise _TimeIsUp

    def is_over(self) -> bool:
        return monotonic() >= self._end


@contextmanager
def time_limit(cr: BaseCursor, seconds: float | None = None) -> Iterator[None]:
    """End the work of the block if it takes too long.

    The caller must then roll the transaction back.

    :param seconds: :data:`LIMIT_SECONDS` unless given
    :raise TookTooLong: the time was up
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
