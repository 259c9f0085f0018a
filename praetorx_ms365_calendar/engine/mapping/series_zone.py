"""The zone whose clocks a series follows, also where Graph does not name it.

That is the zone of the rule. Copies of all-day series have none, and old clients have
made zones of their own (``tzone://Microsoft/Custom``; docs/graph.md, Times).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from ..errors import UnknownTimeZone
from ..recurrence import Rule, slot_day, slot_times
from ..snapshot import Times
from ..timezones import WINDOWS_ZONES

#: Occurrences that are compared with what a zone would make of them.
_SAMPLES = 24


def guessed_zone(
    times: Times, rule: Rule, seen: Sequence[Times], likely: Collection[str | None]
) -> str | None:
    """Return the zone that explains best when the occurrences of a series begin.

    :param times: of the first occurrence; they are not all-day
    :param seen: times of occurrences that nobody has moved
    :param likely: IANA names to try before all others
    :return: the first of ``likely`` if no zone explains more than that one
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
    """Return whether the first day fits, and how many occurrences do."""
    first_fits = slot_day(times) == date.fromisoformat(rule.start)
    return first_fits, sum(
        slot_times(times, slot_day(replace(one, zone=times.zone))) == one
        for one in samples
    )
