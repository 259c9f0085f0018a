"""Read and write the date that Exchange puts into the ids of occurrences.

The ``iCalUId`` of Exchange is a *Global Object Id* in hex digits. Digits 33 to 40 are
the original date of an occurrence. For a series or a single event they are zeros.

Source: MS-OXOCAL, PidLidGlobalObjectId; docs/graph.md, Series.
"""

from __future__ import annotations

import re
from datetime import date

_GLOBAL_OBJECT_ID = re.compile(
    r"(040000008200E00074C5B7101A82E008)"
    r"([0-9A-F]{4})([0-9A-F]{2})([0-9A-F]{2})([0-9A-F]{8,})",
    re.IGNORECASE,
)
_OCCURRENCE_ID = re.compile(r"OID\..+\.([0-9]{4}-[0-9]{2}-[0-9]{2})", re.DOTALL)
_NO_DATE = "0" * 8


def series_uid(ical_uid: str) -> str:
    """Return the ``iCalUId`` of the series of an occurrence.

    :return: the same text for a series, a single event, and any other kind of id
    """
    parts = _GLOBAL_OBJECT_ID.fullmatch(ical_uid)
    return f"{parts[1]}{_NO_DATE}{parts[5]}" if parts else ical_uid


def part_of_series(ical_uid: str) -> tuple[str, str] | None:
    """Return the ``iCalUId`` of the series of an occurrence, and its day.

    :return: None if the id is not the id of an occurrence
    """
    day = uid_day(ical_uid)
    return (series_uid(ical_uid), day.isoformat()) if day else None


def dated_uid(ical_uid: str, day: date) -> str:
    """Return the ``iCalUId`` of the occurrence on a day.

    :return: the same text for any other kind of id
    """
    parts = _GLOBAL_OBJECT_ID.fullmatch(ical_uid)
    if not parts:
        return ical_uid
    return f"{parts[1]}{day.year:04X}{day.month:02X}{day.day:02X}{parts[5]}"


def uid_day(ical_uid: str) -> date | None:
    """Return the date in an ``iCalUId``, None if it has none."""
    parts = _GLOBAL_OBJECT_ID.fullmatch(ical_uid)
    if not parts:
        return None
    try:
        return date(*(int(digits, 16) for digits in parts.group(2, 3, 4)))
    except ValueError:
        return None


def occurrence_id_day(occurrence_id: str) -> date | None:
    """Return the date in an ``occurrenceId``: ``OID.<id of the series>.2026-12-14``."""
    parts = _OCCURRENCE_ID.fullmatch(occurrence_id)
    try:
        return date.fromisoformat(parts[1]) if parts else None
    except ValueError:
        return None
