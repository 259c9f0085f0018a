"""Test which occurrences a change of a series deletes, and how they are restored."""

from __future__ import annotations

from dataclasses import replace

from content_samples import people
from hypothesis import given
from hypothesis import strategies as st
from test_series_merge import BOTH_WAYS, longer, weekly, without

from praetorx_ms365_calendar.engine.mail_impact import mails_of_new_series
from praetorx_ms365_calendar.engine.series import (
    Series,
    SeriesBase,
    days_lost,
    map_days,
    with_days,
)
from praetorx_ms365_calendar.engine.series_merge import merge_series
from praetorx_ms365_calendar.engine.series_plan import (
    base_with_shape_undone,
    base_without_days,
    next_write,
)

LONG_AGO = "2000-01-01"
counts = st.integers(min_value=1, max_value=12)


def renamed(series: Series, day: str, subject: str) -> Series:
    contents = series.contents()
    contents[day] = replace(contents[day], subject=subject)
    return Series.of(series.master, series.rule, series.window, contents)


# --- lost occurrences -----------------------------------------------------------------


def test_earlier_end_loses_the_occurrences_after_it():
    before, after = weekly(count=4), weekly(count=2)
    assert days_lost(before, after, LONG_AGO) == {"2026-03-16", "2026-03-23"}


def test_past_occurrence_does_not_count_as_lost():
    before, after = weekly(count=4), weekly(count=1)
    assert days_lost(before, after, "2026-03-16") == {"2026-03-16", "2026-03-23"}


def test_deleted_occurrence_is_lost():
    before = weekly(count=4)
    assert days_lost(before, without(before, "2026-03-09"), LONG_AGO) == {"2026-03-09"}


def test_series_at_another_time_or_on_another_day_loses_nothing():
    before = weekly(9, count=4)
    assert days_lost(before, weekly(13, count=4), LONG_AGO) == frozenset()
    moved = weekly(9, days=("tuesday",), count=4)
    assert days_lost(before, moved, LONG_AGO) == frozenset()


def test_moved_series_with_fewer_occurrences_loses_the_difference():
    moved = weekly(9, days=("tuesday",), count=2)
    assert len(days_lost(weekly(9, count=5), moved, LONG_AGO)) == 3


@given(counts, counts)
def test_occurrence_with_a_new_day_is_not_lost(before_count, after_count):
    before, after = weekly(count=before_count), weekly(count=after_count)
    stay = map_days(before, after, before.days)
    lost = days_lost(before, after, LONG_AGO)
    assert lost | stay.keys() == set(before.days)
    assert not lost & stay.keys()
    assert len(lost) == max(0, before_count - after_count)


# --- taken back -----------------------------------------------------------------------


@given(counts, counts, st.sampled_from([9, 13]))
def test_taken_back_edit_lets_graphs_shape_win(here, there, hour):
    theirs, ours = weekly(9, count=there), weekly(hour, count=here)
    base = base_with_shape_undone(SeriesBase(theirs, theirs), ours)
    merge = merge_series(base, ours, theirs, **BOTH_WAYS)
    assert not merge.conflicts
    assert not merge.changes_graph
    assert merge.target.contents() == theirs.contents()


def test_taken_back_deletion_leaves_other_edits():
    agreed = renamed(weekly(count=5), "2026-03-30", "Retro")
    ours = without(renamed(agreed, "2026-03-30", "Review"), "2026-03-09")
    base = base_with_shape_undone(SeriesBase(agreed, agreed), ours)
    merge = merge_series(base, ours, agreed, **BOTH_WAYS)
    assert merge.target.days == agreed.days
    assert merge.target.occurrence("2026-03-30").subject == "Review"
    assert merge.occurrences["2026-03-30"].to_graph == {"subject"}


# --- kept -----------------------------------------------------------------------------


def test_occurrences_that_became_events_are_not_deleted():
    agreed, theirs = weekly(count=6), weekly(count=3)
    kept = days_lost(agreed, theirs, LONG_AGO)
    ours = with_days(agreed, set(agreed.days) - kept)
    base = base_without_days(SeriesBase(agreed, agreed), kept)
    merge = merge_series(base, ours, theirs, **BOTH_WAYS)
    assert not merge.conflicts
    assert not merge.changes_graph
    assert merge.target.days == theirs.days
    assert (
        next_write(SeriesBase(theirs, theirs), merge.target, is_organizer=True) is None
    )


def test_occurrences_that_became_events_stay_in_a_longer_series():
    agreed = weekly(count=3)
    base = base_without_days(SeriesBase(agreed, agreed), ["2026-03-09"])
    ours = without(agreed, "2026-03-09")
    theirs = without(longer(agreed, 5), "2026-03-09")
    merge = merge_series(base, ours, theirs, **BOTH_WAYS)
    assert not merge.conflicts
    assert merge.target.days == theirs.days


# --- mails ----------------------------------------------------------------------------


def invited(series: Series) -> Series:
    master = replace(series.master, attendees=people("a@example.com", "b@example.com"))
    return replace(series, master=master)


def test_new_series_is_one_mail_for_each_attendee():
    assert mails_of_new_series(weekly(count=4)) == 0
    assert mails_of_new_series(invited(weekly(count=4))) == 2


def test_each_exception_of_a_new_series_is_a_separate_mail():
    series = invited(weekly(count=4))
    contents = series.contents()
    del contents["2026-03-09"]
    moved = contents["2026-03-16"]
    contents["2026-03-16"] = replace(moved, subject="Retro")
    series = Series.of(series.master, series.rule, series.window, contents)
    assert mails_of_new_series(series) == 2 + 2 + 2
