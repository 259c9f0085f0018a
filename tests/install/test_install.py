"""Test to install, upgrade, uninstall and reinstall our addons in an office."""

from __future__ import annotations

from env.paths import ADDONS

from .harness import (
    TOKENS,
    Office,
    assert_as_new,
    assert_goes_without_a_trace,
    counts,
)


def test_small_office(office_of):
    """An office installs our addons, then more addons of Odoo, and uninstalls ours."""
    office: Office = office_of(events=1000)
    office.install("hr_holidays", "google_calendar")
    office.run("office.py")
    before, tokens = counts(office), office.rows(TOKENS)
    office.install(*ADDONS)
    assert counts(office) == before
    assert_as_new(office, tokens)
    office.run("synced.py")
    office.install("crm")
    office.upgrade(*ADDONS)
    assert_goes_without_a_trace(office, tokens)
    office.install(*ADDONS)
    assert_as_new(office, office.rows(TOKENS))
