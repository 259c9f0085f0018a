"""Series go both ways: one action is one write, and no event is made anew."""

from __future__ import annotations

from datetime import timedelta

import pytest

from .harness.odoo_client import OdooError
from .harness.person import graph_attendee, graph_time, mark, odoo_time
from .harness.series import (
    WINDOWS_ZONE,
    assert_same_series,
    local_start,
    occurrences,
    odoo_series,
    outlook_series,
    rows,
    states_of,
    utc,
    weekly,
)


def methods(person, before):
    return [request["method"] for request in person.writes(before)]


def assert_no_echo(person, world):
    """Fail if a second reading writes anything (docs/laws.md, law 1)."""
    world.quiesce()
    before, written = mark(world), [row["write_date"] for row in rows(person)]
    world.poll()
    world.quiesce()
    assert person.writes(before) == []
    assert [row["write_date"] for row in rows(person)] == written


def test_series_made_in_outlook_arrives_in_odoo(anna, world):
    before = mark(world)
    outlook_series(anna, "Standup", local_start(world))
    world.quiesce()
    found = assert_same_series(anna)
    assert len(found) == 4
    assert len({row["recurrence_id"][0] for row in found}) == 1
    assert anna.writes(before) == []
    assert_no_echo(anna, world)


def test_series_made_in_odoo_is_one_master_in_outlook(anna, world):
    """Complaint odoo/odoo#115253: series could not be made in Odoo at all."""
    before = mark(world)
    odoo_series(anna, "Standup", local_start(world))
    world.quiesce()
    assert len(assert_same_series(anna)) == 4
    assert methods(anna, before) == ["POST"]
    [master] = anna.outlook_events()
    assert master["type"] == "seriesMaster"
    assert_no_echo(anna, world)


def test_series_with_dates_in_twenty_years_holds_nothing_up(anna, world):
    """Graph lists five years at once, and we do not wait for later occurrences."""
    before = mark(world)
    start = local_start(world)
    odoo_series(anna, "Audit", start, count=20, rrule_type="yearly")
    world.quiesce()
    anna.create("Lunch")
    anna.write(rows(anna)[0]["id"], location="Hall", recurrence_update="self_only")
    world.quiesce()
    assert methods(anna, before) == ["POST", "POST", "PATCH"]
    assert [event["subject"] for event in anna.outlook_events()] == ["Audit", "Lunch"]
    assert occurrences(anna)[0]["location"]["displayName"] == "Hall"
    assert states_of(rows(anna)) == {"synced"}
    assert_no_echo(anna, world)


def test_series_stays_at_its_hour_when_the_clocks_change(anna, world):
    odoo_series(anna, "Standup", local_start(world), count=30)
    world.quiesce()
    shown = occurrences(anna)
    found = assert_same_series(anna)
    assert len(shown) == len(found) > 20
    assert len({row["start"][11:] for row in found}) == 2, "UTC moves with the clocks"


@pytest.mark.parametrize("scope", ["self_only", "all_events", "future_events"])
def test_rename_in_odoo_is_as_few_writes_as_can_be(anna, world, scope):
    outlook_series(anna, "Standup", local_start(world))
    world.quiesce()
    ids = [row["id"] for row in rows(anna)]
    before = mark(world)
    anna.write(ids[2], name="Retro", recurrence_update=scope)
    world.quiesce()
    found = assert_same_series(anna)
    assert [row["id"] for row in found] == ids
    renamed = {"self_only": [2], "all_events": [0, 1, 2, 3], "future_events": [2, 3]}
    expected = ["Retro" if n in renamed[scope] else "Standup" for n in range(4)]
    assert [row["name"] for row in found] == expected
    # There is no call for "this and following" (docs/graph.md): it takes two.
    assert sorted(methods(anna, before)) == (
        ["PATCH", "POST"] if scope == "future_events" else ["PATCH"]
    )
    assert_no_echo(anna, world)


@pytest.mark.parametrize("scope", ["self_only", "all_events", "future_events"])
def test_move_in_odoo_keeps_every_event(anna, world, scope):
    start = local_start(world)
    outlook_series(anna, "Standup", start)
    world.quiesce()
    ids = [row["id"] for row in rows(anna)]
    moved = start + timedelta(weeks=2, hours=2)
    before = mark(world)
    anna.write(
        ids[2],
        start=odoo_time(utc(moved)),
        stop=odoo_time(utc(moved + timedelta(hours=1))),
        recurrence_update=scope,
    )
    world.quiesce()
    found = assert_same_series(anna)
    assert [row["id"] for row in found] == ids
    assert found[2]["start"] == odoo_time(utc(moved))
    assert len(methods(anna, before)) == (2 if scope == "future_events" else 1)
    assert_no_echo(anna, world)


def test_occurrence_deleted_in_odoo_is_one_delete(anna, world):
    outlook_series(anna, "Standup", local_start(world))
    world.quiesce()
    before = mark(world)
    anna.unlink(rows(anna)[1]["id"])
    world.quiesce()
    assert len(assert_same_series(anna)) == 3
    assert methods(anna, before) == ["DELETE"]
    assert_no_echo(anna, world)


def test_series_deleted_in_odoo_is_one_delete(anna, world):
    odoo_series(anna, "Standup", local_start(world))
    world.quiesce()
    before = mark(world)
    first = rows(anna)[0]["id"]
    anna.client.call("calendar.event", "action_mass_deletion", [first], "all_events")
    world.quiesce()
    assert anna.outlook_events() == []
    assert methods(anna, before) == ["DELETE"]


def test_occurrence_changed_in_outlook_is_changed_in_odoo(anna, world):
    outlook_series(anna, "Standup", local_start(world))
    world.quiesce()
    ids = [row["id"] for row in rows(anna)]
    second, third = occurrences(anna)[1:3]
    world.control.update_event(anna.upn, second["id"], {"subject": "Retro"})
    world.control.delete_event(anna.upn, third["id"])
    world.quiesce()
    found = assert_same_series(anna)
    assert [row["id"] for row in found] == [ids[0], ids[1], ids[3]]
    assert found[1]["name"] == "Retro"
    assert_no_echo(anna, world)


def test_series_dragged_in_outlook_keeps_every_event(anna, world):
    """Complaint odoo/odoo#271529: dragging a series in Outlook doubled it."""
    start = local_start(world)
    master = outlook_series(anna, "Standup", start)
    world.quiesce()
    ids = [row["id"] for row in rows(anna)]
    later = start + timedelta(hours=3)
    anna.outlook_update(
        master,
        start=graph_time(later, WINDOWS_ZONE),
        end=graph_time(later + timedelta(hours=1), WINDOWS_ZONE),
    )
    world.quiesce()
    assert [row["id"] for row in assert_same_series(anna)] == ids
    assert_no_echo(anna, world)


def test_single_event_made_a_series_in_outlook_and_back(anna, world):
    """Complaint odoo/odoo#271787: the single event was left beside the series."""
    start = local_start(world)
    event = anna.outlook_create(
        "Standup",
        start=graph_time(start, WINDOWS_ZONE),
        end=graph_time(start + timedelta(hours=1), WINDOWS_ZONE),
    )
    world.quiesce()
    [event_id] = [one["id"] for one in anna.events("Standup")]
    anna.outlook_update(event, recurrence=weekly(start))
    world.quiesce()
    found = assert_same_series(anna)
    assert len(found) == 4
    assert found[0]["id"] == event_id
    anna.outlook_update(event, recurrence=None)
    world.quiesce()
    assert [one["id"] for one in anna.events("Standup")] == [event_id]
    anna.assert_same("Standup")


def test_edit_of_an_event_that_outlook_makes_a_series_is_sent_for_the_series(
    anna, world
):
    start = local_start(world)
    event = anna.outlook_create(
        "Standup",
        start=graph_time(start, WINDOWS_ZONE),
        end=graph_time(start + timedelta(hours=1), WINDOWS_ZONE),
    )
    world.quiesce()
    [event_id] = [one["id"] for one in anna.events("Standup")]
    before = mark(world)
    down = world.control.fault(
        "unavailable", method="PATCH", mailbox=anna.upn, times=None
    )
    anna.write(event_id, location="Hall 4")
    anna.outlook_update(event, recurrence=weekly(start))
    world.poll()
    world.control.remove_fault(down)
    world.quiesce()
    found = assert_same_series(anna)
    assert [row["location"] for row in found] == ["Hall 4"] * 4
    assert found[0]["id"] == event_id
    asked = world.control.requests(mailbox=anna.upn, path="/events/", after=before)
    assert len([one for one in asked if one["method"] == "GET"]) < 12


def test_single_event_made_a_series_in_odoo_stays_one_in_outlook(anna, world):
    start = local_start(world)
    event_id = anna.client.create(
        "calendar.event",
        {
            "name": "Standup",
            "start": odoo_time(utc(start)),
            "stop": odoo_time(utc(start + timedelta(hours=1))),
            "alarm_ids": [(6, 0, [])],
        },
        skip_contact_description=True,
    )
    world.quiesce()
    [remote] = anna.outlook_events()
    before = mark(world)
    anna.write(
        event_id,
        recurrency=True,
        rrule_type="daily",
        end_type="count",
        count=3,
        event_tz="Europe/Berlin",
    )
    world.quiesce()
    assert len(assert_same_series(anna)) == 3
    assert [one["id"] for one in anna.outlook_events()] == [remote["id"]]
    assert methods(anna, before) == ["PATCH"]
    assert_no_echo(anna, world)


def test_end_changed_in_outlook_adds_and_takes_events(anna, world):
    start = local_start(world)
    master = outlook_series(anna, "Standup", start)
    world.quiesce()
    ids = [row["id"] for row in rows(anna)]
    anna.outlook_update(master, recurrence=weekly(start, count=6))
    world.quiesce()
    assert [row["id"] for row in assert_same_series(anna)][:4] == ids
    anna.outlook_update(master, recurrence=weekly(start, count=2))
    world.quiesce()
    assert [row["id"] for row in assert_same_series(anna)] == ids[:2]


def test_series_of_a_mailbox_without_an_end_reaches_as_far_as_the_window(anna, world):
    """Complaint odoo/odoo#247929: a series for ever was made for 720 years."""
    start = local_start(world)
    endless = weekly(start)
    endless["range"] = {"type": "noEnd", "startDate": f"{start:%Y-%m-%d}"}
    anna.world.control.create_event(
        anna.upn,
        {
            "subject": "For ever",
            "start": graph_time(start, WINDOWS_ZONE),
            "end": graph_time(start + timedelta(hours=1), WINDOWS_ZONE),
            "recurrence": endless,
        },
    )
    world.quiesce()
    assert 50 <= len(rows(anna)) <= 54


def test_create_of_a_series_that_was_answered_to_nobody_is_not_doubled(anna, world):
    world.control.fault("answer_lost", method="POST", path="/events", mailbox=anna.upn)
    odoo_series(anna, "Standup", local_start(world))
    world.quiesce()
    assert len(anna.outlook_events()) == 1
    assert_same_series(anna)
    assert_no_echo(anna, world)


@pytest.mark.parametrize("scope", ["self_only", "all_events"])
def test_edit_of_a_series_that_was_answered_to_nobody_is_sent_once(anna, world, scope):
    outlook_series(anna, "Standup", local_start(world))
    world.quiesce()
    world.control.fault("answer_lost", method="PATCH", path="/events", mailbox=anna.upn)
    before = mark(world)
    anna.write(rows(anna)[1]["id"], name="Retro", recurrence_update=scope)
    world.quiesce()
    assert_same_series(anna)
    assert methods(anna, before) == ["PATCH"]


def test_both_sides_edit_different_things_of_a_series(anna, world):
    master = outlook_series(anna, "Standup", local_start(world))
    world.quiesce()
    world.control.fault("notification_lost", mailbox=anna.upn, times=None)
    anna.outlook_update(master, location={"displayName": "Hall 4"})
    anna.write(rows(anna)[1]["id"], name="Retro", recurrence_update="self_only")
    world.quiesce()
    world.control.clear_faults()
    world.poll()
    world.quiesce()
    found = assert_same_series(anna)
    assert {row["location"] for row in found} == {"Hall 4"}
    assert [row["name"] for row in found].count("Retro") == 1


def test_both_sides_rename_a_series_and_a_person_chooses(anna, world):
    master = outlook_series(anna, "Standup", local_start(world))
    world.quiesce()
    world.control.fault("notification_lost", mailbox=anna.upn, times=None)
    anna.outlook_update(master, subject="Daily")
    anna.write(rows(anna)[0]["id"], name="Scrum", recurrence_update="all_events")
    world.quiesce()
    world.control.clear_faults()
    [conflict] = anna.conflicts()
    assert "subject" in conflict["field_names"]
    anna.resolve("odoo")
    world.quiesce()
    assert {row["name"] for row in assert_same_series(anna)} == {"Scrum"}
    assert anna.conflicts() == []


def test_meeting_that_repeats_is_one_series_for_both(anna, ben, world):
    """Complaint odoo/odoo#70769: a meeting was doubled for each synced attendee."""
    outlook_series(anna, "Standup", local_start(world), attendees=[graph_attendee(ben)])
    world.quiesce()
    world.poll()
    world.quiesce()
    found = assert_same_series(anna)
    assert len(found) == 4
    everything = world.admin.search_read(
        "calendar.event",
        [("name", "=", "Standup"), ("partner_ids", "in", [ben.partner_id])],
        ["id"],
    )
    assert len(everything) == 4
    assert all(ben.partner_id in row["partner_ids"] for row in found)


def test_invitation_to_a_series_made_in_odoo_is_one_mail(anna, ben, world):
    """Complaint odoo/odoo#264774: one mail for each occurrence and attendee."""
    world.control.reset_mails()
    odoo_series(
        anna,
        "Standup",
        local_start(world),
        partner_ids=[(6, 0, [anna.partner_id, ben.partner_id])],
    )
    world.quiesce()
    mails = world.control.mails()
    assert [mail["to"] for mail in mails] == [ben.upn] or len(mails) == 1
    world.control.reset_mails()
    anna.write(rows(anna)[0]["id"], name="Daily", recurrence_update="all_events")
    world.quiesce()
    assert len(world.control.mails()) == 1


def test_attendee_cannot_change_a_series_of_an_organizer_elsewhere(
    anna, world, allowed_log
):
    """Complaint odoo/odoo#169888: an attendee took over the organizer's series."""
    world.control.add_mailbox("otto@contoso.example", "contoso")
    start = local_start(world)
    world.control.create_event(
        "otto@contoso.example",
        {
            "subject": "Otto's",
            "start": graph_time(start, WINDOWS_ZONE),
            "end": graph_time(start + timedelta(hours=1), WINDOWS_ZONE),
            "recurrence": weekly(start),
            "attendees": [graph_attendee(anna.upn)],
        },
    )
    world.quiesce()
    found = anna.client.search_read(
        "calendar.event", [("name", "=", "Otto's")], ["id"], order="start"
    )
    allowed_log.append("organizes this meeting and is not a user")
    with pytest.raises(OdooError, match="organizes this meeting and is not a user"):
        anna.write(found[0]["id"], name="Mine", recurrence_update="all_events")


# --- edited while the sync was off ----------------------------------------------------


def test_series_edited_while_off_is_sent_when_the_sync_is_on_again(anna, world):
    outlook_series(anna, "Standup", local_start(world))
    world.quiesce()
    anna.switch_off()
    before = mark(world)
    anna.write(rows(anna)[1]["id"], name="Daily", recurrence_update="all_events")
    anna.unlink(rows(anna)[3]["id"])
    world.quiesce()
    assert anna.writes(before) == []
    anna.switch_on()
    world.quiesce()
    found = assert_same_series(anna)
    assert [row["name"] for row in found] == ["Daily"] * 3
    assert_no_echo(anna, world)


def test_series_with_guests_edited_while_off_waits_for_the_owners_word(anna, world):
    guest = graph_attendee("gus@elsewhere.example")
    outlook_series(anna, "Standup", local_start(world), attendees=[guest])
    world.quiesce()
    anna.switch_off()
    world.control.reset_mails()
    anna.write(rows(anna)[1]["id"], name="Daily", recurrence_update="all_events")
    anna.switch_on()
    world.quiesce()
    world.poll()
    world.quiesce()
    assert world.control.mails() == []
    assert anna.outlook_events()[0]["subject"] == "Standup"
    account = anna.account("waiting_event_count", "waiting_mail_count")
    assert (account["waiting_event_count"], account["waiting_mail_count"]) == (1, 1)
    anna.send_waiting()
    world.quiesce()
    assert {row["name"] for row in assert_same_series(anna)} == {"Daily"}
    assert len(world.control.mails()) == 1


def test_series_deleted_while_off_is_deleted_in_outlook_then(anna, world):
    outlook_series(anna, "Standup", local_start(world))
    world.quiesce()
    anna.switch_off()
    first = rows(anna)[0]["id"]
    anna.client.call("calendar.event", "action_mass_deletion", [first], "all_events")
    anna.switch_on()
    world.quiesce()
    assert anna.outlook_events() == []
    assert rows(anna) == []


def test_title_prefix_of_a_series_is_seen_in_outlook_only(anna, world):
    anna.client.set_preferences(ms365_title_prefix="[Odoo]")
    odoo_series(anna, "Standup", local_start(world))
    world.quiesce()
    world.poll()
    world.quiesce()
    [master] = anna.outlook_events()
    assert master["subject"] == "[Odoo] Standup"
    found = rows(anna)
    assert {row["name"] for row in found} == {"Standup"}
    anna.write(found[1]["id"], name="Retro", recurrence_update="self_only")
    world.quiesce()
    assert occurrences(anna)[1]["subject"] == "[Odoo] Retro"
    anna.outlook_update(master, subject="[Odoo] Daily")
    world.quiesce()
    names = ["Daily", "Retro", "Daily", "Daily"]
    assert [row["name"] for row in rows(anna)] == names
    before = mark(world)
    world.poll()
    world.quiesce()
    assert anna.writes(before) == []


def test_prefix_of_an_event_that_becomes_a_series_stays_out_of_odoo(anna, world):
    anna.client.set_preferences(ms365_title_prefix="[Odoo]")
    event_id = anna.create("Standup")
    world.quiesce()
    start = local_start(world)
    remote = anna.outlook_event("[Odoo] Standup")
    anna.outlook_update(
        remote,
        start=graph_time(start, WINDOWS_ZONE),
        end=graph_time(start + timedelta(hours=1), WINDOWS_ZONE),
        recurrence=weekly(start),
    )
    world.quiesce()
    found = rows(anna)
    assert [row["name"] for row in found] == ["Standup"] * 4
    assert event_id in [row["id"] for row in found]
