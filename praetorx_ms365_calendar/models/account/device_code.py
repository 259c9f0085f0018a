import hashlib
import logging
import secrets
from datetime import timedelta
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.http import request

from odoo.addons.praetorx_base.exceptions import UnreadableSecret
from odoo.addons.praetorx_base.fields import EncryptedChar

from ...engine.device_code import AskAgain, after_error
from ...engine.errors import SyncError
from ...engine.reasons import read_reason
from ...graph import device_code
from ...graph.transport import new_session
from .sign_in import SIGN_IN_TIMEOUTS

_logger = logging.getLogger(__name__)

_SESSION_KEY = "praetorx_ms365_device_code"
#: How the last code of a session led to a sign-in.
_END_KEY = "praetorx_ms365_device_code_end"


class PraetorxMs365DeviceCode(models.Model):
    """A sign-in by code that a user has begun: one for each user.

    It belongs to the browser session that has begun it. Nobody can finish it with
    another session, not even the same user.
    """

    _name = "praetorx.ms365.device.code"
    _description = "Microsoft 365 Sign-In by Code"
    _inherit = ["praetorx.ms365.expiring", "praetorx.ms365.bookkeeping"]
    _rec_name = "account_id"

    account_id = fields.Many2one(
        "praetorx.ms365.account", required=True, ondelete="cascade", readonly=True
    )
    device_code = EncryptedChar(groups=fields.NO_ACCESS)
    user_code_secret = EncryptedChar(groups=fields.NO_ACCESS)
    session_hash = fields.Char(
        required=True, readonly=True, copy=False, groups=fields.NO_ACCESS
    )
    verification_page = fields.Char(readonly=True)
    client_id = fields.Char("Client ID", readonly=True)
    scope = fields.Char(readonly=True)
    interval_seconds = fields.Integer(readonly=True)
    next_poll_at = fields.Datetime(required=True, readonly=True)

    _account_unique = models.Constraint(
        "UNIQUE (account_id)", "This user signs in by a code already."
    )

    def _seconds_until(self, moment):
        return max(int((moment - fields.Datetime.now()).total_seconds()), 0)

    def _described(self):
        """Return the code with its times, for the dialog of its user."""
        self.ensure_one()
        return {
            "state": "waiting",
            "user_code": self.user_code_secret,
            "page": self.verification_page,
            "seconds_left": self._seconds_until(self.expires_at),
            "poll_in": self._seconds_until(self.next_poll_at) + 1,
        }


class PraetorxMs365SignIn(models.AbstractModel):
    """Sign in with a code: for servers and devices that Microsoft cannot redirect to.

    The client of the user polls, with one short request for each interval. So no
    process of the server waits for the person.
    """

    _inherit = "praetorx.ms365.sign.in"

    @api.model
    def begin_by_code(self) -> dict[str, Any]:
        """Return the code that the current user has to enter at Microsoft.

        The code of this session is returned again while it is valid.

        :raise UserError: there is no Azure app, or Microsoft gives no code
        """
        account = self._account_for_code()
        registration = self._app_of(account)
        known = self._code_of_session(account)
        if known._open() and known.client_id == registration.client_id:
            return known._described()
        scope = account._scopes_to_ask()
        try:
            with new_session(pool_size=1) as session:
                begun = device_code.begin(
                    session,
                    login_root=registration.login_root,
                    tenant=registration.tenant,
                    client_id=registration.client_id,
                    scope=scope,
                    timeouts=SIGN_IN_TIMEOUTS,
                )
        except SyncError as error:
            self._log_code_error(error)
            raise UserError(self._describe_code_error(error)) from error
        return self._keep_code(account, begun, registration.client_id, scope)

    @api.model
    def poll_code(self) -> dict[str, Any]:
        """Ask Microsoft once if the current user has entered the code of this session.

        :return: ``state`` is ``waiting``, ``done``, ``ask`` (see
            :meth:`_accept`) or ``over`` with a message
        """
        account = self._account_for_code()
        code = self._code_of_session(account)
        if not code and (end := request.session.get(_END_KEY)):
            return {"state": end}  # the last answer did not arrive
        if not code._open():
            words = self._describe_end("expired" if code else "unknown")
            code.unlink()
            return {"state": "over", "message": words}
        is_due = code.next_poll_at <= fields.Datetime.now()
        if not is_due or not code.try_lock_for_update():
            return code._described()
        try:
            tokens = self._redeem_code(account, code)
        except UnreadableSecret:
            code.unlink()
            return {"state": "over", "message": self._describe_end("unknown")}
        except SyncError as error:
            return self._wait_or_stop(code, error)
        return self._connect_by_code(account, code, tokens)

    def _redeem_code(self, account, code):
        """Exchange a code for tokens.

        :raise SyncError: not yet, or never
        :raise UnreadableSecret: the encryption key of the code is missing
        """
        registration = account._app_registration()
        with new_session(pool_size=1) as session:
            return device_code.redeem(
                session,
                login_root=registration.login_root,
                tenant=registration.tenant,
                client_id=code.client_id,
                device_code=code.device_code or "",
                timeouts=SIGN_IN_TIMEOUTS,
            )

    @api.model
    def cancel_code(self) -> None:
        """Forget the code of this session."""
        self._code_of_session(self._account_for_code()).unlink()
        request.session.pop(_SESSION_KEY, None)
        request.session.pop(_END_KEY, None)

    def _account_for_code(self):
        """Return the account of the current user.

        :raise UserError: there is no browser session, or the user may not sync
        """
        if not request:
            raise UserError(self.env._("Signing in needs a browser."))
        account = self.env["praetorx.ms365.account"].sudo()._ensure(self.env.user)
        account.user_id._ms365_check_internal()
        if not account.enabled:
            raise UserError(
                self.env._("Switch on “Sync with Microsoft 365” in your preferences.")
            )
        return account

    def _code_of_session(self, account):
        """Return the code that this user has begun in this session, if any."""
        secret = request.session.get(_SESSION_KEY) or ""
        return account.device_code_ids.filtered(
            lambda code: secret and code.session_hash == _hash(secret)
        )

    def _keep_code(self, account, begun, client_id, scope):
        """Store a new code in the place of an older one, and return it."""
        secret = secrets.token_urlsafe(32)
        request.session[_SESSION_KEY] = secret
        request.session.pop(_END_KEY, None)
        now = fields.Datetime.now()
        account.device_code_ids.unlink()
        account.sign_in_problem = False
        code = account.device_code_ids.create(
            {
                "account_id": account.id,
                "device_code": begun.device_code,
                "user_code_secret": begun.user_code,
                "session_hash": _hash(secret),
                "verification_page": begun.verification_page,
                "client_id": client_id,
                "scope": scope,
                "interval_seconds": begun.interval,
                "next_poll_at": now + timedelta(seconds=begun.interval),
                "expires_at": now + timedelta(seconds=begun.expires_in),
            }
        )
        return code._described()

    def _wait_or_stop(self, code, error):
        """Ask again later, or end the code with the reason in words."""
        step = after_error(error, code.interval_seconds)
        if isinstance(step, AskAgain):
            wait = timedelta(seconds=step.interval_seconds)
            code.write(
                {
                    "interval_seconds": step.interval_seconds,
                    "next_poll_at": fields.Datetime.now() + wait,
                }
            )
            return code._described()
        self._log_code_error(error)
        code.unlink()
        return {"state": "over", "message": self._describe_code_error(error)}

    def _connect_by_code(self, account, code, tokens):
        """Connect the mailbox that the person has signed in to."""
        client_id, scope = code.client_id, code.scope
        code.unlink()
        try:
            with self.env.cr.savepoint():
                step = self._accept(account, tokens, client_id, scope, by_code=True)
        except UserError as error:
            account.sign_in_problem = str(error)
            return {"state": "over", "message": str(error)}
        end = "ask" if step == "ask" else "done"
        request.session[_END_KEY] = end
        return {"state": end}

    def _log_code_error(self, error):
        _logger.info(
            "Microsoft 365: sign-in of user %s by code: %s", self.env.uid, error.reason
        )

    def _describe_code_error(self, error):
        """Say why Microsoft gives no tokens for a code, with the next step."""
        step = after_error(error, 0)
        if isinstance(step, AskAgain) or step.reason == "failed":
            return self._describe_error(error)
        numbers = read_reason(error.reason).facts.get("numbers")
        return self._describe_end(step.reason, numbers or error.code)

    def _describe_end(self, end, reason=""):
        """Say why a code leads to no sign-in, with the next step."""
        match end:
            case "declined":
                return self.env._(
                    "Your mailbox was not connected: the sign-in was declined."
                )
            case "expired":
                return self.env._("The code has expired. Get a new one.")
            case "used":
                return self.env._(
                    "Your mailbox was not connected: this code is used up, since "
                    "Microsoft's answer was lost. Get a new code and enter it."
                )
            case "not_allowed":
                return self.env._(
                    "The Azure app does not allow signing in with a code (%(reason)s). "
                    "Sign in without a code, or ask your administrator: in the Entra "
                    "admin center, under Authentication, “Allow public client flows” "
                    "must be on.",
                    reason=reason,
                )
        return self.env._("This code is no longer valid. Get a new one.")


class PraetorxMs365Account(models.Model):
    _inherit = "praetorx.ms365.account"

    device_code_ids = fields.One2many(
        "praetorx.ms365.device.code", "account_id", groups=fields.NO_ACCESS
    )
    has_device_code = fields.Boolean(
        compute="_compute_has_device_code", compute_sudo=True
    )

    @api.depends("device_code_ids.expires_at")
    @api.depends_context("uid")
    def _compute_has_device_code(self):
        for account in self:
            is_mine = account.user_id == self.env.user
            account.has_device_code = is_mine and bool(account.device_code_ids._open())

    def action_sign_in_by_code(self) -> dict[str, Any]:
        """Open the dialog with the code for Microsoft's page."""
        self._check_owner()
        return {
            "type": "ir.actions.client",
            "tag": "praetorx_ms365_calendar.device_code",
            "name": self.env._("Sign in with a code"),
            "target": "new",
        }


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
