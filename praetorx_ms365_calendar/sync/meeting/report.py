"""Collects log rows, versions and changed events of one piece of work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from ...engine.conflict_policy import Side
from ...engine.versions import Change
from ..records import Account, Events, Link, Vals

BUS_CHANNEL = "praetorx_ms365/calendar_changed"


class Report:
    """Log rows, versions and changed events of one mailbox, until the work is done.

    :param direction: ``pull`` or ``push``
    :param origin: the side of the edit: ``outlook`` or ``odoo``
    """

    def __init__(
        self, account: Account, direction: Literal["pull", "push"], origin: Side
    ) -> None:
        self._account = account
        self._env = account.env
        self._of_all = {"direction": direction, "origin": origin}
        self._origin = origin
        self._rows: list[Vals] = []
        self._versions: list[Vals] = []
        self._changed: Events = self._env["calendar.event"]

    def log(
        self,
        operation: str,
        outcome: str,
        *,
        field_names: Iterable[str] = (),
        **vals: Any,
    ) -> None:
        """Keep one row for the sync log.

        :param vals: further columns of the row
        """
        names = ", ".join(sorted(field_names))
        row = {"operation": operation, "outcome": outcome, "field_names": names}
        self._rows.append({**self._of_all, **row, **vals})

    def changes(self, link: Link, changes: Mapping[str, Change], **vals: Any) -> None:
        """Keep the changes of one meeting for its history.

        :param changes: day -> change; a single event has one, without a day
        :param vals: further columns of the versions
        """
        Version = self._env["praetorx.ms365.version"]
        self._versions += [
            {**Version._vals_of(link, day, change), "origin": self._origin, **vals}
            for day, change in changes.items()
        ]

    def changed(self, events: Events) -> None:
        """Remember events that open calendars must show again."""
        self._changed |= events

    def mark(self) -> tuple[int, int, Events]:
        """Return the present state of the report, for :meth:`forget_since`."""
        return len(self._rows), len(self._versions), self._changed

    def forget_since(self, mark: tuple[int, int, Events]) -> None:
        """Drop all that was reported since ``mark``, because that work was undone."""
        row_count, version_count, self._changed = mark
        del self._rows[row_count:]
        del self._versions[version_count:]

    def publish(self) -> None:
        """Write log and history, and tell open calendars over the bus."""
        if self._rows:
            self._env["praetorx.ms365.sync.log"]._log_many(self._account, self._rows)
        if self._versions:
            self._env["praetorx.ms365.version"]._record(self._account, self._versions)
        self._rows, self._versions = [], []
        if self._changed:
            for user in self._changed.partner_ids.user_ids | self._account.user_id:
                user._bus_send(BUS_CHANNEL, {})
        self._changed = self._env["calendar.event"]
