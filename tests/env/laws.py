"""The numbered laws of docs/laws.md, and references to them."""

from __future__ import annotations

import re
from collections.abc import Iterator

if __package__:
    from .paths import ROOT
else:
    from paths import ROOT

PAGE = "docs/laws.md"
_HEADING = re.compile(r"^## (\d+)\. ", re.MULTILINE)
_TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")
#: A path with a slash in it: ``sync/push/work.py``, ``models/approval/``.
_PATH = re.compile(r"`((?:[\w-]+/)+(?:[\w.-]+\.\w+)?)`")
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
    return _TEST.findall(section)


def code_of(section: str) -> list[str]:
    """Return the paths of code that a section names."""
    return _PATH.findall(section)


def page_findings() -> Iterator[str]:
    """Name the tests and files of the page that do not exist."""
    addon = ROOT / "praetorx_ms365_calendar"
    for number, section in laws().items():
        for path, name in tests_of(section):
            if not _has_test(path, name):
                yield f"{PAGE}: law {number} names no test: {path}::{name}"
        for path in code_of(section):
            if not ((addon / path).exists() or (ROOT / path).exists()):
                yield f"{PAGE}: law {number} names no file: {path}"


def _has_test(path: str, name: str) -> bool:
    """Return True if a file defines this test function or test class."""
    file = ROOT / path
    pattern = rf"^\s*(?:def|class) {name}\b|^{name} = "
    return file.is_file() and bool(re.search(pattern, file.read_text(), re.MULTILINE))


def reference_findings(place: str, line: str, numbers: set[int]) -> Iterator[str]:
    """Name references in a line that lead to nothing in this repository."""
    for found in _REFERENCE.finditer(line):
        for number in map(int, re.findall(r"\d+", found[1])):
            if number not in numbers:
                yield f"{place} names law {number}, which {PAGE} does not have"
    if found := _COMPLAINT.search(line):
        yield f"{place} names {found[0]}, which no file of the repository defines"
