from odoo import api, models
from odoo.fields import Domain

from ...engine.reasons import because


class PraetorxMs365Account(models.Model):
    """Mailboxes of former users."""

    _inherit = "praetorx.ms365.account"

    def _close_mailboxes(self):
        """Close everything of these mailboxes; the grant is used for one thing more.

        That is to end the subscription: Microsoft would call here until it ends.
        """
        if not self:
            return
        self.env["praetorx.ms365.farewell"]._of(self)
        self.subscription_ids._wait_for("removed")
        self._close_outbox()
        self._forget_tokens()
        self.write({"pull_requested_at": False, "needs_connect": True})

    def _close_outbox(self):
        """Close the unsent entries with the reason."""
        self._end_approvals()
        entries = self.env["praetorx.ms365.outbox"].search(
            Domain("account_id", "in", self.ids)
            & Domain("state", "in", ["pending", "sending", "held"])
        )
        for account, own in entries.grouped("account_id").items():
            reason = because("user_left", user_id=account.user_id.id)
            own.write({"state": "dead", "reason": reason})
            own._all_events()._ms365_show_state("none")
            if own:
                self.env["praetorx.ms365.sync.log"].sudo().create(
                    {
                        "company_id": account.company_id.id,
                        "direction": "push",
                        "origin": "odoo",
                        "operation": "connect",
                        "outcome": "failed",
                        "reason": reason,
                    }
                )

    @api.model
    def _close_mailboxes_of_former_users(self):
        """Close the mailboxes of users that were archived in an unusual way."""
        left = Domain("user_id.active", "=", False) | Domain("user_id.share", "=", True)
        accounts = self.with_context(active_test=False).search(
            left & Domain("state", "!=", "signed_out")
        )
        accounts.user_id._ms365_stop_sync()
