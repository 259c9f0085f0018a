"""Encrypt values, manage keys, and keep secrets out of logs. Knows nothing of Odoo."""
