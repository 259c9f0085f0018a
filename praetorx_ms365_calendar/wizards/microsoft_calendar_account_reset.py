from odoo import api, fields, models

from ..engine.deletions import cancellations, invitations
from ..engine.reset import plan_reset


class MicrosoftCalendarAccountReset(models.TransientModel):
    """The stock dialog: our users see what will happen, and this sync does it."""

    _inherit = "microsoft.calendar.account.reset"

    ms365_is_ours = fields.Boolean(compute="_compute_ms365_preview")
    ms365_outlook_count = fields.Integer(
        "Deleted in Outlook", compute="_compute_ms365_preview"
    )
    ms365_cancellation_count = fields.Integer(
        "Cancellations by Mail", compute="_compute_ms365_preview"
    )
    ms365_odoo_count = fields.Integer(
        "Deleted in Odoo", compute="_compute_ms365_preview"
    )
    ms365_return_count = fields.Integer(
        "Come Back From Outlook", compute="_compute_ms365_preview"
    )
    ms365_send_count = fields.Integer(
        "Sent to Outlook", compute="_compute_ms365_preview"
    )
    ms365_invitation_count = fields.Integer(
        "Invitations by Mail", compute="_compute_ms365_preview"
    )

    @api.depends("user_id", "delete_policy", "sync_policy")
    def _compute_ms365_preview(self):
        for wizard in self:
            account = wizard._ms365_account()
            plan = plan_reset(wizard.delete_policy, wizard.sync_policy)
            wizard.ms365_is_ours = bool(account)
            links = account._links_to_reset() if account else account.link_ids
            there = links if plan.deletes_in_outlook else links.browse()
            here = links if plan.deletes_in_odoo else links.browse()
            again = there if plan.goes_to_outlook_again else links.browse()
            sent = links.event_id.browse()
            if account and plan.sends_all:
                sent = account._events_sent_by_reset(again)
            wizard.ms365_outlook_count = len(there)
            wizard.ms365_cancellation_count = cancellations(
                link._theirs() for link in there
            )
            wizard.ms365_odoo_count = len(here)
            wizard.ms365_return_count = len(here) if plan.comes_back_from_outlook else 0
            wizard.ms365_send_count = len(sent)
            wizard.ms365_invitation_count = invitations(
                sent._ms365_read_contents().values()
            )

    def _ms365_account(self):
        """Return the account if our sync carries this user's calendar, else none."""
        user_sudo = self.user_id.sudo()
        accounts_sudo = user_sudo.ms365_account_ids
        return accounts_sudo if user_sudo._ms365_is_ours() else accounts_sudo.browse()

    def reset_account(self):
        self.ensure_one()
        account = self._ms365_account()
        if not account:
            return super().reset_account()
        account.sudo(False).check_access("write")
        account._reset(self.delete_policy, self.sync_policy)
        return {"type": "ir.actions.act_window_close"}
