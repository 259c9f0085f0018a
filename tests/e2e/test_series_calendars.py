"""Series in several calendars of one mailbox."""

from __future__ import annotations

import pytest

from .harness.odoo_client import OdooError
from .harness.person import Person, graph_attendee, mark
from .harness.series import (
    assert_same_series,
    calendars_of,
    links_of,
    local_start,
    odoo_series,
    outlook_series,
    read_again,
    rows,
    states_of,
)


def methods(person: Person, before: int) -> list[str]:
    return [request["method"] for request in person.writes(before)]


def test_series_in_a_second_calendar_goes_both_ways(anna, world):
    project = anna.add_calendar("Project")
    master = outlook_series(anna, "Standup", local_start(world), calendar=project)
    world.quiesce()
    found = assert_same_series(anna)
    assert calendars_of(found) == {"Project"}
    before = mark(world)
    anna.write(found[1]["id"], location="Hall 4", recurrence_update="self_only")
    world.quiesce()
    anna.outlook_update(master, subject="Retro")
    world.quiesce()
    assert [one["id"] for one in assert_same_series(anna)] == [
        one["id"] for one in found
    ]
    assert methods(anna, before) == ["PATCH"]


def test_series_made_in_odoo_goes_to_the_chosen_calendar(anna, world):
    anna.add_calendar("Project")
    before = mark(world)
    project_id = anna.calendar("Project")["id"]
    odoo_series(anna, "Standup", local_start(world), ms365_calendar_id=project_id)
    world.quiesce()
    found = assert_same_series(anna)
    assert calendars_of(found) == {"Project"}
    [master] = anna.outlook_events()
    assert master["_sim"]["calendarName"] == "Project"
    assert methods(anna, before) == ["POST"]
    [link] = links_of(world, found)
    assert link["calendar_id"][1] == "Project"
    read_again(world)
    assert methods(anna, before) == ["POST"]


@pytest.mark.parametrize("fault", ["answer_lost", "unavailable"])
def test_series_for_a_second_calendar_is_made_once_whatever_fails(anna, world, fault):
    anna.add_calendar("Project")
    project_id = anna.calendar("Project")["id"]
    world.control.fault(fault, method="POST", path="/events", mailbox=anna.upn, times=2)
    odoo_series(anna, "Standup", local_start(world), ms365_calendar_id=project_id)
    read_again(world)
    assert calendars_of(assert_same_series(anna)) == {"Project"}
    [master] = anna.outlook_events()
    assert master["_sim"]["calendarName"] == "Project"


@pytest.mark.parametrize("to_where", ["there", "back"])
def test_series_moved_in_outlook_stays_the_same_series(anna, ben, world, to_where):
    """No event is made anew, and nobody gets a mail."""
    project = anna.add_calendar("Project")
    primary = world.control.mailbox(anna.upn)["calendars"][0]
    start, target = (primary, project) if to_where == "there" else (project, primary)
    invited = [graph_attendee(ben)]
    begin = local_start(world)
    master = outlook_series(anna, "Standup", begin, calendar=start, attendees=invited)
    world.quiesce()
    found = rows(anna)
    [link] = [one for one in links_of(world, found) if one["is_primary"]]
    before, mails = mark(world), len(world.control.mails())
    anna.outlook_move(master, target)
    world.quiesce()
    now = assert_same_series(anna)
    assert [one["id"] for one in now] == [one["id"] for one in found]
    assert calendars_of(now) == {"Project" if to_where == "there" else "Calendar"}
    assert states_of(now) == {"synced"}
    [moved] = [one for one in links_of(world, now) if one["is_primary"]]
    assert (moved["id"], moved["remote_id"]) == (link["id"], link["remote_id"])
    assert anna.writes(before) == []
    assert len(world.control.mails()) == mails
    anna.write(now[2]["id"], location="Hall 4", recurrence_update="self_only")
    world.quiesce()
    assert_same_series(anna)


@pytest.mark.parametrize("late", ["from", "to"])
def test_rounds_of_a_moved_series_may_come_in_any_order(anna, world, late):
    project = anna.add_calendar("Project")
    master = outlook_series(anna, "Standup", local_start(world))
    world.quiesce()
    ids = [one["id"] for one in rows(anna)]
    world.control.fault("notification_lost", mailbox=anna.upn, times=None)
    anna.outlook_move(master, project)
    path = "calendarView/delta" if late == "from" else "calendars/.*delta"
    fault = world.control.fault(
        "throttle", path=f"/me/{path}", mailbox=anna.upn, times=1, retry_after=5
    )
    read_again(world)
    world.control.remove_fault(fault)
    found = assert_same_series(anna)
    assert [one["id"] for one in found] == ids
    assert calendars_of(found) == {"Project"}
    [link] = links_of(world, found)
    assert link["state"] == "synced"


def test_series_moved_to_a_calendar_that_is_not_synced_is_let_go_of(anna, world):
    """Complaint: it stays in Odoo and is silently out of date."""
    project = world.control.add_calendar(anna.upn, "Project")
    master = outlook_series(anna, "Standup", local_start(world))
    read_again(world)
    ids = [one["id"] for one in rows(anna)]
    anna.outlook_move(master, project)
    read_again(world)
    found = rows(anna)
    assert [one["id"] for one in found] == ids
    assert states_of(found) == {"none"}
    anna.outlook_update(anna.outlook_event("Standup"), subject="Retro")
    read_again(world)
    assert {one["name"] for one in rows(anna)} == {"Standup"}
    anna.sync_calendar("Project")
    found = assert_same_series(anna)
    assert [one["id"] for one in found] == ids
    assert states_of(found) == {"synced"}
    assert calendars_of(found) == {"Project"}


def test_calendar_taken_off_and_on_again_changes_nothing_of_its_series(
    anna, ben, world
):
    project = anna.add_calendar("Project")
    invited = [graph_attendee(ben)]
    begin = local_start(world)
    master = outlook_series(anna, "Standup", begin, calendar=project, attendees=invited)
    world.quiesce()
    ids = [one["id"] for one in rows(anna)]
    before, mails = mark(world), len(world.control.mails())
    anna.leave_calendar("Project")
    world.quiesce()
    [link] = [one for one in links_of(world, rows(anna)) if one["is_primary"]]
    # An attendee still has the series, so that copy is now the primary one.
    assert link["account_id"][1] != anna.account("display_name")["display_name"]
    anna.sync_calendar("Project")
    found = assert_same_series(anna)
    assert [one["id"] for one in found] == ids
    assert states_of(found) == {"synced"}
    assert calendars_of(found) == {"Project"}
    assert anna.writes(before) == []
    assert len(world.control.mails()) == mails
    anna.outlook_update(master, subject="Retro")
    world.quiesce()
    assert {one["name"] for one in assert_same_series(anna)} == {"Retro"}


def test_series_of_a_calendar_that_is_off_rests(anna, world):
    project = anna.add_calendar("Project")
    master = outlook_series(anna, "Standup", local_start(world), calendar=project)
    world.quiesce()
    before = mark(world)
    anna.leave_calendar("Project")
    world.quiesce()
    assert states_of(rows(anna)) == {"none"}
    anna.outlook_update(master, subject="Retro")
    read_again(world)
    assert {one["name"] for one in rows(anna)} == {"Standup"}
    anna.sync_calendar("Project")
    assert {one["name"] for one in assert_same_series(anna)} == {"Retro"}
    assert anna.writes(before) == []


@pytest.mark.parametrize("scope", ["self_only", "future_events", "all_events"])
def test_series_is_not_moved_from_odoo(anna, world, allowed_log, scope):
    """Odoo refuses at once, and its message names the next step."""
    allowed_log += ["Move it in Outlook", "all in one calendar"]
    anna.add_calendar("Project")
    outlook_series(anna, "Standup", local_start(world))
    world.quiesce()
    before = mark(world)
    words = "Move it in Outlook" if scope == "all_events" else "all in one calendar"
    project_id = anna.calendar("Project")["id"]
    with pytest.raises(OdooError, match=words):
        anna.write(
            rows(anna)[1]["id"], ms365_calendar_id=project_id, recurrence_update=scope
        )
    world.quiesce()
    assert calendars_of(assert_same_series(anna)) == {"Calendar"}
    assert anna.writes(before) == []


def test_deleted_calendar_leaves_its_series_in_odoo(anna, world):
    project = anna.add_calendar("Project")
    outlook_series(anna, "Standup", local_start(world), calendar=project)
    world.quiesce()
    ids = [one["id"] for one in rows(anna)]
    world.control.delete_calendar(anna.upn, project["id"])
    read_again(world)
    found = rows(anna)
    assert [one["id"] for one in found] == ids
    assert states_of(found) == {"none"}
