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
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any, Literal, TypeVar

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
from .microsoft_codes import in_subscription, reason_of_codes, reason_of_token_error
from .reasons import OF_CLASS, REMEDIES, because

ErrorT = TypeVar("ErrorT", bound=SyncError)

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
    {"syncstatenotfound", "syncstateinvalid", "resyncrequired"}
    | {"resyncchangesapplydifferences", "resyncchangesuploaddifferences"}
)
_NO_MAILBOX = frozenset(
    {"mailboxnotenabledforrestapi", "mailboxnotsupportedforrestapi"}
    | {"errorinvaliduser", "request_resourcenotfound"}
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

#: Classes that say more than the code: one code may mean several of them.
_SAID_BY_CLASS = frozenset(
    {AlreadyGone, MergeNeeded, RefreshToken, ResyncNeeded, AlreadyExists}
)
#: Remedies that change one event: no words for a response about a mailbox.
_REMEDIES_OF_EVENT = frozenset({"change_event", "shorten", "read_again"})

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
    response = _Response(status, headers, error, tuple(_codes(error)), operation)
    codes = response.codes
    if codes & _NO_MAILBOX:
        return response.means(MailboxUnavailable)
    if status == 401:
        return response.means(RefreshToken)
    if operation in {"delta", "follow"} and _sync_state_is_lost(
        status, codes, operation
    ):
        return response.means(ResyncNeeded)
    if later := _try_later(response):
        return later
    if operation in _OF_SUBSCRIPTIONS:
        return _error_of_subscription(response)
    return _error_of_event(response)


@dataclass(frozen=True, slots=True)
class _Response:
    """An error response of Graph.

    :param error: its error object, empty if it has none
    :param names: its codes as Graph spells them, outermost first
    """

    status: int
    headers: Mapping[str, str]
    error: Mapping[str, Any]
    names: tuple[str, ...]
    operation: Operation

    @property
    def codes(self) -> frozenset[str]:
        """Return the codes in lower case."""
        return frozenset(name.lower() for name in self.names)

    def means(self, kind: type[ErrorT], **more: Any) -> ErrorT:
        """Return the error of a class, with its reason.

        :param more: arguments of the class
        """
        code = self.names[0] if self.names else None
        reason = because(
            self._key(kind), status=self.status, code=code, operation=self.operation
        )
        known_id = request_id(self.headers, self.error)
        return kind(reason, code=code, request_id=known_id, **more)

    def _key(self, kind: type[SyncError]) -> str:
        """Return the reason. Some classes say more than the code."""
        general = OF_CLASS[kind.__name__]
        key = general
        if kind not in _SAID_BY_CLASS:
            key = reason_of_codes(self.names, self.status) or general
        if self.operation not in _OF_ONE_EVENT and REMEDIES[key] in _REMEDIES_OF_EVENT:
            key = general
        return in_subscription(key) if self.operation in _OF_SUBSCRIPTIONS else key


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
    given = response.get("error_codes")
    given = given if isinstance(given, list) else []
    numbers = [number for number in given if type(number) is int]
    kind = _kind_of_token_error(status, code)
    reason = because(
        reason_of_token_error(code, numbers) or OF_CLASS[kind.__name__],
        code=code,
        status=status,
        numbers=", ".join(f"AADSTS{number}" for number in numbers),
    )
    facts: dict[str, Any] = {
        "code": code,
        "request_id": request_id(headers, response) or _text(response.get("trace_id")),
    }
    if kind is TryLater:
        facts["after_seconds"] = retry_after_seconds(headers)
    return kind(reason, **facts)


def _kind_of_token_error(status: int, code: str | None) -> type[SyncError]:
    if code is None or status == 429 or status >= 500 or code in _ENTRA_LATER:
        return TryLater
    return SignInAgain if code in _ENTRA_PERSON else FixConfiguration


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


def _try_later(response: _Response) -> TryLater | None:
    """Return TryLater for a temporary error, or a response that is not from Graph."""
    status, codes = response.status, response.codes
    not_from_graph = status < 400 or (status == 404 and not codes)
    undone = status in _REFUSED_UNDONE or codes & _NOT_NOW or not_from_graph
    if status not in _MAYBE_DONE and not undone:
        return None
    kind = TryFewTimes if status == 500 and not codes & _NOT_NOW else TryLater
    return response.means(
        kind,
        after_seconds=retry_after_seconds(response.headers),
        response_lost=status in _MAYBE_DONE and response.operation in WRITES,
    )


def _error_of_subscription(response: _Response) -> SyncError:
    status = response.status
    if status in {404, 410}:
        return response.means(AlreadyGone)
    if status == 409:
        found = _GUID.search(str(response.error.get("message", "")))
        return response.means(AlreadyExists, existing_id=found[0] if found else "")
    if status == 403:
        return response.means(MailboxUnavailable)
    if "extensionerror" in response.codes:  # refused by Graph's backend, for any reason
        return response.means(TryLater)
    return response.means(FixConfiguration)  # usually Graph cannot reach our URL


def _error_of_event(response: _Response) -> SyncError:
    status, codes, operation = response.status, response.codes, response.operation
    if status == 403:
        return response.means(MailboxUnavailable)
    existing_id = response.error.get("@event.existingEventId")
    # The format of this id is not documented: read the event to get its immutable id.
    if "errorduplicatetransactionid" in codes and isinstance(existing_id, str):
        return response.means(AlreadyExists, existing_id=existing_id)
    if status in {409, 412}:
        if operation in _CHANGES:
            return response.means(MergeNeeded)
        return response.means(TryLater)  # two processes of Exchange collided
    if operation in _CAN_BE_GONE and (
        (status == 404 and codes & _NOT_THERE)
        or status == 410
        # A second delete: the event is already in Deleted Items.
        or (status == 400 and operation == "delete" and "errorinvalidrequest" in codes)
    ):
        return response.means(AlreadyGone)
    if operation in _OF_ONE_EVENT:
        return response.means(GiveUpOnEvent)
    return response.means(MailboxUnavailable)


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
