"""Compute the preview of a mailbox: read as the first pass does, and keep nothing.

Each response is applied by the functions that apply it later, and undone at once. Only
the lines of the preview remain. The work that is left is in ``preview.work``:

- ``calendars``: ids of the calendars that are still to be read, the present one first
- ``stamped``: the events of the present calendar with our stamp, None before the search
- ``next``, ``round``: the link to the next page, and the progress of its round
- ``view``: whether the plain view is read, because the round does not end
- ``ours``: the stamped series of all calendars
- ``series``: pairs of a calendar's id and a series' id that must be read as a whole
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial

from psycopg2 import OperationalError

from odoo import fields

from ...engine.delta import (
    DeltaRound,
    Page,
    Step,
    last_of_each,
    read_list,
    read_page,
    window_bounds,
)
from ...engine.errors import MailboxUnavailable, SyncError
from ...engine.mapping.stamp import STAMP_PROPERTY_ID
from ...engine.page_order import latest_items, parse_items
from ...engine.snapshot import RemoteEvent
from ...graph import calls
from ...graph.client import GraphRequest, GraphResponse
from ..apply.applier import Applier
from ..apply.dry_run import DryRun, Found, lines_of_edits, undone
from ..apply.where import as_listed
from ..read.page import log_bad_page, page_of
from ..records import Account, Calendar, Payload, Preview, Vals
from ..worker.graph_job import graph_job, record_health
from ..worker.job import Job
from ..worker.one_by_one import kind_of
from .preview_missing import (
    NOTHING_MISSING,
    find_missing,
    lines_of_gone,
    missing_job,
)
from .preview_outside import NOTHING_COUNTED, outside_job, with_inside
from .preview_series import series_job
from .rounds import PAGE_SIZE
from .stamps import link_stamped, stamped_of

_logger = logging.getLogger(__name__)

#: Of the progress bar, the part of the pages; the series have the rest.
PART_OF_PAGES = 60


def preview_job(account: Account) -> Job | None:
    """Return the next step of the preview of a mailbox, None if there is none."""
    preview = account._open_preview()
    if preview.state != "computing" or account.needs_connect:
        return None
    if not preview.work:
        calendar_ids = undone(account, preview._propose, partial(_readable, account))
        of_all = {"calendars": calendar_ids, "series": [], "ours": []}
        nothing = NOTHING_MISSING | NOTHING_COUNTED
        preview.work = {**_OF_CALENDAR, **of_all, **nothing}
    work = preview.work
    calendars = account.calendar_ids.browse(work["calendars"]).exists()
    if not calendars:
        return _last_job(account, preview)
    calendar = calendars[:1]
    searches = work["stamped"] is None and not calendar._is_shared()
    request = _stamps_request if searches else _page_request
    record = _record_stamps if searches else _record_page
    return graph_job(
        account,
        [request(account, calendar, preview)],
        partial(_record, account, calendar, preview, preview.version, record),
    )


def _last_job(account: Account, preview: Preview) -> Job | None:
    """Return the next step after the pages of all calendars."""
    if preview.work["uncounted"] is None:
        preview.work = {**preview.work, "uncounted": preview.work["complete"]}
    if preview.work["uncounted"]:
        return outside_job(account, preview)
    if preview.work["missing"] is None:
        find_missing(account, preview)
    if preview.work["missing"]:
        return missing_job(account, preview)
    if preview.work["series"]:
        return series_job(account, preview)
    gone = lines_of_gone(account, preview)
    ends = _lines_of_ends(account, preview)
    preview._is_computed([*gone, *_lines_of_odoo(account, preview), *ends])
    return None


#: The work of a calendar that has not been begun.
_OF_CALENDAR = {"stamped": None, "next": None, "round": None, "view": False}


def _readable(account: Account) -> list[int]:
    return list(account.calendar_ids._readable(fields.Datetime.now()).ids)


def _lines_of_odoo(account: Account, preview: Preview) -> list[Vals]:
    """Return the lines of events in Odoo that Outlook lacks, or has in another way."""
    Outbox = account.env["praetorx.ms365.outbox"]
    mine = [("account_id", "=", account.id)]
    last = Outbox.search(mine, order="id desc", limit=1).id or 0

    def collect() -> tuple[list[Vals], int]:
        lines = [*preview._lines_of_odoo(), *lines_of_edits(account, last)]
        return lines, account._count_outside_window()

    carry_out = preview._carry_out_proposal
    lines, preview.odoo_outside_count = undone(account, carry_out, collect)
    return lines


def _lines_of_ends(account: Account, preview: Preview) -> list[Vals]:
    """Return the lines of what is not sent, or not decided, after the change."""
    if not preview._is_proposal():
        return []
    before = preview._open_work()
    return undone(account, preview._adopt, partial(preview._lines_of_ends, before))


def _stamps_request(
    account: Account, calendar: Calendar, preview: Preview
) -> GraphRequest:
    if preview.work["next"]:
        return calls.follow(preview.work["next"])
    uuid = account.env["praetorx.ms365.outbox"]._database_uuid()
    return calls.find_stamped(STAMP_PROPERTY_ID, uuid, calendar._path())


def _page_request(
    _account: Account, calendar: Calendar, preview: Preview
) -> GraphRequest:
    work = preview.work
    if work["next"]:
        return calls.follow(work["next"], page_size=PAGE_SIZE)
    first_page = calls.calendar_view if work["view"] else calls.delta_start
    now = fields.Datetime.now()
    start, end = window_bounds(now, preview.days_back, preview.days_ahead)
    return first_page(calendar._path(), start, end, PAGE_SIZE)


def _record(
    account: Account,
    calendar: Calendar,
    preview: Preview,
    version: int,
    record: Callable[[Account, Calendar, Preview, Page], None],
    responses: Sequence[GraphResponse],
) -> None:
    if not preview.exists()._is_being_computed(version):
        return
    work = preview.work
    reads_view = record is _record_stamps or work["view"]
    read = read_list if reads_view else read_page
    response, page = page_of(responses[0], root=account._graph_root(), read=read)
    log_bad_page(account, response.error, f"preview of calendar {calendar.id}")
    if page:
        record_health(account, [response])
        record(account, calendar, preview, page)
    elif calendar.is_default and record_health(account, [response]):
        return
    elif calendar.is_default and not work["next"]:
        assert response.error is not None
        account._stop_for(MailboxUnavailable(response.error.reason))
    elif calendar.is_default:
        preview._compute_again()
    else:
        _next_calendar(preview)  # the preview of the other calendars goes on


def _next_calendar(preview: Preview) -> None:
    work = preview.work
    preview.work = {**work, **_OF_CALENDAR, "calendars": work["calendars"][1:]}


def _record_stamps(
    account: Account, _calendar: Calendar, preview: Preview, page: Page
) -> None:
    uuid = account.env["praetorx.ms365.outbox"]._database_uuid()
    work = preview.work
    found = [*(work.get("found") or ()), *_ours(page.items, uuid)]
    is_last = not page.next_link
    masters = [one for one in found if is_last and one.get("type") == "seriesMaster"]
    preview.work = {
        **work,
        "ours": [*work["ours"], *masters],
        "next": page.next_link,
        "found": [] if is_last else found,
        "stamped": found if is_last else None,
    }


def _ours(items: Sequence[Payload], uuid: str) -> list[Payload]:
    """Return the items with our stamp, without their contents."""
    ours = {remote.remote_id for remote, _stamp in stamped_of(items, uuid)}
    return [_without_content(one) for one in items if one["id"] in ours]


def _without_content(item: Payload) -> Payload:
    return {**item, "subject": "", "body": None, "attendees": [], "location": None}


def _record_page(
    account: Account, calendar: Calendar, preview: Preview, page: Page
) -> None:
    work = preview.work
    items = last_of_each(page.items)
    found = Found()
    preview._add(_dry_run(preview, calendar, items, found))
    known = {tuple(one) for one in work["series"]}
    more = sorted({(calendar.id, one) for one in found.series} - known)
    work = {
        **work,
        "series": [*work["series"], *map(list, more)],
        "listed": [*work["listed"], *sorted(found.listed)],
    }
    work = with_inside(work, calendar, items)
    progress, step = DeltaRound.from_json(work["round"]).add(page)
    preview.read_count += len(items)
    preview.progress += (PART_OF_PAGES - preview.progress) / 8
    if step is Step.FOLLOW:
        preview.work = {**work, "next": page.next_link, "round": progress.to_json()}
    elif step is Step.FALL_BACK and not work["view"]:
        preview.work = {**work, "next": None, "round": None, "view": True}
    else:
        preview.work = {**work, "complete": [*work["complete"], calendar.id]}
        _next_calendar(preview)
    preview._tell_progress()


def _dry_run(
    preview: Preview, calendar: Calendar, items: Sequence[Payload], found: Found
) -> list[Vals]:
    """Return the lines of a page; one by one if Odoo refuses the page as a whole."""
    try:
        return _run(preview, calendar, items, found)
    except (OperationalError, SyncError):
        raise
    except Exception as error:  # noqa: BLE001 - the first pass says why
        _logger.info("Microsoft 365: a preview leaves out: %s", kind_of(error))
        if not items[1:]:
            return []
    return [
        line for item in items for line in _dry_run(preview, calendar, [item], found)
    ]


def _run(
    preview: Preview, calendar: Calendar, items: Sequence[Payload], found: Found
) -> list[Vals]:
    account = preview.account_id
    remotes: dict[str, RemoteEvent] = as_listed(
        latest_items(parse_items(items)).events, calendar
    )
    stamped = preview.work["stamped"] or ()
    of_page = [one for one in stamped if one["id"] in remotes]

    def work() -> None:
        preview._propose()
        calendar._count_as_listed()
        if calendar._followed():
            calendar._links_to_return(list(remotes))._return_to_calendar()
        link_stamped(account, calendar, of_page)
        Applier(account, calendar).apply(items)

    return DryRun(account, calendar).run(work, remotes, found)
