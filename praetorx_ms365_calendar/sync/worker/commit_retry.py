"""Commit the steps of a cron; repeat a step if a person or a worker was faster.

After a serialization failure, Odoo repeats a web request, but not a cron: the cron
would log an error and wait for its next run.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import psycopg2

from odoo.api import Environment

from ...muted_sql_log import muted_sql_log
from .mailbox_lock import wait_briefly

_logger = logging.getLogger(__name__)

#: Work that one transaction commits.
Step: TypeAlias = Callable[[], object]
#: The first and the longest pause between two attempts, in seconds.
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a worker waits for others who hold what it needs.

    :param attempts: number of attempts before a step is given up
    :param seconds: the wait for mailboxes that other workers have locked
    """

    attempts: int = 8
    seconds: float = 3.0


PATIENCE = Patience()


def commit_step(
    env: Environment,
    what: str,
    step: Step,
    processed: int = 0,
    patience: Patience = PATIENCE,
) -> float:
    """Run a step and commit its changes; repeat it after a lock or serialization error.

    It never waits while it holds rows, only between two attempts, when it holds none.

    :param what: names the step in the log, by ids only
    :param step: reads all its data again at each call
    :param processed: number of records of the running cron that the step finishes
    :return: the seconds that the cron has left
    :raise psycopg2.Error: somebody else was faster at each attempt; nothing is kept
    :raise Exception: any other error of the step, without a repetition; nothing is kept
    """
    for attempt in range(1, patience.attempts + 1):
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
            if attempt == patience.attempts:
                raise
            time.sleep(pause_after(attempt))
        except BaseException:  # also if the process ends
            env.cr.rollback()
            raise
    raise AssertionError("the last try returns or raises")


def pause_after(attempt: int) -> float:
    """Return the seconds to wait after the given number of attempts."""
    return min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE)
