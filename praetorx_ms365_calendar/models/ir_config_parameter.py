from odoo import api, models

CLIENT_ID_PARAMETER = "microsoft_calendar_client_id"
SECRET_PARAMETER = "microsoft_calendar_client_secret"  # noqa: S105 (its name)


class IrConfigParameter(models.Model):
    """The stock connector keeps the client secret of its Azure app in a parameter."""

    _inherit = "ir.config_parameter"

    @api.model
    def _praetorx_encrypted_keys(self):
        return super()._praetorx_encrypted_keys() | {SECRET_PARAMETER}
