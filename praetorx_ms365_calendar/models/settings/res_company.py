from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.praetorx_base.fields import EncryptedChar
from odoo.addons.praetorx_base.sealing import MASK

from ...const import CONFLICT_POLICIES, TENANT

#: What happens where both sides changed the same thing.
CONTACT_POLICIES = [
    ("always", "Create contacts"),
    ("known", "Create contacts of known domains only"),
    ("never", "Create no contacts"),
]
INVITATION_POLICIES = [
    ("exchange", "Outlook mails the attendees"),
    ("odoo", "Odoo mails the attendees"),
    ("none", "Nobody mails the attendees"),
]
CREDENTIALS = {"ms365_client_id", "ms365_client_secret", "ms365_tenant_id"}


class ResCompany(models.Model):
    """A company may have an Azure app of its own."""

    _inherit = "res.company"

    ms365_client_id = fields.Char(
        "Microsoft 365 Client ID",
        groups="base.group_system",
        help="Application (client) ID of this company's own Azure app. Leave it empty "
        "to use the app of the parent company, or the one for all companies.",
    )
    ms365_client_secret = EncryptedChar(
        "Microsoft 365 Client Secret", groups="base.group_system"
    )
    ms365_client_secret_entry = fields.Char(
        "Client Secret",
        compute="_compute_ms365_client_secret_entry",
        inverse="_inverse_ms365_client_secret_entry",
        groups="base.group_system",
        help="The value of the secret, not its ID. It can be replaced, but not read.",
    )
    ms365_tenant_id = fields.Char(
        "Microsoft 365 Tenant",
        groups="base.group_system",
        help="Tenant ID or domain. An app registered for a single tenant needs it.",
    )

    ms365_conflict_policy = fields.Selection(
        CONFLICT_POLICIES,
        "Outlook Conflicts",
        default="ask",
        required=True,
        help="What happens if the same field of an event is changed to different "
        "values in Odoo and in Outlook. Both versions stay readable in any case.",
    )
    ms365_contact_policy = fields.Selection(
        CONTACT_POLICIES,
        "Unknown Attendees",
        default="always",
        required=True,
        help="Rule for attendees from Outlook that have no contact in Odoo. A domain "
        "is known if a user or a contact of the company has an address in it. "
        "Attendees without a contact stay invited in Outlook.",
    )
    ms365_invitation_policy = fields.Selection(
        INVITATION_POLICIES,
        "Invitations",
        default="exchange",
        required=True,
        help="Sender of the mails to attendees of meetings that are organized in "
        "Odoo. Outlook always mails the attendees of its meetings. If Outlook must "
        "not mail them, they are listed in Odoo only, and the meeting in Outlook has "
        "no attendees.",
    )

    @api.depends("ms365_client_secret")
    def _compute_ms365_client_secret_entry(self):
        stored = self.search([("ms365_client_secret", "!=", False)])
        for company in self:
            company.ms365_client_secret_entry = MASK if company in stored else False

    def _inverse_ms365_client_secret_entry(self):
        for company in self:
            if company.ms365_client_secret_entry != MASK:
                secret = (company.ms365_client_secret_entry or "").strip()
                company.ms365_client_secret = secret
                # Not read back, not even by the one who has just entered it.
                company.ms365_client_secret_entry = MASK if secret else False

    @api.constrains("ms365_tenant_id")
    def _check_ms365_tenant_id(self):
        for company_sudo in self.sudo():
            tenant = company_sudo.ms365_tenant_id
            if tenant and not TENANT.fullmatch(tenant):
                raise ValidationError(
                    self.env._("The tenant must be its ID or one of its domains.")
                )

    def write(self, vals):
        for name in ("ms365_client_id", "ms365_tenant_id"):
            if vals.get(name):
                vals = {**vals, name: vals[name].strip()}
        result = super().write(vals)
        if CREDENTIALS & vals.keys():
            self._ms365_stopped_accounts()._configuration_changed()
        return result

    def _ms365_stopped_accounts(self):
        """Return the accounts of these companies and of their branches."""
        return (
            self.env["praetorx.ms365.account"]
            .sudo()
            .search(
                [
                    ("company_id", "child_of", self.ids),
                    ("state", "=", "configuration"),
                ]
            )
        )
