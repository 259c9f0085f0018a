"""Apply events and series from Graph to Odoo: one page in one transaction."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from odoo import fields

from ...engine.errors import SyncError
from ...engine.mapping.graph_series import RemoteSeries, RemoteT
from ...engine.mapping.title_prefix import without_prefix
from ...engine.page_order import Step, sort_page, step_of_series
from ...engine.reasons import because
from ...engine.retry import DeadLetter, Retry, next_step, whole_seconds
from ...engine.snapshot import RemoteEvent
from ..meeting.kind import Kind, Pairs
from ..meeting.reading import Reading, is_same_meeting_race, reason_of
from ..meeting.series import WholeSeries
from ..meeting.single import SingleEvents
from ..records import Account, Calendar, Link, Links, Payload
from .gone import GoneMeetings
from .known import KnownMeetings
from .new import NewMeetings
from .occurrences import OccurrenceCopies
from .page import PageLinks

#: Failed reads of one event after which it is quarantined, with its reason.
MAX_READS = 6
#: How long an event is left alone that Graph does not let us read.
READ_PAUSE = timedelta(hours=1)


class Applier:
    """Brings meetings of one mailbox from Graph into Odoo.

    Everything is read in bulk first. Each meeting is then written on its own savepoint.
    If Odoo refuses a meeting, it is quarantined and the others are applied.

    ``engine/page_order.py`` decides the order of steps. ``KnownMeetings``,
    ``NewMeetings`` and ``GoneMeetings`` carry them out. The differences between single
    events and series are in ``sync/meeting``.
    """

    def __init__(self, account: Account, calendar: Calendar) -> None:
        self._reading = reading = Reading(account, calendar)
        self._single = single = SingleEvents(reading)
        self._series = series = WholeSeries(reading)
        kinds: tuple[Kind[Any], ...] = (single, series)
        self._known: dict[Kind[Any], KnownMeetings[Any]] = {
            kind: KnownMeetings(reading, kind) for kind in kinds
        }
        self._gone: dict[Kind[Any], GoneMeetings[Any]] = {
            kind: GoneMeetings(reading, kind) for kind in kinds
        }
        self._new: dict[Kind[Any], NewMeetings[Any]] = {
            kind: NewMeetings(reading, kind, self._known[kind]) for kind in kinds
        }
        self._occurrences = OccurrenceCopies(reading, self._known[single])

    @property
    def is_whole(self) -> bool:
        """False if the series that was applied last has more to come."""
        return self._reading.is_whole

    # ------------------------------------------------------------------
    # Versions
    # ------------------------------------------------------------------

    def apply(
        self,
        payloads: Iterable[Payload],
        *,
        request_id: str | None = None,
        listed: bool = True,
        without_id: int = 0,
    ) -> None:
        """Apply events as Graph sent them.

        :param payloads: items of a page, or events that were read one by one
        :param listed: it is a page, so that they are in this calendar now
        :param without_id: entries of the page that had no id
        """
        reading = self._reading
        reading.request_id = request_id
        if without_id:
            reason = because("entries_without_id", count=without_id)
            reading.log("read", "quarantined", reason=reason)
        page = PageLinks(reading, payloads)
        page.record(listed=listed)
        for step, found in sort_page(page.events.values(), page.facts()):
            self._carry_out(step, list(self._pairs(page, found)), self._single)
        reading.finish()

    def _pairs(
        self, page: PageLinks, events: Iterable[RemoteEvent]
    ) -> Iterator[tuple[Link, RemoteEvent]]:
        """Yield the link (empty without one) and the event as Odoo stores it."""
        for event in events:
            link = page.links.get(event.remote_id, self._reading.Link)
            yield link, without_prefix(event, link.title_prefix)

    def apply_series(
        self, link: Link, remote: RemoteSeries, *, request_id: str | None = None
    ) -> None:
        """Apply one series as Graph has it."""
        reading, kind = self._reading, self._series
        reading.request_id = request_id
        reading.is_whole = True
        remote = without_prefix(remote, link.title_prefix)
        remote = kind.log_unread(link, remote)

        def refused(error: Exception) -> None:
            master = remote.master
            reason = reason_of(error, master)
            reading.quarantine(link, master.remote_id, reason)

        with reading.on_savepoint(refused, passes=is_same_meeting_race):
            step = step_of_series(remote.master, link._facts())
            if link.event_id and step is Step.KNOWN:
                kind.becomes_series(link, remote)
            self._carry_out(step, [(link, remote)], kind)
            link.exists().window_read = list(remote.series.window)
        reading.finish()

    def _carry_out(
        self, step: Step, pairs: Pairs[RemoteT], kind: Kind[RemoteT]
    ) -> None:
        """Carry out one step."""
        reading = self._reading
        match step:
            case Step.RECORD_VERSION:
                for link, remote in pairs:
                    self._known[kind].record_version(link, remote)
            case Step.READ:
                reading.Link.union(*(link for link, _one in pairs)).needs_read = True
            case Step.GONE:
                for link, remote in pairs:
                    change_key = kind.event_of(remote).change_key
                    self._gone[kind].record(link, change_key, is_cancelled=True)
            case Step.RECORD_CANCELLATION:
                for link, remote in pairs:
                    vals = {"sent_snapshot": False, "needs_read": False}
                    change_key = kind.event_of(remote).change_key
                    link.write({**vals, "change_key": change_key})
            case Step.KNOWN:
                newcomers = self._known[kind].apply(pairs)
                self._apply_newcomers(newcomers, kind)
                self._known[kind].end_cancellations(newcomers)
            case Step.NEWCOMER:
                self._apply_newcomers(pairs, kind)

    def _apply_newcomers(self, pairs: Pairs[Any], kind: Kind[Any]) -> None:
        if kind is self._single and pairs:
            pairs = self._occurrences.link(pairs)
        if pairs:
            self._new[kind].apply(pairs)

    # ------------------------------------------------------------------
    # Deletions
    # ------------------------------------------------------------------

    def gone(self, links: Links, *, request_id: str | None = None) -> None:
        """Record that these meetings do not exist any more, as Graph has confirmed."""
        self._reading.request_id = request_id
        for link in links:
            self._gone[self._kind_of(link)].record(link)
        self._reading.finish()

    def archive_gone(self, links: Links) -> None:
        """Archive in Odoo the meetings that are gone from Outlook for certain."""
        for kind, of_kind in links.grouped(self._kind_of).items():
            self._gone[kind].archive(of_kind)
        self._reading.finish()

    def _kind_of(self, link: Link) -> Kind[Any]:
        return self._series if link.is_series else self._single

    # ------------------------------------------------------------------
    # Quarantine
    # ------------------------------------------------------------------

    def unreadable(self, link: Link, error: SyncError) -> None:
        """This one event cannot be read: later again, and in the end quarantined."""
        attempts = link.read_attempts + 1
        now = fields.Datetime.now()
        step = next_step(error, attempts, now=now, rng_fraction=random.random())
        not_before = step.at if isinstance(step, Retry) else now + READ_PAUSE
        if attempts >= MAX_READS or isinstance(step, DeadLetter):
            self.quarantine(link, error.reason, request_id=error.request_id)
            return
        link.write(
            {
                "needs_read": True,
                "read_attempts": attempts,
                "read_not_before": whole_seconds(not_before),
            }
        )
        self._reading.finish()

    def quarantine(
        self, link: Link, reason: str, *, request_id: str | None = None
    ) -> None:
        """Name a meeting that cannot be understood."""
        self._reading.request_id = request_id
        self._reading.quarantine(link, link.remote_id, reason)
        self._reading.finish()

    def set_aside(
        self, remote_id: str, reason: str, *, version: str | None = None
    ) -> None:
        """Quarantine an item that Odoo has refused to store.

        :param version: its change key, if known
        """
        reading = self._reading
        link = reading.Link.search(
            [("account_id", "=", reading.account.id), ("remote_id", "=", remote_id)]
        )
        link = reading.quarantine(link, remote_id, reason)
        link.version_set_aside = version
        reading.finish()

    def tell_refusal(self, remote_id: str, reason: str) -> None:
        """Log an item that cannot even be quarantined."""
        self._reading.log("read", "quarantined", remote_id=remote_id, reason=reason)
        self._reading.finish()
