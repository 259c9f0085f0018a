"""Send edits of Odoo to Outlook, and record the responses."""
