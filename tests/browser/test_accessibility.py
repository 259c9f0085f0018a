"""Test every screen in both languages, on a desktop and a phone, and by keyboard.

It is readable for everybody, fits the window, and has no English word in German.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from e2e.harness.person import Person

from . import axe
from .conftest import ScreenOpener
from .keyboard import Keyboard
from .odoo_screen import OdooScreen
from .office import (
    LANGUAGES,
    WINDOWS,
    Office,
    office,
    open_for_viewers,
    running_world,
)
from .screenshots import SCENES, Stage
from .test_german import in_german
from .wording import untranslated

__all__ = ["in_german", "office", "running_world"]  # fixtures

#: Names of calendars and events, and labels of Odoo that are the same in German.
NAMES = frozenset({"Calendar", "Start"})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("window", WINDOWS)
def test_each_screen_is_for_everybody(
    language: str,
    window: str,
    office: Office,
    open_odoo: ScreenOpener,
) -> None:
    screens = open_for_viewers(office, open_odoo, language, window)
    problems = []
    for name, (viewer, open_scene) in SCENES.items():
        odoo = screens[viewer]
        open_scene(Stage(office, odoo, language))
        expect(odoo.page.locator(".o_loading_indicator")).to_have_count(0)
        found = axe.findings(odoo.page)
        found += odoo.too_wide()
        if language == "de":
            found += untranslated(odoo.page, "de", NAMES, messages=False)
        problems += [f"{name}: {one}" for one in found]
    assert not problems, "\n".join(problems)


@pytest.fixture
def look(office: Office, open_odoo: ScreenOpener) -> Callable[[str], Stage]:
    """Return a function that opens a window for a person of the office."""

    def open_for(viewer: str) -> Stage:
        screens = open_for_viewers(office, open_odoo, "en", "desk", [viewer])
        return Stage(office, screens[viewer], "en")

    return open_for


def test_keyboard_connects_a_mailbox(look: Callable[[str], Stage]) -> None:
    stage = look("carla")
    odoo, carla, world = stage.odoo, stage.office.carla, stage.office.world
    wrong = Person(world, "wrong")
    keyboard = Keyboard(odoo.page)
    odoo.open_calendar()
    keyboard.press("Alt+Shift+O")
    keyboard.expect_at(odoo.button("action_sign_in"))
    keyboard.press("Escape")
    keyboard.expect_at(odoo.page.locator(".o_ms365_connect"))
    keyboard.press("Enter")
    keyboard.use(odoo.button("action_sign_in"))
    sign_in_as(wrong, odoo)
    keyboard.use(odoo.button("action_use_other_account").first)
    sign_in_as(carla, odoo)
    keyboard.use(odoo.button("action_open_preview").first)
    only_own = odoo.field("only_own").locator("input")
    keyboard.use(only_own, "Space")
    expect(only_own).to_be_checked()
    keyboard.use(odoo.button("action_start"))
    carla.until_read()


def sign_in_as(person: Person, odoo: OdooScreen) -> None:
    """Choose a mailbox on Microsoft's page, and come back to Odoo."""
    odoo.page.get_by_role("button", name=person.upn).press("Enter")
    odoo.page.wait_for_url(f"{odoo.url}/odoo**")
    person.world.quiesce()
    odoo.page.reload()


def test_keyboard_signs_in_with_a_code(look: Callable[[str], Stage]) -> None:
    stage = look("carla")
    odoo, world = stage.odoo, stage.office.world
    world.control.update_app(world.app["client_id"], allows_public_flows=True)
    stage.office.carla.disconnect()
    keyboard = Keyboard(odoo.page)
    stage.open_action("account_action_mine")
    keyboard.use(odoo.button("action_sign_in_by_code").first)
    code = odoo.page.locator(".o_ms365_device_code")
    keyboard.tab_to(code.get_by_role("link"))
    keyboard.tab_to(code.locator(".o_clipboard_button"))
    keyboard.use(code.get_by_text("Cancel"))
    expect(code).to_be_hidden()
    keyboard.tab_to(odoo.button("action_sign_in").first)


def test_keyboard_leads_from_a_mark_to_the_decision(
    look: Callable[[str], Stage],
) -> None:
    stage = look("anna")
    odoo = stage.odoo
    keyboard = Keyboard(odoo.page)
    odoo.open_calendar()
    # Odoo's search field keeps the key Tab to itself.
    odoo.page.locator(".o_calendar_button_next").focus()
    keyboard.tab_to(odoo.page.locator(".o_ms365_status"))
    event = odoo.page.locator(".fc-event:has([data-mark=conflict])").first
    keyboard.use(event)
    keyboard.use(odoo.page.locator(".o_cw_popover_edit"))
    decide = odoo.button("action_ms365_decide")
    keyboard.use(decide)
    choices = odoo.dialog().locator(".o_ms365_choice")
    expect(choices.first).to_be_visible()
    keyboard.press("Escape")
    keyboard.expect_at(decide)
    keyboard.press("Enter")
    expect(choices.first).to_be_visible()
    for choice in choices.all():
        keyboard.use(choice.locator("input").first, "Space")
    keyboard.use(odoo.button("action_apply"))
    expect(odoo.page.locator(".o_ms365_conflict")).to_be_hidden()


def test_keyboard_opens_history_and_deletion(look: Callable[[str], Stage]) -> None:
    stage = look("ben")
    odoo = stage.odoo
    keyboard = Keyboard(odoo.page)
    odoo.open_event(stage.office.events["teams"])
    history = odoo.button("action_ms365_history")
    keyboard.use(history)
    keyboard.use(odoo.dialog().get_by_role("button", name="Restore").first)
    restore = odoo.page.locator(".modal:has(.o_ms365_version_restore)")
    keyboard.tab_to(restore.locator("button[name='action_restore']"))
    keyboard.press("Escape")
    restore.wait_for(state="hidden")
    keyboard.press("Escape")
    keyboard.expect_at(history)
    odoo.open_calendar()
    odoo.page.locator(".o_calendar_button_next").focus()
    keyboard.use(odoo.event("Budget review").first)
    keyboard.use(odoo.page.locator(".o_cw_popover a:has(.fa-trash)"))
    expect(odoo.dialog()).to_contain_text("Delete this meeting?")
    keyboard.use(odoo.dialog().get_by_role("button", name="Keep it"))
    expect(odoo.event("Budget review").first).to_be_visible()


def test_keyboard_sends_meetings_and_keeps_deleted_events(
    look: Callable[[str], Stage],
) -> None:
    stage = look("anna")
    odoo = stage.odoo
    keyboard = Keyboard(odoo.page)
    stage.open_action("account_action_mine")
    review = odoo.button("action_review_waiting")
    keyboard.use(review)
    box = odoo.dialog().locator(".o_data_row .o-checkbox input").first
    keyboard.use(box, "Space")
    expect(box).not_to_be_checked()
    keyboard.press("Escape")
    keyboard.expect_at(review)
    keyboard.press("Enter")
    keyboard.use(odoo.button("action_send"))
    expect(odoo.page.locator(".modal")).to_have_count(0)
    stage.open_action("hold_action_mine")
    keyboard.press("ArrowDown", "ArrowDown", "Enter")
    # The list has a button of this name as well, until the form is there.
    odoo.page.locator(".o_form_view").wait_for()
    keep = odoo.button("action_keep")
    keyboard.use(keep)
    odoo.dialog()
    keyboard.press("Escape")
    keyboard.expect_at(keep)
    keyboard.press("Enter")
    keyboard.use(odoo.dialog().locator(".btn-primary"))
    expect(keep).to_be_hidden()


def focus_on_top(odoo: OdooScreen) -> None:
    """Put the focus where a page begins: its forms have it in their first field."""
    odoo.page.locator(".o_navbar_apps_menu button").focus()


def test_keyboard_leads_through_the_set_up(look: Callable[[str], Stage]) -> None:
    stage = look("frida")
    odoo = stage.odoo
    keyboard = Keyboard(odoo.page)
    stage.open_action("account_action")
    panel = odoo.page.locator(".o_ms365_onboarding")
    guide = panel.locator("[data-step='action_open_ms365_guide'] button")
    odoo.page.locator(".o_switch_view").last.focus()
    keyboard.use(guide)
    dialog = odoo.dialog()
    keyboard.tab_to(dialog.locator(".o_clipboard_button").first)
    keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    keyboard.expect_at(guide)
    invite = panel.locator("[data-step='action_open_ms365_invitation'] button")
    keyboard.use(invite)
    keyboard.tab_to(odoo.button("action_invite"))
    keyboard.press("Escape")
    keyboard.expect_at(invite)
    odoo.page.locator(".o_switch_view").last.focus()
    keyboard.use(panel.locator(".btn-close"))
    expect(panel).to_be_hidden()
    stage.office.world.database.rows(
        "UPDATE onboarding_progress SET is_onboarding_closed = false"
    )


def test_keyboard_changes_the_organizer(look: Callable[[str], Stage]) -> None:
    stage = look("ben")
    odoo, office = stage.odoo, stage.office
    keyboard = Keyboard(odoo.page)
    event_id = office.ben.create("Handover", attendees=[office.anna])
    office.world.quiesce()
    odoo.open_event(event_id)
    keyboard.use(odoo.page.get_by_role("tab", name="Options"))
    change = odoo.button("action_ms365_change_organizer")
    keyboard.use(change)
    person = odoo.dialog().locator("[name='new_organizer_id'] input")
    keyboard.tab_to(person)
    odoo.page.keyboard.type(office.anna.name)
    keyboard.press("Enter")
    expect(odoo.dialog()).to_contain_text(f"{office.anna.name} is asked first")
    apply = odoo.dialog().get_by_role("button", name="Change organizer")
    keyboard.tab_to(apply)
    keyboard.press("Escape")
    keyboard.expect_at(change)


def test_keyboard_resets_an_account(look: Callable[[str], Stage]) -> None:
    stage = look("admin")
    odoo, dora = stage.odoo, stage.office.dora
    keyboard = Keyboard(odoo.page)
    odoo.page.goto(f"{odoo.url}/odoo/action-base.action_res_users/{dora.user_id}")
    keyboard.use(odoo.page.get_by_role("tab", name="Calendar"))
    # Odoo's editor above keeps the key Tab to itself.
    odoo.field("ms365_sync_enabled").locator("input").focus()
    reset = odoo.page.locator(".o_ms365_reset")
    keyboard.use(reset)
    dialog = odoo.dialog()
    expect(dialog).to_contain_text("These are the exact numbers")
    keyboard.tab_to(dialog.locator("[name='delete_policy'] input:checked"))
    keyboard.press("ArrowDown")
    expect(dialog.locator("[name='delete_policy'] input").nth(1)).to_be_checked()
    keyboard.tab_to(dialog.locator("button[name='reset_account']"))
    keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    keyboard.expect_at(reset)


def test_keyboard_makes_a_teams_meeting_about_an_opportunity(
    look: Callable[[str], Stage],
) -> None:
    stage = look("ben")
    odoo, ben = stage.odoo, stage.office.ben
    keyboard = Keyboard(odoo.page)
    [lead] = ben.client.search_read("crm.lead", [("type", "=", "opportunity")], ["id"])
    odoo.open_form("crm.lead", lead["id"])
    focus_on_top(odoo)
    keyboard.use(odoo.button("action_schedule_meeting"))
    new = odoo.page.locator(".o-calendar-button-new")
    new.wait_for()
    focus_on_top(odoo)
    keyboard.use(new)
    keyboard.tab_to(odoo.field("name").locator("input, textarea"))
    keyboard.press("Control+A")
    odoo.page.keyboard.type("Offer for Fabrikam")
    preview = odoo.page.locator(".o_ms365_mail_preview:visible")
    expect(preview).to_contain_text("Invitation: Fabrikam")
    switch = odoo.field("is_teams_meeting").locator("input")
    keyboard.use(switch, "Space")
    expect(switch).to_be_checked()
    keyboard.press("Alt+s")
    expect(odoo.page.locator(".o_form_button_save:visible")).to_have_count(0)
    stage.office.world.quiesce()
    remote = ben.outlook_event("Offer for Fabrikam")
    assert remote["isOnlineMeeting"] is True
