"""Brings the replies of attendees from a series of Outlook to its events in Odoo."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from ...engine.mapping.graph_series import RemoteSeries
from ...engine.replies import first_new_replies
from ..records import Event, Events, Link, Vals
from .reading import Reading
from .series_steps import SeriesSteps


class SeriesReplies:
    """Writes replies, as many as one transaction takes.

    Interface: :meth:`write_new`.
    """

    def __init__(self, reading: Reading, steps: SeriesSteps) -> None:
        self._reading = reading
        self._steps = steps

    def write_new(self, link: Link, remote: RemoteSeries) -> Vals:
        """Write replies to the rows; exceptions have replies of their own.

        :return: the columns with the replies that have been seen
        """
        reading, rows = self._reading, link.recurrence_id._ms365_rows()
        waiting = reading.Outbox._waiting_replies(rows)
        to_series = waiting.filtered(lambda entry: entry._is_series)
        seen, seen_by_day = link.answers or {}, link.occurrence_answers or {}
        own_only = not link.is_primary
        if not own_only:
            on_their_way = waiting.account_id._addresses()
            remote = self._first_new(remote, seen, seen_by_day, on_their_way)
        lost = self._first_lost(rows, remote, seen, seen_by_day, own_only=own_only)
        seen_now, seen_by_day_now = None, {}
        for row in rows:
            exception = remote.exceptions.get(row.ms365_day)
            to_row = to_series | waiting.filtered(
                lambda one, row=row: one.event_id == row
            )
            replies = reading.writer.write_replies(
                row,
                exception or remote.master,
                seen_by_day.get(row.ms365_day, seen) if exception else seen,
                own_only=own_only,
                waiting=to_row,
                lost=lost[row],
            )
            if exception:
                seen_by_day_now[row.ms365_day] = replies
            elif to_row == to_series:
                seen_now = replies
        if seen_now is None:  # all of them have replies of their own
            seen_now = seen
        return {"answers": seen_now, "occurrence_answers": seen_by_day_now}

    def _first_lost(
        self,
        rows: Events,
        remote: RemoteSeries,
        seen: Mapping[str, str | None],
        seen_by_day: Mapping[str, Mapping[str, str | None]],
        *,
        own_only: bool,
    ) -> dict[Event, frozenset[str]]:
        """Return row -> lost replies, of as many people as one transaction allows.

        :param seen: address -> reply to the series, as it was last read
        :param seen_by_day: the same for occurrences with replies of their own
        :param own_only: ignore replies of other people in this copy
        """
        lost = {}
        for row in rows:
            exception = remote.exceptions.get(row.ms365_day)
            lost[row] = self._reading.writer.lost_replies(
                row,
                exception or remote.master,
                seen_by_day.get(row.ms365_day, seen) if exception else seen,
                own_only=own_only,
            )
        people = sorted(frozenset().union(*lost.values()))
        limit = max(1, self._steps.rows_at_once // max(1, len(rows)))
        if len(people) > limit:
            self._steps.cut_short()
        return {row: found & set(people[:limit]) for row, found in lost.items()}

    def _first_new(
        self,
        remote: RemoteSeries,
        seen: Mapping[str, str | None],
        seen_by_day: Mapping[str, Mapping[str, str | None]],
        on_their_way: Collection[str],
    ) -> RemoteSeries:
        """Return a series with the number of new replies that one transaction allows.

        :param seen: address -> reply to the series, as it was last read
        :param seen_by_day: the same for occurrences with replies of their own
        :param on_their_way: addresses with a reply that Outlook does not have yet
        """
        left = self._steps.rows_at_once
        followers = max(1, len(remote.series.days) - len(remote.exceptions))
        limit = max(1, left // followers)
        replies = first_new_replies(remote.master.replies, seen, limit, on_their_way)
        left -= followers * sum(seen.get(one) != replies[one] for one in replies)
        exceptions = {}
        for day, exception in sorted(remote.exceptions.items()):
            before = seen_by_day.get(day, seen)
            own = first_new_replies(
                exception.replies, before, max(1, left), on_their_way
            )
            left -= sum(before.get(one) != own[one] for one in own)
            exceptions[day] = replace(exception, replies=own)
        master = replace(remote.master, replies=replies)
        first = replace(remote, master=master, exceptions=exceptions)
        if first != remote:
            self._steps.cut_short()
        return first
