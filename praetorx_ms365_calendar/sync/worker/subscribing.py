"""Send the requests for one subscription. Runs in a thread: without the ORM."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import requests

from ...engine.errors import (
    AlreadyExists,
    AlreadyGone,
    MailboxUnavailable,
    RefreshToken,
    SyncError,
    TryLater,
)
from ...engine.notifications import read_instant
from ...engine.reasons import because
from ...graph import calls
from ...graph.auth import Tokens
from ...graph.client import GraphClient, GraphRequest


@dataclass(frozen=True)
class Outcome:
    """The result of one job.

    :param refreshed: the result that `_record_refresh` must record; None if no new
        token was requested
    :param error: None for success
    :param remote_id: Graph's id of the subscription, after it was created
    :param expires_at: naive UTC, as Graph granted it
    """

    refreshed: Tokens | SyncError | None = None
    error: SyncError | None = None
    remote_id: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class SubscriptionJob:
    """Create, renew or delete one subscription.

    :param access_token: None if it must be refreshed first
    :param refresh: gets a new access token over HTTP
    :param remote_id: id of the present or the former subscription
    :param client_state: a secret that Graph must repeat in each notification
    """

    action: Literal["create", "renew", "delete"]
    graph_root: str
    access_token: str | None = field(repr=False)
    refresh: Callable[[requests.Session], Tokens | SyncError] = field(repr=False)
    remote_id: str | None
    notification_url: str
    lifecycle_url: str
    client_state: str = field(repr=False)
    expires_at: datetime

    def __call__(self, session: requests.Session) -> Outcome:
        """Send the requests; errors are returned in the outcome, not raised."""
        refreshed: Tokens | None = None
        token = self.access_token
        if token is None:
            fresh = self.refresh(session)
            if isinstance(fresh, SyncError):
                return Outcome(fresh, fresh)
            refreshed, token = fresh, fresh.access_token
        try:
            return self._ask(GraphClient(session, self.graph_root, token), refreshed)
        except RefreshToken as error:
            if refreshed is not None:
                return Outcome(refreshed, error)
        except SyncError as error:
            return Outcome(refreshed, error)
        # The stored token was revoked before its time: once with a new one.
        return SubscriptionJob(**{**vars(self), "access_token": None})(session)

    def _ask(self, client: GraphClient, refreshed: Tokens | None) -> Outcome:
        if self.action == "delete":
            _delete(client, self.remote_id)
            return Outcome(refreshed)
        if self.action == "renew":
            assert self.remote_id is not None
            body = client.send(calls.renew(self.remote_id, self.expires_at)).result()
        else:
            body = self._create(client)
        return Outcome(
            refreshed,
            remote_id=str(body.get("id") or self.remote_id or ""),
            expires_at=read_instant(body.get("expirationDateTime")) or self.expires_at,
        )

    def _create(self, client: GraphClient) -> dict[str, Any]:
        _delete(client, self.remote_id)
        request = calls.subscribe(
            notification_url=self.notification_url,
            lifecycle_url=self.lifecycle_url,
            client_state=self.client_state,
            expires_at=self.expires_at,
        )
        response = client.send(request)
        if isinstance(response.error, AlreadyExists):
            # It is from an earlier attempt without a response, or another system's.
            if not self._delete_strays(client):
                code = response.error.code
                reason = because("subscribed_twice", code=code)
                raise MailboxUnavailable(reason, code=code)
            response = client.send(request)
        elif isinstance(response.error, TryLater) and response.error.response_lost:
            self._delete_strays(client)
        body = response.result()
        if not isinstance(body.get("id"), str) or not body["id"]:
            raise TryLater(because("unreadable_answer"), response_lost=True)
        self._delete_strays(client, keep=body["id"])
        return body

    def _delete_strays(self, client: GraphClient, keep: str | None = None) -> int:
        """Delete subscriptions that call our address but are not renewed any more.

        :return: how many; one that cannot be listed or deleted expires by itself
        """
        count = 0
        for subscription in _all(client, calls.list_subscriptions()):
            stray_id = subscription.get("id")
            ours = subscription.get("notificationUrl") == self.notification_url
            if ours and isinstance(stray_id, str) and stray_id != keep:
                count += client.send(calls.delete_subscription(stray_id)).error is None
        return count


def _all(
    client: GraphClient, request: GraphRequest, max_pages: int = 10
) -> Iterator[dict[str, Any]]:
    """Yield the entries of a list from all its pages, until a page cannot be read."""
    for _page in range(max_pages):
        response = client.send(request)
        body = response.body if response.error is None and response.body else {}
        values = body.get("value")
        yield from (v for v in values or () if isinstance(v, dict))
        link = body.get("@odata.nextLink")
        if not isinstance(link, str):
            return
        request = calls.follow(link, operation="mailbox")


def _delete(client: GraphClient, remote_id: str | None) -> None:
    """Delete a subscription; do not fail if it is already gone.

    :raise SyncError: any other error of Graph
    """
    if not remote_id:
        return
    error = client.send(calls.delete_subscription(remote_id)).error
    if error is not None and not isinstance(error, AlreadyGone):
        raise error
