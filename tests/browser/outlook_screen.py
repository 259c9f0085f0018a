"""Use the simulator's page like Outlook."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import quote

from playwright.sync_api import Locator, Page

from .pictures import take_if_wanted


class OutlookScreen:
    """A browser window with a mailbox of the simulator.

    :param url: the root of the simulator
    """

    def __init__(self, page: Page, url: str, mailbox: str) -> None:
        self.page = page
        page.goto(f"{url}/#{quote(mailbox)}")
        page.locator("#mailboxes button.active", has_text=mailbox).wait_for()

    def take_picture(self, name: str) -> None:
        """Save a picture of the screen for people, if they want one."""
        take_if_wanted(self.page, name)

    def event(self, subject: str) -> Locator:
        """Return the event with this subject in the list; the list refreshes itself."""
        return self.page.locator("#events .event", has_text=subject)

    def create(self, subject: str, start: datetime) -> None:
        """Create an event of one hour.

        :param start: local time in the browser's zone
        """
        self.page.locator("#new").click()
        dialog = self.page.locator("#dialog")
        dialog.get_by_label("Subject").fill(subject)
        dialog.get_by_label("Start", exact=True).fill(f"{start:%Y-%m-%dT%H:%M}")
        end = start + timedelta(hours=1)
        dialog.get_by_label("End", exact=True).fill(f"{end:%Y-%m-%dT%H:%M}")
        self._finish("#save")

    def rename(self, subject: str, new_subject: str) -> None:
        """Give an event another subject."""
        self.event(subject).click()
        self.page.locator("#dialog").get_by_label("Subject").fill(new_subject)
        self._finish("#save")

    def delete(self, subject: str) -> None:
        """Delete an event."""
        self.event(subject).click()
        self._finish("#delete")

    def _finish(self, button: str) -> None:
        self.page.locator(button).click()
        self.page.locator("#dialog").wait_for(state="hidden")
