"""The rules of Entra ID without HTTP: sign-in sessions, codes, tokens, revocation."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .clock import Clock
from .errors import EntraError, GraphError, invalid_token
from .options import Options
from .signing import SigningKey
from .store import CONSUMER_TENANT, App, Mailbox, Store, Tenant

GRAPH = "https://graph.microsoft.com/"
_OPENID = frozenset(("openid", "profile", "email", "offline_access"))
#: Delegated permissions that an app may request: lower case -> official spelling.
SCOPES = {
    name.lower(): name
    for name in (
        "User.Read",
        "Calendars.Read",
        "Calendars.ReadBasic",
        "Calendars.ReadWrite",
        "Calendars.Read.Shared",
        "Calendars.ReadWrite.Shared",
        "MailboxSettings.Read",
        "MailboxSettings.ReadWrite",
        "OnlineMeetings.ReadWrite",
        ".default",
    )
}
CODE_MINUTES = 10
DEVICE_SECONDS = 900
DEVICE_INTERVAL_SECONDS = 5


@dataclass
class Grant:
    """The permissions of an app: given by a user, or its own."""

    app: App
    tenant: Tenant
    mailbox: Mailbox | None
    scopes: tuple[str, ...]
    openid: frozenset[str] = frozenset()
    nonce: str | None = None
    is_revoked: bool = False
    by_device_code: bool = False


@dataclass
class AccessToken:
    """A bearer token for Graph."""

    grant: Grant
    expires: datetime
    is_revoked: bool = False

    @property
    def app(self) -> App:
        """Return the app that has the token."""
        return self.grant.app

    @property
    def mailbox(self) -> Mailbox | None:
        """Return the signed-in user, ``None`` for an app-only token."""
        return self.grant.mailbox

    def allows(self, *scopes: str) -> bool:
        """Return True if one of the scopes was granted; an app-only token has all."""
        return self.mailbox is None or any(
            scope in self.grant.scopes for scope in scopes
        )


@dataclass
class RefreshToken:
    """A refresh token; using one does not revoke it."""

    grant: Grant
    issued: datetime
    last_used: datetime
    is_revoked: bool = False


@dataclass
class Code:
    """An authorization code."""

    grant: Grant
    redirect_uri: str
    expires: datetime
    challenge: str | None
    challenge_method: str
    is_redeemed: bool = False


@dataclass
class DeviceCode:
    """A device sign-in in progress; ``state`` is pending, approved or declined."""

    app: App
    tenant: Tenant | None
    scope: str
    user_code: str
    expires: datetime
    state: str = "pending"
    grant: Grant | None = None
    last_poll: datetime | None = None


def parse_scopes(text: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """Split a ``scope`` parameter into scopes of Graph and scopes of OpenID.

    :raise EntraError: ``invalid_scope`` for an unknown name
    """
    scopes, openid = [], set()
    for word in text.split():
        if word in _OPENID:
            openid.add(word)
            continue
        name = word
        if "://" in word:
            host, _slash, name = word.rpartition("/")
            if "graph" not in host and not host.startswith("http"):
                raise _invalid_scope(word)
        if name.lower() not in SCOPES:
            raise _invalid_scope(word)
        scopes.append(SCOPES[name.lower()])
    # Every token has all permissions of the consent, and User.Read is always one.
    if "User.Read" not in scopes:
        scopes.append("User.Read")
    return tuple(dict.fromkeys(scopes)), frozenset(openid)


def _invalid_scope(word: str) -> EntraError:
    return EntraError(
        "invalid_scope",
        70011,
        "The provided request must include a 'scope' input parameter. The provided "
        f"value for the input parameter 'scope' is not valid. The scope {word} is not "
        "valid.",
    )


@dataclass
class Identity:
    """Tokens and codes of all tenants."""

    store: Store
    clock: Clock
    options: Options
    access_tokens: dict[str, AccessToken] = field(default_factory=dict)
    refresh_tokens: dict[str, RefreshToken] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    device_codes: dict[str, DeviceCode] = field(default_factory=dict)
    signing_key: SigningKey = field(default_factory=SigningKey, repr=False)
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def clear(self) -> None:
        """Delete all tokens and codes."""
        self.access_tokens.clear()
        self.refresh_tokens.clear()
        self.codes.clear()
        self.device_codes.clear()

    # -- endpoints and registrations ------------------------------------------------

    def endpoint(self, name: str, app: App) -> Tenant | None:
        """Resolve the tenant part of a URL for an app.

        :return: the tenant, or ``None`` for a shared endpoint
        :raise EntraError: AADSTS90002, 50194 or 700016
        """
        if name in ("common", "organizations", "consumers"):
            if not app.is_multi_tenant:
                raise EntraError(
                    "invalid_request",
                    50194,
                    f"Application '{app.client_id}'({app.name}) is not configured as a "
                    "multi-tenant application. Usage of the /common endpoint is not "
                    "supported for such apps created after '10/15/2018'. Use a "
                    "tenant-specific endpoint or configure the application to be "
                    "multi-tenant.",
                )
            return None
        tenant = self.tenant(name)
        if not app.is_multi_tenant and tenant.id != app.tenant_id:
            raise self._unknown_app(app.client_id, name)
        return tenant

    def tenant(self, name: str) -> Tenant:
        """Return a tenant.

        :raise EntraError: AADSTS90002
        """
        tenant = self.store.tenant(name)
        if tenant is None:
            raise EntraError(
                "invalid_request",
                90002,
                f"Tenant '{name}' not found. Check to make sure you have the correct "
                "tenant ID and are signing into the correct cloud.",
            )
        return tenant

    def app(self, client_id: str, endpoint: str) -> App:
        """Return an app registration.

        :raise EntraError: AADSTS90014 without an id, 700016 for an unknown id
        """
        if not client_id:
            raise missing_parameter("client_id")
        app = self.store.apps.get(client_id)
        if app is None:
            raise self._unknown_app(client_id, endpoint)
        return app

    @staticmethod
    def _unknown_app(client_id: str, endpoint: str) -> EntraError:
        return EntraError(
            "unauthorized_client",
            700016,
            f"Application with identifier '{client_id}' was not found in the directory "
            f"'{endpoint}'.",
        )

    def check_public_secret(self, app: App, secret: str | None) -> None:
        """Check the secret of a device sign-in: none is needed for a public flow.

        :raise EntraError: see :meth:`check_secret`
        """
        if secret or not app.allows_public_flows:
            self.check_secret(app, secret)

    def check_secret(self, app: App, secret: str | None) -> None:
        """Check a client secret; a public client must not send one.

        :raise EntraError: AADSTS700025, 7000218, 7000215 or 7000222
        """
        if app.is_public:
            if secret:
                raise EntraError(
                    "invalid_client",
                    700025,
                    "Client is public so neither 'client_assertion' nor "
                    "'client_secret' should be presented.",
                    status=401,
                )
            return
        if not secret:
            raise EntraError(
                "invalid_client",
                7000218,
                "The request body must contain the following parameter: "
                "'client_assertion' or 'client_secret'.",
                status=401,
            )
        for known, expires in app.secrets.items():
            if hmac.compare_digest(known.encode(), secret.encode()):
                if expires is not None and expires <= self.clock.now():
                    raise EntraError(
                        "invalid_client",
                        7000222,
                        "The provided client secret keys for app "
                        f"'{app.client_id}' are expired.",
                        status=401,
                    )
                return
        raise EntraError(
            "invalid_client",
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the "
            "request is the client secret value, not the client secret ID, for a "
            f"secret added to app '{app.client_id}'.",
            status=401,
        )

    def check_account(
        self, mailbox: Mailbox, tenant: Tenant | None, endpoint: str
    ) -> None:
        """Check that an account may sign in at an endpoint.

        :raise EntraError: AADSTS50020, or the error that is set on the account
        """
        if mailbox.sign_in_error is not None:
            error, number, text = mailbox.sign_in_error
            raise EntraError(error, number, text)
        is_outside = tenant is not None and mailbox.tenant.id != tenant.id
        is_wrong_kind = (endpoint == "consumers") != mailbox.is_personal and (
            endpoint in ("consumers", "organizations")
        )
        if is_outside or is_wrong_kind:
            raise EntraError(
                "access_denied",
                50020,
                f"User account '{mailbox.upn}' from identity provider does not exist "
                "in tenant and cannot access the application in that tenant.",
            )

    # -- codes and tokens -----------------------------------------------------------

    def new_code(
        self,
        grant: Grant,
        redirect_uri: str,
        challenge: str | None,
        challenge_method: str,
    ) -> str:
        """Create an authorization code."""
        code = f"1.A{secrets.token_urlsafe(48)}"
        expires = self.clock.now() + timedelta(minutes=CODE_MINUTES)
        self.codes[code] = Code(
            grant, redirect_uri, expires, challenge, challenge_method
        )
        return code

    def redeem_code(
        self, app: App, text: str, redirect_uri: str, verifier: str | None
    ) -> Grant:
        """Redeem an authorization code; it works once.

        :raise EntraError: ``invalid_grant`` and its AADSTS number
        """
        code = self.codes.get(text)
        if code is None or code.grant.app is not app:
            raise _invalid_grant(70000, "The provided authorization code is invalid.")
        if code.is_redeemed:
            raise _invalid_grant(
                54005, "OAuth2 Authorization code was already redeemed."
            )
        if code.expires <= self.clock.now():
            raise _invalid_grant(
                70008, "The provided authorization code has expired due to inactivity."
            )
        if code.redirect_uri != redirect_uri:
            raise EntraError(
                "invalid_grant",
                50011,
                f"The redirect URI '{redirect_uri}' does not match the one used to "
                "request the code.",
            )
        self._check_verifier(code, verifier)
        code.is_redeemed = True
        return code.grant

    @staticmethod
    def _check_verifier(code: Code, verifier: str | None) -> None:
        if code.challenge is None:
            return
        made = verifier or ""
        if code.challenge_method == "S256":
            digest = hashlib.sha256(made.encode()).digest()
            made = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        too_short = len(verifier or "") < 43
        if too_short or not hmac.compare_digest(made, code.challenge):
            raise _invalid_grant(
                501481,
                "The Code_Verifier does not match the code_challenge supplied in the "
                "authorization request.",
            )

    def refresh(self, app: App, text: str, scope: str | None) -> Grant:
        """Check a refresh token; it stays valid.

        :raise EntraError: ``invalid_grant``, ``invalid_scope``, or the error that is
            set on the account
        """
        token = self.refresh_tokens.get(text)
        if token is None or token.grant.app.client_id != app.client_id:
            raise _invalid_grant(
                9002313, "Invalid request. Request is malformed or invalid."
            )
        if token.is_revoked or token.grant.is_revoked:
            raise _invalid_grant(
                50173,
                "The provided grant has expired due to it being revoked, a fresh auth "
                "token is needed.",
            )
        now = self.clock.now()
        limit = timedelta(days=self.options.refresh_token_days)
        if now - token.last_used > limit:
            raise _invalid_grant(
                700082,
                "The refresh token has expired due to inactivity. The token was "
                f"issued on {token.issued.isoformat()} and was inactive for "
                f"{limit.days}.00:00:00.",
            )
        mailbox = token.grant.mailbox
        if mailbox is not None and mailbox.sign_in_error is not None:
            error, number, reason = mailbox.sign_in_error
            raise EntraError(error, number, reason)
        token.last_used = now
        if scope:
            wanted, _openid = parse_scopes(scope)
            if not set(wanted) <= {*token.grant.scopes, "User.Read", ".default"}:
                raise EntraError(
                    "invalid_grant",
                    65001,
                    "The user or administrator has not consented to use the "
                    f"application with ID '{app.client_id}'.",
                    extra={"suberror": "consent_required"},
                )
        return token.grant

    def tokens(self, grant: Grant, *, client_info: bool = False) -> dict[str, Any]:
        """Create tokens, and return the body of the token response.

        :param client_info: add the ids of the account; MSAL requests them
        """
        now = self.clock.now()
        seconds = self.options.access_token_seconds
        access = self._jwt(grant, {"scp": " ".join(grant.scopes)}, GRAPH)
        expires = now + timedelta(seconds=seconds)
        self.access_tokens[access] = AccessToken(grant, expires)
        names = [name for name in grant.scopes if name != ".default"]
        answer: dict[str, Any] = {
            "token_type": "Bearer",
            "scope": " ".join(GRAPH + name for name in names),
            "expires_in": seconds,
            "ext_expires_in": seconds,
            "access_token": access,
        }
        if grant.mailbox is None:
            del answer["scope"]
            return answer
        if "offline_access" in grant.openid:
            refresh = f"1.B{secrets.token_urlsafe(96)}"
            self.refresh_tokens[refresh] = RefreshToken(grant, now, now)
            answer["refresh_token"] = refresh
        if "openid" in grant.openid:
            claims = {"nonce": grant.nonce} if grant.nonce else {}
            body = self._claims(grant, claims, grant.app.client_id)
            answer["id_token"] = self.signing_key.sign(body)
        if client_info:
            ids = {"uid": grant.mailbox.id, "utid": grant.mailbox.tenant.id}
            answer["client_info"] = _segment(ids)
        return answer

    def access_token(self, header: str | None) -> AccessToken:
        """Check an ``Authorization`` header.

        :raise GraphError: 401
        """
        scheme, _blank, text = (header or "").partition(" ")
        if scheme.lower() != "bearer" or not text:
            raise invalid_token("Access token is empty.")
        token = self.access_tokens.get(text)
        if token is None:
            if "." not in text:
                raise invalid_token(
                    "IDX14100: JWT is not well formed, there are no dots (.)."
                )
            raise invalid_token("Access token validation failure. Invalid signature.")
        if token.is_revoked or token.grant.is_revoked:
            raise _challenge()
        if token.expires <= self.clock.now():
            raise invalid_token("Access token has expired or is not yet valid.")
        return token

    def owner_of(self, text: str) -> Mailbox | None:
        """Return the mailbox of a refresh token or an authorization code."""
        holder = self.refresh_tokens.get(text) or self.codes.get(text)
        return holder.grant.mailbox if holder else None

    def is_of_public_flow(self, text: str) -> bool:
        """Return True if a refresh token is of a sign-in by device code."""
        token = self.refresh_tokens.get(text)
        return token is not None and token.grant.by_device_code

    def revoke(self, mailbox: Mailbox, *, access: bool, refresh: bool) -> int:
        """Revoke the tokens of a user, and return their number."""
        revoked = 0
        if refresh:
            for token in self.refresh_tokens.values():
                if token.grant.mailbox is mailbox and not token.is_revoked:
                    token.is_revoked = True
                    revoked += 1
        if access:
            for access_token in self.access_tokens.values():
                if access_token.mailbox is mailbox and not access_token.is_revoked:
                    access_token.is_revoked = True
                    revoked += 1
        return revoked

    # -- device code ----------------------------------------------------------------

    def new_device_code(self, app: App, tenant: Tenant | None, scope: str) -> str:
        """Begin a device sign-in, and return the device code."""
        parse_scopes(scope)
        alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
        user_code = "".join(secrets.choice(alphabet) for _number in range(8))
        code = f"G{secrets.token_urlsafe(60)}"
        expires = self.clock.now() + timedelta(seconds=DEVICE_SECONDS)
        self.device_codes[code] = DeviceCode(app, tenant, scope, user_code, expires)
        return code

    def answer_device_code(self, user_code: str, mailbox: Mailbox | None) -> bool:
        """Approve a device sign-in as a user, or decline it with ``None``."""
        for device in self.device_codes.values():
            if device.user_code != user_code.upper() or device.state != "pending":
                continue
            if mailbox is None:
                device.state = "declined"
                return True
            scopes, openid = parse_scopes(device.scope)
            tenant = device.tenant or mailbox.tenant
            device.grant = Grant(
                device.app, tenant, mailbox, scopes, openid, by_device_code=True
            )
            device.state = "approved"
            return True
        return False

    def poll_device_code(self, app: App, text: str) -> Grant:
        """Return the grant of a device sign-in if the user has approved it.

        :raise EntraError: the error codes of the polling protocol
        """
        device = self.device_codes.get(text)
        if device is None or device.app is not app:
            raise EntraError(
                "bad_verification_code", 70018, "Invalid verification code."
            )
        now = self.clock.now()
        if device.expires <= now:
            raise EntraError(
                "expired_token", 70019, "Verification code expired before use."
            )
        if device.state == "declined":
            raise EntraError(
                "authorization_declined",
                70017,
                "The end user declined the authorization request.",
            )
        if device.grant is None:
            last, device.last_poll = device.last_poll, now
            if last is not None and (now - last).total_seconds() < 1:
                raise EntraError("slow_down", 70016, "Polling too fast.")
            raise EntraError(
                "authorization_pending",
                70016,
                "OAuth 2.0 device flow error. Authorization is pending. Continue "
                "polling.",
            )
        del self.device_codes[text]
        return device.grant

    def _claims(
        self, grant: Grant, claims: dict[str, Any], audience: str
    ) -> dict[str, Any]:
        now = int(self.clock.now().timestamp())
        mailbox = grant.mailbox
        body = {
            "aud": audience,
            "iss": f"https://login.microsoftonline.com/{grant.tenant.id}/v2.0",
            "iat": now,
            "nbf": now,
            "exp": now + self.options.access_token_seconds,
            "tid": grant.tenant.id,
            "uti": secrets.token_urlsafe(12),
            "ver": "2.0",
            **claims,
        }
        if mailbox is not None:
            body |= {
                "oid": mailbox.id,
                "sub": mailbox.id,
                "name": mailbox.display_name,
                "preferred_username": mailbox.upn,
                "email": mailbox.address,
            }
        return body

    def _jwt(self, grant: Grant, claims: dict[str, Any], audience: str) -> str:
        body = self._claims(grant, claims, audience)
        head = _segment({"typ": "JWT", "alg": "HS256"})
        signed = f"{head}.{_segment(body)}"
        signature = hmac.new(self._key, signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def _segment(value: dict[str, Any]) -> str:
    text = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def _invalid_grant(number: int, text: str) -> EntraError:
    return EntraError("invalid_grant", number, text)


def missing_parameter(name: str) -> EntraError:
    """Return the error for a missing parameter."""
    return EntraError(
        "invalid_request",
        900144,
        f"The request body must contain the following parameter: '{name}'.",
    )


def _challenge() -> GraphError:
    error = invalid_token(
        "Continuous access evaluation resulted in challenge with result: "
        "InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp"
    )
    error.headers["WWW-Authenticate"] += (
        ', error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="'
    )
    return error


def consumer_tenant(store: Store) -> Tenant:
    """Return the tenant of personal accounts; create it if needed."""
    tenant = store.tenants.get(CONSUMER_TENANT)
    return tenant or store.add_tenant("consumers", CONSUMER_TENANT, ["outlook.com"])
