"""Provide a scripted server and its client for each test."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from scripted import HASTY, TIMEOUTS, TOKEN, ScriptedServer

from praetorx_ms365_calendar.graph.client import GraphClient
from praetorx_ms365_calendar.graph.transport import new_session


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """Run a scripted server on its own port."""
    with ScriptedServer() as scripted:
        thread = threading.Thread(target=scripted.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield scripted
        finally:
            scripted.over.set()
            scripted.shutdown()
            thread.join()


@pytest.fixture
def session():
    """Return a session like that of the addon."""
    with new_session() as http:
        yield http


@pytest.fixture
def client(server, session) -> GraphClient:
    """Return a client of the scripted server, with patience."""
    numbers = iter(range(1000))
    return GraphClient(
        session, server.root, TOKEN, TIMEOUTS, new_id=lambda: f"id-{next(numbers)}"
    )


@pytest.fixture
def hasty(server, session) -> GraphClient:
    """Return a client of the scripted server that soon gives up."""
    return GraphClient(session, server.root, TOKEN, HASTY)


@pytest.fixture
def closed_root() -> str:
    """Return the address of a closed port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
