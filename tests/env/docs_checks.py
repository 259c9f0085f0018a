"""Checks that the files and functions exist which guides and pages of docs/ name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

if __package__:
    from .paths import ADDONS, ROOT
else:
    from paths import ADDONS, ROOT

#: A path with a slash, perhaps with a function: ``sync/push/work.py::claim``.
_CODE = re.compile(r"`((?:[\w.-]+/)+(?:[\w.-]+\.\w+)?)(?:::(\w+))?`")
#: A page without back quotes in prose: docs/laws.md.
_PAGE = re.compile(r"\bdocs/[\w/-]+\.md\b")
#: Pages outside of docs/ that lead a reader to files.
_GUIDES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md")
#: Files that a guide tells a reader to make, or that the set-up makes.
_MADE_LATER = {"tests/e2e/test_report.py", ".odoo/", ".odoo/log/"}
#: Folders that a path may begin in.
_BEGIN_IN = (ROOT, *(ROOT / addon for addon in ADDONS))


def code_of(text: str) -> list[tuple[str, str]]:
    """Return path and function of each place in the code that a text names.

    :return: pairs; the second one is empty for a whole file or folder
    """
    return _CODE.findall(text)


def docs_findings() -> Iterator[str]:
    """Name the files and functions in guides and pages of docs/ that do not exist."""
    for page in (*_GUIDES, *sorted((ROOT / "docs").rglob("*.md"))):
        text = page.read_text()
        named = {*code_of(text), *((path, "") for path in _PAGE.findall(text))}
        for path, name in sorted(named):
            place = f"{page.relative_to(ROOT)} names"
            found = find(path)
            if found is None and path not in _MADE_LATER:
                yield f"{place} no file: {path}"
            elif found and name and not defines(found, name):
                yield f"{place} nothing in a file: {path}::{name}"


def find(path: str) -> Path | None:
    """Return the file or folder of a path in the repository or in an addon."""
    found = (folder / path for folder in _BEGIN_IN)
    return next((one for one in found if one.exists()), None)


def defines(file: Path, name: str) -> bool:
    """Return True if a file defines a function, a class or a value of this name."""
    pattern = rf"^\s*(?:def|class) {name}\b|^{name}\b[^=]* = "
    return bool(re.search(pattern, file.read_text(), re.MULTILINE))
