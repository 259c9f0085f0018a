"""Bring changes of Outlook into Odoo: new, known and gone meetings."""
