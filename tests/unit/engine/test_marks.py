"""Test that an event has one mark, the one that calls for a person first."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from praetorx_ms365_calendar.engine.marks import MarkFacts, mark_of

STATES = ("none", "pending", "synced", "conflict", "error")


@pytest.mark.parametrize("state", STATES)
def test_event_without_a_question_shows_the_state_of_its_sync(state):
    assert mark_of(MarkFacts(state)) == state


@pytest.mark.parametrize(
    ("fact", "mark"),
    [
        ("is_held", "held"),
        ("awaits_approval", "approval"),
        ("awaits_consent", "waiting"),
    ],
)
def test_question_is_shown_instead_of_a_state_without_trouble(fact, mark):
    for state in ("none", "pending", "synced"):
        assert mark_of(MarkFacts(state, **{fact: True})) == mark


def test_edit_that_waits_long_after_an_error_is_trouble():
    assert mark_of(MarkFacts("pending", is_late=True, is_held=True)) == "error"
    assert mark_of(MarkFacts("conflict", is_late=True)) == "conflict"


@pytest.mark.parametrize("state", ["conflict", "error"])
def test_trouble_is_shown_before_any_question(state):
    facts = MarkFacts(state, is_held=True, awaits_approval=True, awaits_consent=True)
    assert mark_of(facts) == state


def test_deleted_event_is_nothing_but_deleted():
    for state, held, approval, consent in product(STATES, *[(False, True)] * 3):
        facts = MarkFacts(state, False, held, approval, consent)
        assert mark_of(replace(facts, is_deleted=True)) == "deleted"
