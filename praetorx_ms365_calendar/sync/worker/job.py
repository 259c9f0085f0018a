"""Define one step of one mailbox: a request sent in a thread, and its recording."""

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import requests

from ...engine.errors import SyncError
from ...graph.transport import new_session
from .one_by_one import Item

#: Mailboxes with a job under way at the same time.
MAILBOXES_AT_ONCE = 8


@lru_cache(maxsize=1)
def _http_session(_process_id: int) -> requests.Session:
    """Return the HTTP session of this process; it keeps connections to Graph open.

    It keeps no cookies, so that mailboxes and threads may share it.
    """
    return new_session(pool_size=MAILBOXES_AT_ONCE)


@dataclass(frozen=True, slots=True)
class Job:
    """One step of one mailbox.

    :param account_id: the account; its lock is held
    :param send: runs in a thread and must not touch the ORM
    :param record: stores the result of ``send``; runs again after a serialization
        failure, so it starts from the database each time
    :param items: splits the result of ``send`` into items, if they can be stored one by
        one. ``record`` then also takes ``only``: the keys of the items to store. If
        ``only`` is empty, it records everything except the items
    :param kind: a name for the kind of items; needed if there are items
    """

    account_id: int
    send: Callable[[requests.Session], Any]
    record: Callable[..., None]
    items: Callable[[Any], list[Item]] | None = None
    kind: str = ""


class Work(Protocol):
    """The work of one cron: the mailboxes that are due, and their jobs."""

    #: Takes the id of an account; returns its next job, None if there is none. If the
    #: work has ``plans_items``, it also takes ``through``: it then calls
    #: ``through(items, plan)``, where ``plan`` takes the key of one item, instead of
    #: planning all items together.
    claim: Callable[..., Job | None]

    def due_account_ids(self, excluded: Collection[int]) -> list[int]:
        """Return the accounts whose turn it is, the first one first."""

    def failed(self, account_id: int, error: SyncError | None = None) -> None:
        """Let a mailbox wait for a while, because of an error."""


def send(job: Job) -> Any:
    """Send the requests of a job, in a thread."""
    return job.send(_http_session(os.getpid()))
