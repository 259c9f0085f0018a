"""Test for which versions a person's choices are valid, and what they decide."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from content_samples import ALL_DAY, TEN, meeting
from test_series_merge import longer, weekly, without

from praetorx_ms365_calendar.engine.decision import (
    Decision,
    apply_decision,
    join_choices,
)
from praetorx_ms365_calendar.engine.merge import DELETED, three_way_merge
from praetorx_ms365_calendar.engine.series import Series
from praetorx_ms365_calendar.engine.series_units import ALL, RECURRENCE, TIMES
from praetorx_ms365_calendar.engine.snapshot import Base

OURS = meeting(subject="Ours", location="Room 1", reminder=15)
SERIES = weekly(count=4)
FIRST, SECOND = SERIES.days[:2]


def decision(ours, *names: str, day: str = ALL, change_key: str | None = "CK2"):
    """Return a decision for Odoo's side about these fields."""
    return Decision(change_key, {day: dict.fromkeys(names, "odoo")}, ours, 7)


def with_exception(series: Series, day: str, **values) -> Series:
    """Return a series with own values of one occurrence."""
    contents = series.contents()
    contents[day] = replace(contents[day], **values)
    return series.having(series.master, contents)


@pytest.mark.parametrize(
    "stored",
    [
        decision(OURS, "subject"),
        decision(SERIES, RECURRENCE),
        decision(None, DELETED),
        decision(OURS, DELETED, change_key=None),
    ],
)
def test_decision_is_the_same_after_storing(stored):
    assert Decision.from_json(json.loads(json.dumps(stored.to_json()))) == stored


def test_choice_is_valid_for_the_versions_that_were_seen():
    choices = decision(OURS, "subject").valid_choices("CK2", OURS)
    assert choices == {ALL: {"subject": "odoo"}}


@pytest.mark.parametrize("change_key", ["CK3", None])
def test_choice_is_not_valid_for_another_version_of_outlook(change_key):
    assert decision(OURS, "subject").valid_choices(change_key, OURS) == {}


def test_edit_of_a_disputed_field_ends_the_choice_for_it_only():
    chosen = decision(OURS, "subject", "location")
    edited = replace(OURS, location="Room 2")
    assert chosen.valid_choices("CK2", edited) == {ALL: {"subject": "odoo"}}


def test_edit_of_another_field_ends_no_choice():
    edited = replace(OURS, location="Room 2")
    assert decision(OURS, "subject").valid_choices("CK2", edited)


@pytest.mark.parametrize("now", [None, SERIES, replace(OURS, location="Room 2")])
def test_choice_about_a_deletion_is_valid_for_the_whole_event(now):
    chosen = decision(OURS, DELETED, change_key=None)
    assert chosen.valid_choices(None, OURS)
    assert chosen.valid_choices(None, now) == {}


def test_choice_to_delete_is_valid_until_the_event_is_back():
    chosen = decision(None, DELETED)
    assert chosen.valid_choices("CK2", None)
    assert chosen.valid_choices("CK2", OURS) == {}


@pytest.mark.parametrize(
    "now",
    [
        longer(SERIES, 5),
        without(SERIES, SECOND),
        with_exception(SERIES, SECOND, subject="Other"),
    ],
)
def test_choice_about_the_days_of_a_series_is_valid_for_all_of_it(now):
    assert decision(SERIES, RECURRENCE).valid_choices("CK2", SERIES)
    assert decision(SERIES, RECURRENCE).valid_choices("CK2", now) == {}


def test_choice_about_the_time_of_a_series_ends_if_the_time_changes():
    assert decision(SERIES, TIMES).valid_choices("CK2", longer(SERIES, 5))
    assert decision(SERIES, TIMES).valid_choices("CK2", weekly(10, count=4)) == {}


def test_choice_about_one_occurrence_ends_if_that_is_edited_or_deleted():
    chosen = decision(SERIES, "reminder", day=SECOND)
    assert chosen.valid_choices("CK2", with_exception(SERIES, FIRST, reminder=5))
    assert chosen.valid_choices("CK2", with_exception(SERIES, SECOND, reminder=5)) == {}
    assert chosen.valid_choices("CK2", without(SERIES, SECOND)) == {}


def test_wider_window_ends_no_choice():
    narrow = SERIES.within((SERIES.days[0], SERIES.days[-1]))
    assert decision(narrow, RECURRENCE).valid_choices("CK2", SERIES)
    assert decision(SERIES, RECURRENCE).valid_choices("CK2", narrow)


def test_choices_of_several_days_are_joined():
    first = {ALL: {"subject": "odoo", "body": "odoo"}, FIRST: {DELETED: "odoo"}}
    second = {ALL: {"subject": "outlook"}, SECOND: {DELETED: "outlook"}}
    assert join_choices(first, second) == {
        ALL: {"subject": "outlook", "body": "odoo"},
        FIRST: {DELETED: "odoo"},
        SECOND: {DELETED: "outlook"},
    }


# --- applied to a merge ---------------------------------------------------------------

AGREED = meeting(subject="Lunch")
MERGE = three_way_merge(
    Base(AGREED, AGREED),
    replace(AGREED, subject="Ours", times=TEN),
    replace(AGREED, subject="Theirs", times=ALL_DAY),
)


def test_choices_for_all_conflicts_resolve_them():
    ours = replace(AGREED, subject="Ours", times=TEN)
    chosen = apply_decision(MERGE, ours, {"subject": "odoo", "times": "outlook"})
    assert not chosen.conflicts
    assert (chosen.kept_odoo, chosen.kept_outlook) == ({"subject"}, {"times"})
    assert chosen.decided_by_policy == frozenset()


def test_choices_for_some_conflicts_change_nothing():
    ours = replace(AGREED, subject="Ours", times=TEN)
    assert apply_decision(MERGE, ours, {"subject": "odoo"}) == MERGE
