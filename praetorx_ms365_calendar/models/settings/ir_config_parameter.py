from odoo import api, models

from ...const import SECRET_PARAMETER


class IrConfigParameter(models.Model):
    """The stock connector keeps the client secret of its Azure app in a parameter."""

    _inherit = "ir.config_parameter"

    @api.model
    def _praetorx_encrypted_keys(self):
        return super()._praetorx_encrypted_keys() | {SECRET_PARAMETER}
