"""What was notified and has not been read yet: look again a little later.

Graph's delta may lag behind the notification of the same change: the round that the
notification causes is complete and lacks the change. So the events that were notified
are remembered until a round lists them, and a few more rounds are read for them.
Source: Graph v1.0, "Use delta query to track changes", processing delays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

#: How long to wait before each further look. After the last one, polling has to do.
PAUSES = (
    timedelta(seconds=4),
    timedelta(seconds=15),
    timedelta(seconds=60),
    timedelta(seconds=240),
)
#: Of an event that was listed in another version than the notified one, this many
#: looks are left: which of the two is newer, nobody tells.
_LOOKS_FOR_ANOTHER_VERSION = 1
#: Looks for changes whose notifications were lost: nobody knows what to look for.
_LOOKS_FOR_LOST = 2
#: Events that are remembered of one mailbox.
MAX_EVENTS = 200
#: Versions of one event that are remembered: one edit may be told several times.
_MAX_VERSIONS = 10
#: Stands for events nobody has named.
_UNNAMED = ""


@dataclass(frozen=True, slots=True)
class Notified:
    """One event of which a notification told.

    :param etag: of the version after the change; empty where it was not told, and for
        deletions: then any version that a round lists will do
    """

    remote_id: str
    etag: str = ""


@dataclass(frozen=True, slots=True)
class _Wait:
    looks_left: int = len(PAUSES)
    etags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Awaited:
    """The notified events of one mailbox that no round has listed yet.

    :param waits: id -> how often to look for it, and the versions that will do
    """

    waits: Mapping[str, _Wait] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Tell whether there is anything to wait for."""
        return bool(self.waits)

    @classmethod
    def from_json(cls, data: Any) -> Awaited:
        """Read what :meth:`to_json` wrote; nothing at all stands for no events."""
        data = data or {}
        return cls(
            {key: _Wait(looks, tuple(etags)) for key, (looks, etags) in data.items()}
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a JSON column."""
        return {key: [w.looks_left, list(w.etags)] for key, w in self.waits.items()}

    def with_notified(self, notified: Iterable[Notified]) -> Awaited:
        """Return this with further events; one that is known gets no more looks."""
        waits = dict(self.waits)
        for one in notified:
            wait = waits.get(one.remote_id, _Wait())
            if one.etag and one.etag not in wait.etags:
                etags = (*wait.etags, one.etag)[-_MAX_VERSIONS:]
                wait = replace(wait, etags=etags)
            waits[one.remote_id] = wait
        if len(waits) > MAX_EVENTS:
            return Awaited({_UNNAMED: _Wait()})
        return Awaited(waits)

    def with_lost(self) -> Awaited:
        """Return this after notifications were lost."""
        known = self.waits.get(_UNNAMED, _Wait(0))
        looks = max(known.looks_left, _LOOKS_FOR_LOST)
        return Awaited({**self.waits, _UNNAMED: _Wait(looks)})

    def without_listed(self, listed: Mapping[str, str | None]) -> Awaited:
        """Return this without the events that a page lists.

        :param listed: id -> etag; None for an entry that has no version of its own
        """
        waits = {}
        for key, wait in self.waits.items():
            if key not in listed:
                waits[key] = wait
                continue
            if not wait.etags or listed[key] is None or listed[key] in wait.etags:
                continue
            looks = min(wait.looks_left, _LOOKS_FOR_ANOTHER_VERSION)
            if looks:
                waits[key] = replace(wait, looks_left=looks)
        return Awaited(waits)

    def pause(self) -> timedelta | None:
        """Return how long to wait before the next look, None for no further look."""
        looks_left = max((wait.looks_left for wait in self.waits.values()), default=0)
        return PAUSES[len(PAUSES) - looks_left] if looks_left > 0 else None

    def after_look(self) -> Awaited:
        """Return this when one more look has begun; what had its last one is left."""
        return Awaited(
            {
                key: replace(wait, looks_left=wait.looks_left - 1)
                for key, wait in self.waits.items()
                if wait.looks_left > 0
            }
        )


def listed_versions(items: Iterable[Mapping[str, Any]]) -> dict[str, str | None]:
    """Return id -> etag of what the entries of a page tell of.

    A series counts as listed where one of its occurrences is.

    :param items: as Graph sent them; what has no id is passed over
    """
    listed: dict[str, str | None] = {}
    for item in items:
        master_id, remote_id = item.get("seriesMasterId"), item.get("id")
        if isinstance(master_id, str):
            listed.setdefault(master_id, None)
        if isinstance(remote_id, str):
            etag = item.get("@odata.etag")
            is_version = isinstance(etag, str) and "@removed" not in item
            listed[remote_id] = etag if is_version else None
    return listed
