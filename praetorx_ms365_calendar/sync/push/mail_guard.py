"""Holds sendings until a person agrees, if Exchange would mail too many people.

The mails of each sending are known when it is planned, so that a list which grew since
the edit counts, too. Edits of about the same time count together: see
:mod:`..engine.mail_guard`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from psycopg2 import OperationalError

from odoo.fields import Domain

from ...engine.authority import changed_names, without_edit
from ...engine.mail_guard import BURST_PERIOD, Write, must_ask
from ...engine.push_order import sent_together
from ..records import Account, OutboxEntries
from .changing import PatchEvent
from .deleting import Delete
from .planner import Planner
from .sending import Sending

_logger = logging.getLogger(__name__)

#: So many entries behind the present batch are counted at once.
LOOKS_AHEAD = 500


class MailGuard:
    """Decides about the sendings of one mailbox."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.Outbox = account.env["praetorx.ms365.outbox"]
        self.Approval = account.env["praetorx.ms365.approval"]

    def hold(
        self, sendings: Sequence[Sending], *, looks_ahead: bool = True
    ) -> list[Sending]:
        """Hold the sendings that mail too many people, and return the others.

        :param looks_ahead: whether to count the mails of later entries, too
        """
        writes = {
            place: self._write_of(sending)
            for place, sending in enumerate(sendings)
            if sending.mails.count
        }
        if not writes:
            return list(sendings)
        moments = [write.edited_at for write in writes.values()]
        near = Domain("account_id", "=", self.account.id)
        near &= Domain("create_date", ">=", min(moments) - BURST_PERIOD)
        near &= Domain("create_date", "<=", max(moments) + BURST_PERIOD)
        own = self.Outbox.union(*(sendings[place].entries for place in writes))
        near &= Domain("id", "not in", own.ids)
        if looks_ahead:
            self._count_later(near)
        others = [
            (entry.create_date, entry.mails_unasked)
            for entry in self.Outbox.search(near & Domain("mails_unasked", ">", 0))
        ]
        limit = self.account.company_id.ms365_mail_limit
        asked = must_ask(list(writes.values()), others, limit=limit)
        held = set()
        for (place, write), asks in zip(writes.items(), asked, strict=True):
            if asks:
                held.add(place)
                self._ask(sendings[place], write)
            else:
                self._let_go(sendings[place], write)
        if held:  # a run ends where nothing is left to send, but more may be due
            dispatch = "praetorx_ms365_calendar.ir_cron_dispatch"
            self.account.env.ref(dispatch)._trigger()
        return [one for place, one in enumerate(sendings) if place not in held]

    def _write_of(self, sending: Sending) -> Write:
        entries = sending.entries
        allowed = sum(entries.mapped("mails_allowed"))
        if isinstance(sending, Delete) and sending.link._deletion_is_agreed():
            allowed = sending.mails.count
        edited_at = max(entry.create_date for entry in entries)
        counted = sum(entries.mapped("mails_unasked"))
        return Write(sending.mails.count, allowed, edited_at, counted)

    def _count_later(self, near: Domain) -> None:
        """Count the mails of entries that are sent after this batch."""
        later = self.Outbox.search(
            near
            & Domain("state", "=", "pending")
            & Domain("operation", "!=", "respond")
            & Domain("mails_counted", "=", False)
            & self.Outbox._not_of_asked_deletions(self.account),
            order="event_key, id",
            limit=LOOKS_AHEAD,
        )
        if not later:
            return
        planner = Planner(self.account, later)
        for group in sent_together(later):
            entries = self.Outbox.union(*group).with_prefetch(later.ids)
            if count := self._mails_of(planner, entries):
                entries[-1:].mails_unasked = count
        later.mails_counted = True

    def _mails_of(self, planner: Planner, entries: OutboxEntries) -> int:
        """Return the unasked mails of these entries, 0 if they cannot be sent."""
        try:
            sending = planner.plan(entries)
        except OperationalError:
            raise
        except Exception:  # it is reported when its turn to be sent comes
            _logger.debug("mails of %s", entries[-1].event_key, exc_info=True)
            return 0
        return self._write_of(sending).unasked if sending.mails.count else 0

    def _let_go(self, sending: Sending, write: Write) -> None:
        """Remember the mails: a repeated sending is not asked about."""
        entries = sending.entries
        if write.unasked:
            entries._allow_mails(write.mails)
            entries[-1:].mails_unasked = write.unasked
            self.Approval._end_few_mails(entries)

    # ------------------------------------------------------------------
    # Asking
    # ------------------------------------------------------------------

    def _ask(self, sending: Sending, write: Write) -> None:
        entries = sending.entries
        operation, before, after = self._edit_of(sending)
        names = changed_names(before, after) if before and after else ()
        entries.write({"mails_allowed": 0, "mails_unasked": 0})
        entries[-1:].mails_unasked = write.unasked
        self.Approval._ask(
            entries,
            kind="mails",
            operation=operation,
            field_names=names,
            impact=sending.mails.impact,
            mail_count=sending.mails.count,
            author=entries[-1].author_id or self.account.user_id,
            before=before,
            after=after,
        )

    def _edit_of(self, sending: Sending) -> tuple[str, Any, Any]:
        """Return the operation of a sending, and the content before and after it."""
        entries, link = sending.entries, sending.link
        base = link._agreed_base
        if isinstance(sending, Delete):
            return "cancel", base and base.ours, None
        if not link.remote_id or link.state == "deleted_there" or not base:
            return "create", None, entries[-1]._content()
        now = entries[-1]._meeting()._ms365_read(base)
        if isinstance(sending, PatchEvent):
            sent = sending.patch.agreed
        else:
            sent = (
                entries[-1]
                ._meeting()
                ._ms365_series_to_send(self.account, base.theirs.window, base)
            )
        return "update", without_edit(now, base.ours, sent), now
