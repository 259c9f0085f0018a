"""Everything that talks to Microsoft: requests, answers, sign-in. No Odoo."""
