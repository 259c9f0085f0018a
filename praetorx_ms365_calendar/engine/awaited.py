"""Remember notified events until a delta round lists them, and read more rounds.

Graph's delta may be later than the notification of the same change: the round after the
notification ends normally, but lacks the change. So we remember the notified events
until a round lists them, and read a few more rounds for them.
Source: Graph v1.0, "Use delta query to track changes", processing delays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

#: How long to wait before each further look. After the last look only the regular
#: polling finds the change.
PAUSES = (
    timedelta(seconds=4),
    timedelta(seconds=15),
    timedelta(seconds=60),
    timedelta(seconds=240),
)
#: Looks left after a round listed another version than the notified one. We cannot know
#: which of the two versions is newer.
_LOOKS_FOR_ANOTHER_VERSION = 1
#: Looks after lost notifications: the changed events are unknown.
_LOOKS_FOR_LOST = 2
#: Maximum number of events to remember for one mailbox.
MAX_EVENTS = 200
#: Maximum number of versions to remember for one event: Graph may send several
#: notifications for one edit.
_MAX_VERSIONS = 10
#: Key for events with an unknown id.
_UNNAMED = ""


@dataclass(frozen=True, slots=True)
class Notified:
    """One event that a notification named.

    :param etag: of the version after the change. Empty if the notification has none,
        and for deletions: then any version that a round lists is enough
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

    :param waits: id -> number of looks left, and the versions that are new enough
    """

    waits: Mapping[str, _Wait] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Return True if there is an event to wait for."""
        return bool(self.waits)

    @classmethod
    def from_json(cls, data: Any) -> Awaited:
        """Read the output of :meth:`to_json`; an empty value means no events."""
        data = data or {}
        return cls(
            {key: _Wait(looks, tuple(etags)) for key, (looks, etags) in data.items()}
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a JSON column."""
        return {key: [w.looks_left, list(w.etags)] for key, w in self.waits.items()}

    def with_notified(self, notified: Iterable[Notified]) -> Awaited:
        """Return a copy with more events; a known event gets no additional looks."""
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
        """Return a copy that also waits for the events of lost notifications."""
        known = self.waits.get(_UNNAMED, _Wait(0))
        looks = max(known.looks_left, _LOOKS_FOR_LOST)
        return Awaited({**self.waits, _UNNAMED: _Wait(looks)})

    def without_listed(self, listed: Mapping[str, str | None]) -> Awaited:
        """Return a copy without the events that a page lists.

        :param listed: id -> etag; None for an entry without a version of its own
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
        """Return a copy with one look less for each event, without finished events."""
        return Awaited(
            {
                key: replace(wait, looks_left=wait.looks_left - 1)
                for key, wait in self.waits.items()
                if wait.looks_left > 0
            }
        )


def listed_versions(items: Iterable[Mapping[str, Any]]) -> dict[str, str | None]:
    """Return the etag by id for all events that a page lists.

    A series counts as listed if the page lists one of its occurrences.

    :param items: as Graph sent them; entries without an id are ignored
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
