"""Read and verify Graph's change and lifecycle notifications, which may be forged.

Notifications are only hints: no data depends on a single one. So we ignore entries that
we cannot read. The client state proves that a notification is from Graph.
Source: Graph v1.0, "Receive change notifications through webhooks" and "Lifecycle
notifications".
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

#: Graph never sends larger bodies.
MAX_BODY_BYTES = 4 * 1024 * 1024
#: We read this many entries of one body. Delta polling finds the changes of the rest.
MAX_ENTRIES = 5000
#: If a text of an entry is longer, we drop the entry. We never shorten a text.
_MAX_TEXT = 2048

#: Graph documents a maximum of 10,080 minutes, but refuses more than 10,070.
LIFETIME = timedelta(minutes=10_000)
_RENEW_BEFORE = timedelta(hours=12)
_RENEW_AT_LAST = timedelta(minutes=30)

LIFECYCLE_EVENTS = frozenset(
    {"reauthorizationRequired", "subscriptionRemoved", "missed"}
)

_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Notification:
    """One entry of a notification body. An empty text means a missing value.

    :param client_state: the secret that proves that Graph sent the entry
    :param change_type: ``created``, ``updated`` or ``deleted``; empty for lifecycle
    :param lifecycle_event: one of :data:`LIFECYCLE_EVENTS`; empty for changes
    :param resource: path of the event; Graph spells it in several ways
    :param remote_id: id of the event
    :param etag: etag of the event after the change
    :param expires_at: end of the subscription, naive UTC; None if unreadable
    """

    subscription_id: str
    client_state: str = field(repr=False)
    change_type: str = ""
    lifecycle_event: str = ""
    resource: str = ""
    remote_id: str = ""
    etag: str = ""
    tenant_id: str = ""
    expires_at: datetime | None = None


def parse_notifications(body: bytes) -> list[Notification]:
    """Read the body of a notification, without entries that cannot be used.

    :return: at most :data:`MAX_ENTRIES`, in their order
    :raise ValueError: the body is not a JSON object with a list, or is larger than
        :data:`MAX_BODY_BYTES`
    """
    if len(body) > MAX_BODY_BYTES:
        raise ValueError("The body is too large")
    try:
        payload = json.loads(body)
    except RecursionError as error:
        raise ValueError("The body is nested too deeply") from error
    entries = payload.get("value") if isinstance(payload, dict) else None
    if not isinstance(entries, list):
        raise ValueError("The body holds no list of notifications")
    parsed = (_notification(entry) for entry in entries[:MAX_ENTRIES])
    return [notification for notification in parsed if notification is not None]


def client_state(
    secret: bytes | str, subscription_key: str, mailbox_id: int | str
) -> str:
    """Return the text that Graph must repeat in each notification of a subscription.

    :param secret: known only to this database
    :param subscription_key: our own key for this subscription
    :return: HMAC-SHA256 as 64 hexadecimal digits (Graph takes up to 128 characters)
    """
    key = secret.encode() if isinstance(secret, str) else secret
    # JSON keeps the two values apart, even if they contain the separator.
    message = json.dumps([subscription_key, str(mailbox_id)]).encode("ascii")
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def verify_client_state(
    received: str, secret: bytes | str, subscription_key: str, mailbox_id: int | str
) -> bool:
    """Return True if the client state is ours; the check takes constant time.

    So the duration of the check does not help anyone to guess the secret.
    """
    expected = client_state(secret, subscription_key, mailbox_id)
    # Compare bytes: compare_digest accepts only ASCII text. JSON may have lone
    # surrogates.
    return hmac.compare_digest(
        received.encode("utf-8", "surrogatepass"), expected.encode("ascii")
    )


def requested_expiry(now: datetime) -> datetime:
    """Return the latest expiry that Graph is sure to accept, in whole seconds.

    :param now: naive UTC
    """
    return now.replace(microsecond=0) + LIFETIME


def renew_at(expiry: datetime, now: datetime) -> datetime:
    """Return when to renew a subscription; call this once for each new expiry.

    Renew after half of the remaining time, but at least 12 hours before the end. So the
    subscription survives a day without Odoo or Graph. If less than 12 hours remain,
    renew at least half an hour before the end.

    :param expiry: naive UTC
    :param now: naive UTC
    :return: naive UTC, never before ``now``
    """
    left = expiry - now
    margin = _RENEW_BEFORE if left >= _RENEW_BEFORE else _RENEW_AT_LAST
    return max(min(now + left / 2, expiry - margin), now)


def read_instant(text: Any) -> datetime | None:
    """Read a timestamp of Graph: up to seven decimals, then ``Z`` or an offset.

    :return: naive UTC in whole seconds; None if the text is not a timestamp
    """
    match = _INSTANT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    seconds, offset = match.groups()
    offset = "+00:00" if offset in {None, "Z"} else offset
    try:
        moment = datetime.fromisoformat(seconds + offset)
        return moment.astimezone(timezone.utc).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None


def _notification(entry: Any) -> Notification | None:
    if not isinstance(entry, dict):
        return None
    data = entry.get("resourceData")
    data = data if isinstance(data, dict) else {}
    texts = {
        "subscription_id": entry.get("subscriptionId"),
        "client_state": entry.get("clientState"),
        "change_type": entry.get("changeType"),
        "lifecycle_event": entry.get("lifecycleEvent"),
        "resource": entry.get("resource"),
        "remote_id": data.get("id"),
        "etag": data.get("@odata.etag"),
        "tenant_id": entry.get("tenantId"),
    }
    known = {name: text for name, text in texts.items() if isinstance(text, str)}
    if any(not _is_storable(text) for text in known.values()):
        return None
    if not known.get("subscription_id") or not known.get("client_state"):
        return None
    if not known.get("change_type") and not known.get("lifecycle_event"):
        return None
    expires_at = read_instant(entry.get("subscriptionExpirationDateTime"))
    return Notification(**known, expires_at=expires_at)


def _is_storable(text: str) -> bool:
    """Return True if a database can store a text: not too long, valid, without NUL."""
    if len(text) > _MAX_TEXT or "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
