"""Test cases that random walks of series found; most of them were lost edits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from content_samples import people

from praetorx_ms365_calendar.engine.differences import find_differences
from praetorx_ms365_calendar.engine.recorded_names import series_names_to_record
from praetorx_ms365_calendar.engine.recurrence import Rule
from praetorx_ms365_calendar.engine.series import (
    Series,
    SeriesBase,
    changed_series,
    series_without_exceptions,
)
from praetorx_ms365_calendar.engine.series_changes import base_without_declined
from praetorx_ms365_calendar.engine.series_merge import merge_series
from praetorx_ms365_calendar.engine.series_plan import (
    agreed_base,
    confirm_series,
    next_write,
)
from praetorx_ms365_calendar.engine.series_units import ALL, RECURRENCE
from praetorx_ms365_calendar.engine.slot_times import slot_times
from praetorx_ms365_calendar.engine.snapshot import Content, Times

FIRST = date(2026, 3, 2)  # a Monday
WINDOW = ("2026-02-20", "2026-06-20")
BOTH_WAYS = {"direction": "both", "is_organizer": True}


def at(hour: int) -> Times:
    """Return times of one hour on the first day."""
    start, end = (f"{FIRST}T{one:02}:00:00" for one in (hour, hour + 1))
    return slot_times(Times(start, end, zone="Europe/Berlin"), FIRST)


def weekly(hour: int = 9, *, days: tuple[str, ...] = ("monday",), count: int) -> Series:
    """Return a series without exceptions."""
    rule = Rule("weekly", FIRST.isoformat(), days_of_week=days, count=count)
    rule = replace(rule, zone="Europe/Berlin")
    return series_without_exceptions(Content("Standup", at(hour)), rule, WINDOW)


def without(series: Series, day: str) -> Series:
    """Return a series without one of its occurrences."""
    contents = series.contents()
    del contents[day]
    return Series.of(series.master, series.rule, series.window, contents)


def longer(series: Series, count: int) -> Series:
    """Return a series with more occurrences."""
    return changed_series(series, series.master, replace(series.rule, count=count))


def test_lost_write_that_arrived_in_part_needs_a_person():
    """The times are as sent, but the rule is not.

    Either a person set the rule back in Outlook, or it never arrived.
    """
    agreed = weekly(9, count=4)
    sent = weekly(7, days=("monday", "thursday"), count=4)
    theirs = weekly(7, count=4)
    base = confirm_series(SeriesBase(agreed, agreed), SeriesBase(sent, sent), theirs)
    merge = merge_series(base, sent, theirs, **BOTH_WAYS)
    assert merge.conflicts == {ALL: frozenset({RECURRENCE})}


def test_lost_write_that_graph_shows_completely_has_arrived():
    agreed = weekly(9, count=4)
    sent = weekly(7, days=("monday", "thursday"), count=4)
    base = confirm_series(SeriesBase(agreed, agreed), SeriesBase(sent, sent), sent)
    merge = merge_series(base, sent, sent, **BOTH_WAYS)
    assert (merge.conflicts, merge.changes_graph) == ({}, False)


def test_lost_write_that_never_arrived_is_still_to_be_sent():
    agreed, sent = weekly(9, count=4), weekly(7, count=4)
    base = confirm_series(SeriesBase(agreed, agreed), SeriesBase(sent, sent), agreed)
    merge = merge_series(base, sent, agreed, **BOTH_WAYS)
    assert (merge.conflicts, merge.times) == ({}, "graph")


def test_new_date_deleted_on_one_side_stays_deleted_when_both_go_on_for_longer():
    agreed = weekly(count=2)
    theirs = longer(agreed, 4)
    for ours in (without(theirs, "2026-03-23"), without(theirs, "2026-03-16")):
        merge = merge_series(SeriesBase(agreed, agreed), ours, theirs, **BOTH_WAYS)
        assert merge.target.days == ours.days
        assert len(merge.gone_in_odoo) == 1
        merge = merge_series(SeriesBase(agreed, agreed), theirs, ours, **BOTH_WAYS)
        assert merge.target.days == ours.days
        assert len(merge.gone_in_graph) == 1


def test_restored_date_is_the_same_on_both_sides():
    """Outlook moved the date. Odoo's end won, and changed again before it was sent."""
    agreed = weekly(count=4)
    moved = {"2026-03-16": replace(agreed.occurrence("2026-03-16"), times=at(7))}
    theirs = Series.of(
        agreed.master, agreed.rule, agreed.window, agreed.contents() | moved
    )
    shorter = longer(agreed, 2)
    base = SeriesBase(agreed, agreed)
    kept = {ALL: {RECURRENCE: "odoo"}}
    merge = merge_series(base, shorter, theirs, **BOTH_WAYS, choices=kept)
    base = agreed_base(base, merge.target, theirs, merge)
    ours = longer(merge.target, 6)
    merge = merge_series(base, ours, theirs, **BOTH_WAYS)
    assert merge.occurrences["2026-03-16"].to_graph == {"times"}


def changed(series: Series, day: str, **values: object) -> Series:
    """Return a series with a change in one occurrence."""
    content = replace(series.occurrence(day), **values)
    contents = series.contents() | {day: content}
    return Series.of(series.master, series.rule, series.window, contents)


def renamed(series: Series, subject: str) -> Series:
    """Return a series with another subject."""
    return changed_series(series, replace(series.master, subject=subject), series.rule)


def test_occurrence_that_got_its_old_subject_back_was_edited():
    """Both sides renamed the series, and Outlook kept the old subject for one date."""
    agreed = weekly(count=4)
    theirs = changed(renamed(agreed, "Scrum"), "2026-03-09", subject="Standup")
    ours = renamed(agreed, "Daily")
    merge = merge_series(SeriesBase(agreed, agreed), ours, theirs, **BOTH_WAYS)
    subject = frozenset({"subject"})
    assert merge.conflicts == {ALL: subject, "2026-03-09": subject}


def test_edit_of_a_restored_date_conflicts_with_a_move():
    whole = weekly(count=4)
    agreed = without(whole, "2026-03-09")
    ours = changed(whole, "2026-03-09", times=at(7))
    theirs = weekly(12, count=4)
    merge = merge_series(SeriesBase(agreed, agreed), ours, theirs, **BOTH_WAYS)
    assert merge.conflicts == {ALL: frozenset({RECURRENCE})}


def test_occurrence_alone_does_not_confirm_a_lost_write():
    """In Outlook, one occurrence got the value that was sent for the series."""
    apart = changed(weekly(count=4), "2026-03-09", times=at(7))
    ours = changed(renamed(apart, "Daily"), "2026-03-09", subject="Standup")
    sent = renamed(apart, "Daily")
    theirs = changed(apart, "2026-03-09", subject="Daily")
    base = SeriesBase(apart, apart)
    base = confirm_series(base, SeriesBase(sent, sent), theirs)
    merge = merge_series(base, ours, theirs, **BOTH_WAYS)
    assert merge.conflicts == {"2026-03-09": frozenset({"subject"})}


ATTENDEE = {"direction": "both", "is_organizer": False}


def test_renaming_all_back_does_not_hide_that_one_occurrence_was_edited_twice():
    """One occurrence has its own subject. A lost write sent it for the whole series.

    Then Odoo sets all occurrences back to the old subject, which is not an edit of the
    series. Then Outlook renames the series.
    """
    day, agreed = "2026-03-02", weekly(count=4)
    before = changed(agreed, day, subject="Dinner")
    dinner, tea = renamed(before, "Dinner"), renamed(agreed, "Tea")
    base = SeriesBase(before, before)
    base = confirm_series(base, SeriesBase(dinner, dinner), tea)
    merge = merge_series(base, agreed, tea, **BOTH_WAYS)
    assert merge.conflicts == {day: frozenset({"subject"})}
    for side, subject in (("odoo", "Standup"), ("outlook", "Tea")):
        choices = {day: {"subject": side}}
        merge = merge_series(base, agreed, tea, **BOTH_WAYS, choices=choices)
        assert not merge.conflicts
        assert merge.target == changed(tea, day, subject=subject)
        agreed_now = agreed_base(base, merge.target, tea, merge)
        write = next_write(agreed_now, merge.target, is_organizer=True)
        if side == "odoo":
            assert (write.day, write.fields) == (day, {"subject"})
            assert write.after == SeriesBase(merge.target, merge.target)
        else:
            assert write is None


def test_occurrence_equal_to_its_series_follows_a_new_name():
    day, agreed = "2026-03-02", weekly(count=4)
    before = changed(agreed, day, subject="Dinner")
    tea = renamed(agreed, "Tea")
    merge = merge_series(SeriesBase(before, before), tea, agreed, **BOTH_WAYS)
    assert (merge.conflicts, merge.target) == ({}, tea)
    assert merge.shared.to_graph == {"subject"}


def test_declined_occurrence_stays_in_odoo_after_a_change():
    """Outlook removes it. A new subject of the series does not change that."""
    agreed = weekly(count=4)
    theirs = without(agreed, "2026-03-09")
    base = base_without_declined(SeriesBase(agreed, agreed), theirs, {"2026-03-09"})
    for subject in ("Standup", "Scrum", "Daily"):
        master = replace(theirs.master, subject=subject)
        theirs = changed_series(theirs, master, theirs.rule)
        merge = merge_series(base, agreed, theirs, **ATTENDEE)
        assert "2026-03-09" in merge.target.days
        assert merge.target.occurrence("2026-03-09").subject == "Standup"
        assert merge.target.occurrence("2026-03-16").subject == subject
        agreed, base = merge.target, agreed_base(base, merge.target, theirs, merge)
        decided = merge_series(base, agreed, theirs, **ATTENDEE)
        assert decided.target == agreed, "once more changes nothing"


def test_occurrence_that_was_not_declined_is_deleted_with_outlooks():
    agreed = weekly(count=4)
    theirs = without(agreed, "2026-03-09")
    base = base_without_declined(SeriesBase(agreed, agreed), theirs, {"2026-03-16"})
    merge = merge_series(base, agreed, theirs, **ATTENDEE)
    assert "2026-03-09" not in merge.target.days
    assert "2026-03-16" in merge.target.days


def test_declined_occurrence_comes_back_with_the_organizers_content():
    agreed = weekly(count=4)
    theirs = without(agreed, "2026-03-09")
    base = base_without_declined(SeriesBase(agreed, agreed), theirs, {"2026-03-09"})
    merge = merge_series(base, agreed, theirs, **ATTENDEE)
    base = agreed_base(base, merge.target, theirs, merge)
    back = changed_series(
        weekly(count=4), replace(agreed.master, subject="Scrum"), agreed.rule
    )
    merge = merge_series(base, agreed, back, **ATTENDEE)
    assert {merge.target.occurrence(day).subject for day in merge.target.days} == {
        "Scrum"
    }


def test_series_kept_at_odoos_times_sends_its_exceptions_again():
    """Outlook moved the series, and so dropped the exceptions."""
    plain = weekly(9, count=4)
    day, edited = plain.days[1], plain.days[2]
    moved = replace(plain.occurrence(day), subject="Retro", location="Hall")
    agreed = plain.having(plain.master, plain.contents() | {day: moved})
    theirs = changed_series(
        agreed, agreed.master, replace(agreed.rule, days_of_week=("monday", "friday"))
    )
    mine = replace(agreed.occurrence(edited), subject="Review")
    ours = agreed.having(agreed.master, agreed.contents() | {edited: mine})
    base = SeriesBase(agreed, agreed)
    conflicts = merge_series(base, ours, theirs, **BOTH_WAYS).conflicts
    assert conflicts == {ALL: frozenset({RECURRENCE})}
    kept = {ALL: {RECURRENCE: "odoo"}}
    merge = merge_series(base, ours, theirs, **BOTH_WAYS, choices=kept)
    nothing = frozenset()
    names = series_names_to_record(merge, nothing, nothing, kept)
    assert {RECURRENCE, "subject", "location"} <= names
    assert "attendees" not in names


def test_series_moved_and_back_again_resets_what_the_owner_did_not_keep():
    """Outlook changed an occurrence, and the owner kept Odoo's move of the series."""
    agreed = weekly(9, count=4)
    day = agreed.days[1]
    own = {"subject": "Retro", "attendees": people("anna@example.com")}
    retro = replace(agreed.occurrence(day), **own)
    theirs = agreed.having(agreed.master, agreed.contents() | {day: retro})
    for ours in (weekly(7, count=4), weekly(9, count=1)):
        kept = {ALL: {RECURRENCE: "odoo"}}
        base = SeriesBase(agreed, agreed)
        merge = merge_series(base, ours, theirs, **BOTH_WAYS, choices=kept)
        names = series_names_to_record(merge, frozenset(), frozenset(), kept)
        base = agreed_base(base, ours, theirs, merge)
        write = next_write(base, agreed, is_organizer=True, recorded=names)
        assert write, "Odoo has its former days and times again, before any write"
        assert (write.day, write.fields) == (day, {"subject"})
        assert write.content.subject == "Standup"
        unasked = next_write(write.after, agreed, is_organizer=True, recorded=names)
        assert unasked is None, "the owner decides who is invited"
        assert find_differences(write.after, agreed, is_organizer=True).names


def test_attendees_of_an_exception_that_outlook_dropped_are_asked_about():
    """Outlook moved the series, and the owner kept Odoo's days and times."""
    plain = weekly(9, count=4)
    deleted, day = plain.days[0], plain.days[1]
    anna = people("anna@example.com")
    invited = replace(plain.occurrence(day), attendees=anna)
    agreed = plain.having(plain.master, plain.contents() | {day: invited})
    theirs = changed_series(agreed, replace(agreed.master, times=at(7)), agreed.rule)
    base, ours = SeriesBase(agreed, agreed), without(agreed, deleted)
    kept = {ALL: {RECURRENCE: "odoo"}}
    merge = merge_series(base, ours, theirs, **BOTH_WAYS, choices=kept)
    names = series_names_to_record(merge, frozenset(), frozenset(), kept)
    base = agreed_base(base, ours, theirs, merge)
    while write := next_write(base, ours, is_organizer=True, recorded=names):
        assert "attendees" not in write.fields, "nobody is invited again unasked"
        base = write.after
    assert base.theirs == without(plain, deleted), "times and deletion have arrived"
    found = find_differences(base, ours, is_organizer=True)
    assert found.ask == {"attendees"}
    assert found.impact.invited == anna


@pytest.mark.parametrize("longer_in", ["odoo", "outlook"])
def test_new_date_with_own_times_follows_a_new_name_of_the_other_side(longer_in):
    """One side adds dates and moves one of them. The other side renames the series."""
    agreed, day = weekly(count=2), "2026-03-16"
    more = changed(longer(agreed, 4), day, times=at(7))
    named = renamed(agreed, "Daily")
    ours, theirs = (more, named) if longer_in == "odoo" else (named, more)
    base = SeriesBase(agreed, agreed)
    merge = merge_series(base, ours, theirs, **BOTH_WAYS)
    expected = changed(renamed(longer(agreed, 4), "Daily"), day, times=at(7))
    assert (merge.conflicts, merge.target) == ({}, expected)
    base = agreed_base(base, merge.target, theirs, merge)
    while write := next_write(base, merge.target, is_organizer=True):
        base = write.after
    assert base.theirs == expected


def test_new_date_keeps_its_own_name():
    agreed, day = weekly(count=2), "2026-03-16"
    more = changed(longer(agreed, 4), day, subject="Retro")
    named = renamed(agreed, "Daily")
    base = SeriesBase(agreed, agreed)
    for ours, theirs in ((more, named), (named, more)):
        merge = merge_series(base, ours, theirs, **BOTH_WAYS)
        assert merge.target.occurrence(day).subject == "Retro"
        assert not merge.conflicts


def test_new_date_with_own_guests_gets_new_guests_of_the_series():
    """Outlook will make the date from the series, so nobody is cancelled there."""
    agreed, day = weekly(count=2), "2026-03-16"
    guests = people("anna@example.com", "ben@example.com")
    ours = changed(longer(agreed, 4), day, attendees=guests[:1])
    theirs = changed_series(
        agreed, replace(agreed.master, attendees=guests[1:]), agreed.rule
    )
    base = SeriesBase(agreed, agreed)
    merge = merge_series(base, ours, theirs, **BOTH_WAYS)
    assert merge.target.occurrence(day).attendees == guests
    base = agreed_base(base, merge.target, theirs, merge)
    write = next_write(base, merge.target, is_organizer=True)
    assert (write.day, write.fields) == (ALL, {RECURRENCE})
    write = next_write(write.after, merge.target, is_organizer=True)
    assert (write.day, write.fields) == (day, {"attendees"})
    assert write.content.attendees == guests
