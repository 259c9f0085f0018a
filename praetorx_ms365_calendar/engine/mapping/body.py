"""Split a body into the text of people and Microsoft's Teams block, and join them."""

from __future__ import annotations

from ..body_limits import MAX_READ_LENGTH
from .canonical import canonical_html, html_from_text, same_body
from .teams_block import cut, meeting_links
from .text import clean

__all__ = [
    "canonical_html",
    "html_from_text",
    "join_body",
    "same_body",
    "split_body",
]


def split_body(html: str) -> tuple[str, str]:
    """Split a body of Graph into the text of people and the Teams block.

    :param html: a document, exactly as Graph has it
    :return: canonical HTML of the text of people, and the Teams block byte for byte.
        A body that is too long to parse is returned whole, without a Teams block
    """
    if len(html) > MAX_READ_LENGTH:
        return clean(html), ""
    own, teams_block = cut(html)
    return canonical_html(own), teams_block


def join_body(own_html: str, teams_block: str) -> str:
    """Return the document to send: the text of people, then the Teams block unchanged.

    :func:`split_body` finds the block again, byte for byte. Stock Odoo kept a copy of
    the block in the description. If it is of the same meeting, that copy is left out.
    """
    own = canonical_html(own_html)
    if not teams_block:
        return f"<html><body>{own}</body></html>" if own else ""
    rest, copy = split_body(own)
    if meeting_links(copy) & meeting_links(teams_block):
        own = rest
    # Without the line break, the underscores that start the block could join the text.
    return f"<html><body>{own}\n{teams_block}</body></html>"
