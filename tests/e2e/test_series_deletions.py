"""Test deletions of a series or of occurrences: questions to people, and undo."""

from __future__ import annotations

import pytest

from .harness.person import graph_attendee, mark
from .harness.series import (
    assert_same_series,
    local_start,
    occurrences,
    odoo_series,
    outlook_series,
    rows,
    weekly,
)
from .test_deletions import decide, holds, restore
from .test_meetings import mails_of

MANY = 15


# --- whole series ---------------------------------------------------------------------


def test_long_series_deleted_in_outlook_stays_in_odoo_until_somebody_agrees(
    anna, world
):
    master = outlook_series(anna, "Standup", local_start(world), MANY)
    world.quiesce()
    anna.outlook_delete(master)
    world.quiesce()
    assert len(rows(anna)) == MANY
    [hold] = holds(anna)
    assert (hold["direction"], hold["event_count"]) == ("to_odoo", MANY)
    assert "1 series (15 events to come)" in hold["summary"]
    decide(anna, "action_delete")
    assert rows(anna) == []
    assert holds(anna) == []


def test_short_series_deleted_in_outlook_comes_back_by_undo(anna, world):
    master = outlook_series(anna, "Standup", local_start(world))
    world.quiesce()
    ids = [row["id"] for row in rows(anna)]
    anna.outlook_delete(master)
    world.quiesce()
    assert rows(anna) == []
    assert restore(anna, ids[0])["mail_count"] == 0
    assert [row["id"] for row in assert_same_series(anna)] == ids
    assert len(anna.outlook_events()) == 1
    world.poll()
    world.quiesce()
    assert len(assert_same_series(anna)) == 4


@pytest.mark.parametrize("way", ["action_mass_deletion", "action_mass_archive"])
def test_long_series_deleted_in_odoo_is_held_and_taken_back(anna, world, way):
    odoo_series(anna, "Standup", local_start(world), MANY)
    world.quiesce()
    before = mark(world)
    anna.client.call("calendar.event", way, [rows(anna)[0]["id"]], "all_events")
    world.quiesce()
    assert anna.writes(before) == []
    [hold] = holds(anna)
    assert (hold["direction"], hold["event_count"]) == ("to_outlook", MANY)
    decide(anna, "action_keep")
    assert len(assert_same_series(anna)) == MANY
    world.poll()
    world.quiesce()
    assert len(assert_same_series(anna)) == MANY
    assert anna.writes(before) == []


def test_long_series_deleted_in_odoo_is_one_mail_for_each_attendee(anna, world):
    outlook_series(
        anna,
        "Standup",
        local_start(world),
        MANY,
        attendees=[graph_attendee("gus@elsewhere.example")],
    )
    world.quiesce()
    world.control.reset_mails()
    first = rows(anna)[0]["id"]
    anna.client.call("calendar.event", "action_mass_deletion", [first], "all_events")
    world.quiesce()
    assert world.control.mails() == []
    assert holds(anna)[0]["mail_count"] == 1
    decide(anna, "action_delete")
    assert anna.outlook_events() == []
    assert len(world.control.mails()) == 1


# --- occurrences of a series that goes on ---------------------------------------------


@pytest.mark.parametrize("action", ["action_delete", "action_keep"])
def test_series_ended_much_earlier_in_outlook_is_held(anna, world, action):
    start = local_start(world)
    master = outlook_series(anna, "Standup", start, MANY)
    world.quiesce()
    anna.outlook_update(master, recurrence=weekly(start, count=3))
    world.quiesce()
    assert len(rows(anna)) == MANY
    assert holds(anna)[0]["event_count"] == MANY - 3
    before = mark(world)
    decide(anna, action)
    assert len(assert_same_series(anna)) == 3
    kept = 0 if action == "action_delete" else MANY - 3
    assert len(anna.events("Standup")) == 3 + kept
    world.poll()
    world.quiesce()
    assert anna.writes(before) == []
    assert len(anna.events("Standup")) == 3 + kept


def test_occurrence_deleted_in_outlook_comes_back_by_undo(anna, ben, world):
    """As an event of its own: Graph takes no occurrence back into its series."""
    outlook_series(anna, "Standup", local_start(world), attendees=[graph_attendee(ben)])
    world.quiesce()
    lost = rows(anna)[1]
    anna.outlook_delete(occurrences(anna)[1]["id"])
    world.quiesce()
    assert len(assert_same_series(anna)) == 3
    world.control.reset_mails()
    counts = restore(anna, lost["id"])
    assert (counts["event_count"], counts["mail_count"]) == (1, 1)
    event = anna.event(lost["id"])
    assert (event["active"], event["start"]) == (True, lost["start"])
    assert len(assert_same_series(anna)) == 3
    alone = [one for one in anna.outlook_events() if one["type"] == "singleInstance"]
    assert [one["subject"] for one in alone] == ["Standup"]
    world.poll()
    world.quiesce()
    assert len(anna.events("Standup")) == len(ben.events("Standup")) == 4
    assert mails_of(world) == [("invitation", ben.upn)]


def test_occurrences_whose_loss_was_approved_come_back_by_undo(anna, world):
    start = local_start(world)
    master = outlook_series(anna, "Standup", start, MANY)
    world.quiesce()
    anna.outlook_update(master, recurrence=weekly(start, count=3))
    world.quiesce()
    decide(anna, "action_delete")
    assert len(anna.events("Standup")) == 3
    links = anna.client.search_read(
        "praetorx.ms365.event.link", [("can_restore", "=", True)], ["title"]
    )
    assert len(links) == MANY - 3
    wizard = anna.client.create(
        "praetorx.ms365.restore", {"link_ids": [(6, 0, [one["id"] for one in links])]}
    )
    anna.client.call("praetorx.ms365.restore", "action_restore", [wizard])
    world.quiesce()
    assert len(anna.events("Standup")) == MANY
    assert len(assert_same_series(anna)) == 3
    alone = [one for one in anna.outlook_events() if one["type"] == "singleInstance"]
    assert len(alone) == MANY - 3


def test_occurrence_that_outlook_has_again_is_there_once(anna, world):
    start = local_start(world)
    master = outlook_series(anna, "Standup", start, 5)
    world.quiesce()
    lost = rows(anna)[4]["id"]
    anna.outlook_update(master, recurrence=weekly(start, count=4))
    world.quiesce()
    assert len(assert_same_series(anna)) == 4
    anna.outlook_update(master, recurrence=weekly(start, count=5))
    world.quiesce()
    assert len(assert_same_series(anna)) == 5
    assert not anna.client.read("calendar.event", lost, "ms365_can_restore")[
        "ms365_can_restore"
    ]


@pytest.mark.parametrize("action", ["action_delete", "action_keep"])
def test_many_occurrences_deleted_in_odoo_are_held(anna, world, action):
    outlook_series(anna, "Standup", local_start(world), MANY)
    world.quiesce()
    before = mark(world)
    anna.client.unlink("calendar.event", [row["id"] for row in rows(anna)[1:13]])
    world.quiesce()
    assert anna.writes(before) == []
    [hold] = holds(anna)
    assert hold["event_count"] == 12
    decide(anna, action)
    left = 3 if action == "action_delete" else MANY
    assert len(assert_same_series(anna)) == left
    assert len(anna.writes(before)) == MANY - left
    assert holds(anna) == []


def test_this_and_following_deleted_in_odoo_is_held_and_taken_back(anna, world):
    odoo_series(anna, "Standup", local_start(world), MANY)
    world.quiesce()
    before = mark(world)
    third = rows(anna)[2]["id"]
    anna.client.call("calendar.event", "action_mass_deletion", [third], "future_events")
    world.quiesce()
    assert holds(anna)[0]["event_count"] == MANY - 2
    decide(anna, "action_keep")
    assert len(assert_same_series(anna)) == MANY
    assert anna.writes(before) == []


def test_edit_of_this_and_following_is_no_deletion(anna, world):
    odoo_series(anna, "Standup", local_start(world), MANY)
    world.quiesce()
    third = rows(anna)[2]["id"]
    anna.write(third, name="Retro", recurrence_update="future_events")
    world.quiesce()
    assert holds(anna) == []
    assert len(assert_same_series(anna)) == MANY
    assert len(occurrences(anna)) == MANY


def test_series_that_had_lost_many_dates_before_it_was_sent_is_no_deletion(
    make_person, world
):
    person = make_person("anna")
    odoo_series(person, "Standup", local_start(world), MANY)
    person.client.unlink("calendar.event", [row["id"] for row in rows(person)[1:13]])
    person.connect()
    world.quiesce()
    assert holds(person) == []
    assert len(assert_same_series(person)) == 3
