"""Test the three-way merge: every edit arrives on the other side, nothing is lost."""

from dataclasses import replace

import pytest
from content_samples import (
    NINE,
    TEN,
    VALUES,
    bases,
    contents,
    edited_sides,
    edits,
    equal_bases,
    meeting,
    people,
    renamed,
)
from hypothesis import assume, given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.merge import (
    SET_FIELDS,
    accept_organizer_version,
    adopt,
    apply_choices,
    base_after_attendee_copy,
    next_base,
    restrict,
    three_way_merge,
    value_for_odoo,
)
from praetorx_ms365_calendar.engine.plan import plan_patch
from praetorx_ms365_calendar.engine.snapshot import CONTENT_FIELDS, Base

SCALARS = sorted(set(CONTENT_FIELDS) - SET_FIELDS - {"online_meeting"})
DIRECTIONS = ["both", "outlook_to_odoo", "odoo_to_outlook"]


def elements(content, name):
    """Return a set field as a set of the keys of its elements."""
    return {getattr(element, "email", element) for element in getattr(content, name)}


def written_on_both_sides(base, ours, theirs, merge):
    """Apply a merge as the sync does; return the base and both sides after it."""
    ours = value_for_odoo(base, ours, merge)
    base = next_base(base, ours, theirs, merge)
    patch = plan_patch(base, ours, is_organizer=True)
    if patch:
        theirs = patch.content
        base = Base(ours, theirs)
    return base, ours, theirs


# --- no change ------------------------------------------------------------------------


@given(bases)
def test_unchanged_sides_agree_even_if_they_differ(base):
    merge = three_way_merge(base, base.ours, base.theirs)
    assert merge.agreed
    assert merge.merged == base.theirs


@given(st.data())
def test_names_kinds_and_zones_are_never_sent(data):
    base = data.draw(bases)
    ours, theirs = data.draw(renamed(base.ours)), data.draw(renamed(base.theirs))
    assert three_way_merge(base, ours, theirs).agreed


@given(equal_bases, st.data())
def test_same_edit_on_both_sides_is_agreed(base, data):
    edited = data.draw(edits(base.ours))
    merge = three_way_merge(base, edited, edited)
    assert merge.agreed
    assert merge.merged == edited


# --- one side changed -----------------------------------------------------------------


@given(equal_bases, st.data())
def test_only_the_edit_in_odoo_is_sent_to_graph(base, data):
    ours = data.draw(edits(base.ours))
    assume(not (base.theirs.online_meeting and not ours.online_meeting))
    merge = three_way_merge(base, ours, base.theirs)
    assert merge.to_graph == ours.changed_fields(base.ours)
    assert not merge.to_odoo
    assert not merge.conflicts
    assert merge.merged == ours


@given(equal_bases, st.data())
def test_only_the_edit_in_outlook_is_written_to_odoo(base, data):
    theirs = data.draw(edits(base.theirs))
    merge = three_way_merge(base, base.ours, theirs)
    assert merge.to_odoo == theirs.changed_fields(base.theirs)
    assert not merge.to_graph
    assert not merge.conflicts
    assert value_for_odoo(base, base.ours, merge) == theirs


@given(bases, st.data())
def test_unchanged_side_causes_no_write(base, data):
    """This holds even if the sides were never equal: a difference is not an edit."""
    theirs = data.draw(edits(base.theirs))
    merge = three_way_merge(base, base.ours, theirs)
    assert merge.to_odoo <= theirs.changed_fields(base.theirs)
    assert not merge.to_graph
    assert not merge.conflicts


# --- both sides changed ---------------------------------------------------------------


@given(edited_sides())
def test_every_changed_field_is_in_the_result(sides):
    base, ours, theirs = sides
    merge = three_way_merge(base, ours, theirs)
    changed = ours.changed_fields(base.ours) | theirs.changed_fields(base.theirs)
    named = merge.to_odoo | merge.to_graph | merge.conflicts
    assert named <= changed
    for name in SCALARS:
        differs = getattr(ours, name) != getattr(theirs, name)
        assert (name in named) == (name in changed and differs)


@given(edited_sides())
def test_each_field_is_written_to_one_side_only(sides):
    merge = three_way_merge(*sides)
    both_ways = merge.to_odoo & merge.to_graph
    assert both_ways <= SET_FIELDS
    assert not merge.conflicts & (merge.to_odoo | merge.to_graph)
    assert not merge.conflicts & SET_FIELDS


@pytest.mark.parametrize("name", SCALARS)
@given(data=st.data())
def test_two_values_for_one_field_are_a_conflict(name, data):
    before, ours, theirs = data.draw(
        st.lists(VALUES[name], min_size=3, max_size=3, unique_by=repr).filter(
            lambda found: found[0] != found[1] != found[2] != found[0]
        )
    )
    base = meeting(**{name: before})
    merge = three_way_merge(
        Base(base, base), replace(base, **{name: ours}), replace(base, **{name: theirs})
    )
    assert merge.conflicts == {name}
    assert getattr(merge.merged, name) == theirs


@given(edited_sides())
def test_field_in_conflict_is_written_nowhere(sides):
    base, ours, theirs = sides
    merge = three_way_merge(base, ours, theirs)
    now = value_for_odoo(base, ours, merge)
    for name in merge.conflicts:
        assert getattr(now, name) == getattr(ours, name)
        assert getattr(merge.merged, name) == getattr(theirs, name)


def test_edits_of_different_fields_merge():
    base = Base(meeting(), meeting())
    merge = three_way_merge(base, meeting(times=TEN), meeting(location="Room 1"))
    assert merge.to_graph == {"times"}
    assert merge.to_odoo == {"location"}
    assert merge.merged == meeting(times=TEN, location="Room 1")


def test_start_and_end_are_one_field():
    base = Base(meeting(), meeting())
    earlier = replace(NINE, start="2026-03-02T08:00:00")
    later = replace(NINE, end="2026-03-02T12:00:00")
    merge = three_way_merge(base, meeting(times=earlier), meeting(times=later))
    assert merge.conflicts == {"times"}


@given(edited_sides(equal_bases))
def test_both_sides_are_equal_afterwards(sides):
    base, ours, theirs = sides
    merge = three_way_merge(base, ours, theirs)
    assume(not merge.conflicts)
    base, ours, theirs = written_on_both_sides(base, ours, theirs, merge)
    assert ours == theirs
    assert base == Base(ours, theirs)


@given(edited_sides())
def test_second_merge_is_agreed(sides):
    base, ours, theirs = sides
    merge = three_way_merge(base, ours, theirs)
    assume(not merge.conflicts)
    base, ours, theirs = written_on_both_sides(base, ours, theirs, merge)
    assert three_way_merge(base, ours, theirs).agreed


@given(edited_sides(equal_bases))
def test_no_edit_is_lost(sides):
    """If only one side changed a field, both sides have its value in the end."""
    base, ours, theirs = sides
    merge = three_way_merge(base, ours, theirs)
    assume(not merge.conflicts)
    _base, ours_now, theirs_now = written_on_both_sides(base, ours, theirs, merge)
    for name in SCALARS:
        before = getattr(base.ours, name)
        wanted = next(
            (v for v in (getattr(ours, name), getattr(theirs, name)) if v != before),
            before,
        )
        assert getattr(ours_now, name) == getattr(theirs_now, name) == wanted


@pytest.mark.parametrize("name", sorted(SET_FIELDS))
@given(sides=edited_sides(equal_bases))
def test_sets_merge_by_element(name, sides):
    base, ours, theirs = sides
    merge = three_way_merge(base, ours, theirs)
    before, here, there = (elements(side, name) for side in (base.ours, ours, theirs))
    expected = (here & there) | (here - before) | (there - before)
    assert elements(merge.merged, name) == expected
    assert elements(value_for_odoo(base, ours, merge), name) == expected


@pytest.mark.parametrize("name", sorted(SET_FIELDS))
@given(sides=edited_sides())
def test_element_that_only_one_side_can_store_stays_there(name, sides):
    base, ours, theirs = sides
    merge = three_way_merge(base, ours, theirs)
    only_ours = elements(base.ours, name) & elements(ours, name)
    only_ours -= elements(base.theirs, name) | elements(theirs, name)
    only_theirs = elements(base.theirs, name) & elements(theirs, name)
    only_theirs -= elements(base.ours, name) | elements(ours, name)
    assert only_ours <= elements(value_for_odoo(base, ours, merge), name)
    assert only_ours.isdisjoint(elements(merge.merged, name))
    assert only_theirs <= elements(merge.merged, name)
    assert only_theirs.isdisjoint(elements(value_for_odoo(base, ours, merge), name))


@given(edited_sides())
def test_sets_stay_sorted_and_without_repeats(sides):
    base, ours, theirs = sides
    merge = three_way_merge(base, ours, theirs)
    for content in (merge.merged, value_for_odoo(base, ours, merge)):
        for name in SET_FIELDS:
            value = getattr(content, name)
            assert list(value) == sorted(set(value))


def test_remaining_attendee_keeps_the_name_from_outlook():
    known = replace(people("ben@example.com")[0], name="Ben B.", kind="optional")
    base = Base(
        meeting(attendees=people("ben@example.com")), meeting(attendees=(known,))
    )
    ours = meeting(attendees=people("anna@example.com", "ben@example.com"))
    merge = three_way_merge(base, ours, base.theirs)
    kept = merge.merged.attendees[1]
    assert (kept.name, kept.kind) == ("Ben B.", "optional")


# --- Teams ----------------------------------------------------------------------------


@given(edited_sides())
def test_teams_meeting_is_never_switched_off_in_graph(sides):
    base, ours, theirs = sides
    merge = three_way_merge(base, ours, theirs)
    if theirs.online_meeting:
        assert merge.merged.online_meeting
        assert "online_meeting" not in merge.to_graph | merge.conflicts


def test_teams_meeting_switched_off_in_odoo_is_on_again():
    online = meeting(online_meeting=True)
    merge = three_way_merge(Base(online, online), meeting(), online)
    assert merge.to_odoo == {"online_meeting"}
    assert not merge.to_graph


# --- the next base --------------------------------------------------------------------


@given(edited_sides())
def test_edit_to_be_sent_survives_the_next_base(sides):
    base, ours, theirs = sides
    merge = three_way_merge(base, ours, theirs)
    assume(not merge.conflicts)
    ours = value_for_odoo(base, ours, merge)
    after = next_base(base, ours, theirs, merge)
    assert after.theirs == theirs
    patch = plan_patch(after, ours, is_organizer=True)
    assert (patch.fields if patch else frozenset()) == merge.to_graph
    if patch:
        assert patch.content.changed_fields(merge.merged) == frozenset()


@given(edited_sides())
def test_next_base_sees_no_edit_of_outlook_twice(sides):
    base, ours, theirs = sides
    merge = three_way_merge(base, ours, theirs)
    ours = value_for_odoo(base, ours, merge)
    again = three_way_merge(next_base(base, ours, theirs, merge), ours, theirs)
    assert not again.to_odoo


@given(contents, contents)
def test_first_base_has_the_content_of_both_sides(ours, theirs):
    merge = adopt(ours, theirs)
    assert next_base(None, ours, theirs, merge) == Base(ours, theirs)


# --- a person decides -----------------------------------------------------------------


@given(edited_sides(equal_bases), st.sampled_from(["odoo", "outlook"]))
def test_both_sides_are_equal_after_a_conflict_is_resolved(sides, keep):
    base, ours, theirs = sides
    merge = three_way_merge(base, ours, theirs)
    decided = apply_choices(merge, ours, keep)
    assert not decided.conflicts
    kept = ours if keep == "odoo" else theirs
    after, ours_now, theirs_now = written_on_both_sides(base, ours, theirs, decided)
    assert ours_now == theirs_now
    assert after == Base(ours_now, theirs_now)
    for name in merge.conflicts:
        assert getattr(ours_now, name) == getattr(kept, name)


@given(edited_sides(), st.sampled_from(["odoo", "outlook"]))
def test_resolving_does_not_change_the_other_fields(sides, keep):
    base, ours, theirs = sides
    merge = three_way_merge(base, ours, theirs)
    decided = apply_choices(merge, ours, keep)
    assert decided.to_odoo - merge.conflicts == merge.to_odoo
    assert decided.to_graph - merge.conflicts == merge.to_graph
    assert decided.merged.changed_fields(merge.merged) <= merge.conflicts


# --- one way --------------------------------------------------------------------------


@given(edited_sides(), st.sampled_from(DIRECTIONS))
def test_direction_forbids_the_other_way(sides, direction):
    base, ours, theirs = sides
    merge = restrict(three_way_merge(base, ours, theirs), direction, ours)
    if direction == "outlook_to_odoo":
        assert not merge.to_graph | merge.conflicts
    if direction == "odoo_to_outlook":
        assert not merge.to_odoo | merge.conflicts


@given(edited_sides())
def test_both_ways_is_no_restriction(sides):
    base, ours, theirs = sides
    merge = three_way_merge(base, ours, theirs)
    assert restrict(merge, "both", ours) == merge


@given(edited_sides(equal_bases))
def test_edit_in_outlook_arrives_if_only_outlook_counts(sides):
    base, ours, theirs = sides
    merge = restrict(three_way_merge(base, ours, theirs), "outlook_to_odoo", ours)
    now = value_for_odoo(base, ours, merge)
    for name in set(SCALARS) & theirs.changed_fields(base.theirs):
        assert getattr(now, name) == getattr(theirs, name)


@given(edited_sides(equal_bases))
def test_edit_in_odoo_arrives_if_only_odoo_counts(sides):
    base, ours, theirs = sides
    merge = restrict(three_way_merge(base, ours, theirs), "odoo_to_outlook", ours)
    after = next_base(base, ours, theirs, merge)
    patch = plan_patch(after, ours, is_organizer=True)
    there = patch.content if patch else theirs
    for name in set(SCALARS) & ours.changed_fields(base.ours):
        assert getattr(there, name) == getattr(ours, name)


# --- two events that are the same -----------------------------------------------------


@given(contents, contents)
def test_adopting_pushes_nothing(ours, theirs):
    merge = adopt(ours, theirs)
    assert not merge.to_graph
    unlike = ours.changed_fields(theirs)
    if theirs.reminder is None:  # Odoo's reminder stays, and Outlook still has none
        unlike -= {"reminder"}
    assert merge.to_odoo | merge.conflicts == unlike
    assert not merge.to_odoo & merge.conflicts


@given(contents, contents)
def test_organizers_version_replaces_that_of_an_attendee(ours, theirs):
    merge = accept_organizer_version(ours, theirs)
    assert not merge.to_graph
    assert not merge.conflicts
    now = value_for_odoo(None, ours, merge)
    kept = {"reminder"} if theirs.reminder is None else set()
    kept |= {"sensitivity"} if ours.sensitivity != "normal" else set()
    assert now.changed_fields(theirs) <= kept


@given(contents, contents)
def test_adopting_overwrites_no_text_silently(ours, theirs):
    merge = adopt(ours, theirs)
    for name in ("subject", "body", "location", "times"):
        if getattr(ours, name):
            assert name not in merge.to_odoo


@given(contents, contents)
def test_adopting_never_makes_a_private_event_public(ours, theirs):
    for merge in (adopt(ours, theirs), accept_organizer_version(ours, theirs)):
        now = value_for_odoo(None, ours, merge)
        if ours.sensitivity != "normal":
            assert now.sensitivity == ours.sensitivity


@given(contents)
def test_adopting_the_same_is_agreed(content):
    assert adopt(content, content).agreed


@given(contents, contents)
def test_adopted_people_of_both_sides_are_united(ours, theirs):
    now = value_for_odoo(None, ours, adopt(ours, theirs))
    assert elements(now, "attendees") == (
        elements(ours, "attendees") | elements(theirs, "attendees")
    )


def test_change_from_an_attendees_copy_is_not_an_edit_in_odoo():
    before = Base(meeting(subject="Lunch"), meeting(subject="Lunch"))
    told = meeting(subject="Tea", show_as="oof", location="Hall")
    base = base_after_attendee_copy(
        before, Base(told, told), replace(told, location="Room")
    )
    assert (base.ours.subject, base.theirs.subject) == ("Tea", "Tea")
    assert base.theirs.show_as == "oof", "the organizer's own is news, and is taken"
    assert base.ours.location == before.ours.location, "edited in Odoo since"
    unsent = Base(meeting(subject="Supper"), told)
    base = base_after_attendee_copy(before, unsent, meeting(subject="Supper"))
    assert base.ours.subject == "Lunch", "edited in Odoo before, and not told"
