"""Log every Graph and Entra request, for tests and benchmarks."""

from __future__ import annotations

import re
from collections import Counter, deque
from dataclasses import asdict, dataclass, field
from typing import Any

MAX_ENTRIES = 200_000
_WRITES = frozenset(("POST", "PATCH", "PUT", "DELETE"))
#: POST requests that change no event, calendar or subscription.
_READING_POST = re.compile(r"/(\$batch|getSchedule|translateExchangeIds|token)$", re.I)


@dataclass
class Entry:
    """One request, or one part of a batch.

    ``path`` is decoded and relative to the host; ``duration`` is in seconds; ``fault``
    is the name of an applied fault; ``status`` 0 means that no response was sent.
    """

    n: int
    time: str
    mailbox: str | None
    method: str
    path: str
    query: str
    status: int
    request_id: str
    client_request_id: str
    body_keys: list[str]
    duration: float
    is_write: bool
    batch_id: str | None = None
    part_id: str | None = None
    fault: str | None = None
    body: Any = field(default=None, repr=False)


class RequestLog:
    """The newest requests, and counters of all requests."""

    def __init__(self) -> None:
        self.entries: deque[Entry] = deque(maxlen=MAX_ENTRIES)
        self.clear()

    def clear(self) -> None:
        """Delete all requests and set the counters to zero."""
        self.entries.clear()
        self._total = 0
        self._round_trips = 0
        self._by: dict[str, Counter[str]] = {
            name: Counter() for name in ("method", "status", "mailbox", "kind")
        }

    def add(self, entry: Entry) -> None:
        """Add a request."""
        self.entries.append(entry)
        self._total += 1
        if entry.part_id is None:
            self._round_trips += 1
        self._by["method"][entry.method] += 1
        self._by["status"][str(entry.status)] += 1
        self._by["mailbox"][entry.mailbox or ""] += 1
        self._by["kind"]["write" if entry.is_write else "read"] += 1

    @property
    def next_number(self) -> int:
        """Return the number of the next request."""
        return self._total + 1

    def counters(self) -> dict[str, Any]:
        """Return totals; ``round_trips`` counts a batch as one."""
        return {
            "total": self._total,
            "round_trips": self._round_trips,
            "writes": self._by["kind"]["write"],
            "reads": self._by["kind"]["read"],
            "by_method": dict(self._by["method"]),
            "by_status": dict(self._by["status"]),
            "by_mailbox": dict(self._by["mailbox"]),
        }

    def find(
        self,
        *,
        mailbox: str | None = None,
        method: str | None = None,
        path: str | None = None,
        status: int | None = None,
        is_write: bool | None = None,
        after: int = 0,
        limit: int | None = None,
    ) -> list[dict[str, Any]]:
        """Return the requests that match, oldest first.

        :param path: a regular expression, searched in the path
        :param after: only requests with a number above this
        :param limit: only this many, the newest ones
        """
        pattern = re.compile(path) if path else None
        found = [
            asdict(entry)
            for entry in self.entries
            if entry.n > after
            and (mailbox is None or (entry.mailbox or "").lower() == mailbox.lower())
            and (method is None or entry.method == method.upper())
            and (pattern is None or pattern.search(entry.path))
            and (status is None or entry.status == status)
            and (is_write is None or entry.is_write == is_write)
        ]
        return found[-limit:] if limit else found


def is_write(method: str, path: str) -> bool:
    """Return True if a request changes something."""
    return method in _WRITES and not _READING_POST.search(path)
