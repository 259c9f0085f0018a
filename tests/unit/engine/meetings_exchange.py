"""Mailboxes in memory, with the rules of docs/graph.md.

They have copies of meetings, versions, mails and delta. In ``by``, ``sync`` stands for
a call to Graph, and any other value for a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from praetorx_ms365_calendar.engine.snapshot import (
    ORGANIZER_FIELDS,
    PERSONAL_FIELDS,
    Attendee,
    Content,
    RemoteEvent,
    RemovedEvent,
)

SYNC = "sync"
BEGIN = datetime(2026, 3, 2, 8)
#: How long Graph remembers the key of a create. Microsoft does not tell.
KEY_LIVES = timedelta(hours=1)
Window = tuple[datetime, datetime]


class NotFound(Exception):
    """No event has this id (404)."""


class Outdated(Exception):
    """``If-Match`` names an older version (412)."""


@dataclass
class Item:
    """One copy of a meeting in one calendar of one mailbox."""

    remote_id: str
    mailbox: str
    calendar: str
    uid: str
    content: Content
    organizer: str
    transaction_id: str | None = None
    stamp: str | None = None
    change_key: str = ""
    modified_at: str = ""
    created_at: datetime = BEGIN
    sequence: int = 0
    own_reply: str = "none"
    replied_at: datetime | None = None
    replies: dict[str, str] = field(default_factory=dict)
    is_cancelled: bool = False
    invitation: int = 0  #: how often its owner was invited again
    is_deleted: bool = False

    @property
    def is_organizer(self) -> bool:
        return self.mailbox == self.organizer

    @property
    def is_live(self) -> bool:
        return not (self.is_deleted or self.is_cancelled)

    def is_inside(self, window: Window) -> bool:
        start = datetime.fromisoformat(self.content.times.start)
        end = datetime.fromisoformat(self.content.times.end)
        return start < window[1] and end > window[0]

    def remote(self) -> RemoteEvent:
        """Return the event that a GET of this copy returns."""
        return RemoteEvent(
            self.remote_id,
            self.change_key,
            "singleInstance",
            self.content,
            ical_uid=self.uid,
            is_organizer=self.is_organizer,
            is_cancelled=self.is_cancelled,
            organizer=Attendee(self.organizer),
            own_reply=self.own_reply,
            replied_at=self.replied_at,
            replies=dict(self.replies),
            modified_at=self.modified_at,
            transaction_id=self.transaction_id,
            stamp=self.stamp,
        )


@dataclass(frozen=True)
class Cursor:
    """The position in a round: the content of a next link or delta link."""

    window: Window
    since: int  #: changes after this count; -1 in a first round
    until: int
    at: int = 0


class Exchange:
    """All mailboxes. Each change takes a minute."""

    def __init__(self, mailboxes: Iterable[str]) -> None:
        self.mailboxes = frozenset(mailboxes)
        self.now = BEGIN
        self.items: dict[str, Item] = {}
        self.originals: dict[str, Item] = {}  #: iCalUId -> the organizer's copy
        self.log: list[tuple[int, str, str, bool]] = []
        #: Ids of events that were deleted or cancelled in the last response about them.
        #: A removed item of a page does not count: it may only have left the window.
        self.told_gone: set[str] = set()
        #: (kind, uid, recipient) -> mails that calls to Graph have caused
        self.mails_of_sync: Counter[tuple[str, str, str]] = Counter()

    # --- reading --------------------------------------------------------------------

    def get(self, remote_id: str) -> Item:
        """:raise NotFound: it was deleted."""
        self._tell(self.items[remote_id])
        return self._existing(remote_id)

    def _existing(self, remote_id: str) -> Item:
        item = self.items[remote_id]
        if item.is_deleted:
            raise NotFound(remote_id)
        return item

    def _tell(self, item: Item) -> Item:
        """Remember what a response shows of an item: it is there, or it is gone."""
        if item.is_live:
            self.told_gone.discard(item.remote_id)
        else:
            self.told_gone.add(item.remote_id)
        return item

    def find_stamped(self, mailbox: str, stamp: str, calendar: str) -> list[Item]:
        found = (one for one in self.of_mailbox(mailbox) if one.stamp == stamp)
        return [one for one in found if one.calendar == calendar]

    def of_mailbox(self, mailbox: str) -> list[Item]:
        return [
            item
            for item in self.items.values()
            if item.mailbox == mailbox and not item.is_deleted
        ]

    def copies(self, uid: str) -> list[Item]:
        return [
            item
            for item in self.items.values()
            if item.uid == uid and not item.is_deleted
        ]

    def first_cursor(self, window: Window) -> Cursor:
        return Cursor(window, -1, len(self.log))

    def page(
        self, mailbox: str, calendar: str, cursor: Cursor, size: int
    ) -> tuple[list[RemoteEvent | RemovedEvent], Cursor, bool]:
        """Return a page, the cursor after it, and whether it ends the round."""
        found: list[RemoteEvent | RemovedEvent] = []
        at = cursor.at
        if cursor.since < 0:
            everything = list(self.items.values())
            for item in everything[at:]:
                if len(found) == size:
                    return found, replace(cursor, at=at), False
                at += 1
                here = (item.mailbox, item.calendar) == (mailbox, calendar)
                if here and not item.is_deleted and item.is_inside(cursor.window):
                    found.append(self._tell(item).remote())
        else:
            at = max(at, cursor.since)
            for sequence, place, remote_id, left in self.log[at : cursor.until]:
                if len(found) == size:
                    return found, replace(cursor, at=at), False
                at += 1
                item = self.items[remote_id]
                if place != f"{mailbox}/{calendar}":
                    continue
                if left:
                    found.append(RemovedEvent(remote_id))
                elif sequence == item.sequence:
                    shown = not item.is_deleted and item.is_inside(cursor.window)
                    found.append(
                        self._tell(item).remote() if shown else RemovedEvent(remote_id)
                    )
        return found, Cursor(cursor.window, cursor.until, len(self.log)), True

    def next_round(self, cursor: Cursor) -> Cursor:
        return replace(cursor, until=len(self.log), at=0)

    # --- writing --------------------------------------------------------------------

    def create(
        self,
        mailbox: str,
        calendar: str,
        content: Content,
        *,
        by: str,
        transaction_id: str | None = None,
        stamp: str | None = None,
    ) -> Item:
        for item in self.of_mailbox(mailbox):
            is_same = transaction_id and item.transaction_id == transaction_id
            if is_same and self.now - item.created_at < KEY_LIVES:
                return item
        item = Item(
            f"R{len(self.items)}",
            mailbox,
            calendar,
            f"uid{len(self.items)}",
            content,
            mailbox,
            transaction_id,
            stamp,
            own_reply="organizer",
            created_at=self.now,
        )
        self.items[item.remote_id] = self.originals[item.uid] = item
        self._touch(item)
        for attendee in content.attendees:
            self._invite(item, attendee.email, by)
        return item

    def update(
        self,
        remote_id: str,
        names: Iterable[str],
        content: Content,
        *,
        by: str,
        if_match: str | None = None,
    ) -> Item:
        item = self._to_write(remote_id, if_match)
        before = item.content
        item.content = before.with_fields(names, content)
        changed = item.content.changed_fields(before)
        if not item.is_organizer:
            foreign = ORGANIZER_FIELDS & set(names)
            assert by != SYNC or not foreign, (
                f"not {item.mailbox}'s to write: {foreign}"
            )
        self._touch(item)
        if item.is_organizer and not changed <= PERSONAL_FIELDS:
            self._tell_attendees(item, before, changed, by)
        return item

    def delete(self, remote_id: str, *, by: str, if_match: str | None = None) -> None:
        """Delete a copy; if it is the organizer's, the meeting is cancelled."""
        item = self._to_write(remote_id, if_match)
        item.is_deleted = True
        self._touch(item)
        if item.is_organizer:
            for attendee in item.content.attendees:
                self._cancel(item, attendee.email, by)

    def move(self, remote_id: str, calendar: str) -> None:
        item = self._existing(remote_id)
        self.log.append(
            (len(self.log) + 1, f"{item.mailbox}/{item.calendar}", remote_id, True)
        )
        item.calendar = calendar
        self._touch(item)

    def reply(self, remote_id: str, reply: str, *, by: str) -> None:
        """Reply to an invitation; the organizer gets a mail and sees the reply."""
        item = self._to_write(remote_id, None)
        assert not item.is_organizer
        self._mail("response", item.uid, item.organizer, by, item.mailbox)
        item.own_reply, item.replied_at = reply, self.now
        if reply == "declined":
            item.is_deleted = True
        else:
            show_as = "busy" if reply == "accepted" else "tentative"
            item.content = replace(item.content, show_as=show_as)
        self._touch(item)
        for other in self.copies(item.uid):
            if other.is_organizer:
                other.replies = {**other.replies, item.mailbox: reply}
                self._touch(other)

    # --- effects --------------------------------------------------------------------

    def _to_write(self, remote_id: str, if_match: str | None) -> Item:
        item = self._existing(remote_id)
        if if_match is not None and if_match != item.change_key:
            raise Outdated(remote_id)
        return item

    def _touch(self, item: Item) -> None:
        self.now += timedelta(minutes=1)
        item.sequence = len(self.log) + 1
        item.change_key = f"{item.remote_id}/{item.sequence}"
        item.modified_at = self.now.isoformat() + "Z"
        place = f"{item.mailbox}/{item.calendar}"
        self.log.append((item.sequence, place, item.remote_id, False))

    def _mail(
        self, kind: str, uid: str, recipient: str, by: str, sender: str = ""
    ) -> None:
        if by == SYNC:
            self.mails_of_sync[kind, uid, sender or recipient] += 1

    def _tell_attendees(
        self, item: Item, before: Content, changed: frozenset[str], by: str
    ) -> None:
        known = {attendee.email for attendee in before.attendees}
        wanted = {attendee.email for attendee in item.content.attendees}
        item.replies = {a: w for a, w in item.replies.items() if a in wanted}
        for address in sorted(known - wanted):
            self._cancel(item, address, by)
        for address in sorted(wanted - known):
            self._invite(item, address, by)
        if changed == {"attendees"}:
            return
        for address in sorted(wanted & known):
            self._mail("update", item.uid, address, by)
            self._deliver(item, address)

    def _invite(self, item: Item, address: str, by: str) -> None:
        self._mail("invitation", item.uid, address, by)
        self._deliver(item, address)

    def _cancel(self, item: Item, address: str, by: str) -> None:
        self._mail("cancellation", item.uid, address, by)
        copy = self._copy_of(item, address)
        if copy:
            copy.is_cancelled = True
            self._touch(copy)

    def _copy_of(self, item: Item, address: str) -> Item | None:
        return next(
            (one for one in self.copies(item.uid) if one.mailbox == address), None
        )

    def _deliver(self, item: Item, address: str) -> None:
        if address not in self.mailboxes:
            return
        copy = self._copy_of(item, address)
        if copy is None:
            copy = Item(
                f"R{len(self.items)}",
                address,
                "main",
                item.uid,
                replace(item.content, show_as="tentative", reminder=None),
                item.organizer,
                own_reply="notResponded",
            )
            self.items[copy.remote_id] = copy
        if copy.is_cancelled:  # a new invitation needs a new reply
            copy.is_cancelled, copy.invitation = False, copy.invitation + 1
            copy.own_reply, copy.replied_at = "notResponded", None
        copy.content = copy.content.with_fields(ORGANIZER_FIELDS, item.content)
        self._touch(copy)
