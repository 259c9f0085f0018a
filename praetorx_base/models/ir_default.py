from odoo import api, models
from odoo.exceptions import ValidationError

from ..fields import encrypted_field


class IrDefault(models.Model):
    """Refuse user-defined defaults of encrypted fields: Odoo stores them in clear."""

    _inherit = "ir.default"

    @api.constrains("field_id")
    def _check_field_not_encrypted(self):
        for default in self.sudo():
            model = self.env.get(default.field_id.model)
            field = model is not None and model._fields.get(default.field_id.name)
            if field and encrypted_field(field):
                raise ValidationError(
                    self.env._(
                        "“%s” is encrypted, and can have no user-defined default.",
                        default.field_id.field_description,
                    )
                )
