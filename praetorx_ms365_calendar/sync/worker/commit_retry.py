"""Commits the steps of a cron, again where a person or another worker was faster.

Odoo repeats a web request whose transaction fails to serialize, but no cron: it would
leave an error in the log, and wait for its next turn.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

import psycopg2

from .mailbox_lock import wait_briefly
from .muted_sql_log import muted_sql_log

_logger = logging.getLogger(__name__)

#: How often a step is tried before it is given up.
MAX_ATTEMPTS = 8
#: How long the first pause is between two tries, and the longest one.
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0


def commit_step(env, what: str, step: Callable[[], Any], processed: int = 0) -> float:
    """Run a step and commit what it has written.

    It waits for nobody while it holds rows, but between two tries, when it holds none.

    :param what: is done, for the log: ids only
    :param step: reads anew what it needs each time it is called
    :param processed: how many records of the running cron are done with it
    :return: how many seconds the cron has left
    :raise psycopg2.Error: another one was faster each time
    :raise Exception: what the step raises, at once; nothing of it is kept either way
    """
    for attempt in range(1, MAX_ATTEMPTS + 1):
        try:
            with muted_sql_log():
                wait_briefly(env.cr)
                step()
                return env["ir.cron"]._commit_progress(processed)
        except (psycopg2.OperationalError, psycopg2.IntegrityError):
            env.cr.rollback()
            _logger.info(
                "Microsoft 365: %s was changed meanwhile, try %s", what, attempt
            )
            if attempt == MAX_ATTEMPTS:
                raise
            time.sleep(pause_after(attempt))
        except BaseException:  # also what ends the process
            env.cr.rollback()
            raise
    raise AssertionError("the last try returns or raises")


def pause_after(attempt: int) -> float:
    """Return how many seconds to leave others alone after so many tries."""
    return min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE)
