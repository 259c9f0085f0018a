"""Run a server that sends scripted responses byte by byte, and keeps the requests."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from praetorx_ms365_calendar.graph.transport import Timeouts

#: Instead of an answer: close the connection without a word.
HANG_UP = b""
TOKEN = "the-access-token"
TIMEOUTS = Timeouts(connect_seconds=30, read_seconds=30, total_seconds=60)
#: For answers that never end: nobody should wait for them.
HASTY = Timeouts(connect_seconds=2, read_seconds=0.3, total_seconds=0.6)


@dataclass(frozen=True)
class Asked:
    """A request as the server received it."""

    method: str
    path: str
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        """The decoded JSON."""
        return json.loads(self.content)


def raw(status: int, body: Any = b"", **headers: str) -> bytes:
    """Write an answer. Headers with ``_`` for ``-``; objects are sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(content)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    lines += ["Connection: close", "", ""]
    return "\r\n".join(lines).encode() + content


class ScriptedServer(socketserver.ThreadingTCPServer):
    """Play one entry of ``script`` for each request; a function gets the request."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script: list[bytes | Callable[[Asked], bytes]] = []
        self.asked: list[Asked] = []
        #: Lets answers that trickle or hang end when the test is over.
        self.over = threading.Event()

    @property
    def root(self) -> str:
        """The endpoint for the client."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def play(self, *responses: bytes | Callable[[Asked], bytes]) -> None:
        """Answer the next requests so."""
        self.script += responses


class _Handler(socketserver.StreamRequestHandler):
    server: ScriptedServer

    def handle(self) -> None:
        line = self.rfile.readline().decode("latin-1")
        if not line:
            return
        method, path, _version = line.split()
        headers = {}
        while (line := self.rfile.readline().decode("latin-1").strip()) != "":
            name, _colon, value = line.partition(":")
            headers[name] = value.strip()
        content = self.rfile.read(int(headers.get("Content-Length", 0)))
        asked = Asked(method, path, headers, content)
        self.server.asked.append(asked)
        response = self.server.script.pop(0)
        if callable(response):
            response = response(asked)
        if isinstance(response, bytes):
            self.request.sendall(response)
            return
        try:
            for piece in response:
                self.request.sendall(piece)
                self.server.over.wait(0.1)
        except OSError:
            return  # the client closed the connection
