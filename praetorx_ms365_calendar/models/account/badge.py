"""The badge of an account: in one or two words what its status says in sentences."""

from odoo import api, fields, models

from ...engine.errors import NotStored
from .account import ACCOUNT_STATES

#: Badges of accounts that are switched on and signed in, and of those that are off.
BADGES = [
    ("off", "Switched off"),
    ("paused", "Paused"),
    ("reset", "Being reset"),
    ("stopped", "Stopped"),
    ("still", "Standing still"),
    ("failing", "Trying again"),
    *ACCOUNT_STATES,
]


class PraetorxMs365Account(models.Model):
    _inherit = "praetorx.ms365.account"

    badge = fields.Selection(BADGES, compute="_compute_badge")

    @api.depends("state", "enabled", "failures", "reset_requested_at")
    def _compute_badge(self):
        for account in self:
            account.badge = account._badge()

    def _badge(self):
        """Return the badge that agrees with the status in words."""
        self.ensure_one()
        is_active = self.state == "active"
        if not self.enabled:
            return "off"
        if is_active and self.reset_requested_at:
            return "reset"
        if self._is_paused():
            return "paused"
        if not is_active:
            return self.state
        if self.failures and self.failure_kind == NotStored.__name__:
            return "failing"
        if self._sessions_are_shared():
            return "stopped"
        if self._stands_still_since():
            return "still"
        return "failing" if self.failures else "active"
