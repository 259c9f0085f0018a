"""Deletions, one by one and many at once, both ways, and the way back."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from .harness.person import Person, mark
from .harness.world import World

MANY = 12


def make_many(person: Person, world: World, count: int = MANY) -> list[int]:
    """Return the ids of so many events that were made in Outlook."""
    for number in range(count):
        person.outlook_create(f"Event {number}", day=number + 1)
    world.quiesce()
    return [event["id"] for event in person.events()]


def holds(person: Person) -> list[dict]:
    """Return the open holds, as the owner sees them."""
    return person.holds()


def decide(person: Person, action: str) -> None:
    """Press a button of the one open hold, and wait until that is done."""
    [hold] = holds(person)
    person.client.call("praetorx.ms365.hold", action, [hold["id"]])
    person.world.quiesce()


def delete_all_in_outlook(person: Person) -> None:
    for event in person.outlook_events():
        person.outlook_delete(event)
    person.world.quiesce()


def active(person: Person, event_ids: Iterable[int]) -> int:
    """Return how many of these events are not archived."""
    return sum(person.event(event_id)["active"] for event_id in event_ids)


def restore(person: Person, event_id: int) -> dict:
    """Press *Undo* on the event and confirm; return the counts in the dialog."""
    action = person.client.call("calendar.event", "action_ms365_restore", [event_id])
    wizard_id = person.client.create(
        "praetorx.ms365.restore",
        {"link_ids": [(6, 0, action["context"]["default_link_ids"])]},
    )
    counts = person.client.read(
        "praetorx.ms365.restore", wizard_id, "event_count", "mail_count"
    )
    person.client.call("praetorx.ms365.restore", "action_restore", [wizard_id])
    person.world.quiesce()
    return counts


# --- many in Outlook ------------------------------------------------------------------


def test_emptied_calendar_stays_in_odoo_until_somebody_agrees(anna, world):
    event_ids = make_many(anna, world)
    # Nobody is notified: the delta tells all of it at once.
    world.control.fault("notification_lost", mailbox=anna.upn, times=None)
    for event in anna.outlook_events():
        anna.outlook_delete(event)
    world.control.flush_notifications()
    world.control.clear_faults()
    world.poll()
    world.quiesce()
    assert active(anna, event_ids) == MANY
    [hold] = holds(anna)
    assert (hold["direction"], hold["event_count"]) == ("to_odoo", MANY)
    decide(anna, "action_delete")
    assert active(anna, event_ids) == 0
    assert holds(anna) == []


def test_lost_delta_state_and_an_empty_view_ask_too(anna, world):
    event_ids = make_many(anna, world)
    world.control.fault("notification_lost", mailbox=anna.upn, times=None)
    for event in anna.outlook_events():
        anna.outlook_delete(event)
    world.control.flush_notifications()
    world.control.clear_faults()
    world.control.lose_sync_state(anna.upn)
    world.poll()
    world.quiesce()
    assert active(anna, event_ids) == MANY
    assert holds(anna)[0]["event_count"] == MANY


def test_what_is_kept_stays_in_odoo_and_nothing_is_sent(anna, world):
    event_ids = make_many(anna, world)
    delete_all_in_outlook(anna)
    gone_at_once = MANY - active(anna, event_ids)
    before = mark(world)
    decide(anna, "action_keep")
    world.poll()
    world.quiesce()
    assert active(anna, event_ids) == MANY - gone_at_once
    assert anna.writes(before) == []


def test_other_changes_go_on_while_deletions_are_held(anna, world):
    make_many(anna, world)
    stays = anna.outlook_create("Stays", day=40)
    world.quiesce()
    for event in anna.outlook_events():
        if event["id"] != stays["id"]:
            anna.outlook_delete(event)
    world.quiesce()
    assert holds(anna)
    anna.outlook_update(stays, subject="Renamed in Outlook")
    anna.create("Made in Odoo", day=41)
    world.quiesce()
    anna.assert_same("Renamed in Outlook")
    anna.assert_same("Made in Odoo")


# --- many in Odoo ---------------------------------------------------------------------


def test_burst_of_deletions_in_odoo_is_held_and_then_sent(anna, world):
    event_ids = make_many(anna, world)
    before = mark(world)
    anna.client.unlink("calendar.event", event_ids)
    world.quiesce()
    assert anna.writes(before) == []
    assert len(anna.outlook_events()) == MANY
    [hold] = holds(anna)
    assert (hold["direction"], hold["event_count"]) == ("to_outlook", MANY)
    assert {entry["state"] for entry in anna.outbox()} == {"held"}
    decide(anna, "action_delete")
    assert anna.outlook_events() == []


@pytest.mark.parametrize("way", ["archived", "deleted"])
def test_burst_of_deletions_in_odoo_is_taken_back(anna, world, way):
    event_ids = make_many(anna, world)
    before = mark(world)
    if way == "archived":
        for event_id in event_ids:
            anna.write(event_id, active=False)
    else:
        anna.client.unlink("calendar.event", event_ids)
    world.quiesce()
    held = sum(hold["event_count"] for hold in holds(anna))
    decide(anna, "action_keep")
    assert len(anna.events()) == held
    assert len(anna.outlook_events()) == held
    assert len(anna.writes(before)) == MANY - held
    for event in anna.events():
        anna.assert_same(event["name"])
    world.poll()
    world.quiesce()
    assert len(anna.events()) == held


def test_held_deletions_mail_nobody_until_they_are_sent(anna, world):
    ids = [
        anna.create(
            f"Meeting {number}",
            day=number + 1,
            partner_ids=[(6, 0, [anna.partner_id, guest(world)])],
        )
        for number in range(MANY)
    ]
    world.quiesce()
    world.control.reset_mails()
    anna.client.unlink("calendar.event", ids)
    world.quiesce()
    assert world.control.mails() == []
    [hold] = holds(anna)
    assert hold["mail_count"] == MANY
    decide(anna, "action_delete")
    assert len(world.control.mails()) == MANY


def guest(world: World) -> int:
    """Return the contact of somebody outside."""
    found = world.admin.search_read(
        "res.partner", [("email", "=", "gus@elsewhere.example")], ["id"]
    )
    if found:
        return found[0]["id"]
    return world.admin.create(
        "res.partner", {"name": "Gus", "email": "gus@elsewhere.example"}
    )


# --- undo -----------------------------------------------------------------------------


def test_undo_brings_the_event_back_on_both_sides(anna, world):
    event = anna.outlook_create("Lunch")
    world.quiesce()
    event_id = anna.only_event("Lunch")["id"]
    anna.outlook_delete(event)
    world.quiesce()
    assert anna.event(event_id)["active"] is False
    assert restore(anna, event_id)["mail_count"] == 0
    assert anna.only_event("Lunch")["id"] == event_id
    anna.assert_same("Lunch")
    world.poll()
    world.quiesce()
    anna.assert_same("Lunch")


def test_undo_counts_its_mails_and_sends_just_these(anna, world):
    people = ["gus@elsewhere.example", "eve@elsewhere.example"]
    event = anna.outlook_create("Lunch", attendees=people)
    world.quiesce()
    event_id = anna.only_event("Lunch")["id"]
    anna.outlook_delete(event)
    world.quiesce()
    world.control.reset_mails()
    assert restore(anna, event_id)["mail_count"] == len(people)
    assert {mail["to"] for mail in world.control.mails()} == set(people)
    anna.assert_same("Lunch")


# --- the company's policy -------------------------------------------------------------


@pytest.fixture
def policy(world: World, anna):
    """Return a function to set the company's policy for deletions."""
    [user] = world.admin.search_read(
        "res.users", [("id", "=", anna.user_id)], ["company_id"]
    )

    def choose(policy: str, message: str = "") -> None:
        world.admin.write(
            "res.company",
            user["company_id"][0],
            {"ms365_delete_policy": policy, "ms365_cancel_message": message},
        )

    yield choose
    choose("delete")


def test_cancellation_takes_the_companys_message(anna, world, policy):
    policy("cancel", "The fair is off.")
    event_id = anna.create(
        "Fair", partner_ids=[(6, 0, [anna.partner_id, guest(world)])]
    )
    world.quiesce()
    world.control.reset_mails()
    anna.unlink(event_id)
    world.quiesce()
    assert anna.outlook_events("Fair") == []
    [mail] = world.control.mails()
    assert mail["to"] == "gus@elsewhere.example"
    assert "The fair is off." in str(mail)


def test_left_in_outlook_it_never_comes_back_to_odoo(anna, world, policy):
    policy("off")
    event_id = anna.create("Lunch")
    world.quiesce()
    before = mark(world)
    anna.unlink(event_id)
    world.quiesce()
    anna.outlook_update(anna.outlook_event("Lunch"), subject="Dinner")
    world.quiesce()
    world.control.lose_sync_state(anna.upn)
    world.poll()
    world.quiesce()
    assert anna.writes(before) == []
    assert anna.outlook_event("Dinner")
    assert anna.events() == []
    assert anna.conflicts() == []
