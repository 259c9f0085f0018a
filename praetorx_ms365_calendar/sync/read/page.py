"""Check that each response with a list is a page, before any of it is recorded."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from ...engine.delta import NotAPage, Page, read_list
from ...engine.errors import SyncError
from ...graph.client import GraphResponse
from ..records import Account

_logger = logging.getLogger(__name__)


def page_of(
    response: GraphResponse, *, root: str, read: Callable[..., Page] = read_list
) -> tuple[GraphResponse, Page | None]:
    """Return a response with its page; if the body is no page, with an error instead.

    The error is then handled like any other error of Graph. Runs in threads, too.

    :param root: the Graph endpoint; links to any other host are refused
    :param read: parses the page, or raises ``NotAPage``
    """
    if response.error is not None:
        return response, None
    try:
        return response, read(response.body, root=root)
    except NotAPage as error:
        error = NotAPage(error.reason, request_id=response.request_id)
        return replace(response, error=error), None


def log_bad_page(account: Account, error: object, what: str) -> None:
    """Log for the administrator that a response is no page; ids only.

    :param error: of a response; ignored unless it is a :class:`NotAPage`
    :param what: names the requested object, with its id
    """
    if not isinstance(error, NotAPage):
        return
    _logger.warning(
        "Microsoft 365: account %s, %s: %s, request %s",
        account.id,
        what,
        error.reason,
        error.request_id,
    )
    log_read_later(account, error)


def log_read_later(account: Account, error: SyncError) -> None:
    """Record in the sync log that something must be read once more."""
    account.env["praetorx.ms365.sync.log"]._log(
        account,
        direction="pull",
        operation="read",
        outcome="later",
        reason=error.reason,
        request_id=error.request_id,
    )
