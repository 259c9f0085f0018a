"""The web page: show mailboxes, and act like people in Outlook."""

from __future__ import annotations

import html
from functools import cache
from pathlib import Path

from aiohttp import web

_FOLDER = Path(__file__).resolve().parent.parent / "page"
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}


@cache
def _file(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def layout(title: str, body: str) -> str:
    """Return a page in the simulator's style."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title>"
        '<link rel="icon" href="data:,">'
        '<link rel="stylesheet" href="/_page/style.css"></head>'
        f"<body>{body}</body></html>"
    )


async def _index(request: web.Request) -> web.Response:
    return web.Response(text=_file("index.html"), content_type="text/html")


async def _asset(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name not in ("app.js", "style.css"):
        raise web.HTTPNotFound
    kind = _TYPES[Path(name).suffix]
    return web.Response(text=_file(name), content_type=kind)


def add_to(router: web.UrlDispatcher) -> None:
    """Register the handlers."""
    router.add_get("/", _index)
    router.add_get("/_page/{name}", _asset)
