"""Run the tests with 10,000 events and more addons of Odoo: ``make install-test``."""

from __future__ import annotations

from env.paths import ADDONS

from .harness import (
    TOKENS,
    Office,
    assert_as_new,
    assert_goes_without_a_trace,
    counts,
)

OFFICE = (
    "crm",
    "project",
    "hr_holidays",
    "hr_calendar",
    "website",
    "google_calendar",
    "calendar_sms",
)


def test_office_first(office_of):
    """An office has worked for years; then our addons are installed."""
    office: Office = office_of(events=10_000)
    office.install(*OFFICE)
    office.run("office.py")
    before, tokens = counts(office), office.rows(TOKENS)
    office.install(*ADDONS)
    assert counts(office) == before
    assert_as_new(office, tokens)
    office.run("synced.py")
    office.upgrade(*ADDONS)
    assert_goes_without_a_trace(office, tokens)
    office.install(*ADDONS)
    assert_as_new(office, office.rows(TOKENS))


def test_our_addons_first(office_of):
    """People have synced for years; then more addons of Odoo are installed."""
    office: Office = office_of(events=10_000)
    office.install(*ADDONS)
    office.run("office.py")
    tokens = [
        (user_id, refresh and f"refresh-{user_id}", access and f"access-{user_id}")
        for user_id, refresh, access in office.rows(TOKENS)
    ]
    office.run("synced.py")
    office.install(*OFFICE)
    office.upgrade(*OFFICE, *ADDONS)
    assert_goes_without_a_trace(office, tokens)
    office.install(*ADDONS)
    assert_as_new(office, office.rows(TOKENS))
