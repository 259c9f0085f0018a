"""Send edits from an Odoo in memory to mailboxes in memory.

The engine decides which entries are sent together, and which request comes first. This
module has only the requests and the effects of their responses.
"""

from __future__ import annotations

from contextlib import suppress

from meetings_exchange import SYNC, Exchange, Item, NotFound, Outdated
from meetings_odoo import Account, Entry, Event, Link, Odoo, transaction_id
from meetings_pull import Puller

from praetorx_ms365_calendar.engine.deletions import how_to_delete
from praetorx_ms365_calendar.engine.link_facts import LinkFacts
from praetorx_ms365_calendar.engine.outgoing import Outgoing, plan_outgoing
from praetorx_ms365_calendar.engine.plan import plan_patch
from praetorx_ms365_calendar.engine.push_order import (
    Deletion,
    NoCopy,
    Reply,
    deletion_was_undone,
    find_lost_create,
    is_to_move,
    must_inspect,
    must_search,
    other_event_comes_first,
    places_to_search,
    plan_deletion,
    plan_reply_request,
    plan_reply_without_copy,
    sent_together,
)
from praetorx_ms365_calendar.engine.replies import (
    ReplyStep,
    is_recently_read,
    plan_reply,
)
from praetorx_ms365_calendar.engine.snapshot import Base

#: The outcomes of a request. The sync cannot tell the last two apart.
OUTCOMES = ("answered", "refused", "answer lost", "never arrived")


class ResponseLost(Exception):
    """The outcome of the request is unknown."""


class Refused(Exception):
    """Graph has refused the request."""


class Pusher:
    """Sends the edits of people in Odoo, event by event."""

    def __init__(self, odoo: Odoo, exchange: Exchange, puller: Puller) -> None:
        self.odoo = odoo
        self.exchange = exchange
        self.puller = puller
        self.outcome = "answered"

    def job(self, account: Account, outcome: str = "answered") -> bool:
        """Send the pending entries of a mailbox; return False if there are none.

        Replies that wait for an invitation do not count.
        """
        if not account.enabled:
            return False
        self.outcome = outcome
        pending = [
            entry
            for entry in self.odoo.outbox
            if entry.account is account and entry.state == "pending"
        ]
        busy = False
        for entries in sent_together(pending):
            is_reply = entries[0].operation == "respond"
            if is_reply and self._plan_reply(account, entries) is Reply.AWAIT:
                continue
            if self._waits_for_move(account, entries[-1]):
                continue
            busy = True
            send = self._reply if is_reply else self._send
            with suppress(ResponseLost, Refused):  # the entries are still pending
                send(account, entries)
        return busy

    def _call(self, method, *args, **kwargs):
        """Call Graph; the walk decides the outcome."""
        if self.outcome == "refused":
            raise Refused
        if self.outcome == "never arrived":
            raise ResponseLost
        try:
            result = method(*args, **kwargs)
        except NotFound as error:
            self.exchange.told_gone.update(error.args)
            raise
        if self.outcome == "answer lost":
            raise ResponseLost
        return result

    # --- edits ----------------------------------------------------------------------

    def _send(self, account: Account, entries: list[Entry]) -> None:
        last = entries[-1]
        event, deletes = last.event, last.operation == "delete"
        link = self._link_of(account, entries)
        facts = link.facts if link else LinkFacts()
        if link and deletion_was_undone(
            facts,
            deletes=deletes,
            has_meeting=bool(event),
            is_alive=bool(link.event) and link.event.active,
        ):
            event = link.event
        lost_move = next((x for x in entries if x.sent_content and x.move_source), None)
        step = plan_outgoing(
            facts,
            deletes=deletes,
            is_alive=bool(event) and event.active,
            is_in_series=False,
            is_to_move=bool(link) and self._is_to_move(link),
            is_copy_lost=self._must_search(entries, lost_move),
        )
        if step is Outgoing.READ:
            self.puller.read(link)
        elif step is Outgoing.DELETE:
            self._delete(account, entries, link)
        elif step is Outgoing.SEARCH_COPY:
            self._search(account, entries, link, lost_move)
        elif step is Outgoing.PATCH:
            self._patch(entries, event, link)
        elif step is Outgoing.MOVE:
            self._move(entries, event, link)
        elif step is Outgoing.CREATE:
            self._create(account, entries, event, link)
        else:
            done(entries)

    def _waits_for_move(self, account: Account, last: Entry) -> bool:
        link = self._link_of(account, [last])
        return bool(link) and other_event_comes_first(
            link.facts,
            copy=link.moved_to and link.moved_to.facts,
            has_left_event=any(
                entry.link.moved_to is link and entry.link.state == "deleted_here"
                for entry in self.odoo.outbox
                if entry.link and entry.state == "pending"
            ),
        )

    def _link_of(self, account: Account, entries: list[Entry]) -> Link | None:
        own = [entry.link for entry in entries if entry.link]
        return self.odoo.link_of(entries[-1].event, account) or next(
            (link for link in own if link.account is account), None
        )

    @staticmethod
    def _is_to_move(link: Link) -> bool:
        target = link.event and link.event.calendar
        return is_to_move(
            link.facts,
            is_elsewhere=bool(target and target is not link.calendar),
            are_own=target in link.account.calendars.values(),
        )

    def _delete(
        self, account: Account, entries: list[Entry], link: Link | None
    ) -> None:
        creates = [
            entry
            for entry in self.odoo.outbox
            if entry.account is account
            and entry.event_key == entries[-1].event_key
            and entry.sent_content
        ]
        facts = link.facts if link else LinkFacts()
        match plan_deletion(facts, was_sent=bool(creates)):
            case Deletion.DELETE:
                self._delete_linked(entries, link)
            case Deletion.SEARCH:
                self._find_for_deletion(account, entries, link, creates[-1].calendar)
            case Deletion.NOTHING:
                done(entries)

    def _delete_linked(self, entries: list[Entry], link: Link) -> None:
        theirs = link.base and link.base.theirs
        way = how_to_delete(
            "delete",
            is_organizer=link.is_organizer,
            has_attendees=bool(theirs and theirs.attendees),
        )
        assert way == "delete"
        link.state = "deleted_here"
        try:
            self._call(
                self.exchange.delete,
                link.remote_id,
                by=SYNC,
                if_match=link.change_key,
            )
        except Outdated:
            link.needs_read = True
            return
        except NotFound:
            pass
        link.state, link.needs_read = "deleted_there", False
        done(entries)

    def _find_for_deletion(self, account, entries, link, calendar) -> None:
        item = self._find_lost(account, entries, calendar)
        if not item:
            done(entries)
            return
        link = self._link_for(account, entries, link, item, calendar)
        link.record_version(item.remote())
        link.state = "deleted_here"
        entries[-1].link = link

    def _patch(self, entries: list[Entry], event: Event, link: Link) -> None:
        if link.base is None:
            self.puller.read(link)
            return
        ours = event.content
        patch = plan_patch(link.base, ours, is_organizer=link.is_organizer)
        if patch is None:
            done(entries)
            return
        link.sent = Base(ours, patch.content)
        try:
            item = self._call(
                self.exchange.update,
                link.remote_id,
                patch.fields,
                patch.content,
                by=SYNC,
                if_match=link.change_key,
            )
        except ResponseLost:
            raise
        except Refused:
            link.sent = None
            raise
        except Outdated:
            link.sent, link.needs_read = None, True
            return
        except NotFound:
            link.sent = None
            self.puller.gone(link)
            return
        self._store(link, item, ours)
        done(entries)

    def _store(self, link: Link, item: Item, ours) -> None:
        deleted = link.state == "deleted_here"
        link.record_version(item.remote())
        link.agree(Base(ours, item.content))
        link.state = "deleted_here" if deleted else "synced"

    def _move(self, entries: list[Entry], event: Event, link: Link) -> None:
        """Create a copy in the other calendar; the former event is deleted next."""
        if must_inspect(
            has_base=link.base is not None,
            source_version=entries[-1].move_source,
            change_key=link.change_key,
        ):
            self.puller.read(link)
            if link.event and self._is_to_move(link):
                item = self.exchange.items[link.remote_id]
                if item.content.attendees:
                    event.calendar = link.calendar  # it stays where it is
                else:
                    entries[-1].move_source = item.change_key
            return
        patch = plan_patch(link.base, event.content, is_organizer=True)
        content = patch.content if patch else link.base.theirs
        self._make(link.account, entries, event, link, link.generation + 1, content)

    def _find_lost(self, account, entries, calendar) -> Item | None:
        stamp = str(entries[-1].event_key)
        found = self._call(
            self.exchange.find_stamped, account.address, stamp, calendar.name
        )
        known = [x.remote_id for x in self.odoo.links if x.account is account]
        lost = find_lost_create(
            (item.remote() for item in found), stamp=stamp, known=known
        )
        return self.exchange.items[lost.remote_id] if lost else None

    @staticmethod
    def _must_search(entries: list[Entry], first: Entry | None) -> bool:
        was_searched = all(entry.was_sought for entry in entries)
        return must_search(was_sent=bool(first), was_searched=was_searched)

    def _search(self, account, entries, link, first: Entry) -> None:
        """Search a calendar for the event of an earlier create, and adopt it."""
        home = first.calendar
        searched = set.intersection(*[set(entry.sought_in) for entry in entries])
        left = places_to_search(home, account.calendars.values(), searched=searched)
        item = self._find_lost(account, entries, left[0])
        if not item:
            for entry in entries:
                entry.sought_in = {*searched, left[0]}
                entry.was_sought = len(left) == 1
            return
        link = self._adopt(account, entries, link, item, first)
        if link and left[0] is not home:  # the next rounds find its calendar
            link.left_calendar, link.last_seen_round = True, home.round_number

    def _create(
        self, account: Account, entries: list[Entry], event: Event, link: Link | None
    ) -> None:
        if link and link.remote_id:  # deleted in Outlook, and edited in Odoo later
            link.remote_id = link.ical_uid = link.change_key = None
            link.base = link.sent = None
            link.generation += 1
        generation = link.generation if link else 0
        self._make(account, entries, event, link, generation, event.content)

    def _make(self, account, entries, event, link, generation, content) -> None:
        key = transaction_id(event, account, generation)
        first = first_attempt(entries, key)
        is_move = bool(link and link.remote_id)
        if not is_move and self._must_search(entries, first):
            self._search(account, entries, link, first)
            return
        ours, calendar = event.content, event.calendar or account.main
        for entry in entries:
            entry.key, entry.calendar = key, calendar
            entry.was_sought, entry.sought_in = False, set()
            entry.sent_at = self.exchange.now
            if not first:
                entry.sent_content = ours
        item = self._call(
            self.exchange.create,
            account.address,
            calendar.name,
            content,
            by=SYNC,
            transaction_id=key,
            stamp=str(event.id),
        )
        if first:
            self._adopt(account, entries, link, item, first)
            return
        if is_move:
            self.puller.move_to(link, calendar)
        link = self._link_for(account, entries, link, item, calendar)
        self._store(link, item, ours)
        done(entries)

    def _adopt(self, account, entries, link, item, first: Entry) -> Link | None:
        """Link the event that an earlier create has made, and have it read.

        :return: the link, None if the event is a needless copy
        """
        sent, calendar = first.sent_content, first.calendar
        is_move = link and link.remote_id not in (None, item.remote_id)
        if is_move and link.state == "deleted_here":
            self.puller.leave_behind(link, item, calendar, sent)
            first.move_source = None
            return None
        if is_move:
            self.puller.move_to(link, calendar)
        link = self._link_for(account, entries, link, item, calendar)
        link.remote_id, link.needs_read, link.state = item.remote_id, True, "synced"
        if not any(x.ical_uid == item.uid and x.is_primary for x in self.odoo.links):
            link.ical_uid = item.uid
        link.agree(Base(sent, sent))
        return link

    def _link_for(self, account, entries, link, item, calendar) -> Link:
        link = link or next(
            (
                one
                for one in self.odoo.links
                if one.account is account and one.remote_id == item.remote_id
            ),
            None,
        )
        if not link:
            link = Link(account, calendar, entries[-1].event)
            link.is_primary, link.created_at = True, self.exchange.now
            self.odoo.links.append(link)
        link.calendar = calendar
        for entry in entries:
            entry.move_source = None
        return link

    # --- replies --------------------------------------------------------------------

    def _plan_reply(self, account: Account, entries: list[Entry]) -> Reply:
        last = entries[-1]
        event = last.event
        link = self.odoo.link_of(event, account)
        is_good = is_recently_read(last.looked_at, self.exchange.now)
        return plan_reply_request(
            link.facts if link else LinkFacts(),
            reply=event.replies.get(account.address) if event else None,
            is_organizer=bool(event) and event.organizer == account.address,
            is_alive=bool(event) and event.active,
            has_invitation=bool(link and link.remote_id),
            was_searched=last.was_sought,
            was_looked_at=bool(last.answer_mode) and is_good,
            comes_again=bool(link)
            and any(copy.needs_read for copy in self.odoo.second_copies(link)),
        )

    def _reply(self, account: Account, entries: list[Entry]) -> None:
        last = entries[-1]
        link = self.odoo.link_of(last.event, account)
        step = self._plan_reply(account, entries)
        if step in (Reply.NOTHING, Reply.LOST):
            done(entries)
            return
        wanted = last.event.replies[account.address]
        try:
            if step is Reply.LOOK:
                self._look(entries, link, wanted)
            else:
                last.answer_mode = None  # if the response is lost, look again
                self._respond(entries, link, wanted)
        except NotFound:
            step = plan_reply_without_copy(
                wanted,
                is_occurrence=False,
                was_searched=last.was_sought,
                has_other_copy=bool(self.odoo.second_copies(link)),
            )
            if step is NoCopy.DECLINED:
                self._drop_declined_copy(link)
            else:
                self.puller.gone(link)
            if step is NoCopy.COMES_AGAIN:
                last.was_sought = True
            else:
                done(entries)

    def _look(self, entries: list[Entry], link: Link, wanted: str) -> None:
        item = self._call(self.exchange.get, link.remote_id)
        step = plan_reply(
            wanted,
            entries[-1].created_at,
            link.replies.get(link.account.address),
            item.remote(),
        )
        if step is ReplyStep.SEND:
            entries[-1].answer_mode = "told"
            entries[-1].looked_at = self.exchange.now
        else:
            done(entries)
        if link.state != "calendar_off":
            link.needs_read = True
            self.puller.read(link)

    def _respond(self, entries: list[Entry], link: Link, wanted: str) -> None:
        self._call(self.exchange.reply, link.remote_id, wanted, by=SYNC)
        link.replies = {**link.replies, link.account.address: wanted}
        if wanted == "declined":
            self._drop_declined_copy(link)
        done(entries)

    def _drop_declined_copy(self, link: Link) -> None:
        link.state, link.needs_read = "deleted_there", False
        successor = self.odoo.successor(link) if link.is_primary else None
        if successor:
            self.odoo.move_primary_to(link.event, successor)


def first_attempt(entries: list[Entry], key: str) -> Entry | None:
    """Return the entry with this key whose create was sent first, None if none."""
    return next((one for one in entries if one.key == key and one.sent_content), None)


def done(entries: list[Entry]) -> None:
    """Close the entries."""
    for entry in entries:
        entry.state = "done"
