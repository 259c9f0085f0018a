"""Read the series of a preview as a whole, as the first pass does, and keep nothing."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from psycopg2 import OperationalError
from requests import Session

from ...engine.errors import BadRemoteEvent, RefreshToken, SyncError
from ...engine.reasons import because
from ...engine.snapshot import RemoteEvent
from ...graph.client import GraphClient, GraphResponse
from ..apply.dry_run import DryRun, Found, undone
from ..apply.where import parse_as_seen
from ..read.series import (
    SERIES_AT_ONCE,
    SeriesReading,
    read_all,
    record_series,
)
from ..records import Account, Calendar, Link, Preview, Vals
from ..worker.graph_job import record_health
from ..worker.job import Job
from ..worker.one_by_one import kind_of
from .stamps import link_stamped

_logger = logging.getLogger(__name__)


def series_job(account: Account, preview: Preview) -> Job:
    """Return the job that reads the next series of a preview, in one round trip."""
    pairs = [tuple(one) for one in preview.work["series"][:SERIES_AT_ONCE]]
    readings: list[SeriesReading] = []

    def plan() -> None:
        preview._propose()
        for calendar_id, remote_id in pairs:
            calendar = account.calendar_ids.browse(calendar_id)
            readings.append(SeriesReading(_link(account, calendar, remote_id)))

    undone(account, plan, lambda: None)
    version = preview.version
    root, token = account._graph_root(), account._access_token()

    def send(session: Session) -> SyncError | None:
        try:
            if not token:
                raise RefreshToken(because("sign_in_ended"))
            read_all(GraphClient(session, root, token), readings)
        except SyncError as error:
            return error
        return None

    def record(error: SyncError | None) -> None:
        responses = [one.responses[0] for one in readings if one.responses]
        if error is not None:
            responses = [GraphResponse(0, {}, None, None, error)]
        if record_health(account, responses, of_events=True):
            return
        if preview.exists()._is_being_computed(version):
            _record(account, preview, pairs, readings)

    return Job(account.id, send, record)


def _link(account: Account, calendar: Calendar, remote_id: str) -> Link:
    """Return the link of a series, made if there is none."""
    Link = account.env["praetorx.ms365.event.link"]
    found = Link.search(
        [("account_id", "=", account.id), ("remote_id", "=", remote_id)]
    )
    return found or Link.create(
        {
            "account_id": account.id,
            "calendar_id": calendar.id,
            "remote_id": remote_id,
            "is_series": True,
            "needs_read": True,
        }
    )


def _record(
    account: Account,
    preview: Preview,
    pairs: Sequence[tuple[int, str]],
    readings: Sequence[SeriesReading],
) -> None:
    found = Found()
    for (calendar_id, remote_id), reading in zip(pairs, readings, strict=True):
        calendar = account.calendar_ids.browse(calendar_id)
        try:
            preview._add(_dry_run(calendar, remote_id, reading, preview, found))
        except OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - the first pass says why
            _logger.info("Microsoft 365: a preview leaves out: %s", kind_of(error))
    work = preview.work
    left = [one for one in work["series"] if tuple(one) not in pairs]
    gone = [*work["gone"], *sorted(found.gone)]
    preview.work = {**work, "series": left, "gone": gone}
    preview.progress += (99 - preview.progress) * len(pairs) / (len(left) + len(pairs))
    preview._tell_progress()


def _dry_run(
    calendar: Calendar,
    remote_id: str,
    reading: SeriesReading,
    preview: Preview,
    found: Found,
) -> list[Vals]:
    account = preview.account_id
    remotes = _remotes(calendar, reading)
    stamped = [one for one in preview.work.get("ours") or () if one["id"] == remote_id]

    def work() -> None:
        preview._propose()
        link_stamped(account, calendar, stamped)
        reading.link = _link(account, calendar, remote_id)
        record_series(account, reading)

    return DryRun(account, calendar).run(work, remotes, found)


def _remotes(calendar: Calendar, reading: SeriesReading) -> dict[str, RemoteEvent]:
    """Return the master by its id; nothing if it cannot be read."""
    if reading.error is not None:
        return {}
    try:
        master = parse_as_seen(reading.master(), calendar)
    except BadRemoteEvent:
        return {}
    return {master.remote_id: master}
