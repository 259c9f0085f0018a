"""Copies of one occurrence of a series, for people invited to that occurrence only.

Exchange delivers them as single events. Their iCalUId is the series' iCalUId with the
day in it. Each is the same meeting as a row of the series. If the copy comes after the
row, ``sync/apply/occurrences.py`` links it; this file links earlier copies.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import TYPE_CHECKING

from odoo.api import Environment

from ...engine.mapping.global_id import dated_uid, part_of_series
from ..records import Event, Link, Links, Recurrence

if TYPE_CHECKING:
    from .reading import Reading


def link_earlier_copies(
    reading: Reading, recurrence: Recurrence, uid: str | None, days: Collection[str]
) -> None:
    """Link copies of single occurrences that came before their series did.

    Duplicate events are archived: the row and the event are the same meeting.

    :param uid: the iCalUId of the series
    :param days: of its occurrences
    """
    links = copies_of_occurrences(reading.env, uid, days)
    links = links.filtered(lambda link: link.event_id.recurrence_id != recurrence)
    if not links:
        return
    rows = {row.ms365_day: row for row in recurrence._ms365_rows()}
    for link in links:
        row = rows.get(day_of_copy(link))
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
            reading.writer.archive(twin)
            reading.log("link", "done", event=row, remote_id=link.remote_id)
            reading.changed(twin | row)
    links.account_id._request_pull(fresh_seconds=0)
    reading.Outbox._requeue_replies(links)


def occurrence_rows(env: Environment, uids: Iterable[str | None]) -> dict[str, Event]:
    """Return iCalUId -> the row of a series that stands for the same occurrence.

    :param uids: of single events; an event that is no occurrence is left out
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


def copies_of_occurrences(
    env: Environment, uid: str | None, days: Iterable[str]
) -> Links:
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


def day_of_copy(link: Link) -> str:
    """Return the day of the occurrence that a copy stands for."""
    part = part_of_series(link.ical_uid)
    assert part is not None
    return part[1]
