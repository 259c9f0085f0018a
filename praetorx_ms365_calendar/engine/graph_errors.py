"""Turn an error response of Graph or Entra into the error class for its remedy.

Only the status and the error code decide. The message may change at any time and may
contain private data. Codes are compared in lower case, because Microsoft spells them in
several ways.

Source: Graph, "Microsoft Graph error responses"; Entra, "Handle error codes in your
application".
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from .errors import (
    AlreadyExists,
    AlreadyGone,
    FixConfiguration,
    GiveUpOnEvent,
    MailboxUnavailable,
    MergeNeeded,
    RefreshToken,
    ResyncNeeded,
    SignInAgain,
    SyncError,
    TryLater,
)

#: The purpose of a request: one error code may mean something else for each.
#: ``delta`` starts a round, ``follow`` follows a link of a round. ``list`` reads
#: several events, ``mailbox`` reads the user or the calendars.
Operation = Literal[
    "create",
    "update",
    "delete",
    "respond",
    "read",
    "list",
    "delta",
    "follow",
    "mailbox",
    "subscribe",
    "renew",
    "unsubscribe",
    "reauthorize",
    "batch",
]
#: Requests that may have changed data in Graph even if no response came.
WRITES = frozenset(
    {"create", "update", "delete", "respond", "batch"}
    | {"subscribe", "renew", "reauthorize", "unsubscribe"}
)
#: Writes to an event that exists.
_CHANGES = frozenset({"update", "delete", "respond"})
#: Requests for one event or calendar, which may have been deleted.
_CAN_BE_GONE = _CHANGES | {"read", "list", "delta", "follow"}
_OF_ONE_EVENT = _CHANGES | {"create", "read", "batch"}
_OF_SUBSCRIPTIONS = frozenset({"subscribe", "renew", "reauthorize", "unsubscribe"})

#: The longest wait that we accept from ``Retry-After``. A broken proxy could ask for
#: more, and must not stop the sync.
MAX_AFTER_SECONDS = 24 * 3600.0

_LOST_SYNC_STATE = frozenset(
    {
        "syncstatenotfound",
        "syncstateinvalid",
        "resyncrequired",
        "resyncchangesapplydifferences",
        "resyncchangesuploaddifferences",
    }
)
_NO_MAILBOX = frozenset(
    {
        "mailboxnotenabledforrestapi",
        "mailboxnotsupportedforrestapi",
        "errorinvaliduser",
        "request_resourcenotfound",
    }
)
_NOT_NOW = frozenset(
    {
        "activitylimitreached",
        "applicationthrottled",
        "errorexceededmessagelimit",
        "errormailboxmoveinprogress",
        "errormailboxstoreunavailable",
        "errorserverbusy",
        "serviceunavailable",
        "toomanyrequests",
    }
)
_NOT_THERE = frozenset({"erroritemnotfound", "resourcenotfound", "itemnotfound"})

_REFUSED_UNDONE = frozenset({423, 424, 429, 509})
_MAYBE_DONE = frozenset({408, 500, 502, 503, 504})

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]{0,99}")
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class TryFewTimes(TryLater):
    """Graph failed (500): the fault may be Graph's, or in this request.

    For some request bodies (certain recurrences) Graph always returns 500. So
    ``retry.py`` gives up on such an event after a few tries.
    """


def error_from_response(
    status: int,
    headers: Mapping[str, str],
    body: Any,
    *,
    operation: Operation,
) -> SyncError | None:
    """Return the error that one response of Graph means, None for success.

    :param status: HTTP status of the response, or of one part of a batch
    :param headers: its headers; upper or lower case does not matter
    :param body: the decoded JSON, None if there was none
    :param operation: the purpose of the request

    Source: Graph v1.0 error responses, and responses recorded from the live service.
    """
    if 200 <= status < 300:
        return None
    error = _error_object(body)
    codes = frozenset(code.lower() for code in _codes(error))
    facts: dict[str, Any] = {
        "code": next(_codes(error), None),
        "request_id": request_id(headers, error),
    }
    code = facts["code"] or "no code"
    reason = f"Graph answered {status} ({code}) to {operation}"

    if codes & _NO_MAILBOX:
        return MailboxUnavailable(reason, **facts)
    if status == 401:
        return RefreshToken(reason, **facts)
    if operation in {"delta", "follow"} and _sync_state_is_lost(
        status, codes, operation
    ):
        return ResyncNeeded(reason, **facts)
    if later := _try_later(status, headers, codes, operation, reason, facts):
        return later
    if operation in _OF_SUBSCRIPTIONS:
        return _error_of_subscription(status, codes, error, reason, facts)
    return _error_of_event(status, codes, error, operation, reason, facts)


def error_from_token_response(
    status: int, headers: Mapping[str, str], body: Any
) -> SyncError | None:
    """Return the error that a response of Entra's token endpoint means, or None.

    Use it also for the ``error`` in the redirect of the authorize endpoint:
    ``error_from_token_response(400, {}, {"error": error})``. From the description, only
    the AADSTS numbers are kept: the text contains names and addresses.

    :return: None for success

    Source: Entra, "OAuth 2.0 authorization code flow", error codes for the token
    endpoint.
    """
    if 200 <= status < 300:
        return None
    response = body if isinstance(body, Mapping) else {}
    code = response.get("error")
    code = code if isinstance(code, str) and _CODE.fullmatch(code) else None
    numbers = response.get("error_codes")
    numbers = numbers if isinstance(numbers, list) else []
    parts = [code or f"status {status}"]
    parts += [f"AADSTS{number}" for number in numbers if type(number) is int]
    reason = f"Entra refused: {', '.join(parts)}"
    facts: dict[str, Any] = {
        "code": code,
        "request_id": request_id(headers, response) or _text(response.get("trace_id")),
    }
    if code is None or status == 429 or status >= 500 or code in _ENTRA_LATER:
        return TryLater(reason, after_seconds=retry_after_seconds(headers), **facts)
    if code in _ENTRA_PERSON:
        return SignInAgain(reason, **facts)
    return FixConfiguration(reason, **facts)


_ENTRA_LATER = frozenset({"temporarily_unavailable", "server_error"})
_ENTRA_PERSON = frozenset(
    {
        "access_denied",
        "consent_required",
        "interaction_required",
        "invalid_grant",
        "invalid_scope",
        "login_required",
    }
)


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """Read ``Retry-After``: seconds (decimals are allowed) or an HTTP date.

    The wait until a date is counted from the ``Date`` header of the same response.
    Without that header we cannot use the date.

    :return: 0 to 86,400 seconds, None if the header is missing or unreadable

    Source: RFC 9110 section 10.2.3; Graph's samples show decimals.
    """
    value = header(headers, "Retry-After")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        until = _http_date(value)
        sent = _http_date(header(headers, "Date") or "")
        if until is None or sent is None:
            return None
        seconds = (until - sent).total_seconds()
    if not math.isfinite(seconds):
        return None
    return min(max(seconds, 0.0), MAX_AFTER_SECONDS)


def header(headers: Mapping[str, str], name: str) -> str | None:
    """Return the value of a header; upper or lower case of the name does not matter."""
    wanted = name.lower()
    for key, value in headers.items():
        if isinstance(key, str) and key.lower() == wanted:
            return str(value).strip()
    return None


def request_id(headers: Mapping[str, str], error: Mapping[str, Any]) -> str | None:
    """Return the request id that Microsoft's support needs to find this request."""
    inner = _inner(error)
    return _text(header(headers, "request-id")) or _text(
        inner.get("request-id") if inner else None
    )


def _sync_state_is_lost(
    status: int, codes: frozenset[str], operation: Operation
) -> bool:
    """Return True if the delta link is lost or no longer accepted.

    For a malformed token, Graph returns a plain 400 ``BadRequest``. When we follow a
    link, only the token can be wrong: Graph accepted all the rest when the round began.
    So after any 400 only a new round helps.
    """
    if codes & _LOST_SYNC_STATE or status == 410:
        return True
    return status == 400 and operation == "follow" and not codes & _NOT_NOW


def _try_later(
    status: int,
    headers: Mapping[str, str],
    codes: frozenset[str],
    operation: Operation,
    reason: str,
    facts: dict[str, Any],
) -> TryLater | None:
    """Return TryLater for a temporary error, or a response that is not from Graph."""
    not_from_graph = status < 400 or (status == 404 and not codes)
    undone = status in _REFUSED_UNDONE or codes & _NOT_NOW or not_from_graph
    if status not in _MAYBE_DONE and not undone:
        return None
    kind = TryFewTimes if status == 500 and not codes & _NOT_NOW else TryLater
    return kind(
        reason,
        after_seconds=retry_after_seconds(headers),
        response_lost=status in _MAYBE_DONE and operation in WRITES,
        **facts,
    )


def _error_of_subscription(
    status: int,
    codes: frozenset[str],
    error: Mapping[str, Any],
    reason: str,
    facts: dict[str, Any],
) -> SyncError:
    if status in {404, 410}:
        return AlreadyGone(reason, **facts)
    if status == 409:
        found = _GUID.search(str(error.get("message", "")))
        return AlreadyExists(reason, existing_id=found[0] if found else "", **facts)
    if status == 403:
        return MailboxUnavailable(reason, **facts)
    if "extensionerror" in codes:  # refused by Graph's backend, for various reasons
        return TryLater(reason, **facts)
    return FixConfiguration(reason, **facts)  # usually Graph cannot reach our URL


def _error_of_event(
    status: int,
    codes: frozenset[str],
    error: Mapping[str, Any],
    operation: Operation,
    reason: str,
    facts: dict[str, Any],
) -> SyncError:
    if status == 403:
        return MailboxUnavailable(reason, **facts)
    existing_id = error.get("@event.existingEventId")
    # The format of this id is not documented: read the event to get its immutable id.
    if "errorduplicatetransactionid" in codes and isinstance(existing_id, str):
        return AlreadyExists(reason, existing_id=existing_id, **facts)
    if status in {409, 412}:
        if operation in _CHANGES:
            return MergeNeeded(reason, **facts)
        return TryLater(reason, **facts)  # two processes of Exchange collided
    if operation in _CAN_BE_GONE and (
        (status == 404 and codes & _NOT_THERE)
        or status == 410
        # A second delete: the event is already in Deleted Items.
        or (status == 400 and operation == "delete" and "errorinvalidrequest" in codes)
    ):
        return AlreadyGone(reason, **facts)
    if operation in _OF_ONE_EVENT:
        return GiveUpOnEvent(reason, **facts)
    return MailboxUnavailable(reason, **facts)


def _error_object(body: Any) -> Mapping[str, Any]:
    error = body.get("error") if isinstance(body, Mapping) else None
    return error if isinstance(error, Mapping) else {}


def _codes(error: Mapping[str, Any]) -> Iterator[str]:
    """Yield the error code and the more detailed codes inside it, outermost first."""
    level: Mapping[str, Any] | None = error
    for _depth in range(5):
        if level is None:
            return
        code = level.get("code")
        if isinstance(code, str) and _CODE.fullmatch(code):
            yield code
        level = _inner(level)


def _inner(error: Mapping[str, Any]) -> Mapping[str, Any] | None:
    for name in ("innerError", "innererror"):
        inner = error.get(name)
        if isinstance(inner, Mapping):
            return inner
    return None


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        return moment.replace(tzinfo=timezone.utc)
    return moment


def _text(value: Any) -> str | None:
    return value[:100] if isinstance(value, str) and value else None
