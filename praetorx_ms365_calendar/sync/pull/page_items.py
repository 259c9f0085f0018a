"""Split the pages of a round into items, so that they can be stored one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from odoo.fields import Domain

from ...engine.delta import Page, last_of_each, read_list, read_page
from ...graph.client import GraphResponse
from ..read.events import item_of
from ..read.page import page_of
from ..records import Account, Calendar, Calendars, Payload
from ..worker.one_by_one import Item, weight_of


def judge_pages(
    account: Account, calendars: Calendars, responses: Sequence[GraphResponse]
) -> list[tuple[GraphResponse, Page | None]]:
    """Return each response with its page, or with None if it has an error."""
    root = account._graph_root()
    return [
        page_of(response, root=root, read=_reader(calendar))
        for calendar, response in zip(calendars, responses, strict=True)
    ]


def items_of_pages(
    account: Account, calendars: Calendars, responses: Sequence[GraphResponse]
) -> list[Item]:
    """Return the events of the pages as items that can be stored one by one."""
    judged = judge_pages(account, calendars, responses)
    items = []
    for calendar, (_response, page) in zip(calendars, judged, strict=True):
        for payload in last_of_each(page.items if page else ()):
            remote_id = payload["id"]
            item = item_of(
                account,
                calendar,
                remote_id,
                key=(calendar.id, remote_id),
                weight=weight_of(payload),
                version=_version_of(payload),
            )
            is_stored = partial(_is_stored, account, calendar, payload)
            items.append(replace(item, is_stored=is_stored))
    return items


def _version_of(payload: Payload) -> str | None:
    """Return the change key of an event, None if it has none."""
    version = payload.get("changeKey")
    return version if isinstance(version, str) else None


def _is_stored(account: Account, calendar: Calendar, payload: Payload) -> bool:
    """Return True if this version was set aside, or stored in this round."""
    version = _version_of(payload)
    if "@removed" in payload or not version:
        return False
    stored = (
        Domain("calendar_id", "=", calendar.id)
        & Domain("change_key", "=", version)
        & Domain("state", "=", "synced")
        & Domain("needs_read", "=", False)
    )
    if calendar.round_kind in ("initial", "view"):  # these record listed events
        stored &= Domain("last_seen_round", "=", calendar.round_number)
    set_aside = Domain("version_set_aside", "=", version)
    set_aside &= Domain("state", "=", "quarantined")
    found = account.env["praetorx.ms365.event.link"].search_count(
        Domain("account_id", "=", account.id)
        & Domain("remote_id", "=", payload["id"])
        & (stored | set_aside),
        limit=1,
    )
    return bool(found)


def _reader(calendar: Calendar) -> Callable[..., Page]:
    """Return the function that parses the pages of the current round."""
    return read_list if calendar.round_kind == "view" else read_page
