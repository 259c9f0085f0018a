"""Test that a change of settings is shown before it is made, in both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from e2e.harness.person import Person
from e2e.harness.waiting import eventually
from e2e.harness.world import World

from .odoo_screen import OdooScreen
from .test_german import (  # noqa: F401
    WINDOWS,
    german_anna,
    in_german,
    look_at,
)

OWN = frozenset({"Far"})


@pytest.fixture
def far(world: World, anna_unconnected: Person) -> Person:
    """Return a person with an event of Outlook beyond the window."""
    anna = anna_unconnected.connect()
    anna.choose(ms365_days_ahead=30)
    anna.outlook_create("Far", day=100)
    world.quiesce()
    return anna


def choose_days(odoo: OdooScreen, days: int) -> None:
    """Change the window in *My Connection*, by clicks."""
    odoo.open_calendar()
    odoo.open_menu("Microsoft 365", "My Connection")
    odoo.field("days_ahead").locator("input").fill(str(days))
    odoo.save()


def test_change_is_seen_and_applied_by_clicks(far, open_odoo, world):
    odoo = open_odoo(far.client)
    choose_days(odoo, 200)
    expect(odoo.page.locator(".o_ms365_change")).to_contain_text("30 → 200")
    world.quiesce()
    message = odoo.message("Your change waits")
    expect(message).to_be_visible()
    odoo.take_picture("change-waits")
    message.get_by_role("button", name="Show").click()
    expect(odoo.page.locator(".o_ms365_change_note")).to_contain_text("30 → 200")
    expect(odoo.field("odoo_create_count")).to_have_text("1")
    odoo.take_picture("change-preview")
    assert far.events("Far") == []
    odoo.button("action_apply").click()
    expect(odoo.field("mailbox_address")).to_be_visible()
    expect(odoo.page.locator(".o_ms365_change")).to_be_hidden()
    world.quiesce()
    far.assert_same("Far")


def test_old_setting_is_kept_by_a_click(far, open_odoo, world):
    odoo = open_odoo(far.client)
    choose_days(odoo, 200)
    banner = odoo.page.locator(".o_ms365_change")
    expect(banner).to_contain_text("30 → 200")
    banner.get_by_role("button", name="Discard this change").click()
    expect(banner).to_be_hidden()
    world.quiesce()
    assert far.change() is None
    assert far.account("days_ahead")["days_ahead"] == 30


def test_change_that_ends_an_edit_is_seen_first(anna, open_odoo, world):
    anna.client.set_preferences(ms365_days_ahead=31)
    world.quiesce()
    world.control.fault("server_error", method="POST", path="/events", times=None)
    anna.create("Zoo")
    eventually(lambda: anna.outbox()[-1]["attempts"], "a first attempt")
    anna.client.set_preferences(ms365_sync_direction="outlook_to_odoo")
    eventually(lambda: anna.change("state")["state"] == "ready", "a preview")
    odoo = open_odoo(anna.client)
    odoo.open_form("praetorx.ms365.preview", anna.change("id")["id"])
    note = odoo.page.locator(".o_ms365_end_note")
    expect(note).to_contain_text("Unsent edits: 1")
    expect(note).to_contain_text("Zoo")
    expect(odoo.page.locator(".o_ms365_outside")).to_be_visible()
    odoo.take_picture("change-ends-an-edit")
    odoo.page.set_viewport_size({"width": 390, "height": 844})
    odoo.take_picture("phone-change-ends-an-edit")
    assert anna.account("direction")["direction"] == "both"
    odoo.button("action_apply").click()
    expect(odoo.field("mailbox_address")).to_be_visible()
    assert anna.account("direction")["direction"] == "outlook_to_odoo"


@pytest.mark.parametrize("window", [*WINDOWS])
def test_change_is_german(
    german_anna,  # noqa: F811
    open_odoo,
    in_german,  # noqa: F811
    window,
):
    far = german_anna
    far.choose(ms365_days_ahead=30)
    far.outlook_create("Far", day=100)
    in_german.quiesce()
    far.client.set_preferences(ms365_days_ahead=200)
    in_german.quiesce()
    odoo = open_odoo(far.client, locale="de-DE", **WINDOWS[window])
    odoo.open_form("praetorx.ms365.account", far.account("id")["id"])
    banner = odoo.page.locator(".o_ms365_change")
    expect(banner).to_contain_text("Änderung verwerfen")
    look_at(odoo, f"{window}-change-waits", OWN)
    expect(odoo.page.locator(".o_notification")).to_have_count(0, timeout=30_000)
    look_at(odoo, f"{window}-change-connection", OWN)
    banner.get_by_role("button", name="Auswirkungen ansehen").click()
    expect(odoo.page.locator(".o_ms365_change_note")).to_contain_text("30 → 200")
    look_at(odoo, f"{window}-change-preview", OWN)
