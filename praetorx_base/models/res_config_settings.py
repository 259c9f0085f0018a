from odoo import api, models

from ..fields import EncryptedField
from ..sealing import UNREADABLE_CONTEXT_KEY, masked


class ResConfigSettings(models.TransientModel):
    """Let users set secrets in the settings but never read them, even without a key."""

    _inherit = "res.config.settings"

    @api.model
    def default_get(self, fields):
        with_messages = self.with_context(**{UNREADABLE_CONTEXT_KEY: True})
        values = super(ResConfigSettings, with_messages).default_get(fields)
        for name in values:
            if isinstance(self._fields.get(name), EncryptedField):
                values[name] = masked(values[name])
        return values

    def set_values(self):
        with_messages = self.with_context(**{UNREADABLE_CONTEXT_KEY: True})
        result = super(ResConfigSettings, with_messages).set_values()
        # super() gets only dots for each entered secret, unless it is the superuser.
        self_sudo = self.sudo()
        for name, key in self._get_classified_fields()["config"]:
            if isinstance(self._fields[name], EncryptedField) and self_sudo[name]:
                secret = self_sudo[name].strip()
                self_sudo.env["ir.config_parameter"].set_param(key, secret)
        return result
