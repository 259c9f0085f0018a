"""Test that each member of an invited group has the meeting in Odoo."""

from __future__ import annotations

import pytest

from .harness.person import Person, mark
from .harness.world import DOMAIN, World

GROUP = f"team@{DOMAIN}"


@pytest.fixture
def cleo(make_person) -> Person:
    """Return a third person who syncs."""
    return make_person("cleo").connect()


@pytest.fixture
def group(ben: Person, cleo: Person, world: World) -> str:
    """Return the address of a group of which Ben and Cleo are members."""
    address = f"team-of-{ben.login}@{DOMAIN}"
    world.control.add_group(address, [ben.upn, cleo.upn])
    return address


def assert_everybody_has(name: str, *people: Person) -> None:
    """Each person sees the same event of Odoo, once."""
    events = {person.only_event(name)["id"] for person in people}
    assert len(events) == 1


def test_both_members_see_a_meeting_of_an_outsider(
    group, ben, cleo, make_person, world
):
    olga = make_person("olga")  # never connects
    event = olga.outlook_create("Planning", attendees=[group])
    world.quiesce()
    assert_everybody_has("Planning", ben, cleo)
    world.control.reset_mails()
    before = mark(world)
    olga.outlook_update(event, subject="Plans")
    world.quiesce()
    olga.outlook_update(event, attendees=[graph_address(group), graph_address(GROUP)])
    olga.outlook_update(event, location={"displayName": "Hall 4"})
    world.quiesce()
    assert_everybody_has("Plans", ben, cleo)
    assert ben.only_event("Plans")["location"] == "Hall 4"
    assert ben.writes(before) == cleo.writes(before) == []
    assert {one["from"] for one in world.control.mails()} == {olga.upn}


def test_members_and_organizer_have_one_event(group, anna, ben, cleo, world):
    event = anna.outlook_create("Planning", attendees=[group])
    world.quiesce()
    assert_everybody_has("Planning", anna, ben, cleo)
    before = mark(world)
    world.control.reset_mails()
    anna.write(anna.only_event("Planning")["id"], location="Hall 4")
    world.quiesce()
    assert len(anna.writes(before)) == 1
    [there] = anna.outlook_events("Planning")
    assert [one["emailAddress"]["address"] for one in there["attendees"]] == [group]
    anna.outlook_update(event, subject="Plans")
    world.quiesce()
    assert_everybody_has("Plans", anna, ben, cleo)
    assert ben.writes(before) == cleo.writes(before) == []


def test_member_replies_in_odoo_and_leaves_in_outlook(group, anna, ben, cleo, world):
    anna.outlook_create("Planning", attendees=[group])
    world.quiesce()
    event_id = ben.only_event("Planning")["id"]
    before = mark(world)
    [part] = ben.client.search_read(
        "calendar.attendee",
        [("event_id", "=", event_id), ("partner_id", "=", ben.partner_id)],
        ["state"],
    )
    ben.client.call("calendar.attendee", "do_accept", [part["id"]])
    world.quiesce()
    assert ben.outlook_event("Planning")["responseStatus"]["response"] == "accepted"
    assert len(ben.writes(before)) == 1
    assert anna.writes(before) == []
    world.control.reset_mails()
    ben.outlook_delete(ben.outlook_event("Planning"))
    world.quiesce()
    assert ben.events("Planning") == []
    assert_everybody_has("Planning", anna, cleo)
    assert world.control.mails() == []
    world.poll()
    world.quiesce()
    assert ben.events("Planning") == []


def test_series_for_a_group_is_everybodys(group, anna, ben, cleo, world):
    anna.outlook_create(
        "Weekly",
        attendees=[group],
        recurrence={
            "pattern": {"type": "daily", "interval": 1},
            "range": {
                "type": "numbered",
                "startDate": world.at(9, day=1).date().isoformat(),
                "numberOfOccurrences": 3,
            },
        },
    )
    world.quiesce()
    world.control.reset_mails()
    counts = {len(one.events("Weekly")) for one in (anna, ben, cleo)}
    assert counts == {3}
    before = mark(world)
    world.poll()
    world.quiesce()
    for one in (anna, ben, cleo):
        assert one.writes(before) == []
    assert world.control.mails() == []


def graph_address(address: str) -> dict[str, object]:
    """Return an attendee of Graph."""
    return {"emailAddress": {"address": address}, "type": "required"}
