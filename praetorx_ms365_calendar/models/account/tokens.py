from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

import requests

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.praetorx_base.exceptions import UnreadableSecret
from odoo.addons.praetorx_base.fields import EncryptedChar

from ...const import (
    CLIENT_ID_PARAMETER,
    DEFAULT_GRAPH_ENDPOINT,
    DEFAULT_LOGIN_ENDPOINT,
    DEFAULT_TENANT,
    PARAMETER,
    SECRET_PARAMETER,
)
from ...engine.errors import (
    FixConfiguration,
    SignInAgain,
    SyncError,
)
from ...engine.reasons import because
from ...graph import auth
from ...graph.auth import Tokens

#: An access token that ends sooner is not begun with.
TOKEN_MARGIN = timedelta(minutes=2)


NO_TOKENS = {
    "microsoft_calendar_rtoken": False,
    "microsoft_calendar_token": False,
    "microsoft_calendar_token_validity": False,
}


class AppRegistration(NamedTuple):
    """The Azure app that a mailbox is connected through."""

    login_root: str
    tenant: str
    client_id: str
    client_secret: str

    def __repr__(self):
        return f"<AppRegistration {self.client_id} of {self.tenant}>"


@dataclass(frozen=True)
class RefreshJob:
    """A refresh that needs no ORM any more: to be called in a worker thread.

    :param signed_in_at: tells apart the sign-in that this refreshes from a later one
    """

    registration: AppRegistration
    refresh_token: str
    signed_in_at: object
    scope: str = auth.SCOPES

    def __call__(self, session: requests.Session) -> Tokens | SyncError:
        """Return the tokens or the error; never raise."""
        try:
            return auth.refresh(
                session,
                login_root=self.registration.login_root,
                tenant=self.registration.tenant,
                client_id=self.registration.client_id,
                client_secret=self.registration.client_secret,
                refresh_token=self.refresh_token,
                scope=self.scope,
            )
        except SyncError as error:
            return error

    def __repr__(self):
        return f"<RefreshJob of {self.registration.client_id}>"


class PraetorxMs365Account(models.Model):
    """How an account proves to Microsoft that it may read and write its mailbox."""

    _name = "praetorx.ms365.account"
    # Activities need a thread: to follow, and to note there that they were done.
    _inherit = [
        "praetorx.ms365.account",
        "praetorx.ms365.thread",
        "mail.activity.mixin",
    ]

    signed_in_at = fields.Datetime(
        readonly=True, copy=False, help="When the person signed in through this addon."
    )
    signed_in_client_id = fields.Char(
        readonly=True, copy=False, help="Tokens are good for this Azure app only."
    )
    signed_in_by_code = fields.Boolean(
        readonly=True, copy=False, help="Then the app counts as a public client."
    )
    #: While sync is off the stock connector must not find our token and start.
    parked_refresh_token = EncryptedChar(groups="base.group_system")

    # ------------------------------------------------------------------
    # App and endpoints
    # ------------------------------------------------------------------

    def _app_registration(self) -> AppRegistration:
        """Return the Azure app of the user's company, else the one of the settings.

        It is read fresh, so a repair by an administrator works at once, also in a cron
        that is running.

        :raise UnreadableSecret: the encryption key of the secret is missing
        """
        self.ensure_one()
        return self._registration_of(self.user_id.company_id)

    @api.model
    def _registration_of(self, company) -> AppRegistration:
        """Return the Azure app of a company; see :meth:`_app_registration`."""
        owner_sudo = self._app_owner_of(company)
        current = self.env["ir.config_parameter"].sudo()._praetorx_current_param
        if owner_sudo:
            secret = owner_sudo.ms365_client_secret
        else:
            secret = current(SECRET_PARAMETER)
        tenant = owner_sudo.ms365_tenant_id or current(PARAMETER % "tenant_id")
        return AppRegistration(
            current(PARAMETER % "login_endpoint") or DEFAULT_LOGIN_ENDPOINT,
            tenant or DEFAULT_TENANT,
            owner_sudo.ms365_client_id or current(CLIENT_ID_PARAMETER) or "",
            secret or "",
        )

    def _app_client_id(self) -> str:
        """Return the client id of that app, which is no secret; empty for none."""
        self.ensure_one()
        return self._client_id_of(self.user_id.company_id)

    @api.model
    def _client_id_of(self, company) -> str:
        """Return the client id of a company's app; see :meth:`_app_client_id`."""
        get_param = self.env["ir.config_parameter"].sudo().get_param
        own = self._app_owner_of(company).ms365_client_id
        return own or get_param(CLIENT_ID_PARAMETER) or ""

    @api.model
    def _app_owner_of(self, company):
        """Return the company with the Azure app: this one, or one of its parents."""
        company_sudo = company.sudo()
        while company_sudo and not company_sudo.ms365_client_id:
            company_sudo = company_sudo.parent_id
        return company_sudo

    def _graph_root(self) -> str:
        """Return the Graph endpoint, without version and trailing slash."""
        get_param = self.env["ir.config_parameter"].sudo().get_param
        root = get_param(PARAMETER % "graph_endpoint") or DEFAULT_GRAPH_ENDPOINT
        return root.rstrip("/")

    # ------------------------------------------------------------------
    # Tokens
    # ------------------------------------------------------------------

    def _store_tokens(self, tokens: Tokens) -> None:
        """Store what came; without a new refresh token the old one stays."""
        self.ensure_one()
        if not self.enabled:
            if tokens.refresh_token:
                self.sudo().parked_refresh_token = tokens.refresh_token
            return
        valid_for = timedelta(seconds=tokens.expires_in)
        vals = {
            "microsoft_calendar_token": tokens.access_token,
            "microsoft_calendar_token_validity": fields.Datetime.now() + valid_for,
        }
        if tokens.refresh_token:
            vals["microsoft_calendar_rtoken"] = tokens.refresh_token
        self.user_id.sudo().write(vals)

    def _refresh_token(self) -> str | None:
        self.ensure_one()
        user_sudo = self.user_id.sudo()
        if not self.signed_in_at:
            return None  # tokens of the stock connector lack our scopes
        if self.enabled:
            return user_sudo.microsoft_calendar_rtoken or None
        return self.sudo().parked_refresh_token or None

    def _access_token(self) -> str | None:
        """Return the access token in clear; None if it has to be refreshed first."""
        self.ensure_one()
        user_sudo = self.user_id.sudo()
        until = user_sudo.microsoft_calendar_token_validity
        if not (self.enabled and self.signed_in_at and until):
            return None
        if until < fields.Datetime.now() + TOKEN_MARGIN:
            return None
        try:
            return user_sudo.microsoft_calendar_token or None
        except UnreadableSecret:
            return None  # the refresh job says why

    def _refresh_job(self):
        """Return the job that requests a new access token over HTTP.

        :return: a callable that takes a ``requests.Session``, does not touch the ORM,
            and returns :class:`Tokens` or a :class:`SyncError` for `_record_refresh`
        """
        self.ensure_one()
        try:
            registration = self._registration_to_refresh()
            refresh_token = self._refresh_token()
        except UnreadableSecret as error:
            return _no_refresh(
                FixConfiguration(
                    because("secret_unreadable", kind=type(error).__name__)
                )
            )
        if not registration.client_id:
            return _no_refresh(FixConfiguration(because("app_incomplete")))
        if not refresh_token:
            return _no_refresh(SignInAgain(because("sign_in_again")))
        if self.signed_in_client_id != registration.client_id:
            return _no_refresh(SignInAgain(because("sign_in_of_other_app")))
        return RefreshJob(
            registration, refresh_token, self.signed_in_at, self._scopes_granted()
        )

    def _registration_to_refresh(self) -> AppRegistration:
        """Return the Azure app, without its secret after a sign-in by code.

        Entra counts such a sign-in as that of a public client, and those send none.

        :raise UnreadableSecret: the encryption key of the secret is missing
        """
        registration = self._app_registration()
        if self.signed_in_by_code:
            return registration._replace(client_secret="")
        return registration

    def _record_refresh(self, result, job=None):
        """Store the result of the job of `_refresh_job`, or act on its error.

        :param job: if given, its result is dropped when the user has signed in again
            meanwhile
        :return: whether there is a valid access token now
        """
        self.ensure_one()
        if isinstance(job, RefreshJob) and job.signed_in_at != self.signed_in_at:
            return bool(self._access_token())
        if isinstance(result, SyncError):
            if not self._app_was_changed_since(job):
                self._stop_for(result)
            return False
        self._store_tokens(result)
        return True

    def _app_was_changed_since(self, job):
        """Return True if the Azure app was changed since a refresh began.

        Then an error of that refresh says nothing about the new app.
        """
        if not isinstance(job, RefreshJob):
            return False
        try:
            return job.registration != self._registration_to_refresh()
        except UnreadableSecret:
            return True  # the next refresh says why

    def _is_signed_in(self) -> bool:
        """Whether the person has signed in through this addon, and not signed out."""
        self.ensure_one()
        # Asked of the database: with a lost encryption key the answer is still yes.
        with_token = Domain("microsoft_calendar_rtoken", "!=", False)
        same_user = Domain("id", "=", self.user_id.id)
        users_sudo = self.env["res.users"].sudo().with_context(active_test=False)
        return bool(
            self.signed_in_at and users_sudo.search_count(same_user & with_token)
        )

    def _park_tokens(self):
        """Sync is off: put our token where the stock connector does not look.

        A token of the stock connector stays where it is.
        """
        for account in self.filtered("signed_in_at"):
            user_sudo = account.user_id.sudo()
            try:
                token = user_sudo.microsoft_calendar_rtoken
            except UnreadableSecret:
                continue  # nor can the stock connector read it
            account.sudo().parked_refresh_token = token
            user_sudo.write(NO_TOKENS)

    def _unpark_tokens(self):
        """Sync is on again: take back the token of the former sign-in."""
        for account in self.filtered("signed_in_at"):
            if token := account.sudo().parked_refresh_token:
                account.user_id.sudo().write(
                    {**NO_TOKENS, "microsoft_calendar_rtoken": token}
                )
                account.sudo().parked_refresh_token = False

    def _forget_tokens(self):
        """Sign out: nothing of the grant is kept."""
        for account in self:
            account.user_id.sudo().write(NO_TOKENS)
        self.sudo().question_ids.unlink()
        self.sudo().device_code_ids.unlink()
        self.sudo().write(
            {
                "parked_refresh_token": False,
                "signed_in_at": False,
                "signed_in_client_id": False,
                "signed_in_scope": False,
                "signed_in_mailbox_id": False,
                "signed_in_by_code": False,
                "state": "signed_out",
            }
        )

    # ------------------------------------------------------------------
    # Errors that concern the whole mailbox
    # ------------------------------------------------------------------


def _no_refresh(error):
    return lambda _session: error
