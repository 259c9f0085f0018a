"""Sign in with Entra by the authorization code flow with PKCE, and refresh tokens.

The browser opens :func:`authorize_url` and comes back with a code.
:func:`redeem_code` exchanges the code for tokens. :func:`refresh` gets new ones. Tokens
are never parsed. Source: Entra, "OAuth 2.0 authorization code flow".
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from requests import PreparedRequest, Session

from ..engine.errors import FixConfiguration, TryLater
from ..engine.graph_errors import error_from_token_response
from ..engine.reasons import because
from .transport import DEFAULT_TIMEOUTS, Timeouts, check_endpoint, exchange

SCOPES = "openid profile offline_access User.Read Calendars.ReadWrite"
#: Additional scope, requested when a person adds the calendar of another person.
SHARED_SCOPE = "Calendars.ReadWrite.Shared"

#: Used if Entra returns no lifetime. Less than the usual one.
_DEFAULT_LIFETIME_SECONDS = 3000
_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-]*")
_PRINTABLE = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a sign-in or a refresh.

    :param refresh_token: must be stored before the access token is used
    :param expires_in: lifetime of the access token, in seconds
    :param scope: the granted scopes, separated by spaces; empty if Entra returned none
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    scope: str


def grants(granted: str, scope: str) -> bool:
    """Return True if a scope was granted.

    :param granted: the scopes as Entra returns them, with or without the Graph host
        before each name
    """
    names = {word.rsplit("/", 1)[-1].lower() for word in granted.split()}
    return scope.lower() in names


def pkce_pair(random_bytes: bytes) -> tuple[str, str]:
    """Return the verifier, which stays secret, and its S256 challenge to send.

    :param random_bytes: 32 to 96 bytes from a cryptographic source

    Source: RFC 7636 sections 4.1 and 4.2.
    """
    if not 32 <= len(random_bytes) <= 96:
        raise ValueError("PKCE takes 32 to 96 random bytes")
    verifier = _base64url(random_bytes)
    return verifier, _base64url(hashlib.sha256(verifier.encode("ascii")).digest())


def authorize_url(
    login_root: str,
    tenant: str,
    client_id: str,
    redirect_uri: str,
    scope: str,
    state: str,
    code_challenge: str,
    login_hint: str | None = None,
    prompt: str | None = None,
) -> str:
    """Return the URL of the page on which the person signs in and consents.

    :param login_root: the login endpoint, ``https://login.microsoftonline.com``
    :param tenant: id or domain of the tenant, or a name like ``common``
    :param state: comes back unchanged; the caller must verify it then
    :raise FixConfiguration: endpoint, tenant or client id is invalid
    """
    query = {
        "client_id": _required(client_id, "client id"),
        "response_type": "code",
        "response_mode": "query",
        "redirect_uri": redirect_uri,
        "scope": scope,
        "state": state,
        "code_challenge": code_challenge,
        "code_challenge_method": "S256",
    }
    if login_hint:
        query["login_hint"] = login_hint
    if prompt:
        query["prompt"] = prompt
    return f"{entra_endpoint(login_root, tenant, 'authorize')}?{urlencode(query)}"


def admin_consent_url(
    login_root: str,
    tenant: str,
    client_id: str,
    redirect_uri: str,
    scope: str,
    state: str,
) -> str:
    """Return the URL on which an administrator consents for the whole organization.

    :param tenant: id or domain of the tenant, or a name like ``common``
    :raise FixConfiguration: endpoint, tenant or client id is invalid

    Source: Microsoft identity platform, endpoint ``/v2.0/adminconsent``. Of the names
    that stand for several tenants, it knows ``organizations`` only.
    """
    query = {
        "client_id": _required(client_id, "client id"),
        "redirect_uri": redirect_uri,
        "scope": scope,
        "state": state,
    }
    known = "organizations" if tenant in ("common", "consumers") else tenant
    return f"{_tenant_root(login_root, known)}/v2.0/adminconsent?{urlencode(query)}"


def redeem_code(
    session: Session,
    *,
    login_root: str,
    tenant: str,
    client_id: str,
    client_secret: str | None,
    redirect_uri: str,
    code: str,
    code_verifier: str,
    scope: str = SCOPES,
    timeouts: Timeouts = DEFAULT_TIMEOUTS,
) -> Tokens:
    """Exchange the code of the redirect for tokens. A code works once.

    :param client_secret: None for a public client
    :param redirect_uri: the same as in :func:`authorize_url`
    :raise SyncError: its class names the remedy
    """
    form = {
        "grant_type": "authorization_code",
        "client_id": _required(client_id, "client id"),
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": code_verifier,
        "scope": scope,
    }
    endpoint = entra_endpoint(login_root, tenant, "token")
    response = ask_entra(session, endpoint, form, client_secret, timeouts)
    tokens = tokens_from(response, old_refresh_token="")
    if not tokens.refresh_token:
        raise FixConfiguration(because("no_refresh_token"))
    return tokens


def refresh(
    session: Session,
    *,
    login_root: str,
    tenant: str,
    client_id: str,
    client_secret: str | None,
    refresh_token: str,
    scope: str = SCOPES,
    timeouts: Timeouts = DEFAULT_TIMEOUTS,
) -> Tokens:
    """Get a new access token. It is safe to repeat: the old refresh token stays valid.

    :param client_secret: None for a public client
    :return: the tokens, with the old refresh token if Entra returned no new one
    :raise SyncError: its class names the remedy
    """
    form = {
        "grant_type": "refresh_token",
        "client_id": _required(client_id, "client id"),
        "refresh_token": refresh_token,
        "scope": scope,
    }
    endpoint = entra_endpoint(login_root, tenant, "token")
    response = ask_entra(session, endpoint, form, client_secret, timeouts)
    return tokens_from(response, old_refresh_token=refresh_token)


def entra_endpoint(login_root: str, tenant: str, name: str) -> str:
    """Return the URL of an endpoint of a tenant.

    :raise FixConfiguration: the tenant or the root cannot be right
    """
    return f"{_tenant_root(login_root, tenant)}/oauth2/v2.0/{name}"


def _tenant_root(login_root: str, tenant: str) -> str:
    if not _TENANT.fullmatch(tenant or ""):
        raise FixConfiguration(because("tenant_wrong"))
    return f"{check_endpoint(login_root)}/{tenant}"


def _required(value: str, what: str) -> str:
    if not value:
        raise FixConfiguration(because("app_incomplete", text=what))
    return value


def ask_entra(
    session: Session,
    endpoint: str,
    form: dict[str, str],
    client_secret: str | None,
    timeouts: Timeouts,
) -> dict[str, Any]:
    """Post the form; return the JSON object of a success.

    :raise SyncError: its class names the remedy
    """
    if client_secret:
        form = {**form, "client_secret": client_secret}
    response = exchange(
        session,
        "POST",
        endpoint,
        headers={
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        },
        content=urlencode(form).encode("ascii"),
        timeouts=timeouts,
        authorize=_without_authorization,
    )
    if error := error_from_token_response(
        response.status, response.headers, response.body
    ):
        raise error
    if not isinstance(response.body, dict):
        raise TryLater(because("unreadable_answer"), response_lost=True)
    return response.body


def tokens_from(response: dict[str, Any], *, old_refresh_token: str) -> Tokens:
    """Return the tokens of a response.

    :raise TryLater: it holds no access token that can be sent
    """
    access_token = response.get("access_token")
    if not isinstance(access_token, str) or not _PRINTABLE.fullmatch(access_token):
        raise TryLater(because("unreadable_answer", text="token"), response_lost=True)
    refresh_token = response.get("refresh_token")
    if not isinstance(refresh_token, str) or not refresh_token:
        refresh_token = old_refresh_token
    scope = response.get("scope")
    return Tokens(
        access_token=access_token,
        refresh_token=refresh_token,
        expires_in=_lifetime_seconds(response.get("expires_in")),
        scope=scope if isinstance(scope, str) else "",
    )


def _lifetime_seconds(value: Any) -> int:
    """Return the lifetime in seconds; some endpoints send the number as text."""
    try:
        return max(int(value), 0)
    except (TypeError, ValueError, OverflowError):
        return _DEFAULT_LIFETIME_SECONDS


def _without_authorization(prepared: PreparedRequest) -> PreparedRequest:
    return prepared


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
