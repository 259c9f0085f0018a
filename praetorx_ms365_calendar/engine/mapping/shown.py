"""Make the description that Odoo shows from a body of Outlook.

Odoo parses and sanitizes every description. Some of that work grows with the square of
the length. So Odoo gets only as much as a person would read. Elements that its
sanitizer drops are removed before (docs/adr/0007-foreign-markup.md).
"""

from __future__ import annotations

from itertools import islice

from ..body_limits import (
    MAX_READ_LENGTH,
    MAX_SHOWN_LENGTH,
    MAX_SHOWN_TAGS,
    is_cut,
)
from .canonical import write_canonical
from .harmless import IMAGE_CLASS, bring_pictures_back, make_harmless
from .markup import Element, Text, parse
from .text import clean

#: An element keeps this many attributes; usual editors write about five.
_MAX_ATTRIBUTES = 40
#: Elements that Odoo's sanitizer drops with their content.
_HIDDEN = frozenset(
    "base embed frame head iframe link meta noscript object script style title".split()
)


def shown_html(body: str) -> str:
    """Return the HTML that Odoo shows for a body: all of it, or its beginning.

    :param body: canonical HTML, or a body that was too long to parse
    """
    shown = _without_hidden_elements(body[:MAX_READ_LENGTH])
    if is_cut(shown):
        shown = _without_hidden_elements(_shortened(shown))
    return shown


def html_from_shown(html: str) -> str:
    """Return the canonical HTML of a description in Odoo.

    Links that stand for pictures of other servers become pictures again.
    """
    root = parse(clean(html))
    if IMAGE_CLASS in html:
        bring_pictures_back(root)
    return write_canonical(root)


def _without_hidden_elements(body: str) -> str:
    root = parse(body)
    stack = [root]
    while stack:
        element = stack.pop()
        element.children = [one for one in element.children if _is_shown(one)]
        inner = [one for one in element.children if isinstance(one, Element)]
        for child in inner:
            child.attributes = dict(islice(child.attributes.items(), _MAX_ATTRIBUTES))
            make_harmless(child)
        stack += inner
    return write_canonical(root)


def _shortened(body: str) -> str:
    """Return the beginning of a body that is too long; no tag is cut in two."""
    end = MAX_SHOWN_LENGTH
    if body.count("<", 0, end) > MAX_SHOWN_TAGS:
        end = 0
        for _number in range(MAX_SHOWN_TAGS):
            end = body.find("<", end) + 1
        end -= 1
    opened, closed = body.rfind("<", 0, end), body.rfind(">", 0, end)
    return body[: opened if opened > closed else end]


def _is_shown(node: Element | Text) -> bool:
    return not (isinstance(node, Element) and node.tag in _HIDDEN)
