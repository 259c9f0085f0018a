from typing import Any

from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ..engine.merge import DELETED
from ..wording import describe_mail_count, describe_mails


class PraetorxMs365ConflictResolution(models.TransientModel):
    """Show both versions of an event side by side, with a choice for each difference.

    It shows the result of the choices, and all people that Exchange will mail, before
    anything is written. Contents are read from the conflict and stored nowhere else.
    """

    _name = "praetorx.ms365.conflict.resolution"
    _description = "Resolve a Microsoft 365 Conflict"
    _rec_name = "conflict_id"

    conflict_id = fields.Many2one(
        "praetorx.ms365.conflict", required=True, ondelete="cascade", readonly=True
    )
    line_ids = fields.One2many(
        "praetorx.ms365.conflict.resolution.line", "resolution_id"
    )
    seen_version = fields.Char(
        readonly=True, help="Of both sides: a choice is good for what was seen."
    )
    was_changed = fields.Boolean(readonly=True)
    event_name = fields.Char(compute="_compute_versions", compute_sudo=True)
    may_compare = fields.Boolean(compute="_compute_versions", compute_sudo=True)
    changed_in_odoo = fields.Char(compute="_compute_versions", compute_sudo=True)
    changed_in_outlook = fields.Char(compute="_compute_versions", compute_sudo=True)
    agreed_title = fields.Char(compute="_compute_agreed", compute_sudo=True)
    agreed = fields.Html(compute="_compute_agreed", compute_sudo=True, sanitize=False)
    undecided_count = fields.Integer(compute="_compute_result", compute_sudo=True)
    result = fields.Html(compute="_compute_result", compute_sudo=True, sanitize=False)
    mail_count = fields.Integer(compute="_compute_result", compute_sudo=True)
    mail_summary = fields.Char(compute="_compute_result", compute_sudo=True)
    mails = fields.Html(compute="_compute_result", compute_sudo=True, sanitize=False)

    # ------------------------------------------------------------------
    # Opening
    # ------------------------------------------------------------------

    @api.model
    def _start(self, conflict, *, was_changed=False):
        """Return the action that opens a conflict, so that a person resolves it.

        :param was_changed: it is shown again because the event has changed meanwhile
        """
        resolution = self.create(
            {
                "conflict_id": conflict.id,
                "seen_version": conflict.sudo()._version(),
                "was_changed": was_changed,
                "line_ids": [
                    Command.create({"name": name})
                    for name in conflict._disputed_names()
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Odoo or Outlook?"),
            "res_model": self._name,
            "res_id": resolution.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    # ------------------------------------------------------------------
    # Values on the screen
    # ------------------------------------------------------------------

    @api.depends("conflict_id")
    @api.depends_context("uid", "lang", "tz")
    def _compute_versions(self):
        for resolution in self:
            conflict = resolution._readable_conflict()
            resolution.event_name = conflict.display_name
            resolution.may_compare = bool(conflict) and conflict._may_compare()
            resolution.changed_in_odoo = self._moment(conflict.edited_at)
            resolution.changed_in_outlook = self._moment(conflict.modified_at)

    def _moment(self, moment):
        """Return a time in the viewer's language and time zone."""
        return moment and format_datetime(self.env, moment, dt_format="short")

    @api.depends("conflict_id", "may_compare", "line_ids.name")
    @api.depends_context("uid", "lang", "tz")
    def _compute_agreed(self):
        """Show the fields without a conflict: the choices do not affect them."""
        for resolution in self:
            outcome = resolution._foresee()
            is_deletion = DELETED in resolution.line_ids.mapped("name")
            if not outcome or is_deletion or not resolution.may_compare:
                resolution.agreed = resolution.agreed_title = False
                continue
            conflict = resolution.conflict_id
            names = conflict._agreed_names()
            resolution.agreed_title = resolution._title_of_agreed(len(names))
            resolution.agreed = _table(
                (
                    conflict._labels()[name],
                    conflict._cell(name, outcome.ours),
                    conflict._describe_origin(name),
                )
                for name in names
            )

    def _title_of_agreed(self, count):
        """Return the words that open the list of fields without a conflict."""
        if count == 1:
            return self.env._("Show 1 more field without a conflict")
        return self.env._("Show %(count)s more fields without a conflict", count=count)

    @api.depends("line_ids.choice", "may_compare")
    @api.depends_context("uid", "lang", "tz")
    def _compute_result(self):
        for resolution in self:
            resolution.undecided_count = len(
                resolution.line_ids.filtered(lambda line: not line.choice)
            )
            outcome = resolution._foresee()
            if resolution.undecided_count or not outcome:
                resolution.result = resolution.mails = False
                resolution.mail_count = 0
                resolution.mail_summary = False
                continue
            resolution.result = resolution.may_compare and resolution._result_table(
                outcome
            )
            resolution.mail_count = outcome.mails.count
            resolution.mail_summary = describe_mail_count(self.env, outcome.mails.count)
            resolution.mails = describe_mails(
                self.env,
                outcome.mails,
                outcome.mails.count,
                names=resolution.may_compare,
            )

    def _readable_conflict(self):
        """Return the conflict, empty if the current user may not read it.

        The fields are computed with full rights. Without this check, a user could name
        any conflict and would see its values.
        """
        self.ensure_one()
        conflict = self.conflict_id
        return conflict if conflict.sudo(False).has_access("read") else conflict[:0]

    def _foresee(self):
        """Return the outcome of the choices made so far, None if already resolved."""
        self.ensure_one()
        conflict = self._readable_conflict()
        if conflict.state != "open":
            return None
        return conflict._foresee({line.name: line.choice for line in self.line_ids})

    def _result_table(self, outcome):
        """Return a table of the fields in conflict or merged, with their new values."""
        conflict = self.conflict_id
        if outcome.ours is None:
            return Markup("<p>%s</p>") % (
                self.env._("The event stays deleted in Odoo, and stays in Outlook.")
                if outcome.theirs
                else self.env._("The event is deleted, in Odoo and in Outlook.")
            )
        sides = {
            "odoo": self.env._("Odoo's version"),
            "outlook": self.env._("Outlook's version"),
        }
        chosen = {line.name: sides[line.choice] for line in self.line_ids}
        return _table(
            (
                conflict._labels()[name],
                conflict._cell(name, outcome.ours),
                chosen.get(name) or conflict._describe_origin(name),
            )
            for name in conflict._result_names()
        )

    # ------------------------------------------------------------------
    # Resolving
    # ------------------------------------------------------------------

    def action_apply(self) -> dict[str, Any]:
        """Apply the choices, unless they were made for an older version."""
        self.ensure_one()
        conflict = self.conflict_id
        if conflict.state != "open":
            raise UserError(self.env._("This conflict is over already."))
        if self.seen_version != conflict.sudo()._version():
            return self._start(conflict, was_changed=True)
        if self.undecided_count:
            raise UserError(self.env._("Choose a version for each field first."))
        conflict.keep_by_field({line.name: line.choice for line in self.line_ids})
        return {"type": "ir.actions.act_window_close"}


def _table(rows):
    """Return a table of three columns; every plain text in it is escaped."""
    return Markup('<table class="table table-sm mb-0 o_ms365_values">%s</table>') % (
        Markup().join(
            Markup('<tr><th>%s</th><td>%s</td><td class="text-muted">%s</td></tr>')
            % row
            for row in rows
        )
    )
