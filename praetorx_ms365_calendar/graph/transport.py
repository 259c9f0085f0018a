"""One HTTP exchange, whatever happens on the way: bounded, timed, never redirected."""

from __future__ import annotations

import http.client
import json
import logging
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from ..engine.errors import FixConfiguration, TryLater
from .guard import Guard, GuardedAdapter

_logger = logging.getLogger(__name__)

#: Far above any page of Graph, far below what would hurt a worker. Of what was sent,
#: and of what that expands to.
MAX_ANSWER_BYTES = 32 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024
USER_AGENT = "praetorx-ms365-calendar/19.0"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait for Microsoft.

    :param connect_seconds: for the connection and TLS
    :param read_seconds: for the next bytes; creating a subscription calls us back
        twice, each time up to 10 s, before it answers
    :param total_seconds: for all of it, also where it comes byte by byte
    """

    connect_seconds: float = 5.0
    read_seconds: float = 30.0
    total_seconds: float = 120.0


DEFAULT_TIMEOUTS = Timeouts()


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back. ``body`` is decoded JSON; None for none.

    :param broken: why the body cannot be used, None if it can
    """

    status: int
    headers: Mapping[str, str]
    body: Any
    broken: str | None = None


def new_session(pool_size: int = 4) -> requests.Session:
    """Return a session that many mailboxes may share: it keeps no cookies.

    It never repeats a request by itself: that is decided by ``engine/retry.py``.
    """
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = USER_AGENT
    session.headers["Accept-Encoding"] = "gzip"
    for prefix in ("https://", "http://"):
        session.mount(prefix, GuardedAdapter(pool_maxsize=pool_size, max_retries=0))
    return session


def check_endpoint(url: str) -> str:
    """Return the URL without trailing slash if secrets may be sent there.

    :raise FixConfiguration: no URL, with credentials or query, or plain HTTP to a host
        that is not this machine
    """
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
        _port = parts.port  # raises for what is no port
    except ValueError:
        raise FixConfiguration("The endpoint is not a valid URL") from None
    if not host or parts.scheme not in {"https", "http"}:
        raise FixConfiguration("The endpoint must be an https:// URL")
    if parts.username is not None or parts.query or parts.fragment:
        raise FixConfiguration("The endpoint must be a plain URL: only host and path")
    if parts.scheme == "http" and not _is_loopback(host):
        raise FixConfiguration("Plain http is allowed for loopback hosts only")
    return parts.geturl().rstrip("/")


def exchange(
    session: requests.Session,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    content: bytes | None,
    timeouts: Timeouts,
    authorize: Callable[[requests.PreparedRequest], requests.PreparedRequest],
) -> HttpAnswer:
    """Send one request and read its whole answer.

    :param content: the encoded body; None sends none
    :param authorize: sets the ``Authorization`` header, or leaves the request alone.
        Always given: without it ``requests`` would take credentials from ``.netrc``
    :return: an answer, also for error statuses and for bodies that are no JSON
    :raise TryLater: no complete answer; ``answer_lost`` says that the request may have
        reached the other side
    """
    started = time.monotonic()
    path = urlsplit(url).path
    try:
        with (
            Guard(timeouts.total_seconds) as guard,
            session.request(
                method,
                url,
                headers=dict(headers),
                data=content,
                auth=authorize,
                timeout=(timeouts.connect_seconds, timeouts.read_seconds),
                allow_redirects=False,
                stream=True,
            ) as response,
        ):
            raw = _read(response)
            if guard.is_over:  # what ends there is not the end
                raise _TooMuch
            status, answer_headers = response.status_code, response.headers
    except _NETWORK_ERRORS as error:
        lost = not _was_never_sent(error)
        kind = type(error).__name__
        _logger.debug("%s %s: %s after %d ms", method, path, kind, _ms(started))
        # Without its cause: the text of the cause holds the whole URL.
        raise TryLater(f"No answer to {method}: {kind}", answer_lost=lost) from None
    _logger.debug(
        "%s %s: %s after %d ms, request-id %s",
        method,
        path,
        status,
        _ms(started),
        answer_headers.get("request-id", "-")[:100],
    )
    body, broken = _decode(raw)
    return HttpAnswer(status, answer_headers, body, broken)


class _TooMuch(Exception):
    """The answer is larger, or slower, than anything reasonable."""


class _NotAsAsked(Exception):
    """The answer is in a coding that was not asked for, or ends too early."""


_NETWORK_ERRORS = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    zlib.error,
    _TooMuch,
    _NotAsAsked,
)


def _read(response: requests.Response) -> bytes:
    """Read the whole answer, and expand it if it is compressed: once."""
    coding = response.headers.get("Content-Encoding", "").strip().lower()
    pieces = response.raw.stream(_CHUNK_BYTES, decode_content=False)
    if coding == "gzip":
        pieces = _expanded(pieces)
    elif coding not in {"", "identity"}:
        raise _NotAsAsked
    chunks = []
    size = 0
    for chunk in pieces:
        size += len(chunk)
        if size > MAX_ANSWER_BYTES:
            raise _TooMuch
        chunks.append(chunk)
    return b"".join(chunks)


def _expanded(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Expand one layer of gzip, never more at once than is read at once."""
    decoder = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    begun = False
    for piece in pieces:
        begun = True
        while piece:
            if decoder.eof:
                raise _NotAsAsked  # something stands behind the end
            yield decoder.decompress(piece, _CHUNK_BYTES)
            piece = decoder.unconsumed_tail or decoder.unused_data
    if begun and not decoder.eof:
        raise _NotAsAsked


def _decode(raw: bytes) -> tuple[Any, str | None]:
    if not raw.strip():
        return None, None
    try:
        return json.loads(raw), None
    except (ValueError, RecursionError):
        return None, "no JSON"


def _was_never_sent(error: Exception) -> bool:
    """Tell errors of name, connection and proxy from those after sending."""
    before_sending = (
        requests.exceptions.ConnectTimeout,
        requests.exceptions.InvalidURL,
        requests.exceptions.InvalidHeader,
        requests.exceptions.InvalidProxyURL,
        requests.exceptions.ProxyError,
    )
    if isinstance(error, before_sending):
        return True
    wrapped = error.args[0] if error.args else None
    reason = getattr(wrapped, "reason", None)
    return isinstance(
        reason,
        urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError,
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _ms(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
