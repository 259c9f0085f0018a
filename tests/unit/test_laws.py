"""docs/laws.md is complete, and references to its laws are right."""

from __future__ import annotations

import pytest

from env import laws
from env.docs_checks import code_of

SECTIONS = laws.laws()


def test_laws_are_numbered_without_a_gap():
    assert list(SECTIONS) == list(range(1, 18))


@pytest.mark.parametrize("section", SECTIONS.values(), ids=map(str, SECTIONS))
def test_each_law_has_a_reason_code_and_tests(section):
    tests = laws.tests_of(section)
    assert "- **Why:** " in section
    assert 3 <= len(tests) <= 8
    assert len(code_of(section)) > len(tests)


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("the organizer's fields (docs/laws.md, law 6).", 0),
        ("docs/laws.md, laws 2, 3 and 17", 0),
        ("as law " + "99 says", 1),
        ("Laws " + "1, 18 and 19", 2),
        ("once (complaint " + "54).", 1),
        ("Complaint odoo/odoo#73719: the sync stopped.", 0),
        ("the laws of the walk", 0),
    ],
)
def test_references_are_checked(line, count):
    found = list(laws.reference_findings("x.py:1:", line, set(SECTIONS)))
    assert len(found) == count
