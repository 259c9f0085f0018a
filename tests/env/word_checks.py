"""Find names in the addons that use a word which docs/glossary.md rules out."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

if __package__:
    from .paths import ADDONS, ROOT
else:
    from paths import ADDONS, ROOT

GLOSSARY = Path("docs/glossary.md")
SECTION = "## Words that we do not use"
_ROW = re.compile(r"^\| ([a-z, ]+) \| (.+?) \|$", re.MULTILINE)
#: ``_ms365_heirOf`` has the parts ``ms365``, ``heir`` and ``of``.
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
#: Names that Odoo gives, which we extend or set.
OF_ODOO = frozenset({"_inherit", "_update_foreign_keys"})
#: Names of these are stored in the database: constraints and indexes too.
_STORED = ("fields.", "models.", "EncryptedChar", "EncryptedText")


def word_findings(paths: Iterable[Path]) -> Iterator[str]:
    """Check the names in the Python files of the addons among ``paths``."""
    banned = banned_words((ROOT / GLOSSARY).read_text())
    trees = {
        path: ast.parse((ROOT / path).read_text())
        for path in paths
        if path.suffix == ".py"
        and path.parts[0] in ADDONS
        and "migrations" not in path.parts
        and (ROOT / path).exists()
    }
    exempt = OF_ODOO.union(*map(stored_names, trees.values()))
    for path, tree in trees.items():
        if "tests" in path.parts:
            continue
        for line, name in names_in(tree):
            for word in {part.lower() for part in _PARTS.findall(name)}:
                if word in banned and name not in exempt:
                    say = banned[word]
                    yield f"{path}:{line}: {name} has the word {word}; say: {say}"


def banned_words(glossary: str) -> dict[str, str]:
    """Return ``{word: words to use instead}`` from the table of the glossary."""
    rows = _ROW.findall(glossary.split(SECTION)[1])
    return {word: say for words, say in rows for word in words.split(", ")}


def stored_names(tree: ast.Module) -> set[str]:
    """Return the names of columns, indexes and constraints that a module declares."""
    return {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for statement in node.body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.value, ast.Call)
        and ast.unparse(statement.value.func).startswith(_STORED)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }


def names_in(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and name of each function, class, parameter and variable."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(
            node.ctx, ast.Store
        ):
            yield node.lineno, node.id if isinstance(node, ast.Name) else node.attr
