"""A real HTTP server for notifications; tests can change its behaviour."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class Receiver:
    """Receive notifications. Tests may change ``status`` and ``delay_seconds``.

    ``validation`` is the kind of response to a handshake: ``right``, ``wrong``,
    ``html``, ``encoded`` or ``created``.
    """

    def __init__(self) -> None:
        self.status = 202
        self.delay_seconds = 0.0
        self.validation = "right"
        self.bodies: list[dict[str, Any]] = []
        self.validated: list[str] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            """Handle one request."""

            def do_POST(self) -> None:
                owner._receive(self)

            def log_message(self, *_arguments: Any) -> None:
                """Write no log."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> Receiver:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def items(self) -> list[dict[str, Any]]:
        """Return all received notifications, in order."""
        return [item for body in self.bodies for item in body["value"]]

    def _receive(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        content = handler.rfile.read(length)
        query = parse_qs(urlsplit(handler.path).query)
        if "validationToken" in query:
            self._validate(handler, query["validationToken"][0])
            return
        time.sleep(self.delay_seconds)
        if 200 <= self.status < 300:
            self.bodies.append(json.loads(content))
        _answer(handler, self.status, "text/plain", b"")

    def _validate(self, handler: BaseHTTPRequestHandler, token: str) -> None:
        self.validated.append(handler.path)
        raw = handler.path.split("validationToken=")[1]
        text = {"wrong": "no", "encoded": raw}.get(self.validation, token)
        kind = "text/html" if self.validation == "html" else "text/plain"
        status = 201 if self.validation == "created" else 200
        _answer(handler, status, kind, text.encode())


def _answer(
    handler: BaseHTTPRequestHandler, status: int, kind: str, body: bytes
) -> None:
    try:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
    except OSError:
        pass  # the sender did not wait
