"""Test signing in, choosing another mailbox and disconnecting, by clicks."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from e2e.harness.person import Person
from e2e.harness.world import World

from . import axe
from .odoo_screen import OdooScreen
from .test_german import GERMAN, in_german  # noqa: F401 (a fixture)

MINE = "/odoo/action-praetorx_ms365_calendar.praetorx_ms365_account_action_mine"
DESK = {"width": 1280, "height": 800}
PHONE_SIZE = {"width": 390, "height": 844}
BADGE = ".o_field_widget[name='badge']:visible"


@pytest.fixture
def anna_switched_on(anna_unconnected: Person) -> Person:
    """Return a person with the sync on, who has not signed in."""
    return anna_unconnected.switch_on()


@pytest.fixture
def german_anna_switched_on(
    anna_switched_on: Person,
    in_german: World,  # noqa: F811
) -> Person:
    """Return such a person with German as language."""
    anna_switched_on.client.set_preferences(lang=GERMAN)
    anna_switched_on.client.log_in()
    return anna_switched_on


@pytest.fixture
def public_flows(world: World) -> Iterator[None]:
    """Let people sign in by code while a test runs."""
    client_id = world.app["client_id"]
    world.control.update_app(client_id, allows_public_flows=True)
    yield
    world.control.update_app(client_id, allows_public_flows=False)


def take_both(odoo: OdooScreen, name: str) -> None:
    """Save a picture of a desktop and one of a phone, and ask axe."""
    odoo.take_picture(name)
    assert axe.findings(odoo.page) == []
    odoo.page.set_viewport_size(PHONE_SIZE)
    odoo.page.wait_for_timeout(300)
    odoo.assert_fits_the_width()
    odoo.take_picture(f"phone-{name}")
    assert axe.findings(odoo.page) == []
    odoo.page.set_viewport_size(DESK)
    odoo.page.wait_for_timeout(300)


def press(odoo: OdooScreen, name: str) -> Locator:
    """Press a button of *My Connection*, also if it is in the menu of a narrow bar."""
    button = odoo.button(name).first
    button.click()
    return button


def test_wrong_mailbox_another_account_and_disconnecting(
    anna_switched_on, open_odoo, world
):
    anna, odoo = anna_switched_on, open_odoo(anna_switched_on.client)
    wrong = Person(world, "wrong")
    url = anna.client.call("res.users", "action_ms365_sign_in", [anna.user_id])["url"]
    anna.client.follow_sign_in(url, wrong.upn)
    odoo.page.goto(odoo.url + MINE)
    question = odoo.page.locator(".o_ms365_question")
    expect(question).to_contain_text(wrong.upn)
    take_both(odoo, "mailbox-question")
    assert anna.account("state")["state"] == "signed_out"
    question.locator("button[name='action_use_other_account']").click()
    odoo.page.get_by_role("button", name=anna.upn).click()
    odoo.page.wait_for_url(f"{odoo.url}/odoo**")
    world.quiesce()
    odoo.page.goto(odoo.url + MINE)
    expect(odoo.button("action_disconnect").first).to_be_visible()
    expect(odoo.page.locator(".o_ms365_question")).to_be_hidden()
    assert anna.account("mailbox_address")["mailbox_address"] == anna.upn
    take_both(odoo, "connection-buttons")
    press(odoo, "action_disconnect")
    dialog = odoo.dialog()
    expect(dialog.locator("li").first).to_be_visible()
    take_both(odoo, "disconnect")
    dialog.locator("button[name='action_disconnect']").click()
    dialog.wait_for(state="hidden")
    expect(odoo.page.locator(BADGE).first).to_have_text("Not signed in")
    assert anna.account("state")["state"] == "signed_out"


def test_signing_in_with_a_code_in_german(
    german_anna_switched_on, open_odoo, public_flows, world
):
    anna = german_anna_switched_on
    odoo = open_odoo(anna.client)
    odoo.page.goto(odoo.url + MINE)
    press(odoo, "action_sign_in_by_code")
    shown = odoo.page.locator(".o_ms365_user_code")
    code = shown.inner_text()
    assert re.fullmatch("[A-Z0-9]{8}", code)
    expect(odoo.page.locator(".o_ms365_countdown")).to_have_text(
        re.compile(r"1[45]:\d\d")
    )
    take_both(odoo, "german-device-code")
    odoo.page.reload()
    press(odoo, "action_sign_in_by_code")
    expect(shown).to_have_text(code)
    with odoo.page.context.expect_page() as opened:
        odoo.dialog().get_by_role("link").click()
    microsoft = opened.value
    microsoft.get_by_label("Code").fill(code)
    microsoft.get_by_label("Account").select_option(anna.upn)
    microsoft.get_by_role("button", name="Allow").click()
    microsoft.close()
    shown.wait_for(state="hidden")
    world.quiesce()
    account = anna.account("state", "mailbox_address")
    assert (account["state"], account["mailbox_address"]) == ("active", anna.upn)
