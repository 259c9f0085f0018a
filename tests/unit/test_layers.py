"""The table of layers in docs/architecture.md is true, and held by a check."""

from __future__ import annotations

from env.layer_checks import ADDON, imports, layer_findings, layers


def test_packages_import_only_what_the_table_allows():
    assert list(layer_findings()) == []


def test_table_names_all_packages():
    packages = {path.parent.name for path in ADDON.glob("*/__init__.py")}
    named = {name.split("/")[0] for name in layers()}
    assert packages - {"tests"} <= named


def test_engine_imports_nothing_of_the_addon():
    assert layers()["engine"] == set()
    assert "models" not in layers()["sync"]


def test_only_crons_may_import_the_workers():
    may = {name for name, packages in layers().items() if "sync" in packages}
    assert {name.split("/")[0] for name in may} == {"models"}
    assert all((ADDON / f"{name}.py").exists() for name in may)


def test_relative_imports_are_followed():
    found = {target for _line, target in imports(ADDON / "sync/push/work.py")}
    assert ("engine", "errors") in found
    assert ("sync", "push", "planner") in found
