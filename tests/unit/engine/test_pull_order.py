"""Test the order in which the puller looks for work."""

from __future__ import annotations

from praetorx_ms365_calendar.engine.pull_order import PullStep

ORDER = list(PullStep)


def test_events_are_verified_before_any_page_and_before_any_deletion():
    verify = ORDER.index(PullStep.VERIFY)
    assert verify < ORDER.index(PullStep.READ_PAGES)
    assert verify < ORDER.index(PullStep.CARRY_OUT)


def test_deletions_are_carried_out_between_two_rounds():
    """While a round is under way, another page may still list a missing event."""
    carry_out = ORDER.index(PullStep.CARRY_OUT)
    assert ORDER.index(PullStep.READ_PAGES) < carry_out
    assert carry_out < ORDER.index(PullStep.BEGIN_ROUNDS)


def test_first_round_of_a_calendar_knows_its_stamps():
    assert ORDER.index(PullStep.READ_STAMPS) < ORDER.index(PullStep.BEGIN_ROUNDS)
