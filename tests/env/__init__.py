"""The environment that tests, demo and benchmarks run in: Odoo, PostgreSQL, databases.

``setup.sh`` makes it; the modules here use it, with the Python of ``.odoo/venv``.
"""
