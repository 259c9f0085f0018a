from typing import Any

from odoo import api, fields, models


class PraetorxMs365Account(models.Model):
    """Let a change of settings wait, if the mailbox syncs already.

    See ``models/preview/waiting_change.py``.
    """

    _inherit = "praetorx.ms365.account"

    has_change = fields.Boolean(
        compute="_compute_change", help="A change of the settings waits for the owner."
    )
    change_note = fields.Char(compute="_compute_change")

    @api.depends("preview_ids.state", "preview_ids.is_change")
    @api.depends_context("uid", "lang")
    def _compute_change(self):
        for account in self:
            change = account.sudo()._waiting_change()
            account.has_change = bool(change)
            account.change_note = change.change_note

    def _waiting_change(self):
        """Return the preview of a change that waits, empty without one."""
        return self._open_preview().filtered("is_change")

    def _change_settings(self, vals):
        """Let the change wait if the mailbox syncs; else make it at once."""
        self._check_choices(vals)
        if not self.sudo().started_at:
            super()._change_settings(vals)
            self.sudo()._follow_settings()
            return
        if not vals:
            return
        chosen = self._chosen_calendars(vals.get("calendar_ids", ()))
        self._check_primary_stays(chosen)
        self.sudo().env["praetorx.ms365.preview"]._hold_back(
            self.sudo(),
            {name: value for name, value in vals.items() if name != "calendar_ids"},
            {calendar.id: values for calendar, values in chosen},
        )

    def _check_primary_stays(self, chosen):
        """
        :raise UserError: the primary calendar would not be synced any more
        """
        for calendar, values in chosen:
            if calendar.is_default and not values.get("is_synced", True):
                raise calendar._primary_stays()

    def _follow_settings(self):
        """Show the settings in the preview of a mailbox that has not begun."""
        for account in self.filtered(lambda one: not one.started_at):
            if preview := account._open_preview():
                preview.write(preview._proposal_of(account))
                preview._compute_again()

    def action_keep_settings(self) -> dict[str, Any]:
        """Discard the change of settings that waits."""
        self.ensure_one()
        self.check_access("read")
        change = self.sudo()._waiting_change().sudo(False)
        return change.action_keep_settings() if change else self.action_open_mine()
