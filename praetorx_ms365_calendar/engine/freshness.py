"""Old versions that Graph shows for a while after a write.

A GET right after a write may still show the version before it, or not find a new event
at all. So a link remembers which versions are known to exist: from the answers to our
own writes, and from pages that list a series which is then read by its id. A reading
that shows less is repeated a little later. See docs/graph.md, Reading.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from .snapshot import is_older

#: How long to wait before each further reading. What the last one shows is believed.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (2, 4, 8, 16, 32))


@dataclass(frozen=True, slots=True)
class Expected:
    """What a reading of an event or a series has to show at least.

    :param modified_at: of the event, or of the series as a whole; empty if only its
        existence is known
    :param parts: id of an occurrence -> its version; empty for one that is gone
    :param tries: readings that showed less
    """

    modified_at: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    tries: int = 0

    @classmethod
    def from_json(cls, data: Any) -> Expected | None:
        """Read what :meth:`to_json` wrote; None where nothing is expected."""
        return cls(**data) if data else None

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a JSON column."""
        return {
            "modified_at": self.modified_at,
            "parts": dict(self.parts),
            "tries": self.tries,
        }

    def and_also(self, other: Expected) -> Expected:
        """Return both; the newer version counts."""
        is_newer = not self.modified_at or is_older(self.modified_at, other.modified_at)
        modified_at = other.modified_at if is_newer else self.modified_at
        parts = {**self.parts, **other.parts}
        is_news = modified_at != self.modified_at or parts != self.parts
        return Expected(modified_at, parts, 0 if is_news else self.tries)

    def is_missed_by(self, modified_at: str, parts: Mapping[str, str]) -> bool:
        """Tell whether a reading shows an older version than this.

        :param modified_at: of the event as it was read
        :param parts: id -> version of each occurrence that was read
        """
        if is_older(modified_at, self.modified_at):
            return True
        return any(
            remote_id in parts and (not version or is_older(parts[remote_id], version))
            for remote_id, version in self.parts.items()
        )

    def after_try(self) -> tuple[timedelta, Expected] | None:
        """Return the pause before the next reading, and what it then has to show.

        :return: None when it has been tried often enough
        """
        if self.tries >= len(PAUSES):
            return None
        return PAUSES[self.tries], replace(self, tries=self.tries + 1)
