"""Which elements of a list the edits have touched: only these are sent. Pure.

The guests and the tags of an event are lists that several people change, each one a
part of them. What somebody has added or removed goes to Outlook without what others
have changed in the same list.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .series import Series
from .snapshot import Attendee, Content

#: Fields of a content that are lists.
LISTS = ("attendees", "categories")


@dataclass(frozen=True, slots=True)
class ListChange:
    """What edits have done to one list: addresses of guests, or names of tags."""

    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()

    def then(self, later: ListChange) -> ListChange:
        """Return this change and a later one together."""
        return ListChange(
            (self.added - later.removed) | later.added,
            (self.removed - later.added) | later.removed,
        )

    def to_json(self) -> dict[str, list[str]]:
        """Return plain values for a JSON column."""
        return {"added": sorted(self.added), "removed": sorted(self.removed)}

    @classmethod
    def from_json(cls, data: Mapping[str, Collection[str]]) -> ListChange:
        """Return what :meth:`to_json` has written."""
        return cls(frozenset(data["added"]), frozenset(data["removed"]))


#: Name of a list -> what was done to it. A list that is left out counts as a whole.
ListChanges = Mapping[str, ListChange]


def united_changes(
    entries: Iterable[tuple[Collection[str] | None, ListChanges]],
) -> dict[str, ListChange]:
    """Return what several edits have done to each list, the oldest edit first.

    A list is left out if one of the edits stands for all of it.

    :param entries: of each edit the names that it has touched, none for everything,
        and what it has done to lists
    """
    united: dict[str, ListChange] = {}
    whole = set()
    for names, changes in entries:
        for name in LISTS:
            if names and name not in names:
                continue
            if name in changes:
                united[name] = united.get(name, ListChange()).then(changes[name])
            else:
                whole.add(name)
    return {name: change for name, change in united.items() if name not in whole}


def only_changes(now: Content, base: Content, changes: ListChanges) -> Content:
    """Return a content of whose lists nothing but these changes differs from the base.

    :param now: what Odoo holds
    :param base: what it held when both sides agreed
    """
    return _with_lists(now, base, changes, _only)


def without_changes(now: Content, base: Content, changes: ListChanges) -> Content:
    """Return a content without these changes of its lists.

    :param now: what Odoo holds
    :param base: what it held when both sides agreed
    """
    return _with_lists(now, base, changes, _without)


def only_changes_of_series(now: Series, base: Series, changes: ListChanges) -> Series:
    """Return the same of a series; see :func:`only_changes`."""
    return _series_with_lists(now, base, changes, _only)


def without_changes_of_series(
    now: Series, base: Series, changes: ListChanges
) -> Series:
    """Return the same of a series; see :func:`without_changes`."""
    return _series_with_lists(now, base, changes, _without)


_Elements = tuple[Any, ...]
_Choose = Callable[[_Elements, _Elements, ListChange], _Elements]


def _only(now: _Elements, base: _Elements, change: ListChange) -> _Elements:
    kept = [one for one in base if key_of(one) not in change.removed]
    return (*kept, *(one for one in now if key_of(one) in change.added - _keys(base)))


def _without(now: _Elements, base: _Elements, change: ListChange) -> _Elements:
    added, removed = change.added - _keys(base), change.removed - _keys(now)
    kept = [one for one in now if key_of(one) not in added]
    return (*kept, *(one for one in base if key_of(one) in removed))


def _with_lists(
    now: Content, base: Content, changes: ListChanges, choose: _Choose
) -> Content:
    lists: dict[str, Any] = {
        name: tuple(
            sorted(choose(getattr(now, name), getattr(base, name), change), key=key_of)
        )
        for name, change in changes.items()
    }
    return replace(now, **lists)


def _series_with_lists(
    now: Series, base: Series, changes: ListChanges, choose: _Choose
) -> Series:
    if not changes:
        return now
    return now.having(
        _with_lists(now.master, base.master, changes, choose),
        {
            day: _with_lists(content, base.occurrence(day), changes, choose)
            for day, content in now.contents().items()
        },
    )


def _keys(elements: _Elements) -> frozenset[str]:
    return frozenset(map(key_of, elements))


def key_of(element: Attendee | str) -> str:
    """Return what an element of a list is known by: the address, or the name."""
    return element.email if isinstance(element, Attendee) else element
