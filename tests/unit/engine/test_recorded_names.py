"""Test that only edited fields are sent."""

import pytest
from content_samples import bases, contents, edits, equal_bases, meeting, people
from hypothesis import given
from hypothesis import strategies as st
from test_series_merge import BOTH_WAYS, changed, renamed, weekly, without

from praetorx_ms365_calendar.engine.merge import Merge, apply_choices, three_way_merge
from praetorx_ms365_calendar.engine.plan import only_odoo_invites, plan_patch
from praetorx_ms365_calendar.engine.recorded_names import (
    SHAPE,
    chosen_for_odoo,
    names_of_series,
    names_to_record,
    sendable,
    series_names_to_record,
    touched,
    united,
)
from praetorx_ms365_calendar.engine.series import SeriesBase
from praetorx_ms365_calendar.engine.series_merge import merge_series
from praetorx_ms365_calendar.engine.snapshot import CONTENT_FIELDS, Base

names = st.frozensets(st.sampled_from(sorted(CONTENT_FIELDS)))


def found(**values):
    """Return a merge with these results."""
    empty = dict.fromkeys(("to_odoo", "to_graph", "conflicts"), frozenset())
    return Merge(**{"merged": meeting(), **empty, **values})


# --- names in entries -----------------------------------------------------------------


def test_entry_without_names_means_all_fields():
    assert united([["subject"], None]) is None
    assert united([["subject"], []]) is None
    assert united([["subject"], ["location", "subject"]]) == {"subject", "location"}
    assert united([]) == frozenset()


def test_times_are_one_field():
    before = {"start": 1, "stop": 2, "allday": False, "name": "Lunch"}
    assert touched(before, before | {"stop": 3}) == {"times"}
    assert touched(before, dict(before)) == frozenset()


# --- sent fields ----------------------------------------------------------------------


@given(bases, st.data(), names, st.booleans(), st.booleans())
def test_patch_has_noted_fields_only(base, data, recorded, is_organizer, invites):
    ours = data.draw(edits(base.ours))
    how = {"is_organizer": is_organizer, "invites": invites}
    patch = plan_patch(base, ours, **how, recorded=recorded)
    whole = plan_patch(base, ours, **how)
    allowed = whole.fields & recorded if whole else frozenset()
    assert (patch.fields if patch else frozenset()) == allowed
    if patch:
        assert patch.content.changed_fields(base.theirs) <= recorded


@given(equal_bases, st.data(), names)
def test_field_that_is_not_sent_stays_different(base, data, recorded):
    ours = data.draw(edits(base.ours))
    different = three_way_merge(base, ours, base.theirs).to_graph
    patch = plan_patch(base, ours, is_organizer=True, recorded=recorded)
    if patch:
        agreed = Base(patch.agreed, patch.content)
        again = three_way_merge(agreed, ours, agreed.theirs)
        assert again.to_graph == different - recorded


@given(bases, contents)
def test_all_is_agreed_if_all_is_sent(base, ours):
    patch = plan_patch(base, ours, is_organizer=True)
    assert patch is None or patch.agreed == ours


def test_unsent_removal_of_an_attendee_is_not_agreed():
    anna, ben = people("anna@example.com"), people("ben@example.com")
    base = Base(meeting(attendees=anna), meeting(attendees=anna))
    both = meeting(attendees=people("anna@example.com", "ben@example.com"))
    assert only_odoo_invites(base, both).ours.attendees == both.attendees
    assert only_odoo_invites(base, meeting(attendees=ben)) == base


# --- new entries after a merge --------------------------------------------------------


@given(names, names, names)
def test_only_edited_fields_of_a_merge_need_an_entry(different, recorded, waiting):
    merge = found(to_graph=different)
    asked = names_to_record(merge, recorded, waiting)
    assert asked == (different & recorded) - waiting


def test_decision_for_odoo_needs_an_entry():
    base = Base(meeting(), meeting())
    ours, theirs = meeting(subject="Tea", location="Hall"), meeting(subject="Supper")
    merge = apply_choices(three_way_merge(base, ours, theirs), ours, "odoo")
    assert names_to_record(merge, frozenset(), frozenset()) == {"subject"}
    assert not names_to_record(merge, frozenset(), None), "everything is on its way"


def test_decision_about_the_rule_covers_all_days_and_times():
    assert chosen_for_odoo({"": {"recurrence": "odoo"}}) == SHAPE
    assert chosen_for_odoo({"": {"recurrence": "outlook"}}) == frozenset()
    of_day = {"2026-03-02": {"subject": "odoo", "location": "outlook"}}
    assert chosen_for_odoo(of_day) == {"subject"}


@given(names)
def test_unknown_names_mean_all_fields(found_names):
    assert sendable(found_names, None) == found_names


DAY = "2026-03-09"


@pytest.mark.parametrize(
    ("ours", "names"),
    [
        (weekly(count=4), set()),
        (renamed(weekly(count=4), "Scrum"), {"subject"}),
        (weekly(11, count=4), {"times"}),
        (weekly(count=6), {"recurrence"}),
        (without(weekly(count=4), DAY), {"deleted"}),
        (changed(weekly(count=4), DAY, location="Hall"), {"location"}),
    ],
)
def test_names_of_a_series_are_of_all_its_occurrences(ours, names):
    agreed = weekly(count=4)
    merge = merge_series(SeriesBase(agreed, agreed), ours, agreed, **BOTH_WAYS)
    assert names_of_series(merge) == names
    nothing = frozenset()
    assert series_names_to_record(merge, None, nothing, None) == names
    assert not series_names_to_record(merge, nothing, nothing, None)
    assert not series_names_to_record(merge, None, None, None), "all is on its way"
