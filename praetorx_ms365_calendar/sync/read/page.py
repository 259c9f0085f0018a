"""Check that each response with a list is a page, before any of it is recorded."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from ...engine.delta import NotAPage, Page, read_list
from ...graph.client import GraphResponse

_logger = logging.getLogger(__name__)


def page_of(
    response: GraphResponse, *, root: str, read: Callable[..., Page] = read_list
) -> tuple[GraphResponse, Page | None]:
    """Return a response with its page; where there is none, the response has an error.

    What is no page is then treated as any other error of Graph. Runs in threads too.

    :param root: the Graph endpoint; links lead there and nowhere else
    :param read: what a page has to be
    """
    if response.error is not None:
        return response, None
    try:
        return response, read(response.body, root=root)
    except NotAPage as error:
        error = NotAPage(
            f"{error.reason} (status {response.status})", request_id=response.request_id
        )
        return replace(response, error=error), None


def log_bad_page(account, error, what):
    """Tell who looks after the server of a response that is no page; ids only.

    :param error: of a response; others than :class:`NotAPage` say enough by themselves
    :param what: was asked for, with its id
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


def log_read_later(account, error):
    """Note down in the sync log what has to be read once more."""
    account.env["praetorx.ms365.sync.log"]._log(
        account,
        direction="pull",
        operation="read",
        outcome="later",
        reason=error.reason,
        request_id=error.request_id,
    )
