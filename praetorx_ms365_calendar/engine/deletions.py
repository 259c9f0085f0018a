"""How many deletions are too many, what a deletion sends, and whom it mails.

A calendar that looks empty (a lost permission, a wrong mailbox, a script gone wild) is
told from somebody tidying up by numbers alone: beyond a limit a person decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from .mail_impact import mail_impact
from .snapshot import Content

#: So many deletions never need a question, however small the calendar is.
ALWAYS_ALLOWED = 10
#: Of the coming events of a calendar, this part may go without a question.
ALLOWED_SHARE = 10  # one in ten

DeletePolicy = Literal["delete", "cancel", "off"]


def deletion_limit(future_events: int) -> int:
    """Return how many events may be deleted without asking.

    :param future_events: synced events of the calendar that are yet to come, those
        that are about to be deleted among them
    """
    return max(ALWAYS_ALLOWED, future_events // ALLOWED_SHARE)


def plan_deletions(
    certain: int, *, doubtful: int, lately: int, future_events: int
) -> Literal["go_on", "wait", "ask"]:
    """Tell what to do with deletions before the first of them is carried out.

    ``wait`` means: it depends on what is doubtful yet. A read tells soon.

    :param certain: deletions that are to be carried out now
    :param doubtful: events of which it is not known yet whether they were deleted
    :param lately: deletions that were carried out within the hour without a question:
        a burst counts as one, in however many portions it comes
    :param future_events: see :func:`deletion_limit`
    """
    limit = deletion_limit(future_events)
    if not certain:
        return "go_on"
    if certain + lately > limit:
        return "ask"
    if certain + lately + doubtful > limit:
        return "wait"
    return "go_on"


def how_to_delete(
    policy: DeletePolicy, *, is_organizer: bool, has_attendees: bool
) -> Literal["delete", "cancel", "leave"]:
    """Return what the deletion of an event in Odoo sends to Outlook.

    :param policy: of the company; ``cancel`` has a message, which only the attendees
        of an own meeting can get (docs/graph.md, Mail)
    """
    if policy == "off":
        return "leave"
    if policy == "cancel" and is_organizer and has_attendees:
        return "cancel"
    return "delete"


def invitations(contents: Iterable[Content]) -> int:
    """Return how many mails it makes to create these own events in Outlook."""
    return sum(mail_impact(None, content).count for content in contents)


def cancellations(contents: Iterable[Content | None]) -> int:
    """Return how many mails it makes to delete these own events in Outlook.

    :param contents: as Outlook holds them; None where nothing is known
    """
    return sum(mail_impact(content, None).count for content in contents)
