"""Test conflicts and refused changes on the event form, and how to solve them."""

from __future__ import annotations

from playwright.sync_api import expect

from .situations import make_conflict, make_dead_letter


def test_conflict_bar_leads_to_both_versions(anna, odoo):
    odoo.open_event(make_conflict(anna))
    bar = odoo.page.locator(".o_ms365_conflict")
    expect(bar).to_contain_text("Nothing was overwritten")
    odoo.take_picture("event-conflict")
    bar.get_by_role("button", name="Compare and decide").click()
    expect(odoo.dialog().locator(".o_ms365_choice")).to_have_count(1)


def test_conflict_is_marked_in_the_calendar(anna, odoo):
    make_conflict(anna)
    odoo.open_calendar()
    expect(odoo.event("Dinner").locator("[data-mark=conflict]")).to_be_visible()
    odoo.take_picture("calendar-conflict")


def test_refused_change_tells_why_and_is_sent_on_try_again(anna, odoo, world):
    odoo.open_event(make_dead_letter(anna))
    bar = odoo.page.locator(".o_ms365_error")
    expect(bar).to_contain_text("did not accept this because of a failure at Microsoft")
    expect(bar).to_contain_text("Try again.")
    odoo.take_picture("event-refused")
    odoo.button("action_ms365_retry").click()
    expect(bar).to_be_hidden()
    world.quiesce()
    assert anna.outlook_event("Dinner")


def test_refused_change_is_sent_on_try_again_in_the_list(anna, odoo, world):
    make_dead_letter(anna)
    odoo.open_calendar()
    odoo.open_menu("Microsoft 365", "My Changes to Send")
    row = odoo.page.locator(".o_data_row", has_text="Dinner")
    expect(row).to_contain_text("Failed")
    odoo.take_picture("outbox-refused")
    row.get_by_role("button", name="Try again").click()
    expect(row.filter(has_text="Failed")).to_have_count(0)
    world.quiesce()
    assert anna.outlook_event("Dinner")
