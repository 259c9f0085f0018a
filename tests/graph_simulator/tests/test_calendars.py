"""Users, settings, calendars, free/busy, personal accounts, the page."""

from __future__ import annotations

import pytest
import requests

from graph_simulator.client import Control, Simulator
from graph_simulator.tests.people import (
    ADELE,
    ALEX,
    Person,
    error_code,
    meeting,
    moment,
    weekly,
)


def test_me(adele: Person) -> None:
    me = adele.get("/me?$select=id,displayName,mail,userPrincipalName")
    assert me["displayName"] == "Adele Vance"
    assert me["mail"] == me["userPrincipalName"] == ADELE
    assert adele.get(f"/users/{me['id']}")["id"] == me["id"]
    assert set(adele.get("/me?$select=mail")) == {"@odata.context", "id", "mail"}


def test_mailbox_settings_and_zones(adele: Person, control: Control) -> None:
    control.update_mailbox(ADELE, time_zone="W. Europe Standard Time")
    settings = adele.get("/me/mailboxSettings")
    assert settings["timeZone"] == "W. Europe Standard Time"
    windows = adele.get("/me/outlook/supportedTimeZones")["value"]
    assert "Pacific Standard Time" in [zone["alias"] for zone in windows]
    iana = adele.get(
        "/me/outlook/supportedTimeZones"
        "(TimeZoneStandard=microsoft.graph.timeZoneStandard'Iana')"
    )["value"]
    assert "Europe/Berlin" in [zone["alias"] for zone in iana]


def test_calendars(adele: Person) -> None:
    own = adele.get("/me/calendar")
    assert own["isDefaultCalendar"] is True
    assert own["allowedOnlineMeetingProviders"] == ["teamsForBusiness"]
    answer = adele.send("POST", "/me/calendars", {"name": "Project"})
    assert answer.status_code == 201
    other = answer.json()
    assert [one["name"] for one in adele.get("/me/calendars")["value"]] == [
        "Calendar",
        "Project",
    ]
    path = f"/me/calendars/{other['id']}"
    created = adele.send("POST", f"{path}/events", meeting("in project")).json()
    assert adele.get("/me/events")["value"] == []
    assert adele.event(created["id"])["subject"] == "in project"
    window = "startDateTime=2026-03-02T00:00:00Z&endDateTime=2026-03-03T00:00:00Z"
    assert len(adele.get(f"{path}/calendarView?{window}")["value"]) == 1
    assert adele.send("PATCH", path, {"name": "P2"}).json()["name"] == "P2"
    assert adele.send("DELETE", path).status_code == 204
    assert adele.send("GET", path).status_code == 404
    assert adele.send("DELETE", f"/me/calendars/{own['id']}").status_code == 400


def test_bad_calendars(adele: Person) -> None:
    adele.send("POST", "/me/calendars", {"name": "A"})
    assert adele.send("POST", "/me/calendars", {"name": "a"}).status_code == 409
    for body in ({}, {"name": 1}, {"title": "x"}, {"name": "x", "id": "y"}):
        assert adele.send("POST", "/me/calendars", body).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/me/messages", 400),
        ("GET", "/nothing", 400),
        ("PUT", "/me/events", 405),
        ("GET", "/me/events/delta", 400),
        ("GET", "/me/calendars/unknown", 404),
        ("GET", "/me/events/short", 400),
        ("DELETE", "/me", 405),
    ],
)
def test_missing_objects_are_refused(
    adele: Person, method: str, path: str, status: int
) -> None:
    answer = adele.send(method, path)
    assert answer.status_code == status
    error_code(answer)


def test_free_busy(adele: Person, alex: Person) -> None:
    alex.create(meeting("secret", showAs="oof", sensitivity="private"))
    body = {
        "schedules": [ALEX, "nobody@fabrikam.example"],
        "startTime": moment("2026-03-02T09"),
        "endTime": moment("2026-03-02T12"),
        "availabilityViewInterval": 60,
    }
    known, unknown = adele.send("POST", "/me/calendar/getSchedule", body).json()[
        "value"
    ]
    assert known["availabilityView"] == "030"
    (item,) = known["scheduleItems"]
    assert (item["status"], item["isPrivate"]) == ("oof", True)
    assert "subject" not in item
    assert unknown["scheduleItems"] is None
    assert unknown["error"]["responseCode"]
    body["endTime"] = moment("2026-06-02T12")
    answer = adele.send("POST", "/me/calendar/getSchedule", body)
    assert error_code(answer) == "ErrorTimeIntervalTooBig"


def test_personal_account(simulator: Simulator) -> None:
    upn = "pat@outlook.example"
    simulator.control.add_mailbox(upn, kind="personal")
    pat = Person(simulator, upn)
    assert pat.get("/me")["mail"] is None
    event = pat.create(
        meeting(
            recurrence=weekly("monday", start="2026-03-02"),
            isOnlineMeeting=True,
            onlineMeetingProvider="teamsForBusiness",
        )
    )
    assert (event["isOnlineMeeting"], event["onlineMeeting"]) == (False, None)
    assert event["uid"] == event["iCalUId"]
    assert event["occurrenceId"] is None
    assert "outlook.live.com" in event["webLink"]
    assert f"/users('{upn}')/calendars(" in event["calendar@odata.navigationLink"]
    found = pat.instances(event["id"], "2026-03-01T00:00:00", "2026-03-05T00:00:00")
    changed = pat.patch(found[0]["id"], {"subject": "B"})
    assert changed["occurrenceId"] is None
    changed = pat.event(found[0]["id"], "?$select=originalStart")
    assert changed["originalStart"] is None


def test_page_and_its_parts(simulator: Simulator) -> None:
    page = requests.get(simulator.url + "/")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "http://" not in page.text.replace("http://www.w3.org", "")
    for name in ("app.js", "style.css"):
        assert f"/_page/{name}" in page.text
        assert requests.get(f"{simulator.url}/_page/{name}").ok
    assert requests.get(f"{simulator.url}/_page/secret").status_code == 404


def test_dump_and_reset(adele: Person, control: Control) -> None:
    adele.create(meeting(attendees=(ALEX,)))
    dump = control.dump()
    assert {one["upn"]: len(one["events"]) for one in dump["mailboxes"]}[ALEX] == 1
    assert dump["mails"]
    control.reset()
    dump = control.dump()
    assert (dump["mailboxes"], dump["mails"], dump["apps"]) == ([], [], [])


def test_options_are_checked_and_reset(control: Control) -> None:
    assert control.options(page_size=3)["page_size"] == 3
    for bad in ({"page_size": "3"}, {"nonsense": 1}):
        with pytest.raises(Exception, match="option"):
            control.options(**bad)
    control.reset(demo=True)
    assert control.options()["page_size"] == 10
