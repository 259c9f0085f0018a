"""Run Odoo and record which lines of the addons it runs.

``measured.py RECORD PROGRAM [ARGUMENT ...]``

Slipcover takes its probe out of a line once the line was run. So the tests of Odoo need
hardly more time than without; with a tracer, they need more than twice as long.
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


def main(record: str, program: str, *arguments: str) -> None:
    """Run the program in this process; write the record when it ends."""
    # While Odoo itself is imported, its import hook and Slipcover's would call each
    # other without an end.
    with suppress(ImportError):
        import odoo.cli  # noqa: F401
    sys.argv = [program, *arguments]
    sources = list(ADDONS)
    coverage = Slipcover(source=sources, omit=OMITTED)
    try:
        with ImportManager(coverage, FileMatcher(sources=sources, omit=OMITTED)):
            runpy.run_path(program, run_name="__main__")
    finally:
        Path(record).write_text(json.dumps(coverage.get_coverage()))


if __name__ == "__main__":
    main(*sys.argv[1:])
