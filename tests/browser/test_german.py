"""The same screens in German."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from e2e.harness.person import Person

from .odoo_screen import OdooScreen
from .situations import make_conflict
from .test_phone import PHONE

GERMAN = "de_DE"


@pytest.fixture
def german_anna(anna: Person) -> Person:
    """Return a connected person who reads German."""
    admin = anna.world.admin
    [language] = admin.search_read(
        "res.lang", [("code", "=", GERMAN)], ["active"], context={"active_test": False}
    )
    if not language["active"]:
        values = {"lang_ids": [(6, 0, [language["id"]])], "overwrite": True}
        wizard = admin.create("base.language.install", values)
        admin.call("base.language.install", "lang_install", [wizard])
    anna.client.set_preferences(lang=GERMAN)
    anna.client.log_in()
    return anna


@pytest.fixture
def odoo(german_anna: Person, open_odoo) -> OdooScreen:
    """Return Odoo in that person's browser."""
    return open_odoo(german_anna.client, locale="de-DE")


def test_preferences_are_german(german_anna, odoo):
    odoo.open_calendar()
    odoo.open_preferences("Meine Präferenzen", "Kalender")
    expect(odoo.field("ms365_status")).to_contain_text("Verbunden")
    odoo.take_picture("german-preferences")


def test_conflict_is_german(german_anna, odoo):
    odoo.open_event(make_conflict(german_anna))
    bar = odoo.page.locator(".o_ms365_conflict")
    expect(bar).to_contain_text("in Odoo und in Outlook")
    odoo.take_picture("german-event")
    bar.get_by_role("button").click()
    dialog = odoo.dialog()
    expect(dialog).to_contain_text("Fassung")
    odoo.take_picture("german-conflict")


def test_conflict_is_german_on_a_phone(german_anna, open_odoo):
    odoo = open_odoo(german_anna.client, locale="de-DE", **PHONE)
    odoo.open_event(make_conflict(german_anna))
    odoo.page.locator(".o_ms365_conflict").get_by_role("button").click()
    expect(odoo.dialog()).to_contain_text("Fassung")
    odoo.assert_fits_the_width()
    odoo.take_picture("german-conflict-phone")
