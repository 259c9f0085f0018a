"""Read events by id, and split responses into items that Odoo may refuse."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from itertools import zip_longest

from ...engine.errors import AlreadyGone
from ...engine.mapping.stamp import STAMP_PROPERTY_ID
from ...graph import calls
from ...graph.client import GraphResponse
from ..apply.applier import Applier
from ..records import Account, Calendar, Calendars, Link, Links
from ..worker.job import Job
from ..worker.one_by_one import Item, weight_of
from .shared_calendars import still_shared_job


def read_links_job(account: Account, links: Links) -> Job:
    """Return the job that reads linked events one by one, in one round trip."""
    requests = [
        calls.get_event(link.remote_id, STAMP_PROPERTY_ID, link._event_path())
        for link in links
    ]

    def record(
        responses: Sequence[GraphResponse],
        closed: Calendars,
        waits: bool,
        only: Collection[Hashable] | None,
    ) -> None:
        for link, response in zip(links, responses, strict=True):
            if not link.exists() or (only is not None and link.id not in only):
                continue
            if link.calendar_id & closed:
                link._wait_for_calendar()
            else:
                record_read(account, link, response, mailbox_waits=waits)
        if not only:
            account._drop_unlisted_events()

    return still_shared_job(
        account,
        links,
        requests,
        record,
        lambda responses: items_of_links(
            links, [weight_of(response.body) for response in responses[: len(links)]]
        ),
    )


def record_read(
    account: Account,
    link: Link,
    response: GraphResponse,
    *,
    mailbox_waits: bool = False,
) -> None:
    """Apply the response about one linked event.

    :param response: of :func:`..graph.calls.get_event`
    :param mailbox_waits: an error concerns the mailbox; all events are read again later
    """
    if _shows_too_little(link, response) and link._read_a_little_later():
        return
    applier = Applier(account, link.calendar_id or account._default_calendar())
    if isinstance(response.error, AlreadyGone):
        applier.gone(link, request_id=response.request_id)
    elif response.error is None:
        # An id that came with an error message may be of the other format.
        body = response.body
        assert body is not None
        link.remote_id = body.get("id") or link.remote_id
        applier.apply([body], request_id=response.request_id, listed=False)
        link = link.exists()
        if not link.is_series:  # else it has become one, and must be read as a whole
            link.write(link._READ)
    elif not mailbox_waits:
        applier.unreadable(link, response.error)


def item_of(
    account: Account,
    calendar: Calendar,
    remote_id: str,
    *,
    key: Hashable,
    weight: int = 0,
    version: str | None = None,
) -> Item:
    """Return an item of a response, with functions to set it aside if Odoo refuses it.

    :param weight: of the item as sent by Graph
    :param version: its change key, if known
    """
    return Item(
        key,
        remote_id,
        lambda reason: Applier(account, calendar).set_aside(
            remote_id, reason, version=version
        ),
        lambda reason: Applier(account, calendar).tell_refusal(remote_id, reason),
        weight=weight,
    )


def items_of_links(links: Links, weights: Iterable[int] = ()) -> list[Item]:
    """Return the events of these links as items of a response.

    :param weights: of the payload of each event, if known
    """
    return [
        item_of(
            link.account_id,
            link.calendar_id,
            link.remote_id,
            key=link.id,
            weight=weight or 0,
        )
        for link, weight in zip_longest(links, weights)
        if link.exists()
    ]


def _shows_too_little(link: Link, response: GraphResponse) -> bool:
    """Return True if Graph shows an old version, or does not find a new event yet."""
    if isinstance(response.error, AlreadyGone):
        return bool(link.expected)
    modified_at = (response.body or {}).get("lastModifiedDateTime")
    return isinstance(modified_at, str) and link._is_missed_by(modified_at)
