"""Plans at most one request for the outbox entries of one event or series."""

from __future__ import annotations

from odoo.fields import Domain

from ...engine.authority import addresses_in
from ...engine.errors import GiveUpOnEvent
from ...engine.outgoing import Outgoing, plan_outgoing
from ...engine.push_order import deletion_was_undone
from ...engine.reasons import because
from ...engine.snapshot import CONTENT_FIELDS
from ...graph import calls
from ..records import Account, Link, Meeting, OutboxEntries
from .creating import needs_search
from .deleting import deletion_sending
from .kind import Edits, Kind, refuse_too_many
from .moving import AwaitOtherEvent
from .sending import Nothing, Sending
from .series import WholeSeries
from .single import SingleEvents


class Planner:
    """Plans the sendings of one mailbox from the present state of the database.

    It only reads; :meth:`.sending.Sending.mark` writes.

    :param entries: all entries that will be planned, so that they are read in bulk
    """

    def __init__(self, account: Account, entries: OutboxEntries) -> None:
        self.env = account.env
        self.account = account
        links = self.env["praetorx.ms365.event.link"].search(
            Domain("account_id", "=", account.id)
            & (
                Domain("event_id", "in", entries.event_id.ids)
                | Domain("recurrence_id", "in", entries.recurrence_id.ids)
            )
        )
        self._links = {link.event_id: link for link in links}
        self._links |= {link.recurrence_id: link for link in links}
        waiting = self.env["praetorx.ms365.approval"]._waiting_of(
            account, entries.mapped("event_key")
        )
        self._failed_creates = entries._failed_creates(account)
        self._single = SingleEvents(account, waiting)
        self._series = WholeSeries(account)

    def plan(self, entries: OutboxEntries) -> Sending:
        """Return the next step for the pending entries of one event or series.

        :raise GiveUpOnEvent: Outlook cannot have it
        """
        last = entries[-1].with_prefetch(entries._prefetch_ids)  # slices lose it
        kind: Kind = self._series if last._is_series else self._single
        meeting = kind.meeting_of(last)
        link = self._link_of(entries, meeting)
        if link and link._waits_for_other_event():
            return AwaitOtherEvent(entries, last.event_id, link)
        facts, deletes = link._facts(), last.operation == "delete"
        if deletion_was_undone(
            facts,
            deletes=deletes,
            has_meeting=bool(meeting),
            is_alive=kind.is_alive(link[kind.field]),
        ):
            meeting = link[kind.field]
        step = plan_outgoing(
            facts,
            deletes=deletes,
            is_alive=kind.is_alive(meeting),
            is_in_series=not kind.is_series and bool(meeting.recurrence_id),
            is_to_move=bool(link) and link._is_to_move(),
            is_series=kind.is_series,
            is_held=kind.is_held(link),
            is_copy_lost=needs_search(entries, entries._lost_move()),
        )
        return self._plan_step(step, kind, Edits(entries, meeting, link))

    def _plan_step(self, step: Outgoing, kind: Kind, edits: Edits) -> Sending:
        if step in (Outgoing.PATCH, Outgoing.CREATE, Outgoing.NOT_OURS):
            kind.check(edits.meeting)
        match step:
            case Outgoing.READ:
                return kind.read_first(edits)
            case Outgoing.DELETE:
                return deletion_sending(self.account, *edits.about)
            case Outgoing.NOTHING_LEFT:
                raise GiveUpOnEvent(because("nothing_left"))
            case Outgoing.SEARCH_COPY:
                return self._single.search_for_copy(edits)
            case Outgoing.MOVE:
                return self._single.move(edits)
            case Outgoing.PATCH:
                return kind.update(edits)
            case Outgoing.CREATE:
                return self._create(kind, edits)
        reasons = {Outgoing.IN_CONFLICT: "conflict", Outgoing.AWAITS_DECISION: "held"}
        return Nothing(*edits.about, reason=reasons.get(step, "nothing"))

    def _link_of(self, entries: OutboxEntries, meeting: Meeting) -> Link:
        if meeting and meeting in self._links:
            return self._links[meeting]
        own = entries.link_id.filtered(lambda link: link.account_id == self.account)
        return own[:1]

    def _create(self, kind: Kind, edits: Edits) -> Sending:
        """Return the create of an event or series, or the search before another try."""
        entries, event, link = edits.about
        sent, content, fields_of_kind = kind.content_to_create(edits)
        refuse_too_many(event, CONTENT_FIELDS, content)
        # Deleted in Outlook, and a person wants it back: a new event.
        link_vals = link._next_generation_vals() if link.remote_id else {}
        generation = link_vals.get("generation", link.generation)
        key = edits.meeting._ms365_transaction_id(self.account, generation)
        failed = self._failed_creates.filtered(
            lambda one: one.event_key == entries[-1].event_key
        )
        first = (failed | entries)._first_attempt(key)
        calendar = edits.meeting._ms365_calendar()
        entry_vals = {
            "idempotency_key": key,
            "calendar_id": calendar.id,
            "was_sought": False,
            "sought_calendars": False,
        }
        if first:
            title_prefix = first.title_prefix
        else:
            title_prefix = self.account.user_id.ms365_title_prefix
            entry_vals["sent_content"] = sent.to_json()
            entry_vals["title_prefix"] = title_prefix
        payload = kind.create_payload(edits.meeting, sent, title_prefix, key)
        sending = kind.create(
            *edits.about,
            calls.create_event(payload, calendar._path()),
            first_sent=first._read_sent() if first else None,
            title_prefix=title_prefix,
            entry_vals=entry_vals,
            link_vals=link_vals,
            guests=addresses_in(content),
            **fields_of_kind,
        )
        return sending.as_search(first) if needs_search(entries, first) else sending
