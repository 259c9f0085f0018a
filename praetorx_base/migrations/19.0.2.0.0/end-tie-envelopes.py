"""Tie envelopes to their rows: they opened in any row of their column until now.

At the end, when the addons that have encrypted fields are loaded, too.
"""

from odoo import SUPERUSER_ID, api

from odoo.addons.praetorx_base.hooks import tie_existing_to_rows


def migrate(cr, version):
    tie_existing_to_rows(api.Environment(cr, SUPERUSER_ID, {}))
