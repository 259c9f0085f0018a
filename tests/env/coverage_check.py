"""Measure how much of the code the unit and Odoo tests run, and hold the limits.

The pure packages are measured by branch during the unit tests, and the addons by line
during the tests in Odoo. Each suite leaves a record in JSON; ``measured.py`` writes it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

if __package__:
    from .paths import ADDONS, LOGS
else:
    from paths import ADDONS, LOGS

#: The suites that are measured, and by what.
MEASURED = {"unit": "branches", "odoo": "lines"}
PROGRAM = Path(__file__).with_name("measured.py")


@dataclass(frozen=True)
class Limit:
    """The least share of a part of the code that the tests have to run.

    :param suite: the suite with these tests
    :param unit: ``branches`` or ``lines``
    """

    name: str
    suite: str
    folders: tuple[str, ...]
    unit: str
    percent: float


LIMITS = (
    Limit(
        "the pure packages",
        "unit",
        (
            "praetorx_base/crypto",
            "praetorx_ms365_calendar/engine",
            "praetorx_ms365_calendar/graph",
        ),
        "branches",
        95,
    ),
    *(Limit(addon, "odoo", (addon,), "lines", 90) for addon in ADDONS),
)


def record_of(suite: str, folder: Path = LOGS) -> Path:
    """Return the file with the lines and branches that a suite has run."""
    return folder / f"coverage-{suite}.json"


def with_coverage(command: list[str], suite: str) -> list[str]:
    """Return the command that runs the tests of a suite and measures them."""
    # The interpreter of the command is our own, where the command names one.
    rest = command[1:] if command[0] == sys.executable else command
    unit, record = MEASURED[suite], str(record_of(suite))
    return [sys.executable, str(PROGRAM), unit, record, *rest]


def forget() -> None:
    """Remove what earlier runs have measured."""
    for suite in MEASURED:
        record_of(suite).unlink(missing_ok=True)


def findings(folder: Path = LOGS) -> Iterator[tuple[str, bool]]:
    """Yield a line of text for each limit, and whether the limit is kept.

    :param folder: the folder with the records
    """
    for limit in LIMITS:
        record = record_of(limit.suite, folder)
        if not record.exists():
            yield f"{limit.name}: not measured by {limit.suite}", False
            continue
        share = measured_percent(limit, record)
        text = f"{share:.1f} % of the {limit.unit} of {limit.name}"
        yield f"{text} (at least {limit.percent:g} %)", share >= limit.percent


def measured_percent(limit: Limit, record: Path) -> float:
    """Return the share of a part of the code that a suite has run."""
    parts = [
        file
        for name, file in json.loads(record.read_text())["files"].items()
        if any(name.startswith(f"{folder}/") for folder in limit.folders)
    ]
    run = sum(len(part[f"executed_{limit.unit}"]) for part in parts)
    missing = sum(len(part[f"missing_{limit.unit}"]) for part in parts)
    return 100 * run / (run + missing)
