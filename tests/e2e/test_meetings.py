"""Test meetings: one Odoo event for all attendees, and mails only after edits."""

from __future__ import annotations

from .harness.person import Person, mark


def mails_of(world) -> list[tuple[str, str]]:
    """Return kind and recipient of every mail that Exchange would have sent."""
    return sorted((one["kind"], one["to"]) for one in world.control.mails())


def reply_of(event_id: int, organizer: Person, attendee: Person) -> str:
    """Return the reply of an attendee in Odoo."""
    [found] = organizer.client.search_read(
        "calendar.attendee",
        [("event_id", "=", event_id), ("partner_id", "=", attendee.partner_id)],
        ["state"],
    )
    return found["state"]


def test_two_synced_attendees_share_one_event(anna, ben, world):
    anna.create("Planning", attendees=[ben])
    anna.outlook_create("Review", 11, attendees=[ben])
    world.quiesce()
    for name in ("Planning", "Review"):
        event = anna.only_event(name)
        assert ben.only_event(name)["id"] == event["id"]
        assert event["user_id"][0] == anna.user_id
        assert len(ben.outlook_events(name)) == 1
        anna.assert_same(name)


def test_invitation_made_in_odoo_is_mailed_once(anna, ben, world):
    anna.create("Planning", attendees=[ben])
    world.quiesce()
    assert mails_of(world) == [("invitation", ben.upn)]


def test_edit_by_a_delegate_in_odoo_goes_through_the_organizers_mailbox(
    anna, ben, world
):
    anna.client.set_preferences(ms365_delegate_ids=[(4, ben.user_id)])
    event_id = anna.create("Planning", attendees=[ben])
    world.quiesce()
    before = mark(world)
    ben.write(event_id, name="Replanning")
    world.quiesce()
    [request] = anna.writes(before)
    assert request["body"] == {"subject": "Replanning"}
    assert ben.writes(before) == []
    anna.assert_same("Replanning")
    assert len(ben.outlook_events("Replanning")) == 1


def test_answer_given_in_outlook_shows_in_odoo_and_writes_nothing(anna, ben, world):
    event_id = anna.create("Planning", attendees=[ben])
    world.quiesce()
    before = mark(world)
    copy = ben.outlook_event("Planning")
    world.control.respond(ben.upn, copy["id"], "accepted")
    world.quiesce()
    assert reply_of(event_id, anna, ben) == "accepted"
    assert [*anna.writes(before), *ben.writes(before)] == []


def test_sync_never_answers_for_a_person(anna, ben, world):
    anna.create("Planning", attendees=[ben])
    ben.outlook_create("Review", 11, attendees=[anna])
    world.quiesce()
    world.poll()
    world.quiesce()
    assert ben.outlook_event("Planning")["responseStatus"]["response"] in (
        "none",
        "notResponded",
    )
    assert all(kind == "invitation" for kind, _to in mails_of(world))


def test_attendee_added_in_outlook_arrives_in_odoo(anna, ben, world):
    remote = anna.outlook_create("Review")
    world.quiesce()
    attendee = {"emailAddress": {"address": ben.upn, "name": ben.name}}
    anna.outlook_update(remote, attendees=[{"type": "required", **attendee}])
    world.quiesce()
    assert ben.only_event("Review")["id"] == anna.only_event("Review")["id"]
    anna.assert_same("Review")


def test_attendee_removed_in_outlook_leaves_the_odoo_event(anna, ben, world):
    remote = anna.outlook_create("Review", attendees=[ben])
    world.quiesce()
    anna.outlook_update(remote, attendees=[])
    world.quiesce()
    assert ben.events("Review") == []
    anna.assert_same("Review")


def test_attendee_removed_in_odoo_is_told_by_exchange_once(anna, ben, world):
    event_id = anna.create("Planning", attendees=[ben])
    world.quiesce()
    world.control.reset_mails()
    anna.write(event_id, partner_ids=[(3, ben.partner_id)])
    world.quiesce()
    assert mails_of(world) == [("cancellation", ben.upn)]
    assert anna.outlook_event("Planning")["attendees"] == []


def test_unknown_outside_attendee_becomes_one_contact(anna, world):
    address = f"customer.{anna.login}@fabrikam.example"
    anna.outlook_create("Review", attendees=[address])
    anna.outlook_create("Second review", 11, attendees=[address])
    world.quiesce()
    found = world.admin.search_read(
        "res.partner", [("email_normalized", "=", address)], ["name"]
    )
    assert len(found) == 1
    anna.assert_same("Review")
    anna.assert_same("Second review")


def test_organizer_deletes_the_meeting_in_odoo_and_it_leaves_both_mailboxes(
    anna, ben, world
):
    event_id = anna.create("Planning", attendees=[ben])
    world.quiesce()
    world.control.reset_mails()
    before = mark(world)
    anna.unlink(event_id)
    world.quiesce()
    assert anna.outlook_events("Planning") == []
    assert [one["method"] for one in anna.writes(before)] == ["DELETE"]
    assert ben.writes(before) == []
    assert mails_of(world) == [("cancellation", ben.upn)]
    assert ben.events("Planning") == []


def test_meeting_of_an_outside_organizer_is_one_event_for_all(make_person, world):
    guest = make_person("host")  # in the directory, not synced
    anna, ben = make_person("anna").connect(), make_person("ben").connect()
    guest.outlook_create("Fair", attendees=[anna, ben])
    world.quiesce()
    assert anna.only_event("Fair")["id"] == ben.only_event("Fair")["id"]
    before = mark(world)
    world.poll()
    world.quiesce()
    assert [*anna.writes(before), *ben.writes(before)] == []
