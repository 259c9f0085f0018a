"""Say what ends before somebody switches the sync of a user off."""

from odoo import api, models
from odoo.fields import Domain

from ...wording import join_names


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.onchange("ms365_sync_enabled")
    def _onchange_ms365_sync_enabled(self):
        """Name the approvals that end, and count the edits that wait."""
        origin = self._origin
        if self.ms365_sync_enabled or not origin.sudo().ms365_sync_enabled:
            return None
        account_sudo = origin.sudo().ms365_account_ids
        waiting = Domain("account_id", "in", account_sudo.ids)
        waiting &= Domain("state", "=", "waiting")
        Approval = self.env["praetorx.ms365.approval"]
        approvals = Approval.browse(Approval.sudo().search(waiting).ids)
        unsent = account_sudo._unsent_count() if account_sudo else 0
        if not (approvals or unsent):
            return None
        parts = []
        if approvals:
            parts.append(
                self.env._(
                    "Approvals that end without a decision: %(count)s (%(names)s).",
                    count=len(approvals),
                    names=join_names(self.env, approvals.mapped("display_name")),
                )
            )
        if unsent:
            parts.append(
                self.env._(
                    "Events with changes that are not in Outlook yet: %(count)s. They "
                    "are sent if the sync is switched on again.",
                    count=unsent,
                )
            )
        parts.append(self.env._("To go on with the sync, discard."))
        title = self.env._("Switching off ends what waits")
        return {"warning": {"title": title, "message": " ".join(parts)}}
