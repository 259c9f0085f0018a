"""Copies of one occurrence of a series: their owner was invited to that one alone.

Exchange delivers them as single events. Their iCalUId is that of the series with the
day in it. They are the same meeting as one of the rows of the series, whichever of the
two comes first.
"""

from datetime import date

from ...engine.mapping.global_id import dated_uid, part_of_series
from ...engine.snapshot import CONTENT_FIELDS


class SingleOccurrences:
    """The part of the applier that links such copies to the rows of series."""

    def _apply_single_occurrences(self, unknown):
        """Link copies of occurrences that Odoo has as part of a series.

        :param unknown: pairs of link and remote event, as in ``_apply_unknown``
        :return: the pairs that are left
        """
        rows = occurrence_rows(self.env, [remote.ical_uid for _, remote in unknown])
        left = []
        for link, remote in unknown:
            row = rows.get(remote.ical_uid)
            if row and not remote.is_organizer:
                self._link_occurrence(link, remote, row)
            else:
                left.append((link, remote))
        return left

    def _link_occurrence(self, link, remote, row):
        """The series is in Odoo: this copy only tells what its owner answers."""
        own = row.ms365_link_ids.filtered(lambda one: one.account_id == self.account)
        is_taken = own and own != link and own.state != "deleted_there"
        if self.calendar._is_shared() or is_taken:
            self._save_link(link, remote, {"state": "other_view"})
            return
        if own and own != link:
            if link:
                link.unlink()
                self.env.flush_all()  # the unique index knows each id but once
            link = own
        vals = {"event_id": row.id, "is_primary": False, "base_snapshot": False}
        link = self._save_link(link, remote, vals)
        self._log("link", "done", event=row, remote_id=remote.remote_id)
        self._apply_attendee_copy(link, remote)
        self.Outbox._requeue_replies(link)

    def _link_single_occurrences(self, recurrence, uid, days):
        """Link copies of single occurrences that came before their series did.

        Events that stand beside the rows are archived: each is the same meeting twice.

        :param uid: the iCalUId of the series
        :param days: of its occurrences
        """
        links = copies_of_occurrences(self.env, uid, days)
        links = links.filtered(lambda link: link.event_id.recurrence_id != recurrence)
        if not links:
            return
        rows = {row.ms365_day: row for row in recurrence._ms365_rows()}
        for link in links:
            row = rows.get(_day_of_copy(link))
            if not row or link.account_id in row.ms365_link_ids.account_id:
                continue
            twin = link.event_id
            link.write(
                {
                    "event_id": row.id,
                    "is_primary": False,
                    "base_snapshot": False,
                    "state": "synced",
                    "needs_read": True,
                }
            )
            if twin.active and not twin.recurrence_id:
                self.writer.archive(twin)
                self._log("link", "done", event=row, remote_id=link.remote_id)
                self._changed(twin | row)
        links.account_id._request_pull(fresh_seconds=0)
        self.Outbox._requeue_replies(links)


class RowsOfSingles:
    """The part of the writer of series that keeps events which are occurrences."""

    def _turn_singles_into_rows(self, recurrence, series, remote, days, lookups):
        """Make rows of the events that stand for single occurrences of a series.

        :param days: of the rows that are to be made
        :return: these rows; what people have noted down on them stays
        """
        links = copies_of_occurrences(self.env, remote.master.ical_uid, days)
        taken = self.Event.browse()
        for link in links.filtered(lambda one: one.is_primary and one.event_id.active):
            day = _day_of_copy(link)
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


def occurrence_rows(env, uids):
    """Return iCalUId -> the row of a series that stands for the same occurrence.

    :param uids: of single events; those that are no occurrence are left out
    """
    parts = {uid: part for uid in uids if uid and (part := part_of_series(uid))}
    if not parts:
        return {}
    of_series = {uid for uid, _day in parts.values()}
    recurrences = {
        link.ical_uid: link.recurrence_id
        for link in env["praetorx.ms365.event.link"].search(
            [("ical_uid", "in", list(of_series)), ("recurrence_id", "!=", False)]
        )
    }
    days = {
        uid: {row.ms365_day: row for row in recurrence._ms365_rows()}
        for uid, recurrence in recurrences.items()
    }
    rows = {uid: days.get(part[0], {}).get(part[1]) for uid, part in parts.items()}
    return {uid: row for uid, row in rows.items() if row}


def _day_of_copy(link):
    part = part_of_series(link.ical_uid)
    assert part is not None
    return part[1]


def copies_of_occurrences(env, uid, days):
    """Return the links of copies of single occurrences of a series.

    :param uid: the iCalUId of the series
    :param days: of the occurrences
    """
    uids = {dated_uid(uid, date.fromisoformat(day)) for day in days if uid} - {uid}
    if not uids:
        return env["praetorx.ms365.event.link"]
    return env["praetorx.ms365.event.link"].search(
        [
            ("ical_uid", "in", list(uids)),
            ("is_organizer", "=", False),
            ("recurrence_id", "=", False),
            ("state", "in", ["synced", "waiting", "conflict"]),
        ]
    )
