"""Test that a copy of an event keeps the properties that Odoo does not know."""

from __future__ import annotations

from dataclasses import replace

import pytest

from praetorx_ms365_calendar.engine.mapping.graph_copy import (
    copy_payload,
    why_not_copied,
)
from praetorx_ms365_calendar.engine.snapshot import Content, Times

TIMES = Times("2026-03-02T09:00:00", "2026-03-02T10:00:00", zone="Europe/Berlin")
CONTENT = Content("Plan", TIMES, body="<p>Plan</p>", location="Hall 4", show_as="oof")
SOURCE = {
    "type": "singleInstance",
    "isOrganizer": True,
    "attendees": [],
    "isOnlineMeeting": False,
    "hasAttachments": False,
    "importance": "high",
    "hideAttendees": True,
    "body": {"contentType": "html", "content": "<html><p>Plan</p></html>"},
    "locations": [{"displayName": "Hall 4"}, {"displayName": "Hall 5"}],
}


def copy(changed=(), content=CONTENT, **source):
    return copy_payload(
        {**SOURCE, **source},
        content,
        changed,
        stamp="stamp",
        transaction_id="key",
        default_zone="UTC",
    )


def test_copy_keeps_properties_unknown_to_odoo():
    payload = copy()
    assert payload["importance"] == "high"
    assert payload["hideAttendees"] is True
    assert payload["body"] == SOURCE["body"]
    assert payload["locations"] == SOURCE["locations"]
    assert "location" not in payload
    assert (payload["subject"], payload["showAs"]) == ("Plan", "oof")


def test_copy_has_odoos_edits():
    content = replace(CONTENT, body="<p>New</p>", location="Hall 6")
    payload = copy({"body", "location"}, content)
    assert "New" in payload["body"]["content"]
    assert payload["location"] == {"displayName": "Hall 6"}
    assert "locations" not in payload


def test_copy_is_a_separate_event():
    payload = copy(id="R1", iCalUId="uid", changeKey="CK", transactionId="old")
    assert payload["transactionId"] == "key"
    assert not {"id", "iCalUId", "changeKey"} & set(payload)


@pytest.mark.parametrize("odd", [None, 3, "text", [1]])
def test_invalid_values_are_left_out(odd):
    payload = copy(importance=odd if odd != "text" else 3, body=odd, locations=odd or 3)
    assert "importance" not in payload
    assert payload["body"]["content"]


@pytest.mark.parametrize(
    ("values", "obstacle"),
    [
        ({}, None),
        ({"type": "seriesMaster"}, "series"),
        ({"isOrganizer": False}, "other organizer"),
        ({"attendees": [{"emailAddress": {}}]}, "people"),
        ({"isOnlineMeeting": True}, "teams"),
        ({"hasAttachments": True}, "attachments"),
    ],
)
def test_losses_of_a_copy_are_named(values, obstacle):
    assert why_not_copied({**SOURCE, **values}) == obstacle
