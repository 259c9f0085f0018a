"""Test when many deletions stop and ask, and which request a deletion sends."""

import pytest
from content_samples import contents, meeting, people
from hypothesis import given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.deletions import (
    Verdict,
    cancellations,
    deletion_limit,
    how_to_delete,
    invitations,
    judge_deletion,
    plan_deletions,
)
from praetorx_ms365_calendar.engine.merge import apply_choices, deletion

numbers = st.integers(min_value=0, max_value=5000)


def plan(certain, *, unverified=0, lately=0, future_events=0):
    return plan_deletions(
        certain, unverified=unverified, lately=lately, future_events=future_events
    )


# --- the limit ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("future_events", "limit"),
    [(0, 10), (100, 10), (109, 10), (110, 11), (499, 49), (500, 50), (2000, 50)],
)
def test_limit_is_a_tenth_of_the_future_events_but_10_to_50(future_events, limit):
    assert deletion_limit(future_events) == limit


@given(numbers)
def test_limit_follows_the_rule(future_events):
    limit = deletion_limit(future_events)
    rule = min(max(10, future_events * 0.10), 50)
    assert not limit > rule
    assert limit + 1 > rule


@given(numbers, numbers)
def test_larger_calendar_has_no_smaller_limit(one, more):
    assert deletion_limit(one + more) >= deletion_limit(one)


# --- the decision ---------------------------------------------------------------------


@given(numbers, numbers, numbers)
def test_deletions_above_the_limit_are_never_done(certain, lately, future_events):
    decision = plan(certain, lately=lately, future_events=future_events)
    exceeds = certain > 0 and certain + lately > deletion_limit(future_events)
    assert decision == ("ask" if exceeds else "go_on")


@given(st.integers(0, 10), numbers)
def test_a_few_deletions_never_need_a_question(certain, future_events):
    assert plan(certain, future_events=future_events) == "go_on"


@given(numbers, numbers, numbers, numbers)
def test_deletions_wait_while_unverified_ones_could_exceed_the_limit(
    certain, unverified, lately, future_events
):
    decision = plan(
        certain, unverified=unverified, lately=lately, future_events=future_events
    )
    worst = plan(certain + unverified, lately=lately, future_events=future_events)
    if certain and worst == "ask":
        assert decision in ("ask", "wait")


@pytest.mark.parametrize(
    ("certain", "unverified", "lately", "decision"),
    [(5, 5, 0, "go_on"), (5, 6, 0, "wait"), (5, 5, 1, "wait"), (5, 0, 6, "ask")],
)
def test_the_limit_is_ten_deletions(certain, unverified, lately, decision):
    assert plan(certain, unverified=unverified, lately=lately) == decision


@given(numbers, numbers, numbers)
def test_unverified_deletions_alone_never_ask(unverified, lately, future_events):
    decision = plan(
        0, unverified=unverified, lately=lately, future_events=future_events
    )
    assert decision == "go_on"


@given(st.integers(1, 5000), st.integers(1, 50), numbers)
def test_portions_of_a_burst_are_counted_together(count, portion, future_events):
    """The limit holds without asking even if the portions are small."""
    deleted = 0
    while deleted < count:
        step = min(portion, count - deleted)
        if plan(step, lately=deleted, future_events=future_events) == "ask":
            break
        deleted += step
    assert deleted <= max(deletion_limit(future_events), 0)
    assert deleted == count or count > deletion_limit(future_events)


# --- the request ----------------------------------------------------------------------


@given(st.booleans(), st.booleans())
def test_policy_off_sends_nothing_to_outlook(is_organizer, has_attendees):
    assert (
        how_to_delete("off", is_organizer=is_organizer, has_attendees=has_attendees)
        == "leave"
    )


def test_only_own_meetings_with_attendees_are_cancelled():
    def how(is_organizer, has_attendees):
        return how_to_delete(
            "cancel", is_organizer=is_organizer, has_attendees=has_attendees
        )

    assert how(True, True) == "cancel"
    assert {how(True, False), how(False, True), how(False, False)} == {"delete"}


@given(st.booleans(), st.booleans())
def test_policy_delete_always_deletes(is_organizer, has_attendees):
    assert (
        how_to_delete("delete", is_organizer=is_organizer, has_attendees=has_attendees)
        == "delete"
    )


@given(st.lists(contents, max_size=5))
def test_a_deletion_mails_as_many_as_the_creation(meetings):
    assert cancellations(meetings) == invitations(meetings)


def test_each_attendee_is_mailed_once_per_meeting():
    guests = people("ben@example.com", "cleo@example.com")
    meetings = [meeting(attendees=guests), meeting(), meeting(attendees=guests[:1])]
    assert invitations(meetings) == 3


def test_unknown_content_mails_nobody():
    assert cancellations([None]) == 0


# --- verdicts -------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["odoo", "outlook"])
def test_deletion_is_repeated_unless_the_other_side_was_edited(side):
    edited = deletion(meeting(), is_contested=True)
    unedited = deletion(meeting(), is_contested=False)
    assert judge_deletion(edited, deleted_in=side) is Verdict.ASK
    assert judge_deletion(unedited, deleted_in=side) is Verdict.REPEAT


@pytest.mark.parametrize("keep", ["odoo", "outlook"])
@pytest.mark.parametrize("side", ["odoo", "outlook"])
def test_policy_undoes_a_deletion_or_repeats_it(side, keep):
    ours = None if side == "odoo" else meeting()
    merge = apply_choices(deletion(meeting(), is_contested=True), ours, keep)
    verdict = Verdict.REPEAT if keep == side else Verdict.UNDO
    assert judge_deletion(merge, deleted_in=side) is verdict
