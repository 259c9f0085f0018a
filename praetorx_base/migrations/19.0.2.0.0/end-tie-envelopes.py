"""Tie envelopes to their rows: until now they could be opened in any row.

It runs at the end, because all addons with encrypted fields must be loaded.
"""

from odoo import SUPERUSER_ID, api

from odoo.addons.praetorx_base.hooks import tie_existing_to_rows


def migrate(cr, version):
    tie_existing_to_rows(api.Environment(cr, SUPERUSER_ID, {}))
