"""Run Odoo or pytest and record which lines or branches of the addons it runs.

``measured.py UNIT RECORD PROGRAM [ARGUMENT ...]``: UNIT is ``branches`` or ``lines``.
PROGRAM is a file, or ``-m`` and a module.

Slipcover takes its probe out of a line once the line was run. So the tests need hardly
more time than without; with a tracer, they need about twice as long.
"""

from __future__ import annotations

import json
import runpy
import sys
from contextlib import suppress
from pathlib import Path

from paths import ADDONS
from slipcover import Slipcover
from slipcover.importer import FileMatcher, ImportManager

OMITTED = ["*/tests/*", "*/__manifest__.py"]
NEVER_RUN = ["if TYPE_CHECKING:"]


def main(unit: str, record: str, program: str, *arguments: str) -> None:
    """Run the program in this process; write the record when it ends."""
    sources = list(ADDONS)
    if is_module := program == "-m":
        program, *arguments = arguments
    else:
        # While Odoo itself is imported, its import hook and Slipcover's would call each
        # other without an end.
        with suppress(ImportError):
            import odoo.cli  # noqa: F401
    sys.argv = [program, *arguments]
    coverage = Slipcover(
        branch=unit == "branches",
        source=sources,
        omit=OMITTED,
        exclude_also=NEVER_RUN,
    )
    try:
        with ImportManager(coverage, FileMatcher(sources=sources, omit=OMITTED)):
            run = runpy.run_module if is_module else runpy.run_path
            run(program, run_name="__main__")
    finally:
        Path(record).write_text(json.dumps(coverage.get_coverage()))


if __name__ == "__main__":
    main(*sys.argv[1:])
