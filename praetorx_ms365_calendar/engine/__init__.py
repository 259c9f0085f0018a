"""Decide about the sync with pure functions: plain values, no Odoo, HTTP or clock."""
