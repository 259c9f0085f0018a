"""Test that only occurrences deleted by a person count as deleted (docs/adr/0006)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from content_samples import people
from test_series_merge import BOTH_WAYS, longer, weekly, without

from praetorx_ms365_calendar.engine.authority import without_edit
from praetorx_ms365_calendar.engine.series import Series, SeriesBase, days_lost
from praetorx_ms365_calendar.engine.series_deletion import plan_series_deletion
from praetorx_ms365_calendar.engine.series_merge import merge_series
from praetorx_ms365_calendar.engine.series_plan import next_write

LONG_AGO = "2000-01-01"
DAY = "2026-03-09"
ENDLESS = weekly(count=None)


def recorded(series: Series, *removed: str) -> Series:
    """Return a series as Odoo reads it, with its record of deletions."""
    return replace(series, removed=frozenset(removed))


def agreed(series: Series) -> SeriesBase:
    return SeriesBase(series, series)


def merged(base, ours, theirs):
    return merge_series(base, ours, theirs, **BOTH_WAYS)


def test_missing_row_without_a_deletion_is_created_again():
    ours = recorded(without(ENDLESS, DAY))
    merge = merged(agreed(ENDLESS), ours, ENDLESS)
    assert not merge.changes_graph
    assert DAY in merge.target.days


def test_recorded_deletion_is_carried_out():
    ours = recorded(without(ENDLESS, DAY), DAY)
    write = next_write(agreed(ENDLESS), ours, is_organizer=True)
    assert (write.day, write.is_delete) == (DAY, True)


def test_deletion_of_a_date_that_was_not_agreed_yet_is_carried_out():
    """Odoo created the row after the window of the base had ended."""
    narrow = ENDLESS.within((ENDLESS.first, "2026-03-05"))
    merge = merged(agreed(narrow), recorded(without(ENDLESS, DAY), DAY), ENDLESS)
    assert merge.gone_in_odoo == {DAY}


@pytest.mark.parametrize("direction", ["both", "odoo_to_outlook"])
def test_dates_that_come_into_the_window_are_no_deletions(direction):
    narrow = ENDLESS.within((ENDLESS.first, "2026-03-05"))
    ours = Series.of(
        narrow.master, narrow.rule, ENDLESS.window, narrow.contents(), frozenset()
    )
    merge = merge_series(
        agreed(narrow), ours, ENDLESS, direction=direction, is_organizer=True
    )
    assert not merge.changes_graph
    assert merge.target.days == ENDLESS.days


def test_dates_that_came_into_the_window_without_a_record_are_no_deletions():
    """Neither side records deletions, for example Outlook with a wider window."""
    narrow = ENDLESS.within((ENDLESS.first, "2026-03-05"))
    shown = Series.of(narrow.master, narrow.rule, ENDLESS.window, narrow.contents())
    merge = merged(agreed(narrow), ENDLESS, shown)
    assert merge.gone_in_graph == frozenset()


def test_deletion_of_a_date_that_a_longer_rule_has_brought_is_carried_out():
    short, long = weekly(count=2), weekly(count=4)
    ours = recorded(without(long, "2026-03-16"), "2026-03-16")
    assert merged(agreed(short), ours, long).gone_in_odoo == {"2026-03-16"}


def test_missing_rows_are_not_lost_in_outlook():
    ours = recorded(without(ENDLESS, DAY))
    assert days_lost(ENDLESS, ours, LONG_AGO) == frozenset()
    assert days_lost(ENDLESS, recorded(ours, DAY), LONG_AGO) == {DAY}


def test_missing_rows_are_not_lost_when_the_series_moves():
    moved = recorded(without(weekly(13, count=None), DAY))
    assert days_lost(ENDLESS, moved, LONG_AGO) == frozenset()


def test_record_is_kept_if_outlook_may_not_invite():
    ours = recorded(without(ENDLESS, DAY))
    ours = replace(ours, master=replace(ours.master, attendees=people("ben@x.com")))
    write = next_write(agreed(ENDLESS), ours, is_organizer=True, invites=False)
    assert write is None


def test_record_is_kept_while_an_edit_waits_for_a_decision():
    before = recorded(without(ENDLESS, DAY))
    after = replace(before, master=replace(before.master, subject="Daily"))
    left = without_edit(after, before, after)
    assert next_write(agreed(ENDLESS), left, is_organizer=True) is None


# --- the whole series -----------------------------------------------------------------


def test_deleted_series_conflicts_with_an_edit_on_the_other_side():
    before = weekly(count=4)
    for after in (longer(before, 6), without(before, DAY)):
        for ours, theirs in ((after, None), (None, after)):
            plan = plan_series_deletion(agreed(before), ours, theirs, is_organizer=True)
            assert plan.conflicts


def test_change_without_an_edit_does_not_stop_the_deletion_of_a_series():
    def is_contested(ours):
        plan = plan_series_deletion(
            agreed(before),
            ours,
            None,
            is_organizer=True,
            unedited=frozenset({"categories"}),
        )
        return bool(plan.conflicts)

    before = weekly(count=4)
    renamed = replace(before, master=replace(before.master, categories=("Red",)))
    of_day = replace(before.occurrence(DAY), categories=("Red",))
    assert not is_contested(renamed)
    assert not is_contested(replace(before, exceptions={DAY: of_day}))
    dinner = replace(of_day, subject="Dinner")
    assert is_contested(replace(before, exceptions={DAY: dinner}))
    assert is_contested(without(renamed, DAY))


def test_wider_window_is_no_edit_of_a_deleted_series():
    narrow = ENDLESS.within((ENDLESS.first, DAY))
    plan = plan_series_deletion(agreed(narrow), None, ENDLESS, is_organizer=True)
    assert not plan.conflicts


def test_edit_of_an_attendee_does_not_stop_the_deletion_of_a_series():
    before = weekly(count=4)
    plan = plan_series_deletion(
        agreed(before), longer(before, 6), None, is_organizer=False
    )
    assert not plan.conflicts
