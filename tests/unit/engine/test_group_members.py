"""Test that a member of an invited group is in Odoo's list only, and stays there."""

from __future__ import annotations

from dataclasses import replace

from content_samples import meeting
from hypothesis import given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.group_members import (
    lists_any,
    with_attendee_here,
    without_attendee_here,
)
from praetorx_ms365_calendar.engine.merge import (
    next_base,
    three_way_merge,
    value_for_odoo,
)
from praetorx_ms365_calendar.engine.snapshot import Attendee, Base

GROUP = Attendee("team@example.com", "Team")
BEN = Attendee("ben@example.com", "Ben")
BENS = frozenset({"ben@example.com", "benjamin@example.com"})
OTHERS = [Attendee(f"guest{number}@example.com", "") for number in range(4)]
LISTS = st.lists(st.sampled_from(OTHERS), unique=True).map(
    lambda people: tuple(sorted([GROUP, *people]))
)


def having(*people: Attendee):
    return meeting(attendees=tuple(sorted(people)))


def after_link() -> Base:
    """Return the base after the member's copy was linked."""
    agreed = Base(having(GROUP), having(GROUP))
    return with_attendee_here(agreed, having(GROUP, BEN), BENS)


def test_a_member_is_on_our_side_only():
    base = after_link()
    assert base.ours.attendees == (BEN, GROUP)
    assert base.theirs.attendees == (GROUP,)
    assert lists_any(base.ours, BENS)
    assert not lists_any(base.theirs, BENS)


def test_only_the_member_is_agreed():
    """An edit of the list that is not sent yet stays an edit."""
    agreed = Base(having(GROUP), having(GROUP))
    base = with_attendee_here(agreed, having(GROUP, BEN, OTHERS[0]), BENS)
    assert base.ours.attendees == (BEN, GROUP)


def test_a_member_is_no_change():
    merge = three_way_merge(after_link(), having(GROUP, BEN), having(GROUP))
    assert merge.agreed


@given(lists=st.lists(LISTS, max_size=5))
def test_a_member_survives_any_changes_of_the_list(lists):
    """The organizer changes the list in Outlook again and again; nothing is sent."""
    base, ours = after_link(), having(GROUP, BEN)
    for people in lists:
        theirs = replace(base.theirs, attendees=people)
        merge = three_way_merge(base, ours, theirs)
        assert "attendees" not in merge.to_graph | merge.conflicts
        ours = value_for_odoo(base, ours, merge)
        base = next_base(base, ours, theirs, merge)
        assert set(ours.attendees) == {BEN, *people}


def test_a_member_who_leaves_is_no_change():
    base = without_attendee_here(after_link(), having(GROUP), BENS)
    assert three_way_merge(base, having(GROUP), having(GROUP)).agreed


def test_a_reply_that_adds_the_member_to_the_list_is_no_change_here():
    theirs = having(GROUP, BEN)
    merge = three_way_merge(after_link(), having(GROUP, BEN), theirs)
    assert not merge.to_graph | merge.to_odoo | merge.conflicts
