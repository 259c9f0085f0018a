"""Send requests to Graph with the access token of one mailbox.

The client repeats no request and decides nothing. Each response has its error, and the
class of the error names the remedy. The caller applies the remedy.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Session

from ..engine.delta import same_origin
from ..engine.errors import GiveUpOnEvent, ResyncNeeded, SyncError, TryLater
from ..engine.graph_errors import WRITES, Operation, error_from_response, request_id
from ..engine.reasons import because
from .transport import (
    DEFAULT_TIMEOUTS,
    HttpResponse,
    Timeouts,
    check_endpoint,
    exchange,
)

VERSION = "v1.0"
#: Most requests in one ``$batch``. Source: Graph v1.0, "Combine multiple requests".
BATCH_SIZE = 20
#: Graph accepts requests up to 4 MB; the rest is for the headers of the parts.
MAX_BATCH_BYTES = 3 * 1024 * 1024
#: Sent with every request. Without it Graph would return other ids and filtered bodies.
#: We can take unfiltered bodies: Odoo's sanitizer removes the unsafe parts.
PREFER = 'IdType="ImmutableId", outlook.timezone="UTC", outlook.allow-unsafe-html'

_TOKEN = re.compile(r"[\x21-\x7e]+")
#: Operations that need a body in their response, even if its status is a success.
_NEED_BODY = frozenset(
    {"create", "update", "read", "list", "delta", "follow", "mailbox", "batch"}
    | {"subscribe", "renew"}
)


@dataclass(frozen=True, slots=True)
class GraphRequest:
    """One request, made by a function of ``calls.py``.

    :param path_or_url: a path below the version root that begins with ``/`` and is
        percent encoded; or a whole URL that Graph returned
    :param body: sent as JSON; None sends no body
    :param headers: additional headers; ``Prefer`` is joined with the one of every
        request
    :param operation: the purpose, see :data:`~..engine.graph_errors.Operation`
    """

    method: str
    path_or_url: str
    body: dict[str, Any] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    operation: Operation = "read"

    @property
    def writes(self) -> bool:
        """Return True if the request may change Graph even without a response."""
        return self.operation in WRITES


@dataclass(frozen=True, slots=True)
class GraphResponse:
    """The response to one request.

    :param status: HTTP status, 0 if there was no response
    :param body: the decoded JSON object, None if there was none
    :param request_id: needed when you ask Microsoft's support
    :param error: None for success
    """

    status: int
    headers: Mapping[str, str]
    body: dict[str, Any] | None = field(repr=False)
    request_id: str | None
    error: SyncError | None

    def result(self) -> dict[str, Any]:
        """Return the body, an empty one if there was none.

        :raise SyncError: the error of this response
        """
        if self.error is not None:
            raise self.error
        return self.body or {}


class GraphClient:
    """Send requests with one access token.

    :param session: from :func:`~.transport.new_session`; mailboxes may share it
    :param root: the Graph endpoint, without version: ``https://graph.microsoft.com``
    :param access_token: never parsed and never logged
    :param new_id: returns a new ``client-request-id`` for a request
    :raise FixConfiguration: a token must not be sent to ``root``
    """

    def __init__(
        self,
        session: Session,
        root: str,
        access_token: str,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
        *,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        if not _TOKEN.fullmatch(access_token):
            raise ValueError("The access token cannot be sent in a header")
        self._session = session
        #: The endpoint; every link must lead there.
        self.root = check_endpoint(root)
        self._base = f"{self.root}/{VERSION}"
        self._access_token = access_token
        self._timeouts = timeouts
        self._new_id = new_id

    def send(self, request: GraphRequest) -> GraphResponse:
        """Send one request. An error is in the response; none is raised."""
        url = self._url(request.path_or_url)
        if url is None:
            return _refuse_other_host(request)
        try:
            content = _encode(request.body)
        except (TypeError, ValueError):
            return _failed(GiveUpOnEvent(because("not_writable")))
        headers = {
            **self._headers(request),
            "Accept": "application/json",
            "client-request-id": self._new_id(),
        }
        try:
            response = exchange(
                self._session,
                request.method,
                url,
                headers=headers,
                content=content,
                timeouts=self._timeouts,
                authorize=self._authorize,
            )
        except TryLater as error:
            error.response_lost = error.response_lost and request.writes
            return _failed(error)
        return _judged_response(request, response)

    def batch(self, requests: Sequence[GraphRequest]) -> list[GraphResponse]:
        """Send many requests in few round trips; return the responses in their order.

        The requests must be independent: Graph may run them in any order. If Graph
        refuses a whole batch, its requests are sent one by one. So one bad request does
        not stop the others.
        """
        responses: list[GraphResponse] = []
        for chunk in _chunks(requests):
            responses += self._batch(chunk)
        return responses

    def _batch(self, chunk: list[GraphRequest]) -> list[GraphResponse]:
        parts = {
            str(number): part
            for number, request in enumerate(chunk)
            if (part := self._part(str(number), request)) is not None
        }
        if len(parts) < 2:
            return [self.send(request) for request in chunk]
        body = {"requests": list(parts.values())}
        outer = self.send(GraphRequest("POST", "/$batch", body, operation="batch"))
        if isinstance(outer.error, GiveUpOnEvent):
            return [self.send(request) for request in chunk]
        if outer.error is not None:
            return [_failed_part(request, outer) for request in chunk]
        given = _parts_by_id(outer.body or {})
        return [
            _response_of_part(request, given.get(str(number)))
            if str(number) in parts
            else self.send(request)  # returns the reason why it cannot be sent
            for number, request in enumerate(chunk)
        ]

    def _part(self, part_id: str, request: GraphRequest) -> dict[str, Any] | None:
        url = self._url(request.path_or_url)
        if url is None:
            return None
        part: dict[str, Any] = {
            "id": part_id,
            "method": request.method,
            "url": url[len(self._base) :],
            "headers": self._headers(request),
        }
        if request.body is not None:
            part["body"] = request.body
        return part

    def _url(self, path_or_url: str) -> str | None:
        """Return the whole URL, None if our token must not be sent there."""
        if path_or_url.startswith("/") and not path_or_url.startswith("//"):
            return self._base + path_or_url
        if not same_origin(path_or_url, self._base):
            return None
        link, base = urlsplit(path_or_url), urlsplit(self._base)
        if not link.path.startswith(f"{base.path}/"):
            return None
        # Write the host as in our base URL: a batch needs the part after the base.
        return link._replace(scheme=base.scheme, netloc=base.netloc).geturl()

    def _headers(self, request: GraphRequest) -> dict[str, str]:
        headers = dict(request.headers)
        own = headers.pop("Prefer", None)
        headers["Prefer"] = f"{PREFER}, {own}" if own else PREFER
        if request.body is not None:
            headers["Content-Type"] = "application/json"
        return headers

    def _authorize(self, prepared: PreparedRequest) -> PreparedRequest:
        prepared.headers["Authorization"] = f"Bearer {self._access_token}"
        return prepared


def _encode(body: dict[str, Any] | None) -> bytes | None:
    if body is None:
        return None
    # ASCII only: otherwise a lone surrogate in a text would break the encoding.
    return json.dumps(body, allow_nan=False).encode("ascii")


def _chunks(requests: Sequence[GraphRequest]) -> Iterator[list[GraphRequest]]:
    """Split the requests into batches that are within both limits: number and size."""
    chunk: list[GraphRequest] = []
    size = 0
    for request in requests:
        try:
            own = len(_encode(request.body) or b"")
        except (TypeError, ValueError):
            own = MAX_BATCH_BYTES  # in a batch of its own: only this request fails
        if chunk and (len(chunk) == BATCH_SIZE or size + own > MAX_BATCH_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(request)
        size += own
    if chunk:
        yield chunk


def _judged_response(request: GraphRequest, response: HttpResponse) -> GraphResponse:
    """Make the response of a complete HTTP response, with its error.

    The error depends on status and error code. A success with a missing or unreadable
    body is an error too.
    """
    body = response.body if isinstance(response.body, dict) else None
    inner = body.get("error") if body else None
    known_id = request_id(response.headers, inner if isinstance(inner, dict) else {})
    error = error_from_response(
        response.status, response.headers, body, operation=request.operation
    )
    if (
        error is None
        and body is None
        and (
            response.broken
            or response.body is not None
            or (response.status in {200, 201} and request.operation in _NEED_BODY)
        )
    ):
        error = TryLater(
            because(
                "unreadable_answer",
                status=response.status,
                operation=request.operation,
            ),
            response_lost=request.writes,
            request_id=known_id,
        )
    return GraphResponse(response.status, response.headers, body, known_id, error)


def _response_of_part(
    request: GraphRequest, part: dict[str, Any] | None
) -> GraphResponse:
    status = part.get("status") if part else None
    if part is None or type(status) is not int:
        reason = because("no_answer", operation=request.operation)
        return _failed(TryLater(reason, response_lost=request.writes))
    headers = part.get("headers")
    headers = headers if isinstance(headers, dict) else {}
    body = part.get("body")
    if isinstance(body, str):
        body = _decode_text(body)
    return _judged_response(request, HttpResponse(status, headers, body or None))


def _decode_text(text: str) -> Any:
    """Decode a body that Graph did not recognize as JSON: base64, usually of JSON."""
    try:
        return json.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return text


def _parts_by_id(body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    responses = body.get("responses")
    if not isinstance(responses, list):
        return {}
    return {str(part.get("id")): part for part in responses if isinstance(part, dict)}


def _failed(error: SyncError) -> GraphResponse:
    return GraphResponse(0, {}, None, error.request_id, error)


def _failed_part(request: GraphRequest, outer: GraphResponse) -> GraphResponse:
    """Return the response for one request of a batch that failed as a whole."""
    error = outer.error
    if isinstance(error, TryLater):
        error = TryLater(
            error.reason,
            after_seconds=error.after_seconds,
            response_lost=error.response_lost and request.writes,
            code=error.code,
            request_id=error.request_id,
        )
    return replace(outer, body=None, error=error)


def _refuse_other_host(request: GraphRequest) -> GraphResponse:
    """Return the error for a link to another host, which must not get the token.

    Stored links become useless when the endpoint changes: a new round is needed then.
    """
    return _failed(
        ResyncNeeded(because("calendar_read_anew", operation=request.operation))
    )
