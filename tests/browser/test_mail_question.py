"""Test that dragging and archiving name whom Outlook will mail, in both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from e2e.harness.person import Person
from e2e.harness.waiting import eventually
from e2e.harness.world import World

from .odoo_screen import OdooScreen, today_at
from .situations import create_today
from .test_german import (  # noqa: F401
    WINDOWS,
    german_anna,
    in_german,
    look_at,
)


def name_of(person: Person) -> str:
    """Return the name of a person's meeting: lists show those of everybody."""
    return f"Fair of {person.name}"


@pytest.fixture
def meeting(world: World, anna: Person) -> int:
    """Return a meeting of today with a guest, of which no mail is recorded yet."""
    return make_meeting(world, anna)


@pytest.fixture
def german_meeting(in_german: World, german_anna: Person) -> int:  # noqa: F811
    """Return the same of a person whose language is German."""
    return make_meeting(in_german, german_anna)


def make_meeting(world: World, anna: Person) -> int:
    """Make a meeting of today with a guest, and forget its mails."""
    gus = world.admin.create(
        "res.partner", {"name": "Gus Guest", "email": "gus@fair.example"}
    )
    event_id = create_today(
        anna, name_of(anna), 9, partner_ids=[(6, 0, [anna.partner_id, gus])]
    )
    world.quiesce()
    world.control.reset_mails()
    return event_id


def mails(world: World) -> list[str]:
    """Return the kinds of the mails since the meeting was made."""
    world.quiesce()
    return [one["kind"] for one in world.control.mails()]


def until_mailed(world: World, *kinds: str) -> None:
    """Wait until exactly these mails are sent."""
    eventually(lambda: mails(world) == list(kinds), f"mails: {kinds}")


def choose(odoo: OdooScreen, menu: Locator, entry: str) -> None:
    """Choose an entry of the menu of actions."""
    menu.click()
    items = odoo.page.locator(".o-dropdown--menu .o_menu_item")
    items.get_by_text(entry, exact=True).click()


def menu_of_form(odoo: OdooScreen) -> Locator:
    return odoo.page.locator(".o_cp_action_menus .fa-cog:visible")


def test_dragged_meeting_names_its_guests_first(odoo, anna, meeting, world):
    name = name_of(anna)
    odoo.open_calendar()
    expect(odoo.event(name)).to_contain_text("9:00 AM")
    odoo.drag(name, today_at(13))
    expect(odoo.dialog()).to_contain_text("Update: Gus Guest")
    odoo.take_picture("mails-before-moving")
    odoo.dialog().get_by_role("button", name="Cancel").click()
    expect(odoo.event(name)).to_contain_text("9:00 AM")
    assert mails(world) == []
    odoo.drag(name, today_at(13))
    odoo.dialog().get_by_role("button", name="Move and mail").click()
    expect(odoo.event(name).filter(has_text="1:00 PM")).to_have_count(1)
    until_mailed(world, "update")


def find_in_list(odoo, name):
    """Return the rows of the list of events that have this name."""
    odoo.page.goto(f"{odoo.url}/odoo/calendar?view_type=list")
    odoo.search(name)
    return odoo.page.locator(".o_data_row", has_text=name)


def tick_in_list(odoo, name):
    """Tick the row of an event; return the row and the menu of actions."""
    row = find_in_list(odoo, name)
    row.locator(".o-checkbox input").check()
    return row, odoo.page.get_by_role("button", name="Actions")


def test_list_names_the_guests_before_archiving(odoo, anna, meeting, world):
    row, actions = tick_in_list(odoo, name_of(anna))
    choose(odoo, actions, "Archive")
    expect(odoo.dialog()).to_contain_text("Cancellation: Gus Guest")
    odoo.take_picture("mails-before-archiving")
    odoo.dialog().get_by_role("button", name="Cancel").click()
    expect(row).to_be_visible()
    assert mails(world) == []
    choose(odoo, actions, "Archive")
    odoo.dialog().get_by_role("button", name="Archive and mail").click()
    expect(row).to_have_count(0)
    until_mailed(world, "cancellation")


def test_list_names_the_guests_before_several_are_edited(odoo, anna, meeting, world):
    name = name_of(anna)
    create_today(anna, f"{name} alone", 15)
    world.quiesce()
    rows = find_in_list(odoo, name)
    expect(rows).to_have_count(2)
    for row in rows.all():
        row.locator(".o-checkbox input").check()
    rows.first.locator("[name='location']").click()
    field = odoo.page.locator(".o_data_row [name='location'] input")
    field.fill("Hall 4")
    field.press("Enter")
    odoo.dialog().get_by_role("button", name="Update").click()
    expect(odoo.dialog()).to_contain_text("Update: Gus Guest")
    odoo.take_picture("mails-before-editing-several")
    odoo.dialog().get_by_role("button", name="Cancel").click()
    assert mails(world) == []
    assert not anna.event(meeting)["location"]
    rows.first.locator("[name='location']").click()
    field.fill("Hall 4")
    field.press("Enter")
    odoo.dialog().get_by_role("button", name="Update").click()
    odoo.dialog().get_by_role("button", name="Save and mail").click()
    until_mailed(world, "update")
    assert anna.event(meeting)["location"] == "Hall 4"


def test_list_names_the_guests_before_deleting(odoo, anna, meeting, world):
    row, actions = tick_in_list(odoo, name_of(anna))
    choose(odoo, actions, "Delete")
    expect(odoo.dialog()).to_contain_text("Cancellation: Gus Guest")
    odoo.dialog().get_by_role("button", name="Cancel").click()
    expect(row).to_be_visible()
    assert mails(world) == []
    choose(odoo, actions, "Delete")
    odoo.dialog().get_by_role("button", name="Delete and mail").click()
    odoo.page.get_by_role("button", name="Delete", exact=True).click()
    expect(row).to_have_count(0)
    until_mailed(world, "cancellation")


def test_form_names_the_guests_before_archiving_and_bringing_back(odoo, meeting, world):
    odoo.open_event(meeting)
    choose(odoo, menu_of_form(odoo), "Archive")
    expect(odoo.dialog()).to_contain_text("Cancellation: Gus Guest")
    odoo.dialog().get_by_role("button", name="Archive and mail").click()
    until_mailed(world, "cancellation")
    odoo.open_event(meeting)
    choose(odoo, menu_of_form(odoo), "Unarchive")
    expect(odoo.dialog()).to_contain_text("Invitation: Gus Guest")
    odoo.take_picture("mails-before-bringing-back")
    odoo.dialog().get_by_role("button", name="Bring back and mail").click()
    until_mailed(world, "cancellation", "invitation")


@pytest.mark.parametrize("window", [*WINDOWS])
def test_questions_are_german(german_anna, german_meeting, open_odoo, window):  # noqa: F811
    odoo = open_odoo(german_anna.client, locale="de-DE", **WINDOWS[window])
    odoo.open_event(german_meeting)
    choose(odoo, menu_of_form(odoo), "Archivieren")
    expect(odoo.dialog()).to_contain_text("Absage: Gus Guest")
    look_at(odoo, f"{window}-mails-before-archiving", frozenset({name_of(german_anna)}))


def test_dragging_is_german(german_anna, german_meeting, open_odoo):  # noqa: F811
    odoo = open_odoo(german_anna.client, locale="de-DE")
    odoo.open_calendar()
    odoo.drag(name_of(german_anna), today_at(13))
    dialog = odoo.dialog()
    expect(dialog).to_contain_text("Aktualisierung: Gus Guest")
    expect(dialog).to_contain_text("Verschieben und benachrichtigen")
    odoo.take_picture("german-mails-before-moving")
