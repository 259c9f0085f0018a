"""Test decisions for single fields, and their outcome."""

from __future__ import annotations

from dataclasses import replace

import pytest
from content_samples import VALUES, contents, edits, meeting, people
from hypothesis import assume, given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.merge import (
    DELETED,
    SET_FIELDS,
    apply_choices,
    deletion,
    next_base,
    three_way_merge,
    value_for_odoo,
)
from praetorx_ms365_calendar.engine.plan import plan_deletion, plan_patch
from praetorx_ms365_calendar.engine.resolution import foresee
from praetorx_ms365_calendar.engine.snapshot import CONTENT_FIELDS, Base

SIDES = ["odoo", "outlook"]
DISPUTABLE = sorted(set(CONTENT_FIELDS) - SET_FIELDS - {"online_meeting"})
BEN = people("ben@example.com")


@st.composite
def disputes(draw):
    """Return a base, both sides, their merge with conflicts, and a choice for each."""
    content = draw(contents)
    ours = theirs = content
    for name in draw(st.sets(st.sampled_from(DISPUTABLE), min_size=1, max_size=3)):
        mine, yours = draw(
            st.lists(
                VALUES[name].filter(lambda value: value != getattr(content, name)),  # noqa: B023
                min_size=2,
                max_size=2,
                unique_by=repr,
            )
        )
        ours = replace(ours, **{name: mine})
        theirs = replace(theirs, **{name: yours})
    others = frozenset(CONTENT_FIELDS) - ours.changed_fields(content)
    ours, theirs = draw(edits(ours, others)), draw(edits(theirs, others))
    base = Base(content, content)
    merge = three_way_merge(base, ours, theirs)
    assume(merge.conflicts)
    choices = {name: draw(st.sampled_from(SIDES)) for name in sorted(merge.conflicts)}
    return base, ours, theirs, merge, choices


# --- choices --------------------------------------------------------------------------


@given(disputes())
def test_each_field_gets_the_value_of_the_chosen_side(dispute):
    base, ours, theirs, merge, choices = dispute
    decided = apply_choices(merge, ours, choices)
    outcome = foresee(base, ours, theirs, decided, is_organizer=True)

    assert not decided.conflicts
    for name, side in choices.items():
        wanted = getattr(ours if side == "odoo" else theirs, name)
        assert getattr(outcome.ours, name) == wanted
        assert getattr(outcome.theirs, name) == wanted


@given(disputes())
def test_choices_change_only_fields_in_conflict(dispute):
    base, ours, theirs, merge, choices = dispute
    decided = apply_choices(merge, ours, choices)

    assert decided.to_odoo - merge.conflicts == merge.to_odoo
    assert decided.to_graph - merge.conflicts == merge.to_graph
    assert decided.merged.changed_fields(merge.merged) <= merge.conflicts
    everything_else = set(CONTENT_FIELDS) - merge.conflicts
    outcomes = [
        foresee(
            base, ours, theirs, apply_choices(merge, ours, choice), is_organizer=True
        )
        for choice in (choices, "odoo", "outlook")
    ]
    for name in everything_else:
        assert len({repr(getattr(outcome.ours, name)) for outcome in outcomes}) == 1
        assert len({repr(getattr(outcome.theirs, name)) for outcome in outcomes}) == 1


@given(disputes(), st.data())
def test_order_of_choices_makes_no_difference(dispute, data):
    _base, ours, _theirs, merge, choices = dispute
    one_by_one = merge
    for name in data.draw(st.permutations(sorted(choices))):
        one_by_one = apply_choices(one_by_one, ours, {name: choices[name]})

    assert one_by_one == apply_choices(merge, ours, choices)


@given(disputes())
def test_field_without_a_choice_stays_in_conflict(dispute):
    _base, ours, _theirs, merge, choices = dispute
    chosen = dict(list(choices.items())[1:])
    decided = apply_choices(merge, ours, chosen)

    assert decided.conflicts == merge.conflicts - set(chosen)
    assert decided.decided == set(chosen)


@given(disputes(), st.sampled_from(SIDES))
def test_one_side_for_each_field_is_that_side_for_all(dispute, side):
    _base, ours, _theirs, merge, choices = dispute

    assert apply_choices(merge, ours, dict.fromkeys(choices, side)) == apply_choices(
        merge, ours, side
    )


@given(disputes())
def test_choices_for_fields_without_conflict_are_ignored(dispute):
    _base, ours, _theirs, merge, choices = dispute
    others = dict.fromkeys(set(CONTENT_FIELDS) - merge.conflicts, "odoo")

    assert apply_choices(merge, ours, choices | others) == apply_choices(
        merge, ours, choices
    )


# --- the outcome ----------------------------------------------------------------------


@given(disputes())
def test_both_sides_are_the_same_afterwards(dispute):
    base, ours, theirs, merge, choices = dispute
    decided = apply_choices(merge, ours, choices)
    outcome = foresee(base, ours, theirs, decided, is_organizer=True)

    assert outcome.ours == outcome.theirs


@given(disputes())
def test_outcome_is_equal_to_the_write(dispute):
    base, ours, theirs, merge, choices = dispute
    decided = apply_choices(merge, ours, choices)
    outcome = foresee(base, ours, theirs, decided, is_organizer=True)

    ours = value_for_odoo(base, ours, decided)
    agreed = next_base(base, ours, theirs, decided)
    patch = plan_patch(agreed, ours, is_organizer=True)
    assert outcome.ours == ours
    assert outcome.theirs == (patch.content if patch else theirs)


@given(disputes())
def test_undecided_fields_stay_as_they_are_on_both_sides(dispute):
    base, ours, theirs, merge, _choices = dispute
    outcome = foresee(base, ours, theirs, merge, is_organizer=True)

    for name in merge.conflicts:
        assert getattr(outcome.ours, name) == getattr(ours, name)
        assert getattr(outcome.theirs, name) == getattr(theirs, name)


def test_mails_are_those_of_the_side_that_is_kept():
    before = meeting(attendees=BEN)
    ours = replace(before, subject="Dinner")
    theirs = replace(before, subject="Breakfast")
    merge = three_way_merge(Base(before, before), ours, theirs)

    for side, mails in (("odoo", 1), ("outlook", 0)):
        decided = apply_choices(merge, ours, side)
        outcome = foresee(
            Base(before, before), ours, theirs, decided, is_organizer=True
        )
        assert outcome.mails.count == mails


# --- deleted against edited -----------------------------------------------------------


@pytest.mark.parametrize(
    ("deleted_in", "keep", "survives", "mails"),
    [
        ("outlook", "odoo", True, "invited"),
        ("outlook", "outlook", False, None),
        ("odoo", "odoo", False, "cancelled"),
        ("odoo", "outlook", True, None),
    ],
)
def test_deletion_or_edit_is_carried_to_the_other_side(
    deleted_in, keep, survives, mails
):
    base = Base(meeting(attendees=BEN), meeting(attendees=BEN))
    edited = meeting(subject="Edited", attendees=BEN)
    ours = None if deleted_in == "odoo" else edited
    theirs = None if deleted_in == "outlook" else edited
    merge = plan_deletion(base, ours, theirs, is_organizer=True)
    assert merge.conflicts == {DELETED}

    decided = apply_choices(merge, ours, {DELETED: keep})
    outcome = foresee(base, ours, theirs, decided, is_organizer=True)
    expected = edited if survives else None
    assert (outcome.ours, outcome.theirs) == (expected, expected)
    assert outcome.mails.people == (BEN if mails else ())
    if mails:
        assert getattr(outcome.mails, mails) == BEN


def test_deletion_without_a_decision_stays_open():
    outcome = foresee(
        None, meeting(), None, deletion(meeting(), is_contested=True), is_organizer=True
    )
    assert (outcome.ours, outcome.theirs) == (meeting(), None)
    assert outcome.mails.count == 0


def test_deletion_of_an_unedited_event_is_no_conflict():
    base = Base(meeting(), meeting(show_as="oof"))
    for merge in (
        plan_deletion(base, base.ours, None, is_organizer=True),
        plan_deletion(base, None, base.theirs, is_organizer=True),
        plan_deletion(base, None, None, is_organizer=True),
        plan_deletion(None, meeting(), None, is_organizer=True),
    ):
        assert merge.agreed


def test_attendee_does_not_create_a_deleted_meeting_again():
    """Complaint odoo/odoo#169888: an attendee's sync takes events of the organizer."""
    base = Base(meeting(attendees=BEN), meeting(attendees=BEN))
    ours = replace(base.ours, reminder=5)
    assert plan_deletion(base, ours, None, is_organizer=False).agreed


def test_deletion_in_odoo_may_be_kept_from_outlook():
    theirs = meeting(subject="Edited", attendees=BEN)
    merge = apply_choices(deletion(theirs, is_contested=True), None, "odoo")
    outcome = foresee(None, None, theirs, merge, is_organizer=True, deletes=False)
    assert (outcome.ours, outcome.theirs) == (None, theirs)
    assert outcome.mails.count == 0
