"""Talk to Microsoft: send requests, check responses, sign in. Knows nothing of Odoo."""
