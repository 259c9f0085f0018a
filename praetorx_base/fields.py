"""Fields with clear text for privileged code, and ciphertext in PostgreSQL.

    from odoo.addons.praetorx_base.fields import EncryptedChar

    token = EncryptedChar(groups="base.group_system")

They can also replace a stock ``Char`` or ``Text`` of an inherited model. Use
``encrypt_existing`` from ``praetorx_base.hooks`` to encrypt the existing values.

Only code that runs as superuser gets the clear text: ``record.sudo().token``. All other
code gets dots, and can set a new value. So no client can read the secret: a client is
never the superuser, and values for clients are always masked.

An envelope is tied to its row: copied into another row, it cannot be opened.

A value is decrypted when its field is read, not when its record is. Until then the
cache has the envelope. So a missing key affects only that field. A search can only ask
if there is a value. Comparing, sorting, grouping and exporting are refused. Options
that would store the clear text elsewhere are refused too.
"""

from odoo import fields
from odoo.tools import SQL
from odoo.tools.misc import SENTINEL
from odoo.tools.sql import convert_column

from . import sealing
from .crypto.envelope import is_envelope
from .exceptions import EncryptedFieldMisuse, UnreadableSecret


class Sealed(str):
    """An envelope in the cache. The type separates it from a clear text."""

    __slots__ = ()


class EncryptedField:
    """Common part of both field types; must come before the text field in the bases."""

    copy = False
    exportable = False

    def _get_attrs(self, model_class, name):
        attrs = super()._get_attrs(model_class, name)
        # An index on ciphertext is useless, and tracking would store the clear text.
        attrs["index"] = None
        attrs.pop("tracking", None)
        return attrs

    def setup(self, model):
        """Refuse options that store clear text, or values that cannot be decrypted.

        :raise TypeError: the field is translated, company-dependent, or related and
            stored. The ORM would fill a stored related field with envelopes that are
            tied to another place
        """
        super().setup(model)
        if self.translate or self.company_dependent or (self.related and self.store):
            raise TypeError(
                f"{self} is encrypted: it cannot be translated, company-dependent, or "
                "related and stored"
            )

    @property
    def column_context(self) -> str:
        """Return the place for rows that have no id yet because they are inserted now.

        Envelopes of older versions are tied to this place too. Only
        ``tie_existing_to_rows`` opens them.
        """
        return f"{self.model_name}.{self.name}"

    def seal_context(self, record) -> str:
        """Return the place of a record's envelope: column and row."""
        record_id = record._origin.id
        return (
            f"{self.column_context}:{record_id}" if record_id else self.column_context
        )

    # --- to and from the database ---------------------------------------------------

    def convert_to_column(self, value, record, values=None, validate=True):
        """Encrypt a clear text; an envelope from the database stays unchanged."""
        if isinstance(value, Sealed):
            return str(value)
        clear_text = super().convert_to_column(value, record, values, validate)
        if not clear_text or sealing.is_placeholder(clear_text):
            return clear_text
        return sealing.seal(record.env, clear_text, self.seal_context(record))

    def tie_to_rows(self, records):
        """Encrypt values again that were inserted before their rows had an id."""
        for record in records:
            value = self._get_cache(record.env).get(record.id)
            if value and not isinstance(value, Sealed):
                self._update_cache(record, value, dirty=True)

    def _insert_cache(self, records, values):
        super()._insert_cache(records, map(_mark, values))

    # --- in the cache ---------------------------------------------------------------

    def convert_to_cache(self, value, record, validate=True):
        """Keep the type of an envelope that is copied from one cache to another."""
        if isinstance(value, Sealed):
            return value
        return super().convert_to_cache(value, record, validate)

    def convert_to_record(self, value, record):
        """Decrypt for the superuser; for others return a mask if there is a value.

        :raise UnreadableSecret: the key is missing, or the stored value is damaged
        """
        value = self._in_clear(value, record, sealing.unseal_or_message)
        value = super().convert_to_record(value, record)
        return value if record.env.su else sealing.masked(value)

    def _in_clear(self, value, record, unseal):
        if not isinstance(value, Sealed):
            return value
        return unseal(record.env, value, self.seal_context(record))

    def convert_to_read(self, value, record, use_display_name=True):
        """Return a mask, even for the superuser: this value is sent to a client."""
        value = super().convert_to_read(value, record, use_display_name)
        return sealing.masked(value)

    def convert_to_write(self, value, record):
        """Decrypt an envelope from the cache; leave an entered value unchanged."""
        if isinstance(value, Sealed):
            return self.convert_to_record(value, record)
        return super().convert_to_write(value, record)

    def write(self, records, value):
        """Write a value; keep the stored one if a form sends back its mask or note.

        :raise UnusableKeys: there is no usable key. Raised before anything is saved,
            not at the flush
        """
        if sealing.is_placeholder(value):
            return
        if value and self.store:
            sealing.require_keyring(records.env)
        super().write(records, value)

    def _filter_not_equal(self, records, cache_value):
        field_cache = self._get_cache(records.env)

        def cached(record):
            value = field_cache.get(record.id, SENTINEL)
            try:
                return self._in_clear(value, record, sealing.unseal)
            except UnreadableSecret:
                return value  # differs from every clear text, so it is replaced

        return records.filtered(lambda record: cached(record) != cache_value)

    # --- in SQL ---------------------------------------------------------------------

    def condition_to_sql(self, field_expr, operator, value, model, alias, query) -> SQL:
        """Allow only one search condition: there is a value, or there is none.

        :raise EncryptedFieldMisuse: for any other comparison
        """
        asks_for_presence = (
            operator in ("in", "not in")
            and not isinstance(value, SQL)
            and not any(value)
        )
        if not asks_for_presence:
            self.refuse_use(model)
        column = model._field_to_sql(alias, field_expr, query)
        if operator == "in":
            return SQL("(%s IS NULL OR %s = '')", column, column)
        return SQL("(%s IS NOT NULL AND %s != '')", column, column)

    def refuse_use(self, model):
        """Raise the error for a use that would need the clear text.

        :raise EncryptedFieldMisuse: always; its message names the field
        """
        raise EncryptedFieldMisuse(
            model.env._(
                "“%(field)s” of “%(model)s” is encrypted: one can search for records "
                "with or without a value, but not compare, sort, group or export it.",
                field=self._description_string(model.env),
                model=model._description,
            )
        )

    def convert_to_export(self, value, record):
        """Refuse the export of the field.

        :raise EncryptedFieldMisuse: always, also for an empty value. Otherwise an
            export would sometimes work and sometimes fail
        """
        self.refuse_use(record)

    # --- description for clients ----------------------------------------------------

    def _description_sortable(self, env):
        return False

    def _description_groupable(self, env):
        return False

    def _description_aggregator(self, env):
        return None


class EncryptedChar(EncryptedField, fields.Char):
    """A ``Char`` with envelopes in its column; ``size`` limits only the clear text."""

    _column_type = ("varchar", "VARCHAR")

    def update_db_column(self, model, column):
        """Remove the length limit of a stock column: an envelope is longer."""
        if column and column["character_maximum_length"]:
            convert_column(model.env.cr, model._table, self.name, "VARCHAR")
        super().update_db_column(model, column)


class EncryptedText(EncryptedField, fields.Text):
    """A ``Text`` with envelopes in its column."""


def encrypted_field(field: fields.Field) -> EncryptedField | None:
    """Return the field itself or its related field if encrypted, else None."""
    while field.related and not field.store:
        field = field.related_field
    return field if isinstance(field, EncryptedField) else None


def _mark(value):
    return Sealed(value) if is_envelope(value) else value
