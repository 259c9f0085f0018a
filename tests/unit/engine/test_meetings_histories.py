"""Test histories of meetings that a random walk has found, each at its shortest."""

from __future__ import annotations

from datetime import timedelta

import pytest
from content_samples import people
from test_meetings_walk import ANNA, BEN, USERS, Meetings, times_of


def begin(*, guests=(), policy="ask", enabled=(ANNA,)):
    """Return a walk with one meeting of Anna on both sides."""
    walk = Meetings()
    meetings = [(ANNA, ANNA in enabled, set(guests), 3)]
    walk.begin(enabled={*enabled}, meetings=meetings, policies=(policy,) * len(USERS))
    return walk


def moved(walk):
    """Move the event in Odoo; return it and its copy in Outlook."""
    link = walk.odoo.links[0]
    former = link.remote_id
    walk.move_in_odoo(0, "side")
    while link.remote_id == former:
        walk.pusher.job(link.account)
    return walk.exchange.items[former], walk.exchange.items[link.remote_id]


def moved_without_response(walk):
    """Move the event in Odoo, but lose the response; return it and its copy."""
    account = walk.odoo.links[0].account
    walk.move_in_odoo(0, "side")
    walk.pusher.job(account)
    walk.pusher.job(account, "answer lost")
    former, copy = walk.exchange.items.values()
    return former, copy


def subjects(walk):
    """Return the subjects in Odoo and in Outlook, at rest."""
    here = [event.content.subject for event in walk.odoo.living()]
    return here, [item.content.subject for item in walk.items()]


@pytest.mark.parametrize("unlink", [False, True])
@pytest.mark.parametrize("edited", [(0,), (1,), (0, 1), (1, 0)])
@pytest.mark.parametrize("move", [moved, moved_without_response])
class TestDeletedDuringAMove:
    """During a move, Outlook has two events. An edit of either is an edit."""

    def walk(self, policy, unlink, edited, move):
        """Delete a moved event in Odoo, and edit it in Outlook."""
        walk = begin(policy=policy)
        events = move(walk)
        walk.delete_in_odoo(0, unlink)
        for number in edited:
            walk._edit_in_outlook(events[number], "subject", "Tea")
        return walk

    @pytest.mark.parametrize("policy", ["ask", "outlook", "newest"])
    def test_edit_in_outlook_is_kept(self, policy, unlink, edited, move):
        walk = self.walk(policy, unlink, edited, move)
        walk.rest("outlook")
        assert subjects(walk) == (["Tea"], ["Tea"])

    @pytest.mark.parametrize("policy", ["ask", "odoo"])
    def test_deletion_is_kept(self, policy, unlink, edited, move):
        walk = self.walk(policy, unlink, edited, move)
        walk.rest("odoo")
        assert subjects(walk) == ([], [])


@pytest.mark.parametrize("unlink", [False, True])
@pytest.mark.parametrize("move", [moved, moved_without_response])
def test_deletion_during_a_move_asks_nobody_without_an_edit(unlink, move):
    walk = begin()
    move(walk)
    walk.delete_in_odoo(0, unlink)
    walk.work()
    assert not walk.conflicts()
    walk.rest("outlook")
    assert subjects(walk) == ([], [])


def lost_create(guests=()):
    """Return a walk with a create of Anna that had no response, her sync is off."""
    walk = begin(enabled=(BEN,))
    walk.switch(ANNA)
    walk.rest("odoo")
    walk.create_in_odoo(ANNA, "main", set(guests), 5)
    walk.exchange.now += timedelta(days=1)
    walk.pusher.job(walk.odoo.accounts[ANNA], "answer lost")
    walk.switch(ANNA)
    return walk, list(walk.exchange.items.values())


@pytest.mark.parametrize("guests", [(), (BEN,)])
def test_lost_create_that_is_moved_and_deleted_without_sync_is_not_forgotten(guests):
    walk, items = lost_create(guests)
    made = next(item for item in items if item.content.times == times_of(5))
    walk.exchange.move(made.remote_id, "side")
    event = next(x for x in walk.odoo.living() if x.content.times == times_of(5))
    walk._delete_in_odoo(event, unlink=False)
    walk.switch(ANNA)
    walk.rest("odoo")
    assert not made.is_live


def test_invitation_of_a_create_that_was_sent_late_makes_no_second_event():
    """Outlook has edited the meeting since, so its invitation is another one."""
    walk, items = lost_create([BEN])
    made = next(item for item in items if item.content.times == times_of(5))
    walk._edit_in_outlook(made, "subject", "Tea")
    walk.rest("odoo")
    assert sum(x.content.times == times_of(5) for x in walk.odoo.living()) == 1


def test_invitation_that_comes_again_is_looked_for_in_its_own_calendar():
    """The old copy was moved to another calendar before it was deleted."""
    walk = begin(guests=[BEN], enabled=(BEN,))
    original, copy = walk.exchange.items.values()
    walk.exchange.move(copy.remote_id, "side")
    walk.rest("odoo")
    walk.exchange.delete(copy.remote_id, by=BEN)
    walk.rest("odoo")
    walk._edit_in_outlook(original, "location", "Hall")
    walk.rest("odoo")
    (again,) = walk.exchange.copies(original.uid)[1:]
    walk.exchange.delete(again.remote_id, by=BEN)
    walk._edit_in_outlook(original, "location", "")
    walk.rest("odoo")
    followed = [link for link in walk.odoo.links if link.state == "synced"]
    assert all(walk.exchange.items[link.remote_id].is_live for link in followed)


def deleted_and_invited_again(enabled):
    """Return a walk: Ben deletes his copy, and an update brings him a new one.

    Both happen before Odoo reads his mailbox.
    """
    walk = begin(guests=[BEN], enabled=enabled)
    original, copy = walk.exchange.items.values()
    walk.exchange.delete(copy.remote_id, by=BEN)
    walk._edit_in_outlook(original, "location", "Hall")
    return walk


@pytest.mark.parametrize("enabled", [(BEN,), (ANNA, BEN)])
def test_second_invitation_that_comes_before_the_deletion_is_known_is_taken(enabled):
    walk = deleted_and_invited_again(enabled)
    walk.rest("odoo")
    (event,) = (x for x in walk.odoo.living() if walk.odoo.link_of(x, ben(walk)))
    link = walk.odoo.link_of(event, ben(walk))
    assert (event.content.location, link.state) == ("Hall", "synced")
    assert walk.exchange.items[link.remote_id].is_live


def test_second_invitation_keeps_the_event_in_the_calendar():
    """The event is not archived in the meantime, as Outlook has the meeting."""
    walk = deleted_and_invited_again([BEN])
    (event,) = (x for x in walk.odoo.living() if walk.odoo.link_of(x, ben(walk)))
    walk.work()
    (link,) = walk.odoo.links_of(event)
    assert (event.active, link.archived_event) == (True, False)


def ben(walk):
    return walk.odoo.accounts[BEN]


def test_person_invited_again_after_the_cancellation_was_read_gets_the_event_back():
    """The deletion may be carried out before the next round shows the invitation."""
    walk = begin(guests=[BEN], enabled=[BEN])
    original, copy = walk.exchange.items.values()
    walk._edit_in_outlook(original, "attendees", frozenset())
    link = next(one for one in walk.odoo.links if one.remote_id == copy.remote_id)
    ben(walk).pull_requested = True
    while link.state != "gone":
        walk.puller.job(ben(walk))
    walk._edit_in_outlook(original, "attendees", {BEN})
    walk.rest("odoo")
    assert (link.state, link.event.active) == ("synced", True)


def invited_again():
    """Return a walk where Ben has declined, was invited again, and has accepted.

    Odoo knows both invitations, but not yet that the first one is gone.
    """
    walk = begin(guests=[BEN], enabled=(ANNA, BEN))
    original, _copy = walk.exchange.items.values()
    walk.reply_in_outlook(0, "declined")
    walk._edit_in_outlook(original, "location", "Hall")
    walk.reply_in_outlook(0, "accepted")
    account = walk.odoo.accounts[BEN]
    account.pull_requested = True
    while not any(link.needs_read for link in walk.odoo.links):
        walk.puller.job(account)
    return walk, walk.invitations()[0]


def test_invitation_that_comes_before_the_old_one_is_known_to_be_gone_is_followed():
    walk, again = invited_again()
    walk.rest("odoo")
    followed = [x.remote_id for x in walk.odoo.links if x.state == "synced"]
    assert again.remote_id in followed
    assert walk.odoo.living()[0].replies == {BEN: "accepted"}


@pytest.mark.parametrize("first", ["pull", "push"])
@pytest.mark.parametrize("reply", ["declined", "tentativelyAccepted"])
def test_reply_to_an_old_invitation_reaches_the_one_that_came_again(reply, first):
    walk, again = invited_again()
    walk.reply_in_odoo(0, reply)
    if first == "push":
        walk.pusher.job(walk.odoo.accounts[BEN])
    walk.rest("odoo")
    assert again.own_reply == reply
    assert walk.odoo.living()[0].replies == {BEN: reply}


def deleted_in_odoo_and_moved_away(unlink):
    """Return a walk: Anna has deleted her event in Odoo, and Outlook invites Ben.

    While a person is asked about that, Outlook moves it to a calendar without sync.
    """
    walk = begin()
    (item,) = walk.exchange.items.values()
    walk._edit_in_outlook(item, "attendees", {BEN})
    walk.delete_in_odoo(0, unlink)
    walk.work()
    assert walk.conflicts()
    walk.exchange.move(item.remote_id, "attic")
    walk.work()
    return walk, item


@pytest.mark.parametrize("unlink", [False, True])
@pytest.mark.parametrize("keep", ["odoo", "outlook"])
def test_deletion_is_asked_about_again_when_the_event_is_back(unlink, keep):
    walk, item = deleted_in_odoo_and_moved_away(unlink)
    walk.exchange.move(item.remote_id, "main")
    walk.work()
    assert walk.conflicts()
    walk.rest(keep)
    stays = keep == "outlook"
    assert (bool(walk.odoo.living()), item.is_live) == (stays, stays)


@pytest.mark.parametrize("unlink", [False, True])
def test_deletion_is_sent_if_the_event_is_back_as_it_was(unlink):
    """Outlook has taken back the edit that the deletion was asked about for."""
    walk, item = deleted_in_odoo_and_moved_away(unlink)
    walk._edit_in_outlook(item, "attendees", set())
    walk.exchange.move(item.remote_id, "main")
    walk.rest("outlook")
    assert subjects(walk) == ([], [])


@pytest.mark.parametrize("unlink", [False, True])
def test_copy_that_came_during_a_deletion_is_followed(unlink):
    """Ben has deleted his copy, and the organizer's edit has brought him another."""
    walk = begin(guests=[BEN], enabled=(ANNA, BEN))
    original, copy = walk.exchange.items.values()
    walk.delete_in_odoo(0, unlink)
    walk.exchange.delete(copy.remote_id, by=BEN)
    walk._edit_in_outlook(original, "location", "Hall")
    walk.work()
    assert walk.conflicts()
    walk.rest("outlook")
    (event,) = walk.odoo.living()
    link = walk.odoo.link_of(event, ben(walk))
    assert walk.exchange.items[link.remote_id].is_live


def test_copy_that_came_while_nobody_can_send_the_deletion_is_not_set_aside():
    """The organizer has switched the sync off, and the attendee's copy is another."""
    walk = begin(guests=[BEN], enabled=(ANNA, BEN))
    original, copy = walk.exchange.items.values()
    walk.delete_in_odoo(0, unlink=False)
    walk.switch(ANNA)
    walk.exchange.delete(copy.remote_id, by=BEN)
    walk._edit_in_outlook(original, "location", "Hall")
    walk.rest("odoo")
    walk.switch(ANNA)
    walk.rest("outlook")
    (event,) = walk.odoo.living()
    link = walk.odoo.link_of(event, ben(walk))
    assert walk.exchange.items[link.remote_id].is_live


def test_copy_of_a_meeting_that_was_created_again_takes_the_place_of_the_former_one():
    """Outlook has deleted both copies, and Odoo creates the meeting anew.

    A new window lists the second invitation before Odoo reads that the first is gone.
    """
    walk = begin(guests=[BEN], enabled=(ANNA, BEN), policy="odoo")
    walk.days_pass(3)
    walk.delete_in_outlook(1)
    walk.delete_in_outlook(0)
    walk.edit_in_odoo(0, ("location", "Hall"), insists=False)
    walk.rest("odoo")
    (event,) = walk.odoo.living()
    link = walk.odoo.link_of(event, ben(walk))
    assert walk.exchange.items[link.remote_id].is_live


@pytest.mark.parametrize("enabled", [(BEN,), (ANNA, BEN)])
def test_invitation_takes_the_place_of_one_that_was_deleted_where_nobody_looks(enabled):
    walk = begin(guests=[BEN], enabled=enabled)
    original, copy = walk.exchange.items.values()
    walk.exchange.move(copy.remote_id, "attic")
    walk.rest("odoo")
    walk.exchange.delete(copy.remote_id, by=BEN)
    walk._edit_in_outlook(original, "location", "Hall")
    walk.rest("odoo")
    (link,) = (one for one in walk.odoo.links if one.account is ben(walk))
    assert walk.exchange.items[link.remote_id].is_live
    assert link.event.content.location == "Hall"


@pytest.mark.parametrize("reply", ["accepted", "declined"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_reply_is_sent_although_the_invitation_is_where_nobody_looks(when, reply):
    """:param when: whether the reply is given before or after the move"""
    walk = begin(guests=[BEN], enabled=(BEN,))
    _original, copy = walk.exchange.items.values()
    link = walk.odoo.links[0]
    if when == "before":
        walk.reply_in_odoo(0, reply)
    walk.exchange.move(copy.remote_id, "attic")
    walk._pull_all(ben(walk))
    assert link.state == "calendar_off"
    if when == "after":
        walk.reply_in_odoo(0, reply)
    while walk.pusher.job(ben(walk)):
        pass
    assert copy.own_reply == reply
    assert link.state == ("calendar_off" if copy.is_live else "deleted_there")


def test_attendee_cannot_edit_a_meeting_that_is_known_to_be_gone():
    """Its organizer may be synced again, and only the organizer's edits count."""
    walk = begin(guests=[BEN], enabled=(BEN,))
    walk._edit_in_outlook(walk.item(0), "attendees", set())
    (link,) = walk.odoo.links
    ben(walk).pull_requested = True
    while link.state != "gone":
        walk.puller.job(ben(walk))
    assert not walk._edit_in_odoo(link.event, "location", "Hall")


@pytest.mark.parametrize("is_on", [True, False])
def test_invitation_to_an_event_that_a_move_leaves_behind_makes_no_second_event(is_on):
    """Its organizer adds an attendee in Outlook before the sync deletes it."""
    walk = begin(enabled=(ANNA, BEN))
    former, copy = moved(walk)
    if not is_on:
        walk.switch(ANNA)
    walk._edit_in_outlook(former, "attendees", {BEN})
    walk._pull_all(ben(walk))
    assert len(walk.odoo.living()) == 1
    walk.rest("odoo")
    if not is_on:
        walk.switch(ANNA)
        walk.rest("odoo")
    (event,) = walk.odoo.events
    assert event.content.attendees == copy.content.attendees == people(BEN)
    assert not former.is_live


@pytest.mark.parametrize("jobs_before", range(1, 7))
@pytest.mark.parametrize("jobs_after", range(6))
def test_event_that_an_edit_brings_into_the_window_is_followed(jobs_before, jobs_after):
    """No round has listed it before, and rightly so."""
    walk = begin()
    walk._edit_in_odoo(walk.event(0), "times", times_of(20))
    walk.rest("odoo")
    (link,) = walk.odoo.links
    walk.switch(ANNA)
    walk.switch(ANNA)  # everything is read again
    for _job in range(jobs_before):
        walk.puller.job(link.account)
    walk._edit_in_odoo(link.event, "times", times_of(3))
    link.account.pull_requested = True
    for _job in range(jobs_after):
        walk.puller.job(link.account)
    walk.pusher.job(link.account)
    while walk.puller.job(link.account):
        assert link.state == "synced"
    assert link.state == "synced"
