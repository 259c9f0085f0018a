"""Use pages of the browser again: a new one has to compile all of Odoo's scripts."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as BrowserError

#: Free pages that are kept of a kind. Each takes about 100 MB.
_KEPT = 2
#: Odoo saves what is edited when its page is left; the test is over.
_SAVE_NOTHING = """
addEventListener("beforeunload", (event) => event.stopImmediatePropagation(), true)
"""
_FORGET = "() => { localStorage.clear(); sessionStorage.clear(); }"


class Pages:
    """Pages, each in a context of its own, that later tests get again.

    The scripts stay compiled. What people and pages have stored is removed.

    :param browser: the browser that opens them
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: dict[str, list[Page]] = {}
        self._kinds: dict[Page, str] = {}

    def take(self, options: dict[str, Any]) -> Page:
        """Return a page in a context with these options."""
        kind = json.dumps(options, sort_keys=True)
        free = self._free.setdefault(kind, [])
        page = free.pop() if free else self._browser.new_context(**options).new_page()
        self._kinds[page] = kind
        if "viewport" in options:
            page.set_viewport_size(options["viewport"])
        return page

    def give_back(self, page: Page, odoo: str) -> None:
        """Take a page back, as if nobody had used it.

        :param odoo: the root of the Odoo where the page has been
        """
        free = self._free[self._kinds.pop(page)]
        context = page.context
        if page.is_closed() or len(free) >= _KEPT:
            context.close()
            return
        for other in context.pages:
            if other != page:
                other.close()
        with suppress(BrowserError):  # it is just being left
            page.evaluate(_SAVE_NOTHING)
        # A page without scripts. Elsewhere, another process would draw it.
        page.goto(f"{odoo}/robots.txt")
        page.mouse.move(-10, -10)
        page.evaluate(_FORGET)
        session = context.new_cdp_session(page)
        session.send(
            "Storage.clearDataForOrigin", {"origin": odoo, "storageTypes": "all"}
        )
        session.detach()
        context.clear_cookies()
        free.append(page)
