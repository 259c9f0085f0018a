"""Forget what a person has begun and not ended in time."""

from odoo import api, fields, models
from odoo.fields import Domain


class PraetorxMs365Expiring(models.AbstractModel):
    """Rows that are valid until a time, and deleted some time after it."""

    _name = "praetorx.ms365.expiring"
    _description = "Microsoft 365: Valid Until a Time"

    expires_at = fields.Datetime(required=True, readonly=True)

    def _open(self):
        """Return the rows that are still valid."""
        now = fields.Datetime.now()
        return self.filtered(lambda row: row.expires_at > now)

    @api.autovacuum
    def _gc_expired(self):
        if self._abstract:  # Odoo calls it for this model, too
            return 0, 0
        limit = 1000
        over = self.search(
            Domain("expires_at", "<=", fields.Datetime.now()), limit=limit
        )
        over.unlink()
        return len(over), len(over) == limit
