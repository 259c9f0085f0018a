"""Name the units in which a series is merged, and hold the result of a merge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .merge import Merge
from .series import Series

#: The name of the rule as a field: in conflicts, logs and writes.
RECURRENCE = "recurrence"
#: The name of the time of day (start and end) as a field.
TIMES = "times"
#: Used instead of the day of an occurrence: the whole series.
ALL = ""


@dataclass(frozen=True, slots=True)
class SeriesMerge:
    """The result of a three-way merge of a series.

    :param shared: merge of the shared fields
    :param times: the side to write the time of day to: ``odoo`` or ``graph``, empty for
        none. ``withheld`` means a change in Odoo that must not be sent now, and
        ``conflict`` a change on both sides
    :param rule: the same for the rule
    :param occurrences: day -> merge of an occurrence that is an exception on any side;
        only those with something to write, or with a conflict
    :param gone_in_odoo: days deleted in Odoo, to delete in Graph
    :param gone_in_graph: days deleted in Graph, to delete in Odoo
    :param kept_alone: days that are only in Odoo. The mailbox owner is an attendee and
        has declined them, so Outlook removed them from the mailbox
    :param conflicts: day -> fields in conflict; :data:`ALL` means the whole series
    :param target: the series that Odoo should have
    :param dropped: fields that differ from the series in an occurrence in Outlook, but
        not in ``target``
    """

    shared: Merge
    times: str
    rule: str
    occurrences: Mapping[str, Merge]
    gone_in_odoo: frozenset[str]
    gone_in_graph: frozenset[str]
    kept_alone: frozenset[str]
    conflicts: Mapping[str, frozenset[str]]
    target: Series
    dropped: frozenset[str]

    @property
    def changes_graph(self) -> bool:
        """True if something must be written to Graph."""
        return bool(
            "graph" in (self.times, self.rule)
            or self.shared.to_graph
            or self.gone_in_odoo
            or any(merge.to_graph for merge in self.occurrences.values())
        )


#: Day (or :data:`ALL`) -> field in conflict -> the chosen side.
Choices = Mapping[str, Mapping[str, str]]


def choose_all(conflicts: Mapping[str, frozenset[str]], side: str) -> Choices:
    """Return choices that resolve every conflict with the value of one side."""
    return {day: dict.fromkeys(sorted(names), side) for day, names in conflicts.items()}
