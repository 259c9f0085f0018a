"""Answers that are slow, or larger than they look: each exchange has its bounds."""

from __future__ import annotations

import gzip

import pytest
from scripted import HASTY, TIMEOUTS, raw

from praetorx_ms365_calendar.engine.errors import TryLater
from praetorx_ms365_calendar.graph.transport import MAX_RESPONSE_BYTES, exchange

#: Number of pieces that the server would send, one each 0.1 s.
PIECES = 60
#: Maximum that it can send in :data:`HASTY.total_seconds`, with some reserve.
AT_MOST = 20


def get(server, session, timeouts=TIMEOUTS):
    """Ask the scripted server for something."""
    return exchange(
        session,
        "GET",
        f"{server.root}/v1.0/me",
        headers={},
        content=None,
        timeouts=timeouts,
        authorize=lambda request: request,
    )


def dripping(head, sent):
    """Return an answer that comes byte by byte; each is noted in ``sent``."""

    def pieces(_asked):
        for number in range(PIECES):
            sent.append(number)
            yield head[number : number + 1] or b" "

    return pieces


HEADS = {
    "headers": b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * PIECES,
    "status line": b"HTTP/1.1 200 " + b"O" * PIECES,
}


@pytest.mark.parametrize("head", HEADS.values(), ids=list(HEADS))
def test_headers_that_drip_are_given_up(server, session, head):
    sent = []
    server.play(dripping(head, sent))

    with pytest.raises(TryLater) as error:
        get(server, session, HASTY)

    assert error.value.response_lost
    assert len(sent) < AT_MOST


BODIES = {
    "with a length": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n",
    "without a length": b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}",
    "in chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
}


@pytest.mark.parametrize("head", BODIES.values(), ids=list(BODIES))
def test_a_body_that_drips_is_given_up(server, session, head):
    sent = []

    def pieces(_asked):
        yield head
        for number in range(PIECES):
            sent.append(number)
            yield b"1\r\n \r\n" if b"chunked" in head else b" "

    server.play(pieces)

    with pytest.raises(TryLater):
        get(server, session, HASTY)

    assert len(sent) < AT_MOST


def test_the_next_answer_is_read_after_one_that_was_given_up(server, session):
    server.play(dripping(HEADS["headers"], []), raw(200, {"id": "me"}))
    with pytest.raises(TryLater):
        get(server, session, HASTY)

    assert get(server, session).body == {"id": "me"}


def test_one_coding_is_asked_for_and_read(server, session):
    server.play(raw(200, gzip.compress(b'{"id": 1}'), Content_Encoding="gzip"))

    assert get(server, session).body == {"id": 1}
    assert server.asked[0].headers["Accept-Encoding"] == "gzip"


ZEROS = gzip.compress(b" " * (MAX_RESPONSE_BYTES + 1))
CODED = {
    "expands without limit": (ZEROS, "gzip"),
    "two layers": (gzip.compress(gzip.compress(b"{}")), "gzip, gzip"),
    "two headers in one": (gzip.compress(b"{}"), "gzip,gzip"),
    "another coding": (b"{}", "deflate"),
    "unknown coding": (b"{}", "br"),
    "half": (gzip.compress(b'{"id": "me"}')[:-9], "gzip"),
    "more behind": (gzip.compress(b"{}") + b"{}", "gzip"),
}


@pytest.mark.parametrize(("content", "coding"), CODED.values(), ids=list(CODED))
def test_an_answer_in_a_coding_that_was_not_asked_for_is_lost(
    server, session, content, coding
):
    server.play(raw(200, content, Content_Encoding=coding))

    with pytest.raises(TryLater) as error:
        get(server, session)

    assert error.value.response_lost


@pytest.mark.parametrize(
    "root", ["http://", "http://127.0.0.1:1", "http://host.invalid."]
)
def test_request_that_was_never_sent_is_not_lost(session, root):
    with pytest.raises(TryLater) as error:
        exchange(
            session,
            "POST",
            f"{root}/v1.0/me/events",
            headers={},
            content=b"{}",
            timeouts=TIMEOUTS,
            authorize=lambda request: request,
        )

    assert not error.value.response_lost


def test_header_that_cannot_be_sent_was_never_sent(server, session):
    with pytest.raises(TryLater) as error:
        exchange(
            session,
            "POST",
            server.root,
            headers={"client-request-id": "a\r\nHost: b"},
            content=b"{}",
            timeouts=TIMEOUTS,
            authorize=lambda request: request,
        )

    assert not error.value.response_lost
    assert not server.asked
