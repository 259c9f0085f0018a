"""Tests in a real browser: they see and click pages like a person."""
