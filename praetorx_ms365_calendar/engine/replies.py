"""Decide how a reply to an invitation, given in Odoo, is sent to Outlook. Pure.

Graph has no ``If-Match`` for replies, and each one may mail the organizer. So we read
the attendee's own copy first, and decide from its content.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import Enum

from .mapping.reply_states import REPLIES
from .snapshot import RemoteEvent

#: A reply waits for its invitation to reach the attendee's mailbox. We look for the
#: invitation this many times.
MAX_WAITS = 24
#: After this time, read the copy again: the person may have replied in Outlook.
_READ_COUNTS_FOR = timedelta(minutes=1)
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=2)


class ReplyStep(Enum):
    """The next step for a reply, after the attendee's own copy has been read."""

    #: Send it to Graph. Exchange mails the organizer if the invitation asked for it.
    SEND = "send"
    #: Outlook already has this reply: from the person, or from an earlier request.
    SAME = "same"
    #: The person has replied in Outlook since then. That reply counts on both sides.
    THEIRS = "theirs"
    #: No reply is possible: the person is the organizer, or the meeting was cancelled.
    NOTHING = "nothing"


class ReplyScope(Enum):
    """The part of a series that a reply is for."""

    #: One occurrence.
    ONE = "one"
    #: The whole series.
    ALL = "all"
    #: Several occurrences, but not all. Graph has no request for that.
    SOME = "some"


def reply_scope(
    replied: Collection[str], coming: Collection[str], *, is_every: bool
) -> ReplyScope:
    """Return which Graph request fits a reply to occurrences of a series.

    Graph accepts a reply to one occurrence, or to the whole series. Each request sends
    one mail.

    :param replied: days of the occurrences in this reply
    :param coming: days of the occurrences that are not over. Past ones do not count
    :param is_every: whether the person chose all occurrences
    """
    if is_every or (len(replied) > 1 and set(coming) <= set(replied)):
        return ReplyScope.ALL
    return ReplyScope.ONE if len(replied) == 1 else ReplyScope.SOME


def days_with_own_reply(
    reply: str, seen_by_day: Mapping[str, str | None]
) -> frozenset[str]:
    """Return the days of exceptions that a reply to the series may not change.

    An exception has its own reply. We check it after the reply to the series was sent.
    Nothing is left to check after "declined": Exchange then removes the whole series
    from the mailbox.

    :param reply: the new reply to the series, as Graph's value
    :param seen_by_day: the present replies of the mailbox owner to the exceptions
    """
    if reply == "declined":
        return frozenset()
    return frozenset(day for day, own in seen_by_day.items() if own and own != reply)


def plan_reply(
    wanted: str, given_at: datetime, seen: str | None, there: RemoteEvent
) -> ReplyStep:
    """Return the next step for a reply, given the copy in the attendee's mailbox.

    :param wanted: the reply in Odoo, as Graph's value
    :param given_at: when the person replied in Odoo, naive UTC
    :param seen: the reply in Outlook when the copy was last read before that, None if
        unknown
    :param there: the copy as it is now
    """
    if there.is_organizer or there.is_cancelled:
        return ReplyStep.NOTHING
    replied = there.own_reply
    if replied == wanted:
        return ReplyStep.SAME
    is_new = replied in REPLIES and replied != seen
    if is_new and there.replied_at and there.replied_at > given_at:
        return ReplyStep.THEIRS
    return ReplyStep.SEND


def is_recently_read(looked_at: datetime | None, now: datetime) -> bool:
    """Return True if the copy was read recently enough to send the reply now."""
    return looked_at is not None and now - looked_at < _READ_COUNTS_FOR


def new_replies(
    replies: Mapping[str, str],
    seen: Mapping[str, str | None],
    on_their_way: Collection[str] = (),
    lost: Collection[str] = (),
) -> tuple[dict[str, str], dict[str, str | None]]:
    """Return the replies of a copy that are new to Odoo, and all replies now seen.

    A reply is new only if it has changed in Outlook since we last read it. So an old
    reply in Outlook does not overwrite a later reply in Odoo.

    :param replies: address -> reply (Graph's value), as Outlook has them now
    :param seen: the same when they were last read
    :param on_their_way: addresses with a reply in Odoo that is not in Outlook yet.
        Odoo's reply counts, and Outlook's old one is not stored as seen
    :param lost: from :func:`lost_replies`. They count as new, too
    """
    news = {
        address: reply
        for address, reply in replies.items()
        if seen.get(address) != reply or address in lost
    }
    seen_now: dict[str, str | None] = dict(replies)
    for address in news.keys() & set(on_their_way):
        del news[address]
        seen_now[address] = seen.get(address)
    return news, seen_now


def seen_of_new_copy(
    seen: Mapping[str, str | None] | None, owner: Collection[str]
) -> dict[str, str | None]:
    """Return the replies last seen, as far as they count for a new copy of a meeting.

    The owner has not replied to the new copy, so each reply that it has is new. The
    same reply to the former copy was given earlier.

    :param seen: address -> reply of the former copy; None if it was never read
    :param owner: addresses of the mailbox
    """
    return {
        address: reply
        for address, reply in (seen or {}).items()
        if address not in owner
    }


def lost_replies(
    replies: Mapping[str, str],
    seen: Mapping[str, str | None],
    without_reply: Collection[str],
) -> frozenset[str]:
    """Return the addresses with a reply that was seen before, but is not in Odoo now.

    Odoo makes an attendee without a reply if somebody is removed and added again, or if
    an event of a series is made anew. If Outlook does not know about that, the reply
    there is still valid.

    :param replies: see :func:`new_replies`, like ``seen``
    :param without_reply: addresses of the attendees in Odoo that have no reply
    """
    return frozenset(
        address
        for address in without_reply
        if replies.get(address) in REPLIES and replies[address] == seen.get(address)
    )


def has_reply_of(
    addresses: Collection[str], seen: Mapping[str, str | None] | None
) -> bool:
    """Return True if a copy had a reply of one of these people when it was last read.

    :param seen: address -> reply (Graph's value); None if it was never read
    """
    return any((seen or {}).get(address) in REPLIES for address in addresses)


def first_new_replies(
    replies: Mapping[str, str],
    seen: Mapping[str, str | None],
    limit: int,
    on_their_way: Collection[str] = (),
) -> dict[str, str]:
    """Return the replies with at most ``limit`` new ones; the rest keep the old value.

    :param replies: address -> reply (Graph's value), as Outlook has them now
    :param seen: the same when they were last read
    :param limit: maximum number of new replies
    :param on_their_way: see :func:`new_replies`; these never count as new
    """
    news, _seen = new_replies(replies, seen, on_their_way)
    first = dict(replies)
    for address in sorted(news)[limit:]:
        before = seen.get(address)
        if before:
            first[address] = before
        else:
            del first[address]
    return first


def next_search_for_invitation(now: datetime, waits: int) -> datetime | None:
    """Return when to look again for an invitation that is missing, None for never.

    :param waits: how many times it was missing, including this time
    """
    if waits >= MAX_WAITS:
        return None
    wait: timedelta = min(_FIRST_WAIT * 2 ** min(waits - 1, 10), _LONGEST_WAIT)
    return now + wait
