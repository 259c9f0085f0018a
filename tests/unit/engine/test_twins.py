"""Test which of two events on one day of a series is the original."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.snapshot import Content, Times
from praetorx_ms365_calendar.engine.twins import Twin, original_of

LUNCH = Content("Lunch", Times("2026-03-02T11:00:00", "2026-03-02T12:00:00"))
DINNER = replace(LUNCH, subject="Dinner")


def test_event_with_the_id_of_outlook_is_the_original():
    twins = [Twin(1, None, LUNCH), Twin(2, "R2", DINNER)]
    assert original_of(twins, remote_id="R2", agreed=LUNCH) == 2


def test_first_of_two_equal_events_is_the_original():
    twins = [Twin(2, None, LUNCH), Twin(1, None, LUNCH)]
    assert original_of(twins, remote_id=None, agreed=None) == 1


def test_edited_copy_is_not_the_original():
    twins = [Twin(1, None, LUNCH), Twin(2, None, DINNER)]
    assert original_of(twins, remote_id="R2", agreed=LUNCH) == 1


def test_no_original_without_proof_if_the_first_was_edited():
    twins = [Twin(1, None, DINNER), Twin(2, None, LUNCH)]
    assert original_of(twins, remote_id="R2", agreed=LUNCH) is None


twin_lists = st.lists(
    st.builds(
        Twin,
        id=st.integers(1, 9),
        remote_id=st.sampled_from([None, "R1", "R2"]),
        content=st.sampled_from([LUNCH, DINNER]),
    ),
    min_size=2,
    max_size=4,
    unique_by=lambda twin: twin.id,
)


@given(
    twin_lists,
    st.sampled_from([None, "R1"]),
    st.sampled_from([None, LUNCH, DINNER]),
)
def test_choice_does_not_depend_on_the_order(twins, remote_id, agreed):
    found = original_of(twins, remote_id=remote_id, agreed=agreed)
    again = original_of(twins[::-1], remote_id=remote_id, agreed=agreed)
    assert found == again
    assert found in {None, *(twin.id for twin in twins)}
