"""Tests with real Odoo processes, real HTTP and the Microsoft 365 simulator."""
