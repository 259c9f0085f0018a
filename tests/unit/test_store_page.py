"""Test the page of the app store, which no other test opens."""

from __future__ import annotations

import ast
from html.parser import HTMLParser

from env.paths import ROOT

ADDON = ROOT / "praetorx_ms365_calendar"
FOLDER = ADDON / "static" / "description"


class Page(HTMLParser):
    """Collects the pictures of a page with their texts, and its anchors."""

    def __init__(self) -> None:
        super().__init__()
        self.pictures: dict[str, str] = {}
        self.targets: set[str] = set()
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one tag."""
        values = dict(attrs)
        if tag == "img":
            self.pictures[values.get("src") or ""] = values.get("alt") or ""
        if anchor := values.get("id"):
            self.anchors.add(anchor)
        if (link := values.get("href") or "").startswith("#"):
            self.targets.add(link[1:])


def read_page() -> Page:
    """Return the page of the calendar addon."""
    page = Page()
    page.feed((FOLDER / "index.html").read_text())
    return page


def test_each_picture_of_the_store_page_exists_and_has_a_text():
    page = read_page()
    assert page.pictures
    assert [name for name in page.pictures if not (FOLDER / name).is_file()] == []
    assert [name for name, text in page.pictures.items() if not text] == []


def test_each_language_shows_the_same_pictures():
    names = [name.rsplit("-", 1) for name in read_page().pictures]
    english = [scene for scene, language in names if language == "en.png"]
    german = [scene for scene, language in names if language == "de.png"]
    assert english == german


def test_links_inside_the_store_page_lead_somewhere():
    page = read_page()
    assert page.targets <= page.anchors


def test_banner_of_the_manifest_exists():
    manifest = ast.literal_eval((ADDON / "__manifest__.py").read_text())
    assert [name for name in manifest["images"] if not (ADDON / name).is_file()] == []
