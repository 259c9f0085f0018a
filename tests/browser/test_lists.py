"""Test the lists of the sync for administrators and users."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from e2e.harness.person import Person

from .odoo_screen import ZONE
from .situations import create_today, make_conflict, make_dead_letter

ALL = ["Accounts", "Conflicts", "Outbox", "Linked Events", "Subscriptions", "Sync Log"]
MINE = ["My Conflicts", "My Changes to Send", "My Sync Log"]


@pytest.fixture(scope="module")
def busy_person(running_world) -> Iterator[Person]:
    """Return a person with entries in every list."""
    person = Person(running_world, "nora", zone=ZONE.key).connect()
    make_conflict(person)
    make_dead_letter(person)
    create_today(person, "Plan the fair", hour=15)
    yield person
    running_world.admin.write(
        "res.users", person.user_id, {"ms365_sync_enabled": False}
    )


@pytest.mark.parametrize("name", ALL)
def test_administrators_list_shows_rows_and_forms(name, busy_person, open_odoo, world):
    odoo = open_odoo(world.admin)
    odoo.open_calendar()
    odoo.open_menu("Configuration", name)
    rows = odoo.page.locator(".o_list_view .o_data_row")
    expect(rows.first).to_be_visible()
    odoo.take_picture(f"list-{_slug(name)}")
    rows.first.locator("td.o_data_cell").first.click()
    expect(odoo.page.locator(".o_form_view")).to_be_visible()
    odoo.take_picture(f"form-{_slug(name)}")


@pytest.mark.parametrize("name", MINE)
def test_own_list_shows_own_rows(name, busy_person, open_odoo):
    odoo = open_odoo(busy_person.client)
    odoo.open_calendar()
    odoo.open_menu("Microsoft 365", name)
    expect(odoo.page.locator(".o_list_view .o_data_row").first).to_be_visible()
    odoo.take_picture(f"list-{_slug(name)}")


def test_own_connection_says_how_it_is(busy_person, open_odoo):
    odoo = open_odoo(busy_person.client)
    odoo.open_calendar()
    odoo.open_menu("Microsoft 365", "My Connection")
    expect(odoo.field("mailbox_address").first).to_have_text(busy_person.upn)
    odoo.take_picture("form-my-connection")


def test_own_preferences_say_it_in_a_line_and_lead_there(busy_person, open_odoo):
    odoo = open_odoo(busy_person.client)
    odoo.open_calendar()
    dialog = odoo.open_preferences()
    expect(dialog).to_contain_text("Conflicts to decide: 1.")
    expect(dialog).to_contain_text("Changes that could not be sent: 1.")
    odoo.take_picture("preferences-trouble")
    dialog.get_by_role("button", name="My Connection").click()
    expect(odoo.field("mailbox_address").first).to_have_text(busy_person.upn)


@pytest.mark.parametrize(
    "title", ["Failed", "Conflicts", "Held", "Deleted", "Log", "To send"]
)
def test_own_connection_leads_to_each_list(title, busy_person, open_odoo):
    odoo = open_odoo(busy_person.client)
    odoo.open_form("praetorx.ms365.account", busy_person.account("id")["id"])
    expect(odoo.page.locator(".oe_stat_button").first).to_be_visible()
    button = odoo.page.locator(".oe_stat_button", has_text=title)
    if not button.count():
        odoo.page.locator(".o_button_more").click()
    button.click()
    rows = ".o_list_view .o_data_row, .o_view_nocontent"
    expect(odoo.page.locator(rows).first).to_be_visible()


def _slug(name: str) -> str:
    return name.lower().replace(" ", "-")
