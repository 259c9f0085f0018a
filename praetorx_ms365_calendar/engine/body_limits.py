"""How much of a body is read, and how much of it Odoo shows."""

from __future__ import annotations

#: Characters of a body that are read. Longer ones are kept as they are: of them only
#: the beginning is shown, and they are never written.
MAX_READ_LENGTH = 500_000
#: Characters that are shown of a body.
MAX_SHOWN_LENGTH = 100_000
#: Tags that are shown, opening and closing ones.
MAX_SHOWN_TAGS = 6_000


def is_cut(body: str) -> bool:
    """Tell whether Odoo shows a part of this body only.

    :param body: canonical HTML, or a body that was too long to be read
    """
    return len(body) > MAX_SHOWN_LENGTH or body.count("<") > MAX_SHOWN_TAGS
