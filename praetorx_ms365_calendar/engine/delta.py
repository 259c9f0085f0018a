"""Delta rounds: reading their pages, ending those that never end, moving the window.

The window is frozen in the links, so it is moved by a new round. Known faults of the
service are rounds whose next links lead to the same page for ever. Source: Graph v1.0,
``event: delta`` and ``calendarView``; the faults from reports of other clients.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Literal
from urllib.parse import urlsplit

from .errors import TryLater

#: Graph refuses longer windows.
MAX_WINDOW_DAYS = 1825
#: Days of a window besides the asked ones: today, and one on each side.
_EXTRA_DAYS = 3

#: The window is opened anew when it has fallen behind by this many days, or by a
#: quarter of what it reaches ahead, if that is less.
ROLL_AFTER_DAYS = 14

#: Pages after which a round is taken for one that never ends.
MAX_PAGES = 2000
#: A page with the same items may be replayed; seen this often it is a loop.
MAX_SIGHTS = 3
#: Pages that are remembered: longer than any loop that was reported.
_MEMORY = 64


class NotAPage(TryLater):
    """Graph said that all is well, and sent something else than a page."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a round, or of a plain list of events.

    :param items: raw objects, each with an ``id``; tombstones have ``@removed``
    :param next_link: of the next page; None on the last one
    :param delta_link: of the next round; only on the last page
    :param unreadable: entries without id, which nothing can be done with
    """

    items: tuple[dict[str, Any], ...]
    next_link: str | None
    delta_link: str | None
    unreadable: int = 0

    @property
    def fingerprint(self) -> str:
        """Identify the page by its items and their versions, whatever their order."""
        seen = sorted(
            [
                str(item["id"]),
                str(item.get("@odata.etag") or item.get("changeKey") or ""),
                "@removed" in item,
            ]
            for item in self.items
        )
        return hashlib.sha256(json.dumps(seen).encode("ascii")).hexdigest()[:16]


class Step(Enum):
    """What comes after a page."""

    FOLLOW = "follow"  # store the page, take the next link
    FINISHED = "finished"  # store the page and the delta link
    FALL_BACK = "fall_back"  # the round does not end: read the plain view instead


@dataclass(frozen=True, slots=True)
class DeltaRound:
    """How far a round has come. Small plain values: it survives a restart.

    :param pages: read so far
    :param recent: fingerprints of the last pages
    """

    pages: int = 0
    recent: tuple[str, ...] = ()

    def add(self, page: Page, *, max_pages: int = MAX_PAGES) -> tuple[DeltaRound, Step]:
        """Return the round after this page, and what comes next."""
        fingerprint = page.fingerprint
        after = DeltaRound(self.pages + 1, (*self.recent, fingerprint)[-_MEMORY:])
        if page.next_link is None:
            return after, Step.FINISHED
        # Pages without items are no loop by themselves: the cap ends those.
        looping = bool(page.items) and after.recent.count(fingerprint) >= MAX_SIGHTS
        if looping or after.pages >= max_pages:
            return after, Step.FALL_BACK
        return after, Step.FOLLOW

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a JSON column; :meth:`from_json` reads them back."""
        return {"pages": self.pages, "recent": list(self.recent)}

    @classmethod
    def from_json(cls, data: dict[str, Any] | None) -> DeltaRound:
        """Read what :meth:`to_json` wrote; nothing is a new round."""
        if not data:
            return cls()
        return cls(data["pages"], tuple(data["recent"]))


def read_page(payload: Any, *, root: str) -> Page:
    """Read a page of a delta round.

    :param payload: the decoded body
    :param root: the Graph endpoint; links lead there and nowhere else
    :raise NotAPage: no page of a delta round
    """
    page = read_list(payload, root=root)
    if (page.next_link is None) == (page.delta_link is None):
        raise NotAPage("Graph's page has not exactly one of next and delta link")
    return page


def read_list(payload: Any, *, root: str) -> Page:
    """Read a page of a plain collection, whose last page has no link at all.

    :raise NotAPage: no page
    """
    entries = payload.get("value") if isinstance(payload, dict) else None
    if not isinstance(entries, list):
        raise NotAPage("Graph's page holds no list")
    items = tuple(entry for entry in entries if _has_id(entry))
    return Page(
        items=items,
        next_link=_link(payload, "@odata.nextLink", root),
        delta_link=_link(payload, "@odata.deltaLink", root),
        unreadable=len(entries) - len(items),
    )


def last_of_each(items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Drop all but the last version of each item: pages may repeat them."""
    latest: dict[str, dict[str, Any]] = {}
    for item in items:
        latest.pop(item["id"], None)
        latest[item["id"]] = item
    return list(latest.values())


def window_bounds(
    now: datetime, days_back: int, days_ahead: int
) -> tuple[datetime, datetime]:
    """Return the bounds of the window to ask for, aligned to whole days.

    One day wider on each side than asked, because Graph selects all-day events as if
    they lay between midnights of UTC. Where that is longer than Graph allows, the past
    is shortened first.

    :param now: naive UTC
    :return: naive UTC midnights; the end is exclusive
    """
    ahead = min(max(days_ahead, 0), MAX_WINDOW_DAYS - _EXTRA_DAYS)
    back = min(max(days_back, 0), MAX_WINDOW_DAYS - _EXTRA_DAYS - ahead)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=back + 1), today + timedelta(days=ahead + 2)


def needs_roll(
    window_end: datetime, now: datetime, days_ahead: int, margin_days: int
) -> bool:
    """Tell whether the window has fallen behind by ``margin_days`` or more.

    :param window_end: of :func:`window_bounds` when the round began, naive UTC
    :param now: naive UTC
    :param margin_days: a new round each day would be waste: at least 1
    """
    _start, wanted_end = window_bounds(now, 0, days_ahead)
    return wanted_end - window_end >= timedelta(days=max(margin_days, 1))


def is_outdated(
    window: tuple[datetime, datetime],
    wanted: tuple[datetime, datetime],
    *,
    now: datetime,
    days_ahead: int,
) -> bool:
    """Tell whether a window has to be opened anew: time has passed, or it was set anew.

    :param window: of the delta link in use
    :param wanted: what :func:`window_bounds` returns now
    :param now: naive UTC
    """
    (since, until), (start, end) = window, wanted
    roll_after = max(1, min(ROLL_AFTER_DAYS, days_ahead // 4))
    day, lag = timedelta(days=1), timedelta(days=roll_after)
    rolls = needs_roll(until, now, days_ahead, roll_after)
    widened = start < since - day or end > until + lag
    narrowed = start > since + lag + day or end < until - day
    return rolls or widened or narrowed


def plan_round(
    *, has_delta_link: bool, is_outdated: bool, is_paused: bool
) -> Literal["delta", "initial", "view"]:
    """Return which round comes next.

    :param has_delta_link: a round has ended before, and its link is good
    :param is_outdated: see :func:`is_outdated`
    :param is_paused: delta rounds went in circles a short while ago
    """
    if has_delta_link and not (is_outdated or is_paused):
        return "delta"
    return "view" if is_paused else "initial"


def _has_id(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("id"), str) and entry["id"]


def _link(payload: dict[str, Any], name: str, root: str) -> str | None:
    link = payload.get(name)
    if link is None:
        return None
    if not isinstance(link, str) or not same_origin(link, root):
        raise NotAPage(f"Graph's page has an {name} to another place")
    return link


def same_origin(url: str, root: str) -> bool:
    """Tell whether both name the same scheme, host and port.

    A link leads to the endpoint that it came from: our token goes nowhere else.
    """
    try:
        return _origin(url) == _origin(root)
    except ValueError:
        return False


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    default = {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, parts.hostname, parts.port or default
