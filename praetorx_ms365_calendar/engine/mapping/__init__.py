"""Both sides in the engine's words: Graph's JSON and Odoo's plain values."""
