"""Read series: the master, its exceptions, and the list of its occurrences."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Sequence
from datetime import date, datetime, time, timedelta

from requests import Session

from ...engine.errors import (
    AlreadyGone,
    BadRemoteEvent,
    RefreshToken,
    SyncError,
    TryLater,
)
from ...engine.mapping.graph_series import (
    EXCEPTION_FIELDS,
    INSTANCE_FIELDS,
    MASTER_FIELDS,
    read_series,
    unread_exceptions,
)
from ...engine.mapping.stamp import STAMP_PROPERTY_ID
from ...engine.reasons import because
from ...graph import calls
from ...graph.client import GraphClient, GraphRequest, GraphResponse
from ..apply.applier import Applier
from ..apply.where import series_as_seen
from ..records import Account, Link, Links, Payload
from ..worker.graph_job import mailbox_error, record_health
from ..worker.job import Job
from ..worker.one_by_one import Item, weight_of, weight_of_people
from .events import items_of_links
from .page import log_bad_page, page_of
from .shared_calendars import closed_calendars, to_look_at, unreadable_calendars

#: Series that one job reads: their requests (two each) fit into one batch.
SERIES_AT_ONCE = 10
INSTANCES_PER_PAGE = 1000
#: Exceptions of one series that are read one by one.
MAX_READ_BY_ID = 40
#: Pages of instances that are followed: more than a window can hold.
MAX_INSTANCE_PAGES = 5


class SeriesReading:
    """The requests for one series, and their responses.

    :param link: of the series
    """

    def __init__(self, link: Link) -> None:
        self.link = link
        self.window = link._window_to_read()
        self.remote_id = link.remote_id
        self.path = link._event_path()
        self.known_exceptions = link._known_exceptions()
        self.responses: list[GraphResponse] = []
        self.by_id: list[GraphResponse] = []

    def requests(self) -> list[GraphRequest]:
        """Return the requests of the first round trip."""
        first, last = (date.fromisoformat(day) for day in self.window)
        return [
            calls.get_series(
                self.remote_id, MASTER_FIELDS, STAMP_PROPERTY_ID, self.path
            ),
            calls.instances(
                self.remote_id,
                datetime.combine(first, time()) - timedelta(days=1),
                datetime.combine(last, time()) + timedelta(days=2),
                INSTANCES_PER_PAGE,
                INSTANCE_FIELDS,
                self.path,
            ),
        ]

    @property
    def error(self) -> SyncError | None:
        """Return the error of the responses, None if there is none.

        An event that is no series has no instances; that is not an error. Only the
        master's response can tell that the series is gone. A next link of the instances
        may be lost while the series still exists.
        """
        master, *pages = self.responses
        if master.error or (master.body or {}).get("type") == "singleInstance":
            return master.error
        error = next((page.error for page in pages if page.error), None)
        error = error or next(
            (one.error for one in self.by_id if not _is_gone(one) and one.error), None
        )
        if isinstance(error, AlreadyGone):
            return TryLater(error.reason, code=error.code, request_id=error.request_id)
        return error

    def instances(self) -> list[Payload]:
        """Return the entries of all pages."""
        return [
            entry
            for page in self.responses[1:]
            for entry in (page.body or {}).get("value") or []
            if isinstance(entry, dict)
        ]

    def master(self) -> Payload:
        """Return the master with all exceptions, including the ones read by id."""
        master = self.responses[0].body or {}
        found = [
            response.body
            for response in self.by_id
            if (response.body or {}).get("type") == "exception"
        ]
        if not found:
            return master
        listed = _listed(master.get("exceptionOccurrences"))
        return {**master, "exceptionOccurrences": [*listed, *found]}

    def unread_requests(self) -> list[GraphRequest]:
        """Return requests for the exceptions that are missing in the responses."""
        if self.error or (self.responses[0].body or {}).get("type") != "seriesMaster":
            return []
        try:
            ids = unread_exceptions(
                self.master(), self.instances(), self.known_exceptions
            )
        except BadRemoteEvent:
            return []  # found again and reported where the series is parsed
        return [
            calls.get_occurrence(one, EXCEPTION_FIELDS, self.path)
            for one in ids[:MAX_READ_BY_ID]
        ]

    def versions(self) -> dict[str, str]:
        """Return id -> ``lastModifiedDateTime`` of each occurrence that was read."""
        exceptions = _listed(self.master().get("exceptionOccurrences"))
        entries = [*self.instances(), *exceptions]
        return {
            entry["id"]: entry.get("lastModifiedDateTime") or ""
            for entry in entries
            if isinstance(entry.get("id"), str)
        }

    def weight(self) -> int:
        """Return the approximate number of characters of all occurrences to parse."""
        master = self.responses[0].body or {}
        return weight_of(master) + weight_of_people(master) * len(self.instances())

    def shows_too_little(self) -> bool:
        """Return True if Graph shows an old version, or no such series yet."""
        if isinstance(self.error, AlreadyGone):
            return bool(self.link.expected)
        modified_at = (self.responses[0].body or {}).get("lastModifiedDateTime")
        if self.error is not None or not isinstance(modified_at, str):
            return False
        return self.link._is_missed_by(modified_at, self.versions())


def _is_gone(response: GraphResponse) -> bool:
    return isinstance(response.error, AlreadyGone)


def _listed(value: object) -> list[Payload]:
    """Return the objects in a list; an empty list if the value is no list."""
    entries = value if isinstance(value, list) else ()
    return [entry for entry in entries if isinstance(entry, dict)]


def read_series_job(account: Account, links: Links) -> Job:
    """Return the job that reads series, in one round trip unless there are more pages.

    Missing exceptions are read in a second round trip.
    """
    links = links[:SERIES_AT_ONCE]
    readings = [SeriesReading(link) for link in links]
    shared, looks = to_look_at(links)
    root = account._graph_root()
    token = account._access_token()

    def send(session: Session) -> list[GraphResponse]:
        try:
            if not token:
                raise RefreshToken(because("sign_in_ended"))
            return read_all(GraphClient(session, root, token), readings, looks)
        except SyncError as error:
            failed = GraphResponse(0, {}, None, None, error)
            for reading in readings:
                reading.responses, reading.by_id = [failed, failed], []
            return [failed] * len(looks)

    def record(
        of_calendars: Sequence[GraphResponse], only: Collection[Hashable] | None = None
    ) -> None:
        flat = [response for reading in readings for response in reading.responses[:1]]
        if only:  # calendars and mailbox are judged once, without items
            closed = unreadable_calendars(shared, of_calendars)
            error = mailbox_error(flat, of_events=True)
        else:
            closed = closed_calendars(shared, of_calendars)
            error = record_health(account, flat, of_events=True)
        waits = error is not None
        for reading in readings:
            link = reading.link
            if not link.exists() or (only is not None and link.id not in only):
                continue
            if link.calendar_id & closed:
                link._wait_for_calendar()
                continue
            record_series(account, reading, mailbox_waits=waits)
        if not only:
            account._series_pass()
            account._drop_unlisted_events()

    def items(_result: object) -> list[Item]:
        return items_of_links(links, weights=[one.weight() for one in readings])

    return Job(account.id, send, record, items, "series")


def read_all(
    client: GraphClient,
    readings: Sequence[SeriesReading],
    looks: Sequence[GraphRequest] = (),
) -> list[GraphResponse]:
    """Read all series at once, then the missing pages and exceptions of each.

    :param looks: further requests
    :return: the responses to ``looks``
    """
    requests = [request for reading in readings for request in reading.requests()]
    responses = client.batch([*requests, *looks])
    for number, reading in enumerate(readings):
        master, first = responses[2 * number : 2 * number + 2]
        reading.responses = [master, *_pages(client, first)]
        reading.by_id = client.batch(reading.unread_requests())
    return responses[len(requests) :]


def _pages(client: GraphClient, response: GraphResponse) -> Iterator[GraphResponse]:
    """Yield the pages of one series' instances; set an error if one is no page."""
    for _number in range(MAX_INSTANCE_PAGES):
        response, page = page_of(response, root=client.root)
        yield response
        if page is None or not page.next_link:
            return
        response = client.send(calls.follow(page.next_link))


def record_series(
    account: Account, reading: SeriesReading, *, mailbox_waits: bool = False
) -> None:
    """Apply the responses about one series."""
    link, error = reading.link, reading.error
    applier = Applier(account, link.calendar_id or account._default_calendar())
    request_id = reading.responses[0].request_id
    log_bad_page(account, error, f"link {link.id}")
    if reading.shows_too_little() and link._read_a_little_later():
        return
    if isinstance(error, AlreadyGone):
        applier.gone(link, request_id=request_id)
        return
    if error is not None:
        if mailbox_waits:  # which counts the failure
            link._entries_under_way()._start_readings_anew()
        else:
            applier.unreadable(link, error)
        return
    master = reading.master()
    link.remote_id = master.get("id") or link.remote_id
    try:
        remote = read_series(
            master,
            reading.instances(),
            reading.window,
            mailbox_zone=account.user_id.tz or None,
        )
        remote = series_as_seen(remote, link.calendar_id)
    except BadRemoteEvent as bad:
        applier.quarantine(link, bad.reason, request_id=request_id)
        return
    applier.apply_series(link, remote, request_id=request_id)
    link = link.exists()
    link.write({**link._READ, "needs_read": not applier.is_whole})
    if not applier.is_whole:  # a large series is stored in steps, each after a reading
        link._entries_under_way()._start_readings_anew()
