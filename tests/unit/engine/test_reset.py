"""Test that each pair of choices in the reset dialog does as its text says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.reset import is_sent_by_reset, plan_reset

DELETE_POLICIES = ["dont_delete", "delete_microsoft", "delete_odoo", "delete_both"]
deletes = st.sampled_from(DELETE_POLICIES)
syncs = st.sampled_from(["new", "all"])


@given(deletes, syncs)
def test_it_deletes_on_the_chosen_sides(delete_policy, sync_policy):
    plan = plan_reset(delete_policy, sync_policy)
    assert plan.deletes_in_outlook == (
        delete_policy in ("delete_microsoft", "delete_both")
    )
    assert plan.deletes_in_odoo == (delete_policy in ("delete_odoo", "delete_both"))


@given(deletes)
def test_only_new_events_ignores_the_old_ones(delete_policy):
    plan = plan_reset(delete_policy, "new")
    assert not plan.comes_back_from_outlook
    assert not plan.goes_to_outlook_again
    assert not plan.sends_all


@pytest.mark.parametrize(
    ("delete_policy", "from_outlook", "to_outlook"),
    [
        ("dont_delete", False, False),
        ("delete_microsoft", False, True),
        ("delete_odoo", True, False),
        ("delete_both", False, False),
    ],
)
def test_all_existing_events_are_those_left_on_one_side(
    delete_policy, from_outlook, to_outlook
):
    plan = plan_reset(delete_policy, "all")
    assert plan.comes_back_from_outlook == from_outlook
    assert plan.goes_to_outlook_again == to_outlook
    assert plan.sends_all


@given(st.booleans(), st.booleans())
def test_nobody_is_invited_to_a_past_event(is_over, invites_others):
    """Complaint odoo/documentation#803: past events mail their attendees."""
    sent = is_sent_by_reset(is_over=is_over, invites_others=invites_others)
    assert sent != (is_over and invites_others)
