"""Save pictures of screens for people; git ignores them."""

from __future__ import annotations

from playwright.sync_api import Page

from env.paths import WORK

FOLDER = WORK / "screenshots"


def take(page: Page, name: str) -> None:
    """Save a picture of the window; it replaces the one of the last run.

    :param name: file name without the ending
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")
