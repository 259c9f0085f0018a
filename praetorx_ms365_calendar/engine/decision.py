"""Keep a person's choices in conflicts until the worker carries them out. Pure.

A choice is valid for the versions that the person has seen. The change key tells
Outlook's version. Odoo's version is stored with the choices: an edit of a disputed
field ends the choice for it, and an edit of another field does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .merge import DELETED, Merge, apply_choices
from .series import Series, part_of, time_of_day
from .series_units import ALL, RECURRENCE, TIMES, Choices
from .snapshot import Content

#: What Odoo has: a single event, a series, or None if it is deleted there.
Ours = Content | Series | None


@dataclass(frozen=True, slots=True)
class Decision:
    """The choices of a person, and the versions that they are valid for.

    :param change_key: change key of Outlook's version, None if it is deleted there
    :param choices: day -> field in conflict -> the chosen side. A single event has
        :data:`.series_units.ALL` only
    :param ours: Odoo's version
    :param user_id: id of the person
    """

    change_key: str | None
    choices: Choices
    ours: Ours
    user_id: int

    def valid_choices(self, change_key: str | None, ours: Ours) -> Choices:
        """Return the choices that are still valid, without days that have none.

        :param change_key: of Outlook's version now, None if it is deleted there
        :param ours: Odoo's version now
        """
        seen = self.ours
        if change_key != self.change_key or type(seen) is not type(ours):
            return {}
        valid = {
            day: {
                name: side
                for name, side in of_day.items()
                if _value(seen, ours, day, name) == _value(ours, seen, day, name)
            }
            for day, of_day in self.choices.items()
        }
        return {day: of_day for day, of_day in valid.items() if of_day}

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a JSON column; :meth:`from_json` reads them back."""
        return {
            "change_key": self.change_key,
            "choices": {day: dict(of_day) for day, of_day in self.choices.items()},
            "ours": self.ours.to_json() if self.ours else None,
            "user_id": self.user_id,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Decision:
        """Read the output of :meth:`to_json`."""
        ours: Ours = None
        if stored := data["ours"]:
            kind = Series if "rule" in stored else Content
            ours = kind.from_json(stored)
        return cls(data["change_key"], data["choices"], ours, data["user_id"])


def apply_decision(
    merge: Merge, ours: Content | None, choices: Mapping[str, str]
) -> Merge:
    """Return the merge of an event with a person's choices.

    The merge stays as it is if a conflict is left: then the person is asked again.

    :param ours: Odoo's content, None if the event is deleted there
    :param choices: field in conflict -> the chosen side
    """
    chosen = apply_choices(merge, ours, choices)
    if not merge.conflicts or chosen.conflicts:
        return merge
    return replace(chosen, by_person=True)


def join_choices(first: Choices, second: Choices) -> Choices:
    """Return the choices of both; where both have one, the second is taken."""
    return {
        day: {**first.get(day, {}), **second.get(day, {})}
        for day in dict.fromkeys([*first, *second])
    }


def _value(of: Ours, other: Ours, day: str, name: str) -> Any:
    """Return what a choice is about, in one of two versions of the same kind.

    A choice about the days of a series, or about a deletion, is about everything.
    """
    part: Any = of
    if isinstance(of, Series) and isinstance(other, Series):
        if name == RECURRENCE or (day == ALL and name == DELETED):
            return of.within(other.window)
        part = part_of(of, day)
        if name == TIMES and day == ALL:
            return time_of_day(of.master.times)
    if part is None or name == DELETED:
        return part
    return (getattr(part, name),)  # no value looks like a deleted occurrence
