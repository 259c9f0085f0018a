"""Test a random walk of meetings in several mailboxes: at rest, all sides agree.

Each meeting has one Odoo event and several links. There are three users, some of them
with sync, and one organizer without Odoo. Each has two synced calendars and another
one. :mod:`meetings_laws` has the laws.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from content_samples import people
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from meetings_exchange import BEGIN, Exchange
from meetings_laws import Laws
from meetings_odoo import Account, Calendar, Odoo
from meetings_pull import Puller
from meetings_push import OUTCOMES, Pusher
from walk_settings import walk_settings

from praetorx_ms365_calendar.engine.snapshot import (
    ORGANIZER_FIELDS,
    PERSONAL_FIELDS,
    Content,
    Times,
)

ANNA, BEN, CLEO = USERS = tuple(
    f"{name}@example.com" for name in ("anna", "ben", "cleo")
)
DORA = "dora@example.net"
CALENDARS = ("main", "side", "attic")
#: After this many jobs, a mailbox that still has work never comes to rest.
PATIENCE = 60

picks = st.integers(0, 30)
users = st.sampled_from(USERS)
replies = st.sampled_from(["accepted", "tentativelyAccepted", "declined"])
days = st.integers(0, 20)


def times_of(day: int) -> Times:
    start = BEGIN.replace(hour=10) + timedelta(days=day)
    end = start + timedelta(hours=1)
    return Times(start.isoformat(), end.isoformat())


guests = st.just({*USERS}) | st.sets(st.sampled_from([*USERS, DORA]), max_size=3)
FIELDS = {
    "subject": st.sampled_from(["Lunch", "Dinner", "Tea"]),
    "location": st.sampled_from(["", "Hall"]),
    "times": days.map(times_of),
    "attendees": guests,
    "show_as": st.sampled_from(["free", "busy", "oof"]),
}
edits = st.sampled_from(sorted(FIELDS)).flatmap(
    lambda name: st.tuples(st.just(name), FIELDS[name])
)
clashes = st.sampled_from(sorted(FIELDS)).flatmap(
    lambda name: st.tuples(st.just(name), FIELDS[name], FIELDS[name])
)


def listed(guests: set[str], organizer: str | None):
    """Return guests as attendees, without the organizer."""
    return people(*(guests - {organizer}))


class Meetings(RuleBasedStateMachine):
    """Edits of people in their calendars, and a sync with faults."""

    @initialize(
        enabled=st.sets(users, min_size=1),
        meetings=st.lists(
            st.tuples(st.sampled_from([*USERS, DORA]), st.booleans(), guests, days),
            min_size=1,
            max_size=3,
        ),
        policies=st.tuples(
            *[st.sampled_from(["ask", "odoo", "outlook", "newest"])] * len(USERS)
        ),
    )
    def begin(self, enabled, meetings, policies):
        self.exchange = Exchange([*USERS, DORA])
        accounts = [
            Account(
                address,
                {name: Calendar(name, name != "attic") for name in CALENDARS},
                policy=policy,
            )
            for address, policy in zip(USERS, policies, strict=True)
        ]
        self.odoo = Odoo(accounts, lambda: self.exchange.now)
        self.laws = Laws(self.odoo, self.exchange)
        self.puller = Puller(self.odoo, self.exchange)
        self.pusher = Pusher(self.odoo, self.exchange, self.puller)
        for account in accounts:
            if account.address in enabled:
                self.odoo.switch_on(account)
        for who, in_odoo, guests, day in meetings:
            if in_odoo and who in USERS:
                self.create_in_odoo(who, "main", guests, day)
            else:
                self.create_in_outlook(who, "main", guests, day)
        self.rest("odoo")

    # --- people in Odoo -------------------------------------------------------------

    @rule(
        who=users, calendar=st.sampled_from(["main", "side"]), guests=guests, day=days
    )
    def create_in_odoo(self, who, calendar, guests, day):
        self.tick()
        content = Content("Lunch", times_of(day), attendees=listed(guests, who))
        event = self.odoo.create(content, who, calendar)
        self.laws.hear(event.meeting, "odoo", None, event.content)

    @precondition(lambda self: self.odoo.living())
    @rule(which=picks, edit=edits, insists=st.booleans())
    def edit_in_odoo(self, which, edit, insists):
        """:param insists: whether a module writes a field that people may not edit."""
        self.tick()
        self._edit_in_odoo(self.event(which), *edit, insists=insists)

    def _edit_in_odoo(self, event, name, value, *, insists=False):
        if name == "attendees":
            value = listed(value, event.organizer)
        before, is_locked = event.content, self.odoo.is_locked(event)
        links = self.odoo.links_of(event)
        is_off = any(link.state == "calendar_off" for link in links)
        if value == getattr(before, name):
            return False
        if not self.odoo.edit(event, name, value, insists=insists):
            return False
        invited = {attendee.email for attendee in event.content.attendees}
        self.laws.hear_away(event, {*USERS} - invited)
        # An edit that only the organizer may make may stay in Odoo, or be undone.
        self.laws.hear(
            event.meeting,
            "odoo",
            before,
            event.content,
            stays=not (is_locked or is_off),
        )
        self.puller.review(event)
        return True

    @precondition(lambda self: self.odoo.living())
    @rule(which=picks, unlink=st.booleans())
    def delete_in_odoo(self, which, unlink):
        self._delete_in_odoo(self.event(which), unlink=unlink)

    def _delete_in_odoo(self, event, *, unlink):
        self.tick()
        organizer = self.odoo.accounts.get(event.organizer or "")
        links = self.odoo.links_of(event)
        self.laws.hear_deletion(
            event.meeting,
            "odoo",
            reaches_organizer=not (
                organizer and links and not self.odoo.link_of(event, organizer)
            ),
        )
        if unlink:
            self.laws.hear_away(event, {*USERS})
        if any(link.state == "calendar_off" for link in links):
            self.laws.parted.add(event.meeting)
        self.odoo.delete(event, unlink=unlink)

    @precondition(lambda self: self.odoo.living())
    @rule(which=picks, calendar=st.sampled_from(["main", "side"]))
    def move_in_odoo(self, which, calendar):
        self._move_in_odoo(self.event(which), calendar)

    def _move_in_odoo(self, event, calendar):
        self.tick()
        if event.organizer and self.odoo.accounts[event.organizer].enabled:
            moved = self.odoo.move(event, calendar)
            if moved:
                self.laws.edited.add((event.meeting, "odoo"))
                self.laws.acts[event.meeting] += 1  # new attendees get a mail

    @precondition(lambda self: self.answerable())
    @rule(which=picks, reply=replies)
    def reply_in_odoo(self, which, reply):
        self.tick()
        found = self.answerable()
        link = found[which % len(found)]
        event = link.event
        if self.odoo.reply(event, link.account.address, reply):
            self.laws.hear_reply(event, link, reply)

    # --- people in Outlook ----------------------------------------------------------

    @rule(
        who=st.sampled_from([*USERS, DORA]),
        calendar=st.sampled_from(["main", "side"]),
        guests=guests,
        day=days,
    )
    def create_in_outlook(self, who, calendar, guests, day):
        content = Content("Lunch", times_of(day), attendees=listed(guests, who))
        item = self.exchange.create(who, calendar, content, by=who)
        self.laws.hear(item.uid, "outlook", None, content)

    @precondition(lambda self: self.items())
    @rule(which=picks, edit=edits)
    def edit_in_outlook(self, which, edit):
        self._edit_in_outlook(self.item(which), *edit)

    def _edit_in_outlook(self, item, name, value):
        if name == "attendees":
            value = listed(value, item.organizer)
        if not item.is_organizer and name in ORGANIZER_FIELDS:
            return
        before = item.content
        after = replace(before, **{name: value})
        if after == before:
            return
        self.exchange.update(item.remote_id, [name], after, by=item.mailbox)
        if not item.is_organizer:
            before = after  # personal fields are not in the laws
        meeting, copy = self.laws.meeting_of(item), self.laws.copy_of_move(item)
        self.laws.hear(meeting, "outlook", before, after, copy=copy)

    @precondition(lambda self: self.items())
    @rule(which=picks)
    def delete_in_outlook(self, which):
        item = self.item(which)
        if item.is_organizer:
            meeting = self.laws.meeting_of(item)
            self.laws.hear_deletion(meeting, "outlook")
            if not any(link.remote_id == item.remote_id for link in self.odoo.links):
                self.laws.acts[meeting] += 1  # Odoo may not know yet that it created it
        self.exchange.delete(item.remote_id, by=item.mailbox)

    @precondition(lambda self: self.invitations())
    @rule(which=picks)
    def throw_invitation_away(self, which):
        """Delete an invitation in Outlook; no one gets a mail."""
        found = self.invitations()
        item = found[which % len(found)]
        self.exchange.delete(item.remote_id, by=item.mailbox)

    @precondition(lambda self: self.clashing())
    @rule(which=picks, edit=clashes)
    def edit_both_sides(self, which, edit):
        """Edit a field in Odoo and, as the organizer, in Outlook at the same time."""
        found = self.clashing()
        link = found[which % len(found)]
        self.tick()
        name, here, there = edit
        self._edit_in_odoo(link.event, name, here)
        self._edit_in_outlook(self.exchange.items[link.remote_id], name, there)

    @precondition(lambda self: self.items())
    @rule(which=picks, calendar=st.sampled_from(CALENDARS))
    def move_in_outlook(self, which, calendar):
        item = self.item(which)
        if item.calendar != calendar:
            self.exchange.move(item.remote_id, calendar)

    @precondition(lambda self: self.invitations())
    @rule(which=picks, reply=replies)
    def reply_in_outlook(self, which, reply):
        self.tick()
        found = self.invitations()
        item = found[which % len(found)]
        if item.own_reply != reply:
            self.exchange.reply(item.remote_id, reply, by=item.mailbox)
            self.laws.replies_to(item.remote_id).append(reply)
            self.laws.edited.add((self.laws.meeting_of(item), "outlook"))  # its showAs

    # --- everything else ------------------------------------------------------------

    @rule(count=st.integers(1, 8))
    def days_pass(self, count):
        self.exchange.now += timedelta(days=count)

    @rule(who=users)
    def switch(self, who):
        account = self.odoo.accounts[who]
        if account.enabled:
            self.laws.hear_switch_off(account)
            self.odoo.switch_off(account)
        else:
            self.odoo.switch_on(account)

    @precondition(lambda self: self.conflicts())
    @rule(which=picks, keep=st.sampled_from(["odoo", "outlook"]))
    def decide(self, which, keep):
        self.tick()
        found = self.conflicts()
        self._decide(found[which % len(found)], keep)

    def _decide(self, link, keep):
        theirs, _change_key = link.conflict
        if keep == "outlook" and not (link.event and link.event.active):
            self.laws.hear_deletion_refused(link, "odoo")
        elif keep == "odoo" and theirs is None:
            self.laws.hear_deletion_refused(link, "outlook")
        if link.event and keep == "odoo":
            self.laws.acts[link.event.meeting] += 1
        elif keep == "odoo":
            for item in self.exchange.items.values():
                if item.remote_id == link.remote_id:
                    self.laws.acts[self.laws.meeting_of(item)] += 1
        self.puller.decide(link, keep)

    @rule(
        which=picks,
        jobs=st.integers(1, 6),
        backwards=st.booleans(),
        size=st.sampled_from([1, 3, 99]),
    )
    def pull(self, which, jobs, backwards, size):
        syncing = [one for one in self.odoo.accounts.values() if one.enabled]
        if not syncing:
            return
        account = syncing[which % len(syncing)]
        account.pull_requested = True
        for _job in range(jobs):
            self.puller.job(account, backwards=backwards, size=size)
        self.puller.stop_waiting()

    @precondition(lambda self: self.sending())
    @rule(
        which=picks,
        outcomes=st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=4),
    )
    def push(self, which, outcomes):
        found = self.sending()
        for outcome in outcomes:
            self.pusher.job(found[which % len(found)], outcome)

    @precondition(lambda self: self.sending())
    @rule(which=picks, is_deleted=st.booleans(), unlink=st.booleans())
    def pull_before_another_try(self, which, is_deleted, unlink):
        """Lose all responses of a mailbox, and read it before the next try.

        :param is_deleted: whether an event of a lost create is deleted in between
        """
        found = self.sending()
        account = found[which % len(found)]
        self.pusher.job(account, "answer lost")
        created = [
            entry.event
            for entry in self.odoo.outbox
            if entry.account is account
            and entry.state == "pending"
            and entry.sent_content
            and entry.event in self.odoo.living()
        ]
        if is_deleted and created:
            self._delete_in_odoo(created[0], unlink=unlink)
        self._pull_all(account)

    @precondition(lambda self: self.movable())
    @rule(which=picks, calendar=st.sampled_from(["main", "side"]), edit=edits)
    def edit_during_a_move(self, which, calendar, edit):
        """Edit in Outlook the event that a move in Odoo is about to delete.

        No attendees are added: for a moment, they would have two invitations.
        """
        found = self.movable()
        link = found[which % len(found)]
        remote_id = link.remote_id
        self._move_in_odoo(link.event, calendar)
        for _job in range(3):
            if link.remote_id == remote_id:
                self.pusher.job(link.account)
        item = self.exchange.items[remote_id]
        if link.remote_id != remote_id and item.is_live and edit[0] != "attendees":
            self._edit_in_outlook(item, *edit)

    def _pull_all(self, account):
        account.pull_requested = True
        for _job in range(PATIENCE):
            if not self.puller.job(account):
                return

    @rule(keep=st.sampled_from(["odoo", "outlook"]))
    def rest(self, keep):
        """End the faults and resolve all conflicts: the sync comes to rest."""
        self.calm_down(keep)
        self.laws.check_calm()
        before = self.state()
        self.work()
        assert self.state() == before, "the sync wrote something at rest"

    @precondition(lambda self: self.odoo.living())
    @rule(which=picks, edit=edits)
    def edit_alone(self, which, edit):
        """Check that one edit of the organizer alone causes one mail to each."""
        self.rest("odoo")
        if not self.odoo.living():
            return
        event = self.event(which)
        link, name = self.odoo.primary(event), edit[0]
        is_there = link and link.is_organizer and link.state == "synced"
        if not is_there or not link.account.enabled or name in PERSONAL_FIELDS:
            return
        if event.meeting in self.laws.unknown:
            return
        item = self.exchange.items[link.remote_id]
        if not (item.is_live and self.laws.is_listed(item)):
            return  # the laws do not know its edits in Outlook
        before = self.exchange.mails_of_sync.copy()
        was = {one.email for one in event.content.attendees}
        self.tick()
        if not self._edit_in_odoo(event, *edit):
            return
        now = {one.email for one in event.content.attendees}
        self.rest("odoo")
        mails = self.exchange.mails_of_sync - before
        told = {who for _kind, _uid, who in mails}
        assert told == (was ^ now if name == "attendees" else was | now)
        assert set(mails.values()) <= {1}

    # --- laws -----------------------------------------------------------------------

    @invariant()
    def laws_hold(self):
        if hasattr(self, "laws"):
            self.laws.check_always()

    def teardown(self):
        if hasattr(self, "laws"):
            self.rest("outlook")

    def calm_down(self, keep):
        self.exchange.now += timedelta(hours=2)  # no copy waits longer for an organizer
        self.puller.stop_waiting()
        self.work()
        for _round in range(PATIENCE):
            conflicts = self.conflicts()
            for link in conflicts:
                self._decide(link, keep)
            words = 0
            for account in self.odoo.accounts.values():
                if account.enabled:
                    events = self.odoo.give_consent(account)
                    words += len(events)
                    for event in events:
                        self.laws.acts[event.meeting] += 1
            self.work()
            if not conflicts and not words:
                return
        raise AssertionError("people are asked again and again")

    def work(self):
        """Do all jobs of all mailboxes."""
        for account in self.odoo.accounts.values():
            account.pull_requested = True
        for _job in range(PATIENCE):
            busy = False
            for account in self.odoo.accounts.values():
                busy |= self.puller.job(account)
                busy |= self.pusher.job(account)
            if not busy:
                return
        raise AssertionError("the sync never comes to rest")

    def state(self):
        """Return the state that must not change without edits."""
        return (
            [
                (event.content, event.active, event.replies)
                for event in self.odoo.events
            ],
            [
                (item.change_key, item.is_deleted)
                for item in self.exchange.items.values()
            ],
            [
                (x.state, x.is_primary, x.needs_read, x.remote_id)
                for x in self.odoo.links
            ],
            len(self.odoo.outbox),
        )

    # --- picking --------------------------------------------------------------------

    def tick(self):
        """Let a minute pass, so that no two edits have the same time."""
        self.exchange.now += timedelta(minutes=1)

    def sending(self):
        """Return the mailboxes with pending entries."""
        pending = [x.account for x in self.odoo.outbox if x.state == "pending"]
        return [
            account
            for account in self.odoo.accounts.values()
            if account.enabled and account in pending
        ]

    def event(self, which):
        found = self.odoo.living()
        return found[which % len(found)]

    def items(self):
        return [item for item in self.exchange.items.values() if item.is_live]

    def item(self, which):
        found = self.items()
        return found[which % len(found)]

    def invitations(self):
        return [item for item in self.items() if not item.is_organizer]

    def clashing(self):
        """Return the links of events that exist on both sides."""
        return [
            link
            for link in self.odoo.links
            if link.is_primary
            and link.event in self.odoo.living()
            and link.remote_id in self.exchange.items
            and self.exchange.items[link.remote_id].is_live
        ]

    def movable(self):
        """Return the links of events without attendees that both sides have."""
        return [
            link
            for link in self.clashing()
            if link.is_organizer
            and link.account.enabled
            and link.state == "synced"
            and not link.event.content.attendees
        ]

    def answerable(self):
        """Return the links of invitations that allow a reply in Odoo."""
        return [
            link
            for link in self.odoo.links
            if link.state in ("synced", "conflict", "calendar_off")
            and link.account.enabled
            and link.event in self.odoo.living()
            and link.account.address
            in {attendee.email for attendee in link.event.content.attendees}
        ]

    def conflicts(self):
        return [
            link
            for link in self.odoo.links
            if link.conflict and link.state == "conflict" and link.account.enabled
        ]


TestMeetings = Meetings.TestCase
TestMeetings.settings = walk_settings(150, steps=30)
