"""Decide which writes wait because Exchange would mail too many people about them.

One large meeting and many small ones do the same harm, for example 500 invitations by
an import. So writes of edits that were made at about the same time count together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from .mail_impact import NOBODY, MailImpact, mail_impact, mails_of_new_series
from .series import Series, timeless
from .series_plan import SeriesWrite
from .series_units import ALL, RECURRENCE, TIMES
from .snapshot import Content

#: The mails that a company allows without a question, if it has not chosen a number.
DEFAULT_LIMIT = 20
#: Edits within this time count together: a program makes its edits one by one.
BURST_PERIOD = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Mails:
    """The mails of everything that is left to send of one meeting.

    :param impact: the people
    :param count: number of mails; of a series, a person may get several
    """

    impact: MailImpact = field(default=NOBODY)
    count: int = 0

    @classmethod
    def of(cls, impact: MailImpact) -> Mails:
        """Return the mails of a single write."""
        return cls(impact, impact.count)


@dataclass(frozen=True, slots=True)
class Write:
    """A write that is about to be sent.

    :param mails: number of mails that Exchange sends about it
    :param allowed: number of mails that a person has agreed to, or that were few enough
        before
    :param edited_at: time of its last edit
    :param counted: unasked mails of an earlier try, which was few enough
    """

    mails: int
    allowed: int
    edited_at: datetime
    counted: int = 0

    @property
    def unasked(self) -> int:
        """The number of mails that nobody has agreed to."""
        return self.mails if self.mails > self.allowed else 0


def must_ask(
    writes: Sequence[Write], others: Iterable[tuple[datetime, int]], *, limit: int
) -> list[bool]:
    """Decide for each write if a person must agree before it is sent.

    :param others: the time and the unasked mails of other edits in this mailbox: sent,
        waiting, or not planned yet
    :param limit: this many mails are sent without a question; 0 to ask about each mail
    """
    known = [(write.edited_at, write.unasked or write.counted) for write in writes]
    known += others
    return [
        bool(write.unasked) and _in_burst(write.edited_at, known) > limit
        for write in writes
    ]


def _in_burst(moment: datetime, known: Iterable[tuple[datetime, int]]) -> int:
    return sum(count for at, count in known if abs(at - moment) <= BURST_PERIOD)


def mails_of_create(new: Content | Series) -> Mails:
    """Return the mails if Exchange gets this event or series as a new one."""
    if isinstance(new, Series):
        return Mails(mail_impact(None, new.master), mails_of_new_series(new))
    return Mails.of(mail_impact(None, new))


def mails_of_series_writes(theirs: Series, writes: Iterable[SeriesWrite]) -> Mails:
    """Return the mails of all writes that an edit of a series needs.

    :param theirs: the series in Outlook now
    :param writes: from :func:`.series_plan.planned_writes`
    """
    count = 0
    invited, updated, cancelled = set(), set(), set()
    for write in writes:
        impact = _impact_of_write(theirs, write)
        count += impact.count
        invited |= set(impact.invited)
        updated |= set(impact.updated)
        cancelled |= set(impact.cancelled)
        if write.day == ALL:
            theirs = write.after.theirs
    people = MailImpact(
        tuple(sorted(invited)),
        tuple(sorted(updated - invited)),
        tuple(sorted(cancelled - invited - updated)),
    )
    return Mails(people, count)


def _impact_of_write(theirs: Series, write: SeriesWrite) -> MailImpact:
    if write.is_delete:
        return mail_impact(theirs.occurrence(write.day), None)
    if write.day != ALL:
        return mail_impact(theirs.occurrence(write.day), write.content)
    before, after = timeless(theirs.master), timeless(write.content)
    if write.fields & {TIMES, RECURRENCE}:
        before = replace(before, subject=f"not {after.subject}")
    return mail_impact(before, after, exceptions=len(theirs.exceptions))
