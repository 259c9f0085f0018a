"""Shared and delegated calendars, read and written by the other person."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from graph_simulator.client import Control, ControlFailed, Simulator
from graph_simulator.tests.people import (
    ADELE,
    ALEX,
    IMMUTABLE,
    MEGAN,
    OUTSIDER,
    Person,
    error_code,
    meeting,
    weekly,
)

SHARED = (
    "openid offline_access User.Read Calendars.ReadWrite Calendars.ReadWrite.Shared"
)
WINDOW = "startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-04-01T00:00:00Z"
DELEGATE = "delegateWithPrivateEventAccess"
Json = dict[str, Any]


@pytest.fixture
def megan(simulator: Simulator) -> Person:
    """Return a person with a token for shared calendars."""
    return Person(simulator, MEGAN, scope=SHARED)


def path_of(calendar: Json, event: Json | None = None) -> str:
    path = f"/me/calendars/{quote(calendar['id'], safe='')}"
    return path if event is None else f"{path}/events/{quote(event['id'], safe='')}"


def test_shared_calendar_is_listed_with_its_owner(
    adele: Person, megan: Person, control: Control
) -> None:
    project = control.add_calendar(ADELE, "Project")
    shared = control.share_calendar(ADELE, MEGAN, calendar_id=project["id"])
    own, listed = megan.get("/me/calendars")["value"]
    assert own["isDefaultCalendar"] is True
    assert listed == shared
    assert listed["name"] == "Project"
    assert listed["owner"] == {"name": "Adele Vance", "address": ADELE}
    assert listed["id"] != project["id"]
    rights = ("canShare", "canEdit", "canViewPrivateItems", "isDefaultCalendar")
    assert [listed[name] for name in rights] == [False] * 4
    assert megan.get(path_of(shared))["id"] == shared["id"]


def test_delegated_primary_calendar_has_the_name_of_its_owner(control: Control) -> None:
    delegated = control.share_calendar(ADELE, MEGAN, role=DELEGATE)
    assert delegated["name"] == "Adele Vance"
    assert (delegated["canEdit"], delegated["canViewPrivateItems"]) == (True, True)


def test_event_has_an_id_of_its_own_there(
    adele: Person, megan: Person, control: Control
) -> None:
    shared = control.share_calendar(ADELE, MEGAN)
    event = adele.create(meeting("plan"))
    (seen,) = megan.get(f"{path_of(shared)}/calendarView?{WINDOW}")["value"]
    assert seen["subject"] == "plan"
    assert seen["iCalUId"] == event["iCalUId"]
    assert seen["id"] != event["id"]
    assert seen["organizer"]["emailAddress"]["address"] == ADELE
    assert seen["isOrganizer"] is True
    assert megan.get(path_of(shared, seen))["subject"] == "plan"
    # Neither id is valid in the whole mailbox.
    for known in (seen, event):
        answer = megan.send("GET", f"/me/events/{quote(known['id'], safe='')}")
        assert error_code(answer) == "ErrorItemNotFound"
    assert adele.send("GET", path_of(shared, event)).status_code == 404


def test_delta_of_a_shared_calendar(
    adele: Person, megan: Person, control: Control
) -> None:
    shared = control.share_calendar(ADELE, MEGAN)
    event = adele.create(meeting("plan"))
    path = f"{path_of(shared)}/calendarView/delta?{WINDOW}"
    (first,), link = megan.delta_round(path, **IMMUTABLE)
    adele.patch(event["id"], {"subject": "new plan"})
    (changed,), link = megan.delta_round(link, **IMMUTABLE)
    assert (changed["id"], changed["subject"]) == (first["id"], "new plan")
    adele.delete(event["id"])
    (removed,), _link = megan.delta_round(link, **IMMUTABLE)
    assert removed["id"] == first["id"]
    assert removed["@removed"]["reason"] == "deleted"


def test_private_event_is_stripped_for_all_but_a_chosen_delegate(
    adele: Person, megan: Person, control: Control
) -> None:
    shared = control.share_calendar(ADELE, MEGAN, role="write")
    adele.create(meeting("doctor", sensitivity="private", attendees=(OUTSIDER,)))
    view = f"{path_of(shared)}/calendarView?{WINDOW}"
    (seen,) = megan.get(view)["value"]
    assert seen["subject"] == "Private Appointment"
    assert seen["attendees"] == []
    assert "doctor" not in str(seen)
    assert seen["sensitivity"] == "private"
    for method in ("PATCH", "DELETE"):
        answer = megan.send(method, path_of(shared, seen), {"subject": "mine"})
        assert answer.status_code == 403
    control.share_calendar(ADELE, MEGAN, role=DELEGATE)
    (seen,) = megan.get(view)["value"]
    assert seen["subject"] == "doctor"
    assert megan.send("DELETE", path_of(shared, seen)).status_code == 204


def test_a_read_role_cannot_write(
    adele: Person, megan: Person, control: Control
) -> None:
    shared = control.share_calendar(ADELE, MEGAN)
    adele.create(meeting("plan"))
    (seen,) = megan.get(f"{path_of(shared)}/events")["value"]
    for method, path in (
        ("POST", f"{path_of(shared)}/events"),
        ("PATCH", path_of(shared, seen)),
        ("DELETE", path_of(shared, seen)),
    ):
        answer = megan.send(method, path, meeting("mine"))
        assert error_code(answer) == "ErrorAccessDenied"


def test_a_delegate_writes_on_behalf_of_the_owner(
    adele: Person, megan: Person, control: Control
) -> None:
    shared = control.share_calendar(ADELE, MEGAN, role=DELEGATE)
    body = meeting("plan", attendees=(ALEX,))
    answer = megan.send("POST", f"{path_of(shared)}/events", body)
    assert answer.status_code == 201
    created = answer.json()
    assert created["organizer"]["emailAddress"]["address"] == ADELE
    assert created["isOrganizer"] is True
    assert MEGAN not in str(created["attendees"])
    own = adele.only_event()
    assert own["iCalUId"] == created["iCalUId"]
    (mail,) = control.mails(kind="invitation")
    assert (mail["from"], mail["to"]) == (ADELE, ALEX)
    patched = megan.send(
        "PATCH",
        path_of(shared, created),
        {"subject": "new plan"},
        If_Match=created["@odata.etag"],
    ).json()
    assert patched["id"] == created["id"]
    assert adele.only_event()["subject"] == "new plan"


def test_permission_for_shared_calendars_is_needed(
    simulator: Simulator, control: Control
) -> None:
    shared = control.share_calendar(ADELE, MEGAN)
    megan = Person(simulator, MEGAN)
    assert len(megan.get("/me/calendars")["value"]) == 2
    answer = megan.send("GET", f"{path_of(shared)}/calendarView?{WINDOW}")
    assert error_code(answer) == "ErrorAccessDenied"
    control.options(shared_needs_scope=False)
    assert megan.get(f"{path_of(shared)}/calendarView?{WINDOW}")["value"] == []


def test_calendar_that_is_shared_no_more_is_not_found(
    megan: Person, control: Control
) -> None:
    shared = control.share_calendar(ADELE, MEGAN)
    control.unshare_calendar(MEGAN, shared["id"])
    assert len(megan.get("/me/calendars")["value"]) == 1
    assert error_code(megan.send("GET", path_of(shared))) == "ErrorItemNotFound"
    with pytest.raises(ControlFailed):
        control.unshare_calendar(MEGAN, shared["id"])


def test_series_keep_their_ids_together(
    adele: Person, megan: Person, control: Control
) -> None:
    shared = control.share_calendar(ADELE, MEGAN)
    adele.create(meeting(recurrence=weekly("monday", start="2026-03-02")))
    path = f"{path_of(shared)}/calendarView/delta?{WINDOW}"
    items, _link = megan.delta_round(path)
    (master,) = [one for one in items if one["type"] == "seriesMaster"]
    occurrences = [one for one in items if one["type"] == "occurrence"]
    assert {one["seriesMasterId"] for one in occurrences} == {master["id"]}
    assert megan.get(path_of(shared, occurrences[0]))["type"] == "occurrence"


def test_instances_of_a_series_are_read_under_its_calendar(
    adele: Person, megan: Person, control: Control
) -> None:
    shared = control.share_calendar(ADELE, MEGAN)
    adele.create(meeting(recurrence=weekly("monday", start="2026-03-02")))
    (master,) = megan.get(f"{path_of(shared)}/events")["value"]
    under_calendar = f"{path_of(shared, master)}/instances?{WINDOW}"
    found = megan.get(under_calendar)["value"]
    assert len(found) > 1
    assert {one["seriesMasterId"] for one in found} == {master["id"]}
    assert megan.get(path_of(shared, found[0]))["id"] == found[0]["id"]
    id_alone = f"/me/events/{quote(master['id'], safe='')}/instances?{WINDOW}"
    assert error_code(megan.send("GET", id_alone)) == "ErrorItemNotFound"
    assert megan.send("POST", under_calendar, {}).status_code == 405
    own = control.add_calendar(ADELE, "Project")
    body = meeting(recurrence=weekly("monday", start="2026-03-02"))
    of_own = control.create_event(ADELE, body, own["id"])
    assert len(adele.get(f"{path_of(own, of_own)}/instances?{WINDOW}")["value"]) > 1


def test_exceptions_of_a_shared_series_have_ids_of_their_own_there(
    adele: Person, megan: Person, control: Control
) -> None:
    shared = control.share_calendar(ADELE, MEGAN, role="write")
    series = adele.create(meeting(recurrence=weekly("monday", start="2026-03-02")))
    day = adele.get(f"/me/events/{quote(series['id'], safe='')}/instances?{WINDOW}")
    adele.patch(day["value"][1]["id"], {"subject": "doctor", "sensitivity": "private"})
    (master,) = megan.get(f"{path_of(shared)}/events")["value"]
    fields = "subject,seriesMasterId,exceptionOccurrences"
    wanted = f"?$select={fields}&$expand=exceptionOccurrences"
    read = megan.get(path_of(shared, master) + wanted)
    (exception,) = read["exceptionOccurrences"]
    assert exception["subject"] == "Private Appointment"
    assert exception["seriesMasterId"] == master["id"]
    assert megan.get(path_of(shared, exception))["type"] == "exception"


def test_private_series_shows_when_it_is_and_no_more(
    adele: Person, megan: Person, control: Control
) -> None:
    shared = control.share_calendar(ADELE, MEGAN)
    repeats = weekly("monday", start="2026-03-02")
    adele.create(meeting("doctor", recurrence=repeats, sensitivity="private"))
    (master,) = megan.get(f"{path_of(shared)}/events")["value"]
    assert master["subject"] == "Private Appointment"
    assert master["recurrence"]["pattern"]["type"] == "weekly"
    found = megan.get(f"{path_of(shared, master)}/instances?{WINDOW}")["value"]
    assert {one["subject"] for one in found} == {"Private Appointment"}


def test_deleted_calendar_is_gone_and_its_id_is_not_given_again(
    adele: Person, control: Control
) -> None:
    first = control.add_calendar(ADELE, "First")
    second = control.add_calendar(ADELE, "Second")
    control.delete_calendar(ADELE, first["id"])
    third = control.add_calendar(ADELE, "Third")
    assert third["id"] not in (first["id"], second["id"])
    names = [one["name"] for one in adele.get("/me/calendars")["value"]]
    assert names == ["Calendar", "Second", "Third"]
