"""Tie envelopes to their rows, also if only this addon is upgraded.

Envelopes of former versions cannot be opened any more. A second run changes nothing.
"""

from odoo import SUPERUSER_ID, api

from odoo.addons.praetorx_base.hooks import tie_existing_to_rows


def migrate(cr, version):
    """Repair databases from before 19.0.2.0.0."""
    if version:
        tie_existing_to_rows(api.Environment(cr, SUPERUSER_ID, {}))
