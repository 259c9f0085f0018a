from odoo import api, models

from ..fields import EncryptedField, encrypted_field
from ..sealing import UNREADABLE_CONTEXT_KEY, is_placeholder


class Base(models.AbstractModel):
    """Refuse operations that need the clear text in SQL; open forms without a key."""

    _inherit = "base"

    def _create(self, data_list):
        records = super()._create(data_list)
        names = {name for data in data_list for name in data["stored"]}
        for name in names:
            if isinstance(self._fields[name], EncryptedField):
                self._fields[name].tie_to_rows(records)
        return records

    def _read_group_groupby(self, alias, groupby_spec, query):
        self._refuse_if_encrypted(groupby_spec)
        return super()._read_group_groupby(alias, groupby_spec, query)

    def _read_group_select(self, aggregate_spec, query):
        if not aggregate_spec.endswith(":count"):
            self._refuse_if_encrypted(aggregate_spec)
        return super()._read_group_select(aggregate_spec, query)

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        self._refuse_if_encrypted(field_name)
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    @api.model
    def _refuse_if_encrypted(self, spec: str):
        """Raise an error if a field is encrypted.

        :param spec: a field, maybe with a path or an aggregate:
            ``field.path:aggregate``
        :raise EncryptedFieldMisuse: the field is encrypted
        """
        field = self._fields.get(spec.split(":")[0].split(".")[0])
        if field and (encrypted := encrypted_field(field)):
            encrypted.refuse_use(self)

    # A note replaces an unreadable secret, so that the form opens and can be repaired.

    @api.readonly
    def web_read(self, specification):
        with_messages = self.with_context(**{UNREADABLE_CONTEXT_KEY: True})
        return super(Base, with_messages).web_read(specification)

    def onchange(self, values, field_names, fields_spec):
        with_messages = self.with_context(**{UNREADABLE_CONTEXT_KEY: True})
        return super(Base, with_messages).onchange(values, field_names, fields_spec)

    def web_save(self, vals, specification, next_id=None):
        if self:
            vals = _without_placeholders(vals)
        return super().web_save(vals, specification, next_id=next_id)

    def web_save_multi(self, vals_list, specification):
        vals_list = [_without_placeholders(vals) for vals in vals_list]
        return super().web_save_multi(vals_list, specification)


def _without_placeholders(vals: dict) -> dict:
    """Remove masks and notes: a form shows them for a secret, and sends them back."""
    return {name: value for name, value in vals.items() if not is_placeholder(value)}
