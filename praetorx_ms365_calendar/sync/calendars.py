"""Several calendars of one mailbox: their list, and where their events are."""

from odoo import fields
from odoo.fields import Domain

from ..engine.calendars import in_foreign_calendar, read_calendars
from ..engine.delta import read_list
from ..engine.errors import (
    AlreadyGone,
    GiveUpOnEvent,
    MailboxUnavailable,
    RefreshToken,
    SyncError,
    TryLater,
)
from ..graph import calls
from ..graph.client import GraphClient
from .gateway import graph_job, note_answer
from .runner import Job

#: Pages of a list of calendars: a hundred on each.
MAX_LIST_PAGES = 20
#: Answers about one calendar that say nothing about the others.
_OF_ONE_CALENDAR = (AlreadyGone, MailboxUnavailable, GiveUpOnEvent)


# The list


def list_job(account):
    """Return the job that reads which calendars the mailbox has."""
    root = account._graph_root()
    token = account._access_token()

    def send(session):
        try:
            if not token:  # it has ended since it was looked at
                raise RefreshToken("The access token has just ended")
            return _read_list(GraphClient(session, root, token), root)
        except SyncError as error:
            return error

    def record(result):
        if isinstance(result, _OF_ONE_CALENDAR):
            account.calendars_read_at = fields.Datetime.now()  # what is known will do
        elif isinstance(result, SyncError):
            account._stop_for(result)
        else:
            account._take_calendar_list(read_calendars(result), fields.Datetime.now())

    return Job(account.id, send, record)


def _read_list(client, root):
    """Return the entries of all pages.

    :raise SyncError: a page cannot be read
    """
    request, entries = calls.calendars(), []
    for _page in range(MAX_LIST_PAGES):
        page = read_list(client.send(request).result(), root=root)
        entries += page.items
        if not page.next_link:
            break
        request = calls.follow(page.next_link, operation="mailbox")
    return entries


# Trouble with one of them


def error_of_calendar(calendar, answer, answers):
    """Return the error of an answer if it is this calendar's alone, else None.

    What is said of the primary calendar is said of the mailbox.

    :param answers: all of the round trip: where others went well, it is not Graph that
        stumbles, but the mailbox of the calendar's owner
    """
    error = answer.error
    if error is None or calendar.is_default:
        return None
    stumbled = isinstance(error, TryLater) and answer.status >= 500
    if stumbled and calendar._is_foreign():
        return error if any(other.error is None for other in answers) else None
    return error if isinstance(error, _OF_ONE_CALENDAR) else None


# Where events are


def as_seen(remote, calendar):
    """Return an event of a calendar as the owner of the mailbox sees it."""
    return in_foreign_calendar(remote) if calendar._is_foreign() else remote


def as_listed(remotes, calendar):
    """Return the events of a page, by id, as the owner of the mailbox sees them."""
    return {key: as_seen(remote, calendar) for key, remote in remotes.items()}


def note_where(applier, links):
    """A page of a calendar lists these events: that is where they are.

    One that was in another calendar was moved in Outlook: its id has stayed the same,
    and so do its link and its Odoo event, whichever calendar is read first.
    """
    for link in links:
        if link.left_calendar:
            link.left_calendar = False
        if applier.calendar and link.calendar_id != applier.calendar:
            link._find_calendar(applier.calendar)
            applier.note_move(link)


def gives_way(applier, event):
    """Let the own copy of a meeting take the place of the one in a shared calendar.

    :return: whether there was one to take the place of
    """
    link = event.ms365_link_ids.filtered(lambda one: one.account_id == applier.account)
    if applier.calendar._is_foreign() or not link.calendar_id._is_foreign():
        return False
    link.write({"event_id": False, "is_primary": False, "state": "other_view"})
    link.flush_recordset()
    return True


def owner_may_bring(account):
    """Tell whether the mailbox of a shared calendar's owner has still to be read.

    If not, and nothing of it is on its way, the owner does not sync this calendar.
    """
    on_its_way = account.env["praetorx.ms365.outbox"].search_count(
        Domain("account_id", "=", account.id)
        & Domain("state", "in", ["pending", "sending"]),
        limit=1,
    )
    return bool(
        on_its_way
        or not account.first_pass_done_at
        or account.pull_requested_at
        or any(account.calendar_ids.mapped("round_kind"))
    )


def still_shared_job(account, links, requests, record):
    """Return a job that also asks whether the calendars of ``links`` can be read.

    Without the permission, each event of a shared calendar is "not found": that must
    not be taken for a deletion (law 7).

    :param record: gets the answers to ``requests`` and the calendars that are closed
    """
    foreign = links.calendar_id.filtered(lambda calendar: calendar._is_foreign())
    asked = [calls.calendar(calendar._path()) for calendar in foreign]

    def record_all(answers):
        own, of_calendars = answers[: len(requests)], answers[len(requests) :]
        closed = foreign.browse()
        for calendar, answer in zip(foreign, of_calendars, strict=True):
            if isinstance(answer.error, _OF_ONE_CALENDAR):
                calendar._stop_for(answer.error)
                closed |= calendar
        waits = note_answer(account, own, of_events=True) is not None
        record(own, closed, waits)

    return graph_job(account, [*requests, *asked], record_all)
