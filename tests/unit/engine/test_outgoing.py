"""Test which request the recorded edits of one event need."""

import pytest

from praetorx_ms365_calendar.engine.link_facts import LinkFacts
from praetorx_ms365_calendar.engine.outgoing import (
    Outgoing,
    is_recorded,
    plan_outgoing,
)

#: An event that both sides have.
LINKED = {"state": "synced", "has_remote": True}


#: Parameters that are not facts of the link.
OTHERS = {
    "deletes": False,
    "is_alive": True,
    "is_in_series": False,
    "is_to_move": False,
    "is_series": False,
    "is_held": False,
    "is_copy_lost": False,
}


def step(**values):
    others = {name: values.pop(name, usual) for name, usual in OTHERS.items()}
    facts = LinkFacts(**{"is_organizer": True, "is_primary": True} | values)
    return plan_outgoing(facts, **others)


def test_event_missing_in_outlook_is_created():
    assert step() is Outgoing.CREATE
    assert step(state="deleted_there", has_remote=True) is Outgoing.CREATE


def test_event_in_outlook_is_updated_or_moved():
    assert step(**LINKED) is Outgoing.PATCH
    assert step(**LINKED, is_to_move=True) is Outgoing.MOVE


@pytest.mark.parametrize(
    "edit", [{}, {"is_to_move": True}, {"is_alive": False}, {"deletes": True}]
)
def test_copy_of_a_move_without_response_is_searched_first(edit):
    assert step(**LINKED, **edit, is_copy_lost=True) is Outgoing.SEARCH_COPY
    unread = LINKED | {"needs_read": True}
    assert step(**unread, **edit, is_copy_lost=True) is Outgoing.READ


def test_edit_is_sent_by_the_primary_mailbox():
    for is_to_move in (True, False):
        nothing = step(**LINKED, is_primary=False, is_to_move=is_to_move)
        assert nothing is Outgoing.NOTHING
    assert step(is_primary=False) is Outgoing.CREATE, "nobody carries it yet"


def test_deleted_event_is_deleted():
    assert step(state="deleted_here", has_remote=True, deletes=True) is Outgoing.DELETE
    assert step(is_alive=False, deletes=True) is Outgoing.DELETE
    assert step(**LINKED, is_alive=False) is Outgoing.DELETE


def test_deletion_is_not_sent_if_outlooks_version_won():
    assert step(**LINKED, deletes=True) is Outgoing.PATCH


@pytest.mark.parametrize("doubt", ["needs_read", "awaits_outcome"])
@pytest.mark.parametrize("deletes", [True, False])
def test_event_is_read_before_a_write_if_its_version_is_unknown(doubt, deletes):
    assert step(**LINKED, **{doubt: True}, deletes=deletes) is Outgoing.READ


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("calendar_off", Outgoing.NOTHING),
        ("conflict", Outgoing.IN_CONFLICT),
        ("gone", Outgoing.AWAITS_DECISION),
    ],
)
def test_edit_waits_in_a_conflict_or_hold(state, expected):
    for deletes in (True, False):
        found = step(state=state, has_remote=True, deletes=deletes)
        assert found is expected


def test_tombstone_has_no_outcome_to_wait_for():
    """The event was deleted in Outlook during a write, and a person restores it."""
    left = {"state": "deleted_there", "has_remote": True}
    assert step(**left, awaits_outcome=True) is Outgoing.CREATE


def test_meeting_cancelled_by_its_organizer_is_not_created_again():
    left = {"state": "deleted_there", "has_remote": True, "is_organizer": False}
    assert step(**left) is Outgoing.NOT_OURS


def test_dates_of_a_series_are_sent_with_it():
    assert step(is_in_series=True) is Outgoing.NOTHING
    assert step(is_in_series=True, deletes=True) is Outgoing.NOTHING
    left = {"state": "deleted_there", "has_remote": True}
    assert step(**left, is_in_series=True) is Outgoing.NOTHING


def test_series_without_occurrences_is_deleted_only_by_a_deletion():
    series = {"is_series": True, "is_alive": False}
    assert step(**LINKED, **series, deletes=True) is Outgoing.DELETE
    assert step(**LINKED, **series) is Outgoing.NOTHING_LEFT
    assert step(**series) is Outgoing.NOTHING


def test_series_is_read_only_if_its_edits_can_be_sent():
    unknown = {"has_remote": True, "needs_read": True, "is_series": True}
    assert step(**unknown, state="synced") is Outgoing.READ
    assert step(**unknown, state="conflict") is Outgoing.IN_CONFLICT
    assert step(**unknown, state="calendar_off") is Outgoing.NOTHING
    assert step(**unknown, state="synced", is_held=True) is Outgoing.AWAITS_DECISION


def test_series_is_created_and_updated():
    assert step(is_series=True) is Outgoing.CREATE
    assert step(**LINKED, is_series=True) is Outgoing.PATCH
    assert step(**LINKED, is_series=True, deletes=True) is Outgoing.PATCH


# --- the outbox -----------------------------------------------------------------------


@pytest.mark.parametrize("deletes", [True, False])
def test_edit_is_recorded_unless_this_mailbox_sends_no_edits(deletes):
    def records(**values):
        link = LinkFacts(**{"is_primary": True, "has_remote": True} | values)
        return is_recorded(link, deletes=deletes, was_sent=True)

    assert records(state="synced")
    assert not records(state="calendar_off")
    assert not records(state="deleted_there"), "its owner has declined"
    assert records(state="deleted_there", is_primary=False)
    assert records(state="deleted_there", is_organizer=True)


def test_deletion_of_an_event_that_never_left_odoo_is_not_recorded():
    assert not is_recorded(LinkFacts(), deletes=True, was_sent=False)
    assert is_recorded(LinkFacts(), deletes=True, was_sent=True)
    assert is_recorded(LinkFacts(), deletes=False, was_sent=False)
    assert is_recorded(LinkFacts("synced"), deletes=True, was_sent=False)
