"""Test the set-up: the panel for administrators, and the invitation of a person."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from e2e.harness.person import Person
from e2e.harness.world import World

from .conftest import ScreenOpener
from .odoo_screen import OdooScreen
from .test_phone import PHONE

PANEL = ".o_ms365_onboarding"


@pytest.fixture
def fresh(world: World) -> Iterator[World]:
    """Return a company with an Azure app, in which nobody is connected yet."""
    world.database.rows("UPDATE praetorx_ms365_account SET mailbox_id = NULL")
    yield world
    world.odoo.configure(cal_microsoft_client_id=world.app["client_id"])
    world.database.rows("UPDATE onboarding_progress SET is_onboarding_closed = false")


def open_panel(odoo: OdooScreen) -> Locator:
    """Open the list of accounts, and return the panel above it."""
    odoo.page.goto(
        f"{odoo.url}/odoo/action-praetorx_ms365_calendar.praetorx_ms365_account_action"
    )
    panel = odoo.page.locator(PANEL)
    expect(panel).to_be_visible()
    return panel


def step(panel: Locator, action: str) -> Locator:
    """Return one step of the panel, by the name of its action."""
    return panel.locator(f"[data-step='{action}']")


def test_three_steps_lead_to_the_invitation(
    fresh: World, anna_unconnected: Person, open_odoo: ScreenOpener
) -> None:
    odoo = open_odoo(fresh.admin)
    panel = open_panel(odoo)
    odoo.take_picture("onboarding")
    guide = step(panel, "action_open_ms365_guide")
    expect(guide).to_have_attribute("data-done", "1")
    guide.get_by_role("button").click()
    dialog = odoo.dialog()
    expect(odoo.field("redirect_uri")).to_contain_text("/authentication")
    odoo.take_picture("onboarding-guide")
    dialog.get_by_role("button", name="Close", exact=True).last.click()
    test = step(panel, "action_open_ms365_settings")
    expect(test).to_have_attribute("data-done", "0")
    test.get_by_role("button").click()
    odoo.button("action_ms365_test").click()
    expect(odoo.message("Microsoft accepts")).to_be_visible()
    panel = open_panel(odoo)
    expect(step(panel, "action_open_ms365_settings")).to_have_attribute(
        "data-done", "1"
    )
    step(panel, "action_open_ms365_invitation").get_by_role("button").click()
    expect(odoo.dialog()).to_contain_text(anna_unconnected.name)
    odoo.take_picture("onboarding-invitation")
    odoo.button("action_invite").click()
    expect(odoo.message("Invitations sent")).to_be_visible()


def test_closed_panel_stays_closed(fresh: World, open_odoo: ScreenOpener) -> None:
    odoo = open_odoo(fresh.admin)
    panel = open_panel(odoo)
    panel.get_by_title("Close the steps of the set-up").click()
    expect(panel).to_be_hidden()
    odoo.page.reload()
    expect(odoo.button("action_invite_people")).to_be_visible()
    expect(panel).to_be_hidden()


def test_panel_guide_and_invitation_fit_a_phone(
    fresh: World, open_odoo: ScreenOpener
) -> None:
    odoo = open_odoo(fresh.admin, **PHONE)
    open_panel(odoo)
    odoo.take_picture("phone-onboarding")
    odoo.assert_fits_the_width()
    for name in ("guide", "invitation"):
        button = step(open_panel(odoo), f"action_open_ms365_{name}")
        button.get_by_role("button").tap()
        odoo.dialog()
        odoo.take_picture(f"phone-onboarding-{name}")
        odoo.assert_fits_the_width()


def test_empty_list_has_its_text_below_the_panel(
    fresh: World, open_odoo: ScreenOpener
) -> None:
    odoo = open_odoo(fresh.admin)
    panel = open_panel(odoo)
    odoo.search("A person who does not exist")
    text = odoo.page.get_by_text("Nobody syncs with Microsoft 365 yet")
    expect(text).to_be_visible()
    odoo.take_picture("onboarding-empty")
    above, below = panel.bounding_box(), text.bounding_box()
    assert above and below
    assert above["y"] + above["height"] <= below["y"]


def test_consent_for_everybody_comes_back_with_its_result(
    fresh: World, open_odoo: ScreenOpener
) -> None:
    odoo = open_odoo(fresh.admin)
    step(open_panel(odoo), "action_open_ms365_guide").get_by_role("button").click()
    link = odoo.field("consent_url").locator("a")
    with odoo.page.expect_popup() as opened:
        link.click()
    expect(opened.value.get_by_text("Consent granted")).to_be_visible()


def test_invited_person_connects_by_the_link(
    anna_unconnected: Person, open_odoo: ScreenOpener
) -> None:
    odoo = open_odoo(anna_unconnected.client)
    odoo.page.goto(f"{odoo.url}/odoo/connect-outlook")
    dialog = odoo.dialog()
    expect(dialog).to_contain_text("Nobody gets a mail")
    odoo.take_picture("invited")
    dialog.get_by_role("button", name="Not now").click()
    expect(odoo.page.locator(".o_calendar_view")).to_be_visible()


def test_ordinary_user_sees_no_panel(
    anna_unconnected: Person, open_odoo: ScreenOpener
) -> None:
    odoo = open_odoo(anna_unconnected.client)
    odoo.page.goto(
        f"{odoo.url}/odoo/action-praetorx_ms365_calendar.praetorx_ms365_account_action"
    )
    expect(odoo.page.locator(".o_list_view")).to_be_visible()
    expect(odoo.page.locator(PANEL)).to_have_count(0)
    expect(odoo.button("action_invite_people")).to_have_count(0)
