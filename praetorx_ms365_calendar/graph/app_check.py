"""Check that an Azure app registration works. Only administrators start this check."""

from __future__ import annotations

from urllib.parse import urlencode

import requests

from ..engine.errors import FixConfiguration
from ..engine.graph_errors import error_from_token_response
from ..engine.reasons import because
from .transport import HttpResponse, Timeouts, check_endpoint, exchange

#: Names that stand for many tenants: an app cannot sign in there as itself.
SHARED_TENANTS = frozenset({"common", "organizations", "consumers"})
_TIMEOUTS = Timeouts(connect_seconds=5, read_seconds=10, total_seconds=15)


def check_tenant(session: requests.Session, login_root: str, tenant: str) -> None:
    """Check that the tenant exists: read its public OpenID Connect configuration.

    :raise SyncError: its class names the remedy
    """
    url = f"{check_endpoint(login_root)}/{tenant}/v2.0/.well-known/openid-configuration"
    response = _exchange(session, "GET", url)
    if error := error_from_token_response(
        response.status, response.headers, response.body
    ):
        raise error
    if not isinstance(response.body, dict) or "token_endpoint" not in response.body:
        raise FixConfiguration(because("endpoint_wrong", text="not of Entra"))


def check_secret(
    session: requests.Session,
    *,
    login_root: str,
    tenant: str,
    client_id: str,
    client_secret: str,
    graph_root: str,
) -> None:
    """Check the client secret: sign in as the app itself, and drop the token.

    :raise SyncError: its class names the remedy
    """
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": client_secret,
        "scope": f"{graph_root}/.default",
    }
    url = f"{check_endpoint(login_root)}/{tenant}/oauth2/v2.0/token"
    response = _exchange(session, "POST", url, urlencode(form).encode("ascii"))
    if error := error_from_token_response(
        response.status, response.headers, response.body
    ):
        raise error


def _exchange(
    session: requests.Session, method: str, url: str, content: bytes | None = None
) -> HttpResponse:
    headers = {"Accept": "application/json"}
    if content is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    return exchange(
        session,
        method,
        url,
        headers=headers,
        content=content,
        timeouts=_TIMEOUTS,
        authorize=lambda prepared: prepared,
    )
