"""Judges errors of one calendar, and whether the calendar of an event can be read."""

from odoo import fields

from ...engine.delta import NotAPage
from ...engine.errors import AlreadyGone, GiveUpOnEvent, MailboxUnavailable, TryLater
from ...graph import calls
from ..worker.graph_job import graph_job, mailbox_error, record_health

#: Errors of one calendar that say nothing about the others.
OF_ONE_CALENDAR = (AlreadyGone, MailboxUnavailable, GiveUpOnEvent, NotAPage)


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
    return error if isinstance(error, OF_ONE_CALENDAR) else None


def still_shared_job(account, links, requests, record, items):
    """Return a job that also asks whether the calendars of ``links`` can be read.

    Without the permission, each event of a shared calendar is "not found": that must
    not be taken for a deletion (docs/laws.md, law 7).

    :param record: gets the responses to ``requests``, the calendars that are closed,
        whether the mailbox waits, and ``only``: see :class:`..worker.job.Job`
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
            if isinstance(response.error, OF_ONE_CALENDAR)
        )
    )


def closed_calendars(shared, responses):
    """Return those of the shared calendars that cannot be read; they wait from now on.

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
