from odoo import api, models

from ..fields import encrypted_field
from ..sealing import NOTE_CONTEXT_KEY, is_note


class Base(models.AbstractModel):
    """Refuse what needs the clear text in SQL; open forms in spite of a lost key."""

    _inherit = "base"

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
        """
        :param spec: a field, with what may follow it: ``field.path:aggregate``
        :raise EncryptedFieldMisuse: the field is encrypted
        """
        field = self._fields.get(spec.split(":")[0].split(".")[0])
        if field and (encrypted := encrypted_field(field)):
            encrypted.refuse_use(self)

    # A form that cannot be opened cannot be repaired either.

    @api.readonly
    def web_read(self, specification):
        noting = self.with_context(**{NOTE_CONTEXT_KEY: True})
        return super(Base, noting).web_read(specification)

    def onchange(self, values, field_names, fields_spec):
        noting = self.with_context(**{NOTE_CONTEXT_KEY: True})
        return super(Base, noting).onchange(values, field_names, fields_spec)

    def web_save(self, vals, specification, next_id=None):
        if self:
            vals = _without_notes(vals)
        return super().web_save(vals, specification, next_id=next_id)

    def web_save_multi(self, vals_list, specification):
        vals_list = [_without_notes(vals) for vals in vals_list]
        return super().web_save_multi(vals_list, specification)


def _without_notes(vals: dict) -> dict:
    """Leave out what a form shows in place of an unreadable value, and sends back."""
    return {name: value for name, value in vals.items() if not is_note(value)}
