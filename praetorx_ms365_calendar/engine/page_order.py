"""Sort the items of a page into steps, in the order to carry them out.

A page is applied in three parts, and each part reads the links again:

1. :func:`latest_items` keeps the last version of each item.
2. :func:`plan_removed` and :func:`series_on_page` return the ids that must be read.
   Then the caller records that all other items are in this calendar now.
3. :func:`sort_page` gives each single event its step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from .errors import BadRemoteEvent
from .link_facts import LinkFacts
from .mapping.graph_reader import parse_event
from .meetings import is_dealt_with, may_have_moved, must_verify
from .snapshot import RemoteEvent, RemovedEvent

#: One item of a page: an event, an ``@removed`` entry, or an item we cannot read.
Item = RemoteEvent | RemovedEvent | BadRemoteEvent


@dataclass(slots=True)
class PageItems:
    """The items of a page, each in its last version.

    :param events: event by its id
    :param removed: ids that the page reports as removed
    :param unreadable: id -> reason, of items that we cannot read
    :param without_id: reasons of unreadable items without an id
    """

    events: dict[str, RemoteEvent] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    without_id: list[str] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        """All ids on the page."""
        return [*self.events, *self.removed, *self.unreadable]


def parse_items(payloads: Iterable[Any]) -> Iterator[Item]:
    """Read the items of a page; an item that we cannot read becomes its error."""
    for payload in payloads:
        try:
            yield parse_event(payload)
        except BadRemoteEvent as error:
            yield error


def latest_items(found: Iterable[Item]) -> PageItems:
    """Keep the last version of each item, because a page may list an item twice."""
    latest: dict[str, Item] = {}
    page = PageItems()
    for item in found:
        if item.remote_id:
            latest[item.remote_id] = item
        else:  # only an unreadable item may have no id
            assert isinstance(item, BadRemoteEvent)
            page.without_id.append(item.reason)
    for remote_id, item in latest.items():
        if isinstance(item, RemoteEvent):
            page.events[remote_id] = item
        elif isinstance(item, RemovedEvent):
            page.removed.append(remote_id)
        else:
            page.unreadable[remote_id] = item.reason
    return page


# --- removed items --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RemovedLink:
    """Facts of a link to an event that the page reports as removed.

    :param listed_elsewhere: whether another calendar has listed the event since then
    :param last_seen_round: number of the last round that listed the event
    :param place_unknown: whether its calendar has reported it as removed before, and
        none has listed it since. Then it may have been in any calendar
    """

    state: str
    listed_elsewhere: bool
    last_seen_round: int
    place_unknown: bool = False


@dataclass(frozen=True, slots=True)
class RemovedPlan:
    """The ids that must be read before anything is deleted.

    :param verify: all of them
    :param may_have_moved: the ones that another calendar may list soon
    """

    verify: list[str]
    may_have_moved: list[str]


def plan_removed(
    links: Mapping[str, RemovedLink], *, round_kind: str | None, round_number: int
) -> RemovedPlan:
    """Decide which removed events must be verified by reading them.

    :param links: id -> facts; ids without a link are left out
    :param round_kind: kind of this round, ``retiring`` for the final delta of an old
        window
    """
    verify = [
        remote_id
        for remote_id, link in links.items()
        if must_verify(
            link.state,
            listed_elsewhere=link.listed_elsewhere and not link.place_unknown,
        )
    ]
    moved = [
        remote_id
        for remote_id in verify
        if not links[remote_id].place_unknown
        and may_have_moved(
            round_kind=round_kind,
            seen_in=links[remote_id].last_seen_round,
            round_number=round_number,
        )
    ]
    return RemovedPlan(verify, moved)


# --- series ---------------------------------------------------------------------------


@dataclass(slots=True)
class SeriesOnPage:
    """The parts of one series that the page lists.

    :param master: None if the page lists only occurrences
    """

    master: RemoteEvent | None = None
    exceptions: list[RemoteEvent] = field(default_factory=list)

    @property
    def modified_at(self) -> str:
        """``lastModifiedDateTime`` of the master, empty without it."""
        return self.master.modified_at if self.master else ""

    @property
    def versions(self) -> dict[str, str]:
        """Id of each exception that is not cancelled -> ``lastModifiedDateTime``."""
        return {
            exception.remote_id: exception.modified_at
            for exception in self.exceptions
            if exception.modified_at and not exception.is_cancelled
        }


def series_on_page(
    events: Iterable[RemoteEvent],
) -> tuple[dict[str, SeriesOnPage], list[str]]:
    """Return master id -> the parts of that series, and the ids of lost occurrences.

    A lost occurrence does not name its series.
    """
    series: dict[str, SeriesOnPage] = {}
    lost = []
    for remote in events:
        if remote.kind == "singleInstance":
            continue
        if remote.kind == "seriesMaster":
            series.setdefault(remote.remote_id, SeriesOnPage()).master = remote
        elif remote.series_master_id:
            parts = series.setdefault(remote.series_master_id, SeriesOnPage())
            if remote.kind == "exception":
                parts.exceptions.append(remote)
        else:
            lost.append(remote.remote_id)
    return series, lost


# --- single events --------------------------------------------------------------------


class Step(Enum):
    """The steps for single events, in the order to carry them out."""

    #: It was kept in Outlook only: remember its version, and do nothing else.
    RECORD_VERSION = "record_version"
    #: Its link is of a series, or the event was thought to be gone: read it by id.
    READ = "read"
    #: It was cancelled: see :func:`.meetings.plan_gone`.
    GONE = "gone"
    #: It was cancelled, and Odoo does not have it: remember its version.
    RECORD_CANCELLATION = "note_cancellation"
    #: Odoo has it, or a user deleted it in Odoo: see :mod:`.known`.
    KNOWN = "known"
    #: It has no event in Odoo yet: see :func:`.newcomers.plan_newcomers`.
    NEWCOMER = "newcomer"


#: In these states of a link, a cancellation deletes the event in Odoo.
_CANCELS = frozenset({"synced", "conflict", "gone"})


def sort_page(
    events: Iterable[RemoteEvent], links: Mapping[str, LinkFacts]
) -> list[tuple[Step, list[RemoteEvent]]]:
    """Return the steps for the single events of a page, in order, without empty steps.

    Events are left out if this version was applied before. Parts of series are left
    out too.

    :param links: id -> facts of the events that have a link. Read them after the
        caller has noted which events are in this calendar
    """
    steps: dict[Step, list[RemoteEvent]] = {step: [] for step in Step}
    for remote in events:
        if remote.kind == "singleInstance":
            step = _step(remote, links.get(remote.remote_id))
            if step:
                steps[step].append(remote)
    return [(step, found) for step, found in steps.items() if found]


def _step(remote: RemoteEvent, link: LinkFacts | None) -> Step | None:
    """Return the step for one event, None if there is nothing to do."""
    if link is None:
        return None if remote.is_cancelled else Step.NEWCOMER
    if link.is_series:
        return Step.READ
    if link.state == "kept_there":
        return Step.RECORD_VERSION
    if is_dealt_with(remote, link):
        return Step.READ if link.state == "gone" else None
    return _step_of_version(remote, link)


def step_of_series(master: RemoteEvent, link: LinkFacts) -> Step:
    """Return the step for a series that was read by id.

    :param link: facts of its link; ``has_meeting`` is True if Odoo has the series, or
        the event that it was before
    """
    if link.state == "kept_there":
        return Step.RECORD_VERSION
    return _step_of_version(master, link)


def _step_of_version(remote: RemoteEvent, link: LinkFacts) -> Step:
    if remote.is_cancelled:
        cancels = link.has_meeting and link.state in _CANCELS
        return Step.GONE if cancels else Step.RECORD_CANCELLATION
    is_known = link.has_meeting or link.is_deleted_here
    return Step.KNOWN if is_known else Step.NEWCOMER
