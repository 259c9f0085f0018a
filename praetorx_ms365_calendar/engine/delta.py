"""Read the pages of delta rounds, stop endless rounds, and move the window.

The delta link contains the window, so moving it needs a new round. Other clients
report endless rounds: their next links lead to the same page again and again.
Source: Graph v1.0, ``event: delta`` and ``calendarView``.
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
from .reasons import because

#: Graph refuses longer windows.
MAX_WINDOW_DAYS = 1825
#: A window has this many days more than asked: today, and one day on each side.
_EXTRA_DAYS = 3

#: We move the window when its end is this many days too early. For a short window, a
#: quarter of its days ahead is enough.
ROLL_AFTER_DAYS = 14

#: An event this near to the edge of a window may be in it or not.
_EDGE = timedelta(days=1)

#: After this many pages we treat a round as endless.
MAX_PAGES = 2000
#: Graph may repeat a page. If we see the same page this many times, it is a loop.
MAX_SIGHTS = 3
#: How many pages we remember. All reported loops were shorter.
_MEMORY = 64


class NotAPage(TryLater):
    """Graph reported success, but the response body is not a page."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a round, or of a plain list of events.

    :param items: raw objects, each with an ``id``; removed ones have ``@removed``
    :param next_link: link to the next page; None on the last page
    :param delta_link: link to the next round; only on the last page
    :param unreadable: number of entries that we skip because they have no id
    """

    items: tuple[dict[str, Any], ...]
    next_link: str | None
    delta_link: str | None
    unreadable: int = 0

    @property
    def fingerprint(self) -> str:
        """Return a hash of the page's items and their versions, in any order."""
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
    """The next step after a page."""

    FOLLOW = "follow"  # store the page, follow the next link
    FINISHED = "finished"  # store the page and the delta link
    FALL_BACK = "fall_back"  # the round does not end: read the plain view instead


@dataclass(frozen=True, slots=True)
class DeltaRound:
    """The progress of a round, as plain values. They are stored and survive a restart.

    :param pages: number of pages read so far
    :param recent: fingerprints of the last pages
    """

    pages: int = 0
    recent: tuple[str, ...] = ()

    def add(self, page: Page, *, max_pages: int = MAX_PAGES) -> tuple[DeltaRound, Step]:
        """Return the round after this page, and the next step."""
        fingerprint = page.fingerprint
        after = DeltaRound(self.pages + 1, (*self.recent, fingerprint)[-_MEMORY:])
        if page.next_link is None:
            return after, Step.FINISHED
        # Repeated empty pages are not treated as a loop: ``max_pages`` ends them.
        looping = bool(page.items) and after.recent.count(fingerprint) >= MAX_SIGHTS
        if looping or after.pages >= max_pages:
            return after, Step.FALL_BACK
        return after, Step.FOLLOW

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a JSON column; :meth:`from_json` reads them back."""
        return {"pages": self.pages, "recent": list(self.recent)}

    @classmethod
    def from_json(cls, data: dict[str, Any] | None) -> DeltaRound:
        """Read the output of :meth:`to_json`; an empty value means a new round."""
        if not data:
            return cls()
        return cls(data["pages"], tuple(data["recent"]))


def read_page(payload: Any, *, root: str) -> Page:
    """Read a page of a delta round.

    :param payload: the decoded body
    :param root: the Graph endpoint; all links must lead there
    :raise NotAPage: the payload is not a page of a delta round
    """
    page = read_list(payload, root=root)
    if (page.next_link is None) == (page.delta_link is None):
        raise NotAPage(because("unreadable_answer", text="two links or none"))
    return page


def read_list(payload: Any, *, root: str) -> Page:
    """Read a page of a plain collection. Its last page has no link at all.

    :raise NotAPage: the payload is not a page
    """
    entries = payload.get("value") if isinstance(payload, dict) else None
    if not isinstance(entries, list):
        raise NotAPage(because("unreadable_answer", text="no list"))
    items = tuple(entry for entry in entries if _has_id(entry))
    return Page(
        items=items,
        next_link=_link(payload, "@odata.nextLink", root),
        delta_link=_link(payload, "@odata.deltaLink", root),
        unreadable=len(entries) - len(items),
    )


def last_of_each(items: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep only the last version of each item, because pages may repeat items."""
    latest: dict[str, dict[str, Any]] = {}
    for item in items:
        latest.pop(item["id"], None)
        latest[item["id"]] = item
    return list(latest.values())


def window_bounds(
    now: datetime, days_back: int, days_ahead: int
) -> tuple[datetime, datetime]:
    """Return the start and end of the window to request, as whole days.

    The window is one day wider on each side than asked: Graph selects all-day events as
    if they began and ended at midnight UTC. If the window is longer than Graph allows,
    the past is shortened first.

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
    """Return True if the window ends ``margin_days`` or more too early.

    :param window_end: end from :func:`window_bounds` when the round began, naive UTC
    :param now: naive UTC
    :param margin_days: treated as 1 if less, to avoid needless rounds
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
    """Return True if time or a changed setting has made the window wrong.

    :param window: start and end of the window in the present delta link
    :param wanted: start and end from :func:`window_bounds` now
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
    """Return the kind of the next round.

    :param has_delta_link: whether an earlier round left a valid delta link
    :param is_outdated: see :func:`is_outdated`
    :param is_paused: whether an endless delta round was found a short time ago
    """
    if has_delta_link and not (is_outdated or is_paused):
        return "delta"
    return "view" if is_paused else "initial"


@dataclass(frozen=True, slots=True)
class RoundEnd:
    """The steps after the last page of a round.

    :param stores_delta_link: whether the link on the last page starts the next round
    :param retires_next: whether the delta link of the old window is read now, for its
        final changes
    :param verify: which linked events must be read if this round did not list them:
        ``all`` of the calendar, those of the ``window``, or none
    """

    stores_delta_link: bool
    retires_next: bool
    verify: Literal["all", "window"] | None


def plan_round_end(kind: str, *, has_retiring_link: bool, sweep: bool) -> RoundEnd:
    """Return the steps after the last page of a round.

    :param kind: kind of the round that has ended
    :param has_retiring_link: whether the delta link of an old window is left
    :param sweep: whether deletions before this round were not reported
    """
    is_full = kind in ("initial", "view")
    verify: Literal["all", "window"] = "all" if sweep else "window"
    return RoundEnd(
        stores_delta_link=kind in ("initial", "delta"),
        retires_next=kind == "initial" and has_retiring_link,
        verify=verify if is_full else None,
    )


def must_be_listed(
    start: datetime, end: datetime, window: tuple[datetime, datetime]
) -> bool:
    """Return True if a round of this window lists an event with these times.

    At the edge of the window that is not certain.

    :param start: start of the event, naive UTC
    :param end: end of the event, naive UTC
    """
    since, until = window
    return end > since + _EDGE and start < until - _EDGE


def _has_id(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("id"), str) and entry["id"]


def _link(payload: dict[str, Any], name: str, root: str) -> str | None:
    link = payload.get(name)
    if link is None:
        return None
    if not isinstance(link, str) or not same_origin(link, root):
        raise NotAPage(because("unreadable_answer", text=f"{name} leads elsewhere"))
    return link


def same_origin(url: str, root: str) -> bool:
    """Return True if both URLs have the same scheme, host and port.

    Links must lead to our endpoint, so that our token is sent nowhere else.
    """
    try:
        return _origin(url) == _origin(root)
    except ValueError:
        return False


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    default = {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, parts.hostname, parts.port or default
