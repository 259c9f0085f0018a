"""Read the list of a mailbox's calendars."""

from __future__ import annotations

from typing import Any

from requests import Session

from odoo import fields

from ...engine.calendars import read_calendars
from ...engine.errors import RefreshToken, SyncError
from ...engine.reasons import because
from ...graph import calls
from ...graph.client import GraphClient, GraphResponse
from ..read.page import log_bad_page, page_of
from ..read.shared_calendars import OF_ONE_CALENDAR
from ..records import Account, Payload
from ..worker.job import Job

#: Pages of a list of calendars, with up to a hundred calendars each.
MAX_LIST_PAGES = 20


def list_job(account: Account) -> Job:
    """Return the job that reads the list of the mailbox's calendars."""
    root = account._graph_root()
    token = account._access_token()

    def send(session: Session) -> tuple[list[Payload], GraphResponse] | SyncError:
        try:
            if not token:  # it has expired since the job was planned
                raise RefreshToken(because("sign_in_ended"))
            client = GraphClient(session, root, token)
            return _read_list(client, root), client.send(calls.own_addresses())
        except SyncError as error:
            return error

    def record(result: tuple[list[Payload], GraphResponse] | SyncError) -> None:
        log_bad_page(account, result, "list of calendars")
        if isinstance(result, OF_ONE_CALENDAR):
            account.calendars_read_at = fields.Datetime.now()  # keep the known list
        elif isinstance(result, SyncError):
            account._stop_for(result)
        else:
            entries, me = result
            account._update_calendars(read_calendars(entries), fields.Datetime.now())
            if me.error is None:
                account._remember_addresses(me.body)

    return Job(account.id, send, record)


def _read_list(client: GraphClient, root: str) -> list[Payload]:
    """Return the entries of all pages.

    :raise SyncError: a page cannot be read
    """
    request = calls.calendars()
    entries: list[Any] = []
    for _page in range(MAX_LIST_PAGES):
        response, page = page_of(client.send(request), root=root)
        response.result()
        assert page is not None
        entries += page.items
        if not page.next_link:
            break
        request = calls.follow(page.next_link, operation="mailbox")
    return entries
