"""Writes Outlook's series to recurrences and their events, as the sync."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from ...engine.mapping.graph_series import RemoteSeries
from ...engine.recurrence import Rule
from ...engine.series import Series, default_occurrence, map_days
from ...engine.snapshot import CONTENT_FIELDS, Content, RemoteEvent
from ..records import Account, Event, Events, Recurrence
from ..write.event import SIMPLE_FIELDS, EventWriter
from ..write.lookups import Lookups, is_open
from .occurrence_copies import copies_of_occurrences, day_of_copy

#: Fields with new values that depend on the old ones: they are written row by row.
OF_ROW = frozenset({"attendees", "reminder", "times"})


class SeriesWriter:
    """Creates and changes series for the user of one mailbox, without any echo.

    :param writer: of single events
    """

    def __init__(self, account: Account, writer: EventWriter) -> None:
        self.env = account.env
        self.account = account
        self.user = account.user_id
        self.writer = writer
        self.Event = self.env["calendar.event"]._ms365_for_sync(account.user_id)
        self.Recurrence = self.env["calendar.recurrence"].with_env(self.Event.env)

    def create_series(self, remote: RemoteSeries) -> Recurrence:
        """Return a new recurrence with an event for each occurrence.

        :param remote: has at least one occurrence
        """
        series, master = remote.series, remote.master
        lookups = self._lookups(remote, series.contents().values())
        recurrence = self.Recurrence.create(
            {
                **self.Recurrence._ms365_rule_vals(series.rule),
                "microsoft_id": master.remote_id,
                "ms_universal_event_id": master.ical_uid,
                "need_sync_m": False,
            }
        )
        lookups.make_missing(
            [replace(master, content=one) for one in series.contents().values()]
        )
        rows = self._add_rows(recurrence, series, series.days, remote, lookups)
        recurrence.base_event_id = rows.sorted("start")[:1]
        recurrence._ms365_store_shared(series.master)
        return self.env["calendar.recurrence"].browse(recurrence.id)

    def write_series(
        self, recurrence: Recurrence, ours: Series, target: Series, remote: RemoteSeries
    ) -> None:
        """Write ``target`` to Odoo, but only to rows that differ from it.

        :param ours: Odoo's present content
        """
        recurrence = self.Recurrence.browse(recurrence.id)
        lookups = self._lookups(remote, [target.master, *target.exceptions.values()])
        rows = {row.ms365_day: row for row in recurrence._ms365_rows()}
        placed = self._move_rows(rows, ours, target)
        agreed = recurrence._ms365_agreed_theirs()
        for (names, _values), days in _groups(ours, target, placed).items():
            self._write_rows(
                {placed[day][0]: target.occurrence(day) for day in days},
                frozenset(names),
                lookups,
                remote,
                agreed,
            )
        for day, (row, _old_day) in placed.items():
            follows = not self._is_moved(target, day)
            if row.follow_recurrence != follows:
                row.write({"follow_recurrence": follows})
        missing = sorted(set(target.days) - placed.keys())
        if missing:
            gone = recurrence._ms365_archived_rows(missing)
            gone.ms365_link_ids._forget_occurrences()  # these days are there again
            self._add_rows(recurrence, target, missing, remote, lookups)
        if target.rule != ours.rule or target.rule.zone != ours.rule.zone:
            recurrence.write(recurrence._ms365_rule_vals(target.rule))
        if not recurrence.base_event_id.active:
            recurrence.base_event_id = recurrence._ms365_rows()[:1]
        recurrence._ms365_store_shared(target.master)

    def wrap(self, event: Event, rule: Rule) -> Recurrence:
        """Return a new recurrence with this event as its only one."""
        event = self.Event.browse(event.id)
        recurrence = self.Recurrence.create(
            {
                **self.Recurrence._ms365_rule_vals(rule),
                "base_event_id": event.id,
                "need_sync_m": False,
            }
        )
        event._ms365_write_bookkeeping(
            {
                "recurrence_id": recurrence.id,
                "recurrency": True,
                "follow_recurrence": True,
            }
        )
        recurrence.invalidate_recordset(["calendar_event_ids"])
        return self.env["calendar.recurrence"].browse(recurrence.id)

    def unwrap(self, recurrence: Recurrence) -> Event:
        """Return the only event of a recurrence, which is no series any more."""
        [row] = self.Recurrence.browse(recurrence.id)._ms365_rows()
        row._ms365_write_bookkeeping(
            {"recurrence_id": False, "recurrency": False, "ms365_day": False}
        )
        recurrence.invalidate_recordset(["calendar_event_ids"])
        return row

    def record_teams_link(self, recurrence: Recurrence, master: RemoteEvent) -> None:
        """Store the join link of a series on each row, and post it once."""
        if not master.join_url:
            return
        rows = self.Recurrence.browse(recurrence.id)._ms365_rows()
        new = rows._ms365_write_join_link(
            master.join_url, is_own=master.full_content.online_meeting
        )
        if new and new == rows:
            recurrence.base_event_id._ms365_tell_join_link()

    # ------------------------------------------------------------------

    def _lookups(self, remote: RemoteSeries, contents: Iterable[Content]) -> Lookups:
        organizer = remote.master.organizer
        return Lookups(
            self.env,
            [*contents, remote.series.master],
            organizers=[] if remote.master.is_organizer else [organizer],
            account=self.account,
        )

    def _add_rows(
        self,
        recurrence: Recurrence,
        series: Series,
        days: Collection[str],
        remote: RemoteSeries,
        lookups: Lookups,
    ) -> Events:
        taken = self._turn_singles_into_rows(recurrence, series, remote, days, lookups)
        days = sorted(set(days) - set(taken.mapped("ms365_day")))
        vals_list = []
        like = recurrence._ms365_rows()[:1]
        agreed = like and recurrence._ms365_agreed_theirs()
        for day in days:
            content = series.occurrence(day)
            of_day = remote.exceptions.get(day) or remote.master
            vals = self.writer._vals_of_new(
                replace(of_day, content=content),
                lookups,
                agreed=agreed.master if agreed else None,
                like=like,
            )
            vals |= {
                "recurrence_id": recurrence.id,
                "follow_recurrence": not self._is_moved(series, day),
                "ms365_day": day,
                "microsoft_id": remote.ids.get(day, (False,))[0],
            }
            vals_list.append(vals)
        rows = self.Event.create(vals_list)
        # They are created as single events, or Odoo would make a series of each.
        rows._ms365_write_bookkeeping({"recurrency": True})
        recurrence.invalidate_recordset(["calendar_event_ids"])
        return rows | taken

    def _turn_singles_into_rows(
        self,
        recurrence: Recurrence,
        series: Series,
        remote: RemoteSeries,
        days: Collection[str],
        lookups: Lookups,
    ) -> Events:
        """Turn events that stand for single occurrences of a series into its rows.

        :param days: of the missing rows
        :return: these rows; people's own data on them stays
        """
        links = copies_of_occurrences(self.env, remote.master.ical_uid, days)
        taken = self.Event.browse()
        for link in links.filtered(lambda one: one.is_primary and one.event_id.active):
            day = day_of_copy(link)
            event = self.Event.browse(link.event_id.id)
            if event.recurrence_id:
                continue
            event._ms365_write_bookkeeping(
                {
                    "recurrence_id": recurrence.id,
                    "recurrency": True,
                    "follow_recurrence": not self._is_moved(series, day),
                    "ms365_day": day,
                }
            )
            link.write({"is_primary": False, "base_snapshot": False})
            of_day = remote.exceptions.get(day) or remote.master
            content, names = series.occurrence(day), frozenset(CONTENT_FIELDS)
            self.writer.write_content(event, content, names, lookups, of_day)
            taken |= event
        if taken:
            recurrence.invalidate_recordset(["calendar_event_ids"])
        return taken

    def _is_moved(self, series: Series, day: str) -> bool:
        content = series.exceptions.get(day)
        return (
            content is not None
            and content.times != default_occurrence(series.master, day).times
        )

    def _move_rows(
        self,
        rows: Mapping[str, Event],
        ours: Series,
        target: Series,
    ) -> dict[str, tuple[Event, str]]:
        """Move rows to the days of the target; archive a row without such a day.

        :return: day -> (row, its former day)
        """
        place = map_days(ours, target, rows)
        placed, left_over = {}, self.Event.browse()
        for old_day, row in rows.items():
            row = self.Event.browse(row.id)
            if old_day in place:
                placed[place[old_day]] = row, old_day
            elif ours.first <= old_day <= ours.last:
                left_over |= row
        for day, (row, old_day) in placed.items():
            if day != old_day:
                row._ms365_write_bookkeeping({"ms365_day": day})
        if left_over:
            left_over.write({"active": False})
        return placed

    def _write_rows(
        self,
        contents: Mapping[Event, Content],
        names: frozenset[str],
        lookups: Lookups,
        remote: RemoteSeries,
        agreed: Series | None,
    ) -> None:
        """Write fields to rows that get the same values of all but their own ones.

        :param contents: row -> content
        :param agreed: Outlook's series at the last agreement, None if never
        """
        rows = self.Event.union(*contents)
        content = next(iter(contents.values()))
        simple = names & SIMPLE_FIELDS - OF_ROW
        if simple:
            may_make = is_open(content, remote.series.master)
            rows.write(
                rows._ms365_vals_from(
                    content,
                    simple,
                    lookups,
                    may_make=may_make,
                    web_link=remote.master.web_link,
                )
            )
        of_row = names & OF_ROW
        for row in rows if of_row else ():
            self.writer.write_content(
                row,
                contents[row],
                of_row,
                lookups,
                remote.master,
                agreed=agreed.occurrence(row.ms365_day) if agreed else None,
            )


def _groups(
    ours: Series, target: Series, placed: Mapping[str, tuple[Event, str]]
) -> dict[Any, list[str]]:
    """Return (names, values) -> days of rows that get the same.

    :param placed: day -> (row, the day that it had)
    """
    groups: dict[Any, list[str]] = {}
    for day, (_row, old_day) in sorted(placed.items()):
        before, after = ours.occurrence(old_day), target.occurrence(day)
        names = after.changed_fields(before)
        if names:
            key = (
                tuple(sorted(names)),
                tuple(
                    getattr(after, name)
                    for name in CONTENT_FIELDS
                    if name in names - OF_ROW
                ),
            )
            groups.setdefault(key, []).append(day)
    return groups
