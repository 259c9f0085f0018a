"""Prepare jobs (token, client), and judge which errors stop a mailbox."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from requests import Session

from ...engine.errors import (
    FixConfiguration,
    MailboxUnavailable,
    RefreshToken,
    SignInAgain,
    SyncError,
    TryLater,
)
from ...engine.graph_errors import TryFewTimes
from ...engine.reasons import because
from ...graph.auth import Tokens
from ...graph.client import GraphClient, GraphRequest, GraphResponse
from ..records import Account
from .job import Job
from .one_by_one import Item

#: Errors that say something about the mailbox rather than about one event.
OF_MAILBOX = (
    TryLater,
    RefreshToken,
    SignInAgain,
    FixConfiguration,
    MailboxUnavailable,
)
#: Errors that Graph also returns for a single event; those must not stop its mailbox.
ALSO_OF_ONE_EVENT = (TryFewTimes, MailboxUnavailable)


def refresh_job(account: Account) -> Job | None:
    """Return the job that gets a new access token, None if the token is still valid."""
    if account._access_token():
        return None
    refresh = account._refresh_job()

    def record(result: Tokens | SyncError) -> None:
        account._record_refresh(result, refresh)

    return Job(account.id, refresh, record)


def graph_job(
    account: Account,
    requests: Sequence[GraphRequest],
    record: Callable[..., None],
    items: Callable[[list[GraphResponse]], list[Item]] | None = None,
    kind: str = "",
) -> Job:
    """Return a job that sends ``requests`` in one round trip.

    :param record: receives the responses in the order of the requests
    :param items: receives the same; see :class:`..worker.job.Job`, also for ``kind``
    """
    root = account._graph_root()
    token = account._access_token()

    def send(session: Session) -> list[GraphResponse]:
        try:
            if not token:  # it has expired since the job was planned
                raise RefreshToken(because("sign_in_ended"))
            return GraphClient(session, root, token).batch(requests)
        except SyncError as error:
            return [GraphResponse(0, {}, None, None, error) for _request in requests]

    return Job(account.id, send, record, items, kind)


def mailbox_error(
    responses: Sequence[GraphResponse], *, of_events: bool
) -> SyncError | None:
    """Return the error that stops the mailbox for now, None if no response has one.

    The strictest error counts: signing in again comes before waiting.

    :param of_events: the requests were each about one event
    """
    errors = [
        response.error
        for response in responses
        if isinstance(response.error, OF_MAILBOX)
        and not (of_events and _concerns_one_event(response, responses))
    ]
    return max(errors, key=_strictness, default=None)


def _concerns_one_event(
    response: GraphResponse, responses: Sequence[GraphResponse]
) -> bool:
    """Return True if an error concerns one event only, as other requests succeeded."""
    if isinstance(response.error, ALSO_OF_ONE_EVENT):
        return True
    stumbled = isinstance(response.error, TryLater) and response.status >= 500
    return stumbled and any(other.error is None for other in responses)


def _strictness(error: SyncError) -> int:
    return next(i for i, kind in enumerate(OF_MAILBOX) if isinstance(error, kind))


def record_health(
    account: Account, responses: Sequence[GraphResponse], *, of_events: bool = False
) -> SyncError | None:
    """Update the account's health; return the error that stops it for now, or None.

    :param of_events: the requests were each about one event
    """
    error = mailbox_error(responses, of_events=of_events)
    if error is None:
        if account.failures or account.not_before:
            account._recovered()
        return None
    account._stop_for(error)
    return error
