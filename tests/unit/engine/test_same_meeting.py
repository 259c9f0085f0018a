"""Test which meetings count as the same although they have no common id."""

from dataclasses import replace

import pytest
from content_samples import contents, meeting
from hypothesis import given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.same_meeting import is_same, pair_up
from praetorx_ms365_calendar.engine.snapshot import Attendee, Times

LUNCH = meeting(subject="Lunch")


@given(contents)
def test_equal_contents_are_the_same_if_they_have_a_title(content):
    assert is_same(content, content) == bool(content.subject.strip())


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "Lunch with Ben"},
        {"times": Times("2030-01-01T10:00:00", "2030-01-01T11:00:00")},
        {"attendees": (Attendee("new@example.com"),)},
        {"location": "Elsewhere"},
        {"body": "<p>Other</p>"},
    ],
)
def test_any_contradiction_makes_two_meetings(change):
    full = replace(LUNCH, location="Hall", body="<p>A</p>")
    assert not is_same(full, replace(full, **change))


def test_text_that_only_odoo_has_makes_two_meetings():
    assert not is_same(replace(LUNCH, location="Hall"), LUNCH)


def test_text_that_only_outlook_has_is_no_contradiction():
    assert is_same(LUNCH, replace(LUNCH, location="Hall", body="<p>Bring cake</p>"))


@given(st.lists(contents, max_size=4), st.lists(contents, max_size=4))
def test_each_event_is_in_one_pair_at_most(ours, theirs):
    pairs = pair_up(dict(enumerate(ours)), dict(enumerate(theirs)))
    assert len(set(pairs.values())) == len(pairs)
    assert all(is_same(ours[mine], theirs[key]) for key, mine in pairs.items())


def test_two_equal_events_on_both_sides_make_two_pairs():
    assert pair_up({1: LUNCH, 2: LUNCH}, {"a": LUNCH, "b": LUNCH}) == {"a": 1, "b": 2}
    assert pair_up({1: LUNCH}, {"a": LUNCH, "b": LUNCH}) == {"a": 1}
