from typing import Any

from odoo import fields, models
from odoo.fields import Domain

from ...engine.plan import pushes


class PraetorxMs365Account(models.Model):
    """Changes of a mailbox that wait for its owner's word."""

    _inherit = "praetorx.ms365.account"

    approval_count = fields.Integer(compute="_compute_approval_count")

    def _compute_approval_count(self):
        counts = dict(
            self.env["praetorx.ms365.approval"]._read_group(
                Domain("account_id", "in", self.ids) & Domain("state", "=", "waiting"),
                ["account_id"],
                ["__count"],
            )
        )
        for account in self:
            account.approval_count = counts.get(account, 0)

    def _switched_off(self):
        self._end_approvals()
        super()._switched_off()

    def _forget_mailbox(self):
        self._end_approvals()
        super()._forget_mailbox()

    def _show_unsent(self):
        to_be_read_only = self.filtered(lambda one: not pushes(one.direction))
        to_be_read_only._end_approvals()
        super()._show_unsent()

    def _end_approvals(self):
        """End what waits: nothing is sent to these mailboxes any more."""
        self.env["praetorx.ms365.approval"].search(
            Domain("account_id", "in", self.ids) & Domain("state", "=", "waiting")
        )._end_over("not_sent")

    def action_open_approvals(self) -> dict[str, Any]:
        """Open what waits in these mailboxes: the one form, or the list."""
        approvals = self.env["praetorx.ms365.approval"].search(
            [("account_id", "in", self.ids), ("state", "=", "waiting")]
        )
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Waiting for Approval"),
            "res_model": "praetorx.ms365.approval",
        }
        if len(approvals) == 1:
            return action | {"views": [(False, "form")], "res_id": approvals.id}
        return action | {
            "views": [(False, "list"), (False, "kanban"), (False, "form")],
            "domain": [("id", "in", approvals.ids)],
        }
