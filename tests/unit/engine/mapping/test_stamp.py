"""Test the stamp of our events, and the key of each create."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.mapping.stamp import (
    STAMP_PROPERTY_ID,
    Stamp,
    make_stamp,
    parse_stamp,
    transaction_id,
)

DATABASE = "5f0c3b0e-0d5d-11ef-9e0c-0242ac110002"
CREATED = datetime(2026, 2, 3, 4, 5, 6, 7)


@given(st.uuids(), st.integers(1, 2**31), st.datetimes())
def test_a_stamp_is_read_back(database, event_id, created):
    stamp = make_stamp(str(database), event_id, created)

    assert parse_stamp(stamp) == Stamp(str(database), event_id, created)


def test_a_stamp_never_changes_its_spelling():
    """Events in Outlook keep it for years."""
    assert make_stamp(DATABASE.upper(), 42, CREATED.replace(microsecond=0)) == (
        "5f0c3b0e-0d5d-11ef-9e0c-0242ac110002/42/2026-02-03T04:05:06.000000"
    )
    assert STAMP_PROPERTY_ID == (
        "String {d0b4bd27-4e06-4ca1-98cf-35c7ff1ee6d3} Name PraetorxOdooEvent"
    )


@pytest.mark.parametrize(
    "text",
    [None, "", "42", f"{DATABASE}/x/2026-02-03T04:05:06.000000", f"{DATABASE}/1/now",
     f"{DATABASE}/1/2026-02-30T04:05:06.000000",
     f"{DATABASE}/1/2026-02-03T99:05:06.000000",
     f"{DATABASE}/{'9' * 30}/2026-02-03T04:05:06.000000"],
)  # fmt: skip
def test_values_of_others_are_no_stamp(text):
    assert parse_stamp(text) is None


def test_each_create_has_its_own_key_and_repeats_have_the_same():
    made = (DATABASE, 42, CREATED)
    keys = [
        transaction_id(*made, 7, 0),
        transaction_id(*made, 8, 0),
        transaction_id(*made, 7, 1),
        transaction_id(DATABASE, 43, CREATED, 7, 0),
        transaction_id(DATABASE, 42, CREATED.replace(microsecond=8), 7, 0),
    ]

    assert len(set(keys)) == len(keys)
    assert transaction_id(*made, 7, 0) == keys[0]
    assert transaction_id(*made, "7", 0) == keys[0]
