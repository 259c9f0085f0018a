"""Connect Microsoft's clients to a simulator that uses plain HTTP.

``msal`` accepts only https authorities, and also checks the endpoints in the discovery
document. So it gets Microsoft's own host, and a session that sends requests for that
host to the simulator. The session works like a proxy that ends TLS: it sets ``Host``
and ``X-Forwarded-Proto``.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests

LOGIN_HOST = "login.microsoftonline.com"


class Session(requests.Session):
    """A session for ``msal`` that has the real address of the login host."""

    def __init__(self, simulator_url: str) -> None:
        super().__init__()
        self._simulator_url = simulator_url
        self.trust_env = False

    def request(self, method: str, url: str, **more: Any) -> requests.Response:
        """Send a request for the login host to the simulator; others are refused."""
        parts = urlsplit(url)
        assert (parts.scheme, parts.netloc) == ("https", LOGIN_HOST), url
        inside = parts._replace(scheme="", netloc="").geturl()
        headers = {**(more.pop("headers", None) or {}), "Host": LOGIN_HOST}
        headers["X-Forwarded-Proto"] = "https"
        more.setdefault("allow_redirects", False)
        return super().request(
            method, self._simulator_url + inside, headers=headers, **more
        )
