"""Test that a guard ends a connection in time, and no other."""

from __future__ import annotations

import socket
import time

import pytest

from praetorx_ms365_calendar.graph.guard import Guard


@pytest.fixture
def pair():
    """Return both ends of an open connection."""
    one, other = socket.socketpair()
    with one, other:
        other.settimeout(5)
        yield one, other


def test_connection_in_use_is_ended_when_the_time_is_over(pair):
    used, other = pair
    with Guard(0.05) as guard:
        guard.use(used)
        assert other.recv(1) == b"", "the other side sees the end"
    assert guard.is_over


def test_connection_that_is_opened_too_late_is_ended_at_once(pair):
    late, other = pair
    with Guard(0.01) as guard:
        guard.use(None)  # not connected yet
        until = time.monotonic() + 5
        while not guard.is_over and time.monotonic() < until:
            time.sleep(0.005)
        guard.use(late)
        assert other.recv(1) == b""


def test_closed_connection_is_no_error_for_the_guard(pair):
    closed, _other = pair
    closed.close()
    with Guard(0.01) as guard:
        until = time.monotonic() + 5
        while not guard.is_over and time.monotonic() < until:
            time.sleep(0.005)
        guard.use(closed)
    assert guard.is_over


def test_connection_is_left_alone_after_the_exchange(pair):
    used, other = pair
    with Guard(0.5) as guard:
        guard.use(used)
    time.sleep(0.6)
    used.sendall(b"x")
    assert other.recv(1) == b"x"
    assert not guard.is_over
