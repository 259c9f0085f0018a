"""Test that a change of settings does nothing before its owner has seen the preview."""

from __future__ import annotations

import pytest

from .harness.person import Person, mark
from .harness.world import World

NUMBERS = (
    "odoo_create_count",
    "odoo_change_count",
    "odoo_delete_count",
    "outlook_create_count",
    "outlook_change_count",
    "outlook_delete_count",
    "mail_count",
)


def foreseen(person: Person) -> dict[str, int]:
    """Return the numbers of the change that waits, without zeros."""
    change = person.change("state", *NUMBERS)
    assert change and change["state"] == "ready"
    return {name: change[name] for name in NUMBERS if change[name]}


def widen(person: Person) -> None:
    """Choose a wider window, and wait until the preview of it is ready."""
    person.client.set_preferences(ms365_days_ahead=200)
    person.world.quiesce()


@pytest.fixture
def far(anna: Person, world: World) -> Person:
    """Return a person with an event beyond the window."""
    anna.choose(ms365_days_ahead=30)
    anna.outlook_create("Far", day=100)
    world.quiesce()
    return anna


def test_wider_window_waits_and_the_old_one_goes_on(far, world):
    before = mark(world)
    widen(far)
    assert foreseen(far) == {"odoo_create_count": 1}
    assert far.account("days_ahead")["days_ahead"] == 30
    event_id = far.create("Meanwhile")
    there = far.outlook_create("Meanwhile there", 12)
    world.quiesce()
    far.assert_same("Meanwhile")
    far.assert_same("Meanwhile there")
    far.write(event_id, location="Hall 4")
    far.outlook_delete(there)
    world.quiesce()
    far.assert_same("Meanwhile")
    assert far.events("Meanwhile there") == []
    assert far.events("Far") == []
    assert len(far.writes(before)) == 2
    far.apply_change()
    far.assert_same("Far")
    assert len(far.writes(before)) == 2
    assert world.control.mails() == []


def test_old_setting_is_kept(far, world):
    widen(far)
    far.apply_change("action_keep_settings")
    world.poll()
    world.quiesce()
    assert far.change() is None
    assert far.account("days_ahead")["days_ahead"] == 30
    assert far.events("Far") == []


def test_change_without_effect_is_made_by_itself(anna, world):
    before = mark(world)
    anna.client.set_preferences(ms365_days_back=3, ms365_days_ahead=20)
    world.quiesce()
    assert anna.change() is None
    account = anna.account("days_back", "days_ahead")
    assert (account["days_back"], account["days_ahead"]) == (3, 20)
    assert anna.writes(before) == []


def test_direction_waits_before_edits_are_sent(make_person, world):
    anna = make_person("anna").connect("outlook_to_odoo")
    anna.outlook_create("Lunch", 12)
    world.quiesce()
    anna.create("Plan")
    anna.write(anna.only_event("Lunch")["id"], location="Hall 4")
    before = mark(world)
    anna.client.set_preferences(ms365_sync_direction="both")
    world.quiesce()
    assert foreseen(anna) == {"outlook_create_count": 1, "outlook_change_count": 1}
    assert anna.writes(before) == []
    assert anna.account("direction")["direction"] == "outlook_to_odoo"
    anna.apply_change()
    anna.assert_same("Plan")
    anna.assert_same("Lunch")
    assert len(anna.writes(before)) == 2


def test_calendar_waits_and_its_missing_events_are_foreseen(anna, world):
    project = anna.add_calendar("Project")
    gone = anna.outlook_create("Gone", calendar=project)
    anna.outlook_create("Stays", 11, calendar=project)
    world.quiesce()
    anna.leave_calendar("Project")
    anna.outlook_delete(gone)
    anna.outlook_create("New", 13, calendar=project)
    world.quiesce()
    calendar_id = anna.calendar("Project")["id"]
    anna.client.write("praetorx.ms365.calendar", calendar_id, {"is_synced": True})
    world.quiesce()
    assert foreseen(anna) == {"odoo_create_count": 1, "odoo_delete_count": 1}
    assert anna.calendar("Project")["is_synced"] is False
    assert anna.events("New") == []
    assert len(anna.events("Gone")) == 1
    anna.apply_change()
    assert anna.events("Gone") == []
    anna.assert_same("Stays")
    anna.assert_same("New")
