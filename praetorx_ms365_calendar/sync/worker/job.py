"""One step of one mailbox: what is sent in a thread, and what is recorded of it."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import requests

from ...graph.transport import new_session
from .one_by_one import Item

#: Mailboxes with a job under way at the same time.
MAILBOXES_AT_ONCE = 8


@lru_cache(maxsize=1)
def _http_session(_process_id: int) -> requests.Session:
    """Return the process's session, whose connections to Graph are kept open.

    It keeps no cookies, so that mailboxes and threads may share it.
    """
    return new_session(pool_size=MAILBOXES_AT_ONCE)


@dataclass(frozen=True, slots=True)
class Job:
    """One step of one mailbox.

    :param account_id: whose lock is held
    :param send: runs in a thread, must not touch the ORM
    :param record: stores what ``send`` returned; runs again after a serialization
        failure, so it starts from the database each time
    :param items: takes what ``send`` returned, and returns what it consists of, if that
        can be stored one by one. ``record`` then also takes ``only``: the keys of the
        items to store. With none of them it records all that is left besides the items
    :param kind: a name for what is stored; needed where there are items
    """

    account_id: int
    send: Callable[[requests.Session], Any]
    record: Callable[..., None]
    items: Callable[[Any], list[Item]] | None = None
    kind: str = ""


def send(job: Job) -> Any:
    """Send the requests of a job, in a thread."""
    return job.send(_http_session(os.getpid()))
