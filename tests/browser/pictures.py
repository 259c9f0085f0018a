"""Save pictures of screens for people; git ignores them."""

from __future__ import annotations

import os

from playwright.sync_api import Page

from env.paths import WORK

FOLDER = WORK / "screenshots"


def take(page: Page, name: str) -> None:
    """Save a picture of the window; it replaces the one of the last run.

    :param name: file name without the ending, also with a folder
    """
    path = FOLDER / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, animations="disabled")


def take_if_wanted(page: Page, name: str) -> None:
    """Save a picture during a test, if the variable ``PICTURES`` asks for it."""
    if os.environ.get("PICTURES"):
        take(page, name)
