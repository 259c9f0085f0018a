"""Series: expansion in the event's zone, occurrences, exceptions, edits."""

from __future__ import annotations

from typing import Any

import pytest

from graph_simulator.client import Control
from graph_simulator.tests.people import (
    IMMUTABLE,
    Person,
    error_code,
    event_path,
    meeting,
    moment,
    recurrence,
    weekly,
)

BERLIN = "W. Europe Standard Time"


def series(start: str = "2026-03-02", **values: Any) -> dict[str, Any]:
    """Return ten Mondays from the 2nd of March at ten in Berlin."""
    values.setdefault(
        "recurrence", weekly("monday", start=start, numberOfOccurrences=10)
    )
    return meeting("Series", f"{start}T10", f"{start}T11", BERLIN, **values)


def starts(events: list[dict[str, Any]]) -> list[str]:
    """Return the starts without seconds."""
    return [event["start"]["dateTime"][:16] for event in events]


def test_response_fills_every_member_of_the_recurrence(adele: Person) -> None:
    event = adele.create(series())
    assert event["type"] == "seriesMaster"
    assert event["recurrence"] == {
        "pattern": {
            "type": "weekly",
            "interval": 1,
            "month": 0,
            "dayOfMonth": 0,
            "daysOfWeek": ["monday"],
            "firstDayOfWeek": "sunday",
            "index": "first",
        },
        "range": {
            "type": "numbered",
            "startDate": "2026-03-02",
            "endDate": "0001-01-01",
            "recurrenceTimeZone": BERLIN,
            "numberOfOccurrences": 10,
        },
    }


def test_occurrences_keep_the_wall_clock_over_the_change_of_clocks(
    adele: Person,
) -> None:
    event = adele.create(series())
    found = adele.instances(event["id"], "2026-03-20T00:00:00", "2026-04-10T00:00:00")
    # Daylight saving time begins in Berlin on 2026-03-29.
    assert starts(found) == [
        "2026-03-23T09:00",
        "2026-03-30T08:00",
        "2026-04-06T08:00",
    ]


@pytest.mark.parametrize(
    ("start", "pattern", "bounds", "expected"),
    [
        (
            "2026-01-30",
            {"type": "relativeMonthly", "daysOfWeek": ["Friday"], "index": "last"},
            {"numberOfOccurrences": 3},
            ["2026-01-30", "2026-02-27", "2026-03-27"],
        ),
        (
            "2026-01-31",
            {"type": "absoluteMonthly", "dayOfMonth": 31},
            {"numberOfOccurrences": 4},
            ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"],
        ),
        (
            "2024-02-29",
            {"type": "absoluteYearly", "dayOfMonth": 29, "month": 2},
            {"numberOfOccurrences": 3},
            ["2024-02-29", "2025-02-28", "2026-02-28"],
        ),
        (
            "2026-11-26",
            {
                "type": "relativeYearly",
                "daysOfWeek": ["thursday"],
                "index": "fourth",
                "month": 11,
            },
            {"numberOfOccurrences": 2},
            ["2026-11-26", "2027-11-25"],
        ),
        (
            "2026-03-01",
            {"type": "daily", "interval": 3},
            {"endDate": "2026-03-07"},
            ["2026-03-01", "2026-03-04", "2026-03-07"],
        ),
        (
            "2026-03-03",
            {
                "type": "weekly",
                "interval": 2,
                "daysOfWeek": ["tuesday", "sunday"],
                "firstDayOfWeek": "monday",
            },
            {"numberOfOccurrences": 4},
            ["2026-03-03", "2026-03-08", "2026-03-17", "2026-03-22"],
        ),
        (
            "2026-03-03",
            {
                "type": "weekly",
                "interval": 2,
                "daysOfWeek": ["tuesday", "sunday"],
                "firstDayOfWeek": "sunday",
            },
            {"numberOfOccurrences": 4},
            ["2026-03-03", "2026-03-15", "2026-03-17", "2026-03-29"],
        ),
        (
            # Several days in a relative pattern mean only the first matching day.
            "2026-03-02",
            {
                "type": "relativeMonthly",
                "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
                "index": "first",
            },
            {"numberOfOccurrences": 3},
            ["2026-03-02", "2026-04-01", "2026-05-01"],
        ),
    ],
)
def test_patterns(
    adele: Person,
    start: str,
    pattern: dict[str, Any],
    bounds: dict[str, Any],
    expected: list[str],
) -> None:
    rule = recurrence({"interval": 1, **pattern}, start, **bounds)
    event = adele.create(meeting("P", f"{start}T10", f"{start}T11", recurrence=rule))
    found = adele.instances(event["id"], "2024-01-01T00:00:00", "2028-12-01T00:00:00")
    assert [one["start"]["dateTime"][:10] for one in found] == expected


def test_start_off_the_pattern_moves_to_the_first_match(adele: Person) -> None:
    rule = weekly("wednesday", start="2026-03-02", endDate="2026-03-20")
    event = adele.create(series(recurrence=rule))
    assert event["start"]["dateTime"][:10] == "2026-03-04"
    assert event["recurrence"]["range"]["startDate"] == "2026-03-04"


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (
            recurrence({"type": "weekly", "interval": 1}, "2026-03-02"),
            "ErrorPropertyValidationFailure",
        ),
        (
            recurrence({"type": "daily", "interval": 0}, "2026-03-02"),
            "ErrorPropertyValidationFailure",
        ),
        (
            weekly("monday", start="2026-03-02", endDate="2026-03-01"),
            "ErrorPropertyValidationFailure",
        ),
        (
            weekly("monday", start="2026-03-02", endDate="4500-12-01"),
            "ErrorRecurrenceEndDateTooBig",
        ),
        (
            weekly("friday", start="2026-03-02", endDate="2026-03-03"),
            "ErrorRecurrenceHasNoOccurrence",
        ),
        (
            weekly("monday", start="2026-03-09"),
            "ErrorPropertyValidationFailure",
        ),
        (
            weekly("monday", start="2026-03-02", endDate="2026-05-01T00:00:00"),
            "UnableToDeserializePostBody",
        ),
        (
            dict(reversed(weekly("monday", start="2026-03-02").items())),
            "UnableToDeserializePostBody",
        ),
        (
            recurrence(
                {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 0},
                "2026-03-02",
            ),
            "ErrorPropertyValidationFailure",
        ),
    ],
)
def test_bad_recurrences_are_refused(
    adele: Person, rule: dict[str, Any], code: str
) -> None:
    answer = adele.send("POST", "/me/events", series(recurrence=rule))
    assert (answer.status_code, error_code(answer)) == (400, code)


def test_occurrence_longer_than_its_period_is_refused(adele: Person) -> None:
    rule = recurrence({"type": "daily", "interval": 1}, "2026-03-02")
    body = meeting("Long", "2026-03-02T10", "2026-03-04T10", recurrence=rule)
    answer = adele.send("POST", "/me/events", body)
    assert error_code(answer) == "ErrorOccurrenceTimeSpanTooBig"


def test_changed_occurrence_becomes_exception_with_the_same_id(adele: Person) -> None:
    event = adele.create(series())
    window = ("2026-03-01T00:00:00", "2026-03-20T00:00:00")
    first, second, third = adele.instances(event["id"], *window)
    assert {one["type"] for one in (first, second, third)} == {"occurrence"}
    changed = adele.patch(
        second["id"],
        {
            "subject": "Moved",
            "start": moment("2026-03-10T15", BERLIN),
            "end": moment("2026-03-10T16", BERLIN),
        },
    )
    assert changed["id"] == second["id"]
    assert changed["type"] == "exception"
    assert changed["seriesMasterId"] == event["id"]
    assert "originalStart" not in changed
    when = adele.event(second["id"], "?$select=originalStart")["originalStart"]
    assert when == "2026-03-09T09:00:00Z"
    assert changed["start"]["dateTime"][:16] == "2026-03-10T14:00"
    assert starts(adele.instances(event["id"], *window)) == [
        "2026-03-02T09:00",
        "2026-03-10T14:00",
        "2026-03-16T09:00",
    ]
    assert adele.event(third["id"])["subject"] == "Series"
    # Unchanged properties of an exception still follow the master.
    adele.patch(event["id"], {"location": {"displayName": "New"}, "subject": "S2"})
    changed = adele.event(second["id"])
    assert changed["location"]["displayName"] == "New"
    assert changed["subject"] == "Moved"


@pytest.mark.parametrize("day", ["2026-03-02", "2026-03-01", "2026-03-16"])
def test_occurrence_cannot_reach_the_day_of_a_neighbour(
    adele: Person, day: str
) -> None:
    event = adele.create(series())
    second = adele.instances(event["id"], "2026-03-09T00:00:00", "2026-03-10T00:00:00")[
        0
    ]
    body = {
        "start": moment(f"{day}T15", BERLIN),
        "end": moment(f"{day}T16", BERLIN),
    }
    answer = adele.send("PATCH", event_path(second["id"]), body)
    assert (answer.status_code, error_code(answer)) == (
        400,
        "ErrorOccurrenceCrossingBoundary",
    )


def test_deleted_occurrence_shows_in_cancelled_occurrences(adele: Person) -> None:
    event = adele.create(series())
    window = ("2026-03-01T00:00:00", "2026-03-20T00:00:00")
    _first, second, third = adele.instances(event["id"], *window)
    adele.delete(second["id"])
    adele.patch(third["id"], {"subject": "Other"})
    assert adele.send("GET", event_path(second["id"])).status_code == 404
    assert adele.send("DELETE", event_path(second["id"])).status_code == 404
    master = adele.event(
        event["id"],
        "?$select=subject,cancelledOccurrences,exceptionOccurrences"
        "&$expand=exceptionOccurrences",
    )
    assert master["cancelledOccurrences"] == [f"OID.{event['id']}.2026-03-09"]
    assert [one["id"] for one in master["exceptionOccurrences"]] == [third["id"]]
    assert "cancelledOccurrences" not in adele.event(event["id"])


def test_new_pattern_drops_exceptions_and_gives_new_ids(adele: Person) -> None:
    event = adele.create(series())
    window = ("2026-03-01T00:00:00", "2026-03-20T00:00:00")
    old = adele.instances(event["id"], *window)
    adele.patch(old[0]["id"], {"subject": "Other"})
    rule = weekly("tuesday", start="2026-03-03", numberOfOccurrences=10)
    adele.patch(
        event["id"],
        {
            "start": moment("2026-03-03T10", BERLIN),
            "end": moment("2026-03-03T11", BERLIN),
            "recurrence": rule,
        },
    )
    new = adele.instances(event["id"], *window)
    assert {one["subject"] for one in new} == {"Series"}
    assert not {one["id"] for one in new} & {one["id"] for one in old}
    assert adele.send("GET", event_path(old[0]["id"])).status_code == 404


def test_shorter_range_keeps_the_exceptions_inside(adele: Person) -> None:
    event = adele.create(series())
    window = ("2026-03-01T00:00:00", "2026-06-01T00:00:00")
    old = adele.instances(event["id"], *window)
    adele.patch(old[1]["id"], {"subject": "Stays"})
    adele.patch(old[8]["id"], {"subject": "Goes"})
    rule = weekly("monday", start="2026-03-02", endDate="2026-03-22")
    adele.patch(event["id"], {"recurrence": rule})
    assert [one["subject"] for one in adele.instances(event["id"], *window)] == [
        "Series",
        "Stays",
        "Series",
    ]


def test_series_and_single_turn_into_each_other(adele: Person) -> None:
    event = adele.create(series())
    single = adele.patch(event["id"], {"recurrence": None})
    assert (single["type"], single["recurrence"]) == ("singleInstance", None)
    again = adele.patch(
        event["id"], {"recurrence": weekly("monday", start="2026-03-02")}
    )
    assert again["type"] == "seriesMaster"


def test_occurrence_cannot_recur(adele: Person) -> None:
    event = adele.create(series())
    first = adele.instances(event["id"], "2026-03-01T00:00:00", "2026-03-05T00:00:00")
    answer = adele.send(
        "PATCH",
        event_path(first[0]["id"]),
        {"recurrence": weekly("monday", start="2026-03-02")},
    )
    assert answer.status_code == 400


def test_occurrence_ids_exist_in_both_formats(adele: Person) -> None:
    event = adele.create(series())
    default = adele.instances(event["id"], "2026-03-01T00:00:00", "2026-03-05T00:00:00")
    immutable = adele.view("2026-03-01T00:00:00", "2026-03-05T00:00:00", **IMMUTABLE)
    assert default[0]["id"] != immutable[0]["id"]
    assert adele.event(immutable[0]["id"])["id"] == default[0]["id"]
    assert adele.event(default[0]["id"], **IMMUTABLE)["id"] == immutable[0]["id"]


def test_all_day_series_floats_too(adele: Person) -> None:
    rule = weekly("monday", start="2026-03-02", numberOfOccurrences=2)
    body = meeting("A", "2026-03-02T00", "2026-03-03T00", BERLIN, recurrence=rule)
    event = adele.create({**body, "isAllDay": True})
    found = adele.instances(event["id"], "2026-03-01T00:00:00", "2026-04-01T00:00:00")
    assert starts(found) == ["2026-03-02T00:00", "2026-03-09T00:00"]


def test_night_event_keeps_its_length_by_the_clock(adele: Person) -> None:
    rule = weekly("saturday", start="2026-03-21", numberOfOccurrences=2)
    body = meeting("N", "2026-03-21T22", "2026-03-22T04", BERLIN, recurrence=rule)
    event = adele.create(body)
    found = adele.instances(event["id"], "2026-03-01T00:00:00", "2026-04-01T00:00:00")
    assert starts(found) == ["2026-03-21T21:00", "2026-03-28T21:00"]
    # Daylight saving time begins in that night: 22:00 to 04:00 is an hour less.
    assert found[1]["end"]["dateTime"][:16] == "2026-03-29T02:00"


def test_endless_series_far_away_is_found(adele: Person, control: Control) -> None:
    rule = recurrence({"type": "daily", "interval": 1}, "2006-03-02")
    control.create_event(
        adele.upn, meeting("D", "2006-03-02T10", "2006-03-02T11", recurrence=rule)
    )
    found = adele.view("2026-03-02T00:00:00", "2026-03-05T00:00:00")
    assert len(found) == 3


def test_delete_of_the_master_deletes_all(adele: Person) -> None:
    event = adele.create(series())
    adele.delete(event["id"])
    assert adele.view("2026-03-01T00:00:00", "2026-06-01T00:00:00") == []


def test_times_at_the_end_of_the_calendar(adele: Person) -> None:
    far = meeting("Far", "9999-12-31T10", "9999-12-31T23", "Pacific Standard Time")
    event = adele.create(far)
    assert adele.event(event["id"])["subject"] == "Far"
    rule = weekly("monday", start="9999-12-31")
    answer = adele.send("POST", "/me/events", {**far, "recurrence": rule})
    assert answer.status_code == 400
    assert adele.view("2026-03-01T00:00:00", "2026-04-01T00:00:00") == []
