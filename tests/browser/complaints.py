"""Collect the errors and warnings of a browser during a test."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Response, WebError

#: Regular expressions for messages that are no defect, each with its reason.
ALLOWED = (
    # Browsers request an icon from every site; the simulator's sign-in page has none.
    r"/favicon\.ico",
)


class Complaints:
    """Collect what console, scripts and HTTP complain about, from all pages.

    :param context: a browser context; also covers pages that are opened later
    """

    def __init__(self, context: BrowserContext) -> None:
        self.found: list[str] = []
        self._context = context
        self._listeners: dict[Any, Callable[..., None]] = {
            "console": self._on_console,
            "weberror": self._on_error,
            "response": self._on_response,
        }
        for event, listener in self._listeners.items():
            context.on(event, listener)

    def stop(self) -> None:
        """Hear no more: the context goes to another test."""
        self._context.cookies()  # the messages on their way come before the answer
        for event, listener in self._listeners.items():
            self._context.remove_listener(event, listener)

    def assert_none(self) -> None:
        """Fail if the browser complained; the message lists it."""
        assert not self.found, "the browser complained:\n" + "\n".join(self.found)

    def _add(self, text: str) -> None:
        if not any(re.search(pattern, text) for pattern in ALLOWED):
            self.found.append(text)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            text = f"{message.type}: {message.text}"
            self._add(f"console {text} ({message.location.get('url')})")

    def _on_error(self, error: WebError) -> None:
        self._add(f"script: {error.error}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self._add(f"HTTP {response.status}: {response.url}")
