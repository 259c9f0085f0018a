"""Teams meetings of events."""

from __future__ import annotations

from graph_simulator.client import Control
from graph_simulator.tests.people import ADELE, ALEX, Person, meeting

ONLINE = {"isOnlineMeeting": True, "onlineMeetingProvider": "teamsForBusiness"}
OWN_BODY = {"contentType": "html", "content": "<p>Agenda</p>"}


def test_online_meeting_has_a_link_and_a_blob(adele: Person, alex: Person) -> None:
    event = adele.create(meeting(body=OWN_BODY, attendees=(ALEX,), **ONLINE))
    url = event["onlineMeeting"]["joinUrl"]
    assert event["isOnlineMeeting"] is True
    assert event["onlineMeetingProvider"] == "teamsForBusiness"
    assert event["onlineMeetingUrl"] is None
    content = event["body"]["content"]
    assert content.index("<p>Agenda</p>") < content.index(url)
    assert alex.only_event()["onlineMeeting"]["joinUrl"] == url


def test_teams_can_be_added_but_not_removed(adele: Person) -> None:
    event = adele.create(meeting(body=OWN_BODY))
    event = adele.patch(event["id"], ONLINE)
    url = event["onlineMeeting"]["joinUrl"]
    assert url in event["body"]["content"]
    event = adele.patch(event["id"], {"isOnlineMeeting": False})
    assert event["isOnlineMeeting"] is True
    event = adele.patch(event["id"], {"subject": "B"})
    assert event["onlineMeeting"]["joinUrl"] == url


def test_body_that_keeps_the_blob_stays_online(adele: Person) -> None:
    event = adele.create(meeting(body=OWN_BODY, **ONLINE))
    content = event["body"]["content"].replace("Agenda", "New agenda")
    event = adele.patch(
        event["id"], {"body": {"contentType": "html", "content": content}}
    )
    assert event["isOnlineMeeting"] is True
    assert "New agenda" in event["body"]["content"]


def test_body_without_the_blob_goes_offline_and_back(adele: Person) -> None:
    event = adele.create(meeting(body=OWN_BODY, **ONLINE))
    change = {"body": OWN_BODY, **ONLINE}
    states = [adele.patch(event["id"], change)["isOnlineMeeting"] for _time in range(3)]
    assert states == [False, True, False]
    event = adele.event(event["id"])
    assert event["onlineMeeting"] is None
    assert event["onlineMeetingProvider"] == "unknown"


def test_flip_flop_can_be_switched_off(adele: Person, control: Control) -> None:
    control.options(teams_flip_flop=False)
    event = adele.create(meeting(body=OWN_BODY, **ONLINE))
    assert adele.patch(event["id"], {"body": OWN_BODY})["isOnlineMeeting"] is True


def test_without_teams_the_property_is_ignored(adele: Person, control: Control) -> None:
    control.update_mailbox(ADELE, teams=False)
    calendar = adele.get("/me/calendar?$select=allowedOnlineMeetingProviders")
    assert calendar["allowedOnlineMeetingProviders"] == ["unknown"]
    event = adele.create(meeting(**ONLINE))
    assert event["isOnlineMeeting"] is False
    assert event["onlineMeetingProvider"] == "unknown"
    assert event["onlineMeeting"] is None


def test_link_may_come_later(adele: Person, control: Control) -> None:
    control.options(teams_join_delay_seconds=30)
    event = adele.create(meeting(**ONLINE))
    assert (event["isOnlineMeeting"], event["onlineMeeting"]) == (True, None)
    assert adele.event(event["id"])["onlineMeeting"] is None
    control.advance(31)
    later = adele.event(event["id"])
    assert later["onlineMeeting"]["joinUrl"]
    assert later["changeKey"] != event["changeKey"]


def test_view_shows_the_link_only_beside_is_online_meeting(adele: Person) -> None:
    adele.create(meeting(**ONLINE))
    window = "startDateTime=2026-03-02T00:00:00Z&endDateTime=2026-03-03T00:00:00Z"
    path = f"/me/calendarView?{window}&$select="
    assert "onlineMeeting" not in adele.get(path + "onlineMeeting")["value"][0]
    both = adele.get(path + "onlineMeeting,isOnlineMeeting")["value"][0]
    assert both["onlineMeeting"]["joinUrl"]
