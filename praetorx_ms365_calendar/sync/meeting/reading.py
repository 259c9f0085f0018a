"""The shared context of all steps that apply meetings of one calendar to Odoo."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from psycopg2 import OperationalError
from psycopg2.errors import UniqueViolation

from ...engine.reasons import because
from ...engine.snapshot import RemoteEvent
from ...engine.versions import Change
from ...muted_sql_log import muted_sql_log
from ..records import (
    Account,
    Calendar,
    Conflict,
    Event,
    Events,
    Link,
    Links,
    OutboxEntries,
    Vals,
)
from ..write.event import EventWriter
from .report import Report
from .write_series import SeriesWriter

_logger = logging.getLogger(__name__)


class Reading:
    """A mailbox, one of its calendars, and everything to report at the end.

    Interface: ``account``, ``calendar``, ``env``, the models ``Link``, ``Outbox`` and
    ``Conflict``, the writers ``writer`` (events) and ``rows_writer`` (series);
    :meth:`on_savepoint` and :meth:`quarantine` for refused events; :meth:`log`,
    :meth:`changes`, :meth:`changed` and :meth:`finish` for reports at the end.

    It knows nothing of the steps. They get it, and do not get each other through it.
    """

    def __init__(self, account: Account, calendar: Calendar) -> None:
        self.env = account.env
        self.account = account
        self.calendar = calendar
        self.Link: Links = self.env["praetorx.ms365.event.link"]
        self.Outbox: OutboxEntries = self.env["praetorx.ms365.outbox"]
        self.Conflict: Conflict = self.env["praetorx.ms365.conflict"]
        self.writer = EventWriter(account, calendar)
        self.rows_writer = SeriesWriter(account, self.writer)
        self.request_id: str | None = None
        #: False: the series that was applied last has more to come.
        self.is_whole = True
        self._report = Report(account, "pull", "outlook")

    # ------------------------------------------------------------------
    # Links
    # ------------------------------------------------------------------

    def new_link_vals(self) -> Vals:
        """Return the columns of a link that is about to be created."""
        return {
            "account_id": self.account.id,
            "calendar_id": self.calendar.id,
            "last_seen_round": self.calendar.round_number,
        }

    def save_link(self, link: Link, vals: Vals) -> Link:
        """Write a link in sync with ``vals``; create it if ``link`` is empty."""
        vals = {"state": "synced", "reason": False, **vals}
        if not link:
            return self.Link.create(self.new_link_vals() | vals)
        link.write(vals)
        return link

    def end_conflict(self, link: Link) -> None:
        """Close the conflict of a link that is about to be in sync, if there is one."""
        if link.state not in ("synced", "waiting"):
            self.Conflict._close_gone(link)

    # ------------------------------------------------------------------
    # Refusals
    # ------------------------------------------------------------------

    @contextmanager
    def on_savepoint(
        self,
        refused: Callable[[Exception], object],
        *,
        passes: Callable[[Exception], bool] | None = None,
    ) -> Iterator[None]:
        """Write one record; if Odoo refuses it, undo this record and go on.

        A concurrent edit is raised: the whole step starts over.

        :param refused: is called with the error
        :param passes: returns True for other errors that are raised too
        """
        mark = self._report.mark()
        try:
            with muted_sql_log(), self.env.cr.savepoint():
                yield
        except OperationalError:
            raise
        except Exception as error:
            if passes and passes(error):
                raise
            self._report.forget_since(mark)
            refused(error)

    def quarantine(
        self, link: Link, remote_id: str, reason: str, remote: RemoteEvent | None = None
    ) -> Link:
        """Name the event that cannot be synced, and why; go on with the others.

        :param link: may be empty
        :return: its link
        """
        vals = {"state": "quarantined", "reason": reason, **self.Link._READ}
        if link and link.state == "quarantined" and link.reason == reason:
            link.write(vals)  # told already
            return link
        if link and link.event_id:
            link.event_id._ms365_write_bookkeeping({"ms365_sync_state": "error"})
        if link:
            link.write(vals)
        else:
            link = self.Link.create(
                vals
                | self.new_link_vals()
                | {"remote_id": remote_id, "ical_uid": remote and remote.ical_uid}
            )
        self.log(
            "read",
            "quarantined",
            event=link.event_id,
            remote_id=remote_id,
            reason=reason,
        )
        return link

    # ------------------------------------------------------------------
    # Reports
    # ------------------------------------------------------------------

    def log(
        self,
        operation: str,
        outcome: str,
        *,
        event: Event | None = None,
        remote_id: str | None = None,
        field_names: Iterable[str] = (),
        reason: str | None = None,
    ) -> None:
        """Keep one row for the sync log; :meth:`finish` writes it."""
        self._report.log(
            operation,
            outcome,
            field_names=field_names,
            event_id=event.id if event else False,
            remote_id=remote_id,
            reason=reason,
            request_id=self.request_id,
        )

    def changes(self, link: Link, changes: Mapping[str, Change]) -> None:
        """Keep the changes of a meeting for its history; :meth:`finish` writes them."""
        self._report.changes(link, changes, request_id=self.request_id)

    def changed(self, events: Events) -> None:
        """Remember events that open calendars must show again."""
        self._report.changed(events)

    def finish(self) -> None:
        """Connect copies, write the log, and refresh calendars that people view."""
        self.Link._connect_waiting()
        self._report.publish()


def is_same_meeting_race(error: Exception) -> bool:
    """Return True if another mailbox has just brought the same meeting."""
    return isinstance(error, UniqueViolation) and "primary_unique" in (
        error.diag.constraint_name or ""
    )


def kind_of_error(error: Exception) -> str:
    """Return the kind of an error. Its message may quote the event."""
    return type(error).__name__


def reason_of(error: Exception, remote: RemoteEvent | None) -> str:
    """Return the reason for an error that Odoo raised while writing.

    Odoo's messages may quote the event. For a private or unknown event, the details
    have only the kind of the error.
    """
    kind = kind_of_error(error)
    _logger.info("Microsoft 365: an event was refused: %s", kind)
    if remote is None or remote.full_content.sensitivity != "normal":
        return because("odoo_refused", kind=kind)
    text = (str(error).splitlines() or [""])[0][:200]
    return because("odoo_refused", kind=kind, text=text)
