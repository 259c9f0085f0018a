from contextlib import suppress
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from odoo.addons.praetorx_base.exceptions import UnreadableSecret
from odoo.addons.praetorx_base.fields import EncryptedChar
from odoo.addons.praetorx_base.sealing import MASK

from ...const import (
    CLIENT_ID_PARAMETER,
    CONSENT_STATE,
    DEFAULT_GRAPH_ENDPOINT,
    DEFAULT_LOGIN_ENDPOINT,
    DEFAULT_TENANT,
    KEEP_DAYS,
    KEEP_DAYS_PARAMETER,
    NOTIFICATION_ROUTE,
    PARAMETER,
    SECRET_PARAMETER,
    TENANT,
)
from ...engine.errors import FixConfiguration, SyncError
from ...graph.app_check import SHARED_TENANTS, check_secret, check_tenant
from ...graph.auth import SCOPES, SHARED_SCOPE, admin_consent_url
from ...graph.transport import check_endpoint, new_session
from ...wording import advice_with_details
from ..account.tokens import AppRegistration

ENDPOINTS = ["ms365_graph_endpoint", "ms365_login_endpoint", "ms365_webhook_base_url"]


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    # The form is a row, too. It keeps the typed values until it is deleted.
    cal_microsoft_client_secret = EncryptedChar()
    ms365_tenant_id = fields.Char(
        "Microsoft 365 Tenant", config_parameter=PARAMETER % "tenant_id"
    )
    ms365_graph_endpoint = fields.Char(
        "Microsoft Graph", config_parameter=PARAMETER % "graph_endpoint"
    )
    ms365_login_endpoint = fields.Char(
        "Microsoft Login", config_parameter=PARAMETER % "login_endpoint"
    )
    ms365_webhook_base_url = fields.Char(
        "Public Address of This Server",
        config_parameter=PARAMETER % "webhook_base_url",
        help="Address of this server for Microsoft, if it differs from the address "
        "for users.",
    )
    ms365_keep_days = fields.Integer(
        "Days to Keep Log and History",
        config_parameter=KEEP_DAYS_PARAMETER,
        default=KEEP_DAYS,
    )
    ms365_company_client_id = fields.Char(
        related="company_id.ms365_client_id", readonly=False
    )
    ms365_company_client_secret_entry = fields.Char(
        related="company_id.ms365_client_secret_entry", readonly=False
    )
    ms365_company_tenant_id = fields.Char(
        "Tenant of This Company", related="company_id.ms365_tenant_id", readonly=False
    )
    ms365_conflict_policy = fields.Selection(
        related="company_id.ms365_conflict_policy", readonly=False
    )
    ms365_company_contact_policy = fields.Selection(
        related="company_id.ms365_contact_policy", readonly=False
    )
    ms365_company_invitation_policy = fields.Selection(
        related="company_id.ms365_invitation_policy", readonly=False
    )
    ms365_company_colleague_policy = fields.Selection(
        related="company_id.ms365_colleague_policy", readonly=False
    )
    ms365_company_mail_limit = fields.Integer(
        related="company_id.ms365_mail_limit", readonly=False
    )
    ms365_company_allow_stock = fields.Boolean(
        related="company_id.ms365_allow_stock", readonly=False
    )
    ms365_company_delegate_group_id = fields.Many2one(
        related="company_id.ms365_delegate_group_id", readonly=False
    )
    ms365_redirect_uri = fields.Char("Redirect URI", compute="_compute_ms365_addresses")
    ms365_notification_url = fields.Char(
        "Notification Address", compute="_compute_ms365_addresses"
    )

    @api.depends("ms365_webhook_base_url")
    def _compute_ms365_addresses(self):
        base_url = self.get_base_url()
        for settings in self:
            settings.ms365_redirect_uri = self.env[
                "praetorx.ms365.sign.in"
            ]._redirect_uri()
            webhook_root = settings.ms365_webhook_base_url or base_url
            settings.ms365_notification_url = (
                webhook_root.rstrip("/") + NOTIFICATION_ROUTE
            )

    @api.model
    def _ms365_values_to_copy(self, company):
        """Return the values that an administrator needs in Microsoft's pages.

        :return: the address for consent is False as long as there is no Azure app
        """
        redirect_uri = self.env["praetorx.ms365.sign.in"]._redirect_uri()
        root = (
            self.env["ir.config_parameter"]
            .sudo()
            .get_param(PARAMETER % "webhook_base_url")
        )
        scope = f"{SCOPES} {SHARED_SCOPE}"
        consent_url = False
        with suppress(UnreadableSecret, FixConfiguration):
            app = self.env["praetorx.ms365.account"].sudo()._registration_of(company)
            consent_url = admin_consent_url(
                app.login_root,
                app.tenant,
                app.client_id,
                redirect_uri,
                scope,
                CONSENT_STATE,
            )
        return {
            "redirect_uri": redirect_uri,
            "notification_url": (root or self.get_base_url()).rstrip("/")
            + NOTIFICATION_ROUTE,
            "permissions": scope.replace(" ", ", "),
            "consent_url": consent_url,
        }

    @api.constrains(*ENDPOINTS)
    def _check_ms365_endpoints(self):
        for settings in self:
            for name in ENDPOINTS:
                if not settings[name]:
                    continue
                try:
                    check_endpoint(settings[name])
                except FixConfiguration:
                    raise ValidationError(
                        self.env._(
                            "“%(field)s” must be an https:// address without query.",
                            field=self._fields[name]._description_string(self.env),
                        )
                    )

    @api.constrains("ms365_keep_days")
    def _check_ms365_keep_days(self):
        if any(settings.ms365_keep_days < 1 for settings in self):
            raise ValidationError(
                self.env._("Log and history must be kept for one day at least.")
            )

    @api.constrains("ms365_tenant_id")
    def _check_ms365_tenant_id(self):
        for settings in self:
            tenant = (settings.ms365_tenant_id or "").strip()
            if tenant and not TENANT.fullmatch(tenant):
                raise ValidationError(
                    self.env._("The tenant must be its ID or one of its domains.")
                )

    def set_values(self):
        before = self._ms365_stored_values()
        result = super().set_values()
        if self._ms365_stored_values() != before:
            self._ms365_apply()
        return result

    @api.model
    def _ms365_stored_values(self):
        """Return the stored settings of the sync, with the secret still encrypted."""
        keys = ["tenant_id", "graph_endpoint", "login_endpoint", "webhook_base_url"]
        names = [PARAMETER % key for key in keys]
        names += [CLIENT_ID_PARAMETER, SECRET_PARAMETER]
        Parameter_sudo = self.env["ir.config_parameter"].sudo()
        stored = Parameter_sudo.search([("key", "in", names)])
        return {(parameter.key, parameter.value) for parameter in stored}

    @api.model
    def _ms365_apply(self):
        """Let mailboxes that were stopped try again, and move the subscriptions."""
        accounts_sudo = self.env["praetorx.ms365.account"].sudo()
        accounts_sudo.search([("state", "=", "configuration")])._configuration_changed()
        self.env["praetorx.ms365.subscription"].sudo()._wake()

    def action_ms365_test(self) -> dict[str, Any]:
        """Ask Microsoft whether the app of the current company works, as entered.

        :raise AccessError: the user may not change settings, or not see this company
        """
        self.ensure_one()
        self.check_access("write")
        self.company_id.check_access("read")
        if not self.env.user.has_group("base.group_system"):
            raise AccessError(self.env._("Only administrators can change the settings"))
        graph_root = self.ms365_graph_endpoint or DEFAULT_GRAPH_ENDPOINT
        login_root = self.ms365_login_endpoint or DEFAULT_LOGIN_ENDPOINT
        tenant = self.ms365_company_tenant_id or self.ms365_tenant_id or DEFAULT_TENANT
        client_id, secret = self._ms365_entered_app()
        if not client_id:
            return self._ms365_result(self.env._("Enter a client ID first."))
        shared = tenant in SHARED_TENANTS
        if secret == MASK and not shared:
            if not self._ms365_asks_stored_endpoints():
                return self._ms365_result(
                    self.env._(
                        "Save the new addresses first, or enter the secret again: a "
                        "stored secret is sent to stored addresses only."
                    )
                )
            secret = self._ms365_stored_secret()
        try:
            with new_session(pool_size=1) as session:
                if shared:
                    check_tenant(session, login_root, tenant)
                else:
                    check_secret(
                        session,
                        login_root=login_root,
                        tenant=tenant,
                        client_id=client_id.strip(),
                        client_secret=(secret or "").strip(),
                        graph_root=graph_root.rstrip("/"),
                    )
        except SyncError as error:
            return self._ms365_result(advice_with_details(self.env, error.reason))
        if shared:
            answer = self.env._(
                "Microsoft answers. To test client ID and secret, enter the ID of your "
                "tenant. With “%(tenant)s”, only a sign-in can test them.",
                tenant=tenant,
            )
        else:
            answer = self.env._("Microsoft accepts client ID, secret and tenant.")
            self.company_id.sudo()._ms365_app_accepted(
                AppRegistration(login_root, tenant, client_id, secret or "")
            )
        return self._ms365_result(answer, is_good=True)

    def action_ms365_guide(self) -> dict[str, Any]:
        """Open the guide for the registration of the Azure app."""
        return self.env["praetorx.ms365.app.guide"]._open()

    def _ms365_entered_app(self):
        """Return client ID and secret as the form has them; dots are the stored one."""
        if self.ms365_company_client_id:
            secret = self.ms365_company_client_secret_entry
            return self.ms365_company_client_id, secret
        return self.cal_microsoft_client_id, self.sudo().cal_microsoft_client_secret

    def _ms365_stored_secret(self):
        """Return the secret that the dots in the form stand for."""
        if self.ms365_company_client_id:
            return self.company_id.sudo().ms365_client_secret
        return self.env["ir.config_parameter"].sudo().get_param(SECRET_PARAMETER)

    def _ms365_asks_stored_endpoints(self):
        """Return True if the test would talk to the addresses that are stored."""
        get_param = self.env["ir.config_parameter"].sudo().get_param
        return all(
            (self[name] or "") == (get_param(PARAMETER % parameter) or "")
            for name, parameter in (
                ("ms365_graph_endpoint", "graph_endpoint"),
                ("ms365_login_endpoint", "login_endpoint"),
            )
        )

    def _ms365_result(self, message, *, is_good=False):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Test of the Azure app"),
                "message": message,
                "type": "success" if is_good else "danger",
                "sticky": not is_good,
            },
        }
