"""Remove the parts of a body that would be harmful where Odoo shows it.

- Styles and classes could place the body over the rest of the page.
- Pictures of other servers would tell the sender that somebody reads the body. They
  become links: a picture is loaded only if a person clicks on its link.

When a person edits the description in Odoo, the links become pictures again. The
removed styles are lost then.

Source of the properties: Odoo's own list for messages (``odoo.tools.mail``), without
the properties that place or load something.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from .markup import Element, Text

#: Class of a link that stands for a picture.
IMAGE_CLASS = "o_ms365_image"
_PICTURE = "\N{FRAME WITH PICTURE} "
_PROPERTIES = re.compile(
    r"(?:font|list-style|border|padding|max-width|min-width|width|height|max-height"
    r"|min-height)(?:-[a-z-]+)?"
    r"|text-(?:align|decoration|transform|indent)|background-color|color|line-height"
    r"|letter-spacing|vertical-align|white-space|word-break|overflow-wrap|display"
    r"|float|clear|direction|(?:margin)(?:-[a-z]+)?|mso-[a-z-]+"
    r"|caption-side|empty-cells|table-layout"
)
#: A negative margin reaches out of the box; a backslash can hide a word from a filter.
_LOADS_OR_LEAVES = re.compile(r"url\s*\(|image|expression|\\|/\*|(?:^|[\s(])-\.?[0-9]")
#: Attributes, other than ``src``, that make a browser load something.
_LOADING = frozenset("background dynsrc longdesc lowsrc poster srcset".split())
_EMBEDDED = re.compile(r"\s*(?:cid|data):", re.IGNORECASE)


def make_harmless(element: Element) -> None:
    """Remove attributes of an element that affect the page or load from elsewhere."""
    attributes = element.attributes
    is_picture_link = element.tag == "a" and attributes.get("class") == IMAGE_CLASS
    if not is_picture_link:
        attributes.pop("class", None)
    for name in _LOADING & attributes.keys():
        del attributes[name]
    if "style" in attributes:
        _keep_harmless_styles(attributes)
    source = attributes.get("src")
    if source is None or _EMBEDDED.match(source):
        return
    if element.tag == "img":
        _make_link(element, source)
    else:
        del attributes["src"]


def bring_pictures_back(root: Element) -> None:
    """Turn the links that stand for pictures into pictures again."""
    for element in root.descendants():
        if (
            isinstance(element, Element)
            and element.tag == "a"
            and IMAGE_CLASS in element.attributes.get("class", "").split()
        ):
            attributes = {"src": element.attributes.get("href", "")}
            if title := element.attributes.get("title"):
                attributes["alt"] = title
            if style := element.attributes.get("style"):
                attributes["style"] = style
            element.tag, element.attributes, element.children = "img", attributes, []


def _keep_harmless_styles(attributes: dict[str, str]) -> None:
    declarations = [one for one in attributes["style"].split(";") if one.strip()]
    kept = [one for one in declarations if _is_harmless(one)]
    if len(kept) == len(declarations):
        return
    attributes["style"] = ";".join(kept).strip()
    if not kept:
        del attributes["style"]


def _is_harmless(declaration: str) -> bool:
    name, _colon, value = declaration.partition(":")
    name = name.strip().lower()
    if not _PROPERTIES.fullmatch(name):
        return False
    return not _LOADS_OR_LEAVES.search(value.lower())


def _make_link(picture: Element, source: str) -> None:
    title = picture.attributes.get("alt", "").strip()
    link = {"class": IMAGE_CLASS, "href": source}
    if title:
        link["title"] = title
    if style := picture.attributes.get("style"):
        link["style"] = style
    text = _PICTURE + (title or _host(source))
    picture.tag, picture.attributes = "a", link
    picture.children = [Text(picture.start, picture.end, text)]


def _host(source: str) -> str:
    try:
        return urlsplit(source).hostname or source[:80]
    except ValueError:
        return source[:80]
