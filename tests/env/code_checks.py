"""Checks of the Python code that no linter knows."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

if __package__:
    from .paths import ADDONS, ROOT
else:
    from paths import ADDONS, ROOT

OWN_PACKAGES = (*ADDONS, "bench", "browser", "demo", "e2e", "env", "graph_simulator")
#: Lines of a file of the addons, without their tests.
LONGEST_FILE = 400
#: Lines of a function, from ``def`` on, without its docstring.
LONGEST_FUNCTION = 50
#: Folders with methods that Odoo, screens and other addons call.
INTERFACES = {"controllers", "models", "wizards"}
#: Methods of Odoo's ORM. An override keeps the signature that it has there.
ORM_METHODS = {
    "copy",
    "copy_data",
    "create",
    "default_get",
    "onchange",
    "unlink",
    "web_read",
    "write",
}


def code_findings(paths: list[Path]) -> Iterator[str]:
    """Check the Python files among ``paths``."""
    for path in paths:
        if path.suffix != ".py" or not (ROOT / path).exists():
            continue
        source = (ROOT / path).read_text()
        tree = ast.parse(source)
        yield from file_length_findings(path, source)
        yield from replacement_findings(path, tree)
        yield from length_findings(path, tree)
        if set(path.parts) & INTERFACES:
            yield from annotation_findings(path, tree)


def file_length_findings(path: Path, source: str) -> Iterator[str]:
    """Find files of the addons that are too long for one subject."""
    lines = len(source.splitlines())
    is_ours = path.parts[0] in ADDONS and "tests" not in path.parts
    if is_ours and lines > LONGEST_FILE:
        yield f"{path} has {lines} lines, more than {LONGEST_FILE}"


def annotation_findings(path: Path, tree: ast.Module) -> Iterator[str]:
    """Find public methods without types for the parameters or the result.

    Overrides of Odoo's methods are left out: their signature is Odoo's.
    """
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    for node in [one for body in (tree, *classes) for one in body.body]:
        if (
            isinstance(node, ast.FunctionDef)
            and not node.name.startswith("_")
            and not is_override(node)
            and not is_annotated(node)
        ):
            yield f"{path}:{node.lineno}: {node.name} has no type annotations"


def is_override(function: ast.FunctionDef) -> bool:
    """Return True for an ORM method and a method that calls itself on ``super()``."""
    return function.name in ORM_METHODS or any(
        isinstance(node, ast.Attribute)
        and node.attr == function.name
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func) == "super"
        for node in ast.walk(function)
    )


def is_annotated(function: ast.FunctionDef) -> bool:
    """Return True if all parameters (but ``self``) and the result have types."""
    arguments = function.args
    parameters = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    parameters += [one for one in (arguments.vararg, arguments.kwarg) if one]
    return function.returns is not None and all(
        one.annotation is not None or one.arg in ("self", "cls") for one in parameters
    )


def length_findings(path: Path, tree: ast.Module) -> Iterator[str]:
    """Find functions that nobody can read at one glance."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = length(node)
            if lines > LONGEST_FUNCTION:
                yield f"{path}:{node.lineno}: {node.name} has {lines} lines"


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function without its decorators and its docstring."""
    first = function.body[0]
    lines = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function) is not None:
        lines -= first.end_lineno - first.lineno + 1
    return lines


def replacement_findings(path: Path, tree: ast.Module) -> Iterator[str]:
    """Find tests that replace our own code: they would test the replacement."""
    for line in sorted(own_replacements(tree)):
        yield f"{path}:{line}: replaces our own code by a mock"


def own_replacements(tree: ast.Module) -> Iterator[int]:
    """Yield the line of each patch of our own code.

    A target counts as our own unless it begins with a name imported from elsewhere.
    """
    foreign = set(foreign_imports(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and is_patch(node):
            target = node.args[0]
            if isinstance(target, ast.Constant):
                is_own = any(name in str(target.value) for name in OWN_PACKAGES)
            else:
                is_own = first_name(target) not in foreign
            if is_own:
                yield node.lineno


def foreign_imports(tree: ast.Module) -> Iterator[str]:
    """Yield the names that a module imports from packages that are not ours."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] not in OWN_PACKAGES:
                    yield alias.asname or alias.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom):
            package = (node.module or "").split(".")
            if not node.level and not set(package) & set(OWN_PACKAGES):
                yield from (alias.asname or alias.name for alias in node.names)


def is_patch(call: ast.Call) -> bool:
    """Return True if a call replaces something: by mock, pytest, or Odoo's tests."""
    if not call.args:
        return False
    match ast.unparse(call.func).split("."):
        case ["patch"] | [*_, "mock", "patch"]:
            return isinstance(call.args[0], ast.Constant | ast.JoinedStr)
        case [*_, "patch", "object" | "multiple"] | [*_, "monkeypatch", "setattr"]:
            return True
        case ["self" | "cls", "patch" | "classPatch"]:
            return len(call.args) == 3
    return False


def first_name(node: ast.expr) -> str:
    """Return the name that an expression such as ``a.b`` begins with, or nothing."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
