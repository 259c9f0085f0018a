from typing import Any

from odoo import api, fields, models


class PraetorxMs365SyncLog(models.Model):
    """From the row of a deletion back to the event."""

    _inherit = "praetorx.ms365.sync.log"

    can_restore = fields.Boolean(compute="_compute_can_restore")

    @api.depends("event_id", "operation", "direction")
    @api.depends_context("uid")
    def _compute_can_restore(self):
        deletions = self.filtered(
            lambda row: (row.operation, row.direction) == ("delete", "pull")
        )
        restorable = deletions._links().filtered("can_restore")
        pairs = {(link.account_id, link.event_id) for link in restorable}
        for row in self:
            row.can_restore = (
                row in deletions and (row.account_id, row.event_id) in pairs
            )

    def _links(self):
        return self.env["praetorx.ms365.event.link"].search(
            [
                ("account_id", "in", self.account_id.ids),
                ("event_id", "in", self.event_id.ids),
            ]
        )

    def action_restore(self) -> dict[str, Any]:
        """Ask before bringing the event back on both sides."""
        return self._links().action_restore()
