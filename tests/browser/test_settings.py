"""Test the administrator's settings page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from .odoo_screen import OdooScreen

SECRET = "typed-by-an-administrator"
CLIENT_ID = "b2c9ac3a-0000-4000-8000-00000000abcd"
TENANT_ID = "b2c9ac3a-0000-4000-8000-000000000001"


@pytest.fixture
def settings(world, open_odoo) -> Iterator[OdooScreen]:
    """Return the open settings of the calendar; restore them after the test."""
    odoo = open_odoo(world.admin)
    open_settings(odoo)
    yield odoo
    world.odoo.configure(
        cal_microsoft_client_id=world.app["client_id"],
        cal_microsoft_client_secret=world.app["client_secret"],
        ms365_tenant_id=world.app["tenant_id"],
    )


def open_settings(odoo: OdooScreen) -> None:
    odoo.page.goto(f"{odoo.url}/odoo/settings#calendar")
    odoo.page.locator(".settings_tab [data-key='calendar']").click()
    odoo.field("cal_microsoft_client_id").scroll_into_view_if_needed()


def test_saved_credentials_are_shown_without_the_secret(settings, world):
    odoo = settings
    odoo.field("cal_microsoft_client_id").locator("input").fill(CLIENT_ID)
    odoo.field("cal_microsoft_client_secret").locator("input").fill(SECRET)
    odoo.field("ms365_tenant_id").locator("input").fill(TENANT_ID)
    odoo.save()
    open_settings(odoo)
    odoo.take_picture("settings")
    client_id = odoo.field("cal_microsoft_client_id").locator("input")
    secret = odoo.field("cal_microsoft_client_secret").locator("input")
    expect(client_id).to_have_value(CLIENT_ID)
    expect(odoo.field("ms365_tenant_id").locator("input")).to_have_value(TENANT_ID)
    expect(secret).to_have_attribute("type", "password")
    expect(secret).not_to_have_value(SECRET)
    assert SECRET not in odoo.page.content()
    in_clear = "SELECT count(*) FROM ir_config_parameter WHERE value LIKE %s"
    assert world.database.value(in_clear, f"%{SECRET}%") == 0


def test_company_decides_what_happens_to_conflicts(settings, world):
    odoo = settings
    policy = odoo.field("ms365_conflict_policy")
    policy.scroll_into_view_if_needed()
    odoo.take_picture("settings-conflicts")
    policy.locator("input").click()
    odoo.page.get_by_text("The newest change wins", exact=True).click()
    odoo.save()
    assert company_policy(world) == "newest"
    world.admin.write("res.company", 1, {"ms365_conflict_policy": "ask"})


def company_policy(world) -> str:
    return world.admin.read("res.company", 1, "ms365_conflict_policy")[
        "ms365_conflict_policy"
    ]
