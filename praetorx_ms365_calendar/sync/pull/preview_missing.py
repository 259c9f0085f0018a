"""Foresee deletions: events of a preview that no calendar lists any more.

The steps are those of a round that ends: events that it does not list are read by id.
What is gone is deleted in Odoo, or asked about if there is much of it. The work that is
left is in ``preview.work``:

- ``listed``: ids of the links that the pages of all calendars have listed
- ``complete``: ids of the calendars that were read to their end
- ``missing``: ids of the links that are still to be read, None before the search
- ``gone``: ids of the links that Outlook does not have any more
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial

from psycopg2 import OperationalError

from odoo import fields

from ...engine.errors import SyncError
from ...engine.mapping.stamp import STAMP_PROPERTY_ID
from ...graph import calls
from ...graph.client import BATCH_SIZE, GraphResponse
from ..apply.applier import Applier
from ..apply.carry_out_deletions import carry_out_gone
from ..apply.dry_run import DryRun, Found, lines_of_held, undone
from ..read.events import record_read
from ..records import Account, Calendar, Link, Links, Preview, Vals
from ..worker.graph_job import graph_job, record_health
from ..worker.job import Job
from ..worker.one_by_one import kind_of
from .rounds import verify_unlisted

_logger = logging.getLogger(__name__)

#: The part of ``preview.work`` of a preview that has not been begun.
NOTHING_MISSING: Vals = {"listed": [], "complete": [], "missing": None, "gone": []}


def find_missing(account: Account, preview: Preview) -> None:
    """Note down the linked events that must be read, as no calendar has listed them."""
    work = preview.work
    Link = account.env["praetorx.ms365.event.link"]

    def collect() -> list[tuple[int, int, str, bool]]:
        found = Link.search(
            [
                ("account_id", "=", account.id),
                ("left_calendar", "=", True),
                ("needs_read", "=", True),
                ("remote_id", "!=", False),
            ]
        )
        return [
            (one.id, one.calendar_id.id, one.remote_id, one.is_series) for one in found
        ]

    missing = undone(account, partial(_end_rounds, account, preview), collect)
    series = [
        [calendar_id, remote_id]
        for _id, calendar_id, remote_id, is_series in missing
        if is_series and [calendar_id, remote_id] not in work["series"]
    ]
    preview.work = {
        **work,
        "missing": [link_id for link_id, *_rest, is_series in missing if not is_series],
        "series": [*work["series"], *series],
        "listed": [],
    }


def _end_rounds(account: Account, preview: Preview) -> None:
    """End a round of each calendar, as the sync does with the proposed settings."""
    work, now = preview.work, fields.Datetime.now()
    new = preview._propose_with_followers()
    listed = account.env["praetorx.ms365.event.link"].browse(work["listed"]).exists()
    by_calendar = listed.grouped("calendar_id")
    for calendar in account.calendar_ids.browse(work["complete"]).exists():
        if calendar.restart_requested or calendar in new:
            calendar._restart_round()
        else:
            calendar._abandon_round()
        calendar._begin_round(now)
        of_calendar = by_calendar.get(calendar, listed.browse())
        of_calendar.write({"last_seen_round": calendar.round_number})
        verify_unlisted(calendar, calendar._end_round(None))


def missing_job(account: Account, preview: Preview) -> Job:
    """Return the job that reads the next missing events, in one round trip."""
    ids = preview.work["missing"][:BATCH_SIZE]
    links = account.env["praetorx.ms365.event.link"].browse(ids).exists()
    links = links.filtered("remote_id")
    requests = [
        calls.get_event(link.remote_id, STAMP_PROPERTY_ID, link._event_path())
        for link in links
    ]
    version = preview.version

    def record(responses: Sequence[GraphResponse]) -> None:
        if record_health(account, responses, of_events=True):
            return
        if preview.exists()._is_being_computed(version):
            _record(account, preview, ids, links, responses)

    return graph_job(account, requests, record)


def _record(
    account: Account,
    preview: Preview,
    ids: Sequence[int],
    links: Links,
    responses: Sequence[GraphResponse],
) -> None:
    found = Found()
    for link, response in zip(links, responses, strict=True):
        if not link.exists():
            continue

        work = partial(_read, preview, link, response)
        try:
            preview._add(DryRun(account, link.calendar_id).run(work, {}, found))
        except (OperationalError, SyncError):
            raise
        except Exception as error:  # noqa: BLE001 - the sync says why
            _logger.info("Microsoft 365: a preview leaves out: %s", kind_of(error))
    state = preview.work
    left = [one for one in state["missing"] if one not in ids]
    gone = [*state["gone"], *sorted(found.gone)]
    preview.work = {**state, "missing": left, "gone": gone}
    preview._tell_progress()


def _read(preview: Preview, link: Link, response: GraphResponse) -> None:
    preview._propose()
    if link.state == "calendar_off":
        link._return_to_calendar()
    record_read(preview.account_id, link, response)


def lines_of_gone(account: Account, preview: Preview) -> list[Vals]:
    """Return the lines of events that are deleted in Odoo, or asked about."""
    gone = account.env["praetorx.ms365.event.link"].browse(preview.work["gone"])
    gone = gone.exists()
    if not gone:
        return []
    lines: list[Vals] = []

    def work() -> None:
        preview._propose_with_followers()
        for calendar, links in gone.grouped("calendar_id").items():
            Applier(account, _home(account, calendar)).gone(links)
        carry_out_gone(account)
        lines.extend(lines_of_held(gone))

    done = DryRun(account, account._default_calendar()).run(work, {})
    return [*done, *lines]


def _home(account: Account, calendar: Calendar) -> Calendar:
    return calendar or account._default_calendar()
