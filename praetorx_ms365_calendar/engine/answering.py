"""What becomes of an answer to an invitation that was given in Odoo. Pure.

Graph has no ``If-Match`` for answers, and each one may mail the organizer: the copy in
the own mailbox is read first, and what it says decides.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import Enum

from .mapping.responses import ANSWERS
from .snapshot import RemoteEvent

#: How long an answer waits for its invitation to reach the own mailbox.
MAX_WAITS = 24
#: After that the person may have answered in Outlook: it is looked again.
_LOOK_HOLDS = timedelta(minutes=1)
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


class AnswerScope(Enum):
    """What is answered of a series."""

    ONE = "one"
    ALL = "all"
    #: Neither: Graph has no such request.
    SOME = "some"


def scope_of_answer(
    answered: Collection[str], coming: Collection[str], *, is_every: bool
) -> AnswerScope:
    """Say what an answer to occurrences of a series is in Outlook.

    Graph takes an answer to one occurrence, or to the series; each of them is a mail.

    :param answered: days that were answered at once
    :param coming: days of the occurrences that are not over: the others do not count
    :param is_every: the person has chosen all of them
    """
    if is_every or (len(answered) > 1 and set(coming) <= set(answered)):
        return AnswerScope.ALL
    return AnswerScope.ONE if len(answered) == 1 else AnswerScope.SOME


def answered_apart(
    answer: str, seen_by_day: Mapping[str, str | None]
) -> frozenset[str]:
    """Return the days that an answer to the series may not reach.

    An exception has an answer of its own; it is looked at once the series has been
    answered. A declined series leaves the mailbox as a whole.

    :param answer: Graph's word for the new answer to the series
    :param seen_by_day: the owner's present answers to exceptions
    """
    if answer == "declined":
        return frozenset()
    return frozenset(day for day, own in seen_by_day.items() if own and own != answer)


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


def is_look_good(looked_at: datetime | None, now: datetime) -> bool:
    """Tell whether the own copy was read just now, so that the answer may be sent."""
    return looked_at is not None and now - looked_at < _LOOK_HOLDS


def news_of_answers(
    answers: Mapping[str, str],
    seen: Mapping[str, str | None],
    on_their_way: Collection[str] = (),
) -> tuple[dict[str, str], dict[str, str | None]]:
    """Return the answers of a copy that are new to Odoo, and all answers now seen.

    Only an answer that has changed in Outlook is new. So an old one does not undo an
    answer that was given in Odoo since.

    :param answers: address -> Graph's word, as Outlook has them now
    :param seen: the same when they were last read
    :param on_their_way: addresses with an answer in Odoo that is not in Outlook yet.
        Odoo's answer counts, and Outlook's old one is not stored as seen
    """
    news = {
        address: answer
        for address, answer in answers.items()
        if seen.get(address) != answer
    }
    noted: dict[str, str | None] = dict(answers)
    for address in news.keys() & set(on_their_way):
        del news[address]
        noted[address] = seen.get(address)
    return news, noted


def first_news(
    answers: Mapping[str, str],
    seen: Mapping[str, str | None],
    limit: int,
    on_their_way: Collection[str] = (),
) -> dict[str, str]:
    """Return answers of which a few are new; the others are as they were last read.

    :param answers: address -> Graph's word, as Outlook has them now
    :param seen: the same when they were last read
    :param limit: how many new ones there may be
    :param on_their_way: see :func:`news_of_answers`; these are not news
    """
    news, _seen = news_of_answers(answers, seen, on_their_way)
    first = dict(answers)
    for address in sorted(news)[limit:]:
        before = seen.get(address)
        if before:
            first[address] = before
        else:
            del first[address]
    return first


def next_look_for_invitation(now: datetime, waits: int) -> datetime | None:
    """Return when to look again for an invitation that has not arrived, None: never.

    :param waits: how often it was missing, this time included
    """
    if waits >= MAX_WAITS:
        return None
    return now + min(_FIRST_WAIT * 2 ** min(waits - 1, 10), _LONGEST_WAIT)
