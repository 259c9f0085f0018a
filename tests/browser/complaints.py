"""Collect the errors of a browser during a test."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext, ConsoleMessage, Response, WebError

#: Regular expressions for messages that are no defect, each with its reason.
ALLOWED = (
    # Browsers request an icon from every site; the simulator's sign-in page has none.
    r"/favicon\.ico",
)


class Complaints:
    """Collect errors of the console, of scripts and of HTTP, from all pages.

    :param context: a browser context; also covers pages that are opened later
    """

    def __init__(self, context: BrowserContext) -> None:
        self.found: list[str] = []
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        context.on("response", self._on_response)

    def assert_none(self) -> None:
        """Fail if the browser had errors; the message lists them."""
        assert not self.found, "the browser complained:\n" + "\n".join(self.found)

    def _add(self, text: str) -> None:
        if not any(re.search(pattern, text) for pattern in ALLOWED):
            self.found.append(text)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._add(f"console: {message.text} ({message.location.get('url')})")

    def _on_error(self, error: WebError) -> None:
        self._add(f"script: {error.error}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self._add(f"HTTP {response.status}: {response.url}")
