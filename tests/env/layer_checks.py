"""Checks that packages import only what docs/architecture.md allows them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

if __package__:
    from .paths import ROOT
else:
    from paths import ROOT

ADDON = ROOT / "praetorx_ms365_calendar"
PAGE = "docs/architecture.md"
_ROW = re.compile(r"^\| `([\w/]+)` \| ([^|]*) \|", re.MULTILINE)
_NAME = re.compile(r"`([\w/]+)`")


def layers() -> dict[str, set[str]]:
    """Return for each package of the calendar addon the packages it may import.

    A module that may import more than its package has a row of its own.
    """
    text = (ROOT / PAGE).read_text()
    table = text.split("## Layers\n")[1].split("\n## ")[0]
    return {package: set(_NAME.findall(may)) for package, may in _ROW.findall(table)}


def layer_findings() -> Iterator[str]:
    """Name each import that the table of layers does not allow."""
    allowed = layers()
    for path in sorted(ADDON.rglob("*.py")):
        package = _known(path.relative_to(ADDON).with_suffix("").parts, allowed)
        if package is None:
            continue  # tests, migrations and the addon's own files
        for line, target in imports(path):
            imported = _known(target, allowed) or "/".join(target[:1])
            if not _is_allowed(imported, {package, *allowed[package]}):
                place = f"{path.relative_to(ROOT)}:{line}:"
                yield f"{place} `{package}` may not import `{imported}` ({PAGE})"


def imports(path: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Return line and target of each import from this addon or the base addon."""
    folders = path.relative_to(ADDON).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.ImportFrom):
            continue
        module = tuple((node.module or "").split(".")) if node.module else ()
        if node.level:
            parents = folders[: len(folders) - node.level + 1]
            names = [module] if module else [(one.name,) for one in node.names]
            yield from ((node.lineno, (*parents, *name)) for name in names)
        elif module[:2] == ("odoo", "addons") and module[2:3] == (ADDON.name,):
            yield node.lineno, module[3:]
        elif module[:2] == ("odoo", "addons") and module[2:3] == ("praetorx_base",):
            yield node.lineno, module[2:3]


def _is_allowed(imported: str, packages: set[str]) -> bool:
    """Return True if a package, or a package that it belongs to, is in ``packages``."""
    return any(f"{imported}/".startswith(f"{package}/") for package in packages)


def _known(parts: tuple[str, ...], allowed: dict[str, set[str]]) -> str | None:
    """Return the longest beginning of a path that is a package of the table."""
    for count in range(len(parts), 0, -1):
        name = "/".join(parts[:count])
        if name in allowed:
            return name
    return None
