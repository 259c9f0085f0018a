"""Store the subscriptions to the events of mailboxes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .clock import Clock
from .store import App, Mailbox, Tenant
from .zones import graph_second


@dataclass(eq=False)
class Subscription:
    """A subscription; ``is_paused`` from ``reauthorizationRequired`` to the renewal."""

    id: str
    app: App
    tenant: Tenant
    mailbox: Mailbox
    creator_id: str
    resource: str
    change_types: tuple[str, ...]
    change_type: str
    client_state: str | None
    notification_url: str
    lifecycle_url: str | None
    expires: datetime
    immutable: bool
    tls_version: str
    is_paused: bool = False

    def to_graph(self, *, with_client_state: bool = True) -> dict[str, Any]:
        """Return the JSON of the subscription; members that were not set are null."""
        return {
            "id": self.id,
            "resource": self.resource,
            "applicationId": self.app.client_id,
            "changeType": self.change_type,
            "clientState": self.client_state if with_client_state else None,
            "notificationUrl": self.notification_url,
            "notificationQueryOptions": None,
            "lifecycleNotificationUrl": self.lifecycle_url,
            "expirationDateTime": graph_second(self.expires),
            "creatorId": self.creator_id,
            "includeResourceData": None,
            "latestSupportedTlsVersion": self.tls_version,
            "encryptionCertificate": None,
            "encryptionCertificateId": None,
            "notificationUrlAppId": None,
        }


class Subscriptions:
    """The subscriptions of all apps. An expired one counts as deleted."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._by_id: dict[str, Subscription] = {}
        self._by_mailbox: dict[str, list[Subscription]] = {}

    def add(self, subscription: Subscription) -> None:
        """Add a subscription."""
        self._by_id[subscription.id] = subscription
        own = self._by_mailbox.setdefault(subscription.mailbox.id, [])
        own.append(subscription)

    def get(self, subscription_id: str) -> Subscription | None:
        """Return a subscription that has not expired."""
        subscription = self._by_id.get(subscription_id)
        if subscription is not None and subscription.expires <= self._clock.now():
            self.remove(subscription)
            return None
        return subscription

    def remove(self, subscription: Subscription) -> None:
        """Remove a subscription."""
        self._by_id.pop(subscription.id, None)
        own = self._by_mailbox.get(subscription.mailbox.id, [])
        if subscription in own:
            own.remove(subscription)

    def of_mailbox(self, mailbox: Mailbox) -> list[Subscription]:
        """Return the active subscriptions of a mailbox."""
        own = list(self._by_mailbox.get(mailbox.id, []))
        return [one for one in own if self.get(one.id) is not None]

    def all(self) -> list[Subscription]:
        """Return all active subscriptions."""
        return [one for one in list(self._by_id.values()) if self.get(one.id)]

    def clear(self) -> None:
        """Remove all subscriptions."""
        self._by_id.clear()
        self._by_mailbox.clear()
