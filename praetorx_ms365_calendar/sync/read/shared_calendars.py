"""Judge the errors of single calendars, and check if shared calendars can be read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence

from odoo import fields

from ...engine.delta import NotAPage
from ...engine.errors import (
    AlreadyGone,
    GiveUpOnEvent,
    MailboxUnavailable,
    SyncError,
    TryLater,
)
from ...graph import calls
from ...graph.client import GraphRequest, GraphResponse
from ..records import Account, Calendar, Calendars, Links
from ..worker.graph_job import graph_job, mailbox_error, record_health
from ..worker.job import Job
from ..worker.one_by_one import Item

#: Errors of one calendar that do not concern the others.
OF_ONE_CALENDAR = (AlreadyGone, MailboxUnavailable, GiveUpOnEvent, NotAPage)


def error_of_calendar(
    calendar: Calendar, response: GraphResponse, responses: Sequence[GraphResponse]
) -> SyncError | None:
    """Return the error of a response if it concerns this calendar only, else None.

    An error of the primary calendar concerns the whole mailbox.

    :param responses: all responses of the round trip. If others succeeded, the failure
        is not Graph's own: it comes from the mailbox of the calendar's owner
    """
    error = response.error
    if error is None or calendar.is_default:
        return None
    stumbled = isinstance(error, TryLater) and response.status >= 500
    if stumbled and calendar._is_shared():
        return error if any(other.error is None for other in responses) else None
    return error if isinstance(error, OF_ONE_CALENDAR) else None


def still_shared_job(
    account: Account,
    links: Links,
    requests: Sequence[GraphRequest],
    record: Callable[
        [Sequence[GraphResponse], Calendars, bool, Collection[Hashable] | None], None
    ],
    items: Callable[[list[GraphResponse]], list[Item]],
) -> Job:
    """Return a job that also checks if the shared calendars of ``links`` can be read.

    Without permission for a shared calendar, Graph reports each of its events as "not
    found". That must not count as a deletion (docs/laws.md, law 7).

    :param record: gets the responses to ``requests``, the unreadable calendars, True if
        the mailbox waits, and ``only``: see :class:`..worker.job.Job`
    :param items: see :class:`..worker.job.Job`
    """
    shared, looks = to_look_at(links)

    def record_all(
        responses: Sequence[GraphResponse], only: Collection[Hashable] | None = None
    ) -> None:
        own, of_calendars = responses[: len(requests)], responses[len(requests) :]
        if only:  # calendars and mailbox are judged once, without items
            closed = unreadable_calendars(shared, of_calendars)
            error = mailbox_error(own, of_events=True)
        else:
            closed = closed_calendars(shared, of_calendars)
            error = record_health(account, own, of_events=True)
        record(own, closed, error is not None, only)

    return graph_job(account, [*requests, *looks], record_all, items, "events")


def to_look_at(links: Links) -> tuple[Calendars, list[GraphRequest]]:
    """Return the shared calendars of these events, and requests that read them.

    A response about an event counts only if its calendar can be read.
    """
    shared = links.calendar_id.filtered(lambda calendar: calendar._is_shared())
    return shared, [calls.calendar(calendar._path()) for calendar in shared]


def unreadable_calendars(
    shared: Calendars, responses: Sequence[GraphResponse]
) -> Calendars:
    """Return the shared calendars that cannot be read.

    :param responses: to the requests of :func:`to_look_at`
    """
    return shared.browse().union(
        *(
            calendar
            for calendar, response in zip(shared, responses, strict=True)
            if isinstance(response.error, OF_ONE_CALENDAR)
        )
    )


def closed_calendars(
    shared: Calendars, responses: Sequence[GraphResponse]
) -> Calendars:
    """Stop the shared calendars that cannot be read, and return them.

    :param responses: to the requests of :func:`to_look_at`
    """
    closed = shared.browse()
    for calendar, response in zip(shared, responses, strict=True):
        if isinstance(response.error, OF_ONE_CALENDAR):
            calendar._stop_for(response.error)
            closed |= calendar
    if closed:  # is it still in the mailbox?
        closed.account_id.write(
            {"calendars_read_at": False, "pull_requested_at": fields.Datetime.now()}
        )
    return closed
