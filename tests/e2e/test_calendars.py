"""Several calendars of one mailbox, and calendars of other people."""

from __future__ import annotations

import pytest

from .harness.odoo_client import OdooError
from .harness.person import Person, mark
from .harness.sharing import DELEGATE, take_shared
from .harness.waiting import eventually
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
    """The order of the calendars does not matter, and nobody gets a mail."""
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


@pytest.mark.parametrize("is_told", [True, False], ids=["told", "not_told"])
def test_event_moved_to_a_calendar_that_is_not_synced_is_let_go_of(
    anna, world, is_told
):
    project = world.control.add_calendar(anna.upn, "Project")
    remote = anna.outlook_create("Plan")
    world.quiesce()
    event_id = anna.only_event("Plan")["id"]
    if not is_told:
        anna.switch_off()
    anna.outlook_move(remote, project)
    if not is_told:
        anna.switch_on()
        world.poll()
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
    """See docs/laws.md, law 9."""
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


# -- calendars of other people --------------------------------------------------------


@pytest.fixture
def owner(make_person) -> Person:
    """Return a person with a mailbox but without sync."""
    return make_person("olga")


def events_of(*people: Person, name: str) -> list[dict]:
    """Return the Odoo events of a name that these mailboxes have, whoever attends."""
    ids = [person.user_id for person in people]
    return people[0].world.admin.search_read(
        "calendar.event",
        [("name", "=", name), ("ms365_link_ids.account_id.user_id", "in", ids)],
        ["user_id", "partner_ids", "privacy"],
    )


def test_permission_is_asked_for_with_the_first_shared_calendar(anna, owner, world):
    shared = world.control.share_calendar(owner.upn, anna.upn)
    assert anna.account("signed_in_scope")["signed_in_scope"].count("Shared") == 0
    anna.sync_calendar(shared["name"])
    calendar = anna.calendar(shared["name"])
    assert calendar["needs_permission"] is True
    assert "Sign in again" in calendar["status"]
    owner.outlook_create("Plan")
    anna.outlook_create("Lunch", 12)
    world.quiesce()
    anna.assert_same("Lunch")
    assert events_of(anna, name="Plan") == []
    anna.sign_in_again()
    world.quiesce()
    assert events_of(anna, name="Plan") == [], "the owner looks at the preview first"
    anna.apply_change()
    assert len(events_of(anna, name="Plan")) == 1
    assert "15 minutes" in anna.calendar(shared["name"])["status"]
    # The wider permission lasts when the token is refreshed.
    world.advance(2 * 3600)
    owner.outlook_create("Review", 11)
    world.poll()
    world.quiesce()
    assert len(events_of(anna, name="Review")) == 1


def test_events_of_a_shared_calendar_are_those_of_its_owner(anna, owner, world):
    owner.outlook_create("Plan")
    take_shared(anna, owner)
    [event] = events_of(anna, name="Plan")
    assert event["user_id"][0] == owner.user_id
    assert event["partner_ids"] == [owner.partner_id]
    beside = anna.client.search_read(
        "calendar.filters", [("partner_id", "=", owner.partner_id)], ["user_id"]
    )
    assert len(beside) == 1


def test_private_event_of_a_shared_calendar_stays_private(anna, owner, world):
    """A stripped event stays private (docs/laws.md, law 13)."""
    owner.outlook_create("Doctor", sensitivity="private")
    take_shared(anna, owner, role="write")
    assert events_of(anna, name="Doctor") == []
    [event] = events_of(anna, name="Private Appointment")
    assert event["privacy"] == "private"
    before = mark(world)
    owner.write(event["id"], show_as="free")
    world.quiesce()
    assert anna.writes(before) == []
    assert owner.outlook_event("Doctor")["showAs"] == "busy"


def test_event_deleted_in_a_shared_calendar_goes_from_odoo(anna, owner, world):
    remote = owner.outlook_create("Plan")
    take_shared(anna, owner)
    owner.outlook_delete(remote)
    world.poll()
    world.quiesce()
    assert events_of(anna, name="Plan") == []


def test_what_becomes_private_is_hidden_in_odoo_too(anna, owner, world):
    remote = owner.outlook_create("Doctor")
    take_shared(anna, owner)
    assert len(events_of(anna, name="Doctor")) == 1
    owner.outlook_update(remote, sensitivity="private")
    world.poll()
    world.quiesce()
    assert events_of(anna, name="Doctor") == []


def test_edit_by_a_delegate_is_written_for_the_owner(anna, owner, world):
    """One write, by one way, and mails in the owner's name only."""
    owner.outlook_create("Plan", attendees=["guest@fabrikam.example"])
    take_shared(anna, owner, role=DELEGATE)
    world.control.reset_mails()
    [event] = events_of(anna, name="Plan")
    before = mark(world)
    anna.client.write("calendar.event", event["id"], {"location": "Hall 4"})
    world.quiesce()
    [write] = anna.writes(before)
    assert (write["method"], write["status"]) == ("PATCH", 200)
    assert owner.outlook_event("Plan")["location"]["displayName"] == "Hall 4"
    mails = world.control.mails()
    assert [(one["from"], one["to"]) for one in mails] == [
        (owner.upn, "guest@fabrikam.example")
    ]


def test_calendar_that_may_only_be_read_is_not_written(anna, owner, world, allowed_log):
    allowed_log.append("organizes this meeting in Outlook")
    owner.outlook_create("Plan")
    take_shared(anna, owner, role="read")
    [event] = events_of(anna, name="Plan")
    with pytest.raises(OdooError, match="organizes this meeting"):
        world.admin.write("calendar.event", event["id"], {"location": "Hall 4"})


def test_shared_event_of_somebody_who_syncs_is_one_event(anna, ben, world):
    """The owner's copy is primary in any order of reading (docs/laws.md, law 5)."""
    ben.outlook_create("Before")
    world.quiesce()
    take_shared(anna, ben, role=DELEGATE)
    ben.outlook_create("After", 11)
    ben.create("Made in Odoo", 13)
    world.quiesce()
    world.poll()
    world.quiesce()
    world.poll()
    world.quiesce()
    for name in ("Before", "After", "Made in Odoo"):
        [event] = events_of(anna, ben, name=name)
        assert event["user_id"][0] == ben.user_id
        assert link_of(ben, event["id"])["is_primary"] is True
        assert link_of(anna, event["id"])["is_primary"] is False
        ben.assert_same(name)
    [event] = events_of(anna, ben, name="Before")
    before = mark(world)
    ben.write(event["id"], location="Hall 4")
    world.quiesce()
    assert len(ben.writes(before)) == 1
    assert anna.writes(before) == []


def test_private_event_of_somebody_who_syncs_is_not_stripped(anna, ben, world):
    remote = ben.outlook_create("Doctor", sensitivity="private")
    take_shared(anna, ben)
    ben.outlook_update(remote, location={"displayName": "Clinic"})
    world.poll()
    world.quiesce()
    event = ben.only_event("Doctor")
    assert event["location"] == "Clinic"
    assert events_of(anna, ben, name="Private Appointment") == []


def test_owner_who_begins_to_sync_takes_over(anna, owner, world):
    owner.outlook_create("Plan")
    take_shared(anna, owner, role=DELEGATE)
    [event] = events_of(anna, name="Plan")
    owner.connect()
    assert [one["id"] for one in events_of(anna, name="Plan")] == [event["id"]]
    assert link_of(owner, event["id"])["is_primary"] is True
    assert link_of(anna, event["id"])["is_primary"] is False


def test_calendar_shared_no_more_deletes_nothing(anna, owner, world):
    """A missing event is not a deletion (docs/laws.md, law 7)."""
    remote = owner.outlook_create("Plan")
    shared = take_shared(anna, owner)
    [event] = events_of(anna, name="Plan")
    world.control.unshare_calendar(anna.upn, shared["id"])
    owner.outlook_update(remote, subject="New plan")
    world.poll()
    world.quiesce()
    assert anna.calendar(shared["name"])["state"] == "vanished"
    assert [one["id"] for one in events_of(anna, name="Plan")] == [event["id"]]


def test_own_invitation_to_a_shared_meeting_is_the_same_event(anna, owner, world):
    remote = owner.outlook_create("Plan")
    take_shared(anna, owner)
    [event] = events_of(anna, name="Plan")
    invited = [{"type": "required", "emailAddress": {"address": anna.upn}}]
    owner.outlook_update(remote, attendees=invited)
    world.quiesce()
    world.poll()
    world.quiesce()
    [now] = events_of(anna, name="Plan")
    assert now["id"] == event["id"]
    assert set(now["partner_ids"]) == {owner.partner_id, anna.partner_id}


# -- moves in Odoo --------------------------------------------------------------------


def move(person: Person, event_id: int, calendar: str) -> None:
    """Choose another calendar on the form of an event."""
    calendar_id = person.calendar(calendar)["id"]
    person.write(event_id, ms365_calendar_id=calendar_id)


def test_event_moved_in_odoo_is_copied_and_then_deleted(anna, world):
    anna.add_calendar("Project")
    remote = anna.outlook_create(
        "Plan",
        importance="high",
        showAs="oof",
        body={"contentType": "html", "content": "<p>What <b>we</b> do</p>"},
    )
    world.quiesce()
    event = anna.only_event("Plan")
    before = mark(world)
    move(anna, event["id"], "Project")
    world.quiesce()
    moved = anna.outlook_event("Plan")
    assert moved["_sim"]["calendarName"] == "Project"
    assert moved["id"] != remote["id"]
    for kept in ("importance", "showAs", "body", "start", "end"):
        assert moved[kept] == remote[kept], kept
    assert [one["method"] for one in anna.writes(before)] == ["POST", "DELETE"]
    assert world.control.mails() == []
    assert anna.only_event("Plan")["id"] == event["id"]
    assert anna.calendar_of(event["id"]) == "Project"
    assert anna.event(event["id"])["ms365_sync_state"] == "synced"
    anna.write(event["id"], name="New plan")
    world.quiesce()
    anna.assert_same("New plan")
    world.poll()
    world.quiesce()
    anna.assert_same("New plan")


@pytest.mark.parametrize("fault", ["answer_lost", "reset", "unavailable"])
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_move_in_odoo_loses_nothing_whatever_fails(anna, world, fault, method):
    anna.add_calendar("Project")
    event_id = anna.create("Plan")
    world.quiesce()
    world.control.fault(fault, method=method, path="/events", mailbox=anna.upn, times=2)
    move(anna, event_id, "Project")
    anna.write(event_id, location="Hall 4")
    world.quiesce()
    assert anna.outlook_event("Plan")["_sim"]["calendarName"] == "Project"
    anna.assert_same("Plan")
    assert world.control.mails() == []


@pytest.mark.parametrize("day", [1, 40], ids=["in_sight", "beyond_the_window"])
def test_move_that_is_taken_back_before_its_answer_has_come(anna, world, day):
    anna.client.set_preferences(ms365_days_ahead=30)
    anna.add_calendar("Project")
    event_id = anna.create("Plan", day=day)
    world.quiesce()
    world.control.fault(
        "answer_lost", method="POST", path="calendars.*/events", mailbox=anna.upn
    )
    move(anna, event_id, "Project")
    eventually(lambda: len(anna.outlook_events("Plan")) == 2, "the copy is made")
    move(anna, event_id, "Calendar")
    world.quiesce()
    assert anna.outlook_event("Plan")["_sim"]["calendarName"] == "Calendar"
    anna.assert_same("Plan")
    assert anna.only_event("Plan")["id"] == event_id


def test_odoo_killed_while_it_moves_an_event(anna, world):
    anna.add_calendar("Project")
    event_id = anna.create("Plan")
    world.quiesce()
    rule = world.control.fault(
        "latency", method="POST", path="calendars.*/events", mailbox=anna.upn, seconds=2
    )
    move(anna, event_id, "Project")
    eventually(
        lambda: any(one["hits"] for one in world.control.faults() if one["id"] == rule),
        "the copy is being made",
    )
    world.odoo.kill_workers()
    world.control.remove_fault(rule)
    eventually(lambda: len(anna.outlook_events("Plan")) == 2, "both are in Outlook")
    world.odoo.resume()
    for client in (world.admin, anna.client):
        client.log_in()
    world.poll()
    world.quiesce()
    assert anna.outlook_event("Plan")["_sim"]["calendarName"] == "Project"
    assert anna.only_event("Plan")["id"] == event_id
    anna.assert_same("Plan")


def test_meeting_with_others_is_not_moved_from_odoo(anna, ben, world, allowed_log):
    """Its attendees would get a cancellation, so Odoo refuses with a hint."""
    allowed_log.append("Move it in Outlook")
    anna.add_calendar("Project")
    event_id = anna.create("Plan", attendees=[ben])
    world.quiesce()
    mails = len(world.control.mails())
    with pytest.raises(OdooError, match="cancellation"):
        move(anna, event_id, "Project")
    world.quiesce()
    assert anna.calendar_of(event_id) == "Calendar"
    assert len(world.control.mails()) == mails


def test_edit_in_outlook_while_odoo_moves_is_carried_over(anna, world):
    """The edit falls between the copy and the deletion (docs/laws.md, law 2)."""
    anna.add_calendar("Project")
    event_id = anna.create("Plan")
    world.quiesce()
    remote = anna.outlook_event("Plan")
    world.control.fault(
        "unavailable", method="DELETE", mailbox=anna.upn, times=1, retry_after=30
    )
    move(anna, event_id, "Project")
    eventually(
        lambda: len(anna.outlook_events("Plan")) == 2,
        "the copy is made",
        meanwhile=lambda: world.wake("ir_cron_dispatch"),
    )
    anna.outlook_update(remote, location={"displayName": "Hall 4"})
    world.quiesce()
    moved = anna.outlook_event("Plan")
    assert moved["_sim"]["calendarName"] == "Project"
    assert moved["location"]["displayName"] == "Hall 4"
    anna.assert_same("Plan")
