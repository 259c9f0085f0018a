"""Test that pure packages use no Odoo and HTTP, and the engine no clock and chance."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENGINE = ROOT / "praetorx_ms365_calendar" / "engine"
CRYPTO = ROOT / "praetorx_base" / "crypto"

TALKS = {
    "asyncio", "ftplib", "http", "imaplib", "multiprocessing", "poplib", "select",
    "selectors", "smtplib", "socket", "socketserver", "ssl", "subprocess",
    "urllib.request", "xmlrpc",
}  # fmt: skip
#: Modules that the engine must not use: its results would depend on time or machine.
NOT_GIVEN = {
    "getpass", "glob", "io", "locale", "os", "pathlib", "platform", "random", "secrets",
    "shutil", "signal", "tempfile", "threading", "time",
}  # fmt: skip
#: Members that read the clock or use chance, from modules that are allowed.
IMPURE_MEMBERS = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"),
    ("date", "today"), ("uuid", "uuid1"), ("uuid", "uuid4"),
}  # fmt: skip

PACKAGES = [
    (ENGINE, {"lxml", "dateutil"}, TALKS | NOT_GIVEN),
    (CRYPTO, {"cryptography"}, TALKS | {"random", "time"}),
]
MODULES = [
    pytest.param(package, path, third_party, banned, id=str(path.relative_to(ROOT)))
    for package, third_party, banned in PACKAGES
    for path in sorted(package.rglob("*.py"))
]


@pytest.mark.parametrize(("package", "path", "third_party", "banned"), MODULES)
def test_a_pure_module_imports_nothing_else(package, path, third_party, banned):
    for name in imported(path.read_text(), path, package):
        parts = name.split(".")
        prefixes = {".".join(parts[:count]) for count in range(1, len(parts) + 1)}
        assert parts[0] in sys.stdlib_module_names | third_party, name
        assert not prefixes & banned, name


@pytest.mark.parametrize(
    "path", [pytest.param(p, id=p.name) for p in sorted(ENGINE.rglob("*.py"))]
)
def test_the_engine_asks_neither_clock_nor_chance(path):
    tree = ast.parse(path.read_text())
    used = {
        (node.value.id, node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    taken = {
        (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    assert not (used | taken) & IMPURE_MEMBERS


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import os.path", ["os.path"]),
        ("from urllib import request", ["urllib", "urllib.request"]),
        ("def f():\n    import odoo", ["odoo"]),
        ("from .text import clean", []),
        ("from ..errors import SyncError", []),
        ("from ... import models", ["the package around"]),
        ("if TYPE_CHECKING:\n    import random", []),
    ],
)
def test_the_walk_sees_every_import(source, names):
    path = ENGINE / "mapping" / "sample.py"

    assert list(imported(source, path, ENGINE)) == names


def imported(source: str, path: Path, package: Path) -> Iterator[str]:
    """Yield the full names that a module imports from outside its package.

    Imports only for annotations are ignored, because they are not run.
    """
    depth = len(path.relative_to(package).parts)
    nodes: list[ast.AST] = [ast.parse(source)]
    while nodes:
        node = nodes.pop(0)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            nodes.extend(node.orelse)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level > depth:
            yield "the package around"
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        else:
            nodes.extend(ast.iter_child_nodes(node))
