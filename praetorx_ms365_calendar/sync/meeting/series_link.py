"""Store a series in its link."""

from __future__ import annotations

from ...engine.mapping.graph_series import RemoteSeries
from ...engine.series import SeriesBase
from ..records import Link, Links, Vals
from .occurrence_copies import link_earlier_copies
from .reading import Reading


def link_vals(links: Links, remote: RemoteSeries) -> Vals:
    """Return the columns that identify the read version of a series."""
    return {
        **links._remote_vals(remote.master),
        "occurrence_ids": occurrence_ids(remote),
        "is_series": True,
    }


def occurrence_ids(remote: RemoteSeries) -> dict[str, list[str]]:
    """Return day -> id and change key, as a link stores them."""
    return {day: list(ids) for day, ids in remote.ids.items()}


def store(
    reading: Reading, link: Link, remote: RemoteSeries, base: SeriesBase, replies: Vals
) -> None:
    """Store the agreed base of a series in its link.

    :param replies: columns with the replies that were seen
    """
    link.write(
        {
            **link_vals(reading.Link, remote),
            **reading.Link._base_vals(base),
            **replies,
            "decision": False,
            "state": "synced",
            "reason": False,
        }
    )
    uid, days = remote.master.ical_uid, remote.series.days
    link_earlier_copies(reading, link.recurrence_id, uid, days)
