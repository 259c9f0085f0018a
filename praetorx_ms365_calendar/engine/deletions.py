"""Stop many deletions at once, choose the request for a deletion, and count its mails.

A calendar may look empty by mistake: a lost permission, a wrong mailbox, a faulty
script. Only the number of events tells such a mistake from a normal clean-up. So beyond
a limit we ask a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from enum import Enum
from typing import Literal

from .mail_impact import mail_impact
from .merge import DELETED, Merge
from .snapshot import Content

#: Up to this many deletions are always allowed without asking.
ALWAYS_ALLOWED = 10
#: One in this many future events of a calendar may be deleted without asking.
ALLOWED_SHARE = 10
#: More deletions than this are never done without asking.
MOST_ALLOWED = 50
#: Deletions within this time are one pass, in however many portions they come.
BUDGET_PERIOD = timedelta(hours=1)

DeletePolicy = Literal["delete", "cancel", "off"]


def deletion_limit(future_events: int) -> int:
    """Return how many events may be deleted without asking.

    :param future_events: number of synced events of the calendar in the future,
        including the events that are about to be deleted
    """
    share = future_events // ALLOWED_SHARE
    return min(max(ALWAYS_ALLOWED, share), MOST_ALLOWED)


def plan_deletions(
    certain: int, *, unverified: int, lately: int, future_events: int
) -> Literal["go_on", "wait", "ask"]:
    """Decide whether deletions go on, wait or need a person, before the first is done.

    ``wait`` means: the decision depends on events that we must read first.

    :param certain: number of deletions to do now
    :param unverified: number of events that may be deleted, but are not verified yet
    :param lately: number of deletions done within the last hour without asking. Many
        deletions in several portions then count as one large deletion
    :param future_events: see :func:`deletion_limit`
    """
    limit = deletion_limit(future_events)
    if not certain:
        return "go_on"
    if certain + lately > limit:
        return "ask"
    if certain + lately + unverified > limit:
        return "wait"
    return "go_on"


def how_to_delete(
    policy: DeletePolicy, *, is_organizer: bool, has_attendees: bool
) -> Literal["delete", "cancel", "leave"]:
    """Return the request that the deletion of an event in Odoo sends to Outlook.

    :param policy: of the company. ``cancel`` sends a message to the attendees, and
        Graph allows it only to the organizer (docs/graph.md, Mail)
    :return: ``leave`` for no request
    """
    if policy == "off":
        return "leave"
    if policy == "cancel" and is_organizer and has_attendees:
        return "cancel"
    return "delete"


class Verdict(Enum):
    """The next step after a deletion on one side was merged with the other side."""

    #: The other side was edited: a person decides.
    ASK = "ask"
    #: The other side wins: bring the meeting back.
    UNDO = "undo"
    #: Delete the meeting on the other side, too.
    REPEAT = "repeat"


def judge_deletion(merge: Merge, *, deleted_in: Literal["odoo", "outlook"]) -> Verdict:
    """Return the next step after a deletion.

    :param merge: from :func:`.plan.plan_deletion`, resolved by the policy if possible
    :param deleted_in: the side that has deleted the meeting
    """
    if merge.conflicts:
        return Verdict.ASK
    kept = merge.kept_outlook if deleted_in == "odoo" else merge.kept_odoo
    return Verdict.UNDO if DELETED in kept else Verdict.REPEAT


def invitations(contents: Iterable[Content]) -> int:
    """Return how many mails Exchange sends if we create these events in Outlook."""
    return sum(mail_impact(None, content).count for content in contents)


def cancellations(contents: Iterable[Content | None]) -> int:
    """Return how many mails Exchange sends if we delete these events in Outlook.

    :param contents: Outlook's contents; None for an event with unknown content
    """
    return sum(mail_impact(content, None).count for content in contents)
