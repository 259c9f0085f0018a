"""Encryption at rest without Odoo: envelopes, key rings, key files, redaction."""
