"""Test the same screens on a phone: usable, and without sideways scrolling."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import ScreenOpener
from .odoo_screen import OdooScreen
from .situations import create_today, make_conflict

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    "device_scale_factor": 2,
}


@pytest.fixture
def phone(anna, open_odoo: ScreenOpener) -> OdooScreen:
    """Return Odoo on the connected person's phone."""
    return open_odoo(anna.client, **PHONE)


def test_preferences_fit_and_tell_the_status(phone):
    phone.open_calendar()
    phone.open_preferences()
    expect(phone.field("ms365_status")).to_contain_text("Connected")
    connection = phone.button("action_ms365_open_connection")
    connection.scroll_into_view_if_needed()
    phone.take_picture("phone-preferences")
    phone.assert_fits_the_width()
    connection.tap()
    sync_now = phone.button("action_sync_now")
    expect(sync_now).to_be_in_viewport()
    phone.take_picture("phone-my-connection")
    phone.assert_fits_the_width()
    sync_now.tap()
    expect(phone.message("Sync started.")).to_be_visible()


def test_settings_in_my_connection_are_changed_on_a_phone(phone, anna):
    phone.open_form("praetorx.ms365.account", anna.account("id")["id"])
    phone.field("days_back").locator("input").fill("7")
    phone.field("title_prefix").locator("input").fill("[Odoo]")
    phone.take_picture("phone-my-connection-settings")
    phone.assert_fits_the_width()
    phone.save()
    assert anna.preferences("ms365_title_prefix")["ms365_title_prefix"] == "[Odoo]"


def test_calendar_fits_and_opens_an_event(phone, anna):
    create_today(anna, "Plan the fair")
    phone.open_calendar()
    expect(phone.event("Plan the fair")).to_be_visible()
    phone.take_picture("phone-calendar")
    phone.assert_fits_the_width()
    phone.event("Plan the fair").tap()
    expect(phone.dialog()).to_contain_text("Plan the fair")
    phone.take_picture("phone-calendar-event")
    phone.assert_fits_the_width()


def test_event_form_fits_and_is_saved(phone, anna, world):
    phone.open_event(create_today(anna, "Plan the fair"))
    phone.take_picture("phone-event")
    phone.assert_fits_the_width()
    phone.field("location").locator("input").fill("Hall 4")
    phone.field("is_teams_meeting").locator("input").tap()
    phone.save()
    world.quiesce()
    remote = anna.outlook_event("Plan the fair")
    assert remote["location"]["displayName"] == "Hall 4"
    assert remote["isOnlineMeeting"] is True


def test_conflict_fits_and_is_decided(phone, anna):
    phone.open_event(make_conflict(anna))
    bar = phone.page.locator(".o_ms365_conflict")
    expect(bar).to_be_visible()
    phone.take_picture("phone-conflict")
    phone.assert_fits_the_width()
    phone.button("action_ms365_decide").tap()
    dialog = phone.dialog()
    expect(dialog.locator(".o_ms365_choice")).to_be_visible()
    phone.take_picture("phone-conflict-open")
    phone.assert_fits_the_width()
    dialog.locator("[data-side='outlook'] input").tap()
    apply = dialog.locator("button[name='action_apply']")
    expect(apply).to_be_visible()
    dialog.locator(".o_ms365_mails:visible").scroll_into_view_if_needed()
    phone.take_picture("phone-conflict-chosen")
    phone.assert_fits_the_width()
    apply.tap()
    expect(bar).to_be_hidden()
