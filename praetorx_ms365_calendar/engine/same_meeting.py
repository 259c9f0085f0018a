"""Recognize a meeting that a person has typed in Odoo and in Outlook.

Before the calendars were connected, people often kept both by hand. Such a meeting has
no common id. It counts as the same only if nothing contradicts it.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

from .merge import adopt
from .snapshot import Content

_Ours = TypeVar("_Ours", bound=Hashable)
_Theirs = TypeVar("_Theirs", bound=Hashable)


def is_same(ours: Content, theirs: Content) -> bool:
    """Return True if two events have one title, time and guest list, and no conflict.

    A value that only Outlook has is no conflict: Odoo gets it.
    """
    is_alike = (
        bool(ours.subject.strip())
        and ours.subject == theirs.subject
        and ours.times == theirs.times
        and ours.attendees == theirs.attendees
    )
    return is_alike and not adopt(ours, theirs).conflicts


def pair_up(
    ours: Mapping[_Ours, Content], theirs: Mapping[_Theirs, Content]
) -> dict[_Theirs, _Ours]:
    """Return which event of Odoo is the same as each event of Outlook.

    Each event is in one pair at most. Events that occur twice on both sides make two
    pairs.
    """
    pairs: dict[_Theirs, _Ours] = {}
    free = dict(ours)
    for key, content in theirs.items():
        for candidate, own in free.items():
            if is_same(own, content):
                pairs[key] = candidate
                del free[candidate]
                break
    return pairs
