"""Copies: of an occurrence, of a Teams meeting, of a colleague's meeting."""

from __future__ import annotations

from .harness.series import assert_same_series, local_start, odoo_series, rows


def test_copy_of_an_occurrence_is_a_single_event_in_outlook(anna, world):
    odoo_series(anna, "Standup", local_start(world), 3)
    world.quiesce()
    original = rows(anna)[1]
    anna.client.call("calendar.event", "copy", [original["id"]], {"name": "Copy"})
    world.quiesce()
    copy = anna.outlook_event("Copy")
    assert copy["type"] == "singleInstance"
    assert "Copy" not in [row["name"] for row in rows(anna)]
    anna.write(original["id"], name="Retro")
    world.quiesce()
    shown = [one["name"] for one in assert_same_series(anna)]
    assert sorted(shown) == ["Retro", "Standup", "Standup"]
    assert anna.outlook_event("Copy")["changeKey"] == copy["changeKey"]


def test_copy_of_a_teams_meeting_gets_a_link_of_its_own(anna, world):
    event_id = anna.create("Call", is_teams_meeting=True)
    world.quiesce()
    link = anna.event(event_id)["teams_meeting_url"]
    [copy_id] = anna.client.call(
        "calendar.event", "copy", [event_id], {"name": "Second call"}
    )
    copied = anna.event(copy_id)  # it may have been sent already, with its own link
    assert copied["teams_meeting_url"] != link
    assert copied["videocall_location"] != link
    world.quiesce()
    remote = anna.outlook_event("Second call")
    assert remote["isOnlineMeeting"] is True
    own = anna.event(copy_id)["teams_meeting_url"]
    assert own == remote["onlineMeeting"]["joinUrl"] != link
    assert link not in remote["body"]["content"]


def test_colleague_with_aliases_is_invited_at_the_mailbox_and_answers(anna, ben, world):
    world.admin.write("res.partner", ben.partner_id, {"email": "ben@former.example"})
    event_id = anna.create(
        "Lunch", partner_ids=[(6, 0, [anna.partner_id, ben.partner_id])]
    )
    world.quiesce()
    [guest] = anna.outlook_event("Lunch")["attendees"]
    assert guest["emailAddress"]["address"].lower() == ben.upn
    world.control.respond(ben.upn, ben.outlook_event("Lunch")["id"], "accepted")
    world.quiesce()
    [part] = world.admin.search_read(
        "calendar.attendee",
        [("event_id", "=", event_id), ("partner_id", "=", ben.partner_id)],
        ["state"],
    )
    assert part["state"] == "accepted"
    anna.write(event_id, partner_ids=[(3, ben.partner_id)])
    world.quiesce()
    assert anna.outlook_event("Lunch")["attendees"] == []
