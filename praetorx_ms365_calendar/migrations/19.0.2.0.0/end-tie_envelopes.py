"""Tie envelopes to their rows, also where this addon is upgraded alone.

Those of former versions are not opened any more. Tying them twice changes nothing.
"""

from odoo import SUPERUSER_ID, api

from odoo.addons.praetorx_base.hooks import tie_existing_to_rows


def migrate(cr, version):
    """Repair databases from before 19.0.2.0.0."""
    if version:
        tie_existing_to_rows(api.Environment(cr, SUPERUSER_ID, {}))
