from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class PraetorxMs365VersionRestore(models.TransientModel):
    """Restore an earlier version of an event, after showing its effects.

    Contents are read from event and version, and stored nowhere else.
    """

    _name = "praetorx.ms365.version.restore"
    _description = "Restore an Earlier Version of an Event"
    _rec_name = "version_id"

    version_id = fields.Many2one(
        "praetorx.ms365.version", required=True, ondelete="cascade", readonly=True
    )
    seen_version = fields.Char(
        readonly=True, help="The content that the dialog has shown."
    )
    was_changed = fields.Boolean(readonly=True)
    event_name = fields.Char(compute="_compute_effects", compute_sudo=True)
    obstacle = fields.Char("Why Not", compute="_compute_effects", compute_sudo=True)
    comparison = fields.Html(
        compute="_compute_effects", compute_sudo=True, sanitize=False
    )
    left_out = fields.Char(compute="_compute_effects", compute_sudo=True)
    hint = fields.Char(compute="_compute_effects", compute_sudo=True)
    mails = fields.Html(compute="_compute_effects", compute_sudo=True, sanitize=False)
    mail_count = fields.Integer(compute="_compute_effects", compute_sudo=True)
    authority_note = fields.Char(compute="_compute_effects", compute_sudo=True)

    @api.model
    def _start(self, version, *, was_changed=False):
        """Return the action that opens the dialog about a version.

        :param was_changed: it is shown again because the event has changed meanwhile
        :raise AccessError: the user may not read the event
        """
        version_sudo = version.sudo()
        if not version_sudo._may_read_in_event():
            raise AccessError(self.env._("You cannot see the history of this event."))
        restore = self.create(
            {
                "version_id": version.id,
                "seen_version": version_sudo._earlier().seen,
                "was_changed": was_changed,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Restore an Earlier Version"),
            "res_model": self._name,
            "res_id": restore.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }

    @api.depends("version_id")
    @api.depends_context("uid", "lang", "tz")
    def _compute_effects(self):
        for restore in self:
            version = restore.version_id
            restore.comparison = restore.mails = False
            restore.event_name = restore.left_out = restore.authority_note = False
            restore.hint = False
            restore.mail_count = 0
            if not version._may_read_in_event():
                restore.obstacle = self.env._(
                    "You cannot see the history of this event."
                )
                continue
            event = version._event_then()
            restore.event_name = event.name
            restore.obstacle = version._why_not_restored()
            if not restore.obstacle:
                restore._show_effects(version, event)

    def _show_effects(self, version, event):
        earlier = version._earlier()
        conflict = self.env["praetorx.ms365.conflict"]
        labels = conflict._labels()
        self.left_out = self._describe_left_out(labels, earlier.left_out)
        self.hint = version._hint_of_restoring(earlier)
        if not earlier.names:
            self.obstacle = self.env._(
                "There is nothing to restore: the event has these values now."
            )
            return
        self.comparison = conflict._changes_table(
            earlier.names,
            earlier.now,
            earlier.then,
            titles=(self.env._("Now"), self.env._("Restored")),
            rules=earlier.shapes and [shape.rule for shape in earlier.shapes],
        )
        mails = version._mails_of_restoring(earlier)
        self.mail_count = mails.count
        self.mails = event._ms365_describe_mails(mails)
        self.authority_note = event.ms365_authority_note

    def _describe_left_out(self, labels, left_out):
        """Say which fields are not restored, and why; False if there is none."""
        by_reason = {}
        for name in labels:
            if name in left_out:
                by_reason.setdefault(left_out[name], []).append(labels[name])
        return " ".join(
            self.env._(
                "Not restored: %(fields)s. %(why)s", fields=", ".join(names), why=why
            )
            for why, names in by_reason.items()
        )

    def action_restore(self) -> dict[str, Any]:
        """Write the earlier values to the event, as an edit by the user.

        :raise UserError: there is an obstacle
        """
        self.ensure_one()
        version_sudo = self.version_id.sudo()
        version_sudo._event_then().sudo(False)._ms365_lock()
        if self.obstacle:
            raise UserError(self.obstacle)
        if self.seen_version != version_sudo._earlier().seen:
            return self._start(self.version_id, was_changed=True)
        version_sudo._restore_earlier()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": self.env._("The earlier version is restored in Odoo."),
                "type": "success",
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
