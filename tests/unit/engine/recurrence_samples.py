"""Rules of all kinds, and strategies with few values, so that they collide."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.recurrence import INDEXES, KINDS, WEEKDAYS, Rule

#: Days around Sunday and Monday, ends of months and years, leap days.
days = st.dates(date(2023, 12, 20), date(2029, 3, 10)) | st.sampled_from(
    [
        date(2024, 2, 29),
        date(2026, 1, 31),
        date(2026, 2, 28),
        date(2026, 3, 1),
        date(2026, 12, 31),
        date(2028, 2, 29),
    ]
)
first_days = st.sampled_from(WEEKDAYS)
zones = st.sampled_from([None, "Europe/Berlin", "Europe/Vienna", "Asia/Kolkata"])


def rule(kind: str, start: str, **members: Any) -> Rule:
    """Return a rule; ``days`` has the names of days, separated by spaces."""
    named = members.pop("days", "").split()
    return Rule(kind, start, days_of_week=tuple(named), **members)


@st.composite
def rules(draw, kinds=KINDS, starts=days, endless=False) -> Rule:
    """Return a rule of these kinds; its start may be on a day without occurrence."""
    start = draw(starts)
    end: dict[str, Any] = {}
    if not endless:
        until = st.integers(0, 2000).map(lambda n: str(start + timedelta(days=n)))
        end = draw(
            st.just({})
            | st.fixed_dictionaries({"count": st.integers(1, 40)})
            | st.fixed_dictionaries({"until": until})
        )
    return Rule(
        kind=draw(st.sampled_from(kinds)),
        start=start.isoformat(),
        interval=draw(st.integers(1, 4) | st.sampled_from([6, 12, 24])),
        days_of_week=tuple(
            draw(st.sets(st.sampled_from(WEEKDAYS), min_size=1, max_size=7))
        ),
        first_day_of_week=draw(first_days),
        day_of_month=draw(st.sampled_from([start.day, 1, 15, 28, 29, 30, 31])),
        month=draw(st.sampled_from([start.month, 2, 4, 11])),
        index=draw(st.sampled_from(INDEXES)),
        zone=draw(zones),
        **end,
    )


@st.composite
def windows(draw) -> tuple[date, date]:
    """Return a window of up to eight years around the starts of rules."""
    first = draw(days)
    length = draw(st.integers(0, 60) | st.integers(60, 3000))
    return first, first + timedelta(days=length)
