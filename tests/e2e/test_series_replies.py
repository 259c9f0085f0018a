"""Answers to invitations to a series, both ways: each is mailed once."""

from __future__ import annotations

import pytest

from .harness.odoo_client import OdooError
from .harness.person import Person, graph_attendee, mark
from .harness.series import (
    assert_same_series,
    local_start,
    occurrences,
    odoo_series,
    outlook_series,
    rows,
)
from .test_invitations import REPLIES, responses

EVERY = {"self_only": [1], "all_events": [0, 1, 2, 3]}


def reply_in_odoo(row: dict, who: Person, state: str, scope: str) -> None:
    """Answer in Odoo, as the buttons of the calendar do."""
    who.client.call(
        "calendar.event", "change_attendee_status", [row["id"]], state, scope
    )


def seen_by(person: Person) -> list[dict]:
    """Return the events of series in a person's Odoo calendar, in their order."""
    return person.client.search_read(
        "calendar.event",
        [("recurrence_id", "!=", False), ("partner_ids", "in", [person.partner_id])],
        ["id", "name"],
        order="start",
    )


def states(organizer: Person, attendee: Person) -> list[str]:
    """Return the attendee's answers in Odoo, in the order of the occurrences."""
    found = rows(organizer)
    parts = organizer.client.search_read(
        "calendar.attendee",
        [
            ("event_id", "in", [row["id"] for row in found]),
            ("partner_id", "=", attendee.partner_id),
        ],
        ["event_id", "state"],
    )
    state_of = {part["event_id"][0]: part["state"] for part in parts}
    return [state_of[row["id"]] for row in found]


def tallied(organizer: Person, attendee: Person) -> list[str]:
    """Return the attendee's answers as the organizer's Outlook shows them."""
    return [
        status["status"]["response"]
        for occurrence in occurrences(organizer)
        for status in occurrence["attendees"]
        if status["emailAddress"]["address"] == attendee.upn
    ]


def with_reply(state: str, numbers: list[int], others: str) -> list[str]:
    """Return four replies: ``state`` for ``numbers``, ``others`` for the rest."""
    return [state if number in numbers else others for number in range(4)]


@pytest.fixture
def standup(anna, ben, world) -> list[dict]:
    """Return Anna's weekly series with Ben, which is everywhere."""
    odoo_series(
        anna,
        "Standup",
        local_start(world),
        partner_ids=[(6, 0, [anna.partner_id, ben.partner_id])],
    )
    world.quiesce()
    world.control.reset_mails()
    return rows(anna)


@pytest.mark.parametrize("scope", EVERY)
@pytest.mark.parametrize("state", REPLIES)
def test_answer_given_in_odoo_reaches_the_organizer_once(
    state, scope, standup, anna, ben, world
):
    before = mark(world)
    reply_in_odoo(standup[1], ben, state, scope)
    world.quiesce()
    world.poll()
    world.quiesce()
    assert responses(world) == [(anna.upn, REPLIES[state])]
    assert tallied(anna, ben) == with_reply(REPLIES[state], EVERY[scope], "none")
    assert states(anna, ben) == with_reply(state, EVERY[scope], "needsAction")
    assert len(ben.writes(before)) == 1
    assert anna.writes(before) == []
    assert len(assert_same_series(anna)) == 4


@pytest.mark.parametrize("state", ["accepted", "tentative"])
def test_answer_given_in_outlook_reaches_odoo_and_is_not_sent_back(
    state, standup, anna, ben, world
):
    before = mark(world)
    world.control.respond(ben.upn, occurrences(ben)[1]["id"], REPLIES[state])
    world.quiesce()
    assert states(anna, ben) == with_reply(state, [1], "needsAction")
    [master] = ben.outlook_events()
    world.control.respond(ben.upn, master["id"], "accepted")
    world.quiesce()
    assert states(anna, ben) == with_reply(state, [1], "accepted")
    assert [*anna.writes(before), *ben.writes(before)] == []
    assert len(responses(world)) == 2


def test_series_is_answered_with_all_that_was_answered_apart(standup, anna, ben, world):
    reply_in_odoo(standup[1], ben, "tentative", "self_only")
    world.quiesce()
    reply_in_odoo(standup[0], ben, "accepted", "all_events")
    world.quiesce()
    assert states(anna, ben) == ["accepted"] * 4
    assert tallied(anna, ben) == ["accepted"] * 4


def test_answers_to_the_series_and_to_one_of_it_at_once(standup, anna, ben, world):
    reply_in_odoo(standup[0], ben, "accepted", "all_events")
    reply_in_odoo(standup[2], ben, "declined", "self_only")
    world.quiesce()
    assert responses(world) == [(anna.upn, "accepted"), (anna.upn, "declined")]
    assert states(anna, ben) == with_reply("declined", [2], "accepted")
    assert tallied(anna, ben) == with_reply("declined", [2], "accepted")


def test_answer_to_some_of_a_series_is_refused_before_anything_is_sent(
    standup, ben, world, allowed_log
):
    before = mark(world)
    allowed_log.append("one occurrence, or to the whole series")
    with pytest.raises(OdooError, match="one occurrence, or to the whole series"):
        reply_in_odoo(standup[2], ben, "accepted", "future_events")
    world.quiesce()
    assert ben.writes(before) == []


@pytest.mark.parametrize("scope", EVERY)
def test_answer_whose_confirmation_is_lost_is_mailed_once(
    scope, standup, anna, ben, world
):
    world.control.fault("answer_lost", method="POST", path="/accept", mailbox=ben.upn)
    reply_in_odoo(standup[1], ben, "accepted", scope)
    world.quiesce()
    assert responses(world) == [(anna.upn, "accepted")]
    assert states(anna, ben) == with_reply("accepted", EVERY[scope], "needsAction")


@pytest.mark.parametrize("scope", EVERY)
@pytest.mark.parametrize("state", ["accepted", "declined"])
def test_answer_is_mailed_once_though_odoo_dies_while_sending(
    state, scope, standup, anna, ben, world, allowed_log
):
    clients = anna.client, ben.client
    with world.killed_while_sending(ben.upn, path="/events/", clients=clients):
        reply_in_odoo(standup[1], ben, state, scope)
    world.quiesce()
    assert responses(world) == [(anna.upn, REPLIES[state])]
    assert states(anna, ben) == with_reply(state, EVERY[scope], "needsAction")


def test_answer_before_the_invitation_has_arrived_is_sent_when_it_has(anna, ben, world):
    for person in (anna, ben):
        world.control.fault("notification_lost", mailbox=person.upn, times=None)
    odoo_series(
        anna,
        "Standup",
        local_start(world),
        partner_ids=[(6, 0, [anna.partner_id, ben.partner_id])],
    )
    reply_in_odoo(rows(anna)[0], ben, "accepted", "all_events")
    world.quiesce()
    assert responses(world) == [(anna.upn, "accepted")]
    assert tallied(anna, ben) == ["accepted"] * 4


def test_declined_series_leaves_one_mailbox_and_no_other(standup, anna, ben, world):
    reply_in_odoo(standup[0], ben, "declined", "all_events")
    world.quiesce()
    assert ben.outlook_events() == []
    assert len(assert_same_series(anna)) == 4
    anna.write(standup[0]["id"], name="Daily", recurrence_update="all_events")
    world.quiesce()
    assert {row["name"] for row in assert_same_series(anna)} == {"Daily"}
    assert [row["id"] for row in rows(anna)] == [row["id"] for row in standup]


def test_occurrence_of_an_outside_organizer_that_was_declined_stays_in_odoo(
    make_person, world
):
    """In Outlook it is gone; the meeting is not, and other guests see it in Odoo."""
    host, anna = make_person("host"), make_person("anna").connect()
    start = local_start(world)
    outlook_series(host, "Fair", start, attendees=[graph_attendee(anna)])
    world.quiesce()
    world.control.reset_mails()
    found = seen_by(anna)
    reply_in_odoo(found[1], anna, "declined", "self_only")
    world.quiesce()
    world.poll()
    world.quiesce()
    assert responses(world) == [(host.upn, "declined")]
    assert len(occurrences(anna)) == 3
    assert [row["id"] for row in seen_by(anna)] == [row["id"] for row in found]
    [master] = host.outlook_events()
    host.outlook_update(master, subject="Fair in May")
    world.quiesce()
    assert [row["id"] for row in seen_by(anna)] == [row["id"] for row in found]
