"""Answers to invitations, both ways: each is mailed once."""

from __future__ import annotations

import pytest

from .harness.person import Person, mark
from .test_meetings import mails_of, reply_of

REPLIES = {
    "accepted": "accepted",
    "tentative": "tentativelyAccepted",
    "declined": "declined",
}


def reply_in_odoo(event_id: int, who: Person, state: str) -> None:
    """Answer in Odoo, as the buttons of the calendar do."""
    who.client.call(
        "calendar.event", "change_attendee_status", [event_id], state, "self_only"
    )


def replies_in_outlook(organizer: Person, subject: str) -> dict[str, str]:
    """Return address -> answer, as the organizer's Outlook shows them."""
    attendees = organizer.outlook_event(subject)["attendees"]
    return {
        one["emailAddress"]["address"]: one["status"]["response"] for one in attendees
    }


def responses(world) -> list[tuple[str, str]]:
    """Return recipient and answer of each mail that told an organizer of one."""
    return [
        (one["to"], one["response"])
        for one in world.control.mails()
        if one["kind"] == "response"
    ]


@pytest.fixture
def planning(anna, ben, world) -> int:
    """Return Anna's meeting with Ben, which is everywhere."""
    event_id = anna.create("Planning", attendees=[ben])
    world.quiesce()
    world.control.reset_mails()
    return event_id


@pytest.mark.parametrize("state", REPLIES)
def test_answer_given_in_odoo_reaches_the_organizer_once(
    state, planning, anna, ben, world
):
    before = mark(world)
    reply_in_odoo(planning, ben, state)
    world.quiesce()
    world.poll()
    world.quiesce()
    assert responses(world) == [(anna.upn, REPLIES[state])]
    assert replies_in_outlook(anna, "Planning") == {ben.upn: REPLIES[state]}
    assert reply_of(planning, anna, ben) == state
    assert len(ben.writes(before)) == 1
    assert anna.writes(before) == []


def test_declining_in_odoo_deletes_the_meeting_for_nobody(planning, anna, ben, world):
    reply_in_odoo(planning, ben, "declined")
    world.quiesce()
    assert ben.outlook_events("Planning") == []
    assert anna.event(planning)["active"] is True
    anna.assert_same("Planning")


def test_answer_whose_confirmation_is_lost_is_mailed_once(planning, anna, ben, world):
    world.control.fault("answer_lost", method="POST", path="/accept", mailbox=ben.upn)
    reply_in_odoo(planning, ben, "accepted")
    world.quiesce()
    assert responses(world) == [(anna.upn, "accepted")]
    assert reply_of(planning, anna, ben) == "accepted"


@pytest.mark.parametrize("state", ["accepted", "declined"])
def test_answer_is_mailed_once_though_odoo_dies_while_sending(
    state, planning, anna, ben, world, allowed_log
):
    clients = anna.client, ben.client
    with world.killed_while_sending(ben.upn, path="/events/", clients=clients):
        reply_in_odoo(planning, ben, state)
    world.quiesce()
    assert responses(world) == [(anna.upn, REPLIES[state])]
    assert reply_of(planning, anna, ben) == state


def test_answer_given_while_graph_is_down_arrives_later(planning, anna, ben, world):
    world.control.fault("unavailable", mailbox=ben.upn, times=4, retry_after=2)
    reply_in_odoo(planning, ben, "accepted")
    world.quiesce()
    assert responses(world) == [(anna.upn, "accepted")]


def test_answer_before_the_invitation_has_arrived_is_sent_when_it_has(anna, ben, world):
    world.control.fault("notification_lost", mailbox=ben.upn, times=None)
    world.control.fault("notification_lost", mailbox=anna.upn, times=None)
    event_id = anna.create("Planning", attendees=[ben])
    reply_in_odoo(event_id, ben, "accepted")
    world.quiesce()
    assert responses(world) == [(anna.upn, "accepted")]
    assert replies_in_outlook(anna, "Planning") == {ben.upn: "accepted"}


def test_last_of_several_answers_in_odoo_counts(planning, anna, ben, world):
    for state in ("accepted", "tentative"):
        reply_in_odoo(planning, ben, state)
    world.quiesce()
    assert responses(world)[-1] == (anna.upn, "tentativelyAccepted")
    assert reply_of(planning, anna, ben) == "tentative"


def test_later_answer_in_outlook_beats_the_one_that_waits_in_odoo(
    planning, anna, ben, world
):
    down = world.control.fault("unavailable", mailbox=ben.upn, times=None)
    reply_in_odoo(planning, ben, "accepted")
    world.advance(60)
    copy = ben.outlook_event("Planning")
    world.control.respond(ben.upn, copy["id"], "tentativelyAccepted")
    world.control.remove_fault(down)
    world.quiesce()
    world.poll()
    world.quiesce()
    assert responses(world) == [(anna.upn, "tentativelyAccepted")]
    assert reply_of(planning, anna, ben) == "tentative"


@pytest.mark.parametrize("state", REPLIES)
def test_answer_given_in_outlook_reaches_odoo_and_is_not_sent_back(
    state, planning, anna, ben, world
):
    before = mark(world)
    world.control.respond(ben.upn, ben.outlook_event("Planning")["id"], REPLIES[state])
    world.quiesce()
    assert reply_of(planning, anna, ben) == state
    assert [*anna.writes(before), *ben.writes(before)] == []
    assert responses(world) == [(anna.upn, REPLIES[state])]


def test_answer_to_an_outside_organizer_goes_through_the_own_mailbox(
    make_person, world
):
    host, anna = make_person("host"), make_person("anna").connect()
    host.outlook_create("Fair", attendees=[anna])
    world.quiesce()
    world.control.reset_mails()
    event = anna.only_event("Fair")
    reply_in_odoo(event["id"], anna, "declined")
    world.quiesce()
    assert responses(world) == [(host.upn, "declined")]
    assert replies_in_outlook(host, "Fair") == {anna.upn: "declined"}
    assert anna.event(event["id"])["active"] is True


def test_meeting_declined_in_odoo_comes_back_with_the_organizers_next_change(
    make_person, world
):
    host, anna = make_person("host"), make_person("anna").connect()
    remote = host.outlook_create("Fair", attendees=[anna])
    world.quiesce()
    event = anna.only_event("Fair")
    reply_in_odoo(event["id"], anna, "declined")
    world.quiesce()
    host.outlook_update(remote, subject="Fair in May")
    world.quiesce()
    assert anna.only_event("Fair in May")["id"] == event["id"]
    assert mails_of(world).count(("response", host.upn)) == 1


def test_answer_of_an_attendee_without_a_mailbox_here_stays_in_odoo(
    anna, make_person, world
):
    cleo = make_person("cleo")
    event_id = anna.create("Planning", attendees=[cleo])
    world.quiesce()
    before = mark(world)
    reply_in_odoo(event_id, cleo, "accepted")
    world.quiesce()
    anna.write(event_id, location="Room 1")
    world.quiesce()
    assert reply_of(event_id, anna, cleo) == "accepted"
    assert [request["method"] for request in anna.writes(before)] == ["PATCH"]


@pytest.mark.parametrize("is_synced", [True, False])
def test_person_who_is_invited_again_answers_again(is_synced, anna, make_person, world):
    cleo = make_person("cleo")
    if is_synced:
        cleo.connect()
    event_id = anna.create("Planning", attendees=[cleo])
    world.quiesce()
    for _invitation in range(2):
        assert reply_of(event_id, anna, cleo) == "needsAction"
        copy = cleo.outlook_event("Planning")
        world.control.respond(cleo.upn, copy["id"], "accepted")
        world.quiesce()
        assert reply_of(event_id, anna, cleo) == "accepted"
        for command in (3, 4):
            anna.write(event_id, partner_ids=[(command, cleo.partner_id)])
            world.quiesce()
    assert mails_of(world).count(("invitation", cleo.upn)) == 3


def test_declining_what_was_thrown_away_in_outlook_harms_nothing(
    planning, anna, ben, world
):
    world.control.fault("notification_lost", mailbox=ben.upn, times=None)
    ben.outlook_delete(ben.outlook_event("Planning"))
    reply_in_odoo(planning, ben, "declined")
    world.quiesce()
    assert anna.event(planning)["active"] is True
    assert reply_of(planning, anna, ben) == "declined"
