"""Sign in with ``msal`` in all ways of the sync, and print the results.

Run in the environment of :mod:`environment`: ``sign_in.py URL SETTINGS`` with the
settings as JSON: ``tenant_id``, ``client_id``, ``client_secret``, ``public_client_id``,
``redirect_uri``, ``upn``.
"""

from __future__ import annotations

import json
import sys
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msal
import requests
from wire import LOGIN_HOST, Session

SCOPES = ["Calendars.ReadWrite", "User.Read"]


def main() -> None:
    """Sign in, and print a summary as JSON."""
    url, settings = sys.argv[1], json.loads(sys.argv[2])
    common = {
        "authority": f"https://{LOGIN_HOST}/{settings['tenant_id']}",
        "http_client": Session(url),
    }
    confidential = msal.ConfidentialClientApplication(
        settings["client_id"], client_credential=settings["client_secret"], **common
    )
    public = msal.PublicClientApplication(settings["public_client_id"], **common)
    found = {
        "code": _by_code(url, confidential, settings),
        "silent": _silently(confidential),
        "app": confidential.acquire_token_for_client(
            ["https://graph.microsoft.com/.default"]
        ),
        "device": _by_device(url, public, settings["upn"]),
    }
    print(json.dumps({name: _told(result) for name, result in found.items()}))


def _by_code(url: str, app: Any, settings: dict[str, str]) -> dict[str, Any]:
    flow = app.initiate_auth_code_flow(SCOPES, redirect_uri=settings["redirect_uri"])
    assert flow["code_verifier"]
    wanted = urlsplit(flow["auth_uri"])
    page = requests.get(
        f"{url}{wanted.path}?{wanted.query}&login_hint={settings['upn']}",
        allow_redirects=False,
        timeout=30,
    )
    answer = dict(parse_qsl(urlsplit(page.headers["Location"]).query))
    return app.acquire_token_by_auth_code_flow(flow, answer)


def _silently(app: Any) -> dict[str, Any]:
    [account] = app.get_accounts()
    return app.acquire_token_silent_with_error(
        SCOPES, account=account, force_refresh=True
    )


def _by_device(url: str, app: Any, upn: str) -> dict[str, Any]:
    flow = app.initiate_device_flow(SCOPES)
    early = app.acquire_token_by_device_flow(flow, exit_condition=lambda _flow: True)
    assert early["error"] == "authorization_pending", early
    body = {"user_code": flow["user_code"], "account": upn}
    requests.post(f"{url}/devicelogin", data=body, timeout=30).raise_for_status()
    return app.acquire_token_by_device_flow(flow)


def _told(result: dict[str, Any]) -> dict[str, Any]:
    claims = result.get("id_token_claims") or {}
    return {
        "error": result.get("error"),
        "upn": claims.get("preferred_username"),
        "token": result.get("access_token"),
        "source": result.get("token_source"),
    }


if __name__ == "__main__":
    main()
