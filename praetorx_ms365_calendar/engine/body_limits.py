"""Limit the length of a body that we read, and the part that Odoo shows."""

from __future__ import annotations

#: Maximum number of characters of a body that we read. A longer body stays as it is in
#: Outlook: Odoo shows only its beginning, and we never write it.
MAX_READ_LENGTH = 500_000
#: Maximum number of characters of a body that Odoo shows.
MAX_SHOWN_LENGTH = 100_000
#: Maximum number of tags that Odoo shows; opening and closing tags both count.
MAX_SHOWN_TAGS = 6_000


def is_cut(body: str) -> bool:
    """Return True if Odoo shows only a part of this body.

    :param body: canonical HTML, or a body that was too long to be read
    """
    return len(body) > MAX_SHOWN_LENGTH or body.count("<") > MAX_SHOWN_TAGS
