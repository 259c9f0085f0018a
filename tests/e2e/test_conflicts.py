"""Edits on both sides at once: merged field by field, or left to a person."""

from __future__ import annotations

import pytest

from .harness.person import Person, mark
from .harness.world import World


def edit_both(
    world: World, anna: Person, event_id: int, *, here: dict, there: dict
) -> None:
    """Edit an event on both sides before either hears of the other."""
    remote = anna.outlook_event(anna.event(event_id)["name"])
    world.control.fault("notification_lost", mailbox=anna.upn, times=None)
    anna.outlook_update(remote, **there)
    anna.write(event_id, **here)
    world.control.flush_notifications()
    world.control.clear_faults()
    world.quiesce()


@pytest.fixture
def conflict(anna, world):
    """Return an event whose name was changed to different values on both sides."""
    event_id = anna.create("Lunch", location="Canteen")
    world.quiesce()
    edit_both(
        world, anna, event_id, here={"name": "Dinner"}, there={"subject": "Breakfast"}
    )
    return event_id


def test_edits_of_different_fields_are_merged(anna, world):
    event_id = anna.create("Lunch")
    world.quiesce()
    edit_both(
        world,
        anna,
        event_id,
        here={"name": "Dinner"},
        there={"location": {"displayName": "Town"}},
    )
    assert anna.event(event_id)["location"] == "Town"
    anna.assert_same("Dinner")
    assert anna.conflicts() == []


def test_same_edit_on_both_sides_is_no_conflict(anna, world):
    event_id = anna.create("Lunch")
    world.quiesce()
    edit_both(
        world, anna, event_id, here={"name": "Dinner"}, there={"subject": "Dinner"}
    )
    anna.assert_same("Dinner")
    assert anna.conflicts() == []


def test_conflict_overwrites_nothing_on_either_side(anna, conflict):
    assert anna.event(conflict)["name"] == "Dinner"
    assert anna.event(conflict)["ms365_sync_state"] == "conflict"
    assert [one["subject"] for one in anna.outlook_events()] == ["Breakfast"]
    [found] = anna.conflicts()
    assert found["event_id"][0] == conflict
    assert found["field_names"] == "subject"


def test_conflict_that_waits_sends_nothing(anna, world, conflict):
    before = mark(world)
    world.poll()
    world.quiesce()
    anna.write(conflict, location="Town")
    world.quiesce()
    assert anna.writes(before) == []
    assert anna.event(conflict)["ms365_sync_state"] == "conflict"


def test_keep_odoo_writes_odoos_version_to_outlook(anna, world, conflict):
    before = mark(world)
    anna.resolve("odoo")
    world.quiesce()
    anna.assert_same("Dinner")
    [request] = anna.writes(before)
    assert request["body"] == {"subject": "Dinner"}
    assert anna.event(conflict)["ms365_sync_state"] == "synced"
    assert anna.conflicts() == []


def test_keep_outlook_writes_outlooks_version_to_odoo(anna, world, conflict):
    before = mark(world)
    anna.resolve("outlook")
    world.quiesce()
    anna.assert_same("Breakfast")
    assert anna.writes(before) == []
    assert anna.event(conflict)["ms365_sync_state"] == "synced"


def test_edit_of_another_field_during_a_conflict_is_not_lost(anna, world, conflict):
    anna.write(conflict, location="Town")
    world.quiesce()
    anna.resolve("outlook")
    world.quiesce()
    anna.assert_same("Breakfast")
    assert anna.outlook_event("Breakfast")["location"]["displayName"] == "Town"


def test_outlook_edit_during_a_conflict_is_not_lost(anna, world, conflict):
    anna.outlook_update(
        anna.outlook_event("Breakfast"), location={"displayName": "Town"}
    )
    world.quiesce()
    anna.resolve("odoo")
    world.quiesce()
    anna.assert_same("Dinner")
    assert anna.event(conflict)["location"] == "Town"


def test_deleted_here_and_edited_there_is_left_to_the_person(anna, world):
    event_id = anna.create("Lunch")
    world.quiesce()
    remote = anna.outlook_event("Lunch")
    world.control.fault("notification_lost", mailbox=anna.upn, times=None)
    anna.outlook_update(remote, subject="Breakfast")
    anna.write(event_id, active=False)
    world.control.flush_notifications()
    world.control.clear_faults()
    world.quiesce()
    assert [one["subject"] for one in anna.outlook_events()] == ["Breakfast"]
    [found] = anna.conflicts()
    assert found["field_names"] == "deleted"
    anna.resolve("odoo")
    world.quiesce()
    assert anna.outlook_events() == []


def test_edited_here_and_deleted_there_is_left_to_the_person(anna, world):
    event_id = anna.create("Lunch")
    world.quiesce()
    remote = anna.outlook_event("Lunch")
    world.control.fault("notification_lost", mailbox=anna.upn, times=None)
    anna.outlook_delete(remote)
    anna.write(event_id, name="Dinner")
    world.control.flush_notifications()
    world.control.clear_faults()
    world.quiesce()
    assert anna.event(event_id)["active"] is True
    [found] = anna.conflicts()
    assert found["field_names"] == "deleted"
    anna.resolve("odoo")
    world.quiesce()
    anna.assert_same("Dinner")
