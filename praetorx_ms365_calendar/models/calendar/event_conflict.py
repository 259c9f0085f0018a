"""Conflicts of an event: the permission to decide them, and edits that end them."""

from typing import Any

from odoo import api, fields, models

from .event_capture import CAPTURED_FIELDS


class CalendarEvent(models.Model):
    _inherit = "calendar.event"

    ms365_may_resolve = fields.Boolean(compute="_compute_ms365_may_resolve")

    @api.depends("ms365_sync_state")
    @api.depends_context("uid")
    def _compute_ms365_may_resolve(self):
        """Allow a user to decide a conflict only if the user can see it."""
        conflicts = self.filtered(lambda event: event.ms365_sync_state == "conflict")
        decidable = conflicts._ms365_open_conflicts().event_id
        for event in self:
            event.ms365_may_resolve = event._origin in decidable

    def write(self, vals):
        result = super().write(vals)
        if CAPTURED_FIELDS & vals.keys() and not self._ms365_is_sync():
            self._ms365_disputed_sudo()._review()
        return result

    def unlink(self):
        if self._ms365_is_sync():
            return super().unlink()
        disputed_sudo = self._ms365_disputed_sudo()
        result = super().unlink()
        disputed_sudo._review()
        return result

    def action_ms365_decide(self) -> dict[str, Any] | None:
        """Open both versions of this event side by side, to choose from."""
        self.ensure_one()
        conflict = self._ms365_open_conflicts()[:1]
        return conflict.action_decide() if conflict else None

    def action_ms365_keep_odoo(self) -> None:
        """Resolve the open conflict of this event for Odoo."""
        self._ms365_open_conflicts().keep_odoo()

    def action_ms365_keep_outlook(self) -> None:
        """Resolve the open conflict of this event for Outlook."""
        self._ms365_open_conflicts().keep_outlook()

    def _ms365_open_conflicts(self):
        return self.env["praetorx.ms365.conflict"].search(
            [("event_id", "in", self.ids), ("state", "=", "open")]
        )

    def _ms365_disputed_sudo(self):
        """Return the open conflicts of these events; most have none."""
        disputed_sudo = self.sudo().filtered(
            lambda event: event.ms365_sync_state == "conflict"
        )
        return (
            disputed_sudo._ms365_open_conflicts()
            if disputed_sudo
            else (self.env["praetorx.ms365.conflict"].sudo())
        )
