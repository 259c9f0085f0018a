"""Several calendars of one mailbox, and calendars of other people."""

from __future__ import annotations

import pytest

from .harness.person import Person, mark
from .harness.world import World


def link_of(person: Person, event_id: int) -> dict:
    """Return the link of an Odoo event in somebody's mailbox."""
    [link] = person.world.admin.search_read(
        "praetorx.ms365.event.link",
        [("event_id", "=", event_id), ("account_id.user_id", "=", person.user_id)],
        ["remote_id", "state", "is_primary", "calendar_id"],
    )
    return link


def delta_reads(world: World, person: Person, after: int) -> list[dict]:
    return world.control.requests(mailbox=person.upn, path="delta", after=after)


# -- own calendars --------------------------------------------------------------------


def test_primary_calendar_alone_is_chosen_at_first(make_person, world):
    anna = make_person("anna")
    world.control.add_calendar(anna.upn, "Project")
    anna.connect()
    assert anna.calendar("Calendar")["is_synced"] is True
    project = anna.calendar("Project")
    assert (project["is_synced"], project["status"]) == (False, "Not synced.")


def test_second_calendar_is_synced_both_ways(anna, world):
    project = anna.add_calendar("Project")
    anna.outlook_create("Kick-off", calendar=project)
    world.quiesce()
    anna.assert_same("Kick-off")
    event = anna.only_event("Kick-off")
    assert anna.calendar_of(event["id"]) == "Project"
    anna.write(event["id"], name="Start")
    world.quiesce()
    anna.assert_same("Start")
    review = anna.create("Review", 11, ms365_calendar_id=anna.calendar("Project")["id"])
    world.quiesce()
    anna.assert_same("Review")
    assert anna.outlook_event("Review")["_sim"]["calendarName"] == "Project"
    anna.unlink(review)
    world.quiesce()
    assert anna.outlook_events("Review") == []
    anna.outlook_delete(anna.outlook_event("Start"))
    world.quiesce()
    assert anna.events("Start") == []


@pytest.mark.parametrize("direction", ["outlook_to_odoo", "odoo_to_outlook"])
def test_each_calendar_has_a_direction_of_its_own(anna, world, direction):
    project = anna.add_calendar("Project", direction)
    anna.outlook_create("Kick-off", calendar=project)
    world.quiesce()
    is_read = direction == "outlook_to_odoo"
    assert len(anna.events("Kick-off")) == is_read
    if is_read:
        before = mark(world)
        anna.write(anna.only_event("Kick-off")["id"], name="Start")
        world.quiesce()
        assert anna.writes(before) == []
    else:
        anna.create("Review", 11, ms365_calendar_id=anna.calendar("Project")["id"])
        world.quiesce()
        assert anna.outlook_event("Review")["_sim"]["calendarName"] == "Project"
    anna.create("Lunch", 12)
    world.quiesce()
    anna.assert_same("Lunch")


def test_unchanged_calendars_cost_one_request_each_in_one_round_trip(anna, world):
    for name in ("One", "Two", "Three"):
        anna.add_calendar(name)
    before = mark(world)
    world.poll()
    world.quiesce()
    reads = delta_reads(world, anna, before)
    assert len(reads) == 4
    assert len({read["batch_id"] for read in reads}) == 1


# -- moves ----------------------------------------------------------------------------


@pytest.mark.parametrize("to_where", ["there", "back"])
def test_event_moved_in_outlook_stays_the_same_event(anna, ben, world, to_where):
    """Whichever calendar tells it first, and nobody gets a mail."""
    project = anna.add_calendar("Project")
    primary = world.control.mailbox(anna.upn)["calendars"][0]
    start, target = (primary, project) if to_where == "there" else (project, primary)
    remote = anna.outlook_create("Plan", calendar=start, attendees=[ben])
    world.quiesce()
    event = anna.only_event("Plan")
    link, mails = link_of(anna, event["id"]), len(world.control.mails())
    before = mark(world)
    anna.outlook_move(remote, target)
    world.quiesce()
    assert anna.only_event("Plan")["id"] == event["id"]
    moved = link_of(anna, event["id"])
    assert (moved["id"], moved["remote_id"]) == (link["id"], link["remote_id"])
    name = "Project" if to_where == "there" else "Calendar"
    assert anna.calendar_of(event["id"]) == name
    assert anna.writes(before) == []
    assert len(world.control.mails()) == mails
    anna.write(event["id"], location="Hall 4")
    world.quiesce()
    anna.assert_same("Plan")


@pytest.mark.parametrize("late", ["from", "to"])
def test_rounds_of_a_move_may_come_in_any_order(anna, world, late):
    project = anna.add_calendar("Project")
    remote = anna.outlook_create("Plan")
    world.quiesce()
    event_id = anna.only_event("Plan")["id"]
    path = "calendarView" if late == "from" else "calendars"
    # Of the two delta requests, one fails for some time.
    world.control.fault("notification_lost", mailbox=anna.upn, times=None)
    anna.outlook_move(remote, project)
    fault = world.control.fault(
        "throttle",
        path=f"/me/{path}/" + ("delta" if late == "from" else ".*delta"),
        mailbox=anna.upn,
        times=1,
        retry_after=5,
    )
    world.poll()
    world.quiesce()
    world.control.remove_fault(fault)
    assert anna.only_event("Plan")["id"] == event_id
    assert anna.calendar_of(event_id) == "Project"
    assert link_of(anna, event_id)["state"] == "synced"


def test_event_moved_to_a_calendar_that_is_not_synced_is_let_go_of(anna, world):
    project = world.control.add_calendar(anna.upn, "Project")
    remote = anna.outlook_create("Plan")
    world.quiesce()
    event_id = anna.only_event("Plan")["id"]
    anna.outlook_move(remote, project)
    world.quiesce()
    assert anna.event(event_id)["ms365_sync_state"] == "none"
    assert anna.event(event_id)["active"] is True
    anna.outlook_update(anna.outlook_event("Plan"), subject="New plan")
    anna.sync_calendar("Project")
    assert anna.only_event("New plan")["id"] == event_id
    assert anna.event(event_id)["ms365_sync_state"] == "synced"


# -- trouble --------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["forbidden", "mailbox_not_enabled"])
def test_unreadable_calendar_stops_nobody_else(anna, world, fault):
    """Law 9."""
    project = anna.add_calendar("Project")
    world.control.fault(
        fault, path=f"calendars/{project['id']}", mailbox=anna.upn, times=None
    )
    anna.outlook_create("Kick-off", calendar=project)
    anna.outlook_create("Lunch", 12)
    world.quiesce()
    anna.assert_same("Lunch")
    assert anna.account("state")["state"] == "active"
    calendar = anna.calendar("Project")
    assert calendar["state"] == "unreadable"
    assert "Stopped" in calendar["status"]
    world.control.clear_faults()
    world.advance(2 * 3600)
    world.poll()
    world.quiesce()
    assert anna.calendar("Project")["status"] == "In sync."
    anna.assert_same("Kick-off")


def test_deleted_calendar_leaves_its_events_in_odoo(anna, world):
    project = anna.add_calendar("Project")
    anna.outlook_create("Kick-off", calendar=project)
    world.quiesce()
    event_id = anna.only_event("Kick-off")["id"]
    world.control.delete_calendar(anna.upn, project["id"])
    world.quiesce()
    world.poll()
    world.quiesce()
    assert anna.calendar("Project")["state"] == "vanished"
    event = anna.event(event_id)
    assert (event["active"], event["ms365_sync_state"]) == (True, "none")


def test_calendar_taken_off_and_on_again_changes_nothing(anna, ben, world):
    project = anna.add_calendar("Project")
    anna.outlook_create("Kick-off", calendar=project, attendees=[ben])
    anna.outlook_create("Lunch", 12, calendar=project)
    world.quiesce()
    ids = {one["name"]: one["id"] for one in anna.events()}
    mails, before = len(world.control.mails()), mark(world)
    anna.leave_calendar("Project")
    world.quiesce()
    assert anna.event(ids["Lunch"])["ms365_sync_state"] == "none"
    anna.outlook_update(anna.outlook_event("Lunch"), subject="Dinner")
    world.quiesce()
    assert anna.event(ids["Lunch"])["name"] == "Lunch"
    anna.sync_calendar("Project")
    assert anna.event(ids["Lunch"])["name"] == "Dinner"
    assert anna.event(ids["Kick-off"])["ms365_sync_state"] == "synced"
    assert anna.writes(before) == []
    assert len(world.control.mails()) == mails
    assert {one["id"] for one in anna.events()} == set(ids.values())
