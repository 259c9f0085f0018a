"""Read rounds page by page, and apply the listed events."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from functools import partial

from odoo import fields

from ...engine.awaited import listed_versions
from ...engine.delta import DeltaRound, Page, RoundEnd, Step, last_of_each
from ...engine.errors import MailboxUnavailable, ResyncNeeded, SyncError
from ...engine.reasons import because
from ...graph import calls
from ...graph.client import BATCH_SIZE, GraphRequest, GraphResponse
from ..apply.applier import Applier
from ..read.page import log_bad_page, log_read_later
from ..read.shared_calendars import error_of_calendar
from ..records import Account, Calendar, Calendars, Payload
from ..worker.graph_job import OF_MAILBOX, graph_job, record_health
from ..worker.job import Job
from .page_items import items_of_pages, judge_pages

#: Events per delta page. With small pages, large series loop (a defect of Graph).
PAGE_SIZE = 250


def pages_job(account: Account, calendars: Calendars) -> Job | None:
    """Read the next page of one calendar, or the changes of several in one batch.

    In a batch, a calendar without changes costs only a part of one request.
    """
    small = calendars.filtered(lambda calendar: calendar.round_kind == "delta")
    at_once = small[:BATCH_SIZE] or calendars[:1]
    if not at_once:
        return None

    def record(
        responses: Sequence[GraphResponse], only: Collection[Hashable] | None = None
    ) -> None:
        if only:
            _record_items(account, at_once, responses, only)
            return
        record_pages(account, at_once, responses, items_are_stored=only is not None)
        account._plan_look()
        account._drop_unlisted_events()

    requests = [_page_request(calendar) for calendar in at_once]
    items = partial(items_of_pages, account, at_once)
    return graph_job(account, requests, record, items, "pages")


def _stop_calendar(account: Account, calendar: Calendar, error: SyncError) -> None:
    """Stop this calendar, and request the list of calendars: it may be gone."""
    calendar._stop_for(error)
    account.calendars_read_at = False
    account.pull_requested_at = fields.Datetime.now()


def _page_request(calendar: Calendar) -> GraphRequest:
    if calendar.next_link:
        return calls.follow(calendar.next_link, page_size=PAGE_SIZE)
    first_page = (
        calls.calendar_view if calendar.round_kind == "view" else calls.delta_start
    )
    return first_page(
        calendar._path(), calendar.window_start, calendar.window_end, PAGE_SIZE
    )


def _record_items(
    account: Account,
    calendars: Calendars,
    responses: Sequence[GraphResponse],
    only: Collection[Hashable],
) -> None:
    """Apply single items of pages without moving the cursors.

    :param only: pairs of a calendar's id and an item's id
    """
    judged = judge_pages(account, calendars, responses)
    for calendar, (response, page) in zip(calendars, judged, strict=True):
        items = page.items if page else ()
        wanted = [one for one in items if (calendar.id, one["id"]) in only]
        if wanted:
            Applier(account, calendar).apply(
                last_of_each(wanted), request_id=response.request_id
            )


def record_pages(
    account: Account,
    calendars: Calendars,
    responses: Sequence[GraphResponse],
    *,
    items_are_stored: bool = False,
) -> None:
    """Apply one page of each calendar; judge the mailbox by all responses.

    :param items_are_stored: the items of the pages are stored already
    """
    of_mailbox = []
    judged = judge_pages(account, calendars, responses)
    responses = [response for response, _page in judged]
    for calendar, (response, page) in zip(calendars, judged, strict=True):
        log_bad_page(account, response.error, f"calendar {calendar.id}")
        if error := error_of_calendar(calendar, response, responses):
            _stop_calendar(account, calendar, error)
        else:
            of_mailbox.append((calendar, response, page))
    if of_mailbox:
        record_health(account, [response for _calendar, response, _page in of_mailbox])
    for calendar, response, page in of_mailbox:
        if page:
            items = () if items_are_stored else page.items
            _record_page(account, calendar, page, items, response.request_id)
        elif response.error and not isinstance(response.error, OF_MAILBOX):
            page_refused(account, calendar, response.error)
        # Else the mailbox waits, and requests this page again.


def _record_page(
    account: Account,
    calendar: Calendar,
    page: Page,
    items: Iterable[Payload],
    request_id: str | None,
) -> None:
    """Apply a page and move the cursor: both in this transaction, or neither."""
    Applier(account, calendar).apply(
        items, request_id=request_id, without_id=page.unreadable
    )
    account._forget_listed(listed_versions(page.items))
    delta_round, step = DeltaRound.from_json(calendar.round_state).add(page)
    if step is Step.FOLLOW:
        calendar.write(
            {"next_link": page.next_link, "round_state": delta_round.to_json()}
        )
    elif step is Step.FALL_BACK and calendar.round_kind == "view":
        _begin_again(account, calendar, ResyncNeeded(because("list_never_ends")))
    elif step is Step.FALL_BACK:
        calendar._delta_round_loops(fields.Datetime.now())
        account.pull_requested_at = fields.Datetime.now()
    else:
        _end_round(account, calendar, page.delta_link)


def page_refused(account: Account, calendar: Calendar, error: SyncError) -> None:
    """Restart the round or stop the mailbox: Graph will always refuse this page."""
    if isinstance(error, ResyncNeeded):
        _begin_again(account, calendar, error)
    else:
        account._stop_for(MailboxUnavailable(error.reason))


def _begin_again(account: Account, calendar: Calendar, error: SyncError) -> None:
    """Start a new round if Graph does not continue the present one.

    Only this calendar waits; edits are sent without delay.
    """
    log_read_later(account, error)
    if calendar.round_kind != "retiring":
        calendar._wait_to_begin(error, fields.Datetime.now())
    calendar._lost_delta_state()
    account.pull_requested_at = fields.Datetime.now()


def _end_round(account: Account, calendar: Calendar, delta_link: str | None) -> None:
    end = calendar._end_round(delta_link)
    verify_unlisted(calendar, end)
    account.last_pull_at = fields.Datetime.now()
    calendar._is_shown_again()
    if end.verify and calendar.is_default:
        account._first_pass()


def verify_unlisted(calendar: Calendar, end: RoundEnd) -> None:
    """Have events verified that a round did not list, when it ends."""
    if end.verify == "all":
        calendar._sweep_links()
        calendar.sweep = False
    elif end.verify == "window":
        calendar._verify_window()
