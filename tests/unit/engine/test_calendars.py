"""Test the kind of a calendar, and its direction of sync."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from praetorx_ms365_calendar.engine.calendars import (
    effective_direction,
    is_stripped,
    may_write_event,
    read_calendars,
)
from praetorx_ms365_calendar.engine.plan import pulls, pushes

DIRECTIONS = ("both", "outlook_to_odoo", "odoo_to_outlook")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
    max_leaves=5,
)


def listed(remote_id: str, owner: str = "anna@contoso.example", **values: object):
    return {
        "id": remote_id,
        "name": remote_id.title(),
        "canEdit": True,
        "canViewPrivateItems": True,
        "isDefaultCalendar": remote_id == "default",
        "hexColor": "",
        "owner": {"name": owner.split("@")[0].title(), "address": owner},
        **values,
    }


def test_calendars_of_the_mailbox_are_its_own():
    found = read_calendars([listed("default"), listed("project")])
    assert [(one.kind, one.is_default) for one in found] == [
        ("own", True),
        ("own", False),
    ]


def test_calendar_of_another_person_is_shared_or_delegated():
    shared = listed("s", "ben@contoso.example", canViewPrivateItems=False)
    delegated = listed("d", "ben@contoso.example")
    _default, first, second = read_calendars([listed("default"), shared, delegated])
    assert (first.kind, first.can_view_private) == ("shared", False)
    assert (second.kind, second.owner_name) == ("delegated", "Ben")


def test_own_calendars_are_found_with_any_address_of_the_mailbox():
    alias = "outlook_0123@outlook.example"
    found = read_calendars([listed("default", alias), listed("x", alias.upper())])
    assert {one.kind for one in found} == {"own"}


def test_calendar_without_rights_is_only_read():
    entry = listed("x")
    del entry["canEdit"]
    assert read_calendars([entry])[0].can_edit is False


@pytest.mark.parametrize(
    ("color", "read"), [("#F7630C", "#f7630c"), ("", ""), ("red;}", ""), (None, "")]
)
def test_invalid_color_is_ignored(color, read):
    assert read_calendars([listed("x", hexColor=color)])[0].color == read


@given(st.lists(JSON | st.dictionaries(st.sampled_from(sorted(listed("x"))), JSON)))
def test_any_list_can_be_read(entries):
    for calendar in read_calendars(entries):
        assert calendar.remote_id
        assert calendar.name


@given(st.sampled_from(DIRECTIONS), st.sampled_from(DIRECTIONS), st.booleans())
def test_direction_needs_the_permission_of_all_three(chosen, of_mailbox, can_edit):
    direction = effective_direction(chosen, of_mailbox=of_mailbox, can_edit=can_edit)
    may_pull = pulls(chosen) and pulls(of_mailbox)
    may_push = pushes(chosen) and pushes(of_mailbox) and can_edit
    assert (direction is not None and pulls(direction)) == may_pull
    assert (direction is not None and pushes(direction)) == may_push


def test_events_in_own_calendars_may_be_written():
    for is_organizer, private in product((True, False), repeat=2):
        assert may_write_event(
            "own",
            is_organizer=is_organizer,
            sensitivity="private" if private else "normal",
            can_view_private=False,
        )


@pytest.mark.parametrize("sensitivity", ["private", "confidential"])
def test_stripped_events_are_never_written_back(sensitivity):
    assert is_stripped("shared", sensitivity, can_view_private=False)
    assert not may_write_event(
        "shared", is_organizer=True, sensitivity=sensitivity, can_view_private=False
    )
    assert may_write_event(
        "delegated", is_organizer=True, sensitivity=sensitivity, can_view_private=True
    )


def test_event_of_another_organizer_in_a_shared_calendar_is_not_written():
    assert not may_write_event(
        "delegated", is_organizer=False, sensitivity="normal", can_view_private=True
    )
