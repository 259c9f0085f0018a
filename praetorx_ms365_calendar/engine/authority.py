"""Decide who may act in a mailbox, and take waiting edits out of an event.

Pure: no clock, no database. The models pass in the author, the owner and the mails that
Exchange would send.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from enum import Enum

from .merge import DELETED, apply_set_change, three_way_merge, value_for_odoo
from .series import Series, SeriesBase, clock, rule_key
from .series_merge import RECURRENCE, TIMES, merge_series
from .snapshot import Base, Content


class Verdict(Enum):
    """What becomes of an edit, before it is sent to somebody's mailbox."""

    #: It is sent: the owner's own, a delegate's, or nobody asks.
    GO = "go"
    #: It is sent, and the owner reads who it was.
    TELL = "tell"
    #: It is held until the owner has decided.
    ASK = "ask"
    #: It is refused before it is saved.
    REFUSE = "refuse"


def judge(policy: str, *, may_act: bool, mails: int) -> Verdict:
    """Decide whether an edit in a mailbox is sent, asked about or refused.

    :param policy: ``ask``, ``open`` or ``forbid``, as the owner's company has it
    :param may_act: whether the author is the owner, or may act for the owner
    :param mails: how many mails Exchange would send about it
    """
    if may_act:
        return Verdict.GO
    if policy == "open" or mails <= 0:
        return Verdict.TELL
    return Verdict.REFUSE if policy == "forbid" else Verdict.ASK


def for_mails(
    before: Content | None,
    after: Content | None,
    theirs: Content | None,
    *,
    invites: bool,
) -> tuple[Content | None, Content | None]:
    """Return an edit with the guests that Exchange has, or will have after it.

    Exchange mails the guests in Outlook. Some of them may be missing in Odoo. Odoo may
    have guests that are not invited through Outlook.

    :param theirs: the event in Outlook, None if Outlook does not have it yet
    :param invites: whether Odoo's guests are added to the meeting in Outlook
    """
    if before is None:
        return None, after
    known = theirs.attendees if theirs else ()
    if invites:
        known = apply_set_change((), before.attendees, known)
    unmapped = theirs.unmapped_attendees if theirs else ()
    told = replace(before, attendees=known, unmapped_attendees=unmapped)
    if after is None:
        return told, None
    people = apply_set_change(before.attendees, after.attendees, known)
    if not invites:
        people = tuple(person for person in people if person in set(known))
    return told, replace(after, attendees=people, unmapped_attendees=unmapped)


def without_edit(now: Content, before: Content, after: Content) -> Content:
    """Return a content as if one edit had not been made.

    What was edited since stays: field by field, of lists element by element.

    :param now: what Odoo holds
    :param before: what it held before the edit
    :param after: what it held after the edit
    """
    base = Base(before, after)
    return value_for_odoo(base, before, three_way_merge(base, before, now))


def without_edit_of_series(now: Series, before: Series, after: Series) -> Series:
    """Return a series as if one edit had not been made; see :func:`without_edit`."""
    merge = merge_series(
        SeriesBase(before, after), before, now, direction="both", is_organizer=True
    )
    target = merge.target
    deleted = set(before.days) - set(after.days) - set(target.days)
    contents = target.contents() | {
        day: before.occurrence(day) for day in deleted & target.expected_days()
    }
    removed = None if now.removed is None else now.removed - contents.keys()
    return Series.of(target.master, target.rule, target.window, contents, removed)


def changed_in_series(before: Series, after: Series) -> frozenset[str]:
    """Return what an edit has changed in a series.

    Names of fields, of the series or of any occurrence; :data:`RECURRENCE` for the
    rule, :data:`DELETED` where occurrences were taken out.
    """
    names = after.master.changed_fields(before.master) - {TIMES}
    if clock(before.master.times) != clock(after.master.times):
        names |= {TIMES}
    if rule_key(before.rule) != rule_key(after.rule):
        names |= {RECURRENCE}
    if set(before.days) - set(after.days):
        names |= {DELETED}
    for day in set(before.days) & set(after.days):
        if day in before.exceptions or day in after.exceptions:
            names |= after.occurrence(day).changed_fields(before.occurrence(day))
    return frozenset(names)


def changed_names(before: Content | Series, after: Content | Series) -> frozenset[str]:
    """Return what an edit has changed in an event or a series."""
    if isinstance(before, Series) and isinstance(after, Series):
        return changed_in_series(before, after)
    return after.changed_fields(before)


def addresses_in(side: Content | Series | None) -> frozenset[str]:
    """Return the addresses of all guests of an event, or of any event of a series."""
    if side is None:
        return frozenset()
    contents = [side]
    if isinstance(side, Series):
        contents = [side.master, *side.exceptions.values()]
    return frozenset(one.email for content in contents for one in content.attendees)


def without_edits(now: Content, edits: Iterable[tuple[Content, Content]]) -> Content:
    """Return a content without several edits.

    :param edits: what Odoo held before and after each, the oldest first
    """
    for before, after in reversed(list(edits)):
        now = without_edit(now, before, after)
    return now
