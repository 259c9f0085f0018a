"""Test the merge of a series for each direction, role and choice.

Each rule is checked for any edits of both sides: move, new end, other days, new values.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from content_samples import people
from hypothesis import assume, given
from hypothesis import strategies as st
from test_series_merge import (
    BOTH_WAYS,
    WINDOW,
    at,
    changed,
    longer,
    renamed,
    weekly,
    without,
)

from praetorx_ms365_calendar.engine.body_limits import MAX_SHOWN_LENGTH
from praetorx_ms365_calendar.engine.merge import DELETED
from praetorx_ms365_calendar.engine.recurrence import Rule
from praetorx_ms365_calendar.engine.series import (
    Series,
    SeriesBase,
    changed_series,
    stored_content,
)
from praetorx_ms365_calendar.engine.series_deletion import plan_series_deletion
from praetorx_ms365_calendar.engine.series_edits import shared_by_all
from praetorx_ms365_calendar.engine.series_merge import merge_series
from praetorx_ms365_calendar.engine.series_plan import (
    agreed_base,
    base_with_edit_undone,
    confirm_series,
    next_write,
)
from praetorx_ms365_calendar.engine.series_units import (
    ALL,
    RECURRENCE,
    TIMES,
    choose_all,
)

AGREED = weekly(count=4)
BASE = SeriesBase(AGREED, AGREED)
DAY, OTHER_DAY = AGREED.days[1:3]
DIRECTIONS = st.sampled_from(["both", "odoo_to_outlook", "outlook_to_odoo"])


def moved(series: Series, hour: int) -> Series:
    """Return a series at another time of day."""
    return changed_series(series, replace(series.master, times=at(hour)), series.rule)


@st.composite
def edited(draw, series: Series = AGREED) -> Series:
    """Return a series after up to three edits."""
    for _number in range(draw(st.integers(0, 3))):
        day = draw(st.sampled_from(series.days))
        series = draw(
            st.sampled_from(
                [
                    renamed(series, "Scrum"),
                    moved(series, 11),
                    longer(series, 6),
                    longer(series, 2),
                    changed(series, day, subject="Retro"),
                    changed(series, day, attendees=people("c@example.com")),
                    without(series, day) if series.days[1:] else series,
                ]
            )
        )
    return series


@given(edited(), edited(), st.booleans(), st.booleans())
def test_nothing_is_sent_if_outlook_alone_gives(ours, theirs, is_organizer, is_known):
    merge = merge_series(
        BASE if is_known else None,
        ours,
        theirs,
        direction="outlook_to_odoo",
        is_organizer=is_organizer,
    )
    assert not merge.changes_graph


@given(edited(), edited(), st.booleans())
def test_nothing_is_read_if_odoo_alone_gives(ours, theirs, is_organizer):
    merge = merge_series(
        BASE, ours, theirs, direction="odoo_to_outlook", is_organizer=is_organizer
    )
    assert not merge.gone_in_graph
    assert not merge.shared.to_odoo
    if is_organizer:
        assert "odoo" not in (merge.times, merge.rule)
        assert merge.target == ours


@given(edited(), edited(), DIRECTIONS)
def test_attendee_never_moves_or_deletes_for_others(ours, theirs, direction):
    merge = merge_series(BASE, ours, theirs, direction=direction, is_organizer=False)
    assert "graph" not in (merge.times, merge.rule)
    assert not merge.gone_in_odoo
    assert ALL not in merge.conflicts or TIMES not in merge.conflicts[ALL]


@given(edited(), edited(), DIRECTIONS, st.booleans())
def test_side_without_edits_has_no_conflict(ours, theirs, direction, is_ours):
    sides = (ours, AGREED) if is_ours else (AGREED, theirs)
    merge = merge_series(BASE, *sides, direction=direction, is_organizer=True)
    assert not merge.conflicts
    if direction == "both":
        assert merge.target == (ours if is_ours else theirs)


@given(edited(), edited(), st.sampled_from(["odoo", "outlook"]))
def test_choices_leave_no_conflict_and_are_final(ours, theirs, side):
    conflicts = merge_series(BASE, ours, theirs, **BOTH_WAYS).conflicts
    choices = choose_all(conflicts, side)
    merge = merge_series(BASE, ours, theirs, **BOTH_WAYS, choices=choices)
    assert not merge.conflicts
    assume(merge.target.days)
    agreed = agreed_base(BASE, merge.target, theirs, merge)
    again = merge_series(agreed, merge.target, theirs, **BOTH_WAYS)
    assert (again.conflicts, again.target) == ({}, merge.target)


def test_both_sides_made_the_same_move_and_an_edit_each():
    ours = changed(moved(AGREED, 11), DAY, subject="Retro")
    theirs = changed(moved(AGREED, 11), DAY, location="Hall")
    merge = merge_series(BASE, ours, theirs, **BOTH_WAYS)
    both = merge.target.occurrence(DAY)
    assert (both.subject, both.location) == ("Retro", "Hall")
    assert (merge.conflicts, merge.times, merge.rule) == ({}, "", "")


def test_both_sides_moved_differently():
    merge = merge_series(BASE, moved(AGREED, 11), moved(AGREED, 7), **BOTH_WAYS)
    assert merge.conflicts == {ALL: frozenset({TIMES})}
    for side, hour in (("odoo", 11), ("outlook", 7)):
        choices = {ALL: {TIMES: side}}
        merge = merge_series(
            BASE, moved(AGREED, 11), moved(AGREED, 7), **BOTH_WAYS, choices=choices
        )
        assert merge.target == moved(AGREED, hour)


def test_one_side_moved_and_the_other_changed_the_days():
    ours = moved(AGREED, 11)
    days = replace(AGREED.rule, days_of_week=("tuesday",))
    theirs = changed_series(AGREED, AGREED.master, days)
    merge = merge_series(BASE, ours, theirs, **BOTH_WAYS)
    assert (merge.conflicts, merge.times, merge.rule) == ({}, "graph", "odoo")
    assert merge.target == changed_series(theirs, ours.master, days)


def test_sides_that_never_agreed_differ_in_days_and_times():
    ours, theirs = weekly(11, count=4), weekly(7, count=6)
    merge = merge_series(None, ours, theirs, **BOTH_WAYS)
    assert merge.conflicts == {ALL: frozenset({TIMES, RECURRENCE})}
    equal = merge_series(None, ours, ours, **BOTH_WAYS)
    assert (equal.conflicts, equal.target) == ({}, ours)


@pytest.mark.parametrize("side", ["odoo", "outlook"])
def test_choice_about_a_date_deleted_here_and_edited_there(side):
    ours, theirs = without(AGREED, DAY), changed(AGREED, DAY, subject="Retro")
    conflicts = merge_series(BASE, ours, theirs, **BOTH_WAYS).conflicts
    assert conflicts == {DAY: frozenset({DELETED})}
    choices = choose_all(conflicts, side)
    merge = merge_series(BASE, ours, theirs, **BOTH_WAYS, choices=choices)
    assert not merge.conflicts
    assert (merge.gone_in_odoo == {DAY}) is (side == "odoo")
    assert not merge.gone_in_graph
    assert merge.target == (ours if side == "odoo" else theirs)


@pytest.mark.parametrize("side", ["odoo", "outlook"])
def test_choice_about_a_date_edited_here_and_deleted_there(side):
    """Graph cannot bring it back. The caller makes it an event of its own."""
    ours, theirs = changed(AGREED, DAY, subject="Retro"), without(AGREED, DAY)
    conflicts = merge_series(BASE, ours, theirs, **BOTH_WAYS).conflicts
    assert conflicts == {DAY: frozenset({DELETED})}
    choices = choose_all(conflicts, side)
    merge = merge_series(BASE, ours, theirs, **BOTH_WAYS, choices=choices)
    assert not merge.conflicts
    assert (merge.gone_in_graph == {DAY}) is (side == "outlook")
    assert not merge.gone_in_odoo
    assert merge.target == theirs


def test_attendee_keeps_the_organizers_times_if_nothing_is_read():
    ours = moved(AGREED, 11)
    for direction, unit in (("both", "odoo"), ("odoo_to_outlook", "withheld")):
        merge = merge_series(
            BASE, ours, AGREED, direction=direction, is_organizer=False
        )
        assert merge.times == unit
        assert merge.target == (AGREED if unit == "odoo" else ours)


def test_move_that_is_withheld_stays_an_edit():
    ours = moved(AGREED, 11)
    merge = merge_series(
        BASE, ours, AGREED, direction="outlook_to_odoo", is_organizer=True
    )
    assert (merge.times, merge.target) == ("withheld", ours)
    agreed = agreed_base(BASE, ours, AGREED, merge)
    assert agreed.ours == AGREED
    assert merge_series(agreed, ours, AGREED, **BOTH_WAYS).times == "graph"


# -- writes --------------------------------------------------------------------------


def test_deletions_are_sent_one_by_one():
    base, ours = BASE, without(without(AGREED, DAY), OTHER_DAY)
    for day in (DAY, OTHER_DAY):
        write = next_write(base, ours, is_organizer=True)
        assert (write.day, write.fields, write.is_delete) == (day, frozenset(), True)
        base = write.after
    assert next_write(base, ours, is_organizer=True) is None
    assert next_write(BASE, ours, is_organizer=True, recorded=frozenset()) is None


def test_only_occurrences_with_recorded_fields_are_sent():
    ours = changed(changed(AGREED, DAY, location="Hall"), OTHER_DAY, subject="Retro")
    recorded = frozenset({"subject"})
    write = next_write(BASE, ours, is_organizer=True, recorded=recorded)
    assert (write.day, write.fields) == (OTHER_DAY, {"subject"})


@pytest.mark.parametrize("has_arrived", [True, False])
def test_lost_deletion_has_arrived_if_graph_lacks_the_date(has_arrived):
    sent = without(AGREED, DAY)
    theirs = sent if has_arrived else AGREED
    base = confirm_series(BASE, SeriesBase(sent, sent), theirs)
    assert (DAY in base.theirs.days) is not has_arrived
    merge = merge_series(base, sent, theirs, **BOTH_WAYS)
    assert merge.gone_in_odoo == (set() if has_arrived else {DAY})


@pytest.mark.parametrize(
    "edit",
    [
        renamed(AGREED, "Scrum"),
        moved(AGREED, 11),
        without(AGREED, DAY),
        changed(AGREED, DAY, subject="Retro"),
    ],
)
def test_edit_that_is_undone_gets_outlooks_value(edit):
    names = frozenset({"subject", "times", DELETED})
    base = base_with_edit_undone(BASE, edit, names)
    merge = merge_series(base, edit, AGREED, **BOTH_WAYS)
    assert (merge.target, merge.changes_graph) == (AGREED, False)


def test_other_edits_of_an_undone_one_are_still_sent():
    ours = renamed(moved(AGREED, 11), "Scrum")
    base = base_with_edit_undone(BASE, ours, frozenset({"subject"}))
    merge = merge_series(base, ours, AGREED, **BOTH_WAYS)
    assert (merge.target, merge.times) == (moved(AGREED, 11), "graph")


# -- storing -------------------------------------------------------------------------


@given(edited(), edited())
def test_stored_series_is_read_back(ours, theirs):
    base = SeriesBase(ours, theirs)
    data = base.to_json()
    assert SeriesBase.is_json(data)
    assert SeriesBase.from_json(data) == base
    assert stored_content(data["ours"]) == ours.master


def test_stored_event_is_no_series():
    event = AGREED.master.to_json()
    assert not SeriesBase.is_json({"ours": {}, "theirs": event})
    assert stored_content(event) == AGREED.master
    assert stored_content(None) is None


def test_series_without_occurrences_has_nothing_in_common():
    rule = Rule("daily", "2027-01-01", count=1, zone="Europe/Berlin")
    empty = Series(AGREED.master, rule, *WINDOW, ())
    assert not empty.contents()
    assert shared_by_all(empty) is empty


def test_series_deleted_on_both_sides_needs_no_person():
    merge = plan_series_deletion(BASE, None, None, is_organizer=True)
    assert (merge.conflicts, merge.merged) == (frozenset(), None)


def test_stored_series_with_a_body_that_is_shown_in_part_has_it_on_both_sides():
    body = "<p>" + "a" * MAX_SHOWN_LENGTH + "</p>"
    theirs = changed_series(AGREED, replace(AGREED.master, body=body), AGREED.rule)
    base = SeriesBase.from_json(SeriesBase(AGREED, theirs).to_json())
    assert base.ours.master.body == base.theirs.master.body == body
    assert base.theirs == theirs
