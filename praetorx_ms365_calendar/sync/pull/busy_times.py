"""Read the busy times of colleagues that an open meeting asks for."""

from __future__ import annotations

from collections.abc import Sequence

from ...engine.busy_times import plan_request, read_schedules
from ...engine.errors import BadRemoteEvent, RefreshToken, TryLater
from ...graph import calls
from ...graph.client import GraphResponse
from ..records import Account, Records
from ..worker.graph_job import graph_job
from ..worker.job import Job

#: Sent to the owner of the mailbox when busy times were read.
BUS_CHANNEL = "praetorx_ms365/busy_times"


def busy_job(account: Account) -> Job | None:
    """Return the job that reads the next busy times, None if nobody asks for any.

    An error stops nothing else: without an answer, nobody counts as busy.
    """
    asked = account.env["praetorx.ms365.busy.day"]._asked_of(account)
    wanted = asked._as_wanted()
    request = plan_request(wanted.values())
    if request is None:
        return None
    ids = [row.id for row, one in wanted.items() if request.covers(one)]

    def record(responses: Sequence[GraphResponse]) -> None:
        rows = asked.browse(ids).exists()
        [response] = responses
        error = response.error
        if isinstance(error, TryLater) and error.after_seconds:
            account._stop_for(error)  # Microsoft asks the whole mailbox to wait
        if not response.status and isinstance(error, RefreshToken):
            return  # the token has ended meanwhile: the next turn has a new one
        if error is not None:
            rows._store_error(error.code or type(error).__name__)
        else:
            _store(rows, response)
        account.user_id._bus_send(BUS_CHANNEL, {})

    return graph_job(account, [calls.get_schedule(request)], record)


def _store(rows: Records, response: GraphResponse) -> None:
    try:
        rows._store(read_schedules(response.result()))
    except BadRemoteEvent:
        rows._store_error("unreadable")
