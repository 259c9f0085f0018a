"""Series in calendars of other people: their owner's, whoever brings them to Odoo."""

from __future__ import annotations

from datetime import timedelta

import pytest

from .harness.compare import differences
from .harness.odoo_client import Json, OdooError
from .harness.person import Person, graph_attendee, mark, odoo_time
from .harness.series import (
    assert_same_series,
    calendars_of,
    links_of,
    local_start,
    occurrences,
    odoo_series,
    outlook_series,
    read_again,
    utc,
)
from .harness.sharing import DELEGATE, take_shared
from .harness.waiting import eventually


def methods(person: Person, before: int) -> list[str]:
    return [request["method"] for request in person.writes(before)]


@pytest.fixture
def owner(make_person) -> Person:
    """Return a person with a mailbox but without sync."""
    return make_person("olga")


def series_of(owner: Person, *names: str) -> list[Json]:
    """Return Odoo's events of the one series that this person organizes."""
    fields = ["name", "user_id", "partner_ids", "privacy", "recurrence_id", "start"]
    fields += ["ms365_sync_state", "ms365_calendar_id", "location"]
    found = owner.client.search_read(
        "calendar.event",
        [("recurrence_id", "!=", False), ("user_id", "=", owner.user_id)],
        fields,
        order="start",
    )
    assert len({one["recurrence_id"][0] for one in found}) <= 1, found
    if names:
        assert {one["name"] for one in found} == set(names)
    return found


def assert_shown(owner: Person) -> list[Json]:
    """Fail unless Odoo has the owner's series, the same; return its events."""
    ours = owner.world.admin.search_read(
        "calendar.event",
        [("recurrence_id", "!=", False), ("user_id", "=", owner.user_id)],
        [],
        order="start",
    )
    theirs = occurrences(owner)
    assert len(ours) == len(theirs)
    names = owner.names()
    for mine, other in zip(ours, theirs, strict=True):
        assert differences(mine, other, names) == []
    return ours


def test_series_of_a_shared_calendar_is_one_of_its_owner(anna, owner, world):
    """Complaint: series of shared calendars did not arrive at all."""
    master = outlook_series(owner, "Standup", local_start(world))
    shared = take_shared(anna, owner)
    found = assert_shown(owner)
    assert {one["user_id"][0] for one in found} == {owner.user_id}
    assert [one["partner_ids"] for one in found] == [[owner.partner_id]] * 4
    assert calendars_of(found) == {shared["name"]}
    ids = [one["id"] for one in found]
    days = occurrences(owner)
    owner.outlook_update(days[1], subject="Retro")
    owner.outlook_delete(days[2])
    owner.outlook_update(master, location={"displayName": "Hall 4"})
    before = mark(world)
    read_again(world)
    now = assert_shown(owner)
    assert [one["id"] for one in now] == [ids[0], ids[1], ids[3]]
    assert now[1]["name"] == "Retro"
    assert anna.writes(before) == []
    reads = world.control.requests(mailbox=anna.upn, path="instances", after=before)
    read_again(world)
    again = world.control.requests(mailbox=anna.upn, path="instances", after=before)
    assert len(reads) == len(again), "what has not changed is not read again"


def test_series_deleted_in_a_shared_calendar_goes_from_odoo(anna, owner, world):
    master = outlook_series(owner, "Standup", local_start(world))
    take_shared(anna, owner)
    assert len(series_of(owner)) == 4
    owner.outlook_delete(master)
    read_again(world)
    assert series_of(owner) == []


def test_private_series_of_a_shared_calendar_stays_private(anna, owner, world):
    """A stripped event is never written back (docs/laws.md, law 13)."""
    begin = local_start(world)
    outlook_series(owner, "Doctor", begin, sensitivity="private")
    take_shared(anna, owner, role="write")
    found = series_of(owner, "Private Appointment")
    assert {one["privacy"] for one in found} == {"private"}
    before = mark(world)
    owner.write(found[1]["id"], show_as="free", recurrence_update="self_only")
    owner.write(found[2]["id"], show_as="free", recurrence_update="all_events")
    read_again(world)
    assert anna.writes(before) == []
    assert {one["showAs"] for one in occurrences(owner)} == {"busy"}


def test_series_with_one_private_occurrence_is_not_written_back(
    anna, owner, world, allowed_log
):
    allowed_log.append("organizes this meeting in Outlook")
    outlook_series(owner, "Standup", local_start(world))
    owner.outlook_update(occurrences(owner)[1], subject="Doctor", sensitivity="private")
    take_shared(anna, owner, role="write")
    found = series_of(owner, "Standup", "Private Appointment")
    before = mark(world)
    with pytest.raises(OdooError, match="organizes this meeting"):
        owner.write(found[0]["id"], name="Mine", recurrence_update="all_events")
    read_again(world)
    assert anna.writes(before) == []


@pytest.mark.parametrize("scope", ["self_only", "all_events"])
def test_edit_of_a_series_by_a_delegate_is_written_for_the_owner(
    anna, owner, world, scope
):
    """One write, by one way, and mails in the owner's name only."""
    guest = [graph_attendee("guest@fabrikam.example")]
    outlook_series(owner, "Standup", local_start(world), attendees=guest)
    take_shared(anna, owner, role=DELEGATE)
    found = assert_shown(owner)
    world.control.reset_mails()
    before = mark(world)
    anna.client.write(
        "calendar.event",
        found[1]["id"],
        {"location": "Hall 4", "recurrence_update": scope},
    )
    read_again(world)
    assert [(one["method"], one["status"]) for one in anna.writes(before)] == [
        ("PATCH", 200)
    ]
    assert len(assert_shown(owner)) == 4
    mails = world.control.mails()
    assert {(one["from"], one["to"]) for one in mails} == {
        (owner.upn, "guest@fabrikam.example")
    }


def test_occurrence_deleted_by_a_delegate_is_deleted_for_the_owner(anna, owner, world):
    outlook_series(owner, "Standup", local_start(world))
    take_shared(anna, owner, role=DELEGATE)
    before = mark(world)
    world.admin.unlink("calendar.event", series_of(owner)[1]["id"])
    read_again(world)
    assert methods(anna, before) == ["DELETE"]
    assert len(assert_shown(owner)) == 3


def test_series_of_somebody_else_is_not_split(anna, owner, world, allowed_log):
    """In somebody else's calendar Odoo makes no second series, and says so."""
    allowed_log.append("somebody else's calendar")
    outlook_series(owner, "Standup", local_start(world))
    take_shared(anna, owner, role=DELEGATE)
    found = series_of(owner)
    before = mark(world)
    with pytest.raises(OdooError, match="somebody else's calendar"):
        world.admin.write(
            "calendar.event",
            found[2]["id"],
            {"name": "Retro", "recurrence_update": "future_events"},
        )
    read_again(world)
    assert len(assert_shown(owner)) == 4
    assert anna.writes(before) == []


@pytest.mark.parametrize("edit", ["name", "times", "rule"])
def test_series_of_a_calendar_that_may_only_be_read_is_not_written(
    anna, owner, world, allowed_log, edit
):
    allowed_log.append("organizes this meeting in Outlook")
    begin = local_start(world)
    outlook_series(owner, "Standup", begin)
    take_shared(anna, owner, role="read")
    later = begin + timedelta(hours=2)
    values = {
        "name": {"name": "Mine"},
        "times": {
            "start": odoo_time(utc(later)),
            "stop": odoo_time(utc(later + timedelta(hours=1))),
        },
        "rule": {"count": 3},
    }[edit]
    with pytest.raises(OdooError, match="organizes this meeting"):
        world.admin.write(
            "calendar.event",
            series_of(owner)[0]["id"],
            {**values, "recurrence_update": "all_events"},
        )
    read_again(world)
    assert len(assert_shown(owner)) == 4


def test_shared_calendar_that_two_people_have_makes_one_series(anna, ben, owner, world):
    """One series in Odoo, one link for each mailbox (docs/laws.md, law 5)."""
    master = outlook_series(owner, "Standup", local_start(world))
    take_shared(anna, owner)
    take_shared(ben, owner, role=DELEGATE)
    found = assert_shown(owner)
    assert len(found) == 4
    assert [one["is_primary"] for one in links_of(world, found)] == [True, False]
    owner.outlook_update(master, subject="Retro")
    read_again(world)
    now = assert_shown(owner)
    assert [one["id"] for one in now] == [one["id"] for one in found]
    # Whoever stops hands the series on to the other.
    anna.leave_calendar(owner.name)
    read_again(world)
    assert [one["is_primary"] for one in links_of(world, found)] == [False, True]
    owner.outlook_update(master, subject="Review")
    read_again(world)
    assert {one["name"] for one in assert_shown(owner)} == {"Review"}


def test_series_of_a_shared_calendar_whose_owner_begins_to_sync(anna, owner, world):
    """The owner's mailbox takes over; every event stays itself."""
    outlook_series(owner, "Standup", local_start(world))
    take_shared(anna, owner, role=DELEGATE)
    ids = [one["id"] for one in assert_shown(owner)]
    owner.connect()
    found = assert_same_series(owner)
    assert [one["id"] for one in found] == ids
    assert calendars_of(found) == {"Calendar"}
    by_account = {one["account_id"][1]: one for one in links_of(world, found)}
    of_owner = by_account[owner.account("display_name")["display_name"]]
    assert of_owner["is_primary"] is True
    before = mark(world)
    owner.write(ids[1], location="Hall 4", recurrence_update="all_events")
    read_again(world)
    assert methods(owner, before) == ["PATCH"]
    assert anna.writes(before) == []


def test_shared_series_of_somebody_who_syncs_is_one_series(anna, ben, world):
    """The order of the mailboxes does not matter."""
    outlook_series(ben, "Before", local_start(world))
    world.quiesce()
    take_shared(anna, ben, role=DELEGATE)
    outlook_series(ben, "After", local_start(world, 13))
    odoo_series(ben, "Made in Odoo", local_start(world, 16))
    read_again(world)
    read_again(world)
    found = assert_same_series(ben)
    assert len(found) == 12
    for name in ("Before", "After", "Made in Odoo"):
        links = links_of(world, [one for one in found if one["name"] == name])
        primary = [one["account_id"][1] for one in links if one["is_primary"]]
        assert primary == [ben.account("display_name")["display_name"]]
        assert len(links) == 2, name
    before = mark(world)
    ben.write(found[0]["id"], location="Hall 4", recurrence_update="all_events")
    read_again(world)
    assert methods(ben, before) == ["PATCH"]
    assert anna.writes(before) == []


def test_private_series_of_somebody_who_syncs_is_not_stripped(anna, ben, world):
    master = outlook_series(ben, "Doctor", local_start(world), sensitivity="private")
    take_shared(anna, ben)
    ben.outlook_update(master, location={"displayName": "Clinic"})
    read_again(world)
    found = assert_same_series(ben)
    assert {(one["name"], one["location"]) for one in found} == {("Doctor", "Clinic")}


@pytest.mark.parametrize("is_told", [True, False])
def test_series_of_a_calendar_that_is_shared_no_more_is_not_deleted(
    anna, owner, world, is_told
):
    """A missing event is not a deletion (docs/laws.md, law 7)."""
    master = outlook_series(owner, "Standup", local_start(world))
    shared = take_shared(anna, owner)
    ids = [one["id"] for one in series_of(owner)]
    if is_told:
        # The puller is about to read the series, and finds no calendar any more.
        world.admin.call(
            "praetorx.ms365.event.link",
            "action_read_again",
            [links_of(world, series_of(owner))[0]["id"]],
        )
    world.control.unshare_calendar(anna.upn, shared["id"])
    owner.outlook_update(master, subject="Retro")
    read_again(world)
    assert [one["id"] for one in series_of(owner)] == ids
    world.advance(2 * 24 * 3600)
    read_again(world)
    assert [one["id"] for one in series_of(owner)] == ids
    assert anna.calendar(shared["name"])["state"] == "vanished"


def test_write_to_a_shared_series_that_cannot_be_read_afterwards(anna, owner, world):
    """It waits for the calendar: nothing is deleted, and nothing is written twice."""
    outlook_series(owner, "Standup", local_start(world))
    shared = take_shared(anna, owner, role=DELEGATE)
    found = series_of(owner)
    fault = world.control.fault(
        "mailbox_not_enabled",
        method="GET",
        path="/calendars/",
        mailbox=anna.upn,
        times=None,
    )
    before = mark(world)
    anna.client.write(
        "calendar.event",
        found[1]["id"],
        {"location": "Hall 4", "recurrence_update": "self_only"},
    )
    eventually(
        lambda: anna.calendar(shared["name"])["state"] == "unreadable",
        "the calendar is known to be closed",
        meanwhile=world.wake,
    )
    assert [one["id"] for one in series_of(owner)] == [one["id"] for one in found]
    world.control.remove_fault(fault)
    world.advance(2 * 3600)
    read_again(world)
    assert len(assert_shown(owner)) == 4
    assert occurrences(owner)[1]["location"]["displayName"] == "Hall 4"
    assert methods(anna, before) == ["PATCH"]
    assert anna.calendar(shared["name"])["state"] == "listed"


def test_own_invitation_to_a_shared_series_is_the_same_series(anna, owner, world):
    master = outlook_series(owner, "Standup", local_start(world))
    take_shared(anna, owner)
    ids = [one["id"] for one in series_of(owner)]
    owner.outlook_update(master, attendees=[graph_attendee(anna)])
    read_again(world)
    read_again(world)
    found = series_of(owner)
    assert [one["id"] for one in found] == ids
    assert {frozenset(one["partner_ids"]) for one in found} == {
        frozenset([owner.partner_id, anna.partner_id])
    }
    assert calendars_of(found) == {f"Calendar of {anna.name}"}
