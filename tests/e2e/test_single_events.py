"""Events go both ways: one edit, one write, no echo."""

from __future__ import annotations

import pytest

from .harness.odoo_client import OdooError
from .harness.person import Person, graph_time, mark
from .harness.world import World


def test_first_pull_brings_what_is_in_outlook(make_person, world):
    anna = make_person("anna")
    anna.outlook_create("Review", location={"displayName": "Room 4"})
    anna.connect()
    anna.assert_same("Review")
    event = anna.only_event("Review")
    assert event["sync_origin"] == "outlook"
    assert event["ms365_sync_state"] == "synced"
    assert event["user_id"][0] == anna.user_id


def test_first_pass_sends_what_is_in_odoo(make_person):
    anna = make_person("anna")
    anna.create("Written before")
    anna.connect()
    anna.assert_same("Written before")


def test_first_pass_mails_nobody(make_person, world):
    anna, ben = make_person("anna"), make_person("ben")
    anna.create("With Ben", attendees=[ben])
    anna.outlook_create("From Outlook", attendees=[ben])
    world.control.reset_mails()
    anna.connect()
    assert world.control.mails() == []


def test_event_made_in_odoo_arrives_in_outlook(anna, world):
    before = mark(world)
    event_id = anna.create("Lunch", location="Canteen", description="<p>Soup</p>")
    world.quiesce()
    anna.assert_same("Lunch")
    assert [one["method"] for one in anna.writes(before)] == ["POST"]
    assert anna.event(event_id)["sync_origin"] == "odoo"


def test_event_made_in_outlook_arrives_in_odoo(anna, world):
    before = mark(world)
    anna.outlook_create("Lunch", body={"contentType": "html", "content": "<p>Soup</p>"})
    world.quiesce()
    anna.assert_same("Lunch")
    assert anna.writes(before) == []


def test_one_edit_in_odoo_is_one_write_of_what_changed(anna, world):
    event_id = anna.create("Lunch")
    world.quiesce()
    before = mark(world)
    anna.write(event_id, name="Late lunch")
    world.quiesce()
    [request] = anna.writes(before)
    assert request["method"] == "PATCH"
    assert request["body"] == {"subject": "Late lunch"}


def test_our_own_write_comes_back_without_an_echo(anna, world):
    event_id = anna.create("Lunch")
    world.quiesce()
    anna.write(event_id, name="Late lunch")
    world.quiesce()
    before, written = mark(world), anna.event(event_id)["write_date"]
    world.poll()
    world.quiesce()
    reads = world.control.requests(mailbox=anna.upn, path="delta", after=before)
    assert reads, "the poll has read the mailbox"
    assert anna.writes(before) == []
    assert anna.event(event_id)["write_date"] == written


def test_write_that_changes_nothing_sends_nothing(anna, world):
    event_id = anna.create("Lunch")
    world.quiesce()
    before = mark(world)
    anna.write(event_id, name="Lunch")
    world.quiesce()
    assert anna.writes(before) == []


def test_edit_in_outlook_arrives_and_writes_nothing_back(anna, world):
    event = anna.outlook_create("Lunch")
    world.quiesce()
    before = mark(world)
    anna.outlook_update(event, subject="Late lunch")
    world.quiesce()
    anna.assert_same("Late lunch")
    assert anna.events("Lunch") == []
    world.poll()
    world.quiesce()
    assert anna.writes(before) == []


def test_delete_in_odoo_deletes_in_outlook(anna, world):
    event_id = anna.create("Lunch")
    world.quiesce()
    before = mark(world)
    anna.unlink(event_id)
    world.quiesce()
    assert anna.outlook_events("Lunch") == []
    assert [one["method"] for one in anna.writes(before)] == ["DELETE"]


def test_archiving_in_odoo_deletes_in_outlook(anna, world):
    event_id = anna.create("Lunch")
    world.quiesce()
    anna.write(event_id, active=False)
    world.quiesce()
    assert anna.outlook_events("Lunch") == []
    assert anna.events("Lunch") == []


def test_delete_in_outlook_archives_in_odoo(anna, world):
    event = anna.outlook_create("Lunch")
    world.quiesce()
    event_id = anna.only_event("Lunch")["id"]
    before = mark(world)
    anna.outlook_delete(event)
    world.quiesce()
    assert anna.event(event_id)["active"] is False
    assert anna.writes(before) == []


def test_event_that_left_the_window_is_not_deleted(anna, world):
    event = anna.outlook_create("Lunch")
    world.quiesce()
    far = world.at(9, day=700)
    anna.outlook_update(event, start=graph_time(far), end=graph_time(far))
    world.quiesce()
    found = anna.only_event("Lunch")
    assert found["active"] is True
    assert found["start"] == far.strftime("%Y-%m-%d %H:%M:%S")


def test_edits_made_in_quick_succession_are_one_latest_state(anna, world):
    event_id = anna.create("Lunch")
    world.quiesce()
    for number in range(5):
        anna.write(event_id, name=f"Lunch {number}")
    world.quiesce()
    anna.assert_same("Lunch 4")


def test_rolled_back_edit_sends_nothing(anna, world, allowed_log):
    allowed_log.append("cannot be earlier than the starting")
    event_id = anna.create("Lunch")
    world.quiesce()
    before = mark(world)
    with pytest.raises(OdooError, match="earlier than"):
        anna.write(event_id, name="Impossible", stop="2001-01-01 00:00:00")
    world.quiesce()
    assert anna.writes(before) == []
    anna.assert_same("Lunch")


def test_all_day_event_keeps_its_days_both_ways(anna, world):
    first, last = world.at(0, day=3).date(), world.at(0, day=4).date()
    anna.create(
        "Fair",
        allday=True,
        start_date=str(first),
        stop_date=str(last),
        start=f"{first} 08:00:00",
        stop=f"{last} 18:00:00",
    )
    zone = "W. Europe Standard Time"
    midnight = world.at(0, day=6)
    anna.outlook_create(
        "Holiday",
        isAllDay=True,
        start=graph_time(midnight, zone),
        end=graph_time(world.at(0, day=7), zone),
    )
    world.quiesce()
    anna.assert_same("Fair")
    anna.assert_same("Holiday")
    assert anna.only_event("Holiday")["start_date"] == str(midnight.date())
    assert anna.outlook_event("Fair")["isAllDay"] is True


def test_five_values_of_show_as_survive_an_edit_in_odoo(anna, world):
    values = ["free", "tentative", "busy", "oof", "workingElsewhere"]
    for hour, value in enumerate(values):
        anna.outlook_create(f"As {value}", hour, showAs=value)
    world.quiesce()
    for value in values:
        event = anna.only_event(f"As {value}")
        anna.write(event["id"], location="Elsewhere")
    world.quiesce()
    assert [anna.outlook_event(f"As {one}")["showAs"] for one in values] == values


def test_what_is_not_mapped_survives_an_edit_in_odoo(anna, world):
    event = anna.outlook_create(
        "Lunch", importance="high", hideAttendees=True, allowNewTimeProposals=False
    )
    world.quiesce()
    anna.write(anna.only_event("Lunch")["id"], name="Late lunch", location="Town")
    world.quiesce()
    now = anna.outlook_event("Late lunch")
    for name in ("importance", "hideAttendees", "allowNewTimeProposals"):
        assert now[name] == event[name]


def test_private_event_stays_private(anna, world):
    anna.outlook_create("Doctor", sensitivity="private")
    anna.create("Bank", 11, privacy="private")
    world.quiesce()
    assert anna.only_event("Doctor")["privacy"] == "private"
    assert anna.outlook_event("Bank")["sensitivity"] == "private"


def test_one_way_from_outlook_sends_nothing(make_person: object, world: World):
    anna: Person = make_person("anna").connect(direction="outlook_to_odoo")
    before = mark(world)
    anna.create("Only here")
    anna.outlook_create("Everywhere", 11)
    world.quiesce()
    assert anna.writes(before) == []
    assert anna.outlook_events("Only here") == []
    anna.assert_same("Everywhere")


def test_one_way_to_outlook_brings_nothing(make_person: object, world: World):
    anna: Person = make_person("anna").connect(direction="odoo_to_outlook")
    anna.create("Everywhere")
    anna.outlook_create("Only there", 11)
    world.quiesce()
    assert anna.events("Only there") == []
    anna.assert_same("Everywhere")
