"""Test that all changed properties are sent to Graph, and no others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mapping_samples import TEAMS_BLOCKS, contents

from praetorx_ms365_calendar.engine.mapping.graph_writer import (
    create_payload,
    patch_payload,
)
from praetorx_ms365_calendar.engine.mapping.stamp import STAMP_PROPERTY_ID
from praetorx_ms365_calendar.engine.snapshot import (
    CONTENT_FIELDS,
    Attendee,
    Content,
    Times,
)

MEETING = Content(
    subject="Site visit",
    times=Times("2026-07-15T07:00:00", "2026-07-15T08:15:00", zone="Europe/Vienna"),
    body="<p>Bring boots</p>",
    location="Harbour",
    attendees=(
        Attendee("bob@example.test", "Bob", "optional"),
        Attendee("mia@example.test"),
    ),
    sensitivity="private",
    show_as="oof",
    reminder=30,
    categories=("Customers", "Travel"),
    online_meeting=True,
)
#: Field -> all of Graph's properties that it is written to.
PROPERTIES = {
    "subject": {"subject"},
    "times": {"start", "end", "isAllDay"},
    "body": {"body"},
    "location": {"location"},
    "attendees": {"attendees"},
    "sensitivity": {"sensitivity"},
    "show_as": {"showAs"},
    "reminder": {"isReminderOn", "reminderMinutesBeforeStart"},
    "categories": {"categories"},
    "online_meeting": {"isOnlineMeeting", "onlineMeetingProvider"},
}


def patch(changed, content=MEETING, base_theirs=None, teams_block="", **more):
    return patch_payload(
        changed, content, base_theirs=base_theirs, teams_block=teams_block, **more
    )


def sent_times(times, **zones):
    return patch({"times"}, replace(MEETING, times=times), **zones)


def test_a_create_sends_the_whole_content():
    payload = create_payload(
        MEETING, stamp="the stamp", transaction_id="the key", default_zone="UTC"
    )

    assert payload == {
        "subject": "Site visit",
        "body": {
            "contentType": "html",
            "content": "<html><body><p>Bring boots</p></body></html>",
        },
        "start": {
            "dateTime": "2026-07-15T09:00:00",
            "timeZone": "W. Europe Standard Time",
        },
        "end": {
            "dateTime": "2026-07-15T10:15:00",
            "timeZone": "W. Europe Standard Time",
        },
        "isAllDay": False,
        "location": {"displayName": "Harbour"},
        "attendees": [
            {
                "type": "optional",
                "emailAddress": {"address": "bob@example.test", "name": "Bob"},
            },
            {
                "type": "required",
                "emailAddress": {
                    "address": "mia@example.test",
                    "name": "mia@example.test",
                },
            },
        ],
        "sensitivity": "private",
        "showAs": "oof",
        "isReminderOn": True,
        "reminderMinutesBeforeStart": 30,
        "categories": ["Customers", "Travel"],
        "isOnlineMeeting": True,
        "onlineMeetingProvider": "teamsForBusiness",
        "transactionId": "the key",
        "singleValueExtendedProperties": [
            {"id": STAMP_PROPERTY_ID, "value": "the stamp"}
        ],
    }


def test_a_create_leaves_out_empty_values():
    times = Times("2026-07-15T07:00:00", "2026-07-15T08:00:00")
    payload = create_payload(
        Content("", times),
        stamp="the stamp",
        transaction_id="the key",
        default_zone="America/New_York",
    )

    assert payload["start"] == {
        "dateTime": "2026-07-15T03:00:00",
        "timeZone": "Eastern Standard Time",
    }
    assert payload["isReminderOn"] is False
    assert not payload.keys() & {"attendees", "location", "categories"}
    assert not payload.keys() & {"isOnlineMeeting", "reminderMinutesBeforeStart"}


@given(contents(), contents(), st.sets(st.sampled_from(CONTENT_FIELDS)))
def test_a_patch_sends_the_properties_of_changed_fields(content, base, changed):
    payload = patch(changed, content, base)

    allowed = set().union(*(PROPERTIES[name] for name in changed))
    assert payload.keys() <= allowed
    assert allowed - payload.keys() <= (
        PROPERTIES["online_meeting"] | {"reminderMinutesBeforeStart"}
    )


def test_a_patch_without_fields_is_empty():
    assert patch(set()) == {}


def test_a_patch_can_set_the_stamp_alone():
    assert patch(set(), stamp="s") == {
        "singleValueExtendedProperties": [{"id": STAMP_PROPERTY_ID, "value": "s"}]
    }


def test_a_patch_of_an_unknown_field_is_an_error():
    with pytest.raises(ValueError, match="organizer"):
        patch({"organizer"})


def test_cleared_value_is_sent_as_empty():
    empty = Content("", MEETING.times)

    assert patch(set(CONTENT_FIELDS) - {"times", "sensitivity", "show_as"}, empty) == {
        "subject": "",
        "body": {"contentType": "html", "content": ""},
        "location": {"displayName": ""},
        "attendees": [],
        "isReminderOn": False,
        "categories": [],
    }


def test_an_online_meeting_is_never_switched_off():
    offline = replace(MEETING, online_meeting=False)

    assert patch({"online_meeting"}, offline, MEETING) == {}
    assert patch({"online_meeting"}) == {
        "isOnlineMeeting": True,
        "onlineMeetingProvider": "teamsForBusiness",
    }


def test_an_unknown_value_is_not_written():
    assert patch({"show_as"}, replace(MEETING, show_as="unknown")) == {}


def test_a_body_is_sent_with_the_teams_block():
    block = TEAMS_BLOCKS["classes"]

    payload = patch({"body"}, teams_block=block)

    assert payload["body"]["content"] == (
        f"<html><body><p>Bring boots</p>\n{block}</body></html>"
    )


# ----------------------------------------------------------------------
# Times
# ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "start", "end"),
    [
        # the night in which clocks go forward: 01:59 is followed by 03:00
        ("Europe/Berlin", "2026-03-29T01:59:00", "2026-03-29T03:00:00"),
        ("W. Europe", "2026-03-29T00:59:00", "2026-03-29T01:00:00"),
        ("America/New_York", "2026-03-28T20:59:00", "2026-03-28T21:00:00"),
        ("Antarctica/Troll", "2026-03-29T00:59:00", "2026-03-29T01:00:00"),
        (None, "2026-03-29T00:59:00", "2026-03-29T01:00:00"),
    ],
)
def test_times_are_sent_in_the_zone_of_the_event(zone, start, end):
    times = Times("2026-03-29T00:59:00", "2026-03-29T01:00:00", zone=zone)
    names = {
        "Europe/Berlin": "W. Europe Standard Time",
        "America/New_York": "Eastern Standard Time",
    }
    name = names.get(zone, "UTC")

    assert sent_times(times) == {
        "start": {"dateTime": start, "timeZone": name},
        "end": {"dateTime": end, "timeZone": name},
        "isAllDay": False,
    }


@pytest.mark.parametrize(
    ("start", "is_ambiguous"),
    [
        ("2026-10-24T23:59:59", False),
        ("2026-10-25T00:00:00", True),
        ("2026-10-25T01:30:00", True),
        ("2026-10-25T02:00:00", False),
    ],
)
def test_a_repeated_hour_is_sent_in_utc(start, is_ambiguous):
    times = Times(start, "2026-10-25T12:00:00", zone="Europe/Berlin")

    payload = sent_times(times)

    assert (payload["start"]["timeZone"] == "UTC") == is_ambiguous
    assert payload["start"]["timeZone"] == payload["end"]["timeZone"]
    if is_ambiguous:
        assert payload["start"]["dateTime"] == start


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Pacific/Kiritimati", None])
def test_all_day_events_are_sent_as_midnights_of_one_zone(zone):
    payload = sent_times(Times("2026-08-10", "2026-08-12", all_day=True, zone=zone))

    assert payload["isAllDay"] is True
    assert payload["start"]["dateTime"] == "2026-08-10T00:00:00"
    assert payload["end"]["dateTime"] == "2026-08-12T00:00:00"
    assert payload["start"]["timeZone"] == payload["end"]["timeZone"]


def test_all_day_dates_are_not_written_with_the_zone_of_a_reading():
    # Links of former versions remember the zone that was asked for: UTC.
    before = replace(
        MEETING, times=Times("2026-08-10", "2026-08-11", all_day=True, zone="UTC")
    )
    after = replace(
        MEETING,
        times=Times("2026-08-12", "2026-08-13", all_day=True, zone="Pacific/Auckland"),
    )
    payload = patch_payload({"times"}, after, base_theirs=before, teams_block="")
    assert payload["start"]["timeZone"] == "New Zealand Standard Time"


def test_a_patch_keeps_the_zone_that_the_event_has_in_outlook():
    base = replace(
        MEETING,
        times=Times("2026-07-01T07:00:00", "2026-07-01T08:00:00", zone="Asia/Tokyo"),
    )

    payload = sent_times(MEETING.times, base_theirs=base)

    assert payload["start"] == {
        "dateTime": "2026-07-15T16:00:00",
        "timeZone": "Tokyo Standard Time",
    }


# ----------------------------------------------------------------------
# People
# ----------------------------------------------------------------------


def test_known_attendees_stay_as_in_outlook():
    base = replace(
        MEETING,
        attendees=(Attendee("mia@example.test", "Dr. Mia Berg", "resource"),),
        unmapped_attendees=(Attendee("/O=X/CN=ZOE", "Zoe", "optional"),),
    )
    ours = replace(
        MEETING,
        attendees=(
            Attendee("mia@example.test", "Mia"),
            Attendee("new@example.test", "New"),
        ),
    )

    sent = patch({"attendees"}, ours, base)["attendees"]

    assert [(a["type"], *a["emailAddress"].values()) for a in sent] == [
        ("resource", "mia@example.test", "Dr. Mia Berg"),
        ("required", "new@example.test", "New"),
        ("optional", "/O=X/CN=ZOE", "Zoe"),
    ]
