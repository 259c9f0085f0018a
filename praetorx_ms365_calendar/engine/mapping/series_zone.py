"""Guess the time zone of a series if Graph does not name it.

The zone is a part of the rule. Copies of all-day series have no zone, and old clients
have made zones of their own (``tzone://Microsoft/Custom``; docs/graph.md, Times).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from ..errors import UnknownTimeZone
from ..recurrence import Rule
from ..slot_times import slot_day, slot_times
from ..snapshot import Times
from ..timezones import WINDOWS_ZONES

#: About this many occurrences are compared with the times that a zone would give them.
_SAMPLES = 24


def guessed_zone(
    times: Times, rule: Rule, seen: Sequence[Times], likely: Collection[str | None]
) -> str | None:
    """Return the zone that best explains the times of the occurrences of a series.

    :param times: times of the first occurrence; not all-day
    :param seen: times of occurrences that were not moved
    :param likely: IANA names to try first
    :return: an IANA name; the first of ``likely`` if no other zone explains more
    """
    samples = seen[:: max(1, len(seen) // _SAMPLES)]
    names = [name for name in likely if name]
    best, best_score = None, (False, -1)
    for name in dict.fromkeys((*names, *WINDOWS_ZONES)):
        try:
            score = _score(replace(times, zone=name), rule, samples)
        except (UnknownTimeZone, OverflowError):
            continue
        if score > best_score:
            best, best_score = name, score
        if best_score == (True, len(samples)):
            break
    return best


def _score(times: Times, rule: Rule, samples: Sequence[Times]) -> tuple[bool, int]:
    """Return the score of a zone: does the first day fit, how many occurrences fit."""
    first_fits = slot_day(times) == date.fromisoformat(rule.start)
    return first_fits, sum(
        slot_times(times, slot_day(replace(one, zone=times.zone))) == one
        for one in samples
    )
