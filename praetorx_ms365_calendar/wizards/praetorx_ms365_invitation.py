from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..const import INVITATION_TEMPLATE


class PraetorxMs365Invitation(models.TransientModel):
    """Invite users by mail to connect their calendars."""

    _name = "praetorx.ms365.invitation"
    _description = "Invitation to Connect a Calendar"

    company_id = fields.Many2one(
        "res.company", default=lambda self: self.env.company, required=True
    )
    user_ids = fields.Many2many(
        "res.users",
        string="Users",
        domain="[('share', '=', False), ('email', '!=', False),"
        " ('company_ids', 'in', company_id)]",
    )

    @api.model
    def _invitable(self, company):
        """Return the domain of the users of a company that can be invited."""
        return (
            Domain("share", "=", False)
            & Domain("company_ids", "in", company.ids)
            & Domain("email", "!=", False)
        )

    @api.model
    def _proposed_users(self):
        """Return all users of the company that have not connected their calendar."""
        connected = Domain("enabled", "=", True) & Domain("mailbox_id", "!=", False)
        accounts_sudo = self.env["praetorx.ms365.account"].sudo().search(connected)
        return self.env["res.users"].search(
            self._invitable(self.env.company)
            & Domain("id", "not in", accounts_sudo.user_id.ids)
        )

    @api.model
    def action_open(self) -> dict[str, Any]:
        """Open the dialog; it names users who have not connected.

        :raise AccessError: the current user may not invite
        """
        self.check_access("create")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Invite People"),
            "res_model": self._name,
            "views": [(False, "form")],
            "context": {"default_user_ids": self._proposed_users().ids},
            "target": "new",
        }

    def action_invite(self) -> dict[str, Any]:
        """Mail each user the link to the dialog that connects a calendar.

        :raise UserError: nobody is chosen, or somebody cannot be invited
        """
        self.ensure_one()
        self.check_access("read")
        users = self.user_ids.filtered_domain(self._invitable(self.company_id))
        is_own = self.company_id in self.env.user.company_ids
        if not users or users != self.user_ids or not is_own:
            raise UserError(
                self.env._("Choose users of this company who have a mail address.")
            )
        template = self.env.ref(INVITATION_TEMPLATE)
        template.send_mail_batch(
            users.ids, email_layout_xmlid="mail.mail_notification_light"
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": self.env._("Invitations sent: %(count)s.", count=len(users)),
                "type": "success",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
