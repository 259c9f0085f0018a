"""Change and lifecycle notifications: hints from Graph that somebody could forge.

Reading them is tolerant, because nothing depends on a single one; whether one is
believed depends on its client state. Source: Graph v1.0, "Receive change notifications
through webhooks" and "Lifecycle notifications".
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

#: Larger bodies are no notifications of Graph.
MAX_BODY_BYTES = 4 * 1024 * 1024
#: Entries that are read of one body; the rest are hints that the delta poll replaces.
MAX_ENTRIES = 5000
#: Longer texts are cut from no field: the entry is dropped.
_MAX_TEXT = 2048

#: Graph documents 10,080 minutes and refuses what is above 10,070.
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
    """One entry of a notification body. Empty texts stand for missing members.

    :param client_state: what proves that Graph sent it; a secret
    :param change_type: ``created``, ``updated`` or ``deleted``; empty for lifecycle
    :param lifecycle_event: one of :data:`LIFECYCLE_EVENTS`; empty for changes
    :param resource: path of the event, whose spelling varies
    :param remote_id: id of the event
    :param etag: of the event after the change
    :param expires_at: of the subscription, naive UTC; None where unreadable
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

    @property
    def is_lifecycle(self) -> bool:
        """Whether it is about the subscription, not about an event."""
        return bool(self.lifecycle_event)


def parse_notifications(body: bytes) -> list[Notification]:
    """Read the body of a notification. Unusable entries are left out.

    :return: at most :data:`MAX_ENTRIES`, in their order
    :raise ValueError: no JSON object with a list, or larger than
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
    """Return the text that Graph repeats in each notification of a subscription.

    :param secret: known to this database alone
    :param subscription_key: chosen by us for this subscription
    :return: HMAC-SHA256 as 64 hexadecimal digits (Graph takes up to 128 characters)
    """
    key = secret.encode() if isinstance(secret, str) else secret
    # JSON keeps the two apart, whatever they contain.
    message = json.dumps([subscription_key, str(mailbox_id)]).encode("ascii")
    return hmac.new(key, message, hashlib.sha256).hexdigest()


def verify_client_state(
    received: str, secret: bytes | str, subscription_key: str, mailbox_id: int | str
) -> bool:
    """Tell whether a notification is Graph's, in a time that betrays nothing."""
    expected = client_state(secret, subscription_key, mailbox_id)
    # Bytes: of text, compare_digest takes ASCII only. JSON may hold lone surrogates.
    return hmac.compare_digest(
        received.encode("utf-8", "surrogatepass"), expected.encode("ascii")
    )


def requested_expiry(now: datetime) -> datetime:
    """Return the latest expiry that Graph surely accepts, in whole seconds.

    :param now: naive UTC
    """
    return now.replace(microsecond=0) + LIFETIME


def renew_at(expiry: datetime, now: datetime) -> datetime:
    """Return when to renew a subscription; compute it once, when the expiry is new.

    After half of the life that is left, and 12 hours before its end: a day without
    Odoo or Graph is survived. A life of less than 12 hours is an exception; it is
    renewed after its half, and half an hour before its end.

    :param expiry: naive UTC, as is ``now``
    :return: not before ``now``
    """
    left = expiry - now
    margin = _RENEW_BEFORE if left >= _RENEW_BEFORE else _RENEW_AT_LAST
    return max(min(now + left / 2, expiry - margin), now)


def read_instant(text: Any) -> datetime | None:
    """Read one of Graph's time stamps: up to seven decimals, ``Z`` or an offset.

    :return: naive UTC in whole seconds; None for anything else
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
    """Tell texts that a database takes: of sane length, encodable, without NUL."""
    if len(text) > _MAX_TEXT or "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
