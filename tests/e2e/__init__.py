"""Tests of the whole: real Odoo processes, real HTTP, the Microsoft 365 simulator."""
