"""Test creating a Teams meeting on the event form."""

from __future__ import annotations

from playwright.sync_api import expect

from .odoo_screen import today_at
from .situations import create_today


def test_teams_switch_brings_a_join_button(anna, odoo, world):
    event_id = create_today(anna, "Plan the fair")
    odoo.open_event(event_id)
    odoo.field("is_teams_meeting").locator("input").click()
    odoo.save()
    world.quiesce()
    odoo.open_event(event_id)
    link = anna.outlook_event("Plan the fair")["onlineMeeting"]["joinUrl"]
    join = odoo.page.get_by_role("link", name="Join Teams meeting")
    expect(join).to_have_attribute("href", link)
    expect(join).to_have_attribute("target", "_blank")
    odoo.take_picture("event-teams")


def test_teams_switch_of_the_quick_form_makes_a_teams_meeting(anna, odoo, world):
    odoo.open_calendar()
    dialog = odoo.click_at(today_at(8))
    dialog.locator("[name='name'] input").fill("Plan the fair")
    dialog.locator("[name='is_teams_meeting'] input").click()
    dialog.get_by_role("button", name="Save").click()
    expect(odoo.event("Plan the fair")).to_be_visible()
    world.quiesce()
    assert anna.outlook_event("Plan the fair")["isOnlineMeeting"] is True
