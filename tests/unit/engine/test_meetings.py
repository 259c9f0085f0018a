"""Test which copy of a meeting counts, and the next step for the other copies."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.link_facts import LinkFacts
from praetorx_ms365_calendar.engine.meetings import (
    MAY_BE_EDITED,
    WAIT_FOR_ORGANIZER,
    Gone,
    Newcomer,
    as_owner_sees,
    comes_back,
    fits_stock_id,
    is_dealt_with,
    is_unlisted_for_good,
    is_what_was_sent,
    may_be_gone,
    may_be_primary,
    may_have_moved,
    must_verify,
    plan_gone,
    plan_newcomer,
    represents_meeting,
    should_be_primary,
    waits_for_organizer,
)
from praetorx_ms365_calendar.engine.snapshot import (
    Attendee,
    Content,
    RemoteEvent,
    Times,
)

SECOND = timedelta(seconds=1)
flags = st.booleans()
directions = st.sampled_from(["both", "outlook_to_odoo", "odoo_to_outlook"])


# --- own events -----------------------------------------------------------------------

ANNA, BEN = Attendee("anna@example.com"), Attendee("ben@example.com")
ALONE = Content("Lunch", Times("2026-03-02T09:00:00", "2026-03-02T10:00:00"))
WITH_ANNA = replace(ALONE, attendees=(ANNA,))


@pytest.mark.parametrize(
    ("organizer", "content", "response", "is_own"),
    [
        (ANNA, WITH_ANNA, "none", True),
        (BEN, WITH_ANNA, "accepted", False),
        (BEN, ALONE, "organizer", False),
        (None, ALONE, "none", True),
        (None, ALONE, "organizer", True),
        (None, WITH_ANNA, "organizer", True),
        # The organizer has no mail address: a person from an old directory.
        (None, WITH_ANNA, "notResponded", False),
        (None, ALONE, "accepted", False),
    ],
)
def test_own_event_that_graph_reports_as_not_own(organizer, content, response, is_own):
    remote = RemoteEvent(
        "R1",
        "CK1",
        "singleInstance",
        content,
        is_organizer=False,
        organizer=organizer,
        own_reply=response,
    )
    assert as_owner_sees(remote, {"anna@example.com"}).is_organizer is is_own
    own = replace(remote, is_organizer=True)
    assert as_owner_sees(own, set()) == own


# --- versions -------------------------------------------------------------------------


def is_known(change_key="CK1", modified_at=None, **doubts):
    remote = RemoteEvent(
        "R1", "CK1", "singleInstance", None, modified_at="2026-03-02T09:00:00Z"
    )
    link = LinkFacts("synced", change_key=change_key, modified_at=modified_at, **doubts)
    return is_dealt_with(remote, link)


def test_applied_version_is_not_applied_again():
    assert is_known()
    assert not is_known("CK0")


def test_older_version_on_a_page_is_not_applied():
    assert is_known("CK2", "2026-03-02T09:00:01Z")
    assert not is_known("CK2", "2026-03-02T08:59:59Z")


@pytest.mark.parametrize("doubt", ["needs_read", "awaits_outcome"])
def test_known_version_is_applied_if_it_must_be_verified(doubt):
    assert not is_known(**{doubt: True})


# --- the copy that counts -------------------------------------------------------------


@given(flags, flags, flags)
def test_copy_of_the_organizer_is_always_primary(has_primary, syncs, uses_stock):
    assert should_be_primary(
        is_organizer=True,
        has_primary=has_primary,
        organizer_syncs=syncs,
        organizer_uses_stock=uses_stock,
    )


@given(flags, flags, flags)
def test_attendees_copy_is_primary_if_no_other_copy_can_be(
    has_primary, syncs, uses_stock
):
    is_primary = should_be_primary(
        is_organizer=False,
        has_primary=has_primary,
        organizer_syncs=syncs,
        organizer_uses_stock=uses_stock,
    )
    assert is_primary == (not any([has_primary, syncs, uses_stock]))


@given(flags, flags, flags, flags, flags)
def test_stock_id_of_an_own_meeting_fits_own_events(
    is_own, has_organizer, organizer_fits, owner_attends, maker_fits
):
    fits = fits_stock_id(
        is_organizer=True,
        owner_organizes=is_own,
        has_organizer=has_organizer,
        organizer_fits=organizer_fits,
        owner_attends=owner_attends,
        maker_fits=maker_fits,
    )
    assert fits == is_own


@given(flags, flags, flags, flags)
def test_stock_id_of_an_invitation_fits_if_the_people_fit(
    has_organizer, organizer_fits, owner_attends, maker_fits
):
    fits = fits_stock_id(
        is_organizer=False,
        owner_organizes=False,
        has_organizer=has_organizer,
        organizer_fits=organizer_fits,
        owner_attends=owner_attends,
        maker_fits=maker_fits,
    )
    others_fit = organizer_fits if has_organizer else maker_fits
    assert fits == (owner_attends and others_fit)


def test_only_a_synced_copy_in_a_synced_mailbox_inherits():
    assert may_be_primary("synced", enabled=True)
    assert not may_be_primary("synced", enabled=False)
    for state in ("waiting", "deleted_there", "gone", "calendar_off", "conflict"):
        assert not may_be_primary(state, enabled=True)


def test_copy_waits_for_its_organizer_for_an_hour_and_no_longer():
    same = [(ALONE, MAY_BE_EDITED)]
    other = [(replace(ALONE, subject="Dinner"), MAY_BE_EDITED)]

    def waits(waited, brings_it=True, unanswered=()):
        return waits_for_organizer(
            ALONE, organizer_brings_it=brings_it, waited=waited, unanswered=unanswered
        )

    assert waits(None)
    assert waits(WAIT_FOR_ORGANIZER - SECOND)
    assert not waits(WAIT_FOR_ORGANIZER)
    assert not waits(None, brings_it=False)
    for waited in (None, WAIT_FOR_ORGANIZER):
        assert waits(waited, brings_it=False, unanswered=[*other, *same])
    assert waits(WAIT_FOR_ORGANIZER, unanswered=other)
    assert not waits(WAIT_FOR_ORGANIZER, brings_it=False, unanswered=other)


def test_copy_is_recognized_by_its_subject_and_times():
    sent = Content("Lunch", Times("2026-03-02T10:00:00", "2026-03-02T11:00:00"))
    longer = Times("2026-03-02T10:00:00", "2026-03-02T12:00:00")
    the_same = replace(sent, show_as="tentative", body="Hello")
    edited = replace(sent, subject="Dinner"), replace(sent, times=longer)
    another = replace(sent, subject="Dinner", times=longer)
    for age, is_recent in ((MAY_BE_EDITED - SECOND, True), (MAY_BE_EDITED, False)):
        assert is_what_was_sent(the_same, sent, age)
        assert [is_what_was_sent(one, sent, age) for one in edited] == [is_recent] * 2
        assert not is_what_was_sent(another, sent, age)


@pytest.mark.parametrize("state", ["deleted_here", "deleted_there", "kept_there"])
def test_copy_of_an_attendee_that_left_is_not_the_meetings_state(state):
    assert not represents_meeting(LinkFacts(state, is_primary=True))
    assert represents_meeting(LinkFacts(state, is_primary=True, is_organizer=True))
    assert represents_meeting(LinkFacts("synced", is_primary=True))
    assert not represents_meeting(LinkFacts("synced", is_organizer=True))


# --- gone -----------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["synced", "conflict", "deleted_here", "gone"])
def test_first_copy_is_read_because_of_a_second_one(state):
    assert may_be_gone(state)


@pytest.mark.parametrize("state", [None, "kept_there"])
def test_first_copy_that_is_not_followed_is_not_read(state):
    assert not may_be_gone(state)


@pytest.mark.parametrize("state", ["synced", "conflict", "waiting", "quarantined"])
def test_removed_event_is_verified_unless_it_was_moved(state):
    assert must_verify(state, listed_elsewhere=False)
    assert not must_verify(state, listed_elsewhere=True)


@pytest.mark.parametrize("state", ["deleted_here", "deleted_there", "calendar_off"])
def test_removed_event_without_an_active_link_is_not_verified(state):
    assert not must_verify(state, listed_elsewhere=False)


def test_event_listed_in_the_new_window_was_not_moved():
    def moved(round_kind, seen_in=7):
        return may_have_moved(round_kind=round_kind, seen_in=seen_in, round_number=7)

    assert not moved("retiring")
    assert moved("retiring", seen_in=6)
    assert moved("delta") and moved(None)


def test_event_is_dropped_when_the_next_round_does_not_list_it():
    assert not is_unlisted_for_good(missed_in_round=4, rounds_ended=4)
    assert is_unlisted_for_good(missed_in_round=4, rounds_ended=5)


def test_only_an_event_archived_by_the_sync_is_restored():
    def back(**values):
        how = {"is_active": False, "state": "synced", "archived_by_sync": False}
        return comes_back(**{"is_deleted_here": False} | how | values)

    assert back(state="deleted_there")
    assert back(archived_by_sync=True)
    assert not back()
    assert not back(is_active=True, state="deleted_there")
    assert not back(state="deleted_there", is_deleted_here=True)


def gone(*, is_primary=True, is_organizer=True, has_meeting=True, **values):
    link = LinkFacts(
        "synced",
        has_meeting=has_meeting,
        is_primary=is_primary,
        is_organizer=is_organizer,
    )
    how = {"is_over": False, "is_cancelled": False, "has_next_primary": False}
    return plan_gone(link, **{"direction": "both"} | how | values)


def test_event_deleted_by_the_organizer_is_deleted_in_odoo():
    assert gone() is gone(has_next_primary=True) is Gone.DELETE


def test_another_copy_becomes_primary_when_an_attendee_leaves():
    assert gone(is_organizer=False, has_next_primary=True) is Gone.MOVE_PRIMARY
    assert gone(is_organizer=False) is Gone.DELETE


def test_no_copy_becomes_primary_after_a_cancellation():
    assert (
        gone(is_organizer=False, has_next_primary=True, is_cancelled=True)
        is Gone.DELETE
    )


def test_odoo_keeps_the_event_if_outlook_is_not_read():
    assert gone(direction="odoo_to_outlook") is Gone.LET_GO


@given(flags, flags, flags, directions)
def test_copy_that_is_not_primary_leaves_a_tombstone(
    is_organizer, is_cancelled, has_next_primary, direction
):
    rest = {
        "is_organizer": is_organizer,
        "is_cancelled": is_cancelled,
        "has_next_primary": has_next_primary,
        "direction": direction,
    }
    assert gone(is_primary=False, **rest) is Gone.TOMBSTONE
    assert gone(has_meeting=False, **rest) is Gone.TOMBSTONE
    assert gone(is_over=True, **rest) is Gone.TOMBSTONE


# --- new ------------------------------------------------------------------------------


def newcomer(**values):
    return plan_newcomer(
        **{
            "own_create": None,
            "is_known": False,
            "former_state": None,
            "former_is_shared": False,
            "is_organizer": True,
            "has_twin": False,
            "is_shared": False,
            "direction": "both",
            "waits": False,
        }
        | values
    )


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({}, Newcomer.NEW),
        ({"waits": True}, Newcomer.WAITS),
        ({"direction": "odoo_to_outlook"}, Newcomer.NOT_WANTED),
        ({"is_known": True}, Newcomer.KNOWN),
        ({"is_known": True, "direction": "odoo_to_outlook"}, Newcomer.KNOWN),
        ({"own_create": "alive"}, Newcomer.OWN),
        ({"own_create": "deleted"}, Newcomer.OWN_DELETED),
        ({"has_twin": True}, Newcomer.SECOND_COPY),
        ({"has_twin": True, "is_shared": True}, Newcomer.OTHER_VIEW),
        ({"is_known": True, "former_state": "synced"}, Newcomer.SECOND_COPY),
        (
            {"is_known": True, "former_state": "synced", "former_is_shared": True},
            Newcomer.TAKES_PLACE,
        ),
    ],
)
def test_kind_of_an_event_without_a_link(values, kind):
    assert newcomer(**values) is kind


@pytest.mark.parametrize("former_state", ["deleted_there", "gone"])
def test_invitation_that_comes_again_restores_the_meeting(former_state):
    again = {"is_known": True, "former_state": former_state}
    assert newcomer(**again, is_organizer=False) is Newcomer.RETURNS
    # If the organizer deleted an event and has it again, it is another event.
    assert newcomer(**again) is Newcomer.SECOND_COPY


@given(st.sampled_from(["alive", "deleted"]), flags, flags, flags, directions)
def test_own_create_is_never_another_kind(
    own_create, is_known, has_twin, waits, direction
):
    kind = newcomer(
        own_create=own_create,
        is_known=is_known,
        has_twin=has_twin,
        waits=waits,
        direction=direction,
    )
    assert kind in (Newcomer.OWN, Newcomer.OWN_DELETED)
