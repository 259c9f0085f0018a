"""One text in two forms: to the owner of a mailbox, and about the owner to others.

A text about a mailbox is also shown in lists of administrators. There it speaks of the
owner, and never to the reader.
"""

from __future__ import annotations

from typing import NamedTuple

from odoo.tools.translate import LazyGettext


class Spoken(NamedTuple):
    """A text about somebody's mailbox. ``%(name)s`` is the name of the owner.

    :param to_owner: what the owner reads
    :param about_owner: what others read, if it is another text
    """

    to_owner: LazyGettext
    about_owner: LazyGettext | None = None

    @property
    def to_others(self) -> LazyGettext:
        """Return the form for everybody but the owner."""
        return self.about_owner or self.to_owner


def speaks_to_owner(env, owner) -> bool:
    """Return True if the user of ``env`` is the owner, or if there is no owner."""
    return not owner or owner.id == env.uid


def say(env, spoken: Spoken, owner, **facts) -> str:
    """Return a text in the form and the language for the user of ``env``.

    :param owner: the user whose mailbox it is about; may be empty
    :param facts: values of the placeholders
    """
    text = spoken.to_owner if speaks_to_owner(env, owner) else spoken.to_others
    sentence = env._(text)
    return sentence % {"name": owner.sudo().name or "", **facts}
