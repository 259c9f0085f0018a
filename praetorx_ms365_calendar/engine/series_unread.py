"""Keep the agreed content of occurrences that cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .mapping.graph_series import RemoteSeries
from .series import Series


def with_unread(
    remote: RemoteSeries,
    agreed: Series | None,
    known: Mapping[str, tuple[str, str]],
) -> RemoteSeries:
    """Return a series with the agreed content for each occurrence that is unreadable.

    Without it the day would be missing, and would count as deleted. If the day of an
    unreadable occurrence is unknown, all missing days stay.

    :param agreed: Outlook's side of the base, None without a base
    :param known: day -> id and change key of the occurrence in the base
    """
    if not remote.unreadable or agreed is None:
        return remote
    series = remote.series
    day_of = {remote_id: day for day, (remote_id, _key) in known.items()}
    days = {day_of.get(remote_id) for remote_id in remote.unreadable}
    if None in days:
        days = set(agreed.days)
    first, last = series.window
    contents = series.contents()
    kept = {
        day: agreed.occurrence(day)
        for day in agreed.days
        if day in days and day not in contents and first <= day <= last
    }
    return replace(
        remote,
        series=Series.of(
            series.master, series.rule, series.window, {**contents, **kept}
        ),
        ids={**{day: known[day] for day in kept if day in known}, **remote.ids},
    )
