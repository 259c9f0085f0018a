"""Teams meetings: the link comes back, is told once, and Microsoft's block stays."""

from __future__ import annotations

from .harness.compare import plain_text

RULE = "_" * 80


def test_teams_meeting_is_made_and_its_link_read_back(anna, world):
    event_id = anna.create("Call", is_teams_meeting=True, description="<p>Agenda</p>")
    world.quiesce()
    remote = anna.outlook_event("Call")
    link = remote["onlineMeeting"]["joinUrl"]
    event = anna.event(event_id)
    assert remote["isOnlineMeeting"] is True
    assert event["teams_meeting_url"] == link
    assert event["videocall_location"] == link


def test_join_link_is_told_in_the_chatter_once(anna, world):
    event_id = anna.create("Call", is_teams_meeting=True)
    world.quiesce()
    anna.write(event_id, name="Long call")
    world.quiesce()
    link = anna.event(event_id)["teams_meeting_url"]
    told = [body for body in anna.messages(event_id) if link in body]
    assert len(told) == 1


def test_teams_block_survives_edits_of_the_description_on_both_sides(anna, world):
    event_id = anna.create("Call", is_teams_meeting=True, description="<p>One</p>")
    world.quiesce()
    anna.write(event_id, description="<p>Two</p>")
    world.quiesce()
    remote = anna.outlook_event("Call")
    link = anna.event(event_id)["teams_meeting_url"]
    assert remote["isOnlineMeeting"] is True
    assert remote["body"]["content"].count(link) == 1
    assert plain_text(remote["body"]["content"]) == "Two"
    content = remote["body"]["content"].replace("Two", "Three")
    anna.outlook_update(remote, body={"contentType": "html", "content": content})
    world.quiesce()
    assert plain_text(anna.event(event_id)["description"]) == "Three"
    assert RULE not in anna.event(event_id)["description"]
    assert anna.outlook_event("Call")["isOnlineMeeting"] is True


def test_link_that_comes_late_is_read_when_it_is_there(anna, world):
    world.control.options(teams_join_delay_seconds=30)
    try:
        event_id = anna.create("Call", is_teams_meeting=True)
        world.quiesce()
        assert not anna.event(event_id)["teams_meeting_url"]
        world.advance(60)
        world.poll()
        anna.outlook_update(anna.outlook_event("Call"), subject="Long call")
        world.quiesce()
        link = anna.outlook_event("Long call")["onlineMeeting"]["joinUrl"]
        assert anna.event(event_id)["teams_meeting_url"] == link
    finally:
        world.control.options(teams_join_delay_seconds=0.0)


def test_teams_meeting_made_in_outlook_has_its_link_in_odoo(anna, world):
    anna.outlook_create(
        "Call", isOnlineMeeting=True, onlineMeetingProvider="teamsForBusiness"
    )
    world.quiesce()
    link = anna.outlook_event("Call")["onlineMeeting"]["joinUrl"]
    event = anna.only_event("Call")
    assert event["is_teams_meeting"] is True
    assert event["teams_meeting_url"] == link
    assert RULE not in (event["description"] or "")


def test_mailbox_without_teams_says_so(make_person, world):
    anna = make_person("anna", teams=False).connect()
    event_id = anna.create("Call", is_teams_meeting=True)
    world.quiesce()
    assert not anna.event(event_id)["teams_meeting_url"]
    assert any("Teams" in body for body in anna.messages(event_id))
