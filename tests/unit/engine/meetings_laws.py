"""Remember the edits of people in a walk of meetings, and check the laws.

The checks use only the calendars, the edits of people, and the mails. They do not
depend on the way the sync works.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta

from meetings_exchange import Exchange, Item
from meetings_odoo import Account, Event, Link, Odoo, as_odoo_holds

from praetorx_ms365_calendar.engine.meetings import MAY_BE_EDITED
from praetorx_ms365_calendar.engine.snapshot import Content

Cell = tuple[str, str]
#: Key of the value that both sides had at the last rest, beside the edited values.
AGREED = "agreed"


def cells(content: Content) -> dict[Cell, object]:
    """Split the organizer's part of a content into parts that can change alone."""
    found: dict[Cell, object] = {
        (name, ""): getattr(content, name) for name in ("subject", "location", "times")
    }
    for attendee in content.attendees:
        found["attendees", attendee.email] = True
    return found


class Laws:
    """Remembers the edits of each meeting since the last rest."""

    def __init__(self, odoo: Odoo, exchange: Exchange) -> None:
        self.odoo = odoo
        self.exchange = exchange
        self.words: dict[str, dict[Cell, dict[str, object]]] = defaultdict(dict)
        #: Meeting -> cells that may have any value until the next rest.
        self.unsure: dict[str, set[Cell]] = defaultdict(set)
        self.edited: set[tuple[str, str]] = set()
        self.deleted: dict[str, set[str]] = defaultdict(set)
        #: Meeting -> number of edits in Odoo; each may cause one mail to a person.
        self.acts: Counter[str] = Counter()
        #: (iCalUId, address) -> replies of that person in Odoo.
        self.replies_in_odoo: dict[tuple[str, str], list[str]] = defaultdict(list)
        #: (id of a copy, number of its invitation) -> replies of its owner
        self.replies: dict[tuple[str, int], list[str]] = defaultdict(list)

        #: Meetings deleted in Odoo while their calendar was off. Outlook keeps them.
        self.parted: set[str] = set()
        #: Meetings with invitations that nobody can tell from those to a new meeting.
        self.unknown: set[str] = set()
        #: Invitations with a reply in Odoo that may stay unsent. Its event was deleted,
        #: or Odoo knew only an older invitation then, which is gone.
        self.unsent: set[tuple[str, int]] = set()

    # --- edits of people ------------------------------------------------------------

    def hear(
        self,
        meeting: str,
        side: str,
        before: Content | None,
        after: Content,
        *,
        stays: bool = True,
        copy: str = "",
    ) -> None:
        """Remember that a person has created or edited a meeting.

        :param stays: whether the edit must stay. If not, the value before it is right
            too
        :param copy: from :meth:`copy_of_move`; the last edit of each copy counts
        """
        was, now = cells(before) if before else {}, cells(after)
        for cell in was.keys() | now.keys():
            if was.get(cell) != now.get(cell):
                said = self.words[meeting].setdefault(cell, {})
                if stays:
                    said.pop(AGREED, None)
                else:
                    said.setdefault(AGREED, was.get(cell))
                said[side + copy] = now.get(cell)
        self.edited.add((meeting, side))
        if side == "odoo" or self._awaits_outcome(meeting):
            self.acts[meeting] += 1

    def _awaits_outcome(self, meeting: str) -> bool:
        """Return True if an edit or a move is half done, so it may be sent again."""
        if self._moved_events(meeting):
            return True
        return any(
            entry.sent_content or entry.move_source or (entry.link and entry.link.sent)
            for entry in self.odoo.outbox
            if entry.state == "pending"
            and entry.event
            and entry.event.meeting == meeting
        )

    def _moved_events(self, meeting: str) -> list[str | None]:
        """Return the ids of events that a move has copied, and will delete next."""
        return [
            link.remote_id
            for link in self.odoo.links
            if link.moved_to
            and link.state == "deleted_here"
            and link.moved_to.event
            and link.moved_to.event.meeting == meeting
        ]

    def copy_of_move(self, item: Item) -> str:
        """Return the id of an event if Outlook has two of its meeting, else empty.

        During a move, a person can edit both events in Outlook.
        """
        meeting = self.meeting_of(item)
        originals = [
            one
            for one in self._items()
            if one.is_organizer and one.is_live and self.meeting_of(one) == meeting
        ]
        return item.remote_id if len(originals) > 1 else ""

    def hear_deletion(
        self, meeting: str, side: str, *, reaches_organizer: bool = True
    ) -> None:
        """Remember that a person has deleted a meeting.

        :param reaches_organizer: False if only copies of attendees are deleted
        """
        if reaches_organizer:
            self.deleted[meeting].add(side)
        self._forget_words(meeting, side)
        if side == "odoo" or self._awaits_outcome(meeting):
            self.acts[meeting] += 1

    def hear_switch_off(self, account: Account) -> None:
        """Forget the unsent edits of a mailbox that is switched off.

        No other mailbox sends them, so Outlook's values may replace them. An event
        whose create had no response may be deleted later.
        """
        for entry in self.odoo.outbox:
            is_edit = entry.operation == "upsert" and entry.state == "pending"
            if is_edit and entry.account is account and entry.event:
                meeting = entry.event.meeting
                self._forget_words(meeting, "odoo")
                if entry.sent_content and not (entry.link and entry.link.remote_id):
                    self.acts[meeting] += 1

    def _forget_words(self, meeting: str, side: str) -> None:
        """Accept any value for cells that this side has edited: it may be merged."""
        words = self.words[meeting]
        for cell, said in list(words.items()):
            if any(word.startswith(side) for word in said):
                del words[cell]
                self.unsure[meeting].add(cell)

    def hear_deletion_refused(self, link: Link, side: str) -> None:
        """Remember that a person has refused a deletion: the meeting stays."""
        item = self.exchange.items[link.remote_id or ""]
        self.deleted[self.meeting_of(item)].discard(side)

    def hear_reply(self, event: Event, link: Link, reply: str) -> None:
        """Remember a reply in Odoo; it changes ``showAs`` in Outlook."""
        self.edited.add((event.meeting, "outlook"))
        self.replies_in_odoo[link.ical_uid or "", link.account.address].append(reply)
        known = [one.remote_id for one in self.odoo.links]
        for item in self._invitations(link):
            if item.remote_id in known:
                self.replies_to(item.remote_id).append(reply)
            else:
                self.unsent.add((item.remote_id, item.invitation))

    def _invitations(self, link: Link) -> list[Item]:
        """Return the copy of a link, and one that has replaced it if it is gone."""
        own = self.exchange.items[link.remote_id or ""]
        copies = self.exchange.copies(own.uid) if own.is_deleted else []
        return [own, *(one for one in copies if one.mailbox == own.mailbox)]

    def hear_away(self, event: Event, addresses: set[str]) -> None:
        """Remember unsent replies that are deleted with an event or an attendee."""
        for entry in self.odoo.outbox:
            is_answer = entry.event is event and entry.operation == "respond"
            if is_answer and entry.account.address in addresses:
                link = self.odoo.link_of(event, entry.account)
                if entry.state == "pending" and link and link.remote_id:
                    for item in self._invitations(link):
                        self.unsent.add((item.remote_id, item.invitation))

    def replies_to(self, remote_id: str) -> list[str]:
        """Return the replies to an invitation, from both sides."""
        return self.replies[remote_id, self.exchange.items[remote_id].invitation]

    def meeting_of(self, item: Item) -> str:
        stamp = self.exchange.originals[item.uid].stamp
        return self.odoo.events[int(stamp)].meeting if stamp else item.uid

    # --- at any time ----------------------------------------------------------------

    def check_always(self) -> None:
        """Check the laws that hold at any time."""
        self._note_unknown()
        self._note_taken_over()
        meetings = [event.meeting for event in self.odoo.living()]
        meetings = [one for one in meetings if one not in self.unknown]
        assert len(meetings) == len(set(meetings)), "two Odoo events of one meeting"
        uids = [
            one.ical_uid
            for one in self.odoo.links
            if one.is_primary and one.event and one.event.meeting not in self.unknown
        ]
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

    def _note_unknown(self) -> None:
        """Note the meetings of creates that had no response long ago.

        If Outlook has edited such a meeting, its invitations may be of a new one. Only
        the mailbox of its organizer shows more, and this mailbox is not synced.
        """
        for entry in self.odoo.outbox:
            is_lost = entry.state == "pending" and entry.sent_content and entry.event
            if not is_lost or entry.account.enabled:
                continue
            # A rest takes hours.
            is_old = self.exchange.now - entry.sent_at > MAY_BE_EDITED / 2
            for item in self._items() if is_old else ():
                is_made = item.stamp == str(entry.event.id)
                sent, now = entry.sent_content, item.content
                if is_made and (sent.subject, sent.times) != (now.subject, now.times):
                    self.unknown.add(entry.event.meeting)

    def _note_taken_over(self) -> None:
        """Forget unsent edits of a meeting whose organizer's copy is not followed.

        As after a switch-off, an attendee's copy is primary instead. It cannot take
        these edits, so Outlook's values replace them (docs/laws.md, law 2).
        """
        for link in self.odoo.links:
            is_left = link.state == "calendar_off" and link.is_organizer
            if is_left and link.event and not link.is_primary:
                self._forget_words(link.event.meeting, "odoo")

    def _items(self) -> list[Item]:
        return list(self.exchange.items.values())

    # --- at rest --------------------------------------------------------------------

    def check_calm(self) -> None:
        """Check the laws that hold at rest, and forget the edits before it."""
        self.check_always()
        originals: dict[str, list[Item]] = defaultdict(list)
        for item in self._items():
            if item.is_organizer and item.is_live:
                originals[self.meeting_of(item)].append(item)
        events = {event.meeting: event for event in self.odoo.living()}
        for meeting, items in originals.items():
            if not self._is_synced(items[0].mailbox):
                continue  # it may have been moved just before the switch
            assert len(items) == 1, f"{meeting} is {len(items)} times in Outlook"
            self._check_copies(items[0])
        for meeting in originals.keys() | events.keys() | self.deleted.keys():
            items = originals.get(meeting)
            if self._check_meeting(meeting, items and items[0], events.get(meeting)):
                self.edited -= {(meeting, "odoo"), (meeting, "outlook")}
        self.deleted.clear()
        self._check_gone()
        self._check_set_aside()

    def _check_gone(self) -> None:
        """Check that no event of Odoo follows a copy that is deleted or cancelled."""
        living = self.odoo.living()
        for link in self.odoo.links:
            item = self.exchange.items.get(link.remote_id or "")
            is_followed = link.is_primary and link.state == "synced"
            if item and is_followed and link.event in living and self.is_listed(item):
                is_synced = self._is_synced(link.account.address)
                assert item.is_live or not is_synced, self._describe(
                    self.meeting_of(item)
                )

    def _check_set_aside(self) -> None:
        """Check that a copy is set aside only if the mailbox has another copy."""
        for link in self.odoo.links:
            item = self.exchange.items.get(link.remote_id or "")
            if link.state != "quarantined" or not item or not item.is_live:
                continue
            if self._is_synced(link.account.address) and self.is_listed(item):
                copies = self.exchange.copies(item.uid)
                others = [one for one in copies if one.mailbox == item.mailbox]
                assert len(others) > 1, self._describe(self.meeting_of(item))

    def _check_copies(self, original: Item) -> None:
        copies = [one.mailbox for one in self.exchange.copies(original.uid)]
        assert len(copies) == len(set(copies)), "a mailbox has two copies"

    def _check_meeting(
        self, meeting: str, item: Item | None, event: Event | None
    ) -> bool:
        """Compare both sides of a meeting if its organizer syncs it.

        :return: False if the organizer does not sync it
        """
        organizer = item.mailbox if item else event and event.organizer
        account = self.odoo.accounts.get(organizer or "")
        if not self._is_synced(organizer) or meeting in self.parted | self.unknown:
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
        """Return True if an event is in Outlook, and a round reports its deletion."""
        window = account.main.window
        start = datetime.fromisoformat(event.content.times.start)
        # At the edge of the window, a missing event may have been moved out of it.
        is_near = window and window[0] <= start < window[1] - timedelta(days=1)
        link = self.odoo.link_of(event, account)
        if not link or not is_near or link.state == "calendar_off":
            return False
        last = self.exchange.items.get(link.remote_id or "")
        return not last or account.calendars[last.calendar].is_synced

    def _describe(self, meeting: str) -> str:
        """Return the records of a meeting in the calendars and the links."""
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
        """Check that both sides have the last reply of a person."""
        account = self.odoo.accounts.get(address)
        if not account:
            self._check_reply_of_stranger(event, original, address)
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

    def _check_reply_of_stranger(
        self, event: Event, original: Item, address: str
    ) -> None:
        """Check that Odoo has a reply that only the organizer's copy has."""
        there = original.replies.get(address)
        here = event.replies.get(address)
        assert there in (None, here), f"{address}: {here} in Odoo, told {there}"

    def is_listed(self, item: Item) -> bool:
        """Return True if a synced calendar lists this item."""
        account = self.odoo.accounts.get(item.mailbox)
        calendar = account and account.calendars[item.calendar]
        if not calendar or not calendar.is_synced or not calendar.window:
            return False
        return item.is_inside(calendar.window)
