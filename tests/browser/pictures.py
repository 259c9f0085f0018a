"""Pictures of screens, kept for people to look at; git ignores them."""

from __future__ import annotations

from playwright.sync_api import Page

from env.paths import WORK

FOLDER = WORK / "screenshots"


def take(page: Page, name: str) -> None:
    """Write a picture of the window, over the one of the last run.

    :param name: of the file, without its ending
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")
