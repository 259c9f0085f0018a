from typing import Any

from odoo import fields, models


class PraetorxMs365AppGuide(models.TransientModel):
    """Guide an administrator through the registration of the Azure app."""

    _name = "praetorx.ms365.app.guide"
    _description = "Guide to the Azure App"

    redirect_uri = fields.Char("Redirect URI", compute="_compute_values")
    notification_url = fields.Char("Notification Address", compute="_compute_values")
    permissions = fields.Char(compute="_compute_values")
    consent_url = fields.Char("Consent for Everybody", compute="_compute_values")

    def _compute_values(self):
        values = self.env["res.config.settings"]._ms365_values_to_copy(self.env.company)
        for guide in self:
            guide.update(values)

    def _open(self) -> dict[str, Any]:
        """Return the action that opens a new guide."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Register the App at Microsoft"),
            "res_model": self._name,
            "res_id": self.create({}).id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_open_settings(self) -> dict[str, Any]:
        """Open the settings, where the Azure app is entered and tested."""
        return self.env["onboarding.onboarding.step"].action_open_ms365_settings()
