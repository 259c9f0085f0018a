"""Everything that decides: pure functions on plain values, no Odoo, HTTP or clock."""
