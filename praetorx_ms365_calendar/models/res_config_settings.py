from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.http import request

from odoo.addons.praetorx_base.fields import EncryptedChar

from ..engine.errors import FixConfiguration, SyncError
from ..graph.app_check import SHARED_TENANTS, check_secret, check_tenant
from ..graph.transport import check_endpoint, new_session
from .ir_config_parameter import CLIENT_ID_PARAMETER, SECRET_PARAMETER
from .praetorx_ms365_account_tokens import (
    DEFAULT_GRAPH_ENDPOINT,
    DEFAULT_LOGIN_ENDPOINT,
    DEFAULT_TENANT,
    PARAMETER,
)
from .praetorx_ms365_sign_in import CALLBACK_ROUTE
from .praetorx_ms365_subscription import NOTIFICATION_ROUTE
from .res_company import MASK, TENANT

ENDPOINTS = ["ms365_graph_endpoint", "ms365_login_endpoint", "ms365_webhook_base_url"]


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    # The form is a row too: it keeps what was typed until it is swept away.
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
        help="Under which Microsoft can reach this server, if it is not the address "
        "that people use.",
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
        seen_as = request.httprequest.url_root if request else base_url
        for settings in self:
            settings.ms365_redirect_uri = seen_as.rstrip("/") + CALLBACK_ROUTE
            webhook_root = settings.ms365_webhook_base_url or base_url
            settings.ms365_notification_url = (
                webhook_root.rstrip("/") + NOTIFICATION_ROUTE
            )

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

    @api.constrains("ms365_tenant_id")
    def _check_ms365_tenant_id(self):
        for settings in self:
            tenant = (settings.ms365_tenant_id or "").strip()
            if tenant and not TENANT.fullmatch(tenant):
                raise ValidationError(
                    self.env._("The tenant must be its ID or one of its domains.")
                )

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if values.get("cal_microsoft_client_secret"):
            values["cal_microsoft_client_secret"] = MASK
        return values

    def set_values(self):
        get_param = self.env["ir.config_parameter"].sudo().get_param
        if self.cal_microsoft_client_secret == MASK:
            # as it is stored: super changes nothing then
            self.cal_microsoft_client_secret = get_param(SECRET_PARAMETER)
        before = self._ms365_stored_values()
        result = super().set_values()
        if self._ms365_stored_values() != before:
            self._ms365_apply()
        return result

    @api.model
    def _ms365_stored_values(self):
        """Return what the sync reads from the settings; of the secret, its envelope."""
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

    def action_ms365_test(self):
        """Ask Microsoft whether the app of the current company works, as entered."""
        self.ensure_one()
        get_param = self.env["ir.config_parameter"].sudo().get_param
        graph_root = self.ms365_graph_endpoint or DEFAULT_GRAPH_ENDPOINT
        login_root = self.ms365_login_endpoint or DEFAULT_LOGIN_ENDPOINT
        tenant = self.ms365_company_tenant_id or self.ms365_tenant_id or DEFAULT_TENANT
        if self.ms365_company_client_id:
            client_id = self.ms365_company_client_id
            secret = self.ms365_company_client_secret_entry
            stored_secret = self.company_id.ms365_client_secret
        else:
            client_id = self.cal_microsoft_client_id
            secret = self.cal_microsoft_client_secret
            stored_secret = get_param(SECRET_PARAMETER)
        if secret == MASK:
            secret = stored_secret
        if not client_id:
            return self._ms365_result(False, self.env._("Enter a client ID first."))
        shared = tenant in SHARED_TENANTS
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
            reason = self.env._(
                "It does not work yet: %(reason)s.", reason=error.reason
            )
            return self._ms365_result(False, reason)
        if shared:
            answer = self.env._(
                "Microsoft answers. ID and secret can only be tested with the ID of "
                "your tenant; for “%(tenant)s” the first sign-in will tell.",
                tenant=tenant,
            )
        else:
            answer = self.env._("Microsoft accepts client ID, secret and tenant.")
        return self._ms365_result(True, answer)

    def _ms365_result(self, good, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.env._("Test of the Azure app"),
                "message": message,
                "type": "success" if good else "danger",
                "sticky": not good,
            },
        }
