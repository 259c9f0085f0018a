from odoo import api, models

from ..fields import EncryptedField
from ..sealing import NOTE_CONTEXT_KEY, masked


class ResConfigSettings(models.TransientModel):
    """Let secrets be set here and not read, also while an encryption key is missing."""

    _inherit = "res.config.settings"

    @api.model
    def default_get(self, fields):
        noting = self.with_context(**{NOTE_CONTEXT_KEY: True})
        values = super(ResConfigSettings, noting).default_get(fields)
        for name in values:
            if isinstance(self._fields.get(name), EncryptedField):
                values[name] = masked(values[name])
        return values

    def set_values(self):
        noting = self.with_context(**{NOTE_CONTEXT_KEY: True})
        result = super(ResConfigSettings, noting).set_values()
        # To super, the superuser apart, every secret that was entered is dots.
        self_sudo = self.sudo()
        for name, key in self._get_classified_fields()["config"]:
            if isinstance(self._fields[name], EncryptedField) and self_sudo[name]:
                secret = self_sudo[name].strip()
                self_sudo.env["ir.config_parameter"].set_param(key, secret)
        return result
