"""Send only those elements of a list that the edits have added or removed. Pure.

Several people may change the attendees or the tags of an event, each a part of the
list. A person's additions and removals go to Outlook without the changes of others in
the same list.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .series import Series, Side
from .snapshot import Attendee, Content

#: Fields of :class:`Content` that are lists.
LISTS = ("attendees", "categories")


@dataclass(frozen=True, slots=True)
class ListChange:
    """The additions to and removals from one list of attendees' addresses or tags."""

    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()

    def then(self, later: ListChange) -> ListChange:
        """Return this change and a later one as one change."""
        return ListChange(
            (self.added - later.removed) | later.added,
            (self.removed - later.added) | later.removed,
        )

    def to_json(self) -> dict[str, list[str]]:
        """Return plain values for a JSON column."""
        return {"added": sorted(self.added), "removed": sorted(self.removed)}

    @classmethod
    def from_json(cls, data: Mapping[str, Collection[str]]) -> ListChange:
        """Read the output of :meth:`to_json`."""
        return cls(frozenset(data["added"]), frozenset(data["removed"]))


#: Name of a list -> its change. If a list is missing here, its whole value counts.
ListChanges = Mapping[str, ListChange]


def united_changes(
    entries: Iterable[tuple[Collection[str] | None, ListChanges]],
) -> dict[str, ListChange]:
    """Return the changes of several edits to each list as one change.

    A list is missing in the result if one of the edits counts for its whole value.

    :param entries: the edits, oldest first. Each has the names of the edited fields
        (none means all fields) and its changes of lists
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


def only_changes(now: Side, base: Side, changes: ListChanges) -> Side:
    """Return a side with lists that differ from the base only by these changes.

    :param now: Odoo's present content or series
    :param base: the same when both sides last agreed
    """
    return _with_lists(now, base, changes, _only)


def without_changes(now: Side, base: Side, changes: ListChanges) -> Side:
    """Return a side without these changes of its lists.

    :param now: Odoo's present content or series
    :param base: the same when both sides last agreed
    """
    return _with_lists(now, base, changes, _without)


_Elements = tuple[Any, ...]
_Choose = Callable[[_Elements, _Elements, ListChange], _Elements]


def _only(now: _Elements, base: _Elements, change: ListChange) -> _Elements:
    kept = [one for one in base if key_of(one) not in change.removed]
    return (*kept, *(one for one in now if key_of(one) in change.added - _keys(base)))


def _without(now: _Elements, base: _Elements, change: ListChange) -> _Elements:
    added, removed = change.added - _keys(base), change.removed - _keys(now)
    kept = [one for one in now if key_of(one) not in added]
    return (*kept, *(one for one in base if key_of(one) in removed))


def _with_lists(now: Side, base: Side, changes: ListChanges, choose: _Choose) -> Side:
    if not changes:
        return now
    if isinstance(now, Content) and isinstance(base, Content):
        return _content_with_lists(now, base, changes, choose)
    assert isinstance(now, Series) and isinstance(base, Series)
    return now.having(
        _content_with_lists(now.master, base.master, changes, choose),
        {
            day: _content_with_lists(content, base.occurrence(day), changes, choose)
            for day, content in now.contents().items()
        },
    )


def _content_with_lists(
    now: Content, base: Content, changes: ListChanges, choose: _Choose
) -> Content:
    lists: dict[str, Any] = {
        name: tuple(
            sorted(choose(getattr(now, name), getattr(base, name), change), key=key_of)
        )
        for name, change in changes.items()
    }
    return replace(now, **lists)


def _keys(elements: _Elements) -> frozenset[str]:
    return frozenset(map(key_of, elements))


def key_of(element: Attendee | str) -> str:
    """Return the key of a list element: an attendee's address, or a tag's name."""
    return element.email if isinstance(element, Attendee) else element
