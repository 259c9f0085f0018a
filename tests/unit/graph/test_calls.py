"""Test that requests have the form that Graph needs."""

from datetime import datetime
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.busy_times import ScheduleRequest
from praetorx_ms365_calendar.graph import calls

STAMP = "String {66f5a359-4659-4830-9070-00040ec6ac6e} Name OdooEventId"
START, END = datetime(2026, 3, 1), datetime(2026, 4, 1)
WINDOW = {
    "startDateTime": ["2026-03-01T00:00:00Z"],
    "endDateTime": ["2026-04-01T00:00:00Z"],
}


def split(request):
    """Return the path and the decoded query of a URL."""
    parts = urlsplit(request.path_or_url)
    return parts.path, parse_qs(parts.query, strict_parsing=bool(parts.query))


def test_the_person():
    path, query = split(calls.me())
    assert path == "/me"
    assert query == {"$select": ["id,displayName,mail,userPrincipalName"]}


def test_calendars_tell_whether_they_hold_teams_meetings():
    for request in (calls.primary_calendar(), calls.calendars()):
        _path, query = split(request)
        assert "allowedOnlineMeetingProviders" in query["$select"][0]
    assert split(calls.primary_calendar())[0] == "/me/calendar"
    assert split(calls.calendars())[0] == "/me/calendars"


def test_busy_times_are_asked_for_whole_days_in_utc():
    people = ("alex@contoso.example", "eve@contoso.example")
    request = calls.get_schedule(ScheduleRequest(people, START.date(), END.date()))
    assert (request.method, request.path_or_url) == (
        "POST",
        "/me/calendar/getSchedule",
    )
    assert request.body == {
        "schedules": list(people),
        "startTime": {"dateTime": "2026-03-01T00:00:00", "timeZone": "UTC"},
        "endTime": {"dateTime": "2026-04-01T00:00:00", "timeZone": "UTC"},
        "availabilityViewInterval": 60,
    }
    assert not request.writes


def test_a_delta_round_has_its_window_and_nothing_else_in_the_query():
    request = calls.delta_start(None, START, END, 200)
    assert split(request) == ("/me/calendarView/delta", WINDOW)
    assert request.headers == {"Prefer": "odata.maxpagesize=200"}
    assert (request.method, request.operation) == ("GET", "delta")


def test_a_round_of_another_calendar():
    path = calls.calendar_path("AQMk/x=")
    request = calls.delta_start(path, START, END, 200)
    assert split(request)[0] == "/me/calendars/AQMk%2Fx%3D/calendarView/delta"


def test_links_are_taken_as_given():
    link = "https://graph.microsoft.com/v1.0/me/calendarView/delta?$skiptoken=R%2F="
    request = calls.follow(link, page_size=200)
    assert request.path_or_url == link
    assert request.headers == {"Prefer": "odata.maxpagesize=200"}
    assert request.operation == "follow"
    assert calls.follow(link, operation="list").operation == "list"


def test_views_and_instances_have_bounds():
    path, query = split(calls.calendar_view(None, START, END, 100))
    assert (path, query) == ("/me/calendarView", WINDOW | {"$top": ["100"]})
    path, query = split(calls.instances("master=", START, END, 100, "id,start"))
    assert (path, query) == (
        "/me/events/master%3D/instances",
        WINDOW | {"$top": ["100"], "$select": ["id,start"]},
    )


def test_an_event_is_read_with_our_stamp():
    path, query = split(calls.get_event("AAMk=", STAMP))
    assert path == "/me/events/AAMk%3D"
    assert query == {
        "$expand": [f"singleValueExtendedProperties($filter=id eq '{STAMP}')"]
    }


def test_events_of_a_shared_calendar_have_it_in_their_path():
    place = calls.calendar_path("cal=")
    for request in (
        calls.get_event("AAMk=", STAMP, place),
        calls.get_series("AAMk=", "id", STAMP, place),
        calls.patch_event("AAMk=", {"subject": "x"}, None, place),
        calls.delete_event("AAMk=", None, place),
    ):
        assert split(request)[0] == "/me/calendars/cal%3D/events/AAMk%3D"
    days = calls.instances("AAMk=", START, END, 100, "id", place)
    assert split(days)[0] == "/me/calendars/cal%3D/events/AAMk%3D/instances"
    assert split(calls.find_stamped(STAMP, "uuid", place))[0] == (
        "/me/calendars/cal%3D/events"
    )
    assert split(calls.calendar(place))[0] == "/me/calendars/cal%3D"


def test_a_series_is_asked_for_its_differences():
    _path, query = split(calls.get_series("AAMk=", "id,exceptionOccurrences", STAMP))
    assert query["$select"] == ["id,exceptionOccurrences"]
    assert query["$expand"][0].startswith("exceptionOccurrences,single")


def test_stamped_events_are_found_by_prefix():
    path, query = split(calls.find_stamped(STAMP, "odoo's&db:"))
    assert path == "/me/events"
    assert query["$filter"] == [
        f"singleValueExtendedProperties/Any(ep: ep/id eq '{STAMP}'"
        " and startswith(ep/value,'odoo''s&db:'))"
    ]
    assert "singleValueExtendedProperties" in query["$expand"][0]


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_id_is_one_segment_of_the_path(event_id):
    if event_id in {".", ".."}:
        return
    path = calls.delete_event(event_id, None).path_or_url
    assert path.isascii()
    *_, segment = path.split("/")
    assert path.count("/") == 3
    assert unquote(segment) == event_id


@pytest.mark.parametrize("event_id", ["", ".", ".."])
def test_invalid_id_reaches_no_other_resource(event_id):
    with pytest.raises(ValueError, match="No id"):
        calls.delete_event(event_id, None)


def test_writes():
    create = calls.create_event({"subject": "x"})
    assert (create.method, create.path_or_url) == ("POST", "/me/events")
    create = calls.create_event({"subject": "x"}, calls.calendar_path("c"))
    assert create.path_or_url == "/me/calendars/c/events"
    patch = calls.patch_event("a", {"subject": "x"}, 'W/"1"')
    assert (patch.method, patch.headers) == ("PATCH", {"If-Match": 'W/"1"'})
    delete = calls.delete_event("a", 'W/"1"')
    assert (delete.method, delete.headers) == ("DELETE", {"If-Match": 'W/"1"'})
    cancel = calls.cancel_event("a", "ill")
    assert (cancel.path_or_url, cancel.body) == (
        "/me/events/a/cancel",
        {"comment": "ill"},
    )
    assert all(request.writes for request in (create, patch, delete, cancel))
    assert not calls.get_event("a", STAMP).writes


@pytest.mark.parametrize(
    ("response", "word"),
    [
        ("accepted", "accept"),
        ("tentativelyAccepted", "tentativelyAccept"),
        ("declined", "decline"),
    ],
)
def test_replies_to_invitations(response, word):
    request = calls.send_reply("a", response, comment="gladly")
    assert request.path_or_url == f"/me/events/a/{word}"
    assert request.body == {"sendResponse": True, "comment": "gladly"}
    silent = calls.send_reply("a", response, send=False, comment="gladly")
    assert silent.body == {"sendResponse": False}


def test_subscriptions():
    request = calls.subscribe(
        notification_url="https://odoo/n",
        lifecycle_url="https://odoo/l",
        client_state="state",
        expires_at=END,
    )
    assert request.body == {
        "changeType": "created,updated,deleted",
        "notificationUrl": "https://odoo/n",
        "lifecycleNotificationUrl": "https://odoo/l",
        "resource": "me/events",
        "expirationDateTime": "2026-04-01T00:00:00Z",
        "clientState": "state",
        "latestSupportedTlsVersion": "v1_2",
    }
    renew = calls.renew("7f10", END)
    assert renew.body == {"expirationDateTime": "2026-04-01T00:00:00Z"}
    assert (renew.method, renew.path_or_url) == ("PATCH", "/subscriptions/7f10")
    again = calls.reauthorize("7f10")
    assert (again.method, again.body) == ("POST", None)
    assert again.path_or_url == "/subscriptions/7f10/reauthorize"
    end = calls.delete_subscription("7f10")
    assert (end.method, end.path_or_url) == ("DELETE", "/subscriptions/7f10")
    assert split(calls.list_subscriptions())[0] == "/subscriptions"
