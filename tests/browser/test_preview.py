"""Test the preview before the first reading, by clicks, in both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from e2e.harness.person import Person
from e2e.harness.world import World

from .test_german import GERMAN, WINDOWS, in_german, look_at  # noqa: F401

MODEL = "praetorx.ms365.preview"
OWN = frozenset({"Made in Odoo", "With Gus", "Made in Outlook", "Of both"})


@pytest.fixture
def waiting(world: World, anna_unconnected: Person) -> Person:
    """Return a person who has signed in, with events on both sides, before *Start*."""
    anna = anna_unconnected
    gus = Person(world, "gus", full_name="Gus Guest")
    anna.create("Made in Odoo", 9)
    anna.create("With Gus", 11, attendees=[gus])
    anna.outlook_create("Made in Outlook", 13)
    anna.outlook_create("Of both", 15, attendees=["carl@outside.example"])
    world.control.reset_mails()  # of the meeting that was made in Outlook
    anna.switch_on()
    anna.client.sign_in(anna.upn)
    world.quiesce()
    return anna


def preview_of(person: Person) -> int:
    [preview] = person.client.search_read(MODEL, [("state", "=", "ready")], ["id"])
    return preview["id"]


def test_preview_is_seen_and_started_by_clicks(waiting, open_odoo, world):
    odoo = open_odoo(waiting.client)
    odoo.open_form("praetorx.ms365.account", waiting.account("id")["id"])
    expect(odoo.page.locator(".o_ms365_awaits_start")).to_be_visible()
    odoo.take_picture("connection-awaits-start")
    odoo.button("action_open_preview").click()
    expect(odoo.field("odoo_create_count")).to_have_text("2")
    expect(odoo.field("outlook_create_count")).to_have_text("1")
    expect(odoo.field("wait_count")).to_have_text("1")
    expect(odoo.page.locator(".alert-success")).to_contain_text("nobody")
    expect(odoo.page.locator(".o_ms365_wait_note")).to_contain_text("Gus Guest")
    odoo.take_picture("preview")
    odoo.field("without_attendees").locator("input").click()
    expect(odoo.field("odoo_create_count")).to_have_text("1")
    expect(odoo.field("wait_count")).to_have_text("0")
    odoo.take_picture("preview-without-attendees")
    odoo.page.get_by_role("button", name="Start", exact=True).click()
    expect(odoo.page.locator(".o_ms365_awaits_start")).to_be_hidden()
    world.quiesce()
    expect(odoo.message("New in Odoo: 1.")).to_be_visible()
    odoo.take_picture("preview-started")
    assert world.control.mails() == []
    waiting.assert_same("Made in Odoo")
    waiting.assert_same("Made in Outlook")
    assert waiting.events("Of both") == []


@pytest.mark.parametrize("window", [*WINDOWS])
def test_preview_is_german(waiting, open_odoo, in_german, window):  # noqa: F811
    waiting.client.set_preferences(lang=GERMAN)
    waiting.client.log_in()
    odoo = open_odoo(waiting.client, locale="de-DE", **WINDOWS[window])
    odoo.open_form(MODEL, preview_of(waiting))
    expect(odoo.page.locator(".alert-success")).to_contain_text("niemanden")
    look_at(odoo, f"{window}-preview", OWN)
