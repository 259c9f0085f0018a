"""What Graph lists: each answer has to be a page before anything of it is recorded."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from ...engine.delta import NotAPage, Page, read_list
from ...graph.client import GraphAnswer

_logger = logging.getLogger(__name__)


def page_of(
    answer: GraphAnswer, *, root: str, read: Callable[..., Page] = read_list
) -> tuple[GraphAnswer, Page | None]:
    """Return an answer with its page; where there is none, the answer has an error.

    What is no page is then treated as any other error of Graph. Runs in threads too.

    :param root: the Graph endpoint; links lead there and nowhere else
    :param read: what a page has to be
    """
    if answer.error is not None:
        return answer, None
    try:
        return answer, read(answer.body, root=root)
    except NotAPage as error:
        error = NotAPage(
            f"{error.reason} (status {answer.status})", request_id=answer.request_id
        )
        return replace(answer, error=error), None


def note_what_is_no_page(account, error, what):
    """Tell who looks after the server of an answer that is no page; ids only.

    :param error: of an answer; others than :class:`NotAPage` say enough by themselves
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
    note_later(account, error)


def note_later(account, error):
    """Note down in the sync log what has to be read once more."""
    account.env["praetorx.ms365.sync.log"]._log(
        account,
        direction="pull",
        operation="read",
        outcome="later",
        reason=error.reason,
        request_id=error.request_id,
    )
