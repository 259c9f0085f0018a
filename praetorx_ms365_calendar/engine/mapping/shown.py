"""What Odoo shows of a body that came from Outlook.

Odoo parses and sanitizes what it is given, and some of that takes time with the square
of its length. So it gets no more than a person would read, and nothing that its
sanitizer throws away anyway (docs/adr/0007-foreign-markup.md).
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

#: Attributes that an element keeps; people's editors write five.
_MAX_ATTRIBUTES = 40
#: Elements that Odoo's sanitizer drops with what is in them.
_NOT_SHOWN = frozenset(
    "base embed frame head iframe link meta noscript object script style title".split()
)


def shown_html(body: str) -> str:
    """Return what Odoo shows of a body: all of it, or its beginning.

    :param body: canonical HTML, or one that was too long to be read
    """
    shown = _without_what_is_not_shown(body[:MAX_READ_LENGTH])
    if is_cut(shown):
        shown = _without_what_is_not_shown(_beginning(shown))
    return shown


def html_from_shown(html: str) -> str:
    """Return canonical HTML of a description, with the pictures that were not shown."""
    root = parse(clean(html))
    if IMAGE_CLASS in html:
        bring_pictures_back(root)
    return write_canonical(root)


def _without_what_is_not_shown(body: str) -> str:
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


def _beginning(body: str) -> str:
    """Cut a body that is too long, at a place that is not within a tag."""
    end = MAX_SHOWN_LENGTH
    if body.count("<", 0, end) > MAX_SHOWN_TAGS:
        end = 0
        for _number in range(MAX_SHOWN_TAGS):
            end = body.find("<", end) + 1
        end -= 1
    opened, closed = body.rfind("<", 0, end), body.rfind(">", 0, end)
    return body[: opened if opened > closed else end]


def _is_shown(node: Element | Text) -> bool:
    return not (isinstance(node, Element) and node.tag in _NOT_SHOWN)
