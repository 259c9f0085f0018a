"""Keep clients from writing the columns of the sync."""

from odoo import api, models


class PraetorxMs365Bookkeeping(models.AbstractModel):
    """Keeps clients from the columns that the sync writes.

    A client has more ways than a write: a ``default_`` in the context, which holds for
    all records that are made on the way, and a default of its own (``ir.default``).
    """

    _name = "praetorx.ms365.bookkeeping"
    _description = "Microsoft 365 Bookkeeping"

    #: Names of the columns, None for all of the model.
    _ms365_bookkeeping = None

    @api.model
    def _ms365_is_bookkeeping(self, name):
        """Return True if the sync alone writes a field of this model."""
        names = self._ms365_bookkeeping
        return name in self._fields and (names is None or name in names)

    @api.model
    def _has_field_access(self, field, operation):
        """Let the sync alone write these columns, where they are on a model of others.

        Our own models have access rights.
        """
        if (
            operation == "write"
            and not self.env.su
            and self._ms365_bookkeeping is not None
            and field.name in self._ms365_bookkeeping
        ):
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def default_get(self, fields):
        """Take the defaults of these columns from the code, and from nowhere else."""
        own = [name for name in fields if self._ms365_is_bookkeeping(name)]
        defaults = super().default_get([name for name in fields if name not in own])
        for name in own:
            field = self._fields[name]
            if field.default:
                value = field.convert_to_cache(
                    field.default(self), self, validate=False
                )
                value = field.convert_to_record(value, self)
                defaults[name] = field.convert_to_write(value, self)
        return defaults
