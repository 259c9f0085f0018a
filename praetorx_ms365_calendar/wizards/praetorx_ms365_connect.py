from typing import Any

from odoo import fields, models

from ..const import MY_CONNECTION


class PraetorxMs365Connect(models.TransientModel):
    """Connect the user's own calendar, after showing what will happen."""

    _name = "praetorx.ms365.connect"
    _description = "Connect with Microsoft 365"

    is_set_up = fields.Boolean(
        compute="_compute_is_set_up",
        compute_sudo=True,
        help="Whether there is an Azure app for this user.",
    )
    is_administrator = fields.Boolean(compute="_compute_is_set_up", compute_sudo=True)

    def _compute_is_set_up(self):
        company = self.env.user.company_id
        client_id = self.env["praetorx.ms365.account"]._client_id_of(company)
        for wizard in self:
            wizard.is_set_up = bool(client_id)
            wizard.is_administrator = self.env.user.has_group("base.group_system")

    def action_sign_in(self) -> dict[str, Any]:
        """Switch the sync on, and go to Microsoft's page."""
        self._switch_on()
        sign_in = self.env["praetorx.ms365.sign.in"]
        return sign_in._begin_by_button(MY_CONNECTION)

    def action_sign_in_by_code(self) -> dict[str, Any]:
        """Switch the sync on, and show a code to enter on Microsoft's page."""
        self._switch_on()
        return self.env.user.action_ms365_sign_in_by_code()

    def _switch_on(self):
        self.ensure_one()
        self.check_access("read")  # nobody acts by the dialog of somebody else
        self.env.user.ms365_sync_enabled = True

    def action_set_up(self) -> dict[str, Any]:
        """Open the guide for the registration of the Azure app."""
        return self.env["praetorx.ms365.app.guide"]._open()
