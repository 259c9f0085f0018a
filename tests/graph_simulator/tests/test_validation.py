"""Request bodies are checked by the table of types."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from graph_simulator import schema
from graph_simulator.client import Control
from graph_simulator.tests.people import Person, error_code, event_path, meeting

SAMPLES = {
    "String": "text",
    "Boolean": True,
    "Int32": 7,
    "Double": 1.5,
    "Date": "2026-03-02",
    "DateTimeOffset": "2026-03-02T10:00:00Z",
}
WRONG = {"String": 7, "Boolean": "yes", "Int32": "seven", "Double": "x"}


def writable(right: str) -> list[schema.Property]:
    """Return the properties of an event with a right."""
    return [
        member
        for member in schema.PROPERTIES["event"].values()
        if getattr(member, right) and not member.is_navigation
    ]


def wrong_value(member: schema.Property) -> Any:
    """Return a value with a wrong type for a property."""
    if member.is_collection:
        return "not a list"
    if member.type in schema.ENUMS:
        return "noSuchWord"
    return WRONG.get(member.type, 7)


def right_value(type_name: str) -> Any:
    """Return a value of a type, with every member filled in."""
    if type_name in schema.ENUMS:
        return schema.ENUMS[type_name][0]
    if type_name in SAMPLES:
        return SAMPLES[type_name]
    return {
        name: [right_value(member.type)]
        if member.is_collection
        # Members of members are enough.
        else right_value(member.type)
        for name, member in schema.PROPERTIES[type_name].items()
    }


@pytest.mark.parametrize("name", [member.name for member in writable("on_create")])
def test_wrong_type_is_400_at_create_and_update(adele: Person, name: str) -> None:
    value = wrong_value(schema.PROPERTIES["event"][name])
    answer = adele.send("POST", "/me/events", {**meeting(), name: value})
    assert (answer.status_code, error_code(answer)) == (400, "RequestBodyRead")
    if schema.PROPERTIES["event"][name].on_update:
        event = adele.create(meeting())
        answer = adele.send("PATCH", event_path(event["id"]), {name: value})
        assert (answer.status_code, error_code(answer)) == (400, "RequestBodyRead")


READ_ONLY = [
    member.name
    for member in schema.PROPERTIES["event"].values()
    if not member.on_update
]


@pytest.mark.parametrize("name", READ_ONLY)
def test_read_only_is_400_or_ignored(
    adele: Person, control: Control, name: str
) -> None:
    event = adele.create(meeting())
    path = event_path(event["id"])
    changed = adele.patch(event["id"], {name: "x", "subject": "B"})
    assert changed["subject"] == "B"
    assert changed["id"] == event["id"]
    control.options(refuse_read_only=True)
    answer = adele.send("PATCH", path, {name: event.get(name)})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {"colour": "red"},
        {"Subject": "wrong case"},
        {"body": {"html": "<p>"}},
        {"location": {"displayName": "x", "room": 1}},
        {"attendees": [{"emailAddress": {"mail": "x@y.example"}}]},
        {"attendees": [{"email": "x@y.example"}]},
        {"attendees": [None]},
        {"start": {"timeZone": "UTC"}},
        {"start": {"dateTime": None, "timeZone": "UTC"}},
        {"start": "2026-03-02T10:00:00"},
        {"start": None},
        {"start": {"dateTime": "yesterday", "timeZone": "UTC"}},
        {"categories": "Red"},
        {"categories": [1]},
        {"showAs": "away"},
        {"reminderMinutesBeforeStart": 1.5},
        {"reminderMinutesBeforeStart": True},
        {"reminderMinutesBeforeStart": 2**31},
        {"reminderMinutesBeforeStart": -1},
        {"isAllDay": "true"},
        {"singleValueExtendedProperties": [{"id": "x", "key": "y"}]},
        {"singleValueExtendedProperties": [{"id": "x"}]},
        {"recurrence": {"pattern": {"type": "hourly"}}},
        {"recurrence": {"range": {"startDate": "02.03.2026"}}},
        {"recurrence": {}},
    ],
)
def test_bodies_that_are_refused(adele: Person, body: dict[str, Any]) -> None:
    answer = adele.send("POST", "/me/events", {**meeting(), **body})
    assert answer.status_code == 400
    error_code(answer)
    assert adele.get("/me/events")["value"] == []


def test_enum_words_in_any_case_and_annotations(adele: Person) -> None:
    event = adele.create(
        {
            **meeting(showAs="WorkingElsewhere", importance="HIGH"),
            "@odata.type": "#microsoft.graph.event",
        }
    )
    assert (event["showAs"], event["importance"]) == ("workingElsewhere", "high")


@pytest.mark.parametrize("word", schema.ENUMS["freeBusyStatus"])
def test_every_word_of_show_as_is_kept(adele: Person, word: str) -> None:
    event = adele.create(meeting(showAs=word))
    assert adele.event(event["id"])["showAs"] == word


@pytest.mark.parametrize("name", ["body", "location", "attendees", "recurrence"])
def test_full_values_are_accepted(adele: Person, name: str) -> None:
    member = schema.PROPERTIES["event"][name]
    value = right_value(member.type)
    if name == "recurrence":
        value["pattern"].update(type="daily", interval=1)
        value["range"].update(
            type="endDate", recurrenceTimeZone="UTC", endDate="2026-03-09"
        )
    if name == "attendees":
        for bound in ("start", "end"):
            value["proposedNewTime"][bound] = {
                "dateTime": "2026-03-02T10:00:00",
                "timeZone": "UTC",
            }
    body = {**meeting(), name: [value] if member.is_collection else value}
    assert adele.create(body)[name]


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"a=b", "application/x-www-form-urlencoded", 415),
    ],
)
def test_body_must_be_a_json_object(
    adele: Person, content: bytes, kind: str, status: int
) -> None:
    answer = requests.post(
        f"{adele.simulator.url}/v1.0/me/events",
        data=content,
        headers={**adele.session.headers, "Content-Type": kind},
    )
    assert answer.status_code == status


@pytest.mark.parametrize(
    "body", [{"comment": 7}, {"note": "x"}, {"sendResponse": "no"}, []]
)
def test_parameters_of_actions_are_checked(adele: Person, body: Any) -> None:
    event = adele.create(meeting())
    answer = adele.send("POST", f"{event_path(event['id'])}/accept", body)
    assert answer.status_code == 400


def test_every_type_of_the_table_is_known() -> None:
    known = {*schema.TYPES, *schema.ENUMS, *schema.PRIMITIVES}
    for type_name, members in schema.PROPERTIES.items():
        for member in members.values():
            assert member.type in known | schema.NOT_MODELLED, (type_name, member.name)
