"""HTTP handlers of Entra ID: sign-in page, token and device code endpoints."""

from __future__ import annotations

import asyncio
import html
import uuid
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from ..errors import EntraError
from ..faults import Rule
from ..identity import (
    DEVICE_INTERVAL_SECONDS,
    DEVICE_SECONDS,
    Grant,
    missing_parameter,
    parse_scopes,
)
from ..request_log import Entry
from ..service import Service
from ..store import App, Mailbox, Tenant
from ..zones import graph_instant
from .discovery import public_root
from .page import layout
from .wire import ConnectionBroken

_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


class EntraRoutes:
    """The handlers of one service.

    :param public_url: root of links; if empty, the root of the request's URL
    """

    def __init__(self, service: Service, public_url: str = "") -> None:
        self._service = service
        self._public_url = public_url

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Register the handlers."""
        router.add_get("/{tenant}/oauth2/v2.0/authorize", self.authorize)
        router.add_post("/{tenant}/oauth2/v2.0/authorize", self.authorize)
        router.add_get("/{tenant}/v2.0/adminconsent", self.admin_consent)
        router.add_post("/{tenant}/oauth2/v2.0/token", self.token)
        router.add_post("/{tenant}/oauth2/v2.0/devicecode", self.device_code)
        router.add_get("/{tenant}/oauth2/v2.0/logout", self.logout)
        router.add_get("/devicelogin", self.device_page)
        router.add_post("/devicelogin", self.device_answer)

    # -- authorize ------------------------------------------------------------------

    async def authorize(self, request: web.Request) -> web.StreamResponse:
        """Sign in: show a page to choose an account, or use ``login_hint``."""
        values: dict[str, Any] = dict(request.query)
        values.update(await request.post() if request.method == "POST" else {})
        endpoint = request.match_info["tenant"]
        identity = self._service.identity
        try:
            app = identity.app(values.get("client_id", ""), endpoint)
            tenant = identity.endpoint(endpoint, app)
            self._check_redirect(app, values.get("redirect_uri", ""))
        except EntraError as error:
            # Never redirect to an address that is not registered for the app.
            return self._error_page(error)
        try:
            return self._sign_in(request, values, app, tenant, endpoint)
        except EntraError as error:
            body = error.body(self._service.clock.now())
            names = ("error", "error_description", "error_uri")
            return self._redirect(values, {name: body[name] for name in names})

    async def admin_consent(self, request: web.Request) -> web.StreamResponse:
        """Consent for the whole tenant; each administrator agrees at once."""
        values = dict(request.query)
        endpoint = request.match_info["tenant"]
        try:
            app = self._service.identity.app(values.get("client_id", ""), endpoint)
            self._check_redirect(app, values.get("redirect_uri", ""))
        except EntraError as error:
            return self._error_page(error)
        granted = {"scope": values.get("scope", ""), "tenant": endpoint}
        return self._redirect(values, {"admin_consent": "True", **granted})

    @staticmethod
    def _check_redirect(app: App, uri: str) -> None:
        if uri not in app.redirect_uris:
            raise EntraError(
                "invalid_request",
                50011,
                f"The redirect URI '{uri}' specified in the request does not match the "
                f"redirect URIs configured for the application '{app.client_id}'.",
            )

    def _sign_in(
        self,
        request: web.Request,
        values: dict[str, Any],
        app: App,
        tenant: Tenant | None,
        endpoint: str,
    ) -> web.StreamResponse:
        scopes, openid = self._check_sign_in(values)
        mailbox = self._signed_in(values)
        if mailbox is None:
            if values.get("prompt") == "none":
                raise EntraError(
                    "login_required",
                    50058,
                    "A silent sign-in request was sent but no user is signed in.",
                )
            return self._account_page(request, values, app, tenant, endpoint)
        self._service.identity.check_account(mailbox, tenant, endpoint)
        grant = Grant(
            app,
            tenant or mailbox.tenant,
            mailbox,
            scopes,
            openid,
            values.get("nonce"),
        )
        code = self._service.identity.new_code(
            grant,
            values["redirect_uri"],
            values.get("code_challenge") or None,
            values.get("code_challenge_method") or "plain",
        )
        return self._redirect(values, {"code": code})

    @staticmethod
    def _check_sign_in(
        values: dict[str, Any],
    ) -> tuple[tuple[str, ...], frozenset[str]]:
        """Check a sign-in request, and return its scopes of Graph and of OpenID.

        :raise EntraError: wrong or missing parameters, or the user declines
        """
        if values.get("response_type") not in ("code", "code id_token"):
            raise EntraError(
                "unsupported_response_type",
                700054,
                f"response_type '{values.get('response_type', '')}' is not enabled for "
                "the application.",
            )
        if not values.get("scope"):
            raise missing_parameter("scope")
        scopes = parse_scopes(values["scope"])
        method = values.get("code_challenge_method") or "plain"
        if values.get("code_challenge") and method not in ("S256", "plain"):
            raise EntraError(
                "invalid_request", 501491, f"Invalid code_challenge_method '{method}'."
            )
        if values.get("sim_decline"):
            raise EntraError(
                "access_denied", 65004, "User declined to consent to access the app."
            )
        return scopes

    def _signed_in(self, values: dict[str, Any]) -> Mailbox | None:
        """Return the account that signs in, None if the user must choose one."""
        chosen = values.get("sim_account") or values.get("login_hint")
        return self._service.store.mailbox(chosen) if chosen else None

    @staticmethod
    def _redirect(values: dict[str, Any], result: dict[str, str]) -> web.Response:
        uri = values["redirect_uri"]
        if values.get("state") is not None:
            result["state"] = values["state"]
        result["session_state"] = str(uuid.uuid4())
        mode = values.get("response_mode") or "query"
        if mode == "form_post":
            fields = "".join(
                f'<input type="hidden" name="{html.escape(name)}" '
                f'value="{html.escape(value)}">'
                for name, value in result.items()
            )
            return web.Response(
                text=f'<form method="post" action="{html.escape(uri)}">{fields}'
                "<button>Continue</button></form>"
                "<script>document.forms[0].submit()</script>",
                content_type="text/html",
            )
        if mode == "fragment":
            location = f"{uri}#{urlencode(result)}"
        else:
            separator = "&" if urlsplit(uri).query else "?"
            location = f"{uri}{separator}{urlencode(result)}"
        return web.Response(status=302, headers={"Location": location})

    def _account_page(
        self,
        request: web.Request,
        values: dict[str, Any],
        app: App,
        tenant: Tenant | None,
        endpoint: str,
    ) -> web.Response:
        accounts = [
            mailbox
            for mailbox in self._service.store.mailboxes.values()
            if tenant is None or mailbox.tenant is tenant
        ]
        hidden = "".join(
            f'<input type="hidden" name="{html.escape(name)}" '
            f'value="{html.escape(str(value))}">'
            for name, value in values.items()
        )
        buttons = "".join(
            f'<button class="account" name="sim_account" '
            f'value="{html.escape(one.upn)}"><b>{html.escape(one.display_name)}</b>'
            f"<span>{html.escape(one.upn)}</span></button>"
            for one in accounts
        )
        hint = values.get("login_hint")
        missing = (
            f'<p class="warn">There is no account {html.escape(hint)}.</p>'
            if hint
            else ""
        )
        action = html.escape(request.path)
        body = (
            f'<main class="sign-in"><h1>Pick an account</h1>{missing}'
            f"<p>{html.escape(app.name)} would like to sign you in at "
            f"{html.escape(tenant.name if tenant else endpoint)}.</p>"
            f'<form method="post" action="{action}">{hidden}{buttons}'
            '<button class="plain" name="sim_decline" value="1">Cancel</button>'
            "</form></main>"
        )
        return web.Response(text=layout("Sign in", body), content_type="text/html")

    def _error_page(self, error: EntraError) -> web.Response:
        body = error.body(self._service.clock.now())
        text = html.escape(body["error_description"])
        page = (
            '<main class="sign-in"><h1>Sign in</h1>'
            "<p>Sorry, but we are having trouble signing you in.</p>"
            f'<p class="warn">{text}</p></main>'
        )
        return web.Response(
            status=400, text=layout("Sign in", page), content_type="text/html"
        )

    async def logout(self, request: web.Request) -> web.StreamResponse:
        """Sign out; there is no session to end."""
        target = request.query.get("post_logout_redirect_uri")
        if target:
            return web.Response(status=302, headers={"Location": target})
        return web.Response(text="You signed out of your account.")

    # -- token ----------------------------------------------------------------------

    async def token(self, request: web.Request) -> web.StreamResponse:
        """Exchange a grant for tokens."""
        return await self._logged(request, self._token)

    async def device_code(self, request: web.Request) -> web.StreamResponse:
        """Begin a device sign-in."""
        root = public_root(request, self._public_url)
        return await self._logged(request, partial(self._device_code, root))

    async def _logged(self, request: web.Request, handler: Any) -> web.StreamResponse:
        service = self._service
        loop = asyncio.get_running_loop()
        began = loop.time()
        values = dict(await request.post())
        owner = service.identity.owner_of(
            str(values.get("refresh_token") or values.get("code") or "")
        )
        upn = owner.upn if owner else None
        rules = service.faults.for_request("POST", request.path, upn)
        entry = Entry(
            n=0,
            time=graph_instant(service.clock.now()),
            mailbox=upn,
            method="POST",
            path=request.path,
            query=request.query_string,
            status=0,
            request_id="",
            client_request_id=request.headers.get("client-request-id", ""),
            body_keys=sorted(values),
            duration=0.0,
            is_write=False,
            fault=",".join(rule.fault for rule in rules) or None,
        )
        try:
            response = await self._answered(request, handler, values, rules, entry)
            entry.status = response.status
        finally:
            entry.n = service.log.next_number
            entry.duration = loop.time() - began
            service.log.add(entry)
        return response

    async def _answered(
        self,
        request: web.Request,
        handler: Any,
        values: dict[str, Any],
        rules: list[Rule],
        entry: Entry,
    ) -> web.Response:
        headers = {"Cache-Control": "no-store"}
        try:
            await self._faults(rules)
            body, mailbox = handler(request.match_info["tenant"], values)
        except EntraError as error:
            if error.retry_after is not None:
                headers["Retry-After"] = f"{error.retry_after:g}"
            body = error.body(self._service.clock.now())
            return web.json_response(body, status=error.status, headers=headers)
        entry.mailbox = mailbox.upn if mailbox else entry.mailbox
        if any(rule.fault == "answer_lost" for rule in rules):
            raise ConnectionBroken(hard=False)
        return web.json_response(body, headers=headers)

    @staticmethod
    async def _faults(rules: list[Rule]) -> None:
        for rule in rules:
            if rule.fault == "latency":
                await asyncio.sleep(rule.seconds if rule.seconds is not None else 1.0)
            elif rule.fault == "timeout":
                await asyncio.sleep(60.0 if rule.seconds is None else rule.seconds)
                raise ConnectionBroken(hard=False)
            elif rule.fault == "reset":
                raise ConnectionBroken(hard=True)
            elif rule.fault == "token_revoked":
                raise EntraError(
                    "invalid_grant", 50173, "The provided grant has been revoked."
                )
            elif rule.fault == "token_error":
                word = rule.error or "temporarily_unavailable"
                numbers = {"interaction_required": 50076, "invalid_grant": 70000}
                raise EntraError(word, numbers.get(word, 90033), "Simulated.")
            elif rule.fault in ("throttle", "unavailable", "server_error"):
                status = {"throttle": 429, "unavailable": 503}.get(rule.fault, 500)
                error = EntraError(
                    "temporarily_unavailable", 90033, "Simulated.", status
                )
                error.retry_after = rule.retry_after
                raise error

    def _token(
        self, endpoint: str, values: dict[str, Any]
    ) -> tuple[dict[str, Any], Mailbox | None]:
        identity = self._service.identity
        kind = values.get("grant_type")
        if not kind:
            raise missing_parameter("grant_type")
        app = identity.app(values.get("client_id", ""), endpoint)
        tenant = identity.endpoint(endpoint, app)
        secret = values.get("client_secret")
        if kind == "authorization_code":
            identity.check_secret(app, secret)
            grant = identity.redeem_code(
                app,
                _needed(values, "code"),
                _needed(values, "redirect_uri"),
                values.get("code_verifier"),
            )
        elif kind == "refresh_token":
            text = _needed(values, "refresh_token")
            if identity.is_of_public_flow(text):
                identity.check_public_secret(app, secret)
            else:
                identity.check_secret(app, secret)
            grant = identity.refresh(app, text, values.get("scope"))
        elif kind == _DEVICE_GRANT:
            identity.check_public_secret(app, secret)
            grant = identity.poll_device_code(app, _needed(values, "device_code"))
        elif kind == "client_credentials":
            identity.check_secret(app, secret)
            grant = self._app_grant(app, tenant, _needed(values, "scope"))
        else:
            raise EntraError(
                "unsupported_grant_type",
                70003,
                f"The app requested an unsupported grant type '{kind}'.",
            )
        if tenant is not None and grant.tenant is not tenant:
            raise EntraError(
                "invalid_grant",
                70000,
                "The provided grant was issued for another tenant.",
            )
        client_info = values.get("client_info") == "1"
        return identity.tokens(grant, client_info=client_info), grant.mailbox

    @staticmethod
    def _app_grant(app: App, tenant: Tenant | None, scope: str) -> Grant:
        if tenant is None:
            raise EntraError(
                "invalid_request",
                53003,
                "Client credentials need the endpoint of a tenant.",
            )
        if not app.app_only or app.is_public:
            raise EntraError(
                "unauthorized_client",
                700027,
                "The application has no permissions of its own.",
            )
        if not scope.endswith("/.default") or " " in scope:
            raise EntraError(
                "invalid_scope",
                1002012,
                f"The provided value for scope {scope} is not valid. Client credential "
                "flows must have a scope value with /.default suffixed to the resource "
                "identifier.",
            )
        return Grant(app, tenant, None, (".default",))

    # -- device code ----------------------------------------------------------------

    def _device_code(
        self, root: str, endpoint: str, values: dict[str, Any]
    ) -> tuple[dict[str, Any], None]:
        identity = self._service.identity
        app = identity.app(values.get("client_id", ""), endpoint)
        tenant = identity.endpoint(endpoint, app)
        code = identity.new_device_code(app, tenant, _needed(values, "scope"))
        user_code = identity.device_codes[code].user_code
        uri = f"{root}/devicelogin"
        return {
            "user_code": user_code,
            "device_code": code,
            "verification_uri": uri,
            "expires_in": DEVICE_SECONDS,
            "interval": DEVICE_INTERVAL_SECONDS,
            "message": "To sign in, use a web browser to open the page "
            f"{uri} and enter the code {user_code} to authenticate.",
        }, None

    async def device_page(self, request: web.Request) -> web.StreamResponse:
        """Show the form for a user code."""
        code = html.escape(request.query.get("user_code", ""))
        options = "".join(
            f'<option value="{html.escape(one.upn)}">{html.escape(one.display_name)}'
            for one in self._service.store.mailboxes.values()
        )
        body = (
            '<main class="sign-in"><h1>Enter code</h1><form method="post">'
            f'<label>Code <input name="user_code" value="{code}" required></label>'
            f'<label>Account <select name="account">{options}</select></label>'
            "<button>Allow</button>"
            '<button class="plain" name="decline" value="1">Decline</button>'
            "</form></main>"
        )
        return web.Response(text=layout("Enter code", body), content_type="text/html")

    async def device_answer(self, request: web.Request) -> web.StreamResponse:
        """Handle the user's decision about a device sign-in."""
        values = await request.post()
        mailbox = self._service.store.mailbox(str(values.get("account", "")))
        is_declined = "decline" in values
        is_known = (mailbox is not None or is_declined) and (
            self._service.identity.answer_device_code(
                str(values.get("user_code", "")), None if is_declined else mailbox
            )
        )
        text = "You may close this page." if is_known else "That code didn't work."
        body = f'<main class="sign-in"><h1>Sign in</h1><p>{text}</p></main>'
        status = 200 if is_known else 400
        page = layout("Sign in", body)
        return web.Response(status=status, text=page, content_type="text/html")


def _needed(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    if not value:
        raise missing_parameter(name)
    return str(value)
