"""Test how outbox entries are grouped, and which request of several is sent first."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import pytest
from content_samples import meeting

from praetorx_ms365_calendar.engine.link_facts import LinkFacts
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
from praetorx_ms365_calendar.engine.snapshot import RemoteEvent

NO_LINK = LinkFacts()
LINKED = LinkFacts("synced", has_meeting=True, has_remote=True)


class Entry(NamedTuple):
    event_key: int
    operation: str


def test_entries_of_one_event_are_sent_together_in_their_order():
    edit, other, delete = Entry(1, "upsert"), Entry(2, "upsert"), Entry(1, "delete")
    assert sent_together([edit, other, delete]) == [[edit, delete], [other]]


def test_a_reply_has_a_request_of_its_own():
    edit, reply = Entry(1, "upsert"), Entry(1, "respond")
    assert sent_together([edit, reply]) == [[edit], [reply]]


# --- both events of a move ------------------------------------------------------------


def test_copy_of_a_move_is_deleted_after_the_event_that_is_left_behind():
    deleted = replace(LINKED, state="deleted_here", is_deleted_here=True)
    assert other_event_comes_first(deleted, copy=None, has_left_event=True)
    assert not other_event_comes_first(deleted, copy=None, has_left_event=False)
    assert not other_event_comes_first(LINKED, copy=None, has_left_event=True)


@pytest.mark.parametrize(
    ("copy", "waits"),
    [
        (LINKED, False),
        (LinkFacts("conflict", has_meeting=True, has_remote=True), False),
        (LinkFacts("conflict", has_remote=True, is_deleted_here=True), True),
        (LinkFacts("deleted_here", has_remote=True, is_deleted_here=True), False),
        (LinkFacts("synced", has_remote=True, needs_read=True), True),
        (LinkFacts("deleted_there", has_remote=True), False),
    ],
)
def test_event_left_behind_is_deleted_once_it_is_clear_if_its_copy_stays(copy, waits):
    left = LinkFacts("deleted_here", has_remote=True, is_deleted_here=True)
    assert other_event_comes_first(left, copy=copy, has_left_event=False) is waits


# --- deletions that were undone -------------------------------------------------------


@pytest.mark.parametrize(
    ("deletes", "has_meeting"), [(True, True), (True, False), (False, False)]
)
def test_event_that_outlook_brought_back_is_sent_instead_of_its_deletion(
    deletes, has_meeting
):
    assert deletion_was_undone(
        LINKED, deletes=deletes, has_meeting=has_meeting, is_alive=True
    )


@pytest.mark.parametrize("state", [None, "deleted_here", "gone"])
def test_deletion_counts_unless_the_link_is_synced(state):
    link = LinkFacts(state)
    assert not deletion_was_undone(link, deletes=True, has_meeting=True, is_alive=True)


def test_deletion_counts_if_odoo_does_not_have_the_event():
    assert not deletion_was_undone(
        LINKED, deletes=True, has_meeting=True, is_alive=False
    )


def test_edit_of_an_event_is_no_undone_deletion():
    assert not deletion_was_undone(
        LINKED, deletes=False, has_meeting=True, is_alive=True
    )


# --- creates and moves ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("was_sent", "was_searched", "searches"),
    [(False, False, False), (True, False, True), (True, True, False)],
)
def test_create_is_tried_again_only_after_a_search(was_sent, was_searched, searches):
    assert must_search(was_sent=was_sent, was_searched=was_searched) is searches


def test_lost_create_is_searched_in_all_calendars_to_which_it_may_have_moved():
    others = ["main", "side", "attic"]
    assert places_to_search("side", others, searched=()) == ["side", "main", "attic"]
    assert places_to_search("side", others, searched={"side"}) == ["main", "attic"]


def test_lost_create_is_searched_again_if_its_calendars_are_not_listed_any_more():
    assert places_to_search("main", [], searched={"main"}) == ["main"]


def stamped(remote_id, stamp):
    return RemoteEvent(remote_id, "v1", "singleInstance", meeting(), stamp=stamp)


def test_lost_create_is_the_event_with_the_stamp_that_has_no_link():
    """A copy that a move creates has the stamp of the former event."""
    other, former, copy = stamped("R0", "db/2"), stamped("R1", "db/1"), None
    assert find_lost_create([other, former], stamp="DB/1", known=["R1"]) is copy
    copy = stamped("R2", "DB/1")
    found = find_lost_create([other, former, copy], stamp="db/1", known=["R1"])
    assert found is copy


OWN = LinkFacts("synced", has_remote=True, is_organizer=True, is_primary=True)


@pytest.mark.parametrize(
    ("link", "is_elsewhere", "are_own", "moves"),
    [
        (OWN, True, True, True),
        (OWN, False, True, False),
        (OWN, True, False, False),
        (replace(OWN, is_organizer=False), True, True, False),
        (replace(OWN, is_primary=False), True, True, False),
    ],
)
def test_only_an_own_event_is_moved_between_own_calendars(
    link, is_elsewhere, are_own, moves
):
    assert is_to_move(link, is_elsewhere=is_elsewhere, are_own=are_own) is moves


@pytest.mark.parametrize(
    ("has_base", "source_version", "inspects"),
    [(True, "v2", False), (True, "v1", True), (True, None, True), (False, "v2", True)],
)
def test_event_is_moved_only_in_the_version_that_was_read(
    has_base, source_version, inspects
):
    found = must_inspect(
        has_base=has_base, source_version=source_version, change_key="v2"
    )
    assert found is inspects


def test_event_without_a_known_version_is_read_before_a_move():
    assert must_inspect(has_base=True, source_version=None, change_key=None)


# --- deletions ------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["synced", "deleted_here", "conflict"])
def test_linked_event_is_deleted(state):
    link = LinkFacts(state, has_remote=True)
    assert plan_deletion(link, was_sent=True) is Deletion.DELETE


@pytest.mark.parametrize("state", ["deleted_there", "kept_there"])
def test_event_that_outlook_deleted_or_keeps_is_not_deleted_again(state):
    link = LinkFacts(state, has_remote=True)
    assert plan_deletion(link, was_sent=True) is Deletion.NOTHING


def test_event_of_a_create_without_response_is_searched():
    assert plan_deletion(NO_LINK, was_sent=True) is Deletion.SEARCH


def test_event_that_never_left_odoo_needs_no_deletion():
    assert plan_deletion(NO_LINK, was_sent=False) is Deletion.NOTHING


# --- replies --------------------------------------------------------------------------


def step_for(link, reply="accepted", **facts):
    usual = {
        "is_organizer": False,
        "is_alive": True,
        "has_invitation": True,
        "was_searched": False,
        "was_looked_at": False,
    }
    return plan_reply_request(link, reply=reply, **{**usual, **facts})


def test_own_copy_is_read_before_a_reply_is_sent():
    assert step_for(LINKED) is Reply.LOOK
    assert step_for(LINKED, was_looked_at=True) is Reply.RESPOND


@pytest.mark.parametrize("reply", [None, ""])
def test_reply_that_was_taken_back_is_not_sent(reply):
    assert step_for(LINKED, reply, was_looked_at=True) is Reply.NOTHING


def test_organizer_does_not_reply():
    assert step_for(LINKED, is_organizer=True, was_looked_at=True) is Reply.NOTHING


@pytest.mark.parametrize("link", [NO_LINK, LinkFacts("deleted_here", has_remote=True)])
def test_reply_waits_for_an_invitation_that_may_come(link):
    assert step_for(link, was_looked_at=True) is Reply.AWAIT


def test_reply_to_an_invitation_that_left_the_mailbox_is_lost():
    assert step_for(LinkFacts("deleted_there", has_remote=True)) is Reply.LOST


def test_nothing_is_lost_if_the_person_declined_or_odoo_lost_the_meeting_too():
    gone = LinkFacts("deleted_there", has_remote=True)
    assert step_for(gone, "declined") is Reply.NOTHING
    assert step_for(gone, is_alive=False) is Reply.NOTHING


@pytest.mark.parametrize("reply", ["accepted", "declined"])
def test_reply_waits_for_an_invitation_that_has_come_again(reply):
    for state in ("gone", "deleted_there"):
        left = LinkFacts(state, has_remote=True)
        assert step_for(left, reply, comes_again=True) is Reply.AWAIT
    assert step_for(LINKED, reply, comes_again=True) is Reply.LOOK


# --- replies to series ----------------------------------------------------------------

SERIES = LinkFacts("synced", has_meeting=True, has_remote=True, is_series=True)


def test_series_is_read_for_the_id_of_an_occurrence():
    assert step_for(SERIES, has_invitation=False) is Reply.READ_SERIES
    assert step_for(SERIES) is Reply.LOOK


def test_series_that_may_have_changed_is_read_before_a_reply():
    changed = replace(SERIES, needs_read=True)
    assert step_for(changed, was_searched=True) is Reply.READ_SERIES


def test_reply_to_an_occurrence_that_a_search_did_not_find_is_lost():
    assert step_for(SERIES, has_invitation=False, was_searched=True) is Reply.LOST
    declined = step_for(SERIES, "declined", has_invitation=False, was_searched=True)
    assert declined is Reply.NOTHING


def test_reply_to_the_whole_series_comes_first():
    assert step_for(SERIES, follows_series=True) is Reply.AFTER_SERIES


# --- replies without a copy -----------------------------------------------------------


@pytest.mark.parametrize("is_occurrence", [True, False])
def test_declining_a_copy_that_outlook_deleted_asks_for_nothing(is_occurrence):
    step = plan_reply_without_copy(
        "declined", is_occurrence=is_occurrence, was_searched=False
    )
    assert step is NoCopy.DECLINED


def test_id_of_an_occurrence_is_read_again_only_once():
    """A series that was moved gives its occurrences other ids."""
    first = plan_reply_without_copy("accepted", is_occurrence=True, was_searched=False)
    assert first is NoCopy.READ_SERIES
    second = plan_reply_without_copy("accepted", is_occurrence=True, was_searched=True)
    assert second is NoCopy.LOST


@pytest.mark.parametrize("reply", ["accepted", "declined"])
def test_reply_to_a_missing_copy_is_for_the_one_that_has_come_again(reply):
    def step(*, is_occurrence, was_searched):
        return plan_reply_without_copy(
            reply,
            is_occurrence=is_occurrence,
            was_searched=was_searched,
            has_other_copy=True,
        )

    assert step(is_occurrence=False, was_searched=False) is NoCopy.COMES_AGAIN
    again = step(is_occurrence=False, was_searched=True)
    assert again in (NoCopy.LOST, NoCopy.DECLINED)
    assert step(is_occurrence=True, was_searched=False) is not NoCopy.COMES_AGAIN


@pytest.mark.parametrize("reply", ["accepted", "tentativelyAccepted", None])
def test_reply_to_a_copy_that_outlook_deleted_is_lost(reply):
    step = plan_reply_without_copy(reply, is_occurrence=False, was_searched=False)
    assert step is NoCopy.LOST
