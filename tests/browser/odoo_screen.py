"""Use Odoo's web client like a person: see and click."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as NotInTime

from e2e.harness.waiting import eventually

from .pictures import take_if_wanted

#: Time zone of all users, mailboxes and browsers here.
ZONE = ZoneInfo("Europe/Berlin")
_POPOVER_MILLISECONDS = 2000
_REDRAW_SECONDS = 10.0
#: Boxes that must not need sideways scrolling on a phone.
_TOO_WIDE = """
() => ["html", ".o_content", ".o_form_view", ".o_calendar_view", ".modal-body"]
    .flatMap((selector) => [...document.querySelectorAll(selector)])
    .filter((box) => box.scrollWidth > box.clientWidth + 1)
    .map((box) => `${box.tagName}.${box.className}: ` +
        `${box.scrollWidth} > ${box.clientWidth}`)
"""
#: In our views: badges that end with three dots. On a desk also heads of columns, and
#: lists that must be scrolled sideways.
_CUT_WORDS = """
() => [".badge", ...(innerWidth < 768 ? [] : ["th .text-truncate", ".o_list_renderer"])]
    .flatMap((name) => [...document.querySelectorAll(`.o_ms365 ${name}`)])
    .filter((box) => box.checkVisibility() && box.scrollWidth > box.clientWidth + 1)
    .map((box) => `cut: ${box.textContent.trim().slice(0, 80)}`)
"""


class OdooScreen:
    """A browser window with Odoo.

    :param page: a page with a logged-in user
    :param url: the root of Odoo
    """

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def take_picture(self, name: str) -> None:
        """Save a picture of the screen for people, if they want one."""
        take_if_wanted(self.page, name)

    def assert_fits_the_width(self) -> None:
        """Fail if an element stays wider than the window."""
        assert self.too_wide() == []

    def too_wide(self) -> list[str]:
        """Return the boxes that stay wider than the window, as texts."""
        wide: list[str] = []

        def fits() -> bool:
            # After a change of size, Odoo draws anew: a busy machine needs some time.
            wide[:] = self.page.evaluate(_TOO_WIDE)
            return not wide

        with suppress(AssertionError):
            eventually(fits, "everything fits", timeout_seconds=_REDRAW_SECONDS)
        return wide

    def cut_words(self) -> list[str]:
        """Return heads and badges that are cut, and lists wider than a desktop."""
        return self.page.evaluate(_CUT_WORDS)

    # -- the calendar ---------------------------------------------------------------

    def open_calendar(self) -> None:
        """Open the user's calendar; it shows this week."""
        self.page.goto(f"{self.url}/odoo/calendar")
        expect(self.page.locator(".o_calendar_view .fc-view")).to_be_visible()

    def event(self, name: str) -> Locator:
        """Return the event with this name in the open calendar."""
        return self.page.locator(".o_calendar_view .fc-event", has_text=name)

    def click_at(self, moment: datetime) -> Locator:
        """Click into the empty week, and return the dialog for a new event."""
        x, y = self._point(moment)
        self.page.mouse.click(x, y + 4)
        return self.dialog()

    def drag(self, name: str, moment: datetime) -> None:
        """Drag an event of this week to another time."""
        mouse = self.page.mouse
        grip_from_top = 6

        def is_dragging() -> bool:
            # If the calendar was drawn again meanwhile, the event was not caught.
            mouse.up()
            event = self.event(name).first
            event.hover(position={"x": 20, "y": grip_from_top})
            mouse.down()
            box = event.bounding_box()
            if not box:
                return False
            mouse.move(box["x"] + 20, box["y"] + grip_from_top + 10, steps=5)
            return self.page.locator(".fc-event-dragging").count() > 0

        eventually(is_dragging, f"{name} is being dragged")
        x, y = self._point(moment)
        mouse.move(x, y + grip_from_top, steps=12)
        mouse.up()
        expect(self.page.locator(".fc-event-dragging, .fc-event-mirror")).to_have_count(
            0
        )

    def open_popover(self, name: str) -> Locator:
        """Click on an event and return its popover.

        Repeat if the calendar was drawn again between the click and the popover.
        """
        popover = self.page.locator(".o_cw_popover")

        def is_open() -> bool:
            self.event(name).click()
            with suppress(NotInTime):
                popover.wait_for(timeout=_POPOVER_MILLISECONDS)
            return popover.is_visible()

        eventually(is_open, f"the popover of {name}")
        return popover

    def _point(self, moment: datetime) -> tuple[float, float]:
        """Return the position of a local time of this week on the screen."""
        lane = self.page.locator(f".fc-timegrid-slot-lane[data-time='{moment:%T}']")
        lane.scroll_into_view_if_needed()
        row = _box(lane)
        column = _box(
            self.page.locator(f".fc-timegrid-col[data-date='{moment:%Y-%m-%d}']")
        )
        return column["x"] + column["width"] / 2, row["y"]

    # -- lists, forms and dialogs ---------------------------------------------------

    def search(self, text: str) -> None:
        """Show only the rows of a list that contain a text: it may have pages."""
        box = self.page.locator(".o_searchview_input")
        box.fill(text)
        box.press("Enter")
        others = self.page.locator(".o_data_row").filter(has_not_text=text)
        expect(self.page.locator(".o_facet_value", has_text=text)).to_be_visible()
        expect(others).to_have_count(0)

    def dialog(self) -> Locator:
        """Return the open dialog."""
        dialog = self.page.locator(".modal:visible")
        dialog.wait_for()
        return dialog

    def open_event(self, event_id: int) -> None:
        """Open the form of an event."""
        self.open_form("calendar.event", event_id)

    def open_form(self, model: str, record_id: int) -> None:
        """Open the form of a record."""
        self.page.goto(f"{self.url}/odoo/{model}/{record_id}")
        self.page.locator(".o_form_view").wait_for()

    def field(self, name: str) -> Locator:
        """Return a field of the open form or dialog."""
        return self.page.locator(f".o_form_view .o_field_widget[name='{name}']:visible")

    def button(self, name: str) -> Locator:
        """Return the button of an action, by the name of the action."""
        return self.page.locator(f"button[name='{name}']:visible")

    def save(self) -> None:
        """Save the open form, and wait until it is saved."""
        button = self.page.locator(".o_form_button_save:visible")
        button.click()
        button.wait_for(state="hidden")

    def confirm(self) -> None:
        """Confirm the open question."""
        dialog = self.dialog()
        dialog.locator(".btn-primary").click()
        dialog.wait_for(state="hidden")

    # -- the frame ------------------------------------------------------------------

    def message(self, text: str) -> Locator:
        """Return the message with a text in the corner; others may be beside it."""
        return self.page.locator(".o_notification", has_text=text)

    def open_preferences(
        self, entry: str = "My Preferences", tab: str = "Calendar"
    ) -> Locator:
        """Open the preferences from the menu, and return the dialog.

        :param entry: the menu entry, in the language of the user
        :param tab: the tab of the dialog, in the language of the user
        """
        on_a_desk, on_a_phone = ".o_user_menu button", ".o_mobile_menu_toggle"
        self.page.locator(f"{on_a_desk}:visible, {on_a_phone}:visible").click()
        self.page.get_by_text(entry, exact=True).click()
        dialog = self.dialog()
        dialog.get_by_role("tab", name=tab).click()
        return dialog

    def open_menu(self, section: str, entry: str) -> None:
        """Open an entry of the calendar's menus."""
        self.page.locator(".o_menu_sections").get_by_text(section, exact=True).click()
        menu = self.page.locator(".o-dropdown--menu")
        menu.get_by_text(entry, exact=True).click()
        menu.wait_for(state="hidden")


def today_at(hour: int) -> datetime:
    """Return a local time of today, with its zone."""
    return datetime.now(ZONE).replace(hour=hour, minute=0, second=0, microsecond=0)


def _box(locator: Locator) -> Any:
    box = locator.bounding_box()
    assert box, f"{locator} is not on the screen"
    return box
