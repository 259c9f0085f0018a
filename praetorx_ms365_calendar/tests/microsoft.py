"""A local server that answers as a test tells it to, in the place of Microsoft.

Enough for single answers; whole flows run against the simulator, in the e2e tests.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit


class Microsoft:
    """Answer each ``(method, path)`` as :meth:`respond` was told; keep the requests.

    :ivar url: the root, to be used as login and as Graph endpoint
    :ivar asked: ``(method, path, form or JSON, headers)`` of each request
    """

    def __init__(self):
        self.asked = []
        self._responses = {}
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
                responses = microsoft._responses.get((self.command, path))
                status, response = 404, {"error": {"code": "ResourceNotFound"}}
                if responses:
                    found = responses.pop(0) if responses[1:] else responses[0]
                    status, response = found(body) if callable(found) else found
                data = b"" if response is None else json.dumps(response).encode()
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

    def respond(self, method, path, *responses):
        """Give these ``(status, body)`` one after the other; the last one for ever.

        One may also be a function that makes it of the body of the request.
        """
        self._responses[method, path] = list(responses)

    def close(self):
        self._server.shutdown()
        self._server.server_close()


def tokens(refresh_token="refresh-1", access_token="access-1", **more):
    """Return the response of Entra's token endpoint after a success."""
    response = {
        "token_type": "Bearer",
        "expires_in": 3599,
        "access_token": access_token,
        "scope": "openid profile offline_access User.Read Calendars.ReadWrite",
        **more,
    }
    if refresh_token:
        response["refresh_token"] = refresh_token
    return 200, response


def refused(word, number, status=400):
    """Return one of Entra's errors."""
    return status, {
        "error": word,
        "error_description": f"AADSTS{number}: says a name, alice@example.com",
        "error_codes": [number],
    }
