"""The original day of occurrences and exceptions in Graph's responses."""

from __future__ import annotations

from typing import Any

import pytest

from graph_simulator.client import Control, Simulator
from graph_simulator.tests.people import (
    ALEX,
    MEGAN,
    Person,
    attendee,
    event_path,
    meeting,
    moment,
    weekly,
)

BERLIN = "W. Europe Standard Time"
WINDOW = ("2026-12-01T00:00:00", "2026-12-31T00:00:00")
#: A series of Mondays in December, and the date of the second as a global object id.
MONDAYS = weekly("monday", start="2026-12-07", numberOfOccurrences=3)
SECOND_DAY, SECOND_DIGITS = "2026-12-14", "07EA0C0E"


def all_day(zone: str, **values: Any) -> dict[str, Any]:
    """Return an all-day series of three Mondays."""
    body = meeting("A", "2026-12-07T00", "2026-12-08T00", zone, recurrence=MONDAYS)
    return {**body, "isAllDay": True, **values}


@pytest.mark.parametrize(
    ("zone", "instant"),
    [
        (BERLIN, "2026-12-13T23:00:00Z"),
        ("Pacific Standard Time", "2026-12-14T08:00:00Z"),
        ("Tokyo Standard Time", "2026-12-13T15:00:00Z"),
        ("UTC", "2026-12-14T00:00:00Z"),
    ],
)
def test_original_start_of_an_all_day_occurrence_is_midnight_in_its_zone(
    adele: Person, zone: str, instant: str
) -> None:
    event = adele.create(all_day(zone))
    second = adele.instances(event["id"], *WINDOW)[1]
    query = "?$select=originalStart,start,originalStartTimeZone"
    asked = 'outlook.timezone="Europe/London"'
    for change in ({}, {"subject": "Exception"}):
        if change:
            adele.patch(second["id"], change)
        read = adele.event(second["id"], query, Prefer=asked)
        assert read["originalStart"] == instant
        assert read["start"] == {
            "dateTime": "2026-12-14T00:00:00.0000000",
            "timeZone": "Europe/London",
        }
        assert read["originalStartTimeZone"] == "Europe/London"


def test_original_start_comes_only_where_it_is_selected(adele: Person) -> None:
    event = adele.create(all_day(BERLIN))
    found = adele.instances(event["id"], *WINDOW)
    assert not any("originalStart" in one for one in found)
    bounds = f"?startDateTime={WINDOW[0]}&endDateTime={WINDOW[1]}"
    path = f"{event_path(event['id'])}/instances{bounds}&$select=originalStart"
    assert all("originalStart" in one for one in adele.get(path)["value"])
    assert not any("originalStart" in one for one in adele.view(*WINDOW))


def test_expanded_exceptions_have_the_selected_properties_only(adele: Person) -> None:
    event = adele.create(all_day(BERLIN))
    second = adele.instances(event["id"], *WINDOW)[1]
    adele.patch(second["id"], {"subject": "Other"})
    wanted = "$select=subject,originalStart,exceptionOccurrences"
    read = adele.event(event["id"], f"?{wanted}&$expand=exceptionOccurrences")
    assert read["exceptionOccurrences"] == [
        {
            "id": second["id"],
            "subject": "Other",
            "originalStart": "2026-12-13T23:00:00Z",
        }
    ]


def test_occurrences_name_their_day(adele: Person, control: Control) -> None:
    event = adele.create(all_day(BERLIN))
    uid = event["iCalUId"]
    assert uid[32:40] == "00000000"
    assert "occurrenceId" not in event
    second = adele.instances(event["id"], *WINDOW)[1]
    adele.patch(
        second["id"],
        {"start": moment("2026-12-16T00", BERLIN)}
        | {"end": moment("2026-12-17T00", BERLIN)},
    )
    second = adele.event(second["id"])
    assert second["occurrenceId"] == f"OID.{event['id']}.{SECOND_DAY}"
    assert second["iCalUId"] == f"{uid[:32]}{SECOND_DIGITS}{uid[40:]}"
    control.options(dated_ical_uids=False)
    assert adele.event(second["id"])["iCalUId"] == uid


def test_series_follows_the_clocks_of_its_rule(adele: Person) -> None:
    # A Monday evening in Seattle, created by a client that uses UTC.
    rule = weekly("monday", start="2026-03-02", numberOfOccurrences=2)
    rule["range"]["recurrenceTimeZone"] = "Pacific Standard Time"
    body = meeting("S", "2026-03-03T01", "2026-03-03T02", recurrence=rule)
    event = adele.create(body)
    assert event["originalStartTimeZone"] == "UTC"
    found = adele.instances(event["id"], "2026-03-01T00:00:00", "2026-04-01T00:00:00")
    # Daylight saving time begins on the 8th of March.
    assert [one["start"]["dateTime"][:16] for one in found] == [
        "2026-03-03T01:00",
        "2026-03-10T00:00",
    ]
    moved = moment("2026-03-11T00"), moment("2026-03-11T01")
    adele.patch(found[1]["id"], {"start": moved[0], "end": moved[1]})
    query = "?$select=originalStart"
    assert adele.event(found[1]["id"], query)["originalStart"] == "2026-03-10T00:00:00Z"


def test_copy_of_an_all_day_series_does_not_name_its_zone(
    adele: Person, alex: Person
) -> None:
    event = adele.create(all_day(BERLIN, attendees=[attendee(ALEX)]))
    assert event["recurrence"]["range"]["recurrenceTimeZone"] == BERLIN
    own = alex.only_event()
    assert own["recurrence"]["range"]["recurrenceTimeZone"] == ""


def invited_to_one(adele: Person, **changes: Any) -> dict[str, Any]:
    """Invite Alex to the second Monday of Adele's series, and return the series."""
    body = meeting("A", "2026-12-07T10", "2026-12-07T11", BERLIN, recurrence=MONDAYS)
    event = adele.create({**body, "attendees": [attendee(MEGAN)]})
    second = adele.instances(event["id"], *WINDOW)[1]
    people = {"attendees": [attendee(MEGAN), attendee(ALEX)]}
    adele.patch(second["id"], {**people, **changes})
    return event


def test_invitation_to_one_occurrence_arrives_as_a_single_event(
    simulator: Simulator, adele: Person, alex: Person
) -> None:
    megan = Person(simulator, MEGAN)
    event = invited_to_one(adele)
    own = alex.only_event()
    uid = event["iCalUId"]
    assert (own["type"], own["seriesMasterId"], own["recurrence"]) == (
        "singleInstance",
        None,
        None,
    )
    assert own["iCalUId"] == f"{uid[:32]}{SECOND_DIGITS}{uid[40:]}"
    assert own["start"]["dateTime"][:16] == "2026-12-14T09:00"
    assert own["isOrganizer"] is False
    assert megan.only_event()["iCalUId"] == uid
    assert [mail["to"] for mail in adele.control.mails()] == [MEGAN, ALEX]


def test_single_occurrence_is_updated_replied_to_and_cancelled(
    adele: Person, alex: Person
) -> None:
    event = invited_to_one(adele)
    second = adele.instances(event["id"], *WINDOW)[1]
    adele.patch(
        second["id"],
        {"subject": "Later", "start": moment("2026-12-14T11")}
        | {"end": moment("2026-12-14T12")},
    )
    own = alex.only_event()
    assert (own["subject"], own["start"]["dateTime"][:16]) == (
        "Later",
        "2026-12-14T11:00",
    )
    assert alex.act(own["id"], "accept") == 202
    answers = {
        one["emailAddress"]["address"]: one["status"]["response"]
        for one in adele.event(second["id"])["attendees"]
    }
    assert answers[ALEX] == "accepted"
    assert ALEX not in str(adele.event(event["id"])["attendees"])
    adele.delete(event["id"])
    assert alex.only_event()["isCancelled"] is True
