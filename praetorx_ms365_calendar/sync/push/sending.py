"""The entries of one event and the next step for them: the base of all kinds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, ClassVar

from ...engine.delta import read_list
from ...engine.errors import TryLater
from ...engine.mail_guard import Mails
from ...engine.mapping.graph_reader import parse_event
from ...engine.mapping.stamp import STAMP_PROPERTY_ID
from ...engine.push_order import find_lost_create
from ...engine.reasons import because
from ...engine.snapshot import RemoteEvent
from ...graph import calls
from ...graph.client import GraphRequest, GraphResponse
from ..read.events import record_read
from ..records import Event, Link, OutboxEntries, Recurrence, Vals

if TYPE_CHECKING:
    from .recorder import Recorder

#: How long a write waits until we know if its calendar is still shared.
SHARED_PAUSE_SECONDS = 60


@dataclass(frozen=True)
class Sending:
    """The outbox entries of one event, and the next step for them.

    :param event: of a series its base event; empty if Odoo has none
    :param entry_vals: values for the entries, written before the request is sent
    :param link_vals: values for the link, written before the request is sent
    :param guests: addresses in the attendee list of this write, if it has one
    :param mails: mails that Exchange sends about it; of a series, about all its writes
    :param request: None if nothing is sent now
    """

    #: True if this only reads the meeting, before anything of it can be sent.
    is_reading: ClassVar[bool] = False

    entries: OutboxEntries
    event: Event
    link: Link
    request: GraphRequest | None = None
    _: KW_ONLY
    entry_vals: Vals = field(default_factory=dict)
    link_vals: Vals = field(default_factory=dict)
    guests: frozenset[str] = frozenset()
    mails: Mails = field(default_factory=Mails)

    @property
    def event_key(self) -> int:
        """Return the id of the event. It remains after the event is deleted."""
        key: int = self.entries[-1].event_key
        return key

    @property
    def is_series(self) -> bool:
        """Return True if the entries are about a series."""
        return bool(self.entries[-1]._is_series)

    @property
    def recurrence(self) -> Recurrence:
        """Return the series of the entries; empty for a single event."""
        return self.entries[-1].recurrence_id

    def mark(self) -> None:
        """Store that this is being sent: the process may die at any time."""
        if self.link_vals:
            self.link.write(self.link_vals)
        self.entries.write({"state": "sending", **self.entry_vals})

    @property
    def is_marked(self) -> bool:
        """Return True if it is stored that this is being sent."""
        return set(self.entries.exists().mapped("state")) == {"sending"}


@dataclass(frozen=True)
class ReadSeries(Sending):
    """Read the whole series before anything is sent."""

    is_reading: ClassVar[bool] = True


@dataclass(frozen=True)
class Unsent(Sending, ABC):
    """Close the entries, or let them wait, without a request."""

    @abstractmethod
    def close(self, recorder: Recorder) -> None:
        """Store the result for the entries."""


@dataclass(frozen=True, kw_only=True)
class Nothing(Unsent):
    """Send nothing.

    :param reason: an outcome of the sync log
    """

    reason: str = "nothing"

    def close(self, recorder: Recorder) -> None:
        """Close the entries."""
        recorder.close(self, self.reason)


@dataclass(frozen=True)
class WithRequest(Sending, ABC):
    """Send one request, and record its response."""

    #: Name in the sync log.
    operation: ClassVar[str] = "read"
    #: True if the link keeps the sent snapshot until Graph responds.
    keeps_sent: ClassVar[bool] = False
    #: True if the event must be read after any error.
    reads_after_error: ClassVar[bool] = False

    @property
    def request_to_send(self) -> GraphRequest:
        """The request, which this step always has."""
        assert self.request is not None
        return self.request

    @abstractmethod
    def record(self, recorder: Recorder, response: GraphResponse) -> None:
        """Store a response without error."""

    def record_gone(self, recorder: Recorder, response: GraphResponse) -> None:
        """Store that Graph has no event with this id."""
        if not self.link.calendar_id._is_shared():
            record_read(recorder.account, self.link, response)
            recorder.back_into_queue(self)
            return
        # The event is deleted, or its calendar is no longer shared. Reading tells.
        self.link.needs_read = True
        recorder.account._request_pull(fresh_seconds=0)
        reason = response.error.reason if response.error else because("not_in_outlook")
        recorder.fail(self, TryLater(reason, after_seconds=SHARED_PAUSE_SECONDS))

    def store_link(self, recorder: Recorder, vals: Vals) -> Link:
        """Write ``vals`` to the link of this event; create the link if it is missing.

        :param vals: with the ``remote_id``
        """
        account_id = recorder.account.id
        link = self.link.exists() or recorder.Link.search(
            [("account_id", "=", account_id), ("remote_id", "=", vals["remote_id"])]
        )
        if link:
            self.write_link(link, vals)
            return link
        return recorder.Link.create(
            {
                "account_id": account_id,
                "calendar_id": recorder.default_calendar.id,
                "event_id": not self.is_series and recorder.event_of(self).id,
                "recurrence_id": self.is_series and self.recurrence.id,
                "is_series": self.is_series,
                "is_primary": True,
                **vals,
            }
        )

    def write_link(self, link: Link, vals: Vals) -> None:
        """Write ``vals`` to the link that was found."""
        if self.is_series and self.recurrence and not link.recurrence_id:
            of_series = {"recurrence_id": self.recurrence.id, "is_primary": True}
            vals = {**vals, **of_series}
        link.write(vals)


def search_request(entries: OutboxEntries, calendar_path: str | None) -> GraphRequest:
    """Return the request that searches for the event of an earlier create.

    :param calendar_path: the calendar of the create; None for the primary one
    """
    return calls.find_stamped(STAMP_PROPERTY_ID, entries[-1].stamp, calendar_path)


def found_event(
    sending: Sending, recorder: Recorder, response: GraphResponse
) -> RemoteEvent | None:
    """Return the event of a create without response, None if it was not found."""
    root = recorder.account._graph_root()
    items = map(parse_event, read_list(response.result(), root=root).items)
    events = [one for one in items if isinstance(one, RemoteEvent)]
    known = recorder.Link.search(
        [
            ("account_id", "=", recorder.account.id),
            ("remote_id", "in", [one.remote_id for one in events]),
        ]
    )
    stamp = sending.entries[-1].stamp
    return find_lost_create(events, stamp=stamp, known=known.mapped("remote_id"))
