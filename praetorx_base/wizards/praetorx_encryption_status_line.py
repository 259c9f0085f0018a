from odoo import fields, models


class PraetorxEncryptionStatusLine(models.TransientModel):
    """Number of values that one key has encrypted; no key id means clear text."""

    _name = "praetorx.encryption.status.line"
    _description = "Encryption Key Status"

    status_id = fields.Many2one(
        "praetorx.encryption.status", required=True, ondelete="cascade"
    )
    key_id = fields.Char("Key ID", readonly=True)
    state = fields.Selection(
        [
            ("newest", "Newest: encrypts"),
            ("older", "Older: still decrypts"),
            ("missing", "Missing: values cannot be read"),
            ("clear", "Not encrypted yet"),
        ],
        readonly=True,
    )
    value_count = fields.Integer("Values", readonly=True)
