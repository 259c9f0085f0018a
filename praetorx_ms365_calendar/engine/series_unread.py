"""Occurrences of a series that cannot be read: they stay as they were."""

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
    """Return a series in which what could not be read is as it was agreed last.

    Else its day would be missing, and count as deleted. Where it is not known which day
    that is, each day that is missing now stays.

    :param agreed: Outlook's side at the last agreement, None if there was none
    :param known: day -> id and change key of the occurrences, as they were then
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
