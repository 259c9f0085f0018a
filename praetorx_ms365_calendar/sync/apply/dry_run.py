"""Carry out steps for real, list their effects, and undo all of it.

A preview must show what the sync will do. So the same functions do it, on a savepoint
that is always rolled back. Nothing remains: no event, no link, no outbox entry, no row
of the log, and no message to an open calendar.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from odoo import fields

from ...const import DRY_RUN
from ...engine.choices import facts_of
from ...engine.delta import window_bounds
from ...engine.snapshot import RemoteEvent
from ..records import Account, Calendar, Events, Link, Links, Vals

_ResultT = TypeVar("_ResultT")
#: Operation and outcome in the sync log -> action of a line of the preview.
_ACTIONS = {
    ("create", "done"): "create",
    ("link", "done"): "link",
    ("update", "done"): "change",
    ("delete", "done"): "delete",
    ("update", "conflict"): "ask",
    ("delete", "conflict"): "ask",
    ("read", "quarantined"): "leave_out",
}


def lines_of_edits(account: Account, last: int) -> list[Vals]:
    """Return lines for edits that go to Outlook, for events that it has already.

    :param last: id of the last outbox entry before
    """
    entries = account.env["praetorx.ms365.outbox"].search(
        [
            ("account_id", "=", account.id),
            ("id", ">", last),
            ("operation", "in", ["upsert", "delete"]),
            ("link_id", "!=", False),
        ]
    )
    actions = {"delete": "delete", "upsert": "change"}
    return [
        _line_of(entry.link_id, actions[entry.operation], "outlook")
        for entry in entries
    ]


def lines_of_held(links: Links) -> list[Vals]:
    """Return lines for deletions that a person is asked about, as they are many."""
    held = links.filtered(lambda link: link.state == "gone")
    return [_line_of(link, "ask", "odoo", reason="many_deletions") for link in held]


def _line_of(link: Link, action: str, side: str, **more: str) -> Vals:
    event = link._any_event()
    return {
        "action": action,
        "side": side,
        "remote_id": link.remote_id,
        "ical_uid": False,
        "subject": event.name,
        "start": event.start,
        "is_series": link.is_series,
        **more,
    }


def undone(
    account: Account, work: Callable[[], object], collect: Callable[[], _ResultT]
) -> _ResultT:
    """Run ``work``, return the result of ``collect``, and undo everything.

    :param collect: runs before everything is undone; returns plain values
    :raise Exception: any error of both; everything is undone then, too
    """
    cr = account.env.cr
    savepoint = cr.savepoint()
    cr.cache[DRY_RUN] = {}
    try:
        work()
        account.env.flush_all()
        return collect()
    finally:
        cr.cache.pop(DRY_RUN, None)
        savepoint.close(rollback=True)
        account.env.invalidate_all(flush=False)


@dataclass(frozen=True)
class Found:
    """What dry runs have found that follows later.

    :param series: ids of series that must be read as a whole
    :param listed: ids of known links that a page has listed
    :param gone: ids of links whose event is found to be deleted
    """

    series: set[str] = field(default_factory=set)
    listed: set[int] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)


class DryRun:
    """Applies versions of one calendar without a trace; lists what was done.

    Interface: :meth:`run`.
    """

    def __init__(self, account: Account, calendar: Calendar) -> None:
        self._account = account
        self._calendar = calendar
        self._env = account.env
        self._Log = self._env["praetorx.ms365.sync.log"]
        self._Link = self._env["praetorx.ms365.event.link"]
        now = fields.Datetime.now()
        #: The start of the window without past days.
        self._today = window_bounds(now, 0, account.days_ahead)[0]

    def run(
        self,
        work: Callable[[], object],
        remotes: Mapping[str, RemoteEvent],
        found: Found | None = None,
    ) -> list[Vals]:
        """Apply and undo; return the lines of the preview.

        :param work: applies them as the sync does
        :param remotes: what is applied, by id
        :param found: gets what follows later
        """
        before = self._gone()
        known = self._Link.search([], order="id desc", limit=1).id or 0
        last = self._Log.search(self._of_account, order="id desc", limit=1).id or 0

        def collect() -> list[Vals]:
            if found is not None:
                found.series.update(self._series_to_read())
                found.gone.update(self._gone() - before)
                found.listed.update(self._listed(known))
            return self._lines(last, remotes)

        return undone(self._account, work, collect)

    @property
    def _of_account(self) -> list[tuple[str, str, int]]:
        return [("account_id", "=", self._account.id)]

    def _gone(self) -> set[int]:
        return set(self._Link.search([*self._of_account, ("state", "=", "gone")]).ids)

    def _listed(self, known: int) -> set[int]:
        """Return the ids of links that this page has listed.

        :param known: the last link that there was before
        """
        return set(
            self._Link.search(
                [
                    ("calendar_id", "=", self._calendar.id),
                    ("last_seen_round", "=", self._calendar.round_number),
                    ("id", "<=", known),
                ]
            ).ids
        )

    def _series_to_read(self) -> Iterable[str]:
        found = self._Link.search(
            [
                *self._of_account,
                ("calendar_id", "=", self._calendar.id),
                ("is_series", "=", True),
                ("needs_read", "=", True),
                ("remote_id", "!=", False),
            ]
        )
        return [link.remote_id for link in found]

    def _lines(self, last: int, remotes: Mapping[str, RemoteEvent]) -> list[Vals]:
        rows = self._Log.search([*self._of_account, ("id", ">", last)], order="id")
        lines = []
        for row in rows:
            action = _ACTIONS.get((row.operation, row.outcome))
            if action and row.direction == "pull":
                vals = {"action": action, "side": "odoo", "remote_id": row.remote_id}
                remote = remotes.get(row.remote_id)
                told = row.reason if action == "leave_out" else False
                lines.append(vals | self._describe(row.event_id, remote, told))
        told = {line["remote_id"] for line in lines}
        return lines + list(self._silent(remotes, told))

    def _silent(
        self, remotes: Mapping[str, RemoteEvent], told: set[str]
    ) -> Iterable[Vals]:
        """Yield lines for events that are not brought to Odoo, without a log row."""
        quiet = {
            remote_id: remote
            for remote_id, remote in remotes.items()
            if remote_id not in told
            and remote.kind in ("singleInstance", "seriesMaster")
            and not remote.is_cancelled
        }
        links = self._Link.search([*self._of_account, ("remote_id", "in", list(quiet))])
        states = {link.remote_id: link.state for link in links}
        for remote_id, remote in quiet.items():
            if remote.kind == "seriesMaster" and states.get(remote_id) == "synced":
                continue  # it is read as a whole, or has no date in the window
            state = states.get(remote_id, "not_wanted")
            if state not in ("waiting", "other_view", "not_wanted"):
                continue
            yield {
                "action": "leave_out",
                "side": "odoo",
                "remote_id": remote_id,
                **self._describe(self._env["calendar.event"], remote, state),
            }

    def _describe(
        self, event: Events, remote: RemoteEvent | None, reason: str | bool
    ) -> Vals:
        """Return the columns that describe a meeting: of Odoo, else of Outlook."""
        rows = event and event._ms365_meeting()._ms365_rows()
        stop = max(rows.mapped("stop")) if rows else None
        vals = {
            "subject": event.name if event else _subject(remote),
            "start": event.start if event else _start(remote),
            "is_series": bool(event.recurrence_id) or _is_series(remote),
            "is_past": bool(stop and stop < self._today),
            "ical_uid": remote.ical_uid if remote else False,
            "event_key": event.id if event and not event.recurrence_id else 0,
            "recurrence_key": event.recurrence_id.id or 0,
            "reason": reason,
        }
        if remote:
            vals |= facts_of(remote, is_shared=self._calendar._is_shared())
        return vals


def _subject(remote: RemoteEvent | None) -> str | bool:
    return remote.content.subject if remote and remote.content else False


def _start(remote: RemoteEvent | None) -> datetime | bool:
    if not remote or not remote.content:
        return False
    return datetime.fromisoformat(remote.content.times.start)


def _is_series(remote: RemoteEvent | None) -> bool:
    return bool(remote and remote.kind != "singleInstance")
