from typing import Any

from odoo import fields, models
from odoo.fields import Domain


class PraetorxMs365Account(models.Model):
    """Deletions of a mailbox that wait for a person."""

    _inherit = "praetorx.ms365.account"

    hold_ids = fields.One2many("praetorx.ms365.hold", "account_id")
    hold_count = fields.Integer(compute="_compute_hold_count")

    def _compute_hold_count(self):
        counts = dict(
            self.env["praetorx.ms365.hold"]._read_group(
                Domain("account_id", "in", self.ids) & Domain("state", "=", "open"),
                ["account_id"],
                ["__count"],
            )
        )
        for account in self:
            account.hold_count = counts.get(account, 0)

    def _describe_status(self):
        words = super()._describe_status()
        if self.enabled and self.state == "active" and self.hold_count:
            return self.env._(
                "%(status)s Many deletions are held until you decide.", status=words
            )
        return words

    def action_open_holds(self) -> dict[str, Any]:
        """Open what is held in these mailboxes: the one form, or the list."""
        holds = self.hold_ids.filtered(lambda hold: hold.state == "open")
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Held Deletions"),
            "res_model": "praetorx.ms365.hold",
        }
        if len(holds) == 1:
            return action | {"views": [(False, "form")], "res_id": holds.id}
        return action | {
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", holds.ids)],
        }
