"""Limit the part of a series for one transaction; set unreadable parts aside."""

from __future__ import annotations

from dataclasses import replace

from odoo.fields import Domain

from ...engine.mapping.graph_series import RemoteSeries
from ...engine.series import Series, SeriesBase
from ...engine.series_steps import next_step
from ...engine.series_unread import with_unread
from ..records import Link
from .reading import Reading

#: Events and attendees of a series that one transaction may create or change.
ROWS_AT_ONCE = 5000
ROWS_AT_ONCE_PARAMETER = "praetorx_ms365_calendar.series_rows_at_once"


class SeriesSteps:
    """Cuts a large series into steps, each with a transaction and a reading of its own.

    Interface: :meth:`first_of` for occurrences, :meth:`cut_short` for other parts;
    both record in the reading that more steps follow.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    @property
    def rows_at_once(self) -> int:
        """Events and attendees that one transaction may create or change."""
        get_param = self._reading.env["ir.config_parameter"].sudo().get_param
        return int(get_param(ROWS_AT_ONCE_PARAMETER) or ROWS_AT_ONCE)

    def first_of(
        self,
        remote: RemoteSeries,
        base: SeriesBase | None = None,
        ours: Series | None = None,
    ) -> RemoteSeries:
        """Return the part of a large series that one transaction may store.

        :param base: the last agreement, None if there was none
        :param ours: Odoo's series, None without one
        """
        agreed = base.theirs if base else None
        step = next_step(remote.series, agreed, ours, self.rows_at_once)
        self._reading.is_whole = step is remote.series
        return replace(remote, series=step)

    def cut_short(self) -> None:
        """Record that another transaction must store the rest of the series."""
        self._reading.is_whole = False

    def log_unread(self, link: Link, remote: RemoteSeries) -> RemoteSeries:
        """Quarantine occurrences that cannot be parsed; continue without them.

        :return: the series, in which these occurrences are unchanged
        """
        reading = self._reading
        of_account = Domain("account_id", "=", reading.account.id)
        readable = {remote_id for remote_id, _key in remote.ids.values()}
        reading.Link.search(
            of_account
            & Domain("state", "=", "quarantined")
            & Domain("remote_id", "in", list(readable))
        ).unlink()
        for remote_id, reason in remote.unreadable.items():
            if remote_id.startswith("#"):  # it has no id
                reading.log("read", "quarantined", reason=reason)
                continue
            known = reading.Link.search(
                of_account & Domain("remote_id", "=", remote_id)
            )
            reading.quarantine(known, remote_id, reason)
        base = link._series_base
        known_ids = {
            day: tuple(ids) for day, ids in (link.occurrence_ids or {}).items()
        }
        return with_unread(remote, base and base.theirs, known_ids)
