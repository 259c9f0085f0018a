"""Send requests to Graph in the name of one mailbox.

The client repeats nothing and decides nothing: each answer carries the error, named
for its remedy, and the caller acts on it.
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

from ..engine.answers import WRITES, Operation, error_from_answer, request_id
from ..engine.delta import same_origin
from ..engine.errors import GiveUpOnEvent, ResyncNeeded, SyncError, TryLater
from .transport import (
    DEFAULT_TIMEOUTS,
    HttpAnswer,
    Timeouts,
    check_endpoint,
    exchange,
)

VERSION = "v1.0"
#: Parts of one ``$batch``. Source: Graph v1.0, "Combine multiple requests".
BATCH_SIZE = 20
#: Requests of Graph end at 4 MB; the rest is for the headers of the parts.
MAX_BATCH_BYTES = 3 * 1024 * 1024
#: On each and every request: one without it would bring other ids, and bodies that
#: have been filtered (what is unsafe in them never gets past Odoo's sanitizer).
PREFER = 'IdType="ImmutableId", outlook.timezone="UTC", outlook.allow-unsafe-html'

_TOKEN = re.compile(r"[\x21-\x7e]+")
#: Answers without which nothing is known although the status says success.
_NEED_BODY = frozenset(
    {"create", "update", "read", "list", "delta", "follow", "mailbox", "batch"}
    | {"subscribe", "renew"}
)


@dataclass(frozen=True, slots=True)
class GraphRequest:
    """One request, built in ``calls.py``.

    :param path_or_url: below the version root with a leading ``/``, already percent
        encoded; or a whole URL that Graph itself has given
    :param body: sent as JSON; None sends none
    :param headers: besides those of every request; ``Prefer`` is joined with theirs
    :param operation: what it is for, see :data:`~..engine.answers.Operation`
    """

    method: str
    path_or_url: str
    body: dict[str, Any] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    operation: Operation = "read"

    @property
    def writes(self) -> bool:
        """Whether Graph may be changed although no answer came."""
        return self.operation in WRITES


@dataclass(frozen=True, slots=True)
class GraphAnswer:
    """What came of one request.

    :param status: HTTP status, 0 where no answer came
    :param body: the decoded JSON object, None where there was none
    :param request_id: for Microsoft's support
    :param error: None for success
    """

    status: int
    headers: Mapping[str, str]
    body: dict[str, Any] | None = field(repr=False)
    request_id: str | None
    error: SyncError | None

    def result(self) -> dict[str, Any]:
        """Return the body, empty where there was none.

        :raise SyncError: the error of this answer
        """
        if self.error is not None:
            raise self.error
        return self.body or {}


class GraphClient:
    """Sends requests with one access token.

    :param session: of :func:`~.transport.new_session`; may be shared by mailboxes
    :param root: the Graph endpoint, without version: ``https://graph.microsoft.com``
    :param access_token: opaque; never logged
    :param new_id: makes the ``client-request-id`` of a request
    :raise FixConfiguration: ``root`` is no endpoint to send a token to
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
        #: The endpoint that links have to lead to.
        self.root = check_endpoint(root)
        self._base = f"{self.root}/{VERSION}"
        self._access_token = access_token
        self._timeouts = timeouts
        self._new_id = new_id

    def send(self, request: GraphRequest) -> GraphAnswer:
        """Send one request. Errors are in the answer; none is raised."""
        url = self._url(request.path_or_url)
        if url is None:
            return _foreign(request)
        try:
            content = _encode(request.body)
        except (TypeError, ValueError):
            return _failed(GiveUpOnEvent("The request cannot be written as JSON"))
        headers = {
            **self._headers(request),
            "Accept": "application/json",
            "client-request-id": self._new_id(),
        }
        try:
            answer = exchange(
                self._session,
                request.method,
                url,
                headers=headers,
                content=content,
                timeouts=self._timeouts,
                authorize=self._authorize,
            )
        except TryLater as error:
            error.answer_lost = error.answer_lost and request.writes
            return _failed(error)
        return _answer(request, answer)

    def batch(self, requests: Sequence[GraphRequest]) -> list[GraphAnswer]:
        """Send many requests in few round trips; the answers come in their order.

        The parts are independent of each other and are done in any order. Where Graph
        refuses a batch as a whole, its requests are sent one by one: so one bad request
        does not take others with it.
        """
        answers: list[GraphAnswer] = []
        for chunk in _chunks(requests):
            answers += self._batch(chunk)
        return answers

    def _batch(self, chunk: list[GraphRequest]) -> list[GraphAnswer]:
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
            _answer_of_part(request, given.get(str(number)))
            if str(number) in parts
            else self.send(request)  # says why it cannot be sent
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
        """Return the whole URL, None for one that must not get our token."""
        if path_or_url.startswith("/") and not path_or_url.startswith("//"):
            return self._base + path_or_url
        if not same_origin(path_or_url, self._base):
            return None
        link, base = urlsplit(path_or_url), urlsplit(self._base)
        if not link.path.startswith(f"{base.path}/"):
            return None
        # Graph's own link, but for the spelling of the host: a batch needs the rest.
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
    # ASCII only: a lone surrogate from somewhere must not break the encoding.
    return json.dumps(body, allow_nan=False).encode("ascii")


def _chunks(requests: Sequence[GraphRequest]) -> Iterator[list[GraphRequest]]:
    """Split into batches by number and by size."""
    chunk: list[GraphRequest] = []
    size = 0
    for request in requests:
        try:
            own = len(_encode(request.body) or b"")
        except (TypeError, ValueError):
            own = MAX_BATCH_BYTES  # alone: its error is its own
        if chunk and (len(chunk) == BATCH_SIZE or size + own > MAX_BATCH_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(request)
        size += own
    if chunk:
        yield chunk


def _answer(request: GraphRequest, answer: HttpAnswer) -> GraphAnswer:
    """Judge a complete answer by status, code and, for success, by its body."""
    body = answer.body if isinstance(answer.body, dict) else None
    inner = body.get("error") if body else None
    known_id = request_id(answer.headers, inner if isinstance(inner, dict) else {})
    error = error_from_answer(
        answer.status, answer.headers, body, operation=request.operation
    )
    if (
        error is None
        and body is None
        and (
            answer.broken
            or answer.body is not None
            or (answer.status in {200, 201} and request.operation in _NEED_BODY)
        )
    ):
        error = TryLater(
            f"Graph's answer {answer.status} to {request.operation} is unreadable",
            answer_lost=request.writes,
            request_id=known_id,
        )
    return GraphAnswer(answer.status, answer.headers, body, known_id, error)


def _answer_of_part(request: GraphRequest, part: dict[str, Any] | None) -> GraphAnswer:
    status = part.get("status") if part else None
    if part is None or type(status) is not int:
        reason = f"The batch brought no answer to {request.operation}"
        return _failed(TryLater(reason, answer_lost=request.writes))
    headers = part.get("headers")
    headers = headers if isinstance(headers, dict) else {}
    body = part.get("body")
    if isinstance(body, str):
        body = _decode_text(body)
    return _answer(request, HttpAnswer(status, headers, body or None))


def _decode_text(text: str) -> Any:
    """Read a body that Graph did not recognize as JSON: base64, mostly of JSON."""
    try:
        return json.loads(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return text


def _parts_by_id(body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    responses = body.get("responses")
    if not isinstance(responses, list):
        return {}
    return {str(part.get("id")): part for part in responses if isinstance(part, dict)}


def _failed(error: SyncError) -> GraphAnswer:
    return GraphAnswer(0, {}, None, error.request_id, error)


def _failed_part(request: GraphRequest, outer: GraphAnswer) -> GraphAnswer:
    """Give the error of the whole batch to one of its requests."""
    error = outer.error
    if isinstance(error, TryLater):
        error = TryLater(
            error.reason,
            after_seconds=error.after_seconds,
            answer_lost=error.answer_lost and request.writes,
            code=error.code,
            request_id=error.request_id,
        )
    return replace(outer, body=None, error=error)


def _foreign(request: GraphRequest) -> GraphAnswer:
    """Refuse a link of another host: it would get the token.

    Links are stored. After a change of the endpoint they are useless: start anew.
    """
    return _failed(ResyncNeeded(f"The link to {request.operation} is not of Graph"))
