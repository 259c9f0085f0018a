"""What a foreign body must not do where Odoo shows it.

It must not leave its box (styles and classes that place it over the page), and it must
not tell its sender that it is read (pictures of other servers). Such pictures become
links: who clicks one asks for it. Both are undone when a person edits the description,
as far as it can be: the link is a picture again.

Source of the properties: Odoo's own list for messages (``odoo.tools.mail``), without
those that place or load something.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from .markup import Element, Text

#: Marks a link that stands for a picture.
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
#: A negative margin reaches out of the box; a backslash hides what is written.
_LOADS_OR_LEAVES = re.compile(r"url\s*\(|image|expression|\\|/\*|(?:^|[\s(])-\.?[0-9]")
#: Attributes besides the source of a picture from which browsers load something.
_LOADING = frozenset("background dynsrc longdesc lowsrc poster srcset".split())
_EMBEDDED = re.compile(r"\s*(?:cid|data):", re.IGNORECASE)


def make_harmless(element: Element) -> None:
    """Take from an element what acts upon the page or loads from elsewhere."""
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
    """Make pictures again of the links that stand for them."""
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
