"""Read the list of calendars of a mailbox, and judge the errors of one of them."""

from typing import Any

from odoo import fields

from ...engine.calendars import read_calendars
from ...engine.delta import NotAPage
from ...engine.errors import (
    AlreadyGone,
    GiveUpOnEvent,
    MailboxUnavailable,
    RefreshToken,
    SyncError,
    TryLater,
)
from ...graph import calls
from ...graph.client import GraphClient
from ..worker.graph_job import graph_job, mailbox_error, record_health
from ..worker.runner import Job
from .page import log_bad_page, page_of

#: Pages of a list of calendars: a hundred on each.
MAX_LIST_PAGES = 20
#: Errors of one calendar that say nothing about the others.
_OF_ONE_CALENDAR = (AlreadyGone, MailboxUnavailable, GiveUpOnEvent, NotAPage)


def list_job(account):
    """Return the job that reads which calendars the mailbox has."""
    root = account._graph_root()
    token = account._access_token()

    def send(session):
        try:
            if not token:  # it has ended since it was looked at
                raise RefreshToken("The access token has just ended")
            client = GraphClient(session, root, token)
            return _read_list(client, root), client.send(calls.own_addresses())
        except SyncError as error:
            return error

    def record(result):
        log_bad_page(account, result, "list of calendars")
        if isinstance(result, _OF_ONE_CALENDAR):
            account.calendars_read_at = fields.Datetime.now()  # what is known will do
        elif isinstance(result, SyncError):
            account._stop_for(result)
        else:
            entries, me = result
            account._update_calendars(read_calendars(entries), fields.Datetime.now())
            if me.error is None:
                account._remember_addresses(me.body)

    return Job(account.id, send, record)


def _read_list(client, root):
    """Return the entries of all pages.

    :raise SyncError: a page cannot be read
    """
    request = calls.calendars()
    entries: list[Any] = []
    for _page in range(MAX_LIST_PAGES):
        response, page = page_of(client.send(request), root=root)
        response.result()
        assert page is not None
        entries += page.items
        if not page.next_link:
            break
        request = calls.follow(page.next_link, operation="mailbox")
    return entries


def error_of_calendar(calendar, response, responses):
    """Return the error of a response if it is this calendar's alone, else None.

    What is said of the primary calendar is said of the mailbox.

    :param responses: all of the round trip: where others went well, Graph itself does
        not stumble, but the mailbox of the calendar's owner
    """
    error = response.error
    if error is None or calendar.is_default:
        return None
    stumbled = isinstance(error, TryLater) and response.status >= 500
    if stumbled and calendar._is_shared():
        return error if any(other.error is None for other in responses) else None
    return error if isinstance(error, _OF_ONE_CALENDAR) else None


def still_shared_job(account, links, requests, record, items):
    """Return a job that also asks whether the calendars of ``links`` can be read.

    Without the permission, each event of a shared calendar is "not found": that must
    not be taken for a deletion (docs/laws.md, law 7).

    :param record: gets the responses to ``requests``, the calendars that are closed,
        whether the mailbox waits, and ``only``: see :class:`.runner.Job`
    :param items: likewise
    """
    shared, looks = to_look_at(links)

    def record_all(responses, only=None):
        own, of_calendars = responses[: len(requests)], responses[len(requests) :]
        if only:  # the calendars and the mailbox are judged once, with what is left
            closed = unreadable_calendars(shared, of_calendars)
            error = mailbox_error(own, of_events=True)
        else:
            closed = closed_calendars(shared, of_calendars)
            error = record_health(account, own, of_events=True)
        record(own, closed, error is not None, only)

    return graph_job(account, [*requests, *looks], record_all, items, "events")


def to_look_at(links):
    """Return the shared calendars of these events, and the requests that ask for them.

    Whatever is said of their events counts only while they can be read themselves.
    """
    shared = links.calendar_id.filtered(lambda calendar: calendar._is_shared())
    return shared, [calls.calendar(calendar._path()) for calendar in shared]


def unreadable_calendars(shared, responses):
    """Return those of the shared calendars that cannot be read.

    :param responses: to the requests of :func:`to_look_at`
    """
    return shared.browse().union(
        *(
            calendar
            for calendar, response in zip(shared, responses, strict=True)
            if isinstance(response.error, _OF_ONE_CALENDAR)
        )
    )


def closed_calendars(shared, responses):
    """Return those of the shared calendars that cannot be read; they wait from now on.

    :param responses: to the requests of :func:`to_look_at`
    """
    closed = shared.browse()
    for calendar, response in zip(shared, responses, strict=True):
        if isinstance(response.error, _OF_ONE_CALENDAR):
            calendar._stop_for(response.error)
            closed |= calendar
    if closed:  # is it still in the mailbox?
        closed.account_id.write(
            {"calendars_read_at": False, "pull_requested_at": fields.Datetime.now()}
        )
    return closed
