"""Shared parts of the end-to-end tests, the browser tests and the demo."""
