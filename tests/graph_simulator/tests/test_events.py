"""Single events: shapes, times, locking, idempotency, extended properties."""

from __future__ import annotations

from http.client import HTTPConnection
from urllib.parse import quote, urlsplit

import pytest

from graph_simulator.client import Control, Simulator
from graph_simulator.tests.people import (
    ALEX,
    IMMUTABLE,
    OUTSIDER,
    STAMP,
    Person,
    delta_path,
    error_code,
    event_path,
    meeting,
    moment,
)

MEMBERS_OF_V1 = {
    "@odata.context",
    "@odata.etag",
    "id",
    "createdDateTime",
    "lastModifiedDateTime",
    "changeKey",
    "categories",
    "transactionId",
    "originalStartTimeZone",
    "originalEndTimeZone",
    "iCalUId",
    "reminderMinutesBeforeStart",
    "isReminderOn",
    "hasAttachments",
    "subject",
    "bodyPreview",
    "importance",
    "sensitivity",
    "isAllDay",
    "isCancelled",
    "isOrganizer",
    "responseRequested",
    "seriesMasterId",
    "showAs",
    "type",
    "webLink",
    "onlineMeetingUrl",
    "isOnlineMeeting",
    "onlineMeetingProvider",
    "allowNewTimeProposals",
    "isDraft",
    "hideAttendees",
    "responseStatus",
    "body",
    "start",
    "end",
    "location",
    "locations",
    "recurrence",
    "attendees",
    "organizer",
    "onlineMeeting",
}


def test_created_event_has_the_members_of_v1(adele: Person) -> None:
    event = adele.create(meeting(location={"displayName": "Room 1"}))
    assert set(event) == MEMBERS_OF_V1
    assert event["@odata.etag"] == f'W/"{event["changeKey"]}"'
    assert event["type"] == "singleInstance"
    assert event["reminderMinutesBeforeStart"] == 15
    assert event["responseStatus"]["response"] == "organizer"
    assert event["locations"] == [event["location"]]
    assert event["location"]["uniqueIdType"] == "private"
    assert adele.event(event["id"])["subject"] == "Meeting"


def test_times_come_in_utc_unless_a_zone_is_preferred(adele: Person) -> None:
    body = meeting(zone="Pacific Standard Time")
    event = adele.create(body)
    assert event["start"] == {
        "dateTime": "2026-03-02T18:00:00.0000000",
        "timeZone": "UTC",
    }
    assert event["originalStartTimeZone"] == "Pacific Standard Time"
    for zone in ("Europe/Berlin", "W. Europe Standard Time"):
        answer = adele.send(
            "GET", event_path(event["id"]), Prefer=f'outlook.timezone="{zone}"'
        )
        assert answer.headers["Preference-Applied"] == f'outlook.timezone="{zone}"'
        assert answer.json()["start"] == {
            "dateTime": "2026-03-02T19:00:00.0000000",
            "timeZone": zone,
        }


def test_missing_zone_means_utc(adele: Person) -> None:
    body = meeting()
    body["start"] = {"dateTime": "2026-03-02T10:00:00"}
    body["end"] = {"dateTime": "2026-03-02T11:00:00"}
    event = adele.create(body)
    assert event["start"]["dateTime"] == "2026-03-02T10:00:00.0000000"
    assert event["originalStartTimeZone"] == "UTC"


def test_unknown_zone_is_refused_in_body_and_header(adele: Person) -> None:
    answer = adele.send("POST", "/me/events", meeting(zone="Mars/Olympus"))
    assert (answer.status_code, error_code(answer)) == (
        400,
        "TimeZoneNotSupportedException",
    )
    answer = adele.send("GET", "/me/events", Prefer='outlook.timezone="Nowhere"')
    assert error_code(answer) == "TimeZoneNotSupportedException"


def test_all_day_event_floats(adele: Person) -> None:
    body = meeting(
        start="2026-03-02T00", end="2026-03-03T00", zone="Tokyo Standard Time"
    )
    event = adele.create({**body, "isAllDay": True})
    seen = adele.event(event["id"], Prefer='outlook.timezone="Pacific Standard Time"')
    assert seen["start"]["dateTime"] == "2026-03-02T00:00:00.0000000"
    assert seen["end"]["dateTime"] == "2026-03-03T00:00:00.0000000"
    # The view finds it as an event from midnight to midnight in UTC.
    assert len(adele.view("2026-03-02T23:00:00Z", "2026-03-03T05:00:00Z")) == 1
    assert adele.view("2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z") == []
    assert adele.view("2026-03-01T15:00:00Z", "2026-03-02T00:00:00Z") == []


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-03-02T10", "2026-03-03T00"),
        ("2026-03-02T00", "2026-03-02T10"),
        ("2026-03-02T00", "2026-03-02T00"),
    ],
)
def test_all_day_event_needs_midnights(adele: Person, start: str, end: str) -> None:
    body = {**meeting(start=start, end=end), "isAllDay": True}
    answer = adele.send("POST", "/me/events", body)
    assert (answer.status_code, error_code(answer)) == (400, "ErrorInvalidRequest")


def test_end_before_start_is_refused(adele: Person) -> None:
    body = meeting(start="2026-03-02T11", end="2026-03-02T10")
    answer = adele.send("POST", "/me/events", body)
    assert error_code(answer) == "ErrorPropertyValidationFailure"


def test_html_body_is_rewritten_and_text_on_request(adele: Person) -> None:
    content = "<p>One &amp; two</p>\n<p>three</p>"
    body = meeting(body={"contentType": "HTML", "content": content})
    event = adele.create(body)
    stored = event["body"]["content"]
    assert event["body"]["contentType"] == "html"
    assert stored.startswith("<html>\r\n<head>")
    assert "<p>One &amp; two</p>\r\n<p>three</p>" in stored
    assert event["bodyPreview"] == "One & two\r\nthree"
    again = adele.patch(event["id"], {"body": event["body"]})
    assert again["body"]["content"] == stored
    text = adele.event(event["id"], Prefer='outlook.body-content-type="text"')
    assert text["body"] == {"contentType": "text", "content": "One & two\r\nthree"}


def test_text_body_becomes_html(adele: Person) -> None:
    body = meeting(body={"contentType": "text", "content": "a < b\nnext"})
    stored = adele.create(body)["body"]
    assert stored["contentType"] == "html"
    assert '<div class="PlainText">a &lt; b<br>\r\nnext</div>' in stored["content"]


def test_patch_changes_key_and_stale_match_is_412(adele: Person) -> None:
    event = adele.create(meeting())
    first = event["@odata.etag"]
    second = adele.patch(event["id"], {"subject": "B"}, If_Match=first)["@odata.etag"]
    assert second != first
    path = event_path(event["id"])
    for method, body in (("PATCH", {"subject": "C"}), ("DELETE", None)):
        answer = adele.send(method, path, body, If_Match=first)
        assert (answer.status_code, error_code(answer)) == (
            412,
            "ErrorIrresolvableConflict",
        )
    adele.patch(event["id"], {"subject": "D"}, If_Match="*")
    assert adele.event(event["id"])["subject"] == "D"


def test_repeated_transaction_creates_once(adele: Person) -> None:
    body = meeting(transactionId="t-1", attendees=(OUTSIDER,))
    first = adele.create(body)
    second = adele.create(body)
    assert second["id"] == first["id"]
    assert adele.only_event()["transactionId"] == "t-1"
    assert len(adele.control.mails()) == 1


def test_transaction_with_other_content_names_the_first(adele: Person) -> None:
    first = adele.create(meeting(transactionId="t-1"))
    answer = adele.send("POST", "/me/events", meeting("Other", transactionId="t-1"))
    assert (answer.status_code, error_code(answer)) == (
        400,
        "ErrorDuplicateTransactionId",
    )
    assert answer.json()["error"]["@event.existingEventId"] == first["id"]


def test_transaction_cannot_be_patched(adele: Person) -> None:
    event = adele.create(meeting())
    changed = adele.patch(event["id"], {"transactionId": "t"})
    assert changed["transactionId"] is None


def test_extended_property_is_found_but_never_echoed(adele: Person) -> None:
    stamp = [{"id": STAMP, "value": "Event-7"}]
    event = adele.create(meeting(singleValueExtendedProperties=stamp))
    adele.create(meeting("Other"))
    assert "singleValueExtendedProperties" not in event
    expand = f"$expand=singleValueExtendedProperties($filter=id eq '{STAMP}')"
    assert (
        adele.event(event["id"], f"?{expand}")["singleValueExtendedProperties"] == stamp
    )
    found = adele.get(
        "/me/events?$filter=singleValueExtendedProperties/Any(ep: ep/id eq "
        f"'{STAMP}' and ep/value eq 'event-7')&{expand}"
    )["value"]
    assert [one["id"] for one in found] == [event["id"]]
    adele.patch(
        event["id"],
        {"singleValueExtendedProperties": [{"id": STAMP, "value": "Event-8"}]},
    )
    assert adele.event(event["id"], f"?{expand}")["singleValueExtendedProperties"] == [
        {"id": STAMP, "value": "Event-8"}
    ]


def test_name_of_extended_property_is_case_sensitive(adele: Person) -> None:
    stamp = [{"id": STAMP, "value": "1"}]
    adele.create(meeting(singleValueExtendedProperties=stamp))
    wrong = STAMP.replace("TestId", "testid")
    found = adele.get(
        "/me/events?$filter=singleValueExtendedProperties/Any(ep: ep/id eq "
        f"'{wrong}' and ep/value eq '1')"
    )["value"]
    assert found == []


def test_delete_twice(adele: Person) -> None:
    event = adele.create(meeting())
    adele.delete(event["id"])
    answer = adele.send("DELETE", event_path(event["id"]))
    assert (answer.status_code, error_code(answer)) == (404, "ErrorItemNotFound")
    answer = adele.send("GET", event_path(event["id"]))
    assert error_code(answer) == "ErrorItemNotFound"


def test_delete_twice_in_a_personal_mailbox(simulator: Simulator) -> None:
    simulator.control.add_mailbox("pat@outlook.example", kind="personal")
    pat = Person(simulator, "pat@outlook.example")
    event = pat.create(meeting())
    pat.delete(event["id"])
    answer = pat.send("DELETE", event_path(event["id"]))
    assert (answer.status_code, error_code(answer)) == (400, "ErrorInvalidRequest")


def test_default_id_needs_encoding_and_immutable_does_not(adele: Person) -> None:
    event = adele.create(meeting())
    immutable = adele.event(event["id"], **IMMUTABLE)["id"]
    assert quote(event["id"], safe="") != event["id"]
    assert quote(immutable, safe="") == immutable
    assert adele.event(immutable)["id"] == event["id"]
    wrong = event_path(event["id"].swapcase())
    assert adele.send("GET", wrong).status_code in (400, 404)


def test_move_changes_default_id_only(adele: Person, control: Control) -> None:
    event = adele.create(meeting())
    immutable = adele.event(event["id"], **IMMUTABLE)["id"]
    calendar = control.add_calendar(adele.upn, "Other")
    moved = control.move_event(adele.upn, event["id"], calendar["id"])
    assert moved["id"] != event["id"]
    assert moved["_sim"]["immutableId"] == immutable
    assert adele.send("GET", event_path(event["id"])).status_code == 404
    assert adele.get("/me/events")["value"] == []
    assert len(adele.get(f"/me/calendars/{calendar['id']}/events")["value"]) == 1


def test_translate_ids_both_ways(adele: Person) -> None:
    event = adele.create(meeting())
    immutable = adele.event(event["id"], **IMMUTABLE)["id"]
    for source, target, kinds in (
        (event["id"], immutable, ("restId", "restImmutableEntryId")),
        (immutable, event["id"], ("restImmutableEntryId", "restId")),
    ):
        answer = adele.send(
            "POST",
            "/me/translateExchangeIds",
            {
                "inputIds": [source],
                "sourceIdType": kinds[0],
                "targetIdType": kinds[1],
            },
        )
        assert answer.json()["value"] == [{"sourceId": source, "targetId": target}]


def test_lists_page_select_sort_and_count(adele: Person) -> None:
    for number in range(12):
        adele.create(meeting(f"Event {number:02}"))
    page = adele.get("/me/events?$select=subject&$orderby=subject&$count=true")
    assert page["@odata.count"] == 12
    assert [event["subject"] for event in page["value"]] == [
        f"Event {number:02}" for number in range(10)
    ]
    assert set(page["value"][0]) == {"@odata.etag", "id", "subject"}
    rest = adele.get(page["@odata.nextLink"])
    assert [event["subject"] for event in rest["value"]] == ["Event 10", "Event 11"]
    assert "@odata.nextLink" not in rest


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("subject eq 'alpha'", {"Alpha"}),
        ("startswith(subject,'A') or contains(subject,'et')", {"Alpha", "Beta"}),
        ("not (subject eq 'Alpha')", {"Beta", "It's"}),
        ("subject eq 'It''s'", {"It's"}),
        ("start/dateTime ge '2026-03-03T00:00:00'", {"Beta", "It's"}),
        ("isAllDay eq false and start/dateTime lt '2026-03-03'", {"Alpha"}),
    ],
)
def test_filters(adele: Person, text: str, subjects: set[str]) -> None:
    adele.create(meeting("Alpha"))
    for name in ("Beta", "It's"):
        adele.create(meeting(name, start="2026-03-05T10", end="2026-03-05T11"))
    found = adele.get(f"/me/events?$filter={quote(text)}")["value"]
    assert {event["subject"] for event in found} == subjects


def test_filter_by_ical_uid_finds_the_copy(adele: Person, alex: Person) -> None:
    event = adele.create(meeting(attendees=(ALEX,)))
    found = alex.get(f"/me/events?$filter=iCalUId eq '{event['iCalUId']}'")["value"]
    assert len(found) == 1
    assert found[0]["id"] != event["id"]


@pytest.mark.parametrize(
    "query", ["$select=wellKnownName", "$filter=subject eq", "$top=x", "$expand=nope"]
)
def test_bad_query_options_are_400(adele: Person, query: str) -> None:
    answer = adele.send("GET", f"/me/events?{query}")
    assert (answer.status_code, error_code(answer)) == (400, "BadRequest")


def test_calendar_view_rules(adele: Person) -> None:
    adele.create(meeting())
    answer = adele.send("GET", "/me/calendarView?startDateTime=2026-03-01T00:00:00Z")
    assert answer.status_code == 400
    answer = adele.send(
        "GET",
        "/me/calendarView?startDateTime=2015-01-01T00:00:00Z"
        "&endDateTime=2035-01-01T00:00:00Z",
    )
    assert error_code(answer) == "ErrorInvalidRequest"
    view = adele.get(
        "/me/calendarView?startDateTime=2026-03-02T11:30:00%2B02:00"
        "&endDateTime=2026-03-02T12:30:00%2B02:00"
        "&$select=subject,onlineMeeting,createdDateTime"
    )["value"]
    assert [set(event) for event in view] == [{"@odata.etag", "id", "subject"}]


def test_nested_calendar_path_is_for_reading(adele: Person) -> None:
    event = adele.create(meeting())
    path = f"/me/calendar/events/{quote(event['id'], safe='')}"
    assert adele.send("GET", path).status_code == 200
    answer = adele.send("PATCH", path, {"subject": "X"})
    assert "Recursive navigation" in answer.json()["error"]["message"]


def test_users_path_is_for_oneself_only(adele: Person) -> None:
    assert adele.send("GET", f"/users/{adele.upn}/events").status_code == 200
    answer = adele.send("GET", f"/users/{ALEX}/events")
    assert (answer.status_code, error_code(answer)) == (403, "ErrorAccessDenied")


def test_null_and_location_mirror(adele: Person) -> None:
    event = adele.create(meeting(location={"displayName": "A"}, categories=["Red"]))
    event = adele.patch(event["id"], {"location": {"displayName": "B"}})
    assert [one["displayName"] for one in event["locations"]] == ["B"]
    event = adele.patch(
        event["id"], {"locations": [{"displayName": "C"}, {"displayName": "D"}]}
    )
    assert event["location"]["displayName"] == "C; D"
    event = adele.patch(event["id"], {"location": None, "categories": None})
    assert (event["location"]["displayName"], event["locations"]) == ("", [])
    assert event["categories"] == []


def test_post_without_length_is_411(adele: Person) -> None:
    event = adele.create(meeting())
    address = urlsplit(adele.simulator.url)
    connection = HTTPConnection(address.hostname, address.port, timeout=10)
    connection.putrequest("POST", f"/v1.0{event_path(event['id'])}/dismissReminder")
    connection.putheader("Authorization", adele.session.headers["Authorization"])
    connection.endheaders()
    assert connection.getresponse().status == 411
    connection.close()


def test_raw_event_is_returned_as_it_is(adele: Person, control: Control) -> None:
    control.raw_event(
        adele.upn,
        {
            "subject": "Broken",
            "start": moment("2026-03-02T10", "Mars/Olympus"),
            "end": {"dateTime": "9999-99-99"},
            "omit": ["changeKey"],
        },
    )
    (event,) = adele.view("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z")
    assert event["start"]["timeZone"] == "Mars/Olympus"
    assert set(event) == {"@odata.etag", "id", "type", "subject", "start", "end"}


def test_planted_event_can_be_mended(adele: Person, control: Control) -> None:
    planted = control.raw_event(adele.upn, {"subject": "Broken", "start": {}})
    path = delta_path("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z")
    (broken,), link = adele.delta_round(path)
    assert broken["start"] == {}
    control.update_event(adele.upn, planted["id"], {"start": moment("2026-03-02T10")})
    (mended,), _link = adele.delta_round(link)
    assert mended["start"] == moment("2026-03-02T10")
    assert mended["@odata.etag"] != broken["@odata.etag"]


def test_odd_characters_survive(adele: Person) -> None:
    subject = "Zoë ☕ 会議 \U0001f600"
    event = adele.create(meeting(subject))
    assert adele.event(event["id"])["subject"] == subject
    # A lone surrogate is valid JSON, but not valid text.
    assert adele.create(meeting("\ud800"))["subject"] == "?"
