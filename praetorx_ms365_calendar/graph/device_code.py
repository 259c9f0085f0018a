"""Sign in with a code that the person enters on any device.

:func:`begin` gets the code. While the person enters it at Microsoft, :func:`redeem` is
called again and again. It needs no redirect and no client secret. Source: RFC 8628;
Entra, "OAuth 2.0 device authorization grant".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from requests import Session

from ..engine.device_code import interval_of
from ..engine.errors import FixConfiguration, TryLater
from ..engine.reasons import because
from .auth import Tokens, ask_entra, entra_endpoint, tokens_from
from .transport import Timeouts

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
#: Microsoft's page, used if the response names none that can be opened.
VERIFICATION_PAGE = "https://microsoft.com/devicelogin"
_DEFAULT_LIFETIME_SECONDS = 900


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """A sign-in that waits for a person.

    :param device_code: the secret that gets the tokens
    :param user_code: what the person enters
    :param verification_page: the address at which it is entered
    :param expires_in: lifetime in seconds
    :param interval: wait so many seconds before each request for the tokens
    """

    device_code: str = field(repr=False)
    user_code: str = field(repr=False)
    verification_page: str
    expires_in: int
    interval: int


def begin(
    session: Session,
    *,
    login_root: str,
    tenant: str,
    client_id: str,
    scope: str,
    timeouts: Timeouts,
) -> DeviceCode:
    """Get a new code from Entra.

    :raise SyncError: its class names the remedy
    """
    if not client_id:
        raise FixConfiguration(because("app_incomplete"))
    endpoint = entra_endpoint(login_root, tenant, "devicecode")
    form = {"client_id": client_id, "scope": scope}
    response = ask_entra(session, endpoint, form, None, timeouts)
    device_code, user_code = response.get("device_code"), response.get("user_code")
    if not (isinstance(device_code, str) and isinstance(user_code, str)):
        raise TryLater(because("unreadable_answer", text="no device code"))
    expires_in = response.get("expires_in")
    return DeviceCode(
        device_code,
        user_code[:50],
        _page(response.get("verification_uri")),
        min(expires_in, _DEFAULT_LIFETIME_SECONDS)
        if type(expires_in) is int and expires_in > 0
        else _DEFAULT_LIFETIME_SECONDS,
        interval_of(response.get("interval")),
    )


def redeem(
    session: Session,
    *,
    login_root: str,
    tenant: str,
    client_id: str,
    device_code: str,
    timeouts: Timeouts,
) -> Tokens:
    """Exchange a code that the person has confirmed for tokens.

    No client secret is sent: Entra counts such an app as a public client.

    :raise SyncError: not yet, or never; see :func:`~..engine.device_code.after_error`
    """
    form = {"grant_type": GRANT, "client_id": client_id, "device_code": device_code}
    endpoint = entra_endpoint(login_root, tenant, "token")
    tokens = tokens_from(
        ask_entra(session, endpoint, form, None, timeouts), old_refresh_token=""
    )
    if not tokens.refresh_token:
        raise FixConfiguration(because("no_refresh_token"))
    return tokens


def _page(value: object) -> str:
    """Return the address of Microsoft's page, if a browser may open it."""
    if not isinstance(value, str) or len(value) > 500:
        return VERIFICATION_PAGE
    try:
        parts = urlsplit(value)
    except ValueError:
        return VERIFICATION_PAGE
    is_local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    may_open = parts.scheme == "https" or (parts.scheme == "http" and is_local)
    return value if may_open and parts.hostname else VERIFICATION_PAGE
