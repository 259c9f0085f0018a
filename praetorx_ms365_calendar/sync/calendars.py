"""Several calendars of one mailbox: their list, and where their events are."""

from dataclasses import replace

from odoo import fields
from odoo.fields import Domain

from ..engine.calendars import in_foreign_calendar, read_calendars
from ..engine.delta import NotAPage
from ..engine.errors import (
    AlreadyGone,
    GiveUpOnEvent,
    MailboxUnavailable,
    RefreshToken,
    SyncError,
    TryLater,
)
from ..engine.meetings import as_owner_sees
from ..engine.merge import value_for_odoo
from ..engine.snapshot import Base
from ..graph import calls
from ..graph.client import GraphClient
from .gateway import graph_job, mailbox_error, note_answer
from .lookups import Lookups
from .pages import note_what_is_no_page, page_of
from .runner import Job

#: Pages of a list of calendars: a hundred on each.
MAX_LIST_PAGES = 20
#: Answers about one calendar that say nothing about the others.
_OF_ONE_CALENDAR = (AlreadyGone, MailboxUnavailable, GiveUpOnEvent, NotAPage)


# The list


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
        note_what_is_no_page(account, result, "list of calendars")
        if isinstance(result, _OF_ONE_CALENDAR):
            account.calendars_read_at = fields.Datetime.now()  # what is known will do
        elif isinstance(result, SyncError):
            account._stop_for(result)
        else:
            entries, me = result
            account._take_calendar_list(read_calendars(entries), fields.Datetime.now())
            if me.error is None:
                account._take_addresses(me.body)

    return Job(account.id, send, record)


def _read_list(client, root):
    """Return the entries of all pages.

    :raise SyncError: a page cannot be read
    """
    request, entries = calls.calendars(), []
    for _page in range(MAX_LIST_PAGES):
        answer, page = page_of(client.send(request), root=root)
        answer.result()
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
    if calendar._is_foreign():
        return in_foreign_calendar(remote)
    return as_owner_sees(remote, calendar.account_id._own_list())


def series_as_seen(remote, calendar):
    """Return a ``RemoteSeries`` of a calendar as the owner of the mailbox sees it."""
    return replace(
        remote,
        master=as_seen(remote.master, calendar),
        exceptions=as_listed(remote.exceptions, calendar),
    )


def as_listed(remotes, calendar):
    """Return events by id or day, as the owner of the mailbox sees them."""
    return {key: as_seen(remote, calendar) for key, remote in remotes.items()}


def note_where(applier, links):
    """A page of a calendar lists these events and series: that is where they are.

    One that was in another calendar was moved in Outlook: its id has stayed the same,
    and so do its link and its Odoo event, whichever calendar is read first.
    """
    for link in links:
        if link.left_calendar:
            link.left_calendar = False
        if applier.calendar and link.calendar_id != applier.calendar:
            link._find_calendar(applier.calendar)
            applier.note_move(link)
        elif link.state == "calendar_off":  # it was in one that is not synced
            link._return_to_calendar()


def moved_by_us(applier, entry, remote):
    """Return the link of an event whose copy was made before a process died.

    :param entry: whose request made the copy
    """
    return entry.event_id.ms365_link_ids.filtered(
        lambda link: (
            link.account_id == applier.account
            and link.remote_id
            and link.remote_id != remote.remote_id
        )
    )


def carry_over(applier, link, remote):
    """Somebody has edited what a move is about to leave behind: the copy gets it.

    What was edited in Odoo to another value at the same time stands, and is told.

    :param link: of what is left behind
    """
    heir, base = link.moved_to_id, link._base
    event = heir.event_id
    link.write(link._remote_vals(remote))
    names = remote.content.changed_fields(base.theirs) if base else ()
    if not names or not event or not heir._base:
        return
    link.base_snapshot = Base(base.ours, remote.content).to_json()
    theirs = heir._base.theirs.with_fields(names, remote.content)
    ours = event._ms365_read_contents()[event]
    merge = heir._merge(ours, theirs)
    content = value_for_odoo(heir._base, ours, merge)
    lookups = Lookups(applier.env, [content], account=applier.account)
    applier.writer.write_content(event, content, merge.to_odoo, lookups, remote)
    applier.Outbox._enqueue_upserts(event, names=names)
    applier.note_carried_over(heir, merge)


def give_way(link, calendar):
    """Let the own copy of a meeting take the place of the one in a shared calendar.

    :param link: of the one in the shared calendar
    :param calendar: in which the own copy is
    """
    link._all_events()._ms365_write_bookkeeping({"ms365_calendar_id": calendar.id})
    link.write(
        {
            "event_id": False,
            "recurrence_id": False,
            "is_primary": False,
            "state": "other_view",
        }
    )
    link.flush_recordset()  # the unique index knows each meeting but once


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


def still_shared_job(account, links, requests, record, items):
    """Return a job that also asks whether the calendars of ``links`` can be read.

    Without the permission, each event of a shared calendar is "not found": that must
    not be taken for a deletion (law 7).

    :param record: gets the answers to ``requests``, the calendars that are closed,
        whether the mailbox waits, and ``only``: see :class:`.runner.Job`
    :param items: likewise
    """
    foreign, looks = to_look_at(links)

    def record_all(answers, only=None):
        own, of_calendars = answers[: len(requests)], answers[len(requests) :]
        if only:  # the calendars and the mailbox are judged once, with what is left
            closed = unreadable_calendars(foreign, of_calendars)
            error = mailbox_error(own, of_events=True)
        else:
            closed = closed_calendars(foreign, of_calendars)
            error = note_answer(account, own, of_events=True)
        record(own, closed, error is not None, only)

    return graph_job(account, [*requests, *looks], record_all, items, "events")


def to_look_at(links):
    """Return the shared calendars of these events, and the requests that ask for them.

    Whatever is said of their events counts only while they can be read themselves.
    """
    foreign = links.calendar_id.filtered(lambda calendar: calendar._is_foreign())
    return foreign, [calls.calendar(calendar._path()) for calendar in foreign]


def unreadable_calendars(foreign, answers):
    """Return those of the shared calendars that cannot be read.

    :param answers: to the requests of :func:`to_look_at`
    """
    return foreign.browse().union(
        *(
            calendar
            for calendar, answer in zip(foreign, answers, strict=True)
            if isinstance(answer.error, _OF_ONE_CALENDAR)
        )
    )


def closed_calendars(foreign, answers):
    """Return those of the shared calendars that cannot be read; they wait from now on.

    :param answers: to the requests of :func:`to_look_at`
    """
    closed = foreign.browse()
    for calendar, answer in zip(foreign, answers, strict=True):
        if isinstance(answer.error, _OF_ONE_CALENDAR):
            calendar._stop_for(answer.error)
            closed |= calendar
    if closed:  # is it still in the mailbox?
        closed.account_id.write(
            {"calendars_read_at": False, "pull_requested_at": fields.Datetime.now()}
        )
    return closed
