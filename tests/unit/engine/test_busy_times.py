"""Test how the busy times of colleagues are asked for, read and looked up."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.busy_times import (
    MAX_DAYS,
    MAX_SCHEDULES,
    Schedule,
    Slot,
    Wanted,
    days_of_meeting,
    is_busy,
    plan_request,
    read_schedules,
    slots_by_day,
)
from praetorx_ms365_calendar.engine.errors import BadRemoteEvent

MONDAY = date(2026, 3, 2)
NINE, TEN, NOON = (datetime(2026, 3, 2, hour) for hour in (9, 10, 12))
DAY = timedelta(days=1)


def wall_clock(moment: datetime, zone: str = "UTC"):
    return {"dateTime": moment.isoformat() + ".0000000", "timeZone": zone}


def item(start: datetime, end: datetime, status: str = "busy", **values):
    return {
        "start": wall_clock(start),
        "end": wall_clock(end),
        "status": status,
        **values,
    }


def response(*items, address: str = "Ben@Contoso.example"):
    return {"value": [{"scheduleId": address, "scheduleItems": list(items)}]}


def test_times_are_read_and_titles_are_not():
    secret = item(NINE, TEN, subject="Doctor", location="Clinic")
    [(address, schedule)] = read_schedules(response(secret)).items()
    assert address == "ben@contoso.example"
    assert schedule == Schedule((Slot(NINE, TEN),))


@pytest.mark.parametrize(
    ("status", "is_taken"),
    [
        ("busy", True),
        ("oof", True),
        ("tentative", True),
        ("free", False),
        ("workingElsewhere", False),
        ("unknown", False),
    ],
)
def test_status_says_if_somebody_is_busy(status, is_taken):
    [schedule] = read_schedules(response(item(NINE, TEN, status))).values()
    assert bool(schedule.slots) is is_taken


def test_times_of_another_zone_become_utc():
    local = item(NINE, TEN)
    local["start"]["timeZone"] = local["end"]["timeZone"] = "W. Europe Standard Time"
    [schedule] = read_schedules(response(local)).values()
    assert schedule.slots == (Slot(NINE - DAY / 24, TEN - DAY / 24),)


def test_person_without_times_has_graphs_code():
    error = {"message": "Unable to resolve", "responseCode": "5016"}
    entry = {"scheduleId": "x@y.example", "scheduleItems": None, "error": error}
    assert read_schedules({"value": [entry]}) == {"x@y.example": Schedule(error="5016")}


def test_unreadable_person_does_not_hide_the_others():
    bad = response(item(NINE, TEN) | {"start": {"dateTime": "noon"}})["value"]
    good = response(item(NINE, TEN), address="eve@contoso.example")["value"]
    schedules = read_schedules({"value": [*bad, *good]})
    assert schedules["ben@contoso.example"].error == "unreadable"
    assert schedules["eve@contoso.example"].slots == (Slot(NINE, TEN),)


def test_response_without_people_is_refused():
    with pytest.raises(BadRemoteEvent):
        read_schedules({"value": "nobody"})


def test_nothing_wanted_is_no_request():
    assert plan_request([]) is None


@given(
    st.sets(
        st.builds(
            Wanted,
            st.sampled_from([f"{number}@contoso.example" for number in range(50)]),
            st.integers(0, 200).map(lambda days: MONDAY + days * DAY),
        ),
        min_size=1,
    )
)
def test_requests_keep_the_limits_and_cover_all_that_is_wanted(wanted):
    for _request in range(len(wanted)):
        request = plan_request(wanted)
        if request is None:
            break
        assert len(request.addresses) <= MAX_SCHEDULES
        assert DAY <= request.end - request.start <= MAX_DAYS * DAY
        covered = {one for one in wanted if request.covers(one)}
        assert covered
        wanted -= covered
    assert not wanted


def test_time_over_midnight_is_on_both_days():
    night = Slot(datetime(2026, 3, 2, 22), datetime(2026, 3, 3, 2))
    assert slots_by_day([night], [MONDAY, MONDAY + DAY, MONDAY + 2 * DAY]) == {
        MONDAY: [night],
        MONDAY + DAY: [night],
        MONDAY + 2 * DAY: [],
    }


def test_time_that_ends_at_midnight_is_on_one_day():
    evening = Slot(datetime(2026, 3, 2, 22), datetime(2026, 3, 3))
    days = slots_by_day([evening], [MONDAY, MONDAY + DAY])
    assert days == {MONDAY: [evening], MONDAY + DAY: []}


def test_meeting_has_its_days_and_a_too_long_one_has_none():
    assert days_of_meeting(NINE, TEN) == [MONDAY]
    assert days_of_meeting(NINE, datetime(2026, 3, 3)) == [MONDAY]
    assert days_of_meeting(NINE, NINE + DAY) == [MONDAY, MONDAY + DAY]
    assert days_of_meeting(NINE, NINE + 15 * DAY) == []
    assert days_of_meeting(NINE, NINE) == []


def test_somebody_is_busy_only_while_times_overlap():
    assert is_busy([Slot(NINE, NOON)], TEN, NOON)
    assert not is_busy([Slot(NINE, TEN)], TEN, NOON)
    assert not is_busy([Slot(TEN, NOON)], NINE, TEN)


def test_invitation_to_the_meeting_itself_does_not_count():
    own = Slot(NINE, TEN)
    assert not is_busy([own], NINE, TEN, own=[own])
    assert is_busy([own, Slot(NINE, NOON)], NINE, TEN, own=[own])
