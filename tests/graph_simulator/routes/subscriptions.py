"""HTTP handlers for subscriptions: create with handshake, renew, delete and more."""

from __future__ import annotations

import re
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import unquote, urlsplit

from .. import schema
from ..errors import GraphError, access_denied, bad_request
from ..store import Mailbox
from ..subscriptions import Subscription
from ..validation import check_body
from ..zones import parse_instant
from .wire import Answer, GraphRequest

_READ = ("Calendars.Read", "Calendars.ReadWrite")
_REQUIRED = ("changeType", "notificationUrl", "resource", "expirationDateTime")
_RESOURCE = re.compile(r"^/?(me|users/([^/]+))(/calendar)?/events$", re.IGNORECASE)
_TLS = ("v1_0", "v1_1", "v1_2", "v1_3")
MAX_CLIENT_STATE = 128
MAX_PER_MAILBOX = 1000
#: Reason to refuse subscriptions (a setting of the mailbox) -> error response.
REFUSALS = {
    "url_not_public": (
        400,
        "ValidationError",
        "Subscription validation request failed. Notification endpoint must respond "
        "with 200 OK to validation request.",
    ),
    "mailbox_not_supported": (
        404,
        "MailboxNotEnabledForRESTAPI",
        "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
    ),
    "forbidden": (403, "ExtensionError", "Operation: Create; Exception: [Forbidden]"),
    "quota": (
        403,
        "ExtensionError",
        f"Maximum number of active subscriptions ({MAX_PER_MAILBOX}) reached.",
    ),
    "backend": (
        503,
        "ServiceUnavailable",
        "Operation: Create; Exception: [Status Code: ServiceUnavailable]",
    ),
}


def _not_found() -> GraphError:
    return GraphError(404, "ResourceNotFound", "The object was not found.")


def find(request: GraphRequest, subscription_id: str) -> Subscription:
    """Return an active subscription of the calling app and user.

    :raise GraphError: 404
    """
    subscription = request.service.subscriptions.get(subscription_id)
    if subscription is None or not _is_own(request, subscription):
        raise _not_found()
    return subscription


def _is_own(request: GraphRequest, subscription: Subscription) -> bool:
    token = request.token
    assert token is not None
    if subscription.app is not token.app:
        return False
    return token.mailbox is None or subscription.creator_id == token.mailbox.id


async def create(request: GraphRequest) -> Answer:
    """Create a subscription; the handshake comes before the response."""
    request.require(*_READ)
    service = request.service
    values = check_body("subscription", request.json_body(), create=True)
    for name in _REQUIRED:
        if not values.get(name):
            raise bad_request(
                f"Subscription validation request failed. {name} is required.",
                "ValidationError",
            )
    mailbox = _mailbox(request, values["resource"])
    if mailbox.refuse_subscriptions:
        raise GraphError(*REFUSALS[mailbox.refuse_subscriptions])
    types = _change_types(values["changeType"])
    _check_values(request, values)
    expires = _expiry(request, values["expirationDateTime"])
    others = service.subscriptions.of_mailbox(mailbox)
    if len(others) >= MAX_PER_MAILBOX:
        raise GraphError(*REFUSALS["quota"])
    if service.options.refuse_duplicate_subscriptions:
        _check_duplicate(request, others, types)
    urls = [values["notificationUrl"], values.get("lifecycleNotificationUrl")]
    for url in filter(None, urls):
        await service.notifier.validate(url)
    assert request.token is not None
    creator = request.token.mailbox.id if request.token.mailbox else ""
    subscription = Subscription(
        id=str(uuid.uuid4()),
        app=request.token.app,
        tenant=mailbox.tenant,
        mailbox=mailbox,
        creator_id=creator or request.token.app.client_id,
        resource=values["resource"],
        change_types=types,
        change_type=values["changeType"],
        client_state=values.get("clientState"),
        notification_url=values["notificationUrl"],
        lifecycle_url=values.get("lifecycleNotificationUrl"),
        expires=expires,
        immutable=request.prefer.immutable,
        tls_version=values.get("latestSupportedTlsVersion") or "v1_2",
    )
    service.subscriptions.add(subscription)
    return Answer(201, _single(request, subscription))


def list_all(request: GraphRequest) -> Answer:
    """Return the subscriptions of the app and user, without their clientState."""
    request.require(*_READ)
    value = [
        subscription.to_graph(with_client_state=False)
        for subscription in request.service.subscriptions.all()
        if _is_own(request, subscription)
    ]
    context = f"{request.context}subscriptions"
    return Answer(200, {"@odata.context": context, "value": value})


def read(request: GraphRequest, subscription: Subscription) -> Answer:
    """Return one subscription."""
    request.require(*_READ)
    return Answer(200, _single(request, subscription))


async def update(request: GraphRequest, subscription: Subscription) -> Answer:
    """Renew a subscription; this also reauthorizes it."""
    request.require(*_READ)
    values = check_body("subscription", request.json_body(), create=False)
    if values.get("notificationUrl"):
        _check_url(request, values["notificationUrl"])
        await request.service.notifier.validate(values["notificationUrl"])
        subscription.notification_url = values["notificationUrl"]
    if values.get("expirationDateTime"):
        subscription.expires = _expiry(request, values["expirationDateTime"])
        subscription.is_paused = False
    return Answer(200, _single(request, subscription))


def reauthorize(request: GraphRequest, subscription: Subscription) -> Answer:
    """Continue the delivery after ``reauthorizationRequired``."""
    request.require(*_READ)
    subscription.is_paused = False
    return Answer(204)


def delete(request: GraphRequest, subscription: Subscription) -> Answer:
    """Delete a subscription."""
    request.require(*_READ)
    request.service.subscriptions.remove(subscription)
    return Answer(204)


def _single(request: GraphRequest, subscription: Subscription) -> dict[str, Any]:
    context = f"{request.context}subscriptions/$entity"
    return {"@odata.context": context, **subscription.to_graph()}


def _mailbox(request: GraphRequest, resource: str) -> Mailbox:
    match = _RESOURCE.match(unquote(resource.split("?")[0]))
    if match is None or match.group(3):
        raise bad_request(
            f"Resource '{resource}' is not supported for subscriptions.",
            "ExtensionError",
        )
    token = request.token
    assert token is not None
    if match.group(2) is None:
        if token.mailbox is None:
            raise bad_request("/me is only valid with delegated authentication.")
        return token.mailbox
    mailbox = request.service.store.mailbox(match.group(2))
    if token.mailbox is not None and mailbox is not token.mailbox:
        raise access_denied()
    if mailbox is None or mailbox.tenant is not token.grant.tenant:
        raise _not_found()
    return mailbox


def _change_types(text: str) -> tuple[str, ...]:
    words = tuple(word.strip().lower() for word in text.split(",") if word.strip())
    if not words or any(word not in schema.ENUMS["changeType"] for word in words):
        raise bad_request(
            f"Subscription validation request failed. changeType '{text}' is invalid.",
            "ValidationError",
        )
    return tuple(dict.fromkeys(words))


def _check_values(request: GraphRequest, values: dict[str, Any]) -> None:
    if len(values.get("clientState") or "") > MAX_CLIENT_STATE:
        raise bad_request(
            f"clientState is limited to {MAX_CLIENT_STATE} characters.",
            "ValidationError",
        )
    tls = values.get("latestSupportedTlsVersion")
    if tls is not None and tls not in _TLS:
        raise bad_request(
            f"latestSupportedTlsVersion '{tls}' is invalid.", "ValidationError"
        )
    if values.get("includeResourceData"):
        raise bad_request(
            "Rich notifications are not part of this simulator.", "ValidationError"
        )
    for name in ("notificationUrl", "lifecycleNotificationUrl"):
        if values.get(name):
            _check_url(request, values[name])


def _check_url(request: GraphRequest, url: str) -> None:
    parts = urlsplit(url)
    allowed: tuple[str, ...] = ("https",)
    if not request.service.options.require_https_notifications:
        allowed += ("http",)
    if parts.scheme not in allowed or not parts.netloc:
        raise bad_request(
            f"The notification URL '{url}' has to be an absolute https URL.",
            "ValidationError",
        )


def _expiry(request: GraphRequest, text: str) -> datetime:
    options = request.service.options
    now = request.service.clock.now()
    expires = parse_instant(text, "expirationDateTime").replace(tzinfo=timezone.utc)
    # The real service allows a few seconds more, because clocks may differ.
    most = timedelta(minutes=options.subscription_max_minutes, seconds=5)
    if expires > now + most:
        raise bad_request(
            "Subscription expiration can only be "
            f"{options.subscription_max_minutes} minutes in the future.",
            "ExtensionError",
        )
    if expires <= now:
        raise bad_request(
            "Subscription expiration has to be in the future.", "ValidationError"
        )
    return max(expires, now + timedelta(minutes=options.subscription_min_minutes))


def _check_duplicate(
    request: GraphRequest, others: list[Subscription], types: tuple[str, ...]
) -> None:
    for other in others:
        if _is_own(request, other) and set(other.change_types) == set(types):
            raise GraphError(
                409,
                "Conflict",
                f"Subscription Id {other.id} already exists for the requested "
                "combination",
            )
