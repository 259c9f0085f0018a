"""Brings the replies of attendees from a series of Outlook to its events in Odoo."""

from dataclasses import replace

from ...engine.replies import first_new_replies


class SeriesReplies:
    """Writes replies, as many as one transaction takes.

    Interface: :meth:`write_new`.

    :param steps: :class:`.series_steps.SeriesSteps`
    """

    def __init__(self, reading, steps):
        self._reading = reading
        self._steps = steps

    def write_new(self, link, remote):
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
            )
            if exception:
                seen_by_day_now[row.ms365_day] = replies
            elif to_row == to_series:
                seen_now = replies
        if seen_now is None:  # all of them have replies of their own
            seen_now = seen
        return {"answers": seen_now, "occurrence_answers": seen_by_day_now}

    def _first_new(self, remote, seen, seen_by_day, on_their_way):
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
