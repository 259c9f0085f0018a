"""The numbered laws of docs/laws.md, and references to them."""

from __future__ import annotations

import re
from collections.abc import Iterator

if __package__:
    from .docs_checks import code_of
    from .paths import ROOT
else:
    from docs_checks import code_of
    from paths import ROOT

PAGE = "docs/laws.md"
_HEADING = re.compile(r"^## (\d+)\. ", re.MULTILINE)
#: "law 6", "laws 2, 3 and 5".
_REFERENCE = re.compile(r"\blaws?\s+(\d+(?:(?:,\s*|\s+and\s+)\d+)*)", re.IGNORECASE)
#: Complaints are named by their public issue. No file here gives them numbers.
_COMPLAINT = re.compile(r"\bcomplaints?\s+\d+", re.IGNORECASE)


def laws() -> dict[int, str]:
    """Return the section of each law by its number, in the order of the page."""
    _intro, *parts = _HEADING.split((ROOT / PAGE).read_text())
    return {int(parts[at]): parts[at + 1] for at in range(0, len(parts), 2)}


def tests_of(section: str) -> list[tuple[str, str]]:
    """Return file and name of each test that a section names."""
    return [(path, name) for path, name in code_of(section) if name]


def reference_findings(place: str, line: str, numbers: set[int]) -> Iterator[str]:
    """Name references in a line that lead to nothing in this repository."""
    for found in _REFERENCE.finditer(line):
        for number in map(int, re.findall(r"\d+", found[1])):
            if number not in numbers:
                yield f"{place} names law {number}, which {PAGE} does not have"
    if found := _COMPLAINT.search(line):
        yield f"{place} names {found[0]}, which no file of the repository defines"
