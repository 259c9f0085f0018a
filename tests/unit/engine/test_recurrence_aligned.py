"""Test how old days of a series map to new days when its rule changes."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurrence_samples import rule, rules, windows

from praetorx_ms365_calendar.engine.recurrence import (
    MAX_INTERVAL,
    aligned,
    occurrence_days,
)

MARCH = date(2026, 3, 1), date(2026, 3, 31)


def moved(before, after, first: date = MARCH[0], last: date = MARCH[1]) -> str:
    """Return the pairs of a window as text; a day that stays has only one number."""
    pairs = aligned(
        before,
        occurrence_days(before, first, last),
        after,
        occurrence_days(after, first, last),
    )
    return " ".join(
        f"{old.day}" if old == new else f"{old.day}>{new.day}"
        for old, new in pairs.items()
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (  # Mondays become Tuesdays
            rule("weekly", "2026-03-02", days="monday"),
            rule("weekly", "2026-03-03", days="tuesday"),
            "2>3 9>10 16>17 23>24 30>31",
        ),
        (  # and Sundays, before or after
            rule("weekly", "2026-03-02", days="monday"),
            rule("weekly", "2026-03-01", days="sunday"),
            "2>1 9>8 16>15 23>22 30>29",
        ),
        (
            rule("weekly", "2026-03-02", days="monday"),
            rule("weekly", "2026-03-08", days="sunday"),
            "2>8 9>15 16>22 23>29",
        ),
        (
            rule("weekly", "2026-03-02", days="monday saturday"),
            rule("weekly", "2026-03-03", days="tuesday sunday"),
            "2>3 7>8 9>10 14>15 16>17 21>22 23>24 28>29 30>31",
        ),
        (  # one of two days
            rule("weekly", "2026-03-02", days="monday wednesday", count=4),
            rule("weekly", "2026-03-02", days="monday thursday", count=4),
            "2 4>5 9 11>12",
        ),
        (  # a day less, a day more: the others stay
            rule("weekly", "2026-03-02", days="monday wednesday", count=4),
            rule("weekly", "2026-03-02", days="monday", count=4),
            "2 9",
        ),
        (
            rule("weekly", "2026-03-02", days="monday", count=2),
            rule("weekly", "2026-03-02", days="monday wednesday", count=4),
            "2 9",
        ),
        (  # shorter and moved
            rule("weekly", "2026-03-02", days="monday"),
            rule("weekly", "2026-03-03", days="tuesday", count=2),
            "2>3 9>10",
        ),
        (  # the first week cut off and moved
            rule("weekly", "2026-03-02", days="monday"),
            rule("weekly", "2026-03-10", days="tuesday"),
            "9>10 16>17 23>24 30>31",
        ),
        (  # two weeks more in front, and moved
            rule("weekly", "2026-03-16", days="monday"),
            rule("weekly", "2026-03-01", days="sunday"),
            "16>15 23>22 30>29",
        ),
        (
            rule("daily", "2026-03-02", interval=2, count=3),
            rule("daily", "2026-03-03", interval=2, count=3),
            "2>3 4>5 6>7",
        ),
        (
            rule("daily", "2026-03-02", interval=2, count=3),
            rule("daily", "2026-03-02", interval=4, count=3),
            "2 6",
        ),
        (  # another pattern: nothing to go by
            rule("daily", "2026-03-02", count=3),
            rule("weekly", "2026-03-06", days="friday", count=3),
            "",
        ),
        (
            rule("absoluteMonthly", "2026-01-15", day_of_month=15),
            rule("absoluteMonthly", "2026-01-20", day_of_month=20),
            "15>20",
        ),
        (
            rule("absoluteMonthly", "2026-01-15", day_of_month=15),
            rule("relativeMonthly", "2026-01-13", days="tuesday", index="second"),
            "15>10",
        ),
    ],
)
def test_old_days_map_to_the_moved_days(before, after, expected):
    assert moved(before, after) == expected


def test_a_window_that_begins_in_between_pairs_the_same():
    before = rule("weekly", "2026-03-02", days="monday")
    after = rule("weekly", "2026-03-03", days="tuesday")

    assert moved(before, after, date(2026, 3, 10)) == "16>17 23>24 30>31"


def test_a_deleted_occurrence_does_not_change_other_pairs():
    before = rule("weekly", "2026-03-02", days="monday thursday")
    after = rule("weekly", "2026-03-03", days="tuesday friday")
    old = occurrence_days(before, *MARCH)
    old.remove(date(2026, 3, 9))

    pairs = aligned(before, old, after, occurrence_days(after, *MARCH))

    assert pairs[date(2026, 3, 12)] == date(2026, 3, 13)
    assert set(pairs) == set(old)


@given(rules(), rules(), windows(), windows(), st.randoms())
def test_pairs_are_one_to_one_in_order_and_leave_common_days_alone(
    before, after, old_window, new_window, chance
):
    old = occurrence_days(before, *old_window)
    new = occurrence_days(after, *new_window)
    old = [day for day in old if chance.random() < 0.9]

    pairs = aligned(before, old, after, new)

    assert list(pairs) == sorted(pairs)
    assert list(pairs.values()) == sorted(set(pairs.values()))
    assert set(pairs) <= set(old)
    assert set(pairs.values()) <= set(new)
    assert all(pairs[day] == day for day in set(old) & set(new))


@pytest.mark.parametrize("kind", ["daily", "weekly", "absoluteMonthly"])
def test_the_longest_intervals_stay_inside_of_the_calendar(kind):
    def longest(start: str, day: str):
        return rule(kind, start, days=day, day_of_month=1, interval=MAX_INTERVAL)

    before, after = longest("2199-12-30", "monday"), longest("2199-12-29", "sunday")

    first = occurrence_days(before, date.min, date.max)[:1]
    new = occurrence_days(after, date.min, date.max)[:1]
    assert aligned(before, first, after, new) == dict(zip(first, new, strict=True))


@given(rules(), windows())
def test_an_unchanged_rule_moves_nothing(same, window):
    listed = occurrence_days(same, *window)

    assert aligned(same, listed, same, listed) == {day: day for day in listed}


@given(
    st.dates(date(2024, 1, 1), date(2028, 1, 1)),
    st.integers(-6, 6),
    st.integers(1, 3),
    windows(),
)
def test_a_moved_weekday_moves_each_occurrence(start, days_later, weeks, window):
    by = timedelta(days=days_later)

    def weekly(day: date):
        name = day.strftime("%A").lower()
        return rule("weekly", day.isoformat(), days=name, interval=weeks)

    old = occurrence_days(weekly(start), *window)

    pairs = aligned(weekly(start), old, weekly(start + by), [day + by for day in old])

    assert pairs == {day: day + by for day in old}
