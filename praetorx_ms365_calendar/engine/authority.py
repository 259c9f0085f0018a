"""Decide if an edit in another person's mailbox is sent, and take back held edits.

Pure: no clock, no database. The models pass in whether the author may act, and how many
mails Exchange would send.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from .merge import DELETED, apply_set_change, three_way_merge, value_for_odoo
from .series import Series, SeriesBase, Side, rule_key, time_of_day
from .series_merge import merge_series
from .series_units import RECURRENCE, TIMES
from .snapshot import Base, Content


class Verdict(Enum):
    """The decision about an edit, before it is sent to a person's mailbox."""

    #: Send it: the author is the owner of the mailbox or a delegate.
    GO = "go"
    #: Send it, and tell the owner the name of the author.
    TELL = "tell"
    #: Hold it until the owner decides.
    ASK = "ask"
    #: Refuse it before it is saved.
    REFUSE = "refuse"


def judge(policy: str, *, may_act: bool, mails: int) -> Verdict:
    """Decide whether an edit in a mailbox is sent, held or refused.

    :param policy: ``ask``, ``open`` or ``forbid``: the setting of the owner's company
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
    """Return an edit with the attendees that Exchange has before and after it.

    Use it to count mails: Exchange mails the attendees in Outlook. Some of them may be
    missing in Odoo, and some attendees in Odoo may not be invited through Outlook.

    :param before: the event in Odoo before the edit, None for a new one
    :param after: the event in Odoo after the edit, None for a deleted one
    :param theirs: the event in Outlook, None if Outlook does not have it yet
    :param invites: whether Odoo's attendees are added to the meeting in Outlook
    """
    if before is None:
        return None, after
    known = theirs.attendees if theirs else ()
    if invites:
        known = apply_set_change((), before.attendees, known)
    unmapped = theirs.unmapped_attendees if theirs else ()
    in_outlook = replace(before, attendees=known, unmapped_attendees=unmapped)
    if after is None:
        return in_outlook, None
    people = apply_set_change(before.attendees, after.attendees, known)
    if not invites:
        people = tuple(person for person in people if person in set(known))
    return in_outlook, replace(after, attendees=people, unmapped_attendees=unmapped)


def without_edit(now: Side, before: Side, after: Side) -> Side:
    """Return an event or a series without one of its edits.

    Later edits stay: they are kept field by field, and in lists element by element.

    :param now: Odoo's present content or series
    :param before: the content or series before the edit
    :param after: the content or series after the edit
    """
    if (
        isinstance(now, Content)
        and isinstance(before, Content)
        and isinstance(after, Content)
    ):
        base = Base(before, after)
        return value_for_odoo(base, before, three_way_merge(base, before, now))
    assert isinstance(now, Series)
    assert isinstance(before, Series) and isinstance(after, Series)
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
    """Return the names of the fields that an edit changed in a series.

    A field counts if it changed in the series or in any occurrence. The result has
    :data:`RECURRENCE` if the rule changed, and :data:`DELETED` if occurrences were
    deleted.
    """
    names = after.master.changed_fields(before.master) - {TIMES}
    if time_of_day(before.master.times) != time_of_day(after.master.times):
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
    """Return the names of the fields that an edit changed in an event or a series."""
    if isinstance(before, Series) and isinstance(after, Series):
        return changed_in_series(before, after)
    assert isinstance(before, Content) and isinstance(after, Content)
    return after.changed_fields(before)


def addresses_in(side: Content | Series | None) -> frozenset[str]:
    """Return the addresses of all attendees of an event or of a whole series."""
    if side is None:
        return frozenset()
    if isinstance(side, Series):
        contents = [side.master, *side.exceptions.values()]
    else:
        contents = [side]
    return frozenset(one.email for content in contents for one in content.attendees)
