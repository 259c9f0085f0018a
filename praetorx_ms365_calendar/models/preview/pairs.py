"""Count the events that people have typed on both sides: each pair becomes two."""

from typing import Any

from odoo import api, fields, models
from odoo.tools import SQL


class PraetorxMs365Preview(models.Model):
    _inherit = "praetorx.ms365.preview"

    pair_count = fields.Integer(
        compute="_compute_pair_count",
        compute_sudo=True,
        help="Events with one title and time on both sides, but without a common id.",
    )

    @api.depends("state", "line_ids")
    def _compute_pair_count(self):
        for preview in self:
            preview.pair_count = sum(count for _ids, count in preview._pairs())

    def _pairs(self):
        """Return ``(ids of lines, number of pairs)`` for each title and time."""
        self.env["praetorx.ms365.preview.line"].flush_model()
        return self.env.execute_query(
            SQL(
                """SELECT array_agg(id),
                          LEAST(COUNT(*) FILTER (WHERE side = 'odoo'),
                                COUNT(*) FILTER (WHERE side = 'outlook'))
                     FROM praetorx_ms365_preview_line
                    WHERE preview_id = ANY(%s) AND action IN ('create', 'wait')
                    GROUP BY lower(trim(subject)), start
                   HAVING COUNT(DISTINCT side) = 2""",
                self._origin.ids,
            )
        )

    def action_open_pairs(self) -> dict[str, Any]:
        """Open the lines of these events, both sides together."""
        self.ensure_one()
        self.check_access("read")
        ids = [one for ids, _count in self.sudo()._pairs() for one in ids]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Typed on Both Sides"),
            "res_model": "praetorx.ms365.preview.line",
            "views": [(False, "list"), (False, "kanban")],
            "domain": [("id", "in", ids)],
        }
