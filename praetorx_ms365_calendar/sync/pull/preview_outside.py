"""Count the events of Outlook that a preview does not read: outside the window.

Graph counts all single events and series of a calendar. Those that the pages have
listed lie in the window; the others stay where they are. The work is in
``preview.work``:

- ``inside``: calendar's id -> number of single events in its pages, and ids of series
- ``uncounted``: ids of the calendars that are still to be counted, None before that
"""

from __future__ import annotations

from collections.abc import Sequence

from ...graph import calls
from ...graph.client import GraphResponse
from ..records import Account, Calendar, Payload, Preview, Vals
from ..worker.graph_job import graph_job
from ..worker.job import Job

#: The part of ``preview.work`` of a preview that has not been begun.
NOTHING_COUNTED: Vals = {"inside": {}, "uncounted": None}


def with_inside(work: Vals, calendar: Calendar, items: Sequence[Payload]) -> Vals:
    """Return the work after a page of a calendar.

    :param items: what the page lists; an occurrence stands for its series
    """
    singles, series = work["inside"].get(str(calendar.id), (0, ()))
    kinds = [item.get("type") for item in items]
    ids = {
        item["id"] if kind == "seriesMaster" else item.get("seriesMasterId")
        for item, kind in zip(items, kinds, strict=True)
    }
    listed = singles + kinds.count("singleInstance"), sorted({*series, *ids} - {None})
    return {**work, "inside": {**work["inside"], str(calendar.id): listed}}


def outside_job(account: Account, preview: Preview) -> Job:
    """Return the job that asks Graph for the size of the next calendar."""
    calendar_id, *rest = preview.work["uncounted"]
    calendar = account.calendar_ids.browse(calendar_id).exists()
    version = preview.version

    def record(responses: Sequence[GraphResponse]) -> None:
        if not preview.exists()._is_being_computed(version):
            return
        work = preview.work
        preview.work = {**work, "uncounted": rest}
        singles, series = work["inside"].get(str(calendar_id), (0, ()))
        total = (responses[0].body or {}).get("@odata.count")
        if isinstance(total, int):  # else unknown: a number is not worth an error
            preview.outlook_outside_count += max(0, total - singles - len(series))

    return graph_job(account, [calls.count_events(calendar._path())], record)
