"""Decide whether to send a change in Odoo that is not an edit of the event. Pure.

Examples: contacts are merged, a tag is renamed, a default changes. Such a change is
sent if it mails nobody, or if it makes the event more private. Any other change waits
for the decision of the mailbox owner.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .mail_impact import NOBODY, MailImpact, mail_impact
from .merge import DELETED, three_way_merge
from .plan import plan_patch, writable_fields
from .recorded_names import NAMES, RecordedNames, names_of_series
from .series import Series, SeriesBase
from .series_merge import merge_series
from .series_people import known_people
from .series_plan import next_write
from .series_units import RECURRENCE, TIMES, SeriesMerge
from .snapshot import (
    CONTENT_FIELDS,
    ORGANIZER_FIELDS,
    PERSONAL_FIELDS,
    Base,
    Content,
)

_STRICTNESS = {"normal": 0, "personal": 1, "confidential": 1, "private": 2}


#: Kind of the changed record -> names of the event's fields that may change with it.
NAMES_BY_CAUSE = {
    "contact": frozenset({"attendees"}),
    "tag": frozenset({"categories"}),
    "reminder": frozenset({"reminder"}),
    "privacy": frozenset({"sensitivity"}),
}


def unedited_names(
    causes: Iterable[str], entries: RecordedNames, edits: RecordedNames
) -> frozenset[str]:
    """Return the names that may have changed in Odoo without an edit of the event.

    :param causes: kinds of changed records that were recorded but not checked yet
    :param entries: names in outbox entries for such changes
    :param edits: names of edits that have not arrived, None for all names
    """
    if edits is None:
        return frozenset()
    recorded = (NAMES_BY_CAUSE.get(cause, frozenset()) for cause in causes)
    return frozenset().union(entries or (), *recorded) - edits


@dataclass(frozen=True, slots=True)
class Differences:
    """The result of comparing Odoo's side with the last agreed base.

    :param send: names to send at once
    :param ask: names to send only if the mailbox owner agrees, because Exchange would
        mail others
    :param not_ours: names that only the organizer may write; Outlook's value counts
    :param impact: the mails of ``ask``
    :param before: Odoo's content when both sides last agreed
    :param after: that content with the change
    """

    send: frozenset[str] = frozenset()
    ask: frozenset[str] = frozenset()
    not_ours: frozenset[str] = frozenset()
    impact: MailImpact = NOBODY
    before: Content | Series | None = None
    after: Content | Series | None = None

    @property
    def names(self) -> frozenset[str]:
        """All names that differ."""
        return self.send | self.ask | self.not_ours


def find_differences(
    base: Base | SeriesBase,
    ours: Content | Series,
    *,
    is_organizer: bool,
    invites: bool = True,
    waiting: RecordedNames = frozenset(),
) -> Differences:
    """Return the fields that changed in Odoo and have no entry to be sent.

    :param base: of an event or a series, like ``ours``
    :param invites: whether attendees may be added in Graph, which mails them
    :param waiting: names that have an outbox entry; None means all names
    """
    if waiting is None:
        return Differences()
    how = {"is_organizer": is_organizer, "invites": invites}
    if isinstance(base, Base) and isinstance(ours, Content):
        return _compare_contents(base, ours, waiting, **how)
    assert isinstance(base, SeriesBase) and isinstance(ours, Series)
    return _compare_series(base, ours, waiting, **how)


def _compare_contents(
    base: Base,
    ours: Content,
    waiting: frozenset[str],
    *,
    is_organizer: bool,
    invites: bool,
) -> Differences:
    different = three_way_merge(base, ours, base.theirs).to_graph - waiting
    not_ours = different - writable_fields(is_organizer=is_organizer)
    patch = plan_patch(
        base,
        ours,
        is_organizer=is_organizer,
        invites=invites,
        recorded=different - not_ours,
    )
    if patch is None:
        return Differences(not_ours=not_ours)
    send = patch.fields & PERSONAL_FIELDS
    if is_stricter(patch.content, base.theirs):
        send |= patch.fields & {"sensitivity"}
    rest = patch.fields - send
    if not rest:
        return Differences(send=send, not_ours=not_ours)
    # A field that alone mails nobody may still do so in one write with other fields.
    impact = mail_impact(base.theirs, patch.content, is_organizer=is_organizer)
    after = base.theirs.with_fields(rest, patch.content)
    alone = mail_impact(base.theirs, after, is_organizer=is_organizer)
    impact = alone if alone.count else impact
    if not impact.count:
        return Differences(send=patch.fields, not_ours=not_ours)
    return Differences(send, rest, not_ours, impact)


def is_stricter(content: Content, before: Content) -> bool:
    """Return True if ``content`` is more private than ``before``."""
    return _STRICTNESS[content.sensitivity] > _STRICTNESS[before.sensitivity]


def _compare_series(
    base: SeriesBase,
    ours: Series,
    waiting: frozenset[str],
    *,
    is_organizer: bool,
    invites: bool,
) -> Differences:
    if not invites:
        ours = known_people(ours, base.theirs)
        base = SeriesBase(known_people(base.ours, base.theirs), base.theirs)
    merge = merge_series(
        base, ours, base.theirs, direction="both", is_organizer=is_organizer
    )
    different = names_of_series(merge) - waiting
    if not is_organizer:
        found = ours.master.changed_fields(base.ours.master) & ORGANIZER_FIELDS
        own = different & PERSONAL_FIELDS
        return Differences(send=own, not_ours=(different - own) | (found - waiting))
    send = different & PERSONAL_FIELDS
    if is_stricter(merge.target.master, base.theirs.master):
        send |= different & {"sensitivity"}
    rest = different - send
    impact = _mails_of_series(base, merge, rest)
    if not impact.count:
        return Differences(send=different)
    return Differences(send, rest, frozenset(), impact)


def _mails_of_series(
    base: SeriesBase, merge: SeriesMerge, names: frozenset[str]
) -> MailImpact:
    """Return the mails of a write of these names in a series and its occurrences."""
    if not names:
        return NOBODY
    theirs, master = base.theirs, base.theirs.master
    after = master.with_fields(names & merge.shared.to_graph, merge.target.master)
    of_all = mail_impact(master, after)
    of_days = {
        day: mail_impact(
            theirs.occurrence(day),
            theirs.occurrence(day).with_fields(of_day.to_graph & names, of_day.content),
        )
        for day, of_day in merge.occurrences.items()
        if of_day.to_graph & names and day in theirs.days
    }
    touched = {*of_days, *(merge.gone_in_odoo if DELETED in names else ())}
    if names & {TIMES, RECURRENCE} or after.changed_fields(master) - {"attendees"}:
        touched |= theirs.exceptions.keys()
    people = {*of_all.updated}
    for day in touched:  # an occurrence may have guests of its own
        people.update(mail_impact(theirs.occurrence(day), None).people)
    if of_days or names - PERSONAL_FIELDS - master.changed_fields(after):
        people.update(mail_impact(master, None).people)
    impacts = [of_all, *of_days.values()]
    invited = {one for impact in impacts for one in impact.invited}
    cancelled = {one for impact in impacts for one in impact.cancelled} - invited
    return MailImpact(
        tuple(sorted(invited)),
        tuple(sorted(people - invited - cancelled)),
        tuple(sorted(cancelled)),
        max(1, len(of_days)),
    )


def agreed_to_differ(
    base: Base | SeriesBase, ours: Content | Series, names: frozenset[str]
) -> Base | SeriesBase:
    """Return the base after a decision that these names stay different."""
    if isinstance(base, Base) and isinstance(ours, Content):
        names &= frozenset(CONTENT_FIELDS)
        return Base(base.ours.with_fields(names, ours), base.theirs)
    assert isinstance(base, SeriesBase) and isinstance(ours, Series)
    units = len(NAMES) * (1 + len(base.theirs.days))
    for _unit in range(units):
        write = next_write(base, ours, is_organizer=True, recorded=names)
        if write is None:
            break
        base = SeriesBase(write.after.ours, base.theirs)
    return base
