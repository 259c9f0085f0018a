"""Test which side wins by a policy, and when a person is still asked."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from content_samples import edited_sides
from hypothesis import given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.conflict_policy import apply_policy, newest, winner
from praetorx_ms365_calendar.engine.merge import (
    DELETED,
    adopt,
    apply_choices,
    deletion,
    three_way_merge,
)

NOON = datetime(2026, 3, 1, 12, 0, 0)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1))
policies = st.sampled_from(["ask", "odoo", "outlook", "newest"])
sides = st.sampled_from(["odoo", "outlook"])


def as_graph_writes(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds") + "0Z"


# --- newest ---------------------------------------------------------------------------


@given(moments, moments)
def test_later_edit_wins(edited_at, modified_at):
    side = newest(edited_at, as_graph_writes(modified_at))

    if edited_at.replace(microsecond=0) == modified_at.replace(microsecond=0):
        assert side is None
    else:
        assert side == ("odoo" if edited_at > modified_at else "outlook")


@given(moments, moments)
def test_newest_treats_both_sides_alike(first, second):
    """If the two times are exchanged, the other side wins."""
    opposite = {"odoo": "outlook", "outlook": "odoo", None: None}

    here = newest(first, as_graph_writes(second))
    there = newest(second, as_graph_writes(first))
    assert here == opposite[there]


@pytest.mark.parametrize("decimals", ["", ".1", ".1234567"])
def test_decimals_of_seconds_are_ignored(decimals):
    assert newest(NOON, f"2026-03-01T12:00:00{decimals}Z") is None
    assert newest(NOON, f"2026-03-01T11:59:59{decimals}Z") == "odoo"
    assert newest(NOON, f"2026-03-01T12:00:01{decimals}Z") == "outlook"


@pytest.mark.parametrize("modified_at", [None, "", "soon", "0001-01-01T00:00:00Z"])
def test_unknown_time_of_the_edit_in_outlook_asks(modified_at):
    assert newest(NOON, modified_at) is None


def test_unknown_time_of_the_edit_in_odoo_asks():
    assert newest(None, "2026-03-01T12:00:00Z") is None


# --- policies -------------------------------------------------------------------------


def test_each_policy_has_its_winner():
    earlier = as_graph_writes(NOON - timedelta(minutes=1))
    found = {
        policy: winner(policy, edited_at=NOON, modified_at=earlier)
        for policy in ("ask", "odoo", "outlook", "newest", "unheard of")
    }

    assert found == {
        "ask": None,
        "odoo": "odoo",
        "outlook": "outlook",
        "newest": "odoo",
        "unheard of": None,
    }


@given(edited_sides(), sides)
def test_policy_decides_as_a_person_would(sides, side):
    base, ours, theirs = sides
    merge = three_way_merge(base, ours, theirs)

    decided = apply_policy(merge, ours, side, agreed_before=True)
    assert decided == apply_choices(merge, ours, side)
    assert not decided.conflicts
    assert decided.decided == merge.conflicts


@given(edited_sides(), policies)
def test_policy_changes_nothing_without_a_conflict(sides, policy):
    base, ours, _theirs = sides
    merge = three_way_merge(base, ours, base.theirs)

    assert apply_policy(merge, ours, policy, agreed_before=True) == merge


@given(edited_sides())
def test_policy_ask_keeps_the_conflict(sides):
    base, ours, theirs = sides
    merge = three_way_merge(base, ours, theirs)

    assert apply_policy(merge, ours, "ask", agreed_before=True) == merge


@given(edited_sides())
def test_events_that_never_agreed_are_not_sent(sides):
    """Complaint odoo/documentation#803: a first sync mails all attendees."""
    _base, ours, theirs = sides
    merge = adopt(ours, theirs)

    assert not apply_policy(merge, ours, "odoo", agreed_before=False).to_graph
    taken = apply_policy(merge, ours, "outlook", agreed_before=False)
    assert not taken.to_graph
    assert not taken.conflicts


@given(edited_sides(), sides)
def test_policy_decides_a_deletion_like_an_edit(sides, side):
    _base, ours, _theirs = sides
    decided = apply_policy(
        deletion(ours, is_contested=True), ours, side, agreed_before=True
    )

    assert not decided.conflicts
    assert decided.kept_odoo == ({DELETED} if side == "odoo" else frozenset())
    assert decided.kept_outlook == ({DELETED} if side == "outlook" else frozenset())
    assert not decided.to_odoo | decided.to_graph
