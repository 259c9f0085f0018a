"""Test which changes the history keeps, and the earlier contents that they give."""

from __future__ import annotations

import json
from dataclasses import replace

from content_samples import contents, edits, meeting, people
from hypothesis import given
from hypothesis import strategies as st
from test_series_merge import changed, longer, renamed, weekly, without

from praetorx_ms365_calendar.engine.body_limits import MAX_SHOWN_LENGTH
from praetorx_ms365_calendar.engine.merge import DELETED
from praetorx_ms365_calendar.engine.recurrence import Rule
from praetorx_ms365_calendar.engine.series_units import ALL, RECURRENCE, TIMES
from praetorx_ms365_calendar.engine.snapshot import Times
from praetorx_ms365_calendar.engine.versions import (
    Shape,
    change_of_event,
    changes_of_series,
    deletion_of,
    earlier_content,
    earlier_shape,
    shown_content,
    too_long,
)


@given(contents, st.data())
def test_earlier_content_is_restored_through_any_number_of_changes(first, data):
    now, kept = first, []
    for _step in range(data.draw(st.integers(0, 3))):
        after = data.draw(edits(now))
        if change := change_of_event(now, after):
            kept.insert(0, json.loads(json.dumps(dict(change.before))))
        now = after
    assert not earlier_content(now, kept).changed_fields(first)


@given(contents, st.data())
def test_only_changed_fields_are_kept(before, data):
    after = data.draw(edits(before))
    change = change_of_event(before, after)
    names = after.changed_fields(before)
    if not names:
        assert change is None
        return
    assert change.names == names == change.before.keys() == change.after.keys()
    shown = shown_content(change.after)
    assert not shown.with_fields(names, after).changed_fields(shown)


def test_change_of_named_fields_only():
    before, after = meeting(), meeting(subject="Dinner", location="Roof")
    change = change_of_event(before, after, {"subject"})
    assert change.before == {"subject": "Lunch"}
    assert change.after == {"subject": "Dinner"}


def test_reminder_that_was_off_is_off_again():
    change = change_of_event(meeting(), meeting(reminder=15))
    assert earlier_content(meeting(reminder=15), [change.before]).reminder is None


def test_change_that_hides_or_shows_an_event_is_private():
    private = meeting(sensitivity="private")
    assert change_of_event(meeting(), private).is_private
    assert change_of_event(private, meeting()).is_private
    assert not change_of_event(meeting(), meeting(subject="Dinner")).is_private
    assert deletion_of(private).is_private
    assert not deletion_of(None).is_private


def test_description_that_odoo_shows_is_kept_whole():
    long = "<p>" + "x" * (MAX_SHOWN_LENGTH - 10) + "</p>"
    change = change_of_event(meeting(body=long), meeting(body="<p>One</p>"))
    assert earlier_content(meeting(body="<p>One</p>"), [change.before]).body == long


def test_description_of_which_odoo_shows_a_part_is_not_kept():
    long = "<p>" + "x" * MAX_SHOWN_LENGTH + "</p>"
    change = change_of_event(meeting(body="<p>One</p>"), meeting(body=long))
    assert change.before == {"body": "<p>One</p>"}
    assert too_long(change.after)
    assert not too_long(change.before)
    assert shown_content(change.after).body == ""
    back = change_of_event(meeting(body=long), meeting(body="<p>One</p>"))
    now = meeting(body="<p>One</p>")
    assert earlier_content(now, [back.before]) == now


def shape_of(series):
    return Shape.of(series.master.times, series.rule)


def test_earlier_end_of_a_series_is_restored():
    before = weekly(count=4)
    after = longer(before, 6)
    [change] = changes_of_series(before, after).values()
    now = shape_of(after)
    earlier = earlier_shape(now, now.times, [change.before])
    assert earlier == shape_of(before)
    assert earlier.changed_names(now) == {RECURRENCE}
    assert not earlier.moves(now)


def test_earlier_hour_of_a_series_is_restored():
    before = weekly(count=4)
    now = Shape.of(Times("2026-03-02T10:00:00", "2026-03-02T11:00:00"), before.rule)
    earlier = earlier_shape(now, before.master.times, [{}])
    assert earlier.changed_names(now) == {TIMES}
    assert earlier.moves(now)
    assert earlier.times == shape_of(before).times


def test_oldest_rule_counts():
    before = weekly(count=4)
    rules = [{RECURRENCE: longer(before, n).rule.to_json()} for n in (7, 6, 5)]
    now = shape_of(longer(before, 8))
    assert earlier_shape(now, now.times, [{}, *rules]).rule.count == 5


def test_series_begins_with_its_first_occurrence():
    times = Times("2026-03-02T08:00:00", "2026-03-02T09:00:00")
    rule = Rule("weekly", "2026-03-01", days_of_week=("wednesday",), count=3)
    shape = Shape.of(times, rule)
    assert shape.rule.start == "2026-03-04"
    assert shape.times.start == "2026-03-04T08:00:00"


def test_change_of_a_series_is_one_change():
    before = weekly(count=4)
    changes = changes_of_series(before, renamed(before, "Dinner"))
    assert list(changes) == [ALL]
    assert changes[ALL].names == {"subject"}


def test_change_of_an_occurrence_is_about_its_day():
    before = weekly(count=4)
    day = before.days[1]
    changes = changes_of_series(before, changed(before, day, location="Roof"))
    assert {on: change.names for on, change in changes.items()} == {day: {"location"}}


def test_deleted_occurrence_is_a_change_of_its_day():
    before = weekly(count=4)
    day = before.days[1]
    changes = changes_of_series(before, without(before, day))
    assert {on: change.names for on, change in changes.items()} == {day: {DELETED}}


def test_new_rule_is_kept():
    before = weekly(count=4)
    after = longer(before, 6)
    [change] = changes_of_series(before, after).values()
    assert change.names == {RECURRENCE}
    assert change.before[RECURRENCE] == before.rule.to_json()
    assert change.after[RECURRENCE] == after.rule.to_json()


def test_occurrence_that_differs_already_is_no_change():
    before = weekly(count=4)
    day = before.days[1]
    before = changed(before, day, location="Roof")
    after = renamed(before, "Dinner")
    assert set(changes_of_series(before, after)) == {ALL}


def test_days_outside_of_one_window_are_not_compared():
    before = weekly(count=4)
    after = before.within((before.days[1], before.last))
    assert changes_of_series(before, after) == {}


def test_days_after_a_new_end_are_no_deletions():
    before = weekly(count=4)
    changes = changes_of_series(before, longer(before, 2))
    assert {on: change.names for on, change in changes.items()} == {ALL: {RECURRENCE}}


def test_people_are_kept_with_their_names():
    before, after = meeting(), meeting(attendees=people("gus@example.com"))
    named = tuple(replace(one, name="Gus") for one in after.attendees)
    change = change_of_event(before, replace(after, attendees=named))
    assert shown_content(change.after).attendees[0].name == "Gus"
