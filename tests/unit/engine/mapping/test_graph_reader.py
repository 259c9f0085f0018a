"""Test that Graph's events are read correctly, or raise one clear error."""

from __future__ import annotations

import copy
import json
import time
from datetime import datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mapping_samples import (
    JOIN_URL,
    TEAMS_BLOCKS,
    exchange_document,
    graph_attendee,
    graph_event,
)

from praetorx_ms365_calendar.engine.body_limits import MAX_READ_LENGTH
from praetorx_ms365_calendar.engine.errors import BadRemoteEvent
from praetorx_ms365_calendar.engine.mapping.body import split_body
from praetorx_ms365_calendar.engine.mapping.graph_reader import (
    MAX_BODY_LENGTH,
    parse_event,
)
from praetorx_ms365_calendar.engine.mapping.stamp import STAMP_PROPERTY_ID
from praetorx_ms365_calendar.engine.snapshot import (
    Attendee,
    Content,
    RemoteEvent,
    RemovedEvent,
    Times,
)

X500 = "/O=EXCHANGELABS/OU=EXCHANGE ADMINISTRATIVE GROUP/CN=RECIPIENTS/CN=0123-MIA"


def moment(text: str, zone: str = "UTC") -> dict[str, str]:
    return {"dateTime": text, "timeZone": zone}


def test_a_full_event_is_read():
    event = parse_event(graph_event())

    assert isinstance(event, RemoteEvent)
    assert event.content == Content(
        subject="Site visit",
        times=Times("2026-03-29T07:00:00", "2026-03-29T08:15:00"),
        body="<p>Bring <b>boots</b></p>",
        location="Harbour, gate 4",
        attendees=(Attendee("bob@example.test"), Attendee("mia@example.test")),
        sensitivity="private",
        show_as="tentative",
        reminder=30,
        categories=("Customers", "Travel"),
        online_meeting=False,
    )
    assert event.content.times.zone == "Europe/Berlin"
    assert [(a.name, a.kind) for a in event.content.attendees] == [
        ("Bob", "optional"),
        ("Mia Berg", "required"),
    ]
    assert event.remote_id == "AAkALgAAAAAAHYQDEapmSampleEvent"
    assert event.etag == 'W/"k3yOne=="'
    assert event.kind == "singleInstance"
    assert event.ical_uid == "040000008200E00074C5B7101A82E008SAMPLE"
    assert event.organizer == Attendee("olga@example.test")
    assert event.is_organizer
    assert event.own_reply == "organizer"
    assert event.replies == {"mia@example.test": "accepted", "bob@example.test": "none"}
    assert event.modified_at == "2026-02-02T09:30:00.7654321Z"
    assert event.warnings == ()


def test_only_needed_properties_are_required():
    event = parse_event(
        {
            "id": "a",
            "changeKey": "b",
            "start": moment("2026-01-01T10:00:00"),
            "end": moment("2026-01-01T11:00:00"),
        }
    )

    assert event == RemoteEvent(
        remote_id="a",
        change_key="b",
        kind="singleInstance",
        content=Content("", Times("2026-01-01T10:00:00", "2026-01-01T11:00:00")),
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-02-02T09:30:00.7654321Z", datetime(2026, 2, 2, 9, 30)),
        ("2026-02-02T09:30:00Z", datetime(2026, 2, 2, 9, 30)),
        ("0001-01-01T00:00:00Z", None),  # nobody has answered
        ("2026-02-02T09:30+01:00", datetime(2026, 2, 2, 9, 30)),
        ("yesterday", None),
        ("", None),
    ],
)
def test_the_time_of_the_own_reply_is_read(written, read):
    status = {"response": "accepted", "time": written}

    assert parse_event(graph_event(responseStatus=status)).replied_at == read


def test_organizer_without_wish_for_replies_is_read():
    assert parse_event(graph_event()).reply_requested
    silent = graph_event(responseRequested=False)
    assert not parse_event(silent).reply_requested


def test_a_tombstone_is_read():
    removed = {"id": "a", "@removed": {"reason": "deleted"}}

    assert parse_event(removed) == RemovedEvent("a")


def test_a_minimal_occurrence_has_no_content():
    """Delta pages have no more; the change key is only in the etag."""
    event = parse_event(
        {
            "@odata.type": "#microsoft.graph.event",
            "@odata.etag": 'W/"key=="',
            "id": "a",
            "type": "occurrence",
            "seriesMasterId": "m",
            "start": moment("2026-01-01T10:00:00"),
            "end": moment("2026-01-01T11:00:00"),
        }
    )

    assert event.content is None
    assert (event.kind, event.series_master_id) == ("occurrence", "m")
    assert (event.change_key, event.etag) == ("key==", 'W/"key=="')


@pytest.mark.parametrize("kind", ["seriesMaster", "exception", "occurrence"])
def test_full_members_of_a_series_have_content(kind):
    event = parse_event(graph_event(type=kind, seriesMasterId="m"))

    assert event.kind == kind
    assert event.content.subject == "Site visit"


# ----------------------------------------------------------------------
# Times
# ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "utc"),
    [
        (moment("2026-01-15T12:00:00.0000000"), "2026-01-15T12:00:00"),
        (moment("2026-01-15T12:00:00.9999999"), "2026-01-15T12:00:00"),
        (moment("2026-01-15T12:00:00Z"), "2026-01-15T12:00:00"),
        ({"dateTime": "2026-01-15T12:00:00"}, "2026-01-15T12:00:00"),
        (moment("2026-01-15T12:00:00", "Europe/Berlin"), "2026-01-15T11:00:00"),
        (moment("2026-07-15T12:00:00", "Europe/Berlin"), "2026-07-15T10:00:00"),
        (
            moment("2026-07-15T12:00:00", "W. Europe Standard Time"),
            "2026-07-15T10:00:00",
        ),
        (
            moment("2026-03-08T03:00:00", "Eastern Standard Time"),
            "2026-03-08T07:00:00",
        ),
        (moment("2026-03-08T01:59:00", "America/New_York"), "2026-03-08T06:59:00"),
        (
            moment("2026-01-15T12:00:00", "India Standard Time"),
            "2026-01-15T06:30:00",
        ),
    ],
)
def test_local_times_become_utc(start, utc):
    event = parse_event(graph_event(start=start, end=moment("2027-01-01T00:00:00")))

    assert event.content.times.start == utc


@pytest.mark.parametrize("zone", ["UTC", "Tokyo Standard Time", "tzone://x", ""])
def test_all_day_events_have_no_zone(zone):
    event = parse_event(
        graph_event(
            isAllDay=True,
            start=moment("2026-08-10T00:00:00.0000000", zone),
            end=moment("2026-08-12T00:00:00.0000000", zone),
        )
    )

    assert event.content.times == Times("2026-08-10", "2026-08-12", all_day=True)


def test_an_all_day_event_without_length_lasts_one_day():
    day = moment("2026-08-10T00:00:00")

    event = parse_event(graph_event(isAllDay=True, start=day, end=day))

    assert event.content.times.end == "2026-08-11"


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Romance Standard Time", "Europe/Paris"),
        ("Europe/Vienna", "Europe/Vienna"),
        ("UTC", "UTC"),
        ("tzone://Microsoft/Custom", None),
        ("Customized Time Zone", None),
        (None, None),
    ],
)
def test_the_zone_of_the_event_is_read_if_it_has_a_name(name, zone):
    event = parse_event(graph_event(originalStartTimeZone=name))

    assert event.content.times.zone == zone


# ----------------------------------------------------------------------
# People
# ----------------------------------------------------------------------


def test_attendees_are_listed_once_and_without_the_organizer():
    event = parse_event(
        graph_event(
            attendees=[
                graph_attendee("MIA@example.test", "Mia", response="declined"),
                graph_attendee(" mia@Example.TEST ", "Mia again", response="accepted"),
                graph_attendee("Olga@Example.test", "Olga"),
                graph_attendee("zoe@example.test", "zoe@example.test", kind="resource"),
            ]
        )
    )

    assert [(a.email, a.name, a.kind) for a in event.content.attendees] == [
        ("mia@example.test", "Mia", "required"),
        ("zoe@example.test", "", "resource"),
    ]
    assert event.replies == {"mia@example.test": "declined", "zoe@example.test": "none"}


@pytest.mark.parametrize(
    "address",
    [X500, X500.lower(), "IMCEAEX-_O=EXCHANGELABS_CN=MIA@prod.example.test", "Mia",
     "mia@", "@example.test", "a b@example.test", "a@b@example.test", "<a@b.test>"],
)  # fmt: skip
def test_attendee_without_a_mail_address_is_kept_but_not_mapped(address):
    event = parse_event(
        graph_event(
            attendees=[
                graph_attendee(address, "Mia", kind="optional"),
                graph_attendee("bob@example.test"),
            ]
        )
    )

    assert [a.email for a in event.content.attendees] == ["bob@example.test"]
    assert list(event.content.unmapped_attendees) == [Attendee(address)]
    assert list(event.replies) == ["bob@example.test"]
    assert len(event.warnings) == 1
    assert "mia" not in event.warnings[0].lower()  # warnings reach logs


@pytest.mark.parametrize("address", [None, "", "  "])
def test_an_attendee_without_any_address_is_skipped(address):
    event = parse_event(graph_event(attendees=[graph_attendee(address, "Room")]))

    assert event.content.attendees == event.content.unmapped_attendees == ()
    assert event.warnings


def test_an_organizer_without_mail_address_is_none():
    organizer = {"emailAddress": {"name": "Olga", "address": X500}}

    assert parse_event(graph_event(organizer=organizer)).organizer is None


# ----------------------------------------------------------------------
# The rest
# ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("members", "field", "value"),
    [
        ({"isReminderOn": False}, "reminder", None),
        ({"reminderMinutesBeforeStart": 0}, "reminder", 0),
        ({"reminderMinutesBeforeStart": -540}, "reminder", -540),
        ({"showAs": "unknownFutureValue"}, "show_as", "unknown"),
        ({"showAs": "workingElsewhere"}, "show_as", "workingElsewhere"),
        ({"showAs": None}, "show_as", "busy"),
        ({"sensitivity": "personal"}, "sensitivity", "personal"),
        ({"sensitivity": None}, "sensitivity", "normal"),
        ({"sensitivity": "topSecret"}, "sensitivity", "private"),
        ({"categories": ["b", "a", "b", " "]}, "categories", ("a", "b")),
        ({"categories": None}, "categories", ()),
        ({"subject": None}, "subject", ""),
        ({"subject": " two\r\nlines\x00 "}, "subject", "two lines"),
        ({"subject": "lone \ud83d half"}, "subject", "lone  half"),
        ({"location": None}, "location", ""),
        ({"location": {"displayName": "Microsoft Teams Meeting"}}, "location",
         "Microsoft Teams Meeting"),
        ({"body": None}, "body", ""),
        ({"body": {"contentType": "text", "content": "a\r\n<b>"}}, "body",
         "a<br>&lt;b&gt;"),
        ({"isOnlineMeeting": True, "onlineMeetingProvider": "teamsForBusiness"},
         "online_meeting", True),
        ({"isOnlineMeeting": True, "onlineMeetingProvider": "skypeForBusiness"},
         "online_meeting", False),
    ],
)  # fmt: skip
def test_each_property_is_read_into_its_field(members, field, value):
    assert getattr(parse_event(graph_event(**members)).content, field) == value


def test_a_teams_meeting_is_read():
    block = TEAMS_BLOCKS["classes"]
    event = parse_event(
        graph_event(
            isOnlineMeeting=True,
            onlineMeetingProvider="teamsForBusiness",
            onlineMeeting={"joinUrl": JOIN_URL},
            body={
                "contentType": "html",
                "content": exchange_document(f"<p>Agenda</p>{block}"),
            },
        )
    )

    assert event.content.online_meeting
    assert event.join_url == JOIN_URL
    assert event.content.body == "<p>Agenda</p>"
    assert event.teams_block == block


@pytest.mark.parametrize(
    ("members", "url"),
    [
        ({"onlineMeeting": None, "onlineMeetingUrl": "https://x.test/1"},
         "https://x.test/1"),
        ({"onlineMeeting": {"joinUrl": None}, "onlineMeetingUrl": None}, None),
        ({"onlineMeeting": {"joinUrl": "javascript:alert(1)"}}, None),
        ({"onlineMeeting": {"joinUrl": "https://" + "x" * 5000}}, None),
    ],
)  # fmt: skip
def test_a_join_link_must_be_a_web_address(members, url):
    assert parse_event(graph_event(**members)).join_url == url


def test_our_stamp_is_found_among_other_properties():
    event = parse_event(
        graph_event(
            singleValueExtendedProperties=[
                {"id": "String {00000000-0000-0000-0000-000000000001} Name X"},
                {"id": STAMP_PROPERTY_ID.replace("d0b4", "D0B4"), "value": "the stamp"},
            ]
        )
    )

    assert event.stamp == "the stamp"


def test_a_megabyte_of_body_is_read():
    text = "<p>Lorem <b>ipsum</b> dolor &amp; sit amet</p>\r\n" * 22_000
    started = time.process_time()

    event = parse_event(graph_event(body={"contentType": "html", "content": text}))

    assert len(text) > 1_000_000
    assert event.content.body.count("<p>") == 22_000
    assert time.process_time() - started < 10


# ----------------------------------------------------------------------
# Bad input
# ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "members",
    [
        {"changeKey": None, "@odata.etag": None},
        {"changeKey": "x" * 5000},
        {"start": None},
        {"end": None},
        {"start": "2026-01-01T10:00:00"},
        {"start": {}},
        {"start": moment("2026-01-01 10:00:00")},
        {"start": moment("2026-02-30T10:00:00")},
        {"start": moment("2026-01-01T25:00:00")},
        {"start": moment("٢٠٢٦-01-01T10:00:00")},
        {"start": moment("0001-01-01T00:00:00")},
        {"start": moment("1899-12-31T00:00:00")},
        {"end": moment("4501-01-01T00:00:00")},
        {"end": moment("9999-12-31T23:59:59", "Pacific Standard Time")},
        {"end": moment("2026-03-29T06:59:59")},
        {"start": moment("2026-01-01T10:00:00", "tzone://Microsoft/Custom")},
        {"start": moment("2026-01-01T10:00:00", "../../etc/passwd")},
        {"start": moment("2026-01-01T10:00:00", "Mars/Olympus")},
        {"start": {"dateTime": 5, "timeZone": "UTC"}},
        {"isAllDay": "yes"},
        {"type": "unknownFutureValue"},
        {"subject": {"text": "x"}},
        {"body": "text"},
        {"body": {"content": ["x"]}},
        {"body": {"content": "x" * (MAX_BODY_LENGTH + 1)}},
        {"attendees": {}},
        {"attendees": ["mia@example.test"]},
        {"attendees": [{"emailAddress": "mia@example.test"}]},
        {"attendees": [{"emailAddress": {"address": 5}}]},
        {"categories": "Travel"},
        {"categories": [1]},
        {"reminderMinutesBeforeStart": "15"},
        {"reminderMinutesBeforeStart": True},
        {"reminderMinutesBeforeStart": 1.5},
        {"reminderMinutesBeforeStart": 10**12},
        {"location": "Room"},
        {"organizer": []},
        {"responseStatus": "accepted"},
        {"onlineMeeting": "https://x.test"},
        {"singleValueExtendedProperties": {"id": "x"}},
    ],
    ids=lambda members: json.dumps(members)[:50],
)
def test_a_bad_event_has_its_id_and_reason(members):
    with pytest.raises(BadRemoteEvent) as caught:
        parse_event(graph_event(**members))

    assert caught.value.remote_id == "AAkALgAAAAAAHYQDEapmSampleEvent"
    assert caught.value.reason
    assert "mia@" not in caught.value.reason


@pytest.mark.parametrize(
    "payload",
    [None, 1, "x", [], [graph_event()], {}, {"id": ""}, {"id": 5}, {"id": "x" * 5000},
     {"id": None, "@removed": {}}],
)  # fmt: skip
def test_bad_input_without_an_event_has_no_id(payload):
    with pytest.raises(BadRemoteEvent) as caught:
        parse_event(payload)

    assert caught.value.remote_id is None


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(alphabet=st.characters(exclude_categories=[]))
    | st.sampled_from(["UTC", "2026-01-01T10:00:00", "<p>", X500, "a@b.test"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [*graph_event(), "dateTime", "emailAddress", "address", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(json_values)
@example({"id": "a", "@removed": 1})
def test_any_json_is_read_or_refused(payload):
    _read_or_refuse(payload)


@given(st.data())
def test_an_event_with_anything_anywhere_is_read_or_refused(data):
    payload = graph_event(
        onlineMeeting={"joinUrl": JOIN_URL},
        singleValueExtendedProperties=[{"id": STAMP_PROPERTY_ID, "value": "x"}],
    )
    for _edit in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(list(_paths(payload))))
        _put(payload, path, data.draw(json_values))

    _read_or_refuse(payload)


@given(json_values)
def test_unknown_properties_change_nothing(value):
    plain = parse_event(graph_event())

    assert parse_event(graph_event(occurrenceId=value, whatIsThis=value)) == plain


def _read_or_refuse(payload: Any) -> None:
    before = copy.deepcopy(payload)
    try:
        event = parse_event(payload)
    except BadRemoteEvent:
        return
    finally:
        assert repr(payload) == repr(before)
    assert event.remote_id
    if isinstance(event, RemoteEvent) and event.content:
        stored = json.dumps(event.content.to_json(), ensure_ascii=False)
        stored.encode()
        assert "\\u0000" not in stored
        assert Content.from_json(json.loads(stored)).hash == event.content.hash


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Any:
    children = value.items() if isinstance(value, dict) else enumerate(value)
    for key, child in children:
        yield (*path, key)
        if isinstance(child, dict | list):
            yield from _paths(child, (*path, key))


def _put(payload: Any, path: tuple[Any, ...], value: Any) -> None:
    for key in path[:-1]:
        payload = payload[key]
    payload[path[-1]] = value


@pytest.mark.parametrize("name", ["iCalUId", "seriesMasterId", "transactionId"])
def test_an_id_that_is_too_long_is_skipped_with_a_warning(name):
    event = parse_event({**graph_event(), name: "x" * 5000})
    attribute = {"iCalUId": "ical_uid", "seriesMasterId": "series_master_id"}
    assert getattr(event, attribute.get(name, "transaction_id")) is None
    assert f"{name} is too long and is skipped" in event.warnings


def test_a_body_too_long_to_parse_is_kept_whole():
    html = "<p>" + "a" * MAX_READ_LENGTH + "</p>"
    assert split_body(html) == (html, "")
