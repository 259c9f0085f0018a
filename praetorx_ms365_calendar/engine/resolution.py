"""Predict the content of both sides, and the mails, before a conflict is resolved."""

from __future__ import annotations

from dataclasses import dataclass

from .mail_impact import MailImpact, mail_impact
from .merge import DELETED, Merge, next_base, value_for_odoo
from .plan import plan_patch
from .snapshot import Base, Content


@dataclass(frozen=True, slots=True)
class Outcome:
    """The content of both sides after a decision, and the mails that it causes.

    :param ours: content in Odoo, None for a deleted event
    :param theirs: content in Outlook, None for a deleted event
    """

    ours: Content | None
    theirs: Content | None
    mails: MailImpact


def foresee(
    base: Base | None,
    ours: Content | None,
    theirs: Content | None,
    merge: Merge,
    *,
    is_organizer: bool,
    deletes: bool = True,
) -> Outcome:
    """Return the outcome of a merge without carrying it out.

    :param base: both sides when they last agreed, None if they never did
    :param ours: Odoo's content now, None if the event is deleted there
    :param theirs: Outlook's content now, None if the event is deleted there
    :param merge: merge with resolved conflicts. Fields in an open conflict stay as they
        are on both sides
    :param deletes: whether deletions in Odoo are sent to Outlook at all
    """
    if DELETED in merge.decided | merge.conflicts:
        ours_then, theirs_then = _after_deletion(ours, theirs, merge, deletes=deletes)
    else:
        assert ours is not None and theirs is not None
        ours_then = value_for_odoo(base, ours, merge)
        theirs_then = _after_sending(
            base, ours_then, theirs, merge, is_organizer=is_organizer
        )
    mails = mail_impact(theirs, theirs_then, is_organizer=is_organizer)
    return Outcome(ours_then, theirs_then, mails)


def _after_deletion(
    ours: Content | None, theirs: Content | None, merge: Merge, *, deletes: bool
) -> tuple[Content | None, Content | None]:
    if DELETED in merge.kept_odoo:
        return ours, ours if ours or deletes else theirs
    if DELETED in merge.kept_outlook:
        return theirs, theirs
    return ours, theirs


def _after_sending(
    base: Base | None,
    ours_then: Content,
    theirs: Content,
    merge: Merge,
    *,
    is_organizer: bool,
) -> Content:
    agreed = next_base(base, ours_then, theirs, merge)
    patch = plan_patch(agreed, ours_then, is_organizer=is_organizer)
    return patch.content if patch else theirs
