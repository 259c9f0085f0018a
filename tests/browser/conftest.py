"""Fixtures: one Odoo, simulator and browser for all tests, new people for each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from e2e.harness.odoo_client import OdooClient
from e2e.harness.person import Person
from e2e.harness.waiting import PATIENCE_SECONDS
from e2e.harness.world import World, of_process

from .complaints import Complaints
from .odoo_screen import ZONE, OdooScreen
from .outlook_screen import OutlookScreen
from .pages import Pages

ScreenOpener = Callable[..., OdooScreen]
_PATIENCE_MILLISECONDS = PATIENCE_SECONDS * 1000
_DESK = {"viewport": {"width": 1280, "height": 800}}
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def running_world() -> Iterator[World]:
    """Return servers for all tests: Odoo is one process with a working websocket."""
    world = World(of_process("br_tests"), workers=0, moves_clock=False)
    world.start()
    yield world
    world.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Return the browser from ``make env``."""
    expect.set_options(timeout=_PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ["CHROMIUM_BIN"], args=_ARGUMENTS
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def pages(chromium: Browser) -> Pages:
    """Return the pages that tests use one after another."""
    return Pages(chromium)


@pytest.fixture
def world(running_world: World) -> Iterator[World]:
    """Return the servers without faults; check Odoo's log after the test."""
    running_world.control.clear_faults()
    running_world.odoo.log.new_complaints()
    yield running_world
    running_world.control.clear_faults()
    running_world.odoo.assert_no_complaints()


@pytest.fixture
def anna_unconnected(world: World) -> Iterator[Person]:
    """Return a person with a mailbox, before the sync is switched on."""
    person = Person(world, "anna", zone=ZONE.key)
    yield person
    world.admin.write("res.users", person.user_id, {"ms365_sync_enabled": False})


@pytest.fixture
def anna(anna_unconnected: Person) -> Person:
    """Return a person with a calendar that is synced both ways."""
    return anna_unconnected.connect()


@pytest.fixture
def new_page(pages: Pages, running_world: World) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page of its own; fail for errors in it."""
    taken: list[tuple[Page, Complaints]] = []

    def make(**options: Any) -> Page:
        page = pages.take(
            {
                "locale": "en-US",
                "timezone_id": ZONE.key,
                "reduced_motion": "reduce",
                **_DESK,
                **options,
            }
        )
        page.context.set_default_timeout(_PATIENCE_MILLISECONDS)
        taken.append((page, Complaints(page.context)))
        return page

    yield make
    for page, complaints in taken:
        complaints.stop()
        pages.give_back(page, running_world.odoo.url)
    for _page, complaints in taken:
        complaints.assert_none()


@pytest.fixture
def open_odoo(world: World, new_page: Callable[..., Page]) -> ScreenOpener:
    """Return a function that logs a person in, in a page of its own."""

    def open_for(client: OdooClient, **options: Any) -> OdooScreen:
        page = new_page(**options)
        session_id = client.session.cookies["session_id"]
        page.context.add_cookies(
            [{"name": "session_id", "value": session_id, "url": world.odoo.url}]
        )
        return OdooScreen(page, world.odoo.url)

    return open_for


@pytest.fixture
def odoo(anna: Person, open_odoo: ScreenOpener) -> OdooScreen:
    """Return Odoo in the browser of the connected person."""
    return open_odoo(anna.client)


@pytest.fixture
def outlook(anna: Person, world: World, new_page: Callable[..., Page]) -> OutlookScreen:
    """Return the connected person's mailbox on the simulator's page."""
    return OutlookScreen(new_page(), world.simulator.url, anna.upn)
