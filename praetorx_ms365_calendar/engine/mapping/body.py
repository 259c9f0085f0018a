"""Bodies: what people wrote on one side, Microsoft's Teams block on the other."""

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
    """Take a body of Graph apart.

    :param html: a document, exactly as Graph has it
    :return: canonical HTML of what people wrote, and Microsoft's Teams block verbatim;
        the whole of a body that is too long to be read
    """
    if len(html) > MAX_READ_LENGTH:
        return clean(html), ""
    own, teams_block = cut(html)
    return canonical_html(own), teams_block


def join_body(own_html: str, teams_block: str) -> str:
    """Return the document to send: what people wrote, then the Teams block untouched.

    The block is told again by :func:`split_body`, byte for byte. A copy of the same
    invitation among what people wrote (stock Odoo kept it there) is left out.
    """
    own = canonical_html(own_html)
    if not teams_block:
        return f"<html><body>{own}</body></html>" if own else ""
    rest, copy = split_body(own)
    if meeting_links(copy) & meeting_links(teams_block):
        own = rest
    # The line break keeps a line of underscores from growing into the text before it.
    return f"<html><body>{own}\n{teams_block}</body></html>"
