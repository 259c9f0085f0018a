"""Foresee the mails of an edit on a form, before it is saved.

The dispatcher counts again when it sends: see :mod:`.mail_guard`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from .authority import for_mails
from .mail_guard import Mails
from .mail_impact import MailImpact, mail_impact
from .snapshot import Attendee, Content

#: Values of Odoo's ``recurrence_update``.
EVERY, LATER = "all_events", "future_events"


@dataclass(frozen=True, slots=True)
class Edit:
    """The unsaved values of one form.

    :param before: the event in Odoo as it was saved, None if Outlook does not have it
    :param after: the event with the unsaved values
    :param theirs: the event in Outlook, None if Outlook does not have it
    :param invites: whether Odoo's attendees are invited through Outlook
    :param reach: the events of a series that the edit is for
    :param exceptions: number of exceptions of the series in Outlook
    :param moves: whether the repetition is changed, too
    """

    before: Content | None
    after: Content
    theirs: Content | None = None
    invites: bool = True
    reach: str = "self_only"
    exceptions: int = 0
    moves: bool = False


def foresee_edit(edit: Edit) -> Mails:
    """Return the mails that Exchange sends if these values are saved."""
    if edit.before is None:
        new = edit.after if edit.invites else replace(edit.after, attendees=())
        return Mails.of(mail_impact(None, new))
    before, after = for_mails(
        edit.before, edit.after, edit.theirs, invites=edit.invites
    )
    assert before is not None and after is not None
    if before.online_meeting and not after.online_meeting:
        # Microsoft keeps each Teams meeting, so nothing is sent about it.
        after = replace(after, online_meeting=True)
    if edit.reach == LATER:
        return _split(before, after)
    if edit.moves:
        before = replace(before, subject=f"not {after.subject}")
    exceptions = edit.exceptions if edit.reach == EVERY else 0
    return Mails.of(mail_impact(before, after, exceptions=exceptions))


def foresee_deletion(theirs: Content | None, *, reach: str = "self_only") -> Mails:
    """Return the mails if an event, or a part of its series, is deleted in Outlook.

    If a series only ends earlier, everybody gets an update.

    :param theirs: the event in Outlook
    """
    cancelled = mail_impact(theirs, None).cancelled
    if reach == LATER:
        return Mails.of(MailImpact(updated=cancelled))
    return Mails.of(MailImpact(cancelled=cancelled))


def together(several: Iterable[Mails]) -> Mails:
    """Return the mails of several meetings: each person is named once."""
    several = list(several)
    impacts = [mails.impact for mails in several]
    impact = MailImpact(
        tuple(sorted({person for one in impacts for person in one.invited})),
        tuple(sorted({person for one in impacts for person in one.updated})),
        tuple(sorted({person for one in impacts for person in one.cancelled})),
    )
    return Mails(impact, sum(mails.count for mails in several))


def with_names(impact: MailImpact, names: Mapping[str, str]) -> MailImpact:
    """Return the same mails, with the names of contacts where none is known.

    :param names: address -> name
    """

    def named(people: tuple[Attendee, ...]) -> tuple[Attendee, ...]:
        return tuple(
            replace(one, name=one.name or names.get(one.email, "")) for one in people
        )

    return replace(
        impact,
        invited=named(impact.invited),
        updated=named(impact.updated),
        cancelled=named(impact.cancelled),
    )


def _split(before: Content, after: Content) -> Mails:
    """Return the mails if a series ends earlier, and another one begins."""
    if not after.changed_fields(before):
        return Mails()
    ended = mail_impact(before, None).cancelled
    return Mails.of(MailImpact(mail_impact(None, after).invited, ended))
