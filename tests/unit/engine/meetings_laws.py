"""What people said and did in a walk of meetings, and the laws that follow from it.

Nothing here looks at how the sync works: only at the calendars, at what people did, and
at the mails that left.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta

from meetings_exchange import Exchange, Item
from meetings_odoo import Account, Event, Link, Odoo, as_odoo_holds

from praetorx_ms365_calendar.engine.snapshot import Content

Cell = tuple[str, str]
#: Stands among what was said for what both sides held when all was calm.
AGREED = "agreed"


def cells(content: Content) -> dict[Cell, object]:
    """Take the organizer's part of a content apart into what can change on its own."""
    found: dict[Cell, object] = {
        (name, ""): getattr(content, name) for name in ("subject", "location", "times")
    }
    for attendee in content.attendees:
        found["attendees", attendee.email] = True
    return found


class Laws:
    """Remembers what people did to each meeting since all was calm."""

    def __init__(self, odoo: Odoo, exchange: Exchange) -> None:
        self.odoo = odoo
        self.exchange = exchange
        self.words: dict[str, dict[Cell, dict[str, object]]] = defaultdict(dict)
        #: Meeting -> cells of which nobody can say what is right until all is calm.
        self.unsure: dict[str, set[Cell]] = defaultdict(set)
        self.edited: set[tuple[str, str]] = set()
        self.deleted: dict[str, set[str]] = defaultdict(set)
        #: Meeting -> what people did to it in Odoo, each of which may mail once.
        self.acts: Counter[str] = Counter()
        #: (iCalUId, address) -> what that person has answered in Odoo.
        self.replies_in_odoo: dict[tuple[str, str], list[str]] = defaultdict(list)
        #: (id of a copy, number of its invitation) -> what its owner has answered
        self.replies: dict[tuple[str, int], list[str]] = defaultdict(list)

        #: Meetings deleted in Odoo while their calendar was off: Outlook keeps them.
        self.parted: set[str] = set()
        #: Invitations whose answer went with the Odoo event before it was sent.
        self.unsent: set[tuple[str, int]] = set()

    # --- what people do -------------------------------------------------------------

    def hear(
        self,
        meeting: str,
        side: str,
        before: Content | None,
        after: Content,
        *,
        stays: bool = True,
    ) -> None:
        """Somebody has created or edited a meeting.

        :param stays: if not, what was there before may be right as well
        """
        was, now = cells(before) if before else {}, cells(after)
        for cell in was.keys() | now.keys():
            if was.get(cell) != now.get(cell):
                said = self.words[meeting].setdefault(cell, {})
                if stays:
                    said.pop(AGREED, None)
                else:
                    said.setdefault(AGREED, was.get(cell))
                said[side] = now.get(cell)
        self.edited.add((meeting, side))
        if side == "odoo" or self._awaits_outcome(meeting):
            self.acts[meeting] += 1

    def _awaits_outcome(self, meeting: str) -> bool:
        """Whether an edit or a move is half done: it may be sent, or told, again."""
        return any(
            entry.sent_content or entry.move_source or (entry.link and entry.link.sent)
            for entry in self.odoo.outbox
            if entry.state == "pending"
            and entry.event
            and entry.event.meeting == meeting
        )

    def hear_deletion(
        self, meeting: str, side: str, *, reaches_organizer: bool = True
    ) -> None:
        """Somebody has deleted a meeting.

        :param reaches_organizer: else the copies of attendees are deleted, no more
        """
        if reaches_organizer:
            self.deleted[meeting].add(side)
        self._forget_words(meeting, side)
        if side == "odoo" or self._awaits_outcome(meeting):
            self.acts[meeting] += 1

    def hear_switch_off(self, account: Account) -> None:
        """What this mailbox has not sent may be taken back: nobody sends it.

        What was sent without an answer is deleted then, if that is what comes of it.
        """
        for entry in self.odoo.outbox:
            is_edit = entry.operation == "upsert" and entry.state == "pending"
            if is_edit and entry.account is account and entry.event:
                meeting = entry.event.meeting
                self._forget_words(meeting, "odoo")
                if entry.sent_content and not (entry.link and entry.link.remote_id):
                    self.acts[meeting] += 1

    def _forget_words(self, meeting: str, side: str) -> None:
        """Any value is right where this side has spoken; that may have been merged."""
        words = self.words[meeting]
        for cell in [cell for cell, said in words.items() if side in said]:
            del words[cell]
            self.unsure[meeting].add(cell)

    def hear_deletion_refused(self, link: Link, side: str) -> None:
        """Somebody was asked about a deletion, and wants the meeting to stay."""
        item = self.exchange.items[link.remote_id or ""]
        self.deleted[self.meeting_of(item)].discard(side)

    def hear_reply(self, event: Event, link: Link, reply: str) -> None:
        """Somebody has answered an invitation in Odoo: Outlook changes its showAs."""
        self.edited.add((event.meeting, "outlook"))
        self.replies_in_odoo[link.ical_uid or "", link.account.address].append(reply)
        self.replies_to(link.remote_id).append(reply)

    def hear_away(self, event: Event, addresses: set[str]) -> None:
        """With an event, or an attendee, goes what was answered and not sent yet."""
        for entry in self.odoo.outbox:
            is_answer = entry.event is event and entry.operation == "respond"
            if is_answer and entry.account.address in addresses:
                link = self.odoo.link_of(event, entry.account)
                if entry.state == "pending" and link and link.remote_id:
                    item = self.exchange.items[link.remote_id]
                    self.unsent.add((item.remote_id, item.invitation))

    def replies_to(self, remote_id: str) -> list[str]:
        """Return what an invitation was answered, on whichever side."""
        return self.replies[remote_id, self.exchange.items[remote_id].invitation]

    def meeting_of(self, item: Item) -> str:
        stamp = self.exchange.originals[item.uid].stamp
        return self.odoo.events[int(stamp)].meeting if stamp else item.uid

    # --- at any time ----------------------------------------------------------------

    def check_always(self) -> None:
        """Laws that hold whatever is under way."""
        meetings = [event.meeting for event in self.odoo.living()]
        assert len(meetings) == len(set(meetings)), "two Odoo events of one meeting"
        uids = [one.ical_uid for one in self.odoo.links if one.is_primary and one.event]
        uids = [uid for uid in uids if uid]
        assert len(uids) == len(set(uids)), "two primary copies of one meeting"
        meeting_of = {item.uid: self.meeting_of(item) for item in self._items()}
        mails: Counter[tuple[str, str]] = Counter()
        for (kind, uid, who), count in self.exchange.mails_of_sync.items():
            if kind == "response":
                told = len(self.replies_in_odoo[uid, who])
                assert count <= told, f"{who} answered {told} times, told {count} times"
            else:
                mails[meeting_of[uid], who] += count
        for (meeting, who), count in mails.items():
            assert count <= self.acts[meeting], f"{count} mails to {who}"
        for item in self._items():
            if not item.is_organizer:
                said = {"notResponded", *self.replies_to(item.remote_id)}
                said |= {*self.replies_in_odoo[item.uid, item.mailbox]}
                assert item.own_reply in said, f"{item.own_reply} was not said"

    def _items(self) -> list[Item]:
        return list(self.exchange.items.values())

    # --- when all is calm -----------------------------------------------------------

    def check_calm(self) -> None:
        """Laws that hold once everything has arrived; then people begin anew."""
        self.check_always()
        originals: dict[str, list[Item]] = defaultdict(list)
        for item in self._items():
            if item.is_organizer and item.is_live:
                originals[self.meeting_of(item)].append(item)
        events = {event.meeting: event for event in self.odoo.living()}
        for meeting, items in originals.items():
            if not self._is_synced(items[0].mailbox):
                continue  # it may have been moved in the moment of switching off
            assert len(items) == 1, f"{meeting} is {len(items)} times in Outlook"
            self._check_copies(items[0])
        for meeting in originals.keys() | events.keys() | self.deleted.keys():
            items = originals.get(meeting)
            if self._check_meeting(meeting, items and items[0], events.get(meeting)):
                self.edited -= {(meeting, "odoo"), (meeting, "outlook")}
        self.deleted.clear()

    def _check_copies(self, original: Item) -> None:
        copies = [one.mailbox for one in self.exchange.copies(original.uid)]
        assert len(copies) == len(set(copies)), "a mailbox has two copies"

    def _check_meeting(
        self, meeting: str, item: Item | None, event: Event | None
    ) -> bool:
        """Compare both sides of a meeting whose organizer syncs it.

        :return: whether that is so
        """
        organizer = item.mailbox if item else event and event.organizer
        account = self.odoo.accounts.get(organizer or "")
        if not self._is_synced(organizer) or meeting in self.parted:
            return False
        if item and not self.is_listed(item):
            return False
        if event and not item and not self._is_followed(account, event):
            return False
        for side in self.deleted.get(meeting, ()):
            other = "odoo" if side == "outlook" else "outlook"
            if (meeting, other) not in self.edited:
                assert not item and not event, self._describe(meeting)
        assert bool(item) == bool(event), self._describe(meeting)
        if not item or not event:
            return True
        here, there = event.content, as_odoo_holds(item.content)
        assert here == there, self._describe(meeting)
        now = cells(here)
        words = self.words[meeting]
        for cell, said in words.items():
            if cell not in self.unsure[meeting]:
                assert now.get(cell) in said.values(), f"{meeting}: {cell} of {said}"
        self.unsure[meeting].clear()
        self.words[meeting] = {
            cell: {AGREED: now.get(cell)} for cell in words.keys() | now.keys()
        }
        for attendee in here.attendees:
            self._check_reply(event, item, attendee.email)
        return True

    def _is_synced(self, address: str | None) -> bool:
        account = self.odoo.accounts.get(address or "")
        return bool(account and account.enabled)

    def _is_followed(self, account: Account, event: Event) -> bool:
        """Tell whether an event is in Outlook, and near enough to hear of its end."""
        window = account.main.window
        start = datetime.fromisoformat(event.content.times.start)
        # At its edge an event that is missed may have been moved out of it.
        is_near = window and window[0] <= start < window[1] - timedelta(days=1)
        link = self.odoo.link_of(event, account)
        if not link or not is_near or link.state == "calendar_off":
            return False
        last = self.exchange.items.get(link.remote_id or "")
        return not last or account.calendars[last.calendar].is_synced

    def _describe(self, meeting: str) -> str:
        """Say what the calendars and the links hold of a meeting."""
        events = [event for event in self.odoo.events if event.meeting == meeting]
        items = [item for item in self._items() if self.meeting_of(item) == meeting]
        ids = {item.remote_id for item in items}
        links = [
            (
                x.account.address,
                x.remote_id,
                x.state,
                x.is_primary,
                x.event and x.event.id,
            )
            for x in self.odoo.links
            if x.event in events or x.remote_id in ids
        ]
        events_in_short = [(e.id, e.active, e.content.subject) for e in events]
        return "\n".join(map(str, [meeting, *events_in_short, *items, *links]))

    def _check_reply(self, event: Event, original: Item, address: str) -> None:
        """What a person has answered is what both sides hold."""
        account = self.odoo.accounts.get(address)
        if not account or not account.enabled:
            return
        for copy in self.exchange.copies(original.uid):
            told = self.replies_to(copy.remote_id)[-1:]
            if (copy.remote_id, copy.invitation) in self.unsent:
                continue
            is_told = copy.mailbox == address and copy.is_live and told
            if is_told and self.is_listed(copy):
                assert [copy.own_reply] == told, f"{address} had answered {told}"
                here = event.replies.get(address)
                assert [here] == told, f"{address}: {here} in Odoo, told {told}"

    def is_listed(self, item: Item) -> bool:
        """Tell whether a calendar that is synced shows this item."""
        account = self.odoo.accounts.get(item.mailbox)
        calendar = account and account.calendars[item.calendar]
        if not calendar or not calendar.is_synced or not calendar.window:
            return False
        return item.is_inside(calendar.window)
