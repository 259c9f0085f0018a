from typing import Any

from odoo import fields, models


class ResUsers(models.Model):
    """Held deletions in the preferences."""

    _inherit = "res.users"

    ms365_hold_count = fields.Integer(
        compute="_compute_ms365_hold_count", compute_sudo=True
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "ms365_hold_count"]

    def _compute_ms365_hold_count(self):
        for user in self:
            user.ms365_hold_count = user._ms365_visible_account().hold_count

    def action_ms365_open_holds(self) -> dict[str, Any]:
        """Open what waits for the person's decision."""
        return (
            self.env["praetorx.ms365.account"]
            .search([("user_id", "=", self.id)])
            .action_open_holds()
        )
