"""Read mailboxes in memory round by round, and apply them to an Odoo in memory.

The engine decides the order of jobs, the kinds of rounds, and which events are read.
"""

from __future__ import annotations

from datetime import datetime

from meetings_apply import Applier
from meetings_exchange import Window
from meetings_odoo import Account, Calendar, Link

from praetorx_ms365_calendar.engine.deletions import plan_deletions
from praetorx_ms365_calendar.engine.delta import (
    is_outdated,
    must_be_listed,
    plan_round,
    plan_round_end,
    window_bounds,
)
from praetorx_ms365_calendar.engine.meetings import is_unlisted_for_good
from praetorx_ms365_calendar.engine.merge import DELETED
from praetorx_ms365_calendar.engine.pull_order import PullStep
from praetorx_ms365_calendar.engine.snapshot import Times

DAYS_BACK, DAYS_AHEAD = 5, 12


class Puller(Applier):
    """Reads mailboxes into Odoo, one job of one mailbox at a time."""

    def wanted_window(self) -> Window:
        return window_bounds(self.exchange.now, DAYS_BACK, DAYS_AHEAD)

    def job(self, account: Account, *, backwards: bool = False, size: int = 99) -> bool:
        """Do the next job of a mailbox; return False if there is none.

        :param backwards: whether its calendars are read in the other order
        :param size: number of items on a page
        """
        steps = {
            PullStep.VERIFY: lambda: self._verify(account),
            PullStep.READ_PAGES: lambda: self._read_page(account, backwards, size),
            PullStep.CARRY_OUT: lambda: self._carry_out_gone(account),
            PullStep.BEGIN_ROUNDS: lambda: self._begin_rounds(account),
        }
        work = [steps[step] for step in PullStep if step in steps]
        return account.enabled and any(step() for step in work)

    def _verify(self, account: Account) -> bool:
        unverified = [
            link
            for link in self.odoo.links
            if link.account is account and link.needs_read and link.remote_id
        ]
        for link in unverified:
            self.read(link)
        if unverified:
            self._drop_unlisted_events(account)
        return bool(unverified)

    def _read_page(self, account: Account, backwards: bool, size: int) -> bool:
        for calendar in account.synced_calendars:
            if calendar.restart_requested:
                calendar.restart_requested, calendar.sweep = False, True
                calendar.delta = calendar.next = calendar.retiring = None
                calendar.round_kind = None
        under_way = [one for one in account.synced_calendars if one.round_kind]
        if under_way:
            self._page(account, under_way[-1 if backwards else 0], size)
            self._drop_unlisted_events(account)
        return bool(under_way)

    def _begin_rounds(self, account: Account) -> bool:
        is_requested, account.pull_requested = account.pull_requested, False
        for calendar in account.synced_calendars if is_requested else ():
            self._begin_round(calendar)
        return is_requested

    # --- rounds ---------------------------------------------------------------------

    def _begin_round(self, calendar: Calendar) -> None:
        wanted, now = self.wanted_window(), self.exchange.now
        outdated = bool(calendar.window) and is_outdated(
            calendar.window, wanted, now=now, days_ahead=DAYS_AHEAD
        )
        calendar.round_kind = plan_round(
            has_delta_link=bool(calendar.delta), is_outdated=outdated, is_paused=False
        )
        calendar.round_number += 1
        if calendar.round_kind == "delta":
            calendar.next = self.exchange.next_round(calendar.delta)
            return
        calendar.retiring = calendar.delta
        calendar.sweep = calendar.sweep or not calendar.delta
        calendar.window = wanted
        calendar.next = self.exchange.first_cursor(wanted)

    def _page(self, account: Account, calendar: Calendar, size: int) -> None:
        found, cursor, is_last = self.exchange.page(
            account.address, calendar.name, calendar.next, size
        )
        self.apply(account, calendar, found)
        calendar.next = cursor
        if is_last:
            self._end_round(account, calendar)

    def _end_round(self, account: Account, calendar: Calendar) -> None:
        end = plan_round_end(
            calendar.round_kind,
            has_retiring_link=bool(calendar.retiring),
            sweep=calendar.sweep,
        )
        if calendar.round_kind == "retiring":
            calendar.retiring = None
        if end.stores_delta_link:
            calendar.delta = calendar.next
        calendar.round_kind = calendar.next = None
        if end.retires_next:
            calendar.round_kind = "retiring"
            calendar.next = self.exchange.next_round(calendar.retiring)
        if end.verify:
            self._verify_unlisted(calendar, all_of_them=end.verify == "all")
        if end.verify and calendar is account.main:
            account.first_pass_done = True
            for event in self.odoo.unlinked(account, calendar.window):
                if not event.content.attendees:
                    self.odoo.enqueue(event, "upsert")

    def _verify_unlisted(self, calendar: Calendar, *, all_of_them: bool) -> None:
        for link in self.odoo.links:
            lacks = link.last_seen_round < calendar.round_number
            is_over = link.state in ("deleted_here", "deleted_there")
            is_here = link.calendar is calendar and link.remote_id
            is_near = link.event and self._is_near(link.event.content.times, calendar)
            if is_here and lacks and not is_over and (all_of_them or is_near):
                link.needs_read = link.left_calendar = True
                link.last_seen_round = calendar.round_number
        if all_of_them:
            calendar.sweep = False

    @staticmethod
    def _is_near(times: Times, calendar: Calendar) -> bool:
        start, end = map(datetime.fromisoformat, (times.start, times.end))
        since, until = calendar.window
        return start < until and end > since

    def _drop_unlisted_events(self, account: Account) -> None:
        """Stop following events that were moved to a calendar without sync.

        One outside the window is not missed. An edit may bring it in at any time.
        """
        is_reading = any(one.round_kind for one in account.synced_calendars)
        for link in self.odoo.links:
            if link.account is not account or not link.left_calendar:
                continue
            if link.needs_read or link.state not in ("synced", "conflict"):
                continue
            if not self._is_inside_window(link):
                link.left_calendar, link.place_unknown = False, True
                continue
            if is_reading:
                continue
            if not is_unlisted_for_good(
                missed_in_round=link.last_seen_round,
                rounds_ended=link.calendar.round_number,
            ):
                account.pull_requested = True
                continue
            self._stop_following(link)

    @staticmethod
    def _is_inside_window(link: Link) -> bool:
        theirs = link.conflict[0] if link.conflict else link.base and link.base.theirs
        if not theirs or not link.calendar.window:
            return False
        times = theirs.times
        start, end = map(datetime.fromisoformat, (times.start, times.end))
        return must_be_listed(start, end, link.calendar.window)

    def _stop_following(self, link: Link) -> None:
        link.conflict = None
        if link.is_primary and link.event:
            self.odoo.move_primary_elsewhere([link])
        link.state, link.needs_read, link.left_calendar = "calendar_off", False, False
        link.awaits_word, link.decision = False, None
        for entry in self.odoo.outbox:
            is_edit = entry.operation != "respond"
            if is_edit and entry.link is link and entry.state == "pending":
                entry.state = "done"

    def _carry_out_gone(self, account: Account) -> None:
        own = [link for link in self.odoo.links if link.account is account]
        gone = [link for link in own if link.state == "gone" and not link.needs_read]
        unverified = [link for link in own if link.needs_read and link.is_primary]
        chosen = [link for link in gone if DELETED in link.choices_for(None)]
        unasked = [link for link in gone if link not in chosen]
        decision = plan_deletions(
            len(unasked), unverified=len(unverified), lately=0, future_events=len(own)
        )
        for link in gone if decision == "go_on" else chosen:
            if not link.event or not link.is_primary:  # another copy is primary now
                link.state = "deleted_there"
            elif not self._is_contested(link):
                self._archive(link)
