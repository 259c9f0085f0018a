"""Predict the mails that Exchange sends about a write, before it is written.

Exchange alone decides about invitations, and Graph has no option to stop its mails. So
we need Exchange's rules here to know the mails of a write.

Source: Graph v1.0, ``event: update`` (a write of attendees alone mails only those
added or removed) and ``event: cancel``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .series import (
    Series,
    default_occurrence,
    occurrence_after_change,
    same_shape,
    timeless,
)
from .snapshot import PERSONAL_FIELDS, Attendee, Content


@dataclass(frozen=True, slots=True)
class MailImpact:
    """The mails that Exchange sends because of one write.

    :param invited: attendees that get an invitation
    :param updated: attendees that get an update of a meeting they have already
    :param cancelled: attendees that get a cancellation
    :param mails_per_update: mails to each updated attendee: one for the event, and one
        for each exception of a series
    """

    invited: tuple[Attendee, ...] = ()
    updated: tuple[Attendee, ...] = ()
    cancelled: tuple[Attendee, ...] = ()
    mails_per_update: int = 1

    @property
    def count(self) -> int:
        """The number of mails."""
        return (
            len(self.invited)
            + len(self.updated) * self.mails_per_update
            + len(self.cancelled)
        )

    @property
    def people(self) -> tuple[Attendee, ...]:
        """All attendees that get a mail, each once."""
        return tuple(sorted({*self.invited, *self.updated, *self.cancelled}))


NOBODY = MailImpact()


def mail_impact(
    before: Content | None,
    after: Content | None,
    *,
    is_organizer: bool = True,
    exceptions: int = 0,
) -> MailImpact:
    """Return the mails that Exchange sends if a write turns ``before`` into ``after``.

    If Microsoft's rules are unclear, we expect more mails rather than less, so that no
    mail is a surprise. A write of a personal field alone mails nobody. But if the
    attendees change in the same write, it counts like any other change.

    :param before: present content in the mailbox, None for an event that is created
    :param after: its new content, None for an event that is deleted or cancelled
    :param is_organizer: whether it is the organizer's mailbox; a write to an
        attendee's copy mails nobody
    :param exceptions: number of exceptions in the series. Exchange sends a separate
        mail for each
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
    """Return how many mails Exchange sends if we create this series in Outlook.

    The series is created first. Then each exception is written, and each missing
    occurrence is deleted, one by one.
    """
    count = mail_impact(None, series.master).count
    for day, content in series.exceptions.items():
        count += mail_impact(default_occurrence(series.master, day), content).count
    deleted = series.expected_days() - set(series.days)
    return count + len(deleted) * mail_impact(series.master, None).count


def mails_of_series_change(
    before: Series | None, after: Series | None
) -> tuple[MailImpact, int]:
    """Return the mails that a change of a series makes Exchange send, and their number.

    :param before: the series in Outlook now, None for a series that is created
    :param after: the series in Outlook afterwards, None for a deleted one
    """
    if before is None:
        if after is None:
            return NOBODY, 0
        return mail_impact(None, after.master), mails_of_new_series(after)
    if after is None:
        impact = mail_impact(before.master, None)
        return impact, impact.count
    impact = mail_impact(
        *_contents_to_compare(before, after), exceptions=len(before.exceptions)
    )
    count = impact.count
    people = set(impact.people)
    for day in sorted(set(before.days) - set(after.days)):
        lost = mail_impact(before.occurrence(day), None)
        count += lost.count
        people.update(lost.people)
    for day in sorted(set(before.days) & set(after.days)):
        own = mail_impact(
            occurrence_after_change(
                before.occurrence(day), before.master, after.master, day
            ),
            after.occurrence(day),
        )
        count += own.count
        people.update(own.people)
    return MailImpact(updated=tuple(sorted(people))), count


def _contents_to_compare(before: Series, after: Series) -> tuple[Content, Content]:
    """Return the shared contents to compare for the mails of a change.

    If the rule or the time of day has changed, the two contents differ in any case: the
    subject of the first is altered on purpose.
    """
    if same_shape(before, after):
        return timeless(before.master), timeless(after.master)
    subject = after.master.subject
    return replace(before.master, subject=f"not {subject}"), after.master


def _invited(content: Content | None) -> tuple[Attendee, ...]:
    """Return all attendees, including those without a mail address."""
    if content is None:
        return ()
    return tuple(sorted({*content.attendees, *content.unmapped_attendees}))
