"""Measurements against real servers: ``make bench``."""
