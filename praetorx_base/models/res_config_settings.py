from odoo import api, models

from ..sealing import NOTE_CONTEXT_KEY


class ResConfigSettings(models.TransientModel):
    """Let the settings be opened and saved while an encryption key is missing."""

    _inherit = "res.config.settings"

    @api.model
    def default_get(self, fields):
        noting = self.with_context(**{NOTE_CONTEXT_KEY: True})
        return super(ResConfigSettings, noting).default_get(fields)

    def set_values(self):
        noting = self.with_context(**{NOTE_CONTEXT_KEY: True})
        return super(ResConfigSettings, noting).set_values()
