"""What becomes of an answer to an invitation that was given in Odoo. Pure.

Graph has no ``If-Match`` for answers, and each one may mail the organizer: the copy in
the own mailbox is read first, and what it says decides.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

from .mapping.responses import ANSWERS
from .snapshot import RemoteEvent

#: How long an answer waits for its invitation to reach the own mailbox.
MAX_WAITS = 24
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=2)


class AnswerStep(Enum):
    """What to do with an answer once the own copy has been read."""

    #: Tell Graph; the organizer is told by mail if the organizer asked for answers.
    SEND = "send"
    #: Outlook holds this answer already: it was given there too, or has arrived.
    SAME = "same"
    #: The person has answered in Outlook since: that answer stands on both sides.
    THEIRS = "theirs"
    #: There is nothing to answer: the own meeting, or one that was cancelled.
    NOTHING = "nothing"


def plan_answer(
    wanted: str, given_at: datetime, seen: str | None, there: RemoteEvent
) -> AnswerStep:
    """Say what to do with an answer, having read the copy in the own mailbox.

    :param wanted: Graph's word for the answer that Odoo holds
    :param given_at: when it was given in Odoo, naive UTC
    :param seen: Outlook's word when the copy was last read before that, None if unknown
    :param there: the copy as it is now
    """
    if there.is_organizer or there.is_cancelled:
        return AnswerStep.NOTHING
    answered = there.own_response
    if answered == wanted:
        return AnswerStep.SAME
    is_new = answered in ANSWERS and answered != seen
    if is_new and there.answered_at and there.answered_at > given_at:
        return AnswerStep.THEIRS
    return AnswerStep.SEND


def next_look_for_invitation(now: datetime, waits: int) -> datetime | None:
    """Return when to look again for an invitation that has not arrived, None: never.

    :param waits: how often it was missing, this time included
    """
    if waits >= MAX_WAITS:
        return None
    return now + min(_FIRST_WAIT * 2 ** min(waits - 1, 10), _LONGEST_WAIT)
