"""An Odoo in memory: events, links, the outbox, and the effects of edits.

The columns have the same names as in ``models``. The engine makes the decisions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from meetings_exchange import Cursor, Window

from praetorx_ms365_calendar.engine.conflict_policy import apply_policy
from praetorx_ms365_calendar.engine.decision import Decision, apply_decision
from praetorx_ms365_calendar.engine.link_facts import LinkFacts
from praetorx_ms365_calendar.engine.meetings import (
    ORGANIZER_DECIDES,
    may_be_primary,
    stays_deleted,
)
from praetorx_ms365_calendar.engine.merge import (
    Merge,
    base_after_attendee_copy,
    confirm_sent,
)
from praetorx_ms365_calendar.engine.outgoing import is_recorded
from praetorx_ms365_calendar.engine.plan import plan_deletion, plan_incoming
from praetorx_ms365_calendar.engine.replies import has_reply_of
from praetorx_ms365_calendar.engine.series_units import ALL
from praetorx_ms365_calendar.engine.snapshot import (
    ORGANIZER_FIELDS,
    Base,
    Content,
    RemoteEvent,
)


def as_odoo_holds(content: Content) -> Content:
    """Return a content with only the values that Odoo can store: two of five."""
    return replace(content, show_as="free" if content.show_as == "free" else "busy")


@dataclass(eq=False)
class Calendar:
    """A calendar of a mailbox, and the progress of reading it."""

    name: str
    is_synced: bool = True
    window: Window | None = None
    delta: Cursor | None = None
    retiring: Cursor | None = None
    next: Cursor | None = None
    round_kind: str | None = None
    round_number: int = 0
    sweep: bool = False
    restart_requested: bool = False


@dataclass(eq=False)
class Account:
    """The mailbox of a user of Odoo."""

    address: str
    calendars: dict[str, Calendar]
    enabled: bool = False
    policy: str = "ask"
    pull_requested: bool = False
    first_pass_done: bool = False

    @property
    def main(self) -> Calendar:
        return self.calendars["main"]

    @property
    def synced_calendars(self) -> list[Calendar]:
        return [one for one in self.calendars.values() if one.is_synced]


@dataclass(eq=False)
class Event:
    """A row of ``calendar.event``.

    :param organizer: address of a user, None for somebody outside Odoo
    :param replies: address -> Graph's word for the state of the attendee
    :param meeting: its name in the laws; the sync does not use it
    """

    id: int
    content: Content
    organizer: str | None
    calendar: Calendar | None
    meeting: str
    active: bool = True
    exists: bool = True
    replies: dict[str, str] = field(default_factory=dict)


@dataclass(eq=False)
class Link:
    """A row of ``praetorx.ms365.event.link``."""

    account: Account
    calendar: Calendar
    event: Event | None = None
    remote_id: str | None = None
    ical_uid: str | None = None
    change_key: str | None = None
    modified_at: str | None = None
    is_organizer: bool = True
    is_primary: bool = False
    state: str = "synced"
    generation: int = 0
    needs_read: bool = False
    left_calendar: bool = False
    place_unknown: bool = False
    awaits_word: bool = False
    last_seen_round: int = 0
    base: Base | None = None
    sent: Base | None = None
    replies: dict[str, Any] = field(default_factory=dict)
    moved_to: Link | None = None
    archived_event: bool = False  #: ``deleted_side`` is Odoo
    created_at: datetime | None = None
    #: Outlook's version in an open conflict (None: deleted), and its change key.
    conflict: tuple[Content | None, str | None] | None = None
    #: A person's choices, until the event has been read.
    decision: Decision | None = None

    @property
    def is_deleted_here(self) -> bool:
        return self.state == "deleted_here" or (
            self.state == "conflict" and not (self.event and self.event.active)
        )

    @property
    def facts(self) -> LinkFacts:
        return LinkFacts(
            self.state,
            has_meeting=bool(self.event),
            has_remote=bool(self.remote_id),
            is_deleted_here=self.is_deleted_here,
            is_organizer=self.is_organizer,
            is_primary=self.is_primary,
            change_key=self.change_key,
            modified_at=self.modified_at,
            needs_read=self.needs_read or bool(self.moved_to and not self.change_key),
            awaits_outcome=bool(self.sent),
        )

    def base_against(self, theirs: Content) -> Base | None:
        if not self.base or not self.sent:
            return self.base
        return confirm_sent(self.base, self.sent, theirs)

    @property
    def ours(self) -> Content | None:
        return self.event.content if self.event and self.event.active else None

    def decide(self, choices: dict[str, str], change_key: str | None) -> None:
        """Store a person's choices for both present versions."""
        self.decision = Decision(change_key, {ALL: choices}, self.ours, 0)

    def choices_for(self, change_key: str | None) -> dict[str, str]:
        """Return the stored choices that are valid for both present versions."""
        if not self.decision:
            return {}
        valid = self.decision.valid_choices(change_key, self.ours)
        return dict(valid.get(ALL, {}))

    def record_version(self, remote: Any) -> None:
        if self.sent:  # the version shows how much of the last write has arrived
            self.base, self.sent = self.base_against(remote.content), None
        self.remote_id, self.ical_uid = remote.remote_id, remote.ical_uid
        self.change_key, self.modified_at = remote.change_key, remote.modified_at
        self.is_organizer, self.needs_read = remote.is_organizer, False

    def agree(self, base: Base) -> None:
        self.base, self.sent, self.decision = base, None, None

    def merge(
        self,
        ours: Content | None,
        theirs: Content | None,
        *,
        came_by_attendee: bool = False,
    ) -> Merge:
        base = self.base_against(theirs) if theirs else self.base
        if ours is None or theirs is None:
            return plan_deletion(base, ours, theirs, is_organizer=self.is_organizer)
        return plan_incoming(
            base,
            ours,
            theirs,
            direction="both",
            is_organizer=self.is_organizer,
            came_by_attendee=came_by_attendee,
        )


@dataclass(eq=False)
class Entry:
    """A row of ``praetorx.ms365.outbox``."""

    account: Account
    event: Event | None
    event_key: int
    link: Link | None
    operation: str
    key: str
    created_at: datetime
    calendar: Calendar
    state: str = "pending"
    noted_late: bool = False
    sent_content: Content | None = None
    sent_at: datetime | None = None
    was_sought: bool = False
    sought_in: set[Calendar] = field(default_factory=set)
    answer_mode: str | None = None
    looked_at: datetime | None = None
    move_source: str | None = None


class Odoo:
    """The database, and the edits of people.

    :param clock: returns naive UTC
    """

    def __init__(self, accounts: Iterable[Account], clock: Callable[[], datetime]):
        self.accounts = {account.address: account for account in accounts}
        self.clock = clock
        self.events: list[Event] = []
        self.links: list[Link] = []
        self.outbox: list[Entry] = []

    # --- looking up -----------------------------------------------------------------

    def living(self) -> list[Event]:
        return [event for event in self.events if event.exists and event.active]

    def links_of(self, event: Event | None) -> list[Link]:
        return [link for link in self.links if event and link.event is event]

    def link_of(self, event: Event | None, account: Account) -> Link | None:
        return next((x for x in self.links_of(event) if x.account is account), None)

    def second_copies(self, link: Link) -> list[Link]:
        """Return the other copies in this mailbox that were set aside for this one."""
        uids = self.uids_of(link)
        return [
            other
            for other in self.links
            if other is not link
            and other.account is link.account
            and other.state == "quarantined"
            and other.ical_uid in uids
        ]

    def uids_of(self, link: Link) -> set[str | None]:
        """Return the iCalUIds of a meeting; a copy may have a former one."""
        return {link.ical_uid, *(one.ical_uid for one in self.links_of(link.event))}

    def primary(self, event: Event) -> Link | None:
        return next((link for link in self.links_of(event) if link.is_primary), None)

    def came_by_attendee(self, link: Link) -> bool:
        """Return True if the event was read from an attendee's copy."""
        return any(
            other.base and not other.is_organizer
            for other in self.links_of(link.event)
            if other is not link
        )

    def waiting(self, account: Account, event_key: int) -> bool:
        return any(
            entry.account is account
            and entry.event_key == event_key
            and entry.operation != "respond"
            and entry.state == "pending"
            for entry in self.outbox
        )

    def is_locked(self, event: Event) -> bool:
        """Return True if only the organizer can change it (docs/laws.md, law 6)."""
        primary = self.primary(event)
        if not primary or primary.is_organizer:
            return False
        return primary.state in ORGANIZER_DECIDES

    # --- people ---------------------------------------------------------------------

    def create(
        self, content: Content, organizer: str, calendar: str, meeting: str = ""
    ) -> Event:
        account = self.accounts[organizer]
        number = len(self.events)
        event = Event(
            number,
            as_odoo_holds(content),
            organizer,
            account.calendars[calendar],
            meeting or f"event {number}",
        )
        self.events.append(event)
        self.enqueue(event, "upsert")
        return event

    def edit(
        self, event: Event, name: str, value: Any, *, insists: bool = False
    ) -> bool:
        """Write a field, unless that is refused."""
        if name in ORGANIZER_FIELDS and self.is_locked(event) and not insists:
            return False
        before = {attendee.email for attendee in event.content.attendees}
        event.content = as_odoo_holds(replace(event.content, **{name: value}))
        invited = {attendee.email for attendee in event.content.attendees}
        event.replies = {a: w for a, w in event.replies.items() if a in invited}
        self._look_for_replies(event, invited - before)
        self.enqueue(event, "upsert")
        return True

    def _look_for_replies(self, event: Event, added: set[str]) -> None:
        """Have copies read that had a reply of an attendee who is added again."""
        for link in self.links_of(event):
            if link.state in ("synced", "conflict") and link.remote_id:
                link.needs_read |= has_reply_of(added, link.replies)

    def delete(self, event: Event, *, unlink: bool) -> None:
        self.enqueue(event, "delete")
        for link in self.links_of(event):
            if link.state not in ("deleted_there", "kept_there"):
                link.state = "deleted_here"
            if link.conflict and link.conflict[0] is None:
                link.conflict = None
            if unlink:
                link.event = None
        event.active = False
        if unlink:
            event.exists = False
            for entry in self.outbox:
                entry.event = None if entry.event is event else entry.event

    def move(self, event: Event, calendar: str) -> bool:
        """Choose another calendar of the organizer, unless that is refused."""
        link = self.primary(event)
        target = self.accounts[event.organizer or ""].calendars[calendar]
        if event.content.attendees or target is event.calendar:
            return False
        is_there = link and link.remote_id and link.state != "deleted_there"
        if is_there and not (link.is_organizer and link.state == "synced"):
            return False
        event.calendar = target
        self.enqueue(event, "upsert")
        return True

    def reply(self, event: Event, address: str, reply: str) -> bool:
        account = self.accounts[address]
        link = self.link_of(event, account)
        if not (account.enabled and link) or event.replies.get(address) == reply:
            return False
        event.replies[address] = reply
        self.outbox.append(
            self._entry(account, event, link, "respond", f"answer/{address}")
        )
        return True

    # --- the outbox -----------------------------------------------------------------

    def enqueue(
        self, event: Event, operation: str, *, noted_late: bool = False
    ) -> Entry | None:
        """Add an edit to the outbox of the mailbox with the primary copy."""
        links = self.links_of(event)
        link = self.primary(event)
        account = link.account if link else self.accounts.get(event.organizer or "")
        if not account or not account.enabled:
            return None
        link = link or self.link_of(event, account)
        sent_before = any(
            entry.event_key == event.id and entry.operation != "respond"
            for entry in self.outbox
        )
        facts, deletes = link.facts if link else LinkFacts(), operation == "delete"
        if not is_recorded(facts, deletes=deletes, was_sent=sent_before):
            return None
        generation = link.generation if link else 0
        entry = self._entry(
            account, event, link, operation, transaction_id(event, account, generation)
        )
        entry.noted_late = noted_late
        self.outbox.append(entry)
        if operation == "upsert":
            for one in links:
                one.awaits_word = False
            self._record_undeletion(links)
        return entry

    def enqueue_delete_of(self, link: Link) -> None:
        previous = [entry for entry in self.outbox if entry.link is link][-1:]
        event_key = (
            link.event.id
            if link.event
            else previous[0].event_key
            if previous
            else -1 - self.links.index(link)
        )
        entry = self._entry(
            link.account, link.event, link, "delete", link.remote_id or ""
        )
        entry.event_key = event_key
        self.outbox.append(entry)

    def _entry(
        self,
        account: Account,
        event: Event | None,
        link: Link | None,
        operation: str,
        key: str,
    ) -> Entry:
        calendar = link.calendar if link else event and event.calendar
        return Entry(
            account,
            event,
            event.id if event else -1,
            link,
            operation,
            key,
            self.clock(),
            calendar or account.main,
        )

    def edited_at(self, link: Link) -> datetime | None:
        newest = [
            entry
            for entry in self.outbox
            if entry.account is link.account
            and (
                entry.link is link or (link.event and entry.event_key == link.event.id)
            )
        ][-1:]
        return newest[0].created_at if newest and not newest[0].noted_late else None

    def bring_back(self, event: Event) -> None:
        """Restore an event, because Outlook's version won over its deletion."""
        event.active = True
        self._record_undeletion(self.links_of(event))

    @staticmethod
    def _record_undeletion(links: Iterable[Link]) -> None:
        """Follow copies again; nothing of them was taken over meanwhile."""
        for link in links:
            if link.state == "deleted_here":
                link.state, link.needs_read = "synced", bool(link.remote_id)

    # --- primary copies -------------------------------------------------------------

    def successor(self, link: Link) -> Link | None:
        return next(
            (
                other
                for other in self.links_of(link.event)
                if other is not link
                and may_be_primary(other.state, enabled=other.account.enabled)
            ),
            None,
        )

    def move_primary_to(self, event: Event | None, successor: Link) -> None:
        former = [
            link
            for link in self.links_of(event)
            if link.is_primary and link != successor
        ]
        copies = [one for one in former if not one.is_organizer and one.base]
        if event and copies and successor.is_organizer and successor.base:
            base = base_after_attendee_copy(
                successor.base, copies[0].base, event.content
            )
            is_followed = successor.state in ("synced", "conflict")
            successor.needs_read |= is_followed and base != successor.base
            successor.agree(base)
        for link in former:
            link.is_primary = False
        successor.is_primary = True
        if event and (former or not event.calendar):
            event.calendar = successor.calendar
        if not successor.base and successor.remote_id:
            successor.needs_read = True

    def move_primary_elsewhere(self, links: Iterable[Link]) -> None:
        for link in links:
            if successor := self.successor(link):
                self.move_primary_to(link.event, successor)

    def decide(
        self,
        link: Link,
        merge: Merge,
        ours: Content | None,
        remote: RemoteEvent | None = None,
    ) -> Merge:
        """Decide conflicts: by a person's choices, else by the policy."""
        change_key = remote.change_key if remote else None
        modified_at = remote.modified_at if remote else None
        merge = apply_decision(merge, ours, link.choices_for(change_key))
        return apply_policy(
            merge,
            ours,
            link.account.policy,
            agreed_before=bool(link.base),
            edited_at=self.edited_at(link),
            modified_at=modified_at,
        )

    # --- switching ------------------------------------------------------------------

    def switch_off(self, account: Account) -> None:
        account.enabled = False
        self.move_primary_elsewhere(
            link
            for link in list(self.links)
            if link.account is account and link.is_primary and link.event
        )

    def switch_on(self, account: Account) -> None:
        account.enabled = account.pull_requested = True
        for calendar in account.calendars.values():
            calendar.restart_requested = True
        own = [link for link in self.links if link.account is account]
        self.take_back(
            link for link in own if link.event and link.state in ("synced", "conflict")
        )
        for link in own:
            is_own = link.is_organizer and link.base and not link.moved_to
            if link.state == "deleted_here" and is_own:
                self.move_primary_to(link.event, link)
        self.resume_deletions(own)

    def resume_deletions(self, links: Iterable[Link]) -> None:
        """Send deletions of the time without sync; ask if attendees would get mails."""
        on_their_way = [
            entry.link
            for entry in self.outbox
            if entry.operation == "delete" and entry.state != "done"
        ]
        for link in links:
            due = link.state == "deleted_here" and link.is_primary and link.remote_id
            if not due or link in on_their_way:
                continue
            if link.is_organizer and link.base and link.base.theirs.invites_nobody:
                self.enqueue_delete_of(link)
            elif link.base:
                link.state = "conflict"
                link.conflict = (link.base.theirs, link.change_key)

    def return_to_calendar(self, link: Link) -> None:
        """Continue from the last agreement, as the calendar is synced again."""
        copies = self.links_of(link.event)
        if stays_deleted(
            is_active=bool(link.event) and link.event.active,
            was_agreed=bool(link.base),
            is_primary=link.is_primary,
            archived_by_sync=any(one.archived_event for one in copies),
        ):
            link.state = "deleted_here"
            self.resume_deletions([link])
            return
        link.state = "synced"
        if link.event:
            self.take_back([link])

    def take_back(self, links: Iterable[Link]) -> None:
        links = list(links)
        for link in links:
            if link.is_organizer and link.base:
                self.move_primary_to(link.event, link)
        for link in links:
            event = link.event
            if link.is_primary and not event.active:
                link.needs_read = True
                continue
            if not link.is_primary or not link.base:
                continue
            if not event.content.changed_fields(link.base.ours):
                continue
            if event.content.attendees and link.is_organizer:
                link.awaits_word = True
            else:
                self.enqueue(event, "upsert", noted_late=True)

    def unlinked(self, account: Account, window: Window) -> list[Event]:
        """Return the organizer's events in a window that Outlook does not have."""
        return [
            event
            for event in self.living()
            if event.organizer == account.address
            and not self.links_of(event)
            and not self.waiting(account, event.id)
            and datetime.fromisoformat(event.content.times.end) >= window[0]
            and datetime.fromisoformat(event.content.times.start) < window[1]
        ]

    def give_consent(self, account: Account) -> list[Event]:
        """Send all events that wait for consent: Exchange will mail the attendees."""
        if not account.first_pass_done or not account.main.window:
            return []
        waiting = self.unlinked(account, account.main.window)
        waiting += [
            link.event
            for link in self.links
            if link.account is account
            and link.awaits_word
            and link.event
            and link.event.active
        ]
        for event in waiting:
            self.enqueue(event, "upsert", noted_late=True)
        return waiting


def transaction_id(event: Event, account: Account, generation: int) -> str:
    return f"{event.id}/{account.address}/{generation}"
