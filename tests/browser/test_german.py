"""Test the same screens in German: the words, the width, and what axe finds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from e2e.harness.odoo_client import OdooClient
from e2e.harness.person import Person
from e2e.harness.world import World

from . import axe
from .conftest import ScreenOpener
from .odoo_screen import ZONE, OdooScreen
from .situations import create_today, make_conflict, make_dead_letter, make_hold
from .test_history import make_history, make_moved_series
from .test_people import open_organizer_dialog
from .test_phone import PHONE
from .wording import untranslated

GERMAN = "de_DE"
ADMIN_LOGIN = "german-administrator"
#: Window sizes of a desktop and a phone, by the beginning of their picture names.
WINDOWS: dict[str, dict[str, Any]] = {"german": {}, "german-phone": PHONE}
#: *Start* is a label of Odoo's own form in German, too.
NAMES = frozenset({"Start"})
#: Models whose lists administrators see.
LISTS = (
    "account",
    "approval",
    "calendar",
    "conflict",
    "difference",
    "event_link",
    "hold",
    "outbox",
    "subscription",
    "sync_log",
    "version",
)


#: Models whose rows each user sees for the own mailbox.
MINE = (
    "approval",
    "calendar",
    "conflict",
    "deleted_event",
    "difference",
    "hold",
    "outbox",
    "sync_log",
)


@pytest.fixture(scope="module")
def in_german(running_world: World) -> World:
    """Return the servers, with German as a language of Odoo."""
    admin = running_world.admin
    [language] = admin.search_read(
        "res.lang", [("code", "=", GERMAN)], ["active"], context={"active_test": False}
    )
    if not language["active"]:
        values = {"lang_ids": [(6, 0, [language["id"]])], "overwrite": True}
        wizard = admin.create("base.language.install", values)
        admin.call("base.language.install", "lang_install", [wizard])
    return running_world


@pytest.fixture(scope="module")
def german_admin(in_german: World) -> OdooClient:
    """Return an administrator with German as language."""
    [group] = in_german.admin.search_read(
        "ir.model.data",
        [("module", "=", "base"), ("name", "=", "group_system")],
        ["res_id"],
    )
    in_german.admin.create(
        "res.users",
        {
            "name": "Gerda Admin",
            "login": ADMIN_LOGIN,
            "password": ADMIN_LOGIN,
            "lang": GERMAN,
            "tz": ZONE.key,
            "group_ids": [(4, group["res_id"])],
        },
    )
    return in_german.odoo.client(ADMIN_LOGIN)


@pytest.fixture(scope="module")
def busy_person(in_german: World) -> Iterator[Person]:
    """Return a person with several calendars and entries in every list."""
    control = in_german.control
    person = Person(in_german, "nora", zone=ZONE.key)
    person.client.set_preferences(lang=GERMAN)
    person.client.log_in()
    person.connect()
    create_today(person, "Visit the printer", hour=15)
    person.outlook_delete(person.outlook_event("Visit the printer"))
    in_german.quiesce()
    make_hold(person)
    make_conflict(person)
    make_dead_letter(person)
    control.add_calendar(person.upn, "Messe")
    boss = Person(in_german, "berta", full_name="Berta Boss")
    control.share_calendar(boss.upn, person.upn, role="delegateWithPrivateEventAccess")
    person.refresh_calendars()
    person.sync_calendar("Messe")
    make_difference(person)
    yield person
    person.switch_off()


def make_difference(person: Person) -> None:
    """Change the address of a guest: the owner of the meeting is asked about it."""
    world = person.world
    guest = world.admin.create(
        "res.partner", {"name": "Gus Guest", "email": "gus@fair.example"}
    )
    people = [(6, 0, [person.partner_id, guest])]
    create_today(person, "Visit the fair", hour=12, partner_ids=people)
    world.quiesce()
    world.admin.write("res.partner", guest, {"email": "gus.guest@fair.example"})
    world.quiesce()
    world.run_cron("ir_cron_compare")


@pytest.fixture
def german_anna(anna_unconnected: Person, in_german: World) -> Person:
    """Return a connected person with German as language."""
    anna_unconnected.client.set_preferences(lang=GERMAN)
    anna_unconnected.client.log_in()
    return anna_unconnected.connect()


@pytest.fixture(params=list(WINDOWS))
def window(request: pytest.FixtureRequest) -> str:
    """Return the window size of a desktop, then of a phone."""
    return request.param


def look_at(
    odoo: OdooScreen, picture: str, names: frozenset[str] = frozenset()
) -> None:
    """Save a picture; fail if :func:`problems` finds something."""
    assert problems(odoo, picture, names) == []


def problems(
    odoo: OdooScreen, picture: str, names: frozenset[str] = frozenset()
) -> list[str]:
    """Save a picture; return English words, what is cut, and what axe finds."""
    odoo.take_picture(picture)
    found = untranslated(odoo.page, "de", NAMES | names)
    found += odoo.too_wide() + odoo.cut_words() + axe.findings(odoo.page)
    return [f"{picture}: {one}" for one in found]


def open_action(odoo: OdooScreen, name: str) -> None:
    """Open the list of one of our actions, and check that it has entries."""
    odoo.page.goto(f"{odoo.url}/odoo/action-praetorx_ms365_calendar.{name}")
    content = ".o_data_row, .o_kanban_record, .o_group_header"
    odoo.page.locator(content).first.wait_for()
    group = odoo.page.locator(".o_group_header")
    if group.count():
        group.first.click()
    expect(first_of_list(odoo)).to_be_visible()


def first_of_list(odoo: OdooScreen):
    rows = ".o_list_view .o_data_row, .o_kanban_view .o_kanban_record"
    return odoo.page.locator(f":is({rows}):visible").first


def test_lists_and_forms_are_german(
    window: str,
    busy_person: Person,
    german_admin: OdooClient,
    open_odoo: ScreenOpener,
) -> None:
    odoo = open_odoo(german_admin, locale="de-DE", **WINDOWS[window])
    found = []
    for model in LISTS:
        open_action(odoo, f"praetorx_ms365_{model}_action")
        found += problems(odoo, f"{window}-list-{model}")
        if model == "calendar" and window == "german":
            continue  # its rows are edited in the list
        row = first_of_list(odoo)
        cell = row.locator("td.o_data_cell")
        (cell.first if cell.count() else row).click()
        expect(odoo.page.locator(".o_form_view")).to_be_visible()
        found += problems(odoo, f"{window}-form-{model}")
    assert not found, "\n".join(found)


def test_own_lists_are_german(
    window: str, busy_person: Person, open_odoo: ScreenOpener
) -> None:
    odoo = open_odoo(busy_person.client, locale="de-DE", **WINDOWS[window])
    found = []
    for model in MINE:
        open_action(odoo, f"praetorx_ms365_{model}_action_mine")
        found += problems(odoo, f"{window}-my-{model}")
    assert not found, "\n".join(found)


def test_settings_are_german(
    window: str, german_admin: OdooClient, open_odoo: ScreenOpener
) -> None:
    odoo = open_odoo(german_admin, locale="de-DE", **WINDOWS[window])
    odoo.page.goto(f"{odoo.url}/odoo/settings#calendar")
    odoo.page.locator(".settings_tab [data-key='calendar']").click()
    for name in ("ms365_conflict_policy", "cal_microsoft_client_id"):
        odoo.field(name).scroll_into_view_if_needed()
        odoo.take_picture(f"{window}-settings-{name}")
    look_at(odoo, f"{window}-settings")
    odoo.open_form("res.company", 1)
    odoo.page.get_by_role("tab", name="Microsoft 365").click()
    expect(odoo.field("ms365_client_id")).to_be_visible()
    look_at(odoo, f"{window}-company")


def test_preferences_and_own_connection_are_german(
    window: str, busy_person: Person, open_odoo: ScreenOpener
) -> None:
    odoo = open_odoo(busy_person.client, locale="de-DE", **WINDOWS[window])
    odoo.open_calendar()
    odoo.open_preferences("Meine Präferenzen", "Kalender")
    expect(odoo.field("ms365_status")).to_contain_text("Verbunden")
    look_at(odoo, f"{window}-preferences")
    odoo.button("action_ms365_open_connection").click()
    expect(odoo.field("mailbox_address").first).to_be_visible()
    look_at(odoo, f"{window}-my-connection")
    rows = odoo.page.locator(".o_data_row, .o_kanban_record")
    rows.filter(has_text="Messe").scroll_into_view_if_needed()
    look_at(odoo, f"{window}-my-connection-calendars")


def test_reset_is_german(
    window: str,
    busy_person: Person,
    german_admin: OdooClient,
    open_odoo: ScreenOpener,
) -> None:
    odoo = open_odoo(german_admin, locale="de-DE", **WINDOWS[window])
    action = f"action-base.action_res_users/{busy_person.user_id}"
    odoo.page.goto(f"{odoo.url}/odoo/{action}")
    odoo.page.get_by_role("tab", name="Kalender").click()
    name = re.compile("Konto zurücksetzen")
    odoo.page.get_by_role("button", name=name).last.click()
    expect(odoo.dialog().locator("[name='ms365_outlook_words']")).to_be_attached()
    look_at(odoo, f"{window}-reset")


def test_restore_is_german(
    window: str, busy_person: Person, open_odoo: ScreenOpener
) -> None:
    odoo = open_odoo(busy_person.client, locale="de-DE", **WINDOWS[window])
    open_action(odoo, "praetorx_ms365_deleted_event_action_mine")
    look_at(odoo, f"{window}-my-deleted-events")
    first_of_list(odoo).get_by_role("button").first.click()
    odoo.dialog()
    look_at(odoo, f"{window}-restore")


def test_organizer_change_is_german(
    window: str, german_anna: Person, open_odoo: ScreenOpener, world: World
) -> None:
    # This name must come first: a phone lists 40 people at a time.
    other = Person(world, "aaron", zone=ZONE.key).connect()
    event_id = german_anna.create("Planung", attendees=[other])
    world.quiesce()
    odoo = open_odoo(german_anna.client, locale="de-DE", **WINDOWS[window])
    open_organizer_dialog(odoo, event_id, other, tab="Optionen")
    expect(odoo.dialog()).to_contain_text("1 Person")
    look_at(odoo, f"{window}-organizer-change")
    other.switch_off()


def test_history_is_german(window: str, german_anna: Person, open_odoo) -> None:
    odoo = open_odoo(german_anna.client, locale="de-DE", **WINDOWS[window])
    odoo.open_event(make_history(german_anna))
    odoo.button("action_ms365_history").click()
    record = odoo.dialog().locator(".o_kanban_record").first
    expect(record).to_contain_text("Betreff")
    look_at(odoo, f"{window}-history")
    record.get_by_role("button").click()
    expect(odoo.page.locator(".o_ms365_version_restore")).to_be_visible()
    look_at(odoo, f"{window}-history-restore")


def test_restore_of_a_series_is_german(
    window: str, german_anna: Person, open_odoo: ScreenOpener
) -> None:
    odoo = open_odoo(german_anna.client, locale="de-DE", **WINDOWS[window])
    odoo.open_event(make_moved_series(german_anna))
    odoo.button("action_ms365_history").click()
    odoo.dialog().locator("button[name='action_restore']").first.click()
    expect(odoo.page.locator(".o_ms365_version_restore")).to_be_visible()
    look_at(odoo, f"{window}-history-restore-series", frozenset({"Standup"}))


def test_conflict_is_german(window: str, german_anna: Person, open_odoo) -> None:
    odoo = open_odoo(german_anna.client, locale="de-DE", **WINDOWS[window])
    odoo.open_event(make_conflict(german_anna))
    bar = odoo.page.locator(".o_ms365_conflict")
    expect(bar).to_contain_text("in Odoo und in Outlook")
    look_at(odoo, f"{window}-event")
    bar.get_by_role("button").click()
    expect(odoo.dialog()).to_contain_text("Fassung")
    look_at(odoo, f"{window}-conflict")


def test_failed_event_is_explained_in_german(
    german_anna: Person, open_odoo: ScreenOpener, world: World
) -> None:
    odoo = open_odoo(german_anna.client, locale="de-DE")
    odoo.open_event(make_dead_letter(german_anna))
    bar = odoo.page.locator(".o_ms365_error")
    expect(bar).to_contain_text("wegen einer Störung bei Microsoft nicht angenommen")
    code = bar.get_by_text("ErrorInternalServerError")
    expect(code).to_be_hidden()
    look_at(odoo, "german-event-failed")
    bar.get_by_text("Details", exact=True).click()
    expect(code).to_be_visible()
    odoo.take_picture("german-event-failed-details")
    bar.get_by_role("button", name="Erneut versuchen").click()
    expect(bar).to_be_hidden()
    world.quiesce()
    assert german_anna.outlook_event("Dinner")
