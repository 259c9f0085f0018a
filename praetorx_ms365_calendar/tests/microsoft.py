"""A local server that answers as a test tells it to, in the place of Microsoft.

Enough for single answers; whole flows run against the simulator, in the e2e tests.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


class Microsoft:
    """Answers ``(method, path)`` with what :meth:`answer` was told, and keeps the asks.

    :ivar url: the root, to be used as login and as Graph endpoint
    :ivar asked: ``(method, path, form or JSON, headers)`` of each request
    """

    def __init__(self):
        self.asked = []
        self._answers = {}
        microsoft = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _handle(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length).decode()
                if "json" in self.headers.get("Content-Type", ""):
                    body = json.loads(body)
                else:
                    body = dict(parse_qsl(body))
                path = urlsplit(self.path).path
                microsoft.asked.append((self.command, path, body, dict(self.headers)))
                answers = microsoft._answers.get((self.command, path))
                status, answer = 404, {"error": {"code": "ResourceNotFound"}}
                if answers:
                    found = answers.pop(0) if answers[1:] else answers[0]
                    status, answer = found(body) if callable(found) else found
                data = b"" if answer is None else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = do_DELETE = _handle

            def log_message(self, *_args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, method, path, *answers):
        """Give these ``(status, body)`` one after the other; the last one for ever.

        One may also be a function that makes it of the body of the request.
        """
        self._answers[method, path] = list(answers)

    def close(self):
        self._server.shutdown()
        self._server.server_close()


def tokens(refresh_token="refresh-1", access_token="access-1", **more):
    """Return what Entra's token endpoint answers to a success."""
    answer = {
        "token_type": "Bearer",
        "expires_in": 3599,
        "access_token": access_token,
        "scope": "openid profile offline_access User.Read Calendars.ReadWrite",
        **more,
    }
    if refresh_token:
        answer["refresh_token"] = refresh_token
    return 200, answer


def refused(word, number, status=400):
    """Return one of Entra's errors."""
    return status, {
        "error": word,
        "error_description": f"AADSTS{number}: says a name, alice@example.com",
        "error_codes": [number],
    }
