"""Whom Exchange mails about a write, before it is written.

Exchange alone decides about invitations, and Graph has no switch to keep it from
mailing: who wants to know the mails of a write has to know its rules.

Source: Graph v1.0, ``event: update`` (attendees alone: only who comes or goes is
mailed) and ``event: cancel``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .series import Series, inherit, pattern, same_shape, timeless
from .snapshot import PERSONAL_FIELDS, Attendee, Content


@dataclass(frozen=True, slots=True)
class MailImpact:
    """The mails that one write makes Exchange send.

    :param invited: get an invitation
    :param updated: get an update of a meeting that they know
    :param cancelled: get a cancellation
    :param mails_per_update: one for the event, and one for each changed date of a
        series
    """

    invited: tuple[Attendee, ...] = ()
    updated: tuple[Attendee, ...] = ()
    cancelled: tuple[Attendee, ...] = ()
    mails_per_update: int = 1

    @property
    def count(self) -> int:
        """How many mails leave."""
        return (
            len(self.invited)
            + len(self.updated) * self.mails_per_update
            + len(self.cancelled)
        )

    @property
    def people(self) -> tuple[Attendee, ...]:
        """Who gets a mail, each once."""
        return tuple(sorted({*self.invited, *self.updated, *self.cancelled}))


NOBODY = MailImpact()


def mail_impact(
    before: Content | None,
    after: Content | None,
    *,
    is_organizer: bool = True,
    exceptions: int = 0,
) -> MailImpact:
    """Return whom Exchange mails if ``before`` becomes ``after`` in a mailbox.

    Where Microsoft's rules leave room, the more mails are expected: nobody shall be
    surprised by one. So attendees who change together with a personal field count as
    any other change, though the personal field alone mails nobody.

    :param before: what the mailbox holds, None for an event that is created
    :param after: what it will hold, None for an event that is deleted or cancelled
    :param is_organizer: whether it is the organizer's mailbox; writes to the copy of
        an attendee mail nobody
    :param exceptions: changed dates of the series that is written, each of which is
        told on its own
    """
    if not is_organizer:
        return NOBODY
    known = _invited(before)
    wanted = _invited(after)
    if before is None:
        return MailImpact(invited=wanted)
    if after is None:
        return MailImpact(cancelled=known)
    changed = after.changed_fields(before)
    if changed <= PERSONAL_FIELDS:
        return NOBODY
    stay = tuple(person for person in wanted if person in known)
    return MailImpact(
        invited=tuple(person for person in wanted if person not in known),
        updated=() if changed == {"attendees"} else stay,
        cancelled=tuple(person for person in known if person not in wanted),
        mails_per_update=1 + exceptions,
    )


def mails_of_new_series(series: Series) -> int:
    """Return how many mails it makes to create this own series in Outlook.

    The series goes first; what single occurrences have of their own is written after
    that, date by date, and those that do not exist are deleted.
    """
    count = mail_impact(None, series.master).count
    for day, content in series.exceptions.items():
        count += mail_impact(pattern(series.master, day), content).count
    deleted = series.expected_days() - set(series.days)
    return count + len(deleted) * mail_impact(series.master, None).count


def mails_of_series_change(
    before: Series | None, after: Series | None
) -> tuple[MailImpact, int]:
    """Return whom Exchange mails about a change of a series, and how many mails.

    :param before: what Outlook holds, None for a series that is created
    :param after: what it will hold, None for one that is deleted
    """
    if before is None and after is None:
        return NOBODY, 0
    if before is None:
        return mail_impact(None, after.master), mails_of_new_series(after)
    if after is None:
        impact = mail_impact(before.master, None)
        return impact, impact.count
    impact = mail_impact(*_shared(before, after), exceptions=len(before.exceptions))
    count = impact.count
    people = impact.people
    for day in sorted(set(before.days) - set(after.days)):
        lost = mail_impact(before.occurrence(day), None)
        count, people = count + lost.count, {*people, *lost.people}
    for day in sorted(set(before.days) & set(after.days)):
        own = mail_impact(
            inherit(before.occurrence(day), before.master, after.master, day),
            after.occurrence(day),
        )
        count, people = count + own.count, {*people, *own.people}
    return MailImpact(updated=tuple(sorted(people))), count


def _shared(before: Series, after: Series) -> tuple[Content, Content]:
    """Return what occurrences share; another rule or time of day is another time."""
    if same_shape(before, after):
        return timeless(before.master), timeless(after.master)
    subject = after.master.subject
    return replace(before.master, subject=f"not {subject}"), after.master


def _invited(content: Content | None) -> tuple[Attendee, ...]:
    """Return everybody on the list, also whom no mail address names."""
    if content is None:
        return ()
    return tuple(sorted({*content.attendees, *content.unmapped_attendees}))
