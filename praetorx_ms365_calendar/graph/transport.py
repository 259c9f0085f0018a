"""Send one HTTP request and read its response, with limits on size and time.

No redirect is followed. Every network error becomes one error of our own.
"""

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
from ..engine.reasons import because
from .guard import Guard, GuardedAdapter

_logger = logging.getLogger(__name__)

#: No page of Graph is nearly as large, and a worker can easily hold this much. The
#: limit applies to the body after decompression.
MAX_RESPONSE_BYTES = 32 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024
USER_AGENT = "praetorx-ms365-calendar/19.0"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait for Microsoft.

    :param connect_seconds: for the connection and TLS
    :param read_seconds: for the next bytes. When we create a subscription, Graph first
        calls us twice, up to 10 s each time, and then sends its response
    :param total_seconds: for the whole response, even if it arrives byte by byte
    """

    connect_seconds: float = 5.0
    read_seconds: float = 30.0
    total_seconds: float = 120.0


DEFAULT_TIMEOUTS = Timeouts()


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response of the server.

    :param body: decoded JSON, None if there was no body
    :param broken: reason why the body cannot be used, None if it can be used
    """

    status: int
    headers: Mapping[str, str]
    body: Any
    broken: str | None = None


def new_session(pool_size: int = 4) -> requests.Session:
    """Return a session that several mailboxes can share: it keeps no cookies.

    The session never repeats a request: ``engine/retry.py`` decides about that.
    """
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers["User-Agent"] = USER_AGENT
    session.headers["Accept-Encoding"] = "gzip"
    for prefix in ("https://", "http://"):
        session.mount(prefix, GuardedAdapter(pool_maxsize=pool_size, max_retries=0))
    return session


def check_endpoint(url: str) -> str:
    """Return the URL without a slash at its end, if secrets may be sent there.

    :raise FixConfiguration: the URL is invalid, has credentials or a query, or is plain
        HTTP to a host that is not this machine
    """
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
        _port = parts.port  # raises ValueError for an invalid port
    except ValueError:
        raise FixConfiguration(because("endpoint_wrong", text="no URL")) from None
    if not host or parts.scheme not in {"https", "http"}:
        raise FixConfiguration(because("endpoint_wrong", text="no https URL"))
    if parts.username is not None or parts.query or parts.fragment:
        raise FixConfiguration(
            because("endpoint_wrong", text="more than host and path")
        )
    if parts.scheme == "http" and not _is_loopback(host):
        raise FixConfiguration(because("endpoint_wrong", text="http to another host"))
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
) -> HttpResponse:
    """Send one request and read its whole response.

    :param content: the encoded body; None sends no body
    :param authorize: sets the ``Authorization`` header, or leaves the request as it is.
        It is required: without it ``requests`` would use credentials from ``.netrc``
    :return: a response, also for an error status and for a body that is not JSON
    :raise TryLater: there was no complete response. ``response_lost`` is True if the
        request may have reached the server
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
            if guard.is_over:  # the guard closed the connection: the body is cut
                raise _OverLimit
            status, headers_received = response.status_code, response.headers
    except _NETWORK_ERRORS as error:
        lost = not _was_never_sent(error)
        kind = type(error).__name__
        _logger.debug("%s %s: %s after %d ms", method, path, kind, _ms(started))
        # The cause is left out: its text contains the whole URL.
        reason = because("no_answer" if lost else "no_network", kind=kind)
        raise TryLater(reason, response_lost=lost) from None
    _logger.debug(
        "%s %s: %s after %d ms, request-id %s",
        method,
        path,
        status,
        _ms(started),
        headers_received.get("request-id", "-")[:100],
    )
    body, broken = _decode(raw)
    return HttpResponse(status, headers_received, body, broken)


class _OverLimit(Exception):
    """The response is too large or too slow."""


class _BadEncoding(Exception):
    """The response has an encoding that was not requested, or ends too early."""


_NETWORK_ERRORS = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    zlib.error,
    _OverLimit,
    _BadEncoding,
)


def _read(response: requests.Response) -> bytes:
    """Read the whole response, and decompress it once if it is compressed."""
    coding = response.headers.get("Content-Encoding", "").strip().lower()
    pieces = response.raw.stream(_CHUNK_BYTES, decode_content=False)
    if coding == "gzip":
        pieces = _decompressed(pieces)
    elif coding not in {"", "identity"}:
        raise _BadEncoding
    chunks = []
    size = 0
    for chunk in pieces:
        size += len(chunk)
        if size > MAX_RESPONSE_BYTES:
            raise _OverLimit
        chunks.append(chunk)
    return b"".join(chunks)


def _decompressed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Decompress one layer of gzip, in chunks of ``_CHUNK_BYTES`` at most."""
    decoder = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    begun = False
    for piece in pieces:
        begun = True
        while piece:
            if decoder.eof:
                raise _BadEncoding  # there is data after the end
            yield decoder.decompress(piece, _CHUNK_BYTES)
            piece = decoder.unconsumed_tail or decoder.unused_data
    if begun and not decoder.eof:
        raise _BadEncoding


def _decode(raw: bytes) -> tuple[Any, str | None]:
    if not raw.strip():
        return None, None
    try:
        return json.loads(raw), None
    except (ValueError, RecursionError):
        return None, "no JSON"


def _was_never_sent(error: Exception) -> bool:
    """Return True if the error came before the request was sent.

    Such errors come from the host name, the connection or the proxy.
    """
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
