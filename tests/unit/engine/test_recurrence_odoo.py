"""Test that ``calendar.recurrence`` values and the rule give the same days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from typing import Any

import pytest
from dateutil import rrule as ical
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st
from recurrence_samples import days, first_days, rule, rules, zones

from praetorx_ms365_calendar.engine.mapping.odoo_recurrence import (
    INEXPRESSIBLE,
    MAX_OCCURRENCES,
    NOT_EXPRESSIBLE,
    inexpressible,
    odoo_values_from_rule,
    rule_from_odoo,
    why_not_expressible,
)
from praetorx_ms365_calendar.engine.recurrence import WEEKDAYS, Rule, occurrence_days

FLAGS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: Late enough for the first years of any series, with any interval.
LAST = date(2060, 1, 1)


# --- Odoo's own arithmetic ------------------------------------------------------------


def odoo_days(values: dict[str, Any], start: date, first_day: str) -> list[date]:
    """Return the days of a series in Odoo, up to ``LAST``.

    This follows Odoo's ``_range_calculation``: it makes a list from the start of the
    period, and a longer one if days before the start were counted.
    """
    made = odoo_list(values, start, first_day, values["count"])
    kept = [day for day in made if day >= start]
    if values["end_type"] == "count" and len(kept) < values["count"]:
        more = 2 * values["count"] - len(kept)
        kept = [
            day for day in odoo_list(values, start, first_day, more) if day >= start
        ]
    return kept


def odoo_list(
    values: dict[str, Any], start: date, first_day: str, count: int
) -> list[date]:
    """Follow Odoo's ``_get_start_of_period`` and ``_get_rrule``."""
    kind, wkst = values["rrule_type"], ical.weekday(WEEKDAYS.index(first_day))
    members: dict[str, Any] = {"interval": values["interval"]}
    if kind == "weekly":
        start += relativedelta(weekday=wkst(-1))
        on = [ical.weekday(n) for n, flag in enumerate(FLAGS) if values[flag]]
        members |= {"byweekday": on, "wkst": wkst}
    elif kind == "monthly":
        start = start.replace(day=1)
        if values["month_by"] == "date":
            members["bymonthday"] = values["day"]
        else:
            weekday = getattr(ical, values["weekday"][:2])
            members["byweekday"] = weekday(int(values["byday"]))
    if values["end_type"] == "end_date":
        members["until"] = datetime.combine(values["until"], time.max)
    elif values["end_type"] == "count":
        members["count"] = min(count, MAX_OCCURRENCES)
    else:
        members["count"] = MAX_OCCURRENCES
    series = ical.rrule(
        getattr(ical, kind.upper()), dtstart=datetime.combine(start, time(9)), **members
    )
    listed = (moment.date() for moment in series)
    return list(takewhile(lambda day: day <= LAST, listed))


def same_days(found: Rule, made: list[date]) -> bool:
    """Return True if a rule has Odoo's days; endless ones up to Odoo's last day."""
    last = LAST if found.count or found.until else max(made, default=LAST)
    return occurrence_days(found, date.min, min(last, LAST)) == made


def is_every_fourth_year(reason: str, members: dict[str, Any]) -> bool:
    """Return True for leap days that have the same dates on both sides until 2100."""
    return reason == "leap_day" and members["interval"] % 4 == 0


@st.composite
def odoo_values(draw) -> dict[str, Any]:
    """Return values as in the database, also old values that are not used."""
    return {
        "rrule_type": draw(st.sampled_from(["daily", "weekly", "monthly", "yearly"])),
        "interval": draw(st.integers(1, 4) | st.sampled_from([6, 12, 24])),
        "end_type": draw(st.sampled_from(["count", "end_date", "forever"])),
        "count": draw(st.integers(1, 9) | st.integers(715, 900)),
        "until": draw(days),
        **{flag: draw(st.booleans()) for flag in FLAGS},
        "month_by": draw(st.sampled_from(["date", "day"])),
        "day": draw(st.sampled_from([1, 15, 28, 29, 30, 31])),
        "weekday": draw(st.sampled_from([flag.upper() for flag in FLAGS])),
        "byday": draw(st.sampled_from(["1", "2", "3", "4", "-1"])),
        "event_tz": draw(zones),
    }


# --- properties -----------------------------------------------------------------------


@given(odoo_values(), days, first_days)
def test_a_rule_has_the_days_that_odoo_makes(values, start, first_day):
    if reason := inexpressible(values, start, first_day):
        assert reason in INEXPRESSIBLE
        return

    found = rule_from_odoo(values, start, first_day)

    assert same_days(found, odoo_days(values, start, first_day))
    assert found.zone == values["event_tz"]


@given(odoo_values(), days, first_days)
def test_inexpressible_rule_has_a_reason(values, start, first_day):
    """Odoo makes no occurrences, or Exchange would make other ones."""
    reason = inexpressible(values, start, first_day)
    if reason in {None, "incomplete"} or is_every_fourth_year(reason, values):
        return
    made = odoo_days(values, start, first_day)
    if reason == "no_occurrence":
        assert made == []
    else:
        endless = values | {"end_type": "forever"}
        found = rule_from_odoo(endless, start, first_day)
        assert not same_days(found, odoo_days(endless, start, first_day))


@given(rules(), first_days)
def test_a_rule_that_odoo_can_store_is_stored_without_loss(found, first_day):
    if reason := why_not_expressible(found, first_day):
        assert reason in NOT_EXPRESSIBLE
        return
    start = date.fromisoformat(found.start)

    values = odoo_values_from_rule(found)

    assert same_days(found, odoo_days(values, start, first_day))
    if occurrence_days(found, start, date(2200, 1, 1)):
        assert inexpressible(values, start, first_day) is None
        again = rule_from_odoo(values, start, first_day)
        assert again == found
        assert again.zone == found.zone


@given(rules(endless=True), first_days)
def test_rule_that_odoo_cannot_store_would_be_another_series_there(found, first_day):
    reason = why_not_expressible(found, first_day)
    if reason is None or is_every_fourth_year(reason, found.to_json()):
        return
    start = date.fromisoformat(found.start)

    values = odoo_values_from_rule(found)

    assert not same_days(found, odoo_days(values, start, first_day)) or (
        rule_from_odoo(values, start, first_day) != found
    )


@given(odoo_values(), days, first_days)
def test_rule_from_odoo_can_be_written_back(values, start, first_day):
    """The exception is a yearly rule that starts on another day than its own."""
    if inexpressible(values, start, first_day):
        return
    found = rule_from_odoo(values, start, first_day)
    first = occurrence_days(found, start, date(2200, 1, 1))[0]

    moved = replace(found, start=first.isoformat(), first_day_of_week=first_day)

    assert why_not_expressible(moved, first_day) in {None, "count"}


@given(rules())
def test_all_fields_are_written_so_that_nothing_old_is_left(found):
    assert set(odoo_values_from_rule(found)) == {
        "rrule_type", "interval", "end_type", "count", "until", *FLAGS,
        "month_by", "day", "weekday", "byday", "event_tz",
    }  # fmt: skip


# --- samples --------------------------------------------------------------------------

PLAIN = {
    "rrule_type": "daily",
    "interval": 1,
    "end_type": "forever",
    "count": 1,
    "until": None,
    **dict.fromkeys(FLAGS, False),
    "month_by": "date",
    "day": 2,
    "weekday": None,
    "byday": None,
    "event_tz": "Europe/Berlin",
}


@pytest.mark.parametrize(
    ("found", "values"),
    [
        (rule("daily", "2026-03-02", interval=3), {"interval": 3}),
        (
            rule("weekly", "2026-03-02", days="monday friday", count=8),
            {
                "rrule_type": "weekly",
                "mon": True,
                "fri": True,
                "end_type": "count",
                "count": 8,
            },
        ),
        (
            rule("absoluteMonthly", "2026-03-02", day_of_month=2, until="2026-12-31"),
            {
                "rrule_type": "monthly",
                "end_type": "end_date",
                "until": date(2026, 12, 31),
            },
        ),
        (
            rule("relativeMonthly", "2026-03-02", days="monday"),
            {
                "rrule_type": "monthly",
                "month_by": "day",
                "weekday": "MON",
                "byday": "1",
            },
        ),
        (
            rule("absoluteYearly", "2026-03-02", day_of_month=2, month=3),
            {"rrule_type": "yearly"},
        ),
        (  # Odoo has no yearly rule by weekday, but a monthly one every 12 months
            rule("relativeYearly", "2026-03-02", days="monday", month=3, interval=2),
            {
                "rrule_type": "monthly",
                "interval": 24,
                "month_by": "day",
                "weekday": "MON",
                "byday": "1",
            },
        ),
    ],
)
def test_each_kind_has_its_values(found, values):
    found = replace(found, zone="Europe/Berlin")

    assert odoo_values_from_rule(found) == PLAIN | values
    assert why_not_expressible(found, "monday") is None
    assert rule_from_odoo(PLAIN | values, date(2026, 3, 2), "monday") == found


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (
            rule("absoluteMonthly", "2026-01-31", day_of_month=31),
            "day_in_short_months",
        ),
        (
            rule("absoluteMonthly", "2026-01-31", day_of_month=31, interval=2),
            "day_in_short_months",
        ),
        (  # January, July: long ones
            rule("absoluteMonthly", "2026-01-31", day_of_month=31, interval=6),
            None,
        ),
        (  # January, May, September
            rule("absoluteMonthly", "2026-01-30", day_of_month=30, interval=4),
            None,
        ),
        (
            rule("absoluteYearly", "2024-02-29", day_of_month=29, month=2),
            "leap_day",
        ),
        (
            rule("absoluteYearly", "2026-02-28", day_of_month=28, month=2),
            None,
        ),
        (
            rule("absoluteYearly", "2026-03-02", day_of_month=3, month=3),
            "other_month_day",
        ),
        (
            rule("relativeYearly", "2026-03-02", days="monday", month=5),
            "other_month_day",
        ),
        (
            rule("relativeMonthly", "2026-03-02", days="monday tuesday"),
            "several_days_relative",
        ),
        (
            rule(
                "relativeYearly",
                "2026-12-31",
                days="monday tuesday wednesday thursday friday",
                month=12,
                index="last",
            ),
            "several_days_relative",
        ),
        (
            rule("weekly", "2026-03-03", days="tuesday sunday", interval=2),
            "first_day_of_week",
        ),
        (rule("weekly", "2026-03-03", days="tuesday sunday"), None),
        (rule("weekly", "2026-03-03", days="tuesday friday", interval=2), None),
        (rule("daily", "2026-03-03", count=720), None),
        (rule("daily", "2026-03-03", count=721), "count"),
        (  # Odoo would list Monday, Tuesday and nothing from Wednesday on
            rule(
                "weekly", "2026-03-04", days="monday tuesday wednesday", count=1
            ),
            "count",
        ),
    ],
)  # fmt: skip
def test_odoos_weeks_begin_on_monday(found, reason):
    assert why_not_expressible(found, "monday") == reason


@pytest.mark.parametrize(
    ("values", "start", "reason"),
    [
        ({"rrule_type": "monthly", "day": 31}, "2026-01-31", "day_in_short_months"),
        ({"rrule_type": "monthly", "day": 29}, "2026-01-29", "day_in_short_months"),
        ({"rrule_type": "monthly", "day": 31, "interval": 12}, "2026-01-31", None),
        (
            {"rrule_type": "monthly", "day": 31, "interval": 12},
            "2026-04-30",
            "day_in_short_months",
        ),
        ({"rrule_type": "yearly"}, "2024-02-29", "leap_day"),
        ({"rrule_type": "yearly"}, "2026-02-28", None),
        ({"rrule_type": "weekly", "mon": True}, "2026-03-04", None),
        ({"rrule_type": "weekly"}, "2026-03-04", "incomplete"),
        ({"rrule_type": False}, "2026-03-04", "incomplete"),
        ({"rrule_type": "monthly", "month_by": "day"}, "2026-03-04", "incomplete"),
        ({"rrule_type": "monthly", "day": 0}, "2026-03-04", "incomplete"),
        ({"rrule_type": "monthly", "day": -1}, "2026-03-31", "incomplete"),
        ({"interval": 0}, "2026-03-04", "incomplete"),
        ({"end_type": "end_date", "until": False}, "2026-03-04", "incomplete"),
        ({"end_type": "end_date", "until": date(2026, 3, 3)}, "2026-03-04",
         "no_occurrence"),
        ({"end_type": "count", "count": 0}, "2026-03-04", "no_occurrence"),
        (
            {"rrule_type": "weekly", "mon": True, "tue": True, "wed": True,
             "end_type": "count", "count": 1},
            "2026-03-04",
            "no_occurrence",
        ),
    ],
)  # fmt: skip
def test_rules_that_graph_can_express(values, start, reason):
    assert inexpressible(PLAIN | values, date.fromisoformat(start)) == reason


def test_a_count_gives_the_occurrences_that_odoo_makes():
    many = PLAIN | {"end_type": "count", "count": 1000}
    few = PLAIN | {
        "rrule_type": "weekly",
        "mon": True,
        "tue": True,
        "wed": True,
        "end_type": "count",
        "count": 3,
    }
    wednesday, thursday = date(2026, 3, 4), date(2026, 3, 5)

    assert rule_from_odoo(many, wednesday, "monday").count == MAX_OCCURRENCES
    assert rule_from_odoo(few, wednesday, "monday").count == 3
    assert rule_from_odoo(few, thursday, "monday").count == 3
    assert rule_from_odoo(few | {"count": 2}, thursday, "monday").count == 1
    assert rule_from_odoo(few | {"count": 2}, thursday, "thursday").count == 2


def test_a_series_that_begins_on_none_of_its_days_begins_on_the_next_one():
    values = PLAIN | {"rrule_type": "weekly", "mon": True, "interval": 2}
    wednesday = date(2026, 3, 4)

    found = rule_from_odoo(values, wednesday, "monday")

    assert occurrence_days(found, wednesday, wednesday + timedelta(days=28)) == [
        date(2026, 3, 16),
        date(2026, 3, 30),
    ]


def test_series_until_an_unknown_date_is_no_rule():
    start = date(2026, 3, 2)
    values = odoo_values_from_rule(Rule("daily", start.isoformat(), until="2026-03-09"))
    with pytest.raises(ValueError, match="no end date"):
        rule_from_odoo({**values, "until": False}, start, "monday")
