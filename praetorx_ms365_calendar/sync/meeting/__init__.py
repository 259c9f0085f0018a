"""Write the content of one meeting into Odoo's rows."""
