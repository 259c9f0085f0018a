"""Test edits in a colleague's mailbox, and the deletion of a user."""

from __future__ import annotations

import time

from .harness.person import Person
from .harness.series import assert_same_series, local_start, odoo_series, rows
from .harness.waiting import eventually
from .harness.world import World
from .test_failures import until_hit


def waiting(person: Person) -> list[int]:
    """Return the edits that wait for this person's decision."""
    found = person.client.search_read(
        "praetorx.ms365.approval",
        [("state", "=", "waiting"), ("user_id", "=", person.user_id)],
        ["id"],
    )
    return [one["id"] for one in found]


def decide(world: World, person: Person, word: str) -> None:
    """Say ``approve`` or ``reject`` to all that waits."""
    person.decide(waiting(person), word)
    world.quiesce()


def test_an_invitation_in_a_colleagues_name_waits_for_her(anna, make_person, world):
    mallory = make_person("mallory")
    start = world.at(10)
    values = {
        "name": "Please pay",
        "start": f"{start:%Y-%m-%d %H:%M:%S}",
        "duration": 1,
        "stop": f"{start.replace(hour=11):%Y-%m-%d %H:%M:%S}",
        "user_id": anna.user_id,
        "partner_ids": [(6, 0, [anna.partner_id, mallory.partner_id])],
    }
    mallory.client.create("calendar.event", values)
    world.quiesce()
    assert world.control.mails() == []
    assert anna.outlook_events() == []
    decide(world, anna, "approve")
    anna.assert_same("Please pay")
    assert [one["to"] for one in world.control.mails()] == [mallory.upn]


def test_a_series_that_a_colleague_has_changed_is_as_it_was(anna, ben, world):
    odoo_series(
        anna,
        "Standup",
        local_start(world),
        partner_ids=[(6, 0, [anna.partner_id, ben.partner_id])],
    )
    world.quiesce()
    before = assert_same_series(anna)
    world.control.reset_mails()
    found = rows(anna)
    ben.client.write(
        "calendar.event",
        found[0]["id"],
        {"name": "Party", "location": "Cellar", "recurrence_update": "all_events"},
    )
    ben.client.call("calendar.event", "action_archive", [found[2]["id"]])
    world.quiesce()
    assert waiting(anna)
    anna.write(found[1]["id"], name="Retro", recurrence_update="self_only")
    world.quiesce()
    decide(world, anna, "reject")
    world.poll()
    world.quiesce()
    after = assert_same_series(anna)
    assert len(rows(anna)) == len(found)
    assert {one["name"] for one in rows(anna)} == {"Standup", "Retro"}
    assert len(after) == len(before)
    # Of one date that the organizer has renamed, and of nothing else.
    assert len(world.control.mails()) == 1


def test_deleting_somebody_who_has_just_edited_waits_for_nobody(anna, world):
    """The running cron had the editor's own trigger locked for as long as it ran."""
    ben = Person(world, "ben").connect()
    assert world.control.subscriptions(ben.upn)
    rule = world.control.fault("latency", path="/events", mailbox=anna.upn, seconds=20)
    ben.create("Lunch")
    anna.create("Dinner")
    until_hit(world, rule)
    begin = time.monotonic()
    events = ben.events()
    world.admin.unlink("calendar.event", [one["id"] for one in events])
    world.admin.unlink("res.users", ben.user_id)
    assert time.monotonic() - begin < 15
    world.control.clear_faults()
    world.quiesce()
    eventually(
        lambda: world.control.subscriptions(ben.upn) == [],
        "Microsoft has ended the subscription",
        meanwhile=lambda: world.run_cron("ir_cron_renew_subscriptions"),
    )
    anna.assert_same("Dinner")
