"""Keep the standard connector where somebody uses it."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Allow it in each company that has a user of it."""
    if not version:
        return
    api.Environment(cr, SUPERUSER_ID, {})["res.users"]._ms365_keep_stock()
