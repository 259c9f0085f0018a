"""Test edits of a colleague's meeting: the warning, the waiting, the decision."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from e2e.harness.person import Person

from .odoo_screen import ZONE, OdooScreen
from .test_phone import PHONE


@pytest.fixture
def ben(world) -> Iterator[Person]:
    """Return a second person with a calendar that is synced both ways."""
    person = Person(world, "ben", zone=ZONE.key).connect()
    yield person
    person.switch_off()


@pytest.fixture
def planning(anna, ben, world) -> int:
    """Return Anna's meeting with Ben, tomorrow."""
    event_id = anna.create("Planning", attendees=[ben])
    world.quiesce()
    return event_id


def edit(screen: OdooScreen, location: str) -> None:
    """Change the place of a meeting in its form."""
    screen.field("location").locator("input").fill(location)
    screen.save()


def test_editor_is_told_and_organizer_decides(planning, anna, ben, odoo, open_odoo):
    of_ben = open_odoo(ben.client)
    of_ben.open_event(planning)
    note = of_ben.page.locator(".o_ms365_authority_note")
    expect(note).to_contain_text(f"This is a meeting of {anna.name}")
    of_ben.take_picture("colleague-before-saving")
    edit(of_ben, "Room 2")
    banner = of_ben.page.locator(".o_ms365_approval")
    expect(banner).to_contain_text(f"Waits for the approval of {anna.name}")
    expect(banner.get_by_role("button", name="Approve")).to_be_hidden()
    of_ben.take_picture("colleague-waits")
    odoo.open_event(planning)
    banner = odoo.page.locator(".o_ms365_approval")
    expect(banner).to_contain_text(f"{ben.name} has changed this meeting")
    odoo.take_picture("organizer-is-asked")
    banner.get_by_role("button", name="Details").click()
    expect(odoo.page.locator(".o_ms365_comparison")).to_contain_text("Room 2")
    odoo.take_picture("approval")
    odoo.page.get_by_role("button", name="Approve", exact=True).click()
    expect(odoo.page.locator(".o_statusbar_status")).to_contain_text("Approved")


def test_approvals_fit_a_phone(planning, anna, ben, open_odoo, world):
    ben.client.write("calendar.event", planning, {"location": "Room 2"})
    phone = open_odoo(anna.client, **PHONE)
    phone.open_event(planning)
    expect(phone.page.locator(".o_ms365_approval")).to_be_visible()
    phone.take_picture("phone-organizer-is-asked")
    phone.assert_fits_the_width()
    action = "praetorx_ms365_calendar.praetorx_ms365_approval_action_mine"
    phone.page.goto(f"{phone.url}/odoo/action-{action}")
    card = phone.page.locator(".o_kanban_record").first
    expect(card).to_contain_text("Planning")
    phone.take_picture("phone-approvals")
    phone.assert_fits_the_width()
    card.get_by_role("button", name="Reject").click()
    expect(phone.page.get_by_text("Nothing waits for approval")).to_be_visible()
    world.quiesce()
    assert not anna.event(planning)["location"]
