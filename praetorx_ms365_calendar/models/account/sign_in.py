import logging
import re
import secrets
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from odoo import models
from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import hash_sign, verify_hash_signed

from ...const import CALLBACK_ROUTE, HOME, STATE_PREFIX
from ...engine.errors import FixConfiguration, SyncError
from ...engine.graph_errors import error_from_token_response
from ...engine.reasons import because
from ...engine.sign_in import SignInStep
from ...graph import auth
from ...graph.transport import Timeouts, new_session
from ...wording import advice_of, advice_with_details

_logger = logging.getLogger(__name__)


_SCOPE = "praetorx-ms365-sign-in"
_SESSION_KEY = "praetorx_ms365_sign_ins"
_LIFETIME = timedelta(minutes=15)
#: Each opening of a calendar that is not connected begins one.
_MAX_PENDING = 5
#: A person waits for it.
SIGN_IN_TIMEOUTS = Timeouts(connect_seconds=5, read_seconds=10, total_seconds=15)
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\]")


class PendingSignIn(NamedTuple):
    """A sign-in that this browser session has begun."""

    code_verifier: str
    redirect_uri: str
    return_to: str
    scope: str = auth.SCOPES


class PraetorxMs365SignIn(models.AbstractModel):
    """The way to Microsoft's sign-in page and back.

    The state is signed, expires, names the user, and works once, in the browser session
    that has begun: nobody can slip their own mailbox or another address into it.
    """

    _name = "praetorx.ms365.sign.in"
    _description = "Microsoft 365 Sign-In"

    def _begin(self, return_to: str, *, other_account: bool = False) -> str:
        """Return the address of Microsoft's page for the current user.

        :param return_to: where to come back to; only the client of this server counts
        :param other_account: let the person choose another account than the last one
        :raise UserError: there is no Azure app, or its settings cannot be right
        """
        if not request:
            raise UserError(self.env._("Signing in needs a browser."))
        user = self.env.user
        account = self.env["praetorx.ms365.account"].sudo()._ensure(user)
        registration = self._app_of(account)
        verifier, challenge = auth.pkce_pair(secrets.token_bytes(48))
        redirect_uri = self._redirect_uri()
        scope = account._scopes_to_ask()
        is_connected = account.state != "signed_out"
        hint = is_connected and not other_account and account.mailbox_address
        nonce = secrets.token_urlsafe(32)
        try:
            url = auth.authorize_url(
                registration.login_root,
                registration.tenant,
                registration.client_id,
                redirect_uri,
                scope,
                STATE_PREFIX
                + hash_sign(
                    self.env(su=True), _SCOPE, [nonce, user.id], expiration=_LIFETIME
                ),
                challenge,
                login_hint=hint or None,
                prompt=None if hint else "select_account",
            )
        except FixConfiguration as error:
            raise UserError(self._describe_error(error))
        pending = PendingSignIn(
            verifier, redirect_uri, self._local_page(return_to), scope
        )
        others = list(request.session.get(_SESSION_KEY, {}).items())
        # A new dict: the session does not notice changes inside of one.
        request.session[_SESSION_KEY] = {
            **dict(others[1 - _MAX_PENDING :]),
            nonce: list(pending),
        }
        return url

    def _app_of(self, account):
        """Return the Azure app to sign in with.

        :raise UserError: there is none
        """
        registration = account._app_registration()
        if not registration.client_id:
            raise UserError(
                self.env._("An administrator has to set up the Azure app first.")
            )
        return registration

    def _redirect_uri(self) -> str:
        """Return the address that Microsoft leads back to, as this person sees it."""
        root = request.httprequest.url_root if request else self.get_base_url()
        return root.rstrip("/") + CALLBACK_ROUTE

    def _begin_by_button(self, return_to, *, other_account=False):
        """Return the action that leads to Microsoft's page; see :meth:`_begin`."""
        url = self._begin(return_to, other_account=other_account)
        self.env.user.sudo().ms365_account_ids.sign_in_problem = False
        return {"type": "ir.actions.act_url", "url": url, "target": "self"}

    def _pop_pending(self, state: str) -> PendingSignIn | None:
        """Return the sign-in that this state belongs to, and forget it.

        :return: None if this session and user have not begun it, if it was used
            already, has expired, or was not signed by this database
        """
        try:
            signed = state.removeprefix(STATE_PREFIX)
            values = verify_hash_signed(self.env(su=True), _SCOPE, signed)
        except (ValueError, IndexError):
            return None
        if not values:
            return None
        nonce, user_id = values
        pending = dict(request.session.get(_SESSION_KEY, {}))
        found = pending.pop(nonce, None)
        if found is None or user_id != self.env.uid:
            return None
        request.session[_SESSION_KEY] = pending
        return PendingSignIn(*found)

    def _finish(self, pending: PendingSignIn, code: str) -> SignInStep:
        """Turn the code into tokens, and connect the mailbox that they open.

        :return: see :meth:`_accept`

        :raise UserError: readable; nothing was changed
        """
        account = self.env["praetorx.ms365.account"].sudo()._ensure(self.env.user)
        if not account.enabled:
            raise UserError(self.env._("The sync was switched off meanwhile."))
        registration = account._app_registration()
        try:
            with new_session(pool_size=1) as session:
                tokens = auth.redeem_code(
                    session,
                    **registration._asdict(),
                    redirect_uri=pending.redirect_uri,
                    code=code,
                    code_verifier=pending.code_verifier,
                    scope=pending.scope,
                    timeouts=SIGN_IN_TIMEOUTS,
                )
        except SyncError as error:
            _logger.info(
                "Microsoft 365: sign-in of user %s failed: %s", self.env.uid, error
            )
            raise UserError(self._describe_error(error))
        return self._accept(account, tokens, registration.client_id, pending.scope)

    def _refusal(self, error_code: str) -> str:
        """Describe the error that Microsoft's page returned instead of a code.

        :param error_code: the ``error`` of the redirect, from outside
        """
        if error_code == "access_denied":
            return self.env._(
                "Your mailbox was not connected. %(why)s",
                why=advice_of(self.env, because("consent_declined")),
            )
        error = error_from_token_response(400, {}, {"error": error_code})
        return self._describe_error(error)

    def _describe_error(self, error: SyncError) -> str:
        return advice_with_details(self.env, error.reason)

    def _local_page(self, url: str | None) -> str:
        """Return the page of the web client that a URL names; its home for any other.

        Never a page elsewhere, and none that leads elsewhere.
        """
        url = url or ""
        if len(url) > 2000 or _UNSAFE.search(url):
            return HOME
        try:
            parts = urlsplit(url)
        except ValueError:
            return HOME
        here = not parts.netloc or (
            parts.scheme in ("http", "https")
            and parts.netloc == request.httprequest.host
        )
        in_client = parts.path in ("/odoo", "/web") or parts.path.startswith("/odoo/")
        # Browsers resolve dots, encoded ones too: they would lead out of the client.
        climbs = {".", ".."} & set(unquote(parts.path).split("/"))
        if not here or not in_client or climbs:
            return HOME
        return parts._replace(scheme="", netloc="").geturl()
