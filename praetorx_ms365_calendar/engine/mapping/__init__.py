"""Convert Graph's JSON and Odoo's plain values to the engine's content, and back."""
