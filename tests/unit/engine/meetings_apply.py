"""Apply pages and readings, between an Odoo and mailboxes in memory.

The engine decides the order of steps and the kind of each step. This module has only
their effects on the records in memory.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from meetings_exchange import Exchange, NotFound
from meetings_exchange import Item as Copy
from meetings_odoo import Account, Calendar, Entry, Event, Link, Odoo, as_odoo_holds

from praetorx_ms365_calendar.engine.deletions import Verdict, judge_deletion
from praetorx_ms365_calendar.engine.known import Known, plan_known
from praetorx_ms365_calendar.engine.mapping.reply_states import REPLIES
from praetorx_ms365_calendar.engine.meetings import (
    WAIT_FOR_ORGANIZER,
    Gone,
    Newcomer,
    comes_back,
    may_be_gone,
    plan_gone,
    represents_meeting,
    should_be_primary,
    waits_for_organizer,
)
from praetorx_ms365_calendar.engine.merge import (
    DELETED,
    Merge,
    next_base,
    value_for_odoo,
)
from praetorx_ms365_calendar.engine.newcomers import NewcomerFacts, plan_newcomers
from praetorx_ms365_calendar.engine.page_order import (
    Item,
    RemovedLink,
    Step,
    latest_items,
    plan_removed,
    sort_page,
)
from praetorx_ms365_calendar.engine.plan import base_of_copy
from praetorx_ms365_calendar.engine.replies import (
    lost_replies,
    new_replies,
    seen_of_new_copy,
)
from praetorx_ms365_calendar.engine.snapshot import (
    Base,
    Content,
    RemoteEvent,
)


class Applier:
    """Applies remote events of a mailbox to Odoo."""

    def __init__(self, odoo: Odoo, exchange: Exchange) -> None:
        self.odoo = odoo
        self.exchange = exchange

    # --- a page ---------------------------------------------------------------------

    def read(self, link: Link) -> None:
        """Read one event by its id: the result is certain."""
        try:
            item = self.exchange.get(link.remote_id or "")
        except NotFound:
            self.gone(link)
        else:
            self.apply(link.account, link.calendar, [item.remote()], listed=False)
            link.needs_read = False
        self._connect_waiting()

    def apply(
        self,
        account: Account,
        calendar: Calendar,
        found: Iterable[Item],
        *,
        listed: bool = True,
    ) -> None:
        """Apply the items of a page.

        :param listed: False for an event that was read by its id
        """
        links = {
            link.remote_id: link
            for link in self.odoo.links
            if link.account is account and link.remote_id
        }
        page = latest_items(found)
        self._verify_removed(
            calendar, {one: links[one] for one in page.removed if one in links}
        )
        of_events = {one: links[one] for one in page.events if one in links}
        for link in of_events.values():
            if listed:
                self._record_calendar(link, calendar)
            if calendar.round_kind == "initial":
                link.last_seen_round = calendar.round_number
        facts = {remote_id: link.facts for remote_id, link in of_events.items()}
        for step, events in sort_page(page.events.values(), facts):
            pairs = [(links.get(one.remote_id), one) for one in events]
            if step is Step.NEWCOMER:
                self._apply_newcomers(account, calendar, pairs)
                continue
            for link, remote in pairs:
                self._carry_out(step, link, remote)
        self._connect_waiting()

    def _verify_removed(self, calendar: Calendar, links: dict[str, Link]) -> None:
        plan = plan_removed(
            {
                remote_id: RemovedLink(
                    link.state,
                    listed_elsewhere=link.calendar is not calendar,
                    last_seen_round=link.last_seen_round,
                    place_unknown=link.place_unknown,
                )
                for remote_id, link in links.items()
            },
            round_kind=calendar.round_kind,
            round_number=calendar.round_number,
        )
        for remote_id in plan.verify:
            links[remote_id].needs_read = True
        for remote_id in plan.may_have_moved:
            links[remote_id].left_calendar = True
            links[remote_id].last_seen_round = calendar.round_number

    def _carry_out(self, step: Step, link: Link, remote: RemoteEvent) -> None:
        match step:
            case Step.RECORD_VERSION:
                link.record_version(remote)
            case Step.READ:
                link.needs_read = True
            case Step.GONE:
                self.gone(link, is_cancelled=True, change_key=remote.change_key)
            case Step.RECORD_CANCELLATION:
                link.change_key, link.needs_read = remote.change_key, False
                link.sent = None
            case Step.KNOWN:
                self._apply_known(link, remote)

    def _record_calendar(self, link: Link, calendar: Calendar) -> None:
        link.left_calendar = link.place_unknown = False
        event, returns = link.event, link.state == "calendar_off"
        if link.calendar is not calendar:
            wished = event and event.calendar
            is_waiting = wished and wished is not link.calendar
            link.calendar, link.last_seen_round = calendar, calendar.round_number
            if link.is_primary and event and not is_waiting:
                event.calendar = calendar
        if returns:
            self.odoo.return_to_calendar(link)

    # --- known events ---------------------------------------------------------------

    def _apply_known(self, link: Link, remote: RemoteEvent) -> None:
        step = plan_known(
            is_deleted_here=link.is_deleted_here,
            is_primary=link.is_primary,
            delete_policy="delete",
            copy=link.moved_to and link.moved_to.facts,
            is_copy_alive=bool(link.moved_to and link.moved_to.ours),
        )
        match step:
            case Known.MERGE_LATE_EDIT:
                self._merge_late_edit(link, remote)
            case Known.JUDGE_LATE_EDIT:
                self._judge_late_edit(link, remote)
            case Known.RECORD_VERSION:
                link.record_version(remote)
            case Known.JUDGE_DELETION:
                self._judge_deletion(link, remote)
            case Known.MERGE:
                ours = link.event.content
                merge = self._merge(link, ours, remote.content)
                merge = self.odoo.decide(link, merge, ours, remote)
                self._apply_primary(link, remote, merge)
            case Known.WRITE_REPLY:
                self._apply_copy(link, remote)

    def _apply_copy(self, link: Link, remote: RemoteEvent) -> None:
        self._write_replies(link, remote, own_only=True)
        becomes_primary = remote.is_organizer and not link.is_primary
        link.record_version(remote)
        link.state, link.conflict = "synced", None
        if becomes_primary:
            self.odoo.move_primary_to(link.event, link)
            self._apply_known(link, remote)

    def _comes_back(self, link: Link) -> bool:
        links = self.odoo.links_of(link.event)
        return comes_back(
            is_active=link.event.active,
            state=link.state,
            archived_by_sync=any(one.archived_event for one in links),
            is_deleted_here=any(x.is_deleted_here for x in links if x is not link),
        )

    def _merge(self, link: Link, ours: Content, theirs: Content) -> Merge:
        by_attendee = self.odoo.came_by_attendee(link)
        return link.merge(ours, theirs, came_by_attendee=by_attendee)

    def _apply_primary(self, link: Link, remote: RemoteEvent, merge: Merge) -> None:
        event = link.event
        if merge.conflicts:
            link.state, link.needs_read = "conflict", False
            link.conflict = (remote.content, remote.change_key)
            return
        base = link.base_against(remote.content)
        if self._comes_back(link):
            event.active = True
        self._write(event, base, merge, remote)
        self._write_replies(link, remote)
        link.agree(next_base(base, event.content, remote.content, merge))
        link.record_version(remote)
        link.state, link.conflict = "synced", None
        if merge.to_graph and not self.odoo.waiting(link.account, event.id):
            self.odoo.enqueue(event, "upsert", noted_late=not merge.by_person)

    def _write(
        self,
        event: Event,
        base: Base | None,
        merge: Merge,
        remote: RemoteEvent | None = None,
    ) -> None:
        content = as_odoo_holds(value_for_odoo(base, event.content, merge))
        event.content = event.content.with_fields(merge.to_odoo, content)
        if "attendees" in merge.to_odoo:
            replies = remote.replies if remote else {}
            event.replies = {
                one.email: event.replies.get(one.email) or replies.get(one.email, "")
                for one in event.content.attendees
            }

    def _write_replies(
        self, link: Link, remote: RemoteEvent, *, own_only: bool = False
    ) -> None:
        replies = {} if own_only else dict(remote.replies)
        if not remote.is_organizer:
            replies[link.account.address] = remote.own_reply
        on_their_way = {
            entry.account.address
            for entry in self.odoo.outbox
            if entry.event is link.event
            and entry.operation == "respond"
            and entry.state == "pending"
        }
        invited = {one.email for one in link.event.content.attendees}
        held = link.event.replies
        without_reply = {one for one in invited if held.get(one) not in REPLIES}
        lost = lost_replies(replies, link.replies, without_reply)
        news, link.replies = new_replies(replies, link.replies, on_their_way, lost)
        for address, reply in news.items():
            if reply in REPLIES and address in invited:
                held[address] = reply

    def _judge_deletion(self, link: Link, remote: RemoteEvent) -> None:
        merge = link.merge(None, remote.content)
        merge = self.odoo.decide(link, merge, None, remote)
        verdict = judge_deletion(merge, deleted_in="odoo")
        if verdict is Verdict.ASK:
            link.state, link.needs_read = "conflict", False
            link.conflict = (remote.content, remote.change_key)
        elif verdict is Verdict.UNDO:
            link.state, link.conflict = "synced", None
            if link.event:
                self.odoo.bring_back(link.event)
                self._apply_known(link, remote)
            else:
                self._apply_newcomers(link.account, link.calendar, [(link, remote)])
        else:
            was_in_conflict = link.state == "conflict"
            link.record_version(remote)
            link.state, link.sent = "deleted_here", None
            if was_in_conflict:
                link.conflict = None
                self.odoo.enqueue_delete_of(link)

    def _merge_late_edit(self, link: Link, remote: RemoteEvent) -> None:
        """Write an edit in Outlook, made during a move, to the copy."""
        successor, base = link.moved_to, link.base
        event = successor.event
        link.record_version(remote)
        names = remote.content.changed_fields(base.theirs) if base else frozenset()
        if not names or not event or not successor.base:
            return
        link.base = Base(base.ours, remote.content)
        theirs = successor.base.theirs.with_fields(names, remote.content)
        merge = successor.merge(event.content, theirs)
        self._write(event, successor.base, merge, remote)
        self.odoo.enqueue(event, "upsert")

    def _judge_late_edit(self, link: Link, remote: RemoteEvent) -> None:
        """Judge the deletion of the copy by an edit of the event that was moved.

        If Odoo has the copy again, that edit is read again, and merged.
        """
        successor, base = link.moved_to, link.base
        names = remote.content.changed_fields(base.theirs) if base else frozenset()
        is_judged = link.modified_at == remote.modified_at
        if not names or (is_judged and successor.state == "deleted_here"):
            link.record_version(remote)
        if not names or is_judged or successor.state == "synced":
            return
        link.modified_at = remote.modified_at
        known = successor.conflict[0] if successor.conflict else successor.base.theirs
        theirs = known.with_fields(names, remote.content)
        merge = self.odoo.decide(successor, successor.merge(None, theirs), None, remote)
        verdict = judge_deletion(merge, deleted_in="odoo")
        if verdict is Verdict.ASK:
            successor.state = "conflict"
            successor.conflict = (theirs, successor.change_key)
        elif verdict is Verdict.UNDO:
            successor.conflict = None
            self._resolve_deleted_here(successor, "outlook", None)

    # --- events that are gone -------------------------------------------------------

    def gone(
        self, link: Link, *, is_cancelled: bool = False, change_key: str | None = None
    ) -> None:
        """Apply a deletion or a cancellation that Graph has confirmed."""
        link.needs_read = link.left_calendar = False
        uids = self.odoo.uids_of(link)
        for other in self.odoo.links:
            if other.ical_uid in uids and other.state == "quarantined":
                other.needs_read |= other is not link
        link.change_key = change_key or link.change_key
        gone = plan_gone(
            link.facts,
            is_over=link.is_deleted_here or link.state == "deleted_there",
            is_cancelled=is_cancelled,
            has_next_primary=bool(self.odoo.successor(link)),
            direction="both",
        )
        if gone is Gone.DELETE:
            if not self._is_contested(link):
                link.state = "gone"
            return
        if gone is Gone.TOMBSTONE:
            link.conflict = None
        elif gone is Gone.MOVE_PRIMARY:
            self.odoo.move_primary_to(link.event, self.odoo.successor(link))
        link.state, link.decision = "deleted_there", None

    def _is_contested(self, link: Link) -> bool:
        event = link.event
        ours = event.content if event.active else None
        merge = link.merge(ours, None)
        merge = self.odoo.decide(link, merge, ours)
        verdict = judge_deletion(merge, deleted_in="outlook")
        if verdict is Verdict.ASK:
            link.state, link.conflict = "conflict", (None, link.change_key)
        elif verdict is Verdict.UNDO:
            self._create_again(link)
        else:
            link.conflict = None if not merge.decided else link.conflict
            return False
        return True

    def _create_again(self, link: Link) -> None:
        self._end(link)
        self.odoo.enqueue(link.event, "upsert")

    def _archive(self, link: Link) -> None:
        self._end(link)
        link.event.active, link.archived_event = False, True

    def _end(self, link: Link) -> None:
        self.before_archiving(link)
        link.state, link.needs_read = "deleted_there", False
        link.conflict = link.decision = None

    def before_archiving(self, link: Link) -> None:
        """Delete an event only if it is verified gone (docs/laws.md, law 7).

        A person may be invited again after the verification. The next round shows that.
        """
        told = link.remote_id in self.exchange.told_gone
        assert told, f"{link.remote_id} was still in Outlook when it was read last"

    # --- events that are new to this mailbox ----------------------------------------

    def _apply_newcomers(
        self,
        account: Account,
        calendar: Calendar,
        pairs: list[tuple[Link | None, RemoteEvent]],
    ) -> None:
        clues = [
            (self._own_create(account, link, remote), self._same_meeting(remote))
            for link, remote in pairs
        ]
        facts = [
            self._newcomer(account, *pair, *clue)
            for pair, clue in zip(pairs, clues, strict=True)
        ]
        for number, kind in plan_newcomers(facts, is_shared=False, direction="both"):
            self._take(kind, account, calendar, *pairs[number], *clues[number])

    def _own_create(
        self, account: Account, link: Link | None, remote: RemoteEvent
    ) -> Entry | None:
        """Return the outbox entry of the create, None if Odoo did not create it."""
        if link or not remote.transaction_id:
            return None
        sent = [
            entry
            for entry in self.odoo.outbox
            if entry.account is account
            and entry.operation == "upsert"
            and entry.key == remote.transaction_id
        ]
        return next((one for one in reversed(sent) if one.sent_content), None) or (
            sent[0] if sent else None
        )

    def _same_meeting(self, remote: RemoteEvent) -> Event | None:
        """Return the Odoo event of the same meeting."""
        links = [x for x in self.odoo.links if x.ical_uid == remote.ical_uid]
        left = [x for x in links if x.moved_to and x.state == "deleted_here"]
        found = [*(x.event for x in links), *(x.moved_to.event for x in left)]
        return next((event for event in found if event), None)

    def _newcomer(self, account, link, remote, entry, event) -> NewcomerFacts:
        former = self.odoo.link_of(event, account)
        fate = "alive" if entry and entry.event and entry.event.active else "deleted"
        return NewcomerFacts(
            remote.ical_uid,
            meeting=event.id if event else None,
            own_create=fate if entry else None,
            former_state=former.state if former else None,
            former_is_shared=False,
            is_organizer=remote.is_organizer,
            waits=not event and self._waits_for_organizer(account, link, remote),
        )

    def _take(self, kind, account, calendar, link, remote, entry, event) -> None:
        if entry and entry.event:
            link = self.odoo.link_of(entry.event, account)
        match kind:
            case Newcomer.OWN_DELETED:
                self._take_deleted_create(account, calendar, link, remote, entry)
            case Newcomer.OWN:
                self._take_create(account, calendar, link, remote, entry)
            case Newcomer.RETURNS:
                former = self.odoo.link_of(event, account)
                if link and link is not former:
                    self.odoo.links.remove(link)
                if former.state == "calendar_off":
                    former.state = "deleted_there"  # its copy is not followed
                event.active = event.active or self._comes_back(former)
                former.replies = seen_of_new_copy(former.replies, {account.address})
                self._record_calendar(former, calendar)
                self._save(account, calendar, former, remote)
                self._apply_known(former, remote)
            case Newcomer.SECOND_COPY:
                self._save(account, calendar, link, remote, "quarantined")
                former = self.odoo.link_of(event, account)
                if former and may_be_gone(former.state):
                    former.needs_read = bool(former.remote_id)
            case Newcomer.KNOWN:
                self._link_existing(account, calendar, link, remote, event)
            case Newcomer.WAITS:
                link = self._save(account, calendar, link, remote, "waiting")
                link.is_primary = False
            case Newcomer.NEW:
                self._create(account, calendar, link, remote)

    def _take_deleted_create(self, account, calendar, link, remote, entry) -> None:
        former = link or entry.link
        if former and former.remote_id not in (None, remote.remote_id):
            self.leave_behind(former, remote, calendar, entry.sent_content)
            return
        link = self._save(account, calendar, link, remote, "deleted_here")
        link.is_primary = True
        if any(
            one.event_key == entry.event_key and one.operation == "delete"
            for one in self.odoo.outbox
        ):
            self.odoo.enqueue_delete_of(link)
        elif not any(x.archived_event for x in self.odoo.links_of(entry.event)):
            link.base = Base(entry.sent_content or remote.content, remote.content)
            self.odoo.resume_deletions([link])  # deleted while the sync was off

    def _take_create(self, account, calendar, link, remote, entry) -> None:
        if link and link.remote_id not in (None, remote.remote_id):
            self.move_to(link, calendar)
        link = self._save(account, calendar, link, remote)
        link.event, link.is_primary = entry.event, True
        if entry.sent_content:
            link.agree(Base(entry.sent_content, entry.sent_content))
        self._apply_known(link, remote)

    def _link_existing(self, account, calendar, link, remote, event) -> None:
        link = self._save(account, calendar, link, remote)
        if link.event is not event:
            link.replies = {}
        link.event, link.is_primary = event, False
        others = [one for one in self.odoo.links_of(event) if one is not link]
        if should_be_primary(
            is_organizer=remote.is_organizer,
            has_primary=any(represents_meeting(one.facts) for one in others),
            organizer_syncs=bool(self._organizer_account(account, remote)),
            organizer_uses_stock=False,
        ):
            self.odoo.move_primary_to(event, link)
            if not event.active:
                event.active = True
                self._undo_attendee_deletion(others)
        self._apply_known(link, remote)

    def _undo_attendee_deletion(self, links: list[Link]) -> None:
        leaving = [
            entry.link
            for entry in self.odoo.outbox
            if entry.operation == "delete" and entry.state != "done"
        ]
        for link in links:
            if link.state == "deleted_here" and link not in leaving:
                link.state, link.needs_read = "synced", True

    def _organizer_account(
        self, account: Account, remote: RemoteEvent
    ) -> Account | None:
        if remote.is_organizer or not remote.organizer:
            return None
        found = self.odoo.accounts.get(remote.organizer.email)
        return found if found and found.enabled and found is not account else None

    def _waits_for_organizer(
        self, account: Account, link: Link | None, remote: RemoteEvent
    ) -> bool:
        waited = None
        if link and link.state == "waiting":
            waited = self.exchange.now - link.created_at
        unanswered = [
            (entry.sent_content, self.exchange.now - entry.sent_at)
            for entry in self.odoo.outbox
            if remote.organizer
            and not remote.is_organizer
            and entry.account.address == remote.organizer.email
            and entry.operation == "upsert"
            and entry.state == "pending"
            and entry.sent_content
        ]
        return waits_for_organizer(
            remote.full_content,
            organizer_brings_it=bool(self._organizer_account(account, remote)),
            waited=waited,
            unanswered=unanswered,
        )

    def _save(self, account, calendar, link, remote, state="synced") -> Link:
        if not link:
            link = Link(account, calendar, created_at=self.exchange.now)
            link.last_seen_round = calendar.round_number
            self.odoo.links.append(link)
        link.record_version(remote)
        link.state = state
        return link

    def _create(self, account, calendar, link, remote) -> None:
        organizer = account.address if remote.is_organizer else remote.organizer.email
        invited = {one.email for one in remote.content.attendees}
        replies = dict(remote.replies)
        if not remote.is_organizer:
            replies[account.address] = remote.own_reply
        event = Event(
            len(self.odoo.events),
            as_odoo_holds(remote.content),
            organizer if organizer in self.odoo.accounts else None,
            calendar,
            self.meeting_of(remote),
            replies={a: w for a, w in replies.items() if a in invited},
        )
        self.odoo.events.append(event)
        link = self._save(account, calendar, link, remote)
        link.event, link.is_primary, link.replies = event, True, replies
        link.agree(Base(event.content, remote.content))

    def meeting_of(self, remote: RemoteEvent) -> str:
        """Return the name of a meeting in the laws; no decision depends on it."""
        original = self.exchange.originals[remote.ical_uid or ""]
        stamp = original.stamp
        return self.odoo.events[int(stamp)].meeting if stamp else original.uid

    def move_to(self, link: Link, calendar: Calendar) -> None:
        """Let the link follow an event to its copy; the former event is deleted."""
        left = replace(
            link, event=None, is_primary=False, state="deleted_here", moved_to=link
        )
        link.calendar, link.generation = calendar, link.generation + 1
        self.odoo.links.append(left)
        self.odoo.enqueue_delete_of(left)

    def leave_behind(
        self,
        link: Link,
        copy: Copy | RemoteEvent,
        calendar: Calendar,
        sent: Content | None,
    ) -> None:
        """Delete the needless copy of an event that was deleted during its move."""
        left = Link(link.account, calendar, state="deleted_here", moved_to=link)
        left.remote_id, left.needs_read = copy.remote_id, True
        left.base = base_of_copy(link.base, sent) if link.base and sent else None
        self.odoo.links.append(left)
        self.odoo.enqueue_delete_of(left)

    def _connect_waiting(self) -> None:
        for link in self.odoo.links:
            if link.state != "waiting":
                continue
            for known in self.odoo.links:
                if (
                    known.ical_uid == link.ical_uid
                    and known.is_primary
                    and known.state in ("synced", "conflict")
                    and known.event
                    and not self.odoo.link_of(known.event, link.account)
                ):
                    link.event, link.state = known.event, "synced"

    def stop_waiting(self) -> None:
        """Read copies again that have waited too long for the organizer's mailbox."""
        for link in self.odoo.links:
            if link.state == "waiting":
                waited = self.exchange.now - link.created_at
                link.needs_read |= waited >= WAIT_FOR_ORGANIZER

    # --- conflicts ------------------------------------------------------------------

    def decide(self, link: Link, keep: str) -> None:
        """Store the side that a person chose, and close the conflict."""
        theirs, change_key = link.conflict
        ours = link.ours
        link.conflict = None
        if theirs is None and keep == "odoo":
            self._create_again(link)
        elif theirs is None:
            link.decide({DELETED: "outlook"}, None)
            link.state, link.needs_read = "gone", True
        elif ours is None:
            self._resolve_deleted_here(link, keep, change_key)
        else:
            disputed = self._merge(link, ours, theirs).conflicts
            link.decide(dict.fromkeys(disputed, keep), change_key)
            link.state, link.needs_read = "synced", True

    def _resolve_deleted_here(
        self, link: Link, keep: str, change_key: str | None
    ) -> None:
        if keep == "odoo":
            link.decide({DELETED: "odoo"}, change_key)
            link.change_key, link.state, link.sent = change_key, "deleted_here", None
            self.odoo.enqueue_delete_of(link)
            return
        if link.event:
            self.odoo.bring_back(link.event)
        link.state, link.needs_read = "synced", True
        link.base = link.base if link.event else None

    def review(self, event: Event) -> None:
        """Close an open conflict if an edit in Odoo has ended it."""
        for link in self.odoo.links_of(event):
            if link.conflict and link.conflict[0] and event.active:
                merge = link.merge(event.content, link.conflict[0])
                if not merge.conflicts:
                    link.conflict = None
                    link.state, link.needs_read = "synced", True
