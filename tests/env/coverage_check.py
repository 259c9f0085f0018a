"""Measure how much of the code the unit and Odoo tests run, and hold the limits.

The pure packages are measured by branch, and the addons by line. The unit tests and
Odoo's tests count together.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from coverage import Coverage

if __package__:
    from .paths import ADDONS, LOGS, ROOT
else:
    from paths import ADDONS, LOGS, ROOT

#: The suites that are measured.
MEASURED = ("unit", "odoo")
SETTINGS = ROOT / "pyproject.toml"


@dataclass(frozen=True)
class Limit:
    """The least share of a part of the code that the tests have to run.

    :param unit: ``branches`` or ``lines``
    """

    name: str
    folders: tuple[str, ...]
    unit: str
    percent: float


LIMITS = (
    Limit(
        "pure packages",
        (
            "praetorx_base/crypto",
            "praetorx_ms365_calendar/engine",
            "praetorx_ms365_calendar/graph",
        ),
        "branches",
        95,
    ),
    *(Limit(addon, (addon,), "lines", 90) for addon in ADDONS),
)


def data_file(suite: str, folder: Path = LOGS) -> Path:
    """Return the file with the lines and branches that a suite has run."""
    return folder / f"coverage-{suite}.data"


def with_coverage(command: list[str], suite: str) -> list[str]:
    """Return the command that runs a Python program and measures it."""
    program = command[1:] if command[0] == sys.executable else command
    run = [sys.executable, "-m", "coverage", "run", f"--rcfile={SETTINGS}"]
    return [*run, f"--data-file={data_file(suite)}", *program]


def forget() -> None:
    """Remove what earlier runs have measured."""
    for suite in MEASURED:
        data_file(suite).unlink(missing_ok=True)


def findings(folder: Path = LOGS) -> Iterator[tuple[str, bool]]:
    """Yield a line of text for each limit, and whether the limit is kept.

    :param folder: the folder with the measured data
    """
    files = {suite: data_file(suite, folder) for suite in MEASURED}
    if missing := [suite for suite, file in files.items() if not file.exists()]:
        yield f"not measured by {', '.join(missing)}", False
        return
    for limit in LIMITS:
        share = measured_percent(limit, list(files.values()))
        text = f"{share:.1f} % of the {limit.unit} of {limit.name}"
        yield f"{text} (at least {limit.percent:g} %)", share >= limit.percent


def measured_percent(limit: Limit, files: list[Path]) -> float:
    """Return the share of a part of the code that the measured suites have run."""
    with TemporaryDirectory() as folder:
        coverage = Coverage(data_file=f"{folder}/data", config_file=str(SETTINGS))
        coverage.combine(list(map(str, files)), keep=True)
        report = Path(folder, "report.json")
        patterns = [str(ROOT / name / "*") for name in limit.folders]
        coverage.json_report(outfile=str(report), include=patterns)
        totals = json.loads(report.read_text())["totals"]
    if limit.unit == "branches":
        return 100 * totals["covered_branches"] / totals["num_branches"]
    return 100 * totals["covered_lines"] / totals["num_statements"]
