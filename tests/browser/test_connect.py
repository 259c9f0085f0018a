"""Test switching the sync on by clicks."""

from __future__ import annotations

from playwright.sync_api import expect


def test_switching_on_and_signing_in_connects(anna_unconnected, open_odoo, world):
    anna = anna_unconnected
    odoo = open_odoo(anna.client)
    odoo.open_calendar()
    odoo.open_preferences()
    odoo.field("ms365_sync_enabled").locator("input").click()
    expect(odoo.field("ms365_status")).to_contain_text("Not signed in")
    odoo.take_picture("preferences-before-sign-in")
    odoo.button("action_ms365_sign_in").click()
    account = odoo.page.get_by_role("button", name=anna.upn)
    account.wait_for()
    odoo.take_picture("microsoft-sign-in")
    account.click()
    odoo.page.wait_for_url(f"{world.odoo.url}/odoo**")
    world.quiesce()
    odoo.open_preferences()
    expect(odoo.field("ms365_status")).to_contain_text("Connected")
    expect(odoo.field("ms365_mailbox_address")).to_have_text(anna.upn)
    odoo.take_picture("preferences-connected")
