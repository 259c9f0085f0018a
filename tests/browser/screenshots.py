"""Take pictures of every screen, in both languages: ``make screenshots``.

All pictures go to ``.odoo/screenshots/<language>``. The pictures of the documents and
of the store page are made of them, smaller, at the places in :data:`PUBLISHED`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from env.paths import ROOT

from .conftest import ScreenOpener
from .odoo_screen import OdooScreen
from .office import (
    LANGUAGES,
    WINDOWS,
    Office,
    office,
    open_for_viewers,
    running_world,
)
from .pictures import FOLDER, take
from .test_german import first_of_list, in_german

__all__ = ["in_german", "office", "running_world"]  # fixtures

#: Language -> the menu entry of the preferences, and their tab.
PREFERENCES = {
    "en": ("My Preferences", "Calendar"),
    "de": ("Meine Präferenzen", "Kalender"),
}
#: Wait for fonts, and for pictures of people.
_LOADED = """
() => Promise.all([document.fonts.ready, ...[...document.images].map((image) =>
    image.checkVisibility() && image.decode().catch(() => null))]).then(() => true)
"""
STORE = ROOT / "praetorx_ms365_calendar" / "static" / "description"
DOCS = ROOT / "docs" / "images"
#: Scene -> folders that get its picture of a desk, as ``<scene>-<language>.png``.
PUBLISHED: dict[str, tuple[Path, ...]] = {
    "calendar": (DOCS, STORE),
    "connect": (DOCS, STORE),
    "preview": (DOCS, STORE),
    "history": (DOCS, STORE),
    "connection": (DOCS, STORE),
    "conflict": (DOCS, STORE),
    "teams": (DOCS, STORE),
    "accounts": (DOCS, STORE),
    "held": (DOCS,),
    "failed": (DOCS,),
    "log": (DOCS,),
    "settings": (DOCS,),
    "crm": (DOCS,),
    "task": (DOCS,),
}


@dataclass
class Stage:
    """One browser window, with the office that it looks at."""

    office: Office
    odoo: OdooScreen
    language: str

    def open_action(self, name: str) -> None:
        """Open one of our actions, by the end of its XML id."""
        self.odoo.page.goto(
            f"{self.odoo.url}/odoo/action-praetorx_ms365_calendar.praetorx_ms365_{name}"
        )
        self.odoo.page.locator(
            ".o_data_row, .o_kanban_record, .o_form_view, .o_view_nocontent,"
            " .o_ms365_onboarding"
        ).first.wait_for()


Scene = Callable[[Stage], None]
#: Name -> the person who looks (``anna``, ``ben`` or ``admin``) and the scene.
SCENES: dict[str, tuple[str, Scene]] = {}


def scene(name: str, viewer: str = "anna") -> Callable[[Scene], Scene]:
    """Register a function that opens one screen."""

    def register(function: Scene) -> Scene:
        SCENES[name] = (viewer, function)
        return function

    return register


@scene("calendar", viewer="ben")
def open_calendar(stage: Stage) -> None:
    """Open the week of somebody whose sync is all right."""
    stage.odoo.open_calendar()
    expect(stage.odoo.page.locator(".fc-event").first).to_be_visible()


@scene("calendar-trouble")
def open_calendar_with_trouble(stage: Stage) -> None:
    """Open the week of somebody who has to decide."""
    open_calendar(stage)


@scene("connection", viewer="ben")
def open_connection(stage: Stage) -> None:
    """Open *My Connection* while all is well."""
    stage.open_action("account_action_mine")


@scene("connection-trouble")
def open_connection_with_trouble(stage: Stage) -> None:
    """Open *My Connection* of somebody who has to decide."""
    open_connection(stage)


@scene("connect", viewer="carla")
def open_connect_dialog(stage: Stage) -> None:
    """Open the dialog that connects a mailbox."""
    stage.odoo.open_calendar()
    stage.odoo.page.locator(".o_ms365_connect").click()
    stage.odoo.dialog()


@scene("preview", viewer="dora")
def open_preview(stage: Stage) -> None:
    """Open the preview before the first reading."""
    stage.odoo.open_calendar()
    stage.open_action("account_action_mine")
    stage.odoo.button("action_open_preview").click()
    expect(stage.odoo.button("action_start")).to_be_visible()


@scene("disconnect", viewer="ben")
def open_disconnect_dialog(stage: Stage) -> None:
    """Open the dialog that says what stays where."""
    open_connection(stage)
    menu = stage.odoo.page.locator(".o_statusbar_buttons .dropdown-toggle")
    if menu.count():  # on a phone
        menu.click()
    stage.odoo.button("action_disconnect").click()
    stage.odoo.dialog()


@scene("preferences", viewer="ben")
def open_preferences(stage: Stage) -> None:
    """Open the tab of the preferences."""
    stage.odoo.open_calendar()
    stage.odoo.open_preferences(*PREFERENCES[stage.language])
    stage.odoo.button("action_ms365_open_connection").scroll_into_view_if_needed()


@scene("teams", viewer="ben")
def open_teams_meeting(stage: Stage) -> None:
    """Open a Teams meeting with its link."""
    stage.odoo.open_event(stage.office.events["teams"])


@scene("history", viewer="ben")
def open_history(stage: Stage) -> None:
    """Open the history of an event that was changed in Outlook."""
    open_teams_meeting(stage)
    stage.odoo.page.locator("button[name='action_ms365_history']").first.evaluate(
        "(button) => button.click()"
    )
    stage.odoo.page.locator(".modal, .o_list_view").first.wait_for()


@scene("crm", viewer="ben")
def open_meeting_of_opportunity(stage: Stage) -> None:
    """Open the Teams meeting about an opportunity."""
    stage.odoo.open_event(stage.office.events["crm"])


@scene("task", viewer="ben")
def open_meeting_of_task(stage: Stage) -> None:
    """Open the Teams meeting about a task."""
    stage.odoo.open_event(stage.office.events["task"])


@scene("send-meetings")
def open_waiting_meetings(stage: Stage) -> None:
    """Open the meetings from before the switch, with the people of each."""
    stage.open_action("account_action_mine")
    stage.odoo.button("action_review_waiting").click()
    stage.odoo.page.locator(".o_ms365_sending").wait_for()


@scene("conflict")
def open_conflict(stage: Stage) -> None:
    """Open both versions of an event, side by side."""
    open_event_in_conflict(stage)
    stage.odoo.page.locator(".o_ms365_conflict").get_by_role("button").first.click()
    stage.odoo.dialog()


@scene("event-conflict")
def open_event_in_conflict(stage: Stage) -> None:
    """Open an event that differs on both sides."""
    stage.odoo.open_event(stage.office.events["conflict"])


@scene("failed")
def open_failed_event(stage: Stage) -> None:
    """Open an event whose change Outlook did not accept."""
    stage.odoo.open_event(stage.office.events["failed"])


@scene("held")
def open_held_deletions(stage: Stage) -> None:
    """Open deletions that wait for a decision."""
    stage.open_action("hold_action_mine")
    row = first_of_list(stage.odoo)
    cell = row.locator("td.o_data_cell")
    (cell.first if cell.count() else row).click()
    stage.odoo.page.locator(".o_form_view").wait_for()


@scene("changes")
def open_changes(stage: Stage) -> None:
    """Open the changes that are not in Outlook yet."""
    stage.open_action("outbox_action_mine")


@scene("log")
def open_log(stage: Stage) -> None:
    """Open one's own log."""
    stage.open_action("sync_log_action_mine")


@scene("accounts", viewer="admin")
def open_accounts(stage: Stage) -> None:
    """Open the list of all mailboxes."""
    stage.open_action("account_action")


@scene("onboarding", viewer="frida")
def open_onboarding(stage: Stage) -> None:
    """Open the steps of the set-up, in a company where nobody is connected."""
    stage.open_action("account_action")
    expect(stage.odoo.page.locator(".o_ms365_onboarding")).to_be_visible()


def open_step(stage: Stage, method: str) -> None:
    """Press the button of a step of the set-up, which opens a dialog."""
    open_onboarding(stage)
    step = stage.odoo.page.locator(f"[data-step='{method}']")
    step.get_by_role("button").click()
    stage.odoo.dialog()


@scene("onboarding-guide", viewer="frida")
def open_guide(stage: Stage) -> None:
    """Open the guide to the registration of the app."""
    open_step(stage, "action_open_ms365_guide")


@scene("onboarding-invitation", viewer="frida")
def open_invitation(stage: Stage) -> None:
    """Open the dialog that invites people."""
    open_step(stage, "action_open_ms365_invitation")


@scene("invited", viewer="carla")
def open_link_of_invitation(stage: Stage) -> None:
    """Open the link of an invitation."""
    stage.odoo.page.goto(f"{stage.odoo.url}/odoo/connect-outlook")
    stage.odoo.dialog()


@scene("settings", viewer="admin")
def open_settings(stage: Stage) -> None:
    """Open the settings of the calendar."""
    page = stage.odoo.page
    page.goto(f"{stage.odoo.url}/odoo/settings#calendar")
    page.locator(".settings_tab [data-key='calendar']").click()
    stage.odoo.field("cal_microsoft_client_id").scroll_into_view_if_needed()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("window", WINDOWS)
def test_take_pictures(
    language: str, window: str, office: Office, open_odoo: ScreenOpener
) -> None:
    """Open each screen, and save its picture."""
    screens = open_for_viewers(office, open_odoo, language, window)
    suffix = "" if window == "desk" else f"-{window}"
    for name, (viewer, open_scene) in SCENES.items():
        odoo = screens[viewer]
        open_scene(Stage(office, odoo, language))
        close_messages(odoo.page)
        odoo.page.evaluate(_LOADED)
        odoo.page.mouse.move(0, 0)
        odoo.page.evaluate("document.activeElement?.blur()")
        expect(odoo.page.locator(".o_loading_indicator")).to_have_count(0)
        take(odoo.page, f"{language}/{name}{suffix}")
        odoo.assert_fits_the_width()
        if not suffix:
            publish(name, language)
    office.world.admin.set_preferences(lang="en_US")


def close_messages(page: Page) -> None:
    """Close the messages in the corner, which hide a part of the screen."""
    close = page.locator(".o_notification_close")
    while close.count():
        close.first.click()
    expect(page.locator(".o_notification")).to_have_count(0)


def test_take_banner(chromium: Browser) -> None:
    """Save the banner of the store page; it shows the picture of the calendar."""
    page = chromium.new_page(viewport={"width": 1120, "height": 560})
    page.goto(Path(__file__).with_name("banner.html").as_uri())
    calendar = (STORE / "calendar-en.png").as_uri()
    page.locator("img").evaluate(
        "(image, url) => { image.src = url; return image.decode(); }", calendar
    )
    page.screenshot(path=FOLDER / "banner.png")
    page.close()
    shrink(FOLDER / "banner.png", STORE / "banner.png")


def publish(name: str, language: str) -> None:
    """Write a small version of a picture to the folders that show it."""
    for folder in PUBLISHED.get(name, ()):
        shrink(FOLDER / language / f"{name}.png", folder / f"{name}-{language}.png")


def shrink(picture: Path, target: Path) -> None:
    """Write a picture with few colours: it looks alike, and is half as large."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(picture) as image:
        image.convert("RGB").quantize(128).save(target, optimize=True)
