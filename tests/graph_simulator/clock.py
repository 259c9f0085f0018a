"""Keep the simulator's time: real time plus an offset, or frozen by a test."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta, timezone


class Clock:
    """Give the time to all parts of the simulator, and let tests change it.

    Everything that expires (tokens, subscriptions, throttling windows, retries)
    asks this clock. So a test can pass through a week in a second.
    """

    def __init__(self) -> None:
        self._offset = timedelta()
        self._frozen: datetime | None = None
        self._moved = asyncio.Event()

    def now(self) -> datetime:
        """Return the simulated time, aware, in UTC."""
        if self._frozen is not None:
            return self._frozen
        return datetime.now(timezone.utc) + self._offset

    @property
    def is_frozen(self) -> bool:
        """Return True if the clock is frozen."""
        return self._frozen is not None

    def advance(self, seconds: float) -> None:
        """Move the clock by ``seconds``; a negative number moves it back."""
        if self._frozen is not None:
            self._frozen += timedelta(seconds=seconds)
        else:
            self._offset += timedelta(seconds=seconds)
        self._wake()

    def set(self, moment: datetime) -> None:
        """Set the clock to ``moment`` (with a time zone); it continues from there."""
        if self._frozen is not None:
            self._frozen = moment.astimezone(timezone.utc)
        else:
            self._offset = moment - datetime.now(timezone.utc)
        self._wake()

    def freeze(self) -> None:
        """Stop the clock; :meth:`advance` and :meth:`set` still work."""
        self._frozen = self.now()
        self._wake()

    def unfreeze(self) -> None:
        """Let the clock continue from the frozen moment."""
        if self._frozen is not None:
            self._offset = self._frozen - datetime.now(timezone.utc)
            self._frozen = None
            self._wake()

    def reset(self) -> None:
        """Return to real time."""
        self._offset = timedelta()
        self._frozen = None
        self._wake()

    async def sleep_until(self, moment: datetime) -> None:
        """Wait until the simulated time reaches ``moment``."""
        while (missing := (moment - self.now()).total_seconds()) > 0:
            moved = self._moved
            timeout = None if self.is_frozen else missing
            try:
                await asyncio.wait_for(moved.wait(), timeout)
            except asyncio.TimeoutError:
                continue

    def _wake(self) -> None:
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
