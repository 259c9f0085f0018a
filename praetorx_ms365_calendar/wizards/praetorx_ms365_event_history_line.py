from typing import Any

from odoo import api, fields, models
from odoo.tools import format_date


class PraetorxMs365EventHistoryLine(models.TransientModel):
    """One change in the history of an event, as far as the viewer may know it."""

    _name = "praetorx.ms365.event.history.line"
    _description = "History of an Event: Change"
    _order = "id"

    history_id = fields.Many2one(
        "praetorx.ms365.event.history", required=True, ondelete="cascade"
    )
    version_id = fields.Many2one(
        "praetorx.ms365.version", required=True, ondelete="cascade", readonly=True
    )
    moment = fields.Datetime(compute="_compute_change", compute_sudo=True)
    origin = fields.Selection(
        [("odoo", "Odoo"), ("outlook", "Outlook")],
        "Changed in",
        compute="_compute_change",
        compute_sudo=True,
    )
    who = fields.Char(compute="_compute_change", compute_sudo=True)
    part = fields.Char(compute="_compute_change", compute_sudo=True)
    changes = fields.Html(compute="_compute_change", compute_sudo=True, sanitize=False)
    can_restore = fields.Boolean(compute="_compute_change", compute_sudo=True)

    @api.depends("version_id")
    @api.depends_context("uid", "lang", "tz")
    def _compute_change(self):
        for line in self:
            version = line.version_id
            if not version._may_read_in_event():
                version = version.browse()
            line.moment = version.create_date
            line.origin = version.origin
            line.who = bool(version) and line._describe_author(version)
            line.part = bool(version) and line._describe_part(version)
            line.changes = version.changes
            line.can_restore = bool(version) and not version._why_not_restored()

    def _describe_author(self, version):
        """Return the person that made the change, as far as it is known."""
        if version.author_id:
            return version.author_id.name
        return self.env._("Calendar of %(name)s", name=version.user_id.name)

    def _describe_part(self, version):
        """Return the occurrence that was changed, or that it was the whole series."""
        if not version.recurrence_id:
            return False
        if not version.day:
            return self.env._("Whole series")
        day = format_date(self.env, version.day)
        return self.env._("Occurrence of %(day)s", day=day)

    def action_restore(self) -> dict[str, Any]:
        """Show the event as it was before this change, to restore it."""
        self.ensure_one()
        return self.env["praetorx.ms365.version.restore"]._start(self.version_id)
