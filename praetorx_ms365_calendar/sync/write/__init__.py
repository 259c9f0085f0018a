"""Write content to events of Odoo, for the worker and for a rejected change."""
