"""Test choosing calendars, on a desktop and a phone, and the calendar of an event."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from e2e.harness.person import Person
from e2e.harness.waiting import eventually
from e2e.harness.world import World

from .conftest import ScreenOpener
from .odoo_screen import OdooScreen
from .situations import create_today
from .test_phone import PHONE

#: Why a change waits for nobody.
HARMLESS = "the change is made by itself, as nothing follows from it"


@pytest.fixture
def listed(anna: Person, world: World) -> Person:
    """Return a person with four kinds of calendars; the primary one is synced."""
    world.control.add_calendar(anna.upn, "Fair")
    world.control.add_calendar(anna.upn, "Family")
    boss = Person(world, "berta", full_name="Berta Boss")
    world.control.share_calendar(
        boss.upn, anna.upn, role="delegateWithPrivateEventAccess"
    )
    anna.refresh_calendars()
    return anna


def test_calendar_is_switched_on_in_my_connection(
    listed: Person, open_odoo: ScreenOpener, world: World
) -> None:
    odoo = open_odoo(listed.client)
    row = open_own_calendar(odoo, "Fair")
    expect(row).to_contain_text("Not synced")
    switch(row)
    expect(row).not_to_contain_text("Not synced")
    odoo.take_picture("my-connection-calendar-on")
    odoo.save()
    world.quiesce()  # nothing follows from it, so it waits for nobody
    assert listed.calendar("Fair")["status"] == "In sync."


def test_shared_calendar_asks_for_the_permission(
    listed: Person, open_odoo: ScreenOpener
) -> None:
    odoo = open_odoo(listed.client)
    row = open_own_calendar(odoo, "Berta Boss")
    switch(row)
    expect(row).to_contain_text("Sign in again to allow shared calendars")
    odoo.save()
    allow = odoo.page.get_by_role("button", name="Allow shared calendars")
    expect(allow).to_be_visible()
    allow.scroll_into_view_if_needed()
    odoo.take_picture("my-connection-shared-calendar")


def test_calendar_is_taken_off_in_my_connection(
    listed: Person, open_odoo: ScreenOpener
) -> None:
    listed.sync_calendar("Fair")
    odoo = open_odoo(listed.client)
    row = open_own_calendar(odoo, "Fair")
    expect(row).to_contain_text("In sync")
    row.scroll_into_view_if_needed()
    odoo.take_picture("my-connection-calendars")
    switch(row)
    expect(row).to_contain_text("Not synced")
    odoo.save()
    eventually(lambda: not listed.calendar("Fair")["is_synced"], HARMLESS)


def test_direction_is_chosen_in_my_calendars(
    listed: Person, open_odoo: ScreenOpener
) -> None:
    listed.sync_calendar("Fair")
    odoo = open_odoo(listed.client)
    odoo.open_calendar()
    odoo.open_menu("Microsoft 365", "My Calendars")
    row = odoo.page.locator(".o_data_row", has_text="Fair")
    odoo.take_picture("my-calendars")
    row.locator("td[name='direction']").click()
    row.locator("td[name='direction'] input").click()
    entry = odoo.page.locator(".o_select_menu_item", has_text="Outlook to Odoo only")
    entry.click()
    odoo.page.locator(".o_list_button_save:visible").click()
    eventually(
        lambda: listed.calendar("Fair")["direction"] == "outlook_to_odoo", HARMLESS
    )


def test_new_event_goes_to_the_chosen_calendar(
    listed: Person, open_odoo: ScreenOpener, world: World
) -> None:
    listed.sync_calendar("Fair")
    event_id = create_today(listed, "Plan the fair")
    odoo = open_odoo(listed.client)
    odoo.open_event(event_id)
    field = odoo.field("ms365_calendar_id")
    expect(field.locator("input")).to_have_value("Calendar")
    odoo.take_picture("event-calendar")


def open_own_calendar(odoo: OdooScreen, name: str) -> Locator:
    """Open *My Connection*, and return the row of a calendar."""
    odoo.open_calendar()
    odoo.open_menu("Microsoft 365", "My Connection")
    return odoo.page.locator(".o_data_row", has_text=name)


def switch(row: Locator) -> None:
    """Switch the calendar of a row on or off."""
    row.locator("td[name='display_name']").click()
    row.locator("td[name='is_synced'] input").click()


@pytest.fixture
def phone(listed: Person, open_odoo: ScreenOpener) -> OdooScreen:
    """Return Odoo on the phone of a person with several calendars."""
    return open_odoo(listed.client, **PHONE)


def test_calendars_in_my_connection_fit_a_phone(
    phone: OdooScreen, listed: Person
) -> None:
    phone.open_form("praetorx.ms365.account", listed.account("id")["id"])
    card = phone.page.locator(".o_kanban_record", has_text="Fair")
    card.hover()  # again, if the form is drawn anew meanwhile
    phone.take_picture("phone-my-connection-calendars")
    phone.assert_fits_the_width()
    card.tap()
    choice = phone.page.locator(".modal", has_text="Open: Calendars")
    switch = choice.locator("[name='is_synced'] input")
    switch.tap()
    expect(switch).to_be_checked()
    phone.take_picture("phone-my-connection-calendar")
    choice.locator("footer .btn-primary:visible").first.click()
    choice.wait_for(state="hidden")
    expect(card).not_to_contain_text("Not synced")
    phone.save()
    eventually(lambda: listed.calendar("Fair")["is_synced"], HARMLESS)
