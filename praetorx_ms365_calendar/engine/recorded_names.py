"""Decide which fields may be sent: only the fields that a person edited. Pure.

An outbox entry names the fields that its edit has changed. If no entry names a
different field, that field is not sent with another edit. It stays different.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from .merge import DELETED, Merge
from .series import own_fields
from .series_units import ALL, RECURRENCE, TIMES, Choices, SeriesMerge
from .snapshot import CONTENT_FIELDS

#: The name for the calendar of an event. It is not part of :class:`Content`.
CALENDAR = "calendar"
#: All names that an entry can have.
NAMES = frozenset({*CONTENT_FIELDS, RECURRENCE, DELETED, CALENDAR})
#: The names that decide the days and times of a series.
SHAPE = frozenset({TIMES, RECURRENCE, DELETED})

#: Names that may be sent. None means all names.
RecordedNames = frozenset[str] | None

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
#: Fields of ``calendar.event`` that show which names an edit has changed.
ODOO_FIELDS = tuple(_CONTENT_OF)


def touched(before: Mapping[str, Any], after: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of the fields that an edit in Odoo has changed.

    :param before: values of all or some of :data:`ODOO_FIELDS` before the edit
    :param after: values of the same fields after the edit
    """
    return names_of(name for name, value in before.items() if value != after[name])


def names_of(odoo_fields: Iterable[str]) -> frozenset[str]:
    """Return the names used here for these fields of ``calendar.event``."""
    return frozenset(_CONTENT_OF[name] for name in odoo_fields if name in _CONTENT_OF)


def united(entries: Iterable[Collection[str] | None]) -> RecordedNames:
    """Return all names of several entries, None for all fields.

    :param entries: the names of each entry; an empty one means all fields
    """
    found: set[str] = set()
    for names in entries:
        if not names:
            return None
        found |= set(names)
    return frozenset(found)


def sendable(names: frozenset[str], recorded: RecordedNames) -> frozenset[str]:
    """Return the subset of ``names`` that may be sent."""
    return names if recorded is None else names & recorded


def names_to_record(
    merge: Merge, recorded: RecordedNames, waiting: RecordedNames
) -> frozenset[str]:
    """Return the fields of a merge that need a new outbox entry to be sent.

    :param recorded: names from all edits that have not arrived, in any state
    :param waiting: names from entries that will be sent anyway
    """
    names = merge.to_graph & (sendable(merge.to_graph, recorded) | merge.kept_odoo)
    return frozenset() if waiting is None else names - waiting


def series_names_to_record(
    merge: SeriesMerge,
    recorded: RecordedNames,
    waiting: RecordedNames,
    choices: Choices | None,
) -> frozenset[str]:
    """Do the same for a series; see :func:`names_to_record`.

    :param choices: the choices of a person or a policy
    """
    names = names_of_series(merge)
    allowed = sendable(names, recorded) | names & chosen_for_odoo(choices or {})
    if _keeps_shape(choices or {}):
        allowed |= SHAPE | _own_of_exceptions(merge)
    return frozenset() if waiting is None else allowed - waiting


def names_of_series(merge: SeriesMerge) -> frozenset[str]:
    """Return the names that must be sent to Graph for a series or any occurrence."""
    names = set(merge.shared.to_graph)
    names |= {TIMES} if merge.times == "graph" else set()
    names |= {RECURRENCE} if merge.rule == "graph" else set()
    names |= {DELETED} if merge.gone_in_odoo else set()
    for of_day in merge.occurrences.values():
        names |= of_day.to_graph
    return frozenset(names)


def chosen_for_odoo(choices: Choices) -> frozenset[str]:
    """Return the names in a series that were resolved with Odoo's value."""
    names = {
        name
        for of_day in choices.values()
        for name, side in of_day.items()
        if side == "odoo"
    }
    if _keeps_shape(choices):
        names |= SHAPE  # one decision covers all days and times of a series
    return frozenset(names)


def _keeps_shape(choices: Choices) -> bool:
    """Return True if a choice says that a series keeps Odoo's days and times."""
    return choices.get(ALL, {}).get(RECURRENCE) == "odoo"


def _own_of_exceptions(merge: SeriesMerge) -> frozenset[str]:
    """Return the fields that differ from the series in exceptions of either side.

    Graph resets these fields when the series moves. So we send Odoo's own values again.
    If Odoo's series moves back before that, Graph resets nothing: then we send the
    values of the series. Attendees are left out: inviting or removing them would send
    mails, so we ask the mailbox owner.
    """
    series = merge.target
    names = {name for day in series.exceptions for name in own_fields(series, day)}
    return (merge.dropped | names) - {"attendees"}
