"""Test that the status of a mailbox is its worst part, and never better."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.health import (
    CAUSES,
    LEVELS,
    Facts,
    Health,
    assess,
    health,
    severity,
)

WELL = Facts(enabled=True, state="active", is_connected=True, is_read=True)
COUNTS = (
    "failed",
    "delayed",
    "conflicts",
    "holds",
    "approvals",
    "calendars",
    "set_aside",
    "differences",
)
STATES = ("signed_out", "active", "sign_in_again", "configuration", "unavailable")

any_facts = st.builds(
    Facts,
    enabled=st.booleans(),
    state=st.sampled_from(STATES),
    **{
        field.name: st.integers(0, 3) if field.type == "int" else st.booleans()
        for field in fields(Facts)
        if field.name not in ("enabled", "state")
    },
)


def test_mailbox_without_trouble_is_ok():
    assert health(WELL) == Health("ok", "active", 0)


def test_mailbox_that_is_off_is_off_whatever_else():
    assert health(replace(WELL, enabled=False, failed=3)) == Health("off", "off", 0)


@pytest.mark.parametrize("name", COUNTS)
def test_whatever_waits_for_a_person_is_counted(name):
    found = health(replace(WELL, **{name: 2}))
    assert found.level in ("attention", "trouble")
    assert found.count == 2


@pytest.mark.parametrize("state", STATES)
def test_state_of_a_stopped_mailbox_is_its_cause(state):
    found = health(replace(WELL, state=state))
    assert found.cause == state
    assert (found.level == "ok") == (state == "active")


def test_mailbox_that_never_answered_is_not_connected():
    signed_in = replace(WELL, is_connected=False, is_read=False)
    assert health(signed_in) == Health("working", "connecting", 0)
    assert health(replace(signed_in, failures=1)).level == "trouble"


def test_failed_changes_come_before_conflicts_and_both_are_told():
    both = replace(WELL, conflicts=2, failed=1)
    assert health(both) == Health("trouble", "failed", 1)
    assert [part.cause for part in assess(both)] == ["failed", "conflicts", "active"]


def test_mailbox_without_notifications_is_ok_and_says_so():
    assert health(replace(WELL, is_polled=True)) == Health("ok", "polled", 0)


@given(any_facts)
def test_status_is_never_ok_with_anything_that_waits_or_stands(facts):
    if health(facts).level != "ok":
        return
    assert facts.enabled
    assert facts.state == "active"
    assert facts.is_connected
    assert facts.is_read
    assert not any(getattr(facts, name) for name in COUNTS)
    assert not (facts.failures or facts.is_paused or facts.stands_still)
    assert not (facts.cannot_be_stored or facts.shares_sessions or facts.differences)
    assert not (facts.needs_permission or facts.is_reset)


@given(any_facts)
def test_status_is_off_exactly_for_mailboxes_that_are_off(facts):
    assert (health(facts).level == "off") == (not facts.enabled)


@given(any_facts)
def test_parts_are_told_worst_first_and_once(facts):
    parts = assess(facts)
    assert parts[0] == health(facts)
    ranks = [severity(part.cause) for part in parts]
    assert ranks == sorted(ranks, reverse=True)
    assert len({part.cause for part in parts}) == len(parts)
    levels = [LEVELS.index(part.level) for part in parts]
    assert levels == sorted(levels)


@given(any_facts, st.sampled_from(COUNTS))
def test_one_more_thing_that_waits_never_makes_the_status_better(facts, name):
    more = replace(facts, **{name: getattr(facts, name) + 1})
    assert severity(health(more).cause) >= severity(health(facts).cause)


def test_each_cause_has_a_level():
    assert set(CAUSES.values()) == set(LEVELS)
