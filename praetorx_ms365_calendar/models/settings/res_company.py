from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import hmac

from odoo.addons.praetorx_base.fields import EncryptedChar
from odoo.addons.praetorx_base.sealing import MASK

from ...const import CONFLICT_POLICIES, TENANT
from ...engine.mail_guard import DEFAULT_LIMIT

#: Policies for attendees without a contact.
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
DELETE_POLICIES = [
    ("delete", "Delete it in Outlook as well"),
    ("cancel", "Cancel the meeting, with a message to the attendees"),
    ("off", "Leave it in Outlook"),
]
COLLEAGUE_POLICIES = [
    ("ask", "Ask the organizer before Outlook mails anybody"),
    ("open", "Send it, and tell the organizer"),
    ("forbid", "Refuse changes that Outlook would mail people about"),
]
CREDENTIALS = {"ms365_client_id", "ms365_client_secret", "ms365_tenant_id"}


class ResCompany(models.Model):
    """The Azure app of a company, and its policies for the calendars of its users."""

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
        "Changed on Both Sides",
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

    ms365_accepted_app = fields.Char(
        "Accepted Azure App",
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="Keyed fingerprint of the Azure app that Microsoft accepted in a test.",
    )

    ms365_allow_stock = fields.Boolean(
        "Allow the Standard Outlook Connector",
        help="Users may also choose the Outlook connector of Odoo itself. Whoever uses "
        "it already may always go on.",
    )

    def _ms365_app_accepted(self, registration):
        """Remember that Microsoft has accepted an Azure app, saved or not."""
        self.ms365_accepted_app = self._ms365_fingerprint(registration)

    @api.model
    def _ms365_fingerprint(self, registration):
        """Return a fingerprint that only this database can make.

        :param registration: an ``AppRegistration``
        """
        parts = tuple(part.strip().rstrip("/") for part in registration)
        return hmac(self.env(su=True), "praetorx-ms365-app", parts)

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
                # It is never read back, not even right after the user has entered it.
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

    ms365_delete_policy = fields.Selection(
        DELETE_POLICIES,
        "When an Event Is Deleted in Odoo",
        default="delete",
        required=True,
        help="A message is sent for own meetings with attendees only; everything else "
        "is deleted. Left in Outlook, an event does not come back to Odoo.",
    )

    ms365_cancel_message = fields.Char(
        "Message of Cancellations",
        translate=True,
        help="Message to the attendees of a meeting that was deleted in Odoo.",
    )

    ms365_days_back = fields.Integer(
        "Days Back",
        default=30,
        required=True,
        help="Default number of days to sync into the past, for users who have not "
        "set their own.",
    )

    ms365_days_ahead = fields.Integer(
        "Days Ahead",
        default=365,
        required=True,
        help="Default number of days to sync into the future, for users who have not "
        "set their own.",
    )

    _ms365_window_days = models.Constraint(
        "CHECK (ms365_days_back BETWEEN 0 AND 900 "
        "AND ms365_days_ahead BETWEEN 1 AND 900)",
        "The window may reach from 0 to 900 days back and from 1 to 900 days ahead.",
    )

    def _ms365_window(self):
        """Return the window for users without a window of their own."""
        return {"days_back": self.ms365_days_back, "days_ahead": self.ms365_days_ahead}

    ms365_colleague_policy = fields.Selection(
        COLLEAGUE_POLICIES,
        "Meetings of Colleagues",
        default="ask",
        required=True,
        help="Rule for edits of a meeting by other people than its organizer and the "
        "organizer's delegates. Changes without mails are always sent.",
    )

    ms365_mail_limit = fields.Integer(
        "Mail Guard",
        default=DEFAULT_LIMIT,
        required=True,
        help="So many people get a mail by Outlook without a question. An edit that "
        "would mail more people waits until somebody agrees. Edits within a minute "
        "count together. With 0, each mail is asked about.",
    )

    _ms365_mail_limit_positive = models.Constraint(
        "CHECK (ms365_mail_limit >= 0)",
        "The number of people in the mail guard cannot be negative.",
    )

    ms365_delegate_group_id = fields.Many2one(
        "res.groups",
        "Delegates for Everybody",
        ondelete="set null",
        help="The members of this group may act in the mailboxes of this company's "
        "people without asking, such as assistants or calendar administrators.",
    )
