"""Test that docs/coverage.md lists all properties and fields, and only real tests."""

from __future__ import annotations

import re
from pathlib import Path

from graph_simulator import schema

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/coverage.md").read_text()
FOLDERS = {
    "U": ROOT / "tests/unit/engine",
    "O": ROOT / "praetorx_ms365_calendar/tests",
    "E": ROOT / "tests/e2e",
}
ODOO_FIELDS = (
    ROOT / ".odoo/root/usr/lib/python3/dist-packages/odoo/addons/calendar/models"
    "/calendar_event.py"
)


def names_of(section: str) -> set[str]:
    """Return the names in the first column of a table."""
    part = TEXT.split(f"## {section}\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]+) \|", part, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def test_every_property_of_graph_is_in_the_table():
    assert names_of("Graph's event") == set(schema.PROPERTIES["event"])


def test_every_stored_field_of_odoo_is_in_the_table():
    source = ODOO_FIELDS.read_text()
    fields = re.findall(
        r"^    (\w+) = fields\.\w+\((.*?)\n(?=    [\w@#]|\n)",
        source,
        re.MULTILINE | re.DOTALL,
    )
    computed = {
        name
        for name, options in fields
        if "compute=" in options
        and "store=True" not in options
        and "readonly=False" not in options
    }
    related = {name for name, options in fields if "related=" in options}
    not_content = {"recurrence_update", "rrule_type_ui", "videocall_source"}
    stored = {name for name, _options in fields} - computed - related - not_content
    assert stored - names_of("Odoo's calendar.event") == set()


def test_named_tests_exist():
    topics = (ROOT / "docs/topics.md").read_text()
    named = re.findall(r"\b([UOE]) ((?:mapping/)?test_\w+)", TEXT + topics)
    assert named
    for kind, name in named:
        assert (FOLDERS[kind] / f"{name}.py").is_file(), f"{kind} {name}"
