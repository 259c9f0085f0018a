"""Test the window of the calendar that is read, and events outside it."""

from __future__ import annotations

import pytest

from .harness.person import Person, graph_time, mark
from .harness.world import World

DAY_SECONDS = 86400


def choose_window(person: Person, *, back: int = 30, ahead: int) -> None:
    """Choose the own window in the preferences, and read the calendar."""
    person.choose(ms365_days_back=back, ms365_days_ahead=ahead)
    person.world.poll()
    person.world.quiesce()


def test_event_made_in_odoo_beyond_the_window_is_sent_and_stays(anna, world):
    choose_window(anna, ahead=30)
    anna.create("In two years", day=700)
    world.quiesce()
    anna.assert_same("In two years")
    world.control.lose_sync_state(anna.upn)
    world.poll()
    world.quiesce()
    anna.assert_same("In two years")


def test_event_beyond_the_window_is_edited_both_ways(anna, world):
    choose_window(anna, ahead=30)
    event_id = anna.create("In two years", day=700)
    world.quiesce()
    anna.write(event_id, location="Hall 4")
    world.quiesce()
    anna.assert_same("In two years")


def test_far_event_of_outlook_arrives_when_its_time_comes(anna, world):
    choose_window(anna, ahead=30)
    anna.outlook_create("Later", day=40)
    world.quiesce()
    assert anna.events("Later") == []
    world.advance(15 * DAY_SECONDS)
    world.poll()
    world.quiesce()
    anna.assert_same("Later")


def test_wider_window_brings_what_lies_in_it(anna, world):
    choose_window(anna, ahead=30)
    anna.outlook_create("Later", day=100)
    world.quiesce()
    choose_window(anna, ahead=200)
    anna.assert_same("Later")


def test_smaller_window_deletes_nothing_on_either_side(anna, world):
    near = anna.outlook_create("Near", day=3)
    anna.outlook_create("Far", day=300)
    anna.create("Far too", day=301)
    world.quiesce()
    before = mark(world)
    choose_window(anna, back=0, ahead=10)
    # The window rolls, and Graph forgets: everything is listed and compared anew.
    world.advance(5 * DAY_SECONDS)
    world.control.lose_sync_state(anna.upn)
    world.poll()
    world.quiesce()
    for name in ("Near", "Far", "Far too"):
        anna.assert_same(name)
    assert anna.writes(before) == []
    # And a real deletion is still told from it.
    anna.outlook_delete(near)
    world.quiesce()
    assert anna.events("Near") == []


def test_event_moved_out_of_a_small_window_stays_in_odoo(anna, world):
    choose_window(anna, ahead=10)
    event = anna.outlook_create("Review")
    world.quiesce()
    far = world.at(9, day=90)
    anna.outlook_update(event, start=graph_time(far), end=graph_time(far))
    world.quiesce()
    anna.assert_same("Review")


def test_title_prefix_is_seen_in_outlook_only(anna, world):
    anna.client.set_preferences(ms365_title_prefix="[Odoo]")
    event_id = anna.create("Lunch")
    anna.outlook_create("Made in Outlook", 11)
    world.quiesce()
    assert anna.outlook_event("[Odoo] Lunch")
    assert anna.event(event_id)["name"] == "Lunch"
    anna.outlook_update(anna.outlook_event("[Odoo] Lunch"), subject="[Odoo] Dinner")
    world.quiesce()
    assert anna.event(event_id)["name"] == "Dinner"
    before = mark(world)
    anna.write(event_id, name="Supper")
    anna.write(anna.only_event("Made in Outlook")["id"], name="Renamed")
    world.quiesce()
    assert anna.outlook_event("[Odoo] Supper")
    assert anna.outlook_event("Renamed")
    assert len(anna.writes(before)) == 2


def test_another_prefix_rewrites_nothing(anna: Person, world: World):
    anna.client.set_preferences(ms365_title_prefix="[Odoo]")
    anna.create("Lunch")
    world.quiesce()
    before = mark(world)
    anna.client.set_preferences(ms365_title_prefix="ERP:")
    world.control.lose_sync_state(anna.upn)
    world.poll()
    world.quiesce()
    assert anna.writes(before) == []
    assert anna.only_event("Lunch")
    assert anna.outlook_event("[Odoo] Lunch")


@pytest.mark.parametrize("where", ["calendar", "projects"])
def test_event_deleted_beyond_the_window_goes_when_it_would_come_in_sight(
    anna, world, where
):
    choose_window(anna, ahead=30)
    event_id = anna.create("Far away", day=40)
    world.quiesce()
    if where == "projects":
        anna.outlook_move(anna.outlook_event("Far away"), anna.add_calendar("Projects"))
        world.quiesce()
    anna.outlook_delete(anna.outlook_event("Far away"))
    world.quiesce()
    world.advance(20 * DAY_SECONDS)
    world.poll()
    world.quiesce()
    assert not anna.event(event_id)["active"]
