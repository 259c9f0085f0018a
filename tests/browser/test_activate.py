"""Test what an administrator sees after *Activate* in Apps."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from e2e.harness.odoo_server import ADMIN, OdooServer
from e2e.harness.world import of_process

from .odoo_screen import OdooScreen

TITLE = "Microsoft 365 Calendar and Teams Sync"


@pytest.fixture
def before_us() -> Iterator[OdooServer]:
    """Return an Odoo that does not have our addons yet."""
    server = OdooServer(of_process("br_activate"), workers=0, template="stock")
    server.create_database()
    server.start()
    yield server
    server.remove()


def test_activate_opens_the_steps_of_the_set_up(
    before_us: OdooServer, new_page: Callable[..., Page]
) -> None:
    client = before_us.client(ADMIN)
    client.call("ir.module.module", "update_list")
    page = new_page()
    session_id = client.session.cookies["session_id"]
    page.context.add_cookies(
        [{"name": "session_id", "value": session_id, "url": before_us.url}]
    )
    odoo = OdooScreen(page, before_us.url)
    odoo.page.goto(f"{odoo.url}/odoo/apps")
    search = odoo.page.locator(".o_searchview_input")
    search.fill("Microsoft 365")
    search.press("Enter")
    card = odoo.page.locator(".o_kanban_record", has_text=TITLE)
    expect(card).to_have_count(1)
    odoo.take_picture("apps")
    card.get_by_role("button", name="Activate").click()
    steps = odoo.page.locator(".o_ms365_onboarding li")
    expect(steps).to_have_count(3, timeout=120_000)
    expect(odoo.page.get_by_text("Nobody syncs with Microsoft 365 yet")).to_be_visible()
    odoo.take_picture("activated")
