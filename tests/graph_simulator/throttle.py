"""Apply Outlook's limits per app and mailbox: 4 at once, 10,000 in ten minutes."""

from __future__ import annotations

from collections import defaultdict, deque
from datetime import datetime, timedelta

from .clock import Clock
from .errors import GraphError
from .options import Options

_WINDOW = timedelta(minutes=10)


def too_many_requests(retry_after: float) -> GraphError:
    """Return the 429 of Graph."""
    text = f"{retry_after:g}"
    return GraphError(
        429, "TooManyRequests", "Please retry again later.", {"Retry-After": text}
    )


def over_limit(limit: str, retry_after: int) -> GraphError:
    """Return the 429 of Exchange for a limit of a mailbox."""
    return GraphError(
        429,
        "ApplicationThrottled",
        f"Application is over its {limit} limit.",
        {"Retry-After": str(retry_after), "Cache-Control": "private"},
    )


class Throttle:
    """Count the current requests, and the requests of the last ten minutes."""

    def __init__(self, clock: Clock, options: Options) -> None:
        self._clock = clock
        self._options = options
        self._active: dict[tuple[str, str], int] = defaultdict(int)
        self._recent: dict[tuple[str, str], deque[datetime]] = defaultdict(deque)

    def enter(self, app: str, mailbox: str) -> None:
        """Begin a request; :meth:`leave` must follow.

        :raise GraphError: 429. The request has not begun then, but it counts
        """
        key = (app, mailbox)
        now = self._clock.now()
        recent = self._recent[key]
        while recent and now - recent[0] >= _WINDOW:
            recent.popleft()
        recent.append(now)
        if len(recent) > self._options.max_requests_per_ten_minutes:
            wait = (recent[0] + _WINDOW - now).total_seconds()
            raise over_limit("RequestsPerTenMinutes", max(1, int(wait) + 1))
        if self._active[key] >= self._options.max_concurrent:
            raise over_limit("MailboxConcurrency", 1)
        self._active[key] += 1

    def leave(self, app: str, mailbox: str) -> None:
        """End a request."""
        self._active[app, mailbox] -= 1

    def clear(self) -> None:
        """Forget past requests; current ones still count."""
        self._recent.clear()
