"""Test series if Exchange may not invite new attendees."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.recurrence import Rule
from praetorx_ms365_calendar.engine.series import (
    Series,
    SeriesBase,
    series_without_exceptions,
)
from praetorx_ms365_calendar.engine.series_merge import merge_series
from praetorx_ms365_calendar.engine.series_people import without_people
from praetorx_ms365_calendar.engine.series_plan import next_write, with_people_agreed
from praetorx_ms365_calendar.engine.snapshot import Attendee, Content, Times

ANNA, BEN, GUS = (
    Attendee(f"{name}@example.com", name) for name in ("anna", "ben", "gus")
)
people = st.sets(st.sampled_from([ANNA, BEN, GUS])).map(
    lambda them: tuple(sorted(them))
)
TIMES = Times("2026-03-02T08:00:00", "2026-03-02T09:00:00", zone="Europe/Berlin")
RULE = Rule("daily", "2026-03-02", count=4, zone="Europe/Berlin")
WINDOW = ("2026-03-01", "2026-03-31")


def standup(everybody: tuple[Attendee, ...], of_third: tuple[Attendee, ...]) -> Series:
    """Return a series with other attendees in its third occurrence."""
    series = series_without_exceptions(
        Content("Standup", TIMES, attendees=everybody), RULE, WINDOW
    )
    contents = series.contents()
    contents["2026-03-04"] = replace(contents["2026-03-04"], attendees=of_third)
    return Series.of(series.master, RULE, WINDOW, contents)


series_of_some = st.builds(standup, people, people)


@given(series_of_some, series_of_some, series_of_some)
def test_no_attendee_is_ever_added_in_outlook(before, theirs, ours):
    base = SeriesBase(before, theirs)
    for _write in range(6):
        write = next_write(base, ours, is_organizer=True, invites=False)
        if write is None:
            break
        then = write.after.theirs
        for day in then.days:
            listed = set(base.theirs.occurrence(day).attendees)
            assert set(then.occurrence(day).attendees) <= listed
        base = write.after
    else:
        raise AssertionError("it goes on for ever")
    agreed = with_people_agreed(base, ours)
    assert next_write(agreed, ours, is_organizer=True, invites=False) is None


@given(series_of_some)
def test_attendees_only_in_odoo_are_no_difference(ours):
    theirs = without_people(ours)
    base = with_people_agreed(SeriesBase(theirs, theirs), ours)
    merge = merge_series(base, ours, theirs, direction="both", is_organizer=True)
    assert merge.target == ours
    assert not merge.changes_graph
