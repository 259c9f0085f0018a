"""Fields that are clear text to privileged code, and ciphertext in PostgreSQL.

    from odoo.addons.praetorx_base.fields import EncryptedChar

    token = EncryptedChar(groups="base.group_system")

They also work over a stock ``Char`` or ``Text`` of a model that is inherited; existing
values are encrypted by ``encrypt_existing`` in ``praetorx_base.hooks``.

The clear text is for code that runs as superuser: ``record.sudo().token``. Anybody else
gets dots in its place, by whatever way, and may set a new value. So no client can read
it: clients never are the superuser, and what they are sent is masked in any case.

An envelope is tied to its row: copied into another one, it does not open.

A value is decrypted when the field is read, not when its record is: a missing key
breaks nothing but that field. The cache holds what the database holds, until then.
Searching tells only whether there is a value. Comparing, sorting, grouping and
exporting are refused, and so are options that would store the clear text elsewhere.
"""

from odoo import fields
from odoo.tools import SQL
from odoo.tools.misc import SENTINEL
from odoo.tools.sql import convert_column

from . import sealing
from .crypto.envelope import is_envelope
from .exceptions import EncryptedFieldMisuse, UnreadableSecret


class Sealed(str):
    """An envelope in the cache; by its type no clear text is taken for one."""

    __slots__ = ()


class EncryptedField:
    """What both field types have in common; comes before a text field in the bases."""

    copy = False
    exportable = False

    def _get_attrs(self, model_class, name):
        attrs = super()._get_attrs(model_class, name)
        # An index over ciphertext finds nothing; the chatter would keep clear text.
        attrs["index"] = None
        attrs.pop("tracking", None)
        return attrs

    def setup(self, model):
        """Refuse options that store clear text, or values that cannot be opened.

        :raise TypeError: the field is translated, company-dependent, or a stored copy
            of another one, which the ORM fills with the envelopes of that other place
        """
        super().setup(model)
        if self.translate or self.company_dependent or (self.related and self.store):
            raise TypeError(
                f"{self} is encrypted: it cannot be translated, company-dependent, or "
                "related and stored"
            )

    @property
    def column_context(self) -> str:
        """The place of rows that are being inserted, and have no id yet.

        Envelopes of older versions are tied to it, too. They open for
        ``tie_existing_to_rows`` only.
        """
        return f"{self.model_name}.{self.name}"

    def seal_context(self, record) -> str:
        """The place that the envelope of a record is tied to: column and row."""
        record_id = record._origin.id
        return (
            f"{self.column_context}:{record_id}" if record_id else self.column_context
        )

    # --- to and from the database ---------------------------------------------------

    def convert_to_column(self, value, record, values=None, validate=True):
        """Encrypt; what came from the database unread goes back untouched."""
        if isinstance(value, Sealed):
            return str(value)
        clear_text = super().convert_to_column(value, record, values, validate)
        if not clear_text or sealing.is_placeholder(clear_text):
            return clear_text
        return sealing.seal(record.env, clear_text, self.seal_context(record))

    def tie_to_rows(self, records):
        """Encrypt values anew that were inserted before their rows had an id."""
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
        """Decrypt for the superuser; others learn whether there is a value.

        :raise UnreadableSecret: the key is missing, or the stored value is damaged
        """
        value = self._in_clear(value, record, sealing.unseal_or_note)
        value = super().convert_to_record(value, record)
        return value if record.env.su else sealing.masked(value)

    def _in_clear(self, value, record, unseal):
        if not isinstance(value, Sealed):
            return value
        return unseal(record.env, value, self.seal_context(record))

    def convert_to_read(self, value, record, use_display_name=True):
        """Mask: what is read for a client, superuser or not, leaves the server."""
        value = super().convert_to_read(value, record, use_display_name)
        return sealing.masked(value)

    def convert_to_write(self, value, record):
        """Decrypt what was taken from the cache as it is; what is entered stays."""
        if isinstance(value, Sealed):
            return self.convert_to_record(value, record)
        return super().convert_to_write(value, record)

    def write(self, records, value):
        """Keep the stored value if a form sends back what it was shown in its place.

        :raise UnusableKeys: before anything is saved, not when it is flushed
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
                return value  # whatever is written replaces it

        return records.filtered(lambda record: cached(record) != cache_value)

    # --- in SQL ---------------------------------------------------------------------

    def condition_to_sql(self, field_expr, operator, value, model, alias, query) -> SQL:
        """Allow to ask whether there is a value, and nothing else.

        :raise EncryptedFieldMisuse: any other comparison
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
        """
        :raise EncryptedFieldMisuse: always, naming the field
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
        """
        :raise EncryptedFieldMisuse: always, also when empty: a column that comes and
            goes with the data would be worse than none
        """
        self.refuse_use(record)

    # --- as described to clients ----------------------------------------------------

    def _description_sortable(self, env):
        return False

    def _description_groupable(self, env):
        return False

    def _description_aggregator(self, env):
        return None


class EncryptedChar(EncryptedField, fields.Char):
    """A ``Char`` whose column holds envelopes; ``size`` limits the clear text only."""

    _column_type = ("varchar", "VARCHAR")

    def update_db_column(self, model, column):
        """Lift the limit of a stock column: an envelope is longer than its text."""
        if column and column["character_maximum_length"]:
            convert_column(model.env.cr, model._table, self.name, "VARCHAR")
        super().update_db_column(model, column)


class EncryptedText(EncryptedField, fields.Text):
    """A ``Text`` whose column holds envelopes."""


def encrypted_field(field: fields.Field) -> EncryptedField | None:
    """The encrypted field behind a field: itself, or what it is related to."""
    while field.related and not field.store:
        field = field.related_field
    return field if isinstance(field, EncryptedField) else None


def _mark(value):
    return Sealed(value) if is_envelope(value) else value
