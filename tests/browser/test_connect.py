"""Test connecting a calendar by clicks, from the button above the calendar."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from .office import LANGUAGES, WINDOWS
from .test_german import in_german

__all__ = ["in_german"]  # a fixture

#: What the dialog says about mails.
WORDS = {"en": "Nobody gets a mail", "de": "Niemand erhält eine E-Mail"}


def click_without_scrolling(target: Locator) -> None:
    """Click on something that is on the screen already."""
    target.wait_for()
    expect(target).to_be_in_viewport(ratio=1)
    target.click()


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("window", WINDOWS)
def test_five_clicks_connect_without_scrolling(
    language, window, anna_unconnected, open_odoo, in_german
):
    world, anna = in_german, anna_unconnected
    anna.client.set_preferences(lang=LANGUAGES[language])
    anna.client.log_in()
    odoo = open_odoo(anna.client, **WINDOWS[window])
    odoo.open_calendar()
    click_without_scrolling(odoo.page.locator(".o_ms365_connect"))
    expect(odoo.dialog()).to_contain_text(WORDS[language])
    odoo.take_picture(f"connect-{language}-{window}")
    click_without_scrolling(odoo.button("action_sign_in"))
    # The simulator's page lists the mailboxes of all tests, so it may be long.
    odoo.page.get_by_role("button", name=anna.upn).click()
    odoo.page.wait_for_url(f"{world.odoo.url}/odoo**")
    world.quiesce()
    odoo.page.reload()
    click_without_scrolling(odoo.button("action_open_preview").first)
    click_without_scrolling(odoo.button("action_start"))
    anna.until_read()
    odoo.open_calendar()
    button = odoo.page.locator(".o_ms365_status")
    expect(button).to_have_attribute("data-level", "ok")
    odoo.take_picture(f"calendar-connected-{language}-{window}")
    button.focus()
    odoo.page.keyboard.press("Enter")
    expect(odoo.field("mailbox_address")).to_have_text(anna.upn)


def test_administrator_without_an_app_is_led_to_guide_and_settings(world, open_odoo):
    world.odoo.configure(cal_microsoft_client_id="")
    try:
        odoo = open_odoo(world.admin)
        odoo.open_calendar()
        odoo.page.locator(".o_ms365_connect").click()
        odoo.button("action_set_up").click()
        expect(odoo.field("redirect_uri")).to_contain_text("/authentication")
        odoo.button("action_open_settings").click()
        expect(odoo.field("cal_microsoft_client_id")).to_be_visible()
    finally:
        world.odoo.configure(cal_microsoft_client_id=world.app["client_id"])
