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
    """Return an event with a different new name on each side."""
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


# --- decided field by field -----------------------------------------------------------


def choose(anna: Person, **choices: str) -> None:
    """Decide the one open conflict as the wizard does, field by field."""
    [conflict] = anna.conflicts()
    anna.client.call(
        "praetorx.ms365.conflict", "keep_by_field", [conflict["id"]], choices
    )


def test_each_field_arrives_from_the_chosen_side(anna, world):
    event_id = anna.create("Lunch", location="Canteen")
    world.quiesce()
    edit_both(
        world,
        anna,
        event_id,
        here={"name": "Dinner", "location": "Town"},
        there={"subject": "Breakfast", "location": {"displayName": "Kitchen"}},
    )
    before = mark(world)
    choose(anna, subject="odoo", location="outlook")
    world.quiesce()
    anna.assert_same("Dinner")
    assert anna.event(event_id)["location"] == "Kitchen"
    [request] = anna.writes(before)
    assert request["body"] == {"subject": "Dinner"}
    [decided] = anna.conflicts("resolved")
    assert decided["resolution"] == "mixed"


def test_wizard_foretells_the_mails_that_exchange_sends(anna, world):
    """Complaint: nobody says who will be mailed (issue 103506)."""
    guest = world.admin.create(
        "res.partner", {"name": "Gus Guest", "email": "gus@fair.example"}
    )
    event_id = anna.create("Lunch", partner_ids=[(6, 0, [anna.partner_id, guest])])
    world.quiesce()
    edit_both(
        world, anna, event_id, here={"name": "Dinner"}, there={"subject": "Breakfast"}
    )
    wizard_model = "praetorx.ms365.conflict.resolution"
    action = anna.client.call("calendar.event", "action_ms365_decide", [event_id])
    assert action["res_model"] == wizard_model
    line_ids = anna.client.read(wizard_model, action["res_id"], "line_ids")["line_ids"]
    anna.client.write(
        "praetorx.ms365.conflict.resolution.line", line_ids[0], {"choice": "odoo"}
    )
    foretold = anna.client.read(wizard_model, action["res_id"], "mail_count", "mails")
    mails_before = len(world.control.mails())
    anna.client.call(wizard_model, "action_apply", [action["res_id"]])
    world.quiesce()
    sent = world.control.mails()[mails_before:]
    assert [mail["to"] for mail in sent] == ["gus@fair.example"]
    assert foretold["mail_count"] == len(sent)
    assert "Gus Guest" in foretold["mails"]


def test_edit_in_odoo_that_makes_both_equal_sends_nothing(anna, world, conflict):
    before = mark(world)
    anna.write(conflict, name="Breakfast")
    world.quiesce()
    assert anna.conflicts() == []
    assert anna.writes(before) == []
    anna.assert_same("Breakfast")
    assert anna.event(conflict)["ms365_sync_state"] == "synced"


# --- decided by policy ----------------------------------------------------------------


def policy(anna: Person, name: str) -> None:
    """Set the conflict policy in the preferences."""
    anna.client.set_preferences(ms365_conflict_policy=name)


@pytest.mark.parametrize(
    ("name", "winner", "writes"), [("odoo", "Dinner", 1), ("outlook", "Breakfast", 0)]
)
def test_policy_decides_and_keeps_both_versions(anna, world, name, winner, writes):
    policy(anna, name)
    event_id = anna.create("Lunch")
    world.quiesce()
    before = mark(world)
    edit_both(
        world, anna, event_id, here={"name": "Dinner"}, there={"subject": "Breakfast"}
    )
    anna.assert_same(winner)
    assert anna.conflicts() == []
    taken = [one for one in anna.writes(before) if one["status"] == 200]
    assert len(taken) == writes
    [decided] = anna.conflicts("resolved")
    assert decided["resolution"] == name
    shown = anna.client.read("praetorx.ms365.conflict", decided["id"], "comparison")
    assert "Dinner" in shown["comparison"]
    assert "Breakfast" in shown["comparison"]


@pytest.mark.parametrize("name", ["odoo", "outlook"])
def test_policy_decides_between_our_deletion_and_their_edit(anna, world, name):
    policy(anna, name)
    event_id = anna.create("Lunch")
    world.quiesce()
    edit_both(
        world, anna, event_id, here={"active": False}, there={"subject": "Breakfast"}
    )
    assert anna.conflicts() == []
    if name == "odoo":
        assert anna.outlook_events() == []
        assert anna.event(event_id)["active"] is False
    else:
        anna.assert_same("Breakfast")
        assert anna.event(event_id)["active"] is True


@pytest.mark.parametrize("name", ["odoo", "outlook"])
def test_policy_decides_between_their_deletion_and_our_edit(anna, world, name):
    policy(anna, name)
    event_id = anna.create("Lunch")
    world.quiesce()
    remote = anna.outlook_event("Lunch")
    world.control.fault("notification_lost", mailbox=anna.upn, times=None)
    anna.outlook_delete(remote)
    anna.write(event_id, name="Dinner")
    world.control.flush_notifications()
    world.control.clear_faults()
    world.quiesce()
    assert anna.conflicts() == []
    if name == "odoo":
        anna.assert_same("Dinner")
    else:
        assert anna.outlook_events() == []
        assert anna.events() == []


def test_newest_change_wins(anna, world):
    policy(anna, "newest")
    event_id = anna.create("Lunch")
    world.quiesce()
    remote = anna.outlook_event("Lunch")
    world.control.fault("server_error", method="PATCH", mailbox=anna.upn, times=None)
    anna.write(event_id, name="Dinner")
    world.advance(600)
    anna.outlook_update(remote, subject="Breakfast")
    world.control.flush_notifications()
    world.control.clear_faults()
    world.quiesce()
    anna.assert_same("Breakfast")
    [decided] = anna.conflicts("resolved")
    assert decided["resolution"] == "outlook"


def test_deletion_in_conflict_survives_another_edit_in_outlook(anna, world):
    event_id = anna.create("Lunch")
    world.quiesce()
    edit_both(
        world, anna, event_id, here={"active": False}, there={"subject": "Breakfast"}
    )
    anna.outlook_update(anna.outlook_event("Breakfast"), subject="Brunch")
    world.quiesce()
    assert anna.event(event_id)["active"] is False
    assert anna.events() == []
    assert len(anna.conflicts()) == 1
    anna.resolve("outlook")
    world.quiesce()
    anna.assert_same("Brunch")
