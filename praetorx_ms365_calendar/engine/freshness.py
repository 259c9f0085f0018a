"""Detect that Graph shows an old version of an event, and plan another reading.

Right after a write, a GET may still return the version before it, or not find a new
event at all. So a link remembers the versions that exist. We know them from the
responses to our own writes. For a series we also know them from pages, before we read
the series by its id. If a reading shows an older version, we read again a little later.
See docs/graph.md, Reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from .snapshot import is_older

#: How long to wait before each further reading. We accept the result of the last one.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (2, 4, 8, 16, 32))


@dataclass(frozen=True, slots=True)
class Expected:
    """The versions that a reading of an event or a series must show at least.

    :param modified_at: time of the last change of the event, or of the whole series.
        Empty if we only know that it exists
    :param parts: id of an occurrence -> its version; empty for a deleted occurrence
    :param tries: number of readings that showed an older version
    """

    modified_at: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    tries: int = 0

    @classmethod
    def from_json(cls, data: Any) -> Expected | None:
        """Read the output of :meth:`to_json`; None if no version is expected."""
        return cls(**data) if data else None

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a JSON column."""
        return {
            "modified_at": self.modified_at,
            "parts": dict(self.parts),
            "tries": self.tries,
        }

    def and_also(self, other: Expected) -> Expected:
        """Return both expectations as one; the newer version counts."""
        is_newer = not self.modified_at or is_older(self.modified_at, other.modified_at)
        modified_at = other.modified_at if is_newer else self.modified_at
        parts = {**self.parts, **other.parts}
        is_news = modified_at != self.modified_at or parts != self.parts
        return Expected(modified_at, parts, 0 if is_news else self.tries)

    def is_missed_by(self, modified_at: str, parts: Mapping[str, str]) -> bool:
        """Return True if a reading shows an older version than expected.

        :param modified_at: time of the last change in the event as it was read
        :param parts: id -> version of each occurrence that was read
        """
        if is_older(modified_at, self.modified_at):
            return True
        return any(
            remote_id in parts and (not version or is_older(parts[remote_id], version))
            for remote_id, version in self.parts.items()
        )

    def after_attempt(self) -> tuple[timedelta, Expected] | None:
        """Return the pause before the next reading, and the versions it must show.

        :return: None after the last try
        """
        if self.tries >= len(PAUSES):
            return None
        return PAUSES[self.tries], replace(self, tries=self.tries + 1)
