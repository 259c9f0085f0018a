"""Test that changes in Outlook appear in the open calendar, and the reverse."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from e2e.harness.person import mark
from e2e.harness.waiting import eventually

from .odoo_screen import OdooScreen, today_at
from .situations import create_today


@pytest.fixture
def calendar(odoo: OdooScreen) -> OdooScreen:
    """Return the open calendar of this week, with a mark that a reload would remove."""
    odoo.open_calendar()
    odoo.page.evaluate("window.isStillTheSamePage = true")
    return odoo


def assert_never_reloaded(screen: OdooScreen) -> None:
    assert screen.page.evaluate("window.isStillTheSamePage") is True


def test_event_made_in_outlook_shows_in_the_open_calendar(calendar, outlook):
    outlook.create("Plan the fair", today_at(10))
    outlook.take_picture("outlook-event")
    event = calendar.event("Plan the fair")
    expect(event).to_contain_text("10:00 AM")
    calendar.take_picture("calendar-event-from-outlook")
    assert_never_reloaded(calendar)


def test_event_renamed_in_outlook_is_renamed_in_the_open_calendar(
    anna, calendar, outlook
):
    create_today(anna, "Plan the fair")
    outlook.rename("Plan the fair", "Build the booth")
    expect(calendar.event("Build the booth")).to_be_visible()
    expect(calendar.event("Plan the fair")).to_have_count(0)
    assert_never_reloaded(calendar)


def test_event_deleted_in_outlook_leaves_the_open_calendar(anna, calendar, outlook):
    create_today(anna, "Plan the fair")
    expect(calendar.event("Plan the fair")).to_be_visible()
    outlook.delete("Plan the fair")
    expect(calendar.event("Plan the fair")).to_have_count(0)
    assert_never_reloaded(calendar)


def test_event_made_by_a_click_appears_in_outlook(calendar, outlook):
    dialog = calendar.click_at(today_at(8))
    calendar.take_picture("calendar-new-event")
    dialog.locator("[name='name'] input").fill("Plan the fair")
    dialog.get_by_role("button", name="Save").click()
    event = outlook.event("Plan the fair")
    expect(event.locator(".when")).to_have_text("08:00 \N{EN DASH} 09:00")


def test_event_edited_in_the_form_changes_in_outlook(anna, calendar, outlook, world):
    create_today(anna, "Plan the fair")
    popover = calendar.open_popover("Plan the fair")
    calendar.take_picture("calendar-popover")
    popover.get_by_text("Edit", exact=True).click()
    calendar.field("location").locator("input").fill("Hall 4")
    before = mark(world)
    calendar.save()
    expect(outlook.event("Plan the fair")).to_contain_text("Hall 4")
    assert [request["method"] for request in anna.writes(before)] == ["PATCH"]
    expect(calendar.field("ms365_mark")).to_be_visible()


def test_event_dragged_in_the_week_moves_in_outlook(anna, odoo, outlook):
    create_today(anna, "Plan the fair", hour=9)
    odoo.open_calendar()
    expect(odoo.event("Plan the fair")).to_contain_text("9:00 AM")
    odoo.drag("Plan the fair", today_at(13))
    expect(odoo.event("Plan the fair").filter(has_text="1:00 PM")).to_have_count(1)
    # A refresh during the drag may show the event twice for a moment.
    expect(odoo.event("Plan the fair")).to_have_count(1)
    moved = outlook.event("Plan the fair").locator(".when")
    expect(moved).to_have_text("13:00 \N{EN DASH} 14:00")


def test_popover_stays_open_while_outlook_changes_the_event(anna, calendar, outlook):
    create_today(anna, "Plan the fair")
    popover = calendar.open_popover("Plan the fair")
    outlook.rename("Plan the fair", "Build the booth")
    eventually(lambda: anna.events("Build the booth"), "Odoo knows the new name")
    expect(popover).to_be_visible()
    calendar.page.keyboard.press("Escape")
    expect(calendar.event("Build the booth")).to_be_visible()


def test_outlook_button_and_sync_now_do_not_wait_for_microsoft(anna, calendar, world):
    world.quiesce()
    world.control.fault("latency", mailbox=anna.upn, times=None, seconds=15)
    before = mark(world)
    calendar.page.get_by_role("button", name="Outlook").click()
    expect(calendar.field("mailbox_address")).to_have_text(anna.upn)
    calendar.button("action_sync_now").click()
    expect(calendar.message("Sync started.")).to_be_visible()
    assert world.control.requests(mailbox=anna.upn, after=before) == []
    calendar.take_picture("calendar-sync-now")
    assert_never_reloaded(calendar)
