"""Models that exist only during a test class; see ``common.add_models``."""

from odoo import api, fields, models

from odoo.addons.praetorx_base.fields import EncryptedChar, EncryptedText

PARAMETER = "praetorx_base.test.secret"
OTHER_PARAMETER = "praetorx_base.test.other_secret"


class Secret(models.Model):
    _module = None
    _name = "praetorx.test.secret"
    _description = "Secret"

    name = fields.Char()
    token = EncryptedChar(size=20, index=True)
    note = EncryptedText()
    has_token = fields.Boolean(compute="_compute_has_token", store=True)

    @api.depends("token")
    def _compute_has_token(self):
        for secret in self:
            secret.has_token = bool(secret.token)


class Holder(models.Model):
    _module = None
    _name = "praetorx.test.holder"
    _description = "Holder"

    secret_id = fields.Many2one("praetorx.test.secret")
    token = fields.Char(related="secret_id.token", related_sudo=True)


class Bank(models.Model):
    _module = None
    _name = "res.bank"
    _inherit = ["res.bank"]

    bic = EncryptedChar()  # a stock field, with an index


class IrConfigParameter(models.Model):
    _module = None
    _name = "ir.config_parameter"
    _inherit = ["ir.config_parameter"]

    def _praetorx_encrypted_keys(self):
        return super()._praetorx_encrypted_keys() | {PARAMETER, OTHER_PARAMETER}


class ResConfigSettings(models.TransientModel):
    _module = None
    _name = "res.config.settings"
    _inherit = ["res.config.settings"]

    praetorx_test_secret = EncryptedChar(config_parameter=PARAMETER)
