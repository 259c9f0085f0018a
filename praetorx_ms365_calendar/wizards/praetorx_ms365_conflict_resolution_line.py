from odoo import api, fields, models
from odoo.exceptions import ValidationError


class PraetorxMs365ConflictResolutionLine(models.TransientModel):
    """One field in conflict: its old value, the value of each side, and the choice.

    The values are read from the conflict and stored nowhere else.
    """

    _name = "praetorx.ms365.conflict.resolution.line"
    _description = "Field of a Microsoft 365 Conflict"
    _rec_name = "name"

    resolution_id = fields.Many2one(
        "praetorx.ms365.conflict.resolution", required=True, ondelete="cascade"
    )
    name = fields.Char(required=True, readonly=True)
    choice = fields.Selection([("odoo", "Odoo"), ("outlook", "Outlook")])
    label = fields.Char(compute="_compute_values", compute_sudo=True)
    before_html = fields.Html(
        compute="_compute_values", compute_sudo=True, sanitize=False
    )
    odoo_html = fields.Html(
        compute="_compute_values", compute_sudo=True, sanitize=False
    )
    outlook_html = fields.Html(
        compute="_compute_values", compute_sudo=True, sanitize=False
    )

    @api.constrains("name", "resolution_id")
    def _check_name(self):
        """Refuse the name of a field that is not synced: a client may send any name."""
        for line in self:
            if line.name not in line.resolution_id.conflict_id._labels():
                raise ValidationError(self.env._("There is no such field."))

    @api.depends("name", "resolution_id.conflict_id")
    @api.depends_context("uid", "lang", "tz")
    def _compute_values(self):
        for line in self:
            conflict = line.resolution_id._readable_conflict()
            line.label = conflict._choice_label(line.name)
            if conflict and line.resolution_id.may_compare:
                line.before_html = conflict._before_cell(line.name)
                line.odoo_html = conflict._choice_cell(line.name, "odoo")
                line.outlook_html = conflict._choice_cell(line.name, "outlook")
            else:
                line.before_html = line.odoo_html = line.outlook_html = False
