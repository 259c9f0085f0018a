from odoo import api, models
from odoo.exceptions import ValidationError

from ..fields import encrypted_field


class IrModelFields(models.Model):
    """Refuse custom fields related to a secret: Odoo would read it as superuser."""

    _inherit = "ir.model.fields"

    @api.constrains("related")
    def _check_related_not_encrypted(self):
        for field in self.filtered("related"):
            shown = field._related_field()
            model = self.env.get(shown.model)
            if model is not None and encrypted_field(model._fields[shown.name]):
                raise ValidationError(
                    self.env._(
                        "“%s” is encrypted: no other field can show it.", field.related
                    )
                )
