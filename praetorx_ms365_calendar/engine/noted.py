"""Which fields may be sent: those that somebody has edited. Pure.

An outbox entry names the fields that its edit has touched. A difference that no entry
names is not sent with somebody else's edit: it stays a difference.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from .merge import DELETED, Merge
from .series import Series, own_fields
from .series_merge import ALL, RECURRENCE, TIMES, Choices, SeriesMerge
from .snapshot import CONTENT_FIELDS

#: The calendar of an event, where names of fields stand. It is no content.
CALENDAR = "calendar"
#: Everything that an entry can name.
NAMES = frozenset({*CONTENT_FIELDS, RECURRENCE, DELETED, CALENDAR})
#: What makes the days and times of a series.
SHAPE = frozenset({TIMES, RECURRENCE, DELETED})

#: Names that may be sent. None stands for all of them.
Noted = frozenset[str] | None

_CONTENT_OF = {
    "name": "subject",
    "description": "body",
    "allday": "times",
    "start": "times",
    "stop": "times",
    "start_date": "times",
    "stop_date": "times",
    "location": "location",
    "partner_ids": "attendees",
    "privacy": "sensitivity",
    "show_as": "show_as",
    "alarm_ids": "reminder",
    "categ_ids": "categories",
    "is_teams_meeting": "online_meeting",
    "ms365_calendar_id": CALENDAR,
}
#: Fields of a ``calendar.event`` that say which content an edit has touched.
ODOO_FIELDS = tuple(_CONTENT_OF)


def touched(before: Mapping[str, Any], after: Mapping[str, Any]) -> frozenset[str]:
    """Return the names that an edit in Odoo has touched.

    :param before: values of :data:`ODOO_FIELDS`, or of some of them
    :param after: the same fields after the edit
    """
    return names_of(name for name, value in before.items() if value != after[name])


def names_of(odoo_fields: Iterable[str]) -> frozenset[str]:
    """Return what these fields of a ``calendar.event`` are called here."""
    return frozenset(_CONTENT_OF[name] for name in odoo_fields if name in _CONTENT_OF)


def united(entries: Iterable[Collection[str] | None]) -> Noted:
    """Return what all these entries name together.

    :param entries: the names of each; none at all stand for everything
    """
    found: set[str] = set()
    for names in entries:
        if not names:
            return None
        found |= set(names)
    return frozenset(found)


def sendable(names: frozenset[str], noted: Noted) -> frozenset[str]:
    """Return those of ``names`` that may be sent."""
    return names if noted is None else names & noted


def still_to_note(merge: Merge, noted: Noted, waiting: Noted) -> frozenset[str]:
    """Return the fields that a merge has found and that need an entry to be sent.

    :param noted: named by edits that have not arrived, whatever became of them
    :param waiting: named by entries that will be sent by themselves
    """
    names = merge.to_graph & (sendable(merge.to_graph, noted) | merge.kept_odoo)
    return frozenset() if waiting is None else names - waiting


def still_to_note_of_series(
    merge: SeriesMerge, noted: Noted, waiting: Noted, choices: Choices | None
) -> frozenset[str]:
    """Return the same for a series.

    :param choices: what a person or a policy has decided
    """
    names = names_of_series(merge)
    allowed = sendable(names, noted) | names & chosen_for_odoo(choices or {})
    if _keeps_shape(choices or {}):
        allowed |= SHAPE | _own_of_exceptions(merge.target)
    return frozenset() if waiting is None else allowed - waiting


def names_of_series(merge: SeriesMerge) -> frozenset[str]:
    """Return what Graph lacks of a series, on whichever days."""
    names = set(merge.shared.to_graph)
    names |= {TIMES} if merge.times == "graph" else set()
    names |= {RECURRENCE} if merge.rule == "graph" else set()
    names |= {DELETED} if merge.gone_in_odoo else set()
    for of_day in merge.occurrences.values():
        names |= of_day.to_graph
    return frozenset(names)


def chosen_for_odoo(choices: Choices) -> frozenset[str]:
    """Return what is decided for Odoo's version of a series."""
    names = {
        name
        for of_day in choices.values()
        for name, side in of_day.items()
        if side == "odoo"
    }
    if _keeps_shape(choices):
        names |= SHAPE  # to move a series is one decision
    return frozenset(names)


def _keeps_shape(choices: Choices) -> bool:
    """Tell whether it is decided that a series stays where Odoo has it."""
    return choices.get(ALL, {}).get(RECURRENCE) == "odoo"


def _own_of_exceptions(series: Series) -> frozenset[str]:
    """Return the fields in which exceptions differ from their series.

    Graph resets these fields when the series moves. Guests are left out: to invite them
    again sends mails, so the owner is asked.
    """
    names = {name for day in series.exceptions for name in own_fields(series, day)}
    return frozenset(names - {"attendees"})
